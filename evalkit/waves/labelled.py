"""SPSS and Stata files, with their labels and declared missing values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evalkit.errors import DataError
from evalkit.waves.cells import ANSWERED, EMPTY, code, number, text
from evalkit.waves.formats import HOURS, meaning
from evalkit.waves.grid import blank

if TYPE_CHECKING:
    import pandas as pd

Spans = tuple[tuple[Any, Any], ...]


@dataclass(frozen=True)
class Labelled:
    """What a file says: data, why cells are missing, labels of columns and values, its own label, and notes.

    `declared` is column → ends of the ranges that are no answer; of a single value both are the same. `hours` are the
    columns that the file has as durations.
    """

    data: pd.DataFrame
    missing: pd.DataFrame
    variable_labels: dict[str, str]
    value_labels: dict[str, dict[str, str]]
    file_label: str
    notes: tuple[str, ...]
    declared: dict[str, Spans]
    hours: frozenset[str]


def read_labelled(path: Path, encoding: str | None) -> Labelled:
    """An SPSS or Stata file; numbers that its formats show as time are read so, durations as hours.

    Raises
    ------
    DataError where the file is cut off, two codes of a column are the same once spaces are taken away, or a date is
    outside the calendar.
    """
    import pandas as pd

    data, meta = _read(path, encoding)
    if meta.number_rows is not None and meta.number_rows not in (len(data), -1):
        got = f"{len(data)} rows; its head says {meta.number_rows}"
        raise DataError(f"{path.name} is cut off", where=path, got=got, mend="copy or export it again")
    if not len(data):
        raise DataError("It holds names of columns and no answers", where=path, mend="export it with the answers")
    data.index = pd.RangeIndex(1, len(data) + 1)
    declared = {name: spans for name in data if (spans := _declared(path, name, meta))}
    missing = pd.DataFrame(
        {name: _why(column, declared.get(name, ())) for name, column in data.items()}, index=data.index
    )
    labels = {column: _labels(path, column, values) for column, values in meta.variable_value_labels.items()}
    variables = {name: text(label) for name, label in meta.column_names_to_labels.items() if label}
    values = data.astype(object).where(missing == ANSWERED)
    notes: list[str] = []
    hours: set[str] = set()
    for name in data:
        form = meaning(path.suffix.lower(), meta.original_variable_types.get(name) or "")
        if form is not None:
            convert, known, note = form
            values[name] = _converted(values[name], convert, f"{path.name}, column {name}")
            labels |= {name: {str(key): word for key, word in known.items()} | labels.get(name, {})} if known else {}
            notes += [f"{name} is read as {note}"] if note else []
            hours |= {name} if note == HOURS else set()
    whole, label = values.infer_objects(), meta.file_label or ""
    return Labelled(whole, missing, variables, labels, label, tuple(notes), declared, frozenset(hours))


def _converted(column: pd.Series, convert: Callable[[float], Any], where: str) -> pd.Series:
    """Stored numbers as what their format shows."""
    found: dict[Any, Any] = {}
    for row, cell in column.dropna().items():
        try:
            found[row] = convert(float(cell))
        except (OverflowError, ValueError) as error:
            mend = "correct it and export the file again"
            at = f"{where}, row {row}"
            raise DataError("A date is outside the calendar", where=at, got=cell, mend=mend) from error
    return column.mask(column.notna(), column.index.to_series().map(found)) if found else column


def _read(path: Path, encoding: str | None) -> tuple[pd.DataFrame, Any]:
    from pyreadstat import pyreadstat

    kind = path.suffix.lower()
    how: dict[str, Any] = {"user_missing": True, "disable_datetime_conversion": True}
    try:
        if kind == ".por":  # read_por itself makes the declared missing values empty
            return pyreadstat.parser_entry_point(path, parser_format="por", **how)
        read = pyreadstat.read_dta if kind == ".dta" else pyreadstat.read_sav
        return read(path, encoding=encoding, **how)
    except Exception as error:  # the reader raises kinds of its own
        said = str(error)
        mend = "copy or export it again"
        if "convert string" in said or "encoding" in said:
            mend = 'say how its text is written: encoding = "windows-1252" for the wave in study.toml'
        raise DataError(f"{path.name} cannot be read", where=path, got=said, mend=mend) from error


def _labels(path: Path, column: str, values: dict[Any, Any]) -> dict[str, str]:
    labels: dict[str, str] = {}
    for value, label in values.items():
        key = code(value)
        if key in labels and labels[key] != text(label):
            what = f"Code {key!r} of {column!r} has two labels"
            got = f"{labels[key]!r} and {text(label)!r}"
            raise DataError(
                what, where=path.name, got=got, mend="codes that differ by spaces alone are one: correct it"
            )
        labels[key] = text(label)
    return labels


def _declared(path: Path, name: str, meta: Any) -> Spans:
    """What the file declares to be no answer: ranges of SPSS; of Stata the letters that occur or have a label."""
    spans = [(span["lo"], span["hi"]) for span in meta.missing_ranges.get(name, ())]
    letters = list(meta.missing_user_values.get(name, ()))
    if path.suffix.lower() == ".dta":
        letters += [key for key in meta.variable_value_labels.get(name, {}) if isinstance(key, str)]
    return (*spans, *((letter, letter) for letter in dict.fromkeys(letters)))


def _why(column: pd.Series, declared: Spans) -> pd.Series:
    """Why each cell is no answer: empty, a declared code, or "" where it is one."""
    import pandas as pd

    why = pd.Series(ANSWERED, index=column.index, dtype=object)
    for low, high in declared:
        hit = column.map(lambda cell, low=low, high=high: _within(cell, low, high))
        why[hit] = column[hit].map(code)
    why[column.map(blank)] = EMPTY
    return why


def _within(value: Any, low: Any, high: Any) -> bool:
    """Whether a value lies in a declared range; text is only compared with text, without the spaces behind it."""
    if isinstance(value, str) and isinstance(low, str):
        value, low, high = (part.rstrip() for part in (value, low, high))
    return isinstance(value, str) == isinstance(low, str) and value == value and low <= value <= high


def within(key: str, spans: Spans) -> bool:
    """Whether a code, as text, lies in a declared range."""
    value = number(key)
    return any(_within(key if isinstance(low, str) else value, low, high) for low, high in spans)
