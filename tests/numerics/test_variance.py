"""Linearised, jackknife and bootstrap variances are right over all samples of a small population."""

from itertools import combinations

import numpy as np
import pytest

from evalkit.numerics.linearisation import Projection, Strata, between_clusters, row_sums, scores
from evalkit.numerics.replication import deviations, jackknife, rescaling_bootstrap

SMALL, LARGE = np.array([1.0, 4.0, 4.0, 9.0]), np.array([2.0, 3.0, 7.0, 8.0, 20.0])


def strata_of(a, b):
    sizes = np.array([a, b])
    return Strata(None, np.repeat([0, 1], sizes), sizes, 1 - sizes / np.array([4, 5]), ("a", "b"))


def test_the_variance_of_a_total_is_unbiased_over_all_samples():
    """Two of four and three of five: 6 × 10 samples, equally likely."""
    strata, totals, variances = strata_of(2, 3), [], []
    weights = np.repeat([2.0, 5 / 3], [2, 3])
    for one in combinations(SMALL, 2):
        for two in combinations(LARGE, 3):
            y = np.array([*one, *two])
            totals.append(weights @ y)
            spread = between_clusters(scores(y[:, None], weights, ()), strata)
            variances.append((spread**2).sum())
    assert np.mean(totals) == pytest.approx(SMALL.sum() + LARGE.sum())
    assert np.mean(variances) == pytest.approx(np.var(totals))


def test_the_jackknife_of_a_total_is_the_linearised_variance():
    strata, weights = strata_of(2, 3), np.repeat([2.0, 5 / 3], [2, 3])
    y = np.array([1.0, 9, 2, 8, 20])
    factors, rscales = jackknife(strata)
    replicated = (factors * weights[:, None]).T @ y[:, None]
    spread = deviations(replicated, np.array([weights @ y]), rscales, mse=True)
    exact = between_clusters(scores(y[:, None], weights, ()), strata)
    np.testing.assert_allclose((spread**2).sum(), (exact**2).sum())


def test_the_bootstrap_of_a_total_is_the_linearised_variance_on_average():
    strata, weights = strata_of(2, 3), np.repeat([2.0, 5 / 3], [2, 3])
    y = np.array([1.0, 9, 2, 8, 20])
    factors = rescaling_bootstrap(strata, 40_000, seed=1)
    assert factors.min() >= 0
    np.testing.assert_allclose(factors.mean(axis=1), 1, atol=0.02)
    replicated = (factors * weights[:, None]).T @ y[:, None]
    spread = deviations(replicated, np.array([weights @ y]), np.full(40_000, 1 / 40_000), mse=True)
    exact = between_clusters(scores(y[:, None], weights, ()), strata)
    np.testing.assert_allclose((spread**2).sum(), (exact**2).sum(), rtol=0.03)


def test_a_fully_observed_stratum_adds_nothing_and_is_not_lonely():
    strata = Strata(None, np.array([0, 1, 1]), np.array([1, 2]), np.array([0.0, 0.5]), ("oslo", "rest"))
    assert not strata.lonely.any()
    spread = between_clusters(np.array([[100.0], [1.0], [3.0]]), strata)
    np.testing.assert_allclose((spread**2).sum(), 0.5 * 2 / 1 * 2)


def test_clusters_are_summed_first():
    flat = Strata(None, np.array([0, 0, 0]), np.array([3]), np.ones(1), ("all",))
    nested = Strata(np.array([0, 0, 1, 2, 2]), np.array([0, 0, 0]), np.array([3]), np.ones(1), ("all",))
    one = between_clusters(np.array([[3.0], [5.0], [1.0]]), flat)
    two = between_clusters(np.array([[1.0], [2.0], [5.0], [4.0], [-3.0]]), nested)
    np.testing.assert_allclose((one**2).sum(), (two**2).sum())


def test_residuals_are_those_of_weighted_least_squares():
    random = np.random.default_rng(0)
    x, y, w = random.normal(size=(20, 3)), random.normal(size=(20, 2)), random.uniform(1, 4, 20)
    step = Projection.of(None, x, w, w)
    root = np.sqrt(w)[:, None]
    want = y - x @ np.linalg.lstsq(x * root, y * root, rcond=None)[0]
    np.testing.assert_allclose(step.residual(y), want, atol=1e-12)
    assert (step.residual(x @ np.ones((3, 1))) == 0).all()


def test_residuals_on_cells_are_those_on_rows():
    random = np.random.default_rng(1)
    index, w, y = random.integers(0, 4, 30), random.uniform(1, 2, 30), random.normal(size=(30, 6))
    cells = np.column_stack([np.ones(4), np.arange(4)]).astype(float)
    by_cell = Projection.of(index, cells, w, w)
    by_row = Projection.of(None, cells[index], w, w)
    np.testing.assert_allclose(by_cell.residual(y), by_row.residual(y), atol=1e-12)


def test_sparse_indicators_leave_what_dense_ones_leave():
    from scipy.sparse import csr_matrix

    random = np.random.default_rng(2)
    x = np.column_stack([np.eye(3)[random.integers(0, 3, 40)], np.eye(2)[random.integers(0, 2, 40)]])
    w, y = random.uniform(1, 2, 40), random.normal(size=(40, 2))
    dense, sparse = Projection.of(None, x, w, w), Projection.of(None, csr_matrix(x), w, w)
    np.testing.assert_allclose(sparse.residual(y), dense.residual(y), atol=1e-12)
    assert (sparse.residual(x[:, :1]) == 0).all()


def test_a_weight_of_nil_after_calibration_does_not_break_residuals():
    y, w = np.array([[1.0], [2.0], [4.0]]), np.array([0.0, 2.0, 1.0])
    step = Projection.of(None, np.ones((3, 1)), np.ones(3), w)
    np.testing.assert_allclose(scores(y, w, [step])[:, 0], w * (y[:, 0] - 7 / 3))


@pytest.mark.parametrize("p", [1, 9])
def test_row_sums(p):
    values, index = np.arange(4.0 * p).reshape(4, p), np.array([1, 0, 1, 2])
    np.testing.assert_allclose(row_sums(values, index, 3), [values[1], values[0] + values[2], values[3]])


def test_replicates_without_a_value_are_left_out_and_the_others_scaled_up():
    values = np.array([[1.0], [3.0], [np.nan], [2.0]])
    spread = deviations(values, np.array([2.0]), np.full(4, 0.25), mse=True)
    # (1 + 1 + 0) / 4 × 4 / 3
    np.testing.assert_allclose((spread**2).sum(), 2 / 3)
