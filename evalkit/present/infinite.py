"""What stands beside an infinite coefficient: the limit there is, exact inference, Firth's estimate, in plain words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from evalkit.present.numbers import NO_NUMBER, decimal, p_number, span
from evalkit.present.odds import ratio_of

if TYPE_CHECKING:
    from evalkit.present.rows import View

DIGITS = 2


def infinite(shown: View, row: dict[str, Any]) -> list[list[str]]:
    """Head and rows of one infinite coefficient: profile limit, exact estimate and limits, Firth's estimate.

    `row` is one of the facts "separated": model, term, sign, profile and exact ([low, high], None where infinite),
    median_unbiased, exact_p_value, firth, firth_interval.
    """
    words, lang = shown.words.moved, shown.lang
    term = shown.word("category", row["term"])
    phrase = words.in_model if len(shown.items) > 1 else words.infinite_head
    sign = math.inf * row["sign"]
    rows = [[phrase.format(term=term, model=row["model"]), *[""] * 5]]
    rows.append([words.profile, *_numbers(lang, sign, _limits(row["profile"])), NO_NUMBER])
    if row.get("median_unbiased") is not None:
        p = p_number(row["exact_p_value"], lang) if row.get("exact_p_value") is not None else NO_NUMBER
        rows.append([words.exact, *_numbers(lang, row["median_unbiased"], _limits(row["exact"])), p])
    if row.get("firth") is not None:
        rows.append([words.firth, *_numbers(lang, row["firth"], _limits(row["firth_interval"])), NO_NUMBER])
    return rows


def comparison(shown: View, test: dict[str, Any]) -> list[list[str]]:
    """The test of a model against a smaller one; p by chi-square, exact and Firth where there are several."""
    words, lang = shown.words, shown.lang
    name = words.difference_minus_2.format(small=test["small"])
    value = [decimal(test["statistic"], lang, DIGITS), words.degrees_of_freedom.format(df=int(test["df"]))]
    found = {words.moved.chi_square_p: test.get("p_value")}
    found |= {words.moved.exact_p: test.get("exact_p_value"), words.moved.firth_p: test.get("firth_p_value")}
    known = {method: p for method, p in found.items() if p is not None}
    if len(known) < 2:
        return [[name, *value, "", "", *([p_number(p, lang) for p in known.values()] or [""])]]
    return [
        [name, *value, "", "", ""],
        *([method, "", "", "", "", p_number(p, lang)] for method, p in known.items()),
    ]


def remarks(shown: View) -> list[str]:
    """What the infinite estimates mean, each method in a sentence, and what the tests of models are."""
    words, facts = shown.words, shown.exhibit.facts
    said = []
    separated = facts.get("separated", [])
    if any(math.isinf(cell.estimate) for cell in shown.cells.values()):
        said.append(words.separated.format(units=shown.exhibit.units[shown.lang]))
    if separated:
        said += [words.moved.what_infinite_means, words.moved.what_profile_is]
        known = [row for row in separated if row.get("median_unbiased") is not None]
        said += [words.moved.what_exact_is] if known else []
        missing = [shown.word("category", row["term"]) for row in separated if row not in known]
        said += [words.moved.no_exact.format(term="; ".join(missing))] if missing else []
        said.append(words.moved.what_firth_is)
    if any(_several(test) for test in facts.get("comparisons", [])):
        said.append(words.moved.what_comparison_is)
        uncounted = any(test.get("exact_p_value") is None for test in facts["comparisons"])
        said += [words.moved.no_exact_comparison] if uncounted else []
        said += [words.moved.doubtful] if separated else []
    return said


def _several(test: dict[str, Any]) -> bool:
    return test.get("exact_p_value") is not None or test.get("firth_p_value") is not None


def _limits(pair: list[float | None]) -> tuple[float, float]:
    low, high = pair
    return -math.inf if low is None else low, math.inf if high is None else high


def _numbers(lang: str, estimate: float, limits: tuple[float, float]) -> list[str]:
    """Coefficient, no standard error, odds ratio, and the odds ratio's interval."""
    low, high = limits
    coefficient = decimal(estimate, lang, DIGITS, sign=math.isinf(estimate))
    ratios = [decimal(ratio_of(estimate), lang, 2), span(ratio_of(low), ratio_of(high), lang, 2)]
    return [coefficient, NO_NUMBER, *ratios]
