"""The tail of a likelihood ratio that is a sum over groups, given their total: counted in two halves.

A model with effects of its own in every group has a greatest likelihood that is a product over groups. What one group
can show is listed once; lists are added group by group, equal sums counted together (as on the network of Mehta &
Patel 1983), and the two halves of the groups meet at the total. Sums that are in the tail whatever is added to them
are one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import prod

import numpy as np

from evalkit.numerics.exact import Lattice, TooLarge
from evalkit.numerics.patterns import Floats, Ints

NEAR = 1e-7
"""Ratios that differ by less, in parts of the observed (of 1 if that is less), are one: they are sums of logarithms."""

_List = tuple[Ints, Ints, Floats]
_AddUp = Callable[[list[_List], int], tuple[Ints, Floats]]

FINEST, COARSEST = 1e-9, 1e-2
"""Steps in which ratios are added up; the coarser, the more sums are counted together."""


@dataclass(frozen=True)
class Group:
    """What one group can show.

    Attributes
    ----------
    total : (r,) its part of the total, whole numbers ≥ 0. ratio : (r,) its part of the likelihood ratio, ≥ 0.
    chance : (r,) probabilities under the smaller model.
    """

    total: Ints
    ratio: Floats
    chance: Floats


def binomial(changed: int, share: float) -> Group:
    """How many of the `changed` go up, where `share` of all do; 0 < share < 1."""
    from scipy.special import gammaln, xlog1py, xlogy

    up = np.arange(changed + 1)
    down = changed - up
    ways = gammaln(changed + 1) - gammaln(up + 1) - gammaln(down + 1)
    small = xlogy(up, share) + xlog1py(down, -share)
    ratio = 2 * (xlogy(up, up / max(1, changed)) + xlogy(down, down / max(1, changed)) - small)
    return Group(up, np.maximum(ratio, 0.0), np.exp(ways + small))


def split_ratio(changed: Ints, up: Ints) -> float:
    """Likelihood ratio of a share going up for each group against one for all, (G,) of `changed` and `up`."""
    from scipy.special import xlogy

    def loglik(m: Ints, k: Ints) -> float:
        m = np.maximum(m, 1)
        return float((xlogy(k, k / m) + xlogy(m - k, 1 - k / m)).sum())

    return max(0.0, 2 * (loglik(changed, up) - loglik(changed.sum(keepdims=True), up.sum(keepdims=True))))


def split_pvalue(changed: Ints, up: Ints) -> tuple[float, float]:
    """Exact p-value of `split_ratio` given how many changed in each group and how many went up in all; see `pvalue`."""
    share = up.sum() / max(1, changed.sum())
    if not 0 < share < 1:
        return 1.0, 0.0
    return pvalue([binomial(int(m), share) for m in changed], up)


def splits(grid: Lattice, nuisance: list[int]) -> tuple[Ints, Ints] | None:
    """How many changed in each group and how many of them went up, (G,) each; None where it is no such model.

    It is where all units are pairs, each kind of pair has a coefficient of its own, and of the groups' numbers that go
    up only the total is given by the columns of `nuisance`.
    """
    designs = [design for design in grid.designs if len(design.points) > 1]
    if not designs or any(len(design.points) > 2 or design.log_ways.any() for design in designs):
        return None
    away = np.array([design.points[1] - design.points[0] for design in designs])
    if np.linalg.matrix_rank(away) < len(designs):
        return None
    changed = np.array([design.units for design in designs])
    rest = grid.observed - sum(design.units * design.points[0] for design in grid.designs)
    up = np.rint(np.linalg.lstsq(away.T, rest, rcond=None)[0]).astype(np.int64)
    given = away[:, nuisance]
    turn = np.sign(given[:, np.abs(given).sum(axis=0).argmax()]) if nuisance else np.zeros(len(designs))
    if not turn.all() or (given * turn[:, None] != given[0] * turn[0]).any():
        return None
    return changed, np.where(turn > 0, up, changed - up)


def pvalue(groups: list[Group], observed: Ints, *, limit: float = 2e6) -> tuple[float, float]:
    """P(likelihood ratio ≥ the observed | total), and by how much it may be off.

    Parameters
    ----------
    groups : see Group. observed : (G,) the place of what each group shows in its list.
    limit : sums a step may take. Where there are more, ratios are rounded to a grid of as many cells, and what may be
        off is the probability of all that lies within the roundings of the observed.

    Raises
    ------
    TooLarge : the grid would be too coarse, or take too long.
    """
    try:
        return _tail(groups, observed, FINEST, lambda half, top: _sums(half, top, limit))
    except TooLarge:
        length = sum(len(group.total) for group in groups)
        cells = min(2 * limit, 500 * limit / length)
        ratio = sum(group.ratio[i] for group, i in zip(groups, observed))
        step = float(ratio * length / 2 / cells)  # a half has about half of the totals
        if step > COARSEST:
            raise
        return _tail(groups, observed, max(step, FINEST), _grid)


def _tail(groups: list[Group], observed: Ints, step: float, add_up: _AddUp) -> tuple[float, float]:
    rounded = [np.rint(group.ratio / step).astype(np.int64) for group in groups]
    here = sum(int(ratio[i]) for ratio, i in zip(rounded, observed))
    total = sum(int(group.total[i]) for group, i in zip(groups, observed))
    bar = here - int(NEAR * max(1.0, here * step) / step)
    off = len(groups) if step > FINEST else 0
    top = max(bar + off, 1)
    lists = [(group.total, ratio, group.chance) for group, ratio in zip(groups, rounded)]
    left, right = (add_up(half, top) for half in _halves(lists))
    whole, beyond = _meeting(left, right, total, top, [bar - off, bar, bar + off])
    most, tail, least = (float(min(1.0, part / whole)) for part in beyond)
    return tail, max(most - tail, tail - least)


def _halves(lists: list[_List]) -> tuple[list[_List], list[_List]]:
    """The longest first, each to the half whose lists have fewer sums."""
    halves: tuple[list[_List], list[_List]] = ([], [])
    for one in sorted(lists, key=lambda one: -len(one[0])):
        min(halves, key=lambda half: prod(len(other[0]) for other in half)).append(one)
    return halves


def _sums(lists: list[_List], top: int, limit: float) -> tuple[Ints, Floats]:
    """Sorted keys total · (top + 1) + ratio of a half's sums, and their probabilities; `top` is all above it."""
    keys: Ints = np.zeros(1, dtype=np.int64)
    chance: Floats = np.ones(1)
    for total, ratio, own in lists:
        if len(keys) * len(total) > limit:
            raise TooLarge(float(len(keys)) * len(total))
        sums = np.minimum(keys[:, None] % (top + 1) + ratio, top) + (keys[:, None] // (top + 1) + total) * (top + 1)
        keys, where = np.unique(sums.reshape(-1), return_inverse=True)
        chance = np.bincount(where.reshape(-1), weights=(chance[:, None] * own).reshape(-1)).astype(float)
    return keys, chance


def _grid(lists: list[_List], top: int) -> tuple[Ints, Floats]:
    """As `_sums`, over every total and every ratio."""
    chance = np.zeros((1 + sum(int(total.max()) for total, _, _ in lists), top + 1))
    chance[0, 0], reached = 1.0, 0
    for totals, ratios, own in lists:
        before, chance = chance[: reached + 1], np.zeros_like(chance)
        for total, ratio, share in zip(totals, np.minimum(ratios, top), own):
            rows = chance[total : total + reached + 1]
            rows[:, ratio:] += share * before[:, : top + 1 - ratio]
            rows[:, top] += share * before[:, top + 1 - ratio :].sum(axis=1)
        reached += int(totals.max())
    (keys,) = np.nonzero(chance.reshape(-1))
    return keys, chance.reshape(-1)[keys]


def _meeting(
    left: tuple[Ints, Floats], right: tuple[Ints, Floats], total: int, top: int, bars: list[int]
) -> tuple[float, Floats]:
    """Probability of the total, and of it with a ratio of each of `bars` or more."""
    whole, beyond = 0.0, np.zeros(len(bars))
    (key, chance), (other, other_chance) = left, right
    totals, first = np.unique(key // (top + 1), return_index=True)
    last = np.append(first[1:], len(key))
    begins = np.searchsorted(other, (total - totals) * (top + 1))
    ends = np.searchsorted(other, (total - totals + 1) * (top + 1))
    for a, b, c, d in zip(first, last, begins, ends):
        if c == d:
            continue
        mass = np.append(np.cumsum(other_chance[c:d][::-1])[::-1], 0.0)  # from the far end: small tails stay exact
        whole += chance[a:b].sum() * mass[0]
        for place, bar in enumerate(bars):
            at = np.searchsorted(other[c:d] % (top + 1), bar - key[a:b] % (top + 1))
            beyond[place] += chance[a:b] @ mass[at]
    return whole, beyond
