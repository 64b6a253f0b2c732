"""The same forty answers as survey tools export them; each file is named after its shape."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyreadstat

from evalkit.panel import municipalities

N = 40
UNITS = municipalities(2021).iloc[::9].head(N).reset_index(drop=True)
BOXES = ("Kurs", "Lønn", "Nettverk")
WORDS = {"plan": {1: "Ja", 2: "Nei", 8: "Vet ikke"}, "level": {1: "Lav", 2: "Middels", 3: "Høy"}}
ASKED = {
    "plan": "Har kommunen en plan?",
    "level": "Hvor høyt er nivået?",
    "years": "Hvor mange år gjelder planen?",
    "comment": "Andre merknader",
}


def codes() -> pd.DataFrame:
    """Codes as numbers: no plan in every third row, don't know in every tenth; the last row ticked no box."""
    rows = range(N)
    return pd.DataFrame(
        {
            "kommnr": UNITS["code"],
            "kommune": UNITS["name"],
            "plan": [8 if n % 10 == 0 else 2 if n % 3 == 0 else 1 for n in rows],
            "level": [1 + n % 3 for n in rows],
            "means_1": [int(n % 2 == 0) for n in rows],
            "means_2": [int(n % 5 == 0) for n in rows],
            "means_3": [int(n % 2 == 1 and n < N - 1) for n in rows],
            "years": [n % 9 + 0.5 for n in rows],
            "comment": [f"merknad nummer {n} fra vår kommune her" if n % 4 == 0 else None for n in rows],
        }
    )


def in_words(data: pd.DataFrame) -> pd.DataFrame:
    return data.assign(**{name: data[name].map(words) for name, words in WORDS.items()})


def boxes(data: pd.DataFrame, ticked: Callable[[str], object], name: Callable[[str], str]) -> pd.DataFrame:
    """The boxes with what a tick looks like, nothing in the others."""
    for place, words in enumerate(BOXES, 1):
        old = f"means_{place}"
        cells = data[old].map(lambda tick, words=words: ticked(words) if tick else None)
        data = data.assign(**{old: cells.astype(object)}).rename(columns={old: name(words)})
    return data


def one_column(data: pd.DataFrame, separator: str) -> pd.DataFrame:
    """All ticked boxes of a row in one column."""
    told = [
        separator.join(words for place, words in enumerate(BOXES, 1) if row[f"means_{place}"])
        for _, row in data.iterrows()
    ]
    return data.drop(columns=["means_2", "means_3"]).rename(columns={"means_1": "means"}).assign(means=told)


def labelled(path: Path, **settings: object) -> Path:
    labels = WORDS | {f"means_{place}": {0: "Ikke valgt", 1: "Valgt"} for place in (1, 2, 3)}
    titles = ASKED | {f"means_{place}": f"Virkemidler: {words}" for place, words in enumerate(BOXES, 1)}
    data = codes()
    titles = {name: titles.get(name, name) for name in data.columns}
    if path.suffix == ".dta":
        data["comment"] = data["comment"].fillna("")
        pyreadstat.write_dta(data, str(path), variable_value_labels=labels, column_labels=titles, **settings)
    else:
        pyreadstat.write_sav(
            data,
            str(path),
            variable_value_labels=labels,
            column_labels=titles,
            missing_ranges={"plan": [{"lo": 8, "hi": 9}] if settings.get("span") else [8]},
            compress=path.suffix == ".zsav",
        )
    return path


def csv(data: pd.DataFrame, path: Path, **settings: object) -> Path:
    data.to_csv(path, index=False, lineterminator="\n", **{"encoding": "utf-8", **settings})  # type: ignore[call-overload]
    return path


def titled(word: str) -> str:
    return f"Virkemidler: {word}"


def stata(path: Path, version: int) -> Path:
    """A Stata file whose don't know is the extended missing value .a, which its own writers alone can put."""
    data = codes().drop(columns="comment")
    words = {name: told for name, told in WORDS.items() if name == "level"}
    data["plan"] = data["plan"].map(float).where(data["plan"] != 8)
    titles = {name: title for name, title in ASKED.items() if name in data}
    data.to_stata(path, write_index=False, version=version, value_labels=words, variable_labels=titles)
    return path


def numbered(data: pd.DataFrame, between: str) -> pd.DataFrame:
    """Answers as the code with its words: 1 Ja, 1. Ja, 1=Ja."""
    said = {name: {key: f"{key}{between}{label}" for key, label in told.items()} for name, told in WORDS.items()}
    return data.assign(**{name: data[name].map(told) for name, told in said.items()})


def book(path: Path, *sheets: tuple[str, list[list[object]]], hidden: tuple[str, ...] = ()) -> Path:
    """A workbook of sheets as rows of cells."""
    from openpyxl import Workbook

    made = Workbook()
    made.remove(made.worksheets[0])
    for name, rows in sheets:
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append([None if cell is None or cell != cell else cell for cell in row])
        sheet.sheet_state = "hidden" if name in hidden else "visible"
    made.save(path)
    return path


def rows_of(data: pd.DataFrame, *heads: list[object]) -> list[list[object]]:
    """The heads, or the names of the columns, and the cells below."""
    return [*(heads or (list(data.columns),)), *data.astype(object).to_numpy().tolist()]


def labels_of(data: pd.DataFrame) -> list[object]:
    told = ASKED | {f"means_{place}": titled(word) for place, word in enumerate(BOXES, 1)}
    return [told.get(name, name) for name in data.columns]


def two_heads(path: Path, *, labels_first: bool) -> Path:
    data = in_words(codes())
    told = {**ASKED, "kommnr": "Kommunenummer", "kommune": "Kommunens navn"}
    heads = [[told.get(str(name), label) for name, label in zip(data.columns, labels_of(data))], list(data.columns)]
    return book(path, ("Svar", rows_of(data, *(heads if labels_first else heads[::-1]))))


def merged_heads(path: Path) -> Path:
    """A head over the three boxes, merged as people do; every other column's head goes over both rows."""
    from openpyxl import load_workbook

    data = in_words(codes()).rename(columns=ASKED)
    upper = [("Virkemidler" if name == "means_1" else None if str(name).startswith("means") else name) for name in data]
    lower = [BOXES[int(name[-1]) - 1] if str(name).startswith("means") else None for name in data]
    book(path, ("Svar", rows_of(data, upper, lower)))
    made = load_workbook(path)
    for place, name in enumerate(data, 1):
        if not str(name).startswith("means"):
            made["Svar"].merge_cells(start_row=1, end_row=2, start_column=place, end_column=place)
    made["Svar"].merge_cells(start_row=1, end_row=1, start_column=5, end_column=7)
    made.save(path)
    return path


def split(path: Path, *, by_order: bool = False) -> Path:
    """A table whose columns go on in a second sheet, as when a tool may fill only 256 of them."""
    data = in_words(codes())
    one, two = data.iloc[:, :4], data.iloc[:, 4:] if by_order else data[["kommnr", *data.columns[4:]]].iloc[::-1]
    return book(path, ("Ark1", rows_of(one)), ("Ark2", rows_of(two)))


def with_title(path: Path) -> Path:
    """Titles above the table, empty columns and rows beside and below it, a hidden sheet and one of explanations."""
    data = in_words(codes())
    told = [["Undersøkelse om kompetanse"], ["Uttrekk 1. mars 2021"], []]
    rows = [[*row, None, " "] for row in rows_of(data)] + [[None] * 4, ["  "]]
    about = ("Om", [["Svarene er hentet 1. mars"], ["Se veilederen"]])
    return book(path, ("Svar", told + rows), ("Lister", [["Ja"], ["Nei"]]), about, hidden=("Lister",))


def titled_text(path: Path) -> Path:
    csv(in_words(codes()), path, sep=";")
    path.write_text(
        "Undersøkelse om kompetanse\n\n" + path.read_text(encoding="utf-8") + ";;;;;;;;\n\n", encoding="utf-8"
    )
    return path


def moments(how: str) -> list[object]:
    """When each answered: every day of March 2021 in turn, from the 1st at 08.05."""
    import datetime

    found = [datetime.datetime(2021, 3, 1 + n % 28, 8, 5) for n in range(N)]
    serials = [(moment - datetime.datetime(1899, 12, 30)) / datetime.timedelta(days=1) for moment in found]
    return [
        moment if how == "moment" else moment.strftime(how) if how != "serial" else f"{serial:.6f}"
        for moment, serial in zip(found, serials, strict=True)
    ]


def codes_written(how: Callable[[str, str], object]) -> pd.DataFrame:
    data = in_words(codes())
    return data.assign(kommnr=[how(unit, name) for unit, name in zip(data["kommnr"], data["kommune"])])


SHAPES: dict[str, Callable[[Path], Path]] = {
    "labels.sav": labelled,
    "labels.dta": labelled,
    "numbers_comma.csv": lambda path: csv(codes(), path),
    "numbers_semicolon_decimal_comma_bom.csv": lambda path: csv(
        codes(), path, sep=";", decimal=",", encoding="utf-8-sig"
    ),
    "words_latin1_semicolon.csv": lambda path: csv(in_words(codes()), path, sep=";", encoding="iso-8859-1"),
    "words_questions_as_headers.csv": lambda path: csv(
        in_words(codes()).rename(columns=ASKED | {f"means_{n}": titled(word) for n, word in enumerate(BOXES, 1)}), path
    ),
    "words.xlsx": lambda path: (in_words(codes()).to_excel(path, index=False), path)[1],
    "lost_zeros.xlsx": lambda path: (codes().astype({"kommnr": int}).to_excel(path, index=False), path)[1],
    "labels.zsav": labelled,
    "labels_missing_range.sav": lambda path: labelled(path, span=True),
    "labels_of_stata_15.dta": lambda path: labelled(path, version=15),
    "words_utf16_tabs.txt": lambda path: csv(in_words(codes()), path, sep="\t", encoding="utf-16"),
    "words_utf16_without_bom.csv": lambda path: csv(in_words(codes()), path, sep=";", encoding="utf-16-le"),
    "words_tabs.tsv": lambda path: csv(in_words(codes()), path, sep="\t"),
    "words_sep_line.csv": lambda path: (
        csv(in_words(codes()), path, sep=";"),
        path.write_text("sep=;\n" + path.read_text(encoding="utf-8"), encoding="utf-8"),
        path,
    )[2],
    "words_titles_above.csv": titled_text,
    "words_titles_above_and_hidden_sheet.xlsx": with_title,
    "words_labels_over_names.xlsx": lambda path: two_heads(path, labels_first=True),
    "words_names_over_labels.xlsx": lambda path: two_heads(path, labels_first=False),
    "words_merged_heads.xlsx": merged_heads,
    "words_split_sheets_by_id.xlsx": split,
    "words_split_sheets_by_order.xlsx": lambda path: split(path, by_order=True),
    "words_hard_spaces.csv": lambda path: csv(
        in_words(codes()).map(lambda cell: cell.replace(" ", "\u00a0") + "\u00a0" if isinstance(cell, str) else cell),
        path,
    ),
    "number_and_words.csv": lambda path: csv(numbered(codes(), " "), path, sep=";"),
    "number_point_words.xlsx": lambda path: (numbered(codes(), ". ").to_excel(path, index=False), path)[1],
    "number_equals_words.csv": lambda path: csv(numbered(codes(), "="), path),
    "codes_with_names.csv": lambda path: csv(codes_written(lambda unit, name: f"{unit} {name}"), path, sep=";"),
    "codes_with_k.csv": lambda path: csv(codes_written(lambda unit, _: f"K-{unit}"), path, sep=";"),
    "codes_as_floats.csv": lambda path: csv(codes_written(lambda unit, _: float(unit)), path, sep=";"),
}
UNTICKED: dict[str, Callable[[Path], Path]] = {
    "boxes_in_one_column.csv": lambda path: csv(one_column(in_words(codes()), ";"), path),
    "boxes_label_or_blank.csv": lambda path: csv(boxes(in_words(codes()), str, titled), path, sep=";"),
    "boxes_one_or_blank.csv": lambda path: csv(boxes(in_words(codes()), lambda _: "1", titled), path, sep=";"),
}
"""Shapes in which a box that is not ticked leaves nothing behind."""
