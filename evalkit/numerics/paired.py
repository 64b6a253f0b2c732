"""Inference about the difference of two shares of the same units."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evalkit.numerics.patterns import Floats

FEW = 5.0  # effective units outside the commonest of up, down and unchanged: below it t does not hold (benchmarks/)


@dataclass(frozen=True)
class Inference:
    """Limits and p-value of a change; `interval` is "t", "newcombe", "tango", or "none" where everyone answered."""

    ci_low: float
    ci_high: float
    pvalue: float
    interval: str


def design_based(
    before: Floats,
    after: Floats,
    weight: Floats,
    fraction: Floats,
    error: float,
    df: float,
    *,
    level: float = 0.95,
    interval: str = "newcombe",
) -> Inference:
    """Student's t on the weighted mean difference, and counts of the effective size where too few changed, or did not.

    Parameters
    ----------
    before, after : (n,) answers. weight : (n,) positive. fraction : (n,) sampled share of the population.
    error, df : standard error of the weighted mean difference and its degrees of freedom.
    interval : where the effective number of units outside the commonest of up, down and unchanged is below `FEW`.

    Notes
    -----
    There the variance is that of a handful of units, or of none. As at shares of 0 and 1 the answers count as Kish's
    effective n, (Σw)²/Σw²: the interval is Newcombe's or Tango's of those counts; the p-value is the sign test of those
    that changed (McNemar's exact), their counts of an effective size of their own. With equal weights both are those of
    the unweighted answers. As at shares of 0 and 1 no finite population correction is taken, for arms times √(1 − f)
    hold too little (enumerated, 8 of 9 to 50 of 100: 75 percent at worst, and 93 without); but no limit is further than
    the units that were not asked could bring the change.
    """
    from scipy.special import stdtr, stdtrit

    share = weight / weight.sum()
    change = float(share @ (after - before))
    if np.all(fraction == 1):
        return Inference(change, change, np.nan, "none")
    if outside(before, after, weight) < FEW:
        effective = share / (share @ share)
        low, high = LIMITS[interval](before, after, level, effective)
        known, unknown = float(share @ (fraction * (after - before))), float(share @ (1 - fraction))
        low, high = max(low, known - unknown), min(high, known + unknown)
        return Inference(low, high, sign_test(before, after, weight), interval)
    half = error * stdtrit(df, 0.5 + level / 2)
    pvalue = float(2 * stdtr(df, -abs(change) / error))
    return Inference(max(change - half, -1.0), min(change + half, 1.0), pvalue, "t")


def outside(before: Floats, after: Floats, weight: Floats) -> float:
    """Kish's effective number of units outside the commonest of up, down and unchanged."""
    share = weight / weight.sum()
    up, down = float(share @ (after > before)), float(share @ (after < before))
    return round(max(0.0, 1 - max(up, down, 1 - up - down)) / float(share @ share), 9)


def sign_test(before: Floats, after: Floats, weight: Floats) -> float:
    """Twice the binomial tail of those that changed, counted as their effective size; 1 where none did."""
    from scipy.special import betainc

    moved = weight * (before != after)
    if not moved.any():
        return 1.0
    size = float(moved.sum() ** 2 / (moved @ moved))
    more = max(float(moved @ after), float(moved @ before)) / float(moved.sum()) * size
    return min(1.0, 2 * float(betainc(more, size - more + 1, 0.5)))


def _counts(before: Floats, after: Floats, weight: Floats | None) -> tuple[float, float, float, float]:
    """Yes twice, up, down, no twice."""
    w = np.ones(len(before)) if weight is None else weight
    return (
        float(w @ (before * after)),
        float(w @ ((1 - before) * after)),
        float(w @ (before * (1 - after))),
        float(w @ ((1 - before) * (1 - after))),
    )


def newcombe(before: Floats, after: Floats, level: float, weight: Floats | None = None) -> tuple[float, float]:
    """Newcombe (1998), method 10: Wilson limits of the two shares, joined with a corrected φ of the 2 × 2 table.

    `weight` (n,) makes each answer count as so many.
    """
    from scipy.special import ndtri

    z = float(ndtri(0.5 + level / 2))
    yes_yes, up, down, no_no = _counts(before, after, weight)
    n = yes_yes + up + down + no_no
    product = (yes_yes + up) * (no_no + down) * (yes_yes + down) * (no_no + up)
    cross = yes_yes * no_no - up * down
    cross = max(cross - n / 2, 0.0) if cross > 0 else cross
    phi = cross / np.sqrt(product) if product > 0 else 0.0
    p1, p0 = (yes_yes + up) / n, (yes_yes + down) / n
    low1, high1 = _wilson(p1, n, z)
    low0, high0 = _wilson(p0, n, z)
    below = (p1 - low1) ** 2 - 2 * phi * (p1 - low1) * (high0 - p0) + (high0 - p0) ** 2
    above = (high1 - p1) ** 2 - 2 * phi * (high1 - p1) * (p0 - low0) + (p0 - low0) ** 2
    return float(p1 - p0 - np.sqrt(max(below, 0.0))), float(p1 - p0 + np.sqrt(max(above, 0.0)))


def _wilson(p: float, n: float, z: float) -> tuple[float, float]:
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return float(centre - half), float(centre + half)


def tango(before: Floats, after: Floats, level: float, weight: Floats | None = None) -> tuple[float, float]:
    """Tango (1998): differences that the score test with the constrained maximum does not reject.

    `weight` (n,) makes each answer count as so many.
    """
    from scipy.optimize import brentq
    from scipy.special import ndtri

    z = float(ndtri(0.5 + level / 2))
    yes_yes, up, down, no_no = _counts(before, after, weight)
    n = yes_yes + up + down + no_no

    def score(delta: float) -> float:
        b = -up - down + (2 * n - up + down) * delta
        c = -down * delta * (1 - delta)
        q = (np.sqrt(max(b * b - 8 * n * c, 0.0)) - b) / (4 * n)
        variance = n * (2 * q + delta * (1 - delta))
        distance = up - down - n * delta
        return (
            float(distance / np.sqrt(variance))
            if variance > 0
            else float(np.sign(distance) * np.inf if distance else 0)
        )

    edge = 1 - 1e-12
    change = min(max((up - down) / n, -edge), edge)
    low = -1.0 if score(-edge) <= z else brentq(lambda d: score(d) - z, -edge, change, xtol=1e-13)
    high = 1.0 if score(edge) >= -z else brentq(lambda d: score(d) + z, change, edge, xtol=1e-13)
    return float(low), float(high)


LIMITS = {"newcombe": newcombe, "tango": tango}
