"""The rows of an exhibit for a sheet: words that tell them apart, weighted and unweighted numbers beside each other."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from evalkit.present.exhibit import Exhibit
from evalkit.present.numbers import unit_of_percent
from evalkit.present.odds import ratio_of
from evalkit.present.rows import ALL, Cell, Key, View, view
from evalkit.present.words import capital, lower_first

OUTCOMES = ("refusal", "other", "noncontact", "unknown", "not_eligible")
OF_SHARES = ("share", "distribution", "multiple", "representativeness")
COUNTS = ("n", "up", "down", "unchanged", "complete", "partial", "none", *OUTCOMES)
SHARES = ("before", "after", "change", "detectable", "rr1", "rr2", "rr5", "rr6", "response_rate")
"""Categories that are counts, and that are shares, in exhibits whose rows are of several sorts."""

OF_STATISTICS = ("summary", "response", "transitions", "screen", "comparable")
"""Kinds whose categories are statistics of a row: they become columns."""

Get = Callable[[Cell], float]


@dataclass(frozen=True)
class Table:
    """What a sheet's table holds; `keys` is the number of its columns of words.

    A row is its words, its numbers with their number formats, and whether it is of everyone together.
    """

    head: list[str]
    widths: list[float]
    keys: int
    rows: list[tuple[list[str], list[tuple[float, str]], bool]]


@dataclass(frozen=True)
class Column:
    """A column of numbers: of which rows (and category, where these are columns), which of a cell's numbers, how."""

    name: str
    view: View
    category: str | None
    get: Get
    shape: str

    def value(self, key: Key) -> tuple[float, str]:
        """The number in the row of `key` and its number format; NaN where the row has none."""
        code = key[3] if self.category is None else self.category
        cell = self.view.cells.get((*key[:3], code))
        shape = self.shape or shape_of(self.view.exhibit, code, self.view.lang)
        return (math.nan if cell is None else self.get(cell), shape)


def table_of(exhibit: Exhibit, lang: str) -> Table:
    """Every row of the exhibit: a row a question, wave, group and category."""
    known = [how for how in ("weighted", "unweighted") if how in set(exhibit.data["weighting"])]
    views = [view(exhibit, lang, how) for how in known]
    shown = views[0]
    across = exhibit.kind in OF_STATISTICS
    keys = keys_of(views)
    columns = [column for found in views for column in _columns(found, across, len(views) > 1)]
    if across:
        keys = list(dict.fromkeys((*key[:3], "") for key in keys))
    parts = [k for k in range(4) if len({key[k] for key in keys}) > 1] or [2]
    rows = []
    for key in keys:
        values = [(_n(views, key, across), "#,##0"), *(column.value(key) for column in columns)]
        rows.append(([word(shown, k, key[k]) for k in parts], values, key[2] == ALL and bool(shown.groups)))
    head = [*(_heads(shown)[k] for k in parts), shown.words.n_head, *(column.name for column in columns)]
    longest = [max(len(line[0][j]) for line in rows) for j in range(len(parts))]
    widths = [float(min(max(length + 2, 10), 44)) for length in longest] + [8.0] + [13.0] * len(columns)
    return Table(head, widths, len(parts), rows)


def _n(views: list[View], key: Key, across: bool) -> float:
    """The number that answered; NaN where a row's statistics differ in it."""
    found = {
        cell.n
        for shown in views
        for other, cell in shown.cells.items()
        if (other[:3] == key[:3] if across else other == key) and not math.isnan(cell.n)
    }
    return found.pop() if len(found) == 1 else math.nan


def keys_of(views: list[View]) -> list[Key]:
    """The rows' keys in the questionnaire's order, everyone together last."""
    there = {key for found in views for key in found.cells}
    places = []
    for name in ("items", "waves", "groups", "categories"):
        codes = dict.fromkeys(code for found in views for code in getattr(found, name))
        places.append({code: k for k, code in enumerate(codes)})
    return sorted(there, key=lambda key: tuple(place.get(code, len(place)) for place, code in zip(places, key)))


def word(shown: View, part: int, code: str) -> str:
    """The words for a part of a key: question (or model), wave, group, category."""
    if part == 0 and shown.exhibit.kind == "conditional_logit":
        return shown.words.model.format(model=code)
    return shown.word(("item", "wave", "group", "category")[part], code)


def title_of(shown: View) -> str:
    """The title, and the division where the title does not say it itself."""
    title = shown.exhibit.title[shown.lang]
    if shown.by is None or shown.words.by_already in title:
        return title
    return shown.words.by_group.format(title=title, group=lower_first(shown.by))


def _heads(shown: View) -> list[str]:
    words = shown.words
    if shown.exhibit.kind == "conditional_logit":
        return [words.model.format(model="").strip(), words.wave, words.group, words.term]
    by = capital(shown.by) if shown.by else None
    if shown.exhibit.kind == "representativeness":
        return [words.item, words.wave, words.group, by or words.category]
    return [words.item, words.wave, by or words.group, words.category]


def _columns(shown: View, across: bool, several: bool) -> list[Column]:
    """The columns of numbers that any row has; those of each category where categories stand across."""
    how = f", {shown.word('weighting', shown.weighting).lower()}" if several or not across else ""
    if not across:
        return [Column(name + how, shown, None, get, shape) for name, get, shape in _numbers(shown, None)]
    found = []
    for code in shown.categories:
        for k, (name, get, shape) in enumerate(_numbers(shown, code)):
            what = shown.word("category", code)
            found.append(Column((what if k == 0 else f"{what}: {name}") + how, shown, code, get, shape))
    return found


def _numbers(shown: View, category: str | None) -> list[tuple[str, Get, str]]:
    """Name, how to get it and number format of the numbers that any cell (of a category) has."""
    kind, words = shown.exhibit.kind, shown.words
    columns = words.columns
    name = words.share if kind in OF_SHARES else words.mean if kind == "mean" else columns["estimate"]
    found: list[tuple[str, Get, str]] = [(name, lambda cell: cell.estimate, "")]
    found.append((columns["ci_low"], lambda cell: cell.low if cell.has_interval else math.nan, ""))
    found.append((columns["ci_high"], lambda cell: cell.high if cell.has_interval else math.nan, ""))
    if kind == "conditional_logit":
        found[0] = (words.coefficient_head, lambda cell: cell.estimate, "")
        found.append((words.odds_ratio, lambda cell: ratio_of(cell.estimate), ""))
    finer = "0.000" if kind in OF_SHARES else ""
    found.append((columns["std_error"], lambda cell: cell.std_error or math.nan, finer))
    found.append((columns["p_value"], lambda cell: cell.p if cell.p != cell.estimate else math.nan, "0.000"))
    cells = [cell for key, cell in shown.cells.items() if category in (None, key[3])]
    return [one for k, one in enumerate(found) if k == 0 or any(not math.isnan(one[1](cell)) for cell in cells)]


def percent_shape(lang: str, digits: int = 0) -> str:
    """The number format of a share: Excel multiplies by 100."""
    return "0" + ("." + "0" * digits if digits else "") + unit_of_percent(lang).replace("\u00a0", " ")


def shape_of(exhibit: Exhibit, category: str, lang: str) -> str:
    """The number format of a row."""
    if exhibit.kind in OF_SHARES:
        return percent_shape(lang, 1)
    if exhibit.kind in ("mean", "summary"):
        return "#,##0" if category == "n" else "#,##0.0"
    if exhibit.kind in ("balance", "conditional_logit"):
        return "0.00"
    if category in COUNTS or exhibit.kind == "comparable":
        return "#,##0"
    if category in SHARES:
        return percent_shape(lang, 1)
    return "0.000" if category.startswith("pvalue") else "0.00"
