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
from evalkit.present import captions, style
from evalkit.present.exhibit import Exhibit
from evalkit.present.figures import has_figure
from evalkit.present.rows import View, view
from evalkit.present.words import capital, house, sentence
from evalkit.present.workbook_chart import Plot, native, plot_of
from evalkit.present.workbook_rows import Table, table_of, title_of

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

ABOUT = ("title", "notice", "run", "date")
LONGEST_NAME, LONGEST_TEXT = 31, 32767
"""Letters that Excel allows in the name of a sheet, and in a cell."""
WIDEST, LEAST = 44.0, 84.0
"""Letters that a column of words has at most, and the columns together at least."""
HEAD = 4
"""Row of the table's heads, counted from 0."""
LINK: dict[str, Any] = {"font_color": "#1F4E79", "underline": 1}
LINE_HEIGHT = 15.5
"""Points of a line of text."""

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
        """Write text over the whole width of a table, in as many lines as it needs."""
        sheet.merge_range(row, 0, row, len(widths) - 1, "", self.format(text_wrap=True, **settings))
        self.text(sheet, row, 0, text, text_wrap=True, **settings)
        size = settings.get("font_size", 11) / 11
        sheet.set_row(row, LINE_HEIGHT * size * _lines(text, sum(widths) / size))

    def row(self, sheet: Worksheet, row: int, texts: Sequence[str], widths: Sequence[float], **settings: Any) -> None:
        """Write texts beside each other, each wrapped in its column."""
        for column, text in enumerate(texts):
            self.text(sheet, row, column, text, text_wrap=True, **settings)
        sheet.set_row(row, LINE_HEIGHT * max([_lines(text, width) for text, width in zip(texts, widths)], default=1))

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
        quoted = name.replace("'", "''")
        sheet.write_url(row, 0, f"internal:'{quoted}'!A1", book.format(**LINK), string=name)
        book.number(sheet, row, 3, exhibit.n, "#,##0")
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    sheet.freeze_panes(HEAD + 1, 0)
    _paper(book, sheet)


def _paper(book: _Book, sheet: Worksheet) -> None:
    """A4 landscape, everything beside each other on one page, the notice at the foot of every page."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(HEAD)
    notice = str(book.about["notice"] or "").replace("&", "&&")
    sheet.set_footer(f"&L&8{notice[:180]}&R&8&A  &P/&N")
    sheet.hide_gridlines(2)


def _exhibit(book: _Book, sheet: Worksheet, exhibit: Exhibit) -> None:
    """Title, caption and notice; the table; the notes; the chart with its numbers."""
    shown = view(exhibit, book.lang)
    text, words = shown.text, shown.words
    table, plot = table_of(exhibit, book.lang), plot_of(shown)
    widths = _widths(table, plot)
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    book.paragraph(sheet, 0, title_of(shown), widths, bold=True, font_size=13)
    book.paragraph(sheet, 1, captions.caption(exhibit, book.lang), widths)
    book.paragraph(sheet, 2, sentence(text(exhibit.notice)), widths, bold=True)
    link = book.format(**LINK)
    sheet.write_url(3, 0, f"internal:'{book.words['contents']}'!A1", link, string=book.words["back"])
    row = _write_table(book, sheet, table, widths) + 1
    question, base = text(exhibit.question), text(exhibit.base)
    notes = [words.question.format(question=question)] if question else []
    notes += [f"{book.words['base']}: {base}"] if base else []
    for note in [*notes, text(exhibit.note), words.source.format(source=text(exhibit.source))]:
        if note:
            row += 1
            book.paragraph(sheet, row, sentence(note), widths, font_color=style.MUTED)
    if plot is not None:
        _write_plot(book, sheet, shown, plot, row + 2, widths)
    sheet.freeze_panes(HEAD + 1, table.keys)
    _paper(book, sheet)


def _widths(table: Table, plot: Plot | None) -> list[float]:
    """Widths of the columns: the first holds the chart's names as well, and together they hold a line of text."""
    widths = list(table.widths)
    names = [len(name) + 2.0 for name in plot.labels] if plot is not None else []
    widths[0] = max([widths[0], *(min(name, WIDEST) for name in names)])
    widths[table.keys - 1] += max(0.0, LEAST - sum(widths))
    return widths


def _lines(text: str, width: float) -> int:
    """Lines that words take in a column of `width` letters."""
    lines, used = 1, 0.0
    for word in text.split(" "):
        length = 1.1 * len(word)
        if used and used + length > width:
            lines, used = lines + 1, 0.0
        lines += int(length // width) if length > width else 0
        used += length + 1
    return lines


def _write_table(book: _Book, sheet: Worksheet, table: Table, widths: Sequence[float]) -> int:
    """The table from row HEAD on; the last row written."""
    book.row(sheet, HEAD, table.head, widths, bold=True, bottom=1)
    for column in range(table.keys, len(table.head)):
        book.text(sheet, HEAD, column, table.head[column], bold=True, bottom=1, text_wrap=True, align="right")
    row = HEAD
    for row, (names, values, strong) in enumerate(table.rows, start=HEAD + 1):
        more = {"bold": True} if strong else {}
        book.row(sheet, row, names, widths, **more)
        for column, (value, shape) in enumerate(values, start=len(names)):
            book.number(sheet, row, column, value, shape, **more)
    return row


def _write_plot(book: _Book, sheet: Worksheet, shown: View, plot: Plot, top: int, widths: Sequence[float]) -> None:
    """The chart's numbers under the table, the chart to the right of it."""
    infinite = book.words["infinite"] if plot.infinite else ""
    book.paragraph(sheet, top, sentence(book.words["chart"], infinite), widths, bold=True)
    heads = list(plot.series)
    heads += [f"{plot.series[k]}: {book.words[way]}" for k in plot.with_intervals for way in ("above", "below")]
    more = [*widths, *[8.43] * len(heads)]
    book.row(sheet, top + 1, ["", *heads], more, bold=True, bottom=1, align="right")
    for k, name in enumerate(plot.labels):
        book.row(sheet, top + 2 + k, [name], widths)
        for column, value in enumerate(plot.values(k), start=1):
            book.number(sheet, top + 2 + k, column, value, plot.shape)
    chart = native(book.workbook, sheet.get_name(), plot, top + 1, title_of(shown))
    exhibit = shown.exhibit
    seen = captions.alt(exhibit, book.lang) if has_figure(exhibit) else captions.caption(exhibit, book.lang)
    sheet.insert_chart(HEAD + 1, len(widths) + 1, chart, {"description": seen, "object_position": 3})
