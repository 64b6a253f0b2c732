"""Who answered: bars of complete and partial answers by group, or a tile map of the counties."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from evalkit.present import frame, layout, style
from evalkit.present.frame import Block
from evalkit.present.numbers import count, percent, rounded
from evalkit.present.rows import ALL, Cell, View
from evalkit.present.style import Paper
from evalkit.present.words import sentence

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

THICK, ROW = 0.38, 0.54
VALUE, SMALL = 1.3, 8.0
TILE = (2.28, 1.62)
"""Width and height of a county's tile, in centimetres."""
PARTIAL = "#BCD3E6"

Tiles = dict[str, tuple[int, int]]


def chart_of(shown: View) -> str:
    """A tile map where the groups are the counties of the register's year, else bars."""
    return "tiles" if shown.exhibit.kind == "response" and _tiles(shown) else "response"


def _tiles(shown: View) -> Tiles:
    """Row and column of each group on the county tile map, from 0; empty where the groups are not these counties."""
    year = shown.exhibit.facts.get("register")
    if year is None or not shown.groups:
        return {}
    from evalkit.panel.register import county_tiles

    table = county_tiles(int(year))
    places = {str(row.county_code): (int(row.row) - 1, int(row.col) - 1) for row in table.itertuples()}
    return places if set(shown.groups) <= set(places) else {}


def latest(shown: View) -> str:
    """The wave a figure shows: whether a unit answered in any, where the rows have that."""
    return "latest" if "latest" in shown.waves else shown.waves[-1]


def bars(view: View, paper: Paper) -> Block:
    """Complete and partial answers as one bar of the group's units, with the share of both at its end."""
    wave = latest(view)
    entries = frame.group_entries(view, n=False)
    pairs = [(f"{entry.label} {view.n_label(wave=wave, group=entry.code)}", entry.bold) for entry in entries]
    lines = layout.rows(pairs, paper, ROW, most=6.4)
    room = paper.width - lines.left
    words = [view.word("category", code) for code in ("complete", "partial")]
    marks = [layout.Mark(word, colour) for word, colour in zip(words, (style.BAR, PARTIAL), strict=True)]
    head = layout.legend_height(marks, room)

    def paint(figure: Figure, page: Axes, top: float) -> None:
        from evalkit.present.bars import number

        layout.legend(page, marks, lines.left, top, room)
        axes = layout.chart(figure, lines.left, top + head, room - VALUE, lines.height)
        frame.scale(axes, view, lines, 1.0, 0.25)
        frame.labels(page, lines, top + head)
        for line, entry in zip(lines.lines, entries, strict=True):
            full, both = (_rate(view, wave, entry.code, name) for name in ("rr1", "rr2"))
            layout.box(axes, line.middle, both, height=THICK, colour=PARTIAL)
            layout.box(axes, line.middle, full, height=THICK, colour=style.BAR, order=2.1)
            number(axes, both + frame.room(axes), line.middle, percent(both, view.lang))
            inside = percent(full, view.lang)
            if layout.text_width(inside, SMALL) + 0.3 < full * (room - VALUE):
                ink = style.text_on(style.BAR)
                layout.write(axes, full - frame.room(axes), line.middle, inside, size=SMALL, colour=ink, align="right")

    return Block(head + lines.height + frame.AXIS, paint, sentence(view.words.survey.bar_reading, _waves(view, wave)))


def tiles(view: View, paper: Paper) -> Block:
    """The counties as tiles, darker where more answered, each with its share and numbers; everyone at the top left."""
    places = {code: place for code, place in _tiles(view).items() if code in view.groups}
    wave = latest(view)
    top_row = min(row for row, _ in places.values())
    height = (max(row for row, _ in places.values()) - top_row + 1) * TILE[1]
    wide = max(col for _, col in places.values()) + 1
    side = min(TILE[0], paper.width / wide)
    rates = {code: _rate(view, wave, code, "rr2") for code in places}
    edges = _classes(list(rates.values()))
    colours = [PARTIAL, style.BAR] if len(edges) == 3 else style.sequence(len(edges) - 1)[::-1]
    marks = [
        layout.Mark(_class_label(view, low, high, list(rates.values())), colour)
        for low, high, colour in zip(edges, edges[1:], colours, strict=False)
    ]

    def paint(figure: Figure, page: Axes, top: float) -> None:
        _key(page, view, wave, marks, top)
        for code, (row, col) in places.items():
            share = float(rounded(100 * rates[code]))
            colour = colours[max(k for k, low in enumerate(edges[:-1]) if share >= low or k == 0)]
            _tile(page, view, view.cell(view.items[0], wave, code, "rr2"), code, colour,
                  (col * side, top + (row - top_row) * TILE[1], side))  # fmt: skip

    return Block(height, paint, sentence(view.words.survey.map_reading, _waves(view, wave)))


def _key(page: Axes, view: View, wave: str, marks: list[layout.Mark], top: float) -> None:
    """Everyone's share, and the classes of the colours under each other."""
    everyone = view.cell(view.items[0], wave, ALL, "rr2")
    if everyone is not None:
        text = f"{view.word('group', ALL)}: {percent(everyone.estimate, view.lang)} ({_of(view, everyone)})"
        layout.write(page, 0, top, text, bold=True, middle=False)
        top += 0.62
    for k, mark in enumerate(marks):
        layout.legend(page, [mark], 0, top + 0.42 * k, 4.0)


def _tile(page: Axes, view: View, cell: Cell | None, code: str, colour: str, place: tuple[float, float, float]) -> None:
    from matplotlib.patches import Rectangle

    left, top, side = place
    edge = 0.05
    box = Rectangle((left + edge, top + edge), side - 2 * edge, TILE[1] - 2 * edge, facecolor=colour,
                    edgecolor=style.MUTED, linewidth=0.4)  # fmt: skip
    page.add_patch(box)
    if cell is None:
        return
    ink = style.text_on(colour)
    name = layout.wrap(view.word("group", code), side - 0.2, 7.5)
    middle = left + side / 2
    step = layout.line_height(7.5)
    first = top + (TILE[1] - step * len(name) - layout.line_height(9.5) - step) / 2
    layout.write(page, middle, first, name, size=7.5, colour=ink, align="center", middle=False)
    value = first + step * len(name)
    layout.write(page, middle, value, percent(cell.estimate, view.lang), size=9.5, bold=True, colour=ink,
                 align="center", middle=False)  # fmt: skip
    layout.write(page, middle, value + layout.line_height(9.5), _of(view, cell), size=7.5, colour=ink, align="center",
                 middle=False)  # fmt: skip


def _of(view: View, cell: Cell) -> str:
    """«16 av 26»."""
    answered = count(cell.estimate * cell.n, view.lang)
    return view.words.survey.rate_of.format(answered=answered, n=count(cell.n, view.lang))


def _classes(rates: list[float]) -> list[int]:
    """Edges in whole percent of at most five classes of one width; one rate in ten may lie below the first.

    (A county of one municipality has 0 or 100 percent; with classes that hold it, the others would all look alike.)
    """
    shares = sorted(float(rounded(100 * rate)) for rate in rates)
    low, high = shares[len(shares) // 10], shares[-1]
    for width in (5, 10, 20, 25):
        first = math.floor(low / width)
        last = max(math.ceil(high / width - 1e-9), first + 1)
        if high == last * width and high < 100:
            last += 1
        if last - first <= 5:
            break
    return [k * width for k in range(first, last + 1)]


def _class_label(view: View, low: int, high: int, rates: list[float]) -> str:
    """«60–69 %»; the class that holds a rate below its lower edge is open: «under 50 %»."""
    if any(rounded(100 * rate) < low for rate in rates) and low == _classes(rates)[0]:
        return view.words.survey.class_below.format(high=high)
    return view.words.survey.class_label.format(low=low, high=high - (high < 100))


def _rate(view: View, wave: str, group: str, name: str) -> float:
    cell = view.cell(view.items[0], wave, group, name)
    return 0.0 if cell is None or math.isnan(cell.estimate) else cell.estimate


def _waves(view: View, wave: str) -> str | None:
    """Which wave is drawn, where the exhibit has several."""
    return view.words.survey.shown_wave.format(wave=view.word("wave", wave)) if len(view.waves) > 1 else None
