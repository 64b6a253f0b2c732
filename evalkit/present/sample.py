"""Sample against population: a bar for the sample, a mark for the population, both numbers at the right."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from evalkit.present import frame, layout, style
from evalkit.present.frame import Block
from evalkit.present.numbers import count, percent
from evalkit.present.rows import Cell, View
from evalkit.present.style import Paper

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ROW = 0.46
NUMBER = 2.15
"""Height of a row and width of a column of numbers, in centimetres."""


def sample(view: View, paper: Paper) -> Block:
    """One row for each category of the division."""
    item, wave = view.items[0], view.waves[0]
    found = {
        code: [view.cell(item, wave, group, code) for group in ("sample", "population")] for code in view.categories
    }
    pairs = [(view.word("category", code), False) for code in view.categories]
    lines = layout.rows(
        pairs,
        paper,
        ROW if len(pairs) > 6 else ROW + 0.14,
        above=True if paper.narrow else None,
        numbers=2 * NUMBER,
    )
    left = lines.left
    width = paper.width - left - (0.4 if paper.narrow else 2 * NUMBER + 0.2)
    body = lines.height
    right = (paper.edge - NUMBER, paper.edge)
    names = [_head(view, group) for group in ("sample", "population")]
    marks = [layout.Mark(names[0], style.BAR), layout.Mark(names[1], style.INK, "tick")]
    head = 0.5 + layout.line_height(8.0) * max(name.count("\n") for name in names)
    most = max((_size(cell) for cells in found.values() for cell in cells), default=1.0)

    def paint(figure: Figure, page: Axes, top: float) -> None:
        for x, mark in zip(right, marks, strict=True):
            layout.column_head(page, mark, x, top)
        axes = layout.chart(figure, left, top + head, width, body)
        step = next((s for s in (0.01, 0.02, 0.05, 0.1, 0.2, 0.25) if most / s <= 6), 0.25)
        limit = math.ceil(most / step - 1e-9) * step
        frame.scale(axes, view, lines, limit, step)
        frame.labels(page, lines, top + head)
        for line, (ours, theirs) in zip(lines.lines, found.values(), strict=True):
            _row(axes, ours, theirs, line)
            for x, cell in zip(right, (ours, theirs), strict=True):
                text = view.words.interval_missing if cell is None else percent(cell.estimate, view.lang)
                layout.write(page, x, top + head + line.beside, text, bold=x == right[0], align="right")

    return Block(head + body + frame.AXIS, paint)


def _head(view: View, group: str) -> str:
    """The name of a column, with its n on a line of its own where all rows have the same."""
    low, high = view.n(group=group)
    if group == "population":
        low = high = float(view.exhibit.facts.get("frame", math.nan))
    n = view.words.n_label.format(n=count(low, view.lang))
    return f"{view.word('group', group)}\n{n}" if low == high else view.word("group", group)


def _row(axes: Axes, ours: Cell | None, theirs: Cell | None, line: layout.Line) -> None:
    if ours is not None and not math.isnan(ours.estimate):
        layout.box(axes, line.middle, ours.estimate, height=0.26, colour=style.BAR)
    if theirs is not None:
        low, high = line.middle - 0.19, line.middle + 0.19
        layout.stroke(axes, [theirs.estimate] * 2, [low, high], colour=style.PAPER, thickness=3.6, order=3)
        layout.stroke(axes, [theirs.estimate] * 2, [low, high], colour=style.INK, thickness=2, order=3.1)


def _size(cell: Cell | None) -> float:
    return 0.0 if cell is None or math.isnan(cell.estimate) else cell.estimate
