"""Shares and means of several waves: groups or questions in rows, each wave's estimate and N beside each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evalkit.present.numbers import HARD, HIDDEN, NO_NUMBER, count, decimal, span
from evalkit.present.rows import ALL, Cell, View

if TYPE_CHECKING:
    from evalkit.present.tables import Grid


def waves(shown: View, leads: list[str], rows: list[tuple[list[str], str, str]], unit: str) -> Grid:
    """Group (and question) | estimate with interval and N, for each wave.

    `leads` heads the first columns; `rows` has their words, and the item and group of each row; `unit` stands beside
    the wave's name.
    """
    from evalkit.present.tables import Grid

    words, mean = shown.words, shown.exhibit.kind == "mean"
    intervals = any(cell.has_interval for cell in shown.cells.values())
    head = list(leads)
    for wave in shown.waves:
        name = shown.word("wave", wave)
        head.append(f"{name}: {unit} ({words.interval_head})" if intervals else f"{name}: {unit}")
        head.append(f"{name}: {words.n_head}")
    body: list[list[str]] = []
    bold: list[int] = []
    for names, item, group in rows:
        cells = [shown.cell(item, wave, group, shown.categories[0]) for wave in shown.waves]
        if all(cell is None for cell in cells):
            continue
        if group == ALL and shown.groups:
            bold.append(len(body))
        body.append([*names, *(text for cell in cells for text in _pair(cell, shown.lang, mean))])
    return Grid(head, body, bold, numbers_from=len(leads))


def _pair(cell: Cell | None, lang: str, mean: bool) -> list[str]:
    """«40 (33–47)» and N."""
    if cell is None:
        return [NO_NUMBER, NO_NUMBER]
    if cell.hidden:
        return [HIDDEN, count(cell.n, lang)]
    times, digits = (1, 1) if mean else (100, 0)
    text = decimal(times * cell.estimate, lang, digits)
    if cell.has_interval:
        text += f"{HARD}({span(times * cell.low, times * cell.high, lang, digits)})"
    return [text, count(cell.n, lang)]
