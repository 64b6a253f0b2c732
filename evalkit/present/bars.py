"""Horizontal bars from zero with direct labels: shares by group, options by size, one series or several."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from evalkit.present import frame, layout, style
from evalkit.present.frame import Block, Entry
from evalkit.present.numbers import HIDDEN, percent
from evalkit.present.rows import ALL, Cell, View
from evalkit.present.style import Paper

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

VALUE = 1.3
"""Room for a number to the right of 100 percent, in centimetres."""


def share(view: View, paper: Paper) -> Block:
    """Shares of one question by group, by wave, or of several questions."""
    if view.groups or (len(view.items) == 1 and len(view.waves) == 1):
        entries = frame.group_entries(view)
        rows = [[_first(view, group=entry.code)] for entry in entries]
        return block(view, paper, entries, rows)
    column, codes = ("item", view.items) if len(view.items) > 1 else ("wave", view.waves)
    same = len({view.n(**{column: code}) for code in codes}) == 1
    entries = [
        Entry(view.word(column, code) + ("" if same else f" {view.n_label(**{column: code})}"), False, code)
        for code in codes
    ]
    rows = [[_first(view, **{column: entry.code})] for entry in entries]
    return block(view, paper, entries, rows)


def multiple(view: View, paper: Paper) -> Block:
    """Options of a multiple-choice question, the most ticked first; a series for each question or wave."""
    column, series = ("item", view.items) if len(view.items) > 1 else ("wave", view.waves)
    found = {code: [_first(view, category=code, **{column: one}) for one in series] for code in view.categories}
    order = sorted(view.categories, key=lambda code: -_size(found[code][0]))
    entries = [Entry(view.word("category", code), False, code) for code in order]
    names = [f"{view.word(column, one)} {view.n_label(**{column: one})}" for one in series]
    rows = [found[code] for code in order]
    return block(view, paper, entries, rows, names if len(series) > 1 else (), column == "wave")


def block(
    view: View,
    paper: Paper,
    entries: Sequence[Entry],
    rows: Sequence[Sequence[Cell | None]],
    series: Sequence[str] = (),
    ordered: bool = False,
) -> Block:
    """Bars for `rows` (entries × series) under each other, with a legend where there are several series."""
    count = max(len(series), 1)
    colours = (style.waves(count) if ordered else list(style.SERIES)) if count > 1 else [style.BAR]
    marks = [layout.Mark(name, colour) for name, colour in zip(series, colours)]
    pairs = [(entry.label, entry.bold) for entry in entries]
    thick = 0.44 if count == 1 else 0.36
    lines = layout.rows(pairs, paper, count * thick + 0.2, most=6.4)
    room = paper.width - lines.left
    head = layout.legend_height(marks, room)

    def paint(figure: Figure, page: Axes, top: float) -> None:
        layout.legend(page, marks, lines.left, top, room)
        axes = layout.chart(figure, lines.left, top + head, room - VALUE, lines.height)
        frame.percent_axis(axes, view, lines)
        frame.labels(page, lines, top + head)
        for entry, line, cells in zip(entries, lines.lines, rows, strict=True):
            first = line.middle - thick * (count - 1) / 2
            for k, cell in enumerate(cells):
                colour = style.EVERYONE if entry.code == ALL and len(entries) > 1 else colours[k]
                bar(axes, view, cell, first + k * thick, thick * 0.86, colour)

    return Block(head + lines.height + frame.AXIS, paint, frame.reading(view))


def bar(axes: Axes, view: View, cell: Cell | None, y: float, height: float, colour: str) -> None:
    """One bar from zero, its interval and its number; a share of zero has no bar, and «0 %»."""
    if cell is None or math.isnan(cell.estimate):
        text = HIDDEN if cell is not None and cell.hidden else view.words.no_answers
        layout.write(axes, 0.01, y, text, size=8.0, colour=style.MUTED)
        return
    layout.box(axes, y, cell.estimate, height=height, colour=colour)
    frame.interval(axes, cell, y)
    number(axes, frame.rightmost(cell) + frame.room(axes), y, percent(cell.estimate, view.lang))


def number(axes: Axes, x: float, y: float, text: str, align: str = "left") -> None:
    """A number beside its mark, on a patch of paper over the axis lines but under the bars."""
    low, high = axes.get_xlim()
    size = layout.text_width(text, style.VALUE, True) * (high - low) / layout.width_of(axes)
    layout.box(axes, y, size, left=x if align == "left" else x - size, height=0.3, colour=style.PAPER, order=1.8)
    layout.write(axes, x, y, text, size=style.VALUE, bold=True, align=align)


def _first(view: View, **where: str) -> Cell | None:
    """The row of these codes; the only or first code where a column is not named."""
    return view.cell(
        where.get("item", view.items[0]),
        where.get("wave", view.waves[0]),
        where.get("group", ALL if view.has_all else view.groups[0]),
        where.get("category", view.categories[0]),
    )


def _size(cell: Cell | None) -> float:
    return -1.0 if cell is None or math.isnan(cell.estimate) else cell.estimate
