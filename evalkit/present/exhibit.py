"""An exhibit: the rows behind one figure or table, with all the words it needs, and no drawing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    "item",
    "wave",
    "by",
    "group",
    "category",
    "weighting",
    "estimate",
    "std_error",
    "ci_low",
    "ci_high",
    "p_value",
    "df",
    "n",
    "sum_weights",
    "n_effective",
    "deff",
)
KEYS = COLUMNS[:6]

Text = dict[str, str]
"""Words by language: {"nb": …, "en": …}."""


@dataclass(frozen=True)
class Exhibit:
    """What one figure or table shows.

    Attributes
    ----------
    name : its name in study.toml.
    kind : share, mean, distribution, multiple, representativeness, summary, transitions or conditional_logit.
    data : rows with `COLUMNS`. Shares are 0–1. `item` is a question, or a frame column (summary) or a model's
        number from 1 (conditional_logit); `wave` "latest", a wave's id, or "2008→2012" (transitions); `group` a code
        of the group `by`, "all", or "sample" and "population" (representativeness, summary); `category` a category
        code, an option's name, a statistic (n, min, mean, max, sd; before, after, change, up, down, unchanged) or a
        model's term; `weighting` "unweighted" or "weighted". `n` is the number of units that answered.
    n : units behind the exhibit: those who answered at least one of its questions.
    labels : words for codes: {"by": {"size": …}, "group": {code: …}, "category": …, "item": …, "wave": …}.
        Their order is the order of the questionnaire. Codes of categories that differ between items are
        not mixed: an exhibit with several items has the same categories in all.
    question, base, note, notice, source, units : as the study words them; None where it says nothing.
    facts : further numbers of the exhibit, such as the units invited.
    """

    name: str
    kind: str
    title: Text
    data: pd.DataFrame
    n: int
    labels: dict[str, dict[str, Text]]
    units: Text
    source: Text
    question: Text | None = None
    base: Text | None = None
    note: Text | None = None
    notice: Text | None = None
    facts: dict[str, Any] = field(default_factory=dict)

    def rows(self, **where: object) -> pd.DataFrame:
        """The rows that `where` names, in order; a name of `by` stands for `group` (size="<2000")."""
        from evalkit.errors import MethodError, nearest, one_of

        found = self.data
        for key, value in where.items():
            column = "group" if key in self.labels.get("by", {}) else key
            if column not in KEYS:
                guess = nearest(key, KEYS)
                raise MethodError(
                    f"Exhibit {self.name!r} has no column {key!r}",
                    expected=one_of([*self.labels.get("by", {}), *KEYS]),
                    mend=f"did you mean {guess!r}?" if guess else None,
                )
            kept = found[found[column] == str(value)]
            if kept.empty:
                known = list(dict.fromkeys(found[column]))
                guess = nearest(value, known)
                raise MethodError(
                    f"Exhibit {self.name!r} has no row with {key} = {value!r}",
                    expected=one_of(known),
                    mend=f"did you mean {guess!r}?" if guess else None,
                )
            found = kept
        return found

    def value(self, statistic: str = "estimate", **where: object) -> float:
        """One number; MethodError when `where` names no row, or more than one."""
        from evalkit.errors import MethodError

        if "weighting" not in where and len(set(self.data["weighting"])) > 1:
            where["weighting"] = self.facts.get("weighting", "weighted")
        found = self.rows(**where)
        if len(found) != 1:
            open_keys = {key: list(dict.fromkeys(found[key])) for key in KEYS if len(set(found[key])) > 1}
            raise MethodError(
                f"Exhibit {self.name!r} has {len(found)} such rows",
                got=where,
                mend=f"say which: {'; '.join(f'{k} = {v}' for k, v in open_keys.items())}",
            )
        return float(found[statistic].iloc[0])

    def save(self, folder: Path) -> None:
        """Write <name>.csv and <name>.json into `folder`."""
        self.data.to_csv(folder / f"{self.name}.csv", index=False, lineterminator="\n", encoding="utf-8")
        meta = {key: value for key, value in asdict(self).items() if key != "data"}
        text = json.dumps(meta, ensure_ascii=False, indent=1) + "\n"
        (folder / f"{self.name}.json").write_text(text, encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, name: str) -> Exhibit:
        """Read back what `save` wrote, to the last digit."""
        meta = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        return cls(data=read_rows(folder / f"{name}.csv"), **meta)


def read_rows(path: Path | IO[bytes], text: Sequence[str] = KEYS) -> pd.DataFrame:
    """A table written by a run, every digit as it was; the columns `text` stay text, "" where they are empty."""
    import pandas as pd

    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    numbers = table.columns.difference(text)
    table[numbers] = table[numbers].replace("", "nan").astype(float)
    return table
