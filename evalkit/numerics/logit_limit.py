"""Logistic regression where the likelihood rises for ever: which coefficients are infinite, what the others tend to.

Konis (2007): the maximum is infinite exactly if some direction v has x_i'v ≥ 0 for every yes and x_i'v ≤ 0 for every
no, and not 0 for all. Along v the rows off the plane x'v = 0 are fitted without error and say no more; the limit is the
likelihood of the rows on it, which may be separated in their turn.
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


@dataclass(frozen=True)
class Limit:
    """The limit of a separated logistic regression.

    Attributes
    ----------
    fit : of the rows on the plane; params ±∞ where they are, NaN where the difference of two infinite ones.
    status : (k,) FINITE, PLUS, MINUS or UNDETERMINED. on_plane : (n,) rows that are not fitted without error.
    directions : (d, k), each outweighing the next. basis : (k, r) the finite part of the coefficients is basis @ free.
    free : (r,). scale : (k,) size of the columns.
    """

    fit: Fit
    status: NDArray[np.int64]
    on_plane: Bools
    directions: Floats
    basis: Floats
    free: Floats
    scale: Floats

    def open_columns(self, x: Floats) -> Floats:
        """(n, r) columns of rows x (n, k) whose coefficients are `free`."""
        plane: Floats = np.where(self.fit.kept, x / self.scale, 0.0) @ (self.basis * self.scale[:, None])
        return plane

    def predict(self, x: Floats) -> tuple[Floats, Floats]:
        """Limits (n,) of the chance of yes and of its slope in x'β, for rows x (n, k); NaN where it has none."""
        mean, slope = np.full(len(x), np.nan), np.zeros(len(x))
        open_ = np.ones(len(x), dtype=bool)
        for direction in self.directions:
            side = x @ direction
            gone = open_ & (np.abs(side) > ZERO)
            mean[gone] = side[gone] > 0
            open_ &= ~gone
        scaled, plane = np.where(self.fit.kept, x / self.scale, 0.0), self.basis * self.scale[:, None]
        inside = open_ & (np.abs(scaled - scaled @ plane @ plane.T).max(axis=1, initial=0.0) <= 1e-7)
        mean[inside] = 1 / (1 + np.exp(-(x[inside] @ (self.basis @ self.free))))
        slope[inside] = mean[inside] * (1 - mean[inside])
        return mean, slope


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
    left, directions = _leave(signed, used)
    if not len(directions):
        return None
    basis = _row_space(scaled[left])
    status = np.full(x.shape[1], FINITE)
    for j in np.flatnonzero(kept & (1 - (basis**2).sum(axis=1) > 1e-8)):
        fewer = signed.copy()
        fewer[:, j] = 0.0
        steps = directions[:, j]
        if _leave(fewer, used)[0].sum() == left.sum() or not steps.any():
            status[j] = UNDETERMINED
        else:
            status[j] = PLUS if steps[np.flatnonzero(steps)[0]] > 0 else MINUS
    inner = fit(scaled[left] @ basis, y[left], weights[left], logistic=True)
    back = basis / scale[:, None]
    finite = back @ inner.params
    params = np.choose(status, [finite, np.inf, np.nan, -np.inf], mode="wrap")  # −1 is the last
    mean, slope = y.astype(float), np.zeros(len(y))
    mean[left], slope[left] = inner.fitted, inner.slope
    found = Fit(params, mean, slope, back @ inner.bread @ back.T, kept, inner.converged, inner.iterations)
    return Limit(found, status, left, directions / scale, back, inner.params, scale)


def _leave(signed: Floats, used: Bools) -> tuple[Bools, Floats]:
    """Rows that no direction takes off the plane, (n,), and the directions (d, k), the strongest first."""
    rows, place = np.unique(signed, axis=0, return_inverse=True)
    here = np.zeros(len(rows), dtype=bool)
    here[place.reshape(-1)[used]] = True
    directions: list[Floats] = []
    while here.any():
        v = _direction(rows[here])
        if v is None:
            break
        directions.append(v)
        here[here] = rows[here] @ v <= ZERO
    return here[place.reshape(-1)] & used, np.array(directions).reshape(-1, signed.shape[1])


def _direction(rows: Floats) -> Floats | None:
    """The v, |v| ≤ 1, that maximises the sum of rows @ v with none below nil; None where only v = 0 has none below."""
    from scipy.optimize import linprog

    total = rows.sum(axis=0)
    size = np.abs(total).max(initial=0.0)
    if size <= ZERO:
        return None
    v = linprog(-total / size, A_ub=-rows, b_ub=np.zeros(len(rows)), bounds=(-1.0, 1.0), method="highs").x
    if v is None or np.abs(v).max() <= 1e-6:
        return None
    tight = rows[np.abs(rows @ v) <= 1e-6]  # the solver's own tolerance; made exact
    if len(tight):
        plane = _row_space(tight)
        v = v - plane @ (plane.T @ v)
    largest = np.abs(v).max()
    if largest <= 1e-6:
        return None
    v = np.where(np.abs(v / largest) < 1e-12, 0.0, v / largest)
    side = rows @ v
    return v if side.min() >= -ZERO and side.max() > 4 * ZERO else None


def _row_space(rows: Floats) -> Floats:
    """(k, r) orthonormal basis of the rows."""
    if not len(rows):
        return np.zeros((rows.shape[1], 0))
    _, sizes, right = np.linalg.svd(np.linalg.qr(rows, mode="r") if len(rows) > rows.shape[1] else rows)
    return right[: int((sizes > 1e-10 * max(sizes[0], 1e-300)).sum())].T
