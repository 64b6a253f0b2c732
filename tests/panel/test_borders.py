"""A wave stays in the borders of its own frame, whatever comes later; waves of several frames meet in the reference."""

from __future__ import annotations

import pandas as pd
import pytest

from evalkit import load_study, pipeline
from evalkit.errors import StudyError
from evalkit.estimates.comparable import comparable_rows
from evalkit.panel.borders import comparable
from evalkit.panel.frame import build_frames
from evalkit.panel.harmonise import answer, build_panel
from evalkit.waves.check import read_study_wave
from evalkit.weights.question import weighting
from tests.conftest import UNITS, WAVES, write_wave

LATER = {"3001": "Halden", "3002": "Moss", "3012": "Aremark", "3013": "Marker", "3026": "Aurskog-Høland", "3014": "IØ"}
ANSWERS = {
    "plan": [2, 1, 2, 1, None, 1],
    "why_not": [1, None, 2, None, None, None],
    "years": [None, 6, None, None, 4, 8],
}
THIRD = """
[[waves]]
id = "2021"
file = "w2021.sav"
date = 2021-09-01
unit = "kommnr"
name = "kommune"
numbering = 2021
frame = "2021"

[frames.2021]
register = 2021
[frames.2021.groups.size]
label = { nb = "Innbyggertall 2021", en = "Population 2021" }
column = "population"
lower_bounds = [0, 15000]
[frames.2021.groups.size.categories]
small = { nb = "Under 10 000", en = "Under 10,000" }
big = { nb = "15 000 eller flere", en = "15,000 or more" }

[link]
merged = "largest"
reference = "2021"

[frame]
"""
LATEST = {'data = "synthetic"': 'data = "synthetic"\nlatest = ["2018", "2019"]'}
CHANGES = {"\n[frame]\n": THIRD, 'item = "plan"': 'item = "plan"\nwaves = ["2019", "2021"]'}


def three_waves(small, changes=None):
    folder = small(study={**CHANGES, **(changes or {})})
    raw = folder.parent.parent / "data_raw" / "small"
    columns = {name: ANSWERS.get(name, [float("nan")] * 6) for name in WAVES["w2019.sav"]}
    write_wave(raw / "w2021.sav", {**columns, "kommnr": list(LATER), "kommune": list(LATER.values())})
    return folder


def panel_of(folder):
    study = load_study(folder)
    return build_panel(study, [read_study_wave(study, spec.id) for spec in study.plan.waves], build_frames(study))


def test_each_wave_is_in_the_borders_of_its_own_frame(small):
    panel = panel_of(three_waves(small))
    first, third = panel.among(["2018"]), panel.among(["2021"])
    assert list(first.units) == ["0101", "0104", "0118", "0119", "0122"] and first.frame.n == 426
    assert list(third.units) == sorted(LATER) and third.frame.n == 356 and third.links.empty
    assert third.study.plan.groups["size"].label["nb"] == "Innbyggertall 2021"
    assert list(third.frame.groups.loc[["3002", "3012"], "size"]) == ["big", "small"]


def test_waves_of_several_frames_meet_in_the_reference(small):
    """Moss is the larger part of the new Moss that answered, Trøgstad the only one of five of Indre Østfold."""
    panel = panel_of(three_waves(small)).among(["2021", "2019"])
    assert panel.waves == ("2019", "2021") and panel.frame.n == 356
    before = answer(panel, panel.study, "plan", waves=["2019"]).values["plan"]
    assert before.to_dict() == {
        "3001": "1",
        "3002": "1",
        "3012": "2",
        "3013": "2",
        "3014": "1",
        "3026": float("nan"),
    } or (before.dropna().to_dict() == {"3001": "1", "3002": "1", "3012": "2", "3013": "2", "3014": "1"})
    done = panel.links.set_index("from_code")["done"].to_dict()
    assert done["0104"] == "the only part that answered, 1 of 2 parts" and done["0101"] == "carried whole"


def test_waves_of_one_frame_are_compared_in_it_whatever_the_reference(small):
    panel = panel_of(three_waves(small))
    assert panel.among(["2018", "2019"]).frame.n == 426
    assert panel.waves == ("2018", "2019", "2021") and panel.frame.n == 356  # no latest: all, in the reference
    assert panel_of(three_waves(small, LATEST)).waves == ("2018", "2019")


def test_what_a_question_borrows_comes_from_waves_of_its_own_frame(small):
    """Only Halden and Moss, both large: their own answers cannot be post-stratified."""
    alone = weighting(panel_of(small())).among(["2018"])
    later = weighting(panel_of(three_waves(small))).among(["2018"])
    y = pd.DataFrame({"y": [1.0, 0.0]}, index=pd.Index(["0101", "0104"], name="unit"))
    before, after = (found.designs(y, "y")["weighted"].weights.tolist() for found in (alone, later))
    assert before == after == pytest.approx([213, 213])
    assert set(later.lender.panel.units) == {"0101", "0104", "0118", "0119", "0122"}


def test_a_table_of_what_can_be_compared(small):
    """In the borders of 2021: Halden, Aremark and Marker have a new number; Moss and Trøgstad are in larger units."""
    folder = three_waves(
        small, {"\n[exhibits.plan]": '\n[exhibits.comparable]\nkind = "comparable"\n\n[exhibits.plan]'}
    )
    panel = panel_of(folder).among(["2018", "2019", "2021"])
    table = comparable(panel)
    assert len(table) == 3 * 356
    whence = table[table["whence"] != "none"].pivot(index="unit", columns="wave", values="whence").to_dict()
    assert whence["2021"] == dict.fromkeys(sorted(LATER), "same")
    moved = {"3001": "renumbered", "3002": "merged", "3012": "renumbered", "3013": "renumbered", "3014": "merged"}
    assert {unit: kind for unit, kind in whence["2019"].items() if kind == kind} == moved
    # Moss in 2019: plan, means, years; of means it ticked both; why_not was not asked
    assert table.set_index(["unit", "wave"]).loc[("3002", "2019"), "questions"] == 3
    run = pipeline.run(load_study(folder))
    rows = run.exhibit("comparable").data.set_index(["wave", "category"])["estimate"].to_dict()
    both = {"both": 5, "same": 0, "renumbered": 3, "merged": 2, "split": 0}
    assert rows == {("2018→2019", kind): n for kind, n in {**both, "same": 5, "renumbered": 0, "merged": 0}.items()} | {
        (pair, kind): n for pair in ("2018→2021", "2019→2021") for kind, n in both.items()
    }
    assert run.exhibit("comparable").facts["pairs"] == {"2018→2019": 2017, "2018→2021": 2021, "2019→2021": 2021}
    assert run.comparable.to_numpy().tolist() == table.to_numpy().tolist()
    # 2019 → 2021: Halden from yes to no, Marker from no to yes, the other three the same
    moved = run.exhibit("moved")
    counts = {kind: moved.value(wave="2019→2021", category=kind, weighting="unweighted") for kind in ("up", "down")}
    assert counts == {"up": 1, "down": 1}
    assert moved.note["en"] == "All waves are in the borders of 2021" and moved.facts["frame"] == 356


def test_a_unit_that_was_split_is_in_no_comparison(small):
    """Tysfjord answered in 2019 and is parted between Narvik and Hamarøy, of which Narvik answered in 2021."""
    folder = three_waves(small)
    raw = folder.parent.parent / "data_raw" / "small"
    for name, units, last in (("w2019.sav", [*UNITS][:5], "1850"), ("w2021.sav", [*LATER][:5], "1806")):
        columns = WAVES["w2019.sav"] | (ANSWERS if name == "w2021.sav" else {})
        write_wave(raw / name, {**columns, "kommnr": [*units, last], "kommune": ["x"] * 6})
    panel = panel_of(folder).among(["2019", "2021"])
    table = comparable(panel).query("unit in ['1806', '1875'] and wave == '2019'")
    assert table[["whence", "questions"]].to_numpy().tolist() == [["split", 0], ["split", 0]]
    assert panel.links.set_index("from_code").loc["1850", "done"] == "left: split into 1806 and 1875"
    rows, _ = comparable_rows(panel)
    counts = rows.data.query("wave == '2019→2021'").set_index("category")["estimate"]
    assert counts.to_dict() == {"both": 4, "same": 0, "renumbered": 3, "merged": 1, "split": 1} and rows.n == 4


def test_earlier_rows_do_not_move_when_a_later_wave_comes(small):
    """Byte for byte, weights borrowed and all; what draws on "latest" stands still where `latest` says so."""
    before = pipeline.run(load_study(small()))
    old = {file.name: file.read_bytes() for file in (before.path / "exhibits").glob("*.csv")}
    after = pipeline.run(load_study(three_waves(small, LATEST)))
    for name in set(old) - {"moved.csv"}:
        assert (after.path / "exhibits" / name).read_bytes() == old[name], name
    assert after.panel.loc[after.panel["wave"] == "2018", "unit"].isin(["0101", "0104", "0118", "0119", "0122"]).all()


def faults(folder):
    with pytest.raises(StudyError) as caught:
        load_study(folder)
    return [str(fault) for fault in caught.value.faults or (caught.value,)]


def test_what_does_not_fit_is_said_all_at_once(small):
    wrong = {
        'frame = "2021"': 'frame = "2020"',
        'reference = "2021"': 'reference = "2012"',
        'waves = ["2019", "2021"]': 'waves = ["2019", "2012"]',
        "register = 2021\n": 'register = 2021\nwithout = ["sise"]\n',
        'data = "synthetic"': 'data = "synthetic"\nlatest = ["2017"]',
    }
    third = THIRD
    for old in list(wrong)[:2] + list(wrong)[3:4]:
        third = third.replace(old, wrong[old])
    study = {"\n[frame]\n": third, 'item = "plan"': 'item = "plan"\n' + wrong['waves = ["2019", "2021"]']}
    found = faults(small(study=study | {'data = "synthetic"': wrong['data = "synthetic"']}))
    assert [text.partition("\n")[0] for text in found] == [
        "There is no frame '2020'",
        "There is no frame '2012'",
        "There is no wave '2017'",
        "No wave is of frame '2021'",
        "There is no group 'sise'",
        "There is no wave '2012'",
    ]
    assert found[0].endswith("expected: 2017 or 2021\n  mend: did you mean '2021'?")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (
            '[link]\nmerged = "largest"\nreference = "2021"\n',
            "",
            "Exhibit 'moved' compares waves of several frames\n  where: study.toml: exhibits.moved (line 78)\n"
            '  mend: say how units that merged are compared: [link] merged = "largest", "any" or "agree"; '
            "reference = a frame",
        ),
        (
            "register = 2021\n",
            'register = 2021\nwithout = ["size"]\n',
            "Group 'size' is there and left out\n  where: study.toml: frames.2021.without (line 37)\n"
            "  mend: keep one of the two",
        ),
    ],
)
def test_a_frame_that_does_not_fit_is_refused(small, old, new, says):
    assert old in THIRD
    changes = {**CHANGES, **LATEST, "\n[frame]\n": THIRD.replace(old, new)}
    assert faults(small(study=changes)) == [says]


def test_a_code_means_one_thing_in_an_exhibit(small):
    other = THIRD.replace('small = { nb = "Under 10 000", en = "Under 10,000" }', 'small = { nb = "Få", en = "Few" }')
    each = {'items = ["plan"]\nby = "size"': 'items = ["plan"]\nby = "size"\nwaves = "each"'}
    assert faults(small(study={**CHANGES, **each, "\n[frame]\n": other})) == [
        "small of 'size' is 'Få' in frame 2021 and 'Under 10 000' in frame 2017\n"
        "  where: study.toml: exhibits.plan.by (line 66)\n"
        "  mend: show one frame an exhibit, or give the group a name of its own there"
    ]


def test_an_exhibit_of_two_frames_shows_each_waves_own_groups(small):
    by = {'items = ["plan"]\nby = "size"': 'items = ["plan"]\nby = "size"\nwaves = "each"'}
    shown = pipeline.run(load_study(three_waves(small, by)), until="exhibits").exhibit("plan")
    groups = shown.data.groupby("wave")["group"].agg(lambda codes: sorted(set(codes))).to_dict()
    assert groups == {
        "2018": ["all", "large", "small"],
        "2019": ["all", "large", "small"],
        "2021": ["all", "big", "small"],
    }
    assert shown.labels["by"]["size"]["nb"] == "Innbyggertall, Innbyggertall 2021"
    assert shown.labels["group"]["big"]["en"] == "15,000 or more"
    assert shown.note["en"] == "Each wave is in the borders of its own year: 2017 for 2018 and 2019, 2021 for 2021"
    # Halden and Halden (3001) are one unit, and so on: in the borders of 2021 five units answered, and 3026 did not
    assert shown.n == 5
