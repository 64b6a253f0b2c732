"""Adjusted group differences: what each group would answer if all had everyone's covariates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from evalkit.errors import MethodError, one_of
from evalkit.estimates import core
from evalkit.estimates.regression import Family, Regression, regression
from evalkit.numerics import intervals
from evalkit.weights import Design

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]


def adjusted(
    design: Design,
    y: str,
    *,
    by: str,
    covariates: Sequence[str],
    family: Family = "logistic",
    reference: Any = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Adjusted group differences: predictive margins of each group less the reference's (Korn & Graubard 1999, 3.7).

    Everyone is given each group in turn, their covariates as they are; the mean predicted share or mean is the group's
    margin. The variance takes the sampling of coefficients and of covariates together.

    Returns
    -------
    DataFrame : by (the group compared), then as `difference`; attrs["margins"] holds each group's own margin. Where
        the outcome is separated a margin is its limit; a difference with a margin that some are at 0 or 1 in has no
        standard error, for the sandwich knows none there, and attrs["notes"] says so.
    """
    core.check_level(level)
    core.require(design.data, [y, by, *covariates])
    terms = " + ".join([f"C(`{by}`)", *(f"`{name}`" for name in covariates)])
    model = regression(design, f"`{y}` ~ {terms}", family=family)
    there = model.domains.mask[:, 0]
    groups = [key[0] for key in core.groups_of(design.data.loc[there], by).keys]
    chosen = groups[0] if reference is None else reference
    if chosen not in groups:
        raise MethodError(f"{chosen!r} is no group of {by!r}", expected=one_of(groups), got=repr(chosen))
    margins, spread, certain = _margins(model, design, by, groups, there)
    at = groups.index(chosen)
    others = [i for i in range(len(groups)) if i != at]
    gap, moved = margins[others] - margins[at], spread[:, others] - spread[:, [at]]
    member = np.stack([design.data[by].isin([groups[i], chosen]).to_numpy() & there for i in others], axis=1)
    error = np.sqrt(np.einsum("ij,ij->j", moved, moved)) + (0.0 if model.fit.converged else np.nan)
    error[certain[others] | certain[at]] = np.nan
    df = np.full(len(others), model.df)
    found = core.Estimated(gap, moved, core.Domains(design, member), np.zeros(member.shape), None)
    p = intervals.nil_pvalue(gap, error, df)
    ends = intervals.wald(gap, error, df, level)
    frame = core.result({by: [groups[i] for i in others]}, found, ends, level, df=df, missing=model.missing, p_value=p)
    frame["std_error"] = error
    frame.attrs["notes"] += tuple((i, model.note) for i in range(len(others)) if model.note)
    frame.attrs |= {"reference": chosen, "margins": dict(zip(groups, margins.tolist())), "formula": model.formula}
    return frame


def _margins(
    model: Regression, design: Design, by: str, groups: list[Any], there: NDArray[np.bool_]
) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Predictive margins (g,), deviations (m, g) of their joint covariance, and where some are fitted without error."""
    weights = design.weights.to_numpy()[there]
    data = design.data.loc[there].reset_index(drop=True)
    beta = np.where(model.fit.kept, model.fit.params, 0.0)
    margins, certain = np.zeros(len(groups)), np.zeros(len(groups), dtype=bool)
    direct = np.zeros((design.n, len(groups)))
    slopes = np.zeros((len(beta), len(groups)))
    for i, group in enumerate(groups):
        column = data[by].copy()
        column[:] = group
        x = np.asarray(model.spec.get_model_matrix(data.assign(**{by: column})), dtype=float)
        if model.limit is not None:
            mu, slope = model.limit.predict(x)
            certain[i] = (slope == 0).any()
        else:
            mu = special.expit(x @ beta) if model.family == "logistic" else x @ beta
            slope = mu * (1 - mu) if model.family == "logistic" else np.ones_like(mu)
        margins[i] = weights @ mu / weights.sum()
        direct[there, i] = (mu - margins[i]) / weights.sum()
        slopes[:, i] = (x * slope[:, None]).T @ weights / weights.sum()
    if design.replicates is not None:
        mend = "use the design before replicate(), or replicated()"
        raise MethodError("adjusted differences take their variance by linearisation", got=repr(design), mend=mend)
    mask = np.repeat(there[:, None], len(groups), axis=1)
    return margins, model.deviations @ slopes + core.estimate(design, direct, None, mask).deviations, certain
