"""Separation in the conditional likelihood: is there a direction in which it rises for ever, and what is left?

Konis (2007) for the conditional likelihood: the maximum is infinite exactly if some direction v has
v'(x_i − x_j) ≥ 0 for every pair y_i = 1, y_j = 0 of a unit, and > 0 for one of them. Along v a unit's probability
gathers on the ways to place its yes-answers that keep the rows strictly above the dividing line and take from the
rows on it: the limit is a conditional likelihood of the rows on the line.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evalkit.numerics.patterns import Floats, Ints, Patterns, build, differences, rows_of

FINITE, PLUS, MINUS, UNDETERMINED = 0, 1, -1, 2
ZERO = 1e-8  # of a difference scaled to length one: below it two rows are on the same side of nothing


@dataclass(frozen=True)
class Limit:
    """What remains of the data where some directions have run to infinity.

    Attributes
    ----------
    patterns : the rows on the dividing line; None where nothing is left.
    basis : (p, r) orthonormal; the parameters that the remaining rows identify are basis @ free.
    status : (p,) FINITE, PLUS (+∞), MINUS (−∞) or UNDETERMINED (a difference of infinite effects).
    direction : (p,) one direction in which the likelihood rises, zero where nothing is separated.
    separated : whether there is one.
    of_unit : (units,) each unit's pattern in `patterns`, −1 where all its rows have left the line.
    """

    patterns: Patterns | None
    basis: Floats
    status: Ints
    direction: Floats
    separated: bool
    of_unit: Ints


def find_direction(rows: Floats) -> Floats | None:
    """A direction v (p,) with rows @ v ≥ 0 and not all 0, or None; rows is (m, p)."""
    lengths = np.linalg.norm(rows, axis=1)
    rows = rows[lengths > 0] / lengths[lengths > 0, None]
    if not len(rows):
        return None
    found = _program(-rows.sum(axis=0), rows, np.zeros(len(rows)), bounds=(-1.0, 1.0))
    return None if found is None else _polished(rows, found)


def _program(cost: Floats, above: Floats, least: Floats, bounds: tuple[float | None, float | None]) -> Floats | None:
    """Minimise cost'v where above @ v ≥ least; the solution, None where there is none or it is unbounded."""
    from scipy.optimize import linprog

    result = linprog(cost, A_ub=-above, b_ub=-least, bounds=bounds, method="highs")
    return result.x if result.status == 0 else None


def _polished(rows: Floats, v: Floats) -> Floats | None:
    """`v` moved to satisfy its zeros exactly; None where it then fails, so that no tolerance makes a separation."""
    side = rows @ v
    on_line = np.abs(side) <= 1e-6 * max(1.0, float(np.abs(v).max()))
    if on_line.any():
        _, sizes, right = np.linalg.svd(rows[on_line], full_matrices=True)
        rank = int((sizes > ZERO * max(1.0, sizes[0])).sum())
        null = right[rank:].T
        v = null @ (null.T @ v)
    size = float(np.abs(v).max())
    if size <= ZERO:
        return None
    v = v / size
    v[np.abs(v) < 1e-12] = 0.0
    side = rows @ v
    return v if side.min() >= -ZERO and side.max() > ZERO else None


def row_space(rows: Floats) -> Floats:
    """(p, r) orthonormal basis of what `rows` (m, p) identify."""
    if not len(rows):
        return np.zeros((rows.shape[1], 0))
    scale = np.abs(rows).max(axis=0)
    scale[scale == 0] = 1.0
    _, sizes, right = np.linalg.svd(np.linalg.qr(rows / scale, mode="r"), full_matrices=False)
    kept = right[sizes > 1e-10 * sizes[0]].T / scale[:, None] if len(sizes) else np.zeros((rows.shape[1], 0))
    return np.linalg.qr(kept)[0] if kept.shape[1] else kept


def limit(patterns: Patterns, free: Ints | None = None) -> Limit:
    """Take away every direction of separation among the columns `free` (default all), the strongest first.

    Rows on the dividing line may be separated in their turn, in a direction that the first outweighs; so the step is
    repeated until the rest has a maximum.
    """
    p = patterns.n_columns
    free = np.arange(p) if free is None else free
    current: Patterns | None = patterns
    of_unit = patterns.of_unit
    beyond: list[Floats] = []
    direction = np.zeros(p)
    while current is not None:
        rows = differences(current)
        v = find_direction(rows[:, free]) if len(free) else None
        if v is None:
            break
        whole = np.zeros(p)
        whole[free] = v
        direction = whole if not beyond else direction
        side = rows @ whole
        beyond.append(rows[np.abs(side) > ZERO * np.linalg.norm(rows, axis=1)])
        current, of_pattern = _on_the_line(current, whole)
        of_unit = np.where(of_unit >= 0, of_pattern[of_unit], -1)
    remaining = differences(current) if current is not None else np.zeros((0, p))
    basis = row_space(remaining[:, free]) if current is not None else np.zeros((len(free), 0))
    status = np.zeros(p, dtype=np.int64)
    if beyond:
        status[free] = _statuses(np.concatenate(beyond)[:, free], remaining[:, free], basis)
    whole_basis = np.zeros((p, basis.shape[1]))
    whole_basis[free] = basis
    return Limit(current, whole_basis, status, direction, bool(beyond), of_unit)


def _on_the_line(patterns: Patterns, v: Floats) -> tuple[Patterns | None, Ints]:
    """The rows on the dividing line of each pattern, and each pattern's new number, −1 where it has none.

    On the line are the rows with v'x equal to the lowest of the yes-answers and to the highest of the no-answers.
    """
    y, x, number, weight, _ = rows_of(patterns)
    side = x @ v
    near = ZERO * np.maximum(1.0, np.abs(x).max(axis=1))
    lowest = np.full(len(weight), np.inf)
    np.minimum.at(lowest, number[y], side[y])
    highest = np.full(len(weight), -np.inf)
    np.maximum.at(highest, number[~y], side[~y])
    on_line = (np.abs(side - lowest[number]) <= near) & ((lowest - highest)[number] <= near)
    of_pattern = np.full(len(weight), -1)
    if not on_line.any():
        return None, of_pattern
    names, codes = np.unique(number[on_line], return_inverse=True)
    fewer = build(y[on_line], x[on_line], codes.reshape(-1), weight[names])
    of_pattern[names] = fewer.of_unit
    return fewer, of_pattern


def _statuses(beyond: Floats, remaining: Floats, basis: Floats) -> Ints:
    """Which coefficients are finite, which are ±∞ in every direction of fullest separation, which in none."""
    p = beyond.shape[1]
    outside = np.eye(p) - basis @ basis.T
    status = np.zeros(p, dtype=np.int64)
    null = np.linalg.svd(basis, full_matrices=True)[0][:, basis.shape[1] :] if basis.shape[1] else np.eye(p)
    lengths = np.linalg.norm(beyond, axis=1)
    above = (beyond / lengths[:, None]) @ null
    for j in np.flatnonzero(np.abs(np.diag(outside)) > 1e-8):
        low = _program(null[j], above, np.ones(len(above)), bounds=(None, None))
        high = _program(-null[j], above, np.ones(len(above)), bounds=(None, None))
        if low is not None and null[j] @ low > 1e-7:
            status[j] = PLUS
        elif high is not None and null[j] @ high < -1e-7:
            status[j] = MINUS
        else:
            status[j] = UNDETERMINED
    return status
