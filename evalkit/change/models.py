"""The rows of conditional logits: coefficients, fit, the test of each pair of models, and what is infinite."""

from __future__ import annotations

import math
import re
from itertools import combinations
from typing import TYPE_CHECKING, Any

from evalkit.change.exhibits import outcomes
from evalkit.errors import MethodError
from evalkit.estimates.exhibits import Rows
from evalkit.panel.harmonise import Panel
from evalkit.study.model import ConditionalLogit

if TYPE_CHECKING:
    import pandas as pd

    from evalkit.change import ConditionalLogit as Fit

STATISTICS = ("minus_2_log_likelihood", "n_groups", "n_groups_used", "nobs", "likelihood_ratio")
"""Rows of a model that are not terms."""

FACTOR = re.compile(r"C\((\w+)\)\[T\.(.*?)\](?=:C\(|$)")


def conditional_logit_rows(panel: Panel, spec: ConditionalLogit) -> tuple[Rows, dict[str, Any]]:
    """Every model's coefficients (log odds), its −2 log-likelihood and counts, and the test of each pair of models.

    A separated coefficient is ±infinite, has no standard error, and the finite end of its profile interval.
    """
    import pandas as pd

    from evalkit.change import compare, conditional_logit

    data = outcomes(panel, spec.item)
    fits = [conditional_logit(formula, data, group="unit") for formula in spec.models]
    rows = [row for number, fit in enumerate(fits, 1) for row in _model_rows(str(number), fit)]
    comparisons = []
    for (i, small), (j, large) in combinations(enumerate(fits, 1), 2):
        test = compare(small, large)
        numbers = {"df": test.df, "p_value": test.pvalue}
        rows.append({"item": f"{j}-{i}", "category": "likelihood_ratio", "estimate": test.statistic, **numbers})
        beside = {"exact_p_value": _finite(test.exact_pvalue), "firth_p_value": _finite(test.firth_pvalue)}
        comparisons.append(
            {"small": i, "large": j, "statistic": test.statistic, **numbers, **beside, "note": test.note}
        )
    table = pd.DataFrame(rows).assign(wave="latest", by="", group="all", weighting="unweighted")
    facts = {
        "terms": {term: FACTOR.findall(term) for fit in fits for term in fit.params.index},
        "first": data["wave"].cat.categories[0],
        "reference": _reference(fits, data),
        "formulas": list(spec.models),
        "models": {str(number): _counts(fit) for number, fit in enumerate(fits, 1)},
        "comparisons": comparisons,
        "separated": [row for number, fit in enumerate(fits, 1) for row in _separated(str(number), fit, data)],
    }
    return Rows(table, fits[0].n_groups_used), facts


def _counts(fit: Fit) -> dict[str, float]:
    """Fit and size of a model: units with two answers or more, those of them that changed, and their rows."""
    return {
        "minus_2_log_likelihood": -2 * fit.loglik,
        "n_groups": fit.n_groups_paired,
        "n_groups_used": fit.n_groups_used,
        "nobs": fit.nobs,
    }


def _model_rows(number: str, fit: Fit) -> list[dict[str, Any]]:
    interval, n = fit.conf_int(), fit.n_groups_used
    profile = fit.conf_int(method="profile") if len(fit.separated) else interval
    rows = []
    for term in fit.params.index:
        low, high = (profile if term in fit.separated else interval).loc[term]
        cells = {"estimate": fit.params[term], "std_error": fit.std_errors[term], "ci_low": low, "ci_high": high}
        rows.append({"item": number, "category": term, **cells, "p_value": fit.pvalues[term], "n": n})
    return rows + [
        {"item": number, "category": name, "estimate": value, "n": n} for name, value in _counts(fit).items()
    ]


def _separated(number: str, fit: Fit, data: pd.DataFrame) -> list[dict[str, Any]]:
    """What can be said of each infinite coefficient: the finite profile limit, exact inference, and Firth's estimate.

    None stands for a limit that is infinite, and for exact inference that cannot be had (`note` says why).
    """
    from evalkit.change import conditional_logit, exact_conditional

    if not fit.separated:
        return []
    firth = conditional_logit(fit.formula, data, group=fit.group, penalty="firth")
    firth_interval = firth.conf_int(method="profile")
    profile = fit.conf_int(method="profile")
    found = []
    for term in fit.separated:
        row: dict[str, Any] = {"model": number, "term": term, "sign": 1 if fit.params[term] > 0 else -1}
        row |= {"profile": [_finite(limit) for limit in profile.loc[term]]}
        row |= {"firth": _finite(firth.params[term]), "firth_interval": [_finite(v) for v in firth_interval.loc[term]]}
        try:
            exact = exact_conditional(fit.formula, data, group=fit.group, terms=term)
            row |= {"median_unbiased": _finite(exact.estimate), "exact": [_finite(v) for v in exact.conf_int]}
            row |= {"exact_p_value": _finite(exact.pvalue), "note": exact.note}
        except MethodError as error:
            row |= {"median_unbiased": None, "exact": [None, None], "exact_p_value": None, "note": error.what}
        found.append(row)
    return found


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _reference(fits: list[Fit], data: pd.DataFrame) -> dict[str, str] | None:
    """The group that interaction terms compare with, of each division that a formula has; None without them."""
    crossed = [name for name in data if any(f"C({name})" in fit.formula for fit in fits) and name != "wave"]
    first = {name: min(data[name].dropna(), key=list(data[name].cat.categories).index) for name in crossed}
    return first or None
