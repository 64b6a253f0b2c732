"""Logistic regression where the likelihood rises for ever: which coefficients are infinite, what the others tend to.

Konis (2007): the maximum is infinite exactly if some direction v has x_i'v ≥ 0 for every yes and x_i'v ≤ 0 for every
no, and not 0 for all. Such directions are a cone; rows that one of them takes off the plane x'v = 0 are fitted without
error and say no more, and the limit is the likelihood of the rows on the plane of all. What differs between directions
of the cone is undetermined.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evalkit.numerics.glm import Fit, fit, independent

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

FINITE, PLUS, MINUS, UNDETERMINED = 0, 1, -1, 2
ZERO = 1e-8  # of columns of size one: nearer than this to the plane is on it
KINDS = 2_000  # kinds of rows off the plane whose limits are sought, two linear programs each; beyond, undetermined


@dataclass(frozen=True)
class Limit:
    """The limit of a separated logistic regression.

    Attributes
    ----------
    fit : of the rows on the plane; params ±∞ where they are, NaN where undetermined.
    status : (k,) FINITE, PLUS, MINUS or UNDETERMINED. on_plane : (n,) rows that are not fitted without error.
    basis : (k, r) orthonormal; of columns of size one the finite part of the coefficients is basis @ free.
    free : (r,). scale : (k,) size of the columns. off : (k, d) orthonormal, the space of the cone.
    cone : (m, d) the directions are off @ u with cone @ u ≥ 0.
    """

    fit: Fit
    status: NDArray[np.int64]
    on_plane: Bools
    basis: Floats
    free: Floats
    scale: Floats
    off: Floats
    cone: Floats

    @property
    def back(self) -> Floats:
        """(k, r) from `free` to the finite part of the coefficients."""
        back: Floats = self.basis / self.scale[:, None]
        return back

    def open_columns(self, x: Floats) -> Floats:
        """(n, r) columns of rows x (n, k) whose coefficients are `free`."""
        columns: Floats = self._scaled(x) @ self.basis
        return columns

    def predict(self, x: Floats) -> tuple[Floats, Floats]:
        """Limits (n,) of the chance of yes and of its slope in x'β, for rows x (n, k); NaN where undetermined."""
        mean, slope = np.full(len(x), np.nan), np.zeros(len(x))
        away = self._scaled(x) @ self.off
        length = np.sqrt((away**2).sum(axis=1))
        on = length <= ZERO
        mean[on] = 1 / (1 + np.exp(-(self.open_columns(x[on]) @ self.free)))
        slope[on] = mean[on] * (1 - mean[on])
        kinds, place = np.unique((away[~on] / length[~on, None]).round(9), axis=0, return_inverse=True)
        if len(kinds) <= KINDS:
            ends = np.array([_side(self.cone, kind) for kind in kinds], dtype=float)
            ends = np.where(ends == UNDETERMINED, np.nan, ends > 0)
            mean[~on] = ends[place.reshape(-1)]
        return mean, slope

    def _scaled(self, x: Floats) -> Floats:
        return np.where(self.fit.kept, x / self.scale, 0.0)


def limit(x: Floats, y: Floats, weights: Floats) -> Limit | None:
    """What weighted maximum likelihood tends to, or None where no direction separates the answers.

    Parameters
    ----------
    x : (n, k) columns, intercept included. y : (n,) 0 or 1. weights : (n,) non-negative.
    """
    used = weights > 0
    kept = independent(x * np.sqrt(weights)[:, None])
    scale = np.where(kept, np.abs(x[used]).max(axis=0, initial=0.0), 1.0)
    scaled = np.where(kept, x / scale, 0.0)
    signed = np.where(y > 0.5, 1.0, -1.0)[:, None] * scaled
    left = _on_plane(signed, used)
    if left.sum() == used.sum():
        return None
    basis, rest = _row_space(scaled[left])
    off = rest @ _row_space(scaled[used] @ rest)[0]
    cone = signed[used & ~left] @ off
    cone = np.unique((cone / np.sqrt((cone**2).sum(axis=1))[:, None]).round(12), axis=0)
    status = np.full(x.shape[1], FINITE)
    for j in np.flatnonzero(kept & ((off**2).sum(axis=1) > ZERO)):
        fewer = signed.copy()
        fewer[:, j] = 0.0
        as_far = _on_plane(fewer, used).sum() == left.sum()
        status[j] = UNDETERMINED if as_far else _side(cone, off[j])
    inner = fit(scaled[left] @ basis, y[left], weights[left], logistic=True, most=np.inf)
    back = basis / scale[:, None]
    params = np.choose(status, [back @ inner.params, np.inf, np.nan, -np.inf], mode="wrap")  # −1 is the last
    mean, slope = y.astype(float), np.zeros(len(y))
    mean[left], slope[left] = inner.fitted, inner.slope
    found = Fit(params, mean, slope, back @ inner.bread @ back.T, kept, inner.converged, inner.iterations)
    return Limit(found, status, left, basis, inner.params, scale, off, cone)


def _on_plane(signed: Floats, used: Bools) -> Bools:
    """(n,) rows that no direction takes off the plane."""
    rows, place = np.unique(signed[used], axis=0, return_inverse=True)
    here = np.ones(len(rows), dtype=bool)
    while here.any():
        v = _direction(rows, here)
        if v is None:
            break
        here &= rows @ v <= ZERO
    left = np.zeros(len(used), dtype=bool)
    left[used] = here[place.reshape(-1)]
    return left


def _direction(rows: Floats, here: Bools) -> Floats | None:
    """The v, |v| ≤ 1, with rows @ v ≥ 0 that maximises the sum over the rows `here`; None where that is nil."""
    total = rows[here].sum(axis=0)
    v = _solve(total, rows)
    if v is None:
        return None
    tight = rows[np.abs(rows @ v) <= 1e-6]  # the solver's own tolerance; made exact
    if len(tight):
        plane = _row_space(tight)[0]
        v = v - plane @ (plane.T @ v)
    largest = np.abs(v).max()
    if largest <= 1e-6:
        return None
    side = rows @ (v / largest)
    return v / largest if side.min() >= -ZERO and side[here].max() > 4 * ZERO else None


def _side(cone: Floats, c: Floats) -> int:
    """PLUS or MINUS where c'u has one sign for all u with cone @ u ≥ 0, else UNDETERMINED."""
    up, down = ((v is not None and sign * (c @ v) > 1e-7) for sign in (1, -1) for v in [_solve(sign * c, cone)])
    return UNDETERMINED if up == down else PLUS if up else MINUS


def _solve(total: Floats, rows: Floats) -> Floats | None:
    """The v, |v| ≤ 1, with rows @ v ≥ 0 that maximises total'v."""
    from scipy.optimize import linprog

    size = np.abs(total).max(initial=0.0)
    if size <= ZERO:
        return None
    found: Floats | None = linprog(
        -total / size, A_ub=-rows, b_ub=np.zeros(len(rows)), bounds=(-1.0, 1.0), method="highs"
    ).x
    return found


def _row_space(rows: Floats) -> tuple[Floats, Floats]:
    """(k, r) orthonormal basis of the rows, and (k, k − r) of what they leave."""
    if not len(rows):
        return np.zeros((rows.shape[1], 0)), np.eye(rows.shape[1])
    root = np.linalg.qr(rows, mode="r") if len(rows) > rows.shape[1] else rows
    _, sizes, right = np.linalg.svd(root, full_matrices=True)
    rank = int((sizes > 1e-10 * max(sizes[0], 1e-300)).sum())
    return right[:rank].T, right[rank:].T
