"""The panel keeps reasons apart, and each unit's latest answer counts once, a follow-up with its filter."""

from __future__ import annotations

import pandas as pd
import pytest

from evalkit import load_study
from evalkit.errors import DataError
from evalkit.panel.frame import build_frame, build_frames
from evalkit.panel.harmonise import answer, build_panel
from evalkit.waves.check import read_study_wave
from tests.conftest import UNITS, WAVES, write_wave

ALL = list(UNITS)


def panel_of(folder):
    study = load_study(folder)
    waves = [read_study_wave(study, spec.id) for spec in study.plan.waves]
    return study, build_panel(study, waves, build_frames(study))


def test_reasons_stay_apart(small):
    folder = small()
    columns = WAVES["w2018.sav"] | {"years": [1, 2, None, 4, 6, 3]}
    write_wave(folder.parent.parent / "data_raw" / "small" / "w2018.sav", columns)
    _, panel = panel_of(folder)
    why = panel.why["plan"].unstack("wave")
    assert list(why["2018"]) == ["", "", "", "dont_know", "refused", "empty"]
    assert list(panel.data["plan"].unstack("wave")["2018"].dropna()) == ["1", "2", "2"]
    assert list(panel.why["why_not"].unstack("wave")["2018"])[:2] == ["not_asked", ""]


def test_rows_without_any_answer_are_left_out_and_counted(small):
    _, panel = panel_of(small())
    assert ("0121", "2018") not in panel.data.index  # refused one question, left the rest
    counts = {count.step: (count.rows_in, count.rows_out) for count in panel.log}
    assert counts["2018: answered something"] == (6, 5)
    assert counts["2019: answered something"] == (6, 5)


def test_the_latest_answer_counts_and_dont_know_is_an_answer(small):
    study, panel = panel_of(small())
    said = answer(panel, study, "plan")
    assert said.values["plan"].to_dict() == {"0101": "1", "0104": "1", "0118": "2", "0119": "2", "0122": "1"}
    assert set(said.wave) == {"2019"}
    first = answer(panel, study, "plan", waves=("2018",))
    assert first.why.to_dict() == {"0101": "", "0104": "", "0118": "", "0119": "dont_know", "0122": "empty"}
    assert first.known.sum() == 4


def test_a_follow_up_counts_in_the_wave_whose_filter_answer_counts(small):
    study, panel = panel_of(small())
    said = answer(panel, study, "why_not")
    # 0104 said no in 2018 (Tid) and yes in 2019: not asked. 0119 was led to it in 2019 and left it empty.
    assert said.why.to_dict() == {
        "0101": "not_asked", "0104": "not_asked", "0118": "", "0119": "empty", "0122": "not_asked",
    }  # fmt: skip
    assert said.values["why_not"].dropna().to_dict() == {"0118": "1"}
    assert said.known.to_dict() == {"0101": True, "0104": True, "0118": True, "0119": False, "0122": True}


def test_dont_know_leads_through_a_filter_that_names_it(small):
    study, panel = panel_of(small())
    assert answer(panel, study, "why_not", waves=("2018",)).values["why_not"].dropna().to_dict() == {
        "0104": "1", "0118": "2", "0119": "2",
    }  # fmt: skip


def test_multiple_choice_is_zero_and_one(small):
    study, panel = panel_of(small())
    said = answer(panel, study, "means").values
    assert said.loc["0118"].to_dict() == {"means.courses": 0, "means.pay": 0}
    assert said.loc["0101"].to_dict() == {"means.courses": 1, "means.pay": 0}


def test_any_of_several_columns(small):
    items = {'label = { nb = "Har plan", en = "Has a plan" }': 'label = { nb = "Har plan", en = "Has a plan" }\n'
             'columns = { "2018" = "plan", "2019" = ["plan", "plan_b"] }\ncombine = "any"'}  # fmt: skip
    folder = small(items=items)
    columns = WAVES["w2019.sav"] | {"plan": [2, 2, 8, 2, None, 1], "plan_b": [2, 1, 1, None, 2, 8]}
    write_wave(
        folder.parent.parent / "data_raw" / "small" / "w2019.sav",
        columns,
        missing_ranges={"plan": [8, 9], "plan_b": [8]},
    )
    study, panel = panel_of(folder)
    assert list(answer(panel, study, "plan", waves=("2019",)).values["plan"]) == ["2", "1", "1", "2", "2", "1"]


def test_two_answers_of_a_unit_need_a_rule(small):
    folder = small()
    path = folder.parent.parent / "data_raw" / "small" / "w2018.sav"
    twice = {"kommnr": ["0101", "0101", *ALL[1:5]], "time": ["2018-03-05", "2018-03-02", *["2018-03-03"] * 4]}
    write_wave(path, WAVES["w2018.sav"] | twice)
    with pytest.raises(DataError) as caught:
        panel_of(folder)
    assert str(caught.value) == (
        "Unit 0101 answered 2 times in wave 2018\n  where: w2018.sav, rows 1, 2\n"
        '  mend: say which answer counts: duplicates = "latest", "most_complete" or "latest_complete" in study.toml'
    )
    _, panel = panel_of(_rule(folder, "most_complete"))
    assert panel.data.loc[("0101", "2018"), "years"] == 2  # the second row also answers why_not
    _, panel = panel_of(_rule(folder, 'latest"\nanswered_at = "time'))
    assert panel.data.loc[("0101", "2018"), "years"] == 1


def _rule(folder, rule):
    from tests.conftest import STUDY

    text = STUDY.replace('file = "w2018.sav"', f'file = "w2018.sav"\nduplicates = "{rule}"')
    (folder / "study.toml").write_text(text, encoding="utf-8")
    return folder


def test_groups_come_from_the_frame(small):
    frame = build_frame(load_study(small()))
    assert frame.n == 426
    assert frame.groups.loc[["0101", "0118"], "size"].to_list() == ["large", "small"]
    # Statistics Norway, 1 January 2017: count of municipalities of 10,000 inhabitants or more, from the register itself
    assert (frame.units["population"] >= 10000).sum() == (frame.groups["size"] == "large").sum()


def test_a_group_that_leaves_units_out_is_refused(small):
    folder = small(study={"lower_bounds = [0, 10000]": "lower_bounds = [500, 10000]"})
    with pytest.raises(DataError) as caught:
        build_frame(load_study(folder))
    assert caught.value.what.startswith("Group 'size' has no category for ")


def test_unknown_codes_are_refused(small):
    folder = small()
    write_wave(
        folder.parent.parent / "data_raw" / "small" / "w2018.sav", WAVES["w2018.sav"] | {"kommnr": ["9999", *ALL[1:]]}
    )
    with pytest.raises(DataError, match="9999"):
        panel_of(folder)


def test_text_categories_of_a_csv_are_codes_in_the_panel(small):
    folder = small(study={"w2018.sav": "w2018.csv"})
    data = pd.DataFrame(WAVES["w2018.sav"]).assign(kommnr=[int(unit) for unit in ALL], kommune=list(UNITS.values()))
    data["plan"] = ["ja", "Nei", "No", None, None, None]
    data["years"] = ["1", "2,5", None, "1 000", None, None]
    data.to_csv(folder.parent.parent / "data_raw" / "small" / "w2018.csv", index=False, sep=";")
    _, panel = panel_of(folder)
    first = panel.data.xs("2018", level="wave")
    assert first["plan"].dropna().to_dict() == {"0101": "1", "0104": "2", "0118": "2"}
    assert first["years"].dropna().to_dict() == {"0101": 1.0, "0104": 2.5, "0119": 1000.0}


def test_units_that_merged_follow_the_studys_rule(small):
    """The frame is of 2020: Askim, Eidsberg, Hobøl, Spydeberg and Trøgstad (0122) are Indre Østfold (3014); Rømskog
    (0121) went into Aurskog-Høland (3026), Halden is 3001. Only Trøgstad and Rømskog of the merged answered.
    """
    numbering = {"register = 2017": "register = 2020"}
    with pytest.raises(DataError) as caught:
        panel_of(small(study=numbering))
    assert caught.value.mend.startswith("say what such a unit answered: [link] merged =")
    folder = small(study={**numbering, "[weights]": '[link]\nmerged = "largest"\n\n[weights]'})
    study, panel = panel_of(folder)
    assert {"3001", "3014"} <= set(panel.units) and not set(UNITS) & set(panel.units)
    said = answer(panel, study, "plan").values["plan"]
    assert (said["3001"], said["3014"]) == ("1", "1")
    listed = panel.links[panel.links["wave"] == "2019"].set_index("from_code")
    assert listed.loc["0122", ["to_code", "kind"]].to_list() == ["3014", "merged"]
    assert listed.loc["0122", "done"] == "the only part that answered, 1 of 5 parts"
    assert listed.loc["0101", ["to_code", "kind", "done"]].to_list() == ["3001", "renumbered", "carried whole"]
