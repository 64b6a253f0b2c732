"""Neither the last digit of a covariate nor its unit of measurement decides an estimate, a sign or a limit."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.special import expit

from evalkit.change import conditional_logit
from evalkit.errors import MethodError

CHI = 3.841458820694124 / 2  # half the 95 percent quantile of chi-square with one degree of freedom


def ends(pairs):
    """Two rows a unit: x with the no-answer, x with the yes-answer."""
    rows = [(unit, x, y) for unit, (no, yes) in enumerate(pairs) for x, y in ((no, 0), (yes, 1))]
    return pd.DataFrame(rows, columns=["id", "x", "y"])


UPWARDS = [(0.1, 0.5 + 0.01 * i) for i in range(20)]
# what a separated upper estimate leaves of a profile: Σ log(1 + exp(−b d)) falls short of its bound by CHI
LOWEST = brentq(lambda b: sum(np.log1p(np.exp(-b * (yes - no))) for no, yes in UPWARDS) - CHI, 0, 50, xtol=1e-14)


@pytest.mark.parametrize("last", [(0.3, 0.3), (0.3, 0.1 + 0.2), (0.1 + 0.2, 0.3)])
def test_a_unit_whose_x_differs_by_rounding_has_not_changed(last):
    fit = conditional_logit("y ~ x", ends([*UPWARDS, last]), group="id")
    assert fit.separated == ("x",) and np.isposinf(fit.params["x"])
    assert fit.loglik == pytest.approx(-np.log(2), abs=1e-12)  # the unit without a difference: one of two ways
    assert fit.summary().loc["x", ["ci_low", "ci_high"]].to_list() == pytest.approx([LOWEST, np.inf], rel=1e-9)
    noted = "x differs by less than 6.9e-12 within 1 group: taken as unchanged."  # 1e-11 · 0.69
    assert (noted in fit.notes) == (last[0] != last[1])


def test_rounding_beside_a_second_covariate():
    change = [(0, 1)] * 18 + [(1, 0)] * 12
    rows = [(i, t, x, y) for i, pair in enumerate(change) for t, x, y in zip((0, 1), (0.3, 0.1 + 0.2), pair)]
    rows += [(i, 0, *end) for i in range(30, 45) for end in ((0.1, 0), (0.5 + 0.01 * i, 1))]
    fit = conditional_logit("y ~ t + x", pd.DataFrame(rows, columns=["id", "t", "x", "y"]), group="id")
    assert fit.params["t"] == pytest.approx(np.log(18 / 12)) and np.isposinf(fit.params["x"])
    lowest = brentq(lambda b: sum(np.log1p(np.exp(-b * (0.4 + 0.01 * i))) for i in range(30, 45)) - CHI, 0, 50)
    assert fit.summary().loc["x", "ci_low"] == pytest.approx(lowest, rel=1e-7)


@pytest.mark.parametrize(
    ("pairs", "size"),
    [
        ([(0.0, d) for d in np.linspace(0.2, 1, 40)] + [(1e-6, 0.0)], 1.0),
        ([(0.0, d) for d in np.linspace(0.2, 1, 40)] + [(1e-9, 0.0)], 1.0),
        ([(0.0, d) for d in np.linspace(1e5, 5e5, 20)] + [(400_000.004, 400_000.0)], 1e-5),  # kroner
    ],
)
def test_a_small_difference_against_all_others_is_one(pairs, size):
    fit = conditional_logit("y ~ x", ends(pairs), group="id")
    # the log-likelihood written out, in units in which the differences are of size one
    gaps = np.array([yes - no for no, yes in pairs]) * size
    direct = brentq(lambda b: gaps @ expit(-b * gaps), 0, 400, xtol=1e-12)
    least = np.logaddexp(0, -direct * gaps).sum()
    assert fit.converged and fit.certified and fit.separated == ()
    assert fit.params["x"] == pytest.approx(direct * size, rel=1e-5)  # the score is 1e-9 of its parts there
    assert fit.loglik == pytest.approx(-least, abs=1e-9)
    for limit in fit.conf_int(method="profile").loc["x"] / size:
        assert np.logaddexp(0, -limit * gaps).sum() - least == pytest.approx(CHI, abs=1e-5)


def test_columns_that_nearly_depend_on_each_other_are_estimated_or_omitted():
    rng = np.random.default_rng(0)
    data = pd.DataFrame({"id": np.repeat(np.arange(60), 3), "x": rng.normal(size=180), "z": rng.normal(size=180)})
    data["y"] = rng.integers(0, 2, 180)
    plain = conditional_logit("y ~ x + z", data, group="id")
    for apart in 10.0 ** np.arange(-12, -2):
        fit = conditional_logit("y ~ x + x2", data.assign(x2=data["x"] + apart * data["z"]), group="id")
        table = fit.summary()
        if apart < 5e-10:
            assert fit.omitted == {"x2": "collinear within units with x"}
        else:  # z's coefficient in other units
            assert fit.converged and table["note"].eq("").all()
            assert fit.params["x2"] * apart == pytest.approx(plain.params["z"], rel=1e-6)
            assert fit.std_errors["x2"] * apart == pytest.approx(plain.std_errors["z"], rel=1e-6)
            assert fit.score_test().statistic == pytest.approx(plain.score_test().statistic, rel=1e-6)


@st.composite
def small_panels(draw):
    """Units of two to four rows, covariates on tenths, often separated; and the same with the last digits changed."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    units, rows, p = draw(st.integers(4, 14)), draw(st.integers(2, 4)), draw(st.integers(1, 3))
    x = rng.integers(0, 4, size=(units * rows, p)) / 10 + draw(st.sampled_from([0.0, 0.7, 3.3, 1000.0]))
    y = (rng.random((units, rows)) < 0.5).astype(int)
    y[:, 0], y[:, 1] = 1, 0
    names = [f"x{j}" for j in range(p)]
    data = pd.DataFrame(x, columns=names).assign(id=np.repeat(np.arange(units), rows), y=y.reshape(-1))
    noise = rng.integers(0, 3, size=x.shape)
    again = np.where(noise == 0, x, np.where(noise == 1, np.nextafter(x, np.inf), x * 3 / 3 * (1 + 4e-16)))
    return data, data.assign(**dict(zip(names, again.T)))


@settings(max_examples=60, deadline=None)
@given(small_panels())
def test_noise_on_any_covariate_changes_nothing(panels):
    clean, noisy = panels
    if clean.drop(columns=["y"]).groupby("id").nunique().max().max() < 2:
        return
    formula = "y ~ " + " + ".join(c for c in clean if c.startswith("x"))
    one, other = (conditional_logit(formula, data, group="id") for data in (clean, noisy))
    assert one.separated == other.separated and set(one.omitted) == set(other.omitted)
    assert other.loglik == pytest.approx(one.loglik, abs=1e-9)
    first, second = one.summary(), other.summary()
    assert first["note"].equals(second["note"])
    for column in ("estimate", "ci_low", "ci_high", "lr_pvalue"):
        assert second[column].to_numpy() == pytest.approx(first[column].to_numpy(), rel=1e-6, abs=1e-6, nan_ok=True)


def scaled_limits(fit, scale):
    return fit.conf_int(method="profile").loc["a"].to_numpy() * scale


@pytest.mark.parametrize("exponent", [-13, -6, -1, 3, 9, 12])
def test_profile_limits_in_other_units_are_r_s(panel, r_values, exponent):
    scale = 10.0**exponent
    fit = conditional_logit("y ~ a + b", panel.assign(a=panel["a"] * scale), group="id")
    assert scaled_limits(fit, scale) == pytest.approx(r_values["panel"]["profile"][0], abs=1e-6)
    assert fit.lr_pvalues["a"] == pytest.approx(
        conditional_logit("y ~ a + b", panel, group="id").lr_pvalues["a"], rel=1e-6
    )


@settings(max_examples=25, deadline=None)
@given(
    st.integers(0, 2**32 - 1),
    st.floats(-13, 12).map(lambda power: 10.0**power),
    st.sampled_from(["finite", "separated", "firth"]),
)
def test_limits_times_scale_are_the_same(seed, scale, kind):
    rng = np.random.default_rng(seed)
    units, rows = 15, 3
    data = pd.DataFrame({"id": np.repeat(np.arange(units), rows), "a": rng.normal(size=units * rows)})
    data["b"] = rng.integers(0, 3, len(data))
    data["y"] = (rng.random(len(data)) < 0.5).astype(int)
    data.loc[data.groupby("id").head(1).index, "y"] = 1
    data.loc[data.groupby("id").tail(1).index, "y"] = 0
    if kind == "separated":
        data["a"] = np.where(data["y"] == 1, 1 + data["a"].abs(), 0.0) * (data["id"] < 8)
    penalty = "firth" if kind == "firth" else None
    one, other = (
        conditional_logit("y ~ a + b", d, group="id", penalty=penalty) for d in (data, data.assign(a=data["a"] * scale))
    )
    assert other.converged and other.separated == one.separated
    expected = scaled_limits(one, 1.0)
    assert scaled_limits(other, scale) == pytest.approx(expected, rel=1e-6, abs=1e-6)
    assert np.isfinite(expected).sum() == (1 if "a" in one.separated and np.isinf(one.params["a"]) else 2)
    assert other.conf_int(method="profile").loc["b"].to_numpy() == pytest.approx(
        one.conf_int(method="profile").loc["b"].to_numpy(), rel=1e-6, abs=1e-6
    )


@pytest.mark.parametrize("scale", [1e-13, 1e-9, 1e-6, 1.0, 1e6, 1e12])
def test_a_separated_limit_by_hand(scale):
    steps = 1 + np.arange(8) / 8
    fit = conditional_logit("y ~ x", ends([(0.0, scale * d) for d in steps]), group="id")
    low = brentq(lambda b: np.log1p(np.exp(-b * steps)).sum() - CHI, 0, 10, xtol=1e-14)
    assert scaled(fit, scale) == pytest.approx([low, np.inf], rel=1e-8)


def scaled(fit, scale):
    return fit.conf_int(method="profile").loc["x"].to_numpy() * scale


def test_a_covariate_that_differs_by_rounding_alone_is_omitted_and_said_to(make):
    data = make(up=3, down=1).assign(x=lambda d: np.where(d["wave"] == 2019, 0.1 + 0.2, 0.3))
    fit = conditional_logit("y ~ C(wave) + x", data, group="unit")
    assert fit.omitted == {"x": "does not vary within any unit that changed, but for differences below 3e-12"}
    with pytest.raises(MethodError, match="No covariate varies within a unit that changed") as refused:
        conditional_logit("y ~ x", data, group="unit")
    assert "but for differences below 3e-12" in str(refused.value)
