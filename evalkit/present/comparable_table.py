"""The table of what can be compared: pairs of waves, and how many units can be, by what happened to their borders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evalkit.present.numbers import count
from evalkit.present.rows import ALL, View

if TYPE_CHECKING:
    from evalkit.present.tables import Grid


def comparable(shown: View) -> Grid:
    """Waves | borders | answered both | unchanged | renumbered | merged | split."""
    from evalkit.present.tables import Grid

    words, pairs = shown.words, shown.exhibit.facts["pairs"]
    head = [words.wave, words.survey.borders, *(shown.word("category", code) for code in shown.categories)]
    rows = [
        [shown.word("wave", pair), str(pairs[pair]), *(_number(shown, pair, code) for code in shown.categories)]
        for pair in shown.waves
    ]
    return Grid(head, rows, remarks=[words.survey.what_comparable_is])


def told(shown: View) -> list[str]:
    """How many can be compared, pair by pair."""
    line = shown.words.survey.compared_line
    return [line.format(pair=shown.word("wave", pair), both=_number(shown, pair, "both")) for pair in shown.waves]


def _number(shown: View, pair: str, code: str) -> str:
    cell = shown.cell("comparable", pair, ALL, code)
    assert cell is not None
    return count(cell.estimate, shown.lang)
