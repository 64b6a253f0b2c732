"""What study.toml and items.toml say of each other: every name must be known, every kind must have what it needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from evalkit.errors import EvalkitError, StudyError, nearest, one_of
from evalkit.study.model import (
    Answers,
    Balance,
    ConditionalLogit,
    Exhibit,
    Item,
    Plan,
    Representativeness,
    Response,
    RIndicator,
    Screen,
    Summary,
    Transitions,
)
from evalkit.study.toml import line_of

WHY = ("dont_know", "refused", "not_asked", "not_applicable", "empty")


@dataclass(frozen=True)
class _File:
    """A TOML file as faults name it."""

    path: Path
    text: str

    def fault(self, loc: list[str], what: str, **parts: object) -> StudyError:
        line = line_of(self.text, loc)
        where = f"{self.path.name}: {'.'.join(loc)}" + (f" (line {line})" if line else "")
        return StudyError(what, where=where, **parts)  # type: ignore[arg-type]

    def unknown(self, loc: list[str], kind: str, name: object, known: Iterable[object]) -> StudyError:
        known = list(known)
        guess = nearest(name, known)
        return self.fault(
            loc,
            f"There is no {kind} {name!r}",
            expected=one_of(known) if 0 < len(known) <= 12 else None,
            mend=f"did you mean {guess!r}?" if guess else f"declare it, or name a {kind} that is there",
        )


def cross_check(plan: Plan, items: dict[str, Item], folder: Path) -> list[EvalkitError]:
    """Every fault that shows only when the two files are read together."""
    study, questions = (_read(folder / name) for name in ("study.toml", "items.toml"))
    return [
        *_plan_faults(plan, study),
        *(fault for name, item in items.items() for fault in _item_faults(name, item, items, plan, questions)),
        *(
            fault
            for name, exhibit in plan.exhibits.items()
            for fault in _exhibit_faults(name, exhibit, items, plan, study)
        ),
    ]


def _read(path: Path) -> _File:
    return _File(path, path.read_text(encoding="utf-8-sig"))


def _plan_faults(plan: Plan, file: _File) -> Iterator[EvalkitError]:
    ids = [wave.id for wave in plan.waves]
    if not ids:
        yield file.fault(["waves"], "The study has no wave", mend="add a [[waves]] table")
    for i, wave in enumerate(plan.waves):
        if ids.count(wave.id) > 1 and ids.index(wave.id) == i:
            yield file.fault(["waves", str(i), "id"], f"Two waves are called {wave.id!r}", mend="give each its own id")
        if wave.duplicates == "latest" and not wave.answered_at:
            mend = "add answered_at = the column with the time of the answer"
            yield file.fault(["waves", str(i)], 'duplicates = "latest" needs to know when each answer came', mend=mend)
    if plan.data != "real" and plan.notice is None:
        yield file.fault(
            ["data"], f"The data are {plan.data}, and no page would say so", mend="add notice = { nb = …, en = … }"
        )
    for name, group in plan.groups.items():
        bounds = group.lower_bounds
        if bounds is not None and len(bounds) != len(group.categories):
            yield file.fault(
                ["groups", name],
                f"Group {name!r} has {len(bounds)} lower bounds and {len(group.categories)} categories",
                mend="give each category one lower bound",
            )
        if bounds is not None and list(bounds) != sorted(set(bounds)):
            yield file.fault(["groups", name, "lower_bounds"], "Lower bounds must rise", got=bounds)
    yield from _weight_faults(plan, file)


def _weight_faults(plan: Plan, file: _File) -> Iterator[EvalkitError]:
    weights = plan.weights
    for name in dict.fromkeys(part for by in weights.by for part in by.split(":")):
        if name not in plan.groups:
            yield file.unknown(["weights", "by"], "group", name, plan.groups)
    for name, merged in weights.merge.items():
        if name not in plan.groups:
            yield file.unknown(["weights", "merge"], "group", name, plan.groups)
            continue
        for category in (*merged, *merged.values()):
            if category not in plan.groups[name].categories:
                yield file.unknown(["weights", "merge"], "category", category, plan.groups[name].categories)
    said = [name for name in ("by", "totals", "merge", "propensity", "bounds", "trim") if getattr(weights, name)]
    if weights.method == "none":
        if weights.reason is None:
            yield file.fault(
                ["weights"], "Without weights a reader must be told why", mend="add reason = { nb = …, en = … }"
            )
        if said:
            yield file.fault(["weights", said[0]], f'method = "none" has no use for {said[0]}', mend="leave it out")
    elif not weights.by and not weights.totals:
        yield file.fault(["weights"], "The weights have nothing to return", mend="add by = [a group, …]")
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


def _item_faults(name: str, item: Item, items: dict[str, Item], plan: Plan, file: _File) -> Iterator[EvalkitError]:
    waves = [wave.id for wave in plan.waves]
    for key in ("waves", "columns"):
        for wave in getattr(item, key) or ():
            if wave not in waves:
                yield file.unknown([name, key], "wave", wave, waves)
    if item.type == "single" and not item.categories:
        yield file.fault([name], f"Question {name!r} has no categories", mend=f"add [{name}.categories]")
    if item.type == "multiple" and not item.options:
        yield file.fault([name], f"Question {name!r} has no options", mend=f"add [{name}.options]")
    if item.options and item.type != "multiple":
        yield file.fault([name, "options"], 'Only type = "multiple" has options', got=item.type)
    if item.type != "multiple" and (item.separator is not None or item.blank != "empty"):
        yield file.fault([name], "Only multiple choice has a separator, or boxes that are blank", got=item.type)
    if item.separator is not None and len({option.column for option in item.options.values()}) > 1:
        yield file.fault(
            [name, "options"], "With a separator every option names the one column", mend="name it in each"
        )
    for wave, codes in item.recode.items():
        if wave not in waves:
            yield file.unknown([name, "recode"], "wave", wave, waves)
        for code in codes.values():
            if code not in item.categories:
                yield file.unknown([name, "recode", wave], "category", code, item.categories)
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


def _exhibit_faults(
    name: str, exhibit: Exhibit, items: dict[str, Item], plan: Plan, file: _File
) -> Iterator[EvalkitError]:
    at = ["exhibits", name]
    by = getattr(exhibit, "by", None)
    if by is not None and by not in plan.groups:
        yield file.unknown([*at, "by"], "group", by, plan.groups)
    if isinstance(exhibit, (Representativeness, Response)):
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
        yield file.fault(at, f"Exhibit {name!r} names no questions", mend="add items = [...]")
    for item in asked:
        if item not in items:
            yield file.unknown([*at, "items"], "question", item, items)
        else:
            yield from _need(item, items[item], exhibit, file, at)
    if isinstance(exhibit, Answers) and exhibit.waves not in ("latest", "each", *(w.id for w in plan.waves)):
        yield file.unknown([*at, "waves"], "wave", exhibit.waves, ["latest", "each", *(w.id for w in plan.waves)])
    if isinstance(exhibit, ConditionalLogit) and not exhibit.models:
        yield file.fault(at, f"Exhibit {name!r} has no models", mend='add models = ["answer ~ C(wave)"]')
    if isinstance(exhibit, (ConditionalLogit, Screen, Transitions)) and len(plan.waves) < 2:
        yield file.fault(at, "Change needs two waves", got=f"{len(plan.waves)} wave")


def _need(name: str, item: Item, exhibit: Exhibit, file: _File, at: list[str]) -> Iterator[EvalkitError]:
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
