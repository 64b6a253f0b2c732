"""The exact conditional likelihood of binary answers given each unit's number of yes-answers.

Chamberlain (1980); the recursion is that of Gail, Lubin & Rubinstein (1981) and Krailo & Pike (1984), taken on the
log scale and read as a walk: a unit's rows are passed one by one, and row t is among the yes-answers with probability
q(t, j) when j of them are still to be placed. The variance of the sufficient statistic is then a sum of
P(t, j) q (1 − q) δδ' over the steps of the walk, δ being the change in its expectation: one matrix product.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from evalkit.numerics.patterns import Block, Floats, Patterns

CHUNK = 2**17  # numbers held at a time for each step of the walk: stays in cache and bounds the memory


@dataclass(frozen=True)
class Value:
    """Log-likelihood, score (p,) and information (p, p) at one parameter."""

    loglik: float
    score: Floats
    information: Floats


@dataclass(frozen=True)
class Maximum:
    """Where Newton's method stopped.

    Attributes
    ----------
    params : (p,). value : the Value there. converged : the last step was small. iterations : steps taken.
    decrement : Newton decrement √(U'I⁻¹U).
    """

    params: Floats
    value: Value
    converged: bool
    iterations: int
    decrement: float


@dataclass(frozen=True)
class _Walk:
    """One block's steps: q, 1 − q, δ per (t, block of j), and what the steps end in."""

    log_total: Floats  # (G,)
    mean: Floats  # (G, p)
    steps: list[tuple[int, int, int, Floats, Floats, Floats]]


def chunks(block: Block) -> Iterator[tuple[slice, Floats]]:
    """The block's units in parts that bound the memory: which, and their covariates."""
    _, count, p = block.x.shape
    width = max(64, CHUNK // max(1, int(block.yes.max()) * p))
    for start in range(0, count, width):
        part = slice(start, min(start + width, count))
        yield part, block.x if width >= count else block.x[:, part]


def _backward(x: Floats, eta: Floats, yes: np.ndarray) -> _Walk:
    """Pass the rows from the last: F[j] = log of the sum over ways to place j yes-answers in the rows t … T − 1."""
    rows, count, p = x.shape
    least, most = int(yes.min()), int(yes.max())
    log_sum = np.zeros((most + 1, count))
    mean = np.zeros((most + 1, count, p))
    steps = []
    for t in range(rows - 1, -1, -1):
        left = rows - t
        low, high = max(1, least - t), min(most, left - 1)
        odds = delta = None
        if low <= high:
            odds = eta[t] + log_sum[low - 1 : high] - log_sum[low : high + 1]
            delta = (x[t] + mean[low - 1 : high]) - mean[low : high + 1]
        if left <= most:  # every row left is a yes-answer
            log_sum[left] = eta[t] + log_sum[left - 1]
            mean[left] = x[t] + mean[left - 1]
        if odds is not None and delta is not None:
            small = np.exp(-np.abs(odds))
            large_side, small_side = 1.0 / (1.0 + small), small / (1.0 + small)
            positive = odds > 0
            take, leave = np.where(positive, large_side, small_side), np.where(positive, small_side, large_side)
            log_sum[low : high + 1] += np.maximum(odds, 0.0) + np.log1p(small)
            mean[low : high + 1] += take[:, :, None] * delta
            steps.append((t, low, high, take, leave, delta))
    if least == most:
        return _Walk(log_sum[least], mean[least], steps)
    units = np.arange(count)
    return _Walk(log_sum[yes, units], mean[yes, units], steps)


def _forward(walk: _Walk, yes: np.ndarray, weight: Floats) -> Iterator[tuple[Floats, Floats]]:
    """Weight P(t, j) q (1 − q) and δ of each step, from the first row on."""
    count, most = len(yes), int(yes.max())
    reach = np.zeros((most + 1, count))
    reach[yes, np.arange(count)] = weight
    for _, low, high, take, leave, delta in reversed(walk.steps):
        here = reach[low : high + 1]
        yield here * take * leave, delta
        moved = here * take
        # above `high` every row left is taken: that whole level moves one down
        forced = reach[high + 1 :].copy()
        reach[low : high + 1] = here * leave
        reach[low - 1 : high] += moved
        if len(forced):
            reach[high + 1 :] = 0.0
            reach[high:most] += forced


def evaluate(patterns: Patterns, params: Floats) -> Value:
    """Log-likelihood, score and information of `patterns` at `params` (p,)."""
    p = patterns.n_columns
    loglik, score, information = 0.0, np.zeros(p), np.zeros((p, p))
    for block in patterns.blocks:
        for part, x in chunks(block):
            yes, weight, observed = block.yes[part], block.weight[part], block.observed[part]
            walk = _backward(x, x @ params, yes)
            loglik += float(weight @ (observed @ params - walk.log_total))
            score += weight @ (observed - walk.mean)
            for step_weight, delta in _forward(walk, yes, weight):
                flat = delta.reshape(-1, p)
                information += (flat * step_weight.reshape(-1, 1)).T @ flat
    return Value(loglik, score, information)


def unit_scores(patterns: Patterns, params: Floats) -> Floats:
    """(patterns, p) score of one unit of each pattern, unweighted."""
    found = [
        block.observed[part] - _backward(x, x @ params, block.yes[part]).mean
        for block in patterns.blocks
        for part, x in chunks(block)
    ]
    return np.concatenate(found) if found else np.zeros((0, patterns.n_columns))


def maximise(
    function: Callable[[Floats], Value],
    start: Floats,
    *,
    origin: Floats | None = None,
    basis: Floats | None = None,
    max_iter: int = 100,
    tol: float = 1e-12,
) -> Maximum:
    """Newton's method with step halving for a concave function, over params = origin + basis @ free.

    Parameters
    ----------
    function : params (p,) → Value. start : (r,) where to begin, in the free coordinates.
    origin : (p,), default zero. basis : (p, r), default the identity.
    tol : stop when the squared Newton decrement is below it; one more step is then taken.
    """
    free = np.asarray(start, dtype=float)
    step_to = (lambda f: f) if basis is None else (lambda f: basis @ f)
    shift = np.zeros(len(free) if basis is None else len(basis)) if origin is None else origin
    value = function(shift + step_to(free))
    squared, done = np.inf, len(free) == 0
    iteration = 0
    while not done and iteration < max_iter:
        step, squared = newton_step(value, basis)
        done = squared <= tol
        size, accepted = 1.0, False
        while size > 1e-10:
            trial = function(shift + step_to(free + size * step))
            if trial.loglik >= value.loglik - 1e-12 * (1.0 + abs(value.loglik)):
                accepted = True
                break
            size /= 2
        if not accepted:
            break
        free, value = free + size * step, trial
        iteration += 1
    squared = newton_step(value, basis)[1] if len(free) else 0.0
    return Maximum(shift + step_to(free), value, done or len(free) == 0, iteration, float(np.sqrt(max(squared, 0.0))))


def newton_step(value: Value, basis: Floats | None) -> tuple[Floats, float]:
    """Step I⁻¹U in the free coordinates and the squared decrement U'I⁻¹U."""
    score, information = value.score, value.information
    if basis is not None:
        score, information = basis.T @ score, basis.T @ information @ basis
    scale = np.sqrt(np.maximum(np.diag(information), 1e-300))
    standard = information / np.outer(scale, scale)
    try:
        np.linalg.cholesky(standard)
        step = np.linalg.solve(standard, score / scale)
    except np.linalg.LinAlgError:
        step = np.linalg.lstsq(standard + 1e-10 * np.eye(len(scale)), score / scale, rcond=None)[0]
    return step / scale, float(step @ (score / scale))


def certified(patterns: Patterns, maximum: Maximum) -> bool:
    """Whether a finite, unique maximum is proven to exist near where Newton stopped.

    The log-likelihood is self-concordant in the sense of Bach (2010): |third derivative along v| ≤ R‖v‖ · second,
    R being the widest difference of a unit's sufficient statistic. In the metric of the information his Proposition 2
    reads: if decrement · R ≤ 1/2, there is one finite maximum. Rounding of the score is counted against it. Under
    separation the product stays at or above 1, wherever Newton stops.
    """
    if not patterns.n_columns:
        return True
    try:
        lower = np.linalg.cholesky(maximum.value.information)
    except np.linalg.LinAlgError:
        return False
    inverse = np.linalg.inv(lower)
    if not np.all(np.isfinite(inverse)):
        return False
    width = 0.0
    for block in patterns.blocks:
        for part, x in chunks(block):
            z = (x - x[0]) @ inverse.T
            reach = np.sqrt(np.einsum("tgp,tgp->tg", z, z)).max(axis=0)
            pairs = 1.0 if x.shape[0] == 2 else 2.0
            width = max(width, float((pairs * block.yes[part] * reach).max()))
    rounding = 1e-15 * patterns.weight * width
    return (maximum.decrement + rounding) * width <= 0.5
