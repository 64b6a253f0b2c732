"""Read a wave file as the survey tool exported it: SPSS, Stata, Excel or CSV."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evalkit.errors import DataError, nearest, one_of

if TYPE_CHECKING:
    import pandas as pd

ENDINGS = (".sav", ".zsav", ".dta", ".csv", ".xlsx")
ANSWERED, EMPTY = "", "empty"


@dataclass(frozen=True)
class Wave:
    """One file, as it arrived.

    Attributes
    ----------
    id : name of the wave; the file's stem where the caller gives none.
    path : the file.
    data : rows × columns of the file; a user-declared missing value is NaN here.
    missing : rows × columns, why a cell of `data` is NaN: "" (it is not), "empty" (nothing there), or the declared
        missing code as text, such as "8" (SPSS) or "a" (Stata's .a).
    variable_labels : column → label.
    value_labels : column → {code as text: label}; declared missing codes included.
    file_label : the file's own label, "" where it has none.
    """

    id: str
    path: Path
    data: pd.DataFrame
    missing: pd.DataFrame
    variable_labels: dict[str, str]
    value_labels: dict[str, dict[str, str]]
    file_label: str = ""


def code(value: object) -> str:
    """A value as the text of a code: 1.0 → "1", 1.5 → "1.5", " Ja " → "Ja"."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def read_wave(
    path: str | Path, *, id: str | None = None, encoding: str | None = None, sheet: str | None = None
) -> Wave:
    """Read one wave file.

    Parameters
    ----------
    path : .sav, .zsav (SPSS), .dta (Stata), .xlsx (Excel) or .csv.
    id : name of the wave.
    encoding : of the text in it; found from the bytes where it is not given. Not for Excel.
    sheet : of an Excel file; the first where it is not given.

    Returns
    -------
    Wave with labels and missing codes intact; CSV and Excel files have none, and their cells stay text in a CSV.

    Raises
    ------
    DataError when the file is not there, cannot be read, has two columns of one name, or an argument is not for it.
    """
    path = Path(path)
    kind = path.suffix.lower()
    if not path.is_file():
        near = nearest(path.name, (p.name for p in path.parent.glob("*") if p.is_file()))
        raise DataError("There is no such wave file", where=path, mend=f"did you mean {near}?" if near else None)
    if kind not in ENDINGS:
        raise DataError(f"{kind or 'A file without ending'} is not read", where=path, expected=one_of(ENDINGS))
    if sheet is not None and kind != ".xlsx":
        raise DataError("Only an Excel file has sheets", where=path, got=f"sheet = {sheet!r}", mend="leave sheet out")
    if encoding is not None and kind == ".xlsx":
        raise DataError("An Excel file has no encoding to choose", where=path, mend="leave encoding out")
    read = {".csv": _csv, ".xlsx": _excel}.get(kind, _labelled)
    try:
        wave = read(path, id or path.stem, encoding or sheet)
    except DataError:
        raise
    except Exception as error:  # the readers raise kinds of their own
        raise DataError(f"{path.name} cannot be read", where=path, got=error, mend="export it again") from error
    twice = wave.data.columns[wave.data.columns.duplicated()]
    if len(twice):
        raise DataError(f"Two columns are called {twice[0]!r}", where=path, mend="rename one of them")
    return wave


def _labelled(path: Path, id: str, encoding: str | None) -> Wave:
    """SPSS and Stata, with labels and declared missing values."""
    import pandas as pd
    import pyreadstat

    read = pyreadstat.read_dta if path.suffix.lower() == ".dta" else pyreadstat.read_sav
    data, meta = read(path, user_missing=True, encoding=encoding)
    missing = pd.DataFrame({name: _why(column, name, meta) for name, column in data.items()}, index=data.index)
    labels = {
        column: {code(value): str(label) for value, label in values.items()}
        for column, values in meta.variable_value_labels.items()
    }
    variables = {name: label for name, label in meta.column_names_to_labels.items() if label}
    values = data.astype(object).where(missing == ANSWERED)
    return Wave(id, path, values.infer_objects(), missing, variables, labels, meta.file_label or "")


def _why(column: pd.Series, name: str, meta: Any) -> pd.Series:
    """Why each cell is no answer: empty, a declared code, or "" where it is one."""
    import pandas as pd

    empty = column.isna() | column.map(lambda v: isinstance(v, str) and not v.strip())
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


def _csv(path: Path, id: str, encoding: str | None) -> Wave:
    """Text with commas, semicolons or tabs; UTF-8 with or without BOM, else Windows-1252."""
    import pandas as pd

    raw = path.read_bytes()
    if encoding is None:
        encoding = "utf-8-sig" if _is_utf8(raw) else "cp1252"
    head = raw.decode(encoding).lstrip("\ufeff").split("\n", 1)[0]
    separator = max(";,\t", key=head.count)
    data = pd.read_csv(path, dtype=str, keep_default_na=False, sep=separator, encoding=encoding)
    return _plain(path, id, data)


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _excel(path: Path, id: str, sheet: str | None) -> Wave:
    import pandas as pd

    with pd.ExcelFile(path, engine="openpyxl") as book:
        if sheet is not None and sheet not in book.sheet_names:
            raise DataError(f"There is no sheet {sheet!r}", where=path, expected=one_of(book.sheet_names))
        data = pd.read_excel(book, sheet_name=sheet or 0, dtype=object, keep_default_na=False, na_values=[""])
    return _plain(path, id, data)


def _plain(path: Path, id: str, data: pd.DataFrame) -> Wave:
    """A file without labels: only empty cells are missing."""
    data = data.rename(columns=lambda name: str(name).strip())
    blank = data.isna() | data.map(lambda v: isinstance(v, str) and not v.strip())
    why = blank.map(lambda empty: EMPTY if empty else ANSWERED)
    return Wave(id, path, data.where(~blank), why, {}, {})
