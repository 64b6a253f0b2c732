"""Weights that return known totals of the population."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from evalkit.errors import MethodError, one_of
from evalkit.numerics.calibration import Calibrated, distance, indicators, newton, rake
from evalkit.numerics.linearisation import Projection, row_sums
from evalkit.weights.design import Design, Operation, Step
from evalkit.weights.totals import Margin, Neighbours, Quantity, Totals, resolve

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Method = Literal["raking", "linear", "logit", "truncated"]


def calibrate(
    design: Design,
    totals: Totals,
    *,
    method: Method = "raking",
    bounds: tuple[float, float] | None = None,
    tol: float = 1e-8,
    max_iter: int = 200,
    min_cell: int = 0,
    neighbours: Neighbours | None = None,
) -> Design:
    """Calibrate the weights of a design to population totals (Deville & Särndal 1992).

    Parameters
    ----------
    design : with its present weights as base weights; replicate weights are calibrated too, each on its own.
    totals : {column: {category: total}} for a category margin, {column: number} for the total of a numeric column,
        {(a, b): {(category of a, category of b): total}} for crossed cells; {"1": N} states the population size.
    method : raking (factors exp(x'λ)), linear (GREG), logit (between bounds), truncated (linear within bounds).
    bounds : (low, high) of the factors on the base weights, low < 1 < high; for logit and truncated.
    tol : largest relative distance from a total.
    max_iter : steps.
    min_cell : cells with fewer answers are a fault, with the merging that would mend it.
    neighbours : {column: {category: others, the most alike first}}, for that merging; else it is by the order of the
        totals.

    Returns
    -------
    Design with calibrated weights, whose estimates have, by every method, the variance of the residuals from the
    regression on the totals' columns with base weights (Deville & Särndal 1992, section 3; calibrate in R's survey).
    R's rake counts every answer alike there instead, which is too wide where base weights differ. The finite population
    correction is the design's own: where the share answered differs much between cells, give them as strata of the
    design with their population sizes, Design(strata=…, fpc=…), before calibrating, so that each has its own;
    response_groups in study.toml does so.

    Raises
    ------
    MethodError : every fault of the totals at once, before solving; or the worst margins, got and wanted, when the
        tolerance is not reached.

    Examples
    --------
    >>> import pandas as pd
    >>> answers = pd.DataFrame({"county": ["a", "a", "b"]})
    >>> calibrate(Design(answers), {"county": {"a": 3, "b": 5}}).weights.round(6).tolist()
    [1.5, 1.5, 5.0]
    """
    _check_arguments(method, bounds, tol, max_iter)
    categories, quantities, _ = resolve(design.data, totals, min_cell, neighbours)
    base = design.weights.to_numpy()
    problem = Problem(categories, quantities, len(base))
    _check_bounds(design, problem, bounds)
    operation = Calibration(problem, method, bounds, tol, max_iter)
    found, _ = operation.solve(base[:, None])
    if not found.converged[0]:
        raise _not_converged(problem, found, method, tol)
    weights = base * problem.spread(found.factors)[:, 0]
    return _finished(design, f"calibrate ({method})", weights, operation, problem.projection(base, weights))


def poststratify(
    design: Design,
    by: str | Sequence[str],
    totals: Mapping[Any, Any],
    *,
    min_cell: int = 0,
    neighbours: Neighbours | None = None,
) -> Design:
    """Give each cell of `by` its population total.

    Parameters
    ----------
    by : column, or columns whose crossed cells are the post-strata.
    totals : {category: total}, or {(a, b): total} for crossed cells; what `margins` returns is taken too.
    min_cell, neighbours : as in `calibrate`.

    Returns
    -------
    Design whose estimates have the variance of the residuals from cell means (Särndal, Swensson & Wretman 1992, 7.6;
    postStratify in R's survey). The finite population correction is the design's own: one 1 − n/N for the whole sample
    unless it has strata. Cells whose answers are known to differ in their share answered can be stated as strata
    instead (Design(strata=by, fpc=cell size)), which gives each cell its own; where a cell of `by` is fully observed,
    its own estimates have no width either way.

    Raises
    ------
    MethodError : every fault of the totals at once.
    """
    columns = (by,) if isinstance(by, str) else tuple(by)
    key = columns[0] if len(columns) == 1 else columns
    inner = totals[key] if isinstance(totals.get(key), Mapping) else totals
    (margin,), _, _ = resolve(design.data, {key: inner}, min_cell, neighbours=neighbours)
    base = design.weights.to_numpy()
    operation = Calibration(Problem([margin], [], len(base)), "poststratify", None, 1e-8, 1)
    weights = operation(base[:, None])[0][:, 0]
    return _finished(design, "poststratify", weights, operation, operation.problem.projection(base, weights))


@dataclass(frozen=True)
class Calibration:
    """A calibration as a step on columns of weights, to be repeated on replicates."""

    problem: Problem
    method: str
    bounds: tuple[float, float] | None
    tol: float
    max_iter: int

    def solve(self, columns: Floats) -> tuple[Calibrated, Ints]:
        """Factors by cell for each of the columns (n, r), and how many categories each has lost."""
        problem, mass = self.problem, self.problem.mass(columns)
        targets, lost = problem.targets(mass)
        if self.method == "poststratify":
            cells = targets[problem.levels[0]]
            factors = np.divide(cells, mass, out=np.zeros_like(mass), where=mass > 0)
            nil = np.zeros(mass.shape[1])
            return Calibrated(factors, targets, nil, nil == 0, 1), lost
        if self.method == "raking" and not problem.quantities:
            ends = np.cumsum([len(m.keys) for m in problem.margins])[:-1]
            split = np.split(targets, ends)
            return rake(problem.levels, split, mass, tol=self.tol, max_iter=self.max_iter), lost
        f = distance(self.method, self.bounds)
        return newton(problem.x, mass, targets, f, tol=self.tol, max_iter=self.max_iter), lost

    def __call__(self, columns: Floats) -> tuple[Floats, tuple[str, ...]]:
        found, lost = self.solve(columns)
        r, notes = columns.shape[1], []
        if (lost > 0).any():
            notes.append(f"{int((lost > 0).sum())} of {r} replicates lost a category; its total went to the others")
        if (~found.converged).any():
            notes.append(f"{int((~found.converged).sum())} of {r} replicates stopped short of the totals")
        return columns * self.problem.spread(found.factors), tuple(notes)


class Problem:
    """Cells, calibration variables and totals of one calibration.

    Attributes
    ----------
    index : (n,) row → cell; None with quantities, where every row is a cell.
    levels : for each margin (c,) the level of each cell.
    x : (c, k) calibration variables by cell, sparse where large.  totals : (k,) their population totals.  names : (k,).
    """

    def __init__(self, margins: Sequence[Margin], quantities: Sequence[Quantity], n: int) -> None:
        self.margins, self.quantities = list(margins), list(quantities)
        codes = [margin.codes for margin in margins]
        self.index: Ints | None = None
        self.levels = codes
        if not quantities:
            self.index, self.levels = distinct(codes)
        sizes = [len(m.keys) for m in margins]
        self.x = indicators(self.levels, sizes) if margins else np.zeros((n, 0))
        if quantities:
            dense = self.x if isinstance(self.x, np.ndarray) else self.x.toarray()
            self.x = np.column_stack([dense, *(q.values for q in quantities)])
        self.totals = np.concatenate([*(m.totals for m in margins), np.array([q.total for q in quantities])])
        self.names = [f"{m.name} = {_show(key)}" for m in margins for key in m.keys] + [q.name for q in quantities]
        self.detail = ", ".join([*(m.name for m in margins), *(q.name for q in quantities)])

    def mass(self, columns: Floats) -> Floats:
        """(c, r) weights summed by cell."""
        return columns if self.index is None else row_sums(columns, self.index, self.x.shape[0])

    def targets(self, mass: Floats) -> tuple[Floats, Ints]:
        """(k, r) totals, and how many categories each column of weights has lost.

        A replicate that lost a whole category gives that category's total to the margin's other categories in
        proportion, as if it were merged with them.
        """
        targets = np.repeat(self.totals[:, None], mass.shape[1], axis=1)
        lost = np.zeros(mass.shape[1], dtype=np.int64)
        empty_all = (self.x.T @ mass) <= 0
        begin = 0
        for margin in self.margins:
            end = begin + len(margin.keys)
            empty = empty_all[begin:end]
            if empty.any():
                kept = np.where(empty, 0.0, margin.totals[:, None])
                targets[begin:end] = kept * (margin.totals.sum() / kept.sum(axis=0))
                lost += empty.sum(axis=0)
            begin = end
        return targets, lost

    def spread(self, factors: Floats) -> Floats:
        """Factors by row, from factors by cell."""
        return factors if self.index is None else factors[self.index]

    def projection(self, regression: Floats, weights: Floats) -> Projection:
        return Projection.of(self.index, self.x, regression, weights)


def distinct(codes: Sequence[Ints]) -> tuple[Ints, list[Ints]]:
    """Distinct cells of several codes (n,): row → cell, and for each code the level of each cell."""
    n, widths = len(codes[0]), [int(code.max()) + 1 for code in codes]
    if np.prod(np.array(widths, dtype=float)) <= 4 * n + 1000:
        joint = codes[0].copy()
        for code, width in zip(codes[1:], widths[1:]):
            joint *= width
            joint += code
        index, used = _compress(joint, int(np.prod(widths)), n)
        return index, [level.astype(np.int64) for level in np.unravel_index(used, widths)]
    joint, levels = codes[0], [np.arange(widths[0])]
    for code, width in zip(codes[1:], widths[1:]):
        joint, used = _compress(joint * width + code, len(levels[0]) * width, n)
        levels = [level[used // width] for level in levels] + [used % width]
    return joint, levels


def _compress(joint: Ints, size: int, n: int) -> tuple[Ints, Ints]:
    """Number the values of `joint` (below `size`) from 0 without gaps; also the values in use."""
    if size > 4 * n + 1000:
        used, index = np.unique(joint, return_inverse=True)
        return index.astype(np.int64), used
    used = np.flatnonzero(np.bincount(joint, minlength=size))
    place = np.empty(size, dtype=np.int64)
    place[used] = np.arange(len(used))
    return place.take(joint), used


def _show(key: Any) -> str:
    return " × ".join(str(part) for part in key) if isinstance(key, tuple) else str(key)


def _check_arguments(method: str, bounds: tuple[float, float] | None, tol: float, max_iter: int) -> None:
    if method not in get_args(Method):
        raise MethodError("unknown method of calibration", expected=one_of(get_args(Method)), got=repr(method))
    if method in ("logit", "truncated"):
        if bounds is None or not (0 <= bounds[0] < 1 < bounds[1] < np.inf):
            expected = "(low, high) with 0 ≤ low < 1 < high"
            raise MethodError(f'method "{method}" needs bounds on the factors', expected=expected, got=bounds)
    elif bounds is not None:
        mend = 'method="truncated" is linear within bounds, method="logit" raking-like within bounds'
        raise MethodError(f'method "{method}" has no bounds', got=f"bounds={bounds}", mend=mend)
    if not 0 < tol < 1 or max_iter < 1:
        raise MethodError("tol lies between 0 and 1, max_iter from 1", got=f"tol={tol}, max_iter={max_iter}")


def _check_bounds(design: Design, problem: Problem, bounds: tuple[float, float] | None) -> None:
    if bounds is None or not problem.margins:
        return
    ratio = float(problem.margins[0].totals.sum() / design.weights.sum())
    if not bounds[0] <= ratio <= bounds[1]:
        raise MethodError(
            "the bounds leave out the mean factor",
            expected=f"bounds around {ratio:.4g}, population / sum of base weights",
            got=f"bounds={bounds}",
            mend="give base weights (weights=) or the population size (fpc=): they should sum to the population",
        )


def _not_converged(problem: Problem, found: Calibrated, method: str, tol: float) -> MethodError:
    got, wanted = found.achieved[:, 0], problem.totals
    distance_ = np.abs(got - wanted) / np.where(wanted == 0, 1.0, np.abs(wanted))
    worst = np.argsort(-distance_)[:5]
    lines = [f"{problem.names[i]}: got {got[i]:.10g}, wanted {wanted[i]:.10g}" for i in worst if distance_[i] > tol]
    return MethodError(
        f"calibration ({method}) did not reach the totals",
        expected=f"every total within {tol:g}",
        got="; ".join(lines) + f" (after {found.iterations} steps)",
        mend="merge small or conflicting categories, leave out a margin, or widen the bounds",
    )


def _finished(design: Design, name: str, weights: Floats, operation: Calibration, projection: Projection) -> Design:
    notes = []
    stated, reached = design.population, float(weights.sum())
    if stated is not None and operation.problem.margins:
        if abs(stated - reached) > 1e-6 * stated:
            counted = f"the finite population correction states {stated:.10g} units"
            notes.append(f"the totals sum to {reached:.10g}, {counted}")
        else:
            complete = design.complete | _complete(operation.problem.margins, len(weights))
            design = design.replace(complete=complete)
    if (weights < 0).any():
        notes.append(f"{int((weights < 0).sum())} weights are negative, the least {weights.min():.4g}")
        warnings.warn(f"{name}: {notes[-1]}; logit or truncated keep them positive", UserWarning, stacklevel=3)
    return step_taken(design, name, operation.problem.detail, weights, operation, notes, projection)


def _complete(margins: Sequence[Margin], n: int) -> NDArray[np.bool_]:
    """(n,) rows of a category with as many answers as the population has units."""
    found = np.zeros(n, dtype=bool)
    for margin in margins:
        counts = np.bincount(margin.codes, minlength=len(margin.keys))
        found |= (np.abs(counts - margin.totals) < 1e-9 * counts)[margin.codes]
    return found


def step_taken(
    design: Design,
    name: str,
    detail: str,
    weights: Floats,
    operation: Operation,
    notes: Sequence[str] = (),
    projection: Projection | None = None,
) -> Design:
    """The design after a step: new weights, the step in the log and in the recipe, and repeated on its replicates."""
    replicates = design.replicates
    if replicates is not None:
        replicated, said = operation(np.asarray(replicates.weights, dtype=float))
        notes = [*notes, *said]
        replicates = replace(replicates, weights=replicated, notes=(*replicates.notes, *said))
    return design.replace(
        weights=weights,
        replicates=replicates,
        projections=design.projections if projection is None else (*design.projections, projection),
        steps=(*design.steps, Step.of(name, detail, weights, "; ".join(notes))),
        recipe=(*design.recipe, operation),
    )
