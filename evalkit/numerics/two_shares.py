"""Two shares with few answers: exact unconditional test, also of weighted shares."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

Floats = NDArray[np.float64]

LATTICE = 400
"""Steps into which unequal weights of a group are rounded."""
MOST_TABLES, MOST_STEPS = 400_000, 2000
"""Pairs of shares, and shares of one group, that are gone through; beyond, Fisher's own p-value serves."""
NUISANCE = np.sin(np.pi / 2 * np.arange(1, 200) / 200) ** 2
"""Values of the common share over which the test is maximised; 0.5 is among them."""


@dataclass(frozen=True)
class Answers:
    """Independent yes/no answers of a group.

    Attributes
    ----------
    weights : (k,) of each answer.
    share : their weighted share of yes.
    yes : (k,) the answers themselves; None where k is an effective number and `share` is all that is known.
    """

    weights: Floats
    share: float
    yes: NDArray[np.bool_] | None = None

    @property
    def size(self) -> float:
        """Kish's (Σw)² / Σw² (Kish 1965, 11.7)."""
        return float(self.weights.sum() ** 2 / (self.weights @ self.weights))

    def lattice(self) -> tuple[NDArray[np.int64], float]:
        """Whole-number weights, and the observed share in them."""
        steps = whole_steps(self.weights)
        return steps, self.share if self.yes is None else float(steps @ self.yes) / float(steps.sum())


def two_shares(first: Answers, second: Answers) -> float:
    """p-value that two groups answer yes equally often: the largest chance, over every common share, of shares that
    are as far apart by Fisher's test.

    With equal weights it is Boschloo's test, never above Fisher's. With unequal weights outcomes are in the order of
    Fisher's on the effective counts, carried on between whole ones, and the chance is of the weighted shares
    themselves. It needs weights that do not depend on the answers.

    Source: Boschloo (1970), Statistica Neerlandica 24; Mehrotra, Chan & Berger (2003), Biometrics 59.
    """
    (q1, share1), (q2, share2) = first.lattice(), second.lattice()
    sizes = max(round(first.size), 1), max(round(second.size), 1)
    if (q1.sum() + 1) * (q2.sum() + 1) > MOST_TABLES or max(q1.sum(), q2.sum()) > MOST_STEPS:
        a, b = round(sizes[0] * share1), round(sizes[1] * share2)
        return float(stats.fisher_exact([[a, sizes[0] - a], [b, sizes[1] - b]]).pvalue)
    seen = fisher_at(*sizes, np.array([share1]), np.array([share2]))[0, 0]
    shares1, shares2 = (np.arange(q.sum() + 1) / q.sum() for q in (q1, q2))
    further = (fisher_at(*sizes, shares1, shares2) <= seen + 1e-7).astype(float)

    def chance(common: Floats) -> Floats:
        return np.einsum("pi,pi->p", distribution(q1, common) @ further, distribution(q2, common))

    at = int(np.argmax(chances := chance(NUISANCE)))
    around = np.linspace(NUISANCE[max(at - 1, 0)], NUISANCE[min(at + 1, len(NUISANCE) - 1)], 21)
    return float(min(max(chances[at], chance(around).max()), 1.0))


def whole_steps(weights: Floats) -> NDArray[np.int64]:
    """Weights as whole numbers: exact where they stand to each other as small ones do, else rounded to a fine grid."""
    ratio = weights / weights.min()
    for count in range(1, 11):
        steps = np.rint(ratio * count)
        if steps.sum() > LATTICE and count > 1:
            break
        if np.abs(ratio * count - steps).max() < 1e-9 * steps.max():
            return np.asarray(steps, dtype=np.int64)
    scale = max(LATTICE, 2 * len(weights)) / weights.sum()
    return np.maximum(np.rint(weights * scale), 1).astype(np.int64)


def one_share(answers: Answers, known: float) -> float:
    """p-value that a group's share is a known one: the chance of a share as far from it, by weight."""
    steps, share = answers.lattice()
    if steps.sum() > MOST_STEPS:
        steps = np.ones(max(round(answers.size), 1), dtype=np.int64)
    far = np.abs(np.arange(steps.sum() + 1) / steps.sum() - known) >= abs(share - known) - 1e-9
    return float(min(distribution(steps, np.array([known]))[0] @ far, 1.0))


def distribution(steps: NDArray[np.int64], common: Floats) -> Floats:
    """(p, Σ steps + 1) distribution of the sum of the steps of those who say yes, each with chance `common` (p,)."""
    if (steps == 1).all():
        n = len(steps)
        return np.asarray(stats.binom.pmf(np.arange(n + 1), n, common[:, None]))
    found = np.zeros((len(common), int(steps.sum()) + 1))
    found[:, 0] = 1.0
    for step in steps:
        moved = common[:, None] * found[:, :-step]
        found *= 1 - common[:, None]
        found[:, step:] += moved
    return found


def fisher_at(n1: int, n2: int, shares1: Floats, shares2: Floats) -> Floats:
    """(i, j) logarithm of Fisher's p-value at two shares, bilinear between whole counts of n1 and n2."""
    table = _fisher(n1, n2)
    a, b = n1 * shares1, n2 * shares2
    i, j = np.clip(np.floor(a + 1e-9), 0, n1 - 1).astype(int), np.clip(np.floor(b + 1e-9), 0, n2 - 1).astype(int)
    u, v = np.clip(a - i, 0, 1)[:, None], np.clip(b - j, 0, 1)[None, :]
    below = table[np.ix_(i, j)] * (1 - v) + table[np.ix_(i, j + 1)] * v
    above = table[np.ix_(i + 1, j)] * (1 - v) + table[np.ix_(i + 1, j + 1)] * v
    return below * (1 - u) + above * u


@lru_cache(maxsize=32)
def _fisher(n1: int, n2: int) -> Floats:
    """(n1 + 1, n2 + 1) logarithm of Fisher's two-sided p-value of every table: those no likelier than the one seen."""
    found = np.zeros((n1 + 1, n2 + 1))
    for yes in range(n1 + n2 + 1):
        a = np.arange(max(0, yes - n2), min(n1, yes) + 1)
        log = _choose(n1, a) + _choose(n2, yes - a) - _choose(n1 + n2, np.array([yes]))
        order = np.argsort(log)
        summed = np.logaddexp.accumulate(log[order])
        last = np.searchsorted(log[order], log + 1e-7, side="right") - 1
        found[a, yes - a] = np.minimum(summed[last], 0.0)
    return found


def _choose(n: int, k: NDArray[np.int64]) -> Floats:
    return np.asarray(special.gammaln(n + 1) - special.gammaln(k + 1) - special.gammaln(n - k + 1))
