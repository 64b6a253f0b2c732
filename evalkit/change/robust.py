"""The variance of a weighted or clustered conditional logit, and what stands in its place at infinity."""

from __future__ import annotations

import numpy as np

from evalkit.change.sample import Sample
from evalkit.numerics import fitting
from evalkit.numerics.conditional_logit import unit_scores
from evalkit.numerics.fitting import Fit
from evalkit.numerics.patterns import Bools, Floats, reweighted
from evalkit.numerics.separation import informing


def sandwich(fit: Fit, sample: Sample) -> Floats:
    """(p, p) sandwich variance of a pseudo-likelihood estimate (Binder 1983).

    C counts all clusters of units that answered at least twice: those that did not change have score zero. NaN where
    every cluster's score is zero though not everyone was asked: clusters that are all alike tell no variance.
    """
    patterns = fit.patterns if fit.limit is None else fit.limit.patterns
    of_unit = fit.patterns.of_unit if fit.limit is None else fit.limit.of_unit
    p = len(fit.params)
    scores = np.zeros((len(sample.weight), p))
    if patterns is not None:
        here = of_unit >= 0
        scores[here] = unit_scores(patterns, fit.point)[of_unit[here]] * sample.weight[here, None]
    left_over = np.sqrt(1 - sample.fraction)
    scores = scores * left_over[:, None]
    if sample.cluster is not None:
        largest = np.abs(scores).max(axis=0)
        scores = np.stack([np.bincount(sample.cluster, weights=column) for column in scores.T], axis=1)
        if np.all(np.abs(scores) <= 1e-9 * largest) and np.any(largest > 0):  # below: what rounding leaves of zero
            return np.full((p, p), np.nan)
    count = sample.n_clusters
    meat = scores.T @ scores * (count / (count - 1) if count > 1 else np.nan)
    return fit.bread @ meat @ fit.bread


def effective_clusters(sample: Sample, units: Bools) -> float:
    """(Σw)² / Σw² of the clusters of some of the units, w summed within each (Kish 1965)."""
    if not units.any():
        return float("nan")
    weight = sample.weight[units]
    if sample.cluster is not None:
        weight = np.bincount(sample.cluster[units], weights=weight).astype(float)
    return float(weight.sum() ** 2 / (weight**2).sum())


def separating(fit: Fit, sample: Sample, j: int) -> Bools:
    """(U,) the units that send coefficient `j` to infinity."""
    return informing(fit.patterns, j)[fit.patterns.of_unit]


def at_effective_size(fit: Fit, sample: Sample, j: int) -> Fit:
    """The fit with units counted as what they are worth, for the profile of a separated coefficient `j`.

    A score is zero at infinity, and so is a sandwich of them. So the units that send the coefficient there, and those
    that the finite rest is estimated from, are each given weights that sum to their effective number of clusters.
    """
    units = separating(fit, sample, j)
    on_line = ~units if fit.limit is None else ~units & (fit.limit.of_unit >= 0)
    factor = np.ones(fit.patterns.n_patterns)
    for members in (units, on_line):
        if members.any():
            worth = effective_clusters(sample, members) / sample.weight[members].sum()
            factor[fit.patterns.of_unit[members]] = worth
    return fitting.fit(reweighted(fit.patterns, factor))


def rank(cov: Floats) -> int:
    """Rank of a variance (q, q) in standard errors; 0 where there is none."""
    error = np.sqrt(np.diag(cov))
    if not np.all(np.isfinite(cov)) or not np.any(error > 0):
        return 0
    error = np.where(error > 0, error, 1.0)
    return int((np.linalg.eigvalsh(cov / np.outer(error, error)) > 1e-12).sum())
