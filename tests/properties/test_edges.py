"""At 0 and 100 percent one unit more or less moves a number by about a unit's worth, and never to certainty."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import fisher_exact

from evalkit.change import conditional_logit, linear_probability, paired_change, screen
from evalkit.estimates import difference, independence, proportion, regression, trend
from evalkit.weights import Design
from tests.properties.data import LEAN, pairs

TINY = 1e-12  # rounding
WEIGHTS = {"equal": [1.0], "unequal": [1.0, 2.0, 3.0, 1.5]}


def two_groups(a, m, b, n, weights="equal"):
    y = [1] * a + [0] * (m - a) + [1] * b + [0] * (n - b)
    return pd.DataFrame({"g": ["a"] * m + ["b"] * n, "y": y, "w": np.resize(WEIGHTS[weights], m + n)})


def weighted(counts, kind="unequal"):
    n = sum(counts.values())
    return paired_change(pairs(counts, w=np.resize(WEIGHTS[kind], n)), "y", unit="id", wave="wave", weights="w").iloc[0]


def width(row):
    return row["ci_high"] - row["ci_low"]


@pytest.mark.parametrize("kind", WEIGHTS)
@LEAN
@given(st.integers(3, 30))
def test_change_of_nobody_and_of_everybody(kind, n):
    # n units that did not change leave (1 − p)ⁿ = 0.025 open; with weights no less is open
    open_still = 1 - 0.025 ** (1 / n)
    for counts in ({(1, 1): n - 1, (0, 0): 1}, {(0, 1): n}, {(1, 0): n}):
        row = weighted(counts, kind)
        assert width(row) > 0.8 * open_still
        assert -1 - TINY <= row["ci_low"] <= row["change"] + TINY <= row["ci_high"] + 2 * TINY <= 1 + 3 * TINY


@pytest.mark.parametrize("kind", WEIGHTS)
@LEAN
@given(st.integers(4, 30))
def test_one_unit_that_changed(kind, n):
    # from nobody to one the limits move up, by no more than twice what one unit of the heaviest weight is
    none, one = (weighted({(0, 0): n - k, (0, 1): k}, kind) for k in (0, 1))
    step = max(np.resize(WEIGHTS[kind], n)) / np.resize(WEIGHTS[kind], n).sum()
    assert 0 <= one["ci_high"] - none["ci_high"] <= 2 * step + 0.05
    assert width(none) > 0.5 * width(one)


@LEAN
@given(st.integers(2, 12))
def test_least_squares_of_units_that_all_went_up(n):
    # no test of a sign has a smaller p with n units than 2/2ⁿ
    p = linear_probability("y ~ wave", pairs({(0, 1): n}), group="id").pvalues["wave"]
    assert np.isnan(p) or p >= 2.0 ** (1 - n) * (1 - 1e-9)


@pytest.mark.parametrize("kind", WEIGHTS)
@LEAN
@given(st.integers(2, 30))
def test_shares_of_none_and_of_one(kind, n):
    # the upper limit rises with the share (the light unit's say is less than a unit's: up to 5 percent less); at nil it
    # is at most 1.15 times Clopper and Pearson's
    limits = [proportion(Design(two_groups(k, n, 0, 0, kind), weights="w"), "y").iloc[0] for k in (0, 1)]
    assert 0 < limits[0]["ci_high"] <= limits[1]["ci_high"] * (1 + TINY if kind == "equal" else 1.05)
    if kind == "equal":
        assert limits[0]["ci_high"] <= 1.15 * (1 - 0.025 ** (1 / n))
    everybody = proportion(Design(two_groups(n, n, 0, 0, kind), weights="w"), "y").iloc[0]
    assert everybody["ci_low"] == pytest.approx(1 - limits[0]["ci_high"])


@pytest.mark.parametrize("kind", WEIGHTS)
@LEAN
@given(st.integers(3, 20), st.integers(2, 20), st.integers(0, 20), st.integers(0, 20))
def test_two_shares_always_have_a_p(kind, m, n, a, b):
    # equal weights: within a factor of what Fisher's test says, which is the conditional and larger one
    a, b = min(a, m), min(b, n)
    design = Design(two_groups(a, m, b, n, kind), weights="w")
    row = difference(design, "y", by="g").iloc[0]
    assert 0 < row["p_value"] <= 1 and row["ci_low"] < row["ci_high"]
    assert row["ci_low"] <= row["estimate"] <= row["ci_high"]
    if 0 < a + b < m + n:
        assert 0 < independence(design, "g", "y")["p_value"].iloc[0] <= 1
        slope = trend(design, "y", by="g").iloc[0]
        assert 0 < slope["p_value"] <= 1 and slope["ci_low"] < slope["ci_high"]
    if kind == "equal":
        fisher = fisher_exact([[a, m - a], [b, n - b]])[1]
        assert fisher**1.6 / 20 <= row["p_value"] <= 1 if fisher < 1 else row["p_value"] > 0.2
    if {a / m, b / n} == {0.0, 1.0} and m + n > 10:
        assert row["p_value"] < 0.05


@pytest.mark.parametrize("n", [8, 15, 25, 40])
def test_p_falls_as_groups_part(n):
    # one answer more that parts the groups makes the same or more of the difference, up to none against all; below
    # 1e-12 a p says no more than that
    p = [difference(Design(two_groups(0, n, k, n)), "y", by="g")["p_value"].iloc[0] for k in range(n - 4, n + 1)]
    assert all(later <= max(earlier * (1 + 1e-9), TINY) for earlier, later in pairwise(p))


@LEAN
@given(st.integers(3, 12), st.integers(0, 40))
def test_units_that_never_changed(up, still):
    # given how many changed, which way they went is a coin: units that did not say nothing of it
    panel = pairs({(0, 1): up, (1, 0): 1, (1, 1): still}).assign(g=lambda d: d["id"] % 2)
    p = screen(panel, ["y"], families={"all": ["y"]}, by="g", unit="id")["pvalue"]
    less = screen(panel[panel["id"] <= up], ["y"], families={"all": ["y"]}, by="g", unit="id")["pvalue"]
    assert p.to_numpy() == pytest.approx(less.to_numpy(), rel=1e-9)
    assert p[0] == pytest.approx(min(1, 2 * (up + 2) / 2 ** (up + 1)))  # by hand: 2 · P(at most one of up + 1)


@LEAN
@given(st.integers(3, 12))
def test_one_unit_against_the_others(up):
    # a separated limit is the limit of what stands one unit from it: log(up) is finite, the lower limits are near
    none = conditional_logit("y ~ wave", pairs({(0, 1): up}), group="id")
    one = conditional_logit("y ~ wave", pairs({(0, 1): up, (1, 0): 1}), group="id")
    assert np.isposinf(none.params["wave"]) and one.params["wave"] == pytest.approx(np.log(up))
    low, high = (fit.conf_int(method="profile").loc["wave", "ci_low"] for fit in (one, none))
    assert low < high < low + 2.5
    assert none.lr_pvalues["wave"] < one.lr_pvalues["wave"]


@LEAN
@given(st.integers(2, 12), st.booleans())
def test_a_group_that_all_says_yes_in_a_logit(n, yes):
    # its own coefficient is infinite; the others are what they are without the group
    y = [int(yes)] * n + [1, 0, 0, 1, 0] * 4 + [1, 1, 0, 1] * 5
    data = pd.DataFrame({"size": ["S"] * n + ["M"] * 20 + ["L"] * 20, "y": y})
    whole, part = (regression(Design(d), "y ~ C(size)") for d in (data, data[data["size"] != "S"]))
    assert whole.params["C(size)[T.S]"] == (np.inf if yes else -np.inf)
    medium = "C(size)[T.M]"
    assert whole.params[medium] == pytest.approx(part.params[medium], rel=1e-6)
    # by hand: the sandwich is Σ 1/(n p (1 − p)) of the two cells, n/(n − 1) of each fit's own rows
    cells = 1 / (20 * 0.4 * 0.6) + 1 / (20 * 0.75 * 0.25)
    assert whole.std_errors[medium] == pytest.approx(np.sqrt(cells * (40 + n) / (39 + n)), rel=1e-5)
