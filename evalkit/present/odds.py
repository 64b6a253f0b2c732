"""Odds ratios of a conditional logit as dots with intervals on a logarithmic axis; an infinite one as an arrow."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from evalkit.present import frame, layout, style
from evalkit.present.frame import Block
from evalkit.present.numbers import decimal, span
from evalkit.present.rows import Cell, View
from evalkit.present.words import sentence

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ROW = 0.62
NUMBERS = 3.5
LIMITS = (1 / 64, 64.0)
"""Odds ratios beyond these end in an arrow."""


def odds(view: View) -> Block:
    """The terms of each model under its name; the columns at the right are the numbers."""
    names: list[tuple[str, bool]] = []
    cells: list[Cell | None] = []
    for model in view.items:
        if len(view.items) > 1:
            names.append((view.words.model.format(model=model), True))
            cells.append(None)
        terms = [(code, view.cell(model, view.waves[0], _group(view), code)) for code in view.categories]
        found = [(code, cell) for code, cell in terms if cell is not None]
        names += [(view.word("category", code), False) for code, _ in found]
        cells += [cell for _, cell in found]
    left = layout.label_width(names, most=5.4) + 0.25
    width = style.WIDTH - left - NUMBERS - 0.3
    lines = layout.lines(names, left - 0.25, ROW)
    body = lines[-1].top + lines[-1].height
    head = layout.line_height(8.0) + 0.1
    low, high = _limits([cell for cell in cells if cell is not None])

    def paint(figure: Figure, page: Axes, top: float) -> None:
        axes = layout.chart(figure, left, top + head, width, body)
        _axis(axes, view, low, high)
        text = f"{view.words.odds_ratio} ({view.words.interval_head})"
        layout.write(page, style.EDGE, top, text, size=8.0, colour=style.MUTED, align="right", middle=False)
        frame.labels(page, lines, left - 0.25, top + head)
        for line, cell in zip(lines, cells, strict=True):
            if cell is None:
                continue
            _dot(axes, cell, line.middle, low, high)
            layout.write(page, style.EDGE, top + head + line.middle, number_of(view, cell), align="right")

    return Block(head + body + frame.AXIS, paint, _reading(view, [cell for cell in cells if cell is not None]))


def _reading(view: View, cells: list[Cell]) -> str:
    """What the axis means, and why an arrow has no dot."""
    words = view.words
    units = view.exhibit.units[view.lang]
    separated = words.separated.format(units=units) if any(math.isinf(cell.estimate) for cell in cells) else None
    return sentence(words.interval_dot, words.how_to_read_odds, separated)


def number_of(view: View, cell: Cell) -> str:
    """«3,17 (1,26–7,93)»; ∞ where the coefficient is infinite."""
    digits = 2
    ratio = decimal(ratio_of(cell.estimate), view.lang, digits)
    if math.isnan(cell.low) or math.isnan(cell.high):
        return ratio
    return f"{ratio} ({span(ratio_of(cell.low), ratio_of(cell.high), view.lang, digits)})"


def ratio_of(value: float) -> float:
    """The odds ratio of a coefficient; infinite beyond what a number can hold."""
    return math.exp(value) if value < 700 else math.inf


def _group(view: View) -> str:
    return next((key[2] for key in view.cells), "all")


def _limits(cells: list[Cell]) -> tuple[float, float]:
    """Ends of the axis as powers of two that hold the finite limits, within LIMITS."""
    ends = [x for cell in cells for x in (cell.low, cell.high, cell.estimate) if math.isfinite(x)]
    low = math.floor(min([*ends, -0.7]) / math.log(2))
    high = math.ceil(max([*ends, 0.7]) / math.log(2))
    return max(2.0**low, LIMITS[0]), min(2.0**high, LIMITS[1])


def _axis(axes: Axes, view: View, low: float, high: float) -> None:
    axes.set_xscale("log", base=2)
    axes.set_xlim(low, high)
    powers = list(range(round(math.log2(low)), round(math.log2(high)) + 1))
    keep = [k for k in powers if len(powers) <= 7 or k % 2 == 0]
    axes.set_xticks([2.0**k for k in keep], [_tick(k, view.lang) for k in keep])
    axes.minorticks_off()
    axes.grid(axis="x")
    axes.axvline(1, color=style.MUTED, linewidth=1.0, zorder=1.5)


def _tick(power: int, lang: str) -> str:
    """Odds below 1 as fractions: ¼ of the odds is read more easily than 0,25."""
    return decimal(2.0**power, lang, 0) if power >= 0 else f"1/{decimal(2.0**-power, lang, 0)}"


def _dot(axes: Axes, cell: Cell, y: float, low: float, high: float) -> None:
    start, end = ratio_of(cell.low), ratio_of(cell.high)
    if not math.isnan(cell.low) and not math.isnan(cell.high):
        axes.plot([max(start, low), min(end, high)], [y, y], color=style.INK, linewidth=1.0, zorder=2.2)
    if end > high or cell.estimate == math.inf:
        axes.plot([high], [y], ">", color=style.INK, markersize=5, clip_on=False, zorder=3)
    if start < low or cell.estimate == -math.inf:
        axes.plot([low], [y], "<", color=style.INK, markersize=5, clip_on=False, zorder=3)
    if math.isfinite(cell.estimate):
        axes.plot(
            [ratio_of(cell.estimate)], [y], "o", color=style.DARK, markersize=7, zorder=3, markeredgecolor=style.PAPER
        )
