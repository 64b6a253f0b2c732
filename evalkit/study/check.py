"""What study.toml and items.toml say of each other: every name must be known, every kind must have what it needs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import MISSING, Field, fields
from pathlib import Path

from evalkit.errors import EvalkitError, one_of
from evalkit.study.check_names import blank_faults, taken_faults
from evalkit.study.check_waves import column_faults, wave_faults
from evalkit.study.formula import MEND, FormulaFault, read_formula
from evalkit.study.frames import frame_faults, group_faults, margin_faults, sample_faults
from evalkit.study.model import (
    Answers,
    Balance,
    Comparable,
    ConditionalLogit,
    Exhibit,
    Item,
    Plan,
    Representativeness,
    Response,
    RIndicator,
    Screen,
    Study,
    Summary,
)
from evalkit.study.names import file_faults, name_faults
from evalkit.study.toml import TomlFile

ASKED = ("asked_if", "base")
WHY = ("dont_know", "refused", "not_asked", "not_applicable", "empty")


def cross_check(plan: Plan, items: dict[str, Item], folder: Path) -> list[EvalkitError]:
    """Every fault that shows only when the two files are read together."""
    study, questions = (TomlFile.read(folder / name) for name in ("study.toml", "items.toml"))
    whole = Study(folder, plan, items)
    return [
        *blank_faults(study),
        *blank_faults(questions),
        *taken_faults(plan, items, study, questions),
        *name_faults(whole, study),
        *file_faults(whole, study),
        *_plan_faults(plan, study),
        *frame_faults(plan, study),
        *(fault for name, item in items.items() for fault in _item_faults(name, item, items, plan, questions)),
        *column_faults(items, plan, questions),
        *(
            fault
            for name, exhibit in plan.exhibits.items()
            for fault in (
                *sample_faults(name, exhibit, whole, study),
                *_exhibit_faults(name, exhibit, items, plan, study),
            )
        ),
    ]


def _plan_faults(plan: Plan, file: TomlFile) -> Iterator[EvalkitError]:
    ids = [wave.id for wave in plan.waves]
    if not ids:
        yield file.fault(["waves"], "The study has no wave", mend="add a [[waves]] table")
    for i, wave in enumerate(plan.waves):
        if ids.count(wave.id) > 1 and ids.index(wave.id) == i:
            yield file.fault(["waves", str(i), "id"], f"Two waves are called {wave.id!r}", mend="give each its own id")
        yield from wave_faults(wave, ["waves", str(i)], file)
    if plan.data != "real" and plan.notice is None:
        yield file.fault(
            ["data"], f"The data are {plan.data}, and no page would say so", mend="add notice = { nb = …, en = … }"
        )
    yield from group_faults(plan.groups, file, [])
    yield from margin_faults(plan.weights, plan.groups, file, ["weights"])
    yield from _weight_faults(plan, file)


def _weight_faults(plan: Plan, file: TomlFile) -> Iterator[EvalkitError]:
    weights = plan.weights
    said = [
        name
        for name in ("by", "totals", "merge", "response_groups", "propensity", "bounds", "trim")
        if getattr(weights, name)
    ]
    if weights.method == "none":
        if weights.reason is None:
            yield file.fault(
                ["weights"], "Without weights a reader must be told why", mend="add reason = { nb = …, en = … }"
            )
        if said:
            yield file.fault(["weights", said[0]], f'method = "none" has no use for {said[0]}', mend="leave it out")
    elif not weights.by and not weights.totals:
        yield file.fault(["weights"], "The weights have nothing to return", mend="add by = [a group, …]")
    if weights.reason is not None and weights.method != "none":
        what = 'reason says why there are no weights; it goes with method = "none"'
        yield file.fault(["weights", "reason"], what, got=weights.method, mend="leave it out")
    if weights.response_groups and weights.propensity is not None:
        what = "response_groups and propensity are two models of who answers"
        yield file.fault(["weights", "response_groups"], what, mend="keep one of the two")
    if weights.method == "poststratify" and (len(weights.by) > 1 or weights.totals):
        mend = 'write by = ["a:b"] for crossed groups, or method = "raking" for several margins'
        yield file.fault(["weights", "by"], "Post-stratification has one margin", got=weights.by, mend=mend)
    if weights.totals and weights.method == "raking" and not weights.by:
        yield file.fault(["weights", "totals"], "Totals alone need a method of regression", mend='method = "linear"')
    if (weights.method in ("logit", "truncated")) != (weights.bounds is not None):
        yield file.fault(
            ["weights", "bounds"], "Bounds go with logit and truncated, and those with bounds", got=weights.bounds
        )
    if not 0 < weights.complete <= 1:
        yield file.fault(["weights", "complete"], "A share of the questions lies between 0 and 1", got=weights.complete)


def _item_faults(name: str, item: Item, items: dict[str, Item], plan: Plan, file: TomlFile) -> Iterator[EvalkitError]:
    waves = [wave.id for wave in plan.waves]
    for key in ("waves", "columns"):
        for wave in getattr(item, key) or ():
            if wave not in waves:
                yield file.unknown([name, key], "wave", wave, waves)
    if item.type == "single" and not item.categories:
        yield file.fault([name], f"Question {name!r} has no categories", mend=f"add [{name}.categories]")
    for code, category in item.categories.items():
        for wave in category.waves or ():
            if wave not in waves:
                yield file.unknown([name, "categories", code, "waves"], "wave", wave, waves)
    if item.type == "multiple" and not item.options:
        yield file.fault([name], f"Question {name!r} has no options", mend=f"add [{name}.options]")
    yield from _unused_faults(name, item, file)
    for wave in waves if item.separator is not None else ():
        columns = {option.in_wave(wave) for option in item.options.values()}
        if item.separator_in(wave) is not None and len(columns) > 1:
            what = f"With a separator every option names the one column, in wave {wave}"
            yield file.fault([name, "options"], what, mend="name it in each")
            break
    for key, option in item.options.items():
        if (option.column is None) == (option.columns is None):
            mend = 'add column = "…", or columns = { wave = "…" } where its name changes'
            yield file.fault([name, "options", key], f"Option {key!r} has one of column and columns", mend=mend)
        for wave in option.columns or ():
            if wave not in waves:
                yield file.unknown([name, "options", key], "wave", wave, waves)
    for wave, codes in item.recode.items():
        if wave not in waves:
            yield file.unknown([name, "recode"], "wave", wave, waves)
        boxes = ("1", "0") if item.separator_in(wave) is None else tuple(item.options)
        kind, known = ("sign of a box", boxes) if item.type == "multiple" else ("category", tuple(item.categories))
        for code in codes.values():
            if code not in known:
                yield file.unknown([name, "recode", wave], kind, code, known)
    put = item.waves or waves
    for key, told in (("recode", item.recode), ("columns", item.columns or {})):
        for wave in (wave for wave in told if wave in waves and wave not in put):
            yield file.fault([name, key], f"Wave {wave} did not put {name!r}, and {key} names it", mend="keep one")
    if item.column and item.columns:
        yield file.fault([name], "A question has column or columns, not both", mend="keep columns")
    several = [wave for wave, columns in (item.columns or {}).items() if not isinstance(columns, str)]
    if several and item.combine is None:
        yield file.fault(
            [name, "columns"], f"Wave {several[0]} holds {name!r} in several columns", mend='add combine = "any"'
        )
    for key in ("yes", "scores"):
        for code in getattr(item, key):
            if code not in item.categories:
                yield file.unknown([name, key], "category", code, item.categories)
    for code in set(item.missing) & set(item.categories):
        yield file.fault([name, "missing", code], f"Code {code!r} is a category and missing at once", mend="keep one")
    if item.asked_if is not None:
        asked = items.get(item.asked_if.item)
        if asked is None:
            yield file.unknown([name, "asked_if", "item"], "question", item.asked_if.item, items)
        else:
            for code in item.asked_if.codes:
                if code not in asked.categories and code not in WHY:
                    yield file.unknown([name, "asked_if", "codes"], "answer", code, [*asked.categories, *WHY])


USES = {
    "single": ("column", "columns", "combine", "recode", "categories", "yes", "scores", "unit", "missing", *ASKED),
    "multiple": ("recode", "separator", "blank", "options", "missing", *ASKED),
    "numeric": ("column", "columns", "combine", "unit", "missing", *ASKED),
    "text": ("column", "columns"),
}
"""Keys of a question that each type has a use for, besides its words and waves."""
KEYS = {key for keys in USES.values() for key in keys}


def _unused_faults(name: str, item: Item, file: TomlFile) -> Iterator[EvalkitError]:
    """Keys that the question's type would ignore."""
    said = [one.name for one in fields(Item) if one.name in KEYS and getattr(item, one.name) != _default(one)]
    for key in said:
        if key not in USES[item.type]:
            types = [type for type, keys in USES.items() if key in keys]
            what = f"A question of type {item.type} has no use for {key}"
            yield file.fault([name, key], what, expected=f"type {one_of(types)}", mend="leave it out")
    if item.combine is not None and not any(not isinstance(held, str) for held in (item.columns or {}).values()):
        yield file.fault([name, "combine"], "No wave holds the question in several columns", mend="leave combine out")


def _default(one: Field[object]) -> object:
    return one.default_factory() if one.default_factory is not MISSING else one.default


def _exhibit_faults(
    name: str, exhibit: Exhibit, items: dict[str, Item], plan: Plan, file: TomlFile
) -> Iterator[EvalkitError]:
    at = ["exhibits", name]
    if isinstance(exhibit, (Comparable, Representativeness, Response)):
        return
    if isinstance(exhibit, (Balance, RIndicator, Summary)):
        if not exhibit.columns:
            yield file.fault(at, f"Exhibit {name!r} names no columns", mend="add columns = [...]")
        return
    if isinstance(exhibit, Screen):
        asked = tuple(item for family in exhibit.families.values() for item in family)
        for item in {item for item in asked if asked.count(item) > 1}:
            yield file.fault([*at, "families"], f"Question {item!r} is in two families", mend="keep it in one")
    else:
        asked = exhibit.items if isinstance(exhibit, Answers) else (exhibit.item,)
    if not asked:
        mend = "add families.all = [...]" if isinstance(exhibit, Screen) else "add items = [...]"
        yield file.fault(at, f"Exhibit {name!r} names no questions", mend=mend)
    for item in asked:
        if item not in items:
            yield file.unknown([*at, "items"], "question", item, items)
        else:
            yield from _need(item, items[item], exhibit, file, at)
    if isinstance(exhibit, ConditionalLogit) and not exhibit.models:
        yield file.fault(at, f"Exhibit {name!r} has no models", mend='add models = ["answer ~ C(wave)"]')
    if isinstance(exhibit, ConditionalLogit):
        yield from _formula_faults(exhibit, Study(file.path, plan, items), file, at)


def _formula_faults(exhibit: ConditionalLogit, study: Study, file: TomlFile, at: list[str]) -> Iterator[EvalkitError]:
    """Models that are more than a formula, or speak of what is not there."""
    groups = study.within(study.frame_of(study.waves_of(exhibit))).plan.groups
    for text in exhibit.models:
        try:
            read = read_formula(text)
        except FormulaFault as fault:
            what = "A model of a study is a formula of names and operators, and this is not"
            yield file.fault([*at, "models"], what, got=f"{text!r}: {fault}", mend=MEND)
            continue
        if read.outcome != "answer":
            yield file.fault([*at, "models"], "The outcome of a model is `answer`", got=text, mend=MEND)
        for name in read.names:
            if name not in ("wave", *groups):
                yield file.unknown([*at, "models"], "wave or group", name, ["wave", *groups])


def _need(name: str, item: Item, exhibit: Exhibit, file: TomlFile, at: list[str]) -> Iterator[EvalkitError]:
    """What the kind of an exhibit needs of a question."""
    kind = exhibit.kind
    if kind in ("share", "transitions", "conditional_logit") and not item.yes:
        yield file.fault(
            at, f"{kind} needs to know which answers to {name!r} are yes", mend=f"add yes = [...] to {name}"
        )
    if kind == "mean" and item.type != "numeric" and not item.scores:
        yield file.fault(
            at, f"A mean of {name!r} needs numbers", mend=f"add [{name}.scores], a number for each category"
        )
    if kind == "screen" and item.type not in ("single", "multiple"):
        yield file.fault(at, f"{name!r} is {item.type}: it has no yes that could change", mend="leave it out")
    if kind == "distribution" and item.type != "single":
        yield file.fault(at, f"A distribution needs categories; {name!r} is {item.type}", mend="choose another kind")
    if kind == "multiple" and item.type != "multiple":
        yield file.fault(at, f"{name!r} is not multiple choice but {item.type}", mend='choose kind = "distribution"')
