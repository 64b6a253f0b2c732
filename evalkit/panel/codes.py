"""Municipality codes of a wave's column, cleaned and checked against the register of their numbering."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from evalkit.errors import DataError, EvalkitError, nearest
from evalkit.panel import register
from evalkit.panel.crosswalk import crosswalk

if TYPE_CHECKING:
    import pandas as pd

# An apostrophe or a K before the digits, and the decimal point that a number column leaves behind them.
_CODE = re.compile(r"(?P<dress>'?\s*(?:K[-_ ]?)?)(?P<digits>\d{3,4})(?:[.,]0+)?", re.IGNORECASE)


@dataclass(frozen=True)
class Codes:
    """Clean municipality codes of a wave.

    Attributes
    ----------
    codes : Series of four-character codes, with the index of the column given.
    rows : data rows, counted from 1, whose code was mended.
    zeros : how many of them had lost a leading zero (101 for 0101); the others lost a prefix or spaces.
    """

    codes: pd.Series
    rows: tuple[int, ...]
    zeros: int

    @property
    def mended(self) -> int:
        """How many codes were mended."""
        return len(self.rows)


def clean_codes(values: pd.Series, *, year: int, names: pd.Series | None = None, where: str) -> Codes:
    """Municipality codes as the register writes them, or every code that is none, with the likeliest unit.

    Parameters
    ----------
    values : the column, numbers or text, a row a respondent. 101, 101.0, '0101', ' 101 ', 'K-0101' and "'0101" are
        all 0101.
    year : the numbering that the codes follow, 1 January of 2011–2024.
    names : names of the municipalities, row by row as `values`; they only propose, they never decide.
    where : what the values are, for the errors: file and column.

    Returns
    -------
    Codes

    Raises
    ------
    DataError : codes that are not in the numbering of the year, all at once. Each names the data row and the likeliest
        unit: by the row's name, else by the code's unit in the numbering of another year, else by the nearest code. A
        column of which most is unknown, but which fits another year's numbering as a whole, is one error.

    Examples
    --------
    >>> import pandas as pd
    >>> clean_codes(pd.Series([101, 1103]), year=2017, where="wave.xlsx, column kommnr").codes.tolist()
    ['0101', '1103']
    """
    units = _units(year)
    read = {value: _read(value) for value in values.dropna().unique()}
    found = values.map(read).astype("object")
    unknown = [row for row, code in enumerate(found, start=1) if code not in units]
    if unknown:
        _refuse_numbering(set(found.dropna()), len(unknown), len(found), year, where)
        called = names.tolist() if names is not None else [None] * len(values)
        given = values.tolist()
        raise DataError.of([_fault(given[row - 1], called[row - 1], row, year, where) for row in unknown])
    mends = {value: _mend(value) for value in read}
    kinds = [mends[value] for value in values]
    rows = tuple(row for row, kind in enumerate(kinds, start=1) if kind)
    return Codes(codes=found.astype("str"), rows=rows, zeros=kinds.count("zero"))


def _text(value: object) -> str:
    return str(value).replace("\N{NO-BREAK SPACE}", " ")


def _read(value: object) -> str | None:
    """The code that a cell says, or None where it cannot be one."""
    match = _CODE.fullmatch(_text(value).strip())
    return match["digits"].zfill(4) if match else None


def _mend(value: object) -> str:
    """What had to be mended in a cell that says a code: 'zero', 'dress' or nothing."""
    text = _text(value)
    match = _CODE.fullmatch(text.strip())
    if match and len(match["digits"]) < 4:
        return "zero"
    return "dress" if text != text.strip() or (match and match["dress"]) else ""


def _fault(value: object, name: object, row: int, year: int, where: str) -> EvalkitError:
    import pandas as pd

    empty = bool(pd.isna(value)) or not _text(value).strip()
    proposal = _by_name(name, year) or ("" if empty else _by_code(value, year))
    return DataError(
        f"A row has no municipality code of {year}." if empty else f"{value} is not a municipality of {year}.",
        where=f"{where}, row {row}",
        expected=f"one of the {len(_units(year))} codes of 1 January {year}",
        got="an empty cell" if empty else f"{value}" + (f" ({name})" if _named(name) else ""),
        mend=proposal or "Correct the code.",
    )


def _by_name(name: object, year: int) -> str:
    if not _named(name):
        return ""
    units = _units(year)
    spoken = _simple(_text(name))
    hits = [code for code, full in units.items() if full.casefold() == _text(name).casefold().strip()]
    hits = hits or [code for code, full in units.items() if spoken in _spoken(full)]
    if not hits:
        near = nearest(spoken, {part for full in units.values() for part in _spoken(full)})
        hits = [code for code, full in units.items() if near in _spoken(full)]
    return f"Write {' or '.join(f'{code} ({units[code]})' for code in hits)}, by the row's name." if hits else ""


def _by_code(value: object, year: int) -> str:
    units = _units(year)
    code = _read(value)
    for other in sorted(_years(), key=lambda other: abs(other - year)):
        if code and code in _units(other):
            table = crosswalk(other, year)
            targets = table.loc[table["from_code"] == code, "to_code"]
            became = " or ".join(f"{target} ({units[target]})" for target in targets)
            return f"Write {became}: {code} is {_units(other)[code]} in the numbering of {other}."
    slips = [known for known in units if code and _one_slip(code, known)]
    if not slips or not code:
        return ""
    near = min(slips, key=lambda known: (known[:2] != code[:2], abs(int(known) - int(code))))
    return f"Write {near} ({units[near]}), if that is the unit."


def _one_slip(typed: str, meant: str) -> bool:
    """One wrong digit, or two neighbours swapped: how codes are mistyped (Damerau 1964)."""
    wrong = [place for place in range(4) if typed[place] != meant[place]]
    swapped = len(wrong) == 2 and wrong[1] - wrong[0] == 1 and sorted(typed) == sorted(meant)
    return len(wrong) == 1 or swapped


def _refuse_numbering(codes: set[str], unknown: int, rows: int, year: int, where: str) -> None:
    """One error, where the column as a whole is in the numbering of another year."""
    fits = [other for other in _years() if codes and codes <= _units(other).keys()]
    if fits and unknown > rows / 2:
        nearby = min(fits, key=lambda other: abs(other - year))
        raise DataError(
            f"The codes are not in the numbering of {year}, but all are municipalities of {nearby}.",
            where=where,
            expected=f"codes of 1 January {year}",
            got=f"{unknown} of {rows} rows with a code of another year",
            mend=f"Give {nearby} as the year of the wave's numbering.",
        )


def _named(name: object) -> bool:
    return isinstance(name, str) and bool(name.strip())


def _simple(name: str) -> str:
    """A name without what writers add or leave out: case, the word kommune, a bracket that tells namesakes apart."""
    bare = re.sub(r"\s*\(.*?\)", "", name.casefold().strip())
    return re.sub(r"\s+(kommune|herad|suohkan)$", "", bare).strip()


def _spoken(full: str) -> set[str]:
    """The names that one unit goes by: each of its languages, and all together."""
    return {_simple(part) for part in (full, *full.split(" - "))}


def _years() -> range:
    return range(int(register.changes()["date"].min()[:4]), register.register_years()[-1] + 1)


@lru_cache(maxsize=32)
def _units(year: int) -> Mapping[str, str]:
    frame = register.numbering(year)
    return dict(zip(frame["code"], frame["name"]))
