"""Files as a survey tool would export them, each saying that it is reconstructed; the same bytes every time."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import pandas as pd
import pyreadstat
from _answers import DONT_KNOW, NOT_ASKED, Said, Value
from _sample import Unit

WORDS = {DONT_KNOW: "Vet ikke", NOT_ASKED: "Ikke spurt"}
TICKED: dict[int | float, str] = {0: "Ikke krysset av", 1: "Krysset av"}
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


def write_wave(path: Path, wave: str, items: dict[str, Any], units: list[Unit], said: Said, rng: Random) -> None:
    """One wave as .sav: a row a municipality that answered, labels in Norwegian, codes for no answer declared."""
    rows = [unit for unit in units if wave in unit.waves]
    data: dict[str, list[Any]] = {"kommnr": [u.code for u in rows], "kommune": [u.name for u in rows]}
    data["rekonstruert"] = [1.0] * len(rows)
    labels: dict[str, str | None] = {
        "kommnr": "Kommunenummer (2017)",
        "kommune": "Kommunenavn",
        "rekonstruert": RECONSTRUCTED,
    }
    values: dict[str, dict[int | float, str]] = {"rekonstruert": {1: "Rekonstruert"}}
    missing: dict[str, list[Any]] = {}
    for name, item in items.items():
        for column, option in columns_of(name, item, wave).items():
            data[column] = [_cell(said[name][wave].get(unit.code), option) for unit in rows]
            labels[column] = item["question"]["nb"] + (f" {item['options'][option]['nb']}" if option else "")
            words: dict[int | float, str] = (
                dict(TICKED) if option else {int(code): text["nb"] for code, text in item["categories"].items()}
            )
            values[column] = words | {int(code): WORDS[code] for code in item.get("missing", {})}
            missing[column] = [int(code) for code in item.get("missing", {})]
    data["kommentar"] = _some(len(rows), REMARKS, rng)
    data["epost"] = _some(len(rows), [f"{address}@example.org" for address in ADDRESSES], rng)
    labels |= {"kommentar": items["kommentar"]["question"]["nb"], "epost": "E-post til den som svarte"}
    pyreadstat.write_sav(
        pd.DataFrame(data),
        str(path),
        file_label=f"Rekonstruerte data: Kompetanseloft 2020, runde {wave}",
        note=[f"{RECONSTRUCTED}.", "Se analyses/kompetanseloft2020/DECISIONS.md."],
        column_labels=labels,
        variable_value_labels=values,
        missing_ranges={column: codes for column, codes in missing.items() if codes},
        variable_measure=dict.fromkeys(data, "nominal"),
        variable_format=dict.fromkeys(values, "F1.0"),
    )
    content = bytearray(path.read_bytes())
    content[92:101], content[101:109] = CREATED  # the header's date and time of writing
    path.write_bytes(content)


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
