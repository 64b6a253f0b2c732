"""The rows of a screen: every question of a study tested for change, beside what change could have been seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from evalkit.change.exhibits import yes_or_no
from evalkit.estimates.exhibits import Rows
from evalkit.panel.harmonise import Panel
from evalkit.study.model import Screen

if TYPE_CHECKING:
    import pandas as pd

SHOWN = ("before", "after", "up", "down", "unchanged", "detectable")
ADJUSTED = ("pvalue_holm", "pvalue_bh", "pvalue_holm_all", "pvalue_bh_all")


def screen_rows(panel: Panel, spec: Screen) -> tuple[Rows, dict[str, Any]]:
    """A row for each question (or option, or category) and statistic.

    category "change" has the change in share with its interval and the p-value of the wave effect; before, after, up,
    down, unchanged and detectable are as `screen` gives them; pvalue_holm and its like are adjusted p-values; "by"
    has the p-value of wave × group. `wave` is "first→last", and `n` the units that answered both.
    """
    import pandas as pd

    from evalkit.change import screen

    wide, families, outcomes = _wide(panel, spec)
    table = screen(wide, list(outcomes), families=families, by=spec.by)
    main = table[table["test"] == "wave"]
    pair = f"{panel.waves[0]}→{panel.waves[-1]}"
    rows: list[dict[str, Any]] = []
    for _, row in main.iterrows():
        keys = {"item": row["item"], "wave": pair, "group": "all", "by": "", "n": row["n"]}
        limits = {"ci_low": row["ci_low"], "ci_high": row["ci_high"], "p_value": row["pvalue"]}
        rows.append(keys | {"category": "change", "estimate": row["change"], **limits})
        rows += [keys | {"category": name, "estimate": row[name]} for name in SHOWN]
        rows += [keys | {"category": name, "estimate": row[name], "p_value": row[name]} for name in ADJUSTED]
    if spec.by:
        for _, row in table[table["test"] != "wave"].iterrows():
            keys = {"item": row["item"], "wave": pair, "group": "all", "by": "", "n": row["n"]}
            rows.append(
                keys | {"category": "by", "estimate": row["statistic"], "df": row["df"], "p_value": row["pvalue"]}
            )
    units = wide.loc[wide.drop(columns=["unit", "wave", *([spec.by] if spec.by else [])]).notna().any(axis=1), "unit"]
    twice = int((units.value_counts() > 1).sum())
    notes = {row["item"]: row["note"] for _, row in main.iterrows() if row["note"]}
    facts = {"families": {name: list(members) for name, members in families.items()}, "items": outcomes, "notes": notes}
    return Rows(pd.DataFrame(rows).assign(weighting="unweighted"), twice), facts


def _wide(panel: Panel, spec: Screen) -> tuple[pd.DataFrame, dict[str, list[str]], dict[str, str]]:
    """One 0/1 column an outcome, the families of outcomes, and each outcome's question."""
    import pandas as pd

    columns: dict[str, pd.Series] = {}
    families: dict[str, list[str]] = {}
    questions: dict[str, str] = {}
    for family, items in spec.families.items():
        families[family] = []
        for item in items:
            for name, rows in yes_or_no(panel, item).items():
                columns[name] = rows.set_index(["unit", "wave"])["answer"]
                families[family].append(name)
                questions[name] = item
    wide = pd.DataFrame(columns).reset_index()
    wide["wave"] = pd.Categorical(wide["wave"], categories=list(panel.waves), ordered=True)
    if spec.by:
        wide[spec.by] = wide["unit"].map(panel.frame.groups[spec.by].astype(str))
    return wide, families, questions
