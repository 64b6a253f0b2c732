"""Names that the answers need for something else, and words that say nothing."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

from evalkit.errors import EvalkitError
from evalkit.study.model import Item, Plan
from evalkit.study.toml import TomlFile

COLUMNS = ("unit", "wave", "weight", "inhabitants")
"""Columns that stand beside the answers where they are weighted and followed."""
GROUP_COLUMNS = (*COLUMNS, "answer")


def taken(name: str, groups: Mapping[str, Any] | tuple[str, ...]) -> bool:
    """Whether a question cannot be called so: it would stand in one table with a column or a group of the name."""
    return name in COLUMNS or name in groups


def taken_faults(plan: Plan, items: Mapping[str, Item], study: TomlFile, questions: TomlFile) -> Iterator[EvalkitError]:
    """Questions and groups that are called as a group, or as a column beside the answers."""
    divisions = {name: ["groups", name] for name in plan.groups}
    for frame, further in plan.frames.items():
        divisions = {name: ["frames", frame, "groups", name] for name in further.groups} | divisions
    for name, at in divisions.items():
        if name in GROUP_COLUMNS:
            yield study.fault(
                at,
                f"A group cannot be called {name!r}: the answers have a column of that name",
                mend=f"call it something else, such as {name}_group, also where by, weights and models name it",
            )
    for name, item in items.items():
        if taken(name, divisions):
            what = f"a group in {study.path.name}" if name in divisions else "a column beside the answers"
            column = "" if item.column or item.columns or item.options else f' and add column = "{name}" to it'
            yield questions.fault(
                [name],
                f"A question cannot be called {name!r}, as {what} is",
                mend=f"call it {name}_asked in items.toml and where exhibits name it{column}",
            )


def blank_faults(file: TomlFile) -> Iterator[EvalkitError]:
    """Words for readers that are empty: a label of nothing is drawn as nothing."""

    def inside(held: object, at: list[str]) -> Iterator[EvalkitError]:
        if isinstance(held, list):
            for place, part in enumerate(held):
                yield from inside(part, [*at, str(place)])
        elif isinstance(held, dict):
            for key, part in held.items():
                if key in ("nb", "en") and isinstance(part, str) and not part.strip():
                    what = f"There are no words in {'Norwegian' if key == 'nb' else 'English'}"
                    yield file.fault([*at, key], what, got=repr(part), mend=f'write what readers see: {key} = "…"')
                else:
                    yield from inside(part, [*at, key])

    yield from inside(tomllib.loads(file.text), [])
