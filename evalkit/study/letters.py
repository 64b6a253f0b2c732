"""Words of a study with letters that no font of the reports can draw."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from evalkit.study.model import Study
from evalkit.study.words import Printed, Words
from evalkit.typeface import undrawable


def undrawable_words(study: Study) -> list[str]:
    """A line for each word that figures and the PDF show with a code in a letter's place: where, which."""
    said = []
    for place, words in [*_printed(study.plan, "study.toml"), *_printed(study.items, "items.toml")]:
        if letters := undrawable(words):
            codes = ", ".join(f"{letter} (U+{ord(letter):04X})" for letter in letters)
            said.append(f"{place}: no font of the reports has {codes}; its code is printed: write it in other letters")
    return list(dict.fromkeys(said))


def _printed(part: Any, place: str) -> Iterator[tuple[str, str]]:
    """Every text that a reader sees, with the table that it stands in."""
    if isinstance(part, Mapping):
        for key, inner in part.items():
            yield from _printed(inner, f"{place}: {key}" if place.endswith(".toml") else f"{place}.{key}")
    elif isinstance(part, (list, tuple)):
        for inner in part:
            yield from _printed(inner, place)
    elif isinstance(part, Words):
        yield from ((place, words) for words in (part.nb, part.en))
    elif is_dataclass(part):
        for field in fields(part):
            inner = getattr(part, field.name)
            name = f"{place}: {field.name}" if place.endswith(".toml") else f"{place}.{field.name}"
            yield from [(place, inner)] if field.type in (Printed, "Printed") else _printed(inner, name)
