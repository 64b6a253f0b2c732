"""Is the larger of two nested models better? Likelihood ratio, with what to trust where it is doubtful."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from evalkit.change.exact import exact_test
from evalkit.change.result import ConditionalLogit, chi_square
from evalkit.errors import MethodError
from evalkit.numerics import firth, tail
from evalkit.numerics.exact import NotIntegers, TooLarge, lattice
from evalkit.numerics.patterns import Floats, build

FEW = 200  # units that changed: below this, exact and penalised p-values are given even where nothing is separated


@dataclass(frozen=True)
class Comparison:
    """Likelihood ratio of two nested models.

    Attributes
    ----------
    statistic : twice the difference of the log-likelihoods. df : identified directions of the larger model that the
        smaller has not, separated ones included. pvalue : from chi-square.
    exact_pvalue : of the same statistic, over all answers with the smaller model's sufficient statistics; NaN where
        it cannot be had (`note` says why). firth_pvalue : of the penalised likelihood ratio, the larger model's
        penalty kept in both. Both are given where something is separated or fewer than 200 units changed, else NaN.
    note : what to beware of; empty where nothing.
    """

    statistic: float
    df: int
    pvalue: float
    exact_pvalue: float
    firth_pvalue: float
    note: str


def compare(small: ConditionalLogit, large: ConditionalLogit) -> Comparison:
    """Likelihood ratio test of `small` within `large`.

    Degrees of freedom are counted on the directions that the data identify, an infinite coefficient being one:
    its likelihood is bounded, and the ratio counts the whole rise. Where the larger model is separated, chi-square
    is doubtful.

    Raises
    ------
    MethodError : the models are weighted or penalised, use different rows, or are not nested.

    Examples
    --------
    >>> import pandas as pd
    >>> from evalkit.change import conditional_logit
    >>> up, down = [0, 1], [1, 0]
    >>> y = up + up + down + up + down + down
    >>> data = pd.DataFrame({"unit": sorted([*range(6)] * 2), "wave": [0, 1] * 6, "size": sorted([0, 1] * 6), "y": y})
    >>> small = conditional_logit("y ~ wave", data, group="unit")
    >>> result = compare(small, conditional_logit("y ~ wave * size", data, group="unit"))
    >>> result.df, round(result.statistic, 4)
    (1, 0.6796)
    """
    inside = nesting(small, large)
    test = chi_square("likelihood ratio", max(0.0, 2 * (large.loglik - small.loglik)), large.df - small.df)
    notes = [
        f"the {name} model did not converge" for name, m in (("smaller", small), ("larger", large)) if not m.converged
    ]
    if large.separated and test.df:
        notes.append(f"{', '.join(large.separated)}: infinite, so chi-square is doubtful")
    exact = firth_pvalue = np.nan
    if large.separated or large.n_groups_used < FEW:
        exact, why = _exact(large, inside)
        notes += [why] if why else []
        firth_pvalue = _firth(large, inside, test.df)
    return Comparison(test.statistic, test.df, test.pvalue, exact, firth_pvalue, "; ".join(notes))


def _exact(large: ConditionalLogit, inside: Floats) -> tuple[float, str]:
    """Exact p-value of the likelihood ratio given the smaller model's statistics, or why there is none."""
    sample = large._sample
    p, q = inside.shape
    if p == q:
        return 1.0, ""
    alike = inside * np.abs(_within(sample.x, sample.unit)).max(axis=0)[:, None]
    alike /= np.abs(alike).max(axis=0)
    beyond: list[int] = []
    for i in range(p):
        if np.linalg.matrix_rank(np.column_stack([alike, np.eye(p)[:, [*beyond, i]]])) == q + len(beyond) + 1:
            beyond.append(i)
    turned = sample.x @ np.column_stack([inside, np.eye(p)[:, beyond]])
    names = tuple(f"smaller model's column {i + 1}" for i in range(q)) + tuple(sample.names[i] for i in beyond)
    tolerance = np.concatenate([sample.patterns.tolerance @ np.abs(inside), sample.patterns.tolerance[beyond]])
    patterns = build(sample.y, turned, sample.unit, sample.weight, tolerance)
    try:
        pairs = tail.splits(lattice(patterns), list(range(q)))
        if pairs is not None:
            return tail.split_pvalue(*pairs)[0], ""
    except (NotIntegers, TooLarge):
        pass  # said below
    try:
        return exact_test(
            replace(sample, patterns=patterns, names=names), list(range(q, p)), "lr", limit=2e6
        ).pvalue, ""
    except MethodError as error:
        return np.nan, f"no exact p-value: {error.what.rstrip('.').lower()} ({error.got})"


def _firth(large: ConditionalLogit, inside: Floats, df: int) -> float:
    """Penalised likelihood ratio with the larger model's penalty in both fits, as R's logistf."""
    return chi_square("penalised likelihood ratio", max(0.0, firth.ratio(large._fit.patterns, inside)), df).pvalue


def nesting(small: ConditionalLogit, large: ConditionalLogit) -> Floats:
    """(p, q) coefficients that make the smaller model's columns of the larger's, within units; refuses what is not."""
    for model, name in ((small, "small"), (large, "large")):
        if model.cov_type != "information" or model.penalty is not None:
            raise MethodError(
                "Only unweighted, unpenalised models have a likelihood ratio.",
                where=f"{name}: {model.formula}",
                got=f"penalty={model.penalty!r}, {model.cov_type} variance",
                mend="fit both without weights, clusters and penalty, or use wald_test()",
            )
    if not np.array_equal(small._sample.rows, large._sample.rows):
        raise MethodError(
            "The models use different rows.",
            where=f"{small.formula} and {large.formula}",
            expected=f"{small.nobs} rows",
            got=f"{large.nobs} rows, or others",
            mend="keep the rows that are complete in the larger model's columns, and fit both to them",
        )
    unit, inside, outside = small._sample.unit, small._sample.x, large._sample.x
    inside, outside = _within(inside, unit), _within(outside, unit)
    inside_size, size = np.abs(inside).max(axis=0), np.abs(outside).max(axis=0)  # a unit of measurement tells nothing
    solution = np.asarray(np.linalg.lstsq(outside / size, inside / inside_size, rcond=None)[0], dtype=float)
    solution[np.abs(solution) < 1e-12] = 0.0
    beyond = np.flatnonzero(np.abs(inside / inside_size - outside / size @ solution).max(axis=0) > 1e-8)
    if len(beyond):
        raise MethodError(
            "The models are not nested.",
            where=f"{small.formula} and {large.formula}",
            got=f"{small.params.index[beyond[0]]} is not in the larger model",
            mend="give the smaller model first, and let the larger hold all its terms",
        )
    return solution * inside_size / size[:, None]


def _within(x: Floats, unit: np.ndarray) -> Floats:
    """Deviations from the unit's means."""
    counts = np.bincount(unit)
    means = np.stack([np.bincount(unit, weights=column) / counts for column in x.T], axis=1)
    return x - means[unit]
