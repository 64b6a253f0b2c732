"""Inline expressions, `{python} expr`: what a value becomes in the text, by Quarto's rules."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from evalkit.errors import RenderError
from evalkit.report.document import Line

INLINE = re.compile(r"(^|[^`])`\{python\}[ \t]([^`]+)`")
_NUMBER = re.compile(r"^[+-]?(\d+(\.\d*)?([eE][+-]?\d+)?|True|False)$")
_QUOTED = re.compile(r"""^(?P<quote>['"])(?P<text>.*)(?P=quote)$""", re.DOTALL)
# Quarto's character class has the range "+-.", so that a comma is escaped too; the reader of Markdown takes it back
_SPECIAL = re.compile(r"([\\`*_{}\[\]()>#+,\-.!])")


def unescape_braces(text: str) -> str:
    """`{{python}} x`, the documented way of showing an expression, without its outer braces."""
    return text.replace("`{{python}}", "`{python}")


def _said(message: str) -> str:
    """The whole of a message that has its parts on lines of their own, as evalkit's have; the last line of another."""
    lines = message.strip().splitlines() or [""]
    return "; ".join(line.strip() for line in lines) if all(line[:1] == " " for line in lines[1:]) else lines[-1]


def inline_markdown(result: Mapping[str, Any], expression: str, line: Line) -> str:
    """Markdown for a value the kernel returned.

    A Markdown object is used as it is; a string has its Markdown characters escaped; a number is written as it is.
    Quarto writes Python's repr of anything else, and of a string's unprintable characters (a hard space becomes
    \\xa0): both are refused here, because they would reach the reader.
    """
    where = f"{line.place}, `{expression}`"
    if result["status"] != "ok":
        said = _said(str(result.get("evalue", "")))
        raise RenderError("An inline expression failed.", where=where, got=f"{result.get('ename')}: {said}")
    data = result["data"]
    if "text/markdown" in data:
        return str(data["text/markdown"])
    plain = str(data.get("text/plain", ""))
    quoted = _QUOTED.match(plain)
    if quoted and "\\" not in quoted["text"]:
        return _SPECIAL.sub(r"\\\1", quoted["text"])
    if _NUMBER.match(plain):
        return plain
    raise RenderError(
        "An inline expression gives something that has no form in a sentence.",
        where=where,
        expected="a number, a string of printable characters or IPython.display.Markdown",
        got=plain if len(plain) <= 80 else plain[:77] + "...",
        mend="Return IPython.display.Markdown(text); a hard space in a plain string would be written as \\xa0.",
    )
