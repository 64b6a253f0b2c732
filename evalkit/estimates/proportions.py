"""Shares of yes, of categories and of multiple-choice options, with intervals that stay between 0 and 1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from evalkit.errors import MethodError, one_of
from evalkit.estimates import core
from evalkit.numerics import intervals
from evalkit.weights import Design

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Interval = Literal["logit", "beta", "wilson", "wald"]


def proportion(
    design: Design,
    y: str | Sequence[str],
    *,
    by: str | Sequence[str] | None = None,
    interval: Interval = "logit",
    measure: str | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Weighted shares, overall or by group.

    Parameters
    ----------
    design : whose weights, strata, clusters, correction and calibration the variance knows.
    y : a 0/1 or yes/no column gives one row, the share of 1; text, categories and integers a row a category; a list
        of 0/1 columns (the options of a multiple-choice question) a row an option, in `category`. A missing value is
        outside the base, and `n` counts the rows that are in.
    by : column or columns of the groups.
    interval : logit, beta (Korn & Graubard 1998), wilson (on the effective n) or wald.
    measure : column that each row counts with: inhabitants give the share of inhabitants whose municipality is in
        the category. Rows without it are outside the base.
    level : of the interval.

    Returns
    -------
    DataFrame : by…, category (categorical and multiple choice), then as `mean`. Shares are 0–1.

    Notes
    -----
    Where everyone answered the interval has no width, and that wins. Else, at 0 and 1, it is Clopper–Pearson's on the
    effective n: Kish's, times Korn and Graubard's allowance for degrees of freedom; with clusters Kish's of their sums
    of weights. So too where no margin fixes the share, and every stratum answers with one voice or every cluster is
    divided as the others: that leaves no standard error. It takes no finite population correction there: with
    n/(1 − f) it would be narrower than the exact hypergeometric interval.

    Examples
    --------
    >>> import pandas as pd
    >>> from evalkit.weights import Design
    >>> answers = pd.DataFrame({"plan": ["yes", "no", "yes", "yes"]})
    >>> proportion(Design(answers), "plan")[["category", "estimate"]].values.tolist()
    [['no', 0.25], ['yes', 0.75]]
    """
    core.check_level(level)
    if interval not in get_args(Interval):
        raise MethodError("unknown interval", expected=one_of(get_args(Interval)), got=repr(interval))
    names, yes, there = indicators(design.data, y)
    size = np.ones(design.n) if measure is None else core.measure_of(design.data, measure)
    there = there & ~np.isnan(size)[:, None]

    def some(groups: core.Groups) -> pd.DataFrame:
        return _shares(design, groups, names, yes, there, np.nan_to_num(size), interval, level)

    return core.in_blocks(core.groups_of(design.data, by), yes.shape[1], some)


def _shares(
    design: Design,
    groups: core.Groups,
    names: list[Any] | None,
    yes: Bools,
    there: Bools,
    size: Floats,
    interval: str,
    level: float,
) -> pd.DataFrame:
    g, k = len(groups.keys), yes.shape[1]
    mask = (groups.member[:, :, None] & there[:, None, :]).reshape(design.n, g * k)
    hit = mask & np.tile(yes, (1, g))
    counted = np.where(mask, size[:, None], 0.0)
    found = core.estimate(design, np.where(hit, counted, 0.0), counted, mask)
    low_high = share_interval(found, hit.sum(axis=0), interval, level)
    keys: dict[str, list[Any]] = {
        name: [key[i] for key in groups.keys for _ in range(k)] for i, name in enumerate(groups.columns)
    }
    if names is not None:
        keys["category"] = names * g
    return core.result(keys, found, low_high, level, missing=int((~there).any(axis=1).sum()) + groups.missing)


def indicators(data: pd.DataFrame, y: str | Sequence[str]) -> tuple[list[Any] | None, Bools, Bools]:
    """Names of the categories (None for one share), (n, k) row is in the category, (n, k) row answered."""
    if not isinstance(y, str):
        core.require(data, list(y))
        columns = [_single(data, name) for name in y]
        if not columns:
            raise MethodError("y names no column", expected="a column or the options' columns", got=repr(y))
        return list(y), np.stack([c[0] for c in columns], axis=1), np.stack([c[1] for c in columns], axis=1)
    core.require(data, [y])
    series = data[y]
    if _is_binary(series):
        yes, there = _single(data, y)
        return None, yes[:, None], there[:, None]
    _check_categories(series)
    codes, values = core.ordered(series)
    there = np.repeat((codes >= 0)[:, None], max(len(values), 1), axis=1)
    if not values:
        return None, np.zeros((len(data), 1), dtype=bool), there
    return values, codes[:, None] == np.arange(len(values)), there


def _is_binary(series: pd.Series) -> bool:
    from pandas.api import types

    if not types.is_numeric_dtype(series):
        return False
    values = series.to_numpy(dtype=float, na_value=np.nan)
    return bool(np.isin(values[~np.isnan(values)], (0.0, 1.0)).all())


def is_categorical(series: pd.Series) -> bool:
    """Text or categories; numbers are quantities where a mean is asked for."""
    from pandas.api import types

    return not types.is_numeric_dtype(series)


def _single(data: pd.DataFrame, name: str) -> tuple[Bools, Bools]:
    if not _is_binary(data[name]):
        raise MethodError(
            f"the option {name!r} is not 0/1",
            where=f"column {name!r}",
            expected="0 and 1, or yes/no",
            got=f"{data[name].dtype}: {', '.join(repr(v) for v in data[name].dropna().unique()[:5])}",
        )
    values = data[name].to_numpy(dtype=float, na_value=np.nan)
    return values == 1, ~np.isnan(values)


def _check_categories(series: pd.Series) -> None:
    from pandas.api import types

    if types.is_float_dtype(series):
        values = series.dropna().to_numpy(dtype=float)
        if (values != np.round(values)).any():
            raise MethodError(
                f"{series.name!r} holds numbers that are no categories",
                where=f"column {series.name!r}",
                expected="0/1, integers or text",
                got=f"such as {values[values != np.round(values)][0]:g}",
                mend="use mean()",
            )


def share_interval(found: core.Estimated, hits: NDArray[Any], interval: str, level: float) -> tuple[Floats, Floats]:
    """The interval of each share: no width where all answered, else beta at 0 and 1 and where alike, else as asked."""
    domains, share, error = found.domains, found.estimate, found.std_error
    low, high = _interior(found, interval, level)
    edge = (domains.n > 0) & ((hits == 0) | (hits == domains.n))
    allowance = intervals.df_ratio(domains.df, domains.n, level)
    alone = np.isfinite(allowance) & (domains.n_independent == domains.n_effective)
    worth = domains.n_independent * np.where(alone, allowance, 1.0)
    beta = intervals.beta(np.where(edge, np.where(hits == 0, 0.0, 1.0), share), worth, level)
    counted = edge | found.alike
    still = domains.all_answered | ((error == 0) & ~counted)
    low = np.where(still, share, np.where(counted, beta[0], low))
    high = np.where(still, share, np.where(counted, beta[1], high))
    return low, high


def _interior(found: core.Estimated, interval: str, level: float) -> tuple[Floats, Floats]:
    domains, share, error = found.domains, found.estimate, found.std_error
    if interval == "wald":
        return intervals.wald(share, error, domains.df, level)
    inside = np.where((share > 0) & (share < 1), share, np.nan)
    if interval == "logit":
        return intervals.logit(inside, error, domains.df, level)
    effective = intervals.effective_n(inside, error, domains.df, domains.n, level)
    return (intervals.beta if interval == "beta" else intervals.wilson)(inside, effective, level)
