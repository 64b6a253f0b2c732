"""Exact inference about change: distributions that are counted, not approximated."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evalkit.change.sample import Sample, prepare
from evalkit.errors import MethodError, nearest
from evalkit.numerics import exact as numerics
from evalkit.numerics.patterns import Floats

MOST_FITS = 50_000  # the likelihood ratio fits the model once for each point of the support


@dataclass(frozen=True)
class Exact:
    """Exact inference about one coefficient, or a joint test of several.

    Attributes
    ----------
    terms : the columns tested. statistic : the ordering, "tail", "lr", "score" or "probability".
    estimate : median-unbiased (Hirji, Tsiatis & Mehta 1989); conf_int, conf_int_mid_p : (low, high). NaN for several
        terms and for Monte Carlo.
    pvalue, pvalue_mid_p : two-sided. std_error_pvalue : of the p-value by Monte Carlo, else 0.
    support : points that the statistics can take (points drawn, by Monte Carlo). method : "exact" or "monte-carlo".
    note : what to beware of; empty where nothing.
    """

    terms: tuple[str, ...]
    statistic: str
    estimate: float
    conf_int: tuple[float, float]
    conf_int_mid_p: tuple[float, float]
    pvalue: float
    pvalue_mid_p: float
    std_error_pvalue: float
    support: int
    method: str
    note: str


def exact_conditional(
    formula: str,
    data: pd.DataFrame,
    *,
    group: str,
    terms: str | Iterable[str],
    statistic: str | None = None,
    level: float = 0.95,
    method: str = "exact",
    draws: int = 10_000,
    seed: int | None = None,
    limit: float = 2e7,
    wave: str | None = None,
) -> Exact:
    """Exact inference about `terms` given the sufficient statistics of the other terms.

    Parameters
    ----------
    formula, data, group, wave : as in `conditional_logit`; columns must differ within units by whole steps.
    terms : a term of the formula, a column of the design, or several. One column gives an estimate and intervals,
        several a joint test.
    statistic : how far a point of the support is from no effect. "tail" (default for one column): twice the smaller
        tail, which agrees with the interval. "lr" (default for several): the likelihood ratio; "score": distance in the
        metric of the exact covariance; "probability": the less likely, the further (Freeman & Halton 1951).
    level : of the intervals.
    method : "exact", or "monte-carlo": `draws` independent draws from the same distribution, with `seed`.
    limit : states a step of the convolution may take before it is refused.

    Raises
    ------
    MethodError : a term is not in the model; a column does not take whole steps; the support is too large, with the
        size it would take.

    Examples
    --------
    >>> import pandas as pd
    >>> data = pd.DataFrame({"unit": sorted([*range(6)] * 2), "wave": [0, 1] * 6, "y": [0, 1] * 6})
    >>> result = exact_conditional("y ~ wave", data, group="unit", terms="wave")
    >>> round(result.pvalue, 5), result.conf_int[1]  # six up, none down: 2/64
    (0.03125, inf)
    """
    _check(statistic, level, method, draws, seed)
    sample = prepare(formula, data, group=group, wave=wave)
    columns = matching(sample, [terms] if isinstance(terms, str) else list(terms), formula)
    chosen = statistic or ("tail" if len(columns) == 1 else "lr")
    if chosen == "tail" and len(columns) > 1:
        raise MethodError(
            "Several terms have no tail.",
            where=", ".join(sample.names[i] for i in columns),
            expected='statistic="lr", "score" or "probability"',
        )
    return exact_test(sample, columns, chosen, level=level, method=method, draws=draws, seed=seed, limit=limit)


def _check(statistic: str | None, level: float, method: str, draws: int, seed: int | None) -> None:
    if statistic not in (None, "tail", "lr", "score", "probability"):
        raise MethodError(
            "There is no such ordering.",
            where=f"statistic={statistic!r}",
            expected='"tail", "lr", "score" or "probability"',
        )
    if not 0 < level < 1:
        raise MethodError("The level is not between 0 and 1.", where="exact_conditional", got=level)
    if method not in ("exact", "monte-carlo"):
        raise MethodError("There is no such method.", where=f"method={method!r}", expected='"exact" or "monte-carlo"')
    if method == "exact" and seed is not None:
        raise MethodError(
            "An exact distribution has no seed.", where=f"seed={seed}", mend='leave it out, or say method="monte-carlo"'
        )
    if method == "monte-carlo":
        if seed is None:
            raise MethodError("Monte Carlo needs a seed.", where='method="monte-carlo"', mend="give seed=1, say")
        if statistic == "probability":
            raise MethodError(
                "Draws do not tell a point's probability.", where='statistic="probability"', mend='use "lr" or "score"'
            )
        if draws < 100:
            raise MethodError("Too few draws.", where=f"draws={draws}", expected="100 or more")


def matching(sample: Sample, terms: list[str], formula: str) -> list[int]:
    """Columns of the design that `terms` name, as columns or as terms of the formula."""

    def parts(name: str) -> frozenset[str]:
        return frozenset(part.replace(" ", "") for part in re.sub(r"\[[^\]]*\]", "", name).split(":"))

    found: list[int] = []
    for term in terms:
        here = [i for i, name in enumerate(sample.names) if name == term]
        here = here or [i for i, name in enumerate(sample.names) if parts(name) == parts(term)]
        if not here:
            why = {
                name: reason for name, reason in sample.omitted.items() if name == term or parts(name) == parts(term)
            }
            raise MethodError(
                f"The term {term!r} is not in the model.",
                where=formula,
                expected=", ".join(sample.names),
                got="; ".join(f"{name} {reason}" for name, reason in why.items()) or None,
                mend=f"did you mean {nearest(term, sample.names)!r}?" if nearest(term, sample.names) else None,
            )
        found += [i for i in here if i not in found]
    return sorted(found)


def exact_test(
    sample: Sample,
    columns: list[int],
    statistic: str,
    *,
    level: float = 0.95,
    method: str = "exact",
    draws: int = 10_000,
    seed: int | None = None,
    limit: float = 2e7,
) -> Exact:
    """`exact_conditional` on a prepared sample."""
    names = tuple(sample.names[i] for i in columns)
    try:
        grid = numerics.lattice(sample.patterns)
        if method == "monte-carlo":
            drawn = numerics.sample(grid, columns, draws, np.random.default_rng(seed), limit=limit)
            return _by_draws(grid, columns, names, statistic, drawn)
        distribution = numerics.conditional(grid, columns, limit=limit)
    except numerics.NotIntegers as error:
        raise MethodError(
            "An exact distribution needs columns that change by whole steps.",
            where=sample.names[error.column],
            got="values on no common step",
            mend="leave the column out or round it to steps, or use conditional_logit",
        ) from None
    except numerics.TooLarge as error:
        raise MethodError(
            "The exact distribution is too large.",
            where=", ".join(names),
            expected=f"{limit:.3g} states or fewer in a step",
            got=f"{error.size:.3g} states",
            mend='use method="monte-carlo" with a seed, or conditional_logit with penalty="firth"',
        ) from None
    if len(columns) == 1 and statistic == "tail":
        return _one(distribution, grid, columns[0], names, level)
    return _joint(distribution, grid, columns, names, statistic, level)


def _one(
    distribution: numerics.Distribution, grid: numerics.Lattice, column: int, names: tuple[str, ...], level: float
) -> Exact:
    observed, step = int(grid.observed[column]), float(grid.step[column])
    estimate, exact, mid = _estimates(distribution, observed, step, level)
    below, at, above = numerics.tails(distribution, observed, 0.0, step)
    least = min(below, above)
    note = "" if len(distribution.points) > 1 else "the other terms leave it only one value: the data say nothing of it"
    return Exact(
        terms=names,
        statistic="tail",
        estimate=estimate,
        conf_int=exact,
        conf_int_mid_p=mid,
        pvalue=min(1.0, 2 * (least + at)),
        pvalue_mid_p=min(1.0, 2 * (least + at / 2)),
        std_error_pvalue=0.0,
        support=len(distribution.points),
        method="exact",
        note=note,
    )


def _estimates(
    distribution: numerics.Distribution, observed: int, step: float, level: float
) -> tuple[float, tuple[float, float], tuple[float, float]]:
    """Median-unbiased estimate, exact limits, mid-p limits."""

    def limits(tail: float, share: float) -> tuple[float, float]:
        low = numerics.bound(distribution, observed, step, tail, share, -1)
        return low, numerics.bound(distribution, observed, step, tail, share, 1)

    if len(distribution.points) == 1:
        return np.nan, (-np.inf, np.inf), (-np.inf, np.inf)
    middle = [value for value in limits(0.5, 1.0) if np.isfinite(value)]
    tail = (1 - level) / 2
    return float(np.mean(middle)), limits(tail, 1.0), limits(tail, 0.5)


def _joint(
    distribution: numerics.Distribution,
    grid: numerics.Lattice,
    columns: list[int],
    names: tuple[str, ...],
    statistic: str,
    level: float,
) -> Exact:
    """p-value by an ordering of the support."""
    log_chance = distribution.log_ways - np.logaddexp.reduce(distribution.log_ways)
    chance = np.exp(log_chance)
    points = distribution.points
    here = int(np.flatnonzero((points == grid.observed[columns]).all(axis=1))[0])
    if statistic == "probability":
        distance = -log_chance
    elif statistic == "score":
        distance = _score_distance(points, chance)
    else:
        distance = _ratio(grid, points, columns, names)
    near = 1e-7 * max(1.0, abs(distance[here]))
    more, same = chance[distance > distance[here] + near].sum(), chance[np.abs(distance - distance[here]) <= near].sum()
    estimate, exact, mid = (np.nan, (np.nan, np.nan), (np.nan, np.nan))
    if len(columns) == 1:
        column = columns[0]
        estimate, exact, mid = _estimates(distribution, int(grid.observed[column]), float(grid.step[column]), level)
    return Exact(
        terms=names,
        statistic=statistic,
        estimate=estimate,
        conf_int=exact,
        conf_int_mid_p=mid,
        pvalue=min(1.0, float(more + same)),
        pvalue_mid_p=min(1.0, float(more + same / 2)),
        std_error_pvalue=0.0,
        support=len(points),
        method="exact",
        note="" if len(points) > 1 else "the other terms leave only one value: the data say nothing of them",
    )


def _score_distance(points: np.ndarray, chance: Floats) -> Floats:
    away = points - chance @ points
    covariance = away.T @ (away * chance[:, None])
    return np.einsum("mp,pq,mq->m", away, np.linalg.pinv(covariance, hermitian=True), away)


def _ratio(grid: numerics.Lattice, points: np.ndarray, columns: list[int], names: tuple[str, ...]) -> Floats:
    """Twice the greatest log-likelihood at each point; the smaller model's is the same at all of them."""
    if len(points) > MOST_FITS:
        raise MethodError(
            "The likelihood ratio needs a fit for each point of the support.",
            where=", ".join(names),
            expected=f"{MOST_FITS} points or fewer",
            got=len(points),
            mend='use statistic="score" or "probability", or method="monte-carlo"',
        )
    return 2 * numerics.greatest_loglik(grid, points, columns)


def _by_draws(
    grid: numerics.Lattice, columns: list[int], names: tuple[str, ...], statistic: str, drawn: np.ndarray
) -> Exact:
    """p-values (1 + hits)/(1 + draws) (Davison & Hinkley 1997, eq. 4.11)."""
    observed = grid.observed[columns]
    points, where, counts = np.unique(
        np.concatenate([observed[None, :], drawn]), axis=0, return_inverse=True, return_counts=True
    )
    here = int(where.reshape(-1)[0])
    chance = counts / counts.sum()
    if statistic == "tail":
        t = points[:, 0]
        at = float(chance[t == observed[0]].sum())
        least = min(float(chance[t < observed[0]].sum()), float(chance[t > observed[0]].sum()))
        pvalue, mid = min(1.0, 2 * (least + at)), min(1.0, 2 * (least + at / 2))
    else:
        distance = _score_distance(points, chance) if statistic == "score" else _ratio(grid, points, columns, names)
        near = 1e-7 * max(1.0, abs(distance[here]))
        same = float(chance[np.abs(distance - distance[here]) <= near].sum())
        more = float(chance[distance > distance[here] + near].sum())
        pvalue, mid = min(1.0, more + same), more + same / 2
    return Exact(
        terms=names,
        statistic=statistic,
        estimate=np.nan,
        conf_int=(np.nan, np.nan),
        conf_int_mid_p=(np.nan, np.nan),
        pvalue=pvalue,
        pvalue_mid_p=mid,
        std_error_pvalue=float(np.sqrt(pvalue * (1 - pvalue) / len(drawn))),
        support=len(points),
        method="monte-carlo",
        note=f"{len(drawn)} draws; no estimate or interval is had from draws",
    )
