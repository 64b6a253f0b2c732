"""Which categories of a group are most alike, so that an empty one is weighted with the right other."""

from __future__ import annotations

from math import hypot
from typing import TYPE_CHECKING

from evalkit.panel.harmonise import Panel
from evalkit.weights.totals import Near, Neighbours

if TYPE_CHECKING:
    import pandas as pd

COUNTY = ("county", "county_code")
"""Columns of the register that say the county."""


def neighbours(panel: Panel) -> Neighbours:
    """Group → category → the others, the most alike first.

    Counties by where they lie on the register's tile map, intervals and numbered classes by their order; of other
    divisions nothing is known.
    """
    plan = panel.study.plan
    found: dict[str, Near] = {}
    for name in dict.fromkeys(part for by in plan.weights.by for part in by.split(":")):
        group, codes = plan.groups[name], [str(code) for code in panel.frame.groups[name].cat.categories]
        if group.column in COUNTY and plan.frame.units is None:
            found[name] = _by_place(codes, plan.frame.register)
        elif group.lower_bounds is not None or all(code.isdigit() for code in codes):
            found[name] = _by_distance({code: (place, 0) for place, code in enumerate(codes)})
        else:
            found[name] = dict.fromkeys(codes, ())
    return found


def _by_place(codes: list[str], year: int) -> Near:
    from evalkit.panel.register import county_tiles

    tiles: pd.DataFrame = county_tiles(year)
    places = {str(tile[key]): (tile["row"], tile["col"]) for _, tile in tiles.iterrows() for key in COUNTY}
    near = _by_distance({code: places[code] for code in codes if code in places})
    return {code: near.get(code, ()) for code in codes}


def _by_distance(places: dict[str, tuple[int, int]]) -> Near:
    def away(a: str, b: str) -> float:
        return hypot(places[a][0] - places[b][0], places[a][1] - places[b][1])

    return {one: sorted((b for b in places if b != one), key=lambda other: away(one, other)) for one in places}
