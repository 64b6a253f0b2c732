"""Estimates as ratios of weighted totals in domains, with their variance and the tidy frame of results."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from evalkit.errors import MethodError, nearest, one_of
from evalkit.numerics import intervals
from evalkit.numerics.linearisation import between_clusters, row_sums, scores
from evalkit.numerics.order import in_order
from evalkit.numerics.replication import deviations
from evalkit.weights import Design

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

BLOCK = 20_000_000
"""Numbers that one array of rows × estimates may hold."""
COLUMNS = (
    "estimate",
    "std_error",
    "ci_low",
    "ci_high",
    "df",
    "n",
    "sum_weights",
    "n_effective",
    "deff",
)


@dataclass(frozen=True)
class Domains:
    """The rows behind each estimate.

    Attributes
    ----------
    design : the design they are part of.
    mask : (n, p) row is in the domain of the estimate.
    """

    design: Design
    mask: Bools

    @cached_property
    def weights(self) -> Floats:
        return self.design.weights.to_numpy()

    @cached_property
    def n(self) -> Floats:
        return self.mask.sum(axis=0).astype(float)

    @cached_property
    def sum_weights(self) -> Floats:
        return self.weights @ self.mask

    @cached_property
    def n_effective(self) -> Floats:
        """Kish's (Σw)² / Σw² (Kish 1965, 11.7)."""
        square = self.weights**2 @ self.mask
        return np.divide(self.sum_weights**2, square, out=np.zeros_like(square), where=square > 0)

    @cached_property
    def n_independent(self) -> Floats:
        """Kish's n of the clusters' sums of weights, of the rows' where each is drawn by itself: what answers that are
        all alike are worth, for they tell nothing of how alike a cluster's answers are.
        """
        strata = self.design.strata
        if strata is None:
            return np.minimum(self.n_effective, self.df + 1)
        if strata.cluster is None:
            return self.n_effective
        sums = row_sums(self.weights[:, None] * self.mask, strata.cluster, len(strata.stratum))
        square = (sums**2).sum(axis=0)
        return np.divide(self.sum_weights**2, square, out=np.zeros_like(square), where=square > 0)

    @cached_property
    def df(self) -> Floats:
        """Clusters − strata among the rows of the domain (degf of R's subset)."""
        strata = self.design.strata
        if strata is None:
            return np.full(self.mask.shape[1], float(self.design.df))
        there = (self.mask & (self.weights != 0)[:, None]).astype(float)
        if strata.cluster is not None:
            there = (row_sums(there, strata.cluster, len(strata.stratum)) > 0).astype(float)
        of_strata = (row_sums(there, strata.stratum, len(strata.sizes)) > 0).sum(axis=0)
        df = there.sum(axis=0) - of_strata
        replicates = self.design.replicates
        return df if replicates is None else np.minimum(df, replicates.count - 1)

    @cached_property
    def all_answered(self) -> Bools:
        """(p,) everyone in the domain answered: strata and calibrated categories with as many answers as units.

        Counts say so, never the weights: a weight of 1 may be one that was normalised. A complete category whose
        weights another margin moved from 1 keeps its error, for its estimate is not the count's.
        """
        return (self.n > 0) & ~(self.mask & (self.left > 0)[:, None]).any(axis=0)

    @cached_property
    def left(self) -> Floats:
        """(n,) 1 − n/N of each row's stratum, nil where counts say that all of it answered."""
        design, strata = self.design, self.design.strata
        if not design.has_fpc or strata is None:
            return np.ones(design.n)
        of_cluster = strata.correction[strata.stratum]
        left = of_cluster if strata.cluster is None else of_cluster[strata.cluster]
        known = (left < 1e-12) | (design.complete & (np.abs(self.weights - 1) < 1e-9))
        return np.where(known, 0.0, left)


@dataclass(frozen=True)
class Estimated:
    """Estimates (p,), the scaled deviations (m, p) whose cross-product is their covariance, and their domains.

    `values` (n, p) is the linearised numerator a − θb of each row, `base` (p,) the weighted sum of b (None for totals).
    """

    estimate: Floats
    deviations: Floats
    domains: Domains
    values: Floats
    base: Floats | None

    @cached_property
    def variance(self) -> Floats:
        variance = np.einsum("ij,ij->j", self.deviations, self.deviations)
        known = np.where(self.domains.df >= 1, variance, np.nan)
        return np.where(np.isnan(self.estimate), np.nan, np.where(self.domains.all_answered, 0.0, known))

    @property
    def std_error(self) -> Floats:
        return np.sqrt(self.variance)

    @cached_property
    def alike(self) -> Bools:
        """(p,) shares between 0 and 1 without error, though not all answered and no margin can have fixed them: every
        cluster is divided as the others, or every stratum answers with one voice. That tells no variance.
        """
        share, domains = self.estimate, self.domains
        if domains.design.strata is None or domains.design.projections:
            return np.zeros(len(share), dtype=bool)
        inside = (share > 0) & (share < 1) & ~domains.all_answered
        return inside & (self.variance <= 1e-18 * share * (1 - share))  # what rounding leaves of zero

    @cached_property
    def silent(self) -> Bools:
        """(p,) no error though not all answered and no margin can have fixed it: answers (or sums of clusters) are all
        alike, which says nothing of those who did not answer.
        """
        domains = self.domains
        if domains.design.projections:
            return np.zeros(len(self.estimate), dtype=bool)
        return (self.variance <= 1e-18 * self.estimate**2) & ~domains.all_answered & (domains.n > 0)

    @property
    def cov(self) -> Floats:
        """(p, p) covariance of the estimates."""
        cov = self.deviations.T @ self.deviations
        still = self.domains.all_answered
        cov[still, :], cov[:, still] = 0.0, 0.0
        return cov

    def deff(self, *, with_replacement: bool | None = None) -> Floats:
        """Design effect: the variance over that of a simple random sample of as many answers.

        The reference is drawn without replacement where the design has a finite population correction, else with;
        as deff=TRUE and deff="replace" in R's survey.
        """
        domains, weights = self.domains, self.domains.weights
        replace = not domains.design.has_fpc if with_replacement is None else with_replacement
        size, n = domains.sum_weights, domains.n
        with np.errstate(divide="ignore", invalid="ignore"):
            inside = np.where(domains.mask, self.values, 0.0)
            centred = np.where(domains.mask, self.values - (weights @ inside) / size, 0.0)
            spread = weights @ centred**2 / size * n / (n - 1)
            simple = spread / n * (1.0 if replace else np.maximum(1 - n / size, 0.0))
            simple = simple * size**2 if self.base is None else simple * (size / self.base) ** 2
            return np.where(simple > 0, self.variance / simple, np.nan)


def estimate(design: Design, numerator: Floats, denominator: Floats | None, mask: Bools) -> Estimated:
    """Ratios of weighted totals, or weighted totals, with Taylor linearisation or replicates.

    Parameters
    ----------
    numerator, denominator : (n, p), nil outside the domain; denominator None for totals.
    mask : (n, p) rows in the domain.
    """
    domains = Domains(design, mask)
    weights = domains.weights
    tops = weights @ numerator
    base = None if denominator is None else weights @ denominator
    with np.errstate(divide="ignore", invalid="ignore"):
        theta = np.where(domains.n > 0, tops, np.nan) if base is None else tops / np.where(base == 0, np.nan, base)
        values = numerator if denominator is None else numerator - np.where(np.isnan(theta), 0, theta) * denominator
        influence = values if base is None else values / np.where(base == 0, np.nan, base)
    if design.replicates is None:
        assert design.strata is not None
        scored = scores(np.where(np.isnan(influence), 0.0, influence), weights, design.projections)
        spread = between_clusters(scored, design.strata, design.lonely)
    else:
        array = np.asarray(design.replicates.weights, dtype=float)
        with np.errstate(divide="ignore", invalid="ignore"):
            below = 1.0 if denominator is None else array.T @ denominator
            replicated = array.T @ numerator / np.where(below == 0, np.nan, below)
        spread = deviations(replicated, theta, design.replicates.multipliers, design.replicates.mse)
    return Estimated(theta, spread, domains, values, base)


@dataclass(frozen=True)
class Groups:
    """The groups of `by`: names of the columns, (g) tuples of values, and (n, g) membership."""

    columns: tuple[str, ...]
    keys: tuple[tuple[Any, ...], ...]
    member: Bools
    missing: int


def groups_of(data: pd.DataFrame, by: str | Sequence[str] | None) -> Groups:
    """The groups that occur, in the order of the categories, else sorted; a missing value belongs to none."""
    import pandas as pd

    if by is None:
        return Groups((), ((),), np.ones((len(data), 1), dtype=bool), 0)
    columns = (by,) if isinstance(by, str) else tuple(by)
    require(data, columns)
    if not columns:
        raise MethodError("by names no column", expected="a column, several, or None", got=repr(by))
    joint, values = np.zeros(len(data), dtype=np.int64), []
    gone = np.zeros(len(data), dtype=bool)
    for column in columns:
        codes, found = ordered(data[column])
        gone |= codes < 0
        joint = joint * max(len(found), 1) + np.maximum(codes, 0)
        values.append(list(found))
    used = np.unique(joint[~gone])
    keys = pd.MultiIndex.from_product(values)[used] if len(used) else []
    return Groups(columns, tuple(tuple(k) for k in keys), (joint[:, None] == used) & ~gone[:, None], int(gone.sum()))


def by_order(groups: Groups, column: pd.Series) -> Groups:
    """The groups of one column, first to last (`in_order`)."""
    import pandas as pd

    keys = [key[0] for key in groups.keys]
    categorical = isinstance(column.dtype, pd.CategoricalDtype)
    declared = categorical and bool(column.cat.ordered)
    first_to_last = in_order(keys, str(column.name), categories=keys if categorical else None, declared=declared)
    order = [keys.index(value) for value in first_to_last]
    return Groups(groups.columns, tuple(groups.keys[i] for i in order), groups.member[:, order], groups.missing)


def in_blocks(groups: Groups, width: int, make: Callable[[Groups], pd.DataFrame]) -> pd.DataFrame:
    """`make` on a few groups at a time, so that no array holds more than `BLOCK` numbers; `width` columns a group."""
    import pandas as pd

    step = max(1, BLOCK // max(1, len(groups.member) * width))
    if len(groups.keys) <= step:
        return make(groups)
    frames, notes, begin = [], [], 0
    for at in range(0, len(groups.keys), step):
        part = Groups(groups.columns, groups.keys[at : at + step], groups.member[:, at : at + step], groups.missing)
        frame = make(part)
        notes += [(begin + row, text) for row, text in frame.attrs["notes"]]
        begin += len(frame)
        frames.append(frame)
    attrs = frames[0].attrs | {"notes": tuple(notes)}
    for frame in frames:
        frame.attrs = {}
    joined = pd.concat(frames, ignore_index=True)
    joined.attrs = attrs
    return joined


def ordered(series: pd.Series) -> tuple[NDArray[np.int64], list[Any]]:
    """Codes (n,), −1 where missing, and the values in the order of the categories, else sorted."""
    import pandas as pd

    if isinstance(series.dtype, pd.CategoricalDtype):
        return series.cat.codes.to_numpy().astype(np.int64), list(series.cat.categories)
    codes, values = pd.factorize(series, sort=True)
    return codes.astype(np.int64), [value.item() if isinstance(value, np.generic) else value for value in values]


def require(data: pd.DataFrame, columns: Sequence[str]) -> None:
    """Every column is there, or one error names those that are not."""
    faults = []
    for name in columns:
        if name not in data.columns:
            guess = nearest(name, data.columns)
            mend = f"did you mean {guess!r}?" if guess else None
            faults.append(MethodError(f"no column {name!r} in the data", expected=one_of(data.columns), mend=mend))
    if faults:
        raise MethodError.of(faults)


def numbers(data: pd.DataFrame, column: str) -> Floats:
    """A numeric or yes/no column as floats, NaN where missing."""
    from pandas.api import types

    require(data, [column])
    series = data[column]
    if not types.is_numeric_dtype(series):
        raise MethodError(
            f"{column!r} is not numeric",
            where=f"column {column!r}",
            expected="numbers",
            got=str(series.dtype),
            mend="proportion() takes categories",
        )
    values = series.to_numpy(dtype=float, na_value=np.nan)
    if np.isinf(values).any():
        raise MethodError(
            f"{column!r} holds infinite values", where=f"column {column!r}", got=int(np.isinf(values).sum())
        )
    return values


def measure_of(data: pd.DataFrame, column: str) -> Floats:
    """A positive quantity that rows count with, such as inhabitants; NaN where missing."""
    values = numbers(data, column)
    if (values <= 0).any():
        raise MethodError("a measure must be positive", where=f"column {column!r}", got=int((values <= 0).sum()))
    return values


def check_level(level: float) -> None:
    if not 0 < level < 1:
        raise MethodError("the level lies between 0 and 1", expected="such as 0.95", got=level)


def result(
    keys: Mapping[str, Sequence[Any]],
    found: Estimated,
    interval: tuple[Floats, Floats],
    level: float,
    *,
    df: Floats | None = None,
    missing: int = 0,
    **more: Any,
) -> pd.DataFrame:
    """The tidy frame: keys, then `COLUMNS`, then more; its attrs say level, missing rows and notes."""
    import pandas as pd

    domains = found.domains
    values = (
        found.estimate,
        found.std_error,
        *interval,
        domains.df if df is None else df,
        domains.n.astype(int),
        domains.sum_weights,
        domains.n_effective,
        found.deff(),
    )
    frame = pd.DataFrame(
        {**{name: list(column) for name, column in keys.items()}, **dict(zip(COLUMNS, values)), **more}
    )
    notes = tuple(
        (int(i), "all answered") if domains.all_answered[i] else (int(i), "no answers")
        for i in np.flatnonzero(domains.all_answered | (domains.n == 0))
    )
    frame.attrs |= {"level": level, "missing": missing, "notes": notes}
    return frame


def wald_interval(found: Estimated, level: float) -> tuple[Floats, Floats]:
    """Estimate ± t standard errors; no width where everyone answered, none at all where answers are all alike."""
    low, high = intervals.wald(found.estimate, found.std_error, found.domains.df, level)
    still = found.domains.all_answered
    low, high = np.where(still, found.estimate, low), np.where(still, found.estimate, high)
    return np.where(found.silent, np.nan, low), np.where(found.silent, np.nan, high)
