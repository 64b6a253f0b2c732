"""Calibration solves its equations: against scipy's root finder, by hand, with redundant columns, column by column."""

import numpy as np
import pytest
from scipy import optimize

from evalkit.numerics.calibration import distance, grams, indicators, newton, proportional_fit, rake


def problem(seed=0, n=40):
    random = np.random.default_rng(seed)
    x = np.column_stack([np.ones(n), random.normal(3, 1, n), random.random(n) < 0.4]).astype(float)
    mass = random.uniform(1, 3, n)
    true = mass * random.uniform(0.8, 1.3, n)
    return x, mass, x.T @ true


@pytest.mark.parametrize(
    ("method", "bounds"), [("linear", None), ("raking", None), ("logit", (0.5, 2.0)), ("truncated", (0.7, 1.4))]
)
def test_against_a_general_root_finder(method, bounds):
    x, mass, totals = problem()
    f = distance(method, bounds)
    found = newton(x, mass[:, None], totals[:, None], f)
    assert found.converged.all()
    root = optimize.root(lambda lam: x.T @ (mass * f.factor(x @ lam)) - totals, np.zeros(3), method="lm", tol=1e-14)
    np.testing.assert_allclose(found.factors[:, 0], f.factor(x @ root.x), rtol=1e-8)
    if bounds is not None:
        assert found.factors.min() >= bounds[0]
        assert found.factors.max() <= bounds[1]


@pytest.mark.parametrize(("method", "bounds"), [("raking", None), ("logit", (0.2, 4.0)), ("linear", None)])
def test_slopes_are_derivatives(method, bounds):
    f, u = distance(method, bounds), np.linspace(-1.5, 1.5, 13)
    np.testing.assert_allclose(f.slope(u), (f.factor(u + 1e-6) - f.factor(u - 1e-6)) / 2e-6, rtol=1e-6)
    np.testing.assert_allclose(f.factor(np.zeros(1)), 1.0)
    np.testing.assert_allclose(f.slope(np.zeros(1)), 1.0)


def test_redundant_columns_change_nothing():
    x, mass, totals = problem()
    wide = np.column_stack([x, 1 - x[:, 2], x[:, 1] * 1000])
    more = np.append(totals, [totals[0] - totals[2], 1000 * totals[1]])
    one = newton(x, mass[:, None], totals[:, None], distance("raking"))
    two = newton(wide, mass[:, None], more[:, None], distance("raking"))
    np.testing.assert_allclose(one.factors, two.factors, rtol=1e-9)


def test_totals_out_of_reach_are_not_called_reached():
    x, mass, totals = problem()
    found = newton(x, mass[:, None], totals[:, None] * np.array([[1], [5], [1]]), distance("logit", (0.5, 2.0)))
    assert not found.converged[0]
    assert found.error[0] > 0.1


def test_a_two_by_two_table_by_hand():
    """Mass 1 in each of four cells, margins (30, 10) and (20, 20): independence gives 15, 15, 5, 5."""
    levels = [np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])]
    targets = [np.array([[30.0], [10.0]]), np.array([[20.0], [20.0]])]
    found = rake(levels, targets, np.ones((4, 1)))
    np.testing.assert_allclose(found.factors[:, 0], [15, 15, 5, 5])
    np.testing.assert_allclose(found.achieved[:, 0], [30, 10, 20, 20])


def test_proportional_fitting_and_newton_agree():
    random = np.random.default_rng(1)
    levels = [random.integers(0, k, 60) for k in (4, 3, 2)]
    mass = random.uniform(1, 2, (60, 5))
    true = mass * random.uniform(0.5, 2, (60, 5))
    targets = [np.stack([np.bincount(level, t) for t in true.T], axis=1) for level in levels]
    logs, slow = proportional_fit(levels, targets, mass, 3000, 1e-13)
    fast = rake(levels, targets, mass)
    np.testing.assert_allclose(fast.factors, slow, rtol=1e-8)
    np.testing.assert_allclose(sum(log[level] for log, level in zip(logs, levels)), np.log(slow), rtol=1e-9)


def test_columns_are_solved_each_on_its_own():
    random = np.random.default_rng(2)
    levels = [random.integers(0, 3, 30), random.integers(0, 2, 30)]
    mass = random.uniform(0.5, 2, (30, 30))  # as many columns as cells: no side to mistake
    true = mass[:, :1] * 1.5
    targets = [np.repeat(np.bincount(level, true[:, 0])[:, None], 30, axis=1) for level in levels]
    together = rake(levels, targets, mass).factors
    for r in (0, 13, 29):
        alone = rake(levels, [t[:, :1] for t in targets], mass[:, [r]]).factors[:, 0]
        np.testing.assert_allclose(together[:, r], alone, rtol=1e-8)


def test_sparse_and_dense_indicators_rake_alike(monkeypatch):
    random = np.random.default_rng(5)
    levels = [random.integers(0, k, 200) for k in (6, 5, 4)]
    mass = random.uniform(1, 2, (200, 2))
    targets = [row[:, None] * np.ones(2) for row in (np.bincount(level, mass[:, 0] * 3) for level in levels)]
    dense = rake(levels, targets, mass)
    monkeypatch.setattr("evalkit.numerics.calibration.DENSE", 10)
    sparse = rake(levels, targets, mass)
    assert not isinstance(indicators(levels, [6, 5, 4]), np.ndarray)
    np.testing.assert_allclose(sparse.factors, dense.factors, rtol=1e-9)


def test_grams_in_blocks():
    random = np.random.default_rng(3)
    x, w = random.normal(size=(50, 4)), random.random((50, 3))
    np.testing.assert_allclose(grams(x, w), [x.T @ (x * column[:, None]) for column in w.T])
