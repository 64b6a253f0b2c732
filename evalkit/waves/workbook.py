"""Sheets of an Excel workbook as rows of cells; what is hidden, merged, computed or broken is said."""

from __future__ import annotations

import datetime
import re
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evalkit.errors import DataError, EvalkitError, one_of
from evalkit.waves.grid import Grid, blank, letter

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

_ERROR = ("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!")


def read_sheets(path: Path, sheets: Sequence[str] | None) -> list[Grid]:
    """The named sheets, or the one visible sheet that holds anything.

    Raises
    ------
    DataError for a sheet that is not there, a choice of several, cells with errors, formulas without a value, and
    cells that are merged among the answers.
    """
    book = _open(path, values=True)
    formulas = _open(path, values=False) if _has_formulas(path) else None
    names = list(sheets) if sheets is not None else [_only(path, book)]
    for name in names:
        if name not in book.sheetnames:
            known = one_of(book.sheetnames)
            raise DataError(
                f"There is no sheet {name!r}", where=path, expected=known, mend="correct sheet in study.toml"
            )
    return [_grid(path, book[name], formulas[name] if formulas is not None else None) for name in names]


def filled_sheets(path: Path) -> list[str]:
    """Visible sheets that hold anything, in their order."""
    return _filled(_open(path, values=True))


def _open(path: Path, *, values: bool) -> Any:
    import warnings

    from openpyxl import load_workbook

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of styles and extensions that a table has no use for
        try:
            return load_workbook(path, data_only=values)
        except Exception as error:  # the reader raises whatever its parser raises
            raise DataError(
                f"{path.name} cannot be read",
                where=path,
                got="the end of the file is missing" if isinstance(error, zipfile.BadZipFile) else error,
                mend="copy or export it again; else open it in Excel and save it",
            ) from error


def _filled(book: Any) -> list[str]:
    found = []
    for sheet in book.worksheets:
        if sheet.sheet_state == "visible" and any(not blank(cell) for row in sheet.values for cell in row):
            found.append(sheet.title)
    return found


def _only(path: Path, book: Any) -> str:
    filled = _filled(book)
    if not filled:
        hidden = [sheet.title for sheet in book.worksheets if sheet.sheet_state != "visible"]
        mend = f"show the sheet, or name it: sheet = {hidden[0]!r}" if hidden else "export it again"
        raise DataError("No visible sheet holds anything", where=path, mend=mend)
    if len(filled) > 1:
        together = ", ".join(f'"{name}"' for name in filled)
        raise DataError(
            f"{len(filled)} sheets hold something",
            where=path,
            got=", ".join(filled),
            mend=f'say which: sheet = "{filled[0]}" in study.toml, or sheet = [{together}] where the columns go on',
        )
    return filled[0]


def _has_formulas(path: Path) -> bool:
    with zipfile.ZipFile(path) as packed:
        sheets = [name for name in packed.namelist() if name.startswith("xl/worksheets/")]
        return any(re.search(rb"<f[ >/]", packed.read(name)) for name in sheets if name.endswith(".xml"))


def _grid(path: Path, sheet: Worksheet, formulas: Worksheet | None) -> Grid:
    rows = _amounts([[_hours(cell) for cell in row] for row in sheet.values])
    where = f"{path.name}, sheet {sheet.title}"
    faults: list[EvalkitError] = []
    broken = [
        (f"{letter(c)}{r}", cell)
        for r, row in enumerate(rows, 1)
        for c, cell in enumerate(row)
        if isinstance(cell, str) and cell in _ERROR
    ]
    if broken:
        got = ", ".join(sorted({cell for _, cell in broken}))
        mend = "mend the formula or empty the cell, and save"
        faults.append(
            DataError(
                _several(len(broken), "cell holds an error", "cells hold errors"),
                where=f"{where}, {_cells([at for at, _ in broken])}",
                got=got,
                mend=mend,
            )
        )
    notes = [f"{where}: {said}" for said in _timed(sheet)]
    if formulas is not None:
        computed = [cell for row in formulas.iter_rows() for cell in row if cell.data_type == "f"]
        unknown = [cell.coordinate for cell in computed if sheet[cell.coordinate].value is None]
        if unknown:
            what = _several(len(unknown), "formula has no saved value", "formulas have no saved value")
            mend = "open it in Excel and save it, or save the answers as values"
            faults.append(DataError(what, where=f"{where}, {_cells(unknown)}", mend=mend))
        elif computed:
            said = _several(len(computed), "cell is a formula", "cells are formulas")
            notes.append(f"{where}: {said}: {_cells([c.coordinate for c in computed])}; the saved values are read")
    spread, merged = _merged(sheet, rows)
    if merged:
        mend = "unmerge them and write the value into each cell"
        faults.append(DataError("Cells are merged among the answers", where=f"{where}, {_cells(merged)}", mend=mend))
    if faults:
        raise DataError.of(faults)
    if sheet.sheet_state != "visible":
        notes.append(f"{where}: the sheet is hidden")
    return Grid(path, rows, range(1, len(rows) + 1), sheet.title, spread, tuple(notes))


def _timed(sheet: Worksheet) -> list[str]:
    """Columns that hold durations or times of day."""
    found = dict.fromkeys(
        letter(place)
        for row in sheet.values
        for place, cell in enumerate(row)
        if isinstance(cell, (datetime.time, datetime.timedelta))
    )
    return [f"column {place} is read as hours: its cells are durations or times of day" for place in found]


def _hours(cell: Any) -> Any:
    """A duration, or a time of day, in hours; other cells as they are."""
    if isinstance(cell, datetime.time):
        cell = datetime.datetime.combine(datetime.date.min, cell) - datetime.datetime.min
    return cell.total_seconds() / 3600 if isinstance(cell, datetime.timedelta) else cell


def _amounts(rows: list[list[Any]]) -> list[list[Any]]:
    """Days of 1900 among numbers as the numbers that they are: Excel counts days from there, as 2.5 is 2 January."""
    from openpyxl.utils.datetime import to_excel

    columns = []
    for column in zip(*rows):
        counts = sum(isinstance(cell, (int, float)) for cell in column)
        early = [isinstance(cell, datetime.datetime) and cell.year <= 1900 for cell in column]
        few = sum(early) * 2 < counts
        columns.append([to_excel(cell) if day and few else cell for cell, day in zip(column, early)])
    return [list(row) for row in zip(*columns)] if columns else rows


def _merged(sheet: Worksheet, rows: Sequence[Sequence[Any]]) -> tuple[dict[tuple[int, int], str], list[str]]:
    """Headings of several columns, and ranges that are merged where answers stand: below a row full of cells."""
    spread: dict[tuple[int, int], str] = {}
    inside = []
    widest = max((sum(not blank(cell) for cell in row) for row in rows), default=0)
    full = next((place for place, row in enumerate(rows) if sum(not blank(c) for c in row) == widest), 0)
    for area in sorted(sheet.merged_cells.ranges, key=lambda area: (area.min_row, area.min_col)):
        top, cell = area.min_row - 1, sheet.cell(area.min_row, area.min_col).value
        whole = area.max_col - area.min_col + 1 >= widest
        if top > full:
            inside.append(str(area))
        elif area.max_col > area.min_col and not whole and not blank(cell):
            spread |= {(top, column): str(cell).strip() for column in range(area.min_col - 1, area.max_col)}
    return spread, inside


def _several(count: int, one: str, many: str) -> str:
    return f"A {one}" if count == 1 else f"{count} {many}"


def _cells(found: Sequence[str]) -> str:
    return ", ".join(found[:5]) + (f" and {len(found) - 5} more" if len(found) > 5 else "")
