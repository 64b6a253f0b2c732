"""Files as a survey tool would export them, each saying that it is reconstructed; the same bytes every time."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import pandas as pd
import pyreadstat
from _answers import DONT_KNOW, NOT_ASKED, Said, Value
from _sample import Unit

Labels = dict[int | float, str]
WORDS = {DONT_KNOW: "Vet ikke", NOT_ASKED: "Ikke spurt"}
TICKED: Labels = {0: "Ikke krysset av", 1: "Krysset av"}
RECONSTRUCTED = "Rekonstruerte data: laget fra publiserte tall, ikke kommunens egne svar"
CREATED = (b"01 Jan 20", b"00:00:00")
REMARKS = (
    "Skjemaet var greit å fylle ut.",
    "Flere har vært med på å svare.",
    "Vi holder på med en ny plan.",
    "Noen av spørsmålene passer dårlig for oss.",
    "Svarene gjelder hele tjenesten.",
    "Tallene er anslag fra ledergruppen.",
    "Vi ønsker oss tilbakemelding på resultatene.",
    "Skulle gjerne hatt mer plass til å utdype.",
)
ADDRESSES = ("ola.nordmann", "kari.nordmann", "per.hansen", "anne.olsen", "postmottak", "svar")


def columns_of(name: str, item: dict[str, Any], wave: str) -> dict[str, str | None]:
    """Columns of a question in a wave's file, each with its option (None where there are no options)."""
    if wave not in item.get("waves", [wave]) or item["type"] == "text":
        return {}
    if "options" in item:
        return {option["column"]: key for key, option in item["options"].items()}
    column = item.get("columns", {}).get(wave, name)
    return {column: None} if isinstance(column, str) else {}  # several columns are questions of their own


@dataclass
class _File:
    """What the columns of a wave's file hold, and how they are labelled."""

    data: dict[str, list[Any]] = field(default_factory=dict)
    labels: dict[str, str | None] = field(default_factory=dict)
    values: dict[str, Labels] = field(default_factory=dict)
    missing: dict[str, list[Any]] = field(default_factory=dict)

    def add(self, column: str, cells: list[Any], label: str, values: Labels | None = None) -> None:
        self.data[column], self.labels[column] = cells, label
        if values:
            self.values[column] = values


def write_wave(path: Path, wave: str, items: dict[str, Any], units: list[Unit], said: Said, rng: Random) -> None:
    """One wave as .sav: a row a municipality that answered, labels in Norwegian, codes for no answer declared."""
    rows = [unit for unit in units if wave in unit.waves]
    file = _File()
    file.add("kommnr", [unit.code for unit in rows], "Kommunenummer (2017)")
    file.add("kommune", [unit.name for unit in rows], "Kommunenavn")
    file.add("rekonstruert", [1.0] * len(rows), RECONSTRUCTED, {1: "Rekonstruert"})
    for name, item in items.items():
        for column, option in columns_of(name, item, wave).items():
            cells = [_cell(said[name][wave].get(unit.code), option) for unit in rows]
            _add_question(file, item, column, option, cells)
    file.add("kommentar", _some(len(rows), REMARKS, rng), items["kommentar"]["question"]["nb"])
    addresses = [f"{address}@example.org" for address in ADDRESSES]
    file.add("epost", _some(len(rows), addresses, rng), "E-post til den som svarte")
    pyreadstat.write_sav(
        pd.DataFrame(file.data),
        str(path),
        file_label=f"Rekonstruerte data: Kompetanseloft 2020, runde {wave}",
        row_compress=True,
        note=f"{RECONSTRUCTED}.",
        column_labels=file.labels,
        variable_value_labels=file.values,
        missing_ranges=file.missing,
        variable_measure=dict.fromkeys(file.data, "nominal"),
        variable_format=dict.fromkeys(file.values, "F1.0"),
    )
    content = bytearray(path.read_bytes())
    content[92:101], content[101:109] = CREATED  # the header's date and time of writing
    path.write_bytes(content)


def _add_question(file: _File, item: dict[str, Any], column: str, option: str | None, cells: list[float]) -> None:
    label = item["question"]["nb"]
    words: Labels = {int(code): text["nb"] for code, text in item.get("categories", {}).items()}
    if option is not None:
        label, words = f"{label} {item['options'][option]['nb']}", TICKED
    missing = [int(code) for code in item.get("missing", {})]
    file.add(column, cells, label, words | {code: WORDS[str(code)] for code in missing})
    if missing:
        file.missing[column] = missing


def _cell(value: Value | None, option: str | None) -> float:
    if value is None:
        return float("nan")
    if isinstance(value, frozenset):
        return float(option in value)
    return float(value)


def _some(n: int, texts: tuple[str, ...] | list[str], rng: Random) -> list[str]:
    """A column of text with each of `texts` once, the rest empty."""
    filled = dict(zip(rng.sample(range(n), len(texts)), texts))
    return [filled.get(row, "") for row in range(n)]


def write_income(path: Path, income: dict[str, float | None]) -> None:
    """code, corrected_free_income; empty where a unit has none."""
    lines = ["# Reconstructed data: a column with the published statistics, not the municipalities' own figures."]
    lines += ["code,corrected_free_income"]
    lines += [f"{code},{'' if value is None else f'{value:.1f}'}" for code, value in income.items()]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
