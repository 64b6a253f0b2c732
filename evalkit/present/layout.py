"""Measuring, wrapping and placing text in centimetres, so that nothing in a figure is cut off or overlaps.

A figure is one page with its origin at the top left; charts are axes laid on it whose y runs downwards in centimetres.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from evalkit.present import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

CM = 2.54
POINT = CM / 72
LEADING = 1.28
"""Distance of lines in units of the text size."""


@lru_cache(maxsize=8)
def _font(bold: bool) -> Any:
    from matplotlib.ft2font import FT2Font

    name = "OpenSans-Bold.ttf" if bold else "OpenSans-Regular.ttf"
    return FT2Font(str(style.FONTS / name))


@lru_cache(maxsize=4096)
def text_width(text: str, size: float = style.TEXT, bold: bool = False) -> float:
    """Width of one line of text, in centimetres."""
    font = _font(bold)
    font.set_size(size, 72 * 16)
    font.set_text(text, 0.0)
    return float(font.get_width_height()[0]) / 64 / 16 * POINT


def line_height(size: float = style.TEXT) -> float:
    """Height of a line, in centimetres."""
    return size * LEADING * POINT


def wrap(text: str, width: float, size: float = style.TEXT, bold: bool = False) -> list[str]:
    """`text` in lines no wider than `width` cm; hard spaces hold as long as the words between them fit on a line."""
    lines = [""]
    for word in _words(text, width, size, bold):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if not lines[-1] or text_width(longer, size, bold) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _words(text: str, width: float, size: float, bold: bool) -> list[str]:
    """Words that fit: a longer one is cut after a dash or slash, at a hard space, else with a hyphen."""
    found = []
    for word in re.split(r"[ \n]+", text.strip()):
        while text_width(word, size, bold) > width and len(word) > 2:
            keep, mark = _cut(word, width, size, bold)
            found.append(word[:keep].rstrip("\u00a0") + mark)
            word = word[keep:].lstrip("\u00a0")
        found.append(word)
    return found


def _cut(word: str, width: float, size: float, bold: bool) -> tuple[int, str]:
    """Where to cut a word that is too long, and what ends the first part."""
    fits = [k for k in range(len(word) - 1, 1, -1) if text_width(word[:k], size, bold) <= width]
    for breaks in ("–-/", "\u00a0"):
        for k in fits:
            if word[k - 1] in breaks:
                return k, ""
    return next((k for k in fits if text_width(word[:k] + "-", size, bold) <= width), 2), "-"


@dataclass(frozen=True)
class Line:
    """One row of a chart: a label at the left, and where the row lies (centimetres from the chart's top)."""

    label: tuple[str, ...]
    bold: bool
    top: float
    height: float

    @property
    def middle(self) -> float:
        return self.top + self.height / 2


def lines(
    labels: Sequence[tuple[str, bool]],
    width: float,
    least: float,
    *,
    gap_before_bold: float = 0.25,
    air: float = 0.12,
) -> list[Line]:
    """Rows under each other: as high as the label with some air needs, at least `least`; a bold row is set apart."""
    found: list[Line] = []
    top = 0.0
    for label, bold in labels:
        text = tuple(wrap(label, width, style.TEXT, bold))
        height = max(least, len(text) * line_height() + air)
        if bold and found:
            top += gap_before_bold
        found.append(Line(text, bold, top, height))
        top += height
    return found


def label_width(labels: Sequence[tuple[str, bool]], most: float = 5.6, least: float = 1.2) -> float:
    """Width of the label column: what the longest label needs, between `least` and `most` cm."""
    needed = max((text_width(label, style.TEXT, bold) for label, bold in labels), default=least)
    return min(max(needed + 0.05, least), most)


def page(height: float) -> tuple[Figure, Axes]:
    """An empty figure of `height` cm, and the axes that its text is written on, in centimetres from the top left."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(style.WIDTH / CM, height / CM))
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set(xlim=(0, style.WIDTH), ylim=(height, 0))
    axes.axis("off")
    return figure, axes


def chart(figure: Figure, left: float, top: float, width: float, height: float) -> Axes:
    """Axes on the page, in centimetres; y runs downwards in centimetres, too."""
    full = figure.get_figheight() * CM
    axes = figure.add_axes((left / style.WIDTH, 1 - (top + height) / full, width / style.WIDTH, height / full))
    axes.set_ylim(height, 0)
    axes.set_yticks([])
    for side in ("top", "right", "left", "bottom"):
        axes.spines[side].set_visible(False)
    return axes


def write(
    axes: Axes,
    x: float,
    y: float,
    text: str | Sequence[str],
    *,
    size: float = style.TEXT,
    bold: bool = False,
    colour: str = style.INK,
    align: str = "left",
    middle: bool = True,
) -> None:
    """Text on the page: lines around `y`, or from `y` downwards with `middle=False`."""
    rows = [text] if isinstance(text, str) else list(text)
    step = line_height(size)
    first = y - step * (len(rows) - 1) / 2 if middle else y + step / 2
    for k, row in enumerate(rows):
        axes.text(
            x,
            first + k * step + size * 0.36 * POINT,
            row,
            size=size,
            weight="bold" if bold else "normal",
            color=colour,
            ha=align,
            va="baseline",
            clip_on=False,
            zorder=4,
        )


@dataclass(frozen=True)
class Mark:
    """One entry of a legend."""

    label: str
    colour: str
    shape: str = "square"


def legend_places(marks: Sequence[Mark], width: float) -> list[tuple[float, float, list[str]]]:
    """Where each entry stands, flowing over lines of `width` cm: x, y and its lines of text."""
    places: list[tuple[float, float, list[str]]] = []
    x = y = 0.0
    tallest = 1
    for mark in marks:
        text = wrap(mark.label, width - 0.5, style.TEXT)
        needed = 0.42 + max(text_width(row) for row in text)
        if x and x + needed > width:
            x, y, tallest = 0.0, y + tallest * line_height() + 0.06, 1
        places.append((x, y, text))
        tallest = max(tallest, len(text))
        x += needed + 0.55
    return places


def legend_height(marks: Sequence[Mark], width: float) -> float:
    """Height of the legend with the space under it; none without entries."""
    places = legend_places(marks, width)
    return max((y + len(text) * line_height() for _, y, text in places), default=-0.2) + 0.2


def legend(axes: Axes, marks: Sequence[Mark], left: float, top: float, width: float) -> None:
    """Draw the legend on the page."""
    from matplotlib.patches import Rectangle

    for mark, (x, y, text) in zip(marks, legend_places(marks, width), strict=True):
        middle = top + y + line_height() / 2
        if mark.shape == "square":
            axes.add_patch(Rectangle((left + x, middle - 0.14), 0.28, 0.28, color=mark.colour, linewidth=0))
        elif mark.shape == "tick":
            axes.plot([left + x + 0.14] * 2, [middle - 0.17, middle + 0.17], color=mark.colour, linewidth=2)
        else:
            axes.plot([left + x + 0.14], [middle], "o", color=mark.colour, markersize=5.5)
        write(axes, left + x + 0.38, top + y, text, middle=False)
