"""Taylor linearisation: residuals after calibration, and the variance between clusters within strata."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

NOISE = 1e-10
"""A residual below this part of its variable is rounding: the variable is a combination of the calibrated ones."""


@dataclass(frozen=True)
class Projection:
    """What a calibration step leaves of a variable: the residual of its regression on the calibration variables.

    Attributes
    ----------
    index : (n,) row → cell, or None where every row is a cell of its own.
    x : (cells, k) calibration variables by cell, an array or sparse.
    transform : (k, r) such that x @ transform is orthonormal in the mass of the cells.
    mass : (n,) weight of each row in the regression (base weights).
    weights : (n,) weights after the step.
    """

    index: Ints | None
    x: Any
    transform: Floats
    mass: Floats
    weights: Floats

    @classmethod
    def of(cls, index: Ints | None, x: Any, mass: Floats, weights: Floats) -> Projection:
        """The projection on `x` in the metric of `mass`."""
        by_cell = mass if index is None else row_sums(mass[:, None], index, x.shape[0])[:, 0]
        return cls(index, x, orthonormaliser(x, by_cell), mass, weights)

    def residual(self, values: Floats) -> Floats:
        """`values` (n, p) less their regression on the calibration variables."""
        weighted = values * self.mass[:, None]
        by_cell = weighted if self.index is None else row_sums(weighted, self.index, self.x.shape[0])
        fitted = self.x @ (self.transform @ (self.transform.T @ (self.x.T @ by_cell)))
        left = values - (fitted if self.index is None else fitted[self.index])
        before = np.einsum("ij,ij->j", weighted, values)
        after = np.einsum("ij,ij,i->j", left, left, self.mass)
        left[:, np.sqrt(np.abs(after)) <= NOISE * np.sqrt(np.abs(before))] = 0.0
        return left


@dataclass(frozen=True)
class Strata:
    """Clusters within strata, first stage.

    Attributes
    ----------
    cluster : (n,) row → cluster, or None where every row is a cluster of its own.
    stratum : (m,) cluster → stratum.
    sizes : (h,) clusters in each stratum of the sample.
    correction : (h,) 1 − n/N of each stratum; ones where there is no finite population correction.
    names : (h,) what the strata are called, for error texts.
    """

    cluster: Ints | None
    stratum: Ints
    sizes: Ints
    correction: Floats
    names: tuple[str, ...]

    @property
    def lonely(self) -> NDArray[np.bool_]:
        """(h,) strata with one cluster that is not the whole stratum."""
        return (self.sizes == 1) & (self.correction >= 1e-7)


def row_sums(values: Floats, index: Ints, size: int) -> Floats:
    """Sums of the rows of `values` (n, p) by `index` (n,): (size, p)."""
    if values.shape[1] > 4:
        from scipy.sparse import csr_matrix

        n = len(index)
        return csr_matrix((np.ones(n), (index, np.arange(n))), shape=(size, n)) @ values
    columns = [np.bincount(index, weights=column, minlength=size) for column in values.T]
    return np.stack(columns, axis=1) if columns else np.zeros((size, 0))


def orthonormaliser(x: Any, mass: Floats, tol: float = 1e-9) -> Floats:
    """(k, r) matrix T that makes x T (cells, r) orthonormal in `mass` (cells,); redundant columns of x fall away.

    A column counts as redundant when what the others leave of it is below `tol` of its own length. A sparse `x` goes
    by its cross-products, whose rounding the indicators of category margins can afford.
    """
    from scipy.linalg import qr, solve_triangular
    from scipy.sparse import issparse

    positive = np.maximum(mass, 0.0)
    if issparse(x):
        gram = (x.T @ x.multiply(positive[:, None])).toarray()
        length = np.sqrt(np.diag(gram))
        scale = np.divide(1.0, length, out=np.zeros_like(length), where=length > 0)
        values, vectors = np.linalg.eigh(gram * scale[:, None] * scale)
        kept = values > tol * max(values[-1], 1e-300)
        return scale[:, None] * vectors[:, kept] / np.sqrt(values[kept])
    rooted = x * np.sqrt(positive)[:, None]
    length = np.linalg.norm(rooted, axis=0)
    there = np.flatnonzero(length > 0)
    if not len(there):
        return np.zeros((x.shape[1], 0))
    r, pivot = qr(rooted[:, there] / length[there], mode="r", pivoting=True)
    diagonal = np.abs(np.diag(r))
    rank = int((diagonal > tol * diagonal[0]).sum())
    transform = np.zeros((x.shape[1], rank))
    columns = there[pivot[:rank]]
    transform[columns] = solve_triangular(r[:rank, :rank], np.eye(rank)) / length[columns][:, None]
    return transform


def scores(values: Floats, weights: Floats, steps: Sequence[Projection]) -> Floats:
    """Weighted linearised variables after the residuals of every calibration step, in their order.

    Parameters
    ----------
    values : (n, p) linearised variables, unweighted.
    weights : (n,) final weights.
    steps : calibration steps, the first first.

    Returns
    -------
    (n, p) array whose variance between clusters is the variance of the estimates (Deville & Särndal 1992, section 3;
    the order of steps as in svyrecvar of R's survey).
    """
    current, left = weights, values
    for step in steps:
        both_zero = (current == 0) & (step.weights == 0)
        ratio = np.divide(current, step.weights, out=np.ones_like(current), where=~both_zero & (step.weights != 0))
        left = step.residual(left * ratio[:, None])
        current = step.weights
    return left * current[:, None]


def between_clusters(scored: Floats, strata: Strata, lonely: str = "certainty") -> Floats:
    """Deviations (m, p) of cluster totals from their stratum's mean, scaled so that D'D is the variance.

    The variance is Σ_h (1 − f_h) n_h/(n_h − 1) Σ_i (z_hi − z̄_h)(z_hi − z̄_h)ᵀ (Särndal, Swensson & Wretman 1992, 4.6).
    A stratum of one cluster adds nothing ("certainty", "remove"), its total as a deviation from zero ("adjust"), or
    the average of the other strata ("average"), as survey.lonely.psu in R.
    """
    sizes = strata.sizes.astype(float)
    totals = scored if strata.cluster is None else row_sums(scored, strata.cluster, len(strata.stratum))
    if len(sizes) == 1:
        deviations = totals - totals.mean(axis=0)
    else:
        means = row_sums(totals, strata.stratum, len(sizes)) / sizes[:, None]
        deviations = totals - means[strata.stratum]
    scale = strata.correction * np.divide(sizes, sizes - 1.0, out=np.ones_like(sizes), where=sizes > 1)
    if lonely == "adjust" and strata.lonely.any():
        alone = strata.lonely[strata.stratum]
        deviations[alone] = totals[alone]
    if lonely == "average" and strata.lonely.any():
        scale = scale * len(sizes) / (len(sizes) - strata.lonely.sum())
    return deviations * np.sqrt(scale)[strata.stratum][:, None]
