"""Who answered: municipalities drawn so that the sample looks as the published report says it does."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from random import Random
from typing import Any

import pandas as pd

SIZES = (0, 2000, 4000, 7000, 15000)
UTSIRA, BERGEN, OSLO = "1151", "1201", "0301"
MEAN_POPULATION = (12500, 13500)  # "somewhat higher" than 12343
COUNTY_GAP = 0.022  # "about evenly represented": no county further off than this
COUNTY_LIKELY, A_FEW = 0.011, (2, 4)  # counties over or under by more than this, and how many they are
RATE = {0: 0.8, 1: 0.95, 2: 1.35, 3: 1.0}  # response by centrality, relative; the margin itself is set


@dataclass(frozen=True)
class Unit:
    """A municipality that answered: where it belongs, in which waves, and how far through a form it tends to come."""

    code: str
    name: str
    size: int
    waves: tuple[str, ...]
    zeal: float


def draw(register: pd.DataFrame, chosen: dict[str, Any], rng: Random) -> list[Unit]:
    """The respondents, in order of code."""
    frame = [
        {**row, "size": sum(row["population"] >= bound for bound in SIZES) - 1} for row in register.to_dict("records")
    ]
    only_2018, both, only_2019 = (chosen[key] for key in ("only_2018", "both", "only_2019"))
    sizes = [sum(counts) for counts in zip(only_2018, both, only_2019)]
    sample = _sample(frame, sizes, dict(enumerate(chosen["centrality"])), rng)
    units = []
    for size in range(len(SIZES)):
        members = [row for row in sample if row["size"] == size]
        rng.shuffle(members)
        waves = [("2018",)] * only_2018[size] + [("2018", "2019")] * both[size] + [("2019",)] * only_2019[size]
        units += [Unit(row["code"], row["name"], size, when, rng.random()) for row, when in zip(members, waves)]
    return sorted(units, key=lambda unit: unit.code)


def _sample(
    frame: list[dict[str, Any]], sizes: list[int], centrality: dict[int, int], rng: Random
) -> list[dict[str, Any]]:
    """Draw until size, centrality, counties and mean population are all as they should be."""
    for _ in range(200_000):
        sample = []
        for size, wanted in enumerate(sizes):
            members = [row for row in frame if row["size"] == size]
            sample += sorted(members, key=lambda row: _key(row, rng))[:wanted]
        if Counter(int(row["centrality_2008"]) for row in sample) == centrality and _looks_right(sample, frame):
            return sample
    raise RuntimeError("no sample of this make-up was found: loosen the centrality margin or the county gaps")


def _key(row: dict[str, Any], rng: Random) -> float:
    """Smallest first: an exponential waiting time, so that units come in proportion to their rate."""
    wait = -math.log(1 - rng.random()) / RATE[int(row["centrality_2008"])]
    return {UTSIRA: -1.0, BERGEN: -1.0, OSLO: math.inf}.get(row["code"], wait)


def _looks_right(sample: list[dict[str, Any]], frame: list[dict[str, Any]]) -> bool:
    low, high = MEAN_POPULATION
    if not low <= sum(row["population"] for row in sample) / len(sample) <= high:
        return False
    here, there = (Counter(row["county_code"] for row in rows) for rows in (sample, frame))
    gaps = [abs(here[county] / len(sample) - there[county] / len(frame)) for county in there]
    return max(gaps) <= COUNTY_GAP and A_FEW[0] <= sum(gap > COUNTY_LIKELY for gap in gaps) <= A_FEW[1]
