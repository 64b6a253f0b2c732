"""Response homogeneity groups: within each, those who answered are taken for a simple random sample of its units."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evalkit.weights.design import Design

if TYPE_CHECKING:
    import pandas as pd


def grouped(groups: pd.Series, answered: pd.Index, *, weights: pd.Series | None = None, fpc: bool = True) -> Design:
    """The design of those who answered, with response groups as strata.

    Särndal, Swensson & Wretman (1992, 15.6): given how many answered in a group, each of its units is as likely to be
    among them as every other, so that the group has its own weight N/n and its own correction 1 − n/N.

    Parameters
    ----------
    groups : index unit, every unit of the frame; the number of its group, from `put_together`.
    answered : units that answered.
    weights : index unit; in place of the groups' N/n.
    fpc : whether the frame is the finite population.
    """
    import pandas as pd

    units = groups.map(groups.value_counts())
    here = pd.DataFrame({"group": groups, "units": units}).loc[answered]
    own = here["units"] / here.groupby("group")["group"].transform("size")
    here["weight"] = own if weights is None else weights.loc[answered]
    strata = "group" if groups.max() > 0 else None
    return Design(here, weights="weight", strata=strata, fpc="units" if fpc else None)


def put_together(groups: pd.Series, answered: pd.Index) -> tuple[pd.Series, list[tuple[str, ...]]]:
    """Groups of the frame, those with fewer than two answers together with their neighbour.

    Parameters
    ----------
    groups : index unit, every unit of the frame; its group, a categorical in the study's order.
    answered : units that answered.

    Returns
    -------
    Series, index unit, of a number for each group; and the sets of categories that were put together. The neighbour is
    the group before it, of the first the one after it; a group of one unit that answered stands alone: all of it is
    known.

    Examples
    --------
    >>> import pandas as pd
    >>> size = pd.Series(pd.Categorical(["s", "s", "m", "m", "l", "l"], ["s", "m", "l"]), index=list("abcdef"))
    >>> numbers, together = put_together(size, pd.Index(["a", "b", "c", "e", "f"]))
    >>> numbers.tolist(), together
    ([0, 0, 0, 0, 1, 1], [('s', 'm')])
    """
    units = groups.value_counts()
    answers = groups.loc[answered].value_counts().reindex(units.index, fill_value=0)
    parts = [[category] for category in groups.cat.categories if units[category] > 0]
    while len(parts) > 1:
        few = [i for i, part in enumerate(parts) if answers[part].sum() < min(2, units[part].sum())]
        if not few:
            break
        i = max(few[0] - 1, 0)
        parts[i : i + 2] = [parts[i] + parts[i + 1]]
    number = {category: i for i, part in enumerate(parts) for category in part}
    return groups.astype(object).map(number), [tuple(map(str, part)) for part in parts if len(part) > 1]
