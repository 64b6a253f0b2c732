"""Of a study of schools nothing that is printed or published speaks of municipalities or their inhabitants."""

from __future__ import annotations

import re
import zipfile

import numpy as np
import pandas as pd
import pytest

import evalkit
from evalkit.present.captions import alt, caption
from evalkit.publish import publish
from evalkit.report.studies import render
from tests.publish.conftest import with_report

FOREIGN = re.compile(r"[^<>\n]{0,40}(?:municip|kommun|innbygg|inhabitant|fylke|count(?:y|ies)\b)[^<>\n]{0,40}", re.I)
STUDY = """name = "skoler"
lang = "nb"
data = "real"
title = { nb = "Skoler", en = "Schools" }
units = { nb = "skoler", en = "schools" }
source = { nb = "Spørreundersøkelse blant skoler", en = "Survey of schools" }

[[waves]]
id = "2023"
file = "w2023.csv"
date = 2023-04-09
unit = "orgnr"
numbering = 2024

[[waves]]
id = "2025"
file = "w2025.csv"
date = 2025-04-09
unit = "orgnr"
numbering = 2024

[frame]
register = 2024
units = "schools.csv"
size = "pupils"
measure = "pupils"
labels = { pupils = { nb = "Elever", en = "Pupils" } }

[groups.region]
label = { nb = "Landsdel", en = "Region" }
column = "region"
[groups.region.categories]
East = { nb = "Øst", en = "East" }
West = { nb = "Vest", en = "West" }

[weights]
method = "poststratify"
by = ["region"]

[disclosure]
minimum = 0
reason = { nb = "Laget", en = "Made up" }

[deposit]
abstract = { nb = "Om skoler", en = "On schools" }
authors = ["Holm, Kari"]
producer = { nb = "Direktoratet", en = "The Directorate" }
mode = { nb = "Nettskjema", en = "Web survey" }
keywords = [{ nb = "skoler", en = "schools" }]
conditions = { nb = "Kilden oppgis", en = "Name the source" }

[exhibits.s1]
kind = "share"
items = ["s1"]
by = "region"
waves = "each"

[exhibits.s3]
kind = "distribution"
items = ["s3"]

[exhibits.response]
kind = "response"
by = "region"

[exhibits.representativeness]
kind = "representativeness"
by = "region"

[exhibits.summary]
kind = "summary"
columns = ["pupils"]

[exhibits.balance]
kind = "balance"
columns = ["region", "pupils"]

[exhibits.r_indicator]
kind = "r_indicator"
columns = ["region"]

[exhibits.comparable]
kind = "comparable"

[exhibits.moved]
kind = "transitions"
item = "s1"
waves = ["2023", "2025"]

[exhibits.logit]
kind = "conditional_logit"
item = "s1"
models = ["answer ~ C(wave)", "answer ~ C(wave) * C(region)"]

[exhibits.screened]
kind = "screen"
by = "region"
families.all = ["s1"]
"""
ITEMS = """[s1]
type = "single"
label = { nb = "Har plan", en = "Has a plan" }
categories = { Ja = { nb = "Ja", en = "Yes" }, Nei = { nb = "Nei", en = "No" } }
yes = ["Ja"]

[s3]
type = "single"
label = { nb = "Hvor godt", en = "How well" }
categories = { 1 = { nb = "Dårlig", en = "Badly" }, 2 = { nb = "Godt", en = "Well" } }
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> evalkit.Run:
    """Forty schools of two regions, thirty of which answered each time."""
    folder = tmp_path_factory.mktemp("repository") / "skoler"
    raw = folder / "data_raw"
    raw.mkdir(parents=True)
    rng = np.random.default_rng(1)
    codes = [f"97{number:07d}" for number in range(1, 41)]
    about = {"region": ["East", "West"] * 20, "pupils": rng.integers(40, 600, 40)}
    pd.DataFrame({"code": codes, "name": [f"Skole {code}" for code in codes]} | about).to_csv(raw / "schools.csv")
    for year in (2023, 2025):
        answers = {"orgnr": rng.permutation(codes)[:30], "s1": rng.choice(["Ja", "Nei"], 30)}
        pd.DataFrame(answers | {"s3": rng.integers(1, 3, 30)}).to_csv(raw / f"w{year}.csv", index=False)
    (folder / "study.toml").write_text(STUDY, encoding="utf-8")
    (folder / "items.toml").write_text(ITEMS, encoding="utf-8")
    return evalkit.run(evalkit.load_study(folder))


def foreign(text: str) -> set[str]:
    return set(FOREIGN.findall(text))


@pytest.mark.parametrize("lang", ["nb", "en"])
def test_the_wave_report_and_its_workbook(run, lang):
    report, workbook = render(run, formats=("html",), lang=lang, template="wave_report", engine="builtin")
    said = report.read_text(encoding="utf-8")
    assert ("skoler" if lang == "nb" else "schools") in said
    assert foreign(re.sub(r"<[^>]*>", " ", re.sub(r"(?s)<(style|script).*?</\\1>|base64,[^\"']*", "", said))) == set()
    with zipfile.ZipFile(workbook) as sheets:
        assert foreign(" ".join(sheets.read(name).decode("utf-8", "ignore") for name in sheets.namelist())) == set()


@pytest.mark.parametrize("lang", ["nb", "en"])
def test_captions_and_tables_of_every_weighting(run, lang):
    """Shares of the measure are of pupils: the study's own word for the column."""
    said = []
    for name in run.exhibits:
        exhibit = run.exhibit(name)
        ways = [None, *dict.fromkeys(exhibit.data["weighting"])] if name in ("s1", "s3") else [None]
        for way in ways:
            said += [caption(exhibit, lang, weighting=way), alt(exhibit, lang, weighting=way)]
            said += [run.document(lang).table(name, weighting=way)]
    assert foreign("\n".join(said)) == set()
    shown = run.document(lang).table("s1", weighting="measure")
    assert ("Andel av elever i slike skoler" if lang == "nb" else "Share of pupils in such schools") in shown


def test_what_is_published_and_deposited(run):
    texts = {}
    for path in publish(with_report(run)).rglob("*"):
        if path.suffix in (".csv", ".md", ".toml", ".xml", ".json"):
            texts[path.name] = path.read_text(encoding="utf-8")
    assert {"results.csv", "codes.csv", "columns.csv", "methods.md", "skoler.xml"} <= set(texts)
    assert {name: foreign(text) for name, text in texts.items() if foreign(text)} == {}
    assert "s1,weighting,measure,Andel av elever,Share of pupils" in texts["codes.csv"]
    assert "KLASS" not in texts["skoler.xml"]
