"""Which comes first: the order of waves, and of other groups that have one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from evalkit.errors import MethodError


def in_order(
    values: Iterable[Any], name: str, *, categories: Sequence[Any] | None = None, declared: bool = False
) -> list[Any]:
    """The distinct `values` of the column `name`, first to last.

    The order of a study or a user wins: `categories` that are `declared` ordered, or that do not merely stand as a
    machine sorts text. Numbers and dates go by size, also where they are text: "9" before "10", "w9" before "w10".

    Raises
    ------
    MethodError : other text, unless it is single letters, without an order that somebody gave.
    """
    found = dict.fromkeys(values)
    if categories is not None:
        listed = [value for value in categories if value in found]
        if declared or not all(isinstance(value, str) for value in listed) or listed != sorted(listed):
            return listed
        return natural(listed) or listed
    if not any(isinstance(value, str) for value in found):
        return sorted(found)
    back = {str(value): value for value in found}
    order = natural(list(back))
    if order is None:
        listed = sorted(back)
        raise MethodError(
            "Text has no order of its own.",
            where=name,
            expected="numbers, dates, or a categorical with the order of its categories",
            got=", ".join(map(repr, listed[:5])) + (" …" if len(listed) > 5 else ""),
            mend=f"say which comes first, with the right order in the brackets: "
            f"data[{name!r}] = pd.Categorical(data[{name!r}], {listed!r}, ordered=True)",
        )
    return [back[text] for text in order]


def natural(texts: Sequence[str]) -> list[str] | None:
    """Text in the order of the numbers in it; None where that does not tell.

    It does where all texts are numbers, or are alike but for one number ("w9", "w10"), or begin with a year of four
    figures and are alike but for numbers ("2019-05", "2020-11"); or are single letters.
    """
    if len(texts) < 2 or all(len(text) == 1 and text.isalpha() for text in texts):
        return sorted(texts)
    if all(re.fullmatch(r"[+-]?\d+(\.\d+)?", text.strip()) for text in texts):
        return sorted(texts, key=float)
    figures = {text: [int(number) for number in re.findall(r"\d+", text)] for text in texts}
    alike = len({re.sub(r"\d+", "#", text) for text in texts}) == 1
    dated = all(re.match(r"\d{4}(?!\d)", text) for text in texts)
    return sorted(texts, key=figures.__getitem__) if alike and (dated or len(figures[texts[0]]) == 1) else None
