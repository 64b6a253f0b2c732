"""Any statistic with the variance of its replicates, in parallel where asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from evalkit.errors import MethodError
from evalkit.estimates import core
from evalkit.numerics import intervals
from evalkit.numerics.replication import deviations
from evalkit.weights import Design

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Statistic = Callable[["pd.DataFrame", Floats], "Floats | float"]


def replicated(design: Design, statistic: Statistic, *, level: float = 0.95, n_jobs: int | None = None) -> pd.DataFrame:
    """Estimates of any statistic, with the variance of its values under the replicate weights.

    Parameters
    ----------
    design : with replicate weights, from `replicate` or given.
    statistic : takes the data and a weight a row; returns a number or (p,) numbers.
    n_jobs : processes, as joblib takes it. None is one, unless joblib.parallel_config says otherwise, which also
        chooses the backend: a cluster that is there already serves with
        ``with joblib.parallel_config(backend="dask"): replicated(design, statistic)``.

    Returns
    -------
    DataFrame, a row a number : as `mean`; deff is missing. attrs["notes"] counts replicates without a value.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from evalkit.weights import Design, replicate
    >>> d = replicate(Design(pd.DataFrame({"y": [1.0, 2.0, 3.0]})))
    >>> found = replicated(d, lambda data, weights: np.average(data["y"], weights=weights))
    >>> float(found["estimate"].iloc[0])
    2.0
    """
    from joblib import Parallel, delayed

    core.check_level(level)
    if design.replicates is None:
        raise MethodError("the design has no replicate weights", mend="design = replicate(design)")
    full = np.atleast_1d(np.asarray(statistic(design.data, design.weights.to_numpy()), dtype=float))
    if full.ndim != 1:
        raise MethodError("a statistic returns a number, or a row of numbers", got=f"an array of {full.shape}")
    array = np.asarray(design.replicates.weights, dtype=float)
    calls = (delayed(_value)(statistic, design.data, column, len(full)) for column in array.T)
    values = np.stack(Parallel(n_jobs=n_jobs)(calls))
    spread = deviations(values, full, design.replicates.multipliers, design.replicates.mse)
    mask = np.ones((design.n, len(full)), dtype=bool)
    found = core.Estimated(full, spread, core.Domains(design, mask), np.zeros(mask.shape), None)
    low, high = intervals.wald(full, found.std_error, found.domains.df, level)
    frame = core.result({}, found, (low, high), level)
    frame["deff"] = np.nan
    lost = int((~np.isfinite(values)).any(axis=1).sum())
    if lost:
        frame.attrs["notes"] += ((0, f"{lost} of {len(values)} replicates gave no value"),)
    return frame


def _value(statistic: Statistic, data: pd.DataFrame, weights: Floats, size: int) -> Floats:
    value = np.atleast_1d(np.asarray(statistic(data, weights), dtype=float))
    if value.shape != (size,):
        raise MethodError("the statistic changed its shape in a replicate", expected=size, got=value.shape)
    return value
