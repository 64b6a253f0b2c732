"""Design-based regression: logistic and linear, with sandwich variance, Wald tests, and limits where data separate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray
from scipy import special

from evalkit.errors import DataError, MethodError, nearest, one_of
from evalkit.estimates import core
from evalkit.estimates.formula import columns_named, complete_rows
from evalkit.numerics import intervals
from evalkit.numerics.glm import Fit, fit
from evalkit.numerics.glm_firth import fit_firth
from evalkit.numerics.logit_limit import FINITE, MINUS, PLUS, UNDETERMINED, Limit, limit
from evalkit.numerics.replication import deviations
from evalkit.weights import Design
from evalkit.weights.design import kish

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
    limit : where the outcome is separated, what the likelihood tends to.
    note : what is infinite, approximate, or without standard errors, and why.
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
    limit: Limit | None = None
    note: str = ""

    @property
    def separated(self) -> tuple[str, ...]:
        """Coefficients that are ±∞, or undetermined: the difference of two infinite ones."""
        return () if self.limit is None else tuple(self.names[i] for i in np.flatnonzero(self.limit.status != FINITE))

    @cached_property
    def params(self) -> pd.Series:
        import pandas as pd

        return pd.Series(np.where(self.fit.kept, self.fit.params, np.nan), index=list(self.names), name="estimate")

    @cached_property
    def cov(self) -> pd.DataFrame:
        """Sandwich covariance of the coefficients (Binder 1983); NaN for those that are not finite."""
        import pandas as pd

        cov = self.deviations.T @ self.deviations
        lost = ~self.fit.kept | ~np.isfinite(self.fit.params) | (not self.fit.converged)
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

        `terms` are coefficients' names, or variables of the formula whose coefficients all count; NaN where one of them
        is not finite.
        """
        import pandas as pd

        at = [i for term in terms for i in self._columns(term) if self.fit.kept[i]]
        if not at:
            raise MethodError("no coefficient to test", got=", ".join(terms))
        beta, cov = self.params.to_numpy()[at], self.cov.to_numpy()[np.ix_(at, at)]
        q = len(at)
        known = np.isfinite(cov).all()
        value = float(beta @ np.linalg.solve(cov, beta)) / q if known else float("nan")
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


def regression(
    design: Design, formula: str, *, family: Family = "logistic", penalty: Literal["firth"] | None = None
) -> Regression:
    """Regression of a population, estimated from a design (Binder 1983; svyglm in R's survey).

    Parameters
    ----------
    formula : by formulaic, such as "plan ~ size + C(centrality)"; logistic takes a 0/1 outcome.
    family : logistic (quasi-binomial) or linear.
    penalty : "firth" is penalised likelihood (Firth 1993), finite where the outcome is separated. Its standard errors
        are the model's, the inverse information: of unweighted answers logistf's in R; where weights differ they are
        scaled to their effective n (Kish), which is an approximation. `note` says so.

    Returns
    -------
    Regression : params, cov, std_errors, tstats (t), pvalues, frame(), wald(terms). Rows with a missing value are
        outside the domain and counted in `missing`. Where the outcome is separated the coefficients it concerns are
        ±∞ without standard errors and named in `separated`; the others are those of the limit (Konis 2007), with the
        sandwich of the rows that are not fitted without error. `note` says so.

    Raises
    ------
    MethodError : an outcome that is not 0/1, a formula that cannot be read, no rows, a penalty that the design or the
        family cannot use.
    DataError : a covariate that is not finite.
    """
    if family not in get_args(Family):
        raise MethodError("unknown family", expected=one_of(get_args(Family)), got=repr(family))
    _check_penalty(design, family, penalty)
    y, x, names, spec, there = _matrices(design.data, formula, family)
    weights = design.weights.to_numpy()
    if (weights < 0).any():
        mend = "calibrate with method='logit' or 'truncated'"
        raise MethodError("regression needs weights from 0", got=f"{int((weights < 0).sum())} negative", mend=mend)
    used = weights[there]
    domains = core.Domains(design, there[:, None])
    limited = None
    if penalty is not None:
        fitted = fit_firth(x, y, used * kish(used) / used.sum())
        spread = _root(fitted.bread)
    else:
        fitted, limited = _fitted(x, y, used / used.mean(), family)
        spread = _spread(design, x, y, there, fitted, limited, family)
    df = float(domains.df[0]) + 1 - int(fitted.kept.sum())
    note = _note(names, used, fitted, limited, penalty, family)
    if limited is None and fitted.converged and np.isnan(spread[:, fitted.kept]).any():
        note = note or "clusters that are all alike, or a single one, tell no standard error"
    missing = int((~there).sum())
    return Regression(formula, family, design, names, fitted, x, spec, spread, df, domains, missing, limited, note)


def _check_penalty(design: Design, family: Family, penalty: str | None) -> None:
    if penalty not in (None, "firth"):
        raise MethodError("unknown penalty", expected='"firth" or None', got=repr(penalty))
    if penalty is None:
        return
    if family != "logistic":
        raise MethodError("Firth's penalty is for a logistic regression", got=f"family={family!r}")
    if design.clustered or design.replicates is not None:
        mend = "leave the penalty out, or give the answers as a design without clusters and replicates"
        raise MethodError("Firth's penalty knows no clusters and no replicate weights", got=repr(design), mend=mend)


def _fitted(x: Floats, y: Floats, weights: Floats, family: Family) -> tuple[Fit, Limit | None]:
    """The fit, and the limit where the outcome is separated; a linear fit without error tells no spread."""
    if family == "linear":
        found = fit(x, y, weights, logistic=False)
        none = np.abs(y - found.fitted)[weights > 0].max(initial=0.0) <= 1e-9 * np.abs(y).max(initial=0.0)
        return (replace(found, converged=False) if none else found), None
    found = fit(x, y, weights, logistic=True)
    near = found.slope[weights > 0].min(initial=1.0) < 1e-6  # fitted as good as without error: a flight, or a far value
    limited = limit(x, y, weights) if near or not found.converged else None
    if limited is not None:
        return limited.fit, limited
    return (found if found.converged else fit(x, y, weights, logistic=True, most=np.inf)), None


def _spread(
    design: Design,
    x: Floats,
    y: Floats,
    there: NDArray[np.bool_],
    fitted: Fit,
    limited: Limit | None,
    family: Family,
) -> Floats:
    """Deviations (m, k) whose cross-product is the sandwich covariance of the coefficients."""
    used = design.weights.to_numpy()[there]
    influence = np.zeros((design.n, x.shape[1]))
    influence[there] = (x * (y - fitted.fitted)[:, None]) @ fitted.bread / used.mean()
    if design.replicates is None:
        zero = np.repeat(there[:, None], x.shape[1], axis=1)
        return _told(design, there, influence, core.estimate(design, influence, None, zero).deviations)
    array = np.asarray(design.replicates.weights)[there]
    back, full, rows = np.eye(x.shape[1]), fitted.params, np.ones(len(y), dtype=bool)
    if limited is not None and not len(limited.free):
        return np.zeros((1, x.shape[1]))
    if limited is not None:
        back, full, rows = limited.back, limited.free, limited.on_plane
        x = limited.open_columns(x)
    replicated = np.stack([_refit(x[rows], y[rows], column[rows], family) for column in array.T])
    spread = deviations(replicated, full, design.replicates.multipliers, design.replicates.mse) @ back.T
    return _told(design, there, influence, spread)


def _told(design: Design, there: NDArray[np.bool_], influence: Floats, spread: Floats) -> Floats:
    """The deviations, NaN where clusters (or strata) that are all alike, or a single one, tell no variance."""
    domains = core.Domains(design, there[:, None])
    own = np.sqrt(((influence * design.weights.to_numpy()[:, None]) ** 2).sum(axis=0))
    alike = (np.sqrt((spread**2).sum(axis=0)) <= 1e-9 * own) & (own > 0) & (not design.projections)
    return np.where((alike | (domains.df < 1)) & ~domains.all_answered, np.nan, spread)


def _note(
    names: tuple[str, ...],
    used: Floats,
    fitted: Fit,
    limited: Limit | None,
    penalty: str | None,
    family: Family,
) -> str:
    if not fitted.converged:
        why = "not converged" if family == "logistic" else "every outcome is fitted without error"
        return f"{why}: no standard errors"
    if penalty is not None:
        known = "without strata, calibration and finite population correction"
        model = f"penalised likelihood (Firth): standard errors are the model's, {known}"
        same = np.allclose(used, used[0])
        return model if same else f"{model}; an approximation, with weights scaled to their effective n"
    if limited is None:
        return ""
    ends = {PLUS: "+∞", MINUS: "−∞", UNDETERMINED: "undetermined"}
    found = [f"{name} {ends[int(s)]}" for name, s in zip(names, limited.status) if s != FINITE]
    return (
        f"separation: some combination of terms gives the outcome, so {', '.join(found)}; the others are those of the "
        'limit (Konis 2007). regression(penalty="firth") is finite in all'
    )


def _root(bread: Floats) -> Floats:
    """(k, k) whose cross-product is `bread`; by columns of one size, so that no unit of measurement drowns another."""
    size = np.sqrt(np.diag(bread))
    scale = np.where(size > 0, size, 1.0)
    sizes, vectors = np.linalg.eigh(bread / np.outer(scale, scale))
    return np.sqrt(np.maximum(sizes, 0.0))[:, None] * vectors.T * scale


def _refit(x: Floats, y: Floats, weights: Floats, family: Family) -> Floats:
    used = weights > 0
    found, limited = _fitted(x[used], y[used], weights[used] / weights[used].mean(), family)
    good = limited is None and (found.converged or family == "linear") and found.kept.all()
    return found.params if good else np.full(x.shape[1], np.nan)


def _matrices(
    data: pd.DataFrame, formula: str, family: Family
) -> tuple[Floats, Floats, tuple[str, ...], Any, NDArray[np.bool_]]:
    import pandas as pd
    from formulaic import Formula
    from formulaic.errors import FormulaicError

    numbered = data.reset_index(drop=True)
    try:
        parsed = Formula(formula)
        named = [*columns_named(parsed.lhs, data.columns), *columns_named(parsed.rhs, data.columns)]
        there = complete_rows(numbered, [name for name in named if name in numbered.columns])
        if not there.any():
            raise MethodError("no rows without missing values", where=formula)
        with np.errstate(all="ignore"):  # what is not finite is refused below, with its place
            matrices = parsed.get_model_matrix(numbered[there], na_action="ignore")
        left, right = pd.DataFrame(matrices.lhs), pd.DataFrame(matrices.rhs)
    except (FormulaicError, AttributeError) as error:
        reason = str(error).splitlines()[0] if str(error) else "no outcome"
        raise MethodError("the formula cannot be read with these data", where=formula, got=reason) from error
    y, x = left.to_numpy(dtype=float), right.to_numpy(dtype=float)
    if y.shape[1] != 1 or (family == "logistic" and not np.isin(y, (0.0, 1.0)).all()):
        raise MethodError("the outcome must be one 0/1 column", where=formula, got=", ".join(map(str, left.columns)))
    for part, values in ((right, x), (left, y)):
        if not np.isfinite(values).all():
            row, column = np.argwhere(~np.isfinite(values))[0]
            at = data.index[np.flatnonzero(there)[row]]
            raise DataError("a value is not finite", where=f"{part.columns[column]}, row {at}", got=values[row, column])
    return y[:, 0], x, tuple(map(str, right.columns)), matrices.rhs.model_spec, there
