"""Odds ratios of a conditional logit as dots with intervals on a logarithmic axis; an infinite one as an arrow."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from evalkit.present import frame, layout, style
from evalkit.present.frame import Block
from evalkit.present.numbers import decimal, span
from evalkit.present.rows import Cell, View
from evalkit.present.style import Paper
from evalkit.present.words import lower_first, sentence

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ROW = 0.62
NUMBERS = 3.5
LIMITS = (1 / 64, 64.0)
"""Odds ratios beyond these end in an arrow."""


def odds(view: View, paper: Paper) -> Block:
    """The terms of each model under its name; the numbers stand at the right edge."""
    names, cells = _rows(view)
    heads = [cell is None for _, cell in cells]
    lines = layout.rows(
        names,
        paper,
        0.5 if paper.narrow else ROW,
        most=5.8,
        gap=0.25,
        heads=heads,
        above=True if paper.narrow else None,
        numbers=NUMBERS,
    )
    width = paper.width - lines.left - (0.3 if paper.narrow else NUMBERS + 0.3)
    head = layout.line_height(8.0) + 0.1
    low, high = _limits([cell for _, cell in cells if cell is not None])
    text = f"{view.words.odds_ratio} ({view.words.interval_head})"

    def paint(figure: Figure, page: Axes, top: float) -> None:
        axes = layout.chart(figure, lines.left, top + head, width, lines.height)
        _axis(axes, view, lines, low, high)
        middle, under = lines.left + width / 2, top + head + lines.height + frame.AXIS + 0.1
        layout.write(page, middle, under, view.words.odds_axis, size=8.0, colour=style.MUTED, align="center")
        layout.write(page, paper.edge, top, text, size=8.0, colour=style.MUTED, align="right", middle=False)
        frame.labels(page, lines, top + head)
        for line, (key, cell) in zip(lines.lines, cells, strict=True):
            if cell is None:
                continue
            _dot(axes, cell, line.middle, low, high)
            _exact(axes, view, key, line.middle, low, high)
            layout.write(page, paper.edge, top + head + line.beside, number_of(view, cell), align="right")

    reading = _reading(view, [cell for _, cell in cells if cell is not None])
    return Block(head + lines.height + frame.AXIS + 0.4, paint, reading)


Key = tuple[str, str]
"""A model and a term."""


def _rows(view: View) -> tuple[list[tuple[str, bool]], list[tuple[Key, Cell | None]]]:
    """Labels and cells of the models' terms, under the models' names where there are several."""
    names: list[tuple[str, bool]] = []
    cells: list[tuple[Key, Cell | None]] = []
    for model in view.items:
        if len(view.items) > 1:
            names.append((view.words.model.format(model=model), True))
            cells.append(((model, ""), None))
        for code in view.categories:
            cell = view.cell(model, view.waves[0], _group(view), code)
            if cell is not None:
                names.append((term_of(view, model, code), False))
                cells.append(((model, code), cell))
    return names, cells


def term_of(view: View, model: str, code: str) -> str:
    """The words of a term; beside interactions, a wave's own term is of the reference group, and says so."""
    text = view.word("category", code)
    reference = view.exhibit.facts.get("reference")
    interacts = any(key[0] == model and ":" in key[3] for key in view.cells)
    return f"{text}, {lower_first(reference[view.lang])}" if reference and interacts and ":" not in code else text


def _exact(axes: Axes, view: View, key: Key, y: float, low: float, high: float) -> None:
    """The median-unbiased estimate beside an infinite one, as an open dot."""
    value = exact_estimate(view, key)
    if value is not None and low <= value <= high:
        layout.dot(axes, value, y, colour=style.PAPER, edge=style.DARK, size=6)


def exact_estimate(view: View, key: Key) -> float | None:
    """The median-unbiased odds ratio of a term whose usual estimate is infinite; None where there is none."""
    for row in view.exhibit.facts.get("separated", []):
        if (str(row["model"]), row["term"]) == key and row.get("median_unbiased") is not None:
            return ratio_of(row["median_unbiased"])
    return None


def _reading(view: View, cells: list[Cell]) -> str:
    """What the axis means, and why an arrow has no dot."""
    words = view.words
    units = view.exhibit.units[view.lang]
    separated = words.separated.format(units=units) if any(math.isinf(cell.estimate) for cell in cells) else None
    exact = any(row.get("median_unbiased") is not None for row in view.exhibit.facts.get("separated", []))
    return sentence(words.interval_dot, how_to_read(view), separated, words.moved.open_dot_exact if exact else None)


def how_to_read(view: View) -> str:
    """What an odds ratio above 1 means, and of interaction terms, which the reference group is."""
    words = view.words
    if not any(":" in code or "×" in view.word("category", code) for code in view.categories):
        return sentence(words.how_to_read_odds)
    reference = view.exhibit.facts.get("reference")
    group = f" ({lower_first(reference[view.lang])})" if reference else ""
    return sentence(words.how_to_read_odds, words.moved.how_to_read_interaction.format(group=group))


def number_of(view: View, cell: Cell) -> str:
    """«3,17 (1,26–7,93)»; ∞ where the coefficient is infinite."""
    digits = 2
    ratio = decimal(ratio_of(cell.estimate), view.lang, digits)
    if math.isnan(cell.low) or math.isnan(cell.high):
        return ratio
    return f"{ratio} ({span(ratio_of(cell.low), ratio_of(cell.high), view.lang, digits)})"


def ratio_of(value: float) -> float:
    """The odds ratio of a coefficient; infinite beyond what a number can hold."""
    return math.inf if value >= 700 else math.exp(value)


def _group(view: View) -> str:
    return next((key[2] for key in view.cells), "all")


def _limits(cells: list[Cell]) -> tuple[float, float]:
    """Ends of the axis as powers of two that hold the finite limits, within LIMITS."""
    ends = [x for cell in cells for x in (cell.low, cell.high, cell.estimate) if math.isfinite(x)]
    low = math.floor(min([*ends, -0.7]) / math.log(2))
    high = math.ceil(max([*ends, 0.7]) / math.log(2))
    return max(2.0**low, LIMITS[0]), min(2.0**high, LIMITS[1])


def _axis(axes: Axes, view: View, lines: layout.Rows, low: float, high: float) -> None:
    axes.set_xscale("log", base=2)
    powers = list(range(round(math.log2(low)), round(math.log2(high)) + 1))
    keep = [k for k in powers if len(powers) <= 7 or k % 2 == 0]
    frame.axis(axes, lines, [(2.0**k, _tick(k, view.lang)) for k in keep], (low, high), base=1)


def _tick(power: int, lang: str) -> str:
    """Odds below 1 as fractions: ¼ of the odds is read more easily than 0,25."""
    return decimal(2.0**power, lang, 0) if power >= 0 else f"1/{decimal(2.0**-power, lang, 0)}"


def _dot(axes: Axes, cell: Cell, y: float, low: float, high: float) -> None:
    start, end = ratio_of(cell.low), ratio_of(cell.high)
    if not math.isnan(cell.low) and not math.isnan(cell.high):
        ends = [max(start, low), min(end, high)]
        layout.stroke(axes, ends, [y, y], colour=style.INK, thickness=1.0, order=2.2)
    if end > high or cell.estimate == math.inf:
        layout.dot(axes, high, y, colour=style.INK, edge=style.INK, size=5, shape=">")
    if start < low or cell.estimate == -math.inf:
        layout.dot(axes, low, y, colour=style.INK, edge=style.INK, size=5, shape="<")
    if math.isfinite(cell.estimate):
        layout.dot(axes, ratio_of(cell.estimate), y, colour=style.DARK, size=7)
