"""Design-based regression: logistic and linear, with sandwich variance, Wald tests and adjusted group differences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray
from scipy import special

from evalkit.errors import MethodError, nearest, one_of
from evalkit.estimates import core
from evalkit.numerics import intervals
from evalkit.numerics.glm import Fit, fit
from evalkit.numerics.replication import deviations
from evalkit.weights import Design

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Family = Literal["logistic", "linear"]


@dataclass(frozen=True)
class Regression:
    """A fitted design-based regression.

    Attributes
    ----------
    names : terms of the model matrix.
    fit : the weighted fit.
    deviations : (m, k) whose cross-product is the covariance of the coefficients.
    df : clusters − strata + 1 − coefficients, as svyglm in R's survey.
    domains : the rows that were used.
    note : why there are no standard errors, where there are none.
    """

    formula: str
    family: Family
    design: Design
    names: tuple[str, ...]
    fit: Fit
    x: Floats
    spec: Any
    deviations: Floats
    df: float
    domains: core.Domains
    missing: int
    note: str = ""

    @cached_property
    def params(self) -> pd.Series:
        import pandas as pd

        return pd.Series(np.where(self.fit.kept, self.fit.params, np.nan), index=list(self.names), name="estimate")

    @cached_property
    def cov(self) -> pd.DataFrame:
        """Sandwich covariance of the coefficients (Binder 1983)."""
        import pandas as pd

        cov = self.deviations.T @ self.deviations
        lost = ~self.fit.kept if not self.note else np.ones(len(self.names), dtype=bool)
        cov[lost, :], cov[:, lost] = np.nan, np.nan
        return pd.DataFrame(cov, index=list(self.names), columns=list(self.names))

    @property
    def std_errors(self) -> pd.Series:
        import pandas as pd

        return pd.Series(np.sqrt(np.diag(self.cov)), index=list(self.names), name="std_error")

    @property
    def tstats(self) -> pd.Series:
        """t statistics."""
        return (self.params / self.std_errors).rename("tstats")

    @property
    def pvalues(self) -> pd.Series:
        import pandas as pd

        values = intervals.t_pvalue(self.tstats.to_numpy(), np.full(len(self.names), self.df))
        return pd.Series(values, index=list(self.names), name="p_value")

    def frame(self, level: float = 0.95) -> pd.DataFrame:
        """Tidy frame: term, estimate, std_error, ci_low, ci_high, df, n, sum_weights, n_effective, p_value."""
        import pandas as pd

        core.check_level(level)
        low, high = intervals.wald(self.params.to_numpy(), self.std_errors.to_numpy(), np.array(self.df), level)
        frame = pd.DataFrame(
            {
                "term": list(self.names),
                "estimate": self.params.to_numpy(),
                "std_error": self.std_errors.to_numpy(),
                "ci_low": low,
                "ci_high": high,
                "df": self.df,
                "n": int(self.domains.n[0]),
                "sum_weights": float(self.domains.sum_weights[0]),
                "n_effective": float(self.domains.n_effective[0]),
                "p_value": self.pvalues.to_numpy(),
            }
        )
        frame.attrs |= {"level": level, "missing": self.missing, "notes": (self.note,) if self.note else ()}
        return frame

    def wald(self, terms: Sequence[str]) -> pd.DataFrame:
        """Joint test that the coefficients of `terms` are nil: F on their number and `df` (regTermTest in R's survey).

        `terms` are coefficients' names, or variables of the formula whose coefficients all count.
        """
        import pandas as pd

        at = [i for term in terms for i in self._columns(term) if self.fit.kept[i]]
        if not at:
            raise MethodError("no coefficient to test", got=", ".join(terms))
        beta, cov = self.params.to_numpy()[at], self.cov.to_numpy()[np.ix_(at, at)]
        q = len(at)
        value = float(beta @ np.linalg.solve(cov, beta)) / q if not self.note else float("nan")
        p = float(special.fdtrc(q, self.df, value)) if self.df > 0 else float("nan")
        row = {
            "terms": ", ".join(terms),
            "statistic": "F",
            "value": value,
            "df_num": q,
            "df_den": self.df,
            "p_value": p,
        }
        return pd.DataFrame([row])

    def _columns(self, term: str) -> list[int]:
        if term in self.names:
            return [self.names.index(term)]
        found = [i for t, where in self.spec.term_indices.items() if str(t) == term for i in where]
        if not found:
            known = [*self.names, *(str(t) for t in self.spec.term_indices)]
            guess = nearest(term, known)
            mend = f"did you mean {guess!r}?" if guess else None
            raise MethodError(f"no term {term!r} in the model", expected=one_of(dict.fromkeys(known)), mend=mend)
        return found


def regression(design: Design, formula: str, *, family: Family = "logistic") -> Regression:
    """Regression of a population, estimated from a design (Binder 1983; svyglm in R's survey).

    Parameters
    ----------
    formula : by formulaic, such as "plan ~ size + C(centrality)"; logistic takes a 0/1 outcome.
    family : logistic (quasi-binomial) or linear.

    Returns
    -------
    Regression : params, cov, std_errors, tstats (t), pvalues, frame(), wald(terms). Rows with a missing value are
        outside the domain. Not converged (a separated outcome): standard errors are missing and `note` says so.

    Raises
    ------
    MethodError : an outcome that is not 0/1, a formula that cannot be read, no rows.
    """
    if family not in get_args(Family):
        raise MethodError("unknown family", expected=one_of(get_args(Family)), got=repr(family))
    y, x, names, spec, there = _matrices(design.data, formula, family)
    weights = design.weights.to_numpy()
    if (weights < 0).any():
        mend = "calibrate with method='logit' or 'truncated'"
        raise MethodError("regression needs weights from 0", got=f"{int((weights < 0).sum())} negative", mend=mend)
    used = weights[there]
    fitted = fit(x, y, used / used.mean(), logistic=family == "logistic")
    influence = np.zeros((design.n, x.shape[1]))
    influence[there] = (x * (y - fitted.fitted)[:, None]) @ fitted.bread / used.mean()
    mask = there[:, None]
    if design.replicates is None:
        zero = np.repeat(mask, x.shape[1], axis=1)
        spread = core.estimate(design, influence, None, zero).deviations
    else:
        array = np.asarray(design.replicates.weights)[there]
        replicated = np.stack([_refit(x, y, column, family) for column in array.T])
        spread = deviations(replicated, fitted.params, design.replicates.multipliers, design.replicates.mse)
    domains = core.Domains(design, mask)
    df = float(domains.df[0]) + 1 - int(fitted.kept.sum())
    note = "" if fitted.converged else "not converged: some combination of terms gives the outcome (separation)"
    missing = int((~there).sum())
    return Regression(formula, family, design, names, fitted, x, spec, spread, df, domains, missing, note)


def _refit(x: Floats, y: Floats, weights: Floats, family: Family) -> Floats:
    used = weights > 0
    found = fit(x[used], y[used], weights[used] / weights[used].mean(), logistic=family == "logistic")
    return found.params if found.converged and found.kept.all() else np.full(x.shape[1], np.nan)


def _matrices(
    data: pd.DataFrame, formula: str, family: Family
) -> tuple[Floats, Floats, tuple[str, ...], Any, NDArray[np.bool_]]:
    import pandas as pd
    from formulaic import Formula
    from formulaic.errors import FormulaicError

    numbered = data.reset_index(drop=True)
    try:
        parsed = Formula(formula)
        matrices = parsed.get_model_matrix(numbered, na_action="drop")
        left, right = pd.DataFrame(matrices.lhs), pd.DataFrame(matrices.rhs)
    except (FormulaicError, AttributeError) as error:
        reason = str(error).splitlines()[0] if str(error) else "no outcome"
        raise MethodError("the formula cannot be read with these data", where=formula, got=reason) from error
    there = np.zeros(len(data), dtype=bool)
    there[right.index.to_numpy()] = True
    y = left.to_numpy(dtype=float)
    if len(y) == 0:
        raise MethodError("no rows without missing values", where=formula)
    if y.shape[1] != 1 or (family == "logistic" and not np.isin(y, (0.0, 1.0)).all()):
        raise MethodError("the outcome must be one 0/1 column", where=formula, got=", ".join(map(str, left.columns)))
    return y[:, 0], right.to_numpy(dtype=float), tuple(map(str, right.columns)), matrices.rhs.model_spec, there


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
    DataFrame : by (the group compared), then as `difference`; attrs["margins"] holds each group's own margin.
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
    margins, spread = _margins(model, design, by, groups, there)
    at = groups.index(chosen)
    others = [i for i in range(len(groups)) if i != at]
    gap, moved = margins[others] - margins[at], spread[:, others] - spread[:, [at]]
    member = np.stack([design.data[by].isin([groups[i], chosen]).to_numpy() & there for i in others], axis=1)
    error = np.sqrt(np.einsum("ij,ij->j", moved, moved)) + (np.nan if model.note else 0.0)
    df = np.full(len(others), model.df)
    found = core.Estimated(gap, moved, core.Domains(design, member), np.zeros(member.shape), None)
    p = intervals.nil_pvalue(gap, error, df)
    ends = intervals.wald(gap, error, df, level)
    frame = core.result({by: [groups[i] for i in others]}, found, ends, level, df=df, missing=model.missing, p_value=p)
    frame["std_error"] = error
    frame.attrs |= {"reference": chosen, "margins": dict(zip(groups, margins.tolist())), "formula": model.formula}
    return frame


def _margins(
    model: Regression, design: Design, by: str, groups: list[Any], there: NDArray[np.bool_]
) -> tuple[Floats, Floats]:
    """Predictive margin of each group, and deviations (m, groups) of their joint covariance."""
    weights = design.weights.to_numpy()[there]
    data = design.data.loc[there].reset_index(drop=True)
    beta = np.where(model.fit.kept, model.fit.params, 0.0)
    margins = np.zeros(len(groups))
    direct = np.zeros((design.n, len(groups)))
    slopes = np.zeros((len(beta), len(groups)))
    for i, group in enumerate(groups):
        column = data[by].copy()
        column[:] = group
        x = np.asarray(model.spec.get_model_matrix(data.assign(**{by: column})), dtype=float)
        eta = x @ beta
        mu = special.expit(eta) if model.family == "logistic" else eta
        slope = mu * (1 - mu) if model.family == "logistic" else np.ones_like(mu)
        margins[i] = weights @ mu / weights.sum()
        direct[there, i] = (mu - margins[i]) / weights.sum()
        slopes[:, i] = (x * slope[:, None]).T @ weights / weights.sum()
    if design.replicates is not None:
        mend = "use the design before replicate(), or replicated()"
        raise MethodError("adjusted differences take their variance by linearisation", got=repr(design), mend=mend)
    mask = np.repeat(there[:, None], len(groups), axis=1)
    return margins, model.deviations @ slopes + core.estimate(design, direct, None, mask).deviations
