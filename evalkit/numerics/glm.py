"""Weighted logistic and linear regression by iteratively reweighted least squares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special
from scipy.linalg import solve_triangular

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Fit:
    """A fitted regression.

    Attributes
    ----------
    params : (k,) coefficients; nil where a column is redundant.
    fitted : (n,) fitted means.
    slope : (n,) derivative of the mean in the linear predictor.
    bread : (k, k) generalised inverse of x' diag(w · slope) x.
    kept : (k,) columns that are not redundant.
    converged, iterations : of the likelihood.
    """

    params: Floats
    fitted: Floats
    slope: Floats
    bread: Floats
    kept: NDArray[np.bool_]
    converged: bool
    iterations: int


def independent(x: Floats, tol: float = 1e-9) -> NDArray[np.bool_]:
    """(k,) columns that the columns before them do not give already."""
    kept = np.zeros(x.shape[1], dtype=bool)
    basis = np.zeros((len(x), 0))
    for j in range(x.shape[1]):
        length = np.linalg.norm(x[:, j])
        if length == 0:
            continue
        left = x[:, j] / length
        for _ in range(2):
            left = left - basis @ (basis.T @ left)
        size = np.linalg.norm(left)
        if size > tol:
            kept[j] = True
            basis = np.column_stack([basis, left / size])
    return kept


def fit(
    x: Floats,
    y: Floats,
    weights: Floats,
    *,
    logistic: bool,
    tol: float = 1e-13,
    max_iter: int = 100,
    most: float = 30.0,
) -> Fit:
    """Weighted maximum likelihood: logistic (y between 0 and 1) or linear.

    Parameters
    ----------
    x : (n, k) columns, intercept included; a redundant column gets coefficient nil and `kept` False.
    y : (n,) outcomes, or shares of `weights` answers.
    weights : (n,) non-negative.
    most : where the linear predictor stops.

    Notes
    -----
    The fit is in columns that are orthonormal in the weights, so that units of measurement and far origins say nothing.
    Newton steps with step-halving on the deviance (McCullagh & Nelder 1989, 2.5). The linear predictor stops at
    ±`most`, or where the curvature dies away in a direction, so that separated outcomes end with fitted shares of
    nearly 0 or 1 and are told by `converged` False.
    """
    rooted = x * np.sqrt(weights)[:, None]
    kept = independent(rooted)
    z, back = orthonormal(x[:, kept], rooted[:, kept])
    if not logistic:
        beta = z.T @ (weights * y)
        beta = beta + z.T @ (weights * (y - z @ beta))
        return _packed(kept, back @ beta, z @ beta, np.ones(len(y)), back @ back.T, True, 1)
    beta, before, converged, steps, most_known = np.zeros(z.shape[1]), np.inf, False, 0, 0
    while steps < max_iter and not converged:
        steps += 1
        mu = special.expit(z @ beta)
        slope = np.maximum(mu * (1 - mu), 1e-300)
        step, known = _solve(z.T @ (z * (weights * slope)[:, None]), z.T @ (weights * (y - mu)))
        most_known = max(known, most_known)
        if known < most_known:  # a direction in flight, whose curvature has died away: no step in it is left
            break
        beta, now, step = _halved(z, y, weights, beta, step, before)
        small = np.abs(z @ step).max(initial=0.0)
        converged = bool(small < 1e-10 or (abs(before - now) <= tol * (abs(now) + 0.1) and small < 1e-6))
        before = now
        if np.abs(z @ beta).max(initial=0.0) > most:
            break
    mu = special.expit(z @ beta)
    slope = mu * (1 - mu)
    bread = np.linalg.pinv(z.T @ (z * (weights * slope)[:, None]), hermitian=True, rcond=1e-14)
    return _packed(kept, back @ beta, mu, slope, back @ bread @ back.T, converged, steps)


def orthonormal(x: Floats, rooted: Floats) -> tuple[Floats, Floats]:
    """Columns (n, k) that span those of `x` and are orthonormal in the weights, and (k, k) from their coefficients."""
    if not x.shape[1]:
        return x, np.zeros((0, 0))
    r = np.linalg.qr(rooted, mode="r")
    return solve_triangular(r, x.T, trans="T").T, solve_triangular(r, np.eye(len(r)))


def _solve(hessian: Floats, right: Floats) -> tuple[Floats, int]:
    """Newton's step, and in how many directions the curvature is known."""
    size = np.sqrt(np.maximum(np.diag(hessian), 1e-300))
    step, _, known, _ = np.linalg.lstsq(hessian / np.outer(size, size), right / size, rcond=1e-13)
    return step / size, int(known)


def _halved(
    z: Floats, y: Floats, weights: Floats, beta: Floats, step: Floats, before: float
) -> tuple[Floats, float, Floats]:
    for _ in range(30):
        new = beta + step
        eta = z @ new
        deviance = 2 * float(weights @ (np.logaddexp(0, eta) - y * eta))
        if np.isfinite(deviance) and deviance <= before * (1 + 1e-12) + 1e-12:
            return new, deviance, step
        step = step / 2
    return beta, before, np.zeros_like(step)


def _packed(
    kept: NDArray[np.bool_], beta: Floats, mu: Floats, slope: Floats, bread: NDArray[Any], converged: bool, steps: int
) -> Fit:
    params = np.zeros(len(kept))
    params[kept] = beta
    full = np.zeros((len(kept), len(kept)))
    full[np.ix_(kept, kept)] = bread
    return Fit(params, mu, slope, full, kept, converged, steps)
