"""No hidden cell of 1,000 random tables, single and linked, can be worked out, and no cheaper pattern would do."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from evalkit.numerics.suppression import attack, sensitive, suppress

# Fischetti & Salazar (2001), the table of their introduction: investment by activity (rows) and region (columns).
TEXTBOOK = np.array([[20, 50, 10, 80], [8, 19, 22, 49], [17, 32, 12, 61], [45, 101, 44, 190]], float)


def relations(shape: tuple[int, int]) -> np.ndarray:
    """Each row adds up to the last column, each column to the last row."""
    at = np.arange(shape[0] * shape[1]).reshape(shape)
    found = []
    for line in [*at, *at.T]:
        row = np.zeros(at.size)
        row[line[:-1]], row[line[-1]] = 1, -1
        found.append(row)
    return np.array(found)


def with_margins(counts: np.ndarray) -> np.ndarray:
    wide = np.column_stack([counts, counts.sum(axis=1)])
    return np.vstack([wide, wide.sum(axis=0)])


def test_what_a_reader_works_out_by_hand():
    """Rows II and III of regions A and C are hidden. II: A + C = 30; III: A + C = 29; A: II + III = 25.

    So II,C = 30 − II,A, and II,A runs from 0 to 25 (III,A = 25 − II,A cannot be negative): II,C from 5 to 30.
    """
    hidden = np.zeros((4, 4), bool)
    hidden[1:3, [0, 2]] = True
    found = attack(TEXTBOOK.ravel(), relations((4, 4)), hidden.ravel())
    assert (found.low[6], found.high[6]) == pytest.approx((5, 30))
    assert (found.low[4], found.high[4]) == pytest.approx((0, 25))
    assert found.width[~hidden.ravel()] == pytest.approx(0)


def test_a_single_hidden_cell_is_worked_out():
    hidden = np.zeros(16, bool)
    hidden[6] = True
    found = attack(TEXTBOOK.ravel(), relations((4, 4)), hidden)
    assert (found.low[6], found.high[6]) == pytest.approx((22, 22))


def test_without_relations_only_the_bounds_are_known():
    found = attack([2.0, 3.0], np.zeros((0, 2)), [True, False], upper=[7.0, 9.0])
    assert found.low.tolist() == [0, 3] and found.high.tolist() == [7, 3]
    assert attack([2.0], np.zeros((0, 1)), [True]).high.tolist() == [np.inf]


def test_a_table_has_no_cheaper_pattern():
    """Every cheaper set of cells of 2 × 3 tables is tried, by the attacker that the tests above prove."""
    rng = np.random.default_rng(20120)
    tried = 0
    for _ in range(12):
        values = with_margins(rng.poisson(4, (2, 3))).ravel().astype(float)
        primary = sensitive(values, 3)
        if not primary.any():
            continue
        cost = rng.integers(1, 9, values.size).astype(float)
        found = suppress(values, relations((3, 4)), primary, protection=3, cost=cost)
        assert cost[found.hidden].sum() == pytest.approx(found.cost)
        others = np.flatnonzero(~primary)
        for size in range(4):
            for more in combinations(others, size):
                hidden = primary.copy()
                hidden[list(more)] = True
                if cost[hidden].sum() >= found.cost - 1e-9:
                    continue
                tried += 1
                width = attack(values, relations((3, 4)), hidden).width
                assert (width[primary] < 3 - 1e-6).any(), (values, primary, hidden)
    assert tried > 100


def linked(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Two tables of the same answers by different groups: the second has two rows, and the totals of the first."""
    first = with_margins(rng.poisson(rng.choice([1, 3, 6]), rng.integers(2, 4, 2)))
    part = rng.binomial(first[-1, :-1], rng.random())
    second = with_margins(np.vstack([part, first[-1, :-1] - part]))[:2]
    at = np.arange(second.size).reshape(second.shape) + first.size
    rows = [np.append(row, np.zeros(second.size)) for row in relations(first.shape)]
    for line in at:
        rows.append(np.zeros(first.size + second.size))
        rows[-1][line[:-1]], rows[-1][line[-1]] = 1, -1
    totals = np.arange(first.size).reshape(first.shape)[-1]
    for column, total in zip(at.T, totals):
        rows.append(np.zeros(first.size + second.size))
        rows[-1][column], rows[-1][total] = 1, -1
    return np.append(first, second).astype(float), np.array(rows)


def test_the_attacker_finds_nothing_in_1000_random_tables():
    rng = np.random.default_rng(2001)
    guarded = 0
    for number in range(1000):
        if number % 5 == 0:
            values, rows = linked(rng)
        else:
            table = with_margins(rng.poisson(rng.choice([1, 3, 6]), rng.choice([2, 3, 4], 2, p=[0.5, 0.4, 0.1])))
            values, rows = table.ravel().astype(float), relations(table.shape)
        assert np.abs(rows @ values).max() == 0
        minimum = int(rng.choice([3, 5]))
        primary = sensitive(values, minimum)
        pattern = suppress(values, rows, primary, protection=minimum, cost=1 + values / (1 + values.sum()))
        found = attack(values, rows, pattern.hidden)
        assert pattern.hidden[primary].all()
        assert (found.width[primary] >= minimum - 1e-6).all()
        assert (found.width[pattern.hidden] > 0.5).all()  # those that protect cannot be worked out either
        guarded += int(pattern.hidden.sum() > primary.sum())
    assert guarded > 300


def test_values_of_one_cell_are_hidden_together():
    """A count and its weighted share are one cell: the share's margin would give the count away."""
    values = [1.0, 6.0, 7.0, 14.0, 2.0, 12.0, 14.0, 28.0]
    rows = [[1, 1, 1, -1, 0, 0, 0, 0], [0, 0, 0, 0, 1, 1, 1, -1]]
    primary = [True] + [False] * 7
    found = suppress(values, rows, primary, protection=2, cells=[0, 1, 2, 3, 0, 1, 2, 3])
    assert found.hidden[:4].tolist() == found.hidden[4:].tolist() and found.hidden[:4].sum() == 2


def test_whole_numbers_that_count_differently_are_tried_as_such():
    """10 a + 11 b + 13 c is known: with a and b hidden, one solution is within their bounds; c must go, too."""
    row = [[10.0, 11.0, 13.0]]
    values, bounds = [2.0, 5.0, 4.0], [9.0, 9.0, 9.0]
    primary, cost = [True, False, False], [1.0, 1.0, 1.5]
    settings = {"protection": 3, "upper": bounds, "cost": cost}
    assert suppress(values, row, primary, **settings).hidden.tolist() == [True, True, False]
    assert suppress(values, row, primary, **settings, whole=[True] * 3).hidden.tolist() == [True] * 3
    # published no finer than ±3, the margin lets 10 × −1 + 11 × 1 and its like pass
    loose = suppress(values, row, primary, **settings, whole=[True] * 3, slack=(3.0, 3.0))
    assert loose.hidden.tolist() == [True, True, False]


def test_sensitive_cells():
    assert sensitive([0, 1, 2, 3], 3).tolist() == [False, True, True, False]
    # 80 + 10 of 100 are 90 percent: more than 85, not more than 90
    parts = [np.array([80.0, 10, 5, 5])]
    assert sensitive([4], 3, contributions=parts, dominance=(2, 85.0)).tolist() == [True]
    assert sensitive([4], 3, contributions=parts, dominance=(2, 90.0)).tolist() == [False]


def test_what_cannot_be_done_is_refused():
    with pytest.raises(ValueError, match="outside the bounds"):
        attack([5.0], np.zeros((0, 1)), [True], upper=4.0)
    with pytest.raises(ValueError, match="no pattern"):
        suppress([1.0, 1.0], [[1.0, -1.0]], [True, False], protection=3, upper=2.0)
    with pytest.raises(ValueError, match="positive"):
        suppress([1.0], np.zeros((0, 1)), [True], protection=1, cost=0.0)
    with pytest.raises(ValueError, match="contributions"):
        sensitive([4], 3, dominance=(1, 50.0))
