"""A sheet or a text file as rows of cells, and the table in it: where the names stand, and what stands around."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evalkit.errors import DataError, EvalkitError
from evalkit.study.known import BLANKS
from evalkit.waves.cells import code, number, text

if TYPE_CHECKING:
    import pandas as pd

LOOKED = 30
"""Rows in which the names of columns are looked for."""
_NAME = re.compile(r"[^\W\d]\w*(?:[.:$#@-]\w+)*")
_VALUE = re.compile(r"\s*['K-]*[-+]?\d.*", re.DOTALL)


@dataclass(frozen=True)
class Grid:
    """Cells as they stand in a file.

    Attributes
    ----------
    path, sheet : the file, and the sheet of a workbook.
    rows : the cells, None or blank text where there is nothing.
    numbers : row number of each, as the program that opens the file counts.
    spread : (row, column) → a heading of several columns, as merged cells give it.
    notes : what is legal, and yet worth a look.
    """

    path: Path
    rows: Sequence[Sequence[Any]]
    numbers: Sequence[int]
    sheet: str | None = None
    spread: dict[tuple[int, int], str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def where(self) -> str:
        return f"{self.path.name}, sheet {self.sheet}" if self.sheet is not None else self.path.name

    def column(self, place: int) -> str:
        """How people name a column by its place: a letter in a sheet, a number in text."""
        return f"column {letter(place)}" if self.sheet is not None else f"column {place + 1}"


@dataclass(frozen=True)
class Table:
    """The table of a grid: text cells as they stand, names and labels of columns, labels of values like "1 Ja"."""

    data: pd.DataFrame
    labels: dict[str, str]
    value_labels: dict[str, dict[str, str]]
    notes: tuple[str, ...]


def letter(place: int) -> str:
    """Column letters of a sheet, from 0: A, B, … Z, AA."""
    said = ""
    while place >= 0:
        place, rest = place // 26 - 1, place % 26
        said = chr(65 + rest) + said
    return said


def blank(cell: object) -> bool:
    return cell is None or cell != cell or (isinstance(cell, str) and not text(cell))


def table(grid: Grid, header: int | None = None, labels: int | None = None) -> Table:
    """The table in a grid.

    Parameters
    ----------
    header, labels : row numbers of the names and of the labels; found where they are not given.

    Raises
    ------
    DataError where there are no names or no answers, or a column with values lies beyond the names.
    """
    import pandas as pd

    filled = [place for place, row in enumerate(grid.rows) if not all(map(blank, row))]
    if not filled:
        raise DataError("There is nothing in it", where=grid.where, mend="export it again, or name another sheet")
    top, second, skipped = _heads(grid, filled, header, labels)
    below = [
        place for place in filled if place > max(top, second if second is not None else top) and place not in skipped
    ]
    if not below:
        where, got = grid.where, f"names in row {grid.numbers[top]} and no row below"
        raise DataError(
            "It holds names of columns and no answers", where=where, got=got, mend="export it with the answers"
        )
    width = max(len(grid.rows[place]) for place in (top, *below))
    used = [c for c in range(width) if any(not blank(_at(grid, place, c)) for place in (top, *below))]
    heads, labelled = _names(grid, top, second, used)
    names, said, used, odd = _told_apart(grid, heads, labelled, top, below, used)
    _refuse(grid, names, top, below, used)
    cells = {name: [_cell(_at(grid, place, c)) for place in below] for name, c in zip(names, used, strict=True)}
    data = pd.DataFrame(cells, index=[grid.numbers[place] for place in below], dtype=object)
    for name in data:
        if _floats(cells[name]):
            data[name] = data[name].map(lambda cell: text(cell).partition(".")[0], na_action="ignore")
    split = {name: found for name in data if (found := _split(data[name]))}
    for name, found in split.items():
        keys = {cell: key for cell, (key, _) in found.items()}
        data[name] = data[name].map(lambda cell, k=keys: k.get(text(cell), cell), na_action="ignore")
    value_labels = {name: dict(found.values()) for name, found in split.items()}
    notes = (*_notes(grid, top, second, below), *odd)
    return Table(data, {k: v for k, v in said.items() if v and v != k}, value_labels, notes)


def _at(grid: Grid, row: int, column: int) -> Any:
    cells = grid.rows[row]
    return cells[column] if column < len(cells) else None


def _cell(cell: Any) -> Any:
    """A cell that says something, else None."""
    return None if blank(cell) else cell


def _heads(
    grid: Grid, filled: Sequence[int], header: int | None, labels: int | None
) -> tuple[int, int | None, frozenset[int]]:
    """Places of the names, of a second row of heads, and of rows that a tool put between them and the answers."""
    place = {number: at for at, number in enumerate(grid.numbers)}
    for said in (header, labels):
        if said is not None and place.get(said) not in filled:
            raise DataError(f"Row {said} is empty", where=grid.where, mend="correct header_row or label_row")
    if header is not None:
        top: int = place[header]
        second = None if labels is None else place[labels]
    else:
        width = len({c for row in filled for c, cell in enumerate(grid.rows[row]) if not blank(cell)})
        wide = [row for row in filled[:LOOKED] if 2 * _count(grid, row) > width]
        top = wide[0] if wide else filled[0]
        second = _second(grid, filled, top)
        above = filled[: filled.index(top)]
        if second is None and above and any(row == above[-1] for row, _ in grid.spread) and _count(grid, above[-1]) > 1:
            top, second = above[-1], top
    rest = [row for row in filled if row > max(top, top if second is None else second)]
    ids = {row for row in rest[:1] if all(blank(c) or str(c).startswith('{"ImportId"') for c in grid.rows[row])}
    return top, second, frozenset(ids)


def _count(grid: Grid, row: int) -> int:
    return sum(not blank(cell) for cell in grid.rows[row])


def _second(grid: Grid, filled: Sequence[int], top: int) -> int | None:
    """The row below the first one with heads, where it holds names or labels as well and no answers."""
    after = [row for row in filled if row > top]
    if len(after) < 2:
        return None
    first, second = ([cell for cell in grid.rows[row] if not blank(cell)] for row in (top, after[0]))
    if any(not isinstance(cell, str) or _VALUE.fullmatch(cell) for cell in second) or len(set(second)) < len(second):
        return None
    merged = any(row == top for row, _ in grid.spread)
    if merged:
        return after[0]
    named = [_spoken(row) for row in (first, second)]
    return after[0] if len(first) == len(second) and named[0] != named[1] else None


def _spoken(cells: Sequence[Any]) -> bool:
    """Whether cells are words for people rather than names of variables: a third is no name."""
    return 3 * sum(_NAME.fullmatch(text(cell)) is None for cell in cells) >= len(cells)


def _names(grid: Grid, top: int, second: int | None, used: Sequence[int]) -> tuple[list[str], dict[str, str]]:
    """Names of the columns in use, and what is said of each."""
    upper = [_words(_at(grid, top, c)) for c in used]
    if second is None:
        return upper, {}
    lower = [_words(_at(grid, second, c)) for c in used]
    if any(row == top for row, _ in grid.spread):
        heads = [grid.spread.get((top, c), said) for c, said in zip(used, upper, strict=True)]
        both = [f"{a}: {b}" if a and b and a != b else a or b for a, b in zip(heads, lower, strict=True)]
        return both, {}
    if second < top or (_spoken([cell for cell in lower if cell]) and not _spoken([cell for cell in upper if cell])):
        return upper, dict(zip(upper, lower, strict=True))
    return lower, dict(zip(lower, upper, strict=True))


def _words(cell: object) -> str:
    return "" if blank(cell) else re.sub(r"\s+", " ", code(cell))


def _told_apart(
    grid: Grid, names: list[str], said: dict[str, str], top: int, below: Sequence[int], used: Sequence[int]
) -> tuple[list[str], dict[str, str], list[int], list[str]]:
    """Names, labels and places of the columns, each with a name of its own, and notes on what was done.

    A first column without a name that numbers the rows, as R and pandas write it, is left out. Another that the row of
    names leaves blank, and one whose name is there before, are called by their place.
    """
    kept, notes = list(used), []
    if names and not names[0] and _counts([_at(grid, row, used[0]) for row in below]):
        notes.append(f"{grid.where}: {grid.column(used[0])} has no name and numbers the rows: it is not read")
        kept, names = kept[1:], names[1:]
    if 2 * sum(number(name) is not None for name in names) > len(names):
        return names, said, kept, notes  # answers, which are refused
    told: list[str] = []
    for place, name in zip(kept, names, strict=True):
        own, at = name, grid.column(place)
        if not name and place < len(grid.rows[top]):
            own = at
            notes.append(f"{grid.where}: {at} has no name")
        elif name and name in told:
            own = f"{name} ({at})"
            said = {**said, own: said.get(name, "") or name}
            notes.append(f"{grid.where}: a column before {at} is called {name!r} as well; this one is {own!r}")
        told.append(own)
    return told, said, kept, notes


def _counts(cells: Sequence[Any]) -> bool:
    """Whether cells are 0, 1, 2 … or 1, 2, 3 …"""
    said = [code(cell) for cell in cells if not blank(cell)]
    return len(said) == len(cells) > 1 and any(said == [str(n + k) for n in range(len(said))] for k in (0, 1))


def _refuse(grid: Grid, names: Sequence[str], top: int, below: Sequence[int], used: Sequence[int]) -> None:
    """DataError for columns beyond the row of names, and for names that are answers."""
    faults: list[EvalkitError] = []
    row = f"{grid.where}, row {grid.numbers[top]}"
    nameless = [grid.column(c) for c, name in zip(used, names, strict=True) if not name]
    if nameless:
        what = f"{len(nameless)} columns hold values and have no name" if nameless[1:] else "A column has no name"
        mend = "name it in the file, or say where the names stand: header_row in study.toml"
        mend += "; numbers with a decimal comma need another separator between cells" if grid.sheet is None else ""
        faults.append(DataError(what, where=f"{row}, {_few(nameless)}", mend=mend))
    if names and 2 * sum(number(name) is not None for name in names) > len(names):
        got = ", ".join(names[:6])
        mend = "put a row with names above the answers, or say where they stand: header_row in study.toml"
        faults.append(DataError("The names of the columns look like answers", where=row, got=got, mend=mend))
    if faults:
        raise DataError.of(faults[:20])


def _few(said: Sequence[str]) -> str:
    return ", ".join(said[:5]) + (f" and {len(said) - 5} more" if len(said) > 5 else "")


def _floats(cells: Sequence[Any]) -> bool:
    """Whether all cells of a text file are whole numbers that went through a table of floats: 1.0, 2.0."""
    filled = [cell for cell in cells if cell is not None]
    return bool(filled) and all(isinstance(cell, str) and _FLOAT.fullmatch(text(cell)) for cell in filled)


_FLOAT = re.compile(r"-?\d+\.0+")
_CODED = re.compile(r"(-?\d{1,2})\s*(?:[.:=)–-]\s*|\s)(?=\D)(.+)", re.DOTALL)
_SIGNED = re.compile(r"-?\d{1,2}\s*[.:=)]\s*\D")


def _split(column: pd.Series) -> dict[str, tuple[str, str]]:
    """Cell → (code, label), where every cell of a column is a number with its words, such as "1 Ja" or "1. Ja"."""
    cells = [cell for cell in column.dropna() if text(cell).casefold() not in BLANKS]
    if not cells or not all(isinstance(cell, str) and _CODED.fullmatch(text(cell)) for cell in cells[:60]):
        return {}
    kinds = list(dict.fromkeys(text(cell) for cell in cells))
    found = {cell: _CODED.fullmatch(cell) for cell in kinds}
    if len(kinds) > 60 or not all(found.values()):
        return {}
    pairs = {cell: (code(match[1].lstrip("0") or "0"), text(match[2])) for cell, match in found.items() if match}
    signed = all(_SIGNED.match(cell) for cell in kinds)
    whole = len({key for key, _ in pairs.values()}) == len({label for _, label in pairs.values()}) == len(pairs)
    repeated = len(cells) > len(kinds)
    return pairs if whole and repeated and (signed or len(pairs) > 1) else {}


def _notes(grid: Grid, top: int, second: int | None, below: Sequence[int]) -> tuple[str, ...]:
    notes = list(grid.notes)
    first = min(top, top if second is None else second)
    above = [grid.numbers[row] for row in range(first) if not all(map(blank, grid.rows[row]))]
    if above:
        rows = f"row {above[0]}" if len(above) == 1 else f"rows {', '.join(map(str, above))}"
        read = "is not read" if len(above) == 1 else "are not read"
        notes.append(f"{grid.where}: the names stand in row {grid.numbers[top]}; {rows} above {read}")
    gaps = [row for row in range(below[0], below[-1]) if all(map(blank, grid.rows[row]))]
    if gaps:
        notes.append(f"{grid.where}: empty rows among the answers: {_few([str(grid.numbers[row]) for row in gaps])}")
    return tuple(notes)
