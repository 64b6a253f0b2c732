"""Stacked horizontal bars of a distribution, in the questionnaire's order, with the numbers inside."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from evalkit.present import frame, layout, style
from evalkit.present.frame import Block
from evalkit.present.numbers import percent
from evalkit.present.rows import Cell, View
from evalkit.present.style import Paper

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

THICK = 0.62
ABOVE = 0.42
"""Height of a bar, and of the line above it for numbers that do not fit inside (centimetres)."""
SMALL = 8.0


def stacked(view: View, paper: Paper) -> Block:
    """One bar of 100 percent for each group, wave or question."""
    names, rows = _rows(view)
    colours = style.sequence(len(view.categories))
    marks = [layout.Mark(view.word("category", code), colour) for code, colour in zip(view.categories, colours)]
    lines = layout.rows(names, paper, THICK + 0.14, most=6.0, above=True if paper.narrow else None)
    width = paper.width - lines.left - 0.6
    narrow = [_narrow(view, cells, width) for cells in rows]
    lines = _spread(lines, narrow)
    places = _direct(marks, rows[0], width)
    head = layout.line_height() + 0.2 if places else layout.legend_height(marks, paper.width)

    def paint(figure: Figure, page: Axes, top: float) -> None:
        if places:
            for mark, place in zip(marks, places, strict=True):
                layout.legend(page, [mark], lines.left + place, top, paper.width)
        else:
            layout.legend(page, marks, 0, top, paper.width)
        frame.labels(page, lines, top + head)
        axes = layout.chart(figure, lines.left, top + head, width, lines.height)
        ticks = [(tick, percent(tick, view.lang)) for tick in (0, 0.25, 0.5, 0.75, 1)]
        frame.axis(axes, lines, ticks, (0, 1), grid=False)
        for line, cells, outside in zip(lines.lines, rows, narrow, strict=True):
            y = line.middle
            _bar(axes, view, cells, colours, y, outside)
            _outside(axes, view, cells, colours, y, outside, width)

    return Block(head + lines.height + frame.AXIS, paint)


def _rows(view: View) -> tuple[list[tuple[str, bool]], list[list[Cell | None]]]:
    """Labels and cells: groups within waves within questions, as far as there are several."""
    names: list[tuple[str, bool]] = []
    rows: list[list[Cell | None]] = []
    several = len(view.items) * len(view.waves) > 1
    for entry in frame.group_entries(view, n=False):
        for item in view.items:
            for wave in view.waves:
                cells = [view.cell(item, wave, entry.code, category) for category in view.categories]
                if all(cell is None for cell in cells):
                    continue
                parts = [entry.label] if view.groups or not several else []
                parts += [view.word("item", item)] if len(view.items) > 1 else []
                parts += [view.word("wave", wave)] if len(view.waves) > 1 else []
                n = view.n_label(item=item, wave=wave, group=entry.code)
                names.append((f"{', '.join(parts)} {n}".strip(), entry.bold))
                rows.append(cells)
    return names, rows


def _direct(marks: Sequence[layout.Mark], cells: Sequence[Cell | None], width: float) -> list[float]:
    """Where each category's name stands over its part of the first bar; nothing where they need more than a line."""
    needs = [0.42 + layout.text_width(mark.label) + 0.3 for mark in marks]
    if sum(needs) > width + 0.6:
        return []
    return _apart([sum(_share(cell) for cell in cells[:k]) * width for k in range(len(marks))], needs, width + 0.6)


def _spread(rows: layout.Rows, narrow: Sequence[Sequence[int]]) -> layout.Rows:
    """Room above the bars that have numbers outside; a label above its bar stands above them, too."""
    found: list[layout.Line] = []
    extra = 0.0
    for line, outside in zip(rows.lines, narrow, strict=True):
        more = ABOVE if outside else 0.0
        if line.lead:
            found.append(replace(line, top=line.top + extra, lead=line.lead + more, height=line.height + more))
        else:
            found.append(replace(line, top=line.top + extra + more))
        extra += more
    return replace(rows, lines=tuple(found))


def _share(cell: Cell | None) -> float:
    return 0.0 if cell is None or math.isnan(cell.estimate) else cell.estimate


def _narrow(view: View, cells: Sequence[Cell | None], width: float) -> list[int]:
    """The categories whose number does not fit inside its part of the bar."""
    return [
        k
        for k, cell in enumerate(cells)
        if layout.text_width(percent(_share(cell), view.lang), SMALL, True) + 0.12 > _share(cell) * width
    ]


def _bar(
    axes: Axes, view: View, cells: Sequence[Cell | None], colours: Sequence[str], y: float, outside: Sequence[int]
) -> None:
    start = 0.0
    for k, cell in enumerate(cells):
        share = _share(cell)
        layout.box(axes, y, share, left=start, height=THICK, colour=colours[k], edge=style.PAPER, rim=0.8)
        if k not in outside:
            ink = style.text_on(colours[k])
            number = percent(share, view.lang)
            layout.write(axes, start + share / 2, y, number, size=SMALL, bold=True, colour=ink, align="center")
        start += share


def _outside(
    axes: Axes,
    view: View,
    cells: Sequence[Cell | None],
    colours: Sequence[str],
    y: float,
    outside: Sequence[int],
    width: float,
) -> None:
    """Numbers of narrow parts, 0 percent too, above the bar: a thin line to the place, a chip of the colour."""
    from matplotlib.patches import Rectangle

    starts = [sum(_share(cell) for cell in cells[:k]) + _share(cells[k]) / 2 for k in outside]
    texts = [percent(_share(cells[k]), view.lang) for k in outside]
    needs = [0.26 + layout.text_width(text, SMALL) + 0.2 for text in texts]
    places = _apart([start * width - 0.1 for start in starts], needs, width + 0.6)
    edge = y - THICK / 2
    for k, start, text, place in zip(outside, starts, texts, places, strict=True):
        way = [start, start, (place + 0.1) / width], [edge + 0.06, edge - 0.03, edge - 0.1]
        layout.stroke(axes, *way, colour=style.MUTED, thickness=0.6, order=3)
        axes.add_patch(
            Rectangle(
                (place / width, edge - 0.31),
                0.2 / width,
                0.2,
                facecolor=colours[k],
                edgecolor=style.MUTED,
                linewidth=0.4,
                clip_on=False,
            )
        )
        layout.write(axes, (place + 0.26) / width, edge - 0.21, text, size=SMALL)


def _apart(places: list[float], needs: list[float], width: float) -> list[float]:
    """Move labels sideways until none overlaps: from the left, then back from the right edge."""
    found = list(places)
    for k in range(1, len(found)):
        found[k] = max(found[k], found[k - 1] + needs[k - 1])
    limit = width
    for k in range(len(found) - 1, -1, -1):
        found[k] = min(found[k], limit - needs[k])
        limit = found[k]
    return found
