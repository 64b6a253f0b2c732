"""A new file's columns are matched with reasons and a score; only what nothing speaks against is certain."""

from __future__ import annotations

import datetime
from pathlib import Path

import pandas as pd
import pytest

from evalkit import load_study, read_wave
from evalkit.errors import DataError, StudyError
from evalkit.panel.link import numberings
from evalkit.study.further import wave_lines, write_lines
from evalkit.waves.check import check_wave, read_study_wave
from evalkit.waves.find import find_study, find_units
from evalkit.waves.proposals import match
from tests.conftest import UNITS, WAVES, write_wave

REGISTER = numberings()
LABELS = {
    "plan": {1: "Ja", 2: "Nei", 8: "Vet ikke", 9: "Vil ikke svare"},
    "why_not": {1: "Tid", 2: "Penger", 7: "Ikke spurt"},
}


def proposed(folder: Path, columns: dict, **changes: object):
    """What a third file of the small study suggests."""
    path = folder.parent.parent / "w2020.sav"
    write_wave(path, columns, **{"variable_value_labels": LABELS, **changes})
    study = load_study(folder)
    previous = [read_study_wave(study, spec.id) for spec in study.plan.waves]
    return study, path, match(study, read_wave(path), register=REGISTER, previous=previous)


def test_a_file_like_the_last_one_is_certain_throughout(small):
    study, path, found = proposed(small(), WAVES["w2019.sav"])
    assert all(one.certain and one.score == 1 for one in found.matches)
    assert found.columns == {name: study.columns(name, "2019") for name in study.items}
    assert found.new == () and found.gone == () and found.personal == {}
    lines = wave_lines(study, found, path)
    assert lines.items == {} and lines.shown == ()


def test_names_labels_and_values_each_speak(small):
    columns = {
        {"plan": "har_plan", "years": "aar"}.get(name, name): cells for name, cells in WAVES["w2019.sav"].items()
    }
    labels = {"har_plan": LABELS["plan"], "why_not": {1: "Penger", 2: "Tid", 7: "Ikke spurt"}}
    settings = {"missing_ranges": {"har_plan": [8, 9]}, "column_labels": {"har_plan": "Har kommunen en plan?"}}
    _, _, found = proposed(small(), columns, variable_value_labels=labels, **settings)
    by_column = {one.column: one for one in found.matches}
    plan = by_column["har_plan"]
    assert (plan.item, plan.certain) == ("plan", False)
    assert plan.reason == "name 'plan' before, label the same, 100 % of values labelled the same"
    why_not = by_column["why_not"]
    assert (why_not.certain, why_not.reason) == (False, "name the same, 33 % of values labelled the same")
    assert by_column["m1"].option == "courses" and by_column["m1"].certain
    assert "aar" not in by_column and found.gone == ("years",) and [new.name for new in found.new] == ["aar"]


def test_a_column_of_another_type_or_with_other_values_is_not_certain(small):
    columns = WAVES["w2019.sav"] | {"years": ["to", "tre", None, None, "to", "tre"], "plan": [1, 5, 2, 1, 5, 1]}
    _, _, found = proposed(small(), columns)
    reasons = {one.column: one.reason for one in found.matches if not one.certain}
    assert reasons["years"] == "name the same, numeric values before, text now"
    assert reasons["plan"].endswith("values that are no category")


def test_certain_lines_are_written_and_marked_and_the_others_only_shown(small):
    study_text = {"[frame]\nregister = 2017": "[frame]\nregister = 2017 # the year of the frame"}
    items = {
        '[years]\ntype = "numeric"': '[years]\ntype = "numeric"\nwaves = ["2018", "2019"]',
        '[plan]\ntype = "single"': '[plan]\ntype = "single"\ncolumns = { 2018 = "plan", 2019 = "plan" } # renamed once',
    }
    columns = {name: cells for name, cells in WAVES["w2019.sav"].items() if name not in ("m1", "m2")}
    study, path, found = proposed(small(study=study_text, items=items), columns | {"nytt": [1, 2, 1, 2, 1, 2]})
    lines = wave_lines(study, found, path)
    assert lines.items == {
        "plan": ("columns", 'columns = { 2018 = "plan", 2019 = "plan", 2020 = "plan" }'),
        "years": ("waves", 'waves = ["2018", "2019", "2020"]'),
    }
    assert lines.shown[0] == 'no column is means: if it was not asked, [means] waves = ["2018", "2019"]'
    assert lines.shown[1].startswith("a new question:\n")
    written = write_lines(study, lines, path)
    text = (study.path / "study.toml").read_text(encoding="utf-8")
    assert text.index('id = "2019"') < text.index('id = "2020"') < text.index("[frame]")
    assert "# the year of the frame" in text and "numbering = 2017 # proposed: the codes fit" in text
    questions = (study.path / "items.toml").read_text(encoding="utf-8")
    assert '[years]\ntype = "numeric"\nwaves = ["2018", "2019", "2020"] # proposed\n' in questions
    assert 'columns = { 2018 = "plan", 2019 = "plan", 2020 = "plan" } # proposed; renamed once\n' in questions
    assert "nytt" not in questions and written[-1].name == "manifest.toml"
    again = load_study(study.path)
    with pytest.raises(DataError) as caught:  # what is not certain stops the study until a person has decided
        check_wave(again, read_study_wave(again, "2020"))
    assert {fault.what for fault in caught.value.faults} == {
        "Wave 2020 has no column 'm1'",
        "Wave 2020 has no column 'm2'",
        "Column 'nytt' is in the file and not in the study",
    }


def test_a_wave_that_is_there_already_is_refused(small):
    study, path, found = proposed(small(), WAVES["w2019.sav"])
    with pytest.raises(StudyError, match="Wave 2019 is there already"):
        wave_lines(study, found, path.with_name("w2019.sav"))


def test_the_column_of_units_is_the_one_that_fits_and_not_the_one_that_is_called_so(tmp_path):
    path = tmp_path / "w.csv"
    pd.DataFrame({"kommnr": range(1, 7), "sted": [f"K-{unit}" for unit in UNITS]}).to_csv(path, index=False)
    units = find_units(read_wave(path), REGISTER)
    assert units.column == "sted" and units.fits[2017] == 6 and units.fits[2020] == 0


def test_a_frame_and_a_numbering_that_fit_all_waves(tmp_path):
    """Six codes of 2017, five of 2021: no list holds both, and from the later borders there is no way back."""
    paths = [tmp_path / "w2017.csv", tmp_path / "w2021.csv"]
    pd.DataFrame({"knr": list(UNITS), "q": list("ababab")}).to_csv(paths[0], index=False)
    later = ["3001", "3002", "3012", "3013", "3014"]
    pd.DataFrame({"knr": later, "q": list("ababa")}).to_csv(paths[1], index=False)
    found = find_study([read_wave(path) for path in paths], REGISTER)
    assert found.register == 2021
    assert [wave.table["numbering"] for wave in found.waves] == [2017, 2021]
    assert [wave.table["date"] for wave in found.waves] == [datetime.date(2017, 1, 1), datetime.date(2021, 1, 1)]


@pytest.mark.parametrize(
    ("name", "cells", "kind"),
    [
        ("years", ["1,5", "2,5", "3", "4", "5", "6"], "numeric"),
        ("grade", ["1", "2", "1", "2", "1", "2"], "single"),
        ("word", ["a", "b", "a", "b", "a", "b"], "single"),
        ("remark", ["en", "to", "tre", "fire", "fem", "seks"], "text"),
        ("yes", ["1", "0", "1", "0", "1", ""], "single"),
        ("list", ["a;b", "a", "b;a", "b", "a", "a;b"], "multiple"),
    ],
)
def test_a_question_is_what_its_cells_look_like(tmp_path, name, cells, kind):
    path = tmp_path / "w2017.csv"
    pd.DataFrame({"knr": list(UNITS), name: cells}).to_csv(path, index=False)
    (wave,) = find_study([read_wave(path)], REGISTER).waves
    assert [question.table["type"] for question in wave.questions] == [kind]


def test_missing_codes_by_declaration_and_by_words(tmp_path):
    path = tmp_path / "w2017.sav"
    columns = {"a": [1, 2, 98, 99, 1, 2], "b": [1, 2, 7, 1, 2, 1], "c": [6, 7] * 3}
    labels = {"a": {1: "Ja", 2: "Nei", 98: "Vet ikke", 99: "Ikke relevant"}, "b": {1: "Ja", 2: "Nei"}}
    labels["c"] = {6: "Ikke spurt", 7: "Vet ikke"}
    write_wave(path, columns, variable_value_labels=labels, missing_ranges={"b": [7]}, column_labels={})
    (wave,) = find_study([read_wave(path)], REGISTER).waves
    a, b, c = wave.questions
    assert a.table["missing"] == {"98": "dont_know", "99": "not_applicable"} and a.table["yes"] == ["1"]
    assert b.table["missing"] == {"7": "refused"}
    assert b.notes["missing", "7"] == "declared missing in the file: say why"
    assert (c.table["type"], c.note) == ("text", "nobody answered it here: say what it is")


RENAMED = {"m1": "v7_1", "m2": "v7_2"}


def renamed(folder):
    columns = {RENAMED.get(name, name): cells for name, cells in WAVES["w2019.sav"].items()}
    labels = {"v7_1": "Virkemidler: Kurs", "v7_2": "Virkemidler: Lønn"}
    return proposed(folder, columns, column_labels=labels)


def test_options_whose_columns_changed_their_names_are_proposed_line_by_line(small):
    study, path, found = renamed(small())
    assert {one.option: one.column for one in found.matches if one.item == "means"} == {
        "courses": "v7_1",
        "pay": "v7_2",
    }
    lines = wave_lines(study, found, path)
    assert lines.options == {}
    shown = [line for line in lines.shown if line.startswith("[means.options]")]
    assert shown == [
        '[means.options] courses = { nb = "Kurs", en = "Courses", '
        'columns = { 2018 = "m1", 2019 = "m1", 2020 = "v7_1" } }',
        '[means.options] pay = { nb = "Lønn", en = "Pay", columns = { 2018 = "m2", 2019 = "m2", 2020 = "v7_2" } }',
    ]


def test_an_option_told_wave_by_wave_gets_its_further_wave(small):
    """Pay was first offered in 2019: not asked before, and certain now."""
    items = {
        'courses = { nb = "Kurs", en = "Courses", column = "m1" }': 'courses = { nb = "Kurs", en = "Courses", '
        'columns = { 2018 = "m1", 2019 = "m1" } }',
        'pay = { nb = "Lønn", en = "Pay", column = "m2" }': 'pay = { nb = "Lønn", en = "Pay", '
        'columns = { 2019 = "m2" } } # new in 2019',
    }
    study, path, found = proposed(small(items=items), WAVES["w2019.sav"])
    lines = wave_lines(study, found, path)
    assert lines.options[("means", "pay")] == (
        'pay = { nb = "Lønn", en = "Pay", columns = { 2019 = "m2", 2020 = "m2" } }'
    )
    write_lines(study, lines, path)
    again = load_study(study.path)
    assert again.columns("means", "2018") == ("m1",) and again.slots("means", "2018") == ("m1", "")
    assert again.columns("means", "2020") == ("m1", "m2")
    text = (study.path / "items.toml").read_text(encoding="utf-8")
    assert "# proposed; new in 2019" in text


def test_an_option_that_was_not_offered_is_not_asked(small):
    from evalkit.panel.frame import build_frames
    from evalkit.panel.harmonise import build_panel

    items = {'column = "m2" }': 'columns = { 2019 = "m2" } }'}
    folder = small(items=items)
    path = folder.parent.parent / "data_raw" / "small" / "w2018.sav"
    write_wave(path, {name: cells for name, cells in WAVES["w2018.sav"].items() if name != "m2"})
    study = load_study(folder)
    waves = [check_wave(study, read_study_wave(study, id)).wave for id in ("2018", "2019")]
    panel = build_panel(study, waves, build_frames(study))
    first = panel.why.xs("2018", level="wave")
    assert set(first["means.pay"]) == {"not_asked"} and "not_asked" not in set(first["means.courses"])


def test_response_groups_that_a_new_frame_lacks_are_proposed_as_one_group(small):
    """The register of 2021 has no centrality_2008; the file's codes are of 2021."""
    words = "".join(f'{code} = {{ nb = "{code}", en = "{code}" }}\n' for code in range(4))
    group = '[groups.central]\nlabel = { nb = "S", en = "C" }\ncolumn = "centrality_2008"\n[groups.central.categories]'
    weights = '[weights]\nmethod = "poststratify"\nby = ["size"]'
    folder = small(study={weights: f'{group}\n{words}\n{weights}\nresponse_groups = "central"'})
    later = {"kommnr": ["3001", "3002", "3012", "3013", "3026", "3014"], "kommune": list(UNITS.values())}
    _, _, found = proposed(folder, WAVES["w2019.sav"] | later)
    assert found.frame.table["without"] == ["central"] and found.frame.table["weights"] == {"response_groups": ""}
    assert found.frame.notes["weights", "response_groups"] == "central is not there: all who answered are one group"
