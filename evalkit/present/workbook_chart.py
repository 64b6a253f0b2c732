"""Native Excel charts: which of an exhibit's numbers they show, and how."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from evalkit.present import style
from evalkit.present.odds import ratio_of
from evalkit.present.rows import ALL, Cell, Key, View, view
from evalkit.present.workbook_rows import keys_of, percent_shape, word

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.chart import Chart

COLOURS = ("#173F63", "#C77F1B", "#6D8F6B", "#8A939B", "#5E94BF", "#7A4B00", "#A9C4DB", "#3D4A56")
LIGHTER = (style.BAR, "#DDA85A", "#A9C4A7")
"""Colours on which the lines of intervals are seen; as many series are wide enough for intervals."""


@dataclass(frozen=True)
class Plot:
    """The numbers of a chart: a row a category, a column a series.

    Attributes
    ----------
    kind : bar, column or stacked.
    shape : number format of the labels.
    ratio : whether the numbers are odds ratios of the cells' coefficients.
    points : whether the numbers are differences of shares, in percentage points.
    axis : number format of the value axis, where it is not `shape`.
    whole : whether shares are of answers, on an axis of 0 to 100 %, and not of a population's many parts.
    """

    kind: str
    labels: list[str]
    series: list[str]
    cells: list[list[Cell | None]]
    shape: str
    ratio: bool = False
    points: bool = False
    axis: str = ""
    whole: bool = True

    @property
    def with_intervals(self) -> list[int]:
        """The series whose intervals are drawn: those that have them, where the bars are wide enough."""
        if self.kind != "bar" or self.ratio or len(self.series) > len(LIGHTER):
            return []
        columns = list(zip(*self.cells))
        return [k for k, cells in enumerate(columns) if any(cell is not None and cell.has_interval for cell in cells)]

    @property
    def infinite(self) -> bool:
        """Whether a number is infinite, and so left out of the chart."""
        return any(cell is not None and math.isinf(cell.estimate) for row in self.cells for cell in row)

    def values(self, row: int) -> list[float]:
        """The numbers of a row; then what the intervals have above and below, series by series. NaN where none is."""
        cells = self.cells[row]
        found = [math.nan if cell is None else cell.estimate for cell in cells]
        found = [ratio_of(value) for value in found] if self.ratio else found
        found += [end for k in self.with_intervals for end in _ends(cells[k])]
        scale = 100 if self.points else 1
        return [math.nan if math.isinf(value) else scale * value for value in found]

    def heads(self, above: str, below: str) -> list[str]:
        """What stands over `values`."""
        ends = [f"{self.series[k]}: {way}" for k in self.with_intervals for way in (above, below)]
        return [*self.series, *ends]

    def reach(self) -> tuple[float, float]:
        """The lowest and the highest that is drawn, ends of intervals included, with zero between them."""
        count = len(self.series)
        rows = [[0.0 if math.isnan(value) else value for value in self.values(k)] for k in range(len(self.labels))]
        ups = [row[k] + row[count + 2 * j] for row in rows for j, k in enumerate(self.with_intervals)]
        downs = [row[k] - row[count + 2 * j + 1] for row in rows for j, k in enumerate(self.with_intervals)]
        drawn = [value for row in rows for value in row[:count]]
        return min([0.0, *drawn, *downs]), max([0.0, *drawn, *ups])


def _ends(cell: Cell | None) -> tuple[float, float]:
    if cell is None or not cell.has_interval:
        return (math.nan, math.nan)
    return (cell.high - cell.estimate, cell.estimate - cell.low)


def plot_of(shown: View) -> Plot | None:
    """What the chart of an exhibit shows; None for the kinds whose numbers have no scale in common."""
    kind = shown.exhibit.kind
    percent = percent_shape(shown.lang)
    grouped = len(shown.groups) + shown.has_all > 1
    one = (2,) if grouped else (0,) if len(shown.items) > 1 else (1,)
    plots: dict[str, tuple[str, str, tuple[int, ...], tuple[str, ...]]] = {
        "share": ("bar", percent, one, ()),
        "mean": ("bar", "0.0", one, ()),
        "distribution": ("stacked", percent, (0, 2, 1), ()),
        "multiple": ("bar", percent, (3,), ()),
        "representativeness": ("bar", percent, (3,), ()),
        "transitions": ("column", "#,##0", (2, 1), ("up", "down")),
        "response": ("stacked", "#,##0", (2,), ("complete", "partial", "none")),
        "screen": ("bar", "0", (0,), ("change",)),
        "conditional_logit": ("bar", "0.00", (0, 3), ()),
    }
    if kind == "balance":
        return _balance(shown)
    if kind not in plots:
        return None
    form, shape, rows, only = plots[kind]
    if kind == "response":
        shown = replace(shown, cells={key: cell for key, cell in shown.cells.items() if key[1] == shown.waves[-1]})
    plot = _pivot(shown, form, shape, rows, only)
    return _sorted(plot) if kind == "multiple" and not shown.groups else plot


def _sorted(plot: Plot) -> Plot:
    """Options as the figure has them: the most ticked first."""

    def size(row: list[Cell | None]) -> float:
        first = row[0]
        return -1.0 if first is None or math.isnan(first.estimate) else first.estimate

    pairs = sorted(zip(plot.labels, plot.cells, strict=True), key=lambda pair: -size(pair[1]))
    return replace(plot, labels=[label for label, _ in pairs], cells=[row for _, row in pairs])


def _balance(shown: View) -> Plot:
    """Differences of sample and population before and after weighting."""
    known = set(shown.exhibit.data["weighting"])
    views = [view(shown.exhibit, shown.lang, how) for how in ("unweighted", "weighted") if how in known]
    keys = keys_of(views)
    labels = [word(shown, 3, key[3]) if key[3] else word(shown, 0, key[0]) for key in keys]
    series = [found.word("weighting", found.weighting) for found in views]
    return Plot("bar", labels, series, [[found.cells.get(key) for found in views] for key in keys], "0.00")


def _pivot(shown: View, form: str, shape: str, rows: tuple[int, ...], only: tuple[str, ...]) -> Plot:
    """Rows by the parts of the keys named in `rows`, columns by the others."""
    keys = [key for key in keys_of([shown]) if not only or key[3] in only]
    columns = tuple(k for k in range(4) if k not in rows)
    many = [k for k in range(4) if len({key[k] for key in keys}) > 1]

    def codes(key: Key, parts: Sequence[int]) -> tuple[str, ...]:
        return tuple(key[k] for k in parts)

    def label(found: tuple[str, ...], parts: Sequence[int]) -> str:
        return ", ".join(word(shown, k, code) for k, code in zip(parts, found) if k in many)

    down = list(dict.fromkeys(codes(key, rows) for key in keys))
    across = list(dict.fromkeys(codes(key, columns) for key in keys))
    cells = {(codes(key, rows), codes(key, columns)): shown.cells[key] for key in keys}
    words = shown.words
    change = f"{words.statistics['change']}, {words.percentage_points}"
    names = {"mean": words.mean, "conditional_logit": words.odds_ratio, "screen": change}
    only_one = names.get(shown.exhibit.kind, words.share)
    return Plot(
        form,
        [label(found, rows) or shown.word("group", ALL) for found in down],
        [label(found, columns) or only_one for found in across],
        [[cells.get((row, column)) for column in across] for row in down],
        shape,
        ratio=shown.exhibit.kind == "conditional_logit",
        points=shown.exhibit.kind == "screen",
        axis=percent_shape(shown.lang) if form == "stacked" else "",
        whole=shown.exhibit.kind != "representativeness",
    )


def size_of(plot: Plot) -> tuple[int, int]:
    """Width and height in pixels: every bar, and every name, has room."""
    a_name = 20 if plot.kind != "bar" else 8 + 16 * len(plot.series)
    return 680, max(
        320, 160 + (0 if plot.kind == "column" else max(20, min(a_name, 840 // len(plot.labels))) * len(plot.labels))
    )


def native(workbook: Workbook, sheet: str, plot: Plot, top: int, words: tuple[str, str]) -> Chart:
    """The chart of the numbers whose heads stand in row `top` of a sheet, names in column 0."""
    types = {
        "bar": {"type": "bar"},
        "column": {"type": "column"},
        "stacked": {"type": "bar", "subtype": "percent_stacked"},
    }
    chart = workbook.add_chart(types[plot.kind])
    count = len(plot.series)
    colours: Sequence[str] = LIGHTER if count == 1 or plot.with_intervals else COLOURS
    if plot.kind == "stacked" or count > len(COLOURS):
        colours = style.sequence(count)
    for k in range(count):
        chart.add_series(_series(sheet, plot, top, k, colours[k]))
    chart.set_title({"name": words[0], "name_font": {"size": 11, "color": style.INK}, "overlay": False})
    chart.set_legend({"none": True} if count == 1 else {"position": "bottom", "font": {"size": 9}})
    width, height = size_of(plot)
    chart.set_size({"width": width, "height": height})
    _axes(chart, plot, words[1])
    return chart


def _series(sheet: str, plot: Plot, top: int, k: int, colour: str) -> dict[str, Any]:
    from xlsxwriter.utility import xl_range_formula

    last = top + len(plot.labels)
    inside = plot.kind == "stacked" or bool(plot.with_intervals)
    font = {"size": 8, "color": style.text_on(colour) if inside else style.INK}
    labels: dict[str, Any] = {"value": True, "num_format": plot.shape, "font": font}
    found: dict[str, Any] = {
        "name": [sheet, top, 1 + k],
        "categories": [sheet, top + 1, 0, last, 0],
        "values": [sheet, top + 1, 1 + k, last, 1 + k],
        "fill": {"color": colour},
        "gap": 60,
        "data_labels": labels,
    }
    if plot.with_intervals:
        labels["position"] = "inside_base"
    if k in plot.with_intervals:
        above = 1 + len(plot.series) + 2 * plot.with_intervals.index(k)
        found["y_error_bars"] = {
            "type": "custom",
            "plus_values": xl_range_formula(sheet, top + 1, above, last, above),
            "minus_values": xl_range_formula(sheet, top + 1, above + 1, last, above + 1),
            "line": {"color": style.INK, "width": 0.75},
        }
    return found


def _axes(chart: Chart, plot: Plot, small: str) -> None:
    """Categories from the top down, beside the bars even where these go below zero; the small line under them all."""
    grid = {"visible": True, "line": {"color": style.GRID}}
    names: dict[str, Any] = {"num_font": {"size": 9}, "line": {"color": style.MUTED}, "label_position": "low"}
    names["interval_unit"] = 1
    values: dict[str, Any] = {"num_font": {"size": 8}, "num_format": plot.axis or plot.shape, "major_gridlines": grid}
    values |= _limits(plot)
    said = {"name": small, "name_font": {"size": 8, "bold": False, "color": style.MUTED}}
    if plot.kind == "column":
        chart.set_x_axis({**names, **said})
        chart.set_y_axis(values)
    else:
        chart.set_y_axis({**names, "reverse": True, "crossing": "max"})
        chart.set_x_axis({**values, **said})


def _limits(plot: Plot) -> dict[str, Any]:
    """The value axis: from zero unless something drawn is below it; shares of answers to 100 %."""
    if plot.kind == "stacked":
        return {"min": 0, "max": 1}
    if plot.ratio:
        return {"log_base": 10, "crossing": 1}
    low, high = plot.reach()
    if plot.points:
        return {"min": 10 * math.floor(low / 10), "max": 10 * math.ceil(high / 10), "major_unit": 10}
    found: dict[str, Any] = {} if low < 0 else {"min": 0}
    if plot.shape.endswith("%"):
        found["max"] = 1 if plot.whole else next(limit for limit in (0.25, 0.5, 1) if limit == 1 or high <= 0.9 * limit)
    return found
