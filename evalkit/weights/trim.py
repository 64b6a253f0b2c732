"""Bounds on the weights, with what is cut spread over the others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evalkit.errors import MethodError
from evalkit.numerics.linearisation import row_sums
from evalkit.weights.calibrate import step_taken
from evalkit.weights.design import Design

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Trimming:
    """The factors that trimming put on the weights, (n,); replicates take the same."""

    factors: Floats

    def __call__(self, columns: Floats) -> tuple[Floats, tuple[str, ...]]:
        return columns * self.factors[:, None], ()


def trim(design: Design, *, lower: float | None = None, upper: float | None = None, strict: bool = False) -> Design:
    """Trim weights to bounds; what is cut is spread equally over the weights inside them (trimWeights in R's survey).

    Parameters
    ----------
    lower, upper : bounds of the weights; one of them at least.
    strict : repeat until no weight is outside, since spreading can push a weight over its bound.

    Returns
    -------
    Design with the same sum of weights. Earlier calibration still counts in the variance, but its totals no longer
    hold exactly: the log says by how much, and calibrating again returns them. In replicates each row keeps the factor
    it got here.

    Raises
    ------
    MethodError : no bounds, bounds in the wrong order, or bounds that cannot hold the sum of weights.
    """
    weights = design.weights.to_numpy()
    low, high = -np.inf if lower is None else float(lower), np.inf if upper is None else float(upper)
    _check(weights, low, high, given=lower is not None or upper is not None)
    trimmed, cut = weights, (weights < low) | (weights > high)
    for _ in range(1000):
        outside = (trimmed < low) | (trimmed > high)
        if not outside.any():
            break
        if outside.all():
            raise MethodError("every weight is outside the bounds", got=f"lower={lower}, upper={upper}")
        clipped = np.clip(trimmed, low, high)
        trimmed = clipped + np.where(outside, 0.0, (trimmed - clipped).sum() / (~outside).sum())
        if not strict:
            break
    factors = np.divide(trimmed, weights, out=np.ones_like(weights), where=weights != 0)
    notes = [f"{int(cut.sum())} weights trimmed"]
    still = int(((trimmed < low) | (trimmed > high)).sum())
    if still:
        notes.append(f"{still} weights outside the bounds after spreading; strict=True goes on")
    moved = _moved(design, trimmed)
    if moved > 1e-8:
        notes.append(f"calibrated totals moved by up to {100 * moved:.3g} percent; calibrate again to return them")
    bounds = ", ".join(f"{name} {value:g}" for name, value in (("lower", low), ("upper", high)) if np.isfinite(value))
    return step_taken(design, "trim", bounds, trimmed, Trimming(factors), notes)


def _check(weights: Floats, low: float, high: float, *, given: bool) -> None:
    n, total = len(weights), float(weights.sum())
    if not given or not low < high:
        raise MethodError("trim needs bounds in order", expected="lower < upper", got=f"lower={low}, upper={high}")
    if n * high < total or n * low > total:
        raise MethodError(
            "no weights within the bounds have this sum",
            expected=f"bounds around the mean weight, {total / n:.4g}",
            got=f"lower={low:g}, upper={high:g}",
        )


def _moved(design: Design, weights: Floats) -> float:
    """Largest relative change of a total that the last calibration returned."""
    if not design.projections:
        return 0.0
    step = design.projections[-1]
    both = np.column_stack([step.weights, weights])
    cells = both if step.index is None else row_sums(both, step.index, step.x.shape[0])
    totals = np.asarray(step.x.T @ cells)
    size = np.asarray(abs(step.x).T @ np.abs(cells[:, 0]))
    return float((np.abs(totals[:, 1] - totals[:, 0]) / np.where(size > 0, size, 1.0)).max(initial=0.0))
