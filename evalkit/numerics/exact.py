"""Exact distributions of sufficient statistics, by convolution over units (Hirji, Mehta & Patel 1987).

Given each unit's number of yes-answers, every way to place them is equally likely where all coefficients are zero.
The statistics are sums over units; on integer-valued designs they take few values, which are counted, not
enumerated one by one. Conditioning on the other parameters' statistics removes them; partial sums that can no longer
reach the observed value are dropped on the way.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import prod

import numpy as np

from evalkit.numerics.patterns import Floats, Ints, Patterns


class TooLarge(Exception):
    """The support would not fit; `size` is what it would take, in states."""

    def __init__(self, size: float) -> None:
        self.size = size
        super().__init__(f"{size:.3g} states")


class NotIntegers(Exception):
    """Column `column` does not take whole multiples of one step."""

    def __init__(self, column: int) -> None:
        self.column = column
        super().__init__(str(column))


@dataclass(frozen=True)
class Design:
    """Units with the same covariates and number of yes-answers.

    Attributes
    ----------
    points : (r, p) values the statistic of one unit may take, whole numbers ≥ 0. log_ways : (r,) ways to take them.
    units : how many units.
    """

    points: Ints
    log_ways: Floats
    units: int


@dataclass(frozen=True)
class Lattice:
    """The designs of a data set on whole numbers.

    Attributes
    ----------
    designs : see Design. observed : (p,) the observed statistic. step : (p,) what one stands for in each column.
    """

    designs: tuple[Design, ...]
    observed: Ints
    step: Floats


@dataclass(frozen=True)
class Distribution:
    """Values of the statistics of interest given the others, (m, q), and the log of the ways to take each, (m,)."""

    points: Ints
    log_ways: Floats


def lattice(patterns: Patterns) -> Lattice:
    """Whole-number designs of `patterns`; raises NotIntegers."""
    step = _steps(patterns)
    observed = np.zeros(patterns.n_columns, dtype=np.int64)
    units: dict[tuple[bytes, int], int] = {}
    rows: dict[tuple[bytes, int], Ints] = {}
    for block in patterns.blocks:
        x = np.rint(block.x / step).astype(np.int64)
        observed += (np.where(block.y[:, :, None], x, 0).sum(axis=0) * block.units[:, None]).sum(axis=0)
        for g in range(x.shape[1]):
            own = x[np.lexsort(x[:, g].T), g]
            key = (len(own).to_bytes(4, "big") + own.tobytes(), int(block.yes[g]))
            units[key] = units.get(key, 0) + int(block.units[g])
            rows[key] = own
    designs = [Design(*_one_unit(rows[key], key[1]), count) for key, count in units.items()]
    designs.sort(key=lambda d: (tuple(d.points.max(axis=0) > 0), -len(d.points)))
    return Lattice(tuple(designs), observed, step)


def _steps(patterns: Patterns) -> Floats:
    """The step of which each column's within-unit differences are multiples; 1 where there is none."""
    steps = np.ones(patterns.n_columns)
    for column in range(patterns.n_columns):
        values = np.unique(np.concatenate([block.x[:, :, column].reshape(-1) for block in patterns.blocks]))
        values = values[values > 0]
        if not len(values):
            continue
        for parts in range(1, 13):
            ratio = values * parts / values[0]
            if np.all(np.abs(ratio - np.rint(ratio)) < 1e-7) and ratio[-1] < 1e6:
                steps[column] = values[0] / parts
                break
        else:
            raise NotIntegers(column)
    return steps


def _one_unit(x: Ints, yes: int) -> tuple[Ints, Floats]:
    """Values of the sum of `yes` of the rows x (T, p), and the log of the number of ways."""
    levels: list[dict[tuple[int, ...], int]] = [{(0,) * x.shape[1]: 1}] + [{} for _ in range(yes)]
    for row in x:
        for j in range(yes, 0, -1):
            for point, ways in levels[j - 1].items():
                reached = tuple(int(a + b) for a, b in zip(point, row))
                levels[j][reached] = levels[j].get(reached, 0) + ways
        if sum(map(len, levels)) > 1_000_000:
            raise TooLarge(sum(map(len, levels)))
    points = np.array(list(levels[yes]), dtype=np.int64)
    return points, np.log(np.array([float(ways) for ways in levels[yes].values()]))


class _Keys:
    """Vectors of sums as single whole numbers: a digit for each column, wide enough for the greatest total."""

    def __init__(self, designs: tuple[Design, ...]) -> None:
        greatest = sum(d.units * d.points.max(axis=0) for d in designs)
        self.sizes = [int(size) + 1 for size in np.atleast_1d(greatest)]
        if prod(self.sizes) >= 2**62:
            raise TooLarge(float(prod(self.sizes)))
        self.strides = np.array([prod(self.sizes[:i]) for i in range(len(self.sizes))], dtype=np.int64)

    def of(self, points: Ints) -> Ints:
        return points @ self.strides

    def column(self, keys: Ints, i: int) -> Ints:
        return keys // self.strides[i] % self.sizes[i]


def _merged(keys: Ints, log_ways: Floats) -> tuple[Ints, Floats]:
    """Equal keys added up."""
    order = np.argsort(keys, kind="stable")
    keys, log_ways = keys[order], log_ways[order]
    first = np.concatenate([[True], keys[1:] != keys[:-1]])
    return keys[first], np.logaddexp.reduceat(log_ways, np.flatnonzero(first))


def _sum(a: tuple[Ints, Floats], b: tuple[Ints, Floats], limit: float) -> tuple[Ints, Floats]:
    if len(a[0]) * len(b[0]) > limit:
        raise TooLarge(float(len(a[0])) * len(b[0]))
    return _merged((a[0][:, None] + b[0]).reshape(-1), (a[1][:, None] + b[1]).reshape(-1))


def _copies(design: Design, keys: _Keys, limit: float) -> tuple[Ints, Floats]:
    """The sum over all units of a design: multinomial where a unit has two or three values, else by doubling."""
    from scipy.special import gammaln

    unit, ways, n = keys.of(design.points), design.log_ways, design.units
    if len(unit) == 1:
        return unit * n, ways * n
    if len(unit) == 2:
        counts = np.stack([np.arange(n + 1), n - np.arange(n + 1)], axis=1)
    elif len(unit) == 3 and (n + 1) * (n + 2) / 2 <= limit:
        a, b = (grid.reshape(-1) for grid in np.meshgrid(np.arange(n + 1), np.arange(n + 1), indexing="ij"))
        inside = a + b <= n
        counts = np.stack([a[inside], b[inside], n - a[inside] - b[inside]], axis=1)
    else:
        result, base = (np.zeros(1, dtype=np.int64), np.zeros(1)), (unit, ways)
        while n:
            if n & 1:
                result = _sum(result, base, limit)
            n >>= 1
            if n:
                base = _sum(base, base, limit)
        return result
    log_ways = gammaln(n + 1) - gammaln(counts + 1).sum(axis=1) + counts @ ways
    return _merged(counts @ unit, log_ways)


def conditional(grid: Lattice, interest: list[int], *, limit: float = 2e7) -> Distribution:
    """Distribution of the columns `interest` given that the others are as observed.

    Raises
    ------
    TooLarge : a step of the convolution would take more than `limit` states.
    """
    keys = _Keys(grid.designs)
    nuisance = [i for i in range(len(grid.observed)) if i not in interest]
    low, high = _still_to_come(grid, nuisance)
    state = (np.zeros(1, dtype=np.int64), np.zeros(1))
    for number, design in enumerate(grid.designs):
        state = _sum(state, _copies(design, keys, limit), limit)
        keep = np.ones(len(state[0]), dtype=bool)
        for place, column in enumerate(nuisance):
            rest = grid.observed[column] - keys.column(state[0], column)
            keep &= (rest >= low[number + 1, place]) & (rest <= high[number + 1, place])
        state = state[0][keep], state[1][keep]
    points = np.stack([keys.column(state[0], i) for i in interest], axis=1)
    return Distribution(points, state[1])


def _still_to_come(grid: Lattice, columns: list[int]) -> tuple[Ints, Ints]:
    """(designs + 1, columns) least and greatest sums over the designs from each on."""
    least = [d.units * d.points.min(axis=0)[columns] for d in grid.designs] + [np.zeros(len(columns), dtype=np.int64)]
    most = [d.units * d.points.max(axis=0)[columns] for d in grid.designs] + [np.zeros(len(columns), dtype=np.int64)]
    return tuple(np.cumsum(np.stack(side)[::-1], axis=0)[::-1] for side in (least, most))  # type: ignore[return-value]


def sample(grid: Lattice, interest: list[int], draws: int, rng: np.random.Generator, *, limit: float = 2e7) -> Ints:
    """(draws, q) independent draws of the columns `interest` given that the others are as observed.

    The others' distribution is convolved forwards, then units are drawn backwards given what is left: exact, not a
    Markov chain. Raises TooLarge where the others alone are too many.
    """
    keys = _Keys(grid.designs)
    nuisance = [i for i in range(len(grid.observed)) if i not in interest]
    strides = keys.strides * np.isin(np.arange(len(grid.observed)), nuisance)

    def others(full: Ints) -> Ints:
        return np.sum([keys.column(full, i) * keys.strides[i] for i in nuisance], axis=0, dtype=np.int64) * np.ones(
            len(full), dtype=np.int64
        )

    copies = [_copies(design, keys, limit) for design in grid.designs]
    forward = [(np.zeros(1, dtype=np.int64), np.zeros(1))]
    for full, ways in copies[:-1]:
        forward.append(_sum(forward[-1], _merged(others(full), ways), limit))
    left = np.full(draws, int(grid.observed @ strides))
    total = np.zeros(draws, dtype=np.int64)
    for (full, ways), (reached, log_ways) in zip(reversed(copies), reversed(forward)):
        part = others(full)
        for value in np.unique(left):
            these = np.flatnonzero(left == value)
            place = np.minimum(np.searchsorted(reached, value - part), len(reached) - 1)
            weight = np.where(reached[place] == value - part, ways + log_ways[place], -np.inf)
            chance = np.exp(weight - weight.max())
            chosen = rng.choice(len(full), size=len(these), p=chance / chance.sum())
            total[these] += full[chosen]
            left[these] -= part[chosen]
    return np.stack([keys.column(total, i) for i in interest], axis=1)


def greatest_loglik(grid: Lattice, points: Ints, interest: list[int]) -> Floats:
    """(m,) greatest log-likelihood of all columns where those of `interest` are at points (m, q), the rest observed.

    Newton's method for all points at once, each until it rises by less than 1e-12 of itself: on the edge of the support
    where the greatest is a bound that no coefficients reach, every step leaves about a third of the way.
    """
    p = len(grid.observed)
    grid = replace(grid, step=1.0 / np.max([d.points.max(axis=0) for d in grid.designs], axis=0).clip(min=1))
    statistic = np.tile(grid.observed, (len(points), 1))
    statistic[:, interest] = points
    target, b = statistic * grid.step, np.zeros(statistic.shape)
    found, gradient, information = _all_at(grid, b, target)
    going, value = np.arange(len(points)), found.copy()
    for _ in range(80):
        ridge = 1e-10 * np.trace(information, axis1=1, axis2=2)[:, None, None] * np.eye(p) + 1e-14 * np.eye(p)
        move = np.linalg.solve(information + ridge, gradient[:, :, None])[:, :, 0]
        size = np.ones(len(going))
        for _ in range(30):
            trial = b + size[:, None] * move
            new, gradient, information = _all_at(grid, trial, target)
            worse = new < value - 1e-12 * (1 + np.abs(value))
            if not worse.any():
                break
            size[worse] /= 2
        on = new - value > 1e-12 * (1 + np.abs(value))
        found[going] = np.maximum(new, value)
        going, value, b, target = going[on], new[on], trial[on], target[on]
        gradient, information = gradient[on], information[on]
        if not len(going):
            break
    return found


def _all_at(grid: Lattice, b: Floats, target: Floats) -> tuple[Floats, Floats, Floats]:
    """Log-likelihood (m,), score (m, p) and information (m, p, p) at b (m, p) for observed statistics target (m, p)."""
    value, score = np.einsum("mp,mp->m", b, target), target.copy()
    information = np.zeros((*b.shape, b.shape[1]))
    for design in grid.designs:
        points = design.points * grid.step
        eta = b @ points.T + design.log_ways
        top = eta.max(axis=1, keepdims=True)
        chance = np.exp(eta - top)
        total = chance.sum(axis=1, keepdims=True)
        chance /= total
        mean = chance @ points
        value -= design.units * (top + np.log(total))[:, 0]
        score -= design.units * mean
        away = points - mean[:, None, :]
        information += design.units * np.einsum("mr,mrp,mrq->mpq", chance, away, away)
    return value, score, information


def tails(distribution: Distribution, observed: int, theta: float, step: float) -> tuple[float, float, float]:
    """P(T < t), P(T = t) and P(T > t) where the coefficient of the one statistic is `theta`."""
    t = distribution.points[:, 0]
    weight = distribution.log_ways + theta * step * (t - observed)
    chance = np.exp(weight - weight.max())
    chance /= chance.sum()
    return float(chance[t < observed].sum()), float(chance[t == observed].sum()), float(chance[t > observed].sum())


def bound(distribution: Distribution, observed: int, step: float, tail: float, share: float, side: int) -> float:
    """The coefficient at which P(beyond) + share · P(T = t) is `tail`; beyond is above for side −1, below for side 1.

    ∓∞ where t is the first or last of the support on that side.
    """
    from scipy.optimize import brentq

    t = distribution.points[:, 0]
    if (side < 0 and observed == t.min()) or (side > 0 and observed == t.max()):
        return float(side) * np.inf

    def excess(theta: float) -> float:
        below, at, above = tails(distribution, observed, theta, step)
        return (above if side < 0 else below) + share * at - tail

    width = 1.0 / step
    while excess(-width) * excess(width) > 0:
        width *= 2
        if width > 1e6 / step:
            return float(side) * np.inf
    return float(brentq(excess, -width, width, xtol=1e-12 / step, rtol=1e-14))
