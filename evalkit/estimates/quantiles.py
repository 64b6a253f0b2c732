"""Quantiles with Woodruff's intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from evalkit.errors import MethodError
from evalkit.estimates import core
from evalkit.numerics import intervals
from evalkit.weights import Design

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]


def quantile(
    design: Design,
    y: str,
    *,
    q: float | Sequence[float] = 0.5,
    by: str | Sequence[str] | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Weighted quantiles of a numeric column, overall or by group, with Woodruff's interval (1952).

    Parameters
    ----------
    q : between 0 and 1; several give a row each, with a column `q` after the groups.
    y, by, level : as `mean`.

    Returns
    -------
    DataFrame : by…, q (where several), then as `mean`. The quantile is the smallest value whose weighted share of
        values up to it reaches q (R survey's rule "math"). The interval carries
        the Wald interval of that share back to values; the standard error is its width over 2 t. A limit outside the
        data is missing, and so is the standard error then. deff is that of the share.
    """
    core.check_level(level)
    wanted = [float(q)] if isinstance(q, (int, float)) else [float(value) for value in q]
    if not wanted or not all(0 < value < 1 for value in wanted):
        raise MethodError("q lies between 0 and 1", expected="such as 0.5", got=q)
    values = core.numbers(design.data, y)
    groups = core.groups_of(design.data, by)
    g, k = len(groups.keys), len(wanted)
    mask = np.repeat(groups.member & ~np.isnan(values)[:, None], k, axis=1)
    weights = design.weights.to_numpy()
    if (weights < 0).any():
        mend = "calibrate with method='logit' or 'truncated'"
        raise MethodError("quantiles need weights from 0", got=f"{int((weights < 0).sum())} negative", mend=mend)
    shares = np.tile(wanted, g)
    points = np.array([value_at(values, weights * mask[:, j], shares[j]) for j in range(g * k)])
    below = mask & (np.nan_to_num(values, nan=np.inf)[:, None] <= points)
    found = core.estimate(design, below.astype(float), mask.astype(float), mask)
    low, high = intervals.wald(found.estimate, found.std_error, found.domains.df, level)
    ends = [
        [value_at(values, weights * mask[:, j], end[j]) if 0 <= end[j] <= 1 else np.nan for j in range(g * k)]
        for end in (low, high)
    ]
    return _frame(groups, found, points, np.array(ends), shares if k > 1 else None, level, int(np.isnan(values).sum()))


def value_at(values: Floats, weights: Floats, share: float) -> float:
    """The weighted quantile: the smallest value up to which the share of the weight is reached, rounding apart."""
    used = weights > 0
    if not used.any() or np.isnan(share):
        return np.nan
    order = np.argsort(values[used], kind="stable")
    x, w = values[used][order], np.cumsum(weights[used][order])
    reached = w / w[-1]
    at = int(np.searchsorted(reached, share - 1e-12))
    return float(x[min(at, len(x) - 1)])


def _frame(
    groups: core.Groups,
    found: core.Estimated,
    points: Floats,
    ends: Floats,
    shares: Floats | None,
    level: float,
    gone: int,
) -> pd.DataFrame:
    k = len(points) // max(len(groups.keys), 1)
    keys = {name: [key[i] for key in groups.keys for _ in range(k)] for i, name in enumerate(groups.columns)}
    if shares is not None:
        keys["q"] = list(shares)
    still = found.domains.all_answered
    low, high = np.where(still, points, ends[0]), np.where(still, points, ends[1])
    frame = core.result(keys, found, (low, high), level, missing=gone + groups.missing)
    width = (high - low) / (2 * intervals.t_quantile(level, found.domains.df))
    frame["estimate"], frame["std_error"] = points, np.where(still, 0.0, width)
    return frame
