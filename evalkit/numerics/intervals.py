"""Confidence intervals of estimates and of shares, from estimate, standard error and degrees of freedom."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import special

Floats = NDArray[np.float64]


def t_quantile(level: float, df: Floats) -> Floats:
    """Two-sided critical value of t; NaN without degrees of freedom, the normal's where they are infinite."""
    df = np.asarray(df, dtype=float)
    upper = 0.5 + level / 2
    finite = np.where((df > 0) & np.isfinite(df), df, 1.0)
    return np.where(df > 0, np.where(np.isinf(df), special.ndtri(upper), special.stdtrit(finite, upper)), np.nan)


def t_pvalue(statistic: Floats, df: Floats) -> Floats:
    """Two-sided p-value of t; NaN where there are no degrees of freedom."""
    df = np.asarray(df, dtype=float)
    finite = np.where((df > 0) & np.isfinite(df), df, 1.0)
    t = -np.abs(statistic)
    return np.where(df > 0, 2 * np.where(np.isinf(df), special.ndtr(t), special.stdtr(finite, t)), np.nan)


def nil_pvalue(estimate: Floats, std_error: Floats, df: Floats) -> Floats:
    """Two-sided p-value of estimate / standard error; NaN without sampling error, where there is nothing to test."""
    with np.errstate(divide="ignore", invalid="ignore"):
        p = t_pvalue(estimate / std_error, df)
    return np.where(np.asarray(std_error) > 0, p, np.nan)


def wald(estimate: Floats, std_error: Floats, df: Floats, level: float) -> tuple[Floats, Floats]:
    """Estimate ± t · standard error."""
    half = t_quantile(level, df) * std_error
    return estimate - half, estimate + half


def logit(share: Floats, std_error: Floats, df: Floats, level: float) -> tuple[Floats, Floats]:
    """Wald interval on the logit scale, carried back (Rust & Hsu 2007; svyciprop "xlogit" in R's survey)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = special.logit(share)
        half = t_quantile(level, df) * std_error / (share * (1 - share))
        return special.expit(centre - half), special.expit(centre + half)


def effective_n(share: Floats, std_error: Floats, df: Floats, n: Floats, level: float) -> Floats:
    """p(1 − p)/v, times (t with n − 1 / t with df)²: Korn & Graubard (1998), section 2."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return share * (1 - share) / std_error**2 * df_ratio(df, n, level)


def df_ratio(df: Floats, n: Floats, level: float) -> Floats:
    """(t with n − 1 / t with df)², Korn and Graubard's allowance for few clusters."""
    return (t_quantile(level, np.asarray(n, dtype=float) - 1) / t_quantile(level, df)) ** 2


def beta(share: Floats, effective: Floats, level: float) -> tuple[Floats, Floats]:
    """Clopper–Pearson on the effective n (Korn & Graubard 1998); no width where the effective n is infinite."""
    return clopper_pearson(share, effective, np.asarray((1 - level) / 2))


def clopper_pearson(share: Floats, effective: Floats, tail: Floats) -> tuple[Floats, Floats]:
    """The limits that leave `tail` on either side; the tail may be too small for 1 − tail to tell."""
    n = np.where(np.isfinite(effective), effective, 1.0)
    yes, no = n * share, n * (1 - share)
    low = np.where(share <= 0, 0.0, special.betaincinv(np.maximum(yes, 1e-300), no + 1, tail))
    high = np.where(share >= 1, 1.0, special.betainccinv(yes + 1, np.maximum(no, 1e-300), tail))
    known = np.isinf(effective)
    gone = np.isnan(effective) | np.isnan(share)
    low, high = np.where(known, share, low), np.where(known, share, high)
    return np.where(gone, np.nan, low), np.where(gone, np.nan, high)


def wilson(share: Floats, effective: Floats, level: float) -> tuple[Floats, Floats]:
    """Wilson's score interval on the effective n (Wilson 1927; Franco et al. 2019 for surveys)."""
    z2 = special.ndtri(0.5 + level / 2) ** 2
    n = np.where(np.isfinite(effective), effective, 1.0)
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = np.sqrt(z2 * (share * (1 - share) / n + z2 / (4 * n**2))) / (1 + z2 / n)
    known, gone = np.isinf(effective), np.isnan(effective)
    low, high = np.where(known, share, centre - half), np.where(known, share, centre + half)
    return np.where(gone, np.nan, low), np.where(gone, np.nan, high)


def mover(coefficients: Floats, shares: Floats, low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """Interval of a combination of independent shares from their own (…, g): the method of variance estimates recovery
    (Newcombe 1998, method 10; Zou, Huang & Zhang 2009).
    """
    parts, ends = coefficients * shares, np.stack([coefficients * low, coefficients * high])
    below = np.sqrt(((parts - ends.min(axis=0)) ** 2).sum(axis=-1))
    above = np.sqrt(((ends.max(axis=0) - parts) ** 2).sum(axis=-1))
    return parts.sum(axis=-1) - below, parts.sum(axis=-1) + above
