"""Results as an Excel workbook: a sheet an exhibit, numbers as numbers, and a chart that can be pasted elsewhere."""

from __future__ import annotations

import io
import math
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evalkit.errors import MethodError
from evalkit.folders import write_whole
from evalkit.present import captions, infinite, style
from evalkit.present.exhibit import Exhibit
from evalkit.present.figures import has_figure
from evalkit.present.rows import View, view
from evalkit.present.words import capital, house, sentence
from evalkit.present.workbook_chart import Plot, native, plot_of, size_of
from evalkit.present.workbook_models import blocks_of
from evalkit.present.workbook_rows import Table, room_of, table_of, title_of

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

ABOUT = ("title", "notice", "run", "date")
LONGEST_NAME, LONGEST_TEXT = 31, 32767
"""Letters that Excel allows in the name of a sheet, and in a cell."""
WIDEST, LEAST, LINE = 44.0, 84.0, 130.0
"""Letters that a column of words has at most, the columns together at least, and a line of text at most."""
HEAD = 4
"""Row of the table's heads, counted from 0."""
LINK: dict[str, Any] = {"font_color": "#1F4E79", "underline": 1}
LINE_HEIGHT = 15.5
"""Points of a line of text."""
ROW_PIXELS, TALL = 20, 540
"""Pixels of an empty row, and of a chart that a page on its side holds."""
LYING, UPRIGHT, SMALLEST = 140.0, 97.0, 60
"""Letters across a page on its side and upright, and percent below which print is too small to read."""

WORDS = {
    "nb": {
        "contents": "Innhold",
        "back": "Til innholdet",
        "sheet": "Ark",
        "exhibit": "Figur eller tabell",
        "base": "Hvem det gjelder",
        "run": "Kjøring",
        "date": "Dato",
        "chart": "Tallene i diagrammet",
        "to_chart": "Til diagrammet",
        "above": "opp",
        "below": "ned",
        "infinite": "Diagrammet viser ikke uendelige anslag",
    },
    "en": {
        "contents": "Contents",
        "back": "To the contents",
        "sheet": "Sheet",
        "exhibit": "Figure or table",
        "base": "Whom it concerns",
        "run": "Run",
        "date": "Date",
        "chart": "The numbers in the chart",
        "to_chart": "To the chart",
        "above": "up",
        "below": "down",
        "infinite": "The chart does not show infinite estimates",
    },
}


def write_workbook(exhibits: Sequence[Exhibit], path: Path, lang: str, *, about: dict[str, Any]) -> None:
    """Write `exhibits` to an .xlsx; the same exhibits give the same bytes.

    Parameters
    ----------
    exhibits : in the order of the sheets.
    path : the file; one that is there is replaced.
    lang : "nb" or "en".
    about : title (of the study), notice (or None), run (its id) and date. The file's own date is SOURCE_DATE_EPOCH,
        else this date. Nothing in the file is a formula: text stays text, whatever it begins with.

    Raises
    ------
    MethodError for an unknown language, a key of `about` that is missing or not known, or a text that is too long
    for a cell.

    Examples
    --------
    >>> about = {"title": "ROBEK", "notice": None, "run": "cce698238c49", "date": date(2026, 1, 31)}
    >>> write_workbook([run.exhibit("in_robek")], Path("results.xlsx"), "nb", about=about)  # doctest: +SKIP
    """
    house(lang)
    if set(about) != set(ABOUT):
        raise MethodError("The workbook must be told what it is about", expected=", ".join(ABOUT), got=", ".join(about))
    from xlsxwriter import Workbook

    data = io.BytesIO()
    workbook = Workbook(data, {"in_memory": True})
    properties = {"title": str(about["title"]), "comments": str(about["notice"] or ""), "created": _created(about)}
    workbook.set_properties(properties)
    book = _Book(workbook, lang, about)
    contents = workbook.add_worksheet(book.words["contents"])
    names = sheet_names([exhibit.name for exhibit in exhibits], taken=[book.words["contents"]])
    sheets = [workbook.add_worksheet(name) for name in names]
    _contents(book, contents, exhibits, names)
    for exhibit, sheet in zip(exhibits, sheets):
        _exhibit(book, sheet, exhibit)
    workbook.close()
    write_whole(path, data.getvalue())


def sheet_names(names: Sequence[str], taken: Sequence[str] = ()) -> list[str]:
    """Names that Excel accepts: at most 31 characters, none of []:*?/\\, each different also when case is ignored.

    Examples
    --------
    >>> sheet_names(["plan", "Plan", "a/b"])
    ['plan', 'Plan~2', 'a_b']
    """
    used = {name.lower() for name in (*taken, "History")}
    found = []
    for name in names:
        plain = re.sub(r"[\[\]:*?/\\\x00-\x1f]", "_", name).strip("'") or "_"
        tries = [plain[:LONGEST_NAME], *(plain[: LONGEST_NAME - len(f"~{k}")] + f"~{k}" for k in range(2, 1000))]
        found.append(next(one for one in tries if one.lower() not in used))
        used.add(found[-1].lower())
    return found


def _created(about: Mapping[str, Any]) -> datetime:
    """The file's date: SOURCE_DATE_EPOCH, else midnight of the date it is about."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if epoch:
        return datetime.fromtimestamp(int(epoch), UTC)
    day = _day(about)
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _day(about: Mapping[str, Any]) -> date:
    found = about["date"]
    return date.fromisoformat(found[:10]) if isinstance(found, str) else found


@dataclass
class _Book:
    """The workbook, its language, and its formats by their settings."""

    workbook: Workbook
    lang: str
    about: Mapping[str, Any]
    formats: dict[tuple[tuple[str, Any], ...], Format] = field(default_factory=dict)

    @property
    def words(self) -> dict[str, str]:
        return WORDS[self.lang]

    def format(self, **settings: Any) -> Format:
        key = tuple(sorted(settings.items()))
        if key not in self.formats:
            self.formats[key] = self.workbook.add_format({"font_color": style.INK, "valign": "top", **settings})
        return self.formats[key]

    def text(self, sheet: Worksheet, row: int, column: int, text: str, **settings: Any) -> None:
        """Write text as text: what begins like a formula is marked so that it stays text when a person edits it."""
        if len(text) > LONGEST_TEXT:
            raise MethodError(
                "A text is too long for a cell of Excel",
                where=f"sheet {sheet.get_name()}",
                expected=f"{LONGEST_TEXT} letters",
                got=f"{len(text)} letters: {text[:40]}…",
            )
        if text[:1] in ("=", "+", "-", "@", "\t", "\r"):
            settings["quote_prefix"] = True
        sheet.write_string(row, column, text, self.format(**settings))

    def paragraph(self, sheet: Worksheet, row: int, text: str, widths: Sequence[float], **settings: Any) -> None:
        """Write text over the columns of a table that a screen holds, in as many lines as it needs."""
        last = next((k for k in range(1, len(widths)) if sum(widths[: k + 1]) > LINE), len(widths)) - 1
        if last:
            sheet.merge_range(row, 0, row, last, "", self.format(text_wrap=True, **settings))
        self.text(sheet, row, 0, text, text_wrap=True, **settings)
        size = settings.get("font_size", 11) / 11
        sheet.set_row(row, LINE_HEIGHT * size * _lines(text, sum(widths[: last + 1]) / size))

    def link(self, sheet: Worksheet, row: int, column: int, to: str, to_row: int, text: str) -> None:
        """A link to a row of a sheet."""
        quoted = to.replace("'", "''")
        sheet.write_url(row, column, f"internal:'{quoted}'!A{to_row + 1}", self.format(**LINK), string=text)

    def row(self, sheet: Worksheet, row: int, texts: Sequence[str], widths: Sequence[float], **settings: Any) -> None:
        """Write texts beside each other, each wrapped in its column."""
        for column, text in enumerate(texts):
            self.text(sheet, row, column, text, text_wrap=True, **settings)
        bold = 1.1 if settings.get("bold") else 1.0
        lines = [_lines(text, width / bold) for text, width in zip(texts, widths)]
        sheet.set_row(row, LINE_HEIGHT * max(lines, default=1))

    def number(self, sheet: Worksheet, row: int, column: int, value: float, shape: str, **settings: Any) -> None:
        """Write a number as a number; an infinite one, which Excel has not, as its sign; NaN leaves the cell empty."""
        found = self.format(num_format=shape, align="right", **settings)
        if math.isnan(value):
            sheet.write_blank(row, column, None, found)
        elif math.isinf(value):
            sheet.write_string(row, column, "∞" if value > 0 else "−∞", found)
        else:
            sheet.write_number(row, column, float(value), found)


def _contents(book: _Book, sheet: Worksheet, exhibits: Sequence[Exhibit], names: Sequence[str]) -> None:
    """What the file is, and a link to each sheet."""
    from babel.dates import format_date

    words, about = book.words, book.about
    day = format_date(_day(about), "long", locale={"nb": "nb_NO", "en": "en_GB"}[book.lang])
    widths = (30.0, 62.0, 44.0, 9.0)
    book.paragraph(sheet, 0, str(about["title"]), widths, bold=True, font_size=14)
    book.paragraph(sheet, 1, sentence(str(about["notice"] or "")), widths, bold=True)
    run = f"{words['run']}: {about['run']}. {words['date']}: {day}"
    book.paragraph(sheet, 2, run, widths, font_color=style.MUTED)
    book.row(sheet, HEAD, (words["sheet"], words["exhibit"], words["base"], "N"), widths, bold=True, bottom=1)
    for row, (exhibit, name) in enumerate(zip(exhibits, names), start=HEAD + 1):
        who = house(book.lang).who_answered.format(units=exhibit.units[book.lang])
        base = exhibit.base[book.lang] if exhibit.base else who
        book.row(sheet, row, ("", title_of(view(exhibit, book.lang)), capital(base)), widths)
        book.link(sheet, row, 0, name, 0, name)
        book.number(sheet, row, 3, exhibit.n, "#,##0")
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    sheet.freeze_panes(HEAD + 1, 0)
    _paper(book, sheet, widths)


def _paper(book: _Book, sheet: Worksheet, widths: Sequence[float], keys: int = 1, chart: int = 0) -> None:
    """A4, all columns on one page where they can be read, upright where the `chart` is tall; the notice at the foot."""
    printed = sum(widths) * SMALLEST / 100
    upright = chart > TALL and not UPRIGHT < printed <= LYING
    if not upright:
        sheet.set_landscape()
    sheet.set_paper(9)
    sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
    if printed > (UPRIGHT if upright else LYING):
        sheet.set_print_scale(SMALLEST)
        sheet.repeat_columns(0, keys - 1)
    else:
        sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(HEAD)
    notice = str(book.about["notice"] or "").replace("&", "&&")
    sheet.set_footer(f"&L&8{notice[:180]}&R&8&A  &P/&N")
    sheet.hide_gridlines(2)
    sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})


def _exhibit(book: _Book, sheet: Worksheet, exhibit: Exhibit) -> None:
    """Title, who and how many, and notice; the table; the notes; the chart with its numbers."""
    shown = view(exhibit, book.lang)
    table, plot = table_of(exhibit, book.lang), plot_of(shown)
    widths = _widths(table, plot)
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    book.paragraph(sheet, 0, title_of(shown), widths, bold=True, font_size=13)
    book.paragraph(sheet, 1, captions.split(exhibit, book.lang)[1], widths)
    book.paragraph(sheet, 2, sentence(shown.text(exhibit.notice)), widths, bold=True)
    book.link(sheet, 3, 0, book.words["contents"], 0, book.words["back"])
    row = _write_table(book, sheet, table, widths)
    for name, block in blocks_of(exhibit, book.lang, table.keys):
        book.paragraph(sheet, row + 2, name, widths, bold=True)
        row = _write_table(book, sheet, block, widths, row + 3)
    row += 1
    for note in _notes(book, shown):
        row += 1
        book.paragraph(sheet, row, note, widths, font_color=style.MUTED)
    if plot is not None:
        book.link(sheet, 3, 1, sheet.get_name(), row + 2, book.words["to_chart"])
        _write_plot(book, sheet, shown, plot, row + 2, widths)
    sheet.freeze_panes(HEAD + 1, table.keys)
    _paper(book, sheet, widths, table.keys, size_of(plot)[1] if plot is not None else 0)


def _notes(book: _Book, shown: View) -> list[str]:
    """The question, whom it concerns, how the numbers are to be read, and the source."""
    exhibit, words = shown.exhibit, shown.words
    question, base = shown.text(exhibit.question), shown.text(exhibit.base)
    found = [
        words.question.format(question=question) if question else "",
        f"{book.words['base']}: {base}" if base else "",
        *(infinite.remarks(shown) if exhibit.kind == "conditional_logit" else []),
        shown.text(exhibit.note),
        words.source.format(source=shown.text(exhibit.source)),
    ]
    return [sentence(note) for note in found if note]


def _widths(table: Table, plot: Plot | None) -> list[float]:
    """Widths of the columns: they hold the chart's names and heads as well, and together a line of text."""
    widths = list(table.widths)
    if plot is not None:
        widths[0] = max([widths[0], *(min(len(name) + 2.0, WIDEST) for name in plot.labels)])
        rooms = [room_of(head) for head in plot.heads("", "")]
        widths += [8.43] * (1 + len(rooms) - len(widths))
        widths[1:] = [max(width, room) for width, room in zip(widths[1:], [*rooms, *[0.0] * len(widths)])]
    widths[table.keys - 1] += max(0.0, LEAST - sum(widths))
    return widths


def _lines(text: str, width: float) -> int:
    """Lines that words take in a column of `width` letters."""
    lines, used = 1, 0
    for word in text.split(" "):
        length = len(word)
        if used and used + length > width:
            lines, used = lines + 1, 0
        lines += int(length // width) if length > width else 0
        used += length + 1
    return lines


def _write_table(book: _Book, sheet: Worksheet, table: Table, widths: Sequence[float], top: int = HEAD) -> int:
    """The table from row `top` on; the last row written."""
    book.row(sheet, top, table.head, widths, bold=True, bottom=1)
    for column in range(table.keys, len(table.head)):
        book.text(sheet, top, column, table.head[column], bold=True, bottom=1, text_wrap=True, align="right")
    row = top
    for row, (names, values, strong) in enumerate(table.rows, start=top + 1):
        more = {"bold": True} if strong else {}
        book.row(sheet, row, names, widths, **more)
        for column, (value, shape) in enumerate(values, start=len(names)):
            book.number(sheet, row, column, value, shape, **more)
    return row


def _write_plot(book: _Book, sheet: Worksheet, shown: View, plot: Plot, top: int, widths: Sequence[float]) -> None:
    """The chart under the table and its notes, and its numbers under it."""
    exhibit = shown.exhibit
    said = captions.of_chart(exhibit, book.lang, lines=bool(plot.with_intervals))
    numbers = top + size_of(plot)[1] // ROW_PIXELS + 2
    chart = native(book.workbook, sheet.get_name(), plot, numbers + 1, (title_of(shown), said))
    seen = captions.alt(exhibit, book.lang) if has_figure(exhibit) else captions.caption(exhibit, book.lang)
    sheet.insert_chart(top, 0, chart, {"description": seen, "object_position": 2})
    sheet.set_h_pagebreaks([top])
    unseen = book.words["infinite"] if plot.infinite else ""
    book.paragraph(sheet, numbers, sentence(book.words["chart"], unseen), widths, bold=True)
    heads = ["", *plot.heads(book.words["above"], book.words["below"])]
    book.row(sheet, numbers + 1, heads, widths, bold=True, bottom=1, align="right")
    for k, name in enumerate(plot.labels):
        book.row(sheet, numbers + 2 + k, [name], widths)
        for column, value in enumerate(plot.values(k), start=1):
            book.number(sheet, numbers + 2 + k, column, value, plot.shape)
