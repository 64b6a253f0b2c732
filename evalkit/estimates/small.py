"""Comparisons of shares with few answers, or at 0 and 100 percent, where a standard error tells too little."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evalkit.estimates.core import Estimated
from evalkit.numerics import intervals
from evalkit.numerics.permuted import permuted_sum, permuted_table
from evalkit.numerics.two_shares import Answers, one_share, two_shares

Floats = NDArray[np.float64]

FEW = 15
"""Answers of either kind that every group must expect and have for the t test.

By enumeration (`benchmarks/results/shares.md`) at most 5.0 percent of true nulls are then rejected at 5 in groups of 3
to 30, 6.2 to 80; with 5 it is 6.6, without a rule 59. Where a group has few, its own standard error is next to none: 0
of 40 against 39 of 40 had p 4e-53, far below the 2e-24 of 0 against all 40.
"""
NOTE = "few answers: exact"
MOST_DRAWN = 5_000
"""Answers whose allocations are drawn; with more of them the chi-square serves below one expected answer too."""


def few(found: Estimated, columns: NDArray[np.int64], *, own_error: bool = True) -> bool:
    """Whether a group expects fewer than `FEW` of either answer, were the shares alike, or has fewer.

    What it has matters to a test by the groups' `own_error` (t); a chi-square goes by what is expected alone. Not where
    everyone answered, nor where margins fix shares between 0 and 1, so that they have no error.
    """
    domains, share = found.domains, found.estimate[columns]
    open_ = ~domains.all_answered[columns]
    if not open_.any() or not np.isfinite(share).all():
        return False
    inside = open_ & (share > 0) & (share < 1)
    if not inside.any():
        return True
    if (found.alike[columns] | (found.variance[columns] == 0))[inside].all():
        return bool(found.alike[columns][inside].all())  # alike by chance: the answers count; else fixed by margins
    worth = np.array([_worth(found, int(at)) if together(found) else domains.n_effective[at] for at in columns])
    common = share[~open_] if not open_.all() else np.array([worth @ share / worth.sum()])
    least = worth[open_].min() * np.minimum(common, 1 - common).min()
    if own_error:
        least = min(least, (worth * np.minimum(share, 1 - share))[open_].min())
    return bool(least < FEW - 1e-9)


@dataclass(frozen=True)
class Shares:
    """Groups' shares of yes, with the independent answers that each is worth.

    Attributes
    ----------
    share : (g,) estimates.
    answers : (g) of each group.
    known : (g,) everyone in the group answered: its share has no error.
    """

    share: Floats
    answers: tuple[Answers, ...]
    known: NDArray[np.bool_]

    @property
    def sizes(self) -> Floats:
        """(g,) effective numbers of answers; infinite where the share is known."""
        return np.array([np.inf if known else a.size for a, known in zip(self.answers, self.known)])

    def compare(self, coefficients: Floats, level: float, p: float | None = None) -> tuple[float, float, float]:
        """p-value of a combination of the shares, and its interval (Newcombe's, from Korn and Graubard's).

        A difference has the exact unconditional test (`two_shares`); other combinations the `p` that is given, or their
        interval's. Where p and the interval disagree on zero, the groups' intervals take the level at which they agree.
        """
        alpha = 1 - level
        if len(coefficients) == 2 and abs(coefficients.sum()) < 1e-9 * np.abs(coefficients).sum():
            p = self.difference()
        low, high = self._interval(coefficients, alpha)
        if p is None:
            return self._tail_of_nil(coefficients), low, high
        if (p < alpha) != (low > 0 or high < 0) and 0 < p < 1:
            own = self._tail_of_nil(coefficients)
            low, high = self._interval(coefficients, alpha ** (np.log(own) / np.log(p)))
        return p, low, high

    def difference(self) -> float:
        """p-value that two groups' shares are one."""
        if not self.known.any():
            return two_shares(*self.answers)
        at = int(np.argmin(self.known))
        return one_share(self.answers[at], float(self.share[1 - at]))

    def trend(self, places: Floats, sums: Floats) -> float:
        """p-value of a tendency over the groups' `places` (g,), which weigh `sums` (g,): `permuted_sum`."""
        yes, scores = [], []
        for answers, total, place in zip(self.answers, sums, places - sums @ places / sums.sum()):
            said, own = answers.yes, answers.weights
            if said is None:
                k = max(round(answers.size), 1)
                said, own = np.arange(k) < round(k * answers.share), np.ones(k)
            scores.append(own * total / own.sum() * place)
            yes.append(said)
        return permuted_sum(np.concatenate(scores), np.concatenate(yes))

    def _interval(self, coefficients: Floats, alpha: float) -> tuple[float, float]:
        low, high = intervals.clopper_pearson(self.share, self.sizes, np.asarray(alpha / 2))
        ends = intervals.mover(coefficients, self.share, low, high)
        most = coefficients.clip(min=0).sum(), coefficients.clip(max=0).sum()
        return max(float(ends[0]), most[1]), min(float(ends[1]), most[0])

    def _tail_of_nil(self, coefficients: Floats) -> float:
        """Smallest 1 − level at which the interval leaves zero out, from 1e-50: beyond, scipy's inverse beta fails."""
        least, most = np.log(1e-50), 0.0
        for _ in range(40):
            middle = (least + most) / 2
            low, high = self._interval(coefficients, float(np.exp(middle)))
            least, most = (middle, most) if low <= 1e-12 and high >= -1e-12 else (least, middle)
        return float(np.exp(most))


def shares_of(found: Estimated, columns: NDArray[np.int64], yes: NDArray[np.bool_]) -> Shares:
    """The shares of some columns of `found`; `yes` (n, p) says who is counted in each."""
    answers = tuple(_answers(found, int(at), yes[:, at]) for at in columns)
    return Shares(found.estimate[columns], answers, found.domains.all_answered[columns])


def _answers(found: Estimated, at: int, yes: NDArray[np.bool_]) -> Answers:
    """The independent answers that a group is worth.

    Where each row is drawn by itself they are its rows, weights and all; gains of strata and calibration are not
    counted. With a finite population their number is times −ln(1 − f)/f: a rare answer that K of the population give is
    missed with chance (1 − f)^K at most, as by that many draws with replacement; 1/(1 − f) would promise too much.
    Clusters are worth p(1 − p)/v (Korn & Graubard 1998), never more than their rows; where all answer alike,
    `n_independent`.
    """
    domains, share = found.domains, float(found.estimate[at])
    rows = domains.mask[:, at] & (domains.weights > 0)
    weights = domains.weights[rows]
    left = float(weights**2 @ domains.left[rows] / (weights @ weights)) if len(weights) else 1.0
    drawn = -np.log(left) / (1 - left) if 0 < left < 1 - 1e-9 else 1.0
    if together(found):
        return Answers(np.ones(max(int(drawn * _worth(found, at, left) + 1e-6), 1)), share)
    k = int(drawn * len(weights) + 1e-9)
    if k == len(weights) and (domains.weights[domains.mask[:, at]] > 0).all():
        return Answers(weights, share, yes[rows])
    if k == 0:
        return Answers(np.ones(1), share)
    place = (np.arange(k) + 0.5) / k * (len(weights) - 1)
    return Answers(np.interp(place, np.arange(len(weights)), np.sort(weights)), share)


def together(found: Estimated) -> bool:
    """Whether rows are drawn in clusters, or in ways that only replicate weights know."""
    return found.domains.design.strata is None or found.domains.design.clustered


def _worth(found: Estimated, at: int, left: float = 1.0) -> float:
    """Independent answers that the clusters of a share are worth, before the finite population correction."""
    domains, share, variance = found.domains, float(found.estimate[at]), float(found.variance[at])
    if not (0 < share < 1 and variance > 0):
        return float(domains.n_independent[at])
    strata = domains.design.strata
    factor = 1.0 if strata is None else len(strata.stratum) / (len(strata.stratum) - len(strata.sizes))
    return min(share * (1 - share) / variance * left * factor, float(domains.n_effective[at]))


def table_pvalue(found: Estimated, rows: NDArray[np.int64], columns: NDArray[np.int64], value: float) -> float | None:
    """p-value of a table by drawing, where a cell expects less than one answer or `value` says nothing; else None.

    `found` (r × c) are the cells' shares of one domain; rows and columns (n,) its categories. Cochran (1954) takes the
    chi-square from one expected answer up; it stays too where rows are too many to draw, or share clusters, so that
    they cannot change places. Only where it says nothing the table of as many answers as there are clusters is drawn.
    """
    domains, clustered = found.domains, together(found)
    there = domains.mask[:, 0] & (domains.weights > 0)
    table = found.estimate.reshape(int(rows[there].max()) + 1, -1)
    least = float(np.outer(table.sum(axis=1), table.sum(axis=0)).min() * domains.n_effective[0])
    kept = least >= 1 or clustered or there.sum() > MOST_DRAWN
    if domains.all_answered[0] or (kept and np.isfinite(value)):
        return None
    if not clustered:  # weights stay with what is not drawn: either way, and the larger, as a table has no first side
        sides, own = (rows[there], columns[there]), domains.weights[there]
        return max(permuted_table(*sides, own), permuted_table(*sides[::-1], own))
    ends = np.rint(np.cumsum(found.estimate) * domains.n_independent[0]).astype(np.int64)
    cells = np.repeat(np.arange(len(ends)), np.diff(ends, prepend=0))
    return permuted_table(*np.divmod(cells, table.shape[1]), np.ones(len(cells)))
