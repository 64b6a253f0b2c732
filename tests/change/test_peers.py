"""Where other tools go wrong without a word, this one does not: their faults, one by one."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.discrete.conditional_models import ConditionalLogit as Statsmodels
from statsmodels.discrete.discrete_model import Logit

from evalkit.change import compare, conditional_logit, exact_conditional


def test_statsmodels_gives_a_p_value_to_an_infinite_estimate(make):
    data = make(up=12).assign(later=lambda d: (d["wave"] == 2019) * 1.0)
    theirs = Statsmodels(data["y"], data[["later"]], groups=data["unit"]).fit(disp=0)
    assert np.isfinite(theirs.params.iloc[0]) and theirs.pvalues.iloc[0] > 0.5  # 12 up, none down
    ours = conditional_logit("y ~ later", data, group="unit")
    assert np.isposinf(ours.params["later"]) and np.isnan(ours.pvalues["later"])
    assert exact_conditional("y ~ later", data, group="unit", terms="later").pvalue == pytest.approx(2 / 2**12)


def test_statsmodels_ignores_the_covariance_it_is_asked_for(panel):
    model = Statsmodels(panel["y"], panel[["a", "b"]], groups=panel["id"])
    plain, robust = model.fit(disp=0), model.fit(disp=0, cov_type="HC0")
    assert plain.bse.to_list() == robust.bse.to_list()
    ours = [
        conditional_logit("y ~ a + b", panel, group="id", cov=kind).std_errors for kind in ("information", "robust")
    ]
    assert ours[0].to_numpy() == pytest.approx(plain.bse.to_numpy(), rel=1e-4)
    assert not np.allclose(ours[0], ours[1], rtol=1e-2)


def test_dummies_for_units_double_the_log_odds_ratio(make):
    data = make(up=19, down=6)
    design = pd.get_dummies(data["unit"], dtype=float).assign(later=(data["wave"] == 2019) * 1.0)
    theirs = Logit(data["y"], design).fit(disp=0, maxiter=100)
    ours = conditional_logit("y ~ C(wave)", data, group="unit")
    assert theirs.params["later"] == pytest.approx(2 * ours.params.iloc[0], rel=1e-5)
    assert ours.params.iloc[0] == pytest.approx(np.log(19 / 6))


def test_the_published_table_prints_where_a_solver_stopped(twowave):
    small = conditional_logit("y ~ wave", twowave, group="id")
    large = conditional_logit("y ~ wave + wave:C(g)", twowave, group="id")
    # published: 17.10 (3661.30), p = 0.20 with three degrees of freedom
    assert np.isposinf(large.params["wave:C(g)[T.5]"]) and np.isnan(large.std_errors["wave:C(g)[T.5]"])
    assert compare(small, large).df == 4


def test_weights_are_used_where_r_ignores_them(panel):
    plain = conditional_logit("y ~ a", panel, group="id").params["a"]
    weighted = conditional_logit("y ~ a", panel, group="id", weights="w").params["a"]
    assert weighted != pytest.approx(plain, rel=1e-3)  # R: clogit(method="exact", weights = w) returns the unweighted
