"""items.toml: the questions, their answers, and who was asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import field
from typing import Literal

from pydantic.dataclasses import dataclass

from evalkit.study.words import STRICT, Words

Why = Literal["dont_know", "refused", "not_asked", "not_applicable", "empty"]

Blank = Literal["empty", "not_ticked"]


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
    """Wave → {code in its file: the category that it stands for}, where the file numbers the answers otherwise. Of a
    box "1" (ticked) or "0"; with a separator the words in the list and the option that they stand for."""
    separator: str | dict[str, str] | None = None
    """Multiple choice in one column, which every option names: what stands between the options that were ticked; or
    wave → that, where other waves have a column for each box."""
    blank: Blank | dict[str, Blank] = "empty"
    """Multiple choice: what a blank box is, in a row where another is ticked; a tick may be the option's words. Or
    wave → that, and "empty" in the others."""
    categories: dict[str, Category] = field(default_factory=dict)
    options: dict[str, Option] = field(default_factory=dict)
    yes: tuple[str, ...] = ()
    """Codes that count as yes in a share."""
    scores: dict[str, float] = field(default_factory=dict)
    """Number that a category stands for in a mean, such as its midpoint."""
    unit: Words | None = None
    """What a number counts, such as years."""
    missing: dict[str, Why] = field(default_factory=dict)
    """Codes that are no answer, and why; "empty" is a program's word for a blank cell, such as NA."""
    asked_if: Asked | None = None
    base: Words | None = None
    """Who was asked, in words; for captions."""
    note: Words | None = None

    def separator_in(self, wave: str) -> str | None:
        """What stands between the options that were ticked, where the wave lists them in one column; else None."""
        return self.separator.get(wave) if isinstance(self.separator, dict) else self.separator

    def blank_in(self, wave: str) -> Blank:
        """What a blank box is in a wave."""
        return self.blank.get(wave, "empty") if isinstance(self.blank, dict) else self.blank


def offered(item: Item, waves: Iterable[str], *, by: Callable[[Iterable[bool]], bool] = any) -> list[str]:
    """Codes of the categories that any of these waves that put the question offered; with `by=all` each of them."""
    asked = [wave for wave in waves if item.waves is None or wave in item.waves]
    told = item.categories.items()
    return [code for code, one in told if one.waves is None or by(wave in one.waves for wave in asked)]
