"""The inputs in samplics, which says of itself that it is archived and points to svy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from samplics import CrossTabulation, PopParam, SampleWeight, SurveyGLM, TaylorEstimator, Ttest
from samplics.utils.types import ModelType

from benchmarks.trust.case import Case
from benchmarks.trust.survey_cases import margins

Values = dict[str, Any]


def estimated(data: pd.DataFrame, y: str, param: Any = PopParam.mean, method: str = "logit", **roles: Any) -> Any:
    found = TaylorEstimator(param, ciprop_method=method)
    found.estimate(y=data[y], samp_weight=data.weight, **roles)
    return found


def mean(
    y: str = "x", level: Any = None, param: Any = PopParam.mean, **roles: str
) -> Callable[[pd.DataFrame, Case], Values]:
    """fpc is 1 − n/N here; `level` picks one domain."""

    def call(data: pd.DataFrame, case: Case) -> Values:
        fpc = {"fpc": 1 - len(data) / data["size"].iloc[0]} if "size" in data else {}
        found = estimated(data, y, param, **{role: data[name] for role, name in roles.items()}, **fpc)
        values = {"mean": found.point_est, "std. error": found.stderror, "upper": found.upper_ci}
        return {name: value if level is None else value[level] for name, value in values.items()}

    return call


def change(data: pd.DataFrame, case: Case) -> Values:
    wide = data.pivot_table(index=["id", "weight"], columns="wave", values="y").reset_index()
    found = mean("gap")(wide.assign(gap=wide[1] - wide[0]), case)
    return {"change" if name == "mean" else name: value for name, value in found.items()}


def by_group(data: pd.DataFrame, case: Case) -> Values:
    wide = data.pivot_table(index=["id", "group"], columns="wave", values="y").reset_index()
    table = wide.assign(gap=wide[1] - wide[0], weight=1.0)
    errors = estimated(table, "gap", domain=table.group, fpc=1 - len(table) / 356).stderror
    return {f"std. error {group}": error for group, error in errors.items()}


def interval(method: str) -> Callable[[pd.DataFrame, Case], Values]:
    """Everybody is in category 0: the share of yes is the rest."""

    def call(data: pd.DataFrame, case: Case) -> Values:
        found = estimated(data, "y", PopParam.prop, method)
        low, high = (next(iter(dict(end).values())) for end in (found.lower_ci, found.upper_ci))
        return {"lower": 1 - high, "upper": 1 - low}

    return call


def ttest(data: pd.DataFrame, case: Case) -> Values:
    found = Ttest("two-sample", paired=False)
    found.compare(y=data.y, group=data.group, samp_weight=data.weight)
    return {"p": found.stats["p_value_uneq_variance"]["not_equal"]}


def table(data: pd.DataFrame, case: Case) -> Values:
    found = CrossTabulation(PopParam.count)
    found.tabulate(vars=data[["group", "y"]], samp_weight=data.weight)
    return {"p": found.stats["Pearson-Adj"]["p_value"]}


def raked(data: pd.DataFrame, case: Case) -> Values:
    columns = {name: data[name].to_numpy(dtype=object) for name in margins()}
    weight = SampleWeight().rake(
        data.weight.to_numpy(), margins=columns, control=margins(), tol=1e-8, ctrl_tol=1e-8, max_iter=200
    )
    return mean("y")(data.assign(weight=weight), case)


def median(data: pd.DataFrame, case: Case) -> Values:
    return {"median": estimated(data, "x", PopParam.median).point_est}


def logit(data: pd.DataFrame, case: Case) -> Values:
    model = SurveyGLM(ModelType.LOGISTIC)
    model.estimate(y=data.y, x=data[["medium", "small"]], samp_weight=data.weight, add_intercept=True)
    estimates, errors = np.asarray(model.beta["point_est"]), np.asarray(model.beta["stderror"])
    return {"medium": estimates[1], "std. error of medium": errors[1], "small": estimates[2]}


CALLS = {
    "zero_weights": [("TaylorEstimator of the differences", change)],
    "group_fpc": [("TaylorEstimator(domain=)", by_group)],
    "nobody_changed": [("TaylorEstimator of the differences", change)],
    "all_ones": [("TaylorEstimator", mean())],
    "mean_one": [("TaylorEstimator(domain=)", mean(level="a", domain="group"))],
    "zero_of_20": [
        ("TaylorEstimator", interval("logit")),
        ("TaylorEstimator(ciprop_method='korn-graubard')", interval("korn-graubard")),
    ],
    "15_20_2_2": [("Ttest", ttest), ("CrossTabulation", table)],
    "0_20_20_20": [("Ttest", ttest), ("CrossTabulation", table)],
    "perfect_table": [("CrossTabulation", table)],
    "raking": [("SampleWeight.rake, TaylorEstimator", raked)],
    "lonely": [("TaylorEstimator", mean(stratum="stratum", psu="cluster"))],
    "domain": [("TaylorEstimator(domain=)", mean(level=1, stratum="stratum", psu="cluster", domain="domain"))],
    "median": [("TaylorEstimator", median)],
    "all_yes": [("SurveyGLM", logit)],
}
