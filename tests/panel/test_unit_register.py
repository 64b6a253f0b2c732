"""A study of schools: its own list and changes in place of the register, from the codes of the waves to the report."""

from __future__ import annotations

import pandas as pd
import pyreadstat
import pytest

import evalkit
from evalkit.errors import DataError, StudyError
from evalkit.panel import clean_codes, crosswalk, own_register
from evalkit.panel.link import inhabitants

# Elm and Oak became Park in 2021, Ash closed, Fir opened, and Yew took another code.
SCHOOLS = """year,code,name,pupils,kind
2020,S1,Elm,100,public
2020,S2,Oak,300,public
2020,S3,Ash,50,private
2020,S4,Yew,200,public
2020,S5,Box,80,private
2022,S5,Box,90,private
2022,S6,Park,410,public
2022,S7,Fir,60,private
2022,S8,Yew,210,public
"""
CHANGES = """date,from_code,to_code
2021-08-01,S1,S6
2021-08-01,S2,S6
2021-08-01,S3,
2021-08-01,,S7
2021-08-01,S4,S8
"""
STUDY = """
name = "schools"
data = "synthetic"
notice = { nb = "Syntetiske data", en = "Synthetic data" }
title = { nb = "Skoler", en = "Schools" }
units = { nb = "skoler", en = "schools" }
source = { nb = "Syntetiske svar", en = "Synthetic answers" }

[[waves]]
id = "2020"
file = "w2020.sav"
date = 2020-03-01
unit = "school"
numbering = 2020

[[waves]]
id = "2022"
file = "w2022.sav"
date = 2022-03-01
unit = "school"
numbering = 2022

[frame]
register = 2022
units = "schools.csv"
changes = "school_changes.csv"
size = "pupils"

[link]
merged = "largest"

[groups.kind]
label = { nb = "Type", en = "Kind" }
column = "kind"
[groups.kind.categories]
public = { nb = "Offentlig", en = "Public" }
private = { nb = "Privat", en = "Private" }

[weights]
method = "none"
reason = { nb = "Alle er spurt", en = "All were asked" }

[exhibits.plan]
kind = "share"
items = ["plan"]
by = "kind"

[exhibits.moved]
kind = "transitions"
item = "plan"

[exhibits.answered]
kind = "response"
by = "kind"
"""
ITEMS = """
[plan]
type = "single"
label = { nb = "Har plan", en = "Has a plan" }
yes = ["1"]
[plan.categories]
1 = { nb = "Ja", en = "Yes" }
2 = { nb = "Nei", en = "No" }
"""
WAVES = {
    "w2020.sav": (["S1", "S2", "S3", "S4", "S5"], [1, 2, 1, 2, 1]),
    "w2022.sav": (["S5", "S6", "S7", "S8"], [1, 1, 2, 2]),
}


@pytest.fixture
def schools(tmp_path):
    def make(**changed: str):
        folder, raw = tmp_path / "analyses" / "schools", tmp_path / "data_raw" / "schools"
        folder.mkdir(parents=True, exist_ok=True)
        raw.mkdir(parents=True, exist_ok=True)
        (folder / "study.toml").write_text(changed.get("study", STUDY), encoding="utf-8")
        (folder / "items.toml").write_text(ITEMS, encoding="utf-8")
        (raw / "schools.csv").write_text(changed.get("units", SCHOOLS), encoding="utf-8")
        (raw / "school_changes.csv").write_text(changed.get("changes", CHANGES), encoding="utf-8")
        for name, (codes, answers) in WAVES.items():
            table = pd.DataFrame({"school": codes, "plan": answers})
            labels = {"plan": {1: "Ja", 2: "Nei"}}
            pyreadstat.write_sav(table, str(raw / name), variable_value_labels=labels, file_label="Syntetiske data")
        return folder

    return make


@pytest.fixture
def register(schools):
    raw = schools().parents[1] / "data_raw" / "schools"
    return own_register(raw / "schools.csv", raw / "school_changes.csv", years=[2020, 2022], size="pupils")


def test_a_crosswalk_of_schools(register):
    table = crosswalk(2020, 2022, register)
    assert [tuple(row) for row in table[["from_code", "kind"]].to_numpy()] == [
        ("S1", "merged"), ("S2", "merged"), ("S3", "closed"), ("S4", "renumbered"), ("S5", "same"),
    ]  # fmt: skip
    back = crosswalk(2022, 2020, register).set_index("from_code")["kind"]
    assert back.to_dict() == {"S5": "same", "S6": "split", "S7": "closed", "S8": "renumbered"}
    assert inhabitants(2020, register).to_dict() == {"S1": 100, "S2": 300, "S3": 50, "S4": 200, "S5": 80}


def test_codes_of_schools_are_checked_in_their_own_list(register):
    good = clean_codes(pd.Series([" S1", "S5"]), year=2020, where="w.csv", register=register)
    assert good.codes.tolist() == ["S1", "S5"] and good.rows == (1,)
    with pytest.raises(DataError) as caught:
        clean_codes(pd.Series(["S5", "S4", "S3", "X9"]), year=2022, where="w.csv", register=register)
    text = str(caught.value)
    assert "S4 is not a unit of 2022.\n" in text and "mend: Write S8 (Yew): S4 is Yew in the numbering of 2020." in text
    assert "mend: Leave the row out: S3 is Ash in the numbering of 2020, and is no more." in text
    assert "X9 is not a unit of 2022.\n" in text


def test_the_study_runs_and_mergers_follow_its_rule(schools):
    run = evalkit.run(evalkit.load_study(schools()), until="exhibits")
    assert run.value("plan", wave="latest", group="all") == 0.5  # Box and Park of Box, Park, Fir, Yew
    panel = run.panel.set_index(["unit", "wave"])["plan"]
    assert panel["S6", "2020"] == "2"  # Oak's, the larger; Elm's was 1
    assert ("S3", "2020") not in panel.index and panel["S8", "2020"] == "2"
    assert set(run.record["inputs"]) == {
        *("w2020.sav", "w2022.sav", "register/schools.csv", "register/school_changes.csv")
    }
    assert "register" not in run.exhibit("answered").facts  # so that no county map is drawn


def test_response_groups_are_of_the_schools_own_list(schools):
    """2020's answers in the borders of 2022 are of Park, Yew and Box: both public schools, and one of two private ones
    alone in its group, which is put together with the public.
    """
    none = 'method = "none"\nreason = { nb = "Alle er spurt", en = "All were asked" }'
    ours = 'method = "poststratify"\nby = ["kind"]\nresponse_groups = "kind"'
    run = evalkit.run(evalkit.load_study(schools(study=STUDY.replace(none, ours))), until="change")
    weights = run.weights[run.weights["sample"] == "2020"].set_index("unit")["weight"].astype(float)
    assert weights.to_dict() == {"S5": 2, "S6": 1, "S8": 1}
    assert "wave 2020: response groups of kind put together: public + private" in run.record["warnings"]


def test_a_changed_list_changes_what_earlier_runs_had_computed(schools):
    folder = schools()
    first = evalkit.run(evalkit.load_study(folder), until="change")
    schools(units=SCHOOLS.replace("2020,S1,Elm,100", "2020,S1,Elm,400"))
    second = evalkit.run(evalkit.load_study(folder), until="change")
    assert second.panel.set_index(["unit", "wave"])["plan"]["S6", "2020"] == "1"  # Elm is the larger now
    changed = [run.change.query("exhibit == 'moved'") for run in (first, second)]
    assert not changed[0].reset_index(drop=True).equals(changed[1].reset_index(drop=True))


def test_a_list_without_years_serves_units_that_do_not_change(schools):
    rows = "".join(f"{line.partition(',')[2]}\n" for line in SCHOOLS.splitlines() if line[:4] in ("year", "2022"))
    study = STUDY.replace('changes = "school_changes.csv"\n', "").replace("numbering = 2020", "numbering = 2022")
    folder = schools(units=rows, study=study.replace('[link]\nmerged = "largest"\n', ""))
    raw = folder.parents[1] / "data_raw" / "schools"
    pyreadstat.write_sav(
        pd.DataFrame({"school": ["S5", "S6"], "plan": [1, 2]}),
        str(raw / "w2020.sav"),
        variable_value_labels={"plan": {1: "Ja", 2: "Nei"}},
    )
    assert evalkit.run(evalkit.load_study(folder), until="panel").panel["unit"].nunique() == 4


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"units": SCHOOLS.replace("code", "kode", 1)}, "schools.csv has no column 'code'"),
        ({"units": SCHOOLS.replace("pupils", "size")}, "schools.csv has no column 'pupils'"),
        ({"units": SCHOOLS.replace("2022,", "2023,")}, "schools.csv has no list of 2022"),
        ({"units": SCHOOLS.replace("year,", "since,", 1)}, "schools.csv has no column 'year', and units change"),
        ({"units": SCHOOLS + "2022,S8,Yew,1,public\n2022,,Nn,1,public\n"}, "A unit is there twice"),
        ({"changes": CHANGES.replace("2021-08-01,S4,S8\n", "")}, "not in the list: S4; not led to: S8"),
        ({"changes": CHANGES + "2021-08-01,S9,S5\n"}, "is about S9, which is not a unit on that date"),
    ],
)
def test_what_does_not_fit_is_told(schools, changed, says):
    with pytest.raises(DataError) as caught:
        evalkit.pipeline.check(evalkit.load_study(schools(**changed)), codebook=False)
    assert says in str(caught.value)


def test_lines_that_need_a_list_of_units(schools):
    with pytest.raises(StudyError) as caught:
        evalkit.load_study(schools(study=STUDY.replace('units = "schools.csv"\n', "")))
    text = str(caught.value)
    assert "'changes' is of the study's own units\n  where: study.toml: frame.changes (line " in text
    assert "'size' is of the study's own units" in text and "mend: add units = … to [frame]" in text
