"""Tables: an exhibit's rows as a Markdown table in one clear layout per kind, or as a plain frame in words.

Numbers of a column have the same number of decimals and stand to the right, so that they line up.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from evalkit.errors import MethodError
from evalkit.present.exhibit import COLUMNS, KEYS, Exhibit
from evalkit.present.measured import MEASURED, measure
from evalkit.present.numbers import HIDDEN, NO_NUMBER, count, decimal, span
from evalkit.present.pipes import escape, table
from evalkit.present.rows import ALL, Cell, View, view, word
from evalkit.present.words import sentence

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Grid:
    """A table before it is written: words only."""

    head: list[str]
    rows: list[list[str]]
    bold: list[int] = field(default_factory=list)
    numbers_from: int = 1
    remarks: list[str] = field(default_factory=list)


def markdown(
    exhibit: Exhibit,
    lang: str,
    *,
    weighting: str | None = None,
    caption: str | None = None,
    more: str = "",
    id: str | None = None,
) -> str:
    """`exhibit` as a pandoc pipe table in `lang`, with the study's note under it.

    Parameters
    ----------
    weighting : "weighted" or "unweighted"; the exhibit's own where it is not given.
    caption, more, id : the caption's words, what follows them, and the table's label ("tbl-…"), as in `pipes.table`.
    """
    shown = view(exhibit, lang, weighting)
    grid = grid_of(shown)
    note = sentence(*grid.remarks, shown.text(exhibit.note))
    return table(
        grid.head,
        grid.rows,
        numbers_from=grid.numbers_from,
        bold=grid.bold,
        caption=caption,
        more=more,
        id=id,
        notes=[escape(note)] if note else [],
    )


def plain(exhibit: Exhibit, lang: str) -> pd.DataFrame:
    """Every row of `exhibit` with words in place of codes and numbers as numbers."""
    words = view(exhibit, lang).words
    frame = exhibit.data.loc[:, list(COLUMNS)].copy()
    for column in KEYS:
        known = {code: word(exhibit, column, str(code), lang) for code in dict.fromkeys(frame[column])}
        frame[column] = [known[code] for code in frame[column]]
    frame = frame[[column for column in COLUMNS if column in KEYS or frame[column].notna().any()]]
    return frame.rename(columns=words.columns)


def every(exhibits: Sequence[Exhibit], lang: str) -> str:
    """All numbers of `exhibits` as an appendix in Markdown: a table for each.

    Shares, means, distributions and options are one long table each: question, wave, group and option as far as they
    tell rows apart, then the weighted estimate with its interval, the unweighted one, and N. The other kinds have the
    table that `markdown` gives. Labels are `tbl-app-<name>`, with hyphens.
    """
    from evalkit.present import appendix

    return appendix.every(exhibits, lang)


def grid_of(shown: View) -> Grid:
    """The layout of the exhibit's kind."""
    from evalkit.present import comparable_table, screen_table, survey_tables
    from evalkit.present.logit_table import logit

    layouts: dict[str, Callable[[View], Grid]] = {
        "share": _answers,
        "mean": _answers,
        "multiple": _multiple,
        "distribution": _distribution,
        "representativeness": _representativeness,
        "summary": _summary,
        "transitions": _transitions,
        "conditional_logit": logit,
        "screen": screen_table.screen,
        "response": survey_tables.response,
        "balance": survey_tables.balance,
        "r_indicator": survey_tables.r_indicator,
        "comparable": comparable_table.comparable,
    }
    kind = shown.exhibit.kind
    if kind not in layouts:
        raise MethodError(f"Exhibit {shown.exhibit.name!r} has no table", expected=", ".join(layouts), got=kind)
    return layouts[kind](shown)


def _answers(shown: View) -> Grid:
    """Group | Andel (%) | 95 % KI | N, with columns for question and wave where there are several."""
    words = shown.words
    mean = shown.exhibit.kind == "mean"
    if len(shown.waves) > 1 and (shown.groups or len(shown.items) > 1):
        return _by_wave(shown)
    leads, rows = _leads(shown)
    intervals = any(cell.has_interval for cell in shown.cells.values())
    head = [*leads, _what(shown), *([words.interval_head] if intervals else []), words.n_head]
    category = shown.categories[0]
    body: list[list[str]] = []
    bold: list[int] = []
    for names, (item, wave, group) in rows:
        cell = shown.cell(item, wave, group, category)
        if cell is None:
            continue
        if group == ALL and shown.groups:
            bold.append(len(body))
        numbers = _estimate(cell, shown.lang, mean)
        body.append([*names, *(numbers if intervals else numbers[:1]), count(cell.n, shown.lang)])
    return Grid(head, body, bold, numbers_from=len(leads))


def _what(shown: View) -> str:
    """«Andel (%)», «Andel av innbyggerne (%)», «Gjennomsnitt (år)»."""
    words = shown.words
    if shown.exhibit.kind != "mean":
        of = words.survey.percent_of.format(measure=measure(shown.exhibit, shown.lang))
        return of if shown.weighting in MEASURED else words.share_percent
    unit = shown.exhibit.facts.get("unit")
    return words.mean + (f" ({unit[shown.lang]})" if unit else "")


def _by_wave(shown: View) -> Grid:
    """Waves beside each other; the rows are those of one wave."""
    from evalkit.present.waves_table import waves

    leads, rows = _leads(replace(shown, waves=shown.waves[:1]))
    unit = _what(shown)
    short = {shown.words.share_percent: "%"}.get(unit, unit)
    return waves(shown, leads, [(names, item, group) for names, (item, _, group) in rows], short)


def _estimate(cell: Cell, lang: str, mean: bool) -> list[str]:
    """The estimate and its interval."""
    if cell.hidden:
        return [HIDDEN, HIDDEN]
    if mean:
        low, high, digits, value = cell.low, cell.high, 1, decimal(cell.estimate, lang, 1)
    else:
        low, high, digits, value = 100 * cell.low, 100 * cell.high, 0, _share(cell, lang)
    return [value, span(low, high, lang, digits) if cell.has_interval else NO_NUMBER]


def _share(cell: Cell | None, lang: str, digits: int = 0) -> str:
    if cell is None or cell.hidden:
        return HIDDEN if cell else NO_NUMBER
    return decimal(100 * cell.estimate, lang, digits)


def _leads(shown: View) -> tuple[list[str], list[tuple[list[str], tuple[str, str, str]]]]:
    """The columns before the numbers: question, group and wave, each only where it tells rows apart."""
    words = shown.words
    groups = [*shown.groups, *([ALL] if shown.has_all else [])]
    many = {"item": len(shown.items) > 1, "wave": len(shown.waves) > 1}
    many["group"] = len(groups) > 1 or not (many["item"] or many["wave"])
    by = shown.by
    named = {"item": words.item, "group": _capital(by) if by else words.group, "wave": words.wave}
    order = [name for name in ("item", "group", "wave") if many[name]]
    rows = []
    for item in shown.items:
        for group in groups:
            for wave in shown.waves:
                codes = {"item": item, "group": group, "wave": wave}
                rows.append(([shown.word(name, codes[name]) for name in order], (item, wave, group)))
    return [named[name] for name in order], rows


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _multiple(shown: View) -> Grid:
    """Options in rows; the series, groups or waves in columns, with N in the last row."""
    words, lang = shown.words, shown.lang
    groups = [*shown.groups, *([ALL] if shown.has_all else [])]
    columns = [(item, wave, group) for item in shown.items for wave in shown.waves for group in groups]
    if len(columns) == 1:
        return _one_series(shown, columns[0])
    head = [words.option]
    for item, wave, group in columns:
        parts = [shown.word("item", item)] if len(shown.items) > 1 else []
        parts += [shown.word("wave", wave)] if len(shown.waves) > 1 else []
        parts += [shown.word("group", group)] if len(groups) > 1 else []
        head.append(f"{', '.join(parts)} (%)")
    rows = [
        [shown.word("category", code), *(_share(shown.cell(*column, code), lang) for column in columns)]
        for code in shown.categories
    ]
    counts = [_n(shown, item=item, wave=wave, group=group) for item, wave, group in columns]
    return Grid(head, [*rows, [words.n_head, *counts]])


def _one_series(shown: View, column: tuple[str, str, str]) -> Grid:
    """The options of one question, the most ticked first."""
    words = shown.words
    found = [(code, shown.cell(*column, code)) for code in shown.categories]
    known = [(code, cell) for code, cell in found if cell is not None]
    known.sort(key=lambda pair: -pair[1].estimate if not math.isnan(pair[1].estimate) else 1.0)
    rows = [
        [shown.word("category", code), *_estimate(cell, shown.lang, False), count(cell.n, shown.lang)]
        for code, cell in known
    ]
    return Grid([words.option, _what(shown), words.interval_head, words.n_head], rows)


def _n(shown: View, **where: str) -> str:
    low, high = shown.n(**where)
    return span(low, high, shown.lang)


def _distribution(shown: View) -> Grid:
    """Groups in rows, categories in columns, N last; percent of each row."""
    words, lang = shown.words, shown.lang
    leads, rows = _leads(shown)
    head = [*leads, *(f"{shown.word('category', code)} (%)" for code in shown.categories), words.n_head]
    body: list[list[str]] = []
    bold: list[int] = []
    for names, (item, wave, group) in rows:
        cells = [shown.cell(item, wave, group, code) for code in shown.categories]
        if all(cell is None for cell in cells):
            continue
        if group == ALL and shown.groups:
            bold.append(len(body))
        n = _n(shown, item=item, wave=wave, group=group)
        body.append([*names, *(_share(cell, lang) for cell in cells), n])
    return Grid(head, body, bold, numbers_from=len(leads))


def _representativeness(shown: View) -> Grid:
    """Sample and population in percent with one decimal, and their difference."""
    words, lang = shown.words, shown.lang
    item, wave = shown.items[0], shown.waves[0]
    by = shown.by
    head = [
        _capital(by) if by else words.category,
        f"{words.sample} (%)",
        f"{words.population} (%)",
        words.difference_points,
    ]
    rows = []
    for code in shown.categories:
        ours, theirs = (shown.cell(item, wave, group, code) for group in ("sample", "population"))
        apart = math.nan if ours is None or theirs is None else 100 * (ours.estimate - theirs.estimate)
        rows.append(
            [
                shown.word("category", code),
                _share(ours, lang, 1),
                _share(theirs, lang, 1),
                decimal(apart, lang, 1, sign=True),
            ]
        )
    return Grid(head, rows)


def _summary(shown: View) -> Grid:
    """Sample and population in rows; N, minimum, mean, maximum and standard deviation in columns."""
    words, lang = shown.words, shown.lang
    statistics = [code for code in ("n", "min", "mean", "max", "sd") if code in shown.categories]
    cells = shown.cells
    whole = {
        code: code == "n"
        or (code in ("min", "max") and all(_is_whole(cell) for key, cell in cells.items() if key[3] == code))
        for code in statistics
    }
    rows = []
    for item in shown.items:
        for group in [code for code in ("sample", "population") if code in shown.groups]:
            row = [shown.word("item", item), shown.word("group", group)]
            for code in statistics:
                cell = shown.cell(item, shown.waves[0], group, code)
                digits = 0 if whole[code] or (cell and cell.estimate >= 1000) else 1
                row.append(NO_NUMBER if cell is None else decimal(cell.estimate, lang, digits))
            rows.append(row)
    head = [words.variable, words.group, *(shown.word("category", code) for code in statistics)]
    return Grid(head, rows, numbers_from=2)


def _is_whole(cell: Cell) -> bool:
    return math.isnan(cell.estimate) or float(cell.estimate).is_integer()


def _transitions(shown: View) -> Grid:
    """Groups or pairs of waves in rows; how many moved and stayed, and the shares before and after, in columns."""
    words, lang = shown.words, shown.lang
    leads, rows = _leads(shown)
    shares = [code for code in ("before", "after", "change") if code in shown.categories]
    moved = [code for code in ("up", "down", "unchanged") if code in shown.categories]
    cells = list(shown.cells.values())
    intervals = [words.interval_head] if any(cell.has_interval for cell in cells) else []
    tested = [words.p_head] if any(not math.isnan(cell.p) for cell in cells) else []
    head = [*leads, *(shown.word("category", code) for code in moved)]
    head += [
        f"{shown.word('category', code)} ({'%' if code != 'change' else words.percentage_points})" for code in shares
    ]
    head += [*intervals, *tested, words.n_head]
    body: list[list[str]] = []
    bold: list[int] = []
    for names, (item, wave, group) in rows:
        found = {code: shown.cell(item, wave, group, code) for code in shown.categories}
        if all(cell is None for cell in found.values()):
            continue
        if group == ALL and shown.groups:
            bold.append(len(body))
        line = [*names, *(_count(found[code], lang) for code in moved)]
        line += [_share_or_change(found[code], code, lang) for code in shares]
        line += [_interval(found.get("change"), lang)] if intervals else []
        line += [_p(list(found.values()), lang)] if tested else []
        body.append([*line, _n(shown, item=item, wave=wave, group=group)])
    return Grid(head, body, bold, numbers_from=len(leads))


def _count(cell: Cell | None, lang: str) -> str:
    if cell is None or cell.hidden:
        return HIDDEN if cell else NO_NUMBER
    return count(cell.estimate, lang)


def _share_or_change(cell: Cell | None, code: str, lang: str) -> str:
    if cell is None or cell.hidden:
        return HIDDEN if cell else NO_NUMBER
    return decimal(100 * cell.estimate, lang, 0, sign=code == "change")


def _interval(cell: Cell | None, lang: str) -> str:
    if cell is not None and cell.hidden:
        return HIDDEN
    return NO_NUMBER if cell is None or not cell.has_interval else span(100 * cell.low, 100 * cell.high, lang)


def _p(cells: Sequence[Cell | None], lang: str) -> str:
    from evalkit.present.numbers import p_number

    if any(cell is not None and cell.hidden for cell in cells):
        return HIDDEN
    found = [cell.p for cell in cells if cell is not None and not math.isnan(cell.p)]
    return p_number(found[0], lang) if found else NO_NUMBER
