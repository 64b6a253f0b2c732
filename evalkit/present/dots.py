"""Dots with intervals: means by group, and two or more waves beside each other with the way from one to the next."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from evalkit.present import frame, layout, style
from evalkit.present.bars import number
from evalkit.present.frame import Block, Entry
from evalkit.present.numbers import HIDDEN, decimal, percent
from evalkit.present.rows import Cell, View
from evalkit.present.style import Paper

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

STEP = 0.46
"""Height of one dot's line, in centimetres."""


def dots(view: View, paper: Paper) -> Block:
    """One dot for each group and wave; waves of a group stand under each other, joined by a thin line."""
    item, category = view.items[0], view.categories[0]
    entries = frame.group_entries(view, n=len(view.waves) == 1)
    rows = [[view.cell(item, wave, entry.code, category) for wave in view.waves] for entry in entries]
    pairs = [(entry.label, entry.bold) for entry in entries]
    tags = [
        [_tag(view, wave, entry, cell) for wave, cell in zip(view.waves, cells)] for entry, cells in zip(entries, rows)
    ]
    second = max((layout.text_width(tag, 8.0) for row in tags for tag in row), default=0.0)
    above = True if paper.narrow and second else None
    lines = layout.rows(pairs, paper, max(STEP * len(view.waves) + 0.14, 0.6), most=5.0, gap=0.3, above=above)
    left = lines.left + (second + 0.25 if second else 0.0)
    width = paper.width - left - 1.3
    body = lines.height
    unit = view.exhibit.facts.get("unit")
    under = 0.4 if unit else 0.0

    def paint(figure: Figure, page: Axes, top: float) -> None:
        axes = layout.chart(figure, left, top, width, body)
        _axis(axes, view, lines, rows)
        if unit:
            layout.write(
                page,
                left + width / 2,
                top + body + frame.AXIS + 0.1,
                unit[view.lang],
                size=8.0,
                colour=style.MUTED,
                align="center",
            )
        frame.labels(page, lines, top)
        for line, cells, tag in zip(lines.lines, rows, tags, strict=True):
            first = line.middle - STEP * (len(cells) - 1) / 2
            for k, text in enumerate(tag):
                layout.write(
                    page, left - 0.25, top + first + k * STEP, text, size=8.0, colour=style.MUTED, align="right"
                )
            _series(axes, view, cells, first)

    return Block(body + frame.AXIS + under, paint, frame.reading(view, dots=True))


def _tag(view: View, wave: str, entry: Entry, cell: Cell | None) -> str:
    """The wave's name with its n, where there are several."""
    if len(view.waves) == 1:
        return ""
    n = view.n_label(wave=wave, group=entry.code) if cell else ""
    return f"{view.word('wave', wave)} {n}".strip()


def _series(axes: Axes, view: View, cells: Sequence[Cell | None], first: float) -> None:
    """A group's dots; the numbers stand beside a single dot, in a column where waves are joined by a line."""
    colours = [style.DARK] if len(cells) == 1 else style.waves(len(cells))
    known = [(k, cell) for k, cell in enumerate(cells) if cell is not None and not math.isnan(cell.estimate)]
    path = [cell.estimate for _, cell in known], [first + k * STEP for k, _ in known]
    layout.stroke(axes, *path, colour=style.EVERYONE, thickness=1.2, order=2.5)
    low, high = axes.get_xlim()
    room = 1.6 * frame.room(axes)
    for k, cell in known:
        y = first + k * STEP
        frame.interval(axes, cell, y)
        layout.dot(axes, cell.estimate, y, colour=colours[k], size=7, order=3.5)
        number(axes, (high if len(cells) > 1 else frame.rightmost(cell)) + room, y, _value(view, cell))
    for k in range(len(cells)):
        if k not in dict(known):
            found = cells[k]
            text = HIDDEN if found is not None and found.hidden else view.words.no_answers
            layout.write(axes, low + room, first + k * STEP, text, size=8.0, colour=style.MUTED)


def _value(view: View, cell: Cell) -> str:
    return decimal(cell.estimate, view.lang, 1) if view.exhibit.kind == "mean" else percent(cell.estimate, view.lang)


def _axis(axes: Axes, view: View, lines: layout.Rows, rows: Sequence[Sequence[Cell | None]]) -> None:
    """Percent from 0 to 100; a mean's axis holds its intervals, and zero unless all lie far from it."""
    if view.exhibit.kind != "mean":
        frame.percent_axis(axes, view, lines)
        return
    from matplotlib.ticker import MaxNLocator

    known = [cell for row in rows for cell in row if cell is not None and not math.isnan(cell.estimate)]
    low = min((min(cell.estimate, cell.low if cell.has_interval else cell.estimate) for cell in known), default=0.0)
    high = max((frame.rightmost(cell) for cell in known), default=1.0)
    if 0 <= low < 0.75 * high:
        low = 0.0
    ticks = MaxNLocator(5, steps=[1, 2, 5, 10]).tick_values(low, high)
    digits = max(0, -math.floor(math.log10(ticks[1] - ticks[0]) + 1e-9))
    words = [(float(tick), decimal(tick, view.lang, digits)) for tick in ticks]
    frame.axis(axes, lines, words, (ticks[0], ticks[-1]), base=0.0 if ticks[0] == 0 else None)
