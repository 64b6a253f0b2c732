"""Each key of study.toml and items.toml, changed, gives another result or a fault: none is accepted and ignored."""

from __future__ import annotations

import copy
import dataclasses
import tomllib
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import tomlkit

import evalkit
from evalkit.errors import EvalkitError
from evalkit.study.model import Item, Plan
from tests.conftest import ITEMS, STUDY, WAVES, write_wave

SAME = {"nb": "Noe annet", "en": "Something else"}
WORDS = {"nb": "x", "en": "y"}


def walk(form: Any, at: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every key that a form has, down to the words; * stands for a name that the study gives."""
    if dataclasses.is_dataclass(form):
        hints = typing.get_type_hints(form, include_extras=True)
        kind = typing.get_args(hints.get("kind", ""))
        here = (*at[:-1], "|".join(kind)) if kind else at
        for one in dataclasses.fields(form):
            inner = list(walk(hints[one.name], (*here, one.name)))
            yield from inner or [(*here, one.name)]
    elif typing.get_origin(form) is dict:
        yield from walk(typing.get_args(form)[1], (*at, "*"))
    else:
        for part in typing.get_args(form):
            if not isinstance(part, str):
                yield from walk(part, at)


def keys(form: Any) -> list[str]:
    """Keys whose type is words are one: title, not title.nb and title.en."""
    return sorted({".".join(path[:-1] if path[-1] in ("nb", "en") and len(path) > 1 else path) for path in walk(form)})


def given(path: Path, study: dict[str, Any], items: dict[str, Any]) -> Path:
    """The small study with a box that is blank beside one that is ticked, and a mean of scores."""
    folder, raw = path / "analyses" / "small", path / "data_raw" / "small"
    folder.mkdir(parents=True)
    raw.mkdir(parents=True)
    write(folder, study, items)
    for name, columns in WAVES.items():
        write_wave(raw / name, columns | ({"m2": [None, 0, 1, None, None, 0]} if "2018" in name else {}))
    return folder


def write(folder: Path, study: dict[str, Any], items: dict[str, Any]) -> None:
    (folder / "study.toml").write_text(tomlkit.dumps(study), encoding="utf-8")
    (folder / "items.toml").write_text(tomlkit.dumps(items), encoding="utf-8")


def base() -> tuple[dict[str, Any], dict[str, Any]]:
    study, items = tomllib.loads(STUDY), tomllib.loads(ITEMS)
    study["exhibits"] |= copy.deepcopy(EXHIBITS)
    study["groups"]["spread"] = copy.deepcopy(study["groups"]["size"]) | {"lower_bounds": [0, 3000]}
    items["why_not"]["scores"] = {"1": 1.0, "2": 2.0}
    return study, items


def seen(folder: Path) -> dict[str, bytes] | str:
    """All that a run writes of a study, or its faults."""
    try:
        run = evalkit.run(evalkit.load_study(folder))
    except EvalkitError as fault:
        return str(fault)
    left = ("run.json", "stages.json", "study", ".run")
    return {
        str(path.relative_to(run.path)): path.read_bytes()
        for path in sorted(run.path.rglob("*"))
        if path.is_file() and not set(left) & set(path.relative_to(run.path).parts) and path.suffix != ".png"
    }


EXHIBITS: dict[str, dict[str, Any]] = {
    "scored": {"kind": "mean", "items": ["why_not"]},
    "who": {"kind": "representativeness", "by": "size"},
    "units": {"kind": "summary", "columns": ["population"]},
    "even": {"kind": "balance", "columns": ["size"]},
    "r": {"kind": "r_indicator", "columns": ["size"]},
    "response": {"kind": "response", "by": "size"},
    "screened": {"kind": "screen", "families": {"all": ["plan", "means"]}},
    "linked": {"kind": "comparable"},
    "logit": {"kind": "conditional_logit", "item": "plan", "models": ["answer ~ C(wave)"]},
}
ONE = {"plan": "share|mean|distribution|multiple", "moved": "transitions"} | {
    name: exhibit["kind"] for name, exhibit in EXHIBITS.items() if name != "scored"
}
"""An exhibit of each kind."""
OTHER = {"who": "by", "response": "by", "units": "columns", "even": "columns", "r": "columns"}
FURTHER = {"register": 2020}


def study_flips() -> dict[str, tuple[list[str], Any]]:
    wave, weights, frame = ["waves", "0"], ["weights"], ["frame"]
    at: dict[str, tuple[list[str], Any]] = {
        f"exhibits.{kind}.{key}": (["exhibits", name, key], SAME)
        for name, kind in ONE.items()
        for key in ("title", "note")
    }
    for name, kind in ONE.items():
        at[f"exhibits.{kind}.kind"] = (["exhibits", name, "kind"], "comparable" if kind != "comparable" else "share")
        if kind != "comparable":
            at[f"exhibits.{kind}.waves"] = (["exhibits", name, "waves"], ["2018"])
    for name, key in OTHER.items():
        other = "spread" if key == "by" else ["spread"] if name != "units" else []
        at[f"exhibits.{ONE[name]}.{key}"] = (["exhibits", name, key], other)
    many = "exhibits.share|mean|distribution|multiple"
    at |= {
        f"{many}.by": (["exhibits", "plan", "by"], "spread"),
        f"{many}.each": (["exhibits", "plan", "each"], ["2018"]),
        f"{many}.items": (["exhibits", "why_not", "items"], ["plan"]),
        "exhibits.transitions.by": (["exhibits", "moved", "by"], "size"),
        "exhibits.transitions.item": (["exhibits", "moved", "item"], "means"),
        "exhibits.screen.by": (["exhibits", "screened", "by"], "size"),
        "exhibits.screen.families": (["exhibits", "screened", "families"], {"all": ["plan"]}),
        "exhibits.conditional_logit.item": (["exhibits", "logit", "item"], "means"),
        "exhibits.conditional_logit.models": (["exhibits", "logit", "models"], ["answer ~ C(wave) * C(size)"]),
    }
    at |= {f"waves.{key}": ([*wave, key], value) for key, value in WAVE.items()}
    at |= {
        "waves.invited.file": ([*wave, "invited"], {"file": "none.csv"}),
        "waves.invited.unit": ([*wave, "invited"], {"file": "w2018.sav", "unit": "kommnr"}),
        "waves.invited.status": ([*wave, "invited"], {"file": "invited.csv", "status": "told"}),
        "waves.invited.statuses": (
            [*wave, "invited"],
            {"file": "invited.csv", "status": "status", "statuses": {"ville ikke": "refusal"}},
        ),
        "waves.respondent.column": ([*wave, "respondent"], {"column": "plan", "prefer": ["1"]}),
        "waves.respondent.prefer": ([*wave, "respondent"], {"column": "kommune", "prefer": ["Moss"]}),
        "waves.respondent.then": ([*wave, "respondent"], {"column": "kommune", "prefer": ["Moss"], "then": "latest"}),
    }
    at |= {f"weights.{key}": ([*weights, key], value) for key, value in WEIGHTS.items()}
    at |= {
        "weights.propensity.columns": ([*weights, "propensity"], {"columns": ["spread"]}),
        "weights.propensity.classes": ([*weights, "propensity"], {"columns": ["spread"], "classes": 1}),
        "weights.trim.lower": ([*weights, "trim"], {"lower": 0.9}),
        "weights.trim.upper": ([*weights, "trim"], {"upper": 1.1}),
    }
    at |= {
        f"frame.{key}": ([*frame, *key.replace(".*", ".population").split(".")], held) for key, held in FRAME.items()
    }
    group = STUDY_GROUP | {"label": WORDS}
    at |= {f"groups.*.{key}": (["groups", "size", *path], value) for key, (path, value) in GROUP.items()}
    at |= {f"frames.*.{key}": (["frames", "later"], FURTHER | held) for key, held in FRAMES.items()}
    for key in ("label", "column", "lower_bounds"):
        at[f"frames.*.groups.*.{key}"] = (["frames", "later"], FURTHER | {"groups": {"size": group}})
    at["frames.*.groups.*.categories.*"] = at["frames.*.groups.*.label"]
    at |= {f"link.{key}": (["link"], {"merged": "any"} | held) for key, held in LINK.items()}
    return at | {key: ([key], value) for key, value in PLAN.items()}


WAVE: dict[str, Any] = {
    "answered_at": "levert", "day_first": True,
    "duplicates": "latest", "encoding": "x", "file": "w2019.sav", "frame": "later", "header_row": 2, "id": "2017",
    "ignore": ["plan"], "label_row": 1, "name": "navn", "numbering": 2020, "outside": True, "parts": ["w2019.sav"],
    "restricted_text": ["kommentar"], "sheet": "Ark1", "unit": "plan",
}  # fmt: skip
WEIGHTS: dict[str, Any] = {
    "bounds": [0.5, 2.0], "by": ["spread"], "complete": 0.3, "fpc": False, "merge": {"size": {"small": "large"}},
    "method": "none", "min_cell": 4, "reason": WORDS, "response_groups": "spread", "totals": ["population"],
}  # fmt: skip
FRAME: dict[str, Any] = {
    "changes": "none.csv", "extra": "none.csv", "invited": 100, "labels.*": SAME,
    "measure": "population", "outside": True, "register": 2018, "size": "population", "units": "none.csv",
}  # fmt: skip
STUDY_GROUP = {"column": "population", "lower_bounds": [0], "categories": {"all": WORDS}}
GROUP: dict[str, tuple[list[str], Any]] = {
    "categories.*": (["categories", "small"], SAME),
    "column": (["column"], "county_code"),
    "label": (["label"], SAME),
    "lower_bounds": (["lower_bounds"], [0, 4000]),
}
FRAMES: dict[str, dict[str, Any]] = {
    "changes": {"changes": "none.csv"}, "extra": {"extra": "none.csv"}, "fill": {"fill": {"population": 5}},
    "invited": {"invited": 3}, "labels.*": {"labels": {"population": SAME}}, "measure": {"measure": "population"},
    "outside": {"outside": True},
    "register": {}, "size": {"size": "population"}, "units": {"units": "none.csv"}, "without": {"without": ["size"]},
    "weights.by": {"weights": {"by": ["spread"]}},
    "weights.merge": {"weights": {"merge": {"size": {"small": "large"}}}},
    "weights.response_groups": {"weights": {"response_groups": "spread"}},
    "weights.totals": {"weights": {"totals": ["population"]}},
}  # fmt: skip
LINK: dict[str, dict[str, Any]] = {"reference": {"reference": "later"}}
PLAN: dict[str, Any] = {
    "data": "real", "latest": ["2018"], "name": "other", "notice": SAME, "source": SAME,
    "units": SAME,
}  # fmt: skip
ELSEWHERE = {
    "deposit.abstract", "deposit.authors", "deposit.conditions", "deposit.keywords", "deposit.mode", "deposit.producer",
    "disclosure.dominance", "disclosure.minimum", "disclosure.reason", "disclosure.rounding",
    "lang", "title", "frame.fill", "link.merged", "link.numbers", "link.splits", "waves.date", "waves.decimal",
}  # fmt: skip
"""Keys that this study gives nothing to do: what is published (tests/publish), the report's title and language
(tests/report), gaps in the frame (tests/weights), mergers (tests/panel), dates and numbers as text (tests/waves)."""
STUDY_FLIPS = study_flips()


def test_no_key_of_a_study_is_forgotten():
    assert keys(Plan) == sorted({*STUDY_FLIPS, *ELSEWHERE})


ITEM_FLIPS: dict[str, tuple[list[str], Any]] = {
    "type": (["years", "type"], "text"),
    "label": (["plan", "label"], SAME),
    "question": (["plan", "question"], SAME),
    "column": (["years", "column"], "m1"),
    "columns": (["years", "columns"], {"2018": "years"}),
    "combine": (["plan", "combine"], "any"),
    "waves": (["years", "waves"], ["2018"]),
    "recode": (["means", "recode"], {"2018": {"1": "0", "0": "1"}}),
    "separator": (["means", "separator"], ";"),
    "blank": (["means", "blank"], {"2018": "not_ticked"}),
    "categories.*": (["plan", "categories", "1"], SAME),
    "categories.*.waves": (["plan", "categories", "2", "waves"], ["2018"]),
    "options.*": (["means", "options", "pay", "nb"], "Noe annet"),
    "options.*.column": (["means", "options", "pay", "column"], "years"),
    "options.*.columns": (["means", "options", "pay"], {"nb": "Lønn", "en": "Pay", "columns": {"2018": "m2"}}),
    "yes": (["plan", "yes"], ["2"]),
    "scores": (["why_not", "scores"], {"1": 5.0, "2": 2.0}),
    "unit": (["years", "unit"], SAME),
    "missing": (["plan", "missing"], {"8": "refused", "9": "refused"}),
    "asked_if.item": (["why_not", "asked_if", "item"], "years"),
    "asked_if.codes": (["why_not", "asked_if", "codes"], ["1"]),
    "base": (["plan", "base"], SAME),
    "note": (["plan", "note"], SAME),
}


def test_no_key_of_a_question_is_forgotten():
    assert keys(Item) == sorted(ITEM_FLIPS)


@pytest.fixture(scope="module")
def seen_as(tmp_path_factory):
    """Whether a study gives another result than the unchanged one; what did not change is taken over from its run."""
    patch = pytest.MonkeyPatch()
    patch.setattr("evalkit.present.figures.save_all", lambda *told: None)  # what they are drawn from is read instead
    folder = given(tmp_path_factory.mktemp("base"), *base())
    first = seen(folder)
    assert isinstance(first, dict), first

    def differs(study: dict[str, Any], items: dict[str, Any]) -> bool:
        write(folder, study, items)
        return seen(folder) != first

    yield differs
    patch.undo()


def put(table: Any, path: list[str], value: Any) -> None:
    for part in path[:-1]:
        table = table[int(part)] if isinstance(table, list) else table.setdefault(part, {})
    table[path[-1]] = value


@pytest.mark.parametrize("key", ITEM_FLIPS)
def test_a_key_of_a_question_changed_is_seen(key, seen_as):
    study, items = base()
    put(items, *ITEM_FLIPS[key])
    assert seen_as(study, items)


@pytest.mark.parametrize("key", STUDY_FLIPS)
def test_a_key_of_the_study_changed_is_seen(key, seen_as):
    study, items = base()
    put(study, *STUDY_FLIPS[key])
    assert seen_as(study, items)


GIVEN: dict[str, Any] = {
    "column": "years", "columns": {"2018": "plan", "2019": "plan"}, "combine": "any", "separator": ";",
    "blank": "not_ticked", "recode": {"2018": {"1": "1"}}, "categories": {"1": WORDS},
    "options": {"a": WORDS | {"column": "m1"}},
    "yes": ["1"], "scores": {"1": 1.0}, "unit": WORDS, "missing": {"7": "refused"},
    "asked_if": {"item": "plan", "codes": ["1"]}, "base": WORDS,
}  # fmt: skip
HONOURED = {
    "means": {"recode", "blank", "options", "missing", "asked_if", "base"},
    "years": {"column", "columns", "unit", "missing", "asked_if", "base"},
    "comment": {"column", "columns"},
}
"""By what is written in the docstrings of the model; whatever else is given to these questions is refused."""


@pytest.mark.parametrize("name", HONOURED)
def test_what_a_type_has_no_use_for_is_refused(name, tmp_path):
    for key, value in GIVEN.items():
        study, items = base()
        items["comment"] = {"type": "text", "label": WORDS, "column": "c"}
        items[name][key] = copy.deepcopy(value)
        folder = given(tmp_path / key, study, items)
        if key not in HONOURED[name]:
            with pytest.raises(EvalkitError) as caught:
                evalkit.load_study(folder)
            assert f"items.toml: {name}" in str(caught.value)
