"""Variance from replicate weights, and the replicate weights themselves: jackknife and rescaling bootstrap."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from evalkit.numerics.linearisation import Strata

Floats = NDArray[np.float64]


def deviations(replicated: Floats, full: Floats, multipliers: Floats, mse: bool) -> Floats:
    """Deviations (r, p) of the replicates' estimates, scaled so that D'D is the variance.

    Parameters
    ----------
    replicated : (r, p) estimates by replicate; NaN where a replicate lost the whole domain, which leaves it out there
        and scales the others up.
    full : (p,) estimates of the full sample.
    multipliers : (r,) scale × rscales.
    mse : deviations from `full`; else from the mean of the replicates whose multiplier is positive.
    """
    there = np.isfinite(replicated) & (multipliers > 0)[:, None]
    counted = there.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(there, replicated, 0.0).sum(axis=0) / counted
    centre = full if mse else mean
    scaled = np.where(there, replicated - centre, 0.0) * np.sqrt(multipliers)[:, None]
    used = int((multipliers > 0).sum())
    return scaled * np.sqrt(np.where(counted > 0, used / np.maximum(counted, 1), np.nan))


def jackknife(strata: Strata) -> tuple[Floats, Floats]:
    """Delete-one-cluster factors (m, m) and rscales (m,): JK1 with one stratum, JKn with several (Wolter 2007, 4.5).

    Replicate i leaves out cluster i and multiplies the other clusters of its stratum by n_h/(n_h − 1); rscales hold
    (1 − f_h)(n_h − 1)/n_h. A stratum of one cluster keeps its weight and adds nothing.
    """
    m = len(strata.stratum)
    sizes = strata.sizes[strata.stratum].astype(float)
    grown = np.divide(sizes, sizes - 1, out=np.ones(m), where=sizes > 1)
    same = strata.stratum[:, None] == strata.stratum[None, :]
    factors = np.where(same, grown[:, None], 1.0)
    alone = sizes == 1
    np.fill_diagonal(factors, np.where(alone, 1.0, 0.0))
    correction = strata.correction[strata.stratum]
    return factors, np.where(alone, 0.0, correction * (sizes - 1) / sizes)


def rescaling_bootstrap(strata: Strata, replicates: int, seed: int) -> Floats:
    """Factors (m, r) of Rao and Wu's rescaling bootstrap with n_h − 1 draws a stratum (Rao, Wu & Yue 1992).

    1 − λ + λ n_h/(n_h − 1) t, where t counts the draws of the cluster and λ = √(1 − f_h) carries the finite population
    correction; never negative. A stratum of one cluster keeps its weight.
    """
    random = np.random.default_rng(seed)
    factors = np.ones((len(strata.stratum), replicates))
    for stratum, size in enumerate(strata.sizes):
        if size == 1:
            continue
        members = np.flatnonzero(strata.stratum == stratum)
        drawn = random.integers(0, size, (replicates, size - 1)) + size * np.arange(replicates)[:, None]
        draws = np.bincount(drawn.ravel(), minlength=size * replicates).reshape(replicates, size).T
        shrink = np.sqrt(strata.correction[stratum])
        factors[members] = 1 - shrink + shrink * size / (size - 1) * draws
    return factors
