"""Bars in rows and columns: many options by group, each with its number, readable at a distance."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from evalkit.present import bars, frame, layout, style
from evalkit.present.frame import Block
from evalkit.present.numbers import HIDDEN, NO_NUMBER, percent
from evalkit.present.rows import ALL, Cell, View
from evalkit.present.style import Paper
from evalkit.present.words import sentence

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ROW, LOW = 0.98, 0.8
COLUMN = 1.45
"""Least heights (of options, of groups) and width of a cell, in centimetres."""
SMALL = 8.0
TRACK = "#EBEEF1"
"""What 100 percent is, behind each bar."""


def matrix(view: View, paper: Paper) -> list[Block]:
    """Options (or questions) in rows and groups in columns, or the other way where that fits better.

    Columns that do not fit beside each other go into further blocks.
    """
    column, options = _options(view)
    groups = [*view.groups, *([ALL] if view.has_all else [])]
    turned = len(groups) > 7 and len(options) < len(groups)
    rows, columns = (groups, options) if turned else (options, groups)
    label = layout.label_width([(_name(view, column, code, turned), False) for code in rows], most=4.2)
    room = int((paper.width - label - 0.2) / COLUMN)
    pieces = math.ceil(len(columns) / room)
    size = math.ceil(len(columns) / pieces)
    cuts = [columns[k : k + size] for k in range(0, len(columns), size)]
    return [_block(view, paper, column, rows, part, turned, label) for part in cuts]


def panels(view: View, paper: Paper) -> list[tuple[str | None, Block]]:
    """The same under each other: for each option (or question) its name and the bars of the groups."""
    column, options = _options(view)
    entries = frame.group_entries(view)
    rows = [[[_find(view, column, option, entry.code)] for entry in entries] for option in options]
    return [
        (view.word(column, option), bars.block(view, paper, entries, found))
        for option, found in zip(options, rows, strict=True)
    ]


def _options(view: View) -> tuple[str, list[str]]:
    return ("item", view.items) if len(view.items) > 1 else ("category", view.categories)


def _block(
    view: View, paper: Paper, column: str, rows: list[str], columns: list[str], turned: bool, label: float
) -> Block:
    left = label + 0.25
    step = (paper.width - left) / len(columns)
    heads = [_head(view, column, code, turned, step - 0.28) for code in columns]
    head = max(len(text) for text in heads) * layout.line_height(SMALL) + 0.12
    pairs = [(_name(view, column, code, turned), turned and code == ALL) for code in rows]
    lines = layout.rows(pairs, paper, LOW if turned else ROW, most=label, above=False)
    body = lines.height

    def paint(figure: Figure, page: Axes, top: float) -> None:
        frame.labels(page, lines, top + head)
        axes = layout.chart(figure, left, top + head, paper.width - left, body)
        axes.set_xlim(0, paper.width - left)
        axes.xaxis.set_visible(False)
        for k, (code, text) in enumerate(zip(columns, heads, strict=True)):
            bold = code == ALL and not turned
            above = top + head - 0.1 - len(text) * layout.line_height(SMALL)
            colour = style.INK if bold else style.MUTED
            layout.write(page, left + k * step, above, text, size=SMALL, bold=bold, colour=colour, middle=False)
            layout.stroke(axes, [k * step] * 2, [0, body], colour=style.MUTED, thickness=0.8, order=2)
            for row, line in zip(rows, lines.lines, strict=True):
                option, group = (code, row) if turned else (row, code)
                found = _find(view, column, option, group)
                _cell(axes, view, found, k * step, step - 0.25, line.middle, group == ALL)

    return Block(head + body + 0.15, paint, sentence(frame.reading(view), view.words.track))


def _cell(axes: Axes, view: View, cell: Cell | None, left: float, width: float, middle: float, everyone: bool) -> None:
    """The number above, a thin bar of at most `width` cm with its interval below."""
    if cell is None or math.isnan(cell.estimate):
        mark = HIDDEN if cell is not None and cell.hidden else NO_NUMBER
        layout.write(axes, left + 0.06, middle - 0.1, mark, colour=style.MUTED)
        return
    colour = style.EVERYONE if everyone else style.BAR
    y = middle + 0.2
    layout.box(axes, y, width, left=left, height=0.22, colour=TRACK, order=1)
    layout.box(axes, y, cell.estimate * width, left=left, height=0.22, colour=colour)
    ends = replace(cell, low=left + cell.low * width, high=left + cell.high * width)
    frame.interval(axes, ends, y, 0.8)
    layout.write(axes, left + 0.06, middle - 0.1, percent(cell.estimate, view.lang), size=style.VALUE + 0.5, bold=True)


def _find(view: View, column: str, option: str, group: str) -> Cell | None:
    item = option if column == "item" else view.items[0]
    category = option if column == "category" else view.categories[0]
    return view.cell(item, view.waves[0], group, category)


def _name(view: View, column: str, code: str, turned: bool) -> str:
    return f"{view.word('group', code)} {view.n_label(group=code)}" if turned else view.word(column, code)


def _head(view: View, column: str, code: str, turned: bool, width: float) -> list[str]:
    if turned:
        return layout.wrap(view.word(column, code), width, SMALL)
    text = layout.wrap(view.word("group", code), width, SMALL, code == ALL)
    n = view.n_label(group=code)
    return [*text, *(layout.wrap(n, width, SMALL) if n else [])]
