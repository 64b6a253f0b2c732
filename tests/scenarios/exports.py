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
        pyreadstat.write_dta(data, str(path), variable_value_labels=labels, column_labels=titles)
    else:
        pyreadstat.write_sav(
            data, str(path), variable_value_labels=labels, column_labels=titles, missing_ranges={"plan": [8]}
        )
    return path


def csv(data: pd.DataFrame, path: Path, **settings: object) -> Path:
    data.to_csv(path, index=False, lineterminator="\n", **{"encoding": "utf-8", **settings})  # type: ignore[call-overload]
    return path


def titled(word: str) -> str:
    return f"Virkemidler: {word}"


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
}
UNTICKED: dict[str, Callable[[Path], Path]] = {
    "boxes_in_one_column.csv": lambda path: csv(one_column(in_words(codes()), ";"), path),
    "boxes_label_or_blank.csv": lambda path: csv(boxes(in_words(codes()), str, titled), path, sep=";"),
    "boxes_one_or_blank.csv": lambda path: csv(boxes(in_words(codes()), lambda _: "1", titled), path, sep=";"),
}
"""Shapes in which a box that is not ticked leaves nothing behind."""
