"""Permutation tests of a weighted sum and of a table equal the enumeration of every allocation."""

import itertools
from itertools import combinations

import numpy as np
import pytest
from scipy import stats

from evalkit.numerics.permuted import permuted_groups, permuted_sum, permuted_table


@pytest.mark.parametrize("weights", [np.ones(9), np.array([1, 3, 1, 2, 2, 1, 4, 1, 2.0]), np.linspace(1, np.pi, 9)])
@pytest.mark.parametrize("k", [1, 3, 4, 6])
def test_a_trend_by_every_allocation(weights, k):
    place = np.repeat([0.0, 1, 2], 3)
    scores = weights * (place - weights @ place / weights.sum())
    sums = np.array([scores[list(at)].sum() for at in combinations(range(9), k)])
    for yes in (tuple(range(k)), tuple(range(9 - k, 9))):
        seen = abs(scores[list(yes)].sum() - sums.mean())
        want = np.mean(np.abs(sums - sums.mean()) >= seen - 1e-9)
        assert permuted_sum(scores, np.isin(np.arange(9), yes)) == pytest.approx(want, abs=0.02 if k > 1 else 1e-12)


def test_two_groups_of_equal_weights_are_fishers_test_where_they_are_equally_large():
    place = np.repeat([0.0, 1], 20)
    assert permuted_sum(place, place == 1) == pytest.approx(stats.fisher_exact([[0, 20], [20, 0]]).pvalue)
    yes = np.r_[np.arange(20) < 5, np.arange(20) < 12]
    assert permuted_sum(place, yes) == pytest.approx(stats.fisher_exact([[5, 15], [12, 8]]).pvalue)


def test_too_many_allocations_take_the_normal_distribution():
    random = np.random.default_rng(1)
    scores, yes = random.normal(size=3000), np.arange(3000) % 2 == 0
    z = (scores[yes].sum() - 1500 * scores.mean()) / np.sqrt(1500 * 1500 / 2999 * scores.var())
    assert permuted_sum(scores, yes) == pytest.approx(2 * stats.norm.sf(abs(z)), rel=1e-9)


def test_nothing_varies():
    assert permuted_sum(np.array([0.0, 1, 2]), np.array([True, True, True])) == 1
    assert permuted_sum(np.zeros(3), np.array([True, False, True])) == 1


def test_a_table_by_drawing_is_near_its_enumeration():
    """Rows 2, 2, 2 and columns 3, 2, 1: the 6! / (3! 2! 1!) = 60 allocations of the columns are equally likely."""
    rows, columns = np.repeat([0, 1, 2], 2), np.array([0, 0, 1, 0, 1, 2])

    def pearson(found):
        table = np.zeros((3, 3))
        np.add.at(table, (rows, found), 1 / 6)
        expected = np.outer(table.sum(axis=1), table.sum(axis=0))
        return ((table - expected) ** 2 / expected).sum()

    every = []
    for zeros in combinations(range(6), 3):
        for two in set(range(6)) - set(zeros):
            found = np.ones(6, dtype=int)
            found[list(zeros)], found[two] = 0, 2
            every.append(pearson(found))
    assert len(every) == 60
    want = np.mean(np.array(every) >= pearson(columns) - 1e-9)
    got = permuted_table(rows, columns, np.full(6, 2.5))
    assert got == pytest.approx(want, abs=4 * np.sqrt(want * (1 - want) / 9999))
    assert permuted_table(rows, columns, np.full(6, 2.5)) == got


def test_groups_over_three_waves_as_every_allocation_has_them():
    """All 10 x 3 allocations of two groups within two strata listed; the covariance is the allocations' own."""
    patterns = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 0, 0], [0, 0, 1], [1, 1, 0], [0, 1, 1], [0, 1, 1]], float)
    stratum, group = np.array([0] * 5 + [1] * 3), np.array([0, 0, 1, 0, 1, 0, 1, 1])
    ways = [
        np.array([*first, *second])
        for first in sorted(set(itertools.permutations(group[:5])))
        for second in sorted(set(itertools.permutations(group[5:])))
    ]
    left = np.vstack([patterns[:5] - patterns[:5].mean(axis=0), patterns[5:] - patterns[5:].mean(axis=0)])
    sums = np.array([np.concatenate([left[way == k].sum(axis=0) for k in (0, 1)]) for way in ways])
    inverse = np.linalg.pinv(np.cov(sums.T, bias=True), rcond=1e-10)
    statistic = np.einsum("di,ij,dj->d", sums, inverse, sums)
    seen = statistic[next(k for k, way in enumerate(ways) if (way == group).all())]
    exact = (statistic >= seen - 1e-9).mean()
    assert len(ways) == 30 and exact == pytest.approx(1 / 30)
    drawn = 4 * (exact * (1 - exact) / 9999) ** 0.5
    assert permuted_groups(patterns, stratum, group) == pytest.approx(exact, abs=drawn)
    again = np.random.default_rng(3).permutation(8)
    assert permuted_groups(patterns[again], stratum[again], 1 - group[again]) == pytest.approx(exact, abs=drawn)


def test_groups_that_answer_alike_are_rejected_as_often_as_said():
    """200 panels of 40 units, three waves and four groups without a difference: 5 percent, and what chance adds."""
    random, rejected = np.random.default_rng(11), 0
    for _ in range(200):
        answers = (random.normal(size=(40, 1)) + np.array([0, 0.5, 1]) + random.logistic(size=(40, 3)) > 0).astype(int)
        yes = answers.sum(axis=1)
        some = (yes > 0) & (yes < 3)
        rejected += permuted_groups(answers[some].astype(float), yes[some], random.integers(0, 4, some.sum())) <= 0.05
    assert rejected <= 10 + 3 * (200 * 0.05 * 0.95) ** 0.5
