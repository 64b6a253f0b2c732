"""A covariate's or outcome's unit of measurement changes nothing but the unit of what is printed."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given

from evalkit.change import compare, conditional_logit, exact_conditional, linear_probability, ordered_logit
from evalkit.estimates import difference, mean, regression, trend
from evalkit.weights import Design
from tests.properties.data import FEW, SCALES, answers, panels, separated


def limits(fit, name):
    return fit.conf_int(method="profile").loc[name].to_numpy()


def same(got, expected, rel=1e-6):
    assert got == pytest.approx(expected, rel=rel, nan_ok=True)


@pytest.mark.parametrize("scale", SCALES)
@FEW
@given(panels())
def test_finite_coefficients(scale, data):
    # the likelihood knows x only through x · b
    one = conditional_logit("y ~ wave + x", data, group="id")
    other = conditional_logit("y ~ wave + x", data.assign(x=data["x"] * scale), group="id")
    same(other.params["x"] * scale, one.params["x"])
    same(other.std_errors["x"] * scale, one.std_errors["x"])
    same(limits(other, "x") * scale, limits(one, "x"))
    same(limits(other, "wave"), limits(one, "wave"))
    same(other.lr_pvalues.to_numpy(), one.lr_pvalues.to_numpy())
    small = conditional_logit("y ~ wave", data, group="id")
    same(compare(small, other).pvalue, compare(small, one).pvalue)


@pytest.mark.parametrize("scale", SCALES)
@FEW
@given(separated())
def test_separated_coefficients(scale, data):
    one = conditional_logit("y ~ wave + x", data, group="id")
    other = conditional_logit("y ~ wave + x", data.assign(x=data["x"] * scale), group="id")
    assert one.separated == other.separated == ("x",)
    same(limits(other, "x") * scale, limits(one, "x"))
    same(other.loglik, one.loglik)
    same(other.lr_pvalues["x"], one.lr_pvalues["x"])


@pytest.mark.parametrize("scale", SCALES)
@FEW
@given(separated())
def test_penalised_coefficients(scale, data):
    # ½ log |I| moves by a constant when a column is scaled
    one = conditional_logit("y ~ wave + x", data, group="id", penalty="firth")
    other = conditional_logit("y ~ wave + x", data.assign(x=data["x"] * scale), group="id", penalty="firth")
    assert one.converged and other.converged
    same(other.params["x"] * scale, one.params["x"])
    same(limits(other, "x") * scale, limits(one, "x"))


@pytest.mark.parametrize("scale", SCALES)
@FEW
@given(panels())
def test_ordered_and_linear(scale, data):
    data = data.assign(y5=data["y"] * 2 + (data["id"] % 3) + 1, xs=data["x"] * scale)
    one, other = (ordered_logit(f"y5 ~ wave + {x}", data, group="id") for x in ("x", "xs"))
    same(other.params["xs"] * scale, one.params["x"])
    same(other.std_errors["xs"] * scale, one.std_errors["x"])
    one, other = (linear_probability(f"y ~ wave + {x}", data, group="id") for x in ("x", "xs"))
    same(other.params["xs"] * scale, one.params["x"])
    same(other.pvalues["xs"], one.pvalues["x"])
    same(other.conf_int().loc["xs"].to_numpy() * scale, one.conf_int().loc["x"].to_numpy())


def test_exact_inference():
    # the conditional distribution of Σ x y is counted on x's own lattice
    data = answers_in_steps()
    one, other = (exact_conditional(f"y ~ {x} + wave", data, group="id", terms=x) for x in ("x", "xs"))
    assert other.pvalue == pytest.approx(one.pvalue, rel=1e-9)
    assert other.estimate * 1e-13 == pytest.approx(one.estimate, rel=1e-6)


def answers_in_steps():
    random = np.random.default_rng(4)
    rows = [(i, t, int(random.integers(0, 4)), int(random.random() < 0.5)) for i in range(10) for t in range(3)]
    return pd.DataFrame(rows, columns=["id", "wave", "x", "y"]).assign(xs=lambda d: d["x"] * 1e-13)


@pytest.mark.parametrize("scale", SCALES)
@FEW
@given(answers())
def test_means_and_their_tests(scale, data):
    # a mean is linear: error and limits scale with it, and t does not move
    data = data.assign(xs=data["x"] * scale)
    design = Design(data, weights="w", fpc="N")
    for function, keys in ((mean, {}), (difference, {"by": "group"}), (trend, {"by": "group"})):
        one, other = (function(design, x, **keys) for x in ("x", "xs"))
        for column in ("estimate", "std_error", "ci_low", "ci_high"):
            same(other[column].to_numpy(), one[column].to_numpy() * scale)
        if "p_value" in one:
            same(other["p_value"].to_numpy(), one["p_value"].to_numpy())


@pytest.mark.parametrize("scale", SCALES)
@FEW
@given(answers())
def test_regression(scale, data):
    design = Design(data.assign(xs=data["x"] * scale), weights="w")
    for family in ("logistic", "linear"):
        one, other = (regression(design, f"y ~ {x}", family=family) for x in ("x", "xs"))
        same(other.params["xs"] * scale, one.params["x"])
        same(other.std_errors["xs"] * scale, one.std_errors["x"])
        same(other.pvalues["xs"], one.pvalues["x"])
        same(other.std_errors["Intercept"], one.std_errors["Intercept"])


@pytest.mark.parametrize("scale", [1e-13, 1e-9, 1e3, 1e12, 1e50])
@pytest.mark.parametrize("far", [0.0, 1e6])
@pytest.mark.parametrize(("family", "penalty"), [("logistic", None), ("linear", None), ("logistic", "firth")])
def test_regression_by_every_family(family, penalty, far, scale):
    # a unit and an origin of a covariate beside groups; far from nought the model matrix itself is known to 1e-10
    random = np.random.default_rng(3)
    data = pd.DataFrame({"x": random.normal(10, 2, 60).round(2), "g": np.repeat(list("abc"), 20)})
    data = data.assign(w=random.uniform(1, 4, 60), y=(random.random(60) < 1 / (1 + np.exp(5 - data["x"] / 2))) * 1)
    design = Design(data.assign(xs=(data["x"] + far) * scale), weights="w")
    one, other = (regression(design, f"y ~ {x} + C(g)", family=family, penalty=penalty) for x in ("x", "xs"))
    rel = 1e-6 if far else 1e-9
    for name, named, unit in (("x", "xs", scale), ("C(g)[T.c]", "C(g)[T.c]", 1)):
        same(other.params[named] * unit, one.params[name], rel)
        same(other.std_errors[named] * unit, one.std_errors[name], rel)
        same(other.pvalues[named], one.pvalues[name], rel)
    same(other.wald(["xs", "C(g)"])["p_value"].iloc[0], one.wald(["x", "C(g)"])["p_value"].iloc[0], rel)


@pytest.mark.parametrize("scale", [1e-13, 1e12])
def test_regression_separated(scale):
    # −∞ and the others' limits know no unit either
    random = np.random.default_rng(5)
    data = pd.DataFrame({"x": random.normal(10, 2, 60).round(2), "g": np.repeat(list("abc"), 20)})
    data = data.assign(y=((random.random(60) < 0.5) & (data["g"] != "c")) * 1, xs=data["x"] * scale)
    one, other = (regression(Design(data), f"y ~ {x} + C(g)") for x in ("x", "xs"))
    assert one.separated == other.separated == ("C(g)[T.c]",)
    same(other.params["xs"] * scale, one.params["x"])
    same(other.std_errors["xs"] * scale, one.std_errors["x"])


@pytest.mark.parametrize("scale", SCALES)
@FEW
@given(answers())
def test_weights(scale, data):
    # weights without a population say only how answers stand to each other
    one, other = (Design(data.assign(w=data["w"] * s), weights="w") for s in (1, scale))
    for function, y, keys in ((mean, "x", {}), (difference, "y", {"by": "group"}), (trend, "x", {"by": "group"})):
        columns = ["estimate", "std_error", "ci_low", "ci_high"]
        same(function(other, y, **keys)[columns].to_numpy(), function(one, y, **keys)[columns].to_numpy())
    same(regression(other, "y ~ x").cov.to_numpy(), regression(one, "y ~ x").cov.to_numpy())
