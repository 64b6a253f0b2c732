"""SPSS and Stata files, with their labels and declared missing values."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from evalkit.errors import DataError
from evalkit.waves.cells import ANSWERED, EMPTY, code, text
from evalkit.waves.grid import blank

if TYPE_CHECKING:
    import pandas as pd

Read = tuple["pd.DataFrame", "pd.DataFrame", dict[str, str], dict[str, dict[str, str]], str, tuple[str, ...]]


def read_labelled(path: Path, encoding: str | None) -> Read:
    """Data, why cells are missing, labels of columns and values, the file's own label, and notes.

    Raises
    ------
    DataError where the file is cut off, or two codes of a column are the same once spaces are taken away.
    """
    import pandas as pd

    data, meta = _read(path, encoding)
    if meta.number_rows is not None and meta.number_rows not in (len(data), -1):
        got = f"{len(data)} rows; its head says {meta.number_rows}"
        raise DataError(f"{path.name} is cut off", where=path, got=got, mend="copy or export it again")
    if not len(data):
        raise DataError("It holds names of columns and no answers", where=path, mend="export it with the answers")
    data.index = pd.RangeIndex(1, len(data) + 1)
    missing = pd.DataFrame({name: _why(column, name, meta) for name, column in data.items()}, index=data.index)
    labels = {column: _labels(path, column, values) for column, values in meta.variable_value_labels.items()}
    variables = {name: text(label) for name, label in meta.column_names_to_labels.items() if label}
    values = data.astype(object).where(missing == ANSWERED).infer_objects()
    return values, missing, variables, labels, meta.file_label or "", _notes(path, meta)


def _read(path: Path, encoding: str | None) -> tuple[pd.DataFrame, Any]:
    import pyreadstat

    kind = path.suffix.lower()
    try:
        if kind == ".por":
            return pyreadstat.read_por(path)
        read = pyreadstat.read_dta if kind == ".dta" else pyreadstat.read_sav
        return read(path, user_missing=True, encoding=encoding)
    except Exception as error:  # the reader raises kinds of its own
        said = str(error)
        mend = "copy or export it again"
        if "convert string" in said or "encoding" in said:
            mend = 'say how its text is written: encoding = "windows-1252" for the wave in study.toml'
        if isinstance(error, OverflowError):
            said, mend = "a date outside the calendar", "correct it and export the file again"
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


def _why(column: pd.Series, name: str, meta: Any) -> pd.Series:
    """Why each cell is no answer: empty, a declared code, or "" where it is one."""
    import pandas as pd

    empty = column.map(blank)
    declared = {code(v) for v in meta.missing_user_values.get(name, ())}
    codes = column.map(code, na_action="ignore")
    hit = codes.isin(declared)
    for span in meta.missing_ranges.get(name, ()):
        hit |= column.map(lambda value, span=span: _within(value, span["lo"], span["hi"]))
    why = pd.Series(ANSWERED, index=column.index, dtype=object)
    why[hit] = codes[hit]
    why[empty] = EMPTY
    return why


def _within(value: Any, low: Any, high: Any) -> bool:
    """Whether a value lies in a declared range; text is only compared with text."""
    return isinstance(value, str) == isinstance(low, str) and value == value and low <= value <= high


def _notes(path: Path, meta: Any) -> tuple[str, ...]:
    if path.suffix.lower() != ".por":
        return ()
    return (
        f"{path.name}: declared missing codes of a portable file cannot be told from empty cells; a .sav keeps them",
    )
