"""The rows of an exhibit on what can be compared: for each pair of waves, how many units, and how they came there."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

from evalkit.estimates.exhibits import Rows
from evalkit.panel.borders import SPLIT, comparable

if TYPE_CHECKING:
    import pandas as pd

    from evalkit.panel.harmonise import Panel

KINDS = ("same", "renumbered", "merged")
"""From the least to the most that happened to a unit."""


def comparable_rows(panel: Panel) -> tuple[Rows, dict[str, Any]]:
    """Units that answered both waves of a pair, in the borders in which these two waves are compared.

    category "both" is how many; same, renumbered and merged are its parts, by the most that happened to the unit in
    either wave (a split unit that follows the part that the study names counts as merged); split: units not comparable
    because they hold a part of a unit that answered, was split and left.
    """
    import pandas as pd

    rows: list[dict[str, Any]] = []
    borders: dict[str, int] = {}
    for pair in combinations(panel.answers.study.in_order(panel.answers.told), 2):
        here = panel.among(pair)
        name = "→".join(pair)
        borders[name] = here.study.plan.frame.register
        counts = _counts(comparable(here))
        keys = {"item": "comparable", "wave": name, "by": "", "group": "all", "weighting": "unweighted"}
        rows += [keys | {"category": kind, "estimate": n, "n": counts["both"]} for kind, n in counts.items()]
    whole = comparable(panel)
    answered = whole[whole["questions"] > 0].groupby("unit").size()
    return Rows(pd.DataFrame(rows), int((answered > 1).sum())), {"pairs": borders}


def _counts(table: pd.DataFrame) -> dict[str, int]:
    """Units of a pair of waves by what can be compared."""
    whence = table.pivot(index="unit", columns="wave", values="whence")
    answered = table.pivot(index="unit", columns="wave", values="questions") > 0
    both = answered.all(axis=1)
    rank = {kind: place for place, kind in enumerate(KINDS)} | {SPLIT: KINDS.index("merged")}
    worst = whence[both].map(lambda kind: rank[kind]).max(axis=1)
    counts = {"both": int(both.sum())} | {
        kind: int((worst == place).sum()) for kind, place in rank.items() if kind in KINDS
    }
    parted = (whence == SPLIT) & ~answered
    return counts | {SPLIT: int((parted.any(axis=1) & (parted | answered).all(axis=1)).sum())}
