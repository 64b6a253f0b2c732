"""Population totals checked against the answers, every fault at once, before anything is solved."""

from __future__ import annotations

import json
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from evalkit.errors import EvalkitError, MethodError, nearest, one_of
from evalkit.weights.strata import rows

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Totals = Mapping[Any, Any]


@dataclass(frozen=True)
class Margin:
    """A category margin, or crossed cells.

    `codes` (n,) is the row's category; `keys` and `totals` (levels,) are its categories and their population totals.
    """

    columns: tuple[str, ...]
    keys: tuple[Hashable, ...]
    totals: Floats
    codes: Ints

    @property
    def name(self) -> str:
        return " × ".join(self.columns)


@dataclass(frozen=True)
class Quantity:
    """The total of a numeric column; `values` (n,)."""

    name: str
    values: Floats
    total: float


Near = Mapping[Any, Sequence[Any]]
"""Category → others, the most alike first."""
Neighbours = Mapping[str, Near]
"""Column → which of its categories are alike."""
BY_ORDER: Near = {}
"""Of a column of which nothing is said: as they stand in the totals."""


def plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def resolve(
    data: pd.DataFrame, totals: Totals, min_cell: int = 0, neighbours: Neighbours | None = None
) -> tuple[list[Margin], list[Quantity], float | None]:
    """The totals as arrays, or one error with every fault: margins, quantities, and the population size if stated."""
    if not isinstance(totals, Mapping) or not totals:
        raise MethodError("totals must say something", expected="{column: {category: total}}", got=repr(totals))
    faults: list[EvalkitError] = []
    categories: list[Margin] = []
    quantities: list[Quantity] = []
    size: float | None = None
    for key, value in totals.items():
        columns = key if isinstance(key, tuple) else (key,)
        unknown = [c for c in columns if c not in data.columns]
        if key == "1" and "1" not in data.columns and not isinstance(value, Mapping):
            size = float(value)
            quantities.append(Quantity("1", np.ones(len(data)), size))
        elif unknown:
            faults.extend(_no_column(c, data) for c in unknown)
        elif isinstance(value, Mapping):
            margin, found = _category_margin(data, columns, value, min_cell, neighbours or {})
            faults.extend(found)
            categories.append(margin)
        else:
            quantity, found = _quantity(data, columns, value)
            faults.extend(found)
            quantities.extend([quantity] if quantity is not None else [])
    faults.extend(_disagreement(categories, size))
    if faults:
        raise MethodError.of(faults)
    return categories, quantities, size


def _no_column(name: object, data: pd.DataFrame) -> MethodError:
    guess = nearest(name, data.columns)
    mend = f"did you mean {guess!r}?" if guess else None
    return MethodError(f"no column {name!r} in the answers", expected=one_of(data.columns), mend=mend)


def _quantity(data: pd.DataFrame, columns: tuple[str, ...], value: Any) -> tuple[Quantity | None, list[EvalkitError]]:
    from pandas.api import types

    name = columns[0]
    if len(columns) > 1:
        fault = MethodError("crossed cells need a total a cell", where=columns, expected="{(a, b): total}", got=value)
        return None, [fault]
    if types.is_bool(value) or not isinstance(value, (int, float, np.number)) or not np.isfinite(float(value)):
        return None, [MethodError("a total must be a number", where=f"column {name!r}", got=repr(value))]
    if not types.is_numeric_dtype(data[name]):
        fault = MethodError(
            f"{name!r} holds text, and its total is one number",
            where=f"column {name!r}",
            expected="{category: total} for a category margin",
            got=f"{value!r} for {data[name].dtype}",
            mend="use margins(frame, columns)",
        )
        return None, [fault]
    values = data[name].to_numpy(dtype=float, na_value=np.nan)
    gone = ~np.isfinite(values)
    if gone.any():
        fault = MethodError(
            f"{name!r} has missing values among the answers",
            where=f"column {name!r}, rows {rows(data, gone)}",
            expected="a value for every answer",
            got=f"{int(gone.sum())} missing",
            mend="state in study.toml what stands for the missing value, or leave the column out of the totals",
        )
        return None, [fault]
    return Quantity(name, values, float(value)), []


def _category_margin(
    data: pd.DataFrame, columns: tuple[str, ...], wanted: Mapping[Any, Any], min_cell: int, neighbours: Neighbours
) -> tuple[Margin, list[EvalkitError]]:
    keys = tuple(wanted)
    name = " × ".join(columns)
    faults: list[EvalkitError] = []
    bad = [k for k in keys if not _is_total(wanted[k])]
    bad += [k for k in keys if len(columns) > 1 and (not isinstance(k, tuple) or len(k) != len(columns))]
    if bad or not keys:
        expected = "a total ≥ 0 for each " + (f"tuple of {len(columns)} categories" if len(columns) > 1 else "category")
        got = ", ".join(f"{k!r}: {wanted[k]!r}" for k in bad[:5]) or "none"
        fault = MethodError("totals must be numbers from 0", where=f"margin {name}", expected=expected, got=got)
        return Margin(columns, (), np.zeros(0), np.zeros(len(data), dtype=np.int64)), [fault]
    codes = _codes(data, columns, keys)
    missing = np.zeros(len(data), dtype=bool)
    complete = int(codes.min()) >= 0
    if not complete:
        missing = data[list(columns)].isna().any(axis=1).to_numpy()
    if missing.any():
        faults.append(
            MethodError(
                f"{name} has missing values among the answers",
                where=f"margin {name}, rows {rows(data, missing)}",
                got=f"{int(missing.sum())} missing",
                mend="fill them from the frame, or state in study.toml what stands for them",
            )
        )
    unknown = missing if complete else (codes < 0) & ~missing
    if unknown.any():
        faults.append(_unknown(data, columns, keys, unknown))
    counts = np.bincount(codes if complete else codes[codes >= 0], minlength=len(keys))
    totals = np.array([float(wanted[k]) for k in keys])
    merge = None if unknown.any() else neighbours.get(columns[-1], BY_ORDER)
    faults.extend(_cell_faults(columns, keys, totals, counts, min_cell, merge))
    kept = np.flatnonzero(totals > 0)
    if len(kept) == len(keys):
        return Margin(columns, keys, totals, codes), faults
    place = np.full(len(keys) + 1, -1, dtype=np.int64)
    place[kept] = np.arange(len(kept))
    return Margin(columns, tuple(keys[i] for i in kept), totals[kept], place[codes]), faults


def _is_total(value: Any) -> bool:
    number = isinstance(value, (int, float, np.number)) and not isinstance(value, bool)
    return bool(number and np.isfinite(float(value)) and float(value) >= 0)


def _codes(data: pd.DataFrame, columns: tuple[str, ...], keys: tuple[Any, ...]) -> Ints:
    """(n,) position of each row's category in `keys`; −1 where it is not there."""
    if len(columns) == 1:
        return _index(data[columns[0]], keys)
    parts = [list(dict.fromkeys(k[i] for k in keys)) for i in range(len(columns))]
    shape = tuple(len(part) for part in parts)
    table = np.full(int(np.prod(shape)), -1, dtype=np.int64)
    for position, key in enumerate(keys):
        table[np.ravel_multi_index([part.index(k) for part, k in zip(parts, key)], shape)] = position
    single = [_index(data[column], tuple(part)) for column, part in zip(columns, parts)]
    known = np.all([codes >= 0 for codes in single], axis=0)
    flat = np.ravel_multi_index([np.maximum(codes, 0) for codes in single], shape)
    return np.where(known, table[flat], -1)


def _index(series: pd.Series, keys: tuple[Any, ...]) -> Ints:
    import pandas as pd

    place = {key: position for position, key in enumerate(keys)}
    if isinstance(series.dtype, pd.CategoricalDtype):
        codes, values = series.cat.codes.to_numpy(), series.cat.categories
    else:
        codes, values = pd.factorize(series)
    of_value = np.array([*(place.get(value, -1) for value in values), -1], dtype=np.int64)
    return of_value.take(codes, mode="wrap")  # −1, missing, wraps to the −1 at the end


def _unknown(
    data: pd.DataFrame, columns: tuple[str, ...], keys: tuple[Any, ...], unknown: NDArray[np.bool_]
) -> MethodError:
    name = " × ".join(columns)
    values = data.loc[unknown, list(columns)].drop_duplicates().head(5).itertuples(index=False, name=None)
    found = [value if len(columns) > 1 else plain(value[0]) for value in values]
    first = found[0][0] if isinstance(found[0], tuple) else found[0]
    known = keys[0][0] if isinstance(keys[0], tuple) else keys[0]
    if isinstance(known, str) != isinstance(first, str):
        hints = [f"the totals' categories are {type(known).__name__}, the answers' {type(first).__name__}"]
    else:
        guesses = [(value, nearest(value, keys)) for value in found]
        hints = [f"{value!r} → {guess!r}?" for value, guess in guesses if guess is not None]
    return MethodError(
        f"{name} has categories unknown to the frame",
        where=f"margin {name}, rows {rows(data, unknown)}",
        expected=one_of([repr(k) for k in keys[:20]]),
        got=f"{', '.join(map(repr, found))} in {int(unknown.sum())} answers",
        mend="; ".join(hints) or "merge them with a category of the frame, or give them a total",
    )


def _cell_faults(
    columns: tuple[str, ...],
    keys: tuple[Any, ...],
    totals: Floats,
    counts: NDArray[Any],
    min_cell: int,
    near: Near | None,
) -> list[EvalkitError]:
    name = " × ".join(columns)
    faults: list[EvalkitError] = []
    nobody = np.flatnonzero((counts == 0) & (totals > 0))
    if len(nobody):
        got = "; ".join(f"{_show(keys[i])}: no answers, wanted {totals[i]:g}" for i in nobody)
        mend = None if near is None else _merge_line(columns, keys, totals, counts, nobody, near)
        faults.append(
            MethodError(f"{name} has categories without respondents", where=f"margin {name}", got=got, mend=mend)
        )
    unwanted = np.flatnonzero((counts > 0) & (totals == 0))
    if len(unwanted):
        got = "; ".join(f"{_show(keys[i])}: {counts[i]} answers, wanted 0" for i in unwanted)
        mend = "correct the total; who is outside the population is left out of the answers"
        faults.append(MethodError(f"{name} has answers where the population has none", where=name, got=got, mend=mend))
    small = np.flatnonzero((counts > 0) & (counts < min_cell) & (totals > 0))
    if len(small):
        got = "; ".join(f"{_show(keys[i])}: {counts[i]} answers" for i in small)
        mend = _merge_line(columns, keys, totals, counts, small, BY_ORDER if near is None else near)
        expected = f"at least {min_cell} answers in each"
        faults.append(
            MethodError(f"{name} has small cells", where=f"margin {name}", expected=expected, got=got, mend=mend)
        )
    return faults


def _show(key: Any) -> str:
    return " × ".join(str(part) for part in key) if isinstance(key, tuple) else str(key)


def _merge_line(
    columns: tuple[str, ...],
    keys: tuple[Any, ...],
    totals: Floats,
    counts: NDArray[Any],
    cells: NDArray[Any],
    near: Near,
) -> str | None:
    """The TOML line that merges each cell with its nearest neighbour that has answers; of one as near, the earlier.

    Where nothing says which is nearest, the line has a gap, and names what may stand there.
    """
    pairs: dict[Any, Any] = {}
    gap: list[Any] = []
    for i in cells:
        same = [j for j in range(len(keys)) if counts[j] > 0 and totals[j] > 0 and j != i and _alike(keys[i], keys[j])]
        known = near.get(_last(keys[i]), ()) if near is not BY_ORDER else None
        ranks = {
            j: abs(j - i) if known is None else known.index(_last(keys[j])) for j in same if _is_in(known, keys[j])
        }
        if ranks:
            pairs[_last(keys[i])] = _last(keys[min(ranks, key=lambda j: (ranks[j], j > i))])
        elif same:
            pairs[_last(keys[i])] = "…"
            gap += [_last(keys[j]) for j in same]
    if not pairs:
        return None
    inside = ", ".join(f"{_quoted(a)} = {_quoted(b)}" for a, b in pairs.items())
    line = f"under [weights] in study.toml: merge.{columns[-1]} = {{ {inside} }}"
    return line + (f", … being the one that is most like it of {one_of(dict.fromkeys(gap))}" if gap else "")


def _is_in(known: Sequence[Any] | None, key: Any) -> bool:
    return known is None or _last(key) in known


def _alike(a: Any, b: Any) -> bool:
    """Crossed cells are neighbours where all but the last of their categories agree."""
    return not isinstance(a, tuple) or a[:-1] == b[:-1]


def _last(key: Any) -> Any:
    return key[-1] if isinstance(key, tuple) else key


def _quoted(value: Any) -> str:
    return json.dumps(str(value), ensure_ascii=False)


def _disagreement(categories: Sequence[Margin], size: float | None) -> list[EvalkitError]:
    sums = [(margin.name, float(margin.totals.sum())) for margin in categories if margin.keys]
    sums += [("1", size)] if size is not None else []
    if len(sums) < 2:
        return []
    values = [total for _, total in sums]
    if max(values) - min(values) <= 1e-9 * max(values):
        return []
    got = "; ".join(f"{name}: {total:.12g}" for name, total in sums)
    mend = "take all margins from one frame: margins(frame, columns)"
    return [MethodError("margins do not sum alike", expected="one population size in every margin", got=got, mend=mend)]
