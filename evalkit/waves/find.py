"""What a wave file suggests by itself: its units, its date, its table of study.toml and its questions."""

from __future__ import annotations

import datetime
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evalkit.errors import DataError
from evalkit.study.draft import Found, FoundWave, Question, Table, slug, words
from evalkit.waves.cells import ANSWERED, EMPTY, code, decimal_of, number
from evalkit.waves.privacy import find_personal
from evalkit.waves.read import Wave, read_wave
from evalkit.waves.times import day_first, form, is_time, times
from evalkit.waves.units import Units, units_in

if TYPE_CHECKING:
    import pandas as pd

WHY = {
    "dont_know": r"vet ikke|ukjent|unknown|veit ikkje|usikker|ikke sikker|don.?t know|not sure",
    "not_asked": r"ikke (?:spurt|stilt|vist)|not asked",
    "not_applicable": r"ikke (?:aktuelt|relevant)|not applicable|uaktuelt|n/?a",
    "refused": r"(?:vil |ønsker )?ikke (?:å )?svare?|ubesvart|refused?|no answer|prefer not to (?:say|answer)",
}
SERIAL = re.compile(r"(?:id|respid|respondent_?id|response_?id|svar_?id|l[øo]pe_?nr|serial)", re.IGNORECASE)
SEPARATORS = (";", "|", ",")
BOUNDS = (0, 2000, 4000, 7000, 15000)
FEWEST = 3
"""Answers that each group of size must have in every wave, or it is joined with its neighbour."""
_INDEX = re.compile(r"(.+[_.])(\d{1,2}|[a-z])")


def read_new(path: Path) -> Wave:
    """A file that no study has told of: of several sheets the largest, and those in which its columns go on.

    Raises
    ------
    DataError as `read_wave` does.
    """
    from evalkit.waves.content import check_content
    from evalkit.waves.workbook import filled_sheets

    sheets = filled_sheets(path) if check_content(path) in (".xlsx", ".xlsm") else []
    if len(sheets) < 2:
        return read_wave(path)
    held: dict[str, Wave] = {}
    for sheet in sheets:
        with suppress(DataError):  # a sheet of explanations is no table
            held[sheet] = read_wave(path, sheet=sheet)
    if not held:
        return read_wave(path)
    most = max(held, key=lambda sheet: held[sheet].data.size)
    together = [sheet for sheet in held if len(held[sheet].data) == len(held[most].data)]
    try:
        wave = read_wave(path, sheet=together)
    except DataError:
        wave = held[most]
    left = [sheet for sheet in sheets if sheet not in wave.sheets]
    note = (f"{path.name}: not read of its sheets: {', '.join(left)}",) if left else ()
    return replace(wave, notes=(*wave.notes, *note))


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
    Found

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
    parts = []
    for wave, found, (date, guessed) in zip(waves, units, dates):
        best = found.best(date.year)
        numbering = frame if found.fits[frame] == found.fits[best] else best
        parts.append(find_wave(wave, found, date=date, guessed=guessed, numbering=numbering, names=register[numbering]))
    people = dict(zip(register[frame]["code"], register[frame]["population"]))
    return Found(tuple(_unique(parts)), frame, _bounds(units, people))


def find_wave(
    wave: Wave, units: Units, *, date: datetime.date, guessed: str, numbering: int, names: pd.DataFrame
) -> FoundWave:
    """The table of study.toml for one file, and its questions. `guessed`: where `date` is from; "" if told."""
    table: Table = {"id": _id(wave), "file": wave.path.name, "date": date, "unit": units.column}
    notes = {"date": guessed, "unit": f"{units.fits[numbering]} of {len(wave.data)} rows have a code of {numbering}"}
    name = _names(wave, units, dict(zip(names["code"], names["name"])))
    if wave.sheets:
        table["sheet"] = wave.sheets[0] if len(wave.sheets) == 1 else list(wave.sheets)
        notes["sheet"] = "the columns go on from sheet to sheet" if wave.sheets[1:] else "the sheet that holds most"
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
    unused = {column: why for column in wave.data.columns if column not in roles and (why := _useless(wave, column))}
    unused |= dict.fromkeys(moments[1:], "a time")
    if unused:
        table["ignore"] = list(unused)
        notes["ignore"] = "; ".join(f"{column}: {why}" for column, why in unused.items())
    stopped = {column: what for column, what in personal.items() if column not in (units.column, name)}
    text = {column for column, what in stopped.items() if what == "open text"}
    about = [*wave.notes, *(f"{column} stops at the privacy gate: {what}" for column, what in stopped.items())]
    if units.zeros:
        about.append(f"codes that had lost a leading zero: {units.zeros}; they are mended when the file is read")
    left = [column for column in wave.data.columns if column not in (roles - text) | set(unused)]
    return FoundWave(table, notes, tuple(questions(wave, left, text)), tuple(about))


def _unique(parts: Sequence[FoundWave]) -> Iterator[FoundWave]:
    ids = [part.table["id"] for part in parts]
    for place, part in enumerate(parts):
        own = part.table["id"] if ids.count(part.table["id"]) == 1 else f"{part.table['id']}_{place + 1}"
        yield FoundWave({**part.table, "id": own}, part.notes, part.questions, part.about)


def _id(wave: Wave) -> str:
    years = re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", wave.path.stem)
    return years[0] if len(set(years)) == 1 else slug(wave.path.stem)


def find_date(wave: Wave) -> tuple[datetime.date, str]:
    """The day of the last answer, else a day that a person must correct, and where it is from."""
    for column in wave.data.columns:
        if is_time(wave.data[column]):
            return _last(wave, column).date(), f"the last answer by {column}"
    if re.fullmatch(r"\d{4}", _id(wave)):
        return datetime.date(int(_id(wave)), 1, 1), "the year is the file name's, the day a guess"
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


def _useless(wave: Wave, column: str) -> str:
    filled = wave.data[column].dropna()
    if SERIAL.fullmatch(column) and filled.is_unique:
        return "a serial number"
    if not len(filled) and not (_INDEX.fullmatch(column) or wave.value_labels.get(column)):
        return "empty" if (wave.missing[column] == EMPTY).all() else "nobody answered it"
    return "the same in every row" if len(filled) == len(wave.data) > 1 and (filled == filled.iloc[0]).all() else ""


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


def questions(wave: Wave, columns: Sequence[str], text: Collection[str] = ()) -> Iterator[Question]:
    """The questions that columns suggest, in their order; columns of one multiple choice become one question."""
    taken: set[str] = set()
    names: set[str] = set()
    for place, column in enumerate(columns):
        if column in taken:
            continue
        boxes = _boxes(wave, columns[place:]) if column not in text else ()
        taken |= set(boxes) or {column}
        if column in text:
            told = {"type": "text", **({} if slug(column) == column else {"column": column})}
            found = Question(slug(column), (column,), _named(wave, column, told), "open text stops at the gate")
        else:
            found = _multiple(wave, boxes) if boxes else _single(wave, column)
        if found.name in names:
            found = replace(found, name=_free(slug(column), names))
        names.add(found.name)
        yield found


def _boxes(wave: Wave, columns: Sequence[str]) -> tuple[str, ...]:
    """The first columns that are boxes of one multiple choice: one question, and each ticked or not."""
    shape = _tick(wave, columns[0])
    if not shape or len(columns) < 2 or not (stem := _stem(wave, columns[0], columns[1])):
        return ()
    found = [columns[0]]
    for column in columns[1:]:
        here = _tick(wave, column)
        if not here or _stem(wave, columns[0], column) != stem or len({shape, here} - {"empty"}) > 1:
            break
        shape = here if shape == "empty" else shape
        found.append(column)
    return tuple(found) if len(found) > 1 and shape != "empty" else ()


def _tick(wave: Wave, column: str) -> str:
    """How a column says ticked: "01", "1" or "label" with blanks, "empty" where nobody did; "" where it is no box."""
    said = {code(cell) for cell in wave.data[column].dropna()}
    labels = {key for key in wave.value_labels.get(column, {}) if key not in set(wave.missing[column])}
    blanks = (wave.missing[column] == EMPTY).any()
    if labels - {"0", "1"} or not said:
        return "" if labels - {"0", "1"} else "empty"
    if said <= {"0", "1"}:
        return "1" if said == {"1"} and blanks and "0" not in labels else "01"
    return "label" if len(said) == 1 and blanks and number(next(iter(said))) is None else ""


def _stem(wave: Wave, first: str, other: str) -> str:
    """What two columns of one multiple choice share: the question in label or header, else the name's beginning."""
    one, two = (wave.variable_labels.get(column, column).split() for column in (first, other))
    common = [a for a, b in zip(one, two) if a == b] if one[:1] == two[:1] else []
    common = common[: next((n for n, (a, b) in enumerate(zip(one, two)) if a != b), len(common))]
    marks = [place for place, word in enumerate(common, 1) if word[-1] in "?:" or word in "–-"]
    if len(common) < min(len(one), len(two)) and (marks or (common and one[len(common)][0] in "[(")):
        return " ".join(common[: marks[-1]] if marks else common)
    names = [_INDEX.fullmatch(column) for column in (first, other)]
    told = {first, other} & set(wave.variable_labels)
    return names[0][1] if names[0] and names[1] and names[0][1] == names[1][1] and not told else ""


def _multiple(wave: Wave, boxes: Sequence[str]) -> Question:
    shape = next(iter({_tick(wave, column) for column in boxes} - {"empty"}))
    stem = _stem(wave, boxes[0], boxes[1])
    options: Table = {}
    for column in boxes:
        cells = wave.data[column].dropna()
        title = wave.variable_labels.get(column, column).removeprefix(stem).strip(" -–:[]()")
        said = code(cells.iloc[0]) if shape == "label" and len(cells) else title or column
        said = column if column.startswith(stem) and column == stem + said else said
        options[_free(slug(said), options)] = {**words(said), "column": column}
    indexed = _INDEX.fullmatch(boxes[0])
    name = slug(indexed[1] if indexed else stem)
    labelled = {"label": words(name)} if stem == (indexed[1] if indexed else None) else _titled(stem.strip(" -–:"))
    table: Table = {"type": "multiple", **labelled, "missing": {}, "options": options}
    if shape == "01":
        told = [_missing(wave, column, {}) for column in boxes]
        missing = {key: why for found, _ in told for key, why in found.items()}
        notes = {place: note for _, found in told for place, note in found.items()}
        return Question(name, tuple(boxes), {**table, "missing": missing}, _unanswered(wave, boxes[0]), notes)
    note = "a blank box counts as not ticked where another was ticked; a row without any as not answered"
    return Question(name, tuple(boxes), {**table, "blank": "not_ticked"}, note)


def _free(name: str, taken: Collection[str]) -> str:
    return name if name not in taken else next(f"{name}_{n}" for n in range(2, 999) if f"{name}_{n}" not in taken)


def _single(wave: Wave, column: str) -> Question:
    """One column: categories, a list of ticked options, a number or text."""
    labels = wave.value_labels.get(column, {})
    said = [code(cell) for cell in wave.data[column].dropna()]
    missing, notes = _missing(wave, column, labels | {cell: cell for cell in set(said) if number(cell) is None})
    answers = [cell for cell in said if cell not in missing]
    numbers = [number(cell) for cell in answers]
    own = {} if slug(column) == column else {"column": column}
    base = {"missing": missing} if missing else {}
    note = _unanswered(wave, column)
    categories = {key: label for key, label in labels.items() if key not in missing}
    if (separator := _separator(answers)) and not categories:
        parts = sorted({part.strip() for cell in answers for part in cell.split(separator)} - {""})
        options: Table = {}
        for part in parts:
            options[_free(slug(part), options)] = {**words(part), "column": column}
        table = {"type": "multiple", "separator": separator, **base, "options": options}
        return Question(slug(column), (column,), _named(wave, column, table), note, notes)
    if not categories and not answers:
        told = _named(wave, column, {"type": "text", **own})
        return Question(slug(column), (column,), told, "nobody answered it here: say what it is")
    if not categories and None not in numbers and not _few(answers):
        table = {"type": "numeric", **own, **base}
        return Question(slug(column), (column,), _named(wave, column, table), note, notes)
    if not categories and None in numbers and len(set(answers)) > 1 and len(set(answers)) * 2 > len(answers):
        told = {"type": "text", **own}
        return Question(
            slug(column), (column,), _named(wave, column, told), "too many different answers for categories"
        )
    unlabelled = sorted(set(answers) - set(categories), key=lambda cell: (number(cell) or 0, cell))
    if labels and unlabelled:
        note = "\n".join(filter(None, [note, f"without a label in the file: {', '.join(unlabelled)}"]))
    said_01 = {"0": "Nei", "1": "Ja"} if not labels and set(unlabelled) <= {"0", "1"} else {}
    if said_01:
        note = "\n".join(filter(None, [note, "1 and 0 have no label in the file; they are taken as yes and no"]))
    categories |= {cell: said_01.get(cell, cell) for cell in [*said_01, *unlabelled]}
    yes = [key for key, label in categories.items() if re.match(r"(?:ja|yes)\b", label, re.IGNORECASE)]
    table = {"type": "single", **own, **({"yes": yes} if yes else {}), **base}
    table["categories"] = {key: words(label) for key, label in categories.items()}
    return Question(slug(column), (column,), _named(wave, column, table), note, notes)


def _few(answers: Sequence[str]) -> bool:
    """Whether numbers without labels look like codes: few, whole, small, and each given more than once."""
    kinds = set(answers)
    return len(kinds) <= 7 and len(kinds) * 2 <= len(answers) and all(re.fullmatch(r"\d|9[89]", cell) for cell in kinds)


def _separator(answers: Sequence[str]) -> str:
    """What stands between the options of a list of ticked options, or ""."""
    for separator in SEPARATORS:
        lists = [[part.strip() for part in cell.split(separator) if part.strip()] for cell in answers]
        parts = [part for told in lists for part in told]
        several = sum(len(told) > 1 for told in lists)
        if several >= 2 and len(set(parts)) * 2 <= len(parts) and all(number(part) is None for part in parts):
            return separator
    return ""


def _missing(wave: Wave, column: str, labels: Mapping[str, str]) -> tuple[dict[str, str], dict[tuple[str, ...], str]]:
    """Codes that are no answer: those the file declares, and those whose label says so."""
    declared = sorted(set(wave.missing[column]) - {ANSWERED, EMPTY})
    all_labels = wave.value_labels.get(column, {}) | dict(labels)
    missing: dict[str, str] = {}
    notes: dict[tuple[str, ...], str] = {}
    for key in [*declared, *(key for key in all_labels if key not in declared)]:
        label = all_labels.get(key, "").strip()
        why = next((why for why, said in WHY.items() if re.fullmatch(said, label, re.IGNORECASE)), None)
        if key in declared or why:
            missing[key] = why or "refused"
            notes["missing", key] = (
                f"«{label}»" if why and label != key else "" if why else "declared missing in the file: say why"
            )
    return missing, notes


def _named(wave: Wave, column: str, table: Table) -> Table:
    return {**_titled(wave.variable_labels.get(column, column).strip()), **table}


def _titled(said: str) -> Table:
    """A label of at most 60 characters, and the question where that is longer."""
    short = said if len(said) <= 60 else said[:57].rsplit(" ", 1)[0] + " …"
    return {"label": words(short), **({"question": words(said)} if short != said else {})}


def _unanswered(wave: Wave, column: str) -> str:
    empty, rows = int((wave.missing[column] == EMPTY).sum()), len(wave.data)
    if empty < 0.1 * rows:
        return ""
    filtered: Any = 'asked_if = { item = "…", codes = ["…"] } and base'
    return f"{empty} of {rows} rows are empty: if a filter led past the question, say {filtered}"
