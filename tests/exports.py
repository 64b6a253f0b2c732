"""Made-up answers of two waves, the shapes in which tools export them, and what goes wrong with such files."""

from __future__ import annotations

import datetime
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat

from evalkit.panel import municipalities

N = 24
WAVES = (2021, 2023)
UNITS = municipalities(2021).iloc[5::14].head(N).reset_index(drop=True)
PLAN = ("Ja", "Nei", "Vet ikke")
LEVEL = ("Lav", "Middels", "Høy")
BOXES = ("Kurs", "Lønn", "Nettverk")
TITLES = {"plan": "Har kommunen en plan?", "level": "Hvor høyt er nivået?", "years": "Hvor mange år gjelder den?"}


@dataclass
class Export:
    """Answers as they were given, and how they are written.

    Attributes
    ----------
    waves : year → code, name, plan, level (places in the words, None unanswered), box_0 … (bool), years (number).
    plan, level, boxes : the words.
    late : changes of the finished table, by year.
    more : questions besides, which the table has and the answers do not.
    """

    shape: str
    waves: dict[int, pd.DataFrame]
    plan: tuple[str, ...] = PLAN
    level: tuple[str, ...] = LEVEL
    boxes: tuple[str, ...] = BOXES
    late: list[Callable[[pd.DataFrame, int], pd.DataFrame]] = field(default_factory=list)
    labels: dict[str, dict[float, str]] = field(default_factory=dict)
    above: int = 0
    encoding: str = "utf-8"
    one_book: bool = False
    notes_sheet: bool = False
    turned: bool = False
    corrected: set[int] = field(default_factory=set)


def made(shape: str, seed: int) -> Export:
    """Answers of 24 municipalities in each wave; each ticks a box at least."""
    r = np.random.default_rng(seed)
    waves = {}
    for year in WAVES:
        boxes = r.random((N, 3)) < [0.6, 0.3, 0.5]
        boxes[~boxes.any(axis=1), 0] = True
        boxes[:3] = [[True, True, False], [True, False, True], [False, True, True]]  # every box in company
        boxes[3:6] = np.eye(3, dtype=bool)
        waves[year] = pd.DataFrame(
            {
                "code": UNITS["code"],
                "name": UNITS["name"],
                "plan": pd.Series([*([0, 1, 2] * 2), *r.choice(3, N - 6, p=[0.5, 0.3, 0.2])], dtype=object),
                "level": pd.Series([*([0, 1, 2] * 2), *r.choice(3, N - 6)], dtype=object),
                **{f"box_{k}": boxes[:, k] for k in range(3)},
                "years": np.round(r.uniform(1, 9, N), 1),
            }
        )
    return Export(shape, waves)


# what each shape makes of the answers

CODED = ("sav", "dta", "codes", "numbered")
TEXT = ("semicolon", "numbered", "valgt")
LABELLED = ("sav", "dta")
BOOKS = ("words", "codes", "ticks", "headed", "commas", "forms", "grid", "heads")
UNTICKED = ("ticks", "headed", "commas", "forms")
"""Shapes in which a box that is not ticked leaves nothing behind: a row without any tick is no answer."""
SHAPES = (
    "sav",
    "dta",
    "words",
    "codes",
    "semicolon",
    "numbered",
    "ticks",
    "headed",
    "valgt",
    "commas",
    "forms",
    "grid",
)


def table(export: Export, year: int) -> pd.DataFrame:
    """The answers of a wave as the cells of the shape."""
    held, shape = export.waves[year], export.shape
    codes = {"plan": (1, 2, 8), "level": (1, 2, 3)}
    data = {"kommnr": held["code"]}
    for name, said in (("plan", export.plan), ("level", export.level)):
        cells = {
            **dict(enumerate(said)),
            **({place: codes[name][place] for place in range(3)} if shape in ("sav", "dta", "codes") else {}),
            **({p: f"{codes[name][p]} {said[p]}" for p in range(3)} if shape == "numbered" else {}),
        }
        data[name] = held[name].map(lambda place, c=cells: None if place is None else c[place])
    if shape == "grid":
        for k in range(3):
            turned = held["level"].map(lambda p, k=k: None if p is None else export.level[(p + k) % 3])
            data[f"Hvor høyt er nivået av {k + 1}?"] = turned
    ticked = [held[f"box_{k}"] for k in range(3)]
    if shape in ("commas", "forms"):
        mark = ", " if shape == "commas" else ";"
        cells = [mark.join(word for word, on in zip(export.boxes, row) if on) for row in zip(*ticked)]
        data["virkemidler"] = [cell + ";" * (shape == "forms") if cell else None for cell in cells]
    for k, word in enumerate(export.boxes if shape not in ("commas", "forms") else ()):
        head = {"sav": f"v_{k + 1}", "dta": f"v_{k + 1}", "headed": word}.get(shape, f"Virkemidler: {word}")
        on, off = {"ticks": ("x", None), "headed": (word, None), "valgt": ("Valgt", "Ikke valgt")}.get(shape, (1, 0))
        data[head] = ticked[k].map({True: on, False: off})
    data["years"] = held["years"]
    made_of = pd.DataFrame(data, dtype=object)
    for change in export.late:
        made_of = change(made_of, year)
    return made_of


def write(export: Export, folder: Path) -> list[Path]:
    """The files of both waves."""
    tables = {year: table(export, year) for year in export.waves}
    if export.one_book:
        path = folder / "runder.xlsx"
        with pd.ExcelWriter(path) as book:
            for year, data in tables.items():
                data.to_excel(book, sheet_name=str(year), index=False)
        return [path]
    return [_file(export, data, folder, year) for year, data in tables.items()]


def _file(export: Export, data: pd.DataFrame, folder: Path, year: int) -> Path:
    if export.shape in LABELLED:
        return _labelled(export, data, folder / f"runde_{year}.{export.shape}")
    if export.shape in TEXT:
        path = folder / f"runde_{year}.csv"
        separator = "," if export.shape == "numbered" else ";"
        decimal = "," if separator == ";" else "."
        cells = data.map(
            lambda cell: str(cell).replace(".", decimal) if isinstance(cell, float) and cell == cell else cell
        )
        text = "Uttrekk\n\n" * export.above + cells.to_csv(index=False, sep=separator, lineterminator="\n")
        path.write_bytes(text.encode(export.encoding))
        return path
    path = folder / f"runde_{year}.xlsx"
    with pd.ExcelWriter(path, engine="openpyxl") as book:
        data.to_excel(book, sheet_name="Svar", index=False, startrow=2 * export.above)
        if export.above:
            book.sheets["Svar"]["A1"] = "Uttrekk fra undersøkelsen"
        if export.notes_sheet:
            pd.DataFrame({"Om undersøkelsen": ["Sendt ut i mars", "Svar fra kommunene"]}).to_excel(
                book, sheet_name="Om"
            )
    return path


def _labelled(export: Export, data: pd.DataFrame, path: Path) -> Path:
    words = {
        "plan": dict(zip((1, 2, 8), export.plan)),
        "level": dict(zip((1, 2, 3), export.level)),
        **{f"v_{k + 1}": {0: "Ikke valgt", 1: "Valgt"} for k in range(3)},
        **export.labels,
    }
    if export.turned and str(WAVES[1]) in path.name:
        words["level"] = dict(zip((2, 1, 3), export.level))
    titles = TITLES | {f"v_{k + 1}": f"Virkemidler: {word}" for k, word in enumerate(export.boxes)}
    for name in data:
        if all(not isinstance(cell, str) for cell in data[name]):
            data[name] = data[name].astype(float)
        else:
            data[name] = data[name].fillna("")
    labels = {name: titles.get(str(name).lower(), str(name)) for name in data}
    values = {name: words[name.lower()] for name in map(str, data) if name.lower() in words}
    if path.suffix == ".dta":
        pyreadstat.write_dta(data, str(path), column_labels=labels, variable_value_labels=values)
    else:
        declared = {name: [8] for name in map(str, data) if name.lower() == "plan"}
        pyreadstat.write_sav(
            data, str(path), column_labels=labels, variable_value_labels=values, missing_ranges=declared
        )
    return path


def expected(export: Export) -> dict[tuple[int, str], dict[str, float]]:
    """Shares by hand: (year, question) → words → share of those who answered; the mean of numbers under ""."""
    shares: dict[tuple[int, str], dict[str, float]] = {}
    for year, held in export.waves.items():
        plan, level = export.plan, export.level
        known = [p for p in held["plan"] if p is not None and (p < 2 or export.shape == "codes")]
        words = ("1", "2", "8") if export.shape == "codes" else plan
        shares[year, "plan"] = {words[p]: known.count(p) / len(known) for p in sorted(set(known))} if known else {}
        steps = [p for p in held["level"] if p is not None]
        said = ("1", "2", "3") if export.shape == "codes" else level
        shares[year, "level"] = {said[p]: steps.count(p) / len(steps) for p in sorted(set(steps))}
        if export.shape == "grid":
            for k in range(3):
                turned = [(p + k) % 3 for p in steps]
                shares[year, f"grid {k + 1}"] = {level[p]: turned.count(p) / len(turned) for p in sorted(set(turned))}
        boxes = [held[f"box_{k}"].tolist() for k in range(3)]
        rows = [row for row in zip(*boxes) if any(row) or export.shape not in UNTICKED]
        shares[year, "boxes"] = {word: sum(row[k] for row in rows) / len(rows) for k, word in enumerate(export.boxes)}
        years = [float(cell) for cell in held["years"] if cell == cell]
        shares[year, "years"] = {"": sum(years) / len(years)}
    return shares


# what goes wrong

Fault = Callable[[Export], object]


def _set(name: str, value: Callable[[int, object], object], year: int = WAVES[1]) -> Fault:
    def change(export: Export) -> None:
        held = export.waves[year]
        held[name] = pd.Series([value(row, cell) for row, cell in enumerate(held[name])], dtype=held[name].dtype)

    return change


def _late(change: Callable[[pd.DataFrame, int], pd.DataFrame]) -> Fault:
    return lambda export: export.late.append(change)


def _cells(change: Callable[[object], object], years: tuple[int, ...] = WAVES) -> Fault:
    return _late(lambda data, year: data.map(change) if year in years else data)


def _put(name: str, cells: Callable[[int], object], years: tuple[int, ...] = WAVES, at: int | None = None) -> Fault:
    def change(data: pd.DataFrame, year: int) -> pd.DataFrame:
        if year in years:
            column = [cells(row) for row in range(len(data))]
            data.insert(len(data.columns) if at is None else at, name, column, allow_duplicates=True)
        return data

    return _late(change)


def _codes(write_: Callable[[str, str], object]) -> Fault:
    def change(data: pd.DataFrame, year: int) -> pd.DataFrame:
        names = dict(zip(UNITS["code"], UNITS["name"]))
        return data.assign(kommnr=[write_(code, names[code]) for code in data["kommnr"]])

    return _late(change)


def _words(**said: tuple[str, ...]) -> Fault:
    return lambda export: [setattr(export, name, words) for name, words in said.items()]


def _answered_twice(export: Export) -> None:
    export.late.append(lambda data, year: pd.concat([data, data.iloc[[4]]]) if year == WAVES[1] else data)


def _odd_number(value: float) -> Fault:
    def change(export: Export) -> None:
        export.waves[WAVES[0]]["years"] = export.waves[WAVES[0]]["years"].where(lambda s: s.index != 7, value)

    return change


def _lost_number(cell: object) -> Fault:
    """A cell that was a number and is none in the file: it is no answer there."""

    def change(export: Export) -> None:
        _odd_number(float("nan"))(export)
        export.late.append(
            lambda data, year: (
                data.assign(years=[cell if r == 7 else c for r, c in enumerate(data["years"])])
                if year == WAVES[0]
                else data
            )
        )

    return change


def _special(export: Export) -> None:
    _lost_number(98.0)(export)
    export.labels["years"] = {98.0: "Vet ikke"}


def _swapped(export: Export) -> None:
    """In the later wave 2 is the first step and 1 the second, and its labels say so."""
    turn = {1: 2, 2: 1}
    export.turned = True
    export.late.append(
        lambda data, year: (
            data.assign(level=data["level"].map(lambda c: turn.get(c, c)))  # type: ignore[call-overload]
            if year == WAVES[1]
            else data
        )
    )


def _blank(mark: str) -> Fault:
    def change(export: Export) -> None:
        _set("plan", lambda row, cell: None if row % 5 == 4 else cell)(export)
        _set("level", lambda row, cell: None if row % 7 == 6 else cell)(export)
        export.late.append(
            lambda data, year: data.assign(
                **{n: data[n].map(lambda c: mark if c is None or c != c else c) for n in ("plan", "level")}
            )
        )

    return change


def _empty_rows(data: pd.DataFrame, year: int) -> pd.DataFrame:
    gap = pd.DataFrame([[None] * len(data.columns)], columns=data.columns)
    return pd.concat([data.iloc[:9], gap, data.iloc[9:]])


def _decomposed(data: pd.DataFrame, year: int) -> pd.DataFrame:
    if year == WAVES[0]:
        return data
    data = data.map(lambda cell: unicodedata.normalize("NFD", cell) if isinstance(cell, str) else cell)
    return data.set_axis([unicodedata.normalize("NFD", str(name)) for name in data], axis=1)


def _unknown(export: Export) -> None:
    """Two rows of the later wave have a code that no municipality has, until a person corrects them."""
    shown = 2 if export.shape not in LABELLED else 1  # the first answer's row, as the file's own program counts

    def change(data: pd.DataFrame, year: int) -> pd.DataFrame:
        if year != WAVES[1]:
            return data
        wrong = [place for place in (3, 8) if place + shown not in export.corrected]
        return data.assign(kommnr=["9999" if place in wrong else code for place, code in enumerate(data["kommnr"])])

    export.late.append(change)


NUMBERS = [f"Det er viktig for oss i kommune nummer {n} at dette blir godt fulgt opp" for n in range(N + 1)]
PLAIN = tuple(shape for shape in SHAPES if shape not in LABELLED)
WORDED = tuple(shape for shape in SHAPES if shape != "codes")
FAULTS: dict[str, tuple[Fault, tuple[str, ...]]] = {
    "nothing": (lambda export: None, SHAPES),
    "all alike in a wave": (_set("plan", lambda row, cell: 0), SHAPES),
    "don't know in one wave only": (_set("plan", lambda row, cell: 1 if cell == 2 else cell, WAVES[0]), SHAPES),
    "a box that nobody ticked in a wave": (_set("box_1", lambda row, cell: False), SHAPES),
    "a box that everybody ticked in a wave": (_set("box_0", lambda row, cell: True), SHAPES),
    "nobody answered in a wave": (_set("plan", lambda row, cell: None), SHAPES),
    "few kinds of numbers in a wave": (_set("years", lambda row, cell: 1.0 + row % 3, WAVES[0]), SHAPES),
    "a step that only a later wave used": (_set("level", lambda row, cell: min(cell, 1), WAVES[0]), SHAPES),
    "a comma inside an option": (_words(boxes=("Kurs, korte og lange", "Lønn", "Nettverk")), SHAPES),
    "bands of numbers": (
        _words(level=("Under 5", "5–9", "10 eller flere")),
        tuple(shape for shape in WORDED if shape != "numbered"),
    ),
    "a scale of agreement": (_words(level=("Helt uenig", "Verken eller", "Helt enig")), WORDED),
    "English": (_words(plan=("Yes", "No", "Don't know"), level=("Low", "Medium", "High")), WORDED),
    "Swedish": (_words(plan=("Ja", "Nej", "Vet ej"), level=("Låg", "Mellan", "Hög")), WORDED),
    "German": (_words(plan=("Ja", "Nein", "Weiß nicht"), level=("Niedrig", "Mittel", "Hoch")), WORDED),
    "DK": (_words(plan=("Ja", "Nei", "DK")), WORDED),
    "a comma inside an answer": (_words(plan=("Ja, vedtatt", "Nei", "Vet ikke")), WORDED),
    "spaces around": (_cells(lambda cell: f" {cell}\u00a0" if isinstance(cell, str) else cell), PLAIN),
    "capitals in a later wave": (_late(lambda d, y: d.rename(columns=str.upper) if y == WAVES[1] else d), SHAPES),
    "composed letters": (_late(_decomposed), PLAIN),
    "columns in another order": (_late(lambda d, y: d[d.columns[::-1]] if y == WAVES[1] else d), SHAPES),
    "row numbers without a name": (_put("", lambda row: row + 1, at=0), PLAIN),
    "two equal heads": (
        lambda e: [_put("Annet", lambda row: None)(e), _put("Annet", lambda row: "ja takk" if row == 2 else None)(e)],
        PLAIN,
    ),
    "lost zeros": (_codes(lambda code, name: int(code)), SHAPES),
    "codes with names": (_codes(lambda code, name: f"{code} {name}"), SHAPES),
    "codes with K": (_codes(lambda code, name: f"K-{code}"), SHAPES),
    "titles above": (lambda export: setattr(export, "above", 1), PLAIN),
    "empty rows": (_late(_empty_rows), PLAIN),
    "NA for blank": (_blank("NA"), PLAIN),
    "a dash for blank": (_blank("-"), PLAIN),
    "a date among numbers": (_lost_number(datetime.date(2024, 2, 1)), BOOKS[:-1]),
    "words among numbers": (_lost_number("ca. 5"), PLAIN),
    "a special code among numbers": (_special, LABELLED),
    "a number that no survey holds": (_odd_number(2.3e77), SHAPES),
    "addresses": (_put("epost", lambda row: f"post{row}@example.org"), SHAPES),
    "open text": (_put("merknad", lambda row: NUMBERS[row] if row % 3 == 0 else None), SHAPES),
    "a technical column": (_put("status", lambda row: "complete"), SHAPES),
    "a serial number": (_put("respid", lambda row: float(1000 + row)), SHAPES),
    "a further question": (_put("ny", lambda row: ["Oslo", "Agder"][row % 2], WAVES[1:]), SHAPES),
    "a question that is gone": (
        lambda e: [
            _set("level", lambda row, cell: None)(e),
            _late(lambda d, y: d.drop(columns="level") if y == WAVES[1] else d)(e),
        ],
        SHAPES,
    ),
    "answered twice": (_answered_twice, SHAPES),
    "codes that changed places": (_swapped, LABELLED),
    "codes that no municipality has": (_unknown, SHAPES),
    "Windows letters": (lambda export: setattr(export, "encoding", "cp1252"), TEXT),
    "UTF-16": (lambda export: setattr(export, "encoding", "utf-16"), TEXT),
    "a sheet a wave": (lambda export: setattr(export, "one_book", True), BOOKS[:-1]),
    "a sheet of notes": (lambda export: setattr(export, "notes_sheet", True), BOOKS[:-1]),
}
