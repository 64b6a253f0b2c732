"""Every question of a study in one call: what changed, and what change could have been seen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from evalkit.change.clogit import conditional_logit
from evalkit.change.compare import compare
from evalkit.change.design import answers, waves_in_order
from evalkit.change.paired import paired_change
from evalkit.change.result import ConditionalLogit, chi_square
from evalkit.errors import EvalkitError, MethodError, nearest
from evalkit.numerics import tail
from evalkit.numerics.exact import TooLarge
from evalkit.numerics.multiplicity import benjamini_hochberg, holm
from evalkit.numerics.permuted import DRAWS, permuted_groups

LEVEL, POWER = 0.05, 0.80
MOST_DRAWN = 2000  # units that changed, for which allocations are drawn: beyond it chi-square is near enough
SEEN = 1e-6  # a p-value that is off by less is not said to be


def screen(
    panel: pd.DataFrame,
    items: Iterable[str],
    *,
    families: Mapping[str, Iterable[str]],
    by: str | None = None,
    unit: str = "unit",
    wave: str = "wave",
) -> pd.DataFrame:
    """Test every item for change, and for change that differs between groups, with p-values adjusted for their number.

    Parameters
    ----------
    panel : one row for each unit and wave; each item a 0/1 column, missing where not answered.
    items : the columns to test. families : name → items; each item belongs to one family.
    by : column of groups, constant within units; adds a test of wave × group for each item.
    unit, wave : columns; waves in the order of the categories, else by size; text that is no number is refused.

    Returns
    -------
    DataFrame : a row an item and test ("wave", "wave × by"), in the order of `items`:
        item, family, test; before, after, change, ci_low, ci_high (Newcombe), up, down, unchanged, n of the first and
        the last wave; statistic, df; pvalue, pvalue_kind ("exact" where it can be counted, "permutation" of wave × by
        in three waves and more up to 2,000 units that changed, else "likelihood ratio");
        pvalue_holm, pvalue_bh over the family's tests of the kind, pvalue_holm_all, pvalue_bh_all over all items';
        detectable (the smallest change, 0–1, that McNemar's exact test at 0.05 finds with 80 percent power given how
        many changed; NaN where no split of them could be found); finding ("change", "no sign of change" by
        pvalue_holm at 0.05, or "not tested"); note.

    Raises
    ------
    MethodError : an item has no family or two, a family names an unknown item, a column is not in the panel.

    Examples
    --------
    >>> panel = pd.DataFrame({"unit": sorted([*range(8)] * 2), "wave": [0, 1] * 8})
    >>> panel = panel.assign(q1=[0, 1] * 8, q2=[0, 1, 1, 0] * 4)
    >>> table = screen(panel, ["q1", "q2"], families={"all": ["q1", "q2"]})
    >>> [(row.item, round(row.pvalue, 4), round(row.pvalue_holm, 4)) for row in table.itertuples()]
    [('q1', 0.0078, 0.0156), ('q2', 1.0, 1.0)]
    """
    items = list(items)
    family = _families(panel, items, families, by, unit, wave)
    rows = []
    for item in items:
        for row in _item(panel, item, by, unit, wave):
            rows.append({"item": item, "family": family[item]} | row)
    table = pd.DataFrame(rows)
    table["note"] = table["note"].fillna("")
    return _adjusted(table)


def _families(
    panel: pd.DataFrame, items: list[str], families: Mapping[str, Iterable[str]], by: str | None, unit: str, wave: str
) -> dict[str, str]:
    """The family of each item; every fault at once."""
    faults: list[EvalkitError] = []
    for name in [unit, wave, *([by] if by else []), *items]:
        if name not in panel.columns:
            near = nearest(name, panel.columns)
            faults.append(
                MethodError(
                    f"There is no column {name!r} in the panel.", mend=f"did you mean {near!r}?" if near else None
                )
            )
    if by in panel.columns and unit in panel.columns:
        faults += _in_several(panel[[unit, by]].dropna().drop_duplicates().set_axis(["unit", "by"], axis=1), by)
    owner: dict[str, str] = {}
    for family, members in families.items():
        for item in [members] if isinstance(members, str) else members:
            if item not in items:
                faults.append(MethodError(f"The family {family!r} names an item that is not screened.", got=item))
            if item in owner:
                faults.append(
                    MethodError(
                        "An item is in two families.",
                        where=item,
                        got=f"{owner[item]} and {family}",
                        mend="keep it in one",
                    )
                )
            owner[item] = family
    alone = [item for item in items if item not in owner]
    if alone:
        faults.append(
            MethodError("Items have no family.", where=", ".join(alone), mend="add them to a family, or leave them out")
        )
    if len(set(items)) < len(items):
        faults.append(
            MethodError("An item is named twice.", got=", ".join(i for i in set(items) if items.count(i) > 1))
        )
    if not items:
        faults.append(MethodError("There is no item to screen.", where="items"))
    if faults:
        raise MethodError.of(faults) if len(faults) > 1 else faults[0]
    return owner


def _in_several(pairs: pd.DataFrame, by: str | None) -> list[EvalkitError]:
    """Units that have more than one group."""
    twice = list(pairs.loc[pairs["unit"].duplicated(), "unit"].unique())
    return (
        [
            MethodError(
                f"{len(twice)} unit(s) have more than one value of {by}.",
                where=f"unit {twice[0]}",
                got=", ".join(map(str, pairs.loc[pairs["unit"] == twice[0], "by"])),
                mend=f"give each unit one value of {by}",
            )
        ]
        if twice
        else []
    )


def _item(panel: pd.DataFrame, item: str, by: str | None, unit: str, wave: str) -> list[dict[str, Any]]:
    """The rows of one item."""
    known = panel.loc[panel[[unit, wave, item]].notna().all(axis=1), [unit, wave, item, *([by] if by else [])]]
    tests = ["wave", f"wave × {by}"] if by else ["wave"]
    seen = waves_in_order(known[wave])
    if len(seen) < 2:
        note = f"answered in {seen[0]} only" if len(seen) else "never answered"
        return [{"test": test, "pvalue": np.nan, "pvalue_kind": "", "note": note} for test in tests]
    known = known.assign(**{item: answers(known[item], item).astype(int)})
    ends = known if len(seen) == 2 else known[known[wave].isin([seen[0], seen[-1]])]
    try:
        moved = paired_change(ends, item, unit=unit, wave=wave).iloc[0]
    except MethodError as error:
        return [{"test": test, "pvalue": np.nan, "pvalue_kind": "", "note": error.what} for test in tests]
    shared = {name: moved[name] for name in _SHOWN} | {
        "detectable": detectable(moved["up"] + moved["down"], moved["n"])
    }
    renamed = known.set_axis(["unit", "wave", "answer", *(["by"] if by else [])], axis=1)
    rows = [{"test": "wave"} | shared | _wave_test(renamed, moved, len(seen))]
    if by:
        found = _split_test(renamed, seen) if len(seen) == 2 else _group_test(renamed)
        rows.append({"test": tests[1]} | shared | {"detectable": np.nan} | found)
    return rows


_SHOWN = ["before", "after", "change", "ci_low", "ci_high", "up", "down", "unchanged", "n"]


def _wave_test(data: pd.DataFrame, moved: pd.Series, n_waves: int) -> dict[str, Any]:
    """McNemar's exact test of two waves; of more, the joint test of all."""
    if n_waves == 2:
        changed = moved["up"] + moved["down"]
        statistic = (moved["up"] - moved["down"]) ** 2 / changed if changed else 0.0
        note = "" if changed else "no unit changed"
        return {"statistic": statistic, "df": 1, "pvalue": moved["pvalue"], "pvalue_kind": "exact", "note": note}
    try:
        model = conditional_logit("answer ~ C(wave)", data, group="unit")
    except MethodError as error:
        return _no_test(error)
    test = model.lr_test()
    return {"statistic": test.statistic, "df": test.df} | _exact_or(model, test.pvalue, test.note)


def _exact_or(model: ConditionalLogit, pvalue: float, note: str) -> dict[str, Any]:
    from evalkit.change.exact import exact_test

    try:
        found = exact_test(model._sample, list(range(model.df)), "lr", limit=2e6)
        return {"pvalue": found.pvalue, "pvalue_kind": "exact", "note": ""}
    except MethodError as error:
        return {"pvalue": pvalue, "pvalue_kind": "likelihood ratio", "note": note or error.what}


def _split_test(data: pd.DataFrame, waves: list[Any]) -> dict[str, Any]:
    """Wave × group against wave, of two waves: of those that changed, did as large a share go up in every group?

    The likelihood ratio is that of conditional logits; it is counted, and no model fitted.
    """
    data = data[data["by"].notna()]
    number, _ = pd.factorize(data["unit"])
    answer = np.full((number.max(initial=-1) + 1, 2), np.nan)
    answer[number, (data["wave"] == waves[1]).to_numpy().astype(int)] = data["answer"]
    of_unit = np.empty(len(answer), dtype=int)
    of_unit[number], groups = pd.factorize(data["by"], sort=True)
    up, down = (answer[:, 0] < answer[:, 1]), (answer[:, 0] > answer[:, 1])
    rose, changed = (np.bincount(of_unit[who], minlength=len(groups)) for who in (up, up | down))
    some = changed > 0
    if not some.any():
        return _no_test(MethodError("No unit changed its answer, so the data say nothing about change."))
    if some.sum() == 1:
        return {"statistic": 0.0, "df": 0, "pvalue": np.nan, "pvalue_kind": "", "note": "one group only changed"}
    alike = [str(group) for group, k, m in zip(groups, rose, changed) if m and k in (0, m)]
    notes = [f"{', '.join(alike)}: all that changed went one way"] if alike else []
    rose, changed = rose[some], changed[some]
    test = chi_square("likelihood ratio", tail.split_ratio(changed, rose), len(changed) - 1)
    try:
        pvalue, off = tail.split_pvalue(changed, rose)
        notes += [f"counted to within {off:.1g}"] if off > SEEN else []
    except TooLarge as error:
        notes += [f"no exact p-value: too many ways to change ({error.size:.3g} states)"]
        pvalue = np.nan
    counted = np.isfinite(pvalue)
    return {
        "statistic": test.statistic,
        "df": test.df,
        "pvalue": pvalue if counted else test.pvalue,
        "pvalue_kind": "exact" if counted else "likelihood ratio",
        "note": "; ".join(notes),
    }


def _group_test(data: pd.DataFrame) -> dict[str, Any]:
    """Wave × group against wave, of three waves or more."""
    data = data[data["by"].notna()]
    try:
        small = conditional_logit("answer ~ C(wave)", data, group="unit")
        large = conditional_logit("answer ~ C(wave) * C(by)", data, group="unit")
        test = compare(small, large)
    except MethodError as error:
        return _no_test(error)
    if not test.df:
        return {"statistic": 0.0, "df": 0, "pvalue": np.nan, "pvalue_kind": "", "note": "one group only changed"}
    kind, pvalue, note = "exact", test.exact_pvalue, test.note
    if not np.isfinite(pvalue) and large.n_groups_used <= MOST_DRAWN:
        kind, pvalue = "permutation", _drawn(data)
        note = f"p-value of {DRAWS:,} drawn allocations of the groups to units that said yes equally often"
    elif not np.isfinite(pvalue):
        kind, pvalue = "likelihood ratio", test.pvalue
    return {"statistic": test.statistic, "df": test.df, "pvalue": pvalue, "pvalue_kind": kind, "note": note}


def _drawn(data: pd.DataFrame) -> float:
    """p-value of wave × group over allocations of the groups among units that were asked and said yes alike often."""
    wide = data.pivot(index="unit", columns="wave", values="answer")
    of_unit = data.groupby("unit")["by"].first().reindex(wide.index)
    asked, yes = wide.notna(), wide.sum(axis=1)
    changed = (yes > 0) & (yes < asked.sum(axis=1))
    kind = asked.astype(int).astype(str).agg("".join, axis=1) + "/" + yes.astype(int).astype(str)
    stratum, group = (pd.factorize(one[changed])[0] for one in (kind, of_unit))
    return permuted_groups(wide[changed].fillna(0).to_numpy(float), stratum, group)


def _no_test(error: MethodError) -> dict[str, Any]:
    return {"statistic": np.nan, "df": 0, "pvalue": np.nan, "pvalue_kind": "", "note": error.what}


def detectable(changed: float, n: float) -> float:
    """The smallest net change, as a share of `n`, that McNemar's exact test finds with 80 percent power.

    Given how many changed: the least share p of them going one way for which the test rejects at 0.05 with
    probability 0.80, as (2p − 1) · changed / n. NaN where even all going one way would not be found.
    """
    from scipy.optimize import brentq
    from scipy.special import bdtr, bdtrc

    m = int(changed)
    counts = np.arange(m // 2 + 1, m + 1)
    rejects = counts[2 * bdtrc(counts - 1, m, 0.5) <= LEVEL] if m else counts
    if not len(rejects):
        return float("nan")
    least = int(rejects[0])

    def short(p: float) -> float:
        return float(bdtrc(least - 1, m, p) + bdtr(m - least, m, p) - POWER)

    return float((2 * brentq(short, 0.5, 1.0) - 1) * m / n)


def _adjusted(table: pd.DataFrame) -> pd.DataFrame:
    """Holm's and Benjamini & Hochberg's p-values, within families and over all items, for each kind of test."""
    for suffix, keys in (("", ["test", "family"]), ("_all", ["test"])):
        table[[f"pvalue_holm{suffix}", f"pvalue_bh{suffix}"]] = np.nan
        for _, tests in table[table["pvalue"].notna()].groupby(keys, observed=True):
            pvalues = tests["pvalue"].to_numpy(dtype=float)
            table.loc[tests.index, f"pvalue_holm{suffix}"] = holm(pvalues)
            table.loc[tests.index, f"pvalue_bh{suffix}"] = benjamini_hochberg(pvalues)
    table["finding"] = np.where(table["pvalue_holm"] < LEVEL, "change", "no sign of change")
    table.loc[table["pvalue"].isna(), "finding"] = "not tested"
    order = ["item", "family", "test", *_SHOWN, "statistic", "df", "pvalue", "pvalue_kind", "pvalue_holm", "pvalue_bh"]
    order += ["pvalue_holm_all", "pvalue_bh_all", "detectable", "finding", "note"]
    return table.reindex(columns=order)
