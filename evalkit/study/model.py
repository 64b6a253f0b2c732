"""What was asked, as frozen dataclasses: the form of study.toml and items.toml.

Category codes are strings everywhere ("1", "<2000"); words come in Norwegian bokmål and English.
"""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Callable, Iterable
from dataclasses import field, fields, replace
from pathlib import Path
from typing import Annotated, Literal

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

from evalkit.errors import StudyError

STRICT = ConfigDict(extra="forbid")

Lang = Literal["nb", "en"]
Why = Literal["dont_know", "refused", "not_asked", "not_applicable"]


@dataclass(frozen=True, config=STRICT)
class Words:
    """The same words in Norwegian bokmål and English."""

    nb: str
    en: str

    def __getitem__(self, lang: str) -> str:
        return self.nb if lang == "nb" else self.en


Rule = Literal["error", "latest", "most_complete", "latest_complete"]
Disposition = Literal["refusal", "noncontact", "other", "unknown", "not_eligible"]


@dataclass(frozen=True, config=STRICT)
class Respondent:
    """Whose answer counts where several people answered for one unit."""

    column: str
    """Column that says in which role, or with which of the respondent numbers, somebody answered."""
    prefer: tuple[str, ...]
    """Its values or their labels, the first first; others come after these."""
    then: Rule = "error"
    """Of several answers by the same role."""


@dataclass(frozen=True, config=STRICT)
class Invited:
    """The list of units that were invited to a wave."""

    file: str
    """CSV or Excel file in the study's raw data."""
    unit: str = "code"
    """Its column with the unit's code, in the wave's numbering."""
    status: str | None = None
    """Its column with what came of the invitation; a blank is an invitation without an answer."""
    statuses: dict[str, Disposition] = field(default_factory=dict)
    """What its words mean, by AAPOR; the words of the dispositions are known."""


@dataclass(frozen=True, config=STRICT)
class Wave:
    """One round of the survey: a file, and how its units are numbered."""

    id: str
    file: str
    date: datetime.date
    unit: str
    """Column that holds the unit's code."""
    numbering: int
    """Year whose municipality codes the file uses."""
    frame: str | None = None
    """Which of `frames` its units are of, and its own estimates in the borders of; [frame] where it names none."""
    name: str | None = None
    """Column that holds the unit's name; names propose, codes decide."""
    duplicates: Literal["error", "latest", "most_complete", "latest_complete", "named_respondent"] = "error"
    """Which of a unit's answers counts; "latest_complete" is the latest of those that are complete, where any is."""
    answered_at: str | None = None
    """Column with the time of the answer; the latest is by it."""
    day_first: bool | None = None
    """Whether dates such as 03.11.2019 have the day first; needed where no day is above 12."""
    respondent: Respondent | None = None
    """For `duplicates = "named_respondent"`."""
    invited: str | Invited | None = None
    """File with the units that were invited, in a column `code`; or more of it in a table."""
    restricted_text: tuple[str, ...] = ()
    """Columns with open text that a restricted file in the run's folder keeps; never published."""
    ignore: tuple[str, ...] = ()
    """Columns of the file that are known and not used."""
    encoding: str | None = None
    sheet: str | tuple[str, ...] | None = None
    """Of a workbook; several where the columns go on from sheet to sheet."""
    parts: tuple[str, ...] = ()
    """Further files in which the columns of `file` go on."""
    header_row: int | None = None
    """Of Excel and text: the row with the names of the columns; found where it is not given."""
    label_row: int | None = None
    """Of Excel and text: a row with what the columns are called in words."""
    decimal: Literal[",", "."] | None = None
    """Decimal mark of numbers as text; needed where 1,234 may be either."""

    @property
    def invitation(self) -> Invited | None:
        return Invited(self.invited) if isinstance(self.invited, str) else self.invited

    @property
    def files(self) -> tuple[str, ...]:
        """Every file of the wave in the raw data."""
        return (self.file, *self.parts, *([self.invitation.file] if self.invitation else []))

    @property
    def roles(self) -> dict[str, str]:
        """Columns of the file that are no question: the key of study.toml → its column."""
        told = {"unit": self.unit, "name": self.name, "answered_at": self.answered_at}
        told |= {"respondent": self.respondent.column if self.respondent else None}
        return {key: column for key, column in told.items() if column is not None}


@dataclass(frozen=True, config=STRICT)
class Link:
    """What a unit answered that merged or split between a wave's numbering and the borders it is compared in."""

    merged: Literal["largest", "any", "agree"]
    """The answer of the largest part, yes where any part says yes, or only what all parts agree on."""
    numbers: Literal["mean", "sum"] = "mean"
    splits: dict[str, str] = field(default_factory=dict)
    """Split unit → the part that it follows; others leave the panel."""
    reference: str | None = None
    """The frame in whose borders waves of different frames are compared; [frame] where it names none."""


@dataclass(frozen=True, config=STRICT)
class Frame:
    """The population: every unit that could have answered."""

    register: int
    """Year of the register of municipalities, or of `units`, and so of the borders of the waves of this frame."""
    units: str | None = None
    """CSV in the study's raw data in place of the register of municipalities: code, name, further columns and, where
    units change, year. Said in [frame], it holds for further frames too; so do `changes` and `size`."""
    changes: str | None = None
    """CSV of the changes of `units`: date, from_code, to_code."""
    size: str | None = None
    """Column of `units` that says which part of a merged unit is the largest, and weights a mean."""
    invited: int | None = None
    extra: str | None = None
    """CSV in the study's raw data with a `code` column and further columns by unit."""
    labels: dict[str, Words] = field(default_factory=dict)
    fill: dict[str, float] = field(default_factory=dict)
    """Column → what stands for a missing value in groups and weights; it stays missing in summaries."""
    measure: str | None = None
    """Numeric column by which shares are given as well: of inhabitants, where shares are of municipalities."""


@dataclass(frozen=True, config=STRICT)
class Group:
    """A division of the frame: the values of a column, or intervals of it by `lower_bounds`."""

    label: Words
    column: str
    categories: dict[str, Words]
    lower_bounds: tuple[float, ...] | None = None


@dataclass(frozen=True, config=STRICT)
class Trim:
    """Limits of the weights, as multiples of their mean."""

    lower: float | None = None
    upper: float | None = None


@dataclass(frozen=True, config=STRICT)
class Propensity:
    """Base weights by the inverse of each unit's probability of answering, modelled on the frame."""

    columns: tuple[str, ...]
    """Groups, which enter as categories, and numeric frame columns."""
    classes: int | None = None
    """Weight by so many classes of the propensity instead of by each unit's own."""


@dataclass(frozen=True, config=STRICT)
class Weights:
    """How answers stand for the frame."""

    method: Literal["none", "poststratify", "raking", "linear", "logit", "truncated"]
    by: tuple[str, ...] = ()
    """Groups whose frame counts the weights return; "a:b" is two groups crossed."""
    totals: tuple[str, ...] = ()
    """Numeric frame columns whose total, and so whose mean, the weights return."""
    merge: dict[str, dict[str, str]] = field(default_factory=dict)
    """Group → {category: the category it is weighted with}."""
    propensity: Propensity | None = None
    """Comes before the margins, which are returned all the same."""
    bounds: tuple[float, float] | None = None
    """Of the factors on the base weights; for logit and truncated."""
    trim: Trim | None = None
    min_cell: int = 0
    """Fewest answers a category may have."""
    fpc: bool = True
    complete: float = 0.8
    """Share of the questions asked from which an answer counts as complete (AAPOR)."""
    reason: Words | None = None
    """Why there are no weights; needed with `method = "none"`."""


@dataclass(frozen=True, config=STRICT)
class FrameWeights:
    """Keys of [weights] that read otherwise for the waves of a further frame; one that is not given is the study's."""

    by: tuple[str, ...] | None = None
    totals: tuple[str, ...] | None = None
    merge: dict[str, dict[str, str]] | None = None


@dataclass(frozen=True, config=STRICT)
class FurtherFrame(Frame):
    """The population of later waves, whose units are other ones: municipalities that merged in between."""

    groups: dict[str, Group] = field(default_factory=dict)
    """In place of the study's group of the name, or of this frame alone; the study's others are built from their
    columns."""
    without: tuple[str, ...] = ()
    """Groups of the study that these units do not have."""
    weights: FrameWeights = field(default_factory=FrameWeights)


@dataclass(frozen=True, config=STRICT)
class Disclosure:
    """What a study lets nobody read.

    Attributes
    ----------
    minimum : fewest units behind a number, and fewest who said yes and who said no where anybody did; 0 hides nothing.
    dominance : (n, k) of totals and means: hidden where the n largest answers are more than k percent of the total.
    rounding : base that counts are rounded to, after hiding.
    reason : why nothing is protected; needed where nothing is.
    """

    minimum: int = 3
    dominance: tuple[int, float] | None = None
    rounding: int | None = None
    reason: Words | None = None

    def __post_init__(self) -> None:
        """StudyError where the rule cannot be meant."""
        where = "[disclosure] in study.toml"
        if self.minimum < 0:
            raise StudyError("The minimum count is negative", where=where, got=self.minimum, expected="0 or more")
        if self.dominance is not None and not (self.dominance[0] >= 1 and 0 < self.dominance[1] <= 100):
            expected = "[n, k]: at least one unit, and a percentage"
            raise StudyError("The dominance rule cannot be kept", where=where, got=self.dominance, expected=expected)
        if self.rounding is not None and self.rounding < 2:
            raise StudyError("Counts cannot be rounded to this base", where=where, got=self.rounding, expected="3 or 5")
        if self.off and self.reason is None:
            mend = 'say why: reason = { nb = "…", en = "…" }, or set minimum = 3'
            raise StudyError("Nothing is protected, and no reason is given", where=where, mend=mend)

    @property
    def off(self) -> bool:
        """Whether the rule protects nothing."""
        return self.minimum <= 1 and self.dominance is None and self.rounding is None


@dataclass(frozen=True, config=STRICT)
class Asked:
    """A filter: the question was put to those who gave one of these answers to another."""

    item: str
    codes: tuple[str, ...]
    """Category codes, or reasons such as "dont_know"."""


@dataclass(frozen=True, config=STRICT)
class Category(Words):
    """An answer that a question offers."""

    waves: tuple[str, ...] | None = None
    """Waves that offered it; all where it is not given. No figure of other waves has it, not even as a zero."""


@dataclass(frozen=True, config=STRICT)
class Option:
    """One box of a multiple-choice question."""

    nb: str
    en: str
    column: str | None = None
    columns: dict[str, str] | None = None
    """Wave → column, where its name changes; a wave that is not named did not offer it."""

    def in_wave(self, wave: str) -> str | None:
        """Its column in a wave; None where the wave did not offer it."""
        return self.columns.get(wave) if self.columns is not None else self.column

    def __getitem__(self, lang: str) -> str:
        return self.nb if lang == "nb" else self.en


@dataclass(frozen=True, config=STRICT)
class Item:
    """A question.

    `column` names its column in every wave, `columns` wave by wave; a list of columns is combined with "any"
    (yes in one of them is yes). A multiple-choice question has its columns in `options`.
    """

    type: Literal["single", "multiple", "numeric", "text"]
    label: Words
    """Short name, for figures and tables."""
    question: Words | None = None
    """As it was put; the label where it is not given."""
    column: str | None = None
    columns: dict[str, str | tuple[str, ...]] | None = None
    combine: Literal["any"] | None = None
    waves: tuple[str, ...] | None = None
    """Waves that put the question; all where it is not given."""
    recode: dict[str, dict[str, str]] = field(default_factory=dict)
    """Wave → {code in its file: the category that it stands for}, where the file numbers the answers otherwise."""
    separator: str | None = None
    """Multiple choice in one column, which every option names: what stands between the options that were ticked."""
    blank: Literal["empty", "not_ticked"] = "empty"
    """Multiple choice: what a blank box is, in a row where another is ticked; a tick may be the option's words."""
    categories: dict[str, Category] = field(default_factory=dict)
    options: dict[str, Option] = field(default_factory=dict)
    yes: tuple[str, ...] = ()
    """Codes that count as yes in a share."""
    scores: dict[str, float] = field(default_factory=dict)
    """Number that a category stands for in a mean, such as its midpoint."""
    unit: Words | None = None
    """What a number counts, such as years."""
    missing: dict[str, Why] = field(default_factory=dict)
    """Codes that are no answer, and why."""
    asked_if: Asked | None = None
    base: Words | None = None
    """Who was asked, in words; for captions."""
    note: Words | None = None


def offered(item: Item, waves: Iterable[str], *, by: Callable[[Iterable[bool]], bool] = any) -> list[str]:
    """Codes of the categories that any of these waves that put the question offered; with `by=all` each of them."""
    asked = [wave for wave in waves if item.waves is None or wave in item.waves]
    told = item.categories.items()
    return [code for code, one in told if one.waves is None or by(wave in one.waves for wave in asked)]


@dataclass(frozen=True, config=STRICT)
class _Exhibit:
    """What every exhibit may say."""

    title: Words | None = None
    note: Words | None = None


@dataclass(frozen=True, config=STRICT)
class _Among(_Exhibit):
    """An exhibit that draws on some waves together."""

    waves: tuple[str, ...] | None = None
    """The study's `latest` waves where it names none."""


@dataclass(frozen=True, config=STRICT)
class Representativeness(_Among):
    """Sample against population by a group."""

    kind: Literal["representativeness"] = "representativeness"
    by: str = ""


@dataclass(frozen=True, config=STRICT)
class Summary(_Among):
    """N, minimum, mean, maximum and standard deviation of frame columns, sample against population."""

    kind: Literal["summary"] = "summary"
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, config=STRICT)
class Balance(_Among):
    """Standardised differences of sample and population before and after weighting, by groups and frame columns."""

    kind: Literal["balance"] = "balance"
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, config=STRICT)
class RIndicator(_Among):
    """How evenly the frame answered, in one number and by variable and category (Schouten, Cobben & Bethlehem 2009)."""

    kind: Literal["r_indicator"] = "r_indicator"
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, config=STRICT)
class Response(_Among):
    """Who answered, in full and in part, by groups of the frame; response rates as AAPOR defines them."""

    kind: Literal["response"] = "response"
    by: str = ""


@dataclass(frozen=True, config=STRICT)
class Answers(_Exhibit):
    """Shares, means or distributions of questions.

    share: of the answers that count as yes; mean: of the scores; distribution: of all categories;
    multiple: of those who ticked each option, in one series for each question.
    `waves` is "latest" (each unit's latest answer among the study's `latest` waves), "each" of these, one wave, or a
    list of waves (each unit's latest answer among them).
    """

    kind: Literal["share", "mean", "distribution", "multiple"] = "share"
    items: tuple[str, ...] = ()
    by: str | None = None
    waves: str | tuple[str, ...] = "latest"
    each: tuple[str, ...] | None = None
    """These waves one by one, each in the borders of its own frame; in place of `waves`."""


@dataclass(frozen=True, config=STRICT)
class Transitions(_Among):
    """How many units moved to yes, to no, or stayed, from each wave to the next."""

    kind: Literal["transitions"] = "transitions"
    item: str = ""
    by: str | None = None


@dataclass(frozen=True, config=STRICT)
class ConditionalLogit(_Among):
    """Conditional logit of yes, conditioned on the unit, one formula a model.

    Formulas speak of `answer`, `wave` and the study's groups.
    """

    kind: Literal["conditional_logit"] = "conditional_logit"
    item: str = ""
    models: tuple[str, ...] = ()


@dataclass(frozen=True, config=STRICT)
class Screen(_Among):
    """Every question tested for change, and for change that differs between groups, with p-values for their number.

    A question with `yes` is one test; of other questions each option or category is one.
    """

    kind: Literal["screen"] = "screen"
    families: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Name → questions whose tests are adjusted together."""
    by: str | None = None


@dataclass(frozen=True, config=STRICT)
class Comparable(_Exhibit):
    """For each pair of waves, how many units can be compared, and how they came into the borders of the comparison."""

    kind: Literal["comparable"] = "comparable"


Exhibit = Annotated[
    Representativeness
    | Summary
    | Balance
    | RIndicator
    | Response
    | Answers
    | Transitions
    | ConditionalLogit
    | Screen
    | Comparable,
    Field(discriminator="kind"),
]


@dataclass(frozen=True, config=STRICT)
class Deposit:
    """What a data archive asks and only people know; `evalkit publish` names what is not said."""

    abstract: Words | None = None
    """What the study is about, in a paragraph."""
    authors: tuple[str, ...] = ()
    """Persons or institutions."""
    producer: Words | None = None
    """Who is responsible for the data."""
    mode: Words | None = None
    """How the answers were collected."""
    keywords: tuple[Words, ...] = ()
    conditions: Words | None = None
    """On which conditions the data may be used."""


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
