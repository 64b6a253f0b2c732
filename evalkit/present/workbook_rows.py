"""The rows of an exhibit for a sheet: words that tell them apart, weighted and unweighted numbers beside each other."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from evalkit.present.exhibit import Exhibit
from evalkit.present.numbers import unit_of_percent
from evalkit.present.odds import ratio_of
from evalkit.present.rows import ALL, Cell, Key, View, view
from evalkit.present.words import House, capital, lower_first

OUTCOMES = ("refusal", "other", "noncontact", "unknown", "not_eligible")
OF_SHARES = ("share", "distribution", "multiple", "representativeness")
COUNTS = ("n", "up", "down", "unchanged", "complete", "partial", "none", *OUTCOMES)
SHARES = ("before", "after", "rr1", "rr2", "rr5", "rr6", "response_rate")
POINTS = ("change", "detectable")
"""Categories that are counts, shares, and differences of shares, in exhibits whose rows are of several sorts."""
UNWEIGHTED = (*COUNTS, "min", "max")
"""Categories that are the same however the units are weighted."""

OF_STATISTICS = ("summary", "response", "transitions", "screen", "comparable")
"""Kinds whose categories are statistics of a row: they become columns."""

OF_CHARACTERISTICS = ("summary", "balance", "r_indicator")
"""Kinds whose items are characteristics of the units, not questions."""

Get = Callable[[Cell], float]
Row = tuple[list[str], list[tuple[float, str]], bool]
"""A row's words, its numbers with their number formats, and whether it is of everyone together."""


@dataclass(frozen=True)
class Table:
    """What a sheet's table holds; `keys` is the number of its columns of words."""

    head: list[str]
    widths: list[float]
    keys: int
    rows: list[Row]


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
    shown = view(exhibit, lang)
    known = [how for how in ("weighted", "unweighted") if how in set(exhibit.data["weighting"])]
    views = [shown, *(view(exhibit, lang, how) for how in known if how != shown.weighting)]
    across = exhibit.kind in OF_STATISTICS
    keys = keys_of(views)
    columns = [column for found in views for column in _columns(found, across, len(views) > 1, found is shown)]
    if across:
        keys = list(dict.fromkeys((*key[:3], "") for key in keys))
    parts = [k for k in range(4) if len({key[k] for key in keys}) > 1] or [2]
    rows = []
    for key in keys:
        values = [(_n(views, key, across), "#,##0"), *(column.value(key) for column in columns)]
        rows.append(([word(shown, k, key[k]) for k in parts], values, key[2] == ALL and bool(shown.groups)))
    head = [*(_heads(shown)[k] for k in parts), shown.words.n_head, *(column.name for column in columns)]
    longest = [max(len(line[0][j]) for line in rows) for j in range(len(parts))]
    widths = [float(min(max(length + 2, 10), 44)) for length in longest] + [8.0]
    widths += [max(10.0, room_of(column.name)) for column in columns]
    return Table(head, widths, len(parts), rows)


def room_of(head: str) -> float:
    """Letters of a column that holds the longest word of a bold head."""
    return 1.15 * max(len(word) for word in head.split(" ")) + 1.5


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
    if part == 3 and not code and shown.exhibit.kind == "r_indicator":
        return shown.words.survey.whole
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
    first = words.variable if shown.exhibit.kind in OF_CHARACTERISTICS else words.item
    return [first, words.wave, by or words.group, words.category]


def _columns(shown: View, across: bool, several: bool, first: bool) -> list[Column]:
    """The columns of numbers that any row has; those of each category where categories stand across.

    What weights do not touch stands once, with the `first` weighting; the number that answered is there already.
    """
    how = f", {shown.word('weighting', shown.weighting).lower()}" if several else ""
    if not across:
        return [Column(name + how, shown, None, get, shape) for name, get, shape in _numbers(shown, None)]
    found = []
    for code in shown.categories:
        plain = code in UNWEIGHTED
        if code == "n" or (plain and not first):
            continue
        what = shown.word("category", code) + (f", {shown.words.percentage_points}" if code in POINTS else "")
        for k, (name, get, shape) in enumerate(_numbers(shown, code)):
            head = (what if k == 0 else f"{what}: {name}") + ("" if plain else how)
            found.append(
                Column(head, shown, code, _in_points(get, name, shown.words) if code in POINTS else get, shape)
            )
    return found


def _in_points(get: Get, name: str, words: House) -> Get:
    """Differences of shares in percentage points; a p-value as it is."""
    return get if name == words.columns["p_value"] else lambda cell: 100 * get(cell)


def _numbers(shown: View, category: str | None) -> list[tuple[str, Get, str]]:
    """Name, how to get it and number format of the numbers that any cell (of a category) has."""
    kind, words = shown.exhibit.kind, shown.words
    columns = words.columns
    name = words.share if kind in OF_SHARES else words.mean if kind == "mean" else columns["estimate"]
    found: list[tuple[str, Get, str]] = [(name, lambda cell: cell.estimate, "")]
    found += [(columns["ci_low"], _low, ""), (columns["ci_high"], _high, "")]
    if kind == "conditional_logit":
        found = logit_numbers(words)
    else:
        finer = "0.000" if kind in OF_SHARES else ""
        found.append((columns["std_error"], lambda cell: cell.std_error or math.nan, finer))
    if kind in ("r_indicator", "screen"):
        found.append((columns["df"], lambda cell: cell.df, "0"))
    found.append((columns["p_value"], lambda cell: cell.p if cell.p != cell.estimate else math.nan, "0.000"))
    cells = [cell for key, cell in shown.cells.items() if category in (None, key[3])]
    return [one for k, one in enumerate(found) if k == 0 or any(not math.isnan(one[1](cell)) for cell in cells)]


def logit_numbers(words: House) -> list[tuple[str, Get, str]]:
    """Coefficient and odds ratio, each with its own interval, so that neither is taken for the other's."""
    b, ratio, low, high = words.coefficient_head, words.odds_ratio, words.columns["ci_low"], words.columns["ci_high"]
    return [
        (b, lambda cell: cell.estimate, "0.00"),
        (f"{b}: {low}", _low, "0.00"),
        (f"{b}: {high}", _high, "0.00"),
        (f"{b}: {lower_first(words.columns['std_error'])}", lambda cell: cell.std_error or math.nan, "0.00"),
        (ratio, lambda cell: ratio_of(cell.estimate), "0.00"),
        (f"{ratio}: {low}", lambda cell: ratio_of(_low(cell)), "0.00"),
        (f"{ratio}: {high}", lambda cell: ratio_of(_high(cell)), "0.00"),
    ]


def _low(cell: Cell) -> float:
    return cell.low if cell.has_interval else math.nan


def _high(cell: Cell) -> float:
    return cell.high if cell.has_interval else math.nan


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
    if category in POINTS:
        return "0.0"
    if category in SHARES:
        return percent_shape(lang, 1)
    return "0.000" if category.startswith("pvalue") else "0.00"
