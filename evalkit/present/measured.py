"""Shares of a measure in words: of inhabitants where units are municipalities, else of what the study calls it."""

from __future__ import annotations

from evalkit.present.exhibit import Exhibit
from evalkit.present.words import house, lower_first
from evalkit.study.population import INHABITANTS, MEASURE

MEASURED = (INHABITANTS, MEASURE)
"""Weightings that are of a measure."""


def measure(exhibit: Exhibit, lang: str) -> str:
    """What shares are of: `innbyggerne`, `elever`."""
    said = exhibit.facts.get("measure")
    return house(lang).survey.inhabitants if said is None else lower_first(said[lang])


def share_in(exhibit: Exhibit, lang: str, *, interval: bool = False) -> str:
    """`Share of pupils in such schools`, with what the interval is where there is one."""
    words, units = house(lang).survey, exhibit.units[lang]
    if exhibit.facts.get("measure") is None:
        share = words.inhabitants_in.format(units=units)
    else:
        share = words.measure_in.format(measure=measure(exhibit, lang), units=units)
    return words.share_of_with_interval.format(share=share) if interval else share
