"""What differs between two runs, and which published numbers moved: the check before a report is issued again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from evalkit.errors import RunError
from evalkit.present.exhibit import KEYS
from evalkit.results import Run

if TYPE_CHECKING:
    import pandas as pd

PARTS = {"inputs": "input", "study_text": "study", "packages": "package"}
IN_POINTS = ("share", "distribution", "multiple", "representativeness", "transitions")
"""Kinds whose estimates are shares, compared in percentage points; counts among them are whole numbers."""


@dataclass(frozen=True)
class Differences:
    """Two runs of a study, the earlier first.

    Attributes
    ----------
    causes : part (input, study, package, code), name, and what was done to it (changed, added, removed).
    numbers : exhibit, the row's keys, before, after, moved (after − before; of shares in percentage points), largest
        first; a row that one run does not have has NaN there.
    """

    causes: pd.DataFrame
    numbers: pd.DataFrame

    @property
    def largest(self) -> float:
        """The farthest that any number moved; infinite where a number came or went, 0 where none did."""
        import math

        if self.numbers.empty:
            return 0.0
        return math.inf if self.numbers["moved"].isna().any() else float(self.numbers["moved"].abs().max())


def compare_runs(before: Run, after: Run, *, tolerance: float = 1e-9) -> Differences:
    """Compare what two runs were made of, and every estimate of their exhibits.

    Parameters
    ----------
    tolerance : difference that is none, for rounding in the last digits.

    Raises
    ------
    RunError where the runs are of different studies.
    """
    import pandas as pd

    if before.record["study"] != after.record["study"]:
        raise RunError(
            "The runs are of different studies",
            got=f"{before.record['study']} and {after.record['study']}",
            mend="name two runs of one study",
        )
    columns = ["exhibit", *KEYS]
    moved = _numbers(before).merge(_numbers(after), on=columns, how="outer", suffixes=("_before", "_after"))
    moved = moved.rename(columns={"estimate_before": "before", "estimate_after": "after"})
    same = (moved["before"] - moved["after"]).abs() <= tolerance
    same |= moved["before"] == moved["after"]
    same |= moved["before"].isna() & moved["after"].isna()
    moved = moved[~same].copy()
    scale = moved["points_before"].fillna(moved["points_after"]).map({True: 100.0, False: 1.0}).astype(float)
    moved["moved"] = (moved["after"] - moved["before"]) * scale
    order = moved["moved"].abs().sort_values(ascending=False, na_position="first", kind="stable").index
    return Differences(_causes(before, after), pd.DataFrame(moved.loc[order, [*columns, "before", "after", "moved"]]))


def _numbers(run: Run) -> pd.DataFrame:
    """Every estimate that the run's exhibits print."""
    import pandas as pd

    kinds = {name: run.exhibit(name).kind for name in run.exhibits}
    table = pd.concat([run.estimates, run.change], ignore_index=True)
    shares = table["exhibit"].map(kinds).isin(IN_POINTS) & table["estimate"].abs().le(1)
    table["points"] = shares
    return table[["exhibit", *KEYS, "estimate", "points"]]


def _causes(before: Run, after: Run) -> pd.DataFrame:
    import pandas as pd

    rows: list[dict[str, Any]] = []
    for part, word in PARTS.items():
        old, new = before.record[part], after.record[part]
        for name in sorted({*old, *new}):
            if old.get(name) != new.get(name):
                done = "changed" if name in old and name in new else "added" if name in new else "removed"
                rows.append({"part": word, "name": name, "done": done})
    if before.record["code"] != after.record["code"]:
        name = f"evalkit {before.record['evalkit']} → {after.record['evalkit']}"
        rows.append({"part": "code", "name": name, "done": "changed"})
    return pd.DataFrame(rows, columns=["part", "name", "done"])
