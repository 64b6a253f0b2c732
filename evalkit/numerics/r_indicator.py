"""How much the propensity to answer varies: R-indicators and partial R-indicators of a response model on cells.

A cell holds frame units that agree in every variable: N units, n of whom answered. Propensities come from a logistic
model of main effects; everyone in the frame was asked, so that only the answering is random.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from evalkit.numerics.glm import fit

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Quadratic:
    """A variance of propensities, ρ'Mρ: as it stands, less its bias, and its standard error."""

    raw: float
    adjusted: float
    std_error: float

    def root(self) -> tuple[float, float]:
        """Square root of the adjusted variance, and its standard error (delta method; missing at zero)."""
        size = float(np.sqrt(max(self.adjusted, 0.0)))
        return size, self.std_error / (2 * float(np.sqrt(self.raw))) if self.raw > 0 else float("nan")


@dataclass(frozen=True)
class Response:
    """A response model on cells.

    Attributes
    ----------
    levels : for each variable (c,) the category of each cell.
    size : (c,) units of the frame in the cell.
    propensity : (c,) modelled chance of answering.
    gradient : (c, k) derivative of the propensity in the coefficients.
    bread : (k, k) covariance of the coefficients.
    """

    levels: tuple[Ints, ...]
    size: Floats
    propensity: Floats
    gradient: Floats
    bread: Floats

    @cached_property
    def total(self) -> float:
        return float(self.size.sum())

    def mean(self, values: Floats, cells: Floats | None = None) -> Floats:
        """Mean over the frame, or over the units `cells` (c,)."""
        used = self.size if cells is None else self.size * cells
        return used @ values / used.sum()

    def quadratic(
        self, centred: Floats, gradient: Floats, *, sample: bool = False, uncentred: float = 0.0
    ) -> Quadratic:
        """Variance of centred propensities (c,) with centred gradients (c, k).

        The variance of the variance is 4 A'ΣA + 2 tr(BΣBΣ), its bias tr(BΣ) (Shlomo, Skinner & Schouten 2012,
        section 4, with everyone asked). `uncentred` adds the bias of the mean, as their equation for R has it.
        """
        share = self.size / self.total
        raw = float(share @ centred**2) * (self.total / (self.total - 1) if sample else 1.0)
        a = (gradient * share[:, None]).T @ centred
        b_sigma = (gradient * share[:, None]).T @ gradient @ self.bread
        variance = 4 * float(a @ self.bread @ a) + 2 * float(np.trace(b_sigma @ b_sigma))
        return Quadratic(raw, raw - float(np.trace(b_sigma)) - uncentred, float(np.sqrt(max(variance, 0.0))))

    def overall(self) -> Quadratic:
        """Variance of the propensities over the frame; R = 1 − 2 √variance (Schouten, Cobben & Bethlehem 2009)."""
        mean = self.mean(self.gradient)
        uncentred = float(mean @ self.bread @ mean)
        centred = self.propensity - self.mean(self.propensity)
        return self.quadratic(centred, self.gradient - mean, sample=True, uncentred=uncentred)

    def between(self, variable: int) -> Quadratic:
        """Variance between the categories of a variable: the square of its unconditional partial indicator."""
        values, gradient = self._within(self.levels[variable])
        return self.quadratic(values - self.mean(self.propensity), gradient - self.mean(self.gradient))

    def within_others(self, variable: int, category: int | None = None) -> Quadratic:
        """Variance within the cells of all other variables: the square of the conditional partial indicator."""
        others = [level for i, level in enumerate(self.levels) if i != variable]
        joint = np.zeros(len(self.size), dtype=np.int64)
        for level in others:
            joint = np.unique(joint * (int(level.max()) + 1) + level, return_inverse=True)[1]
        values, gradient = self._within(joint)
        kept = np.ones(len(self.size)) if category is None else (self.levels[variable] == category).astype(float)
        return self.quadratic((self.propensity - values) * kept, (self.gradient - gradient) * kept[:, None])

    def category(self, variable: int, category: int) -> tuple[float, float]:
        """√share × (mean propensity of the category − mean propensity): unconditional, signed; its standard error."""
        there = (self.levels[variable] == category).astype(float)
        root = float(np.sqrt(float(self.size @ there) / self.total))
        gap = float(self.mean(self.propensity, there) - self.mean(self.propensity))
        slope = self.mean(self.gradient, there) - self.mean(self.gradient)
        return root * gap, root * float(np.sqrt(max(float(slope @ self.bread @ slope), 0.0)))

    def _within(self, groups: Ints) -> tuple[Floats, Floats]:
        """Means of propensities and gradients by group, spread to cells."""
        size = np.bincount(groups, self.size)
        both = np.column_stack([self.propensity, self.gradient]) * self.size[:, None]
        sums = np.stack([np.bincount(groups, column) for column in both.T], axis=1) / size[:, None]
        return sums[groups, 0], sums[groups, 1:]


def response_model(levels: Sequence[Ints], size: Floats, answered: Floats) -> Response:
    """Logistic main-effects model of answering, on cells.

    A category in which nobody or everybody answered has an infinite coefficient; its units get propensity 0 or 1,
    which is where the likelihood leads, and add nothing to the covariance.
    """
    share = answered / size
    certain = np.full(len(size), np.nan)
    for level in levels:
        n, k = np.bincount(level, size), np.bincount(level, answered)
        rate = (k / np.where(n > 0, n, 1))[level]
        certain = np.where((rate == 0) | (rate == 1), rate, certain)
    free = np.isnan(certain)
    hot = [np.ones(len(size))]
    hot += [(level == value).astype(float) for level in levels for value in range(1, int(level.max()) + 1)]
    x = np.stack(hot, axis=1)
    propensity = np.where(free, 0.0, certain)
    gradient, bread = np.zeros_like(x), np.zeros((x.shape[1], x.shape[1]))
    if free.any():
        found = fit(x[free], share[free], size[free], logistic=True)
        propensity[free] = found.fitted
        gradient[free] = x[free] * found.slope[:, None] * found.kept
        bread = found.bread
    return Response(tuple(levels), size, propensity, gradient, bread)
