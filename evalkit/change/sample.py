"""From a frame and a formula to the arrays of the conditional likelihood; every row left out is counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evalkit.change.design import columns_used, design, parse, unique_rows
from evalkit.errors import DataError, MethodError
from evalkit.numerics.patterns import Block, Bools, Floats, Ints, Patterns, build, take_columns


@dataclass(frozen=True)
class Sample:
    """The rows a conditional likelihood uses, and an account of the others.

    Attributes
    ----------
    names : the identified columns. patterns : units with both answers, as patterns.
    y : (n,) answers; x : (n, p) covariates; unit : (n,) codes 0 … U − 1; rows : (n,) positions in the data.
    labels : (U,) the units' names. weight : (U,) mean 1, or all 1. cluster : (U,) codes, or None.
    fraction : (U,) the share of the population that was asked, 0 where it is not known.
    n_groups : units in the data. n_paired : units with two or more complete rows, changed or not.
    n_clusters : clusters among those. dropped : frame why, groups, rows. omitted : column → why.
    unchanged : column → (units, size) in which a difference below that size was taken for none.
    """

    names: tuple[str, ...]
    patterns: Patterns
    y: Bools
    x: Floats
    unit: Ints
    rows: Ints
    labels: NDArray[Any]
    weight: Floats
    cluster: Ints | None
    fraction: Floats
    n_groups: int
    n_paired: int
    n_clusters: int
    dropped: pd.DataFrame
    omitted: dict[str, str]
    unchanged: dict[str, tuple[int, float]]


class _Drops:
    """Rows left out so far, by reason."""

    def __init__(self, rows: int) -> None:
        self.keep = np.ones(rows, dtype=bool)
        self.account: list[tuple[str, int, int]] = []

    def drop(self, bad: Bools, why: str, groups: Ints) -> None:
        """Leave out the rows `bad`; `groups` has each row's unit."""
        bad = bad & self.keep
        if bad.any():
            units = np.count_nonzero(np.bincount(groups[bad] + 1))  # −1 is a row without a unit
            self.account.append((why, int(units), int(bad.sum())))
            self.keep &= ~bad

    def frame(self) -> pd.DataFrame:
        return pd.DataFrame(self.account, columns=["why", "groups", "rows"])


def prepare(
    formula: str,
    data: pd.DataFrame,
    *,
    group: str,
    weights: str | None = None,
    cluster: str | None = None,
    fpc: str | float | None = None,
    wave: str | None = None,
) -> Sample:
    """Check the arguments, build the design, and leave out what says nothing about change."""
    parsed = parse(formula)
    used = columns_used(parsed, formula, data, group=group, weights=weights, cluster=cluster, fpc=fpc, wave=wave)
    codes, labels = pd.factorize(data[group], sort=False)
    codes, names = codes.astype(np.int64), np.asarray(labels)
    drops = _Drops(len(data))
    for column in used:
        drops.drop(data[column].isna().to_numpy(dtype=bool), f"missing {column}", codes)
    if not drops.keep.any():
        raise DataError(
            "No row is complete.",
            where=formula,
            got=_account(drops),
            mend="give data where the outcome, the covariates and the unit are known",
        )
    complete = data.loc[drops.keep]
    wave = wave or ("wave" if "wave" in used else None)
    unique_rows(complete, group, wave)
    y, x, columns = design(parsed, formula, complete, wave=wave)
    rows = np.flatnonzero(drops.keep)
    unit = codes[rows]
    constants = _constants(complete, unit, names, weights, cluster, fpc)
    _leave_out(drops, rows, y, unit, constants.weight, len(names))
    return _sample(drops, rows, y, x, columns, unit, names, constants)


def _account(drops: _Drops) -> str:
    return ", ".join(f"{why}: {rows} rows" for why, _, rows in drops.account) or "no rows"


@dataclass(frozen=True)
class _Constants:
    """What each unit has one of: weight, cluster code, sampled fraction, each (all units,)."""

    weight: Floats
    cluster: Ints | None
    fraction: Floats


def _constants(
    data: pd.DataFrame,
    unit: Ints,
    names: NDArray[Any],
    weights: str | None,
    cluster: str | None,
    fpc: str | float | None,
) -> _Constants:
    weight = np.ones(len(names))
    if weights is not None:
        weight = _of_units(data, weights, unit, names, "a weight", weight).astype(float)
        if not np.all(np.isfinite(weight)) or weight.min() < 0:
            bad = np.flatnonzero(~(weight >= 0) | ~np.isfinite(weight))[0]
            raise DataError(
                "A weight is negative or not finite.", where=f"{weights}, unit {names[bad]}", got=weight[bad]
            )
    codes = None
    if cluster is not None:
        column = pd.Series(pd.factorize(data[cluster])[0], index=data.index, name=cluster).to_frame()
        codes = _of_units(column, cluster, unit, names, "a cluster", np.zeros(len(names))).astype(np.int64)
    return _Constants(weight, codes, _fractions(data, unit, names, fpc, weight))


def _of_units(
    data: pd.DataFrame, column: str, unit: Ints, names: NDArray[Any], what: str, default: Floats
) -> NDArray[Any]:
    """The value of `column` for each unit; it must be one and the same in all the unit's rows."""
    if not pd.api.types.is_numeric_dtype(data[column]):
        raise DataError(f"The column for {what} is not a number.", where=column, got=data[column].dtype)
    values = data[column].to_numpy(dtype=float)
    low, high = np.full(len(names), np.inf), np.full(len(names), -np.inf)
    np.minimum.at(low, unit, values)
    np.maximum.at(high, unit, values)
    differs = np.flatnonzero((high > low) & np.isfinite(low))
    if len(differs):
        first = differs[0]
        raise DataError(
            f"A unit has more than one value of {what}.",
            where=f"{column}, unit {names[first]} (and {len(differs) - 1} more)"
            if len(differs) > 1
            else f"{column}, unit {names[first]}",
            expected=f"{what} that is the same in all of a unit's rows",
            got=", ".join(f"{v:g}" for v in np.unique(values[unit == first])),
            mend=f"give each unit one value of {column}, such as its panel weight"
            if what == "a weight"
            else "choose clusters that units lie within",
        )
    return np.where(np.isfinite(low), low, default)


def _fractions(data: pd.DataFrame, unit: Ints, names: NDArray[Any], fpc: str | float | None, weight: Floats) -> Floats:
    """The sampled fraction of each unit's population; units of weight zero were not asked."""
    if fpc is None:
        return np.zeros(len(names))
    if isinstance(fpc, str):
        values = _of_units(data, fpc, unit, names, "a finite population", np.zeros(len(names))).astype(float)
        if values.max() > 1 and len(np.unique(values[np.unique(unit)])) == 1:
            fpc = float(values.max())
        elif values.max() > 1 or values.min() < 0:
            raise MethodError(
                "The finite population correction differs between units and is not a fraction.",
                where=f"fpc={fpc!r}",
                expected="sampled fractions between 0 and 1, or one population size",
                got=f"values from {values.min():g} to {values.max():g}",
                mend="give each unit the sampled fraction of its stratum, n/N",
            )
        else:
            return values
    if not fpc > 0:
        raise MethodError("fpc is not positive.", where=f"fpc={fpc}", expected="a population size or a fraction")
    asked = int(((np.bincount(unit, minlength=len(names)) >= 2) & (weight > 0)).sum())
    if fpc > 1 and fpc < asked:
        raise MethodError(
            "The population is smaller than the sample.", where=f"fpc={fpc:g}", expected=f"{asked} or more"
        )
    return np.full(len(names), asked / fpc if fpc > 1 else float(fpc))


def _leave_out(drops: _Drops, rows: Ints, y: Bools, unit: Ints, weight: Floats, n_units: int) -> None:
    """Drop units of weight zero, of one row, and without both answers."""
    total = np.bincount(unit, minlength=n_units)
    yes = np.bincount(unit, weights=y, minlength=n_units)
    all_units = np.zeros(len(drops.keep), dtype=np.int64)
    all_units[rows] = unit
    for bad, why in [
        (weight <= 0, "weight zero"),
        (total == 1, "one row"),
        (yes == 0, "outcome always 0"),
        (yes == total, "outcome always 1"),
    ]:
        mask = np.zeros(len(drops.keep), dtype=bool)
        mask[rows] = bad[unit]
        drops.drop(mask, why, all_units)


def _sample(
    drops: _Drops,
    rows: Ints,
    y: Bools,
    x: Floats,
    columns: list[str],
    unit: Ints,
    names: NDArray[Any],
    constants: _Constants,
) -> Sample:
    """The units that changed, as patterns, with what is left out of account."""
    kept = drops.keep[rows]
    if not kept.any():
        raise MethodError(
            "No unit changed its answer, so the data say nothing about change.",
            got=_account(drops),
            mend="check that the waves are of the same units; units that never change cannot tell",
        )
    paired = (np.bincount(unit, minlength=len(names)) >= 2) & (constants.weight > 0)
    y, x, rows = y[kept], x[kept], rows[kept]
    used = np.flatnonzero(np.bincount(unit[kept], minlength=len(names)))
    place = np.zeros(len(names), dtype=np.int64)
    place[used] = np.arange(len(used))
    codes = place[unit[kept]]
    weight = constants.weight[used]
    weight = weight * (len(weight) / weight.sum())
    patterns = build(y, x, codes, weight)
    identified, omitted = identify(patterns, columns)
    unchanged = _unchanged(patterns, columns)
    if len(identified) < len(columns):
        patterns = build(y, x[:, identified], codes, weight)
    cluster, n_clusters = _clusters(constants.cluster, used, paired)
    return Sample(
        names=tuple(columns[i] for i in identified),
        patterns=patterns,
        y=y,
        x=x[:, identified],
        unit=codes,
        rows=rows,
        labels=names[used],
        weight=weight,
        cluster=cluster,
        fraction=constants.fraction[used],
        n_groups=len(names),
        n_paired=int(paired.sum()),
        n_clusters=n_clusters,
        dropped=drops.frame(),
        omitted=omitted,
        unchanged=unchanged,
    )


def _unchanged(patterns: Patterns, columns: list[str]) -> dict[str, tuple[int, float]]:
    """Columns with differences too small to be any: units with them, and the tolerance."""
    at = np.flatnonzero(patterns.unchanged)
    return {columns[i]: (int(patterns.unchanged[i]), float(patterns.tolerance[i])) for i in at}


def _clusters(codes: Ints | None, used: Ints, paired: Bools) -> tuple[Ints | None, int]:
    """Cluster codes of the units used, and how many clusters the units asked twice lie in."""
    if codes is None:
        return None, int(paired.sum())
    return np.unique(codes[used], return_inverse=True)[1].reshape(-1), len(np.unique(codes[paired]))


def _gram(block: Block) -> Floats:
    """(p, p) cross products of deviations from the units' means."""
    away = block.x.transpose(2, 0, 1)
    away = (away - away.mean(axis=1, keepdims=True)).reshape(len(away), -1)
    return away @ away.T


def identify(patterns: Patterns, columns: list[str]) -> tuple[list[int], dict[str, str]]:
    """Columns that within-unit differences identify, in their order, and why the others are not."""
    p = len(columns)
    reach = np.zeros(p)
    for block in patterns.blocks:
        reach = np.maximum(reach, block.x.max(axis=(0, 1)))
    varies = reach > 0
    omitted = {
        columns[i]: "does not vary within any unit that changed"
        + (f", but for differences below {patterns.tolerance[i]:.2g}" if patterns.unchanged[i] else "")
        for i in np.flatnonzero(~varies)
    }
    kept: list[int] = [int(i) for i in np.flatnonzero(varies)]
    if not kept:
        raise MethodError(
            "No covariate varies within a unit that changed.",
            where=", ".join(columns),
            got="; ".join(f"{name} {why}" for name, why in omitted.items()),
            mend="include the wave, or its interaction with what does not change over time",
        )
    patterns = take_columns(patterns, np.diag(1 / np.where(varies, reach, 1.0)))  # squares of 1e-200 would vanish
    gram = sum(_gram(block)[np.ix_(kept, kept)] for block in patterns.blocks)
    size = np.sqrt(np.diag(gram))
    if np.linalg.eigvalsh(gram / np.outer(size, size))[0] > 1e-6:
        return kept, omitted
    deviations = [(b.x - b.x.mean(axis=0)).reshape(-1, p) for b in patterns.blocks]
    within: Floats = np.concatenate(deviations)[:, kept] / size
    root: Floats = np.asarray(np.linalg.qr(within, mode="r"))
    near = patterns.tolerance[kept] / size
    chosen: list[int] = []
    for i in range(len(kept)):
        if chosen:
            solution = np.linalg.lstsq(root[:, chosen], root[:, i], rcond=None)[0]
            rest = root[:, i] - root[:, chosen] @ solution
            noise = near[i] + np.abs(solution) @ near[chosen]
            if np.linalg.norm(rest) < max(1e-9, noise):
                parts = [columns[kept[chosen[k]]] for k in np.flatnonzero(np.abs(solution) > 1e-7)]
                omitted[columns[kept[i]]] = f"collinear within units with {', '.join(parts)}"
                continue
        chosen.append(i)
    return [kept[i] for i in chosen], omitted
