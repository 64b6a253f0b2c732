"""Population totals from a frame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from evalkit.errors import EvalkitError, MethodError, nearest, one_of
from evalkit.weights.strata import rows
from evalkit.weights.totals import plain

if TYPE_CHECKING:
    import pandas as pd

MANY = 20
"""An integer column with more distinct values than this is a quantity, not categories."""


def margins(
    frame: pd.DataFrame, columns: Sequence[str | tuple[str, ...]] | str, *, unit: str | None = None
) -> dict[Any, Any]:
    """Population totals of a frame, in the form that `calibrate` takes.

    Parameters
    ----------
    frame : every unit of the population, one row each.
    columns : text, categories, yes/no and integers of at most 20 values give the count of each category; other
        numbers their total; a tuple of columns gives the counts of their crossed cells.
    unit : column with the unit's code, checked for duplicates; "code" where the frame has it.

    Returns
    -------
    dict : {column: {category: count}}, {column: total} and {(a, b): {(category of a, category of b): count}}.

    Raises
    ------
    MethodError : unknown columns, missing values, a unit that is there twice; all faults at once.

    Examples
    --------
    >>> import pandas as pd
    >>> margins(pd.DataFrame({"county": ["a", "b", "b"]}), ["county"])
    {'county': {'a': 1, 'b': 2}}
    """
    wanted = [columns] if isinstance(columns, str) else list(columns)
    faults = frame_faults(frame, wanted, unit)
    if faults:
        raise MethodError.of(faults)
    return {column: _margin_of(frame, column) for column in wanted}


def frame_faults(frame: pd.DataFrame, wanted: Sequence[Any], unit: str | None) -> list[EvalkitError]:
    faults: list[EvalkitError] = []
    code = unit if unit is not None else "code" if "code" in frame.columns else None
    names = dict.fromkeys(name for column in wanted for name in ((column,) if isinstance(column, str) else column))
    for name in [*names, *([code] if code is not None else [])]:
        if name not in frame.columns:
            guess = nearest(name, frame.columns)
            mend = f"did you mean {guess!r}?" if guess else None
            faults.append(MethodError(f"no column {name!r} in the frame", expected=one_of(frame.columns), mend=mend))
        elif name in names and frame[name].isna().any():
            gone = frame[name].isna().to_numpy()
            faults.append(
                MethodError(
                    f"the frame's column {name!r} has missing values",
                    where=f"frame, rows {rows(frame, gone)}",
                    got=f"{int(gone.sum())} of {len(frame)} units",
                    mend="state in study.toml what stands for the missing value",
                )
            )
    if code is not None and code in frame.columns and frame[code].duplicated().any():
        twice = list(dict.fromkeys(frame.loc[frame[code].duplicated(), code].astype(str)))
        got = ", ".join(twice[:5]) + (", …" if len(twice) > 5 else "")
        faults.append(MethodError("a unit is in the frame twice", where=f"column {code!r}", got=got, mend="keep one"))
    return faults


def _margin_of(frame: pd.DataFrame, column: str | tuple[str, ...]) -> Any:
    if isinstance(column, tuple):
        counts = frame.groupby(list(column), observed=True, sort=True).size()
        return {tuple(plain(k) for k in key): int(count) for key, count in counts.items()}
    if is_quantity(frame[column]):
        return float(frame[column].sum())
    counts = frame.groupby(column, observed=True, sort=True).size()
    return {plain(key): int(count) for key, count in counts.items()}


def is_quantity(series: pd.Series) -> bool:
    """A numeric column that is not categories: floats, and integers of more than `MANY` values."""
    from pandas.api import types

    if not types.is_numeric_dtype(series) or types.is_bool_dtype(series):
        return False
    return types.is_float_dtype(series) or series.nunique() > MANY
