"""Tables of who answered and how well they stand for all: response, balance, R-indicator."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evalkit.present.numbers import NO_NUMBER, count, decimal, percent
from evalkit.present.rows import ALL, View
from evalkit.present.words import capital

if TYPE_CHECKING:
    from evalkit.present.tables import Grid

COUNTED = ("complete", "partial", "none")
RATES = ("rr1", "rr2")


def response(shown: View) -> Grid:
    """Group | N | complete | partial | none | RR1 | RR2; a block for each wave where there are several."""
    from evalkit.present.tables import Grid

    words = shown.words
    head = [capital(shown.by) if shown.by else words.group, words.survey.in_frame]
    head += [shown.word("category", code) for code in COUNTED]
    head += [f"{shown.word('category', code)} (%)" for code in RATES]
    rows: list[list[str]] = []
    bold: list[int] = []
    for wave in shown.waves:
        if len(shown.waves) > 1:
            bold.append(len(rows))
            rows.append([f"{words.wave}: {shown.word('wave', wave)}", *[""] * (len(head) - 1)])
        for group in [*shown.groups, *([ALL] if shown.has_all else [])]:
            if group == ALL and shown.groups:
                bold.append(len(rows))
            rows.append(_response(shown, wave, group))
    return Grid(head, rows, bold, remarks=[complete(shown), words.survey.what_rates_are])


def _response(shown: View, wave: str, group: str) -> list[str]:
    cells = {code: shown.cell(shown.items[0], wave, group, code) for code in (*COUNTED, *RATES)}
    n = next((cell.n for cell in cells.values() if cell is not None), float("nan"))
    row = [shown.word("group", group), count(n, shown.lang)]
    row += [NO_NUMBER if (cell := cells[code]) is None else count(cell.estimate, shown.lang) for code in COUNTED]
    for code in RATES:
        cell = cells[code]
        row.append(NO_NUMBER if cell is None else decimal(100 * cell.estimate, shown.lang, 0))
    return row


def complete(shown: View) -> str:
    """When an answer counts as complete."""
    words = shown.words.survey
    share = shown.exhibit.facts.get("complete")
    if share is None:
        return words.what_complete_is_plain
    return words.what_complete_is.format(share=percent(share, shown.lang))
