"""Permutation tests of a weighted sum and of a table equal the enumeration of every allocation."""

from itertools import combinations

import numpy as np
import pytest
from scipy import stats

from evalkit.numerics.permuted import permuted_sum, permuted_table


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
