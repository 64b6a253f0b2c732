"""Intervals equal scipy's distributions; weighted regression equals statsmodels'; p-values adjust by hand."""

import numpy as np
import pytest
from scipy import stats

from evalkit.numerics import intervals
from evalkit.numerics.glm import fit, independent
from evalkit.numerics.multiplicity import benjamini_hochberg, holm


def test_t_quantiles_and_pvalues():
    df = np.array([1.0, 7, 260, np.inf, 0, -1])
    want = [*stats.t.ppf(0.975, df[:3]), stats.norm.ppf(0.975), np.nan, np.nan]
    np.testing.assert_allclose(intervals.t_quantile(0.95, df), want)
    want = [*(2 * stats.t.sf(2.5, df[:3])), 2 * stats.norm.sf(2.5), np.nan, np.nan]
    np.testing.assert_allclose(intervals.t_pvalue(np.full(6, -2.5), df), want)


def test_clopper_pearson():
    for yes, n in ((0, 9), (3, 10), (10, 10)):
        want = stats.binomtest(yes, n).proportion_ci(method="exact")
        low, high = intervals.beta(np.array([yes / n]), np.array([float(n)]), 0.95)
        np.testing.assert_allclose([low[0], high[0]], [want.low, want.high])


def test_wilson():
    want = stats.binomtest(3, 10).proportion_ci(method="wilson")
    low, high = intervals.wilson(np.array([0.3]), np.array([10.0]), 0.95)
    np.testing.assert_allclose([low[0], high[0]], [want.low, want.high])


def test_no_width_without_error():
    share, certain = np.array([0.3]), np.array([np.inf])
    for function in (intervals.beta, intervals.wilson):
        assert function(share, certain, 0.95) == (share, share)
    assert intervals.logit(share, np.zeros(1), np.array([5.0]), 0.95)[0] == pytest.approx(0.3)


def made():
    random = np.random.default_rng(4)
    x = np.column_stack([np.ones(80), random.normal(size=(80, 2))])
    y = (random.random(80) < 1 / (1 + np.exp(-x @ [0.2, 1, -0.5]))).astype(float)
    return x, y, random.uniform(0.5, 2, 80)


def test_weighted_logistic_and_linear_regression():
    import statsmodels.api as sm

    x, y, w = made()
    want = sm.GLM(y, x, family=sm.families.Binomial(), freq_weights=w).fit(tol=1e-14)
    found = fit(x, y, w, logistic=True)
    assert found.converged
    np.testing.assert_allclose(found.params, want.params, rtol=1e-9)
    np.testing.assert_allclose(found.bread, want.cov_params(), rtol=1e-7)
    np.testing.assert_allclose(fit(x, y, w, logistic=False).params, sm.WLS(y, x, w).fit().params, rtol=1e-10)


def test_redundant_columns_and_separation():
    x, y, w = made()
    wide = np.column_stack([x, x[:, 1] + x[:, 2]])
    assert independent(wide).tolist() == [True, True, True, False]
    found = fit(wide, y, w, logistic=True)
    np.testing.assert_allclose(found.params[:3], fit(x, y, w, logistic=True).params)
    assert not found.kept[3]
    assert not fit(x, (x[:, 1] > 0).astype(float), w, logistic=True).converged


def test_a_flight_is_not_convergence():
    """One cell of an interaction all yes: at a predictor of 29 its curvature is below the others' rounding."""
    cells = {(0, 0): (5, 7), (0, 1): (9, 0), (1, 0): (1, 5), (1, 1): (5, 4), (2, 0): (6, 5), (2, 1): (7, 3)}
    rows = [(g, h, y) for (g, h), (yes, no) in cells.items() for y in [1] * yes + [0] * no]
    g, h, y = np.array(rows, dtype=float).T
    one, two = (g == 1) * 1.0, (g == 2) * 1.0
    x = np.column_stack([np.ones(len(y)), one, two, h, one * h, two * h])
    assert not fit(x, y, np.ones(len(y)), logistic=True).converged
    assert fit(x[:, :4], y, np.ones(len(y)), logistic=True).converged


def test_multiplicity_keeps_order_and_missing_values():
    """Three tests: .01 × 3, max(.02 × 2, .03), max(.2, .04); BH: min(.03, .03, .2), min(.02 × 3/2, .2), .2."""
    p = np.array([0.2, np.nan, 0.01, 0.02])
    np.testing.assert_allclose(holm(p), [0.2, np.nan, 0.03, 0.04])
    np.testing.assert_allclose(benjamini_hochberg(p), [0.2, np.nan, 0.03, 0.03])
    assert np.isnan(holm(np.array([np.nan]))).all()
    assert holm(np.array([0.6, 0.7])).tolist() == [1, 1]
