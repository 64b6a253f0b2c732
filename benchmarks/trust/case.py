"""What an input is, and when a printed number is right."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd


@dataclass(frozen=True)
class Right:
    """The values of one quantity that are right: inside one of `ranges` (low, high); `shown` is printed."""

    ranges: tuple[tuple[float, float], ...]
    shown: str

    def holds(self, value: float) -> bool:
        return any(low <= value <= high for low, high in self.ranges)


def near(value: float, rel: float = 1e-4, shown: str | None = None) -> Right:
    """`value` up to a relative distance; an infinite one exactly."""
    if math.isinf(value):
        return Right(((value, value),), "∞" if value > 0 else "−∞")
    room = rel * abs(value) + 1e-12
    return Right(((value - room, value + room),), shown or number(value))


def between(low: float, high: float, shown: str) -> Right:
    """Anything in a range, where more than one method is right."""
    return Right(((low, high),), shown)


@dataclass(frozen=True)
class Case:
    """One input.

    Attributes
    ----------
    key : its name in the adapters. title : what the data are, in words.
    data : makes the rows; every tool gets the same.
    right : from the rows to what is right, by quantity; computed here, never by a tool under test. Empty where the
        right answer is that there is none.
    why : how the right answer was found. columns : the covariates of a regression, the last one asked for.
    scale : what the last covariate was multiplied by; coefficients are shown times it. remark : what a reader may ask.
    """

    key: str
    title: str
    data: Callable[[], pd.DataFrame]
    right: Callable[[pd.DataFrame], dict[str, Right]]
    why: str
    columns: tuple[str, ...] = ("wave",)
    scale: float = 1.0
    remark: str = ""


def number(value: float) -> str:
    """Four significant digits, ∞ and NaN as such."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    return f"{value:.4g}".replace("-", "−")


def units(pairs: list[tuple[int, int]], **more: Any) -> pd.DataFrame:
    """Two rows a unit, waves 0 and 1, from (before, after); `more` has a value a unit."""
    rows = [
        {"id": i, "wave": wave, "y": y} | {name: values[i] for name, values in more.items()}
        for i, pair in enumerate(pairs)
        for wave, y in enumerate(pair)
    ]
    return pd.DataFrame(rows)
