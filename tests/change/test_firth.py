"""Firth's penalised estimates, intervals and tests are those of R, for two waves and for more."""

import numpy as np
import pandas as pd
import pytest

from evalkit.change import conditional_logit

MODEL = "y ~ wave + wave:C(g)"
# logistf 1.26 of the change on the group, R 4.2.2: limits and p-values of the penalised profile likelihood
LOGISTF = {
    "wave": (-0.957239143838952, 3.18102256666195, 0.364354391696078),
    "wave:C(g)[T.2]": (-3.30041141132282, 2.58767929205269, 0.81275976240183),
    "wave:C(g)[T.3]": (-3.2485277227603, 1.71906724663184, 0.617378604520347),
    "wave:C(g)[T.4]": (-2.57111906975427, 3.09018898578294, 0.853085283940712),
    "wave:C(g)[T.5]": (-1.46528267157826, 6.81220259724889, 0.293747665536656),
}


def agrees(fit, expected):
    assert fit.params.to_numpy() == pytest.approx(np.atleast_1d(expected["coef"]), abs=1e-7)
    assert fit.std_errors.to_numpy() == pytest.approx(np.atleast_1d(expected["se"]), rel=1e-6)
    assert fit.loglik == pytest.approx(expected["loglik"], abs=1e-6)
    assert fit.loglik_penalised == pytest.approx(expected["penalised"], abs=1e-9)
    assert fit.lr_test().statistic == pytest.approx(2 * (expected["penalised"] - expected["null"]), abs=1e-8)
    assert fit.separated == () and fit.converged


def test_infert(infert, r_values):
    agrees(
        conditional_logit("case ~ spontaneous + induced", infert, group="stratum", penalty="firth"),
        r_values["firth_infert"],
    )


def test_units_of_two_to_seven_rows(panel, r_values):
    agrees(conditional_logit("y ~ a + b", panel, group="id", penalty="firth"), r_values["firth_panel"])


def test_twowave(twowave, r_values):
    one = conditional_logit("y ~ wave", twowave, group="id", penalty="firth")
    agrees(one, r_values["firth_twowave_1"])
    assert one.params["wave"] == pytest.approx(np.log(19.5 / 6.5), abs=1e-9)  # half an answer is added to each side
    agrees(conditional_logit(MODEL, twowave, group="id", penalty="firth"), r_values["firth_twowave_2"])


def test_profile_intervals_and_tests_are_logistfs(twowave):
    fit = conditional_logit(MODEL, twowave, group="id", penalty="firth")
    limits = fit.conf_int(method="profile")
    for name, (low, high, pvalue) in LOGISTF.items():
        assert limits.loc[name].to_list() == pytest.approx([low, high], abs=1e-6)
        assert fit.lr_pvalues[name] == pytest.approx(pvalue, abs=1e-6)
    assert fit.summary()["interval"].eq("profile").all()


def test_all_up_is_finite(make):
    fit = conditional_logit("y ~ C(wave)", make(up=12), group="unit", penalty="firth")
    assert fit.params.iloc[0] == pytest.approx(np.log(12.5 / 0.5), abs=1e-8)  # by hand


def test_scaling_a_covariate_scales_the_estimate(panel):
    one = conditional_logit("y ~ a + b", panel, group="id", penalty="firth")
    thousand = conditional_logit("y ~ a + b", panel.assign(a=panel["a"] * 1000), group="id", penalty="firth")
    assert thousand.params["a"] * 1000 == pytest.approx(one.params["a"], abs=1e-8)
    assert isinstance(one.params, pd.Series)
