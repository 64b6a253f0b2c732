"""Rows become an exhibit: the study's words beside the codes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from evalkit.change.models import STATISTICS
from evalkit.present.exhibit import COLUMNS, KEYS, Exhibit, Text
from evalkit.study.model import Answers, ConditionalLogit, Item, Response, Screen, Study, Transitions, Words
from evalkit.study.model import Exhibit as Spec

if TYPE_CHECKING:
    import pandas as pd

LATEST = Words(nb="siste svar", en="latest answer")
ONCE = Words(nb="minst én runde", en="at least one wave")
"""Of a response table: not the latest answer, but whether there is one."""
EVERYONE = Words(nb="Alle", en="All")


def label(name: str, spec: Spec, rows: pd.DataFrame, n: int, study: Study, facts: dict[str, Any]) -> Exhibit:
    """The exhibit `name` of a study from its rows, in the order and words of study.toml and items.toml."""
    plan = study.plan
    items = _items(spec, study)
    first = next(iter(items.values()), None)
    title = spec.title or (first.label if first else Words(name, name))
    weighted = spec.kind not in ("representativeness", "summary") and (rows["weighting"] == "weighted").any()
    asked = first if first and len(items) == 1 else None
    return Exhibit(
        name=name,
        kind=spec.kind,
        title=text(title),
        data=ordered(rows[~rows["category"].isin(STATISTICS)]) if spec.kind == "conditional_logit" else ordered(rows),
        n=n,
        labels=_labels(spec, items, study, facts.pop("terms", {}), rows),
        units=text(plan.units),
        source=text(plan.source),
        question=text(asked.question or asked.label) if asked else None,
        base=text(asked.base) if asked and asked.base else None,
        note=text(spec.note or (first.note if first else None)),
        notice=text(plan.notice),
        facts={
            "frame": facts.pop("frame"),
            "invited": plan.frame.invited,
            "weighting": "weighted" if weighted else "unweighted",
            **({"unit": text(first.unit)} if first and first.unit and spec.kind == "mean" else {}),
            **({"register": plan.frame.register, "complete": plan.weights.complete} if _is_response(spec) else {}),
            **facts,
        },
    )


def text(words: Words | None) -> Any:
    """Words as a mapping by language; None stays None."""
    return None if words is None else {"nb": words["nb"], "en": words["en"]}


def _items(spec: Spec, study: Study) -> dict[str, Item]:
    if isinstance(spec, Answers):
        return {item: study.items[item] for item in spec.items}
    if isinstance(spec, (Transitions, ConditionalLogit)):
        return {spec.item: study.items[spec.item]}
    return {}


def _is_response(spec: Spec) -> bool:
    return isinstance(spec, Response)


def _labels(
    spec: Spec, items: dict[str, Item], study: Study, terms: dict[str, Text], rows: pd.DataFrame
) -> dict[str, dict[str, Text]]:
    plan = study.plan
    by = getattr(spec, "by", None)
    category: dict[str, Text] = dict(terms)
    for item in items.values():
        category |= {code: text(words) for code, words in item.categories.items()}
        category |= {code: {"nb": option.nb, "en": option.en} for code, option in item.options.items()}
    group = {"all": text(EVERYONE)}
    if by:
        categories = {code: text(words) for code, words in plan.groups[by].categories.items()}
        group |= categories
        category |= categories if spec.kind == "representativeness" else {}
    if spec.kind in ("balance", "r_indicator"):
        category |= _divisions(study, rows)
    latest = ONCE if _is_response(spec) else LATEST
    return {
        "by": {by: text(plan.groups[by].label)} if by else {},
        "group": group,
        "category": category,
        "item": _item_words(spec, items, study, rows),
        "wave": {wave.id: {"nb": wave.id, "en": wave.id} for wave in plan.waves} | {"latest": text(latest)},
    }


def _item_words(spec: Spec, items: dict[str, Item], study: Study, rows: pd.DataFrame) -> dict[str, Text]:
    """Words of questions, or of what takes their place: frame columns, groups, a screen's questions."""
    frame = {name: text(words) for name, words in study.plan.frame.labels.items()}
    if spec.kind == "summary":
        return frame
    if spec.kind in ("balance", "r_indicator"):
        known = frame | {name: text(group.label) for name, group in study.plan.groups.items()}
        return {name: known[name] for name in dict.fromkeys(rows["item"]) if name in known}
    if isinstance(spec, Screen):
        return {item: text(study.items[item].label) for members in spec.families.values() for item in members}
    return {name: text(item.label) for name, item in items.items()}


def _divisions(study: Study, rows: pd.DataFrame) -> dict[str, Text]:
    """Words of `group=category`, in the order of the study."""
    found: dict[str, Text] = {}
    for name in dict.fromkeys(rows["item"]):
        if name in study.plan.groups:
            words = _merged(study, name)
            found |= {f"{name}={code}": text(words[code]) for code in words}
    return found


def _merged(study: Study, group: str) -> dict[str, Words]:
    """The categories of a group as they are weighted: those that are merged share their words."""
    categories = study.plan.groups[group].categories
    into = study.plan.weights.merge.get(group, {})
    found = {}
    for code, words in categories.items():
        if code not in into:
            others = [categories[other] for other, target in into.items() if target == code]
            found[code] = Words(*(", ".join(each[lang] for each in (words, *others)) for lang in ("nb", "en")))
    return found


def ordered(rows: pd.DataFrame) -> pd.DataFrame:
    """All columns in their order; keys as text, "" where a row has none."""
    data = rows.reindex(columns=list(COLUMNS))
    for key in KEYS:
        data[key] = data[key].astype(object).where(data[key].notna(), "").astype(str)
    return data.astype(dict.fromkeys(COLUMNS[len(KEYS) :], float)).reset_index(drop=True)
