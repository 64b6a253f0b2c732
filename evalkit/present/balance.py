"""Standardised differences of sample and population as a Love plot: dots before and after weighting (Love 2002)."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evalkit.present import frame, layout, style
from evalkit.present.frame import Block
from evalkit.present.numbers import decimal
from evalkit.present.rows import View, view
from evalkit.present.style import Paper
from evalkit.present.words import sentence

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

GUIDE = 0.1
"""Differences within this are commonly taken for small (Austin 2009)."""
ROW, NUMBER = 0.42, 2.0
SIDES = ("unweighted", "weighted")


@dataclass(frozen=True)
class Difference:
    """The difference of a category, or of a number (`category` is ""), before and after weighting; NaN where none."""

    item: str
    category: str
    label: str
    before: float
    after: float


def differences(shown: View) -> list[Difference]:
    """Row by row in the order of the exhibit; the words of a category without its division's."""
    sides = [view(shown.exhibit, shown.lang, how) for how in _sides(shown)]
    rows = dict.fromkeys((key[0], key[3]) for side in sides for key in side.cells)
    order = {item: k for k, item in enumerate(dict.fromkeys(item for item, _ in rows))}
    found = []
    for item, category in sorted(rows, key=lambda row: order[row[0]]):
        values = [math.nan, math.nan]
        for side in sides:
            cell = next((cell for key, cell in side.cells.items() if (key[0], key[3]) == (item, category)), None)
            values[SIDES.index(side.weighting)] = math.nan if cell is None else cell.estimate
        label = division(shown, item, category) if category else shown.word("item", item)
        found.append(Difference(item, category, label, *values))
    return found


def _sides(shown: View) -> list[str]:
    known = set(shown.exhibit.data["weighting"])
    return [how for how in SIDES if how in known]


def division(shown: View, item: str, category: str) -> str:
    """The words of `item=code`; of a number that was cut, its limits in the language's digits."""
    text = shown.word("category", category)
    if text != category:
        return text

    def number(found: re.Match[str]) -> str:
        digits = len(found[0].partition(".")[2])
        return decimal(float(found[0]), shown.lang, digits)

    return re.sub(r"\d+(\.\d+)?", number, category.removeprefix(f"{item}="))


def love(view: View, paper: Paper) -> Block:
    """A row for each category under the name of its division; a number's row bears its own name."""
    words = view.words.survey
    rows: list[tuple[str, bool, Difference | None]] = []
    for one in differences(view):
        if one.category and (not rows or rows[-1][2] is None or rows[-1][2].item != one.item):
            rows.append((view.word("item", one.item), True, None))
        rows.append((one.label, not one.category, one))
    sides = _sides(view)
    lines = layout.rows(
        [(label, bold) for label, bold, _ in rows],
        paper,
        ROW,
        most=2.9 if paper.narrow else 6.0,
        gap=0.25,
        heads=[bold and one is None for _, bold, one in rows],
        above=False,
        gap_before_bold=0.15,
        air=0.0,
    )
    left, body = lines.left, lines.height
    word = max(layout.text_width(word, 8.0) for head in _heads(view, sides) for word in head.split())
    number = max(1.5, word + 0.45) if paper.narrow else NUMBER
    width = paper.width - left - number * len(sides) - 0.35
    heads = ["\n".join(layout.wrap(word, number - 0.4, 8.0)) for word in _heads(view, sides)]
    head = max(layout.line_height(8.0) * (1 + max(text.count("\n") for text in heads)) + 0.1, 0.5)
    low, high = _reach([one for _, _, one in rows if one is not None])
    marks = [layout.Mark(word, colour, "dot") for word, colour in zip(heads, _colours(sides), strict=True)]

    def paint(figure: Figure, page: Axes, top: float) -> None:
        axes = layout.chart(figure, left, top + head, width, body)
        _axis(axes, view, lines, low, high)
        right = [paper.edge - number * (len(sides) - 1 - k) for k in range(len(sides))]
        for x, mark in zip(right, marks, strict=True):
            layout.column_head(page, mark, x, top)
        frame.labels(page, lines, top + head)
        for line, (_, _, one) in zip(lines.lines, rows, strict=True):
            y = top + head + line.middle
            if one is not None:
                _dots(axes, one, sides, line.middle)
                for x, value in zip(right, _values(one, sides), strict=True):
                    layout.write(page, x, y, decimal(value, view.lang, 2, sign=True), align="right")

    return Block(head + body + frame.AXIS, paint, sentence(words.what_balance_is))


def _heads(shown: View, sides: list[str]) -> list[str]:
    words = shown.words.survey
    return [{"unweighted": words.balance_before, "weighted": words.balance_after}[how] for how in sides]


def _colours(sides: list[str]) -> list[str]:
    return [{"unweighted": style.SERIES[1], "weighted": style.DARK}[how] for how in sides]


def _values(one: Difference, sides: list[str]) -> list[float]:
    return [{"unweighted": one.before, "weighted": one.after}[how] for how in sides]


def _reach(found: list[Difference]) -> tuple[float, float]:
    """Ends of the axis in steps of 0.05, the guides within."""
    known = [value for one in found for value in (one.before, one.after) if not math.isnan(value)]
    low, high = min([*known, -GUIDE]), max([*known, GUIDE])
    return math.floor(low * 20 - 0.2) / 20, math.ceil(high * 20 + 0.2) / 20


def _axis(axes: Axes, view: View, lines: layout.Rows, low: float, high: float) -> None:
    step = next(step for step in (0.1, 0.2, 0.5, 1.0, 5.0) if (high - low) / step <= 8)
    ticks = [k * step for k in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)]
    frame.axis(axes, lines, [(tick, decimal(tick, view.lang, 1, sign=True)) for tick in ticks], (low, high), base=0)
    for guide in (-GUIDE, GUIDE):
        axes.axvline(guide, color=style.MUTED, linewidth=0.8, linestyle=(0, (4, 3)), zorder=1.6)


def _dots(axes: Axes, one: Difference, sides: list[str], y: float) -> None:
    """The dots, joined by a line."""
    values = _values(one, sides)
    layout.stroke(axes, values, [y] * len(values), colour=style.EVERYONE, thickness=1.0, order=2)
    for value, colour in zip(values, _colours(sides), strict=True):
        if not math.isnan(value):
            layout.dot(axes, value, y, colour=colour, size=5.5)
