"""Weights that return known totals of the population."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from evalkit.errors import MethodError, one_of
from evalkit.numerics.calibration import Calibrated, distance, newton, rake
from evalkit.numerics.linearisation import Projection, orthonormal, row_sums
from evalkit.weights.design import Design, Step
from evalkit.weights.margins import Margin, Quantity, Totals, resolve

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

    Returns
    -------
    Design with calibrated weights, whose estimates have a variance of residuals: after raking of category margins the
    residuals of cell means that count every answer alike (rake in R's survey), else of the regression with base
    weights (calibrate and postStratify in R's survey). The two agree where base weights are equal.

    Raises
    ------
    MethodError : every fault of the totals at once, before solving; or the worst margins, got and wanted, when the
        tolerance is not reached.

    Examples
    --------
    >>> import pandas as pd
    >>> answers = pd.DataFrame({"county": ["a", "a", "b"]})
    >>> calibrate(Design(answers), {"county": {"a": 3, "b": 5}}).weights.tolist()
    [1.5, 1.5, 5.0]
    """
    _check_arguments(method, bounds, tol, max_iter)
    categories, quantities, _ = resolve(design.data, totals, min_cell)
    base = design.weights.to_numpy()
    problem = _Problem(categories, quantities, len(base))
    columns = base[:, None] if design.replicates is None else np.column_stack([base, design.replicates.weights])
    _check_bounds(design, problem, bounds)
    found, lost = problem.solve(columns, method, bounds, tol, max_iter)
    if not found.converged[0]:
        raise _not_converged(problem, found, method, tol)
    factors = found.factors if problem.index is None else found.factors[problem.index]
    weights = base * factors[:, 0]
    equal = method == "raking" and not quantities
    projection = problem.projection(np.ones_like(base) if equal else base, weights)
    return _finished(design, f"calibrate ({method})", problem.detail, columns, factors, projection, found, lost)


def poststratify(design: Design, by: str | Sequence[str], totals: Mapping[Any, Any]) -> Design:
    """Give each cell of `by` its population total.

    Parameters
    ----------
    by : column, or columns whose crossed cells are the post-strata.
    totals : {category: total}, or {(a, b): total} for crossed cells; what `margins` returns is taken too.

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
    (margin,), _, _ = resolve(design.data, {key: inner})
    base = design.weights.to_numpy()
    problem = _Problem([margin], [], len(base))
    columns_ = base[:, None] if design.replicates is None else np.column_stack([base, design.replicates.weights])
    found, lost = problem.poststratified(columns_)
    factors = found.factors[problem.index]
    projection = problem.projection(base, base * factors[:, 0])
    return _finished(design, "poststratify", margin.name, columns_, factors, projection, found, lost)


class _Problem:
    """Cells, calibration variables and totals of one calibration.

    Attributes
    ----------
    index : (n,) row → cell; None with quantities, where every row is a cell.
    levels : for each margin (c,) the level of each cell.
    x : (c, k) calibration variables by cell.  totals : (k,) their population totals.  names : (k,).
    """

    def __init__(self, margins: Sequence[Margin], quantities: Sequence[Quantity], n: int) -> None:
        self.margins, self.quantities = list(margins), list(quantities)
        codes = [margin.codes for margin in margins]
        self.index, self.levels = (None, codes) if quantities else distinct(codes)
        hot = [np.arange(len(m.keys)) == level[:, None] for m, level in zip(margins, self.levels)]
        parts = [h.astype(float) for h in hot] + [q.values[:, None] for q in quantities]
        self.x = np.concatenate(parts, axis=1) if parts else np.zeros((n, 0))
        self.totals = np.concatenate([*(m.totals for m in margins), np.array([q.total for q in quantities])])
        self.names = [f"{m.name} = {_show(key)}" for m in margins for key in m.keys] + [q.name for q in quantities]
        self.detail = ", ".join([*(m.name for m in margins), *(q.name for q in quantities)])

    def mass(self, columns: Floats) -> Floats:
        """(c, r) weights summed by cell."""
        return columns if self.index is None else row_sums(columns, self.index, len(self.x))

    def targets(self, mass: Floats) -> tuple[Floats, Ints]:
        """(k, r) totals, and how many categories each column of weights has lost.

        A replicate that lost a whole category gives that category's total to the margin's other categories in
        proportion, as if it were merged with them.
        """
        targets = np.repeat(self.totals[:, None], mass.shape[1], axis=1)
        lost = np.zeros(mass.shape[1], dtype=np.int64)
        begin = 0
        for margin in self.margins:
            end = begin + len(margin.keys)
            empty = (self.x[:, begin:end].T @ mass) <= 0
            if empty[:, 1:].any():
                kept = np.where(empty, 0.0, margin.totals[:, None])
                targets[begin:end] = kept * (margin.totals.sum() / kept.sum(axis=0))
                lost += empty.sum(axis=0)
            begin = end
        return targets, lost

    def solve(
        self, columns: Floats, method: str, bounds: tuple[float, float] | None, tol: float, max_iter: int
    ) -> tuple[Calibrated, Ints]:
        mass = self.mass(columns)
        targets, lost = self.targets(mass)
        if method == "raking" and not self.quantities:
            ends = np.cumsum([len(m.keys) for m in self.margins])[:-1]
            return rake(self.levels, np.split(targets, ends), mass, tol=tol, max_iter=max_iter), lost
        return newton(self.x, mass, targets, distance(method, bounds), tol=tol, max_iter=max_iter), lost

    def poststratified(self, columns: Floats) -> tuple[Calibrated, Ints]:
        mass = self.mass(columns)
        targets, lost = self.targets(mass)
        cells = targets[self.levels[0]]
        factors = np.divide(cells, mass, out=np.zeros_like(mass), where=mass > 0)
        nil = np.zeros(mass.shape[1])
        return Calibrated(factors, targets, nil, nil == 0, 1), lost

    def projection(self, regression: Floats, weights: Floats) -> Projection:
        by_cell = regression if self.index is None else np.bincount(self.index, regression, len(self.x))
        return Projection(self.index, orthonormal(self.x, by_cell), regression, weights)


def distinct(codes: Sequence[Ints]) -> tuple[Ints, list[Ints]]:
    """Distinct cells of several codes (n,): row → cell, and for each code the level of each cell."""
    n = len(codes[0])
    joint = codes[0].astype(np.int64)
    levels = [np.arange(int(codes[0].max()) + 1)]
    for code in codes[1:]:
        width = int(code.max()) + 1
        joint, used = _compress(joint * width + code, len(levels[0]) * width, n)
        levels = [level[used // width] for level in levels] + [used % width]
    if len(codes) == 1:
        joint, used = _compress(joint, len(levels[0]), n)
        levels = [levels[0][used]]
    return joint, levels


def _compress(joint: Ints, size: int, n: int) -> tuple[Ints, Ints]:
    """Number the values of `joint` (below `size`) from 0 without gaps; also the values in use."""
    if size > 4 * n + 1000:
        used, index = np.unique(joint, return_inverse=True)
        return index.astype(np.int64), used
    used = np.flatnonzero(np.bincount(joint, minlength=size))
    place = np.empty(size, dtype=np.int64)
    place[used] = np.arange(len(used))
    return place[joint], used


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


def _check_bounds(design: Design, problem: _Problem, bounds: tuple[float, float] | None) -> None:
    if bounds is None or not problem.margins:
        return
    ratio = float(problem.margins[0].totals.sum() / design.weights.sum())
    if not bounds[0] <= ratio <= bounds[1]:
        raise MethodError(
            "the bounds leave out the mean factor",
            expected=f"bounds around {ratio:.4g}, population / sum of base weights",
            got=f"bounds={bounds}",
            mend="give base weights (weights=) or the population size (fpc=), so that base weights sum to the population",
        )


def _not_converged(problem: _Problem, found: Calibrated, method: str, tol: float) -> MethodError:
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


def _finished(
    design: Design,
    name: str,
    detail: str,
    columns: Floats,
    factors: Floats,
    projection: Projection,
    found: Calibrated,
    lost: Ints,
) -> Design:
    from dataclasses import replace

    weights = columns[:, 0] * factors[:, 0]
    notes = []
    if (weights < 0).any():
        notes.append(f"{int((weights < 0).sum())} weights are negative, the least {weights.min():.4g}")
        warnings.warn(f"{name}: {notes[0]}; logit or truncated keep them positive", UserWarning, stacklevel=3)
    replicates = design.replicates
    if replicates is not None:
        said = _replicate_notes(found, lost)
        notes.extend(said)
        replicated = columns[:, 1:] * factors[:, 1:]
        replicates = replace(replicates, weights=replicated, notes=(*replicates.notes, *said))
    step = Step.of(name, detail, weights, "; ".join(notes))
    return design.replace(
        weights=weights,
        replicates=replicates,
        projections=(*design.projections, projection),
        steps=(*design.steps, step),
    )


def _replicate_notes(found: Calibrated, lost: Ints) -> list[str]:
    r = len(lost) - 1
    notes = []
    if (lost[1:] > 0).any():
        notes.append(f"{int((lost[1:] > 0).sum())} of {r} replicates lost a category; its total went to the others")
    if (~found.converged[1:]).any():
        notes.append(f"{int((~found.converged[1:]).sum())} of {r} replicates stopped short of the totals")
    return notes
