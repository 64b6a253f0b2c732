"""A code that keeps its words has not moved, whatever other codes have the same; no mend gives it another meaning."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from evalkit.study.model import Category, Item, Words
from evalkit.waves.cells import same_words
from evalkit.waves.meaning import Change, question_changes
from evalkit.waves.read import Wave

WORDS = st.sampled_from(["Protestantisk", "Katolsk", "Annet", "<5", ">5", "2018", "2019"])
LABELS = st.dictionaries(st.sampled_from("12345"), WORDS, min_size=1)


def changes(before: dict[str, str], after: dict[str, str]) -> list[Change]:
    item = Item("single", Words("d", "d"), categories={key: Category(said, said) for key, said in before.items()})
    old, new = (wave(id, labels) for id, labels in (("2019", before), ("2021", after)))
    return list(question_changes("d", item, old, "d", new, "d", '[d] columns = { 2021 = "d" }'))


def wave(id: str, labels: dict[str, str]) -> Wave:
    data = pd.DataFrame({"d": [float(key) for key in labels]})
    return Wave(id, Path(f"{id}.sav"), data, data.map(lambda _: ""), {}, {"d": labels})


def recode(found: list[Change]) -> dict[str, str]:
    """What the mends say if all are pasted: they are one line."""
    mends = [change.fault.mend or "" for change in found if change.fault]
    lines = {line for mend in mends for line in re.findall(r"\[d\] (recode = .*?), or give", mend)}
    assert len(lines) <= 1
    return tomllib.loads(lines.pop())["recode"]["2021"] if lines else {}


@given(LABELS)
def test_identical_files_differ_in_nothing(labels):
    assert changes(labels, labels) == []


@given(LABELS, LABELS)
def test_a_mend_moves_a_code_only_to_where_its_words_were(before, after):
    told = recode(changes(before, after))
    for code, meant in told.items():
        assert before.get(code) != after[code], f"{code} kept its words"
        if meant not in ("…", code):
            assert same_words(before[meant]) == same_words(after[code])


def test_two_codes_with_one_label_by_hand():
    """Protestantisk is 1 and 5 in both files; nothing has changed places. Where 5 and 2 have, only they have."""
    labels = {"1": "Protestantisk", "2": "Katolsk", "5": "Protestantisk", "9": "Annet"}
    assert changes(labels, labels) == []
    moved = labels | {"5": "Katolsk", "2": "Protestantisk"}
    assert recode(changes(labels, moved)) == {"2": "5", "5": "2"}


def test_a_cycle_of_three_is_one_line():
    before = {"1": "Lav", "2": "Middels", "3": "Høy"}
    assert recode(changes(before, {"1": "Høy", "2": "Lav", "3": "Middels"})) == {"1": "3", "2": "1", "3": "2"}
