"""Maximum of the conditional likelihood with its certificate, its limit under separation, and its profiles."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from evalkit.numerics.conditional_logit import Maximum, Value, certified, evaluate, maximise, peaked
from evalkit.numerics.patterns import Floats, Ints, Patterns, take_columns
from evalkit.numerics.separation import FINITE, MINUS, PLUS, UNDETERMINED, Limit, deviation_root, limit, statuses

FARTHEST = 1e15  # steps from the centre to the end of an interval
FIRST_TRY = 15  # Newton steps before separation is looked into: a finite maximum seldom takes half of them


@dataclass(frozen=True)
class Fit:
    """A fitted conditional likelihood of p coefficients.

    Attributes
    ----------
    params : (p,) finite, ±∞ where separated, NaN where undetermined.
    bread : (p, p) inverse information on the identified directions, zero on the others.
    point : (p,) finite parameters at which `limit.patterns` (or all patterns) attain the maximum.
    basis : (p, r) directions that are identified in the limit; the identity where nothing is separated.
    loglik : its least upper bound. null : the Value at zero, of all patterns.
    status : (p,) FINITE, PLUS, MINUS or UNDETERMINED. limit : None where nothing is separated.
    certified : the maximum is proven to exist, close by (Bach 2010). converged : Newton's last step was small, as it is
        wherever the likelihood is flat; so that is proven, or the likelihood falls to all sides.
    patterns : all patterns. iterations : Newton steps. penalised : penalised log-likelihood.
    """

    params: Floats
    bread: Floats
    point: Floats
    basis: Floats
    loglik: float
    null: Value
    status: Ints
    limit: Limit | None
    converged: bool
    certified: bool
    patterns: Patterns
    iterations: int
    penalised: float = float("nan")

    @property
    def cov(self) -> Floats:
        """(p, p) inverse information; NaN in the rows and columns of coefficients that are not finite."""
        finite = self.status == FINITE
        return np.where(finite[:, None] & finite, self.bread, np.nan)


def fit(patterns: Patterns) -> Fit:
    """Maximise, prove the maximum finite, or find the directions in which it is not.

    Columns must be linearly independent within units.
    """
    scaled, scale = of_size_one(patterns)
    start = np.zeros(patterns.n_columns)
    null = evaluate(scaled, start)
    work, turn = _upright(scaled, null.information)
    found = maximise(lambda b: evaluate(work, b), start, first=null if work is scaled else None, max_iter=FIRST_TRY)
    proven = found.converged and certified(work, found)
    left: Limit | None = None
    if not proven:
        left = limit(scaled)
        if not left.separated:
            left = None
            found = maximise(lambda b: evaluate(work, b), found.params, first=found.value, max_iter=300)
            found, proven = _judged(work, found)
    if left is None:
        result = plain_fit(patterns, found, null, turn)
    else:
        result, proven = _at_the_limit(patterns, left, statuses(scaled, left), null)
    return unscaled(replace(result, certified=proven), scale)


def _upright(patterns: Patterns, information: Floats) -> tuple[Patterns, Floats]:
    """The same units in columns whose deviations from the units' means are orthogonal, and the (p, p) that makes them.

    Only where the columns nearly depend on each other, which the information at zero shows: it holds the squares of
    what sets them apart, and loses half the digits.
    """
    size = np.sqrt(np.diag(information))
    if not len(size) or np.linalg.eigvalsh(information / np.outer(size, size))[0] > 1e-6:
        return patterns, np.eye(len(size))
    turn = np.linalg.pinv(deviation_root(patterns)) * np.sqrt(len(patterns.of_unit))
    return take_columns(patterns, turn), turn


def score_statistic(patterns: Patterns) -> float:
    """U'I⁻¹U at zero."""
    scaled = of_size_one(patterns)[0]
    null = evaluate(scaled, np.zeros(patterns.n_columns))
    work, turn = _upright(scaled, null.information)
    score, information = turn.T @ null.score, evaluate(work, np.zeros(patterns.n_columns)).information
    return float(score @ np.linalg.solve(information, score))


def _judged(patterns: Patterns, found: Maximum) -> tuple[Maximum, bool]:
    """The maximum, not converged where it lies on a flat ridge; and whether it is proven."""
    proven = certified(patterns, found)
    return replace(found, converged=found.converged and (proven or peaked(patterns, found))), proven


def of_size_one(patterns: Patterns) -> tuple[Patterns, Floats]:
    """The same units with columns of size about one, and what each was divided by, (p,).

    That is a power of two near the widest difference within a unit, so that no digit is lost.
    """
    size = np.zeros(patterns.n_columns)
    for block in patterns.blocks:
        size = np.maximum(size, np.abs(block.x).max(axis=(0, 1), initial=0.0))
    scale = np.exp2(np.round(np.log2(np.where(size > 0, size, 1.0))))
    return (patterns if np.all(scale == 1) else take_columns(patterns, np.diag(1.0 / scale))), scale


def plain_fit(patterns: Patterns, found: Maximum, null: Value, turn: Floats) -> Fit:
    """The Fit of a finite maximum, found in columns x @ turn."""
    p = patterns.n_columns
    return Fit(
        params=turn @ found.params,
        bread=turn @ inverse(found.value.information) @ turn.T,
        point=turn @ found.params,
        basis=np.eye(p),
        loglik=found.value.loglik,
        null=null,
        status=np.full(p, FINITE),
        limit=None,
        converged=found.converged,
        certified=False,
        patterns=patterns,
        iterations=found.iterations,
    )


def _at_the_limit(patterns: Patterns, left: Limit, status: Ints, null: Value) -> tuple[Fit, bool]:
    p, rank = left.basis.shape
    point, bread, loglik, converged, proven, iterations = np.zeros(p), np.zeros((p, p)), 0.0, True, True, 0
    if left.patterns is not None and rank:
        rest = take_columns(left.patterns, left.basis)
        rest, turn = _upright(rest, evaluate(rest, np.zeros(rank)).information)
        basis = left.basis @ turn
        found = maximise(lambda b: evaluate(rest, b), np.zeros(rank), max_iter=300)
        found, proven = _judged(rest, found)
        point, loglik = basis @ found.params, found.value.loglik
        converged, iterations = found.converged, found.iterations
        bread = basis @ inverse(found.value.information) @ basis.T
    elif left.patterns is not None:
        loglik = evaluate(left.patterns, np.zeros(p)).loglik
    result = Fit(
        params=_with_infinities(point, status),
        bread=bread,
        point=point,
        basis=left.basis,
        loglik=loglik,
        null=null,
        status=status,
        limit=left,
        converged=converged,
        certified=proven,
        patterns=patterns,
        iterations=iterations,
    )
    return result, proven


def _with_infinities(point: Floats, status: Ints) -> Floats:
    values = {PLUS: np.inf, MINUS: -np.inf, UNDETERMINED: np.nan}
    return np.array([values.get(int(s), value) for s, value in zip(status, point)])


def unscaled(result: Fit, scale: Floats) -> Fit:
    """The same fit in the columns' own units."""
    left = result.limit
    if left is not None:
        patterns = None if left.patterns is None else take_columns(left.patterns, np.diag(scale))
        left = replace(left, patterns=patterns, basis=left.basis / scale[:, None], directions=left.directions / scale)
    return replace(
        result,
        params=result.params / scale,
        bread=result.bread / np.outer(scale, scale),
        point=result.point / scale,
        basis=result.basis / scale[:, None],
        null=Value(result.null.loglik, result.null.score * scale, result.null.information * np.outer(scale, scale)),
        limit=left,
    )


def inverse(information: Floats) -> Floats:
    """Inverse of a symmetric positive matrix, scaled first; NaN where it has none."""
    scale = np.sqrt(np.diag(information))
    with np.errstate(all="ignore"):
        try:
            result = np.linalg.inv(information / np.outer(scale, scale)) / np.outer(scale, scale)
        except np.linalg.LinAlgError:
            return np.full_like(information, np.nan)
    return (result + result.T) / 2


def profile(result: Fit, j: int) -> Callable[[float], float]:
    """Profile log-likelihood of coefficient `j`: the greatest log-likelihood where it has a given value.

    Directions in which the others run off are taken to their limit first, once.
    """
    p = len(result.params)
    others = np.delete(np.arange(p), j)
    scaled, scale = of_size_one(result.patterns)
    patterns: Patterns | None = scaled
    basis, unit = np.eye(p)[:, others], np.eye(p)[j] * scale[j]
    if result.limit is not None:
        left = limit(scaled, others)
        if left.separated:
            patterns, basis = left.patterns, left.basis
    if patterns is None:
        return lambda value: 0.0
    rest: Patterns = patterns
    bend = float(np.mean(np.diag(result.null.information) / scale**2))
    centre = basis.T @ (result.point * scale)
    near = [centre]

    def at(value: float) -> float:
        origin = value * unit
        for start in (near[0], centre):  # the last fit is the best start, but not where it ran far out
            found = maximise(
                lambda b: evaluate(rest, b), start, origin=origin, basis=basis, bend=bend, max_iter=100, tol=1e-14
            )
            if found.converged:
                break
        near[0] = basis.T @ (found.params - origin)
        return found.value.loglik

    return at


def interval(
    at: Callable[[float], float], top: float, centre: float, step: float, drop: float, sides: tuple[bool, bool]
) -> tuple[float, float]:
    """Where a profile falls to `top` − `drop` below and above `centre`; ∓∞ on a side not in `sides`."""
    low = _end(at, top, centre, -step, drop) if sides[0] else -np.inf
    high = _end(at, top, centre, step, drop) if sides[1] else np.inf
    return low, high


def _end(at: Callable[[float], float], top: float, centre: float, step: float, drop: float) -> float:
    """Root of √(2 (top − profile)) − √(2 drop), nearly linear in the parameter, from `centre` in `step`'s direction.

    Sought in steps from the centre, so that it does not depend on the covariate's unit; NaN where there is none.
    """
    from scipy.optimize import brentq

    target = np.sqrt(2 * drop)

    @cache  # a fit again from another start may fall on the other side of nought
    def short(steps: float) -> float:
        return float(np.sqrt(max(0.0, 2 * (top - at(centre + steps * step)))) - target)

    inner, outer = 0.0, 1.0
    while short(inner) > 0:  # a separated coefficient has no centre: step back until the profile is near its top
        inner, outer = inner - 2 * (outer - inner), inner
        if inner < -FARTHEST:
            return float("nan")
    while short(outer) < 0:
        inner, outer = outer, outer + 2 * (outer - inner)
        if outer > FARTHEST:
            return float(np.copysign(np.inf, step))
    if not short(inner) <= 0 <= short(outer):
        return float("nan")
    return centre + step * float(brentq(short, inner, outer, xtol=1e-11, rtol=1e-12))
