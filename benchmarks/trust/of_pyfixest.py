"""The inputs in pyfixest: least squares and logit with unit effects."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pyfixest as pf

from benchmarks.trust.case import Case

Values = dict[str, Any]


def logit(data: pd.DataFrame, case: Case) -> Values:
    model, name, s = (
        pf.feglm(f"y ~ {' + '.join(case.columns)} | id", data, family="logit"),
        case.columns[-1],
        case.scale,
    )
    values = {
        "estimate": model.coef()[name],
        "std. error": model.se()[name],
        "lower": model.confint().loc[name].iloc[0],
    }
    return {key: value * s for key, value in values.items()}


def within(data: pd.DataFrame, case: Case) -> Values:
    model = pf.feols("y ~ wave | id", data, vcov={"CRV1": "id"})
    return {"estimate": model.coef()["wave"], "p": model.pvalue()["wave"]}


def weighted_change(data: pd.DataFrame, case: Case) -> Values:
    model = pf.feols("y ~ wave | id", data, vcov={"CRV1": "id"}, weights="weight")
    found = {"change": model.coef()["wave"], "std. error": model.se()["wave"]}
    return found | {"upper": model.confint().loc["wave"].iloc[1], "n": model._N / 2}


def all_yes(data: pd.DataFrame, case: Case) -> Values:
    model = pf.feglm("y ~ medium + small", data, family="logit", vcov="HC1")
    found = model.coef()
    return {"medium": found["medium"], "std. error of medium": model.se()["medium"], "small": found["small"]}


def gap(data: pd.DataFrame, case: Case) -> Values:
    return {"estimate": pf.feglm("y ~ scale(x)", data, family="logit").coef().iloc[-1]}


CLOGIT = "plain all_up tiny_scale huge_scale years"
CALLS = {
    **{key: [("feglm(family='logit') with unit effects", logit)] for key in CLOGIT.split()},
    "zero_weights": [("feols(weights=), clustered by unit", weighted_change)],
    "nobody_changed": [("feols(weights=), clustered by unit", weighted_change)],
    "three_up": [("feols, clustered by unit", within)],
    "all_yes": [("feglm(family='logit')", all_yes)],
    "gap": [("feglm(family='logit')", gap)],
}
