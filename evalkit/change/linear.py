"""Linear probability with unit effects: the robustness check in percentage points."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from evalkit.change.design import columns_used, design, parse, unique_rows
from evalkit.change.sample import identify
from evalkit.errors import DataError, MethodError
from evalkit.numerics.paired import FEW, Inference, design_based
from evalkit.numerics.patterns import build

ESTIMAND = (
    "Mean change in the share of yes within units, over all units that answered at least twice, whether they changed "
    "or not; linear in the covariates. The conditional logit's odds ratio is of the units that changed."
)


@dataclass(frozen=True)
class _Pair:
    """Two waves and one covariate that rises by `step` in every unit: the change of `paired_change`; each (units,)."""

    before: np.ndarray
    after: np.ndarray
    weight: np.ndarray
    step: float

    def inference(self, df: int, level: float) -> Inference:
        """Of the change; few units, so that the standard error is not asked for."""
        none = np.zeros(len(self.weight))
        return design_based(self.before, self.after, self.weight, none, np.nan, df, level=level)

    def limits(self, df: int, level: float) -> dict[str, float]:
        """Of the coefficient."""
        found = self.inference(df, level)
        return {"ci_low": found.ci_low / self.step, "ci_high": found.ci_high / self.step}


@dataclass(frozen=True)
class LinearProbability:
    """Within estimates of a linear probability model, clustered by unit (linearmodels' PanelOLS).

    Attributes
    ----------
    params : changes in the share of yes, 0–1. std_errors, cov : clustered, with the factor G/(G − 1) · (n − 1)/(n − p),
        as Stata's. tstats, pvalues : Student's t with
        `df` degrees of freedom, one less than the clusters. nobs, n_groups : rows and units used.
    dropped : frame why, groups, rows. omitted : column → why. estimand : what is estimated, in words.
    few : fewer than five effective units went otherwise than most, so that the sandwich is of a handful. Then limits
        and p-value of one change between two waves are `paired_change`'s; other models have none.
    note : says so, and names coefficients that no unit departs from: they have no limits and no p-value either.
    """

    formula: str
    params: pd.Series
    cov: pd.DataFrame
    df: int
    nobs: int
    n_groups: int
    dropped: pd.DataFrame
    omitted: dict[str, str]
    estimand: str
    note: str = ""
    few: bool = False
    _pair: _Pair | None = None

    @property
    def std_errors(self) -> pd.Series:
        return pd.Series(np.sqrt(np.diag(self.cov)), index=self.params.index, name="std_error")

    @property
    def tstats(self) -> pd.Series:
        return (self.params / self.std_errors.where(self.std_errors > 0)).rename("tstat")

    @property
    def pvalues(self) -> pd.Series:
        from scipy.special import stdtr

        values = 2 * stdtr(self.df, -np.abs(self.tstats.to_numpy()))
        if self.few:
            values = np.full(len(values), np.nan if self._pair is None else self._pair.inference(self.df, 0.95).pvalue)
        return pd.Series(values, index=self.params.index, name="pvalue")

    def conf_int(self, level: float = 0.95) -> pd.DataFrame:
        """Confidence limits, columns ci_low and ci_high; as `note` says where few units went otherwise than most."""
        from scipy.special import stdtrit

        if not 0 < level < 1:
            raise MethodError("The level is not between 0 and 1.", where="conf_int", got=level)
        half = stdtrit(self.df, 0.5 + level / 2) * self.std_errors.where(self.std_errors > 0)
        if self.few:
            nowhere = pd.DataFrame(np.nan, index=self.params.index, columns=["ci_low", "ci_high"])
            return nowhere if self._pair is None else nowhere.assign(**self._pair.limits(self.df, level))
        return pd.DataFrame({"ci_low": self.params - half, "ci_high": self.params + half})


def linear_probability(
    formula: str, data: pd.DataFrame, *, group: str, weights: str | None = None, wave: str | None = None
) -> LinearProbability:
    """Least squares of a 0/1 outcome within units, standard errors clustered by unit.

    Parameters
    ----------
    formula, data, group, wave : as in `conditional_logit`. weights : column of weights; rows of weight
        zero are left out and counted.

    Returns
    -------
    LinearProbability : its `estimand` says what is estimated; unlike the conditional logit, units that never change
        take part, and pull the estimate towards zero.

    Raises
    ------
    MethodError, DataError : as `conditional_logit`.

    Examples
    --------
    >>> data = pd.DataFrame({"id": [1, 1, 2, 2, 3, 3], "wave": [0, 1] * 3, "y": [0, 1, 0, 1, 1, 1]})
    >>> float(round(linear_probability("y ~ wave", data, group="id").params["wave"], 3))
    0.667
    """
    parsed = parse(formula)
    used = columns_used(parsed, formula, data, group=group, weights=weights, cluster=None, fpc=None, wave=wave)
    account, known = _complete(data, used, group)
    wave = wave or ("wave" if "wave" in used else None)
    unique_rows(known, group, wave)
    weight = np.ones(len(known)) if weights is None else _weights(known[weights], weights)
    if (weight == 0).any():
        account.append(("weight zero", int(known.loc[weight == 0, group].nunique()), int((weight == 0).sum())))
        known, weight = known.loc[weight > 0], weight[weight > 0]
    y, x, columns = design(parsed, formula, known, wave=wave)
    unit = pd.factorize(known[group])[0]
    several = (np.bincount(unit) >= 2)[unit]
    if not several.any():
        raise MethodError("No unit answered twice.", where=formula, mend="check that unit names agree between waves")
    if not several.all():
        account.append(("one row", int((~several).sum()), int((~several).sum())))
    y, x, weight, unit = y[several], x[several], weight[several], pd.factorize(unit[several])[0]
    kept, omitted = identify(build(y, x, unit, np.ones(unit.max() + 1)), columns)
    names = [columns[i] for i in kept]
    params, cov = _panel_ols(y.astype(float), x[:, kept], names, unit, None if weights is None else weight)
    if unit.max() == 0:  # one unit tells no variance
        cov = cov * np.nan
    note, pair = _few(y.astype(float), x[:, kept], unit, weight)
    return LinearProbability(
        formula=formula,
        params=params.rename("estimate"),
        cov=cov,
        df=int(unit.max()),
        nobs=len(y),
        n_groups=int(unit.max()) + 1,
        dropped=pd.DataFrame(account, columns=["why", "groups", "rows"]),
        omitted=omitted,
        estimand=ESTIMAND,
        note=note or _still(names, cov),
        few=bool(note),
        _pair=pair,
    )


def _complete(data: pd.DataFrame, used: list[str], group: str) -> tuple[list[tuple[str, int, int]], pd.DataFrame]:
    """Rows without missing values, and an account of the others."""
    account, keep = [], np.ones(len(data), dtype=bool)
    for name in used:
        bad = data[name].isna().to_numpy() & keep
        if bad.any():
            account.append((f"missing {name}", int(data.loc[bad, group].nunique(dropna=False)), int(bad.sum())))
        keep &= ~bad
    if not keep.any():
        raise DataError("No row is complete.", where=", ".join(used))
    return account, data.loc[keep]


def _weights(values: pd.Series, name: str) -> np.ndarray:
    weight = pd.to_numeric(values, errors="coerce").to_numpy(dtype=float)
    if not np.all(weight >= 0) or not weight.any():
        raise DataError(
            "A weight is not positive.", where=name, got=values[~(weight > 0)].iloc[0], mend="leave such rows out"
        )
    return weight


def _few(y: np.ndarray, x: np.ndarray, unit: np.ndarray, weight: np.ndarray) -> tuple[str, _Pair | None]:
    """Whether too few units went otherwise than most for a sandwich; and the pair, where that is all there is."""
    order = np.lexsort([*x.T, unit])
    y, x, unit, weight = y[order], x[order], unit[order], weight[order]
    size, of_unit = np.bincount(unit), np.bincount(unit, weights=weight) / np.bincount(unit)
    starts = np.cumsum(size) - size
    courses = [y[at : at + n].tobytes() if np.ptp(y[at : at + n]) else b"same" for at, n in zip(starts, size)]
    share = np.bincount(pd.factorize(np.array(courses, dtype=object))[0], weights=of_unit) / of_unit.sum()
    effective = float(of_unit.sum() ** 2 / (of_unit @ of_unit))
    if round((1 - share.max()) * effective, 9) >= FEW:
        return "", None
    found = "fewer than five effective units went otherwise than most, so that the sandwich is of a handful"
    paired = x.shape[1] == 1 and bool((size == 2).all()) and bool((weight == of_unit[unit]).all())
    if paired and np.ptp(rise := x[1::2, 0] - x[::2, 0]) <= 1e-9 * rise.max():
        pair = _Pair(y[::2], y[1::2], of_unit, float(rise[0]))
        return f"{found}: limits and p-value are of effective counts (Newcombe's, and the sign test)", pair
    return f"{found}: no limits and no p-value; exact_conditional counts", None


def _still(names: list[str], cov: pd.DataFrame) -> str:
    found = [name for name, variance in zip(names, np.diag(cov)) if variance == 0]
    return f"{', '.join(found)}: no unit departs from it, so no limits and no p-value" if found else ""


def _panel_ols(
    y: np.ndarray, x: np.ndarray, names: list[str], unit: np.ndarray, weight: np.ndarray | None
) -> tuple[pd.Series, pd.DataFrame]:
    from linearmodels.panel import PanelOLS

    turn = pd.Series(unit).groupby(unit).cumcount()
    index = pd.MultiIndex.from_arrays([unit, turn], names=["unit", "turn"])
    within = _within(x, unit, weight)
    size = np.sqrt((within**2).mean(axis=0))
    frame = pd.DataFrame(x / size, index=index, columns=names)
    weights = None if weight is None else pd.Series(weight, index=index, name="weight")
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore"
        )  # what it would warn of (absorbed columns, single rows) is already accounted for
        model = PanelOLS(pd.Series(y, index=index, name="y"), frame, entity_effects=True, weights=weights)
        clustered: dict[str, Any] = {
            "cov_type": "clustered",
            "cluster_entity": True,
            "debiased": True,
            "group_debias": True,
        }
        result = model.fit(**(clustered if unit.max() else {"cov_type": "unadjusted", "debiased": False}))
    # what each unit moves a coefficient by: exact where the sandwich would be a difference of roundings
    heavy = np.ones(len(y)) if weight is None else weight
    left = _within(y[:, None], unit, weight)[:, 0] - within / size @ result.params.to_numpy()
    scores = pd.DataFrame(within / size * (heavy * left)[:, None]).groupby(unit).sum().to_numpy()
    moved = np.linalg.norm(scores @ np.linalg.inv((within / size).T @ (within / size * heavy[:, None])), axis=0)
    real = np.where(moved > 1e-10 * np.maximum(1.0, np.abs(result.params)), 1.0, 0.0)  # else rounding around nought
    return result.params / size, result.cov * np.outer(real / size, real / size)


def _within(values: np.ndarray, unit: np.ndarray, weight: np.ndarray | None) -> np.ndarray:
    """(n, k) `values` less their unit's weighted mean."""
    heavy = np.ones(len(values)) if weight is None else weight
    sums = pd.DataFrame(np.column_stack([values * heavy[:, None], heavy])).groupby(unit).transform("sum").to_numpy()
    return np.asarray(values - sums[:, :-1] / sums[:, -1:])
