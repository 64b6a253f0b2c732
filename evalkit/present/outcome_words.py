"""Words for what rows name by codes of their own: the terms of a model, the outcomes of a screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from evalkit.present.exhibit import Text
from evalkit.study.model import Study

AGAINST = {"nb": "mot", "en": "against"}


def term_words(terms: Mapping[str, Sequence[Sequence[str]]], first: str, study: Study) -> dict[str, Text]:
    """Words for the terms of models: `2019 mot 2018`, `2019 × 2 000–3 999`.

    `terms` has the factors of each, (name, level); `first` is the wave that waves are compared with.
    """

    def part(name: str, level: str, alone: bool, lang: str) -> str:
        if name != "wave":
            return study.plan.groups[name].categories[level][lang]
        return f"{level} {AGAINST[lang]} {first}" if alone else level

    return {
        term: {
            lang: " × ".join(part(name, level, len(factors) == 1, lang) for name, level in factors) or term
            for lang in AGAINST
        }
        for term, factors in terms.items()
    }


def reference_words(codes: Mapping[str, str] | None, study: Study) -> Text | None:
    """Words for the groups that interactions compare with, by the group's name; None without interactions."""
    if codes is None:
        return None
    words = [group.categories[codes[name]] for name, group in study.plan.groups.items() if name in codes]
    return {lang: ", ".join(text[lang] for text in words) for lang in AGAINST}


def outcome_words(outcomes: Mapping[str, str], study: Study) -> dict[str, Text]:
    """`Question: option` for each outcome of a screen, whose question is given."""
    found = {}
    for name, item in outcomes.items():
        spec = study.items[item]
        parts: dict[str, Any] = {**spec.options, **spec.categories}
        code = name.removeprefix(item).lstrip(".=")
        found[name] = {lang: spec.label[lang] + (f": {parts[code][lang]}" if code else "") for lang in AGAINST}
    return found
