"""Words in both languages, and what the tables of study.toml and items.toml share."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict
from pydantic.dataclasses import dataclass

STRICT = ConfigDict(extra="forbid")

Lang = Literal["nb", "en"]


@dataclass(frozen=True, config=STRICT)
class Words:
    """The same words in Norwegian bokmål and English."""

    nb: str
    en: str

    def __getitem__(self, lang: str) -> str:
        return self.nb if lang == "nb" else self.en
