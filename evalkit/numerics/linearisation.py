"""Taylor linearisation: residuals after calibration, and the variance between clusters within strata."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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
    basis : (cells, k) calibration variables by cell, orthonormal in the mass: basisᵀ diag(mass of cell) basis = I.
    mass : (n,) weight of each row in the regression (base weights; ones after raking of category margins).
    weights : (n,) weights after the step.
    """

    index: Ints | None
    basis: Floats
    mass: Floats
    weights: Floats

    def residual(self, values: Floats) -> Floats:
        """`values` (n, p) less their regression on the calibration variables."""
        weighted = values * self.mass[:, None]
        if self.index is None:
            left = values - self.basis @ (self.basis.T @ weighted)
        else:
            by_cell = row_sums(weighted, self.index, len(self.basis))
            left = values - (self.basis @ (self.basis.T @ by_cell))[self.index]
        before = np.sqrt((values**2 * self.mass[:, None]).sum(axis=0))
        after = np.sqrt((left**2 * self.mass[:, None]).sum(axis=0))
        left[:, after <= NOISE * before] = 0.0
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


def orthonormal(design: Floats, mass: Floats, tol: float = 1e-9) -> Floats:
    """Columns that span `design` (cells, k) and are orthonormal in `mass` (cells,); redundant ones fall away.

    A column counts as redundant when what the others leave of it is below `tol` of its own length.
    """
    from scipy.linalg import qr, solve_triangular

    root = np.sqrt(np.maximum(mass, 0.0))[:, None]
    length = np.linalg.norm(design * root, axis=0)
    used = design[:, length > 0] / length[length > 0]
    if used.shape[1] == 0:
        return np.zeros((len(design), 0))
    r, pivot = qr(used * root, mode="r", pivoting=True)
    diagonal = np.abs(np.diag(r))
    rank = int((diagonal > tol * diagonal[0]).sum())
    return solve_triangular(r[:rank, :rank], used[:, pivot[:rank]].T, trans="T").T


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
