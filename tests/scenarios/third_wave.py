"""A small study of two waves in the numbering of 2017, and a third file from 2021 with everything that goes wrong."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyreadstat

from tests.conftest import STUDY as SMALL

STUDY = SMALL[: SMALL.index("[exhibits.")] + '[exhibits.plan]\nkind = "share"\nitems = ["plan"]\n'
for before, after in (
    ('name = "small"', 'name = "third"'),
    ('{ nb = "Liten undersøkelse", en = "Small survey" }', '{ nb = "Planundersøkelsen", en = "The plan survey" }'),
    ('file = "w', 'file = "runde_'),
    ("lower_bounds = [0, 10000]", "lower_bounds = [0, 4000]"),
    ("10 000", "4 000"),
    ("10,000", "4,000"),
):
    assert before in STUDY, before
    STUDY = STUDY.replace(before, after)

ITEMS = """
[plan]
type = "single"
label = { nb = "Har plan", en = "Has a plan" }
yes = ["1"]
missing = { 8 = "dont_know" }
[plan.categories]
1 = { nb = "Ja", en = "Yes" }
2 = { nb = "Nei", en = "No" }

[level]
type = "single"
label = { nb = "Nivå", en = "Level" }
[level.categories]
1 = { nb = "Lav", en = "Low" }
2 = { nb = "Middels", en = "Middle" }
3 = { nb = "Høy", en = "High" }

[goal]
type = "single"
label = { nb = "Har mål", en = "Has a goal" }
yes = ["1"]
[goal.categories]
1 = { nb = "Ja", en = "Yes" }
2 = { nb = "Nei", en = "No" }

[helper]
type = "single"
label = { nb = "Hvem hjelper", en = "Who helps" }
[helper.categories]
1 = { nb = "Nabokommunen", en = "The neighbour" }
2 = { nb = "Fylkesmannen", en = "The county governor" }
3 = { nb = "Ingen", en = "Nobody" }

[means]
type = "multiple"
label = { nb = "Virkemidler", en = "Means" }
[means.options]
courses = { nb = "Kurs", en = "Courses", column = "means_1" }
pay = { nb = "Lønn", en = "Pay", column = "means_2" }

[years]
type = "numeric"
label = { nb = "År planen gjelder", en = "Years of the plan" }

[staff]
type = "numeric"
label = { nb = "Ansatte", en = "Staff" }
"""

UNITS = {
    "0301": "Oslo", "0101": "Halden", "0104": "Moss", "0122": "Trøgstad", "0123": "Spydeberg", "0124": "Askim",
    "0402": "Kongsvinger", "0403": "Hamar", "0501": "Lillehammer", "0602": "Drammen", "1103": "Stavanger",
    "1124": "Sola", "1151": "Utsira", "1567": "Rindal", "1601": "Trondheim", "1662": "Klæbu", "1833": "Rana",
    "1850": "Tysfjord", "1852": "Tjeldsund", "1913": "Skånland",
}  # fmt: skip
# The same in 2021. Trøgstad, Spydeberg and Askim are in Indre Østfold; Drammen took in Nedre Eiker and Svelvik,
# Stavanger Rennesøy and Finnøy, Tjeldsund Skånland, Trondheim Klæbu; Tysfjord is split between Narvik and Hamarøy.
LATER = {
    "0301": "Oslo", "3001": "Halden", "3002": "Moss", "3014": "Indre Østfold", "3401": "Kongsvinger", "3403": "Hamar",
    "3405": "Lillehammer", "3005": "Drammen", "1103": "Stavanger", "1124": "Sola", "1151": "Utsira", "5061": "Rindal",
    "5001": "Trondheim", "1833": "Rana", "1806": "Narvik", "5412": "Tjeldsund",
}  # fmt: skip

LABELS: dict[str, dict[int, str]] = {
    "plan": {1: "Ja", 2: "Nei", 8: "Vet ikke"},
    "level": {1: "Lav", 2: "Middels", 3: "Høy"},
    "goal": {1: "Ja", 2: "Nei"},
    "helper": {1: "Nabokommunen", 2: "Fylkesmannen", 3: "Ingen"},
}
TITLES = {
    "plan": "Har kommunen en plan?",
    "level": "Hvor høyt er nivået?",
    "goal": "Har kommunen satt seg et mål?",
    "helper": "Hvem hjelper kommunen mest?",
    "means_1": "Virkemidler: Kurs",
    "means_2": "Virkemidler: Lønn",
    "years": "Hvor mange år gjelder planen?",
    "staff": "Hvor mange er ansatt?",
}


def answers(n: int) -> dict[str, list[object]]:
    """Yes to plan and goal from four of five; the other questions go round."""
    rows = range(n)
    return {
        "plan": [8 if k == 7 else 2 if k % 5 == 4 else 1 for k in rows],
        "level": [1 + k % 3 for k in rows],
        "goal": [2 if k % 5 == 0 else 1 for k in rows],
        "helper": [1 + (k // 2) % 3 for k in rows],
        "means_1": [k % 2 for k in rows],
        "means_2": [int(k % 3 == 0) for k in rows],
        "years": [1 + k % 4 for k in rows],
        "staff": [10 + k for k in rows],
    }


def sav(path: Path, data: pd.DataFrame, labels: dict, titles: dict, missing: dict) -> Path:
    named = {column: titles.get(column, column) for column in data.columns}
    pyreadstat.write_sav(
        data, str(path), variable_value_labels=labels, column_labels=named, missing_ranges=missing,
        file_label="Syntetiske data",
    )  # fmt: skip
    return path


def write_study(root: Path) -> Path:
    """The study of two waves in a folder of its own."""
    folder = root / "third"
    (folder / "data_raw").mkdir(parents=True)
    (folder / "study.toml").write_text(STUDY, encoding="utf-8")
    (folder / "items.toml").write_text(ITEMS, encoding="utf-8")
    for year in (2018, 2019):
        data = pd.DataFrame({"kommnr": list(UNITS), "kommune": list(UNITS.values()), **answers(len(UNITS))})
        sav(folder / "data_raw" / f"runde_{year}.sav", data, LABELS, TITLES, {"plan": [8]})
    return folder


def write_third(root: Path) -> Path:
    """The third file, as it lies among the downloads: codes are numbers, and Oslo is 301.

    plan: 1 and 2 have changed places · level: reworded, a category more, and 9 is refused · goal: changed places too,
    but the file has no labels for it · helper: 3 is used again, 2 has another name · years: another name · staff:
    text · Hamar answered three times · e-mail addresses, free text, a new question.
    """
    units = [*LATER, "3403", "3403"]
    said = answers(len(units))
    said["plan"] = [{1: 2, 2: 1}.get(code, code) for code in said["plan"]]  # type: ignore[call-overload]
    said["goal"] = [{1: 2, 2: 1}[code] for code in said["goal"]]  # type: ignore[index]
    said["level"] = [4 if k % 6 == 5 else 9 if k == 3 else code for k, code in enumerate(said["level"])]
    said["staff"] = [f"om lag {number}" for number in said["staff"]]
    frame = pd.DataFrame({"kommnr": [int(unit) for unit in units], "kommune": [LATER[unit] for unit in units], **said})
    frame = frame.rename(columns={"years": "aar"}).assign(
        network=[1 + k % 2 for k in range(len(units))],
        epost=[f"post{k}@example.org" for k in range(len(units))],
        merknad=[f"vi arbeider med dette nå, {k} av oss" for k in range(len(units))],
        levert=[f"2021-09-{1 + k:02} 12:00:00" for k in range(len(units))],
    )
    labels = {name: words for name, words in LABELS.items() if name != "goal"} | {
        "plan": {1: "Nei", 2: "Ja", 8: "Vet ikke"},
        "level": LABELS["level"] | {4: "Svært høy", 9: "Vil ikke svare"},
        "helper": {1: "Nabokommunen", 2: "Fylkesmannen (nå Statsforvalteren)", 3: "Et konsulentfirma"},
        "network": {1: "Ja", 2: "Nei"},
    }
    titles = TITLES | {
        "level": "Hvilket nivå vil du si at kommunen ligger på?",
        "aar": TITLES["years"],
        "network": "Er kommunen med i et nettverk?",
    }
    return sav(root / "runde_2021.sav", frame, labels, titles, {"plan": [8], "level": [9]})
