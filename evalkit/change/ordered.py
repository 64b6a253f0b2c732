"""Fixed-effects logit for ordered answers, by blow-up and cluster."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pandas as pd

from evalkit.change.clogit import conditional_logit
from evalkit.change.design import columns_used, parse, unique_rows
from evalkit.change.result import ConditionalLogit
from evalkit.errors import DataError, MethodError

MOST_LEVELS = 100


@dataclass(frozen=True)
class OrderedLogit(ConditionalLogit):
    """A conditional logit pooled over the cuts of an ordered outcome.

    Attributes
    ----------
    cuts : answers at or above which a copy of the unit counts as yes; the other attributes are those of
        ConditionalLogit. Units and rows are counted once, not once a cut; `loglik` is a pseudo-likelihood's.
    """

    cuts: tuple[Any, ...]


def ordered_logit(
    formula: str,
    data: pd.DataFrame,
    *,
    group: str,
    weights: str | None = None,
    cluster: str | None = None,
    fpc: str | float | None = None,
    wave: str | None = None,
) -> OrderedLogit:
    """Ordered logit with a fixed effect for each unit (Baetschmann, Staub & Winkelmann 2015).

    Each unit is copied once for every cut between two answers, the outcome being whether the answer lies at or above
    it; one conditional logit of all copies estimates the coefficients, and the sandwich variance is clustered by unit.

    Parameters
    ----------
    formula : "y ~ x", y a number or an ordered categorical. data, group, weights, fpc, wave : as in
        `conditional_logit`. cluster : column of groups that units lie within; default the unit.

    Raises
    ------
    DataError : the outcome has no order. MethodError : as `conditional_logit`; fewer than two or more than 100 answers.

    Examples
    --------
    >>> data = pd.DataFrame({"id": [1, 1, 2, 2, 3, 3], "wave": [0, 1] * 3, "y": [1, 3, 1, 2, 3, 2]})
    >>> result = ordered_logit("y ~ wave", data, group="id")
    >>> float(round(result.params["wave"], 4)), result.cuts  # three copies up, one down: log(3/1)
    (1.0986, (2, 3))
    """
    parsed = parse(formula)
    used = columns_used(parsed, formula, data, group=group, weights=weights, cluster=cluster, fpc=fpc, wave=wave)
    outcome = str(next(iter(parsed.lhs)))
    if outcome not in data.columns:
        raise MethodError("The outcome is not a column.", where=outcome, mend="put the outcome in a column of its own")
    missing = [(f"missing {name}", data[name].isna()) for name in used]
    missing += [("weight zero", data[weights] == 0)] if weights is not None else []
    known = data.loc[~np.logical_or.reduce([bad for _, bad in missing])]
    if not len(known):
        raise DataError("No row is complete.", where=formula)
    unique_rows(known, group, wave or ("wave" if "wave" in used else None))
    level, values = _levels(known[outcome], outcome)
    units = pd.factorize(known[group])[0]
    copies = []
    for cut in range(1, len(values)):
        copy = known.assign(**{outcome: (level >= cut).astype(int)})
        copies.append(copy.assign(**{_COPY: units * len(values) + cut, _UNIT: units}))
    stacked = pd.concat(copies, ignore_index=True)
    found = conditional_logit(
        formula,
        stacked,
        group=_COPY,
        weights=weights,
        cluster=cluster or _UNIT,
        fpc=_fraction(fpc, units),
        wave=wave,
    )
    own = {f.name: getattr(found, f.name) for f in fields(ConditionalLogit)}
    rows = np.unique(found._sample.rows % len(known))
    own |= {
        "formula": formula,
        "group": group,
        "nobs": len(rows),
        "n_groups": int(data[group].nunique()),
        "n_groups_paired": int((np.bincount(units) >= 2).sum()),
        "n_groups_used": len(np.unique(units[rows])),
        "dropped": _dropped(data[group], missing, units, level),
    }
    return OrderedLogit(**own, cuts=tuple(values[1:]))


_COPY, _UNIT = "unit and cut", "unit of the copy"


def _fraction(fpc: str | float | None, units: np.ndarray) -> str | float | None:
    """A population size is that of the units, not of their copies."""
    if isinstance(fpc, str) or fpc is None or fpc <= 1:
        return fpc
    asked = int((np.bincount(units) >= 2).sum())
    if fpc < asked:
        raise MethodError(
            "The population is smaller than the sample.", where=f"fpc={fpc:g}", expected=f"{asked} or more"
        )
    return asked / fpc


def _levels(answers: pd.Series, name: str) -> tuple[np.ndarray, list[Any]]:
    """Rank of each answer and the answers in order."""
    if isinstance(answers.dtype, pd.CategoricalDtype):
        if not answers.cat.ordered:
            raise DataError(
                "The outcome has no order.",
                where=name,
                got="an unordered categorical",
                mend="give its categories an order",
            )
        seen = answers.cat.remove_unused_categories()
        values, level = list(seen.cat.categories), seen.cat.codes.to_numpy()
    elif pd.api.types.is_numeric_dtype(answers.dtype):
        found, level = np.unique(answers.to_numpy(dtype=float), return_inverse=True)
        values = [int(v) if v.is_integer() else float(v) for v in found]
        level = level.reshape(-1)
    else:
        raise DataError(
            "The outcome has no order.",
            where=name,
            got=answers.dtype,
            mend="make it a number or an ordered categorical",
        )
    if not 2 <= len(values) <= MOST_LEVELS:
        raise MethodError(
            "The number of answers is not one an ordered logit can use.",
            where=name,
            expected=f"2 to {MOST_LEVELS}",
            got=len(values),
            mend="band the answers" if len(values) > 2 else None,
        )
    return level, values


def _dropped(
    group: pd.Series, missing: list[tuple[str, pd.Series]], units: np.ndarray, level: np.ndarray
) -> pd.DataFrame:
    """Rows left out by reason, each counted once."""
    account: list[tuple[str, int, int]] = []
    gone = np.zeros(len(group), dtype=bool)
    for why, bad in missing:
        bad = bad.to_numpy() & ~gone
        if bad.any():
            account.append((why, int(group[bad].nunique(dropna=False)), int(bad.sum())))
        gone |= bad
    size = np.bincount(units)
    low, high = np.full(len(size), np.inf), np.full(len(size), -np.inf)
    np.minimum.at(low, units, level)
    np.maximum.at(high, units, level)
    for why, those in [("one row", size == 1), ("outcome never changes", (low == high) & (size > 1))]:
        if those.any():
            account.append((why, int(those.sum()), int(size[those].sum())))
    return pd.DataFrame(account, columns=["why", "groups", "rows"])
