"""The third round of Kompetanseløft 2020 comes with all that goes wrong: two commands, and nothing published moves.

The round is reconstructed, as those before it. runde3.txt holds what the first command says.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from html import unescape
from pathlib import Path

import pyreadstat
import pytest

from evalkit import open_run
from evalkit.panel import crosswalk, municipalities
from evalkit.results import Run
from tests.scenarios.runde3 import write_runde3

SAID = Path(__file__).with_name("runde3.txt")
REPOSITORY = Path(__file__).resolve().parents[2]

# What the researcher decides, as edits: file, what the line begins with, what is written in its place.
DECIDED = (
    # Kongsvinger answered three times, the last time half of it
    ("study.toml", "duplicates = ", 'duplicates = "most_complete"'),
    ("study.toml", "merged = ", 'merged = "largest"'),
    # the chief executive has a new title, and the unit leader's code is used for something else
    ("items.toml", "[q2.categories]", '[q2.recode]\n2021 = { 2 = "2", 4 = "5" }\n[q2.categories]\nCOOPERATION'),
    ("items.toml", "[q8.categories]", "[q8.categories]\nLEAVE"),
    # the new wording means the same; yes and no have changed places
    ("items.toml", "[q18]", '[q18]\ncolumns = { 2018 = "q18", 2019 = "q18", 2021 = "q18" }'),
    ("items.toml", "[q21]", '[q21]\nrecode = { "2021" = { 1 = "2", 2 = "1" } }'),
    # these are nobody's answers, and may be shown
    ("../../data_raw/manifest.toml", 'access = "restricted"', 'access = "public"'),
)
NEW = {
    "COOPERATION": '5 = { nb = "Interkommunalt samarbeid", en = "Intermunicipal cooperation", waves = ["2021"] }',
    "LEAVE": '5 = { nb = "Bare ved lange permisjoner", en = "Only during long leave", waves = ["2021"] }',
}
EXHIBITS = """
[exhibits.research_2021]
kind = "share"
items = ["q17"]
by = "county"
waves = "2021"
title = { nb = "Har master eller ph.d. i 2021", en = "Master's degree or PhD in 2021" }

[exhibits.research_by_round]
kind = "share"
items = ["q17"]
by = "size"
each = ["2018", "2019", "2021"]
title = { nb = "Har master eller ph.d., runde for runde", en = "Master's degree or PhD, round by round" }

[exhibits.research_2019_2021]
kind = "transitions"
item = "q17"
by = "size"
waves = ["2019", "2021"]
title = { nb = "Master eller ph.d. i 2019 og 2021", en = "Master's degree or PhD in 2019 and 2021" }

[exhibits.decisions_2021]
kind = "distribution"
items = ["q2"]
waves = "2021"
title = { nb = "Hvem bestemmer i 2021", en = "Who decides in 2021" }
"""


@dataclass(frozen=True)
class Story:
    """What the commands said, and the run in the end."""

    wave: subprocess.CompletedProcess[str]
    checked: str
    run: Run


def evalkit(*words: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from evalkit.cli import main; main()", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300)


def decide(folder: Path) -> None:
    """Write the decisions into the files, and the exhibits of three rounds."""
    for name, begins, new in DECIDED:
        path = folder / name
        lines = path.read_text(encoding="utf-8").splitlines()
        (at,) = [place for place, line in enumerate(lines) if line.startswith(begins)]
        for word, category in NEW.items():
            new = new.replace(word, category)
        path.write_text("\n".join([*lines[:at], new, *lines[at + 1 :]]) + "\n", encoding="utf-8")
    with (folder / "study.toml").open("a", encoding="utf-8") as file:
        file.write(EXHIBITS)


@pytest.fixture(scope="module")
def story(tmp_path_factory) -> Story:
    root = tmp_path_factory.mktemp("third")
    for part in ("data_raw", "analyses", "reports"):
        shutil.copytree(REPOSITORY / part, root / part)
    study = root / "analyses" / "kompetanseloft2020"
    file = write_runde3(root / "data_raw" / "kompetanseloft2020", root / "runde3.sav")
    said = evalkit("wave", study, file)
    decide(study)
    checked = evalkit("check", study)
    done = evalkit("run", study, "--template", "wave_report", "--format", "html", "--lang", "en")
    assert done.returncode == 0, done.stderr
    return Story(said, checked.stdout, open_run(study))


def test_the_first_command_says_what_fits_and_what_must_be_decided(story):
    assert story.wave.returncode == 4
    assert story.wave.stdout + story.wave.stderr == SAID.read_text(encoding="utf-8")


def test_the_codebook_waits_for_the_further_wave(story):
    assert "2021 is not in codebook.toml yet: evalkit codebook keeps what its file says" in story.checked


def test_no_figure_of_two_rounds_has_moved(story, kompetanseloft):
    """Byte for byte, in every row of every exhibit that stood before."""
    for file in ("estimates.csv", "change.csv"):
        before, after = ((run.path / file).read_text(encoding="utf-8") for run in (kompetanseloft, story.run))
        names = {line.partition(",")[0] for line in before.splitlines()}
        assert before == "".join(line for line in after.splitlines(True) if line.partition(",")[0] in names), file
    old, new = (run.weights[run.weights["sample"] != "2021"] for run in (kompetanseloft, story.run))
    assert old.to_numpy().tolist() == new.to_numpy().tolist()


def test_the_third_round_is_in_its_own_borders(story):
    """150 of the 356 of 2021: 149 of which a part answered in 2019, and Oslo; whichever row of Kongsvinger is kept."""
    weights = story.run.weights[story.run.weights["sample"] == "2021"]
    assert len(weights) == 150 and weights["base_weight"].astype(float).sum() == pytest.approx(356)
    assert weights["weight"].astype(float).sum() == pytest.approx(356)
    shown = story.run.exhibit("research_2021")
    assert shown.labels["by"]["county"]["en"] == "County 2021" and shown.facts["frame"] == 356
    assert set(shown.data["group"]) <= {*municipalities(2021)["county_code"], "all"}
    asked = story.run.panel[(story.run.panel["wave"] == "2021") & story.run.panel["q17"].isin(["1", "2"])]
    assert shown.value(group="all", weighting="unweighted") == pytest.approx((asked["q17"] == "1").mean())
    decided = story.run.exhibit("decisions_2021").data
    assert list(decided.loc[decided["weighting"] == "unweighted", "category"]) == ["5", "1", "2", "3", "4"]
    assert decided.loc[decided["category"] == "4", "estimate"].eq(0).all()  # whom nobody could answer any more


def test_change_is_in_the_borders_of_the_reference(story):
    """Counted again from the two raw files: each unit of 2021 against its largest part that answered in 2019."""
    raw = story.run.study.raw
    old, new = (pyreadstat.read_sav(str(raw / f))[0] for f in ("kompetanseloft_2019.sav", "runde3.sav"))
    people = municipalities(2017).set_index("code")["population"]

    def either(row) -> bool | None:
        told = [row[name] for name in ("q17_master", "q17_phd") if row[name] in (1, 2)]
        return 1 in told if told else None

    before = {row["kommnr"]: either(row) for _, row in old.iterrows()}
    parts = crosswalk(2017, 2021).query("kind != 'split'").groupby("to_code")["from_code"].agg(list)
    counts = {"up": 0, "down": 0, "unchanged": 0}
    new = new.assign(kommnr=[f"{code:04.0f}" for code in new["kommnr"]]).drop_duplicates("kommnr")
    for _, row in new.iterrows():
        there = sorted((u for u in parts[row["kommnr"]] if u in before), key=lambda unit: -people[unit])
        was = next((before[unit] for unit in there if before[unit] is not None), None)
        now = either(row)
        if was is not None and now is not None:
            counts["unchanged" if was == now else "up" if now else "down"] += 1
    shown = story.run.exhibit("research_2019_2021")
    assert {kind: shown.value(category=kind, group="all", weighting="unweighted") for kind in counts} == counts
    assert shown.note["en"].endswith("All waves are in the borders of 2021.")


def test_what_can_be_compared(story):
    """Every unit of 2021 but Oslo had a part that answered in 2019; the table agrees with the list of units."""
    shown, table = story.run.exhibit("comparable"), story.run.comparable
    answered = table[table["questions"] > 0].groupby("unit")["wave"].agg(set)
    for pair in ("2018→2021", "2019→2021"):
        both = answered[answered.map(lambda waves, pair=pair: set(pair.split("→")) <= waves)]
        assert shown.value(wave=pair, category="both") == len(both)
    assert shown.value(wave="2019→2021", category="both") == 149
    links = story.run.links
    assert set(links["borders"]) == {2021} and set(links["wave"]) == {"2018", "2019"}
    (merged,) = links.query("wave == '2019' and to_code == '3014'")["done"].unique()
    assert merged.startswith(("answer of the largest part that answered", "the only part that answered"))


def test_the_report_has_the_three_rounds(story):
    html = unescape((story.run.path / "report" / "wave_report.en.html").read_text(encoding="utf-8")).replace(
        "\xa0", " "
    )
    for words in (
        "What can be compared between the waves",
        "Master's degree or PhD in 2019 and 2021",
        "Municipalities that answered in at least two waves (N = 149).",
        "2017 for 2018 and 2019, 2021 for 2021",
        "2021: Share of all municipalities (N = 356)",
    ):
        assert words in html, words
    assert "example.org" not in html
