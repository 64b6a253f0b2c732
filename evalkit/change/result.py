"""What a conditional logit says: estimates, intervals, tests, and what was left out and why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from evalkit.change.robust import at_effective_size, effective_clusters, rank, sandwich, separating
from evalkit.change.sample import Sample
from evalkit.errors import MethodError, nearest
from evalkit.numerics import firth
from evalkit.numerics.fitting import Fit, interval, profile, score_statistic
from evalkit.numerics.patterns import Floats
from evalkit.numerics.separation import FINITE, MINUS, PLUS, UNDETERMINED


@dataclass(frozen=True)
class Test:
    """A test of one or more coefficients: statistic, degrees of freedom, p-value and, where needed, a reservation."""

    __test__ = False  # not a test case of pytest's

    name: str
    statistic: float
    df: int
    pvalue: float
    note: str = ""


def chi_square(name: str, statistic: float, df: int, note: str = "") -> Test:
    """A test whose statistic is referred to the chi-square distribution with `df` degrees of freedom."""
    from scipy.special import chdtrc

    return Test(name, float(statistic), df, float(chdtrc(df, statistic)) if df else 1.0, note)


@dataclass(frozen=True)
class ConditionalLogit:
    """A fitted conditional logit.

    Attributes
    ----------
    params : log odds ratios by name; ±∞ where separated, NaN where the difference of two infinite effects.
    cov, std_errors : inverse information, or the sandwich (`cov_type`); NaN for coefficients that are not finite.
    loglik, loglik_null : log-likelihood at the estimate (its least upper bound under separation) and at zero.
    nobs, n_groups_used : rows and units that changed, which alone determine the estimate.
    n_groups : units in the data. n_groups_paired : units with two or more complete rows, changed or not.
    dropped : frame why, groups, rows. omitted : column → why. separated : names without a finite estimate.
    converged : whether the maximum was reached; certified : whether it is proven to be one (Bach 2010).
    loglik_penalised : log-likelihood + ½ log |I| (penalty="firth"), else NaN.
    """

    formula: str
    group: str
    params: pd.Series
    cov: pd.DataFrame
    cov_type: str
    penalty: str | None
    loglik: float
    loglik_null: float
    loglik_penalised: float
    nobs: int
    n_groups: int
    n_groups_paired: int
    n_groups_used: int
    dropped: pd.DataFrame
    omitted: dict[str, str]
    separated: tuple[str, ...]
    converged: bool
    certified: bool
    weighted: bool
    _fit: Fit = field(repr=False)
    _sample: Sample = field(repr=False)

    @property
    def std_errors(self) -> pd.Series:
        """Square roots of the diagonal of `cov`."""
        return pd.Series(np.sqrt(np.diag(self.cov)), index=self.params.index, name="std_error")

    @property
    def tstats(self) -> pd.Series:
        """Estimate over standard error: standard normal in large samples, not Student's t."""
        return (self.params.where(np.isfinite(self.params)) / self.std_errors).rename("tstat")

    @property
    def pvalues(self) -> pd.Series:
        """Two-sided p-values of `tstats`; NaN for coefficients that are not finite (see `lr_pvalues`)."""
        from scipy.special import ndtr

        return pd.Series(2 * ndtr(-np.abs(self.tstats.to_numpy())), index=self.params.index, name="pvalue")

    @property
    def df(self) -> int:
        """Identified directions of the model, separated ones included."""
        return len(self.params)

    def conf_int(self, level: float = 0.95, method: str = "wald") -> pd.DataFrame:
        """Confidence limits, columns ci_low and ci_high.

        Parameters
        ----------
        level : between 0 and 1.
        method : "wald" (estimate ± z · standard error; NaN for coefficients that are not finite) or "profile" (where
            twice the drop of the profile log-likelihood reaches the chi-square quantile; one limit is infinite for a
            separated coefficient). With a sandwich variance the drop is divided by the ratio of the sandwich to
            the inverse information (Lumley & Scott 2014). At infinity there is no sandwich: the units that send a
            coefficient there count as (Σw)²/Σw² of their clusters, w summed within each (Kish 1965), without a
            finite population correction.
        """
        if not 0 < level < 1:
            raise MethodError("The level is not between 0 and 1.", where="conf_int", got=level, mend="give 0.95, say")
        if method not in ("wald", "profile"):
            raise MethodError(
                "There is no such interval.", where="conf_int", expected='"wald" or "profile"', got=repr(method)
            )
        from scipy.special import ndtri

        z = float(ndtri(0.5 + level / 2))
        if method == "profile":
            rows = [self._profile_interval(j, z) for j in range(self.df)]
        else:
            finite = self.params.where(np.isfinite(self.params))
            rows = list(zip(finite - z * self.std_errors, finite + z * self.std_errors))
        return pd.DataFrame(rows, index=self.params.index, columns=["ci_low", "ci_high"])

    def _profile_interval(self, j: int, z: float) -> tuple[float, float]:
        status = int(self._fit.status[j])
        if status == UNDETERMINED:
            return -np.inf, np.inf
        finite = status == FINITE
        error = float(self.std_errors.iloc[j])
        if finite and error == 0:  # everyone was asked
            return float(self.params.iloc[j]), float(self.params.iloc[j])
        centre, step = (float(self.params.iloc[j]), z * error) if finite else (0.0, 1.0 / self._size(j))
        if not self.converged or not np.isfinite(step):
            return np.nan, np.nan
        at, top, inflation = self._profile(j)
        return interval(at, top, centre, step, z * z / 2 * inflation, (status != MINUS, status != PLUS))

    def _profile(self, j: int) -> tuple[Callable[[float], float], float, float]:
        """Profile of a coefficient, its top, and how much larger its drops are than those of independent units."""
        if self.penalty is not None:
            return firth.profile(self._fit, j), self.loglik_penalised, 1.0
        if self.cov_type == "information":
            return profile(self._fit, j), self.loglik, 1.0
        if self._fit.status[j] == FINITE:
            return profile(self._fit, j), self.loglik, float(self.cov.iloc[j, j] / self._fit.bread[j, j])
        if self._fit.status[j] == UNDETERMINED:
            return profile(self._fit, j), self.loglik, 1.0
        fit = at_effective_size(self._fit, self._sample, j)
        return profile(fit, j), fit.loglik, 1.0

    def _size(self, j: int) -> float:
        return float(max(np.abs(block.x[:, :, j]).max(initial=0.0) for block in self._fit.patterns.blocks)) or 1.0

    @cached_property
    def lr_pvalues(self) -> pd.Series:
        """p-value of each coefficient's likelihood ratio: 2 (maximum − profile at zero), one degree of freedom."""
        found = []
        for j in range(self.df):
            at, top, inflation = self._profile(j)
            rise = max(0.0, 2 * (top - at(0.0)))
            certain = np.inf if rise else 0.0  # everyone was asked
            statistic = rise / inflation if inflation else certain
            found.append(chi_square("", statistic, 1).pvalue if self.converged else np.nan)
        return pd.Series(found, index=self.params.index, name="lr_pvalue")

    def lr_test(self) -> Test:
        """Likelihood ratio of the model against no covariates."""
        if self.cov_type != "information":
            raise MethodError(
                "A likelihood ratio is not a test under weights or clusters.",
                where=self.formula,
                mend="use wald_test(), which takes the sandwich variance",
            )
        if self.penalty == "firth":
            null = self.loglik_null + 0.5 * float(np.linalg.slogdet(self._fit.null.information)[1])
            return chi_square("penalised likelihood ratio", 2 * (self.loglik_penalised - null), self.df)
        note = "some coefficients are infinite, so chi-square is doubtful" if self.separated else ""
        return chi_square("likelihood ratio", max(0.0, 2 * (self.loglik - self.loglik_null)), self.df, note)

    def score_test(self) -> Test:
        """Score test of all coefficients at zero: U'I⁻¹U, at two waves and one covariate McNemar's."""
        if self.cov_type != "information" or self.penalty is not None:
            raise MethodError(
                "The score test is of the plain likelihood only.", where=self.formula, mend="use wald_test()"
            )
        return chi_square("score", score_statistic(self._fit.patterns), self.df)

    def wald_test(self, names: list[str] | None = None) -> Test:
        """Wald test that the coefficients `names` (default all) are zero; refused where one of them is infinite."""
        names = list(self.params.index) if names is None else list(names)
        for name in names:
            if name not in self.params.index:
                raise MethodError(
                    f"There is no coefficient {name!r}.",
                    where="wald_test",
                    expected=", ".join(self.params.index),
                    mend=f"did you mean {nearest(name, self.params.index)!r}?",
                )
        infinite = [name for name in names if name in self.separated]
        if infinite:
            raise MethodError(
                "A Wald test needs finite estimates.",
                where=", ".join(infinite),
                got="a separated coefficient",
                mend="use lr_test(), compare() or exact_conditional()",
            )
        cov = self.cov.loc[names, names].to_numpy()
        found = rank(cov)
        if found < len(names):
            raise self._too_few(names, found)
        error = np.sqrt(np.diag(cov))
        values = self.params[names].to_numpy() / error
        lacking = self._lacks_rank
        note = (
            "" if lacking is None else f"the variance has rank {lacking} of {self.df}: too few clusters to be trusted"
        )
        statistic = float(values @ np.linalg.solve(cov / np.outer(error, error), values))
        return chi_square("Wald", statistic, len(names), note)

    def _too_few(self, names: list[str], found: int) -> MethodError:
        """The fault of a joint test of `names` whose variance has rank `found`."""
        expected, got = f"a variance of rank {len(names)}", f"rank {found}"
        mend = "test fewer coefficients at once"
        if not self.cov.loc[names, names].to_numpy().any():
            mend = "everyone was asked, so there is nothing to test: leave out fpc to test beyond the population"
        elif self.cov_type == "robust":
            expected += ", from more clusters than coefficients"
            got += f", from {_counted(self._n_clusters, 'cluster')} that changed"
            mend += ", or cluster by smaller groups"
        what = f"The variance does not suffice for a test of {_counted(len(names), 'coefficient')}."
        return MethodError(what, where=", ".join(names), expected=expected, got=got, mend=mend)

    @cached_property
    def _effective(self) -> dict[str, float]:
        """The effective number of clusters that send each infinite coefficient there, under a sandwich variance."""
        if self.cov_type == "information":
            return {}
        return {
            self.params.index[j]: effective_clusters(self._sample, separating(self._fit, self._sample, int(j)))
            for j in np.flatnonzero(np.isin(self._fit.status, (PLUS, MINUS)))
        }

    @property
    def _n_clusters(self) -> int:
        cluster = self._sample.cluster
        return len(self._sample.weight) if cluster is None else len(np.unique(cluster))

    @property
    def _lacks_rank(self) -> int | None:
        """Rank of the sandwich of the finite coefficients where it is less than their number."""
        finite = self._fit.status == FINITE
        cov = self.cov.to_numpy()[finite][:, finite]
        if self.cov_type == "information" or not np.any(cov != 0):  # none is finite, or everyone was asked
            return None
        found = rank(cov)
        return found if found < finite.sum() else None

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know besides the numbers."""
        found = [
            f"{self.n_groups_used} units changed their answer and determine the estimate; "
            f"{self.n_groups_paired} answered at least twice."
        ]
        if not self.converged:
            found.append("The maximum was not reached, or the likelihood is flat there: the figures are not estimates.")
        elif not self.certified:
            found.append("The maximum was reached, but no proof of it could be had.")
        if self._lacks_rank is not None:
            found.append(
                f"{_counted(self._n_clusters, 'cluster')} changed, and the variance has rank {self._lacks_rank}: too "
                "few for the standard errors to be trusted."
            )
        for name, (units, size) in self._sample.unchanged.items():
            found.append(
                f"{name} differs by less than {size:.2g} within {_counted(units, 'group')}: taken as unchanged."
            )
        for name in self.separated:
            value = self.params[name]
            found.append(
                f"{name} is separated: all change went one way, so the estimate is {value:+.0f}."
                if np.isinf(value)
                else f"{name} is undetermined: it is the difference of two infinite effects."
            )
        found += [
            f"{name}: limits and lr_pvalue count {size:.3g} independent cluster{'s' * (size != 1)}, "
            "(Σw)²/Σw² of those that separate it."
            for name, size in self._effective.items()
        ]
        return (*found, *(f"{name} was omitted: {why}." for name, why in self.omitted.items()))

    def summary(self, level: float = 0.95) -> pd.DataFrame:
        """One row a coefficient: estimate, std_error, tstat, pvalue, odds_ratio, limits, interval, lr_pvalue, note.

        The interval is Wald's, and the profile's for separated coefficients and under penalty="firth".
        """
        limits = self.conf_int(level)
        which = pd.Series("wald", index=self.params.index)
        by_profile = list(self.params.index) if self.penalty == "firth" else list(self.separated)
        if by_profile:
            limits.loc[by_profile] = self.conf_int(level, "profile").loc[by_profile]
            which[by_profile] = "profile"
        words = {FINITE: "", PLUS: "separated", MINUS: "separated", UNDETERMINED: "undetermined"}
        table = pd.DataFrame(
            {
                "estimate": self.params,
                "std_error": self.std_errors,
                "tstat": self.tstats,
                "pvalue": self.pvalues,
                "odds_ratio": np.exp(self.params),
                "ci_low": limits["ci_low"],
                "ci_high": limits["ci_high"],
                "interval": which,
                "lr_pvalue": self.lr_pvalues,
                "note": [words[int(s)] for s in self._fit.status],
            }
        )
        if self._lacks_rank is not None:
            table.loc[self._fit.status == FINITE, "note"] = f"variance of rank {self._lacks_rank}"
        if not self.converged:
            table["note"] = "not converged"
        return table

    def robust_cov(self) -> Floats:
        """Sandwich variance: bread · Σ (1 − f) s s' · C/(C − 1) · bread, s the summed weighted scores of a cluster."""
        return sandwich(self._fit, self._sample)


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
