"""The units of a wave file: whose answer each row is, and in which year's numbering of municipalities."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evalkit.waves.read import Wave

if TYPE_CHECKING:
    import pandas as pd

_CODE = re.compile(r"'?\s*(?:K[-_ ]?)?(\d{3,4})(?:[.,]0+)?", re.IGNORECASE)


@dataclass(frozen=True)
class Units:
    """The column of a file that tells whose answer a row is.

    Attributes
    ----------
    column : its name.
    codes : the code of each row, None where a cell says none; four digits, lost zeros put back.
    fits : year → rows whose code is in the numbering of 1 January of that year.
    zeros : rows whose code had lost a leading zero.
    """

    column: str
    codes: tuple[str | None, ...]
    fits: dict[int, int]
    zeros: int

    @property
    def several(self) -> dict[str, list[int]]:
        """Unit → the rows (from 1) of its answers, where it answered more than once."""
        rows: dict[str, list[int]] = {}
        for row, unit in enumerate(self.codes, 1):
            if unit is not None:
                rows.setdefault(unit, []).append(row)
        return {unit: found for unit, found in rows.items() if len(found) > 1}

    def unknown(self, known: Collection[str]) -> list[int]:
        """Rows (from 1) whose code is none of `known`."""
        return [row for row, unit in enumerate(self.codes, 1) if unit not in known]

    def best(self, near: int) -> int:
        """The year whose numbering fits most rows; of several the one nearest to `near`, rather earlier."""
        most = max(self.fits.values())
        return min((year for year, rows in self.fits.items() if rows == most), key=lambda y: (abs(y - near), y > near))


def units_in(wave: Wave, column: str, register: Mapping[int, pd.DataFrame]) -> Units:
    """The units of a column, against the numberings of `register` (year → code, name …)."""
    said = [_CODE.fullmatch(str(cell).replace("\u00a0", " ").strip()) for cell in wave.data[column]]
    codes = tuple(match[1].zfill(4) if match else None for match in said)
    zeros = sum(match is not None and len(match[1]) < 4 for match in said)
    known = {year: set(table["code"]) for year, table in register.items()}
    return Units(column, codes, {year: sum(unit in units for unit in codes) for year, units in known.items()}, zeros)
