"""A formula and a frame become answers and covariates; faults of either are named with their place."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from evalkit.errors import DataError, EvalkitError, MethodError, nearest, one_of
from evalkit.estimates.formula import columns_named
from evalkit.numerics.order import in_order, natural
from evalkit.numerics.patterns import Bools, Floats

if TYPE_CHECKING:
    from formulaic import Formula


def parse(formula: str) -> Formula:
    """The formula with an intercept, so that categorical columns are coded against their first level."""
    from formulaic import Formula
    from formulaic.errors import FormulaicError

    try:
        parsed = Formula(formula)
    except (FormulaicError, SyntaxError) as error:
        raise MethodError(
            "The formula cannot be read.", where=formula, got=_plain(str(error)), mend='write it as "y ~ x1 + C(wave)"'
        ) from None
    if not hasattr(parsed, "lhs"):
        raise MethodError(
            "The formula has no outcome.", where=formula, expected='"y ~ x1 + C(wave)"', mend="put the outcome before ~"
        )
    if len(list(parsed.lhs)) != 1:
        raise MethodError("The formula needs one outcome.", where=formula, got=", ".join(map(str, parsed.lhs)))
    terms = [term for term in parsed.rhs if str(term) != "1"]
    if not terms:
        raise MethodError(
            "The formula has no covariate.", where=formula, mend="put at least one covariate, such as wave, after ~"
        )
    return Formula(lhs=list(parsed.lhs), rhs=[*Formula("1"), *terms])


def _plain(text: str) -> str:
    return " ".join(re.sub(r"⧛|⧚|\x1b?\[[0-9;]*m", "", text).split())


def columns_used(
    parsed: Formula,
    formula: str,
    data: pd.DataFrame,
    *,
    group: str,
    weights: str | None,
    cluster: str | None,
    fpc: str | float | None,
    wave: str | None,
) -> list[str]:
    """Columns that must be known in every row; all that are not in the data are reported at once."""
    if not isinstance(data, pd.DataFrame):
        raise DataError("The data are not a frame.", expected="a pandas DataFrame", got=type(data).__name__)
    outcome, covariates = columns_named(parsed.lhs, data.columns), columns_named(parsed.rhs, data.columns)
    roles = [(name, "formula") for name in [*outcome, *covariates]]
    roles += [(group, "group"), (weights, "weights"), (cluster, "cluster"), (wave, "wave")]  # type: ignore[list-item]
    if isinstance(fpc, str):
        roles.append((fpc, "fpc"))
    faults = [
        MethodError(
            f"There is no column {name!r} in the data.",
            where=f"{role}={formula!r}" if role == "formula" else f"{role}={name!r}",
            expected=one_of(data.columns) if len(data.columns) <= 12 else f"one of {len(data.columns)} columns",
            mend=f"did you mean {nearest(name, data.columns)!r}?" if nearest(name, data.columns) else None,
        )
        for name, role in dict.fromkeys(roles)
        if name is not None and name not in data.columns
    ]
    if faults:
        raise EvalkitError.of(faults) if len(faults) > 1 else faults[0]
    if not len(data):
        raise DataError("The data have no rows.", where=formula, mend="check the filter that made them")
    doubled = sorted(set(data.columns[data.columns.duplicated()]) & {name for name, _ in roles})
    if doubled:
        raise DataError("The data have columns of the same name.", where=", ".join(doubled), mend="rename one of them")
    return list(dict.fromkeys(name for name, _ in roles if name is not None))


def unique_rows(data: pd.DataFrame, group: str, wave: str | None) -> None:
    """One row per unit and wave, where the wave is known."""
    if wave is None or wave == group:
        return
    again = data.duplicated([group, wave])
    if again.any():
        first = data.loc[again].iloc[0]
        raise DataError(
            f"A unit has more than one row in a wave ({int(again.sum())} rows too many).",
            where=f"{group} {first[group]}, {wave} {first[wave]}",
            expected=f"one row for each {group} and {wave}",
            got=f"{int(((data[group] == first[group]) & (data[wave] == first[wave])).sum())} rows",
            mend=f"keep one answer per {group} and {wave}; if the rows are different people, name the column otherwise",
        )


def waves_in_order(waves: pd.Series) -> list[Any]:
    """The waves that occur, first to last; text that is no number and has no order is refused (`in_order`)."""
    if isinstance(waves.dtype, pd.CategoricalDtype):
        return in_order(
            waves.dropna(), str(waves.name), categories=list(waves.cat.categories), declared=bool(waves.cat.ordered)
        )
    return in_order(waves.dropna().unique().tolist(), str(waves.name))


def _text_in_order(data: pd.DataFrame, columns: list[str], wave: str | None) -> pd.DataFrame:
    """Text as categories: waves by time, other text by the numbers in it where that tells; the rest as it is."""
    found = {}
    for name in dict.fromkeys(columns):
        values = data[name]
        if isinstance(values.dtype, pd.CategoricalDtype):
            if name == wave:
                order = waves_in_order(values)
                if order != [value for value in values.cat.categories if value in set(order)]:
                    found[name] = values.cat.set_categories(order, ordered=True)
        elif not (pd.api.types.is_numeric_dtype(values.dtype) or pd.api.types.is_datetime64_any_dtype(values.dtype)):
            texts = values.dropna().unique().tolist()
            if all(isinstance(text, str) for text in texts):
                by_size = waves_in_order(values) if name == wave else natural(texts)
                if by_size is not None:
                    found[name] = pd.Categorical(values, by_size, ordered=True)
    return data.assign(**found) if found else data


def design(
    parsed: Formula, formula: str, data: pd.DataFrame, *, wave: str | None = None
) -> tuple[Bools, Floats, list[str]]:
    """Answers (n,), covariates (n, p) and the names of their columns; text of the column `wave` goes by time."""
    from formulaic.errors import FormulaicError

    right = columns_named(parsed.rhs, data.columns)
    data = _text_in_order(data, right, wave)
    used = [*columns_named(parsed.lhs, data.columns), *right]
    plain = {c: data[c].astype(float) for c in used if _is_number(data[c])}
    known = data.assign(**plain) if plain else data
    try:
        with np.errstate(all="ignore"):  # what is not finite is refused below, with its place
            right = parsed.rhs.get_model_matrix(known, output="numpy", na_action="ignore")
        name = str(next(iter(parsed.lhs)))
        left = known[name] if name in known.columns else _outcome(parsed, known)
    except (FormulaicError, TypeError, ValueError, KeyError) as error:
        raise MethodError("The formula cannot be worked out.", where=formula, got=_plain(str(error))) from None
    columns = list(right.model_spec.column_names)
    x = np.asarray(right, dtype=float)
    inner = [i for i, column in enumerate(columns) if column != "Intercept"]
    x, columns = x[:, inner], [columns[i] for i in inner]
    if not np.all(np.isfinite(x)):
        row, column = np.argwhere(~np.isfinite(x))[0]
        raise DataError(
            "A covariate is not finite.", where=f"{columns[column]}, row {data.index[row]}", got=x[row, column]
        )
    return answers(left, name), x, columns


def _is_number(column: pd.Series) -> bool:
    """Nullable numbers and truth values become plain ones, which every formula term can use."""
    return pd.api.types.is_extension_array_dtype(column.dtype) and (
        pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.is_bool_dtype(column.dtype)
    )


def _outcome(parsed: Formula, data: pd.DataFrame) -> pd.Series:
    values = parsed.lhs.get_model_matrix(data, output="pandas", na_action="ignore")
    return values.iloc[:, -1]


def answers(values: pd.Series, name: str) -> Bools:
    """Answers as truth values; anything but 0 and 1 is refused."""
    numbers = pd.to_numeric(values, errors="coerce")
    good = numbers.isin([0, 1]).to_numpy() if numbers.dtype != object else np.zeros(len(values), dtype=bool)
    if not good.all():
        others = pd.unique(values[~good])
        raise DataError(
            "The outcome is not 0 or 1.",
            where=f"{name}, row {values.index[~good][0]}",
            expected="0 (no) or 1 (yes)",
            got=", ".join(map(str, others[:5])) + (" …" if len(others) > 5 else ""),
            mend=f"recode {name}, for instance as (data[{name!r}] == the answer that counts as yes)",
        )
    return numbers.to_numpy(dtype=float) == 1
