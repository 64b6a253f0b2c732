"""[exhibits] of study.toml: the kinds of tables and figures, and what each of them asks."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from evalkit.study.words import STRICT, Words


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
