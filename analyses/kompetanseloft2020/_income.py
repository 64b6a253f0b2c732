"""Corrected free income: a column with the published N, minimum, mean, maximum and standard deviation."""

from __future__ import annotations

import math
from random import Random
from statistics import fmean, stdev
from typing import Any

SHAPE = 0.9  # skewness: many a little over the minimum, few far up
FORMED_2017 = "0710"  # Sandefjord, made of three municipalities in 2017, has no income of 2015
CLOSE = 0.3  # the sample's mean and standard deviation are this close to the population's


def incomes(facts: dict[str, Any]) -> list[float]:
    """Values with one decimal, ascending, that return the published statistics to the printed digit."""
    n, low, high = facts["n"], facts["min"], facts["max"]
    middle = n - 2
    shape = [(-math.log(1 - (i + 0.5) / middle)) ** SHAPE for i in range(middle)]
    mean = (n * facts["mean"] - low - high) / middle
    squares = (n - 1) * facts["sd"] ** 2 - sum((end - facts["mean"]) ** 2 for end in (low, high))
    spread = math.sqrt((squares - middle * (mean - facts["mean"]) ** 2) / middle)
    centre = fmean(shape)
    scale = spread / math.sqrt(fmean((x - centre) ** 2 for x in shape))
    values = [float(low), *(round(mean + scale * (x - centre), 1) for x in shape), float(high)]
    back = (min(values), round(fmean(values), 1), max(values), round(stdev(values), 1))
    if back != (low, facts["mean"], high, facts["sd"]):
        raise ValueError(f"the incomes give {back}, not the published statistics: change SHAPE")
    return values


def assign(facts: dict[str, Any], codes: list[str], sample: set[str], rng: Random) -> dict[str, float | None]:
    """An income for each unit, by lot: the sample covers the range, its mean and spread are the population's."""
    values, units = incomes(facts), [code for code in codes if code != FORMED_2017]
    for _ in range(100_000):
        rng.shuffle(values)
        found = dict(zip(units, values, strict=True))
        inside = [value for code, value in found.items() if code in sample]
        covers = (min(inside), max(inside)) == (facts["min"], facts["max"])
        if covers and abs(fmean(inside) - facts["mean"]) < CLOSE and abs(stdev(inside) - facts["sd"]) < CLOSE:
            return {code: found.get(code) for code in codes}
    raise RuntimeError("no draw gives the sample the population's range and spread")
