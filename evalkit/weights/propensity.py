"""Weights from a model of who answers, and the rule for when an answer counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from evalkit.errors import MethodError
from evalkit.numerics.glm import fit
from evalkit.weights.margins import frame_faults, is_quantity

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Propensity:
    """A model of who answered.

    Attributes
    ----------
    propensity : Series on the frame's index, modelled chance of answering.
    weight : Series on the frame's index: one over the propensity, or over the class's share that answered; missing
        for those who did not answer. Base weights for a Design; calibrate on top of them.
    coefficients : frame of term, estimate, std_error (logistic regression).
    classes : frame of class, lowest and highest propensity, units, answered, weight; empty without classes.
    converged : False where some category answered all or not at all: their coefficients are not to be read.
    """

    propensity: pd.Series
    weight: pd.Series
    coefficients: pd.DataFrame
    classes: pd.DataFrame
    converged: bool


def response_propensity(
    frame: pd.DataFrame, answered: str, columns: Sequence[str], *, classes: int | None = None, unit: str | None = None
) -> Propensity:
    """Logistic regression of answering on frame variables (Little 1986; Särndal & Lundström 2005, chapter 6).

    Parameters
    ----------
    frame : every unit, one row each.
    answered : 0/1 column.
    columns : categories enter as categories, quantities linearly.
    classes : weight by classes of about equal size of the propensity instead of by its inverse; 5 is common.

    Raises
    ------
    MethodError : unknown columns, missing values, an outcome that is not 0/1, a class in which nobody answered.

    Examples
    --------
    >>> import pandas as pd
    >>> units = pd.DataFrame({"size": ["small"] * 4 + ["large"] * 4, "answered": [1, 0, 0, 0, 1, 1, 1, 0]})
    >>> response_propensity(units, "answered", ["size"]).weight.dropna().round(4).tolist()
    [4.0, 1.3333, 1.3333, 1.3333]
    """
    import pandas as pd

    faults = frame_faults(frame, [answered, *columns], unit)
    if faults:
        raise MethodError.of(faults)
    y = frame[answered].to_numpy(dtype=float)
    if not np.isin(y, (0.0, 1.0)).all() or y.min() == y.max():
        raise MethodError("answered must be 0/1 with both values", where=f"column {answered!r}", got=np.unique(y)[:5])
    if classes is not None and not 2 <= classes <= len(frame):
        raise MethodError("classes must be at least 2", got=classes)
    names, x = _terms(frame, columns)
    found = fit(x, y, np.ones(len(y)), logistic=True)
    error = np.sqrt(np.maximum(np.diag(found.bread), 0.0)) if found.converged else np.full(len(names), np.nan)
    coefficients = pd.DataFrame({"term": names, "estimate": found.params, "std_error": error})[found.kept]
    propensity = pd.Series(found.fitted, index=frame.index, name="propensity")
    if classes is None:
        chance, table = found.fitted, pd.DataFrame(columns=["class", "low", "high", "units", "answered", "weight"])
    else:
        chance, table = _classes(found.fitted, y, classes)
    weight = pd.Series(np.where(y == 1, 1 / np.maximum(chance, 1e-12), np.nan), index=frame.index, name="weight")
    return Propensity(propensity, weight, coefficients.reset_index(drop=True), table, found.converged)


def _terms(frame: pd.DataFrame, columns: Sequence[str]) -> tuple[list[str], Any]:
    names, parts = ["intercept"], [np.ones(len(frame))]
    for column in columns:
        if is_quantity(frame[column]):
            names.append(column)
            parts.append(frame[column].to_numpy(dtype=float))
            continue
        values = sorted(frame[column].unique().tolist(), key=str)
        names += [f"{column} = {value}" for value in values[1:]]
        parts += [(frame[column] == value).to_numpy(dtype=float) for value in values[1:]]
    return names, np.stack(parts, axis=1)


def _classes(propensity: Any, y: Any, classes: int) -> tuple[Any, pd.DataFrame]:
    import pandas as pd

    edges = np.unique(np.quantile(propensity, np.arange(1, classes) / classes))
    of_unit = np.unique(np.searchsorted(edges, propensity, side="left"), return_inverse=True)[1]
    units, yes = np.bincount(of_unit), np.bincount(of_unit, y)
    if (yes == 0).any():
        got = f"class {int(np.argmax(yes == 0)) + 1} of {len(units)}, {int(units[yes == 0][0])} units"
        raise MethodError("a class of the propensity has no answers", got=got, mend="use fewer classes")
    ends = [(propensity[of_unit == i].min(), propensity[of_unit == i].max()) for i in range(len(units))]
    table = pd.DataFrame(
        {
            "class": np.arange(1, len(units) + 1),
            "low": [low for low, _ in ends],
            "high": [high for _, high in ends],
            "units": units,
            "answered": yes.astype(int),
            "weight": units / yes,
        }
    )
    return (yes / units)[of_unit], table


def answer_status(
    data: pd.DataFrame, questions: Sequence[str], *, asked: pd.DataFrame | None = None, complete: float = 0.8
) -> pd.Series:
    """ "complete", "partial" or "none" for each row, by the share of the questions asked that were answered.

    Parameters
    ----------
    questions : columns; a missing value is no answer.
    asked : bool frame of the same rows and columns, False where a filter passed the question by; all without it.
    complete : share from which an answer is complete; 0.8 is AAPOR's practice.

    Examples
    --------
    >>> import pandas as pd
    >>> answer_status(pd.DataFrame({"a": [1, 1, None], "b": [2, None, None]}), ["a", "b"]).tolist()
    ['complete', 'partial', 'none']
    """
    import pandas as pd

    if not 0 < complete <= 1:
        raise MethodError("complete is a share of the questions asked", expected="0 < complete ≤ 1", got=complete)
    unknown = [q for q in questions if q not in data.columns]
    if unknown or not questions:
        raise MethodError("no such questions", got=", ".join(unknown) or "none named")
    columns = list(questions)
    put = np.ones((len(data), len(columns)), dtype=bool) if asked is None else asked[columns].to_numpy(dtype=bool)
    given = data[columns].notna().to_numpy() & put
    share = given.sum(axis=1) / np.maximum(put.sum(axis=1), 1)
    found = np.where(~given.any(axis=1), "none", np.where(share >= complete - 1e-12, "complete", "partial"))
    return pd.Series(found, index=data.index, name="status")


def merge_categories(data: pd.DataFrame, merges: Mapping[str, Mapping[Any, Any]]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Merge categories of frame variables as declared: {column: {category: the category it joins}}.

    Returns
    -------
    The data with merged columns, and a frame of column, category, into, rows (how many rows each merging moved).

    Raises
    ------
    MethodError : a column or category that is not there, or a chain (a into b, b into c).

    Examples
    --------
    >>> import pandas as pd
    >>> merged, moved = merge_categories(pd.DataFrame({"county": ["03", "02"]}), {"county": {"03": "02"}})
    >>> merged["county"].tolist(), int(moved["rows"].iloc[0])
    (['02', '02'], 1)
    """
    import pandas as pd

    faults, rows, changed = [], [], {}
    for column, pairs in merges.items():
        if column not in data.columns:
            faults.append(MethodError(f"no column {column!r} to merge in", where="merge", got=column))
            continue
        chained = [a for a in pairs.values() if a in pairs]
        if chained:
            mend = "name the last category of the chain"
            faults.append(MethodError("a merging leads to another", where=column, got=chained[0], mend=mend))
        text = data[column].astype(object)
        for category, into in pairs.items():
            there = (text == category).to_numpy()
            if not (text == into).any():
                fault = MethodError(f"no category {into!r} to merge into", where=f"column {column!r}", got=into)
                faults.append(fault)
            rows.append((column, category, into, int(there.sum())))
        if faults:
            continue
        plain = text.map(lambda value, pairs=pairs: pairs.get(value, value))
        if isinstance(data[column].dtype, pd.CategoricalDtype):
            kept = [c for c in data[column].cat.categories if c not in pairs]
            plain = plain.astype(pd.CategoricalDtype(kept, ordered=data[column].cat.ordered))
        else:
            plain = plain.astype(data[column].dtype)
        changed[column] = plain
    if faults:
        raise MethodError.of(faults)
    return data.assign(**changed), pd.DataFrame(rows, columns=["column", "category", "into", "rows"])
