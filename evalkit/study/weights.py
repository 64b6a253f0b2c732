"""[weights] of study.toml: how answers stand for the frame."""

from __future__ import annotations

from dataclasses import field
from typing import Literal

from pydantic.dataclasses import dataclass

from evalkit.study.words import STRICT, Words


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
    response_groups: str | None = None
    """Group within which each unit is as likely to answer as every other (response homogeneity groups), which has its
    own base weight and finite population; none or "": all units together."""
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
    response_groups: str | None = None
