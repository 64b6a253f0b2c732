"""Copies, units of weight zero and weights common to a group say nothing new, so nothing moves."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalkit.change import conditional_logit, ordered_logit, paired_change
from evalkit.estimates import difference, mean, proportion
from evalkit.weights import Design
from tests.properties.data import LEAN, answers, pairs, panels, separated

TIMES = st.sampled_from([2, 10])
WEIGHT = st.sampled_from([0.01, 0.5, 3.0, 1e6])


def copied(data, times):
    """Every unit `times` over, `c` naming the original."""
    return pd.concat([data.assign(id=data["id"] + 1000 * k, c=data["id"]) for k in range(times)], ignore_index=True)


def profile(fit):
    return fit.conf_int(method="profile").to_numpy()


@LEAN
@given(panels(), TIMES)
def test_copies_of_units(data, times):
    # clustered by the original, a copy adds to the scores what it adds to the information
    one = conditional_logit("y ~ wave + x", data, group="id", cov="robust")
    other = conditional_logit("y ~ wave + x", copied(data, times), group="id", cluster="c")
    assert other.params.to_numpy() == pytest.approx(one.params.to_numpy(), rel=1e-6, nan_ok=True)
    assert other.std_errors.to_numpy() == pytest.approx(one.std_errors.to_numpy(), rel=1e-6, nan_ok=True)
    assert profile(other) == pytest.approx(profile(one), rel=1e-5, nan_ok=True)
    assert other.lr_pvalues.to_numpy() == pytest.approx(one.lr_pvalues.to_numpy(), rel=1e-5)
    assert other.wald_test().pvalue == pytest.approx(one.wald_test().pvalue, rel=1e-5)


@LEAN
@given(separated(), TIMES)
def test_copies_of_separated_units(data, times):
    one = conditional_logit("y ~ wave + x", data, group="id", cov="robust")
    other = conditional_logit("y ~ wave + x", copied(data, times), group="id", cluster="c")
    assert one.separated == other.separated == ("x",)
    assert profile(other)[1] == pytest.approx(profile(one)[1], rel=1e-5, nan_ok=True)
    assert other.lr_pvalues["x"] == pytest.approx(one.lr_pvalues["x"], rel=1e-5)


@LEAN
@given(st.integers(4, 9), st.integers(2, 5))
def test_levels_of_an_ordered_answer(up, levels):
    # units that go from the lowest to the highest of any number of levels say that they went up, once each
    still = {(k, k): 1 for k in range(1, levels + 1)}
    fit = ordered_logit("y ~ wave", pairs({(1, levels): up} | still), group="id")
    binary = conditional_logit("y ~ wave", pairs({(0, 1): up}), group="id")
    assert profile(fit) == pytest.approx(profile(binary), rel=1e-6)
    assert fit.lr_pvalues["wave"] == pytest.approx(binary.lr_pvalues["wave"], rel=1e-6)


@LEAN
@given(st.integers(4, 12), WEIGHT)
def test_a_weight_common_to_a_separated_group(up, weight):
    # the group's own term is a likelihood of its own: a factor on it says nothing
    others = {(0, 1): 8, (1, 0): 6}
    fits = []
    for w in (1.0, weight):
        data = pd.concat([pairs(others).assign(w=1.0, b=0), pairs({(0, 1): up}).assign(w=w, b=1)], ignore_index=True)
        data = data.assign(id=data["id"] + 100 * data["b"])
        data = data.assign(wave_a=data["wave"] * (1 - data["b"]), wave_b=data["wave"] * data["b"])
        fits.append(conditional_logit("y ~ wave_a + wave_b", data, group="id", weights="w"))
    one, other = fits
    assert other.separated == ("wave_b",)
    assert profile(other) == pytest.approx(profile(one), rel=1e-5, nan_ok=True)
    assert other.lr_pvalues.to_numpy() == pytest.approx(one.lr_pvalues.to_numpy(), rel=1e-5)
    # by hand: up · log(1 + exp(−b)) = 1.920729
    assert profile(one)[1, 0] == pytest.approx(-np.log(np.exp(1.9207294103470618 / up) - 1), rel=1e-5)


@LEAN
@given(panels(), WEIGHT)
def test_a_weight_common_to_all_units(data, weight):
    one, other = (
        conditional_logit("y ~ wave + x", data.assign(w=data["w"] * f), group="id", weights="w") for f in (1, weight)
    )
    assert other.std_errors.to_numpy() == pytest.approx(one.std_errors.to_numpy(), rel=1e-8, nan_ok=True)
    assert profile(other) == pytest.approx(profile(one), rel=1e-6, nan_ok=True)


@LEAN
@given(panels())
def test_units_of_weight_zero(data):
    # nobody is represented by them: as if they were not there
    data = data.assign(w=np.where(data["id"] % 4 == 0, 0.0, data["w"]), five=data["y"] * 2 + data["id"] % 2 + 1)
    asked = data[data["w"] > 0]
    for method, formula in ((conditional_logit, "y ~ wave + x"), (ordered_logit, "five ~ wave + x")):
        one, other = (method(formula, d, group="id", weights="w") for d in (asked, data))
        assert other.params.to_numpy() == pytest.approx(one.params.to_numpy(), rel=1e-9, nan_ok=True)
        assert other.std_errors.to_numpy() == pytest.approx(one.std_errors.to_numpy(), rel=1e-9, nan_ok=True)
        assert profile(other) == pytest.approx(profile(one), rel=1e-7, nan_ok=True)
        assert other.n_groups_used == one.n_groups_used
    for by in (None, "g"):
        groups = [d.assign(g=d["id"] % 2) for d in (asked, data)]
        one, other = (paired_change(d, "y", unit="id", wave="wave", weights="w", by=by) for d in groups)
        numbers = one.select_dtypes("number").columns.drop("unpaired")
        assert other[numbers].to_numpy(dtype=float) == pytest.approx(one[numbers].to_numpy(dtype=float), nan_ok=True)


@LEAN
@given(panels(), WEIGHT)
def test_change_in_points_of_a_group(data, weight):
    # a group's change is a ratio of its own weights
    data = data.assign(g=data["id"] % 2)
    scaled = data.assign(w=np.where(data["g"] == 1, weight * data["w"], data["w"]))
    one, other = (paired_change(d, "y", unit="id", wave="wave", weights="w", by="g") for d in (data, scaled))
    columns = ["before", "after", "change", "std_error", "ci_low", "ci_high", "pvalue"]
    assert other[columns].to_numpy() == pytest.approx(one[columns].to_numpy(), rel=1e-9)


@LEAN
@given(answers(), WEIGHT)
def test_means_and_differences_of_groups(data, weight):
    scaled = data.assign(w=np.where(data["group"] == "b", weight * data["w"], data["w"]))
    one, other = (Design(d, weights="w") for d in (data, scaled))
    for function, y in ((mean, "x"), (proportion, "y"), (difference, "x"), (difference, "y")):
        columns = ["estimate", "std_error", "ci_low", "ci_high"] + ["p_value"] * (function is difference)
        expected = function(one, y, by="group")[columns].to_numpy()
        assert function(other, y, by="group")[columns].to_numpy() == pytest.approx(expected, rel=1e-8)


@LEAN
@given(answers())
def test_weights_that_happen_to_be_one(data):
    # a column of ones is N/n for nobody: with the population known, n of N answered
    ones, none = (Design(data.assign(w=1.0), weights=w, fpc="N") for w in ("w", None))
    columns = ["estimate", "std_error", "ci_low", "ci_high"]
    for function, y, by in (
        (mean, "x", None),
        (proportion, "y", None),
        (mean, "x", "group"),
        (difference, "x", "group"),
    ):
        expected = function(none, y, by=by)[columns].to_numpy()
        assert (expected[:, 3] > expected[:, 2]).all()
        assert function(ones, y, by=by)[columns].to_numpy() == pytest.approx(expected, rel=1e-9)
