"""A screen of all questions: changes with intervals, ordered, and the changes that were too small to be seen."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from evalkit.present import frame, layout, style
from evalkit.present.frame import Block
from evalkit.present.numbers import HARD, count, decimal, span
from evalkit.present.rows import View
from evalkit.present.screened import Outcome, by_change, headed, largest, outcomes, printed
from evalkit.present.style import Paper
from evalkit.present.words import sentence

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST = 30
"""So many outcomes have a line each; of more, each question has one."""
ROW, NUMBERS, COUNTS = 0.46, 2.7, 0.9
"""Height of a line, and widths of the columns of changes and of n, in centimetres."""
BAND = "#E3E8ED"

Row = tuple[str, Outcome | None, list[Outcome]]
"""A label, what is drawn beside it (nothing beside a head), and the other options of its question."""


def screen(view: View, paper: Paper) -> Block:
    """A line for each outcome, or for each question with the outcome that changed most, under family heads."""
    rows = _rows(view)
    pairs = [(label, one is None) for label, one, _ in rows]
    lines = layout.rows(
        pairs,
        paper,
        ROW,
        most=6.2,
        gap=0.25,
        heads=[one is None for _, one, _ in rows],
        above=True if paper.narrow else None,
        numbers=NUMBERS + COUNTS,
    )
    width = paper.width - lines.left - (0.3 if paper.narrow else NUMBERS + COUNTS)
    heads = layout.wrap(view.words.moved.change_points, NUMBERS - 0.3, 8.0)
    head = layout.line_height(8.0) * len(heads) + 0.12
    reach = _reach([one for _, main, others in rows for one in ([main] if main else []) + others])

    def paint(figure: Figure, page: Axes, top: float) -> None:
        axes = layout.chart(figure, lines.left, top + head, width, lines.height)
        _axis(axes, view, lines, *reach)
        _heads(page, paper, heads, top)
        _way(page, view, lines.left, top + head + lines.height + frame.AXIS, width, reach)
        frame.labels(page, lines, top + head)
        for line, (_, one, others) in zip(lines.lines, rows, strict=True):
            if one is None:
                continue
            _draw(axes, one, others, line.middle)
            y = top + head + line.beside
            layout.write(page, paper.edge, y, change_of(one, view.lang), align="right")
            n = count(one.n, view.lang)
            layout.write(page, paper.edge - NUMBERS, y, n, size=8.0, colour=style.MUTED, align="right")

    return Block(head + lines.height + frame.AXIS + 0.4, paint, _reading(view, rows))


def _heads(page: Axes, paper: Paper, text: list[str], top: float) -> None:
    """The names of the columns of numbers."""
    layout.write(page, paper.edge, top, text, size=8.0, colour=style.MUTED, align="right", middle=False)
    left, under = paper.edge - NUMBERS, top + layout.line_height(8.0) * (len(text) - 1)
    layout.write(page, left, under, "n", size=8.0, colour=style.MUTED, align="right", middle=False)


def _way(page: Axes, view: View, left: float, top: float, width: float, reach: tuple[float, float]) -> None:
    """Under the axis, on either side of zero: which way is which."""
    low, high = reach
    zero = left + width * (0 - low) / (high - low)
    words, wave = view.words.moved, view.word("wave", view.waves[0].split("→")[-1])
    for phrase, x, align in ((words.fewer_in, zero - 0.15, "right"), (words.more_in, zero + 0.15, "left")):
        layout.write(page, x, top + 0.1, phrase.format(wave=wave), size=8.0, colour=style.MUTED, align=align)


def change_of(one: Outcome, lang: str) -> str:
    """«+20 (5–33)»: percentage points; it holds together on a line."""
    text = decimal(100 * one.change.estimate, lang, 0, sign=True)
    if not one.change.has_interval:
        return text
    return f"{text}{HARD}({span(100 * one.change.low, 100 * one.change.high, lang)})"


def _rows(view: View) -> list[Row]:
    found = outcomes(view.exhibit, view.lang)
    condensed = len(found) > MOST
    rows: list[Row] = []
    for name, members in headed(view, found):
        if name:
            rows.append((name, None, []))
        kept = largest(members) if condensed else [(one, []) for one in members]
        others = {one.code: rest for one, rest in kept}
        for one in by_change([one for one, _ in kept]):
            rows.append((_label(view, one, others[one.code]), one, others[one.code]))
    return rows


def _label(view: View, one: Outcome, others: list[Outcome]) -> str:
    if not others:
        return one.label
    question = view.word("item", one.question)
    if not any(printed(each) for each in (one, *others)):
        return view.words.moved.all_alike.format(question=question, n=len(others) + 1)
    return f"{question}: {view.words.moved.other_options.format(option=one.short, n=len(others) + 1)}"


def _reading(view: View, rows: list[Row]) -> str:
    words = view.words.moved
    shown = [one for _, one, _ in rows if one is not None]
    band = words.band if any(not math.isnan(one.detectable) for one in shown) else None
    others = words.others if any(rest for _, _, rest in rows) else None
    return sentence(words.dots, words.filled, band, others)


def _reach(found: list[Outcome]) -> tuple[float, float]:
    """Ends of the axis: what the changes, intervals and bands need, in steps of 10 percentage points."""
    ends = [x for one in found for x in (one.change.estimate, one.change.low, one.change.high) if not math.isnan(x)]
    bands = [one.detectable for one in found if not math.isnan(one.detectable)]
    low = min([*ends, *(-x for x in bands), -0.1])
    high = max([*ends, *bands, 0.1])
    return math.floor(low * 10 - 1e-9) / 10, math.ceil(high * 10 + 1e-9) / 10


def _axis(axes: Axes, view: View, lines: layout.Rows, low: float, high: float) -> None:
    step = next(step for step in (0.1, 0.2, 0.25, 0.5) if (high - low) / step <= 7)
    ticks = [k * step for k in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)]
    words = [(tick, decimal(100 * tick, view.lang, 0, sign=True)) for tick in ticks]
    frame.axis(axes, lines, words, (low, high), base=0)


def _draw(axes: Axes, one: Outcome, others: list[Outcome], y: float) -> None:
    """Band, interval, the question's other options as small dots, and the change."""
    if not math.isnan(one.detectable):
        layout.box(axes, y, 2 * one.detectable, left=-one.detectable, height=ROW * 0.72, colour=BAND, order=1.2)
    if others:
        for rest in others:
            layout.dot(axes, rest.change.estimate, y, colour=style.EVERYONE, edge=style.EVERYONE, size=2.6, order=2.4)
    if one.change.has_interval:
        ends = [one.change.low, one.change.high]
        layout.stroke(axes, ends, [y, y], colour=style.INK, thickness=1.0, order=2.2)
    face = style.DARK if one.has_changed else style.PAPER
    layout.dot(axes, one.change.estimate, y, colour=face, edge=style.DARK, size=6)
