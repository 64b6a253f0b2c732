"""Firth's penalty for the exact conditional likelihood, for any number of waves (Firth 1993; Heinze & Puhr 2010).

The log-likelihood plus ½ log |I| has a finite maximum where the likelihood itself has none. Its gradient needs the
derivative of the information, which the walk over a unit's rows gives as it gives the information itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from evalkit.numerics.conditional_logit import Maximum, Value, chunks, evaluate, linear_predictor, maximise
from evalkit.numerics.fitting import Fit, inverse, of_size_one, plain_fit, unscaled
from evalkit.numerics.patterns import Floats, Ints, Patterns


def evaluate_penalised(patterns: Patterns, params: Floats) -> Value:
    """Penalised log-likelihood and score (p,), with the unpenalised information (p, p), at `params`."""
    plain = evaluate(patterns, params)
    sign, log_determinant = np.linalg.slogdet(plain.information)
    if sign <= 0 or not np.isfinite(log_determinant):
        return Value(-np.inf, plain.score, plain.information)
    metric = inverse(plain.information)
    push = np.zeros(patterns.n_columns)
    for block in patterns.blocks:
        for part, x in chunks(block):
            push += block.weight[part] @ _trace_gradient(
                np.ascontiguousarray(x.transpose(1, 2, 0)), linear_predictor(x, params), block.yes[part], metric
            )
    return Value(plain.loglik + 0.5 * log_determinant, plain.score + 0.5 * push, plain.information)


def _trace_gradient(x: Floats, eta: Floats, yes: Ints, metric: Floats) -> Floats:
    """(G, p) gradient of trace(metric @ variance of each unit's statistic), `metric` held fixed.

    Backward over the rows as in the likelihood; with j yes-answers left to place, row t is one of them with
    probability q, and δ is what that changes in the statistic's expectation. Then
    variance = (1 − q) C₀ + q C₁ + q (1 − q) δδ', and dq = q (1 − q) δ, dδ = C₁ − C₀.
    """
    rows, count, p = x.shape
    most = int(yes.max())
    log_sum, mean = np.zeros((most + 1, count)), np.zeros((most + 1, count, p))
    variance, trace = np.zeros((most + 1, count, p, p)), np.zeros((most + 1, count))
    gradient = np.zeros((most + 1, count, p))
    for t in range(rows - 1, -1, -1):
        left = rows - t
        for j in range(min(most, left), 0, -1):
            if j == left:
                log_sum[j], mean[j] = eta[t] + log_sum[j - 1], x[t] + mean[j - 1]
                continue
            odds = eta[t] + log_sum[j - 1] - log_sum[j]
            small = np.exp(-np.abs(odds))
            q = np.where(odds > 0, 1.0, small) / (1.0 + small)
            spread = small / (1.0 + small) ** 2
            delta = x[t] + mean[j - 1] - mean[j]
            bent = delta @ metric
            length = np.einsum("gp,gp->g", delta, bent)
            turn = variance[j - 1] - variance[j]
            gradient[j] += (
                q[:, None] * (gradient[j - 1] - gradient[j])
                + (spread * (trace[j - 1] - trace[j] + (1 - 2 * q) * length))[:, None] * delta
                + 2 * spread[:, None] * np.einsum("gpr,gp->gr", turn, bent)
            )
            trace[j] += q * (trace[j - 1] - trace[j]) + spread * length
            variance[j] += q[:, None, None] * turn + np.einsum("g,gp,gr->gpr", spread, delta, delta)
            mean[j] += q[:, None] * delta
            log_sum[j] += np.maximum(odds, 0.0) + np.log1p(small)
    return gradient[yes, np.arange(count)]


def fit(patterns: Patterns) -> Fit:
    """Maximum of the penalised likelihood; standard errors are the inverse information there, unpenalised."""
    scaled, scale = of_size_one(patterns)
    null = evaluate(scaled, np.zeros(patterns.n_columns))
    found = climb(scaled)
    plain = evaluate(scaled, found.params)
    at_plain = replace(found, value=Value(plain.loglik, found.value.score, plain.information))
    penalised = found.value.loglik + float(np.log(scale).sum())  # ½ log |I| in the columns' own units
    result = replace(
        plain_fit(scaled, at_plain, null, np.eye(len(scale))), penalised=penalised, certified=found.converged
    )
    return replace(unscaled(result, scale), patterns=patterns)


def climb(
    patterns: Patterns,
    start: Floats | None = None,
    *,
    basis: Floats | None = None,
    origin: Floats | None = None,
    tol: float = 1e-16,
) -> Maximum:
    """Maximum over origin + basis @ free of the penalised likelihood, the penalty being that of all columns."""
    if start is None:
        start = np.zeros(patterns.n_columns if basis is None else basis.shape[1])
    return maximise(
        lambda b: evaluate_penalised(patterns, b),
        start,
        basis=basis,
        origin=origin,
        curvature=lambda b, value: _curvature(patterns, b, value),
        max_iter=200,
        tol=tol,
    )


def _curvature(patterns: Patterns, params: Floats, value: Value) -> Floats:
    """Minus the second derivative of the penalised log-likelihood, by differences of its score.

    Where that is not positive, far from the maximum, the information in its place (Fisher scoring). Scoring alone
    may circle around the maximum of a small data set for ever.
    """
    width = 1e-4 / np.sqrt(np.maximum(np.diag(value.information), 1e-200))
    if not np.all(width < 1e6):
        return value.information
    ends = [
        (evaluate_penalised(patterns, params + h).score, evaluate_penalised(patterns, params - h).score)
        for h in np.diag(width)
    ]
    found = np.stack([(down - up) / (2 * h) for (up, down), h in zip(ends, width)])
    found = (found + found.T) / 2
    try:
        np.linalg.cholesky(found)
    except np.linalg.LinAlgError:
        return value.information
    return found


def profile(result: Fit, j: int) -> Callable[[float], float]:
    """Profile of the penalised likelihood in coefficient `j`; the penalty stays that of the full model."""
    others = [i for i in range(len(result.params)) if i != j]
    scaled, scale = of_size_one(result.patterns)
    basis, unit = np.eye(len(scale))[:, others], np.eye(len(scale))[j] * scale[j]
    own_units = float(np.log(scale).sum())
    near = {"start": (result.params * scale)[others]}

    def at(value: float) -> float:
        found = climb(scaled, near["start"], basis=basis, origin=value * unit, tol=1e-12)
        near["start"] = found.params[others]
        return found.value.loglik + own_units

    return at


def ratio(patterns: Patterns, basis: Floats) -> float:
    """Twice the rise of the penalised likelihood from params = basis @ free to all, with the penalty of all columns."""
    scaled, scale = of_size_one(patterns)
    return 2 * (climb(scaled).value.loglik - climb(scaled, basis=scale[:, None] * basis).value.loglik)
