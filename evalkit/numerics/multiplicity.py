"""p-values of a family of tests, adjusted for their number."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def holm(p: Floats) -> Floats:
    """Holm's step-down p-values (Holm 1979), which hold the chance of any false finding; NaN stays, does not count."""
    return _adjusted(p, descending=False)


def benjamini_hochberg(p: Floats) -> Floats:
    """Step-up p-values that hold the rate of false findings (Benjamini & Hochberg 1995); NaN stays, does not count."""
    return _adjusted(p, descending=True)


def _adjusted(p: Floats, *, descending: bool) -> Floats:
    p = np.asarray(p, dtype=float)
    there = np.flatnonzero(~np.isnan(p))
    out = np.full(p.shape, np.nan)
    m = len(there)
    if m == 0:
        return out
    order = there[np.argsort(p[there], kind="stable")]
    rank = np.arange(1, m + 1)
    if descending:
        stepped = np.minimum.accumulate((p[order] * m / rank)[::-1])[::-1]
    else:
        stepped = np.maximum.accumulate(p[order] * (m - rank + 1))
    out[order] = np.minimum(stepped, 1.0)
    return out
