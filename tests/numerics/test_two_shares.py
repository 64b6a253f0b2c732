"""The exact test of two shares is Boschloo's, holds its level by enumeration, and takes weights as they are."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.interpolate import RegularGridInterpolator

from evalkit.numerics import intervals
from evalkit.numerics.two_shares import Answers, distribution, fisher_at, one_share, two_shares, whole_steps


def group(n, k, weights=None):
    yes = np.arange(n) < k
    weights = np.ones(n) if weights is None else np.asarray(weights, dtype=float)
    return Answers(weights, float(weights @ yes / weights.sum()), yes)


def fisher(n1, n2):
    return np.array(
        [[stats.fisher_exact([[a, n1 - a], [b, n2 - b]]).pvalue for b in range(n2 + 1)] for a in range(n1 + 1)]
    )


def boschloo(n1, a, n2, b):
    """By enumeration: tables whose Fisher p is no larger, at the common share that makes them likeliest."""
    p = fisher(n1, n2)
    common = np.linspace(0.0005, 0.9995, 1999)
    likely = [
        stats.binom.pmf(i, n1, common) * stats.binom.pmf(j, n2, common)
        for i, j in product(range(n1 + 1), range(n2 + 1))
        if p[i, j] <= p[a, b] * (1 + 1e-7)
    ]
    return min(float(np.sum(likely, axis=0).max()), 1.0)


@pytest.mark.parametrize(("n1", "a", "n2", "b"), [(20, 15, 2, 2), (7, 7, 9, 4), (10, 3, 12, 9), (3, 0, 3, 3)])
def test_equal_weights_give_boschloos_test(n1, a, n2, b):
    got = two_shares(group(n1, a), group(n2, b))
    assert got == pytest.approx(boschloo(n1, a, n2, b), rel=1e-4)
    assert got <= stats.fisher_exact([[a, n1 - a], [b, n2 - b]]).pvalue + 1e-9


def test_nobody_of_twenty_against_all_of_twenty():
    """Two tables are as far apart, each with chance p^20 (1 − p)^20: at p = 1/2 together 2 / 4^20."""
    assert two_shares(group(20, 0), group(20, 20)) == pytest.approx(2 / 4**20, rel=1e-9)


def test_fishers_p_of_every_table():
    np.testing.assert_allclose(np.exp(fisher_at(5, 8, np.arange(6) / 5, np.arange(9) / 8)), fisher(5, 8), rtol=1e-9)


def test_unequal_weights_by_enumeration():
    """Weights 1, 2, 3 and 1, 1, 2, 4 (effective 2.57 and 2.91, both about 3): all 2^7 patterns."""
    w1, w2 = np.array([1.0, 2, 3]), np.array([1.0, 1, 2, 4])
    order = RegularGridInterpolator((np.arange(4) / 3, np.arange(4) / 3), np.log(fisher(3, 3)))
    patterns = np.array(list(product([0, 1], repeat=7)))
    x1, x2 = patterns[:, :3] @ w1 / 6, patterns[:, 3:] @ w2 / 8
    far, yes, common = order(np.column_stack([x1, x2])), patterns.sum(axis=1), np.linspace(0.001, 0.999, 999)
    for seen in (1, 7, 20, 90):
        tail = far <= far[seen] + 1e-7
        want = max(float((c ** yes[tail] * (1 - c) ** (7 - yes[tail])).sum()) for c in common)
        y = patterns[seen].astype(bool)
        got = two_shares(Answers(w1, x1[seen], y[:3]), Answers(w2, x2[seen], y[3:]))
        assert got == pytest.approx(min(want, 1.0), abs=2e-4)


@pytest.mark.parametrize(("n1", "n2"), [(4, 9), (6, 6), (12, 3)])
def test_no_common_share_is_rejected_too_often(n1, n2):
    p = np.array([[two_shares(group(n1, a), group(n2, b)) for b in range(n2 + 1)] for a in range(n1 + 1)])
    common = np.linspace(0.01, 0.99, 99)[:, None]
    first = stats.binom.pmf(np.arange(n1 + 1), n1, common)
    second = stats.binom.pmf(np.arange(n2 + 1), n2, common)
    for level in (0.01, 0.05, 0.2):
        assert np.einsum("pi,ij,pj->p", first, p < level, second).max() <= level


@settings(deadline=None, max_examples=25)
@given(st.lists(st.integers(1, 9), min_size=2, max_size=8), st.integers(0, 255), st.integers(0, 8), st.floats(0.1, 10))
def test_order_scale_and_names_do_not_matter(weights, pattern, other, scale):
    w = np.array(weights, dtype=float)
    yes = np.array([(pattern >> i) & 1 for i in range(len(w))], dtype=bool)
    share, second = float(w @ yes / w.sum()), group(8, other)
    want = two_shares(Answers(w, share, yes), second)
    assert two_shares(Answers(w[::-1] * scale, share, yes[::-1]), second) == pytest.approx(want)
    assert two_shares(second, Answers(w, share, yes)) == pytest.approx(want)
    turned = two_shares(Answers(w, 1 - share, ~yes), Answers(np.ones(8), 1 - other / 8, np.arange(8) >= other))
    assert turned == pytest.approx(want)


def test_against_a_known_share():
    """8 of 8 where 3/4 are known: as far off are 8, and 0 to 4; binomial."""
    want = stats.binom.pmf(8, 8, 0.75) + stats.binom.cdf(4, 8, 0.75)
    assert one_share(group(8, 8), 0.75) == pytest.approx(want)
    assert one_share(group(8, 7), 1.0) == 0
    assert one_share(group(8, 8), 1.0) == 1


def test_weights_as_whole_steps():
    assert whole_steps(np.array([0.5, 1.0, 1.25])).tolist() == [2, 4, 5]
    assert whole_steps(np.full(7, 3.3)).tolist() == [1] * 7
    rounded = whole_steps(np.array([1.0, np.pi, np.e]))
    np.testing.assert_allclose(rounded / rounded.sum(), np.array([1, np.pi, np.e]) / (1 + np.pi + np.e), atol=0.002)
    # weights 1 and 2, each yes with chance 0.3: none, 1, 2, both
    np.testing.assert_allclose(distribution(np.array([1, 2]), np.array([0.3]))[0], [0.49, 0.21, 0.21, 0.09])


def test_newcombes_example_of_a_difference():
    """56 of 70 less 48 of 80, with Wilson's limits: 0.0524 to 0.3339 (Newcombe 1998, table II, method 10)."""
    each = [stats.binomtest(k, n).proportion_ci(method="wilson") for k, n in ((56, 70), (48, 80))]
    low, high = np.array([[ci.low, ci.high] for ci in each]).T
    got = intervals.mover(np.array([1.0, -1.0]), np.array([0.8, 0.6]), low, high)
    np.testing.assert_allclose(got, [0.0524, 0.3339], atol=5e-5)
