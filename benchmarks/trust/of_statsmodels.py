"""The inputs in statsmodels."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import statsmodels.api as sm
import statsmodels.formula.api as smf
from statsmodels.discrete.conditional_models import ConditionalLogit
from statsmodels.stats import multitest, proportion
from statsmodels.stats.contingency_tables import Table
from statsmodels.stats.weightstats import DescrStatsW

from benchmarks.trust.case import Case

Values = dict[str, Any]


def fitted(data: pd.DataFrame, case: Case) -> Any:
    """Weights and clusters are handed over; what is done with them is the tool's."""
    own = {"weights": data.weight.to_numpy()} if "weight" in data else {}
    how = {"cov_type": "cluster", "cov_kwds": {"groups": data.cluster.to_numpy()}} if "cluster" in data else {}
    return ConditionalLogit(data.y, data[list(case.columns)], groups=data.id, **own).fit(**how)


def clogit(data: pd.DataFrame, case: Case) -> Values:
    model, s = fitted(data, case), case.scale
    found = {"estimate": model.params.iloc[-1], "std. error": model.bse.iloc[-1]}
    found["lower"] = np.asarray(model.conf_int())[-1, 0]
    return {name: value * s for name, value in found.items()} | {"log-likelihood": model.llf}


def joint(data: pd.DataFrame, case: Case) -> Values:
    return {"p": fitted(data, case).wald_test(np.eye(len(case.columns)), scalar=True).pvalue}


def changes(data: pd.DataFrame) -> pd.DataFrame:
    first = data[data.wave == 0].set_index("id")
    return first.assign(gap=data[data.wave == 1].set_index("id").y - first.y)


def weighted_change(data: pd.DataFrame, case: Case) -> Values:
    wide = changes(data)
    model = sm.WLS(wide.gap, np.ones(len(wide)), weights=wide.weight).fit(cov_type="HC1")
    found = {"change": model.params.iloc[0], "std. error": model.bse.iloc[0]}
    return found | {"upper": model.conf_int().iloc[0, 1], "n": model.nobs}


def within(data: pd.DataFrame, case: Case) -> Values:
    model = smf.ols("y ~ wave + C(id)", data).fit(cov_type="cluster", cov_kwds={"groups": data["id"]})
    return {"estimate": model.params["wave"], "p": model.pvalues["wave"]}


def binary(data: pd.DataFrame) -> Any:
    table = data.groupby("group").y.agg(["sum", "count"])
    return table["sum"].to_numpy(), table["count"].to_numpy()


def two_shares(data: pd.DataFrame, case: Case) -> Values:
    (a, b), (m, n) = binary(data)
    return {"p": proportion.test_proportions_2indep(a, m, b, n).pvalue}


def z_test(data: pd.DataFrame, case: Case) -> Values:
    return {"p": proportion.proportions_ztest(*binary(data))[1]}


def interval(data: pd.DataFrame, case: Case, method: str) -> Values:
    low, high = proportion.proportion_confint(int(data.y.sum()), len(data), method=method)
    return {"lower": low, "upper": high}


def median(data: pd.DataFrame, case: Case) -> Values:
    return {"median": DescrStatsW(data.x, weights=data.weight).quantile(0.5, return_pandas=False)[0]}


def logit(data: pd.DataFrame, case: Case) -> Values:
    model = smf.logit("y ~ medium + small", data).fit(disp=0, cov_type="HC1")
    return shown(model)


def glm(data: pd.DataFrame, case: Case) -> Values:
    return shown(smf.glm("y ~ medium + small", data, family=sm.families.Binomial()).fit(cov_type="HC1"))


def shown(model: Any) -> Values:
    return {
        "medium": model.params["medium"],
        "std. error of medium": model.bse["medium"],
        "small": model.params["small"],
    }


def gap(data: pd.DataFrame, case: Case) -> Values:
    return {"estimate": smf.logit("y ~ scale(x, ddof=1)", data).fit(disp=0).params.iloc[-1]}


def holm(data: pd.DataFrame, case: Case) -> Values:
    found = multitest.multipletests(data.p, method="holm")[1]
    return {"first": found[0], "missing": found[1], "third": found[2], "fourth": found[3]}


def table(data: pd.DataFrame, case: Case) -> Values:
    return {"p": Table(pd.crosstab(data.group, data.y), shift_zeros=False).test_nominal_association().pvalue}


CLOGIT = "plain all_up all_up_copied weighted_separated noise against_1e-9 near_separated"
CLOGIT += " tiny_scale huge_scale years weights"
CALLS = {
    **{key: [("ConditionalLogit.fit", clogit)] for key in CLOGIT.split()},
    "few_clusters": [("ConditionalLogit.fit(cov_type='cluster').wald_test", joint)],
    "zero_weights": [("WLS, HC1", weighted_change)],
    "nobody_changed": [("WLS, HC1", weighted_change)],
    "three_up": [("ols with unit effects, clustered", within)],
    "zero_of_20": [
        ("proportion_confint", lambda d, c: interval(d, c, "normal")),
        ("proportion_confint(method='beta')", lambda d, c: interval(d, c, "beta")),
    ],
    "15_20_2_2": [("proportions_ztest", z_test), ("test_proportions_2indep", two_shares)],
    "0_20_20_20": [("proportions_ztest", z_test), ("test_proportions_2indep", two_shares)],
    "perfect_table": [("Table.test_nominal_association", table)],
    "median": [("DescrStatsW.quantile", median)],
    "all_yes": [("logit", logit), ("glm", glm)],
    "gap": [("logit", gap)],
    "missing_p": [("multipletests", holm)],
}
