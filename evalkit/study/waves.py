"""[[waves]] and [link] of study.toml: the files, whose answers count, and how waves are linked."""

from __future__ import annotations

import datetime
from dataclasses import field
from typing import Literal

from pydantic.dataclasses import dataclass

from evalkit.study.words import STRICT

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
    outside: bool = False
    """Its files may lie outside the study's data folder; run.json says which do."""
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
