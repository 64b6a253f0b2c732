"""Separation in the conditional likelihood: is there a direction in which it rises for ever, and what is left?

Konis (2007) for the conditional likelihood: the maximum is infinite exactly if some direction v has
v'(x_i − x_j) ≥ 0 for every pair y_i = 1, y_j = 0 of a unit, and > 0 for one of them. Along v a unit's probability
gathers on the ways to place its yes-answers that keep the rows strictly above the dividing line and take from the
rows on it: the limit is a conditional likelihood of the rows on the line.

Pairs are not listed: the linear program starts from a few and takes in the worst pair of the units that its solution
offends, which takes a few rounds whatever the number of units. It only proposes: whether rows lie on a side or on the
line is settled by the patterns' own tolerance, the one by which two values of a covariate are the same.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from evalkit.numerics.patterns import Bools, Floats, Ints, Patterns, build, rows_of

FINITE, PLUS, MINUS, UNDETERMINED = 0, 1, -1, 2
PROGRAM = 1e-6  # the linear program's own precision, of pairs of length one
CUTS = 300  # pairs taken in at a time
ROUNDS = 100  # by far more than are needed; where rounding keeps two pairs at odds, nothing is claimed


@dataclass(frozen=True)
class Limit:
    """What remains of the data where some directions have run to infinity.

    Attributes
    ----------
    patterns : the rows on the dividing line; None where nothing is left.
    basis : (p, r) orthonormal; the parameters that the remaining rows identify are basis @ free.
    directions : (k, p) directions in which the likelihood rises, each outweighing the next; none where not separated.
    of_unit : (units,) each unit's pattern in `patterns`, −1 where all its rows have left the line.
    """

    patterns: Patterns | None
    basis: Floats
    directions: Floats
    of_unit: Ints

    @property
    def separated(self) -> bool:
        return len(self.directions) > 0

    @property
    def rows_left(self) -> int:
        """Rows on the line, over all units."""
        if self.patterns is None:
            return 0
        return int(_sizes(self.patterns)[self.of_unit[self.of_unit >= 0]].sum())


def limit(patterns: Patterns, free: Ints | None = None) -> Limit:
    """Take away every direction of separation among the columns `free` (default all), the strongest first.

    Columns should be of size one. Rows on the dividing line may be separated in their turn, in a direction that the
    first outweighs; so the step is repeated until the rest has a maximum.
    """
    p = patterns.n_columns
    free = np.arange(p) if free is None else free
    current: Patterns | None = patterns
    of_unit = patterns.of_unit
    directions: list[Floats] = []
    while current is not None:
        v = find_direction(current, free)
        if v is None:
            break
        directions.append(v)
        current, of_pattern = _on_the_line(current, v)
        of_unit = np.where(of_unit >= 0, of_pattern[of_unit], -1)
    basis = np.zeros((p, 0))
    if current is not None:
        inner = row_space(current, free)
        basis = np.zeros((p, inner.shape[1]))
        basis[free] = inner
    return Limit(current, basis, np.array(directions).reshape(-1, p), of_unit)


def statuses(patterns: Patterns, left: Limit) -> Ints:
    """(p,) whether each coefficient is FINITE, +∞, −∞ or UNDETERMINED in the limit of `patterns`.

    A coefficient that the remaining rows identify is finite. Another is undetermined if the data separate as far
    without it: then the likelihood comes as near its bound at any value. Else it goes with the strongest direction.
    """
    p = patterns.n_columns
    found = np.full(p, FINITE)
    rounding = max(1e-9, float(patterns.tolerance.max(initial=0.0)))  # of a direction, whose largest step is one
    for j in np.flatnonzero(1 - (left.basis**2).sum(axis=1) > 1e-8):
        without = limit(patterns, np.delete(np.arange(p), j))
        steps = left.directions[:, j]
        steps = steps[np.abs(steps) > rounding]
        if without.rows_left == left.rows_left or not len(steps):
            found[j] = UNDETERMINED
        else:
            found[j] = PLUS if steps[0] > 0 else MINUS
    return found


def informing(patterns: Patterns, j: int) -> Bools:
    """(patterns,) which of them drive coefficient `j` to infinity: rows leave the line with it, and not without it."""
    count = patterns.n_patterns
    without = limit(replace(patterns, of_unit=np.arange(count)), np.delete(np.arange(patterns.n_columns), j))
    found = np.zeros(count, dtype=bool)
    rest = without.patterns
    if rest is None:
        return found
    last = limit(replace(rest, of_unit=np.arange(rest.n_patterns)))
    after = np.zeros(0) if last.patterns is None else _sizes(last.patterns)
    kept = np.array([after[number] if number >= 0 else 0 for number in last.of_unit])
    here = without.of_unit >= 0
    found[here] = (kept < _sizes(rest))[without.of_unit[here]]
    return found


def _sizes(patterns: Patterns) -> Ints:
    """(patterns,) rows of each."""
    return np.concatenate([np.full(len(block.yes), len(block.y)) for block in patterns.blocks])


def find_direction(patterns: Patterns, free: Ints) -> Floats | None:
    """A direction (p,) of separation among the columns `free`, or None."""
    total = _total(patterns)[free]
    v = np.zeros(patterns.n_columns)
    v[free] = total / max(np.abs(total).max(initial=0.0), 1e-300)
    cuts = np.zeros((0, len(free)))
    for _ in range(ROUNDS if np.abs(total).max(initial=0.0) > 0 else 0):
        margin, worst = _worst_pairs(patterns, v)
        offended = np.argsort(margin)[:CUTS]
        near = nearness(patterns, v)
        offended = offended[margin[offended] < -near]
        if not len(offended):
            return v if _widest(patterns, v) > near else None
        new = worst[offended][:, free]
        cuts = np.concatenate([cuts, new / np.linalg.norm(new, axis=1, keepdims=True)])
        found = _solve(total, cuts)
        if found is None or np.abs(found - v[free]).max() < 1e-9:  # against a pair by less than the program can tell
            return None
        v = np.zeros(patterns.n_columns)
        v[free] = found
    return None


def nearness(patterns: Patterns, v: Floats) -> float:
    """The difference of v'x below which two rows of a unit are on the same side of nothing."""
    return float(np.abs(v) @ patterns.tolerance)


def _solve(total: Floats, cuts: Floats) -> Floats | None:
    """The v that maximises total'v with cuts @ v ≥ 0 and |v| ≤ 1, its zeros made exact; None where that is v = 0."""
    from scipy.optimize import linprog

    size = np.abs(total).max()
    result = linprog(-total / size, A_ub=-cuts, b_ub=np.zeros(len(cuts)), bounds=(-1.0, 1.0), method="highs")
    v = result.x
    if v is None or np.abs(v).max() <= PROGRAM:
        return None
    tight = cuts[np.abs(cuts @ v) <= PROGRAM]
    if len(tight):
        _, sizes, right = np.linalg.svd(np.linalg.qr(tight, mode="r"))
        null = right[int((sizes > 1e-8 * sizes[0]).sum()) :].T
        v = null @ (null.T @ v)
    largest = np.abs(v).max()
    if largest <= PROGRAM:
        return None
    v = v / largest
    v[np.abs(v) < 1e-12] = 0.0
    return v if total @ v > 0 else None


def _total(patterns: Patterns) -> Floats:
    """(p,) sum of x_i − x_j over all pairs y_i = 1, y_j = 0; nought where only rounding is left."""
    total, size = np.zeros(patterns.n_columns), 0.0
    for block in patterns.blocks:
        rows = len(block.y)
        whole = block.x.sum(axis=0)
        total += (rows * block.observed - block.yes[:, None] * whole).sum(axis=0)
        size += float((block.yes * (rows - block.yes)).sum())
    return np.where(np.abs(total) > 1e-15 * size, total, 0.0)


def _widest(patterns: Patterns, v: Floats) -> float:
    """The greatest v'(x_i − x_j) over all pairs y_i = 1, y_j = 0."""
    widest = -np.inf
    for block in patterns.blocks:
        side = block.x @ v
        reach = np.where(block.y, side, -np.inf).max(axis=0) - np.where(block.y, np.inf, side).min(axis=0)
        widest = max(widest, float(reach.max()))
    return widest


def _worst_pairs(patterns: Patterns, v: Floats) -> tuple[Floats, Floats]:
    """Of each pattern the least v'(x_i − x_j) over its pairs, (patterns,), and that x_i − x_j, (patterns, p)."""
    margins, pairs = [], []
    for block in patterns.blocks:
        side = block.x @ v
        lowest = np.where(block.y, side, np.inf).argmin(axis=0)
        highest = np.where(block.y, -np.inf, side).argmax(axis=0)
        units = np.arange(len(block.yes))
        pair = block.x[lowest, units] - block.x[highest, units]
        pairs.append(pair)
        margins.append(side[lowest, units] - side[highest, units])
    return np.concatenate(margins), np.concatenate(pairs)


def row_space(patterns: Patterns, free: Ints) -> Floats:
    """(len(free), r) orthonormal basis of what the within-unit differences of the columns `free` identify."""
    if not len(free):
        return np.zeros((0, 0))
    _, sizes, right = np.linalg.svd(deviation_root(patterns)[:, free])
    least = max(1e-13 * float(sizes[0]), float(np.linalg.norm(patterns.tolerance[free])))
    return right[: int((sizes > least).sum())].T


def deviation_root(patterns: Patterns) -> Floats:
    """(p, p) upper triangle R with R'R the cross products of deviations from the patterns' means, to all digits."""
    away = [(block.x - block.x.mean(axis=0)).reshape(-1, patterns.n_columns) for block in patterns.blocks]
    root: Floats = np.asarray(np.linalg.qr(np.concatenate(away), mode="r"))
    return root


def _on_the_line(patterns: Patterns, v: Floats) -> tuple[Patterns | None, Ints]:
    """The rows on the dividing line of each pattern, and each pattern's new number, −1 where it has none.

    On the line are the rows with v'x equal to the lowest of the yes-answers and to the highest of the no-answers.
    """
    y, x, number, weight, _ = rows_of(patterns)
    side = x @ v
    near = nearness(patterns, v)
    lowest = np.full(len(weight), np.inf)
    np.minimum.at(lowest, number[y], side[y])
    highest = np.full(len(weight), -np.inf)
    np.maximum.at(highest, number[~y], side[~y])
    on_line = (np.abs(side - lowest[number]) <= near) & ((lowest - highest)[number] <= near)
    of_pattern = np.full(len(weight), -1)
    if not on_line.any():
        return None, of_pattern
    names, codes = np.unique(number[on_line], return_inverse=True)
    fewer = build(y[on_line], x[on_line], codes.reshape(-1), weight[names], patterns.tolerance)
    of_pattern[names] = fewer.of_unit
    return fewer, of_pattern
