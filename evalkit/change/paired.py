"""Change in percentage points among units that answered in both waves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd

from evalkit.change.design import answers, unique_rows, waves_in_order
from evalkit.change.mcnemar import mcnemar
from evalkit.errors import DataError, MethodError, nearest, one_of
from evalkit.numerics.paired import newcombe, tango


def paired_change(
    data: pd.DataFrame,
    outcome: str,
    *,
    unit: str,
    wave: str,
    by: str | None = None,
    weights: str | None = None,
    fpc: str | float | None = None,
    level: float = 0.95,
    interval: str = "newcombe",
) -> pd.DataFrame:
    """Share before and after, and the change, among units that answered in both waves.

    This is a statement about all who answered twice; the odds ratio beside it is of those that changed. An average
    marginal effect is not given: in a logit with fixed effects it is not identified (Davezies, D'Haultfœuille &
    Laage 2021), whereas the change in the share is.

    Parameters
    ----------
    data : one row for each unit and wave. outcome : 0/1 column; rows where it is missing are left out and counted.
    unit, wave : columns. With more than two waves each is compared with the first, in the order of the categories, else
        by size; text that is no number is refused.
    by : column of groups, constant within units.
    weights : column, constant within units. fpc : population size, sampled fraction, or column of fractions.
        With either, the interval is design-based: Student's t on the weighted mean of the units' differences, whose
        variance holds the covariance between the waves.
    interval : without weights and fpc, "newcombe" (Newcombe 1998, method 10) or "tango" (Tango 1998).

    Returns
    -------
    DataFrame : [by], before, after, change, std_error, ci_low, ci_high, up, down, unchanged, n, odds_ratio,
        odds_ratio_low, odds_ratio_high, pvalue (exact McNemar; design-based t with weights), unpaired (units that
        answered in one of the two waves only), from_wave, to_wave. Shares and change are 0–1.

    Examples
    --------
    >>> data = pd.DataFrame({"id": [1, 1, 2, 2, 3, 3], "wave": [0, 1] * 3, "y": [0, 1, 0, 1, 1, 1]})
    >>> row = paired_change(data, "y", unit="id", wave="wave").iloc[0]
    >>> float(round(row["change"], 3)), int(row["up"]), int(row["down"]), int(row["unchanged"])
    (0.667, 2, 0, 1)
    """
    _check(data, outcome, unit, wave, by, weights, fpc, level, interval)
    wide = _wide(data, outcome, unit, wave)
    extra = {name: _constant(data, unit, name) for name in (by, weights, fpc) if isinstance(name, str)}
    groups = [(None, wide.index)] if by is None else _groups(wide.index, extra[by])
    rows = []
    for to_wave in wide.columns[1:]:
        for label, members in groups:
            pair = wide.loc[members, [wide.columns[0], to_wave]]
            both = pair.dropna()
            row: dict[str, Any] = {} if by is None else {by: label}
            weight = None if weights is None else extra[weights].reindex(both.index).to_numpy(dtype=float)
            share = extra[fpc].reindex(both.index).to_numpy(dtype=float) if isinstance(fpc, str) else fpc
            row |= _row(both.to_numpy(dtype=float), weight, share, level, interval)
            row |= {"unpaired": int(pair.notna().sum(axis=1).eq(1).sum())}
            rows.append(row | {"from_wave": wide.columns[0], "to_wave": to_wave})
    return pd.DataFrame(rows)


def _groups(index: pd.Index, labels: pd.Series) -> Iterator[tuple[Any, pd.Index]] | list[tuple[Any, pd.Index]]:
    known = labels.reindex(index).dropna()
    return [(label, members.index) for label, members in known.groupby(known, observed=True)]


def _check(
    data: pd.DataFrame,
    outcome: str,
    unit: str,
    wave: str,
    by: str | None,
    weights: str | None,
    fpc: str | float | None,
    level: float,
    interval: str,
) -> None:
    named = {"outcome": outcome, "unit": unit, "wave": wave, "by": by, "weights": weights}
    if isinstance(fpc, str):
        named["fpc"] = fpc
    for role, name in named.items():
        if name is not None and name not in data.columns:
            raise MethodError(
                f"There is no column {name!r} in the data.",
                where=f"{role}={name!r}",
                expected=one_of(data.columns) if len(data.columns) <= 12 else f"one of {len(data.columns)} columns",
                mend=f"did you mean {nearest(name, data.columns)!r}?" if nearest(name, data.columns) else None,
            )
    if not 0 < level < 1:
        raise MethodError("The level is not between 0 and 1.", where="paired_change", got=level)
    if interval not in ("newcombe", "tango"):
        raise MethodError(
            "There is no such interval.", where=f"interval={interval!r}", expected='"newcombe" or "tango"'
        )
    if not len(data):
        raise DataError("The data have no rows.", where=outcome, mend="check the filter that made them")


def _wide(data: pd.DataFrame, outcome: str, unit: str, wave: str) -> pd.DataFrame:
    """Units by waves, the outcome as 0, 1 or missing."""
    known = data.loc[data[[unit, wave, outcome]].notna().all(axis=1), [unit, wave, outcome]]
    if not len(known):
        raise DataError("The outcome is missing in every row.", where=outcome)
    unique_rows(known, unit, wave)
    known = known.assign(**{outcome: answers(known[outcome], outcome).astype(float)})
    wide = known.set_index([unit, wave])[outcome].unstack(wave)[waves_in_order(known[wave])]
    if wide.shape[1] < 2:
        raise MethodError(
            "Change needs two waves.", where=f"{outcome}, {wave}", got=f"answers in {wide.columns[0]} only"
        )
    if wide.notna().sum(axis=1).max() < 2:
        raise MethodError("No unit answered twice.", where=outcome, mend="check that unit names agree between waves")
    return wide


def _constant(data: pd.DataFrame, unit: str, column: str) -> pd.Series:
    """The one value of `column` that each unit has."""
    known = data[[unit, column]].dropna()
    several = known.groupby(unit, observed=True)[column].nunique()
    if (several > 1).any():
        name = several.index[several > 1][0]
        got = known.loc[known[unit] == name, column].unique()
        raise DataError(
            f"A unit has more than one value of {column}.",
            where=f"unit {name}",
            expected="the same value in all of a unit's rows",
            got=", ".join(map(str, got)),
            mend=f"give each unit one value of {column}",
        )
    return known.groupby(unit, observed=True)[column].first()


def _row(
    both: np.ndarray, weight: np.ndarray | None, fpc: np.ndarray | float | None, level: float, interval: str
) -> dict[str, float]:
    """One row of the result from (n, 2) answers before and after."""
    before, after = both[:, 0], both[:, 1]
    n = len(both)
    up, down = int((after > before).sum()), int((after < before).sum())
    odds = mcnemar(up, down, level=level)
    if weight is None and fpc is None:
        share = (before.mean(), after.mean()) if n else (np.nan, np.nan)
        error = np.sqrt(up + down - (up - down) ** 2 / n) / n if n else np.nan
        limits = _LIMITS[interval](before, after, level) if n else (np.nan, np.nan)
        pvalue = odds.exact
    else:
        share, error, limits, pvalue = _design_based(before, after, weight, fpc, level)
    return {
        "before": share[0],
        "after": share[1],
        "change": share[1] - share[0],
        "std_error": error,
        "ci_low": limits[0],
        "ci_high": limits[1],
        "up": up,
        "down": down,
        "unchanged": n - up - down,
        "n": n,
        "odds_ratio": odds.odds_ratio,
        "odds_ratio_low": odds.conf_int[0],
        "odds_ratio_high": odds.conf_int[1],
        "pvalue": pvalue,
    }


def _design_based(
    before: np.ndarray, after: np.ndarray, weight: np.ndarray | None, fpc: np.ndarray | float | None, level: float
) -> tuple[tuple[float, float], float, tuple[float, float], float]:
    """Weighted means, and Taylor linearisation of their difference with n − 1 degrees of freedom."""
    from scipy.special import stdtr, stdtrit

    n = len(before)
    weight = np.ones(n) if weight is None else weight
    if np.any(~(weight >= 0)):
        raise DataError("A weight is negative or missing.", got=weight[~(weight >= 0)][0], mend="mend the weights")
    if not n or not weight.sum() > 0:
        return (np.nan, np.nan), np.nan, (np.nan, np.nan), np.nan
    fraction = _fraction(fpc, n)
    weight = weight / weight.sum()
    share = float(weight @ before), float(weight @ after)
    change = share[1] - share[0]
    score = weight * (after - before - change)
    error = float(np.sqrt(np.sum((1 - fraction) * score**2) * n / (n - 1))) if n > 1 else np.nan
    if np.all(fraction == 1):
        return share, 0.0, (change, change), np.nan
    half = error * stdtrit(n - 1, 0.5 + level / 2) if n > 1 else np.nan
    pvalue = float(2 * stdtr(n - 1, -abs(change) / error)) if n > 1 and error > 0 else np.nan
    return share, error, (change - half, change + half), pvalue


def _fraction(fpc: np.ndarray | float | None, n: int) -> np.ndarray:
    values = np.broadcast_to(np.asarray(0.0 if fpc is None else fpc, dtype=float), (n,))
    if not np.all(values >= 0) or (fpc is not None and np.any(values == 0)):
        raise MethodError("fpc is not positive.", where="paired_change", got=float(values.min()))
    size = values > 1
    if np.any(size & (values < n)) and len(np.unique(values)) == 1:
        raise MethodError("The population is smaller than the sample.", expected=f"{n} or more", got=values[0])
    if size.any() and len(np.unique(values)) > 1:
        raise MethodError(
            "The finite population correction differs between units and is not a fraction.",
            got=f"values from {values.min():g} to {values.max():g}",
            mend="give each unit the sampled fraction of its stratum, n/N",
        )
    return np.where(size, n / np.where(size, values, 1.0), values)


_LIMITS: dict[str, Callable[[np.ndarray, np.ndarray, float], tuple[float, float]]] = {
    "newcombe": newcombe,
    "tango": tango,
}
