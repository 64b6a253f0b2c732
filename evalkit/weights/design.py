"""The survey design: whom each answer stands for, and how the answers came about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from evalkit.errors import EvalkitError, MethodError, nearest, one_of
from evalkit.numerics.linearisation import Projection, Strata
from evalkit.weights.strata import lonely_error, numbers, rows, strata_of

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Operation = Callable[[Floats], tuple[Floats, tuple[str, ...]]]
"""A step on columns of weights (n, r): the new columns, and what there is to say of them."""
Lonely = Literal["fail", "adjust", "average", "certainty", "remove"]


@dataclass(frozen=True)
class Replicates:
    """Replicate weights.

    Attributes
    ----------
    weights : (n, r) replicate weights, base weight included.
    scale : multiplies the sum of squares of the replicates' deviations.
    rscales : (r,) multiplies each replicate's square; ones where it is not given.
    mse : deviations from the full sample's estimate; else from the mean of the replicates.
    method, seed : how they were made.
    notes : what happened on the way, such as replicates that lost a category.
    """

    weights: Floats
    scale: float
    rscales: Floats | None = None
    mse: bool = False
    method: str = "given"
    seed: int | None = None
    notes: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        return int(np.shape(self.weights)[1])

    @property
    def multipliers(self) -> Floats:
        """(r,) scale × rscales."""
        rscales = np.ones(self.count) if self.rscales is None else np.asarray(self.rscales, dtype=float)
        return self.scale * rscales


@dataclass(frozen=True)
class Step:
    """The weights after one step: base weights, calibration, trimming.

    `deff` is Kish's design effect of weighting, n Σw² / (Σw)²; its reference is a sample of n equal weights.
    """

    name: str
    detail: str
    n: int
    sum: float
    min: float
    max: float
    deff: float
    n_effective: float
    negative: int
    note: str = ""

    @classmethod
    def of(cls, name: str, detail: str, weights: Floats, note: str = "") -> Step:
        effective = kish(weights)
        return cls(
            name,
            detail,
            len(weights),
            float(weights.sum()),
            float(weights.min()),
            float(weights.max()),
            len(weights) / effective,
            effective,
            int((weights < 0).sum()),
            note,
        )


def kish(weights: Floats) -> float:
    """Kish's effective sample size (Σw)² / Σw² (Kish 1965, 11.7)."""
    square = float(weights @ weights)
    return float(weights.sum()) ** 2 / square if square > 0 else float("nan")


@dataclass(frozen=True, init=False, eq=False)
class Design:
    """Answers with their base weights, strata, clusters and finite population correction.

    Parameters
    ----------
    data : one row an answer; not changed.
    weights : column of base weights; None for population size / sample size where `fpc` is given, else 1.
    strata, clusters : columns of the strata and of the first-stage clusters.
    fpc : column or number: population size of the stratum in clusters (> 1), or sampled fraction (0 < f ≤ 1), as in R.
    replicates : replicate weights made elsewhere; then strata, clusters and fpc are in them and not given here.
    lonely : what to do with a stratum of one cluster: fail, adjust, average, certainty, remove, as in R.

    Attributes
    ----------
    weights : Series (n,) of the weights after every step so far, on data's index.
    df : degrees of freedom, clusters − strata.
    n : number of rows.
    log : frame of steps, with range, sum, Kish's design effect and effective n of the weights after each.
    complete : (n,) rows of a category whose every unit answered, by its count and the total it was calibrated to.

    Raises
    ------
    MethodError : unknown columns, missing or non-positive weights, population smaller than the sample, lonely strata;
        all faults at once.

    Notes
    -----
    A census with nonresponse is Design(answers, fpc=N): base weight N/n and 1 − n/N on the variance. It assumes that
    who answered is a simple random sample of the units (within strata and calibration cells).

    Examples
    --------
    >>> import pandas as pd
    >>> Design(pd.DataFrame({"yes": [1, 0, 1]}), fpc=6).weights.tolist()
    [2.0, 2.0, 2.0]
    """

    data: pd.DataFrame
    weights: pd.Series
    strata: Strata | None
    replicates: Replicates | None
    lonely: Lonely
    has_fpc: bool
    clustered: bool
    projections: tuple[Projection, ...]
    steps: tuple[Step, ...]
    base: Floats
    recipe: tuple[Operation, ...]
    complete: NDArray[np.bool_]

    def __init__(
        self,
        data: pd.DataFrame,
        *,
        weights: str | None = None,
        strata: str | None = None,
        clusters: str | None = None,
        fpc: str | float | None = None,
        replicates: Replicates | None = None,
        lonely: Lonely = "fail",
    ) -> None:
        _known(data, weights=weights, strata=strata, clusters=clusters, fpc=fpc)
        if lonely not in get_args(Lonely):
            raise MethodError("unknown rule for lonely strata", expected=one_of(get_args(Lonely)), got=repr(lonely))
        if replicates is not None:
            _check_replicates(data, replicates, strata=strata, clusters=clusters, fpc=fpc)
        first = None if replicates is not None else strata_of(data, strata, clusters, fpc)
        base = _base_weights(data, weights, first, fpc)
        if first is not None and strata is not None and lonely == "fail" and first.lonely.any():
            raise lonely_error(first, strata)
        detail = f"column {weights}" if weights else "population / sample" if fpc is not None else "1"
        self._set(
            data=data,
            weights=_series(base, data),
            strata=first,
            replicates=replicates,
            lonely=lonely,
            has_fpc=fpc is not None,
            clustered=clusters is not None,
            projections=(),
            steps=(Step.of("base", detail, base),),
            base=base,
            recipe=(),
            complete=np.zeros(len(data), dtype=bool),
        )

    def _set(self, **values: Any) -> None:
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def replace(self, **values: Any) -> Design:
        """The same design with other weights, projections, steps or replicates."""
        new = object.__new__(Design)
        fields = {name: getattr(self, name) for name in self.__dataclass_fields__}
        if "weights" in values:
            values["weights"] = _series(np.asarray(values["weights"], dtype=float), self.data)
        new._set(**(fields | values))
        return new

    @property
    def n(self) -> int:
        return len(self.data)

    @cached_property
    def df(self) -> int:
        """Clusters − strata; of replicate weights from elsewhere, their rank − 1."""
        if self.strata is None:
            assert self.replicates is not None
            return int(np.linalg.matrix_rank(np.asarray(self.replicates.weights, dtype=float), tol=None)) - 1
        df = len(self.strata.stratum) - len(self.strata.sizes)
        return min(df, self.replicates.count - 1) if self.replicates is not None else df

    @property
    def population(self) -> float | None:
        """Units in the population, where the finite population correction states them."""
        if not self.has_fpc or self.clustered or self.strata is None:
            return None
        return float((self.strata.sizes / (1 - self.strata.correction)).sum())

    @property
    def log(self) -> pd.DataFrame:
        import pandas as pd

        return pd.DataFrame([vars(step) for step in self.steps])

    def __repr__(self) -> str:
        last = self.steps[-1]
        return (
            f"Design(n={self.n}, sum of weights={last.sum:g}, effective n={last.n_effective:.1f}, df={self.df}, "
            f"steps={' → '.join(step.name for step in self.steps)})"
        )


def _series(weights: Floats, data: pd.DataFrame) -> pd.Series:
    import pandas as pd

    return pd.Series(weights, index=data.index, name="weight", dtype=float)


def _known(data: pd.DataFrame, **columns: object) -> None:
    if len(data) == 0:
        raise MethodError("a design needs at least one answer", got="an empty frame")
    if isinstance(columns.get("fpc"), bool):
        raise MethodError("fpc is a number or a column", expected="the population size", got=columns["fpc"])
    faults = [
        MethodError(
            f"no column {name!r} in the data",
            where=f"{argument}={name!r}",
            expected=one_of(data.columns),
            mend=f"did you mean {nearest(name, data.columns)!r}?" if nearest(name, data.columns) else None,
        )
        for argument, name in columns.items()
        if name is not None and (isinstance(name, str) or argument != "fpc") and name not in data.columns
    ]
    if faults:
        raise MethodError.of(faults)


def _check_replicates(data: pd.DataFrame, replicates: Replicates, **other: object) -> None:
    given = [name for name, value in other.items() if value is not None]
    array = np.asarray(replicates.weights, dtype=float)
    faults: list[EvalkitError] = []
    if given:
        mend = f"leave out {' and '.join(given)}, or leave out replicates and call replicate(design)"
        faults.append(MethodError("replicate weights already carry the design", got=", ".join(given), mend=mend))
    if array.ndim != 2 or array.shape[0] != len(data):
        faults.append(
            MethodError("replicate weights need a row an answer", expected=f"{len(data)} rows", got=f"{array.shape}")
        )
    elif not np.isfinite(array).all():
        faults.append(MethodError("replicate weights hold missing values", got=int((~np.isfinite(array)).sum())))
    elif replicates.rscales is not None and len(replicates.rscales) != array.shape[1]:
        expected = f"{array.shape[1]} values, one a replicate"
        faults.append(MethodError("rscales do not fit the replicates", expected=expected, got=len(replicates.rscales)))
    if faults:
        raise MethodError.of(faults)


def _base_weights(data: pd.DataFrame, column: str | None, strata: Strata | None, fpc: object) -> Floats:
    if column is not None:
        weights = numbers(data, column, "weights")
        bad = ~(weights > 0) | ~np.isfinite(weights)
        if bad.any():
            raise MethodError(
                "base weights must be positive",
                where=f"column {column!r}",
                got=f"{int(bad.sum())} missing, zero or negative, in rows {rows(data, bad)}",
                mend="leave out who did not answer; a subgroup is a domain (by=, or NaN in the outcome)",
            )
        return weights
    if fpc is None or strata is None:
        return np.ones(len(data))
    of_stratum = 1.0 / (1.0 - strata.correction)
    of_row = of_stratum[strata.stratum]
    return of_row if strata.cluster is None else of_row[strata.cluster]
