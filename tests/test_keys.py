"""An exhibit is given all that it needs of a study and nothing else, and its key tells of all that it is given."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import get_args, get_type_hints

import numpy as np
import pandas as pd
import pytest

import evalkit
from evalkit.exhibits import make
from evalkit.keys import digest, digests, given_to_exhibit, given_to_weights
from evalkit.study.model import Exhibit, Words
from tests.panel.test_borders import LATEST, panel_of, three_waves
from tests.test_reuse import MORE

EVERY_KIND = (
    MORE.replace('kind = "screen"', 'kind = "screen"\nby = "size"')
    + """
[exhibits.representativeness]
kind = "representativeness"
by = "size"

[exhibits.summary]
kind = "summary"
columns = ["population"]

[exhibits.balance]
kind = "balance"
columns = ["size", "population"]

[exhibits.r_indicator]
kind = "r_indicator"
columns = ["size"]

[exhibits.comparable]
kind = "comparable"

[exhibits.each]
kind = "share"
items = ["plan"]
waves = "each"

[exhibits.later]
kind = "mean"
items = ["years"]
waves = ["2019", "2021"]
"""
)


@pytest.fixture
def panel(small):
    """Three waves of two frames, and exhibits of every kind; weighted, and with shares of inhabitants."""
    folder = three_waves(small, LATEST | {"register = 2017": 'register = 2017\nmeasure = "population"'})
    with (folder / "study.toml").open("a", encoding="utf-8") as file:
        file.write(EVERY_KIND)
    return panel_of(folder)


def test_what_an_exhibit_is_given_is_enough(panel):
    """The rows of every kind of exhibit are those that come of the whole study and all answers."""
    study = panel.answers.study
    kinds = {kind for form in get_args(get_args(Exhibit)[0]) for kind in get_args(get_type_hints(form)["kind"])}
    assert {spec.kind for spec in study.plan.exhibits.values()} == kinds
    for name, spec in study.plan.exhibits.items():
        given = given_to_exhibit(study, spec)
        less, whole = make(name, given.spec, given.panel(panel.answers)), make(name, spec, panel)
        pd.testing.assert_frame_equal(less.rows.data, whole.rows.data, check_exact=True)
        assert (less.rows.n, less.units, less.facts, less.notes) == (
            whole.rows.n,
            whole.units,
            whole.facts,
            whole.notes,
        )


def test_what_is_not_given_cannot_be_read(panel):
    study = panel.answers.study
    given = given_to_exhibit(study, study.plan.exhibits["years"])
    seen = given.panel(panel.answers)
    assert list(seen.data) == list(seen.why) == ["years"] and list(seen.study.items) == ["years"]
    for part in ("title", "exhibits", "disclosure", "notice", "source"):
        with pytest.raises(AttributeError, match=part):
            getattr(seen.study.plan, part)
    with pytest.raises(AttributeError, match="label"):
        _ = seen.study.items["years"].label
    assert list(given_to_weights(study).panel(panel.answers).data) == []
    of_screen = given_to_exhibit(study, study.plan.exhibits["screen"]).panel(panel.answers)
    with pytest.raises(AttributeError, match="method"):
        _ = of_screen.study.plan.weights.method


def test_the_key_tells_of_every_digest_that_an_exhibit_is_given(panel):
    """Each digest is changed by itself: those of the question, its units and the frames move the key, no others."""
    study, contents = panel.answers.study, digests(panel.answers)
    given = given_to_exhibit(study, study.plan.exhibits["years"])
    key = given.key("base", contents)
    moved = {part for part in contents if given.key("base", contents | {part: "other"}) != key}
    waves = {f"wave {wave}{column}" for wave in ("2018", "2019") for column in ("", ": years")}
    assert moved == waves | {"frame ", "frame : size"}
    assert given.key("other", contents) != key
    later = given_to_exhibit(study, study.plan.exhibits["later"])
    assert {part for part in contents if later.key("b", contents | {part: ""}) != later.key("b", contents)} == moved | {
        *("wave 2021", "wave 2021: years", "frame 2021", "frame 2021: size")
    }


def test_a_further_wave_of_another_frame_leaves_the_keys_of_the_earlier(small):
    """Exhibits of 2018 and 2019 have the keys they had before 2021 came, with its frame and its rule for mergers."""
    keys = []
    for folder in (small(), three_waves(small, LATEST)):
        panel = panel_of(folder)
        study = panel.answers.study
        given = {name: given_to_exhibit(study, study.plan.exhibits[name]) for name in ("plan", "means", "years")}
        keys.append({name: one.key("base", digests(panel.answers)) for name, one in given.items()})
    assert keys[0] == keys[1]


def test_titles_and_notes_are_not_in_the_key(small):
    study = evalkit.load_study(small())
    spec = study.plan.exhibits["plan"]
    told = replace(spec, title=Words("a", "b"), note=Words("c", "d"))
    assert given_to_exhibit(study, spec).key("b", {}) == given_to_exhibit(study, told).key("b", {})


DIFFERENT = [
    *(1, 1.0, True, "1", None, math.nan, 0.1, 0.1 + 2**-56, 0.0, -0.0, [1], {"a": 1, "b": 2}, {"b": 2, "a": 1}),
    *(pd.Series(["1", "2"]), pd.Series([1, 2]), pd.Series([1.0, 2.0]), pd.Series([1, 2], index=["a", "b"])),
    *(pd.Series(["1", None], dtype=object), pd.Series(["1", math.nan], dtype=object), pd.Index([1, 2])),
    pd.Series(pd.Categorical(["a"], ["a", "b"])),
    pd.Series(pd.Categorical(["a"], ["b", "a"])),
    pd.Series(pd.Categorical(["a"], ["a", "b"], ordered=True)),
    *(pd.DataFrame({"a": [1], "b": [2]}), pd.DataFrame({"b": [2], "a": [1]}), pd.DataFrame({"a": [1.0], "b": [2]})),
]


def test_digests_tell_values_types_and_order_apart():
    assert len({digest(value) for value in DIFFERENT}) == len(DIFFERENT)
    assert digest(np.float64(0.1)) == digest(0.1)
    with pytest.raises(TypeError, match="no digest of set"):
        digest({1, 2})


def words_of(value: object) -> list[str]:
    """Every word that is said to readers in what a key is made of."""
    if isinstance(value, Words):
        return [value.nb, value.en]
    if isinstance(value, dict):
        return [word for part in value.values() for word in words_of(part)]
    if isinstance(value, (list, tuple)):
        return [word for part in value for word in words_of(part)]
    return words_of(vars(value)) if hasattr(value, "__dict__") else []


def test_no_key_is_made_of_words(panel):
    """Of any exhibit, and of the weights: labels, titles, notes and reasons are read where they are shown."""
    study = panel.answers.study
    assert len(words_of(study.plan.groups)) > 2 and len(words_of(study.items)) > 10
    every = [given_to_weights(study), *(given_to_exhibit(study, spec) for spec in study.plan.exhibits.values())]
    assert [words_of([one.study.plan, one.study.items, one.spec]) for one in every] == [[]] * len(every)


def test_why_nothing_is_weighted_is_not_in_a_key(small):
    study = evalkit.load_study(small())
    weights = replace(study.plan.weights, reason=Words("a", "b"))
    told = replace(study, plan=replace(study.plan, weights=weights))
    keys = [
        (given_to_weights(one).key("b", {}), given_to_exhibit(one, one.plan.exhibits["years"]).key("b", {}))
        for one in (study, told)
    ]
    assert keys[0] == keys[1]
