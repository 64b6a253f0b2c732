"""What a wave file suggests by itself: its units, its date and its table of study.toml."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from evalkit.errors import DataError
from evalkit.study.draft import Found, FoundWave, Question, Table, slug
from evalkit.study.scales import answer_of_a_scale
from evalkit.waves.cells import EMPTY, code, decimal_of
from evalkit.waves.find_questions import Elsewhere, elsewhere, is_box, questions
from evalkit.waves.privacy import find_personal
from evalkit.waves.read import Wave, read_wave
from evalkit.waves.times import day_first, form, is_time, times
from evalkit.waves.units import Units, units_in

if TYPE_CHECKING:
    import pandas as pd

SERIAL = re.compile(r"(?:id|respid|respondent_?id|response_?id|svar_?id|l[øo]pe_?nr|serial)", re.IGNORECASE)

BOUNDS = (0, 2000, 4000, 7000, 15000)

FEWEST = 3
"""Answers that each group of size must have in every wave, or it is joined with its neighbour."""


def read_new(path: Path) -> Wave:
    """The one wave in a file that no study has told of.

    Raises
    ------
    DataError as `read_wave` does, and where its sheets are a wave each.
    """
    waves = read_files([path])
    if len(waves) > 1:
        sheets = ", ".join(wave.sheets[0] for wave in waves)
        mend = "save the new wave's sheet as a file of its own"
        raise DataError(f"{path.name} holds {len(waves)} waves", where=path, got=f"sheets {sheets}", mend=mend)
    return waves[0]


def read_files(paths: Sequence[Path]) -> list[Wave]:
    """The waves in files that no study has told of.

    Of several sheets each is a wave where they have the same columns; else the largest is read, and those in which its
    columns go on.

    Raises
    ------
    DataError as `read_wave` does.
    """
    from evalkit.waves.content import check_content
    from evalkit.waves.workbook import filled_sheets

    found: list[Wave] = []
    for path in paths:
        sheets = filled_sheets(path) if check_content(path) in (".xlsx", ".xlsm") else []
        found += _of_sheets(path, sheets) if len(sheets) > 1 else [read_wave(path)]
    return found


def _of_sheets(path: Path, sheets: Sequence[str]) -> list[Wave]:
    held: dict[str, Wave] = {}
    for sheet in sheets:
        with suppress(DataError):  # a sheet of explanations is no table
            held[sheet] = read_wave(path, sheet=sheet)
    if not held:
        return [read_wave(path)]
    most = max(held, key=lambda sheet: held[sheet].data.size)
    alike = [sheet for sheet in held if _same_columns(held[sheet], held[most])]
    together = [sheet for sheet in held if len(held[sheet].data) == len(held[most].data)]
    if len(alike) > 1:
        waves = [held[sheet] for sheet in alike]
    else:
        try:
            waves = [read_wave(path, sheet=together)]
        except DataError:
            waves = [held[most]]
    left = [sheet for sheet in sheets if not any(sheet in wave.sheets for wave in waves)]
    note = (f"{path.name}: not read of its sheets: {', '.join(left)}",) if left else ()
    return [replace(wave, notes=(*wave.notes, *note)) for wave in waves]


def _same_columns(one: Wave, other: Wave) -> bool:
    """Whether two sheets ask the same: columns that go on share the unit's code and name at most."""
    first, second = set(one.data.columns), set(other.data.columns)
    return len(first & second) > 0.5 * min(len(first), len(second)) and len(first & second) > 1


def find_units(wave: Wave, register: Mapping[int, pd.DataFrame]) -> Units:
    """The column whose values fit a numbering of municipalities best; DataError where none does."""
    found = [units_in(wave, column, register) for column in wave.data.columns]
    scored = [(max(units.fits.values()) * len(set(units.codes)), units) for units in found]
    score, best = max(scored, key=lambda pair: pair[0], default=(0, None))
    if best is None or not score or max(best.fits.values()) < 0.5 * len(wave.data):
        raise DataError(
            "No column holds municipality codes",
            where=wave.path.name,
            expected="a column in which most rows have a code such as 0301",
            got=f"{best.column}: {max(best.fits.values())} of {len(wave.data)} rows" if best and score else None,
            mend="add a column with each row's code; names are not enough, because several municipalities share one",
        )
    return best


def find_study(waves: Sequence[Wave], register: Mapping[int, pd.DataFrame]) -> Found:
    """What wave files suggest of a study, for `evalkit.study.draft.new_study`.

    Parameters
    ----------
    waves : the files, as read.
    register : year → DataFrame with code, name and, where the register has a list of the year, population.

    Returns
    -------
    Found. A column that can be read in several ways is read as in the wave where it cannot.

    Raises
    ------
    DataError for a file in which no column holds municipality codes.
    """
    units = [find_units(wave, register) for wave in waves]
    dates = [find_date(wave) for wave in waves]
    lists = [year for year, table in register.items() if "population" in table]
    fits = {year: sum(found.fits[year] for found in units) for year in lists}
    near, last = max((date.year, place) for place, (date, _) in enumerate(dates))
    latest = units[last].fits  # earlier waves can be carried to its borders; back from them, what merged is split
    frame = min(lists, key=lambda year: (-latest[year], -fits[year], abs(year - near), year > near))
    others: Elsewhere | None = None
    parts: list[FoundWave] = []
    for _ in range(2 if len(waves) > 1 else 1):
        parts = []
        for wave, found, (date, guessed) in zip(waves, units, dates):
            best = found.best(date.year)
            numbering = frame if found.fits[frame] == found.fits[best] else best
            names = register[numbering]
            told = {"date": date, "guessed": guessed, "numbering": numbering, "names": names, "others": others}
            parts.append(find_wave(wave, found, **told))
        asked = [(wave, part.questions) for wave, part in zip(waves, parts)]
        others = elsewhere(asked)
    people = dict(zip(register[frame]["code"], register[frame]["population"]))
    return Found(tuple(_unique(parts)), frame, _bounds(units, people))


def find_wave(
    wave: Wave,
    units: Units,
    *,
    date: datetime.date,
    guessed: str,
    numbering: int,
    names: pd.DataFrame,
    others: Elsewhere | None = None,
) -> FoundWave:
    """The table of study.toml for one file, and its questions.

    Parameters
    ----------
    guessed : where `date` is from; "" if told.
    numbering, names : the year whose codes the file has, and its list.
    others : what other waves or the study say of the columns.
    """
    others = others or Elsewhere()
    table: Table = {"id": _id(wave), "file": wave.path.name, "date": date, "unit": units.column}
    notes = {"date": guessed, "unit": f"{units.fits[numbering]} of {len(wave.data)} rows have a code of {numbering}"}
    name = _names(wave, units, dict(zip(names["code"], names["name"])))
    if wave.sheets:
        table["sheet"] = wave.sheets[0] if len(wave.sheets) == 1 else list(wave.sheets)
        notes["sheet"] = "the columns go on from sheet to sheet" if wave.sheets[1:] else "one of the file's sheets"
    table |= {"name": name} if name else {}
    table["numbering"] = numbering
    alike = sorted(year for year, rows in units.fits.items() if rows == units.fits[numbering])
    notes["numbering"] = f"the codes fit {alike[0]}–{alike[-1]} alike" if len(alike) > 1 else "the only year that fits"
    personal = {finding.column: finding.what for finding in find_personal(wave)}
    moments = [column for column in wave.data.columns if column not in personal and is_time(wave.data[column])]
    if moments:
        table["answered_at"] = moments[0]
        if _either(wave, moments[0]):
            table["day_first"] = True
            notes["day_first"] = "no day is above 12, so it may be the month: see that it is the day"
    marks = {decimal_of(cell for cell in wave.data[column] if isinstance(cell, str)) for column in wave.data.columns}
    if "either" in marks:
        table["decimal"] = "," if "." not in marks or "," in marks else "."
        notes["decimal"] = "a number such as 1.234 may have thousands or decimals: see which mark decimals have"
    if units.several:
        table["duplicates"] = "latest" if moments else "most_complete"
        notes["duplicates"] = f"units that answered several times: {_some(units.several)}; say whose answer counts"
    roles = {units.column, name, *moments, *personal}
    unused = {
        column: why for column in wave.data.columns if column not in roles and (why := _technical(wave, column, units))
    }
    unused |= dict.fromkeys(moments[1:], "a time")
    stopped = {column: what for column, what in personal.items() if column not in (units.column, name)}
    text = {column for column, what in stopped.items() if what == "open text"}
    left = [column for column in wave.data.columns if column not in (roles - text) | set(unused)]
    asked = list(questions(wave, left, text, others))
    idle = {one.columns[0]: why for one in asked if (why := _idle(wave, one, others))}
    unused |= idle
    if unused:
        unused = {column: unused[column] for column in wave.data.columns if column in unused}
        table["ignore"] = list(unused)
        notes["ignore"] = "; ".join(f"{column}: {why}" for column, why in unused.items())
    about = [*wave.notes, *(f"{column} stops at the privacy gate: {what}" for column, what in stopped.items())]
    if units.zeros:
        about.append(f"codes that had lost a leading zero: {units.zeros}; they are mended when the file is read")
    kept = tuple(one for one in asked if one.columns[0] not in idle)
    return FoundWave(table, notes, kept, tuple(about))


def _unique(parts: Sequence[FoundWave]) -> Iterator[FoundWave]:
    ids = [part.table["id"] for part in parts]
    for place, part in enumerate(parts):
        own = part.table["id"] if ids.count(part.table["id"]) == 1 else f"{part.table['id']}_{place + 1}"
        yield FoundWave({**part.table, "id": own}, part.notes, part.questions, part.about)


def _id(wave: Wave) -> str:
    """The one year in the sheet's name or the file's, else that name."""
    for said in (wave.sheets[0] if len(wave.sheets) == 1 else "", wave.path.stem):
        years = set(re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", said))
        if len(years) == 1:
            return years.pop()
    return slug(wave.path.stem)


def find_date(wave: Wave) -> tuple[datetime.date, str]:
    """The day of the last answer, else a day that a person must correct, and where it is from."""
    for column in wave.data.columns:
        if is_time(wave.data[column]):
            return _last(wave, column).date(), f"the last answer by {column}"
    if re.fullmatch(r"\d{4}", _id(wave)):
        whose = "file name's" if _id(wave) in wave.path.stem else "sheet's"
        return datetime.date(int(_id(wave)), 1, 1), f"the year is the {whose}, the day a guess"
    day = datetime.date.fromtimestamp(wave.path.stat().st_mtime)
    return day, "the day the file was written; say when the survey was"


def _either(wave: Wave, column: str) -> bool:
    """Whether no date of a column tells day and month apart."""
    filled = wave.data[column].dropna()
    return any(form(cell) == "parts" for cell in filled) and day_first(filled) is None


def _last(wave: Wave, column: str) -> datetime.datetime:
    """The last moment of a column; the day first where it may be either."""
    first = True if _either(wave, column) else None
    return times(wave.data[column], f"{wave.path.name}, column {column}", first).max().to_pydatetime()


def _names(wave: Wave, units: Units, known: Mapping[str, str]) -> str | None:
    """The column that says each row's municipality by name, as the register does for its code."""

    def hits(column: str) -> int:
        cells = zip(units.codes, wave.data[column])
        return sum(_same_name(str(cell), known[unit]) for unit, cell in cells if unit is not None and unit in known)

    best = max((column for column in wave.data.columns if column != units.column), key=hits, default=None)
    return best if best is not None and hits(best) > 0.5 * len(wave.data) else None


def _same_name(cell: str, full: str) -> bool:
    bare = re.sub(r"\s*\(.*?\)|\s+kommune$", "", cell.casefold().strip())
    return bare in {re.sub(r"\s*\(.*?\)", "", part.casefold()) for part in (full, *full.split(" - "))}


def _technical(wave: Wave, column: str, units: Units) -> str:
    """Why a column is no question by itself."""
    filled = wave.data[column].dropna()
    if SERIAL.fullmatch(column) and filled.is_unique:
        return "a serial number"
    same = [code(cell) for cell in wave.data[column]] == [code(cell) for cell in wave.data[units.column]]
    return f"{units.column} again" if same else ""


def _idle(wave: Wave, question: Question, others: Elsewhere) -> str:
    """Why a question says nothing in any wave: nobody answered, or all alike and in no words of an answer."""
    column, *more = question.columns
    if more or column in others.asked or len(wave.value_labels.get(column, {})) > 1:
        return ""
    filled = wave.data[column].dropna()
    if not len(filled):
        return "empty" if (wave.missing[column] == EMPTY).all() else "nobody answered it"
    alike = len(filled) == len(wave.data) > 1 and (filled == filled.iloc[0]).all()
    spoken = wave.variable_labels.get(column, column).rstrip().endswith("?")
    if not alike or spoken or answer_of_a_scale(code(filled.iloc[0])) or is_box(wave, column):
        return ""
    return "the same in every row"


def _bounds(units: Sequence[Units], people: Mapping[str, int]) -> tuple[int, ...]:
    """Bounds of population so that every group has some answers in every wave."""
    sizes = [sorted(people[unit] for unit in {*found.codes} if unit is not None and unit in people) for found in units]
    bounds = list(BOUNDS)
    place = 1
    while place < len(bounds):
        below, here = bounds[place - 1 : place + 1]
        enough = all(sum(below <= size < here for size in wave) >= FEWEST for wave in sizes)
        rest = all(sum(size >= here for size in wave) >= FEWEST for wave in sizes)
        place, bounds = (place + 1, bounds) if enough and rest else (place, bounds[:place] + bounds[place + 1 :])
    return tuple(bounds)


def _some(units: Mapping[str, Sequence[int]]) -> str:
    shown = [f"{unit} ({len(rows)})" for unit, rows in list(units.items())[:3]]
    return ", ".join(shown) + (f" and {len(units) - 3} more" if len(units) > 3 else "")
