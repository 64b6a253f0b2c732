"""A small study that a person can work out by hand: municipalities of 2017, two waves."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest
from hypothesis import settings

settings.register_profile("unhurried", deadline=None)  # a busy machine is not a fault
settings.load_profile("unhurried")

STUDY = """
name = "small"
data = "synthetic"
notice = { nb = "Syntetiske data", en = "Synthetic data" }
title = { nb = "Liten undersøkelse", en = "Small survey" }
units = { nb = "kommuner", en = "municipalities" }
source = { nb = "Syntetiske svar", en = "Synthetic answers" }

[[waves]]
id = "2018"
file = "w2018.sav"
date = 2018-03-01
unit = "kommnr"
name = "kommune"
numbering = 2017

[[waves]]
id = "2019"
file = "w2019.sav"
date = 2019-09-01
unit = "kommnr"
name = "kommune"
numbering = 2017

[frame]
register = 2017

[groups.size]
label = { nb = "Innbyggertall", en = "Population" }
column = "population"
lower_bounds = [0, 10000]
[groups.size.categories]
small = { nb = "Under 10 000", en = "Under 10,000" }
large = { nb = "10 000 eller flere", en = "10,000 or more" }

[weights]
method = "poststratify"
by = ["size"]

[exhibits.plan]
kind = "share"
items = ["plan"]
by = "size"

[exhibits.why_not]
kind = "distribution"
items = ["why_not"]

[exhibits.means]
kind = "multiple"
items = ["means"]

[exhibits.years]
kind = "mean"
items = ["years"]

[exhibits.moved]
kind = "transitions"
item = "plan"
"""

ITEMS = """
[plan]
type = "single"
label = { nb = "Har plan", en = "Has a plan" }
yes = ["1"]
missing = { 8 = "dont_know", 9 = "refused" }
[plan.categories]
1 = { nb = "Ja", en = "Yes" }
2 = { nb = "Nei", en = "No" }

[why_not]
type = "single"
label = { nb = "Hvorfor ikke", en = "Why not" }
asked_if = { item = "plan", codes = ["2", "dont_know"] }
missing = { 7 = "not_asked" }
[why_not.categories]
1 = { nb = "Tid", en = "Time" }
2 = { nb = "Penger", en = "Money" }

[means]
type = "multiple"
label = { nb = "Virkemidler", en = "Means" }
[means.options]
courses = { nb = "Kurs", en = "Courses", column = "m1" }
pay = { nb = "Lønn", en = "Pay", column = "m2" }

[years]
type = "numeric"
label = { nb = "År", en = "Years" }
"""

# Halden 30,790, Moss 32,407, Aremark 1,398, Marker 3,597, Rømskog 683, Trøgstad 5,367 inhabitants on 1 January 2017.
UNITS = {"0101": "Halden", "0104": "Moss", "0118": "Aremark", "0119": "Marker", "0121": "Rømskog", "0122": "Trøgstad"}

WAVES = {
    "w2018.sav": {
        "plan": [1, 2, 2, 8, 9, None],
        "why_not": [7, 1, 2, 2, None, None],
        "m1": [1, 0, 1, None, None, 1],
        "m2": [0, 0, 1, None, None, 0],
        "years": [1, 2, None, 4, None, 3],
    },
    "w2019.sav": {
        "plan": [1, 1, 2, 2, None, 1],
        "why_not": [7, 7, 1, None, None, 7],
        "m1": [None, 1, 0, 1, None, None],
        "m2": [None, 1, 0, 0, None, None],
        "years": [None, 5, None, None, None, None],
    },
}


def write_wave(path: Path, columns: dict[str, list[float | None]], **changes: object) -> None:
    """A labelled .sav of the six units with declared missing codes."""
    data = pd.DataFrame({"kommnr": list(UNITS), "kommune": list(UNITS.values()), **columns})
    labels = {
        "plan": {1: "Ja", 2: "Nei", 8: "Vet ikke", 9: "Vil ikke svare"},
        "why_not": {1: "Tid", 2: "Penger", 7: "Ikke spurt"},
    }
    settings = {
        "variable_value_labels": labels,
        "missing_ranges": {"plan": [8, 9], "why_not": [7]},
        "column_labels": {"plan": "Har kommunen en plan?"},
        "file_label": "Syntetiske data",
    }
    pyreadstat.write_sav(data, str(path), **{**settings, **changes})


def write_study(root: Path, study: dict[str, str] | None = None, items: dict[str, str] | None = None) -> Path:
    """Write the study below `root`, with text replaced where a test wants a fault, and return its folder."""
    folder, raw = root / "analyses" / "small", root / "data_raw" / "small"
    folder.mkdir(parents=True, exist_ok=True)
    raw.mkdir(parents=True, exist_ok=True)
    for name, text, changes in (("study.toml", STUDY, study), ("items.toml", ITEMS, items)):
        for old, new in (changes or {}).items():
            assert old in text, old
            text = text.replace(old, new)
        (folder / name).write_text(text, encoding="utf-8")
    for name, columns in WAVES.items():
        write_wave(raw / name, columns)
    return folder


@pytest.fixture(scope="session", autouse=True)
def settings_of_nobody(tmp_path_factory) -> Path:
    """Nothing is read from, or written into, the settings of whoever runs the tests."""
    folder = tmp_path_factory.mktemp("settings")
    os.environ["XDG_CONFIG_HOME"] = str(folder)
    return folder


@pytest.fixture
def small(tmp_path: Path) -> Callable[..., Path]:
    """Writes the study, with text replaced where a test wants a fault, and returns its folder."""
    return lambda **changes: write_study(tmp_path, **changes)


@pytest.fixture(scope="session")
def committed(tmp_path_factory) -> Callable[[str], Path]:
    """A copy of a committed study and its raw files, so that a test's runs stay out of the repository's build/."""
    import shutil

    repository = Path(__file__).resolve().parents[1]
    root = tmp_path_factory.mktemp("repository")
    shutil.copytree(repository / "data_raw", root / "data_raw")
    shutil.copytree(repository / "analyses", root / "analyses")
    shutil.copytree(repository / "reports", root / "reports")
    from evalkit.report.trust import check_trust

    for document in root.glob("reports/*/[a-z]*.qmd"):
        check_trust(document, "", trust=True)  # they are the repository's own, in another place
    return lambda study: root / "analyses" / study


@pytest.fixture(scope="session")
def kompetanseloft(committed):
    """The model case, run to its last number; figures are drawn elsewhere."""
    import evalkit

    return evalkit.run(evalkit.load_study(committed("kompetanseloft2020")), until="change")


@pytest.fixture(scope="session")
def robek(committed):
    import evalkit

    return evalkit.run(evalkit.load_study(committed("robek")), until="change")
