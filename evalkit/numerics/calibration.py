"""Calibration of weights to known totals: raking, linear, logit and truncated, all columns of weights at once.

The weights closest to the base weights that return the totals (Deville & Särndal 1992): w = d · F(x'λ), with λ found
by Newton's method on distinct cells. Raking of category margins starts with sweeps of iterative proportional fitting
(Deming & Stephan 1940), so that it converges wherever the margins can be met.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evalkit.numerics.linearisation import row_sums

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SWEEPS = 10
"""Sweeps of proportional fitting before Newton's steps."""
DENSE = 10_000_000
"""Indicators of more cells × categories than this are kept sparse."""
FINE = 1e-13
"""Newton goes on to this relative error where it can: a step costs little and squares the error."""


@dataclass(frozen=True)
class Calibrated:
    """Factors on the base weights.

    Attributes
    ----------
    factors : (c, r) g-weights by cell and column of weights.
    achieved : (k, r) totals that the weights return.
    error : (r,) largest relative distance from a total.
    converged : (r,) error within the tolerance.
    iterations : steps taken.
    """

    factors: Floats
    achieved: Floats
    error: Floats
    converged: NDArray[np.bool_]
    iterations: int


@dataclass(frozen=True)
class Distance:
    """F of x'λ and its derivative."""

    factor: Callable[[Floats], Floats]
    slope: Callable[[Floats], Floats]


def distance(method: str, bounds: tuple[float, float] | None = None) -> Distance:
    """The F of `method`: Deville & Särndal (1992), cases 1 (linear), 2 (raking), 6 (logit) and 7 (truncated)."""
    if method == "linear":
        return Distance(lambda u: 1 + u, lambda u: np.ones_like(u))
    if method == "raking":
        return Distance(lambda u: np.exp(u), lambda u: np.exp(u))
    if bounds is None:
        raise ValueError(f"{method} needs bounds")
    low, high = bounds
    if method == "truncated":
        return Distance(
            lambda u: np.clip(1 + u, low, high),
            lambda u: ((u > low - 1) & (u < high - 1)).astype(float),
        )
    scale = (high - low) / ((high - 1) * (1 - low))

    def share(u: Floats) -> Floats:
        """Where between the bounds; 0.5 (1 + tanh) does not overflow."""
        return 0.5 * (1 + np.tanh(0.5 * (scale * u + np.log((1 - low) / (high - 1)))))

    return Distance(
        lambda u: low + (high - low) * share(u),
        lambda u: (high - low) * scale * share(u) * (1 - share(u)),
    )


def proportional_fit(
    levels: Sequence[Ints], targets: Sequence[Floats], mass: Floats, sweeps: int, tol: float
) -> tuple[list[Floats], Floats]:
    """Iterative proportional fitting of cells to margins, all columns of weights at once.

    Parameters
    ----------
    levels : for each margin (c,) the level of each cell.
    targets : for each margin (levels, r) its totals; a target without mass is left alone.
    mass : (c, r) base weights summed by cell.

    Returns
    -------
    Logarithms of the factors of each margin's levels, (levels, r) each, and the (c, r) factors.
    """
    logs = [np.zeros_like(target) for target in targets]
    factors = np.ones_like(mass)
    for _ in range(sweeps):
        worst = 0.0
        for log, level, target in zip(logs, levels, targets):
            got = row_sums(mass * factors, level, len(target))
            step = np.divide(target, got, out=np.ones_like(got), where=(got > 0) & (target > 0))
            worst = max(worst, float(np.abs(step - 1).max(initial=0.0)))
            log += np.log(step)
            factors = factors * step[level]
        if worst <= tol:
            break
    return logs, factors


def indicators(levels: Sequence[Ints], sizes: Sequence[int]) -> Any:
    """(c, Σ sizes) indicators of each margin's levels; sparse where they would fill more than `DENSE` numbers."""
    width, c = int(sum(sizes)), len(levels[0])
    begins = np.cumsum([0, *sizes[:-1]])
    columns = np.stack([level + begin for level, begin in zip(levels, begins)], axis=1)
    if c * width > DENSE:
        from scipy.sparse import csr_matrix

        ends = np.arange(c + 1) * len(levels)
        return csr_matrix((np.ones(columns.size), columns.ravel(), ends), shape=(c, width))
    x = np.zeros((c, width))
    np.put_along_axis(x, columns, 1.0, axis=1)
    return x


def newton(
    x: Any,
    mass: Floats,
    totals: Floats,
    f: Distance,
    *,
    start: Floats | None = None,
    tol: float = 1e-8,
    max_iter: int = 200,
) -> Calibrated:
    """Solve Σ mass · F(x'λ) x = totals for each column of weights.

    Parameters
    ----------
    x : (c, k) calibration variables by cell, an array or sparse; redundant columns may be there where totals agree.
    mass : (c, r) base weights summed by cell.
    totals : (k, r) totals to return.
    start : (k, r) λ to start from, in the scale of `x`.
    """
    scale = _scale(x, mass, totals)
    lam = np.zeros_like(totals) if start is None else start.copy()
    got, error = _misfit(x, mass, totals, f, lam, scale)
    moving = np.flatnonzero(error > FINE)
    steps = 0
    while len(moving) and steps < max_iter:
        steps += 1
        step = _direction(x, mass[:, moving], totals[:, moving] - got[:, moving], f, lam[:, moving])
        tried = _shorten(
            x, mass[:, moving], totals[:, moving], f, lam[:, moving], step, scale[:, moving], error[moving]
        )
        better = tried[2] < error[moving]
        gained = tried[2] < 0.5 * error[moving]
        at = moving[better]
        lam[:, at], got[:, at], error[at] = tried[0][:, better], tried[1][:, better], tried[2][better]
        keep = (error[moving] > FINE) & better & (gained | (error[moving] > tol))
        moving = moving[keep]
    factors = f.factor(x @ lam)
    return Calibrated(factors, got, error, error <= tol, steps)


def _scale(x: Any, mass: Floats, totals: Floats) -> Floats:
    """(k, r) what a misfit is relative to: the total, or the variable's absolute sum where the total is nil."""
    size = np.abs(totals)
    return np.where(size > 0, size, np.maximum(abs(x).T @ mass, 1e-300))


def _misfit(x: Any, mass: Floats, totals: Floats, f: Distance, lam: Floats, scale: Floats) -> tuple[Floats, Floats]:
    with np.errstate(over="ignore", invalid="ignore"):
        got = x.T @ (mass * f.factor(x @ lam))
        error = (np.abs(totals - got) / scale).max(axis=0, initial=0.0)
    return got, np.where(np.isfinite(error), error, np.inf)


def _shorten(
    x: Any, mass: Floats, totals: Floats, f: Distance, lam: Floats, step: Floats, scale: Floats, error: Floats
) -> tuple[Floats, Floats, Floats]:
    """Halve the step of the columns that got worse, at most 25 times."""
    new = lam + step
    got, found = _misfit(x, mass, totals, f, new, scale)
    for _ in range(25):
        worse = np.flatnonzero(~(found < error) & (error > 1e-10))
        if not len(worse):
            break
        step[:, worse] *= 0.5
        new[:, worse] = lam[:, worse] + step[:, worse]
        got[:, worse], found[worse] = _misfit(x, mass[:, worse], totals[:, worse], f, new[:, worse], scale[:, worse])
    return new, got, found


def _direction(x: Any, mass: Floats, misfit: Floats, f: Distance, lam: Floats) -> Floats:
    """Newton's step (k, r): the generalised inverse of each column's Hessian, scaled to a unit diagonal."""
    hessians = grams(x, mass * f.slope(x @ lam))
    size = np.sqrt(np.maximum(np.einsum("rkk->rk", hessians), 0.0))
    inverse = np.divide(1.0, size, out=np.zeros_like(size), where=size > 0)
    unit = hessians * inverse[:, :, None] * inverse[:, None, :]
    values, vectors = np.linalg.eigh(unit)
    kept = values > 1e-11 * values[:, -1:]
    inverted = np.divide(1.0, values, out=np.zeros_like(values), where=kept)
    right = (misfit.T * inverse)[:, None, :] @ vectors
    return (((right[:, 0, :] * inverted)[:, None, :] @ vectors.transpose(0, 2, 1))[:, 0, :] * inverse).T


def grams(x: Any, weights: Floats) -> Floats:
    """x' diag(w) x for each column w of `weights` (c, r): (r, k, k); in blocks, so that memory stays small."""
    from scipy.sparse import issparse

    c, k = x.shape
    r = weights.shape[1]
    if issparse(x):
        return np.stack([(x.T @ x.multiply(column[:, None])).toarray() for column in weights.T])
    if r == 1:
        return (x.T @ (x * weights))[None]
    out = np.zeros((k * k, r))
    block = max(1, 4_000_000 // (k * k))
    for begin in range(0, c, block):
        part = x[begin : begin + block]
        products = (part[:, :, None] * part[:, None, :]).reshape(len(part), k * k)
        out += products.T @ weights[begin : begin + block]
    return out.T.reshape(r, k, k)


def rake(
    levels: Sequence[Ints], targets: Sequence[Floats], mass: Floats, *, tol: float = 1e-8, max_iter: int = 200
) -> Calibrated:
    """Rake cells to category margins: proportional fitting, then Newton, then fitting again for what is left.

    `levels`, `targets` and `mass` as in `proportional_fit`; the rows of `achieved` are the margins' levels in order.
    A level whose target or mass is nil in a column is left out of that column.
    """
    x = indicators(levels, [len(target) for target in targets])
    totals = np.concatenate(list(targets), axis=0)
    logs, _ = proportional_fit(levels, targets, mass, min(SWEEPS, max_iter), 1e-4)
    reachable = np.where((x.T @ mass) > 0, totals, 0.0)
    found = newton(x, mass, reachable, distance("raking"), start=np.concatenate(logs), tol=tol, max_iter=max_iter)
    left = np.flatnonzero(~found.converged)
    if not len(left):
        return found
    some = [target[:, left] for target in targets]
    _, factors = proportional_fit(levels, some, mass[:, left], max_iter, 0.1 * tol)
    achieved = x.T @ (mass[:, left] * factors)
    wanted = np.where(reachable[:, left] > 0, reachable[:, left], 1.0)
    error = (np.abs(achieved - reachable[:, left]) / wanted).max(axis=0)
    allf, allg, alle = found.factors.copy(), found.achieved.copy(), found.error.copy()
    allf[:, left], allg[:, left], alle[left] = factors, achieved, error
    return Calibrated(allf, allg, alle, alle <= tol, found.iterations + max_iter)
