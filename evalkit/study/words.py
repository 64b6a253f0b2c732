"""Words in both languages, and what the tables of study.toml and items.toml share."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict
from pydantic.dataclasses import dataclass

from evalkit.typeface import one_line

STRICT = ConfigDict(extra="forbid")

Lang = Literal["nb", "en"]
Printed = Annotated[str, AfterValidator(one_line)]
"""Text that a reader sees: composed letters, on one line."""


@dataclass(frozen=True, config=STRICT)
class Words:
    """The same words in Norwegian bokmål and English."""

    nb: Printed
    en: Printed

    def __getitem__(self, lang: str) -> str:
        return self.nb if lang == "nb" else self.en
