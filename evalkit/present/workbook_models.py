"""What a conditional logit's sheet has under its coefficients: other measures of infinite ones, and the models' fit."""

from __future__ import annotations

import math
from typing import Any

from evalkit.present.exhibit import Exhibit
from evalkit.present.logit_table import COUNTS
from evalkit.present.rows import Cell, View, view
from evalkit.present.workbook_rows import Row, Table, logit_numbers

WORDS = {
    "nb": {"models": "Modellene", "measure": "Mål", "value": "Verdi", "method": "Beregning"},
    "en": {"models": "The models", "measure": "Measure", "value": "Value", "method": "Calculation"},
}


def blocks_of(exhibit: Exhibit, lang: str, keys: int) -> list[tuple[str, Table]]:
    """Title and table of each block, under a table that has `keys` columns of words."""
    if exhibit.kind != "conditional_logit":
        return []
    shown = view(exhibit, lang)
    words, own = shown.words, WORDS[lang]
    model = [words.model.format(model="").strip()][: keys - 1]
    found = []
    for row in exhibit.facts.get("separated", []):
        head = [
            *model,
            own["method"],
            words.n_head,
            *(name for name, *_ in logit_numbers(words)),
            words.columns["p_value"],
        ]
        phrase = words.moved.in_model if len(shown.items) > 1 else words.moved.infinite_head
        title = phrase.format(term=shown.word("category", row["term"]), model=row["model"])
        found.append((title, Table(head, [], len(model) + 1, _infinite(shown, row, keys))))
    rows = [line for name in shown.items for line in _fit(shown, name, keys)]
    if rows:
        head = [*model, own["measure"], own["value"], words.columns["df"], words.columns["p_value"]]
        found.append((own["models"], Table(head, [], len(model) + 1, rows)))
    return found


def _names(shown: View, model: str, what: str, keys: int) -> list[str]:
    name = shown.words.model.format(model=model)
    return [name, what] if keys > 1 else [what if len(shown.items) == 1 else f"{name}, {what}"]


def _infinite(shown: View, row: dict[str, Any], keys: int) -> list[Row]:
    """Profile limit, exact estimate and limits, Firth's estimate, in the columns of the coefficients."""
    words = shown.words.moved
    n = next((cell.n for key, cell in shown.cells.items() if (key[0], key[3]) == (row["model"], row["term"])), math.nan)
    measures = [
        (words.profile, math.inf * row["sign"], row["profile"], None),
        (words.exact, row.get("median_unbiased"), row.get("exact"), row.get("exact_p_value")),
        (words.firth, row.get("firth"), row.get("firth_interval"), None),
    ]
    found: list[Row] = []
    for name, estimate, limits, p in measures:
        if estimate is not None and limits is not None:
            low, high = (end if end is not None else side for end, side in zip(limits, (-math.inf, math.inf)))
            cell = Cell(estimate, low, high, n)
            values = [(n, "#,##0"), *((get(cell), shape) for _, get, shape in logit_numbers(shown.words))]
            values.append((math.nan if p is None else p, "0.000"))
            found.append((_names(shown, row["model"], name, keys), values, False))
    return found


def _fit(shown: View, model: str, keys: int) -> list[Row]:
    """What a model rests on, its fit, and each test against a smaller one, with the p of each method."""
    words, facts = shown.words, shown.exhibit.facts
    known = facts.get("models", {}).get(model, {})
    units = shown.exhibit.units[shown.lang]

    def line(what: str, value: float, shape: str, df: float = math.nan, p: float = math.nan) -> Row:
        return _names(shown, model, what, keys), [(value, shape), (df, "0"), (p, "0.000")], False

    found = [
        line(getattr(words, name).format(units=units), known[fact], "#,##0") for fact, name in COUNTS if fact in known
    ]
    if "minus_2_log_likelihood" in known:
        found.append(line(words.minus_2_log_likelihood, known["minus_2_log_likelihood"], "0.00"))
    for test in facts.get("comparisons", []):
        if str(test["large"]) == model:
            name = words.difference_minus_2.format(small=test["small"])
            found.append(line(name, test["statistic"], "0.00", test["df"], test.get("p_value", math.nan)))
            others = ((words.moved.exact_p, "exact_p_value"), (words.moved.firth_p, "firth_p_value"))
            found += [line(f"{name} {what}", math.nan, "0.00", p=test[key]) for what, key in others if test.get(key)]
    return found
