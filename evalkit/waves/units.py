"""The units of a wave file: whose answer each row is, and in which year's numbering."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evalkit.waves.cells import SPACES
from evalkit.waves.read import Wave

if TYPE_CHECKING:
    import pandas as pd

# An apostrophe or a K before the digits, the decimal point that a number column leaves behind them, and a name.
_CODE = re.compile(
    r"(?P<dress>'?\s*(?:K[-_ ]?)?)(?P<digits>\d+)(?:[.,]0+)?(?:(?:\s+[-–,]?\s*|\s*[-–:]\s*)(?P<name>[^\W\d].*))?",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Units:
    """The column of a file that tells whose answer a row is.

    Attributes
    ----------
    column : its name.
    codes : the code of each row, None where a cell says none; lost zeros put back.
    rows : the row number of each in the file.
    fits : year → rows whose code is in the numbering of 1 January of that year.
    zeros : rows whose code had lost a leading zero.
    """

    column: str
    codes: tuple[str | None, ...]
    rows: tuple[int, ...]
    fits: dict[int, int]
    zeros: int

    @property
    def several(self) -> dict[str, list[int]]:
        """Unit → the rows of its answers, where it answered more than once."""
        rows: dict[str, list[int]] = {}
        for row, unit in zip(self.rows, self.codes, strict=True):
            if unit is not None:
                rows.setdefault(unit, []).append(row)
        return {unit: found for unit, found in rows.items() if len(found) > 1}

    def unknown(self, known: Collection[str]) -> list[int]:
        """Rows whose code is none of `known`."""
        return [row for row, unit in zip(self.rows, self.codes, strict=True) if unit not in known]

    def best(self, near: int) -> int:
        """The year whose numbering fits most rows; of several the one nearest to `near`, rather earlier."""
        most = max(self.fits.values())
        return min((year for year, rows in self.fits.items() if rows == most), key=lambda y: (abs(y - near), y > near))


def digits_of(register: Mapping[int, pd.DataFrame]) -> int | None:
    """How many digits every code has (a municipality's four), or None where codes are not digits of one length."""
    codes = {code for table in register.values() for code in table["code"]}
    widths = {len(code) if code.isdigit() else None for code in codes}
    return widths.pop() if len(widths) == 1 else None


def unit_code(cell: object, digits: int | None) -> str | None:
    """The code that a cell says, or None where it cannot be one: 101, 101.0, 'K-0101', '0101 Halden' are 0101."""
    text = cell_text(cell).strip()
    if digits is None:
        return text.removesuffix(".0") if isinstance(cell, float) else text or None
    match = _CODE.fullmatch(text)
    return match["digits"].zfill(digits) if match and digits - 1 <= len(match["digits"]) <= digits else None


def mended(cell: object, digits: int | None) -> str:
    """What `unit_code` mended in a cell that says a code: "zero" (a leading one was lost), "dress" or nothing."""
    text = cell_text(cell)
    match = _CODE.fullmatch(text.strip()) if digits is not None else None
    if match and digits is not None and len(match["digits"]) < digits:
        return "zero"
    return "dress" if text != text.strip() or (match and (match["dress"] or match["name"])) else ""


def name_in(cell: object, digits: int | None) -> str:
    """The name that stands behind the code in one cell, as in "0101 Halden"; "" where none does."""
    match = _CODE.fullmatch(cell_text(cell).strip()) if digits is not None else None
    return (match["name"] or "").strip() if match else ""


def cell_text(cell: object) -> str:
    """A cell as text, odd spaces as spaces."""
    return str(cell).translate(SPACES)


def units_in(wave: Wave, column: str, register: Mapping[int, pd.DataFrame]) -> Units:
    """The units of a column, against the numberings of `register` (year → code, name …)."""
    digits = digits_of(register)
    cells = wave.data[column]
    codes = tuple(None if cell != cell else unit_code(cell, digits) for cell in cells)
    zeros = sum(code is not None and mended(cell, digits) == "zero" for cell, code in zip(cells, codes))
    known = {year: set(table["code"]) for year, table in register.items()}
    rows = tuple(int(row) for row in wave.data.index)
    return Units(
        column, codes, rows, {year: sum(unit in units for unit in codes) for year, units in known.items()}, zeros
    )
