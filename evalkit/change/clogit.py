"""Conditional logit: did units that answered more than once change their answer, and where?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from evalkit.change.result import ConditionalLogit
from evalkit.change.robust import sandwich
from evalkit.change.sample import prepare
from evalkit.errors import MethodError
from evalkit.numerics import firth, fitting
from evalkit.numerics.separation import FINITE


def conditional_logit(
    formula: str,
    data: pd.DataFrame,
    *,
    group: str,
    weights: str | None = None,
    cluster: str | None = None,
    cov: str | None = None,
    fpc: str | float | None = None,
    penalty: str | None = None,
    wave: str | None = None,
) -> ConditionalLogit:
    """Logit with a fixed effect for each unit, by the exact conditional likelihood.

    The likelihood of a unit's answers given how many of them are yes does not hold the unit's effect
    (Chamberlain 1980). Units that never change say nothing and are left out and counted; covariates that do not
    change within units (size group, county) are omitted and named. Whether the maximum is finite is proven, not
    guessed: separated coefficients are ±∞.

    Parameters
    ----------
    formula : "y ~ x1 + C(wave):C(size)", y being 0 or 1. There is no intercept; categorical columns are coded
        against their first level, numbers in text by size. Values of a unit that differ by less than 1e-11 of the
        column's greatest are the same, and `notes` says where.
    data : one row for each unit and wave.
    group : column that names the unit.
    weights : column, constant within the unit: pseudo-likelihood with the sandwich variance (Binder 1983).
    cluster : column of groups that units lie within; the sandwich then sums scores within them.
    cov : "information" (inverse Hessian) or "robust" (sandwich, by unit or cluster); default information, and
        robust with `weights` or `cluster`, where information is refused.
    fpc : population size, sampled fraction, or a column of sampled fractions; for the sandwich variance. Units
        that answered at least twice are the sample.
    penalty : "firth" adds ½ log |I| to the log-likelihood (Heinze & Puhr 2010): finite estimates under separation.
    wave : column that with `group` names a row, checked for duplicates; by default "wave", if the formula has it. Its
        text must be numbers or dates, or a categorical in its order.

    Returns
    -------
    ConditionalLogit : params, std_errors, cov, tstats (standard normal), pvalues, conf_int(), summary(), tests,
        dropped, omitted, separated.

    Raises
    ------
    MethodError, DataError : an unknown column, an outcome that is not 0 or 1, two rows of a unit in a wave, weights
        that differ within a unit, no unit that changed; the message names what and where.

    Examples
    --------
    >>> import pandas as pd
    >>> up, down = [0, 1], [1, 0]
    >>> data = pd.DataFrame({"unit": [1, 1, 2, 2, 3, 3], "wave": [0, 1] * 3, "y": up + up + down})
    >>> float(round(conditional_logit("y ~ wave", data, group="unit").params["wave"], 4))  # log(2/1)
    0.6931
    """
    cov_type = _cov_type(cov, weights, cluster, fpc, penalty)
    sample = prepare(formula, data, group=group, weights=weights, cluster=cluster, fpc=fpc, wave=wave)
    found = fitting.fit(sample.patterns) if penalty is None else firth.fit(sample.patterns)
    names = list(sample.names)
    matrix = found.cov
    if cov_type == "robust":
        matrix = np.where(np.isfinite(matrix), sandwich(found, sample), np.nan)
    return ConditionalLogit(
        formula=formula,
        group=group,
        params=pd.Series(found.params, index=names, name="estimate"),
        cov=pd.DataFrame(matrix, index=names, columns=names),
        cov_type=cov_type,
        penalty=penalty,
        loglik=found.loglik,
        loglik_null=found.null.loglik,
        loglik_penalised=found.penalised,
        nobs=len(sample.y),
        n_groups=sample.n_groups,
        n_groups_paired=sample.n_paired,
        n_groups_used=len(sample.labels),
        dropped=sample.dropped,
        omitted=sample.omitted,
        separated=tuple(name for name, status in zip(names, found.status) if status != FINITE),
        converged=found.converged,
        certified=found.certified,
        weighted=weights is not None,
        _fit=found,
        _sample=sample,
    )


def _cov_type(
    cov: str | None, weights: str | None, cluster: str | None, fpc: str | float | None, penalty: str | None
) -> str:
    """The variance asked for, or the one that the other arguments call for; contradictions are refused."""
    if cov not in (None, "information", "robust"):
        raise MethodError("There is no such variance.", where=f"cov={cov!r}", expected='"information" or "robust"')
    if penalty not in (None, "firth"):
        raise MethodError("There is no such penalty.", where=f"penalty={penalty!r}", expected='None or "firth"')
    if penalty is not None:
        for name, value in (("weights", weights), ("cluster", cluster), ("fpc", fpc)):
            if value is not None:
                raise MethodError(
                    f"The penalised likelihood has no {name}.",
                    where=f'penalty="firth", {name}={value!r}',
                    mend=f"leave out {name}, or the penalty",
                )
        if cov == "robust":
            raise MethodError("The penalised likelihood has no robust variance.", where='penalty="firth", cov="robust"')
    needs = [name for name, value in (("weights", weights), ("cluster", cluster)) if value is not None]
    if cov == "information" and needs:
        raise MethodError(
            f"The inverse information is not a variance with {' and '.join(needs)}.",
            where='cov="information"',
            mend='leave out cov, or say cov="robust"',
        )
    kind = "robust" if needs else (cov or "information")
    if fpc is not None and kind != "robust":
        raise MethodError(
            "A finite population correction needs the sandwich variance.", where=f"fpc={fpc!r}", mend='say cov="robust"'
        )
    if cluster is not None and isinstance(fpc, (int, float)) and fpc > 1:
        raise MethodError(
            "A population of units does not tell what share of the clusters was sampled.",
            where=f"cluster={cluster!r}, fpc={fpc:g}",
            expected="a sampled fraction between 0 and 1, or a column of them",
            mend="give the fraction of clusters that was sampled",
        )
    return kind
