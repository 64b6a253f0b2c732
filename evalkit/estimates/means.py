"""Means, totals and ratios, overall and by group."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from evalkit.estimates import core
from evalkit.weights import Design

if TYPE_CHECKING:
    import pandas as pd

By = str | Sequence[str] | None
ALIKE = "all alike: no interval"


def mean(design: Design, y: str, *, by: By = None, measure: str | None = None, level: float = 0.95) -> pd.DataFrame:
    """Weighted mean of a numeric column, overall or by group.

    Parameters
    ----------
    design : whose weights, strata, clusters, correction and calibration the variance knows.
    y : numeric column; a missing value is outside the domain (zero weight), and `n` counts the rows that are in.
    by : column or columns of the groups.
    measure : column that each row counts with, such as inhabitants; rows without it are outside.
    level : of the interval, t with the domain's clusters − strata degrees of freedom.

    Returns
    -------
    DataFrame : by…, estimate, std_error, ci_low, ci_high, df, n, sum_weights, n_effective (Kish), deff (reference: a
        simple random sample of n, without replacement where the design has a finite population correction).
        attrs: level, missing (rows without y or group), notes ("all answered": no width).

    Notes
    -----
    A domain of one answer has no standard error (R prints 0), unless everyone in it answered. Answers that are all
    alike have no interval unless everyone answered (R prints one without width): `proportion` has one for shares.
    Linearised ratio of totals (Särndal, Swensson & Wretman 1992, 5.6–5.8), svymean and svyby in R's survey.

    Examples
    --------
    >>> import pandas as pd
    >>> from evalkit.weights import Design
    >>> float(mean(Design(pd.DataFrame({"years": [1.0, 2.0, 3.0]})), "years")["estimate"].iloc[0])
    2.0
    """
    return _ratio(design, y, None, by, level, measure)


def total(design: Design, y: str, *, by: By = None, level: float = 0.95) -> pd.DataFrame:
    """Weighted total of a numeric column, overall or by group; arguments and columns as `mean`."""
    core.check_level(level)
    values = core.numbers(design.data, y)
    gone = np.isnan(values)

    def some(groups: core.Groups) -> pd.DataFrame:
        mask = groups.member & ~gone[:, None]
        found = core.estimate(design, np.where(mask, np.nan_to_num(values)[:, None], 0.0), None, mask)
        return _frame(groups, found, level, int(gone.sum()))

    return core.in_blocks(core.groups_of(design.data, by), 1, some)


def ratio(design: Design, numerator: str, denominator: str, *, by: By = None, level: float = 0.95) -> pd.DataFrame:
    """Ratio of the totals of two numeric columns; rows with both count; arguments and columns as `mean`."""
    return _ratio(design, numerator, denominator, by, level)


def _ratio(
    design: Design, numerator: str, denominator: str | None, by: By, level: float, measure: str | None = None
) -> pd.DataFrame:
    core.check_level(level)
    top = core.numbers(design.data, numerator)
    below = np.ones_like(top) if denominator is None else core.numbers(design.data, denominator)
    if measure is not None:
        below = core.measure_of(design.data, measure)
        top = top * below
    gone = np.isnan(top) | np.isnan(below)

    def some(groups: core.Groups) -> pd.DataFrame:
        mask = groups.member & ~gone[:, None]
        a = np.where(mask, np.nan_to_num(top)[:, None], 0.0)
        b = np.where(mask, np.nan_to_num(below)[:, None], 0.0)
        return _frame(groups, core.estimate(design, a, b, mask), level, int(gone.sum()))

    return core.in_blocks(core.groups_of(design.data, by), 1, some)


def _frame(groups: core.Groups, found: core.Estimated, level: float, gone: int) -> pd.DataFrame:
    keys = {name: [key[i] for key in groups.keys] for i, name in enumerate(groups.columns)}
    frame = core.result(keys, found, core.wald_interval(found, level), level, missing=gone + groups.missing)
    frame.attrs["notes"] += tuple((int(i), ALIKE) for i in np.flatnonzero(found.silent))
    return frame
