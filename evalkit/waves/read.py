"""Read a wave file as the survey tool exported it: SPSS, Stata, Excel or text with separators."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unicodedata import is_normalized, normalize

from evalkit.errors import DataError
from evalkit.waves.cells import ANSWERED, EMPTY, code
from evalkit.waves.content import TEXT, check_content
from evalkit.waves.grid import Grid, blank, table

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Wave:
    """One file, as it arrived.

    Attributes
    ----------
    id : name of the wave; the file's stem where the caller gives none.
    path : the file.
    data : rows × columns of the file; a user-declared missing value is NaN here. The index is the row number that the
        file's own program shows: from 1 in SPSS and Stata, below the names in Excel and text.
    missing : rows × columns, why a cell of `data` is NaN: "" (it is not), "empty" (nothing there), or the declared
        missing code as text, such as "8" (SPSS) or "a" (Stata's .a).
    variable_labels : column → label.
    value_labels : column → {code as text: label}; declared missing codes included.
    file_label : the file's own label, "" where it has none.
    notes : what is legal in a file, and yet worth a look.
    sheets : those that were asked for, of a workbook.
    declared : column → (lowest, highest) of what the file declares to be no answer, whether it occurs or not.
    hours : columns that the file has as durations.
    """

    id: str
    path: Path
    data: pd.DataFrame
    missing: pd.DataFrame
    variable_labels: dict[str, str]
    value_labels: dict[str, dict[str, str]]
    file_label: str = ""
    notes: tuple[str, ...] = ()
    sheets: tuple[str, ...] = ()
    declared: dict[str, tuple[tuple[Any, Any], ...]] = field(default_factory=dict)
    hours: frozenset[str] = frozenset()

    def no_answers(self, column: str) -> set[str]:
        """Codes that the file declares to be no answer: single values, and what occurs or has a label in a range."""
        from evalkit.waves.labelled import within

        spans = self.declared.get(column, ())
        single = {code(low) for low, high in spans if low == high}
        labelled = {key for key in self.value_labels.get(column, {}) if within(key, spans)}
        return single | labelled | (set(self.missing[column]) - {ANSWERED, EMPTY})


def read_wave(
    path: str | Path,
    *,
    id: str | None = None,
    encoding: str | None = None,
    sheet: str | Sequence[str] | None = None,
    header_row: int | None = None,
    label_row: int | None = None,
) -> Wave:
    """Read one wave file.

    Parameters
    ----------
    path : .sav, .zsav, .por (SPSS), .dta (Stata), .xlsx, .xlsm (Excel), .csv, .tsv or .txt.
    id : name of the wave.
    encoding : of the text in it; found from the bytes where it is not given. Not for Excel.
    sheet : of an Excel file; the one that holds something where it is not given. Several where the columns go on from
        sheet to sheet.
    header_row, label_row : of Excel and text, the rows with the names of the columns and with their labels; found
        where they are not given.

    Returns
    -------
    Wave with labels and missing codes intact. Text and Excel files have none of their own, but a second row of heads
    labels the columns, and cells such as "1 Ja" label the values. Cells of a text file stay text.

    Raises
    ------
    DataError when the file is not there, is not what its name says, cannot be read or is broken, has two columns of
    one name or answers without, or an argument is not for it.
    """
    return composed(_read(Path(path), id, encoding, sheet, header_row, label_row))


def composed(wave: Wave) -> Wave:
    """The wave with every text in NFC: files from some systems have å in two letters, and then it is not å."""
    data = wave.data.rename(columns=_nfc)
    for column in data.columns[[data[name].dtype == object or data[name].dtype == "str" for name in data]]:
        cells = data[column]
        if any(isinstance(cell, str) and not is_normalized("NFC", cell) for cell in cells):
            data[column] = cells.map(_nfc, na_action="ignore")
    labels = {_nfc(name): _nfc(label) for name, label in wave.variable_labels.items()}
    values = {
        _nfc(n): {_nfc(code): _nfc(label) for code, label in held.items()} for n, held in wave.value_labels.items()
    }
    told = {"missing": wave.missing.rename(columns=_nfc), "variable_labels": labels, "value_labels": values}
    return replace(wave, data=data, file_label=_nfc(wave.file_label), **told)


def _nfc(text: Any) -> Any:
    return normalize("NFC", text) if isinstance(text, str) else text


def _read(
    path: Path,
    id: str | None,
    encoding: str | None,
    sheet: str | Sequence[str] | None,
    header_row: int | None,
    label_row: int | None,
) -> Wave:
    ending = check_content(path)
    book = ending in (".xlsx", ".xlsm")
    if sheet is not None and not book:
        raise DataError("Only an Excel file has sheets", where=path, got=f"sheet = {sheet!r}", mend="leave sheet out")
    if encoding is not None and (book or ending == ".por"):
        kind = "An Excel file" if book else "A portable file"
        raise DataError(f"{kind} has no encoding to choose", where=path, mend="leave encoding out")
    name = id or path.stem
    if not book and ending not in TEXT:
        from evalkit.waves.labelled import read_labelled

        if header_row is not None or label_row is not None:
            raise DataError(f"{path.name} has no header_row or label_row", where=path, mend="leave them out")
        return Wave(name, path, **vars(read_labelled(path, encoding)))
    if not book:
        from evalkit.waves.delimited import read_text

        return _plain(name, read_text(path, encoding), header_row, label_row)
    from evalkit.waves.join import join
    from evalkit.waves.workbook import read_sheets

    sheets = [sheet] if isinstance(sheet, str) else sheet
    grids = read_sheets(path, sheets)
    parts = [_plain(name, grid, header_row, label_row) for grid in grids]
    return replace(join(parts, [f"sheet {grid.sheet}" for grid in grids]), sheets=tuple(sheets or ()))


def _plain(id: str, grid: Grid, header: int | None, labels: int | None) -> Wave:
    """A file without missing codes of its own: only empty cells are missing."""
    found = table(grid, header, labels)
    why = found.data.map(lambda cell: EMPTY if blank(cell) else ANSWERED)
    return Wave(id, grid.path, found.data, why, found.labels, found.value_labels, "", found.notes)
