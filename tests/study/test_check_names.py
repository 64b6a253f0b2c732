"""A question named like a group, a label of nothing, and a screen of `items` are faults whose mend can be pasted."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import evalkit
from evalkit import pipeline
from evalkit.errors import StudyError
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
