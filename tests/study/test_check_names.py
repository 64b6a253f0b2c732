"""A question named like a group, a label of nothing, and a screen of `items` are faults whose mend can be pasted."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import evalkit
from evalkit import pipeline
from evalkit.errors import DataError, StudyError
from evalkit.intake import new

SCREEN = '[exhibits.screened]\nkind = "screen"\n'


def faults(folder: Path) -> str:
    with pytest.raises(StudyError) as caught:
        evalkit.load_study(folder)
    return str(caught.value)


def replaced(folder: Path, file: str, changes: dict[str, str]) -> Path:
    text = (folder / file).read_text(encoding="utf-8")
    for old, new_text in changes.items():
        assert old in text
        text = text.replace(old, new_text)
    (folder / file).write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize("name", ["size", "unit", "wave", "weight", "inhabitants"])
def test_a_question_named_like_a_group_or_a_column_beside_the_answers(small, name):
    """The mend, pasted: another name for the question, and its column."""
    folder = small(study={'items = ["years"]': f'items = ["{name}"]'}, items={"[years]": f"[{name}]"})
    said = faults(folder)
    assert f"A question cannot be called '{name}'" in said
    assert f'call it {name}_asked in items.toml and where exhibits name it and add column = "{name}" to it' in said
    replaced(folder, "items.toml", {f"[{name}]": f'[{name}_asked]\ncolumn = "years"'})
    replaced(folder, "study.toml", {f'items = ["{name}"]': f'items = ["{name}_asked"]'})
    shares = evalkit.run(evalkit.load_study(folder), until="estimates").estimates.query("exhibit == 'years'")
    usual = evalkit.run(evalkit.load_study(small()), until="estimates").estimates.query("exhibit == 'years'")
    assert list(shares["estimate"]) == list(usual["estimate"])


def test_a_group_named_like_a_column_beside_the_answers(small):
    changes = {"[groups.size": "[groups.weight", '"size"': '"weight"'}
    assert "A group cannot be called 'weight'" in faults(replaced(small(), "study.toml", changes))


def test_a_new_study_gives_such_a_question_another_name(tmp_path):
    """Twenty municipalities answer a question whose column is called size, as the drafted group is."""
    from evalkit.panel import municipalities

    codes = list(municipalities(2020)["code"])[:20]
    files = []
    for year, half in ((2020, 10), (2021, 8)):
        files.append(tmp_path / f"w_{year}.csv")
        size = ["Liten"] * half + ["Stor"] * (20 - half)
        pd.DataFrame({"kommunenr": codes, "size": size}).to_csv(files[-1], index=False)
    new(tmp_path / "study", files)
    study = evalkit.load_study(tmp_path / "study")
    assert list(study.items) == ["size_asked"] and study.items["size_asked"].column == "size"
    assert "size in the file" in (tmp_path / "study" / "items.toml").read_text(encoding="utf-8")
    pipeline.check(study)


def test_words_that_say_nothing(small):
    folder = small(
        study={'en = "10,000 or more"': 'en = " "'},
        items={'label = { nb = "Virkemidler"': 'label = { nb = ""'},
    )
    said = faults(folder)
    assert "There are no words in English" in said and "study.toml: groups.size.categories.large.en" in said
    assert "There are no words in Norwegian" in said and "items.toml: means.label.nb" in said


def test_the_two_mends_of_a_screen_lead_to_one_that_passes(small):
    """With `items`, with nothing, and as both faults say."""
    with_items = faults(small(study={"[exhibits.plan]": f'{SCREEN}items = ["plan", "means"]\n\n[exhibits.plan]'}))
    assert "Unknown key 'items'" in with_items and 'write families.all = ["plan", "means"] in its place' in with_items
    with_nothing = faults(small(study={"[exhibits.plan]": f"{SCREEN}\n[exhibits.plan]"}))
    assert "names no questions" in with_nothing and "add families.all = [...]" in with_nothing
    pasted = small(study={"[exhibits.plan]": f'{SCREEN}families.all = ["plan", "means"]\n\n[exhibits.plan]'})
    assert evalkit.load_study(pasted).plan.exhibits["screened"].families == {"all": ("plan", "means")}


COLUMNS_THAT_ARE_NOT_THERE = {
    "summary": ('[exhibits.x]\nkind = "summary"\ncolumns = ["nope"]\n', "exhibits.x.columns", "has no column 'nope'"),
    "summary of words": (
        '[exhibits.x]\nkind = "summary"\ncolumns = ["county"]\n',
        "exhibits.x.columns",
        "'county' is not numbers",
    ),
    "summary of a group": (
        '[exhibits.x]\nkind = "summary"\ncolumns = ["size"]\n',
        "exhibits.x.columns",
        "has no column 'size'",
    ),
    "balance": ('[exhibits.x]\nkind = "balance"\ncolumns = ["nope"]\n', "exhibits.x.columns", "has no column 'nope'"),
    "balance of words": (
        '[exhibits.x]\nkind = "balance"\ncolumns = ["county"]\n',
        "exhibits.x.columns",
        "'county' is not numbers",
    ),
    "r_indicator": (
        '[exhibits.x]\nkind = "r_indicator"\ncolumns = ["nope"]\n',
        "exhibits.x.columns",
        "has no column 'nope'",
    ),
    "propensity": (
        '[weights.propensity]\ncolumns = ["nope"]\n',
        "weights.propensity.columns",
        "has no column 'nope'",
    ),
}


@pytest.mark.parametrize("name", COLUMNS_THAT_ARE_NOT_THERE)
def test_a_column_that_the_frame_does_not_hold_is_a_fault_of_check(small, name):
    """And of a run that takes the frame over from an earlier one."""
    lines, where, what = COLUMNS_THAT_ARE_NOT_THERE[name]
    study = evalkit.load_study(small())
    evalkit.run(study)
    for does in (pipeline.check, evalkit.run):
        with pytest.raises(DataError) as caught:
            does(evalkit.load_study(small(study={"[exhibits.plan]": f"{lines}\n[exhibits.plan]"})))
        assert what in str(caught.value)
        assert (where if does is pipeline.check or "weights" in where else "exhibit x; columns") in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new_text", "where"),
    [
        ("register = 2017", 'register = 2017\nmeasure = "name"', "frame.measure"),
        ("register = 2017", "register = 2017\nfill = { name = 1 }", "frame.fill"),
        ('column = "population"', 'column = "name"', "groups.size"),
        ('method = "poststratify"', 'method = "linear"\ntotals = ["name"]', "weights.totals"),
    ],
)
def test_a_column_of_words_where_numbers_are_needed(small, old, new_text, where):
    with pytest.raises(DataError, match="column 'name' is not numbers") as caught:
        pipeline.check(evalkit.load_study(small(study={old: new_text})))
    assert where in str(caught.value) and "population" in str(caught.value)


def test_groups_and_numbers_both_stand_in_a_balance(small):
    lines = '[exhibits.x]\nkind = "balance"\ncolumns = ["size", "population"]\n\n'
    study = evalkit.load_study(small(study={"[exhibits.plan]": f"{lines}[exhibits.plan]"}))
    pipeline.check(study)
    assert set(evalkit.run(study, until="estimates").estimates.query("exhibit == 'x'")["item"]) == {
        "size",
        "population",
    }
