"""The privacy gate: columns that tell who a person is are found by name, label and content, and go no further."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from evalkit.waves.read import Wave

PATTERNS = {
    "e-mail addresses": re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+"),
    "IP addresses": re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])"),
    "telephone numbers": re.compile(
        r"(?<![\d.,])(?:(?:\+|00)47[ ]?)?[2-9]\d(?:[ ]\d\d){3}(?!\d)|(?<!\d)(?:\+|00)47[ ]?\d{8}(?!\d)"
    ),
    "national identity numbers": re.compile(r"(?<!\d)\d{6}[ ]?\d{5}(?!\d)"),
}
NAMES = re.compile(
    r"\b(e-?post|e-?mail|telefon|phone|mobil|ip-?adresse|ip_?address|fødselsnummer|personnummer"
    r"|kontaktperson|respondentens? navn|navn på (?:den|respondent)\w*|ditt navn|your name)\b",
    re.IGNORECASE,
)
FREE_TEXT_WORDS = 4
"""A text column whose longest cells have this many words is open text."""


@dataclass(frozen=True)
class Finding:
    """A column that does not pass: what was found in how many cells. No cell is repeated here."""

    column: str
    what: str
    cells: int


def find_personal(wave: Wave) -> list[Finding]:
    """Columns of a wave that hold personal data or open text."""
    found = (_look(name, wave.data[name], wave.variable_labels.get(name, "")) for name in wave.data.columns)
    return [finding for finding in found if finding is not None]


def _look(name: str, column: pd.Series, label: str) -> Finding | None:
    text = column.dropna()
    filled = len(text)
    text = text.map(lambda value: str(int(value)) if isinstance(value, float) and value.is_integer() else str(value))
    for what, pattern in PATTERNS.items() if filled else ():
        hits = text.map(lambda value, p=pattern: p.search(value) is not None)
        if what == "national identity numbers":
            hits &= text.map(lambda value: any(map(is_identity_number, PATTERNS[what].findall(value))))  # noqa: B023
        if hits.any():
            return Finding(name, what, int(hits.sum()))
    if NAMES.search(name.replace("_", " ")) or NAMES.search(label):
        return Finding(name, "personal data by its name", filled)
    if filled and text.map(lambda value: len(value.split())).max() >= FREE_TEXT_WORDS and text.nunique() > 0.5 * filled:
        return Finding(name, "open text", filled)
    return None


def is_identity_number(text: str) -> bool:
    """Whether eleven digits are a Norwegian national identity number: both control digits fit (modulus 11)."""
    digits = [int(character) for character in text if character.isdigit()]
    if len(digits) != 11:
        return False
    first = (3, 7, 6, 1, 8, 9, 4, 5, 2, 1)
    second = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)
    return all(sum(w * d for w, d in zip(weights, digits)) % 11 == 0 for weights in (first, second))
