"""Table 2: where all change goes one way the estimate is infinite, the rest are those of the limit, and it is said."""

import numpy as np
import pandas as pd
import pytest

from evalkit.change import conditional_logit
from evalkit.errors import MethodError

MODEL = "y ~ wave + wave:C(g)"
LAST = "wave:C(g)[T.5]"


@pytest.fixture
def fit(twowave):
    return conditional_logit(MODEL, twowave, group="id")


def test_table_2(fit, r_values):
    expected = r_values["twowave_2"]
    assert fit.params.to_numpy()[:4] == pytest.approx(expected["coef"], abs=1e-9)
    assert fit.std_errors.to_numpy()[:4] == pytest.approx(expected["se"], rel=1e-8)
    assert np.isposinf(fit.params[LAST]) and np.isnan(fit.std_errors[LAST]) and np.isnan(fit.pvalues[LAST])
    assert fit.loglik == pytest.approx(expected["loglik"][1], abs=1e-10)
    assert -2 * fit.loglik == pytest.approx(22.88, abs=5e-3)  # as published
    assert fit.params.round(2).to_list()[:4] == [1.10, -0.41, -0.81, 0.29]  # as published
    assert fit.separated == (LAST,)
    assert f"{LAST} is separated: all change went one way, so the estimate is +inf." in fit.notes


def test_the_finite_end_of_the_profile(fit, r_values):
    low, high = fit.conf_int(method="profile").loc[LAST]
    assert low == pytest.approx(r_values["twowave_2"]["separated_low"], abs=1e-5) and np.isposinf(high)
    assert low == pytest.approx(-1.27, abs=5e-3)
    row = fit.summary().loc[LAST]
    assert (row["ci_low"], row["interval"], row["note"]) == (pytest.approx(low), "profile", "separated")
    assert fit.conf_int().loc[LAST].isna().all()  # there is no Wald interval


def test_a_wald_test_of_an_infinite_coefficient_is_refused(fit):
    with pytest.raises(MethodError, match="A Wald test needs finite estimates"):
        fit.wald_test()
    assert fit.wald_test(["wave"]).df == 1
    assert fit.lr_test().df == 5 and "doubtful" in fit.lr_test().note


def test_twelve_up_and_none_down(make):
    fit = conditional_logit("y ~ C(wave)", make(up=12), group="unit")
    assert np.isposinf(fit.params.iloc[0]) and fit.loglik == 0
    # profile: 2 · 12 · log(1 + exp(−b)) = 3.841459, by hand
    low = -np.log(np.exp(3.841458820694124 / 24) - 1)
    assert fit.conf_int(method="profile").iloc[0].to_list() == pytest.approx([low, np.inf])
    down = conditional_logit("y ~ C(wave)", make(down=12), group="unit")
    assert np.isneginf(down.params.iloc[0])
    assert down.conf_int(method="profile").iloc[0].to_list() == pytest.approx([-np.inf, -low])


def test_the_reference_group_separated(twowave):
    data = twowave.assign(size=pd.Categorical(twowave["g"], [5, 1, 2, 3, 4]))
    fit = conditional_logit("y ~ wave + wave:size", data, group="id")
    assert np.isposinf(fit.params["wave"]) and np.isneginf(fit.params.drop("wave")).all()
    assert fit.loglik == pytest.approx(-11.4412519339539, abs=1e-10)  # R, as in test_table_2
    assert fit.loglik == pytest.approx(conditional_logit(MODEL, twowave, group="id").loglik, abs=1e-12)


def test_the_difference_of_two_infinite_effects_is_undetermined(twowave):
    both = twowave.assign(y=np.where(twowave["g"] == 1, twowave["wave"], twowave["y"]))
    fit = conditional_logit(MODEL, both, group="id")
    assert np.isposinf(fit.params["wave"]) and np.isnan(fit.params[LAST])
    assert fit.conf_int(method="profile").loc[LAST].to_list() == [-np.inf, np.inf]
    assert any("difference of two infinite effects" in note for note in fit.notes)
    assert fit.summary().loc[LAST, "note"] == "undetermined"


def test_separation_in_a_continuous_covariate():
    rng = np.random.default_rng(8)
    data = pd.DataFrame({"id": np.repeat(np.arange(30), 4), "x": rng.normal(size=120), "z": rng.normal(size=120)})
    data["y"] = (data.groupby("id")["x"].rank() >= 3).astype(int)  # the two highest x of each unit answer yes
    fit = conditional_logit("y ~ x + z", data, group="id")
    assert fit.separated == ("x", "z") and np.isposinf(fit.params["x"]) and np.isnan(fit.params["z"])
    assert fit.loglik == 0


def test_quasi_separation_leaves_the_tied_rows():
    # four units answer by x, and four have x constant within: z is estimated from those four alone
    rng = np.random.default_rng(2)
    first = pd.DataFrame({"id": np.repeat(np.arange(4), 3), "x": np.tile([0.0, 1, 2], 4), "y": np.tile([0, 0, 1], 4)})
    second = pd.DataFrame({"id": np.repeat(np.arange(4, 10), 3), "x": 1.0, "y": [0, 1, 1, 1, 0, 0] * 3})
    data = pd.concat([first, second], ignore_index=True).assign(z=rng.normal(size=30))
    fit = conditional_logit("y ~ x + z", data, group="id")
    alone = conditional_logit("y ~ z", data[data["id"] >= 4], group="id")
    assert fit.separated == ("x",) and np.isposinf(fit.params["x"])
    assert fit.params["z"] == pytest.approx(alone.params["z"], abs=1e-9)
    assert fit.std_errors["z"] == pytest.approx(alone.std_errors["z"], abs=1e-9)
    assert fit.loglik == pytest.approx(alone.loglik, abs=1e-10)
    assert fit.conf_int(method="profile").loc["z"].to_list() == pytest.approx(
        alone.conf_int(method="profile").loc["z"].to_list(), abs=1e-6
    )


def test_ties_on_the_line_in_units_of_three_rows():
    # d goes up whenever a unit's dummy is on, in part: rows 0 and 2 of each unit tie, row 1 is always the yes
    rows = []
    for i in range(8):
        rows += [(i, 0, 0.1 * i, i % 2), (i, 1, 0.3, 1), (i, 0, -0.2 * i + 0.5, 1 - i % 2)]
    data = pd.DataFrame(rows, columns=["id", "d", "z", "y"])
    fit = conditional_logit("y ~ d + z", data, group="id")
    rest = conditional_logit("y ~ z", data[data["d"] == 0], group="id")
    assert fit.separated == ("d",)
    assert fit.params["z"] == pytest.approx(rest.params["z"], abs=1e-9)
    assert fit.loglik == pytest.approx(rest.loglik, abs=1e-10)


def test_nearly_separated_is_finite(make):
    fit = conditional_logit("y ~ C(wave)", make(up=5000, down=1), group="unit")
    assert fit.separated == () and fit.certified
    assert fit.params.iloc[0] == pytest.approx(np.log(5000), rel=1e-9)


def test_separated_with_weights(twowave):
    weighted = twowave.assign(w=1.0 + twowave["id"] % 3)
    fit = conditional_logit(MODEL, weighted, group="id", weights="w")
    assert fit.separated == (LAST,) and np.isposinf(fit.params[LAST])
    first = weighted[(weighted["g"] == 1) & (weighted["wave"] == 1)]
    up, down = first.loc[first["y"] == 1, "w"].sum(), first.loc[first["y"] == 0, "w"].sum()
    assert fit.params["wave"] == pytest.approx(np.log(up / down), abs=1e-9)
    low, high = fit.conf_int(method="profile").loc[LAST]
    assert np.isfinite(low) and np.isposinf(high)
