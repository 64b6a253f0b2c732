"""What was asked, as frozen dataclasses: the form of study.toml and items.toml, whose tables have a module each.

Category codes are strings everywhere ("1", "<2000"); words come in Norwegian bokmål and English.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import field, fields, replace
from pathlib import Path
from typing import Literal

from pydantic.dataclasses import dataclass

from evalkit.study.exhibits import (
    Answers,
    Balance,
    Comparable,
    ConditionalLogit,
    Exhibit,
    Representativeness,
    Response,
    RIndicator,
    Screen,
    Summary,
    Transitions,
)
from evalkit.study.items import Asked, Category, Item, Option, Why, offered
from evalkit.study.population import Frame, FurtherFrame, Group
from evalkit.study.published import Deposit, Disclosure
from evalkit.study.waves import Disposition, Invited, Link, Respondent, Rule, Wave
from evalkit.study.weights import FrameWeights, Propensity, Trim, Weights
from evalkit.study.words import STRICT, Lang, Words

__all__ = [
    "STRICT",
    "Answers",
    "Asked",
    "Balance",
    "Category",
    "Comparable",
    "ConditionalLogit",
    "Deposit",
    "Disclosure",
    "Disposition",
    "Exhibit",
    "Frame",
    "FrameWeights",
    "FurtherFrame",
    "Group",
    "Invited",
    "Item",
    "Lang",
    "Link",
    "Option",
    "Plan",
    "Propensity",
    "RIndicator",
    "Representativeness",
    "Respondent",
    "Response",
    "Rule",
    "Screen",
    "Study",
    "Summary",
    "Transitions",
    "Trim",
    "Wave",
    "Weights",
    "Why",
    "Words",
    "offered",
]


@dataclass(frozen=True, config=STRICT)
class Plan:
    """study.toml as it stands in the file."""

    name: str
    title: Words
    units: Words
    """What the units are called, in the plural."""
    source: Words
    """Who collected the answers; printed under every figure."""
    data: Literal["real", "reconstructed", "synthetic"]
    waves: tuple[Wave, ...]
    frame: Frame
    groups: dict[str, Group]
    weights: Weights
    exhibits: dict[str, Exhibit]
    frames: dict[str, FurtherFrame] = field(default_factory=dict)
    """Further frames, of waves whose units are other ones than those of [frame]."""
    latest: tuple[str, ...] | None = None
    """The waves that exhibits draw on where they name none; all where it is not given."""
    disclosure: Disclosure | None = None
    """What is hidden in what is published; nothing where it is not given."""
    link: Link | None = None
    deposit: Deposit = Deposit()
    notice: Words | None = None
    """Printed on every page and figure; needed unless the data are real."""
    lang: Lang = "nb"


@dataclasses.dataclass(frozen=True)
class Study:
    """A study read from its folder: the plan, the questions, and where things lie."""

    path: Path
    plan: Plan
    items: dict[str, Item]

    @property
    def name(self) -> str:
        return self.plan.name

    @property
    def root(self) -> Path:
        """The folder that holds data_raw/, reports/ and build/: the repository's, else the study's own."""
        return self.path.parent.parent if self.path.parent.name == "analyses" else self.path

    @property
    def in_repository(self) -> bool:
        return self.path.parent.name == "analyses"

    @property
    def raw(self) -> Path:
        """Folder of the wave files."""
        return self.root / "data_raw" / self.name if self.in_repository else self.path / "data_raw"

    def report(self, lang: str) -> Path:
        """The report's document in a language: <study>.qmd in the study's own, else <study>.<lang>.qmd."""
        folder = self.root / "reports" / self.name if self.in_repository else self.path
        return folder / (f"{self.name}.qmd" if lang == self.plan.lang else f"{self.name}.{lang}.qmd")

    @property
    def build(self) -> Path:
        return self.root / "build" / self.name

    def wave(self, id: str) -> Wave:
        return next(wave for wave in self.plan.waves if wave.id == id)

    @property
    def latest(self) -> tuple[str, ...]:
        """The waves that exhibits draw on where they name none, in the study's order."""
        return self.in_order(self.plan.latest)

    def in_order(self, waves: Iterable[str] | None) -> tuple[str, ...]:
        """`waves`, all where it is None, in the study's order."""
        chosen = None if waves is None else set(waves)
        return tuple(wave.id for wave in self.plan.waves if chosen is None or wave.id in chosen)

    def samples(self, exhibit: Exhibit) -> list[tuple[str, tuple[str, ...]]]:
        """What an exhibit's rows call each sample, "latest" or a wave's id, and the waves whose answers it draws on."""
        waves, each = getattr(exhibit, "waves", None), getattr(exhibit, "each", None)
        if waves == "each" or each is not None:
            return [(wave, (wave,)) for wave in (self.latest if each is None else self.in_order(each))]
        named = (waves,) if isinstance(waves, str) and waves != "latest" else waves
        chosen = self.latest if named is None or named == "latest" else self.in_order(named)
        return [(chosen[0] if len(chosen) == 1 and named is not None else "latest", chosen)]

    def waves_of(self, exhibit: Exhibit) -> tuple[str, ...]:
        """The waves that an exhibit draws on."""
        if isinstance(exhibit, Comparable):
            return self.in_order(None)
        return self.in_order(wave for _, waves in self.samples(exhibit) for wave in waves)

    def frame_of(self, waves: Iterable[str]) -> str | None:
        """Name of the frame in whose borders these waves are compared: their own if they share it; None is [frame]."""
        own = {self.frame_name(self.wave(wave).frame) for wave in waves}
        return own.pop() if len(own) == 1 else self.frame_name(self.plan.link.reference if self.plan.link else None)

    @property
    def borders(self) -> dict[str | None, tuple[str, ...]]:
        """Each frame that waves are of, by name, and those waves."""
        found: dict[str | None, tuple[str, ...]] = {}
        for wave in self.plan.waves:
            name = self.frame_name(wave.frame)
            found[name] = (*found.get(name, ()), wave.id)
        return found

    def carried(self, waves: Iterable[str]) -> tuple[str, ...]:
        """Those of these waves that are in other borders than their own where all of them stand together."""
        together = self.frame_of(waves := tuple(waves))
        return tuple(wave for wave in waves if self.frame_of([wave]) != together)

    def frame_name(self, name: str | None) -> str | None:
        """None for [frame], which may also be called by its year."""
        return name if name in self.plan.frames else None

    def within(self, name: str | None) -> Study:
        """The study as it reads for the units of one of its frames: that frame, and its groups and weights."""
        if name is None:
            return self
        frame, plan = self.plan.frames[name], self.plan
        groups = {key: frame.groups.get(key, group) for key, group in plan.groups.items() if key not in frame.without}
        said = {each.name: getattr(frame.weights, each.name) for each in fields(FrameWeights)}
        weights = replace(plan.weights, **{key: other for key, other in said.items() if other is not None})
        own = {key: getattr(plan.frame, key) for key in ("units", "changes", "size")}
        plan = replace(plan, frame=replace(frame, **own), groups={**groups, **frame.groups}, weights=weights)
        return replace(self, plan=plan)

    def columns(self, item: str, wave: str) -> tuple[str, ...]:
        """Columns of a wave's file that hold `item`, in the order of items.toml; empty if the wave did not ask."""
        spec = self.items[item]
        if spec.waves is not None and wave not in spec.waves:
            return ()
        if spec.options:
            return tuple(column for option in spec.options.values() if (column := option.in_wave(wave)) is not None)
        found = spec.columns.get(wave, ()) if spec.columns is not None else spec.column or item
        return (found,) if isinstance(found, str) else found

    def slots(self, item: str, wave: str) -> tuple[str, ...]:
        """As `columns`, with "" for an option that the wave did not offer, so that waves can be laid side by side."""
        if not self.items[item].options:
            return self.columns(item, wave)
        return tuple(column or "" for column in self.placed(item, wave).values())

    def placed(self, item: str, wave: str) -> dict[str, str | None]:
        """Variable of the panel → its column in a wave, None where the wave did not ask; not for combined columns."""
        spec = self.items[item]
        if spec.options:
            asked = spec.waves is None or wave in spec.waves
            return {f"{item}.{key}": option.in_wave(wave) if asked else None for key, option in spec.options.items()}
        found = self.columns(item, wave)
        return {item: found[0] if found else None}

    def variables(self, item: str) -> tuple[str, ...]:
        """Columns of the panel that hold `item`: itself, or item.option for each option."""
        spec = self.items[item]
        return tuple(f"{item}.{option}" for option in spec.options) if spec.options else (item,)
