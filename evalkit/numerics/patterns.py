"""Units as patterns: rows by (waves, yes-answers), centred, identical units counted once."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

SAME = 1e-11
"""Of a column's greatest magnitude: what differs by less within a unit is one value. A decimal number is held to 1e-16
of its size, and sums, means or conversions cost a few digits more; five are left for them. So 0.1 + 0.2 is 0.3, and
400 000 differs from 400 000.004."""


@dataclass(frozen=True)
class Block:
    """Patterns with T rows and about the same number of yes-answers.

    Attributes
    ----------
    x : (T, G, p) covariates, each unit's smallest value taken off column by column; held as (p, T, G).
    y : (T, G) the answers; at most T/2 are yes (a unit with more is mirrored: y → 1 − y, x → −x).
    yes : (G,) number of yes-answers.
    observed : (G, p) sum of x over the yes-answers, the sufficient statistic.
    weight : (G,) sum of the weights of the units that share the pattern.
    units : (G,) number of units that share it.
    index : (G,) the pattern's number.
    """

    x: Floats
    y: Bools
    yes: Ints
    observed: Floats
    weight: Floats
    units: Ints
    index: Ints


@dataclass(frozen=True)
class Patterns:
    """All patterns of a data set.

    Attributes
    ----------
    blocks : the patterns by number of rows and of yes-answers.
    of_unit : (units,) the number of each unit's pattern.
    n_columns : p.
    tolerance : (p,) the difference below which two values of a column are one, here and in all that follows.
    unchanged : (p,) units in which such a difference was taken for none.
    """

    blocks: tuple[Block, ...]
    of_unit: Ints
    n_columns: int
    tolerance: Floats
    unchanged: Ints

    @property
    def n_patterns(self) -> int:
        return sum(len(block.yes) for block in self.blocks)

    @property
    def weight(self) -> float:
        return float(sum(block.weight.sum() for block in self.blocks))


def build(y: Bools, x: Floats, unit: Ints, weight: Floats, tolerance: Floats | None = None) -> Patterns:
    """Sort rows into patterns.

    Parameters
    ----------
    y : (n,) answers. x : (n, p) covariates. unit : (n,) codes 0 … U − 1, each unit with both answers.
    weight : (U,) weights of the units. tolerance : (p,) what differs by less within a unit is one value; default SAME
        times the column's greatest magnitude. Columns that were made from others take it from them.

    Notes
    -----
    The conditional likelihood of a unit does not change when a constant is added to a covariate, when its rows
    change places, or when all answers and the signs of all covariates are turned: so units that are the same up to
    that are one pattern.
    """
    n_units = len(weight)
    if tolerance is None:
        tolerance = SAME * np.maximum(x.max(axis=0, initial=0.0), -x.min(axis=0, initial=0.0))
    if len(unit) and np.any(unit[1:] < unit[:-1]):
        order = np.argsort(unit, kind="stable")
        y, x, unit = y[order], x[order], unit[order]
    sizes = np.bincount(unit, minlength=n_units)
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    blocks: list[Block] = []
    of_unit = np.empty(n_units, dtype=np.int64)
    unchanged = np.zeros(x.shape[1], dtype=np.int64)
    first = 0
    for rows in np.unique(sizes):
        members = np.flatnonzero(sizes == rows)
        found, snapped = _of_size(y, x, weight, members, starts, int(rows), tolerance)
        unchanged += snapped
        for block, chosen, inverse in found:
            number = np.arange(first, first + len(block.yes))
            blocks.append(Block(**{**block.__dict__, "index": number}))
            of_unit[members[chosen]] = number[inverse]
            first += len(number)
    return Patterns(tuple(blocks), of_unit, x.shape[1], tolerance, unchanged)


def _of_size(
    y: Bools, x: Floats, weight: Floats, members: Ints, starts: Ints, rows: int, tolerance: Floats
) -> tuple[list[tuple[Block, Ints, Ints]], Ints]:
    """The blocks of the units with `rows` rows, each with its units' places in `members` and their patterns.

    Also (p,) units in which a difference of a column was taken for none.
    """
    where = starts[members] + np.arange(rows)[:, None]
    answers, values = y[where], np.ascontiguousarray(x.T)[:, where]
    yes = answers.sum(axis=0)
    mirrored = 2 * yes > rows
    if mirrored.any():
        answers = answers ^ mirrored
        values = values * np.where(mirrored, -1.0, 1.0)
        yes = np.where(mirrored, rows - yes, yes)
    values -= values.min(axis=1, keepdims=True)
    snapped = _snap(values, tolerance)
    found = []
    for level in np.unique(_bucket(yes)):
        chosen = np.flatnonzero(_bucket(yes) == level)
        whole = len(chosen) == len(members)
        block_x, block_y = (values, answers) if whole else (values[:, :, chosen], answers[:, chosen])
        found.append(_block(block_x, block_y, weight[members[chosen]], chosen))
    return found, snapped


def _snap(values: Floats, tolerance: Floats) -> Ints:
    """Make values (p, T, G) of a unit that are within the tolerance of the next one the lowest of them, in place.

    Returns (p,) units in which that changed something.
    """
    near = tolerance[:, None]
    close: Bools
    if values.shape[1] == 2:
        gaps = values[:, 0] + values[:, 1]  # the lower of them is nought
        close = (gaps > 0) & (gaps <= near)
    else:
        steps = np.diff(np.sort(values, axis=1), axis=1)
        close = np.any((steps > 0) & (steps <= near[:, None]), axis=1)
    for column in np.flatnonzero(close.any(axis=1)):
        units = np.flatnonzero(close[column])
        here = values[column][:, units]
        rows, ranks = np.sort(here, axis=0), here.argsort(axis=0).argsort(axis=0)
        parted = np.zeros(rows.shape, dtype=np.int64)
        parted[1:] = np.where(np.diff(rows, axis=0) > tolerance[column], np.arange(1, len(rows))[:, None], 0)
        lowest = np.take_along_axis(rows, np.maximum.accumulate(parted, axis=0), axis=0)
        values[column][:, units] = np.take_along_axis(lowest, ranks, axis=0)
    return close.sum(axis=1)


def _bucket(yes: Ints) -> Ints:
    """1 | 2–3 | 4–7 | …: patterns of a bucket share one recursion, so that less than half of it is idle."""
    return np.frexp(yes.astype(float))[1].astype(np.int64)


def _block(x: Floats, y: Bools, weight: Floats, chosen: Ints) -> tuple[Block, Ints, Ints]:
    """A block from x (p, T, G) and y (T, G)."""
    keep, inverse = _identical(x, y)
    if keep is not None:
        x, y = x[:, :, keep], y[:, keep]
        units = np.bincount(inverse, minlength=len(keep))
        weight = np.bincount(inverse, weights=weight, minlength=len(keep)).astype(float)
    else:
        units = np.ones(len(weight), dtype=np.int64)
    observed = np.stack([(column * y).sum(axis=0) for column in x], axis=1)
    empty = np.empty(0, dtype=np.int64)
    return Block(x.transpose(1, 2, 0), y, y.sum(axis=0), observed, weight, units, empty), chosen, inverse


def _identical(x: Floats, y: Bools) -> tuple[Ints | None, Ints]:
    """First unit of each pattern and the pattern of each unit; (None, 0 … U − 1) where few units are alike."""
    count = x.shape[2]
    alone = np.arange(count)
    probe = min(count, 512)
    if count > probe and len(np.unique(_hash(x[:, :, :probe], y[:, :probe]))) > 0.7 * probe:
        return None, alone
    _, keep, inverse = np.unique(_hash(x, y), return_index=True, return_inverse=True)
    return (keep, inverse.reshape(-1)) if len(keep) < count else (None, alone)


def _hash(x: Floats, y: Bools) -> NDArray[np.uint64]:
    """(G,) 64-bit fingerprint of each unit, blind to the order of its rows."""
    constants = np.random.default_rng(20080518).integers(1, 2**63, size=len(x) + 1, dtype=np.uint64) | np.uint64(1)
    bits = np.ascontiguousarray(x + 0.0).view(np.uint64)  # + 0.0 makes −0.0 the same as 0.0
    mixed = np.where(y, constants[-1], np.uint64(0))
    for column, constant in zip(bits, constants):
        mixed = _mix(mixed + column * constant)
    return mixed.sum(axis=0, dtype=np.uint64)


def _mix(h: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Finaliser of splitmix64 (Steele, Lea & Flood 2014)."""
    h = (h ^ (h >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    h = (h ^ (h >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return h ^ (h >> np.uint64(31))


def rows_of(patterns: Patterns) -> tuple[Bools, Floats, Ints, Floats, Ints]:
    """Rows again: y (n,), x (n, p), pattern number (n,), weight and units of each pattern."""
    y = [block.y.T.reshape(-1) for block in patterns.blocks]
    x = [block.x.transpose(1, 0, 2).reshape(-1, patterns.n_columns) for block in patterns.blocks]
    number = [np.repeat(block.index, block.y.shape[0]) for block in patterns.blocks]
    weight = np.concatenate([block.weight for block in patterns.blocks])
    units = np.concatenate([block.units for block in patterns.blocks])
    return np.concatenate(y), np.concatenate(x), np.concatenate(number), weight, units


def differences(patterns: Patterns) -> Floats:
    """(m, p) distinct differences x_i − x_j over the pairs y_i = 1, y_j = 0 of each pattern (Konis 2007)."""
    found = []
    for block in patterns.blocks:
        for k in np.unique(block.yes):
            these = block.yes == k
            order = np.argsort(~block.y[:, these], axis=0, kind="stable")
            x = np.take_along_axis(block.x[:, these], order[:, :, None], axis=0)
            found.append((x[:k, None] - x[None, k:]).reshape(-1, patterns.n_columns))
    return np.unique(np.concatenate(found), axis=0)


def take_columns(patterns: Patterns, basis: Floats) -> Patterns:
    """The same units with covariates x @ basis; basis is (p, r)."""
    blocks = tuple(
        Block(_turned(b.x, basis), b.y, b.yes, b.observed @ basis, b.weight, b.units, b.index) for b in patterns.blocks
    )
    return Patterns(
        blocks, patterns.of_unit, basis.shape[1], patterns.tolerance @ np.abs(basis), np.zeros(basis.shape[1], np.int64)
    )


def reweighted(patterns: Patterns, factor: Floats) -> Patterns:
    """The same units with each pattern's weight times its factor, (patterns,)."""
    blocks = tuple(replace(block, weight=block.weight * factor[block.index]) for block in patterns.blocks)
    return replace(patterns, blocks=blocks)


def _turned(x: Floats, basis: Floats) -> Floats:
    """x @ basis, held as (r, T, G)."""
    return np.tensordot(basis.T, x.transpose(2, 0, 1), axes=1).transpose(1, 2, 0)
