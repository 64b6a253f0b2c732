"""What each stage and each exhibit is given of a study, and the key that follows from it.

A stage gets the parts listed here and no others, so that its key holds all it can know: what is missing in the list
is an error where it is used, never a result taken over wrongly.
"""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from evalkit.study.model import ConditionalLogit, Item, Response, Screen, Study
from evalkit.study.model import Exhibit as Spec

if TYPE_CHECKING:
    from evalkit.panel.harmonise import Panel

SEES = {
    "panel": ("name", "data", "notice", "waves", "frame", "groups", "weights.totals", "link"),
    "weights": ("name", "frame.fill", "frame.measure", "weights"),
    "weighted exhibit": ("name", "frame.measure", "weights"),
    "unweighted exhibit": ("name",),
}
"""Stage → the parts of study.toml that it is given. An exhibit is given itself without its title and note besides."""

UNWEIGHTED = (ConditionalLogit, Screen)
"""Exhibits whose rows know nothing of weights."""

WORDS = ("label", "question", "base", "note", "unit")
"""What an item says to readers; no number depends on it."""

NARROWED = ("data", "why", "frame.groups")
"""Parts of the panel of which a stage is given only the columns that it names."""

WITHHELD = ("links", "log")
"""Parts of the panel that no later stage is given."""


@dataclass(frozen=True)
class Given:
    """What a stage or an exhibit is computed from.

    Attributes
    ----------
    study : the parts of the plan and the items that it is given.
    spec : the exhibit's own lines of study.toml, without its words; None for a stage.
    columns, groups : the panel's columns that it is given.
    """

    study: Study
    spec: Spec | None
    columns: tuple[str, ...]
    groups: tuple[str, ...]

    def key(self, base: str, panel: Mapping[str, str]) -> str:
        """The key, of what all stages depend on (`base`) and the panel's digests."""
        named = {f"{part}.{name}" for part in NARROWED for name in self._names(part)}
        others = tuple(f"{part}." for part in NARROWED)
        seen = {part: content for part, content in panel.items() if part in named or not part.startswith(others)}
        return digest([base, vars(self.study.plan), self.study.items, self.spec, seen])

    def panel(self, panel: Panel) -> Panel:
        """The panel with the columns that it is given and no others."""
        data, why = (table[[*self.columns]] for table in (panel.data, panel.why))
        frame = replace(panel.frame, groups=panel.frame.groups[[*self.groups]])
        withheld: dict[str, Any] = dict.fromkeys(WITHHELD)
        return replace(panel, data=data, why=why, frame=frame, **withheld)

    def _names(self, part: str) -> tuple[str, ...]:
        return self.groups if part == "frame.groups" else self.columns


def given_to_panel(study: Study) -> Study:
    """The study as the waves and the panel are given it: all items, and no exhibits."""
    return replace(study, plan=_parts(study, SEES["panel"]))


def given_to_weights(study: Study) -> Given:
    """What the weights are computed from: nobody's answers, but who answered."""
    return Given(replace(study, plan=_parts(study, SEES["weights"]), items={}), None, (), _of_weights(study))


def given_to_exhibit(study: Study, spec: Spec) -> Given:
    """What an exhibit's rows are computed from: its questions, the filters before them, and its groups."""
    weighted = not isinstance(spec, UNWEIGHTED)
    plan = _parts(study, SEES["weighted exhibit" if weighted else "unweighted exhibit"])
    items, groups = _items(study, spec), [*_groups(study, spec), *(_of_weights(study) if weighted else ())]
    if isinstance(spec, ConditionalLogit):
        groups = list(study.plan.groups)
        plan.groups = study.plan.groups  # its terms are named in their words
    told = {
        name: study.items[name] if isinstance(spec, Screen) else _without_words(study.items[name]) for name in items
    }
    columns = [column for name in items if study.items[name].type != "text" for column in study.variables(name)]
    seen = replace(study, plan=plan, items=told)
    return Given(seen, replace(spec, title=None, note=None), tuple(columns), tuple(dict.fromkeys(groups)))


def digests(panel: Panel) -> dict[str, str]:
    """Every part of the panel → the digest of its content; `data`, `why` and the frame's groups by column."""
    found: dict[str, str] = {}

    def walk(name: str, value: Any) -> None:
        if name in NARROWED:
            found[f"{name}: index"] = digest(value.index)
            found.update({f"{name}.{column}": digest(value[column]) for column in value})
        elif is_dataclass(value):
            for field in fields(value):
                if field.name not in WITHHELD:
                    walk(f"{name}.{field.name}".lstrip("."), getattr(value, field.name))
        else:
            found[name] = digest(value)

    walk("", panel)
    return found


def digest(value: object) -> str:
    """SHA-256 of what a value holds: numbers to the last digit, types, and the order of everything."""
    return hashlib.sha256(json.dumps(value, default=_plain, ensure_ascii=False).encode()).hexdigest()


def _plain(value: Any) -> Any:
    """What JSON does not know, as what it knows; TypeError for what cannot be told apart."""
    import numpy as np
    import pandas as pd

    if isinstance(value, pd.DataFrame):
        return ["frame", value.index, list(value.columns), [value[column] for column in value]]
    if isinstance(value, (pd.Series, pd.Index)):
        kind = str(value.dtype)
        if isinstance(value.dtype, pd.CategoricalDtype):
            kind += f" {value.dtype.categories.tolist()} {value.dtype.ordered}"
        return [kind, list(value.names) if isinstance(value, pd.Index) else value.name, value.tolist()]
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, datetime.date):
        return value.isoformat()
    if value is pd.NA or value is pd.NaT:
        return str(value)
    if is_dataclass(value) or isinstance(value, SimpleNamespace):
        return [type(value).__name__, vars(value)]
    raise TypeError(f"no digest of {type(value).__name__}")


def _parts(study: Study, names: Iterable[str]) -> Any:
    """The named parts of the plan and nothing else."""
    found = SimpleNamespace()
    for name in names:
        first, _, second = name.partition(".")
        whole = getattr(study.plan, first)
        if not second:
            setattr(found, first, whole)
            continue
        part = getattr(found, first, SimpleNamespace())
        setattr(part, second, getattr(whole, second))
        setattr(found, first, part)
    return found


def _items(study: Study, spec: Spec) -> list[str]:
    """Items that an exhibit reads, with the items whose answers decided who was asked; all of them for a response."""
    if isinstance(spec, Response):
        return list(study.items)
    families: dict[str, tuple[str, ...]] = getattr(spec, "families", {})
    one = [spec.item] if getattr(spec, "item", None) else []  # type: ignore[union-attr]
    queue = [*getattr(spec, "items", ()), *one, *(item for members in families.values() for item in members)]
    found: dict[str, None] = {}
    while queue:
        name = queue.pop(0)
        gate = study.items[name].asked_if
        queue += [gate.item] if gate is not None and name not in found else []
        found[name] = None
    return [name for name in study.items if name in found]


def _groups(study: Study, spec: Spec) -> list[str]:
    named = [getattr(spec, "by", None), *getattr(spec, "columns", ())]
    return [name for name in named if name in study.plan.groups]


def _of_weights(study: Study) -> tuple[str, ...]:
    """Groups that the weights return, model, or merge."""
    spec = study.plan.weights
    modelled = spec.propensity.columns if spec.propensity is not None else ()
    named = [*(part for by in spec.by for part in by.split(":")), *modelled, *spec.merge]
    return tuple(name for name in dict.fromkeys(named) if name in study.plan.groups)


def _without_words(item: Item) -> Item:
    told: dict[str, Any] = {f.name: getattr(item, f.name) for f in fields(item) if f.name not in WORDS}
    told["categories"] = dict.fromkeys(item.categories)
    told["options"] = {code: SimpleNamespace(column=option.column) for code, option in item.options.items()}
    return cast(Item, SimpleNamespace(**told))
