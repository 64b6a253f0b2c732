"""The table of a conditional logit: coefficient and standard error for one reader, odds ratio for the other."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from evalkit.present.infinite import comparison, infinite, remarks
from evalkit.present.numbers import HIDDEN, NO_NUMBER, count, decimal, p_number, span
from evalkit.present.odds import how_to_read, ratio_of
from evalkit.present.rows import Cell, View

if TYPE_CHECKING:
    from evalkit.present.tables import Grid

COUNTS = (("n_groups", "units_answered"), ("n_groups_used", "units_changed"), ("nobs", "rows_used"))


def logit(shown: View) -> Grid:
    """Model by model: the terms, the units behind them, the fit, and the test against the model before.

    The facts "models" ({model: n_groups, n_groups_used, nobs, minus_2_log_likelihood}) and "comparisons"
    ([{small, large, statistic, df, p_value}]) are shown as far as the exhibit has them.
    """
    from evalkit.present.tables import Grid

    words = shown.words
    head = [words.term, words.coefficient_head, words.error_head, words.odds_ratio, words.interval_head, words.p_head]
    shared = _shared(shown)
    rows: list[list[str]] = []
    bold: list[int] = []
    wave = shown.waves[0]
    group = next(key[2] for key in shown.cells)
    for model in shown.items:
        if len(shown.items) > 1:
            bold.append(len(rows))
            rows.append([words.model.format(model=model), *[""] * 5])
        for term in shown.categories:
            cell = shown.cell(model, wave, group, term)
            if cell is not None:
                rows.append(_term(shown, term, cell))
        rows += _fit(shown, model, shared)
    for row in shown.exhibit.facts.get("separated", []):
        bold.append(len(rows))
        rows += infinite(shown, row)
    if shared:
        bold.append(len(rows))
        rows.append([words.all_models, *[""] * 5])
        rows += _counts(shown, shown.items[0], shared)
    return Grid(head, rows, bold, remarks=[how_to_read(shown), words.what_coefficient_is, *remarks(shown)])


def coefficient(cell: Cell, lang: str, digits: int = 2) -> str:
    """«1,15 (0,47)»; an infinite one has its sign and no standard error."""
    text = decimal(cell.estimate, lang, digits, sign=math.isinf(cell.estimate))
    return text if math.isinf(cell.estimate) else f"{text} ({decimal(cell.std_error, lang, digits)})"


def _term(shown: View, term: str, cell: Cell) -> list[str]:
    lang = shown.lang
    if cell.hidden:
        return [shown.word("category", term), *[HIDDEN] * 5]
    low, high = ratio_of(cell.low), ratio_of(cell.high)
    return [
        shown.word("category", term),
        decimal(cell.estimate, lang, 2, sign=math.isinf(cell.estimate)),
        NO_NUMBER if math.isinf(cell.estimate) else decimal(cell.std_error, lang, 2),
        decimal(ratio_of(cell.estimate), lang, 2),
        span(low, high, lang, 2),
        p_number(cell.p, lang),
    ]


def _models(shown: View) -> dict[str, dict[str, Any]]:
    return dict(shown.exhibit.facts.get("models", {}))


def _shared(shown: View) -> list[str]:
    """The counts that are the same in all of several models: they are printed once."""
    models = [_models(shown).get(model, {}) for model in shown.items]
    if len(models) < 2:
        return []
    return [fact for fact, _ in COUNTS if all(fact in facts and facts[fact] == models[0][fact] for facts in models)]


def _counts(shown: View, model: str, names: list[str]) -> list[list[str]]:
    """The units and rows behind a model."""
    facts = _models(shown).get(model, {})
    units = shown.exhibit.units[shown.lang]
    return [
        [getattr(shown.words, phrase).format(units=units), count(facts[fact], shown.lang), *[""] * 4]
        for fact, phrase in COUNTS
        if fact in names and fact in facts
    ]


def _fit(shown: View, model: str, shared: list[str]) -> list[list[str]]:
    """What a model rests on, its fit, and the tests against smaller models."""
    words, lang = shown.words, shown.lang
    facts = _models(shown).get(model, {})
    rows = _counts(shown, model, [fact for fact, _ in COUNTS if fact not in shared])
    if "minus_2_log_likelihood" in facts:
        rows.append([words.minus_2_log_likelihood, decimal(facts["minus_2_log_likelihood"], lang, 2), *[""] * 4])
    for test in shown.exhibit.facts.get("comparisons", []):
        if str(test["large"]) == model:
            rows += comparison(shown, test)
    return rows
