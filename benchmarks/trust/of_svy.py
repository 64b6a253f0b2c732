"""The inputs in svy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import polars as pl
import svy

from benchmarks.trust.case import Case
from benchmarks.trust.survey_cases import margins

Values = dict[str, Any]


def sample(data: pd.DataFrame, **roles: Any) -> Any:
    table = pl.DataFrame({str(name): data[name].to_list() for name in data})
    return svy.Sample(table.with_columns(pl.col(pl.Float64).fill_nan(None)), svy.Design(wgt="weight", **roles))


def change(data: pd.DataFrame, case: Case) -> Values:
    wide = data.pivot_table(index=["id", "weight"], columns="wave", values="y").reset_index()
    table = pd.DataFrame({"weight": wide.weight, "gap": wide[1] - wide[0]})
    row = sample(table).estimation.mean("gap").to_polars().row(0, named=True)
    return {"change": row["est"], "std. error": row["se"], "upper": row["uci"], "n": row["n"]}


def by_group(data: pd.DataFrame, case: Case) -> Values:
    wide = data.pivot_table(index=["id", "group"], columns="wave", values="y").reset_index()
    table = pd.DataFrame({"weight": 1.0, "size": 356, "group": wide.group, "gap": wide[1] - wide[0]})
    found = sample(table, pop_size="size").estimation.mean("gap", by="group").to_polars().to_dicts()
    return {f"std. error {row['group']}": row["se"] for row in found}


def mean(
    by: str | None = None, level: Any = None, y: str = "x", **roles: str
) -> Callable[[pd.DataFrame, Case], Values]:
    def call(data: pd.DataFrame, case: Case) -> Values:
        found = sample(data, **roles).estimation.mean(y, by=by).to_polars().to_dicts()
        row = next(r for r in found if by is None or r[by] == level)
        return {"mean": row["est"], "std. error": row["se"]}

    return call


def interval(method: str) -> Callable[[pd.DataFrame, Case], Values]:
    """Everybody is in category 0: the share of yes is the rest."""

    def call(data: pd.DataFrame, case: Case) -> Values:
        row = sample(data).estimation.prop("y", ci_method=method).to_polars().row(0, named=True)
        return {"lower": 1 - row["uci"], "upper": 1 - row["lci"]}

    return call


def ttest(data: pd.DataFrame, case: Case) -> Values:
    return {"p": sample(data).categorical.ttest("y", group="group").stats.p_value}


def table(data: pd.DataFrame, case: Case) -> Values:
    return {"p": sample(data).categorical.tabulate("group", "y").stats.f.p_value}


def raked(data: pd.DataFrame, case: Case) -> Values:
    made = sample(data).weighting.rake(controls=margins(), tol=1e-9, max_iter=200)
    row = made.estimation.mean("y").to_polars().row(0, named=True)
    return {"mean": row["est"], "std. error": row["se"]}


def median(data: pd.DataFrame, case: Case) -> Values:
    return {"median": sample(data).estimation.median("x").to_polars().row(0, named=True)["est"]}


def logit(data: pd.DataFrame, case: Case) -> Values:
    found = {c.term: c for c in sample(data).glm.fit("y", x=["medium", "small"], family="binomial").coefs}
    medium = found["medium"]
    return {"medium": medium.est, "std. error of medium": medium.se, "small": found["small"].est}


CALLS = {
    "zero_weights": [("mean of the differences", change)],
    "group_fpc": [("mean of the differences, by=", by_group)],
    "nobody_changed": [("mean of the differences", change)],
    "all_ones": [("mean", mean(pop_size="size"))],
    "mean_one": [("mean(by=)", mean("group", "a", pop_size="size"))],
    "zero_of_20": [("prop", interval("logit")), ("prop(ci_method='korn-graubard')", interval("korn-graubard"))],
    "15_20_2_2": [("ttest", ttest), ("tabulate", table)],
    "0_20_20_20": [("ttest", ttest), ("tabulate", table)],
    "perfect_table": [("tabulate", table)],
    "raking": [("rake, mean", raked)],
    "lonely": [("mean", mean(stratum="stratum", psu="cluster"))],
    "domain": [("mean(by=)", mean("domain", 1, stratum="stratum", psu="cluster"))],
    "median": [("median", median)],
    "all_yes": [("glm.fit", logit)],
}
