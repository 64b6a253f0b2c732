"""Every number of an exhibit in a long table: weighted with its interval, unweighted, and N, row by row."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import product

from evalkit.present.exhibit import Exhibit
from evalkit.present.measured import MEASURED
from evalkit.present.numbers import HARD, NO_NUMBER, count, decimal, span
from evalkit.present.pipes import escape, table
from evalkit.present.prose import label_of
from evalkit.present.rows import ALL, Cell, View, view
from evalkit.present.tables import Grid, grid_of
from evalkit.present.words import capital, sentence

LONG = ("share", "mean", "distribution", "multiple")
"""Kinds whose rows are estimates of answers; the others are printed in the layout of their kind."""
ONE_LAYOUT = ("balance", "r_indicator")
"""Kinds whose layout shows every weighting at once."""
WEIGHTINGS = ("weighted", *MEASURED, "unweighted")


def every(exhibits: Sequence[Exhibit], lang: str) -> str:
    """An appendix: for each exhibit its table, or its tables, with label `tbl-app-<name>`."""
    parts = []
    for exhibit in exhibits:
        grids = _grids(exhibit, lang)
        parts += [_table(exhibit, lang, grid, how, several=len(grids) > 1) for grid, how in grids]
    return "\n".join(parts)


def _grids(exhibit: Exhibit, lang: str) -> list[tuple[Grid, str | None]]:
    """The tables of an exhibit, each with the weighting it is of where one table does not hold them all."""
    if exhibit.kind in LONG:
        return [(long(exhibit, lang), None)]
    own = view(exhibit, lang)
    found: list[tuple[Grid, str | None]] = [(grid_of(own), None)]
    if exhibit.kind not in ONE_LAYOUT:
        others = [how for how in dict.fromkeys(exhibit.data["weighting"]) if how != own.weighting]
        found += [(grid_of(view(exhibit, lang, how)), how) for how in others]
    return found


def _table(exhibit: Exhibit, lang: str, grid: Grid, weighting: str | None, *, several: bool) -> str:
    from evalkit.present import captions

    shown = view(exhibit, lang, weighting)
    full = "-".join(["app", exhibit.name, *([weighting] if weighting else [])])
    said = sentence(*grid.remarks, shown.text(exhibit.note))
    title, more = captions.of_all_numbers(exhibit, lang, weighting, several=several)
    return table(
        grid.head,
        grid.rows,
        numbers_from=grid.numbers_from,
        bold=grid.bold,
        caption=title,
        more=escape(more),
        id=label_of("tbl", full),
        notes=[escape(said)] if said else [],
    )


def long(exhibit: Exhibit, lang: str) -> Grid:
    """Question | wave | group | category, as far as they tell rows apart | weighted | interval | … | unweighted | N."""
    known = [how for how in WEIGHTINGS if how in set(exhibit.data["weighting"])]
    sides = [view(exhibit, lang, how) for how in known]
    first = view(exhibit, lang)
    leads = _leads(first)
    head = [name for _, name in leads]
    head += [_head(side, alone=len(sides) == 1) for side in sides]
    with_interval = any(cell.has_interval for cell in sides[0].cells.values())
    if with_interval:
        head.insert(len(leads) + 1, first.words.interval_head.replace(" ", HARD))
    rows: list[list[str]] = []
    bold: list[int] = []
    groups = [*first.groups, *([ALL] if first.has_all else [])]
    for item, wave, group, category in product(first.items, first.waves, groups, first.categories):
        cells = [side.cell(item, wave, group, category) for side in sides]
        if all(cell is None for cell in cells):
            continue
        codes = {"item": item, "wave": wave, "group": group, "category": category}
        if group == ALL and first.groups:
            bold.append(len(rows))
        numbers = [_number(exhibit, cell, lang) for cell in cells]
        if with_interval:
            numbers.insert(1, _interval(exhibit, cells[0], lang))
        n = next(cell.n for cell in cells if cell is not None)
        rows.append([*(first.word(column, codes[column]) for column, _ in leads), *numbers, count(n, lang)])
    return Grid([*head, first.words.n_head], rows, bold, numbers_from=len(leads))


def _leads(shown: View) -> list[tuple[str, str]]:
    """The columns that tell rows apart, and their heads; the group where nothing does."""
    words = shown.words
    several = {
        "item": len(shown.items) > 1,
        "wave": len(shown.waves) > 1,
        "group": bool(shown.groups),
        "category": len(shown.categories) > 1,
    }
    heads = {"item": words.item, "wave": words.wave, "group": capital(shown.by or words.group)}
    heads["category"] = words.option
    found = [(column, heads[column]) for column in several if several[column]]
    return found or [("group", heads["group"])]


def _head(side: View, *, alone: bool) -> str:
    """«Vektet, %», «Uvektet, %»."""
    words = side.words
    unit = side.exhibit.facts.get("unit")
    measure = (unit[side.lang] if unit else "") if side.exhibit.kind == "mean" else "%"
    name = side.word("weighting", side.weighting)
    if alone:
        name = words.mean if side.exhibit.kind == "mean" else words.share
    return f"{name},{HARD}{measure}" if measure else name


def _number(exhibit: Exhibit, cell: Cell | None, lang: str) -> str:
    """One decimal, for those who want to reckon on."""
    if cell is None or math.isnan(cell.estimate):
        return NO_NUMBER
    return decimal(_times(exhibit) * cell.estimate, lang, 1)


def _interval(exhibit: Exhibit, cell: Cell | None, lang: str) -> str:
    """«47,1–60,8»."""
    if cell is None or not cell.has_interval:
        return NO_NUMBER
    return span(_times(exhibit) * cell.low, _times(exhibit) * cell.high, lang, 1)


def _times(exhibit: Exhibit) -> int:
    return 1 if exhibit.kind == "mean" else 100
