"""Numbers as a Norwegian or an English report prints them, by babel's locales nb_NO and en_GB.

Halves are rounded away from zero (54.5 → 55, −0.5 → −1), as the published figures are. A space within a number is
U+00A0, minus is U+2212, a range has an en dash.
"""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal

HARD = "\u00a0"
MINUS = "\u2212"
LOCALES = {"nb": "nb_NO", "en": "en_GB"}
NO_NUMBER = "–"
HIDDEN = ":"
"""Confidential, as Statistics Norway prints it."""


def rounded(value: float, digits: int = 0) -> Decimal:
    """`value` with `digits` decimals, halves away from zero.

    The twelfth decimal is taken for arithmetic noise, so that 57/200 is 28.5 percent and not 28.4999….
    """
    step = Decimal(1).scaleb(-digits)
    found = Decimal(repr(round(float(value), 12))).quantize(step, rounding=ROUND_HALF_UP)
    return found if found else abs(found)


def decimal(value: float, lang: str, digits: int = 1, *, sign: bool = False) -> str:
    """«1 234,5»; with `sign` a plus before positive numbers; ∞, −∞, and – where there is no number.

    Examples
    --------
    >>> decimal(-0.41, "nb", 2)
    '−0,41'
    """
    if math.isnan(value):
        return NO_NUMBER
    plus = "+" if sign and value > 0 else ""
    if math.isinf(value):
        return f"{plus}∞" if value > 0 else f"{MINUS}∞"
    from babel.numbers import format_decimal

    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    text = str(format_decimal(abs(rounded(value, digits)), format=pattern, locale=LOCALES[lang]))
    below = MINUS if rounded(value, digits) < 0 else ""
    return below + ("+" if plus and rounded(value, digits) else "") + text.replace("\u202f", HARD)


def count(value: float, lang: str) -> str:
    """«12 343»."""
    return decimal(value, lang, 0)


def percent(share: float, lang: str, digits: int = 0) -> str:
    """A share of 1 for tables and figures: «54 %» with a hard space, in English "54%"."""
    text = decimal(share * 100, lang, digits)
    return text if text == NO_NUMBER else text + unit_of_percent(lang)


def unit_of_percent(lang: str) -> str:
    """The sign with the space that the language sets before it."""
    return "%" if lang == "en" else f"{HARD}%"


def percent_words(share: float, lang: str, digits: int = 0) -> str:
    """A share of 1 for prose: «54 prosent», "54 per cent"."""
    from evalkit.present.words import house

    return f"{decimal(share * 100, lang, digits)}{HARD}{house(lang).percent}"


def points(difference: float, lang: str, digits: int = 0) -> str:
    """A difference of two shares: «18 prosentpoeng», without its sign."""
    from evalkit.present.words import house

    words = house(lang)
    size = rounded(abs(difference) * 100, digits)
    return (
        f"{decimal(float(size), lang, digits)}{HARD}{words.percentage_point if size == 1 else words.percentage_points}"
    )


def span(low: float, high: float, lang: str, digits: int = 0) -> str:
    """«47–61»; the word for "to" where a limit is negative or infinite; one number where both print alike."""
    from evalkit.present.words import house

    first, last = decimal(low, lang, digits), decimal(high, lang, digits)
    if first == last:
        return first
    if math.isnan(low) or math.isnan(high):
        return NO_NUMBER
    if low < 0 or high < 0 or math.isinf(high):
        return f"{first}{HARD}{house(lang).to}{HARD}{last}"
    return f"{first}–{last}"


def p_number(p: float, lang: str) -> str:
    """A p-value for a table: three decimals, so that a column lines up; «<0,001» and «>0,999» at the ends."""
    if math.isnan(p):
        return NO_NUMBER
    if p < 0.001:
        return f"<{decimal(0.001, lang, 3)}"
    if rounded(p, 3) >= 1:
        return f">{decimal(0.999, lang, 3)}"
    return decimal(p, lang, 3)


def p_value(p: float, lang: str) -> str:
    """A p-value for prose: «p = 0,015», «p = 0,32», «p < 0,001», «p > 0,99»."""
    sign, number = "=", decimal(p, lang, 3 if p < 0.1 else 2)
    if math.isnan(p):
        return f"p{HARD}={HARD}{NO_NUMBER}"
    if p < 0.001:
        sign, number = "<", decimal(0.001, lang, 3)
    elif rounded(p, 2) >= 1:
        sign, number = ">", decimal(0.99, lang, 2)
    return f"p{HARD}{sign}{HARD}{number}"
