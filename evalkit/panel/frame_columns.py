"""What study.toml names of a frame: columns that must be there, and that must hold numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from evalkit.errors import DataError, EvalkitError, nearest, one_of
from evalkit.study.model import Balance, RIndicator, Study, Summary

if TYPE_CHECKING:
    import pandas as pd

    from evalkit.panel.frame import Frame


def own_faults(study: Study, at: str, within: str, units: pd.DataFrame) -> Iterator[EvalkitError]:
    """What a frame itself and its totals name; `at`, `within`: where they stand in study.toml."""
    frame = study.plan.frame
    for column in frame.labels:
        if column not in units:
            yield no_column(f"{at}.labels", column, units)
    measure = (frame.measure,) if frame.measure is not None else ()
    said = {f"{at}.fill": frame.fill, f"{within}weights.totals": study.plan.weights.totals, f"{at}.measure": measure}
    for where, columns in said.items():
        for column in columns:
            yield from number_faults(where, column, units)


def check_columns(study: Study, frames: Mapping[str | None, Frame]) -> None:
    """DataError with every name in exhibits and propensity that is no column of its frame, or no number; all at once.

    A summary is of numeric columns; the others take groups as well.
    """
    faults: list[EvalkitError] = []
    for name, frame in frames.items():
        here = study.within(name).plan
        groups = tuple(here.groups)
        if here.weights.propensity is not None:
            said = here.weights.propensity.columns
            faults += column_faults("weights.propensity.columns", said, frame.units, groups)
        for key, exhibit in study.plan.exhibits.items():
            if isinstance(exhibit, (Summary, Balance, RIndicator)) and study.frame_of(study.waves_of(exhibit)) == name:
                other = () if isinstance(exhibit, Summary) else groups
                faults += column_faults(f"exhibits.{key}.columns", exhibit.columns, frame.units, other)
    if faults:
        raise DataError.of(list({str(fault): fault for fault in faults}.values()))


def column_faults(
    where: str, columns: Iterable[str], units: pd.DataFrame, groups: tuple[str, ...] = ()
) -> list[EvalkitError]:
    """Those of `columns` that are neither numbers of the frame nor one of `groups`."""
    wrong = (column for column in columns if column not in groups)
    return [fault for column in wrong for fault in number_faults(where, column, units, groups)]


def number_faults(where: str, column: str, units: pd.DataFrame, groups: tuple[str, ...] = ()) -> Iterator[EvalkitError]:
    """A column that is not there, or is no number; `groups`: what may stand in its place."""
    if column not in units:
        yield no_column(where, column, units, groups)
    elif not is_number(column, units):
        fit = [*groups, *(key for key in units if is_number(key, units))]
        yield DataError(
            f"The frame's column {column!r} is not numbers",
            where=where,
            expected=one_of(fit),
            got=repr(next(iter(units[column].dropna()), None)),
            mend="name a numeric column" + (", or make a group of it" if groups else ""),
        )


def is_number(column: str, units: pd.DataFrame) -> bool:
    from pandas.api.types import is_bool_dtype, is_numeric_dtype

    return column in units and is_numeric_dtype(units[column]) and not is_bool_dtype(units[column])


def no_column(where: str, column: str, units: pd.DataFrame, groups: tuple[str, ...] = ()) -> EvalkitError:
    known = [*groups, *(key for key in units.columns if key not in groups)]
    guess = nearest(column, known)
    mend = f"did you mean {guess!r}?" if guess else None
    return DataError(f"The frame has no column {column!r}", where=where, expected=one_of(known), mend=mend)
