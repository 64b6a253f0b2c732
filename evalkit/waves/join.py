"""A wave whose columns go on in further sheets or files, put side by side again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from evalkit.errors import DataError
from evalkit.waves.cells import code

if TYPE_CHECKING:
    from evalkit.waves.read import Wave


def join(parts: Sequence[Wave], names: Sequence[str]) -> Wave:
    """Parts with further columns of the same rows as one wave.

    Columns that the parts share must agree: row by row, else the first of them that tells rows apart joins the parts.
    Parts that share no column are in the same order of rows, and must have as many.

    Parameters
    ----------
    names : what each part is called in errors.

    Raises
    ------
    DataError where rows do not fit.
    """
    whole = parts[0]
    for part, name in zip(parts[1:], names[1:], strict=True):
        whole = _beside(whole, part, names[0], name)
    return whole


def _beside(one: Wave, other: Wave, first: str, second: str) -> Wave:
    import pandas as pd

    shared = [column for column in one.data.columns if column in set(other.data.columns)]
    rows = (len(one.data), len(other.data))
    note = ""
    if not shared:
        if rows[0] != rows[1]:
            raise DataError(
                f"{first} and {second} do not fit together",
                where=one.path.name,
                got=f"{rows[0]} and {rows[1]} rows, and no column that both have",
                mend="repeat the column with each row's id in every part",
            )
        note = f"{second} has no column of {first}; its rows are taken in their order"
        order = list(other.data.index)
    elif rows[0] == rows[1] and all(_codes(one, column) == _codes(other, column) for column in shared):
        order = list(other.data.index)
    else:
        order = _by_id(one, other, shared, first, second)
    fresh = [column for column in other.data.columns if column not in shared]
    data, why = (
        pd.concat([left, right.loc[order, fresh].set_axis(left.index)], axis=1)
        for left, right in ((one.data, other.data), (one.missing, other.missing))
    )
    labels = other.variable_labels | one.variable_labels
    notes = (*one.notes, *other.notes, *([note] if note else []))
    return replace(
        one,
        data=data,
        missing=why,
        variable_labels=labels,
        value_labels=other.value_labels | one.value_labels,
        declared=other.declared | one.declared,
        hours=one.hours | other.hours,
        notes=notes,
    )


def _codes(wave: Wave, column: str) -> list[str]:
    return [code(cell) for cell in wave.data[column]]


def _by_id(one: Wave, other: Wave, shared: Sequence[str], first: str, second: str) -> list[int]:
    """Rows of `other` in the order of `one`, by the first shared column that tells rows apart."""
    for column in shared:
        mine, theirs = _codes(one, column), _codes(other, column)
        if len(set(mine)) < len(mine) or len(set(theirs)) < len(theirs):
            continue
        alone = [*(key for key in mine if key not in set(theirs)), *(key for key in theirs if key not in set(mine))]
        if alone:
            raise DataError(
                f"{first} and {second} do not fit together",
                where=f"{one.path.name}, column {column}",
                got=f"{len(alone)} rows are in one of them only: {', '.join(alone[:5])}",
                mend="export both parts again from the same answers",
            )
        place = dict(zip(theirs, other.data.index, strict=True))
        order = [place[key] for key in mine]
        for also in shared:
            mine, theirs = _codes(one, also), [code(cell) for cell in other.data.loc[order, also]]
            wrong = [row for row, a, b in zip(one.data.index, mine, theirs, strict=True) if a != b]
            if wrong:
                raise DataError(
                    f"{first} and {second} say different things in {also!r}",
                    where=f"{one.path.name}, row {', '.join(map(str, wrong[:5]))}; joined on {column}",
                    mend="rename the column in one of them, or export both parts again",
                )
        return order
    raise DataError(
        f"{first} and {second} do not fit together",
        where=one.path.name,
        got=f"the columns that both have ({', '.join(shared[:3])}) differ, and none tells rows apart",
        mend="repeat a column with an id of its own for each row in every part",
    )
