"""Results as CSV, with a data dictionary of its columns and codes in both languages."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from evalkit.present.exhibit import COLUMNS, KEYS, Exhibit
from evalkit.present.measured import MEASURED
from evalkit.present.rows import word

PLAIN_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?")
MARKS = ("=", "+", "-", "@", "\t", "\r")

MEANING = {
    "exhibit": ("", "figuren eller tabellen, som i study.toml", "the figure or table, as in study.toml"),
    "item": ("", "spørsmålet, eller modellens nummer", "the question, or the model's number"),
    "wave": ("", "runden; latest er siste svar", "the wave; latest is the latest answer"),
    "by": ("", "inndelingen; tom for alle samlet", "the division; empty for all together"),
    "group": ("", "gruppen i inndelingen", "the group of the division"),
    "category": ("", "svaret, tallet eller leddet som raden gjelder", "the answer, statistic or term of the row"),
    "weighting": ("", "weighted, unweighted{nb}", "weighted, unweighted{en}"),
    "hidden": ("", "1 der tallet ikke vises av hensyn til konfidensialitet", "1 where a number is confidential"),
    "estimate": ("andel, antall, poeng, ln odds / share (0–1), count, score, log odds", "anslaget", "estimate"),
    "std_error": ("som estimate / as estimate", "standardfeilen", "standard error"),
    "ci_low": ("som estimate / as estimate", "nedre grense, 95 prosent", "lower limit, 95 per cent"),
    "ci_high": ("som estimate / as estimate", "øvre grense, 95 prosent", "upper limit, 95 per cent"),
    "p_value": ("0–1", "p-verdien", "p-value"),
    "df": ("antall / count", "frihetsgrader", "degrees of freedom"),
    "n": ("enheter / units", "enheter som svarte", "units that answered"),
    "sum_weights": ("enheter / units", "enheter i populasjonen som de står for", "units of the population behind them"),
    "n_effective": ("enheter / units", "effektivt antall svar", "effective number of answers"),
    "deff": ("forhold / ratio", "designeffekten (Kish 1965)", "design effect (Kish 1965)"),
}


def as_text(value: object) -> str:
    """Text that a spreadsheet shows as it is: an apostrophe before what it would take for a formula.

    Examples
    --------
    >>> as_text("=1+1"), as_text("-3"), as_text("Ja")
    ("'=1+1", '-3', 'Ja')
    """
    text = str(value)
    return f"'{text}" if text.startswith(MARKS) and not PLAIN_NUMBER.fullmatch(text) else text


def write_csv(path: Path, head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """UTF-8 with commas; text goes through `as_text`, a number that is missing is empty."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(head)
        writer.writerows([_cell(value) for value in row] for row in rows)


def _cell(value: object) -> str:
    if isinstance(value, float):
        return "" if value != value else repr(value)
    return as_text(value)


def write_results(exhibits: Sequence[Exhibit], path: Path) -> None:
    """Every row of every exhibit, codes and numbers as the run has them."""
    rows = []
    for exhibit in exhibits:
        hidden = {tuple(keys) for keys in exhibit.facts.get("hidden", [])}
        for row in exhibit.data[list(COLUMNS)].itertuples(index=False):
            keys = tuple(str(value) for value in row[: len(KEYS)])
            rows.append([exhibit.name, *keys, str(int(keys in hidden)), *map(float, row[len(KEYS) :])])
    write_csv(path, ["exhibit", *KEYS, "hidden", *COLUMNS[len(KEYS) :]], rows)


def write_dictionary(exhibits: Sequence[Exhibit], folder: Path) -> None:
    """columns.csv: what each column is, in which unit; codes.csv: the words for the codes of every exhibit."""
    columns = ["exhibit", *KEYS, "hidden", *COLUMNS[len(KEYS) :]]
    of = [code for code in MEASURED if any((exhibit.data["weighting"] == code).any() for exhibit in exhibits)]
    more = {"nb": "".join(f" eller {code}" for code in of), "en": "".join(f" or {code}" for code in of)}
    meaning = {name: [text.format(**more) for text in MEANING[name]] for name in columns}
    rows = [[name, "text" if name in ("exhibit", *KEYS) else "number", *meaning[name]] for name in columns]
    write_csv(folder / "columns.csv", ["column", "type", "unit", "meaning_nb", "meaning_en"], rows)
    codes = []
    for exhibit in exhibits:
        codes.append([exhibit.name, "exhibit", exhibit.name, exhibit.title["nb"], exhibit.title["en"]])
        for key in KEYS:
            for code in dict.fromkeys(exhibit.data[key].astype(str)):
                if code:
                    words = [word(exhibit, key, code, lang) for lang in ("nb", "en")]
                    codes.append([exhibit.name, key, code, *words])
    write_csv(folder / "codes.csv", ["exhibit", "column", "code", "label_nb", "label_en"], codes)
