"""Replicate weights made from a design, with every later step repeated in each replicate."""

from __future__ import annotations

from typing import Literal

import numpy as np

from evalkit.errors import MethodError
from evalkit.numerics.replication import jackknife, rescaling_bootstrap
from evalkit.weights.design import Design, Replicates


def replicate(
    design: Design,
    method: Literal["jackknife", "bootstrap"] = "jackknife",
    *,
    n: int | None = None,
    seed: int | None = None,
) -> Design:
    """Give a design replicate weights; calibration, post-stratification and trimming are repeated in each.

    Parameters
    ----------
    method : jackknife (JK1, or JKn with strata: one replicate a cluster) or bootstrap (Rao & Wu's rescaling bootstrap,
        whose finite population correction is in the weights).
    n : number of bootstrap replicates, 500 where it is not given.
    seed : of the bootstrap; None draws one, which is recorded in `design.replicates.seed`.

    Returns
    -------
    Design whose estimates take their variance from the replicates. A replicate that lost a whole category gives its
    total to the margin's other categories in proportion, and `design.replicates.notes` counts such replicates.

    Raises
    ------
    MethodError : replicates that are there already, n or seed for the jackknife, a single cluster.

    Examples
    --------
    >>> import pandas as pd
    >>> replicate(Design(pd.DataFrame({"y": [1, 2, 3]}), fpc=6)).replicates.count
    3
    """
    if design.replicates is not None or design.strata is None:
        raise MethodError("the design has replicate weights already", got=repr(design))
    strata = design.strata
    if method == "jackknife":
        if n is not None or seed is not None:
            raise MethodError("the jackknife has a replicate a cluster and no seed", got=f"n={n}, seed={seed}")
        factors, rscales = jackknife(strata)
        made = Replicates(np.empty((0, 0)), 1.0, rscales, method="JK1" if len(strata.sizes) == 1 else "JKn")
    elif method == "bootstrap":
        count = 500 if n is None else n
        if count < 2:
            raise MethodError("the bootstrap needs at least 2 replicates", got=n)
        used = int(np.random.SeedSequence().generate_state(1)[0]) if seed is None else int(seed)
        factors = rescaling_bootstrap(strata, count, used)
        made = Replicates(np.empty((0, 0)), 1.0 / (count - 1), method="Rao–Wu bootstrap", seed=used)
    else:
        raise MethodError("unknown method of replication", expected="jackknife or bootstrap", got=repr(method))
    if strata.lonely.any() and design.lonely in ("adjust", "average"):
        mend = 'use lonely="certainty", or merge the stratum with a neighbour'
        raise MethodError(
            f'replicates cannot carry lonely="{design.lonely}"', got="a stratum of one cluster", mend=mend
        )
    if len(strata.stratum) < 2:
        raise MethodError("replicates need at least two clusters", got=len(strata.stratum))
    rows = factors if strata.cluster is None else factors[strata.cluster]
    columns = design.base[:, None] * rows
    notes: tuple[str, ...] = ()
    for operation in design.recipe:
        columns, said = operation(columns)
        notes += said
    replicates = Replicates(columns, made.scale, made.rscales, False, made.method, made.seed, notes)
    return design.replace(replicates=replicates)
