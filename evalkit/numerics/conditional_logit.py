"""The exact conditional likelihood of binary answers given each unit's number of yes-answers.

Chamberlain (1980); the recursion is that of Gail, Lubin & Rubinstein (1981) and Krailo & Pike (1984), read as a walk: a
unit's rows are passed one by one, and row t is among the yes-answers with probability q(t, j) when j of them are still
to be placed; sums are kept as logarithms where they could overflow. The variance of the sufficient statistic is then a
sum of P(t, j) q (1 − q) δδ' over the steps of the walk, δ being the change in its expectation: one matrix product.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from evalkit.numerics.patterns import Block, Floats, Patterns

SAFE = 600.0  # up to this exponent sums are kept as they are, not as logarithms; a double goes to 709
STALE = 4  # steps without a smaller decrement
FAR = 1e100  # no step is so long
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
    """One block's steps from the last row to the first: levels low … high, q, 1 − q and δ of each."""

    log_total: Floats  # (G,)
    mean: Floats  # (p, G)
    steps: list[tuple[int, int, Floats, Floats, Floats]]


def chunks(block: Block) -> Iterator[tuple[slice, Floats]]:
    """The block's units in parts that bound the memory: which, and their covariates (p, T, units)."""
    columns = block.x.transpose(2, 0, 1)
    count = columns.shape[2]
    width = max(64, CHUNK // max(1, int(block.yes.max()) * len(columns)))
    for start in range(0, count, width):
        part = slice(start, min(start + width, count))
        yield part, columns if width >= count else columns[:, :, part]


def linear_predictor(x: Floats, params: Floats) -> Floats:
    """(T, units) of covariates (p, T, units)."""
    return np.tensordot(params, x, axes=1)


def _backward(x: Floats, eta: Floats, yes: np.ndarray) -> _Walk:
    """Pass the rows from the last: F[j] = the sum over ways to place j yes-answers in the rows t … T − 1, or its log.

    Columns come first and units last in every array, so that the inner loops are long. Sums are kept as they are where
    no exponent can grow large, which saves an exponential and a logarithm a step; else as logarithms.
    """
    p, rows, count = x.shape
    least, most = int(yes.min()), int(yes.max())
    middle = eta.mean(axis=0)
    eta = eta - middle
    # there are at most (eT/j)^j ways to place j yes-answers in T rows
    plain = bool(most * (np.abs(eta).max(initial=0.0) + 1 + np.log(rows / most)) < SAFE)
    factor = np.exp(eta) if plain else eta
    sums = np.zeros((most + 1, count))
    sums[0] = 1.0 if plain else 0.0
    mean = np.zeros((p, most + 1, count))
    steps = []
    for t in range(rows - 1, -1, -1):
        left = rows - t
        low, high = max(1, least - t), min(most, left - 1)
        here = x[:, t, None, :]
        if low <= high:
            pair = _pair_plain if plain else _pair_log
            total, take, leave = pair(factor[t], sums[low - 1 : high], sums[low : high + 1])
            delta = mean[:, low - 1 : high] - mean[:, low : high + 1]
            delta += here
        if left <= most:  # every row left is a yes-answer
            sums[left] = factor[t] * sums[left - 1] if plain else factor[t] + sums[left - 1]
            mean[:, left] = here[:, 0] + mean[:, left - 1]
        if low <= high:
            sums[low : high + 1] = total
            mean[:, low : high + 1] += take * delta
            steps.append((low, high, take, leave, delta))
    units = np.arange(count)
    last = sums[yes, units] if least < most else sums[least]
    log_total = (np.log(last) if plain else last) + yes * middle
    return _Walk(log_total, mean[:, yes, units] if least < most else mean[:, least], steps)


def _pair_plain(factor: Floats, taken: Floats, left: Floats) -> tuple[Floats, Floats, Floats]:
    """F with row t, q and 1 − q, from the sums with and without it."""
    take = factor * taken
    total = take + left
    take /= total
    return total, take, left / total


def _pair_log(factor: Floats, taken: Floats, left: Floats) -> tuple[Floats, Floats, Floats]:
    """The same of logarithms."""
    odds = factor + taken - left
    small = np.exp(-np.abs(odds))
    likely = 1.0 / (1.0 + small)
    unlikely = small * likely
    positive = odds > 0
    total = left + np.maximum(odds, 0.0) + np.log1p(small)
    return total, np.where(positive, likely, unlikely), np.where(positive, unlikely, likely)


def _forward(walk: _Walk, yes: np.ndarray, weight: Floats) -> Iterator[tuple[Floats, Floats]]:
    """Weight P(t, j) q (1 − q) and δ of each step, from the first row on."""
    count, most = len(yes), int(yes.max())
    reach = np.zeros((most + 1, count))
    reach[yes, np.arange(count)] = weight
    for low, high, take, leave, delta in reversed(walk.steps):
        here = reach[low : high + 1]
        moved = here * take
        yield moved * leave, delta
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
            walk = _backward(x, linear_predictor(x, params), yes)
            loglik += float(weight @ (observed @ params - walk.log_total))
            score += weight @ observed - walk.mean @ weight
            for step_weight, delta in _forward(walk, yes, weight):
                flat = delta.reshape(p, -1)
                information += (flat * step_weight.reshape(-1)) @ flat.T
    return Value(loglik, score, information)


def unit_scores(patterns: Patterns, params: Floats) -> Floats:
    """(patterns, p) score of one unit of each pattern, unweighted."""
    found = [
        block.observed[part] - _backward(x, linear_predictor(x, params), block.yes[part]).mean.T
        for block in patterns.blocks
        for part, x in chunks(block)
    ]
    return np.concatenate(found) if found else np.zeros((0, patterns.n_columns))


def maximise(
    function: Callable[[Floats], Value],
    start: Floats,
    *,
    first: Value | None = None,
    origin: Floats | None = None,
    basis: Floats | None = None,
    bend: float = 1.0,
    curvature: Callable[[Floats, Value], Floats] | None = None,
    max_iter: int = 100,
    tol: float = 1e-12,
) -> Maximum:
    """Newton's method with step halving for a concave function, over params = origin + basis @ free.

    Parameters
    ----------
    function : params (p,) → Value. start : (r,) where to begin, in the free coordinates.
    first : the Value there, where it is known. origin : (p,), default zero. basis : (p, r), default the identity.
    bend : a usual size of the information's diagonal, for the damping where Newton's step leads nowhere because the
        function is nearly straight (Levenberg 1944).
    curvature : minus the second derivative (p, p) at params, where it is not the Value's information.
    tol : stop when the squared Newton decrement is below it, or small and no longer falling for the rounding of the
        score; one more step is then taken.
    """
    free = np.asarray(start, dtype=float)
    turn = np.eye(len(free)) if basis is None else basis
    shift = np.zeros(len(turn)) if origin is None else origin

    def at(coordinates: Floats) -> Value:
        return function(shift + turn @ coordinates)

    value = at(free) if first is None else first
    done = len(free) == 0
    iteration, least, since = 0, np.inf, 0
    while not done and iteration < max_iter:
        if curvature is not None:
            value = replace(value, information=curvature(shift + turn @ free, value))
        squared = abs(newton_step(value, basis)[1])
        since = 0 if squared < least else since + 1
        least = min(least, squared)
        done = squared <= tol or (since >= STALE and least < 1e-12)
        better = _higher(at, free, value, basis, bend)
        if better is None:
            break
        free, value = better
        iteration += 1
    squared = newton_step(value, basis)[1] if len(free) else 0.0
    return Maximum(shift + turn @ free, value, done, iteration, float(np.sqrt(max(squared, 0.0))))


def _higher(
    at: Callable[[Floats], Value], free: Floats, value: Value, basis: Floats | None, bend: float
) -> tuple[Floats, Value] | None:
    """A step up: Newton's, halved up to ten times, then damped more and more; None where none leads up."""
    enough = value.loglik - 1e-12 * (1.0 + abs(value.loglik))
    for damping in (0.0, *(bend * 10.0**k for k in range(-6, 7))):
        step, size = newton_step(value, basis, damping)[0], 1.0
        if not np.all(np.abs(step) < FAR):
            continue
        for _ in range(10):
            trial = at(free + size * step)
            if trial.loglik >= enough:
                return free + size * step, trial
            size /= 2
    return None


def newton_step(value: Value, basis: Floats | None, damping: float = 0.0) -> tuple[Floats, float]:
    """Step (I + damping)⁻¹U in the free coordinates and its squared decrement, U'I⁻¹U without damping."""
    score, information = value.score, value.information
    if basis is not None:
        score, information = basis.T @ score, basis.T @ information @ basis
    information = information + damping * np.eye(len(score))
    scale = np.sqrt(np.maximum(np.diag(information), 1e-200))
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
    width, far = 0.0, 0.0
    for block in patterns.blocks:
        for part, x in chunks(block):
            far = max(far, float(np.abs(linear_predictor(x, maximum.params)).max()))
            z = np.tensordot(inverse, x - x[:, :1], axes=1)
            reach = np.sqrt((z * z).sum(axis=0)).max(axis=0)
            pairs = 1.0 if x.shape[1] == 2 else 2.0
            width = max(width, float((pairs * block.yes[part] * reach).max()))
    rounding = 1e-15 * patterns.weight * width * (1 + far)
    return (maximum.decrement + rounding) * width <= 0.5


def peaked(patterns: Patterns, maximum: Maximum) -> bool:
    """Whether the log-likelihood falls to both sides of where Newton stopped, two standard errors along each axis.

    Where a proof is not to be had. A flat likelihood has steps and scores as small as a maximum's.
    """
    try:
        axes = np.linalg.inv(np.linalg.cholesky(maximum.value.information))
    except np.linalg.LinAlgError:
        return False
    here = maximum.value.loglik
    least = here - 1e-9 * (1 + abs(here))
    ends = [maximum.params + side * axis for axis in axes for side in (-2, 2)]
    return bool(np.all(np.isfinite(axes))) and all(evaluate(patterns, end).loglik < least for end in ends)
