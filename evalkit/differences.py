"""What differs between two runs, and which published numbers moved: the check before a report is issued again."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evalkit.errors import RunError
from evalkit.present.exhibit import KEYS
from evalkit.results import Run
from evalkit.study.toml import dotted, line_of

if TYPE_CHECKING:
    import pandas as pd

SHORT = 60
"""Characters of a setting that are shown."""
IN_POINTS = ("share", "distribution", "multiple", "representativeness", "transitions")
"""Kinds whose estimates are shares, compared in percentage points; counts among them are whole numbers."""

Place = tuple[str | int, ...]
"""Keys and positions that lead to a setting."""
Cause = tuple[str, str, str | None, str | None]
"""Part, name, before and after; None where there is none."""


@dataclass(frozen=True)
class Differences:
    """Two runs of a study, the earlier first.

    Attributes
    ----------
    causes : part (input, study, package, code), name, what was done to it (changed, added, removed), before and after.
        Of the study each setting is a row, named by its file, line and key.
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

    rows: list[Cause] = [
        ("input", name, _digits(was), _digits(now)) for name, was, now in _two(before, after, "inputs")
    ]
    for file, _, _ in _two(before, after, "study_text"):
        rows += _settings(before, after, file)
    rows += [("package", *row) for row in _two(before, after, "packages")]
    if before.record["code"] != after.record["code"]:
        rows.append(("code", "evalkit", _code(before), _code(after)))
    told = [(part, name, _done(was, now), was or "", now or "") for part, name, was, now in rows]
    return pd.DataFrame(told, columns=["part", "name", "done", "before", "after"])


def _two(before: Run, after: Run, part: str) -> list[tuple[str, str | None, str | None]]:
    """What differs in a part of run.json: its name, before and after."""
    old, new = before.record[part], after.record[part]
    return [(name, old.get(name), new.get(name)) for name in {**new, **old} if old.get(name) != new.get(name)]


def _digits(sha256: str | None) -> str | None:
    return sha256 and sha256[:12]


def _done(before: str | None, after: str | None) -> str:
    return "added" if before is None else "removed" if after is None else "changed"


def _code(run: Run) -> str:
    """`0.1.0, commit 3f2a…, code 77bc…`."""
    commit = f"commit {run.record['commit']}, " if run.record["commit"] else ""
    return f"{run.record['evalkit']}, {commit}code {run.record['code'][:12]}"


def _settings(before: Run, after: Run, file: str) -> list[Cause]:
    """Each setting of a TOML file of the study that differs: its name with its line, before and after."""
    old, new = (_text(run.path / "study" / file) for run in (before, after))
    rows: list[Cause] = []
    for loc, was, now in _unlike(tomllib.loads(old), tomllib.loads(new)):
        line = line_of(old if now is None else new, loc)
        rows.append(("study", f"{file} line {line}: {dotted(loc)}", _shown(was), _shown(now)))
    return rows or [("study", f"{file}: order, comments or spacing", "", "")]


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8-sig") if path.is_file() else ""


def _unlike(old: Any, new: Any, at: Place = ()) -> Iterator[tuple[Place, Any, Any]]:
    """Place, before and after of what differs; a table or list of tables is entered where both have it."""
    if isinstance(old, list) and isinstance(new, list) and all(isinstance(one, dict) for one in [*old, *new]):
        old, new = dict(enumerate(old)), dict(enumerate(new))
    if not (isinstance(old, dict) and isinstance(new, dict)):
        if old != new:
            yield at, old, new
        return
    for key in dict.fromkeys([*old, *new]):
        yield from _unlike(old.get(key), new.get(key), (*at, key))


def _shown(value: object) -> str | None:
    if value is None:
        return None
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= SHORT else f"{text[: SHORT - 1]}…"
