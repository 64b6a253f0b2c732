"""Rounding noise on a covariate, which any computed column has, changes nothing but the last digits."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalkit.change import conditional_logit, exact_conditional, linear_probability, ordered_logit
from evalkit.estimates import difference, mean, regression, trend
from evalkit.weights import Design
from tests.properties.data import LEAN, SEEDS, answers, panels, separated

OFFSET = st.sampled_from([0.0, 100.0, 2018.0])


def noisy(values, seed, offset=0.0):
    """The same values by another way of computing them: each some units in its last place off."""
    steps = np.random.default_rng(seed).integers(-4, 5, len(values))
    return values + offset + steps * np.spacing(np.abs(values + offset).max())


def same(got, expected, rel=1e-6):
    assert np.asarray(got, dtype=float) == pytest.approx(
        np.asarray(expected, dtype=float), rel=rel, abs=1e-9, nan_ok=True
    )


@LEAN
@given(panels() | separated(), SEEDS, OFFSET)
def test_conditional_logit(data, seed, offset):
    # an offset drops out of the conditional likelihood, and noise is 1e-13 of what x varies by
    one = conditional_logit("y ~ wave + x", data, group="id")
    other = conditional_logit("y ~ wave + x", data.assign(x=noisy(data["x"], seed, offset)), group="id")
    assert other.separated == one.separated and other.omitted == one.omitted
    same(other.params, one.params)
    same(other.loglik, one.loglik)
    same(other.conf_int(method="profile"), one.conf_int(method="profile"))
    same(other.lr_pvalues, one.lr_pvalues)
    assert other.summary()["note"].tolist() == one.summary()["note"].tolist()


@LEAN
@given(separated(), SEEDS)
def test_noise_on_a_column_beside_a_separated_one(data, seed):
    # z is constant but for rounding: it has no effect to estimate, and takes none from the others
    one = conditional_logit("y ~ wave + x", data, group="id")
    other = conditional_logit("y ~ wave + x + z", data.assign(z=noisy(np.full(len(data), 0.3), seed)), group="id")
    assert list(other.omitted) == ["z"] and other.separated == one.separated
    same(other.params, one.params)
    same(other.loglik, one.loglik)


@LEAN
@given(panels(), SEEDS)
def test_collinear_but_for_noise(data, seed):
    one = conditional_logit("y ~ wave + x", data, group="id")
    other = conditional_logit("y ~ wave + x + z", data.assign(z=noisy(3 * data["x"] - data["wave"], seed)), group="id")
    assert list(other.omitted) == ["z"]
    same(other.params, one.params)


@LEAN
@given(panels(), SEEDS, OFFSET)
def test_ordered_linear_and_penalised(data, seed, offset):
    data = data.assign(five=data["y"] * 2 + data["id"] % 3)
    other = data.assign(x=noisy(data["x"], seed, offset))
    for method, formula, more in (
        (ordered_logit, "five ~ wave + x", {}),
        (linear_probability, "y ~ wave + x", {}),
        (conditional_logit, "y ~ wave + x", {"penalty": "firth"}),
    ):
        fits = [method(formula, d, group="id", **more) for d in (data, other)]
        same(fits[1].params, fits[0].params)
        same(fits[1].std_errors, fits[0].std_errors)


def test_exact_inference():
    # 0.3 and 0.1 + 0.2 are one point of the lattice
    from tests.properties.data import pairs

    data = pairs({(0, 1): 7, (1, 0): 2}).assign(x=lambda d: 0.3 + 0.1 * d["wave"] * (d["id"] % 3))
    found = [
        exact_conditional("y ~ wave + x", data.assign(x=x), group="id", terms="x").pvalue
        for x in (data["x"], noisy(data["x"], 3))
    ]
    assert found[1] == pytest.approx(found[0], rel=1e-9)


@LEAN
@given(answers(), SEEDS)
def test_one_wave(data, seed):
    one, other = (Design(data.assign(x=x), weights="w") for x in (data["x"], noisy(data["x"], seed)))
    for function, keys in ((mean, {"by": "group"}), (difference, {"by": "group"}), (trend, {"by": "group"})):
        found = [function(d, "x", **keys).select_dtypes("number") for d in (one, other)]
        same(found[1], found[0], rel=1e-7)
    for family in ("logistic", "linear"):
        fits = [regression(d, "y ~ x + C(group)", family=family) for d in (one, other)]
        same(fits[1].params, fits[0].params)
        same(fits[1].std_errors, fits[0].std_errors)


@LEAN
@given(answers(), SEEDS)
def test_noise_on_weights(data, seed):
    # weights of one but for rounding are weights of one
    near = data.assign(w=noisy(np.ones(len(data)), seed))
    one, other = (Design(d, weights="w", fpc="N") for d in (data.assign(w=1.0), near))
    for function, y in ((mean, "x"), (difference, "y")):
        columns = ["estimate", "std_error", "ci_low", "ci_high"]
        same(function(other, y, by="group")[columns], function(one, y, by="group")[columns])
