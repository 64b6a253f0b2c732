"""Tests over several groups by every allocation of the answers: a weighted sum exactly, a table by drawing."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import special

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

MOST_STEPS = 4e8
DRAWS = 9_999
SEED = 1951


def permuted_sum(scores: Floats, yes: Bools) -> float:
    """Two-sided p-value of the sum of the scores of those who say yes, given how many do.

    Parameters
    ----------
    scores : (n,) such as weight times centred place of the group: then it is the exact test of trend of Cochran (1954)
        and Armitage (1955), for weighted answers.
    yes : (n,).

    Returns
    -------
    The share of all allocations of as many yes to the rows whose sum is as far from its mean. Scores that are no whole
    numbers of steps are rounded to a fine grid, the observed sum with them; where there are too many allocations, the
    normal distribution with their mean and variance.
    """
    n = len(scores)
    few = yes if 2 * yes.sum() <= n else ~yes
    k = int(few.sum())
    if k == 0 or np.ptp(scores) == 0:
        return 1.0
    steps = _steps(scores, max(20, min(400, 4000 // k)))
    length = k * int(steps.max()) + 1
    if n * k * length > MOST_STEPS:
        variance = k * (n - k) / (n - 1) * scores.var()
        return float(2 * special.ndtr(-abs(scores @ few - k * scores.mean()) / np.sqrt(variance)))
    seen, mean = abs(steps @ few - k * steps.mean()), k * steps.mean()
    ways = np.zeros((k + 1, length))
    ways[0, 0] = 1.0
    for step in steps:
        ways[1:, step:] += ways[:-1, : length - step]
    return float(ways[k, np.abs(np.arange(length) - mean) >= seen - 1e-7].sum() / ways[k].sum())


def _steps(scores: Floats, most: int) -> Ints:
    """Scores as whole numbers from 0: exact where they lie on a grid of at most `most` steps."""
    values = (scores - scores.min()) / np.ptp(scores)
    for count in range(1, 61):
        if np.abs(values * count - np.rint(values * count)).max() < 1e-9:
            return np.rint(values * count).astype(np.int64)
    return np.rint(values * most).astype(np.int64)


def permuted_table(rows: Ints, columns: Ints, weights: Floats) -> float:
    """p-value of Pearson's chi-square of a weighted table, over drawn allocations of the columns to the rows' answers.

    Parameters
    ----------
    rows, columns : (n,) categories from 0.
    weights : (n,) of the answers, which stay where they are.

    Returns
    -------
    (1 + draws at least as large) / (1 + draws): Monte Carlo of Freeman & Halton's (1951) test, by a fixed seed.
    """
    random = np.random.default_rng(SEED)
    r, c, n = int(rows.max()) + 1, int(columns.max()) + 1, len(rows)
    member = (rows[:, None] == np.arange(r)) * weights[:, None]
    seen, further, left = _chi_square(member, columns[None, :], c)[0], 0, DRAWS
    while left:
        block = min(left, max(1, 2_000_000 // n))
        drawn = random.permuted(np.tile(columns, (block, 1)), axis=1)
        further += int((_chi_square(member, drawn, c) >= seen * (1 - 1e-9)).sum())
        left -= block
    return (1 + further) / (1 + DRAWS)


def permuted_groups(patterns: Floats, stratum: Ints, group: Ints) -> float:
    """p-value that groups answer alike over time, over drawn allocations of the groups to units of one stratum.

    Parameters
    ----------
    patterns : (n, t) answers of each unit, 0 where not asked. stratum : (n,) units of one stratum were asked in the
        same waves and said yes equally often: given that, without a difference between groups each is as likely to be
        any group's. group : (n,) from 0.

    Returns
    -------
    (1 + draws at least as large) / (1 + draws) of the general association statistic of Landis, Heyman & Koch (1978),
    International Statistical Review 46, by a fixed seed: exact for the strata as they are, but for the draws.
    """
    random = np.random.default_rng(SEED)
    order = np.argsort(stratum, kind="stable")
    patterns, stratum, group = patterns[order], stratum[order], group[order]
    groups, waves = int(group.max()) + 1, patterns.shape[1]
    ends = np.flatnonzero(np.diff(stratum, append=stratum[-1] + 1)) + 1
    parts = [slice(a, b) for a, b in zip([0, *ends[:-1]], ends)]
    left = np.concatenate([patterns[part] - patterns[part].mean(axis=0) for part in parts])
    variance = np.zeros((groups * waves, groups * waves))
    for part in parts:
        n, of_group = part.stop - part.start, np.bincount(group[part], minlength=groups)
        within = left[part].T @ left[part] / max(n - 1, 1)
        variance += np.kron(np.diag(of_group) - np.outer(of_group, of_group) / n, within)
    inverse = np.linalg.pinv(variance, hermitian=True, rcond=1e-10)

    def statistic(drawn: Ints) -> Floats:
        sums = np.stack([(drawn == g) @ left for g in range(groups)], axis=1).reshape(len(drawn), -1)
        return np.asarray(np.einsum("di,ij,dj->d", sums, inverse, sums))

    seen, further, todo = statistic(group[None, :])[0], 0, DRAWS
    while todo:
        block = min(todo, max(1, 2_000_000 // len(group)))
        drawn = np.concatenate([random.permuted(np.tile(group[part], (block, 1)), axis=1) for part in parts], axis=1)
        further += int((statistic(drawn) >= seen * (1 - 1e-9)).sum())
        todo -= block
    return (1 + further) / (1 + DRAWS)


def _chi_square(member: Floats, drawn: Ints, c: int) -> Floats:
    """(d,) Pearson's chi-square over n of each drawn allocation (d, n)."""
    table = np.stack([(drawn == column) @ member for column in range(c)], axis=1)
    table = table / member.sum()
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=2, keepdims=True)
    return np.asarray(((table - expected) ** 2 / expected).sum(axis=(1, 2)))
