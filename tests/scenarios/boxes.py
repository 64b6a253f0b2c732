"""One multiple choice of thirty units in every shape that survey tools give it; every shape says the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd
import pyreadstat

from evalkit.panel import municipalities

UNITS = municipalities(2021)["code"].tolist()[:30]
WORDS = {"q4_1": "Kurs", "q4_2": "Studium", "q4_3": "Veiledning"}
TICKS = {
    "q4_1": [n % 2 == 0 for n in range(30)],
    "q4_2": [n % 5 != 0 for n in range(30)],
    "q4_3": [n % 3 == 0 for n in range(30)],
}
"""Kurs 15, Studium 24, Veiledning 10 of 30. Rows 5 and 25 ticked nothing."""
SHARES = {"Kurs": 15 / 30, "Studium": 24 / 30, "Veiledning": 10 / 30}
ANSWERED = {"Kurs": 15 / 28, "Studium": 24 / 28, "Veiledning": 10 / 28}
"""Where a row without any tick cannot be told from one that did not answer."""


def cells(yes: object, no: object) -> pd.DataFrame:
    """The boxes with these for ticked and not; a function makes the sign of the option's words."""

    def sign(column: str, tick: bool) -> object:
        said = yes if tick else no
        return said(WORDS[column]) if callable(said) else said

    boxes = {column: [sign(column, tick) for tick in at] for column, at in TICKS.items()}
    return pd.DataFrame({"kommnr": UNITS, **boxes})


def sav(yes: float, no: float | None, labels: Mapping[float, str] | None) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        path = folder / "w.sav"
        titles = {"kommnr": "Kommunenummer"} | {name: f"Hvilke tiltak? {word}" for name, word in WORDS.items()}
        told = {column: dict(labels) for column in WORDS} if labels else {}
        pyreadstat.write_sav(cells(yes, no), str(path), column_labels=titles, variable_value_labels=told)
        return path

    return write


def excel(yes: object, no: object) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        cells(yes, no).to_excel(folder / "w.xlsx", index=False)
        return folder / "w.xlsx"

    return write


def listed(folder: Path) -> Path:
    told = ["; ".join(word for column, word in WORDS.items() if TICKS[column][n]) or None for n in range(30)]
    pd.DataFrame({"kommnr": UNITS, "q4": told}).to_excel(folder / "w.xlsx", index=False)
    return folder / "w.xlsx"


SHAPES: dict[str, Callable[[Path], Path]] = {
    "sav_labelled": sav(1, 0, {0: "Ikke valgt", 1: "Valgt"}),
    "sav_plain": sav(1, 0, None),
    "sav_labelled_turned": sav(0, 1, {1: "Ikke valgt", 0: "Valgt"}),
    "sav_1_2": sav(1, 2, {1: "Ja", 2: "Nei"}),
    "sav_ticked_or_blank": sav(1, None, {1: "Valgt"}),
    "excel_words": excel("Valgt", "Ikke valgt"),
    "excel_yes_no": excel("Ja", "Nei"),
    "excel_0_1": excel(1, 0),
    "excel_true_false": excel(True, False),
    "excel_word_or_blank": excel("Valgt", None),
    "excel_x_or_blank": excel("x", None),
    "excel_1_or_blank": excel(1, None),
    "excel_option_or_blank": excel(str, None),
    "excel_listed": listed,
}
