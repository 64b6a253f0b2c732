"""Strata, clusters and the finite population correction, read from columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from evalkit.errors import MethodError
from evalkit.numerics.linearisation import Strata

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]


def numbers(data: pd.DataFrame, column: str, argument: str) -> Floats:
    import pandas as pd

    try:
        return pd.to_numeric(data[column]).to_numpy(dtype=float, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise MethodError(
            f"{argument} must be numbers", where=f"column {column!r}", expected="numbers", got=str(data[column].dtype)
        ) from error


def codes_of(data: pd.DataFrame, column: str, argument: str) -> tuple[NDArray[np.int64], list[str]]:
    import pandas as pd

    codes, values = pd.factorize(data[column], sort=False)
    if (codes < 0).any():
        raise MethodError(
            f"{argument} has missing values",
            where=f"column {column!r}",
            got=f"{int((codes < 0).sum())} rows, such as {rows(data, codes < 0)}",
            mend="give every answer its value",
        )
    return codes.astype(np.int64), [str(value) for value in values]


def rows(data: pd.DataFrame, where: NDArray[np.bool_]) -> str:
    """The first labels of the rows where `where` holds."""
    found = list(data.index[np.flatnonzero(where)[:5]])
    return ", ".join(str(label) for label in found) + (", …" if where.sum() > 5 else "")


def strata_of(data: pd.DataFrame, strata: str | None, clusters: str | None, fpc: str | float | None) -> Strata:
    n = len(data)
    of_row, names = (np.zeros(n, dtype=np.int64), ["all"]) if strata is None else codes_of(data, strata, "strata")
    cluster, of_cluster = None, of_row
    if clusters is not None:
        ids, _ = codes_of(data, clusters, "clusters")
        # a cluster number may be used again in another stratum: R's nest=TRUE
        pairs, first, cluster = np.unique(ids * len(names) + of_row, return_index=True, return_inverse=True)
        of_cluster = of_row[first]
        cluster = cluster.astype(np.int64)
        if len(np.unique(ids)) != len(pairs):
            raise MethodError(
                "a cluster lies in more than one stratum",
                where=f"clusters={clusters!r}, strata={strata!r}",
                mend="number the clusters across strata",
            )
    sizes = np.bincount(of_cluster, minlength=len(names)).astype(np.int64)
    correction = np.ones(len(names)) if fpc is None else 1 - sizes / population_of(data, fpc, of_row, sizes, names)
    return Strata(cluster, of_cluster, sizes, np.maximum(correction, 0.0), tuple(names))


def population_of(
    data: pd.DataFrame, fpc: str | float, of_row: NDArray[np.int64], sizes: NDArray[np.int64], names: list[str]
) -> Floats:
    """(h,) clusters in each stratum of the population."""
    if isinstance(fpc, str):
        given = numbers(data, fpc, "fpc")
        where = f"fpc, column {fpc!r}"
    else:
        given = np.full(len(data), float(fpc))
        where = f"fpc={fpc!r}"
        if fpc > 1 and len(names) > 1:
            raise MethodError(
                "one population size for several strata",
                where=where,
                expected="a column with each stratum's population size, or a sampled fraction",
                got=f"{len(names)} strata",
                mend="put each stratum's population size in a column and name it in fpc",
            )
    if not np.isfinite(given).all() or (given <= 0).any():
        bad = ~np.isfinite(given) | (given <= 0)
        got = f"{given[bad][0]:g} in {int(bad.sum())} rows ({rows(data, bad)})"
        raise MethodError("fpc must be positive", where=where, got=got)
    if (given > 1).any() and (given < 1).any():
        raise MethodError(
            "fpc mixes population sizes and fractions",
            where=where,
            expected="all ≥ 1 (population sizes) or all ≤ 1 (sampled fractions)",
            got=f"from {given.min():g} to {given.max():g}",
        )
    low = _constant(given, of_row, names, where)
    size = low if (given > 1).any() else sizes / low
    small = np.flatnonzero(size < sizes * (1 - 1e-12))
    if len(small):
        raise MethodError(
            "more answers than the population holds",
            where=where,
            got="; ".join(f"{names[i]}: {sizes[i]} of {size[i]:g}" for i in small[:5]),
            mend="state the population size of the frame that the answers come from",
        )
    return size


def _constant(given: Floats, of_row: NDArray[np.int64], names: list[str], where: str) -> Floats:
    """(h,) the value of each stratum, which must be one."""
    low, high = np.full(len(names), np.inf), np.full(len(names), -np.inf)
    np.minimum.at(low, of_row, given)
    np.maximum.at(high, of_row, given)
    if (low != high).any():
        varying = [names[i] for i in np.flatnonzero(low != high)[:5]]
        raise MethodError("fpc varies within a stratum", where=where, got=f"strata {', '.join(varying)}")
    return low


def lonely_error(strata: Strata, column: str) -> MethodError:
    names = [strata.names[i] for i in np.flatnonzero(strata.lonely)]
    return MethodError(
        "a stratum with one cluster has no variance of its own",
        where=f"strata={column!r}",
        got=", ".join(names[:10]),
        mend='merge it with a neighbour, or choose lonely="adjust", "average", "certainty" or "remove"',
    )
