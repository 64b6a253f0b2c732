"""Tables of who answered and how well they stand for all: response, balance, R-indicator."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from evalkit.present.balance import differences, division
from evalkit.present.numbers import NO_NUMBER, count, decimal, p_number, percent, span
from evalkit.present.rows import ALL, Cell, View
from evalkit.present.words import capital

if TYPE_CHECKING:
    from evalkit.present.tables import Grid

COUNTED = ("complete", "partial", "none", "refusal", "other", "noncontact", "unknown", "not_eligible")
RATES = ("rr1", "rr2", "rr5", "rr6")


def response(shown: View) -> Grid:
    """Group | N | complete | partial | none | RR1 | RR2; a block for each wave where there are several.

    A list of invited brings what came of the invitations as well, and RR5 | RR6 where eligibility is unknown.
    """
    from evalkit.present.tables import Grid

    words = shown.words
    head = [capital(shown.by) if shown.by else words.group, words.survey.in_frame]
    counted, rates = ([code for code in codes if code in shown.categories] for codes in (COUNTED, RATES))
    head += [shown.word("category", code) for code in counted]
    head += [f"{shown.word('category', code)} (%)" for code in rates]
    rows: list[list[str]] = []
    bold: list[int] = []
    for wave in shown.waves:
        if len(shown.waves) > 1:
            bold.append(len(rows))
            rows.append([f"{words.wave}: {shown.word('wave', wave)}", *[""] * (len(head) - 1)])
        for group in [*shown.groups, *([ALL] if shown.has_all else [])]:
            if group == ALL and shown.groups:
                bold.append(len(rows))
            rows.append(_response(shown, wave, group, counted, rates))
    said = words.survey.what_rates_of_invited_are if len(counted) > 3 else words.survey.what_rates_are
    return Grid(head, rows, bold, remarks=[complete(shown), said])


def _response(shown: View, wave: str, group: str, counted: Sequence[str], rates: Sequence[str]) -> list[str]:
    cells = {code: shown.cell(shown.items[0], wave, group, code) for code in (*counted, *rates)}
    n = next((cell.n for cell in cells.values() if cell is not None), float("nan"))
    row = [shown.word("group", group), count(n, shown.lang)]
    row += [NO_NUMBER if (cell := cells[code]) is None else count(cell.estimate, shown.lang) for code in counted]
    for code in rates:
        cell = cells[code]
        row.append(NO_NUMBER if cell is None else decimal(100 * cell.estimate, shown.lang, 0))
    return row


def complete(shown: View) -> str:
    """When an answer counts as complete."""
    words = shown.words.survey
    share = shown.exhibit.facts.get("complete")
    if share is None:
        return words.what_complete_is_plain
    return words.what_complete_is.format(share=percent(share, shown.lang))


def balance(shown: View) -> Grid:
    """Characteristic | difference before weighting | after, the categories under their division."""
    from evalkit.present.tables import Grid

    words = shown.words
    found = differences(shown)
    weighted = any(not math.isnan(one.after) for one in found)
    head = [words.variable, words.survey.balance_before, *([words.survey.balance_after] if weighted else [])]
    rows: list[list[str]] = []
    bold: list[int] = []
    item = None
    for one in found:
        if one.category and one.item != item:
            bold.append(len(rows))
            rows.append([shown.word("item", one.item), *[""] * (len(head) - 1)])
        elif not one.category:
            bold.append(len(rows))
        item = one.item
        numbers = [decimal(value, shown.lang, 2, sign=True) for value in (one.before, one.after)]
        rows.append([one.label, *numbers[: len(head) - 1]])
    return Grid(head, rows, bold, remarks=[words.survey.what_balance_is])


MEASURES = ("r_indicator", "response_rate", "cv", "bias_bound")


def r_indicator(shown: View) -> Grid:
    """Measure | value | interval | beyond the others | chi-square | p: the whole, then each variable and category."""
    from evalkit.present.tables import Grid

    words = shown.words
    survey = words.survey
    head = [survey.measure, survey.value_error, words.interval_head, survey.conditional, survey.chi_square_df]
    head.append(words.p_head)
    wave = shown.waves[0]
    whole = {code: shown.cell("overall", wave, ALL, code) for code in MEASURES}
    rows = [[survey.whole, *[""] * 5], *(_measure(shown, code, cell) for code, cell in whole.items() if cell)]
    bold = [0]
    for item in (item for item in shown.items if item != "overall"):
        bold.append(len(rows))
        rows.append(_variable(shown, item))
        codes = dict.fromkeys(key[3] for key in shown.cells if key[0] == item and key[3].startswith(f"{item}="))
        rows += [_partial(shown, item, code) for code in codes]
    bound = whole["bias_bound"]
    remarks = [survey.what_r_is, survey.what_cv_is]
    if bound is not None and not math.isnan(bound.estimate):
        remarks.append(survey.what_bound_is.format(points=decimal(50 * bound.estimate, shown.lang, 0)))
    remarks += [survey.what_partial_is, survey.what_chi_square_is]
    return Grid(
        head, rows, bold, remarks=remarks + [_note(shown, note) for note in shown.exhibit.facts.get("notes", [])]
    )


def _measure(shown: View, code: str, cell: Cell) -> list[str]:
    lang = shown.lang
    value = percent(cell.estimate, lang) if code == "response_rate" else _with_error(cell, lang, 2)
    interval = span(cell.low, cell.high, lang, 2) if cell.has_interval else ""
    return [shown.words.survey.measures[code], value, interval, "", "", ""]


def _variable(shown: View, item: str) -> list[str]:
    test = next((cell for key, cell in shown.cells.items() if key[0] == item and key[3] == "chi_square"), None)
    numbers = ["", ""]
    if test is not None:
        df = shown.exhibit.rows(item=item, category="chi_square")["df"].iloc[0]
        text = f"{decimal(test.estimate, shown.lang, 1)} ({decimal(df, shown.lang, 0)})"
        numbers = [text, p_number(test.p, shown.lang)]
    alone, beyond = _both(shown, item, "")
    return [shown.word("item", item), alone, "", beyond, *numbers]


def _partial(shown: View, item: str, code: str) -> list[str]:
    alone, beyond = _both(shown, item, code)
    return [division(shown, item, code), alone, "", beyond, "", ""]


def _both(shown: View, item: str, code: str) -> list[str]:
    cells = [shown.cell(item, shown.waves[0], kind, code) for kind in ("unconditional", "conditional")]
    return [NO_NUMBER if cell is None else _with_error(cell, shown.lang, 3) for cell in cells]


def _with_error(cell: Cell, lang: str, digits: int) -> str:
    """«0,854 (0,050)»."""
    text = decimal(cell.estimate, lang, digits)
    return text if math.isnan(cell.std_error) else f"{text} ({decimal(cell.std_error, lang, digits)})"


def _note(shown: View, note: str) -> str:
    """What the calculation says to beware of, in the language where it is one of the known notes."""
    words = shown.words.survey
    found = re.fullmatch(r"(.+?) = (.+): (nobody|everybody) answered", note)
    if not found:
        return words.one_indicator if note.startswith("the propensities vary no more") else note
    item, code, who = found.groups()
    name = f"{shown.word('item', item)}: {division(shown, item, f'{item}={code}')}"
    return (words.nobody if who == "nobody" else words.everybody).format(name=name)
