"""What all figures share: the page with its note, the labels at the left, the axis, an interval."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from evalkit.present import layout, style
from evalkit.present.measured import MEASURED, share_in
from evalkit.present.numbers import count, percent
from evalkit.present.rows import ALL, Cell, View
from evalkit.present.style import Paper
from evalkit.present.words import sentence

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

AXIS = 0.55
"""Height of the axis numbers under a chart, in centimetres."""


SOURCE = "source-"
"""Begins the name of each line of the source and the notice in a drawing."""


@dataclass(frozen=True)
class Note:
    """A line under a figure; one that `travels` stands under a figure by itself, and once on a page of a report."""

    text: str
    bold: bool = False
    travels: bool = False


def notes(view: View, reading: str | None = None) -> list[Note]:
    """The lines under a figure: N, weighting and how to read it, the study's note, the question, source, notice."""
    words, exhibit = view.words, view.exhibit
    question = view.text(exhibit.question)
    asked = words.question.format(question=question) if question else None
    size = None if _says_n(view) else words.n_note.format(n=count(exhibit.n, view.lang))
    source = words.source.format(source=view.text(exhibit.source))
    found = [
        Note(sentence(size, _weighting(view), reading)),
        Note(sentence(view.text(exhibit.note))),
        Note(sentence(asked)),
        Note(sentence(source), travels=True),
        Note(sentence(view.text(exhibit.notice)), bold=True, travels=True),
    ]
    return [note for note in found if note.text]


def _says_n(view: View) -> bool:
    """Whether the labels give the n of what they label, or the caption two populations; it has N in any case."""
    kind = view.exhibit.kind
    if kind in ("share", "mean"):
        return bool(view.groups) or len({cell.n for cell in view.cells.values()}) > 1
    if kind == "representativeness":
        low, high = view.n(group="sample")
        return low == high
    if kind == "multiple":
        return bool(view.groups) or len(view.items) * len(view.waves) > 1
    if kind == "conditional_logit":
        return bool(view.exhibit.facts.get("models"))
    return kind in ("distribution", "transitions", "response")


def _weighting(view: View) -> str | None:
    """How the rows are weighted; counts are not, and rates of the whole frame have nothing to weight."""
    words, kind = view.words, view.exhibit.kind
    if kind in ("response", "balance"):
        return None
    if view.weighting in MEASURED:
        return share_in(view.exhibit, view.lang)
    return words.weighted if view.weighting == "weighted" and kind != "transitions" else words.unweighted


def begin(view: View, paper: Paper, body: float, reading: str | None = None) -> tuple[Figure, Axes]:
    """A page with `body` cm for the chart and the note under it."""
    wrapped = [(note, layout.wrap(note.text, paper.edge, style.NOTE, note.bold)) for note in notes(view, reading)]
    step = layout.line_height(style.NOTE)
    figure, page = layout.page(paper, body + 0.2 + step * sum(len(rows) for _, rows in wrapped) + 0.05)
    top = body + 0.2
    for note, rows in wrapped:
        colour = style.INK if note.bold else style.MUTED
        before = len(page.texts)
        layout.write(page, 0, top, rows, size=style.NOTE, bold=note.bold, colour=colour, middle=False)
        for k, line in enumerate(page.texts[before:], start=before):
            line.set_gid(f"{SOURCE}{k}" if note.travels else None)
        top += step * len(rows)
    return figure, page


def reading(view: View, dots: bool = False) -> str | None:
    """How to read the interval, where one is drawn."""
    if not any(cell.has_interval for cell in view.cells.values()):
        return None
    return view.words.interval_dot if dots else view.words.interval_line


def labels(page: Axes, rows: layout.Rows, top: float) -> None:
    """The rows' labels, right-aligned against the chart or above their marks; heads begin at the left edge."""
    for row in rows.lines:
        if row.is_head:
            layout.write(page, 0, top + row.middle, row.label, bold=row.bold)
        elif row.lead:
            layout.write(page, 0, top + row.top, row.label, bold=row.bold, middle=False)
        else:
            layout.write(page, rows.width, top + row.middle, row.label, bold=row.bold, align="right")


def percent_axis(axes: Axes, view: View, rows: layout.Rows) -> None:
    """Shares from zero to 100 percent; to 50 or 25 where everything drawn lies below."""
    most = max((rightmost(cell) for cell in view.cells.values() if not math.isnan(cell.estimate)), default=1.0)
    limit, step = next((pair for pair in ((0.25, 0.05), (0.5, 0.1)) if most <= 0.9 * pair[0]), (1.0, 0.25))
    scale(axes, view, rows, limit, step)


def scale(axes: Axes, view: View, rows: layout.Rows, limit: float, step: float) -> None:
    """An axis from zero to `limit` with thin lines every `step`, in the language's percent."""
    ticks = [k * step for k in range(round(limit / step) + 1)]
    axis(axes, rows, [(tick, percent(tick, view.lang)) for tick in ticks], (0, limit), base=0)


def axis(
    axes: Axes,
    rows: layout.Rows,
    ticks: Sequence[tuple[float, str]],
    limits: tuple[float, float],
    *,
    base: float | None = None,
    grid: bool = True,
) -> None:
    """Limits, thin lines at the ticks, their words under the chart as far as there is room, and a line at `base`."""
    axes.set_xlim(*limits)
    axes.xaxis.set_visible(False)
    kept = _that_fit(axes, ticks, base)
    for top, bottom in rows.spans:
        if grid:
            axes.vlines([tick for tick, _ in kept], top, bottom, color=style.GRID, linewidth=0.6, zorder=0.5)
        if base is not None:
            axes.vlines([base], top, bottom, color=style.MUTED, linewidth=0.9, zorder=1.5, clip_on=False)
    for tick, text in kept:
        layout.write(axes, tick, rows.height + 0.27, text, size=8.0, colour=style.MUTED, align="center")


def _that_fit(axes: Axes, ticks: Sequence[tuple[float, str]], base: float | None) -> list[tuple[float, str]]:
    """Every tick, or every second, third … from `base` so that their words stand apart."""
    places = axes.transData.transform([(tick, 0.0) for tick, _ in ticks])[:, 0]
    dots = axes.figure.dpi / layout.CM
    halves = [layout.text_width(text, 8.0) / 2 for _, text in ticks]
    first = next((k for k, (tick, _) in enumerate(ticks) if tick == base), 0)
    for step in range(1, len(ticks) + 1):
        kept = [k for k in range(len(ticks)) if (k - first) % step == 0]
        if all((places[b] - places[a]) / dots >= halves[a] + halves[b] + 0.15 for a, b in pairwise(kept)):
            break
    return [ticks[k] for k in kept]


def room(axes: Axes) -> float:
    """The distance of a number from its mark, in units of the axis."""
    low, high = axes.get_xlim()
    return 0.14 * (high - low) / layout.width_of(axes)


def interval(axes: Axes, cell: Cell, y: float, width: float = 1.0) -> None:
    """A thin line from limit to limit, with a light edge so that it is seen on a dark bar, too."""
    if not cell.has_interval:
        return
    for colour, thickness, order in ((style.PAPER, width + 1.4, 3.0), (style.INK, width, 3.1)):
        layout.stroke(axes, [cell.low, cell.high], [y, y], colour=colour, thickness=thickness, order=order)


def rightmost(cell: Cell) -> float:
    """Where a label to the right of a bar and its interval can begin."""
    return max(cell.estimate, cell.high) if cell.has_interval else cell.estimate


@dataclass(frozen=True)
class Block:
    """A chart that knows its height before it is painted.

    Attributes
    ----------
    height : centimetres, axis numbers and legend included.
    paint : draws it on (figure, page) from `top` downwards.
    reading : how to read its marks; printed in the note.
    """

    height: float
    paint: Callable[[Figure, Axes, float], None]
    reading: str | None = None


@dataclass(frozen=True)
class Entry:
    """A row of a chart: its label and its codes."""

    label: str
    bold: bool
    code: str


def group_entries(view: View, n: bool = True, **where: str) -> list[Entry]:
    """The groups, then everyone together in bold, each with its n."""
    codes = [*view.groups, *([ALL] if view.has_all else [])]
    return [
        Entry(
            f"{view.word('group', code)} {view.n_label(group=code, **where) if n else ''}".strip(),
            code == ALL and len(codes) > 1,
            code,
        )
        for code in codes
    ]


def heading(page: Axes, text: str, top: float, paper: Paper) -> None:
    """The name of a block where a figure has several."""
    layout.write(page, 0, top, layout.wrap(text, paper.edge, style.TEXT, True), bold=True, middle=False)


def heading_height(text: str, paper: Paper) -> float:
    return len(layout.wrap(text, paper.edge, style.TEXT, True)) * layout.line_height() + 0.12
