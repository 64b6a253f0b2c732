"""Tests: independence in a table, trend over ordered groups, p-values adjusted for their number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import special

from evalkit.errors import MethodError, one_of
from evalkit.estimates import core, small
from evalkit.numerics import intervals, multiplicity
from evalkit.weights import Design

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
STATISTICS = ("F", "chisq", "wald", "adjwald")


def independence(design: Design, a: str, b: str, statistic: str = "F") -> pd.DataFrame:
    """Test of independence in the weighted table of two columns.

    Parameters
    ----------
    a, b : columns of categories; a row with either missing is outside.
    statistic : "F", Rao and Scott's second-order correction of Pearson's chi-square (1984; svychisq's default in R's
        survey); "chisq", their first-order correction (1981); "wald", the Wald test of Koch, Freeman & Freeman (1975);
        "adjwald", the same adjusted for degrees of freedom (Thomas & Rao 1987).

    Returns
    -------
    DataFrame, one row : a, b, statistic (its name), value, df_num, df_den (missing for chisq), p_value, n, sum_weights.
        Where everyone answered there is no sampling error and nothing to test: value and p_value are missing.
        With few answers another test stands in, `statistic` names it and value is Pearson's chi-square on the
        effective n. "exact", of two categories each: the larger of `difference`'s p-values of b between the two of a
        and of a between the two of b, as a table has no first variable; never above Fisher's where weights are equal.
        "permutation", of larger tables in which a cell expects less than one answer. Rows in clusters keep the
        statistic, unless it says nothing.

    Raises
    ------
    MethodError : fewer than two categories in a column.
    """
    import pandas as pd

    name = statistic.lower()
    if name not in [known.lower() for known in STATISTICS]:
        raise MethodError("unknown statistic", expected=one_of(STATISTICS), got=repr(statistic))
    core.require(design.data, [a, b])
    rows, row_names = core.ordered(design.data[a])
    columns, column_names = core.ordered(design.data[b])
    there = (rows >= 0) & (columns >= 0)
    r, rows = _used(rows, there, a, row_names)
    c, columns = _used(columns, there, b, column_names)
    cells = there[:, None] & ((rows * c + columns)[:, None] == np.arange(r * c))
    mask = np.repeat(there[:, None], r * c, axis=1)
    domain = core.Domains(design, there[:, None])
    df = float(domain.df[0])
    found = core.estimate(design, cells.astype(float), mask.astype(float), mask)
    if name in ("wald", "adjwald"):
        value, first, second = _wald(design, cells, there, r, c, df, adjusted=name == "adjwald")
    else:
        value, first, second = _rao_scott(found, int(domain.n[0]), r, c, df, second_order=name == "f")
    p = float(special.chdtrc(first, value)) if np.isnan(second) else _f_tail(first, second, value)
    if (exact := _few(found, rows, columns, value)) is not None:
        p, statistic = exact
        value, first, second = _pearson(found.estimate, domain.n_effective[0], r), float((r - 1) * (c - 1)), np.nan
    return pd.DataFrame(
        {
            "a": [a],
            "b": [b],
            "statistic": [statistic],
            "value": [value],
            "df_num": [first],
            "df_den": [second],
            "p_value": [p],
            "n": [int(domain.n[0])],
            "sum_weights": [float(domain.sum_weights[0])],
        }
    )


def _used(
    codes: NDArray[np.int64], there: NDArray[np.bool_], name: str, names: Sequence[Any]
) -> tuple[int, NDArray[np.int64]]:
    """Number the categories that occur from 0."""
    found = np.unique(codes[there])
    if len(found) < 2:
        got = ", ".join(str(names[i]) for i in found) or "no answers"
        raise MethodError(f"{name!r} has fewer than two categories", where=f"column {name!r}", got=got)
    return len(found), np.searchsorted(found, np.clip(codes, found[0], found[-1]))


def _few(
    found: core.Estimated, rows: NDArray[np.int64], columns: NDArray[np.int64], value: float
) -> tuple[float, str] | None:
    """p-value and name of the test that stands in for the statistic where there are few answers, else None."""
    there = found.domains.mask[:, 0]
    if small.together(found) and np.isfinite(value):
        return None
    if found.estimate.size > 4:
        p = small.table_pvalue(found, rows, columns, value)
        return None if p is None else (p, "permutation")
    both, ways = np.arange(2), []
    for group, answer in ((rows, columns), (columns, rows)):
        member = there[:, None] & (group[:, None] == both)
        yes = member & (answer == 1)[:, None]
        ways.append((core.estimate(found.domains.design, yes.astype(float), member.astype(float), member), yes))
    if not any(small.few(groups, both, own_error=False) for groups, _ in ways):
        return None
    return max(small.shares_of(groups, both, yes).difference() for groups, yes in ways), "exact"


def _pearson(share: Floats, n: float, r: int) -> float:
    table = share.reshape(r, -1)
    expected = np.outer(table.sum(axis=1), table.sum(axis=0))
    return float(n * ((table - expected) ** 2 / expected).sum())


def _f_tail(first: float, second: float, value: float) -> float:
    return float(special.fdtrc(first, second, value)) if first > 0 and second > 0 and value >= 0 else float("nan")


def _rao_scott(
    found: core.Estimated, n: int, r: int, c: int, df: float, *, second_order: bool
) -> tuple[float, float, float]:
    """Pearson's chi-square over its mean design effect: the value and its degrees of freedom."""
    share = found.estimate
    pearson = _pearson(share, n, r)
    inverse = np.where(share == 0, 0.0, 1 / np.where(share == 0, 1.0, share))
    interaction = _interactions(r, c)
    below = interaction.T @ (interaction * inverse[:, None]) / n
    weighted = (found.deviations * inverse) @ interaction
    delta = np.linalg.lstsq(below, weighted.T @ weighted, rcond=None)[0]
    trace, square = float(np.trace(delta)), float(np.trace(delta @ delta))
    k = (r - 1) * (c - 1)
    if trace <= 1e-12:
        return float("nan"), float(k), float("nan") if not second_order else k * df
    if not second_order:
        return pearson / (trace / k), float(k), float("nan")
    satterthwaite = trace**2 / square
    return pearson / trace, satterthwaite, satterthwaite * df


def _interactions(r: int, c: int) -> Floats:
    """(rc, (r−1)(c−1)) contrasts orthogonal to rows and columns."""
    i, j = np.divmod(np.arange(r * c), c)
    main = np.column_stack([i == level for level in range(r)] + [j == level for level in range(1, c)]).astype(float)
    both = np.column_stack([(i == a) & (j == b) for a in range(1, r) for b in range(1, c)]).astype(float)
    return both - main @ np.linalg.lstsq(main, both, rcond=None)[0]


def _wald(
    design: Design, cells: NDArray[np.bool_], there: NDArray[np.bool_], r: int, c: int, df: float, *, adjusted: bool
) -> tuple[float, float, float]:
    """Wald test of observed less expected totals, linearised."""
    totals = design.weights.to_numpy() @ cells
    table = totals.reshape(r, c)
    n_rows, n_columns, size = table.sum(axis=1), table.sum(axis=0), table.sum()
    gap = table - np.outer(n_rows, n_columns) / size
    i, j = np.divmod(np.arange(r * c), c)
    in_row, in_column = cells.reshape(-1, r, c).sum(axis=2), cells.reshape(-1, r, c).sum(axis=1)
    values = (
        cells.astype(float)
        - in_row[:, i] * (n_columns[j] / size)
        - in_column[:, j] * (n_rows[i] / size)
        + there[:, None] * (n_rows[i] * n_columns[j] / size**2)
    )
    mask = np.repeat(there[:, None], r * c, axis=1)
    spread = core.estimate(design, values, None, mask).deviations
    kept = (i > 0) & (j > 0)
    if not spread[:, kept].any():
        return float("nan"), float((r - 1) * (c - 1)), df
    cov = spread[:, kept].T @ spread[:, kept]
    k = (r - 1) * (c - 1)
    statistic = float(gap.ravel()[kept] @ np.linalg.pinv(cov, hermitian=True) @ gap.ravel()[kept])
    if adjusted:
        return statistic * (df - k + 1) / (k * df), float(k), df - k + 1
    return statistic / k, float(k), df


def trend(design: Design, y: str, *, by: str, level: float = 0.95) -> pd.DataFrame:
    """Tendency of a mean or share over ordered groups, and whether it is monotone.

    Parameters
    ----------
    y : numeric or 0/1 column.
    by : column of the ordered groups, scored 0, 1, 2 …: in the order of its categories, else by size, numbers in text
        and letters too; other text is refused.

    Returns
    -------
    DataFrame, one row : estimate (weighted least-squares slope, change a group), then as `mean`, p_value, monotone
        ("rising", "falling" or "no": the groups' estimates as they stand), reversal (the largest step against the
        slope's direction; 0 where monotone) and reversal_p (its one-sided p-value, from the groups' covariance: small
        means that the tendency is not monotone in the population either).

    Notes
    -----
    The slope is svyglm(y ~ score) in R's survey, with clusters − strata − 1 degrees of freedom. Shares with few answers
    (as in `difference`) have the exact p-value of Cochran and Armitage's test, of two groups `difference`'s.
    """
    core.check_level(level)
    values = core.numbers(design.data, y)
    groups = core.by_order(core.groups_of(design.data, by), design.data[by])
    mask = groups.member.any(axis=1) & ~np.isnan(values)
    there = int(groups.member[mask].any(axis=0).sum())
    if there < 2:
        raise MethodError("a trend needs answers in two groups", where=f"by={by!r}", got=f"answers in {there}")
    score = groups.member @ np.arange(len(groups.keys), dtype=float)
    found = _slope(design, np.nan_to_num(values), score, mask)
    df = np.maximum(found.domains.df - 1, 0)
    error = found.std_error
    low, high = intervals.wald(found.estimate, error, df, level)
    p = intervals.nil_pvalue(found.estimate, error, df)
    notes = _few_in_trend(design, values, groups, level, error, low, high, p)
    shape, reversal, reversal_p = _monotone(design, values, groups, float(found.estimate[0]))
    more = {"p_value": p, "monotone": [shape], "reversal": [reversal], "reversal_p": [reversal_p]}
    gone = int(np.isnan(values).sum()) + groups.missing
    frame = core.result({}, found, (low, high), level, df=df, missing=gone, **more)
    frame["std_error"] = error
    frame.attrs["notes"] += notes
    return frame


def _few_in_trend(
    design: Design, values: Floats, groups: core.Groups, level: float, error: Floats, *into: Floats
) -> tuple[tuple[int, str], ...]:
    """Put limits and p-value of a trend of shares with few answers in place of those of the standard error."""
    if not np.isin(values[~np.isnan(values)], (0.0, 1.0)).all():
        return ()
    found, place, yes = _of_groups(design, values, groups)
    columns = np.arange(len(place))
    if not small.few(found, columns):
        return ()
    shares = small.shares_of(found, columns, yes)
    sums = found.domains.sum_weights
    centred = sums * (place - sums @ place / sums.sum())
    p, low, high = shares.compare(centred / (centred @ place), level, shares.trend(place, sums))
    for array, value in zip(into, (low, high, p)):
        array[0] = value
    error[0] = error[0] or np.nan
    return ((0, small.NOTE),)


def _of_groups(design: Design, values: Floats, groups: core.Groups) -> tuple[core.Estimated, Floats, NDArray[np.bool_]]:
    """The means of the groups with answers, their places, and the rows that say 1."""
    there = groups.member & ~np.isnan(values)[:, None]
    place = np.flatnonzero(there.any(axis=0))
    there = there[:, place]
    numerator = np.where(there, np.nan_to_num(values)[:, None], 0.0)
    return core.estimate(design, numerator, there.astype(float), there), place.astype(float), numerator == 1


def _slope(design: Design, values: Floats, score: Floats, mask: NDArray[np.bool_]) -> core.Estimated:
    """Slope as a ratio of totals: Σw (s − s̄) y over Σw (s − s̄)², with the residual as its linearised variable."""
    weights = design.weights.to_numpy() * mask
    centred = np.where(mask, score - (weights @ score) / weights.sum(), 0.0)
    y_mean = (weights @ values) / weights.sum()
    below = float(weights @ centred**2)
    slope = float(weights @ (centred * values)) / below if below > 0 else float("nan")
    residual = centred * (values - y_mean - slope * centred)
    if design.replicates is None:
        part = core.estimate(design, residual[:, None] / below, None, mask[:, None])
        spread = part.deviations
    else:
        from evalkit.numerics.replication import deviations

        array = np.asarray(design.replicates.weights) * mask[:, None]
        total = array.sum(axis=0)
        s_mean, y_means = score @ array / total, values @ array / total
        top = (score * values) @ array / total - s_mean * y_means
        replicated = (top / (score**2 @ array / total - s_mean**2))[:, None]
        multipliers = design.replicates.multipliers
        spread = deviations(replicated, np.array([slope]), multipliers, design.replicates.mse)
    domains = core.Domains(design, mask[:, None])
    return core.Estimated(np.array([slope]), spread, domains, residual[:, None], np.array([below]))


def _monotone(design: Design, values: Floats, groups: core.Groups, slope: float) -> tuple[str, float, float]:
    found, _, yes = _of_groups(design, values, groups)
    steps = np.diff(found.estimate) * (1 if slope >= 0 else -1)
    worst = int(np.argmin(steps)) if len(steps) else 0
    if not len(steps) or steps[worst] >= 0:
        return ("rising" if slope >= 0 else "falling"), 0.0, 1.0
    if np.isin(values[~np.isnan(values)], (0.0, 1.0)).all():
        pair = np.array([worst, worst + 1])
        if small.few(found, pair):
            return "no", float(-steps[worst]), small.shares_of(found, pair, yes).difference() / 2
    spread = np.diff(found.deviations, axis=1)[:, worst]
    error = float(np.sqrt(spread @ spread))
    df = np.maximum(core.Domains(design, np.any(found.domains.mask, axis=1, keepdims=True)).df - 1, 0)
    p = float(intervals.t_pvalue(np.array([steps[worst] / error if error > 0 else -np.inf]), df)[0]) / 2
    return "no", float(-steps[worst]), p


def adjust_pvalues(
    p: Sequence[float] | pd.Series, *, family: Sequence[Any] | None = None, method: Literal["holm", "bh"] = "holm"
) -> Floats:
    """p-values adjusted within each family: Holm (1979), or Benjamini & Hochberg (1995) with "bh".

    Parameters
    ----------
    p : p-values; a missing one stays missing and does not count.
    family : the family of each test; one family where it is not given.

    Examples
    --------
    >>> adjust_pvalues([0.01, 0.04, 0.03]).round(2).tolist()
    [0.03, 0.06, 0.06]
    """
    methods = {"holm": multiplicity.holm, "bh": multiplicity.benjamini_hochberg}
    if method not in methods:
        raise MethodError("unknown adjustment", expected=one_of(methods), got=repr(method))
    values = np.asarray(p, dtype=float)
    if family is None:
        return methods[method](values)
    labels = list(family)
    if len(labels) != len(values):
        raise MethodError("family needs a label a p-value", expected=len(values), got=len(labels))
    out = np.full(len(values), np.nan)
    for label in dict.fromkeys(labels):
        at = np.array([other == label for other in labels])
        out[at] = methods[method](values[at])
    return out
