"""Sample against population: a bar for the sample, a mark for the population, both numbers at the right."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from evalkit.present import frame, layout, style
from evalkit.present.bars import zero
from evalkit.present.frame import Block
from evalkit.present.numbers import percent
from evalkit.present.rows import Cell, View

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ROW = 0.46
NUMBER = 1.75
"""Height of a row and width of a column of numbers, in centimetres."""


def sample(view: View) -> Block:
    """One row for each category of the division."""
    item, wave = view.items[0], view.waves[0]
    found = {
        code: [view.cell(item, wave, group, code) for group in ("sample", "population")] for code in view.categories
    }
    pairs = [(view.word("category", code), False) for code in view.categories]
    left = layout.label_width(pairs, most=5.6) + 0.2
    width = style.WIDTH - left - 2 * NUMBER - 0.2
    lines = layout.lines(pairs, left - 0.2, ROW if len(pairs) > 6 else ROW + 0.14)
    body = lines[-1].top + lines[-1].height
    head = 0.5
    most = max((_size(cell) for cells in found.values() for cell in cells), default=1.0)
    words = view.words
    marks = [layout.Mark(words.sample, style.BAR), layout.Mark(words.population, style.INK, "tick")]

    def paint(figure: Figure, page: Axes, top: float) -> None:
        layout.legend(page, marks, left, top, width)
        right = (style.EDGE - NUMBER, style.EDGE)
        for x, name in zip(right, (words.sample, words.population), strict=True):
            layout.write(page, x, top, name, size=8.0, colour=style.MUTED, align="right", middle=False)
        axes = layout.chart(figure, left, top + head, width, body)
        step = next((s for s in (0.01, 0.02, 0.05, 0.1, 0.2, 0.25) if most / s <= 6), 0.25)
        limit = math.ceil(most / step - 1e-9) * step
        frame.scale(axes, view, limit, step)
        frame.labels(page, lines, left - 0.2, top + head)
        for line, (ours, theirs) in zip(lines, found.values(), strict=True):
            _row(axes, ours, theirs, line)
            for x, cell in zip(right, (ours, theirs), strict=True):
                text = words.interval_missing if cell is None else percent(cell.estimate, view.lang)
                layout.write(page, x, top + head + line.middle, text, bold=x == right[0], align="right")

    return Block(head + body + frame.AXIS, paint)


def _row(axes: Axes, ours: Cell | None, theirs: Cell | None, line: layout.Line) -> None:
    if ours is not None and not math.isnan(ours.estimate):
        axes.barh(line.middle, ours.estimate, height=0.26, color=style.BAR, linewidth=0, zorder=2)
    if ours is not None and ours.estimate == 0:
        zero(axes, line.middle, 0.26, style.BAR)
    if theirs is not None:
        low, high = line.middle - 0.19, line.middle + 0.19
        axes.plot([theirs.estimate] * 2, [low, high], color=style.PAPER, linewidth=3.6, zorder=3, clip_on=False)
        axes.plot([theirs.estimate] * 2, [low, high], color=style.INK, linewidth=2, zorder=3.1, clip_on=False)


def _size(cell: Cell | None) -> float:
    return 0.0 if cell is None or math.isnan(cell.estimate) else cell.estimate
