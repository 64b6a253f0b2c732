"""Convolution gives the distribution that listing every possible set of answers gives."""

from collections import Counter
from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from evalkit.numerics import exact
from evalkit.numerics.conditional_logit import evaluate, maximise
from evalkit.numerics.patterns import build


def small(seed, units=4, p=2, top=3):
    rng = np.random.default_rng(seed)
    sizes = rng.integers(2, 5, size=units)
    unit = np.repeat(np.arange(units), sizes)
    x = rng.integers(0, top, size=(len(unit), p)).astype(float)
    y = rng.random(len(unit)) < 0.5
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    y[starts], y[starts + 1] = True, False
    return y, x, unit


def listed(y, x, unit):
    """How often each value of the statistic occurs among all ways to place the yes-answers; and the observed one."""
    ways = []
    for g in np.unique(unit):
        rows = x[unit == g]
        chosen = combinations(range(len(rows)), int(y[unit == g].sum()))
        ways.append([rows[list(c)].sum(axis=0) for c in chosen])
    return Counter(tuple(np.sum(w, axis=0)) for w in product(*ways)), tuple(x[y].sum(axis=0))


def relative(grid, points, columns, observed):
    """Statistics in the data's own units: the lattice counts steps from each unit's least value."""
    return [tuple(np.array(observed)[columns] + (p - grid.observed[columns]) * grid.step[columns]) for p in points]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([1.0, 0.5, 1 / 3, 1000.0]))
@example(17181, 1.0)  # the second column varies in no unit that changed
def test_all_columns(seed, step):
    y, x, unit = small(seed)
    if not np.all([np.ptp(x[:, j]) for j in range(2)]):
        return
    grid = exact.lattice(build(y, x * step, unit, np.ones(4)))
    counted, observed = listed(y, x * step, unit)
    found = exact.conditional(grid, [0, 1])
    points = relative(grid, found.points, [0, 1], observed)
    assert len(points) == len({tuple(np.round(k, 6)) for k in counted})
    expected = {}
    for key, number in counted.items():
        key = tuple(np.round(key, 6) + 0.0)
        expected[key] = expected.get(key, 0) + number
    # mirrored units count the answers turned, which are as many
    assert {tuple(np.round(p, 6) + 0.0): round(float(np.exp(w))) for p, w in zip(points, found.log_ways)} == expected


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_given_the_other_column(seed):
    y, x, unit = small(seed, units=5)
    if not np.all([np.ptp(x[:, j]) for j in range(2)]):
        return
    grid = exact.lattice(build(y, x, unit, np.ones(5)))
    counted, observed = listed(y, x, unit)
    expected = {k[0]: n for k, n in counted.items() if k[1] == observed[1]}
    found = exact.conditional(grid, [0])
    points = relative(grid, found.points, [0], observed)
    assert {p[0]: round(float(np.exp(w))) for p, w in zip(points, found.log_ways)} == expected


def test_many_copies_of_a_unit_by_every_route():
    rng = np.random.default_rng(0)
    for rows in (2, 3, 5):  # two values, three values, more
        x = rng.integers(0, 3, size=(rows, 1)).astype(float)
        x[:2, 0] = 0, 1
        y = np.zeros(rows, dtype=bool)
        y[0] = True
        n = 7
        grid = exact.lattice(build(np.tile(y, n), np.tile(x, (n, 1)), np.repeat(np.arange(n), rows), np.ones(n)))
        assert len(grid.designs) == 1 and grid.designs[0].units == n
        counted, _ = listed(np.tile(y, n), np.tile(x, (n, 1)), np.repeat(np.arange(n), rows))
        found = exact.conditional(grid, [0])
        assert {int(p[0]): round(float(np.exp(w))) for p, w in zip(found.points, found.log_ways)} == {
            int(k[0]): c for k, c in counted.items()
        }


def test_thousands_of_units_do_not_overflow():
    n = 20_000
    y = np.tile([False, True], n)
    grid = exact.lattice(build(y, np.tile([[0.0], [1.0]], (n, 1)), np.repeat(np.arange(n), 2), np.ones(n)))
    found = exact.conditional(grid, [0])
    assert np.logaddexp.reduce(found.log_ways) == pytest.approx(n * np.log(2))
    assert exact.tails(found, n // 2, 0.0, 1.0)[0] == pytest.approx(0.5, abs=0.01)


def test_draws_have_the_exact_distribution():
    y, x, unit = small(12, units=6)
    grid = exact.lattice(build(y, x, unit, np.ones(6)))
    found = exact.conditional(grid, [0])
    chance = np.exp(found.log_ways - np.logaddexp.reduce(found.log_ways))
    draws = exact.sample(grid, [0], 40_000, np.random.default_rng(9))[:, 0]
    for point, p in zip(found.points[:, 0], chance):
        assert (draws == point).mean() == pytest.approx(p, abs=4 * np.sqrt(p * (1 - p) / 40_000) + 1e-12)
    free = exact.sample(grid, [0, 1], 1000, np.random.default_rng(9))
    assert free.shape == (1000, 2)


def test_the_greatest_likelihood_at_each_point():
    y, x, unit = small(21, units=6, p=1, top=4)
    patterns = build(y, x, unit, np.ones(6))
    grid = exact.lattice(patterns)
    found = exact.conditional(grid, [0])
    best = exact.greatest_loglik(grid, found.points, [0])
    here = int(np.flatnonzero(found.points[:, 0] == grid.observed[0])[0])
    assert best[here] == pytest.approx(maximise(lambda b: evaluate(patterns, b), np.zeros(1)).value.loglik, abs=1e-9)
    # at the ends all ways but the greatest die out: minus the log of the ways to take it
    ends = np.argsort(found.points[:, 0])[[0, -1]]
    assert best[ends] == pytest.approx(-found.log_ways[ends], abs=1e-9)


def test_refusals():
    y = np.tile([True, False], 3)
    crooked = build(y, np.array([[0.0], [1], [0], [np.pi], [0], [np.e]]), np.repeat([0, 1, 2], 2), np.ones(3))
    with pytest.raises(exact.NotIntegers):
        exact.lattice(crooked)
    rng = np.random.default_rng(1)
    many = build(
        np.tile([True, False], 200),
        rng.integers(0, 50, (400, 4)).astype(float),
        np.repeat(np.arange(200), 2),
        np.ones(200),
    )
    with pytest.raises(exact.TooLarge) as error:
        exact.conditional(exact.lattice(many), [0, 1, 2, 3], limit=1e5)
    assert error.value.size > 1e5
