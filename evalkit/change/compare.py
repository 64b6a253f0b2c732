"""Is the larger of two nested models better? Likelihood ratio, with what to trust where it is doubtful."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evalkit.change.result import ConditionalLogit, chi_square
from evalkit.errors import MethodError
from evalkit.numerics.patterns import Floats


@dataclass(frozen=True)
class Comparison:
    """Likelihood ratio of two nested models.

    Attributes
    ----------
    statistic : twice the difference of the log-likelihoods. df : identified directions of the larger model that the
        smaller has not, separated ones included. pvalue : from chi-square.
    exact_pvalue : of the same statistic, over all answers with the smaller model's sufficient statistics; NaN where
        not computed. firth_pvalue : of the penalised likelihood ratio, the larger model's penalty kept in both.
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
    >>> up, down = [0, 1], [1, 0]
    >>> y = up + up + down + up + down + down
    >>> data = pd.DataFrame({"unit": sorted([*range(6)] * 2), "wave": [0, 1] * 6, "size": sorted([0, 1] * 6), "y": y})
    >>> small = conditional_logit("y ~ wave", data, group="unit")
    >>> result = compare(small, conditional_logit("y ~ wave * size", data, group="unit"))
    >>> result.df, round(result.statistic, 4)
    (1, 0.6796)
    """
    nesting(small, large)
    test = chi_square("likelihood ratio", max(0.0, 2 * (large.loglik - small.loglik)), large.df - small.df)
    return Comparison(test.statistic, test.df, test.pvalue, np.nan, np.nan, "")


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
    solution: Floats = np.asarray(np.linalg.lstsq(outside, inside, rcond=None)[0], dtype=float)
    rest = np.abs(inside - outside @ solution).max(axis=0)
    beyond = np.flatnonzero(rest > 1e-8 * np.maximum(1e-300, np.abs(inside).max(axis=0)))
    if len(beyond):
        raise MethodError(
            "The models are not nested.",
            where=f"{small.formula} and {large.formula}",
            got=f"{small.params.index[beyond[0]]} is not in the larger model",
            mend="give the smaller model first, and let the larger hold all its terms",
        )
    solution[np.abs(solution) < 1e-12] = 0.0
    return solution


def _within(x: Floats, unit: np.ndarray) -> Floats:
    """Deviations from the unit's means."""
    counts = np.bincount(unit)
    means = np.stack([np.bincount(unit, weights=column) / counts for column in x.T], axis=1)
    return x - means[unit]
