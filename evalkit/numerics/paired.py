"""Intervals for the difference of two shares of the same units."""

from __future__ import annotations

import numpy as np

from evalkit.numerics.patterns import Floats


def newcombe(before: Floats, after: Floats, level: float) -> tuple[float, float]:
    """Newcombe (1998), method 10: Wilson limits of the two shares, joined with a corrected φ of the 2 × 2 table."""
    from scipy.special import ndtri

    n, z = len(before), float(ndtri(0.5 + level / 2))
    yes_yes, no_no = float((before * after).sum()), float(((1 - before) * (1 - after)).sum())
    up, down = float(((1 - before) * after).sum()), float((before * (1 - after)).sum())
    product = (yes_yes + up) * (no_no + down) * (yes_yes + down) * (no_no + up)
    cross = yes_yes * no_no - up * down
    cross = max(cross - n / 2, 0.0) if cross > 0 else cross
    phi = cross / np.sqrt(product) if product > 0 else 0.0
    p1, p0 = after.mean(), before.mean()
    low1, high1 = _wilson(p1, n, z)
    low0, high0 = _wilson(p0, n, z)
    below = (p1 - low1) ** 2 - 2 * phi * (p1 - low1) * (high0 - p0) + (high0 - p0) ** 2
    above = (high1 - p1) ** 2 - 2 * phi * (high1 - p1) * (p0 - low0) + (p0 - low0) ** 2
    return float(p1 - p0 - np.sqrt(max(below, 0.0))), float(p1 - p0 + np.sqrt(max(above, 0.0)))


def _wilson(p: float, n: int, z: float) -> tuple[float, float]:
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return float(centre - half), float(centre + half)


def tango(before: Floats, after: Floats, level: float) -> tuple[float, float]:
    """Tango (1998): differences that the score test with the constrained maximum does not reject."""
    from scipy.optimize import brentq
    from scipy.special import ndtri

    n, z = len(before), float(ndtri(0.5 + level / 2))
    up, down = float(((1 - before) * after).sum()), float((before * (1 - after)).sum())

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
