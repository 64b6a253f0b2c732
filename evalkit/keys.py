"""What each stage and each exhibit is given of a study, and the key that follows from it.

A stage gets the parts listed here and no others, so that its key holds all it can know: what is missing in the list
is an error where it is used, never a result taken over wrongly.
"""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass, make_dataclass, replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from evalkit.exhibits import UNWEIGHTED
from evalkit.study.model import Comparable, ConditionalLogit, FrameWeights, Group, Item, Response, Study
from evalkit.study.model import Exhibit as Spec

if TYPE_CHECKING:
    from evalkit.panel.borders import StudyAnswers
    from evalkit.panel.frame import Frame
    from evalkit.panel.harmonise import Panel

BORDERS = ("frame.register", "frame.units", "frame.changes", "frame.size")
"""Who the units are, and which part of a merged one is the largest."""

SEES: dict[str, tuple[str, ...]] = {
    "panel": (
        *("name", "data", "notice", "waves", "latest", "frame", "frames", "groups", "link"),
        *("weights.by", "weights.totals", "weights.merge", "weights.response_groups", "weights.complete"),
    ),
    "weights": ("name", *BORDERS, "frame.fill", "frame.measure", "weights"),
    "weighted exhibit": ("name", *BORDERS, "frame.measure", "weights"),
    "unweighted exhibit": ("name", *BORDERS),
}
"""Stage → the parts of study.toml that it is given. The weights and exhibits are given their waves (`OF_WAVE`), their
frames, of those the same parts as of [frame], how they are linked, and the answers; an exhibit its own lines but for
title and note."""

OF_WAVE = ("id", "file", "numbering", "frame")
"""What an exhibit is given of a wave: its name, and its borders."""

WORDS = ("label", "question", "base", "note", "unit")
"""What an item says to readers; no number depends on it."""

WHOLE = (Response, Comparable)
"""Exhibits that read every question."""


@dataclass(frozen=True)
class Given:
    """What the weights or an exhibit are computed from.

    Attributes
    ----------
    study : the parts of the plan and the items that it is given.
    spec : the exhibit's own lines of study.toml, without its words; None for the weights.
    waves, frames, columns, groups : what it is given of the answers and of the frames.
    """

    study: Study
    spec: Spec | None
    waves: tuple[str, ...]
    frames: tuple[str | None, ...]
    columns: tuple[str, ...]
    groups: tuple[str, ...]

    def key(self, base: str, contents: Mapping[str, str]) -> str:
        """The key, of what everything depends on (`base`) and of the digests of the answers and the frames."""
        parts = [
            *(part for wave in self.waves for part in (_of_wave(wave), *(_of_wave(wave, one) for one in self.columns))),
            *(part for name in self.frames for part in (_of_frame(name), *(_of_frame(name, g) for g in self.groups))),
        ]
        seen = {part: contents.get(part) for part in parts}  # a frame may be without a group
        return digest([base, self.study.plan, self.study.items, self.spec, seen])

    def panel(self, answers: StudyAnswers) -> Panel:
        """The panel of the study's latest waves, and through it of others, of what it is given and nothing else."""
        from evalkit.panel.borders import StudyAnswers
        from evalkit.panel.harmonise import Told

        columns = [*self.columns]
        told = {
            wave: Told(said.data[columns], said.why[columns], (), invited=said.invited)
            for wave, said in answers.told.items()
        }
        told = {wave: told[wave] for wave in self.waves}
        frames = {name: self._narrowed(answers.frames[name]) for name in self.frames}
        return StudyAnswers(self.study, frames, told).panel(self.study.latest)

    def _narrowed(self, frame: Frame) -> Frame:
        return replace(frame, groups=frame.groups[[name for name in self.groups if name in frame.groups]])


def given_to_panel(study: Study) -> Study:
    """The study as the waves and the panel are given it: all items, and no exhibits."""
    return replace(study, plan=_seen(study.plan, SEES["panel"]))


def given_to_weights(study: Study) -> Given:
    """What the weights are computed from: nobody's answers, but who answered."""
    groups = _of_weights(study)
    plan = _plan(study, SEES["weights"], study.in_order(None))
    return Given(replace(study, plan=plan, items={}), None, study.in_order(None), _frames(study, plan), (), groups)


def given_to_exhibit(study: Study, spec: Spec) -> Given:
    """What an exhibit's rows are computed from: its questions, the filters before them, and its groups."""
    weighted = not isinstance(spec, UNWEIGHTED)
    waves = study.in_order({*study.waves_of(spec), *study.latest})  # of these are the weights that a question borrows
    plan = _plan(study, SEES["weighted exhibit" if weighted else "unweighted exhibit"], waves)
    items = _items(study, spec)
    known = {name for frame in (None, *study.plan.frames) for name in study.within(frame).plan.groups}
    named = [getattr(spec, "by", None), *getattr(spec, "columns", ()), *(_of_weights(study) if weighted else ())]
    groups = known if isinstance(spec, ConditionalLogit) else known & set(named)
    told = {name: _without_words(item) for name, item in items.items()}
    columns = [column for name, item in items.items() if item.type != "text" for column in study.variables(name)]
    seen = replace(study, plan=plan, items=told)
    own = replace(spec, title=None, note=None)
    return Given(seen, own, waves, _frames(study, plan), tuple(columns), tuple(sorted(groups)))


def digests(answers: StudyAnswers) -> dict[str, str]:
    """Digests of the answers, by wave and column, and of the frames, by name and group."""
    found = {}
    for wave, told in answers.told.items():
        found[_of_wave(wave)] = digest([told.data.index, told.invited])
        for column in told.data:
            found[_of_wave(wave, column)] = digest([told.data[column], told.why[column]])
    for name, frame in answers.frames.items():
        found[_of_frame(name)] = digest([getattr(frame, f.name) for f in fields(frame) if f.name != "groups"])
        found.update({_of_frame(name, group): digest(frame.groups[group]) for group in frame.groups})
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
        index = value.index.tolist() if isinstance(value, pd.Series) else list(value.names)
        return [kind, index, value.tolist()]
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, datetime.date):
        return value.isoformat()
    if value is pd.NA or value is pd.NaT:
        return str(value)
    if is_dataclass(value) or isinstance(value, SimpleNamespace):
        return [type(value).__name__, vars(value)]
    raise TypeError(f"no digest of {type(value).__name__}")


def _of_wave(wave: str, column: str | None = None) -> str:
    return f"wave {wave}" if column is None else f"wave {wave}: {column}"


def _of_frame(name: str | None, group: str | None = None) -> str:
    return f"frame {name or ''}" if group is None else f"frame {name or ''}: {group}"


def _seen(whole: Any, names: Iterable[str]) -> Any:
    """The named parts of a dataclass and nothing else; what is not there raises where it is read."""
    parts: dict[str, Any] = {}
    for name in names:
        first, _, second = name.partition(".")
        parts.setdefault(first, []).append(second)
    values = {
        first: getattr(whole, first) if seconds == [""] else _seen(getattr(whole, first), seconds)
        for first, seconds in parts.items()
    }
    return make_dataclass("Seen", values)(**values)


def _plan(study: Study, names: tuple[str, ...], waves: tuple[str, ...]) -> Any:
    """The plan with the named parts, these waves and their frames, and no words."""
    plan = study.plan
    weighted = "weights" in names
    divided = _of_weights(study) if weighted else ()
    of_frame = [name.partition(".")[2] for name in names if name.startswith("frame.")]
    frames = {}
    for name in dict.fromkeys([*(study.frame_of([wave]) for wave in waves), study.frame_of(waves)]):
        if name is not None:
            frame = plan.frames[name]
            frames[name] = _seen(frame, (*of_frame, "without"))
            extra = {
                "groups": _divided(frame.groups, divided),
                "weights": frame.weights if weighted else FrameWeights(),
            }
            values = vars(frames[name]) | extra
            frames[name] = make_dataclass("Seen", values)(**values)
    values = vars(_seen(plan, names)) | {
        "link": plan.link if _is_linked(study, waves) else None,
        "waves": [_seen(study.wave(wave), OF_WAVE) for wave in waves],
        "latest": study.latest,
        "frames": frames,
        "groups": _divided(plan.groups, divided),
        "weights": replace(plan.weights, reason=None) if weighted else make_dataclass("Seen", ())(),
    }
    return make_dataclass("Seen", values)(**values)


def _divided(groups: Mapping[str, Group], names: Iterable[str]) -> dict[str, SimpleNamespace]:
    """How these groups divide the frame, which says what categories are alike; without their words."""
    return {
        name: SimpleNamespace(column=group.column, lower_bounds=group.lower_bounds)
        for name, group in groups.items()
        if name in names
    }


def _is_linked(study: Study, waves: tuple[str, ...]) -> bool:
    """Whether the rule of [link] can matter to these waves: their frames differ, or a file is numbered otherwise."""
    registers = {study.within(study.frame_of([wave])).plan.frame.register for wave in waves}
    return len({*registers, *(study.wave(wave).numbering for wave in waves)}) > 1


def _frames(study: Study, plan: Any) -> tuple[str | None, ...]:
    """Frames that the plan's waves are of, and those in which they are compared; [frame] always."""
    return (None, *(name for name in study.plan.frames if name in plan.frames))


def _items(study: Study, spec: Spec) -> dict[str, Item]:
    """Items that an exhibit reads, with the items whose answers decided who was asked."""
    if isinstance(spec, WHOLE):
        return study.items
    families: dict[str, tuple[str, ...]] = getattr(spec, "families", {})
    one = [spec.item] if getattr(spec, "item", None) else []  # type: ignore[union-attr]
    queue = [*getattr(spec, "items", ()), *one, *(item for members in families.values() for item in members)]
    found: set[str] = set()
    while queue:
        name = queue.pop()
        gate = study.items[name].asked_if
        queue += [gate.item] if gate is not None and name not in found else []
        found.add(name)
    return {name: item for name, item in study.items.items() if name in found}


def _of_weights(study: Study) -> tuple[str, ...]:
    """Groups that the weights return, model, merge, or take for response groups, in any frame."""
    found: dict[str, None] = {}
    for frame in (None, *study.plan.frames):
        plan = study.within(frame).plan
        spec = plan.weights
        modelled = spec.propensity.columns if spec.propensity is not None else ()
        named = [*(part for by in spec.by for part in by.split(":")), *modelled, *spec.merge, spec.response_groups]
        found |= dict.fromkeys(name for name in named if name in plan.groups)
    return tuple(found)


def _without_words(item: Item) -> Item:
    told: dict[str, Any] = {f.name: getattr(item, f.name) for f in fields(item) if f.name not in WORDS}
    told["categories"] = {code: SimpleNamespace(waves=one.waves) for code, one in item.categories.items()}
    told["options"] = {code: SimpleNamespace(column=option.column) for code, option in item.options.items()}
    return cast(Item, SimpleNamespace(**told))
