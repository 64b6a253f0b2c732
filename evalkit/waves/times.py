"""When an answer was given, as survey tools write it; a day that may be a month is never guessed."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from evalkit.errors import DataError, EvalkitError
from evalkit.waves.cells import code, text

if TYPE_CHECKING:
    import pandas as pd

_ISO = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?")
_PARTS = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4})(?:,?\s+(?:kl\.?\s*)?(\d{1,2})[:.](\d\d)(?:[:.](\d\d))?)?")
_SERIAL = re.compile(r"\d{5}(?:[.,]\d+)?")
_EPOCH = datetime.datetime(1899, 12, 30)
SERIALS = (20_000, 80_000)
"""Excel's numbers of days for 1954 to 2119."""


def form(cell: object) -> str:
    """How a cell writes a moment: moment, iso, parts, serial; "" where it is none."""
    if isinstance(cell, (datetime.date, datetime.datetime)):
        return "moment"
    said = code(cell)
    if _ISO.fullmatch(said):
        return "iso"
    if _PARTS.fullmatch(said):
        return "parts"
    if _SERIAL.fullmatch(said) and SERIALS[0] <= float(said.replace(",", ".")) < SERIALS[1]:
        return "serial"
    return ""


def day_first(cells: Iterable[object]) -> bool | None:
    """Whether dates such as 3.11.2019 have the day first: one of them decides; None where each may be either."""
    found = [match for cell in cells if (match := _PARTS.fullmatch(code(cell)))]
    if any(int(match[1]) > 12 for match in found):
        return True
    return False if any(int(match[3]) > 12 for match in found) else None


def is_time(column: pd.Series) -> bool:
    """Whether every cell that is filled is a moment, written so that a number cannot be meant."""
    filled = column.dropna()
    return len(filled) > 0 and all(form(cell) in ("moment", "iso", "parts") for cell in filled)


def times(column: pd.Series, where: str, first: bool | None = None) -> pd.Series:
    """Moments of a column, NaT where nothing stands.

    Parameters
    ----------
    where : file and column, for errors; the series' index is the row numbers.
    first : whether the day stands first in dates such as 03.11.2019; one day above 12 decides where it is not said.

    Raises
    ------
    DataError for cells that are no moment, and for a column in which every day may be a month.
    """
    import pandas as pd

    filled = column.dropna()
    shapes = filled.map(form)
    faults: list[EvalkitError] = []
    parts = filled[shapes == "parts"]
    decided = first if first is not None else day_first(parts)
    if len(parts) and decided is None:
        got = f"{text(parts.iloc[0])!r}, and no day above 12 in {len(parts)} dates"
        mend = "say whether the day stands first: day_first = true (or false) for the wave in study.toml"
        faults.append(DataError("Day and month cannot be told apart", where=where, got=got, mend=mend))
    found: dict[Any, datetime.datetime] = {}
    wrong = list(shapes.index[shapes == ""])
    for row, cell in filled.items():
        if shapes[row] and (shapes[row] != "parts" or decided is not None):
            try:
                found[row] = _moment(cell, shapes[row], bool(decided))
            except (ValueError, OverflowError):
                wrong.append(row)
    if set(shapes) >= {"moment", "parts"}:
        kinds = shapes.value_counts()
        mend = "export it as text or as .csv: the cells that are dates may have day and month exchanged"
        got = f"dates: {kinds['moment']}; text, as {text(parts.iloc[0])!r}: {kinds['parts']}"
        faults.append(DataError("Some dates were read by Excel and some were not", where=where, got=got, mend=mend))
    if wrong:
        rows = sorted(wrong)
        more = f" and {len(rows) - 3} more" if len(rows) > 3 else ""
        faults.append(
            DataError(
                f"{text(filled[rows[0]])!r} is no time",
                where=f"{where}, row {', '.join(map(str, rows[:3]))}{more}",
                expected="2019-11-03 14:05, 03.11.2019 14:05 or Excel's number of days",
                mend="correct the cells, or leave answered_at out of study.toml",
            )
        )
    if faults:
        raise DataError.of(faults)
    return pd.Series(found, dtype="datetime64[ns]").reindex(column.index)


def _moment(cell: Any, shape: str, first: bool) -> datetime.datetime:
    if shape == "moment":
        moment = cell if isinstance(cell, datetime.datetime) else datetime.datetime.combine(cell, datetime.time())
    elif shape == "iso":
        moment = datetime.datetime.fromisoformat(code(cell))
    elif shape == "serial":
        moment = _EPOCH + datetime.timedelta(days=float(code(cell).replace(",", ".")))
    else:
        match = _PARTS.fullmatch(code(cell))
        assert match is not None
        day, month = (match[1], match[3]) if first else (match[3], match[1])
        hour, minute, second = (int(part or 0) for part in match.group(5, 6, 7))
        moment = datetime.datetime(int(match[4]), int(month), int(day), hour, minute, second)
    if moment.tzinfo is not None:
        moment = moment.astimezone(datetime.UTC).replace(tzinfo=None)
    return moment
