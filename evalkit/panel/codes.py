"""Unit codes of a wave's column, cleaned and checked against the list of their numbering."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from evalkit.errors import DataError, EvalkitError, nearest
from evalkit.panel.crosswalk import crosswalk
from evalkit.panel.unit_register import UnitRegister, municipality_register
from evalkit.waves.units import cell_text, digits_of, mended, name_in, unit_code

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Codes:
    """Clean municipality codes of a wave.

    Attributes
    ----------
    codes : Series of four-character codes, with the index of the column given.
    rows : data rows, counted from 1, whose code was mended.
    zeros : how many of them had lost a leading zero (101 for 0101); the others lost a prefix, spaces or a name.
    misnamed : rows whose name is that of another unit of the year.
    """

    codes: pd.Series
    rows: tuple[int, ...]
    zeros: int
    misnamed: tuple[int, ...] = ()

    @property
    def mended(self) -> int:
        """How many codes were mended."""
        return len(self.rows)


def clean_codes(
    values: pd.Series,
    *,
    year: int,
    names: pd.Series | None = None,
    rows: Sequence[int] | None = None,
    where: str,
    register: UnitRegister | None = None,
) -> Codes:
    """Unit codes as the register writes them, or every code that is none, with the likeliest unit.

    Parameters
    ----------
    values : the column, numbers or text, a row a respondent. 101, 101.0, '0101', ' 101 ', 'K-0101' and "'0101" are
        all 0101. Of other units too, where all codes are digits of one length; else codes are taken as they stand.
    year : the numbering that the codes follow, 1 January.
    names : names of the units, row by row as `values`; they only propose, they never decide.
    rows : row numbers of the values in their file; from 1 where they are not given.
    where : what the values are, for the errors: file and column.
    register : of `evalkit.panel.own_register`; municipalities where none are given.

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
    known = _Known(register or municipality_register(), year)
    number = dict(enumerate(rows if rows is not None else range(1, len(values) + 1), start=1))
    read = {value: known.read(value) for value in values.dropna().unique()}
    found = values.map(read).astype("object")
    unknown = [row for row, code in enumerate(found, start=1) if code not in known.names]
    if unknown:
        _refuse_numbering(known, set(found.dropna()), len(unknown), len(found), where)
        spoken = names.tolist() if names is not None else [None] * len(values)
        given = values.tolist()
        raise DataError.of([_fault(known, given[row - 1], spoken[row - 1], number[row], where) for row in unknown])
    mends = {value: mended(value, _digits(known.register)) for value in read}
    kinds = [mends[value] for value in values]
    dressed = tuple(number[row] for row, kind in enumerate(kinds, start=1) if kind)
    _refuse_names(known, values, found, list(number.values()), where)
    called = zip(number.values(), names if names is not None else (), found)
    misnamed = tuple(row for row, name, code in called if _others(known, name, code))
    return Codes(codes=found.astype("str"), rows=dressed, zeros=kinds.count("zero"), misnamed=misnamed)


def _others(known: _Known, name: object, code: str) -> list[str]:
    """Units of the year that go by a name which the unit of `code` does not."""
    if not _named(name) or _simple(cell_text(name)) in _spoken(known.names[code]):
        return []
    return [unit for unit, full in known.names.items() if _simple(cell_text(name)) in _spoken(full)]


def _refuse_names(known: _Known, values: pd.Series, found: pd.Series, rows: Sequence[int], where: str) -> None:
    """DataError where one cell has the code of one unit and the name of another, as in "0301 Bergen"."""
    faults = []
    for row, cell, code in zip(rows, values, found, strict=True):
        name = name_in(cell, _digits(known.register))
        if others := _others(known, name, code):
            said = f"{code} is {known.names[code]}, and {name} is {' or '.join(others)}"
            at, mend = f"{where}, row {row}", "Correct the code or the name."
            faults.append(DataError(f"{cell} names two units.", where=at, got=said, mend=mend))
    if faults:
        raise DataError.of(faults)


@dataclass(frozen=True)
class _Known:
    """The units of one year's numbering, among those of others."""

    register: UnitRegister
    year: int

    @property
    def names(self) -> Mapping[str, str]:
        return self.of(self.year)

    def of(self, year: int) -> Mapping[str, str]:
        return _names(self.register, year)

    def others(self) -> list[int]:
        """Years with a list, the nearest first."""
        return sorted(self.register.lists, key=lambda other: abs(other - self.year))

    def read(self, value: object) -> str | None:
        """The code that a cell says, or None where it cannot be one."""
        return unit_code(value, _digits(self.register))


@lru_cache(maxsize=64)
def _names(register: UnitRegister, year: int) -> Mapping[str, str]:
    table = register.on(year)
    return dict(zip(table["code"], table["name"]))


@lru_cache(maxsize=8)
def _digits(register: UnitRegister) -> int | None:
    return digits_of(register.lists)


def _fault(known: _Known, value: object, name: object, row: int, where: str) -> EvalkitError:
    import pandas as pd

    one, year = known.register.one, known.year
    empty = bool(pd.isna(value)) or not cell_text(value).strip()
    proposal = _by_name(known, name) or ("" if empty else _by_code(known, value))
    return DataError(
        f"A row has no {one} code of {year}." if empty else f"{value} is not a {one} of {year}.",
        where=f"{where}, row {row}",
        expected=f"one of the {len(known.names)} codes of 1 January {year}",
        got="an empty cell" if empty else f"{value}" + (f" ({name})" if _named(name) else ""),
        mend=proposal or "Correct the code.",
    )


def _by_name(known: _Known, name: object) -> str:
    if not _named(name):
        return ""
    units = known.names
    spoken = _simple(cell_text(name))
    hits = [code for code, full in units.items() if full.casefold() == cell_text(name).casefold().strip()]
    hits = hits or [code for code, full in units.items() if spoken in _spoken(full)]
    if not hits:
        near = nearest(spoken, {part for full in units.values() for part in _spoken(full)})
        hits = [code for code, full in units.items() if near in _spoken(full)]
    return f"Write {' or '.join(f'{code} ({units[code]})' for code in hits)}, by the row's name." if hits else ""


def _by_code(known: _Known, value: object) -> str:
    units, code = known.names, known.read(value)
    for other in known.others():
        if code and code in known.of(other):
            table = crosswalk(other, known.year, known.register)
            targets = table.loc[table["from_code"] == code, "to_code"].dropna()
            was = f"{code} is {known.of(other)[code]} in the numbering of {other}"
            became = " or ".join(f"{target} ({units[target]})" for target in targets)
            return f"Write {became}: {was}." if became else f"Leave the row out: {was}, and is no more."
    slips = [right for right in units if code and _one_slip(code, right)]
    if not slips or not code:
        return ""
    near = min(slips, key=lambda right: (right[:2] != code[:2], _apart(right, code)))
    return f"Write {near} ({units[near]}), if that is the unit."


def _apart(one: str, other: str) -> int:
    return abs(int(one) - int(other)) if one.isdigit() and other.isdigit() else 0


def _one_slip(typed: str, meant: str) -> bool:
    """One wrong digit, or two neighbours swapped: how codes are mistyped (Damerau 1964)."""
    if len(typed) != len(meant):
        return False
    wrong = [place for place, sign in enumerate(typed) if sign != meant[place]]
    swapped = len(wrong) == 2 and wrong[1] - wrong[0] == 1 and sorted(typed) == sorted(meant)
    return len(wrong) == 1 or swapped


def _refuse_numbering(known: _Known, codes: set[str], unknown: int, rows: int, where: str) -> None:
    """One error, where the column as a whole is in the numbering of another year."""
    fits = [other for other in known.others() if codes and codes <= known.of(other).keys()]
    if fits and unknown > rows / 2:
        raise DataError(
            f"The codes are not in the numbering of {known.year}, but all are {known.register.many} of {fits[0]}.",
            where=where,
            expected=f"codes of 1 January {known.year}",
            got=f"{unknown} of {rows} rows with a code of another year",
            mend=f"Give {fits[0]} as the year of the wave's numbering.",
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
