"""Single cells of a wave file: the text of a code, and numbers as people write them."""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Iterable
from typing import Literal

ANSWERED, EMPTY = "", "empty"
Decimal = Literal[",", "."]
SPACES = dict.fromkeys(map(ord, "\u00a0\u2007\u2009\u202f\u3000"), " ") | dict.fromkeys(map(ord, "\u200b\ufeff"))
_MARKED = re.compile(r"[+-]?\d[\d.,]*")
_PLAIN = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?")


def text(cell: object) -> str:
    """A cell's text: composed letters, plain spaces, none around it."""
    return unicodedata.normalize("NFC", str(cell).translate(SPACES)).strip()


def code(value: object) -> str:
    """A value as the text of a code: 1.0 → "1", 1.5 → "1.5", " Ja " → "Ja", True → "1", a day's midnight → the day."""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, datetime.datetime) and value.time() == datetime.time() and value == value:
        return value.date().isoformat()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else f"{value:.15g}"
    return text(value)


def same_words(label: str) -> str:
    """A label without case, spaces and marks that mean nothing; years, signs and bounds stay."""
    return " ".join(re.findall(r"(?<!\w)[-−+](?=\d)|\+|[<>≤≥=%]|\w+", label.casefold()))


def number(said: str, decimal: Decimal | None = None) -> float | None:
    """`1 234,5`, `1.234,5` or `1234.5` as a number; None where it is not one.

    Parameters
    ----------
    decimal : the decimal mark, where it is known; else the last of two different marks, or one that stands once.
    """
    plain = text(said).replace("\u2212", "-").replace(" ", "" if _spaced(said) else " ")
    marks = [mark for mark in ",." if mark in plain]
    if decimal is None and marks:
        last = max(marks, key=plain.rfind)
        once = len(marks) == 2 or plain.count(last) == 1
        decimal = "," if (last == ",") == once else "."
    if marks:
        other = "." if decimal == "," else ","
        whole, _, part = plain.partition(decimal or ".")
        if other in whole and not re.fullmatch(rf"[+-]?\d{{1,3}}(?:\{other}\d{{3}})+", whole):
            return None
        if other in part:
            return None
        plain = whole.replace(other, "") + (f".{part}" if (decimal or ".") in plain else "")
    return float(plain) if _PLAIN.fullmatch(plain) else None


def _spaced(said: str) -> bool:
    """Whether spaces stand where thousands are parted."""
    return re.fullmatch(r"[+-]?\s*\d{1,3}(?: \d{3})+(?:[.,]\d+)?", text(said).replace("\u2212", "-")) is not None


def decimal_of(cells: Iterable[str]) -> Decimal | Literal["either", "both"] | None:
    """The decimal mark of a column of numbers as text.

    Returns
    -------
    The mark; None where no cell has one; "either" where every mark may as well part thousands, as in 1,234; "both"
    where the cells contradict one another.
    """
    found: set[Decimal] = set()
    doubtful = False
    for cell in cells:
        plain = text(cell).replace(" ", "").replace("\u2212", "-")
        marks: list[Decimal] = [mark for mark in (",", ".") if mark in plain]
        if not marks or not _MARKED.fullmatch(plain):
            continue
        last = max(marks, key=plain.rfind)
        if len(marks) == 1 and plain.count(last) > 1:
            found.add("," if last == "." else ".")
        elif len(marks) == 1 and re.fullmatch(r"[+-]?[1-9]\d{0,2}[.,]\d{3}", plain):
            doubtful = True
        else:
            found.add(last)
    if len(found) == 2:
        return "both"
    return found.pop() if found else "either" if doubtful else None
