"""Shares with few answers, at 0 and at 100 percent: tests hold their level, intervals have width, by every route."""

import json
from itertools import combinations, pairwise
from math import comb
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from evalkit.estimates import contrast, difference, independence, letters, mean, proportion, regression, trend
from evalkit.weights import Design, calibrate, replicate

R = json.loads((Path(__file__).parents[1] / "oracle" / "survey" / "shares.json").read_text())
FEW = "few answers: exact"


def table(*groups, **more):
    """A row an answer: (yes, n) of each group."""
    rows = [(g, int(i < yes)) for g, (yes, n) in enumerate(groups) for i in range(n)]
    return pd.DataFrame(rows, columns=["g", "y"]).assign(**more)


def boschloo(n1, a, n2, b):
    """Tables whose Fisher p is no larger, at the common share that makes them likeliest; by enumeration."""
    every = [(i, j) for i in range(n1 + 1) for j in range(n2 + 1)]
    p = {(i, j): stats.fisher_exact([[i, n1 - i], [j, n2 - j]]).pvalue for i, j in every}
    common = np.linspace(0.0005, 0.9995, 1999)
    ways = [float(comb(n1, i) * comb(n2, j)) * (p[i, j] <= p[a, b] * (1 + 1e-7)) for i, j in every]
    yes = np.array([i + j for i, j in every])
    return float((np.array(ways) @ (common ** yes[:, None] * (1 - common) ** (n1 + n2 - yes[:, None]))).max())


@pytest.mark.parametrize("case", R["t"], ids=lambda case: f"{case['a']} of {case['n']}, {case['b']} of {case['m']}")
def test_rs_t_test_beside_the_exact_one(case):
    """R's p stays where answers are many; where they are few it is 0.020 for 15 of 20 against 2 of 2 (Fisher 1)."""
    n, a, m, b = case["n"], case["a"], case["m"], case["b"]
    found = difference(Design(table((a, n), (b, m))), "y", by="g")
    row, pooled = found.iloc[0], (a + b) / (n + m)
    if min(min(n, m) * min(pooled, 1 - pooled), a, n - a, b, m - b) < 15:
        assert found.attrs["notes"] == ((0, FEW),)
        assert row["p_value"] == pytest.approx(boschloo(n, a, m, b), rel=1e-3)
        assert row["p_value"] <= case["fisher"] + 1e-9
    else:
        assert found.attrs["notes"] == ()
        assert row["p_value"] == pytest.approx(case["t"], rel=1e-9)


def test_which_of_rs_cases_are_few():
    """20 of 40 against 32 of 44 expects 15.2 no and has 12; against 29 of 44 it has 15: the rule leaves R's value."""
    pooled = [(case["a"] + case["b"]) / (case["n"] + case["m"]) for case in R["t"]]
    expects = [min(case["n"], case["m"]) * min(p, 1 - p) for case, p in zip(R["t"], pooled)]
    has = [min(case["n"] - case["a"], case["m"] - case["b"]) for case in R["t"]]
    assert [value < 15 for value in expects] == [True] * 5 + [False] * 2
    assert [value < 15 for value in has] == [True] * 6 + [False]


@pytest.mark.parametrize(("n", "m"), [(20, 4), (30, 3), (6, 30), (13, 13)])
def test_true_nulls_are_rejected_at_most_at_the_level(n, m):
    """By enumeration; R's t test rejects 19 percent at 20 and 4 with shares of 0.85, 43 at 30 and 3."""
    p, t = np.ones((n + 1, m + 1)), np.ones((n + 1, m + 1))
    for a in range(n + 1):
        for b in range(m + 1):
            row = difference(Design(table((a, n), (b, m))), "y", by="g").iloc[0]
            p[a, b] = row["p_value"]
            if row["std_error"] > 0:
                t[a, b] = 2 * stats.t.sf(abs(row["estimate"]) / row["std_error"], row["df"])
    common = np.linspace(0.02, 0.98, 49)[:, None]
    first, second = stats.binom.pmf(np.arange(n + 1), n, common), stats.binom.pmf(np.arange(m + 1), m, common)
    assert np.einsum("pi,ij,pj->p", first, p < 0.05, second).max() <= 0.05
    assert np.einsum("pi,ij,pj->p", first, t < 0.05, second).max() > 0.07


@pytest.mark.parametrize("weights", [(1.0, 1.0, 1.0), (1.0, 3.0, 2.0)])
def test_a_contrast_of_three_groups_holds_its_level(weights):
    """By enumeration over 3, 5 and 4 answers; its p-value is its interval's."""
    sizes, coefficients = (3, 5, 4), {0: 1, 1: -0.5, 2: -0.5}
    common, rejected = np.linspace(0.02, 0.98, 49), np.zeros(49)
    for counts in np.ndindex(4, 6, 5):
        data = table(*zip(counts, sizes)).assign(w=lambda f: f["g"].map(dict(enumerate(weights))))
        row = contrast(Design(data, weights="w"), "y", by="g", coefficients=coefficients).iloc[0]
        assert (row["p_value"] < 0.05) == (row["ci_low"] > 1e-12 or row["ci_high"] < -1e-12)
        if row["p_value"] < 0.05:
            rejected += np.prod([stats.binom.pmf(k, n, common) for k, n in zip(counts, sizes)], axis=0)
    assert rejected.max() <= 0.05


def test_nobody_against_everybody():
    """p = 2 / 4^20 for 20 and 20 (the two extreme tables at a common share of one half); Fisher 2 / C(40, 20)."""
    d = Design(table((0, 20), (20, 20)))
    want = 2 / 4**20
    row = difference(d, "y", by="g").iloc[0]
    assert row["p_value"] == pytest.approx(want)
    assert np.isnan(row["std_error"])
    # Newcombe's lower limit from Clopper–Pearson's 1 − 0.025^(1/20) and 0.025^(1/20)
    assert row["ci_low"] == pytest.approx(1 - np.sqrt(2) * (1 - 0.025 ** (1 / 20)))
    assert row["ci_high"] == 1
    assert letters(d, "y", by="g")["exceeds"].tolist() == ["", "A"]
    assert contrast(d, "y", by="g", coefficients={1: 1, 0: -1})["p_value"].iloc[0] == pytest.approx(want)
    assert trend(d, "y", by="g")["p_value"].iloc[0] == pytest.approx(want)
    for statistic in ("F", "chisq", "wald", "adjwald"):
        found = independence(d, "g", "y", statistic).iloc[0]
        assert found["p_value"] == pytest.approx(want)
        assert [found["statistic"], found["value"]] == ["exact", pytest.approx(40)]


def test_all_alike_in_both_groups():
    row = difference(Design(table((20, 20), (3, 3))), "y", by="g").iloc[0]
    assert [row["estimate"], row["p_value"]] == [0, 1]
    assert row["ci_low"] < 0 < row["ci_high"]


def test_a_trend_from_nobody_to_everybody_by_every_allocation():
    """0 of 3, 2 of 4, 3 of 3: of the C(10, 5) allocations of five yes, those as far from the mean sum."""
    data = table((0, 3), (2, 4), (3, 3))
    sums = [sum(data["g"].iloc[list(at)]) for at in combinations(range(10), 5)]
    seen = data["g"] @ data["y"]
    want = np.mean(np.abs(np.array(sums) - 5.0) >= abs(seen - 5.0))
    row = trend(Design(data), "y", by="g").iloc[0]
    assert row["p_value"] == pytest.approx(want)
    assert row["estimate"] == pytest.approx(0.5)
    assert (row["p_value"] < 0.05) == (row["ci_low"] > 0)
    # no slope of shares over these three is steeper
    assert row["ci_high"] == pytest.approx(0.5)


def test_a_reversal_at_the_edge_is_not_certain():
    """2 of 2, then 0 of 2: half of the two-sided p; tables (2, 0) and (0, 2) at one half, 2 / 16."""
    row = trend(Design(table((2, 2), (0, 2), (9, 9))), "y", by="g").iloc[0]
    assert [row["monotone"], row["reversal"]] == ["no", 1]
    assert row["reversal_p"] == pytest.approx(1 / 16)


def test_a_large_table_with_less_than_one_expected_is_drawn():
    data = pd.DataFrame({"a": list("xxyyzzzz"), "b": list("ppqqrrrr")})
    found = independence(Design(data), "a", "b").iloc[0]
    assert found["statistic"] == "permutation"
    # 8! / (2! 2! 4!) = 420 allocations; the perfect table in 2: the groups of two may change places
    assert found["p_value"] == pytest.approx(2 / 420, abs=4 * np.sqrt(2 / 420 / 9999))
    assert found["value"] == pytest.approx(16)


def test_where_everyone_answered_there_is_still_nothing_to_test():
    d = Design(table((0, 5), (5, 5)), fpc=10)
    row = difference(d, "y", by="g").iloc[0]
    assert row["std_error"] == 0
    assert np.isnan(row["p_value"])
    assert np.isnan(independence(d, "g", "y")["p_value"].iloc[0])


def test_a_group_in_which_everyone_answered_is_known():
    """3 of 4 are known; of the other group 6 of 6 say yes, of 1,000: binomial, as far off are 6 and 0 to 3."""
    data = table((3, 4), (6, 6)).assign(N=lambda f: f["g"].map({0: 4, 1: 100_000}))
    row = difference(Design(data, strata="g", fpc="N"), "y", by="g").iloc[0]
    want = 0.75**6 + stats.binom.cdf(3, 6, 0.75)
    assert row["p_value"] == pytest.approx(want)
    # the known share has no width: the interval is Clopper–Pearson's less it
    assert row["ci_low"] == pytest.approx(0.025 ** (1 / 6) - 0.75)
    assert row["ci_high"] == pytest.approx(0.25)


def test_a_finite_population_counts_answers_as_if_drawn_with_replacement():
    """Half answered: 10 and 12 count for −ln(0.5)/0.5 times as many, 13 and 16; the two extremes at one half."""
    d = Design(table((0, 10), (12, 12)), fpc=44)
    assert difference(d, "y", by="g")["p_value"].iloc[0] == pytest.approx(2 / 2**29)


def test_margins_that_fix_a_difference_leave_nothing_to_test():
    data = table((4, 8), (6, 8)).assign(cell=lambda f: f["g"] * 2 + f["y"])
    d = calibrate(Design(data, fpc=160), {"cell": {0: 40, 1: 40, 2: 20, 3: 60}})
    row = difference(d, "y", by="g").iloc[0]
    assert row["std_error"] == pytest.approx(0, abs=1e-12)
    assert np.isnan(row["p_value"])


def test_a_mean_of_numbers_keeps_the_t_test():
    data = table((2, 4), (3, 4)).assign(y=lambda f: f["y"] * 2.5)
    found = difference(Design(data), "y", by="g")
    assert found.attrs["notes"] == ()
    assert found["p_value"].iloc[0] == pytest.approx(
        2 * stats.t.sf(found["estimate"].iloc[0] / found["std_error"].iloc[0], 6)
    )


def test_a_table_has_no_first_variable():
    """2 of 8 against 0 of 5: Boschloo's p is 0.323, and 0.396 of its transpose, 2 of 2 against 6 of 11."""
    d = Design(table((2, 8), (0, 5)))
    fisher = stats.fisher_exact([[2, 6], [0, 5]]).pvalue
    want = max(boschloo(8, 2, 5, 0), boschloo(2, 2, 11, 6))
    for names in (("g", "y"), ("y", "g")):
        p = independence(d, *names)["p_value"].iloc[0]
        assert p == pytest.approx(want, rel=1e-3)
        assert boschloo(8, 2, 5, 0) < p <= fisher


@pytest.mark.parametrize(("n", "a"), [(40, 0), (40, 5), (60, 12), (60, 16)])
def test_p_falls_as_the_groups_part(n, a):
    """Also where the second group comes to have few of a kind while both would expect many, were the shares alike."""
    p = [difference(Design(table((a, n), (k, n))), "y", by="g")["p_value"].iloc[0] for k in range(a + 5, n + 1, 3)]
    assert all(after <= before * (1 + 1e-9) for before, after in pairwise(p))


shares = st.tuples(st.integers(2, 12), st.integers(2, 12)).flatmap(
    lambda n: st.tuples(st.just(n[0]), st.integers(0, n[0]), st.just(n[1]), st.integers(0, n[1]))
)


@settings(deadline=None, max_examples=40)
@given(shares, st.lists(st.sampled_from([1.0, 2.0, 3.5]), min_size=24, max_size=24), st.floats(0.2, 5))
def test_every_route_gives_the_same_and_the_interval_agrees(counts, weights, scale):
    n, a, m, b = counts
    data = table((a, n), (b, m)).assign(w=lambda f: np.array(weights)[: len(f)])
    d = Design(data, weights="w")
    row = difference(d, "y", by="g").iloc[0]
    assert 0 <= row["p_value"] <= 1
    assert row["ci_low"] < row["ci_high"]
    assert row["ci_low"] <= row["estimate"] <= row["ci_high"]
    assert (row["p_value"] < 0.05) == (row["ci_low"] > 0 or row["ci_high"] < 0)
    assert trend(d, "y", by="g")["p_value"].iloc[0] == pytest.approx(row["p_value"])
    if 0 < a + b < n + m:
        # a table has no first variable: the larger of the two
        turned = difference(d, "g", by="y")["p_value"].iloc[0]
        p = [independence(d, *names)["p_value"].iloc[0] for names in (("g", "y"), ("y", "g"))]
        assert p == pytest.approx([max(row["p_value"], turned)] * 2)
    given_ = letters(d, "y", by="g")["exceeds"].ne("").any()
    assert given_ == (row["p_value"] < 0.05)
    turned = data.iloc[::-1].assign(w=lambda f: f["w"] * scale)
    again = difference(Design(turned, weights="w"), "y", by="g").iloc[0]
    assert again["p_value"] == pytest.approx(row["p_value"])
    no = difference(Design(data.assign(y=1 - data["y"]), weights="w"), "y", by="g").iloc[0]
    assert no["p_value"] == pytest.approx(row["p_value"])
    assert no["ci_low"] == pytest.approx(-row["ci_high"], abs=1e-6)


@settings(deadline=None, max_examples=20)
@given(shares, st.integers(2, 12))
def test_copies_of_the_same_units_tell_no_more(counts, times):
    n, a, m, b = counts
    data = table((a, n), (b, m)).assign(unit=lambda f: f.index)
    copies = Design(pd.concat([data] * times), clusters="unit")
    columns = ["ci_low", "ci_high", "p_value"]
    for method in (difference, trend):
        want, got = (method(d, "y", by="g")[columns].iloc[0] for d in (Design(data), copies))
        np.testing.assert_allclose(got, want, rtol=1e-6, atol=1e-9)
    edge = [a in (0, n), b in (0, m)]
    alone, together = (proportion(d, "y", by="g").loc[edge, ["ci_low", "ci_high"]] for d in (Design(data), copies))
    np.testing.assert_allclose(together, alone, rtol=1e-9)


@given(st.integers(2, 60), st.integers(0, 60))
def test_no_share_is_certain_while_somebody_did_not_answer(n, yes):
    row = proportion(Design(table((min(yes, n), n)), fpc=n + 1), "y").iloc[0]
    assert row["ci_low"] < row["ci_high"]


def clopper_pearson(share, n):
    return [
        stats.beta.ppf(0.025, n * share, n * (1 - share) + 1),
        stats.beta.ppf(0.975, n * share + 1, n * (1 - share)),
    ]


@pytest.mark.parametrize("interval", ["logit", "beta", "wilson", "wald"])
def test_strata_of_one_voice_leave_an_interval_with_width(interval):
    """All 10 of one stratum say yes, none of the other: R's standard error is 0, and 40 of 50 were not asked. The 20
    answers count, times Korn and Graubard's (t of 19 / t of 18)².
    """
    d = Design(table((10, 10), (0, 10), N=50), strata="g", fpc="N")
    worth = 20 * (stats.t.ppf(0.975, 19) / stats.t.ppf(0.975, 18)) ** 2
    row = proportion(d, "y", interval=interval).iloc[0]
    assert [row["ci_low"], row["ci_high"]] == pytest.approx(clopper_pearson(0.5, worth), abs=1e-9)


def test_clusters_that_are_all_alike_are_worth_their_number():
    """Two of three in each of five clusters say yes: R's standard error is 0, of five draws that tell nothing apart."""
    data = pd.DataFrame({"c": np.repeat(range(5), 3), "g": np.tile(list("abb"), 5), "y": np.tile([1, 1, 0], 5)})
    d = Design(data, clusters="c")
    row = proportion(d, "y").iloc[0]
    assert [row["ci_low"], row["ci_high"]] == pytest.approx(clopper_pearson(2 / 3, 5), abs=1e-9)
    gap = difference(d, "y", by="g").iloc[0]
    assert gap["estimate"] == pytest.approx(-0.5)
    assert gap["ci_low"] < -0.5 < 0 < gap["ci_high"] and 0.05 < gap["p_value"] < 1
    fitted = regression(d, "y ~ 1")
    assert fitted.std_errors.isna().all() and fitted.pvalues.isna().all() and "alike" in fitted.note


def test_one_cluster_tells_no_standard_error():
    data = pd.DataFrame({"c": 1, "x": np.tile([0, 1], 10), "y": np.tile([0, 1, 1, 0, 1], 4)})
    fitted = regression(Design(data, clusters="c"), "y ~ x")
    assert fitted.params.notna().all() and fitted.std_errors.isna().all() and "single" in fitted.note


def test_a_share_that_a_margin_fixes_keeps_no_width():
    d = calibrate(Design(table((6, 10), (5, 10)), fpc=100), {"g": {0: 50, 1: 50}})
    row = proportion(d, "g").iloc[0]
    assert row["ci_low"] == row["ci_high"] == pytest.approx(0.5)


@pytest.mark.parametrize("repeated", [False, True])
def test_a_regression_in_strata_of_one_voice_has_no_standard_error(repeated):
    """12 of 12 yes and 0 of 8: log(12/8), and no replicate or residual differs; not p 1e-254."""
    design = Design(table((12, 12), (0, 8)), strata="g")
    fitted = regression(replicate(design) if repeated else design, "y ~ 1")
    assert fitted.params["Intercept"] == pytest.approx(np.log(12 / 8), abs=1e-9)
    assert fitted.std_errors.isna().all() and fitted.pvalues.isna().all() and "alike" in fitted.note


def test_a_mean_of_answers_that_are_all_alike_has_no_interval_and_says_so():
    """Two of ten answered, both 1: R's svymean has 1 to 1; all ten: 1 is known."""
    found = mean(Design(pd.DataFrame({"y": [1.0, 1.0]}), fpc=10), "y")
    assert found["estimate"].item() == 1 and found[["ci_low", "ci_high"]].isna().all(axis=None)
    assert found.attrs["notes"] == ((0, "all alike: no interval"),)
    known = mean(Design(pd.DataFrame({"y": [1.0] * 10}), fpc=10), "y")
    assert known[["ci_low", "ci_high"]].to_numpy().tolist() == [[1.0, 1.0]]
