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

    C counts all clusters of units that answered at least twice: those that did not change have score zero.
    """
    return fit.bread @ _meat(fit, sample) @ fit.bread


def _meat(fit: Fit, sample: Sample) -> Floats:
    """(p, p) Σ (1 − f) s s' · C/(C − 1), s the summed weighted scores of a cluster."""
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
        scores = np.stack([np.bincount(sample.cluster, weights=column) for column in scores.T], axis=1)
    count = sample.n_clusters
    return scores.T @ scores * (count / (count - 1) if count > 1 else np.nan)


def effective_clusters(sample: Sample, units: Bools) -> float:
    """(Σw)² / Σw² of the clusters of some of the units, w summed within each (Kish 1965)."""
    weight = sample.weight[units]
    if not len(weight):
        return 0.0
    if sample.cluster is not None:
        weight = np.bincount(sample.cluster[units], weights=weight).astype(float)
    return float(weight.sum() ** 2 / (weight**2).sum())


def separating(fit: Fit, sample: Sample, j: int) -> Bools:
    """(U,) the units that send coefficient `j` to infinity."""
    return informing(fit.patterns, j)[fit.patterns.of_unit]


def at_effective_size(fit: Fit, sample: Sample, j: int) -> Fit:
    """The fit with units counted as what they are worth, for the profile of a separated coefficient `j`.

    A score is zero at infinity, and so is a sandwich of them. The units that send the coefficient there are given
    weights that sum to their effective number of clusters; the others are scaled by the mean ratio of inverse
    information to sandwich (Rao & Scott 1984), at most to their effective number of units.
    """
    units = separating(fit, sample, j)
    on_line = ~units if fit.limit is None else ~units & (fit.limit.of_unit >= 0)
    worth = ((units, effective_clusters(sample, units)), (on_line, _worth(fit, sample, on_line)))
    factor = np.ones(fit.patterns.n_patterns)
    for members, size in worth:
        if members.any():
            factor[fit.patterns.of_unit[members]] = size / sample.weight[members].sum()
    return fitting.fit(reweighted(fit.patterns, factor))


def _worth(fit: Fit, sample: Sample, units: Bools) -> float:
    """How many independent units of weight one the finite part of a likelihood, that of `units`, is worth."""
    weight = sample.weight[units]
    most = float(weight.sum() ** 2 / max((weight**2).sum(), 1e-300))
    inflation = float(np.trace(_meat(fit, sample) @ fit.bread)) / max(fit.basis.shape[1], 1)
    return min(most, float(weight.sum()) / inflation) if inflation > 0 else most


def rank(cov: Floats) -> int:
    """Rank of a variance (q, q) in standard errors; 0 where there is none."""
    error = np.sqrt(np.diag(cov))
    if not np.all(np.isfinite(cov)) or not np.any(error > 0):
        return 0
    error = np.where(error > 0, error, 1.0)
    return int((np.linalg.eigvalsh(cov / np.outer(error, error)) > 1e-12).sum())
