"""Who moved: units that went down to the left, up to the right, and how many did not move."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from evalkit.present import frame, layout, style
from evalkit.present.frame import Block
from evalkit.present.numbers import HIDDEN, count
from evalkit.present.rows import View
from evalkit.present.style import Paper

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ROW = 0.62
UNCHANGED = 2.0
"""Height of a row and width of the column of those who did not move, in centimetres."""


def moves(view: View, paper: Paper) -> Block:
    """One row for each group, or for each pair of waves; of a group, a row for each pair."""
    names, rows = _rows(view)
    lines = layout.rows(names, paper, ROW, most=6.0, above=True if paper.narrow else None)
    body = lines.height
    width = paper.width - lines.left - UNCHANGED
    head = layout.line_height() + 0.2
    most = max((max(up, down) for up, down, _ in rows if not math.isnan(up)), default=1.0) or 1.0
    words = view.words
    reach = most * 1.28

    def paint(figure: Figure, page: Axes, top: float) -> None:
        axes = layout.chart(figure, lines.left, top + head, width, body)
        axes.set_xlim(-reach, reach)
        axes.xaxis.set_visible(False)
        for start, end in lines.spans:
            layout.stroke(axes, [0, 0], [start, end], colour=style.MUTED, thickness=0.8, order=3)
        middle = lines.left + width / 2
        down_word, up_word = view.word("category", "down"), view.word("category", "up")
        layout.write(page, middle - 0.15, top, down_word, bold=True, align="right", middle=False)
        layout.write(page, middle + 0.15, top, up_word, bold=True, middle=False)
        layout.write(
            page, paper.edge, top, view.word("category", "unchanged"), colour=style.MUTED, align="right", middle=False
        )
        frame.labels(page, lines, top + head)
        for line, (up, down, unchanged) in zip(lines.lines, rows, strict=True):
            _side(axes, view, -down, line.middle, style.SERIES[1], reach)
            _side(axes, view, up, line.middle, style.SERIES[0], reach)
            missing = HIDDEN if math.isnan(up) else words.interval_missing
            text = missing if math.isnan(unchanged) else count(unchanged, view.lang)
            layout.write(
                page, paper.edge, top + head + line.middle, text, bold=line.bold, colour=style.MUTED, align="right"
            )

    return Block(head + body + 0.1, paint)


def _side(axes: Axes, view: View, units: float, y: float, colour: str, reach: float) -> None:
    from evalkit.present.bars import number

    right = math.copysign(1.0, units) > 0
    if math.isnan(units):
        return
    layout.box(axes, y, units, height=ROW * 0.66, colour=colour)
    shift = 0.02 * reach * (1 if right else -1)
    number(axes, units + shift, y, count(abs(units), view.lang), align="left" if right else "right")


def _rows(view: View) -> tuple[list[tuple[str, bool]], list[tuple[float, float, float]]]:
    names: list[tuple[str, bool]] = []
    rows: list[tuple[float, float, float]] = []
    item = view.items[0]
    for entry in frame.group_entries(view, n=False):
        for wave in view.waves:
            found = [view.cell(item, wave, entry.code, code) for code in ("up", "down", "unchanged")]
            if found[0] is None or found[1] is None:
                continue
            parts = [entry.label] if view.groups or len(view.waves) == 1 else []
            parts += [view.word("wave", wave)] if len(view.waves) > 1 else []
            names.append((f"{', '.join(parts)} {view.n_label(wave=wave, group=entry.code)}".strip(), entry.bold))
            rest = found[2].estimate if found[2] is not None else math.nan
            rows.append((found[0].estimate, found[1].estimate, rest))
    return names, rows
