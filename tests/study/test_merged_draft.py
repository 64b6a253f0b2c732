"""What `evalkit new` writes of several files passes its own check, however their columns and boxes differ."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyreadstat
import pytest

import evalkit
from evalkit import intake
from evalkit.errors import DataError, StudyError
from evalkit.panel import municipalities

UNITS = municipalities(2021)["code"].tolist()[:20]
BOX = {0: "Ikke", 1: "Valgt"}


def sav(path: Path, columns: dict[str, list[float]], titles: dict[str, str], labels: dict[str, dict]) -> Path:
    data = pd.DataFrame({"kommunenr": UNITS, **columns})
    titles = {name: titles.get(name, name) for name in data}
    pyreadstat.write_sav(data, str(path), column_labels=titles, variable_value_labels=labels)
    return path


def ticks(path: Path, **columns: list[float]) -> Path:
    words = ["kurs", "plan", "nettverk", "annet"]
    titles = {name: f"Tiltak: {word}" for name, word in zip(columns, words)}
    return sav(path, columns, titles, dict.fromkeys(columns, BOX))


HALF, OTHER, NONE = [0.0, 1.0] * 10, [1.0, 0.0] * 10, [0.0] * 20


def shares(study) -> dict[tuple[str, str], float]:
    path = study.path / "study.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('kind = "multiple"', 'kind = "multiple"\nwaves = "each"'))
    rows = evalkit.run(evalkit.load_study(study.path), until="estimates").estimates
    rows = rows[(rows["weighting"] == "unweighted") & (rows["exhibit"] == "tiltak")]
    return {
        (wave, option): round(share, 9) for wave, option, share in zip(rows["wave"], rows["category"], rows["estimate"])
    }


def test_a_box_that_nobody_ticked_in_one_wave_is_no_percent_there(tmp_path):
    files = [
        ticks(tmp_path / "j_2019.sav", p1=HALF, p2=OTHER, p3=HALF),
        ticks(tmp_path / "j_2021.sav", p1=HALF, p2=OTHER, p3=NONE),
    ]
    found = shares(intake.new(tmp_path / "study", files))
    assert found == {
        (wave, option): 0.0 if (wave, option) == ("2021", "nettverk") else 0.5
        for wave in ("2019", "2021")
        for option in ("kurs", "plan", "nettverk")
    }


def test_boxes_of_other_names_and_one_more_are_told_wave_by_wave(tmp_path):
    files = [
        ticks(tmp_path / "w2019.sav", p1=HALF, p2=OTHER),
        ticks(tmp_path / "w2021.sav", b1=HALF, b2=OTHER, b3=HALF),
    ]
    study = intake.new(tmp_path / "study", files)
    options = study.items["tiltak"].options
    assert options["kurs"].columns == {"2019": "p1", "2021": "b1"} and options["nettverk"].columns == {"2021": "b3"}
    assert ("2019", "nettverk") not in {k for k, share in shares(study).items() if share == share}


def test_boxes_ticked_or_blank_in_one_wave_and_coded_in_the_other_are_one_question(tmp_path):
    """Of 20 ten tick each box in both waves; nobody left all blank."""
    first = ticks(tmp_path / "w2019.sav", p1=HALF, p2=OTHER)
    second = tmp_path / "w2021.xlsx"
    cells = {
        f"Tiltak: {word}": [word if tick else None for tick in at] for word, at in (("kurs", HALF), ("plan", OTHER))
    }
    pd.DataFrame({"kommunenr": UNITS, **cells}).to_excel(second, index=False)
    study = intake.new(tmp_path / "study", [first, second])
    assert study.items["tiltak"].blank == {"2021": "not_ticked"}
    assert list(shares(study).values()) == [0.5] * 4


@pytest.mark.parametrize("names", [("Q1", "q1"), ("q1", "Q1"), ("q 1", "q_1"), ("q_1", "q-1")])
def test_columns_with_one_name_for_us_are_two_questions(tmp_path, names):
    labels = {name: {1: "Ja", 2: "Nei"} for name in names}
    for other in (names, names[::-1]):
        files = []
        for year, order in ((2019, names), (2021, other)):
            files.append(tmp_path / f"{year}_{order[0]}.csv")
            data = pd.DataFrame({"kommunenr": UNITS, order[0]: ["Ja", "Nei"] * 10, order[1]: ["x", "y"] * 10})
            data.to_csv(files[-1], index=False)
        study = intake.new(tmp_path / f"study_{other[0]}", files)
        used = [study.columns(name, wave.id) for name in study.items for wave in study.plan.waves]
        assert sorted(column for columns in used for column in columns) == sorted(names * 2)
    assert labels


def test_a_question_called_as_boxes_are_has_its_own_column(tmp_path):
    titles = {"q4": "Hvor mange tiltak?", "q4_1": "Tiltak: kurs", "q4_2": "Tiltak: plan"}
    labels = {"q4_1": BOX, "q4_2": BOX, "q4": {1: "Ett", 2: "Flere"}}
    file = sav(tmp_path / "w2021.sav", {"q4_1": HALF, "q4_2": OTHER, "q4": [1.0, 2.0] * 10}, titles, labels)
    study = intake.new(tmp_path / "study", [file])
    assert {study.columns(name, "2021") for name in study.items} == {("q4_1", "q4_2"), ("q4",)}


def test_one_column_that_another_wave_calls_otherwise_keeps_its_name(tmp_path):
    files = []
    for year, name in ((2019, "Plan"), (2021, "plan")):
        files.append(tmp_path / f"{year}.csv")
        pd.DataFrame({"kommunenr": UNITS, name: ["Ja", "Nei"] * 10}).to_csv(files[-1], index=False)
    study = intake.new(tmp_path / "study", files)
    assert study.columns("plan", "2019") == ("Plan",) and study.columns("plan", "2021") == ("plan",)


def test_a_fault_of_the_draft_is_called_ours(tmp_path, monkeypatch):
    """A draft made wrong on purpose: no question has the column that is there."""
    file = ticks(tmp_path / "w2021.sav", p1=HALF, p2=OTHER)
    wrong = {"options": {"kurs": {"nb": "kurs", "en": "kurs", "column": "p9"}}}
    monkeypatch.setattr("evalkit.study.merge._columns", lambda *_: wrong)
    with pytest.raises(StudyError) as caught:
        intake.new(tmp_path / "study", [file])
    first, *others = caught.value.faults
    assert str(first) == (
        f"evalkit's own draft has {len(others)} faults; you have made none\n  where: {tmp_path / 'study'}\n"
        "  mend: send us study.toml, items.toml and the words below, and the names, labels and first rows of the files "
        "if you may; until it is mended, do what is said below in the draft"
    ).replace("1 faults", "a fault")
    assert others


def test_a_fault_of_the_answers_is_not_called_ours(tmp_path):
    """A unit code that no unit has is in the file, whatever we draft."""
    file = ticks(tmp_path / "w2021.sav", p1=HALF, p2=OTHER)
    data, meta = pyreadstat.read_sav(file)
    data.loc[3, "kommunenr"] = "9999"
    pyreadstat.write_sav(data, str(file), variable_value_labels=meta.variable_value_labels)
    with pytest.raises(DataError, match="9999 is not a municipality of 2021"):
        intake.new(tmp_path / "study", [file])
