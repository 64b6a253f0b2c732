"""Text with separators as rows of cells: encoding and separator found from the bytes, every fault with its row."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from pathlib import Path

from evalkit.errors import DataError, EvalkitError
from evalkit.waves.grid import Grid, blank

SEPARATORS = (";", "\t", ",", "|")
LONGEST = 100_000
"""Characters of a cell; a longer one is a quote that was never closed."""
_BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_TWICE = re.compile("Ã[¥¸¦˜…†\u0085\u0086\u0098©]")
"""å, ø, æ and é in UTF-8, read as Windows-1252 or ISO-8859-1."""
_AGAIN = "export it again, as UTF-8 (Excel: CSV UTF-8)"


def read_text(path: Path, encoding: str | None) -> Grid:
    """The cells of a text file.

    Raises
    ------
    DataError where the bytes are not text in one encoding, a quote is not closed, or rows differ in length.
    """
    said = decode(path, encoding)
    first, _, rest = said.partition("\n")
    hint = re.fullmatch(r"sep=(.)\r?", first)
    skipped = 1 if hint else 0
    separator = hint[1] if hint else _separator(said)
    rows = _rows(path, rest if hint else said, separator)
    numbers = list(range(1 + skipped, len(rows) + 1 + skipped))
    grid = Grid(path, rows, numbers)
    _refuse_ragged(grid, separator)
    return grid


def decode(path: Path, encoding: str | None = None) -> str:
    """The text of a file: by its byte order mark, else UTF-8 where it is valid, else Windows-1252."""
    raw = path.read_bytes()
    marked = next((name for bom, name in _BOMS.items() if raw.startswith(bom)), None)
    if encoding is not None:
        try:
            codecs.lookup(encoding)
        except LookupError:
            mend = 'encoding = "utf-8", "windows-1252" or "utf-16"'
            raise DataError(f"There is no encoding {encoding!r}", where=path.name, mend=mend) from None
    zeros = raw[:2000].count(0)
    if marked is None and encoding is None and zeros * 3 > len(raw[:2000]):
        marked = "utf-16-le" if raw[1:2] == b"\0" else "utf-16-be"
    chosen = encoding or marked or ("utf-8" if _is_utf8(raw) else "cp1252")
    try:
        said = raw.decode(chosen)
    except UnicodeDecodeError as error:
        row = raw[: error.start].count(b"\n") + 1
        got = f"byte {raw[error.start]:02x} is no letter in {chosen}"
        mend = _AGAIN if encoding is None else "leave encoding out, or correct it"
        raise DataError(
            "The text is not in one encoding", where=f"{path.name}, row {row}", got=got, mend=mend
        ) from None
    if "\0" in said:
        row = said[: said.index("\0")].count("\n") + 1
        what = "There are NUL characters in the text"
        raise DataError(what, where=f"{path.name}, row {row}", got=f"{said.count(chr(0))} of them", mend=_AGAIN)
    if twice := _TWICE.search(said):
        row = said[: twice.start()].count("\n") + 1
        around = said[max(0, twice.start() - 8) : twice.end() + 8].split("\n")[0]
        what = "Letters were read in the wrong encoding" if chosen.startswith("utf") else "The text is in two encodings"
        raise DataError(what, where=f"{path.name}, row {row}", got=repr(around), mend=_AGAIN)
    return said.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _separator(said: str) -> str:
    """The separator by which most rows have as many cells, and have more than one."""
    head = io.StringIO(said[:200_000])
    lines = [line for line, _ in zip(head, range(200))]
    best, most = ",", (0.0, 0)
    for separator in SEPARATORS:
        try:
            counts = Counter(len(row) for row in csv.reader(lines, delimiter=separator) if row)
        except csv.Error:
            continue
        width, rows = max(counts.items(), key=lambda pair: (pair[1], pair[0]), default=(1, 0))
        score = (round(rows / max(sum(counts.values()), 1), 1), width)
        if width > 1 and score > most:
            best, most = separator, score
    return best


def _rows(path: Path, said: str, separator: str) -> list[list[str]]:
    rows: list[list[str]] = []
    reader = csv.reader(io.StringIO(said), delimiter=separator, strict=True)
    start = 1
    before = csv.field_size_limit(max(LONGEST, csv.field_size_limit()))
    try:
        for row in reader:
            rows.append(row)
            start = reader.line_num + 1
    except csv.Error as error:
        long = "field larger" in str(error)
        what = "A quotation mark is not closed" if not long else f"A cell has more than {LONGEST:,} characters"
        mend = 'a mark inside a cell is written twice: ""; look for one that opens a cell and does not close it'
        raise DataError(what, where=f"{path.name}, from line {start}", got=str(error), mend=mend) from None
    finally:
        csv.field_size_limit(before)
    for place, row in enumerate(rows, 1):
        if any(len(cell) > LONGEST for cell in row):
            what = f"A cell has more than {LONGEST:,} characters"
            raise DataError(
                what, where=f"{path.name}, row {place}", mend="look for a quotation mark that is not closed"
            )
    return rows


def _refuse_ragged(grid: Grid, separator: str) -> None:
    """Rows with more or fewer cells than the widest common form; titles above the names may be short."""
    sizes = [len(row) for row in grid.rows]
    kept = [place for place, row in enumerate(grid.rows) if not all(map(blank, row))]
    if not kept:
        return
    width = Counter(sizes[place] for place in kept).most_common(1)[0][0]
    width = max(width, max((sizes[place] for place in kept[:1]), default=0))
    start = next((place for place in kept if sizes[place] >= width), kept[0])
    names = {"\t": "tab"}.get(separator, repr(separator))
    faults: list[EvalkitError] = []
    for place in kept:
        extra = [cell for cell in grid.rows[place][width:] if not blank(cell)]
        if place > start and (sizes[place] < width or extra):
            where = f"{grid.where}, row {grid.numbers[place]}"
            got = f"{sizes[place]} cells, parted by {names}"
            mend = "a cell with the separator or a line break in it needs quotation marks around it"
            faults.append(
                DataError("A row has another length", where=where, expected=f"{width} cells", got=got, mend=mend)
            )
    if faults:
        shown = faults[:5]
        if len(faults) > 5:
            shown.append(DataError(f"{len(faults) - 5} more rows have another length", where=grid.where))
        raise DataError.of(shown)
