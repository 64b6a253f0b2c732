"""Differences and contrasts between groups, with the groups' covariance; letters for columns that differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from evalkit.errors import MethodError, nearest, one_of
from evalkit.estimates import core, small
from evalkit.estimates.proportions import indicators, is_categorical
from evalkit.numerics import intervals
from evalkit.numerics.multiplicity import benjamini_hochberg, holm
from evalkit.weights import Design

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Adjust = Literal["holm", "bh", "none"]


def difference(design: Design, y: str, *, by: str, reference: Any = None, level: float = 0.95) -> pd.DataFrame:
    """Each group's mean or share less the reference group's.

    Parameters
    ----------
    y : numeric or 0/1 column (difference of means), or categories (a difference a category).
    by : column of the groups.
    reference : the group the others are compared with; the first where it is not given (attrs["reference"]).
    level : of the interval, t with clusters − strata − 1 degrees of freedom (svyttest in R's survey).

    Returns
    -------
    DataFrame : by (the group compared), [category], then as `mean`, p_value. The counts are of both groups together.

    Notes
    -----
    Where there is no sampling error (everyone answered, or the margins fix the difference) there is no width and
    nothing to test: p_value is missing. The variance takes the covariance of the groups from the joint linearisation or
    the replicates: calibrated groups and groups that share clusters are not independent.

    Shares of which a group has, or expects were the shares alike, fewer than 15 answers of either kind have an exact
    test of their own and an interval that agrees with it (notes: "few answers: exact"), where R's t test rejects up to
    43 percent of true nulls at 5; it takes the groups for independent. Where no group has a standard error it is
    missing. Combinations of more than two groups have the p-value of their interval.
    """
    cells = _Cells.of(design, y, by)
    groups = [key[0] for key in cells.groups.keys]
    chosen = groups[0] if reference is None and groups else reference
    _known_group(chosen, groups, by, "reference")
    at = groups.index(chosen)
    others = [i for i in range(len(groups)) if i != at]
    if not others:
        raise MethodError("a difference needs two groups", where=f"by={by!r}", got=", ".join(map(str, groups)))
    matrix = np.zeros((len(others), len(groups)))
    matrix[np.arange(len(others)), others] = 1.0
    matrix[:, at] = -1.0
    frame = cells.compare(matrix, {by: [groups[i] for i in others]}, level)
    frame.attrs["reference"] = chosen
    return frame


def contrast(design: Design, y: str, *, by: str, coefficients: Mapping[Any, Any], level: float = 0.95) -> pd.DataFrame:
    """Linear combinations of the groups' means or shares.

    Parameters
    ----------
    coefficients : {group: coefficient}, or {name of the contrast: {group: coefficient}}; groups not named count 0.
    y, by, level : as `difference`.

    Returns
    -------
    DataFrame : contrast, [category], then as `difference`.

    Examples
    --------
    >>> import pandas as pd
    >>> from evalkit.weights import Design
    >>> d = Design(pd.DataFrame({"g": list("aabbcc"), "y": [1, 2, 3, 4, 5, 7]}))
    >>> float(contrast(d, "y", by="g", coefficients={"c": 1, "a": -0.5, "b": -0.5})["estimate"].iloc[0])
    3.5
    """
    cells = _Cells.of(design, y, by)
    groups = [key[0] for key in cells.groups.keys]
    nested = all(isinstance(value, Mapping) for value in coefficients.values())
    named = dict(coefficients) if nested and coefficients else {"contrast": coefficients}
    matrix = np.zeros((len(named), len(groups)))
    for row, parts in enumerate(named.values()):
        if not parts:
            raise MethodError("a contrast names no group", expected="{group: coefficient}", got=parts)
        for group, value in parts.items():
            _known_group(group, groups, by, "coefficients")
            matrix[row, groups.index(group)] = float(value)
    return cells.compare(matrix, {"contrast": list(named)}, level)


def letters(design: Design, y: str, *, by: str, level: float = 0.95, adjust: Adjust = "holm") -> pd.DataFrame:
    """Significance letters: beside each group the letters of the groups whose mean or share it exceeds.

    Groups are lettered A, B, C … in their order; all pairs of a category are one family, adjusted by `adjust`.

    Returns
    -------
    DataFrame : by, [category], letter, estimate, n, exceeds (such as "AC").
    """
    import pandas as pd

    cells = _Cells.of(design, y, by)
    groups = [key[0] for key in cells.groups.keys]
    if len(groups) > 26:
        raise MethodError("letters need at most 26 groups", where=f"by={by!r}", got=len(groups))
    adjusted = {"holm": holm, "bh": benjamini_hochberg, "none": lambda p: p}
    if adjust not in adjusted:
        raise MethodError("unknown adjustment", expected=one_of(adjusted), got=repr(adjust))
    names = [chr(65 + i) for i in range(len(groups))]
    pairs = list(combinations(range(len(groups)), 2))
    matrix = np.zeros((len(pairs), len(groups)))
    for row, (i, j) in enumerate(pairs):
        matrix[row, i], matrix[row, j] = 1.0, -1.0
    frame = cells.compare(matrix, {"pair": pairs}, level) if pairs else None
    rows = []
    for c, category in enumerate(cells.categories or [None]):
        exceeds: dict[int, list[str]] = {i: [] for i in range(len(groups))}
        if frame is not None:
            part = frame.iloc[c :: cells.count]
            p = adjusted[adjust](part["p_value"].to_numpy())
            for (i, j), value, gap in zip(pairs, p, part["estimate"]):
                if value < 1 - level:
                    exceeds[i if gap > 0 else j].append(names[j if gap > 0 else i])
        for i, group in enumerate(groups):
            at = i * cells.count + c
            shown = {by: group} | ({"category": category} if cells.categories else {})
            found = {"estimate": cells.found.estimate[at], "n": int(cells.found.domains.n[at])}
            rows.append({**shown, "letter": names[i], **found, "exceeds": "".join(sorted(exceeds[i]))})
    return pd.DataFrame(rows)


def _known_group(group: Any, groups: Sequence[Any], by: str, argument: str) -> None:
    if group not in groups:
        guess = nearest(group, groups)
        mend = f"did you mean {guess!r}?" if guess else None
        raise MethodError(
            f"{group!r} is no group of {by!r}",
            where=argument,
            expected=one_of(groups or ["a group"]),
            got=repr(group),
            mend=mend,
        )


class _Cells:
    """Means of every group and category, estimated together: group-major, `count` categories a group."""

    def __init__(
        self, groups: core.Groups, categories: list[Any] | None, found: core.Estimated, missing: int, values: Floats
    ) -> None:
        self.groups, self.categories, self.found, self.missing = groups, categories, found, missing
        self.count = len(categories) if categories else 1
        self.yes = np.tile(values == 1, (1, len(groups.keys))) if np.isin(values, (0.0, 1.0)).all() else None

    @classmethod
    def of(cls, design: Design, y: str, by: str) -> _Cells:
        if not isinstance(by, str):
            raise MethodError("by is one column here", got=repr(by), mend="join the columns into one")
        groups = core.groups_of(design.data, by)
        core.require(design.data, [y])
        if is_categorical(design.data[y]):
            names, yes, there = indicators(design.data, y)
            values = yes.astype(float)
        else:
            column = core.numbers(design.data, y)[:, None]
            names, values, there = None, np.nan_to_num(column), ~np.isnan(column)
        g, k = len(groups.keys), values.shape[1]
        mask = (groups.member[:, :, None] & there[:, None, :]).reshape(design.n, g * k)
        found = core.estimate(design, np.where(mask, np.tile(values, (1, g)), 0.0), mask.astype(float), mask)
        return cls(groups, names, found, int((~there).any(axis=1).sum()) + groups.missing, values)

    def compare(self, matrix: Floats, keys: Mapping[str, Sequence[Any]], level: float) -> pd.DataFrame:
        """Rows of combinations `matrix` (r, g) of the groups, for every category."""
        core.check_level(level)
        full: NDArray[Any] = np.kron(matrix, np.eye(self.count))
        found, design = self.found, self.found.domains.design
        used = full != 0
        theta = np.array([row[at] @ found.estimate[at] for row, at in zip(full, used)])
        still = np.where(found.domains.all_answered, 0.0, 1.0)
        spread = (found.deviations * still) @ full.T
        mask = np.stack([found.domains.mask[:, at].any(axis=1) for at in used], axis=1)
        domains = core.Domains(design, mask)
        lacking = np.array([np.isnan(found.variance[at]).any() for at in used])
        spread = np.where(lacking, np.nan, spread)
        joint = core.Estimated(theta, spread, domains, np.zeros_like(mask, dtype=float), None)
        error = np.sqrt(np.einsum("ij,ij->j", spread, spread))
        df = np.maximum(domains.df - 1, 0)
        low, high = intervals.wald(theta, error, df, level)
        p = intervals.nil_pvalue(theta, error, df)
        notes = self._few(full, level, error, low, high, p)
        k = self.count
        expanded = {name: [value for value in values for _ in range(k)] for name, values in keys.items()}
        if self.categories:
            expanded["category"] = self.categories * len(matrix)
        frame = core.result(expanded, joint, (low, high), level, df=df, missing=self.missing, p_value=p)
        frame["std_error"] = error
        frame["deff"] = self._deff(full, error)
        frame.attrs["notes"] += notes
        return frame

    def _few(self, full: Floats, level: float, error: Floats, *into: Floats) -> tuple[tuple[int, str], ...]:
        """Put limits and p-values of shares with few answers in place of those of the standard error."""
        if self.yes is None:
            return ()
        notes = []
        for i, row in enumerate(full):
            used = np.flatnonzero(row)
            if small.few(self.found, used):
                p, low, high = small.shares_of(self.found, used, self.yes).compare(row[used], level)
                for array, value in zip(into, (low, high, p)):
                    array[i] = value
                error[i] = error[i] or np.nan
                notes.append((i, small.NOTE))
        return tuple(notes)

    def _deff(self, full: NDArray[Any], error: Floats) -> Floats:
        """Over independent simple random samples of the groups' sizes."""
        with np.errstate(divide="ignore", invalid="ignore"):
            simple = self.found.variance / self.found.deff()
            return error**2 / np.array([(row[row != 0] ** 2) @ simple[row != 0] for row in full])
