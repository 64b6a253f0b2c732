"""The inputs in evalkit."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite
from typing import Any

import pandas as pd

from benchmarks.trust.case import Case
from evalkit.change import conditional_logit, linear_probability, ordered_logit, paired_change
from evalkit.estimates import adjust_pvalues, difference, independence, mean, proportion, quantile, regression
from evalkit.weights import Design, calibrate

Values = dict[str, Any]


def fitted(data: pd.DataFrame, case: Case) -> Any:
    roles = {name: name for name in ("cluster",) if name in data} | ({"weights": "weight"} if "weight" in data else {})
    return conditional_logit(f"y ~ {' + '.join(case.columns)}", data, group="id", **roles)


def said(result: Any) -> str:
    """Its notes, without the count of the units."""
    return "; ".join(note for note in getattr(result, "notes", ()) or () if "determine the estimate" not in note)


def clogit(data: pd.DataFrame, case: Case) -> Values:
    model, name = fitted(data, case), case.columns[-1]
    profile = model.conf_int(method="profile").loc[name, "ci_low"]
    wald = model.conf_int().loc[name, "ci_low"] if isfinite(model.params[name]) else profile
    values = {"estimate": model.params[name], "std. error": model.std_errors[name], "lower": wald}
    found = {key: value * case.scale for key, value in (values | {"profile lower": profile}).items()}
    return found | {"log-likelihood": model.loglik, "note": said(model)}


def joint(data: pd.DataFrame, case: Case) -> Values:
    test = fitted(data, case).wald_test()
    return {"p": test.pvalue, "note": test.note}


def ordered(data: pd.DataFrame, case: Case) -> Values:
    model = ordered_logit("y ~ wave", data, group="id")
    return {"estimate": model.params["wave"], "p": model.lr_pvalues["wave"], "note": said(model)}


def paired(by: str | None = None, **roles: Any) -> Callable[[pd.DataFrame, Case], Values]:
    def call(data: pd.DataFrame, case: Case) -> Values:
        table = paired_change(data, "y", unit="id", wave="wave", by=by, **roles)
        if by:
            return {f"std. error {row[by]}": row["std_error"] for _, row in table.iterrows()}
        row = table.iloc[0]
        names = {"change": "change", "std_error": "std. error", "ci_high": "upper", "n": "n", "up": "up"}
        return {shown: row[name] for name, shown in names.items()}

    return call


def within(data: pd.DataFrame, case: Case) -> Values:
    model = linear_probability("y ~ wave", data, group="id")
    return {"estimate": model.params["wave"], "p": model.pvalues["wave"], "note": said(model)}


def row(table: pd.DataFrame, **names: str) -> Values:
    found = {shown: table[column].iloc[0] for shown, column in names.items()}
    notes = table.attrs.get("notes", ())
    return {key.replace("_", " ").replace("std ", "std. "): value for key, value in found.items()} | {
        "note": "; ".join(note if isinstance(note, str) else str(note[-1]) for note in notes)
    }


def averaged(by: str | None = None, **roles: Any) -> Callable[[pd.DataFrame, Case], Values]:
    def call(data: pd.DataFrame, case: Case) -> Values:
        table = mean(Design(data, weights="weight", **roles), "x", by=by)
        return row(table, mean="estimate", std_error="std_error")

    return call


def domain(data: pd.DataFrame, case: Case) -> Values:
    table = mean(Design(data, weights="weight", strata="stratum", clusters="cluster"), "x", by="domain")
    return row(table[table.domain == 1], mean="estimate", std_error="std_error")


def raked(data: pd.DataFrame, case: Case) -> Values:
    from benchmarks.trust.survey_cases import margins

    return row(mean(calibrate(Design(data, weights="weight"), margins()), "y"), mean="estimate", std_error="std_error")


def logit(data: pd.DataFrame, case: Case) -> Values:
    model = regression(Design(data), f"y ~ {' + '.join(case.columns)}")
    params, errors = model.params, model.std_errors
    return {"medium": params["medium"], "std. error of medium": errors["medium"], "small": params["small"],
            "note": model.note}  # fmt: skip


def gap(data: pd.DataFrame, case: Case) -> Values:
    return {"estimate": regression(Design(data), "y ~ scale(x)").params.iloc[-1]}


def holm(data: pd.DataFrame, case: Case) -> Values:
    found = adjust_pvalues(data.p)
    return {"first": found[0], "missing": found[1], "third": found[2], "fourth": found[3]}


CLOGIT = "plain all_up all_up_copied weighted_separated noise against_1e-9 near_separated"
CLOGIT += " tiny_scale huge_scale years weights"
CALLS: dict[str, list[tuple[str, Callable[[pd.DataFrame, Case], Values]]]] = {
    **{key: [("conditional_logit", clogit)] for key in CLOGIT.split()},
    "few_clusters": [("conditional_logit(cluster=).wald_test", joint)],
    "ordered": [("ordered_logit", ordered)],
    "zero_weights": [("paired_change(weights=)", paired(weights="weight"))],
    "group_fpc": [("paired_change(by=, fpc=)", paired(by="group", fpc=356))],
    "nobody_changed": [("paired_change(weights=)", paired(weights="weight"))],
    "three_up": [("linear_probability", within), ("paired_change", lambda d, c: paired_p(d))],
    "all_ones": [("mean", averaged(fpc="size"))],
    "mean_one": [("mean(by=)", averaged(by="group", fpc="size"))],
    "zero_of_20": [("proportion", lambda d, c: row(proportion(Design(d), "y"), lower="ci_low", upper="ci_high"))],
    "15_20_2_2": [("difference", lambda d, c: row(difference(Design(d), "y", by="group"), p="p_value"))],
    "0_20_20_20": [("difference", lambda d, c: row(difference(Design(d), "y", by="group"), p="p_value"))],
    "perfect_table": [("independence", lambda d, c: row(independence(Design(d), "group", "y"), p="p_value"))],
    "raking": [("calibrate, mean", raked)],
    "lonely": [("Design", averaged(strata="stratum", clusters="cluster"))],
    "domain": [("mean(by=)", domain)],
    "median": [("quantile", lambda d, c: row(quantile(Design(d, weights="weight"), "x"), median="estimate"))],
    "all_yes": [("regression", logit)],
    "gap": [("regression", gap)],
    "missing_p": [("adjust_pvalues", holm)],
}


def paired_p(data: pd.DataFrame) -> Values:
    return {"p": paired_change(data, "y", unit="id", wave="wave")["pvalue"].iloc[0]}
