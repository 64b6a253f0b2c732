"""Rows become an exhibit: the study's words beside the codes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from evalkit.change.models import STATISTICS
from evalkit.present.exhibit import COLUMNS, KEYS, Exhibit, Text
from evalkit.present.outcome_words import outcome_words, reference_words, term_words
from evalkit.present.words import listed
from evalkit.study.model import Answers, Comparable, ConditionalLogit, Item, Response, Screen, Study, Transitions, Words
from evalkit.study.model import Exhibit as Spec
from evalkit.study.population import MEASURE, Frame

if TYPE_CHECKING:
    import pandas as pd

LATEST = Words(nb="siste svar", en="latest answer")
ONCE = Words(nb="minst én runde", en="at least one wave")
"""Of a response table: not the latest answer, but whether there is one."""
EVERYONE = Words(nb="Alle", en="All")
COMPARABLE = Words(nb="Hva som kan sammenlignes mellom rundene", en="What can be compared between the waves")
TOGETHER = Words(nb="Alle runder er regnet i inndelingen fra {years}", en="All waves are in the borders of {years}")
APART = Words(
    nb="Hver runde er regnet i sin egen inndeling: {years}", en="Each wave is in the borders of its own year: {years}"
)

WHENCE = {
    "both": Words(nb="Svarte i begge", en="Answered both"),
    "same": Words(nb="Uendret", en="Unchanged"),
    "renumbered": Words(nb="Nytt nummer", en="Renumbered"),
    "merged": Words(nb="Slått sammen", en="Merged"),
    "split": Words(nb="Delt", en="Split"),
}


def label(name: str, spec: Spec, rows: pd.DataFrame, n: int, study: Study, facts: dict[str, Any]) -> Exhibit:
    """The exhibit `name` of a study from its rows, in the order and words of study.toml and items.toml.

    Groups and frame are those of the exhibit's own waves: of the frame that they share, else of the reference.
    """
    waves = study.waves_of(spec)
    others = [study.within(study.frame_of(sample)) for _, sample in study.samples(spec)]
    whole, study = study, study.within(study.frame_of(waves))
    plan = study.plan
    items = _items(spec, study)
    first = next(iter(items.values()), None)
    title = spec.title or (first.label if first else COMPARABLE if spec.kind == "comparable" else Words(name, name))
    terms = term_words(facts.pop("terms", {}), facts.pop("first", ""), study)
    weighted = spec.kind not in ("representativeness", "summary") and (rows["weighting"] == "weighted").any()
    asked = first if first and len(items) == 1 else None
    return Exhibit(
        name=name,
        kind=spec.kind,
        title=text(title),
        data=ordered(rows[~rows["category"].isin(STATISTICS)]) if spec.kind == "conditional_logit" else ordered(rows),
        n=n,
        labels=_labels(spec, items, study, terms, rows, others),
        units=text(plan.units),
        source=text(plan.source),
        question=text(asked.question or asked.label) if asked else None,
        base=text(asked.base) if asked and asked.base else None,
        note=_note(spec.note or (first.note if first else None), _borders(whole, spec)),
        notice=text(plan.notice),
        facts={
            "frame": facts.pop("frame"),
            "invited": plan.frame.invited,
            **({} if spec.kind == "transitions" else {"weighting": "weighted" if weighted else "unweighted"}),
            **({"unit": text(first.unit)} if first and first.unit and spec.kind == "mean" else {}),
            **_measure(plan.frame, rows),
            **({"complete": plan.weights.complete} if _is_response(spec) else {}),
            **({"register": plan.frame.register} if _is_response(spec) and plan.frame.units is None else {}),
            **_together(whole, spec),
            **({"waves": list(waves)} if len(waves) > 1 and waves != whole.latest else {}),
            **facts,
            **_said(spec, facts, study),
        },
    )


def _said(spec: Spec, facts: dict[str, Any], study: Study) -> dict[str, Any]:
    """Facts that name codes, in words: the groups that a model compares with, a screen's outcomes."""
    if isinstance(spec, ConditionalLogit):
        return {"reference": reference_words(facts["reference"], study)}
    return {"items": outcome_words(facts["items"], study)} if isinstance(spec, Screen) else {}


def _measure(frame: Frame, rows: pd.DataFrame) -> dict[str, Any]:
    """What shares of another measure than inhabitants are of."""
    name = frame.measure
    if name is None or not (rows["weighting"] == MEASURE).any():
        return {}
    return {"measure": text(frame.labels.get(name, Words(name, name)))}


def _borders(study: Study, spec: Spec) -> Words | None:
    """In whose borders waves of different frames are shown; None where all are in their own, or the rows say it."""
    if isinstance(spec, Comparable):
        return None
    own: dict[int, list[str]] = {}
    for wave in study.waves_of(spec):
        own.setdefault(study.within(study.frame_of([wave])).plan.frame.register, []).append(wave)
    if len(own) < 2:
        return None
    if together := _together(study, spec):
        return Words(*(TOGETHER[lang].format(years=together["borders"]) for lang in ("nb", "en")))
    years = {
        lang: ", ".join(f"{year} for {listed(waves, lang)}" for year, waves in own.items()) for lang in ("nb", "en")
    }
    return Words(*(APART[lang].format(years=years[lang]) for lang in ("nb", "en")))


def _together(study: Study, spec: Spec) -> dict[str, Any]:
    """The borders' year of an exhibit of waves of several frames, and the waves that were carried to them."""
    waves = study.waves_of(spec)
    carried = study.carried(waves)
    if not carried or len(study.samples(spec)) > 1:
        return {}
    return {"borders": study.within(study.frame_of(waves)).plan.frame.register, "carried": list(carried)}


def _note(*notes: Words | None) -> Any:
    """The notes that there are, each a sentence, by language; None where there is none."""
    said = [words for words in notes if words is not None]
    if len(said) < 2:
        return text(said[0]) if said else None
    return {lang: " ".join(f"{words[lang].rstrip('.')}." for words in said) for lang in ("nb", "en")}


def text(words: Words | Text | None) -> Any:
    """Words as a mapping by language, with numbers that hold together; None stays None."""
    return None if words is None else {lang: _THOUSANDS.sub("\u00a0", words[lang]) for lang in ("nb", "en")}


_THOUSANDS = re.compile(r"(?<=\d) (?=\d{3}(?!\d))")


def _items(spec: Spec, study: Study) -> dict[str, Item]:
    if isinstance(spec, Answers):
        return {item: study.items[item] for item in spec.items}
    if isinstance(spec, (Transitions, ConditionalLogit)):
        return {spec.item: study.items[spec.item]}
    return {}


def _is_response(spec: Spec) -> bool:
    return isinstance(spec, Response)


def _labels(
    spec: Spec, items: dict[str, Item], study: Study, terms: dict[str, Text], rows: pd.DataFrame, others: list[Study]
) -> dict[str, dict[str, Text]]:
    """Words for the codes of the rows; `others` is the study as it reads for each sample, whose groups may differ."""
    by = getattr(spec, "by", None)
    category: dict[str, Text] = {code: text(words) for code, words in terms.items()}
    for item in items.values():
        category |= {code: text(words) for code, words in item.categories.items()}
        category |= {code: {"nb": option.nb, "en": option.en} for code, option in item.options.items()}
    group = {"all": text(EVERYONE)}
    named: dict[str, Text] = {}
    if by:
        divisions = [other.plan.groups[by] for other in others]
        said = [dict.fromkeys(division.label[lang] for division in divisions) for lang in ("nb", "en")]
        named = {by: text(Words(*(", ".join(words) for words in said)))}
        categories = {code: text(words) for each in divisions for code, words in each.categories.items()}
        group |= categories
        category |= categories if spec.kind == "representativeness" else {}
    if spec.kind in ("balance", "r_indicator"):
        category |= _divisions(study, rows)
    if isinstance(spec, Comparable):
        category |= {code: text(words) for code, words in WHENCE.items()}
    latest = ONCE if _is_response(spec) else LATEST
    return {
        "by": named,
        "group": group,
        "category": category,
        "item": _item_words(spec, items, study, rows),
        "wave": {wave: {"nb": wave, "en": wave} for wave in study.waves_of(spec)} | {"latest": text(latest)},
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
