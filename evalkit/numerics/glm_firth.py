"""Logistic regression by penalised likelihood (Firth 1993; Heinze & Schemper 2002): finite where data separate."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import special

from evalkit.numerics.glm import Fit, independent, orthonormal

Floats = NDArray[np.float64]


def fit_firth(x: Floats, y: Floats, weights: Floats, *, tol: float = 1e-10, max_iter: int = 500) -> Fit:
    """Maximum of the log-likelihood plus ½ log |I|, with the inverse information there as `bread`.

    Parameters
    ----------
    x : (n, k) columns, intercept included; a redundant column gets coefficient nil and `kept` False.
    y : (n,) 0 or 1. weights : (n,) non-negative counts of answers, on the scale that the penalty is to see.

    Notes
    -----
    Steps of Fisher scoring on the score x'(w(y − μ) + h(½ − μ)), h the leverages (Heinze & Schemper 2002, eq. 2),
    halved until the penalised likelihood rises; in orthonormal columns, which move ½ log |I| by a constant.
    """
    rooted = x * np.sqrt(weights)[:, None]
    kept = independent(rooted)
    z, back = orthonormal(x[:, kept], rooted[:, kept])
    beta, converged, steps = np.zeros(z.shape[1]), False, 0
    height, mu, bread = _height(z, y, weights, beta)
    while steps < max_iter and not converged:
        steps += 1
        leverage = weights * mu * (1 - mu) * np.einsum("ij,jk,ik->i", z, bread, z)
        score = z.T @ (weights * (y - mu) + leverage * (0.5 - mu))
        step = bread @ score
        converged = bool(score @ step < tol**2)
        for _ in range(40):
            new = _height(z, y, weights, beta + step)
            if new[0] >= height - 1e-12 * abs(height):
                break
            step = step / 2
        beta, (height, mu, bread) = beta + step, new
    params, full = np.zeros(len(kept)), np.zeros((len(kept), len(kept)))
    params[kept], full[np.ix_(kept, kept)] = back @ beta, back @ bread @ back.T
    return Fit(params, mu, mu * (1 - mu), full, kept, converged, steps)


def _height(z: Floats, y: Floats, weights: Floats, beta: Floats) -> tuple[float, Floats, Floats]:
    """The penalised log-likelihood, the means (n,) and the inverse information (k, k) at `beta`."""
    eta = z @ beta
    mu = special.expit(eta)
    information = z.T @ (z * (weights * mu * (1 - mu))[:, None])
    sign, log = np.linalg.slogdet(information)
    if sign <= 0:
        return -np.inf, mu, np.zeros_like(information)
    height = float(weights @ (y * eta - np.logaddexp(0, eta))) + 0.5 * float(log)
    return height, mu, np.linalg.inv(information)
