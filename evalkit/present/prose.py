"""Words that a report's document prints: as a sentence's text, or as Markdown; and labels."""

from __future__ import annotations

from evalkit.present.pipes import escape


class Prose(str):
    """Words for a sentence.

    A notebook shows a plain string by its repr, where a hard space turns into the four signs \\xa0, and so does
    Quarto's inline `{python}`; text/markdown comes through as it is. `str()` of it is the plain text.
    """

    __slots__ = ()

    def _repr_markdown_(self) -> str:
        return escape(str(self))


class Markdown(Prose):
    """Markdown that is meant as Markdown: a figure, a table, a sentence of the author's."""

    __slots__ = ()

    def _repr_markdown_(self) -> str:
        return str(self)


def label_of(kind: str, name: str) -> str:
    """The label that @fig-… and @tbl-… refer to: hyphens for underscores, which Quarto advises against."""
    return f"{kind}-{name.replace('_', '-')}"
