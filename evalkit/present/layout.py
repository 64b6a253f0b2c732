"""Measuring, wrapping and placing text in centimetres, so that nothing in a figure is cut off or overlaps.

A figure is one page with its origin at the top left; charts are axes laid on it whose y runs downwards in centimetres.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from evalkit.present import letters, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

CM = 2.54
POINT = CM / 72
LEADING = 1.28
"""Distance of lines in units of the text size."""


@lru_cache(maxsize=1024)
def _advance(letter: str, bold: bool, fallback: bool) -> float:
    """How far a letter moves the pen, in units of the text size."""
    return float(letters.font(bold, fallback).load_char(ord(letter)).linearHoriAdvance) / 65536 / 100


@lru_cache(maxsize=4096)
def text_width(text: str, size: float = style.TEXT, bold: bool = False) -> float:
    """Width of one line of text, in centimetres; without kerning, so never less than what is drawn.

    A line with a letter that Open Sans lacks is measured in the wider fallback: a PDF's figures have all of it so.
    """
    shown = letters.drawn(text)
    mixed = not all(letters.has(letter, bold=bold) for letter in shown)
    wide = (mixed and letters.has(letter, fallback=True, bold=bold) for letter in shown)
    return sum(_advance(letter, bold, fallback) for letter, fallback in zip(shown, wide)) * size * POINT


def line_height(size: float = style.TEXT) -> float:
    """Height of a line, in centimetres."""
    return size * LEADING * POINT


def wrap(text: str, width: float, size: float = style.TEXT, bold: bool = False) -> list[str]:
    """`text` in lines no wider than `width` cm; hard spaces hold as long as the words between them fit on a line."""
    lines = [""]
    for word in _words(letters.drawn(text), width, size, bold):
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
    """One row of a chart and where it lies, in centimetres from the chart's top.

    Attributes
    ----------
    label : beside the row's marks, or above them where `lead`, its height, is not 0.
    is_head : names the rows that follow; it has no marks itself.
    """

    label: tuple[str, ...]
    bold: bool
    top: float
    height: float
    lead: float = 0.0
    is_head: bool = False

    @property
    def middle(self) -> float:
        """The middle of the marks."""
        return self.top + self.lead + (self.height - self.lead) / 2

    @property
    def beside(self) -> float:
        """The middle of a text that stands beside the label or the marks, at the right edge."""
        return self.top + line_height() / 2 if self.lead else self.middle


ABOVE = 0.42
"""Where a chart begins whose labels stand above: half the width of an axis number from the edge."""


@dataclass(frozen=True)
class Rows:
    """Rows under each other, and the chart beside their labels.

    Attributes
    ----------
    width : of the labels' column, 0 where they stand above their marks.
    left : where the chart begins.
    height : of the chart.
    """

    lines: tuple[Line, ...]
    width: float
    left: float

    @property
    def height(self) -> float:
        return self.lines[-1].top + self.lines[-1].height

    @property
    def spans(self) -> list[tuple[float, float]]:
        """From where to where the lines of an axis run: the whole height, or only where no label stands above."""
        if not any(line.lead for line in self.lines):
            return [(0.0, self.height)]
        return [(line.top + line.lead, line.top + line.height) for line in self.lines if not line.is_head]


def rows(
    labels: Sequence[tuple[str, bool]],
    paper: style.Paper,
    least: float,
    *,
    most: float = 5.6,
    gap: float = 0.2,
    heads: Sequence[bool] = (),
    above: bool | None = None,
    numbers: float = 0.0,
    gap_before_bold: float = 0.25,
    air: float = 0.12,
) -> Rows:
    """Rows as high as their labels need, their marks at least `least`; a bold row is set apart.

    Parameters
    ----------
    labels : words, and whether they are bold.
    most : the widest column of labels, in centimetres; what is longer is wrapped.
    gap : between label and chart.
    heads : which rows only name the rows after them.
    above : labels above their marks; on narrow paper where one is longer than 0.42 of its width.
    numbers : width of what stands at the right edge beside a label that is above its marks.
    """
    only = list(heads) or [False] * len(labels)
    beside = [label for label, is_head in zip(labels, only, strict=True) if not is_head]
    width = label_width(beside, most)
    if above is None:
        above = paper.narrow and label_width(beside, most=math.inf) > 0.42 * paper.width
    room = paper.edge - numbers - (gap if numbers else 0.0) if above else width
    found: list[Line] = []
    top = 0.0
    for (label, bold), is_head in zip(labels, only, strict=True):
        text = tuple(wrap(label, paper.edge if above and is_head else room, style.TEXT, bold))
        needed = len(text) * line_height() + air
        lead = len(text) * line_height() + 0.02 if above and not is_head else 0.0
        height = needed + 0.04 if is_head else lead + least + 0.06 if above else max(least, needed)
        if bold and found:
            top += gap_before_bold
        found.append(Line(text, bold, top, height, lead, is_head))
        top += height
    return Rows(tuple(found), 0.0 if above else width, ABOVE if above else width + gap)


def label_width(labels: Sequence[tuple[str, bool]], most: float = 5.6, least: float = 1.2) -> float:
    """Width of the label column: what the longest label needs, between `least` and `most` cm."""
    needed = max((text_width(label, style.TEXT, bold) for label, bold in labels), default=least)
    return min(max(needed + 0.05, least), most)


def page(paper: style.Paper, height: float) -> tuple[Figure, Axes]:
    """An empty figure of `height` cm, and the axes that its text is written on, in centimetres from the top left."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(paper.width / CM, height / CM))
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set(xlim=(0, paper.width), ylim=(height, 0))
    axes.axis("off")
    return figure, axes


def chart(figure: Figure, left: float, top: float, width: float, height: float) -> Axes:
    """Axes on the page, in centimetres; y runs downwards in centimetres, too."""
    across, full = figure.get_figwidth() * CM, figure.get_figheight() * CM
    axes = figure.add_axes((left / across, 1 - (top + height) / full, width / across, height / full))
    axes.set_ylim(height, 0)
    axes.yaxis.set_visible(False)
    axes.set_facecolor("none")
    for side in ("top", "right", "left", "bottom"):
        axes.spines[side].set_visible(False)
    return axes


def width_of(axes: Axes) -> float:
    """Width of a chart, in centimetres."""
    figure = axes.get_figure(root=True)
    assert figure is not None
    return float(axes.get_position().width * figure.get_figwidth() * CM)


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
            letters.drawn(row),
            size=size,
            weight="bold" if bold else "normal",
            color=colour,
            ha=align,
            va="baseline",
            clip_on=False,
            zorder=4,
            parse_math=False,
        )


def box(axes: Axes, y: float, width: float, *, height: float, colour: str, left: float = 0.0, order: float = 2.0,
        edge: str = "none", rim: float = 0.0) -> None:  # fmt: skip
    """A horizontal bar around `y`. (`Axes.barh` does the same and looks at units and limits, which takes long.)"""
    from matplotlib.patches import Rectangle

    place = (left, y - height / 2)
    axes.add_artist(Rectangle(place, width, height, facecolor=colour, edgecolor=edge, linewidth=rim, zorder=order))


def stroke(
    axes: Axes,
    x: Sequence[float],
    y: Sequence[float],
    *,
    colour: str,
    thickness: float,
    order: float,
    free: bool = True,
) -> None:
    """A line through points; `free` to leave the chart."""
    from matplotlib.lines import Line2D

    line = Line2D(x, y, color=colour, linewidth=thickness, solid_capstyle="butt", zorder=order)
    axes.add_artist(line).set_clip_on(not free)


def dot(axes: Axes, x: float, y: float, *, colour: str, size: float, order: float = 3.0, edge: str = style.PAPER,
        shape: str = "o") -> None:  # fmt: skip
    """A dot, or an arrow's head ("<", ">")."""
    from matplotlib.lines import Line2D

    mark = Line2D([x], [y], marker=shape, color=colour, markersize=size, markeredgecolor=edge, zorder=order)
    axes.add_artist(mark).set_clip_on(False)


@dataclass(frozen=True)
class Mark:
    """One entry of a legend."""

    label: str
    colour: str
    shape: str = "square"


def column_head(axes: Axes, mark: Mark, right: float, top: float) -> None:
    """A column's name that ends at `right`, after its mark: the legend and the head in one."""
    width = max(text_width(row, 8.0) for row in mark.label.split("\n"))
    legend(axes, [Mark("", mark.colour, mark.shape)], right - width - 0.4, top - 0.02, 1.0)
    rows = mark.label.split("\n")
    write(axes, right - width, top, rows, size=8.0, colour=style.MUTED, middle=False)


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
    for mark, (x, y, text) in zip(marks, legend_places(marks, width), strict=True):
        middle = top + y + line_height() / 2
        if mark.shape == "square":
            box(axes, middle, 0.28, height=0.28, left=left + x, colour=mark.colour)
        elif mark.shape == "tick":
            ends = [middle - 0.17, middle + 0.17]
            stroke(axes, [left + x + 0.14] * 2, ends, colour=mark.colour, thickness=2, order=2)
        else:
            dot(axes, left + x + 0.14, middle, colour=mark.colour, size=5.5, edge=mark.colour)
        write(axes, left + x + 0.38, top + y, text, middle=False)
