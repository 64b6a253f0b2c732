"""Change in percentage points among units that answered in both waves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from evalkit.change.design import answers, unique_rows, waves_in_order
from evalkit.change.mcnemar import mcnemar
from evalkit.errors import DataError, MethodError, nearest, one_of
from evalkit.numerics.paired import LIMITS, Inference, design_based


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
    weights : column, constant within units; a unit of weight zero is outside, and not counted. fpc : population size,
        sampled fraction, or column of fractions, of the whole sample: a group of `by` is a domain of it. With either,
        the interval is design-based: Student's t on the weighted mean of the units' differences, whose variance holds
        the covariance between the waves. Where fewer than five effective units lie outside the commonest of up, down
        and unchanged, it is that of effective counts (`evalkit.numerics.paired.design_based`).
    interval : "newcombe" (Newcombe 1998, method 10) or "tango" (Tango 1998), of counts or effective counts.

    Returns
    -------
    DataFrame : [by], before, after, change, std_error, ci_low, ci_high, up, down, unchanged, n, odds_ratio,
        odds_ratio_low, odds_ratio_high, pvalue (exact McNemar; t, or the sign test of effective counts, with weights),
        unpaired (units that answered in one of the two waves only), from_wave, to_wave, interval ("newcombe", "tango",
        "t", or "none" where everyone answered). Shares and change are 0–1; std_error is with n/(n − 1) where it is
        design-based, and else √(up + down − (up − down)²/n)/n, the multinomial's.

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
    population = extra[fpc] if isinstance(fpc, str) else fpc
    if weights is not None:
        wide = wide.loc[(extra[weights].reindex(wide.index) != 0).to_numpy()]
    rows = []
    for to_wave in wide.columns[1:]:
        pair = wide[[wide.columns[0], to_wave]]
        sample = _sample(pair.dropna(), extra[weights] if weights else None, population)
        for label, members in [(None, pair.index)] if by is None else _groups(pair.index, extra[by]):
            row: dict[str, Any] = {} if by is None else {by: label}
            row |= _row(sample, sample.index.isin(members), level, interval)
            row |= {"unpaired": int(pair.loc[members].notna().sum(axis=1).eq(1).sum())}
            rows.append(row | {"from_wave": wide.columns[0], "to_wave": to_wave, "interval": row.pop("interval")})
    return pd.DataFrame(rows)


@dataclass(frozen=True)
class _Sample:
    """Units that answered both waves and stand for someone: answers, weights and sampled fractions, each (n,)."""

    index: pd.Index
    before: np.ndarray
    after: np.ndarray
    weight: np.ndarray
    fraction: np.ndarray
    plain: bool


def _sample(both: pd.DataFrame, weight: pd.Series | None, fpc: pd.Series | float | None) -> _Sample:
    index, n = both.index, len(both)
    weights = np.ones(n) if weight is None else weight.reindex(index).to_numpy(dtype=float)
    if not np.all(weights > 0):
        raise DataError("A weight is negative or missing.", got=weights[~(weights > 0)][0], mend="mend the weights")
    share = fpc.reindex(index).to_numpy(dtype=float) if isinstance(fpc, pd.Series) else fpc
    before, after = both.to_numpy(dtype=float).T
    return _Sample(index, before, after, weights, _fraction(share, n), plain=weight is None and fpc is None)


def _groups(index: pd.Index, labels: pd.Series) -> list[tuple[Any, pd.Index]]:
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
    if interval not in LIMITS:
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


def _row(sample: _Sample, domain: np.ndarray, level: float, interval: str) -> dict[str, Any]:
    """One row of the result, from the units of the sample that are in the domain (n,)."""
    before, after, weight = sample.before[domain], sample.after[domain], sample.weight[domain]
    n = len(before)
    up, down = int((after > before).sum()), int((after < before).sum())
    odds = mcnemar(up, down, level=level)
    error, found = np.nan, Inference(np.nan, np.nan, np.nan, "none")
    if n and sample.plain:
        error = float(np.sqrt(up + down - (up - down) ** 2 / n) / n)
        found = Inference(*LIMITS[interval](before, after, level), odds.exact, interval)
    elif n:
        error = _error(sample, domain)
        found = design_based(
            before, after, weight, sample.fraction[domain], error, n - 1, level=level, interval=interval
        )
    share = (weight @ before / weight.sum(), weight @ after / weight.sum()) if n else (np.nan, np.nan)
    return {
        "before": share[0],
        "after": share[1],
        "change": share[1] - share[0],
        "std_error": error,
        "ci_low": found.ci_low,
        "ci_high": found.ci_high,
        "up": up,
        "down": down,
        "unchanged": n - up - down,
        "n": n,
        "odds_ratio": odds.odds_ratio,
        "odds_ratio_low": odds.conf_int[0],
        "odds_ratio_high": odds.conf_int[1],
        "pvalue": found.pvalue,
        "interval": found.interval,
    }


def _error(sample: _Sample, domain: np.ndarray) -> float:
    """Taylor linearisation of the weighted mean difference of a domain; n/(n − 1) is the whole sample's."""
    n, moved = len(domain), sample.after - sample.before
    share = np.where(domain, sample.weight, 0.0) / sample.weight[domain].sum()
    score = share * (moved - share @ moved)
    return float(np.sqrt(np.sum((1 - sample.fraction) * score**2) * n / (n - 1))) if n > 1 else np.nan


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
