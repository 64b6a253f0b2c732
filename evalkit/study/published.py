"""[disclosure] and [deposit] of study.toml: what nobody may read, and what an archive must know."""

from __future__ import annotations

from pydantic.dataclasses import dataclass

from evalkit.errors import StudyError
from evalkit.study.words import STRICT, Words


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
