"""Cell suppression: which cells of tables to hide so that those that must not be read cannot be worked out either.

The published cells obey linear relations (a row adds up to its margin, two tables share a margin). A reader who knows
them, and bounds of every cell, finds an interval for each hidden cell by linear programming (Hundepool et al. 2012,
ch. 4). The pattern is chosen by integer programming, with the cuts of Fischetti & Salazar (2001, §4).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
TOLERANCE = 1e-7
ROUNDS = 500


@dataclass(frozen=True)
class Intervals:
    """What a reader can work out.

    Attributes
    ----------
    low, high : shape (cells,); the smallest and largest value of each cell that agrees with what is published.
    """

    low: Floats
    high: Floats

    @property
    def width(self) -> Floats:
        return self.high - self.low


@dataclass(frozen=True)
class Suppression:
    """A pattern of hidden cells.

    Attributes
    ----------
    hidden : shape (cells,); the primary cells and those hidden to protect them.
    cost : what the pattern costs, primary cells included; no pattern that protects them costs less.
    rounds : integer programs solved.
    """

    hidden: Bools
    cost: float
    rounds: int


def sensitive(
    count: ArrayLike,
    minimum: int,
    *,
    contributions: list[Floats] | None = None,
    dominance: tuple[int, float] | None = None,
) -> Bools:
    """Primary suppression: cells with 1 to `minimum` − 1 units, or where few units make up most of the total.

    Parameters
    ----------
    count : shape (cells,); units in each cell. An empty cell tells of nobody.
    contributions : what each unit of a cell adds to its total; needed for dominance.
    dominance : (n, k): sensitive where the n largest contributions are more than k percent of the total (Hundepool et
        al. 2012, §4.2).

    Returns
    -------
    Shape (cells,).

    Raises
    ------
    ValueError where only one of contributions and dominance is given.

    Examples
    --------
    >>> sensitive([0, 2, 3], 3).tolist()
    [False, True, False]
    """
    units = np.asarray(count, float)
    if (dominance is None) != (contributions is None):
        raise ValueError("dominance needs the contributions of every cell, and they serve nothing else")
    found = (units > TOLERANCE) & (units < minimum - TOLERANCE)
    if dominance is not None and contributions is not None:
        largest, percent = dominance
        for k, parts in enumerate(contributions):
            sizes = np.sort(np.abs(np.asarray(parts, float)))[::-1]
            total = sizes.sum()
            found[k] |= bool(total > 0 and 100 * sizes[:largest].sum() > percent * total)
    return np.asarray(found, dtype=bool)


def attack(
    values: ArrayLike, relations: ArrayLike, hidden: ArrayLike, *, lower: ArrayLike = 0.0, upper: ArrayLike = np.inf
) -> Intervals:
    """What a reader can work out of each hidden cell by linear programming.

    Parameters
    ----------
    values : shape (cells,).
    relations : shape (relations, cells); every published table has the same relations @ values, and readers know it.
    hidden : shape (cells,).
    lower, upper : scalars or shape (cells,); what a reader knows of every cell beforehand.

    Returns
    -------
    Intervals; a published cell is its own value. Counts are let take fractions, as in Hundepool et al. (2012, §4.3).

    Raises
    ------
    ValueError where a value is outside its bounds.

    Examples
    --------
    A row of 1, 4 and 5 and its sum, the first two hidden:

    >>> found = attack([1, 4, 5, 10], [[1, 1, 1, -1]], [True, True, False, False])
    >>> found.low.tolist(), found.high.tolist()
    ([0.0, 0.0, 5.0, 10.0], [5.0, 5.0, 5.0, 10.0])
    """
    problem = _Problem.of(values, relations, lower, upper)
    mask = np.asarray(hidden, dtype=bool)
    targets = np.flatnonzero(mask)
    low, high, _ = problem.deviations(mask, targets)
    smallest, largest = problem.values.copy(), problem.values.copy()
    smallest[targets] -= low
    largest[targets] += np.where(high >= problem.cap - TOLERANCE, np.inf, high)
    return Intervals(smallest, largest)


def suppress(
    values: ArrayLike,
    relations: ArrayLike,
    primary: ArrayLike,
    *,
    protection: ArrayLike,
    lower: ArrayLike = 0.0,
    upper: ArrayLike = np.inf,
    cost: ArrayLike = 1.0,
    cells: ArrayLike | None = None,
    unpublished: ArrayLike | None = None,
    whole: ArrayLike | None = None,
    slack: tuple[ArrayLike, ArrayLike] = (0.0, 0.0),
) -> Suppression:
    """The cheapest pattern in which every primary cell's interval is at least as wide as its protection.

    Parameters
    ----------
    values, relations, lower, upper : as for `attack`.
    primary : shape (cells,).
    protection : scalar or shape (cells,); sliding protection level of the primary cells, in the units of `values`.
    cost : scalar or shape (cells,); of hiding a cell. Positive.
    cells : shape (cells,); values with the same number are hidden together, as a count and its share are. Their
        costs add up.
    unpublished : shape (cells,); values that no table shows, and that relations may give away all the same.
    whole : shape (cells,); values that readers know to be whole numbers. Few whole numbers may lie in a wide interval
        where cells count differently in their margin; so they are also tried by integer programming.
    slack : how far below and above relations @ values a reader must let the relations be, as where a margin is
        published rounded; scalars or shape (relations,). Only the integer programs use it.

    Returns
    -------
    Suppression. A cell that is hidden without need is published again by minimality, so that no hidden cell can be
    worked out exactly.

    Raises
    ------
    ValueError where no pattern protects a cell, a cost is not positive or a value is outside its bounds.

    Examples
    --------
    >>> row = suppress([1, 4, 5, 10], [[1, 1, 1, -1]], [True, False, False, False], protection=3)
    >>> int(row.hidden.sum()), bool(row.hidden[0])
    (2, True)
    """
    problem = _Problem.of(values, relations, lower, upper)
    n = len(problem.values)
    must = np.asarray(primary, dtype=bool)
    wanted = np.broadcast_to(np.asarray(protection, float), n)
    prices = np.broadcast_to(np.asarray(cost, float), n)
    if (prices <= 0).any():
        raise ValueError("the cost of hiding a cell must be positive")
    _, together = np.unique(np.arange(n) if cells is None else np.asarray(cells), return_inverse=True)
    silent = np.zeros(n, dtype=bool) if unpublished is None else np.asarray(unpublished, dtype=bool)
    fixed = np.bincount(together, must | silent) > 0
    price = np.bincount(together, prices)
    targets = np.flatnonzero(must)
    chosen, cuts = fixed, []
    for rounds in range(ROUNDS):
        low, high, reach = problem.deviations(chosen[together], targets)
        short = low + high < wanted[targets] - TOLERANCE * (1 + wanted[targets])
        if not short.any():
            if whole is None or problem.guarded(chosen[together], targets, wanted, np.asarray(whole, bool), slack):
                return Suppression(chosen[together], float(price[chosen].sum()), rounds)
            cuts.append((~chosen).astype(float))  # no part of this pattern will do: one more cell at least
        for k in np.flatnonzero(short):
            most = wanted[targets[k]]
            cuts.append(np.minimum(np.bincount(together, reach[k]), most).astype(float) / most)
        chosen = _master(price.astype(float), fixed, np.array(cuts))
    raise ValueError(f"no pattern was found in {ROUNDS} rounds")


def _master(price: Floats, fixed: Bools, cuts: Floats) -> Bools:
    """The cheapest pattern that the cuts allow; each says that its cells must reach 1 together."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    found = milp(
        price,
        integrality=np.ones(len(price)),
        bounds=Bounds(fixed.astype(float), np.ones(len(price))),
        constraints=LinearConstraint(cuts, 1 - TOLERANCE, np.inf),
    )
    if found.x is None:
        raise ValueError("no pattern of hidden cells protects every primary cell")
    return np.asarray(found.x > 0.5, dtype=bool)


@dataclass(frozen=True)
class _Problem:
    """The cells as a reader sees them; `cap` stands for a bound that a reader does not have."""

    values: Floats
    relations: Floats
    lower: Floats
    upper: Floats
    cap: float

    @classmethod
    def of(cls, values: ArrayLike, relations: ArrayLike, lower: ArrayLike, upper: ArrayLike) -> _Problem:
        found = np.asarray(values, float)
        rows = np.asarray(relations, float).reshape(-1, len(found))
        bottom = np.broadcast_to(np.asarray(lower, float), found.shape)
        top = np.broadcast_to(np.asarray(upper, float), found.shape)
        slack = TOLERANCE * (1 + np.abs(found))
        if (found < bottom - slack).any() or (found > top + slack).any() or not np.isfinite(found).all():
            raise ValueError("a value is outside the bounds that readers know of it")
        return cls(found, rows, bottom, top, 1e3 * (1 + float(np.abs(found).sum())))

    def deviations(self, hidden: Bools, targets: NDArray[np.intp]) -> tuple[Floats, Floats, Floats]:
        """How far below and above its value each target can be, and what each cell could add to that distance.

        Returns
        -------
        low, high : shape (targets,); not negative.
        reach : shape (targets, cells); by linear duality low + high ≤ reach @ hidden for every pattern that hides the
            target (Fischetti & Salazar 2001, eq. 13), with equality for this one.
        """
        from scipy.optimize import linprog
        from scipy.sparse import csr_matrix, eye, kron

        n, size = len(self.values), len(targets)
        if not size:
            return np.zeros(0), np.zeros(0), np.zeros((0, n))
        down = np.clip(self.values - self.lower, 0, self.cap)
        up = np.clip(self.upper - self.values, 0, self.cap)
        goal = np.zeros((2, size, n))
        goal[0, np.arange(size), targets], goal[1, np.arange(size), targets] = 1.0, -1.0
        free = np.flatnonzero(hidden)
        blocks, rows = 2 * size, len(self.relations)
        found = linprog(
            goal[:, :, free].reshape(-1),
            A_eq=kron(eye(blocks), csr_matrix(self.relations[:, free]), format="csr") if rows else None,
            b_eq=np.zeros(blocks * rows) if rows else None,
            bounds=np.tile(np.column_stack([-down[free], up[free]]), (blocks, 1)),
            method="highs",
        )
        if found.x is None:
            raise ValueError(f"what readers can work out could not be found: {found.message}")
        at = np.searchsorted(free, targets)
        moved = found.x.reshape(2, size, len(free))
        low, high = -moved[0, np.arange(size), at], moved[1, np.arange(size), at]
        duals = found.eqlin.marginals.reshape(2, size, rows) if rows else np.zeros((2, size, 0))
        reduced = goal - duals @ self.relations
        reach = (np.maximum(reduced, 0) * down + np.maximum(-reduced, 0) * up).sum(axis=0)
        return np.maximum(low, 0), np.maximum(high, 0), reach

    def guarded(
        self,
        hidden: Bools,
        targets: NDArray[np.intp],
        wanted: Floats,
        whole: Bools,
        slack: tuple[ArrayLike, ArrayLike],
    ) -> bool:
        """Whether the whole numbers that each target could be are `wanted` or more, the ends of their range counted."""
        from scipy.optimize import Bounds, LinearConstraint, milp

        free = np.flatnonzero(hidden)
        rows = self.relations[:, free]
        below, above = (np.asarray(part, float) + TOLERANCE for part in slack)
        known = LinearConstraint(rows, -below, above)
        down = np.clip(self.values - self.lower, 0, self.cap)[free]
        up = np.clip(self.upper - self.values, 0, self.cap)[free]
        for target in targets[whole[targets]]:
            ends = []
            for sign in (1.0, -1.0):
                goal = np.where(free == target, sign, 0.0)
                found = milp(goal, integrality=whole[free], bounds=Bounds(-down, up), constraints=known)
                if found.x is None:
                    raise ValueError(f"what readers can work out could not be found: {found.message}")
                ends.append(found.fun)
            if -ends[1] - ends[0] < wanted[target] - 1 - 1e-6:
                return False
        return True
