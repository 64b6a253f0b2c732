"""The frame that a new file's units ask for: its year in the register, and groups and weights as they can be there."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from evalkit.study.draft import FoundFrame, Table
from evalkit.study.model import Group, Study, Words
from evalkit.waves.units import Units

if TYPE_CHECKING:
    import pandas as pd

    Register = Mapping[int, pd.DataFrame]


def find_frame(study: Study, units: Units, numbering: int, register: Register) -> FoundFrame | str | None:
    """The frame of a new file's units: None for [frame], the name of another that the study has, or one as proposed.

    Parameters
    ----------
    units : of the new file.
    numbering : the year whose codes they are.
    register : year → code, name and, where the register has a list of the year, further columns.

    Notes
    -----
    A frame of the study fits where its codes fit as many rows as those of `numbering`; the last wave's comes first.
    """
    names = list(dict.fromkeys([study.frame_name(study.plan.waves[-1].frame), None, *study.plan.frames]))
    for name in names:
        if units.fits[study.within(name).plan.frame.register] >= units.fits[numbering]:
            return name
    year = _listed(numbering, register)
    return _proposed(study.within(names[0]), units, year, numbering, register)


def _listed(numbering: int, register: Register) -> int:
    """The year nearest to a numbering that has a list, of those with the same municipalities if there are any."""
    lists = [year for year, table in register.items() if len(table.columns) > 2] or list(register)
    codes = set(register[numbering]["code"])
    alike = [year for year in lists if set(register[year]["code"]) == codes]
    return min(alike or lists, key=lambda year: (abs(year - numbering), year))


def _proposed(before: Study, units: Units, year: int, numbering: int, register: Register) -> FoundFrame:
    """A frame of the year as like the study's as it can be; `before` is the study as it reads for its last wave."""
    plan, there = before.plan, register[year].set_index("code")
    old = plan.frame.register
    lacking = {name: _why(before, name, year) for name, group in plan.groups.items() if group.column not in there}
    own = {
        name: _divided(group, there, old, year)
        for name, group in plan.groups.items()
        if name not in lacking and group.lower_bounds is None and not _fits(group, there)
    }
    weights, why = _weights(before, own, lacking, there)
    labels = {key: _dated(words, old, year) for key, words in plan.frame.labels.items() if key in there}
    table: Table = {
        "register": year,
        **({"measure": plan.frame.measure} if plan.frame.measure in there else {}),
        **({"without": list(lacking)} if lacking else {}),
        **{key: held for key, held in (("labels", labels), ("groups", own), ("weights", weights)) if held},
    }
    notes: dict[tuple[str, ...], str] = {
        (): f"other {plan.units.en} than in {old}: {len(register[old])} then, {len(there)} in {year}; "
        "the waves before stay in their own borders",
        ("register",): "the list of the year" if year == numbering else f"the list nearest to {numbering}",
        ("measure",): "as before",
        ("without",): "; ".join(f"{name}: {reason}" for name, reason in lacking.items()),
        **{("groups", name): f"{plan.groups[name].column} has other codes in {year} than in {old}" for name in own},
        **{("weights", key): reason for key, reason in why.items()},
    }
    at = f"[frames.{year}]"
    decide = [
        f"{at} is without {name}: {reason}; name a column and say what it is, or leave it so"
        for name, reason in lacking.items()
    ]
    decide += _empty(before, own, lacking, weights, there, units, at)
    if plan.frame.invited is not None:
        decide.append(f"{at} invited = how many of the {len(there)} were asked; [frame] says {plan.frame.invited}")
    return FoundFrame(str(year), table, {place: note for place, note in notes.items() if note}, tuple(decide))


def _why(before: Study, name: str, year: int) -> str:
    """Why a group's column is not there."""
    frame, column = before.plan.frame, before.plan.groups[name].column
    if column.rpartition("_")[2].isdigit() or frame.extra is None:
        return f"the register has no {column} for {year}"
    return f"{column} is of {frame.extra}, which has the codes of {frame.register}"


def _fits(group: Group, there: pd.DataFrame) -> bool:
    return set(there[group.column].astype(str)) <= set(group.categories)


def _divided(group: Group, there: pd.DataFrame, old: int, year: int) -> Table:
    """A group of categories as the register of the year has them, by the names beside the codes where it has any."""
    named = group.column.removesuffix("_code")
    names = there[named if named in there else group.column].astype(str)
    categories = {
        code: {"nb": name, "en": name} for code, name in sorted(set(zip(there[group.column].astype(str), names)))
    }
    return {"label": _dated(group.label, old, year), "column": group.column, "categories": categories}


def _dated(words: Words, old: int, year: int) -> Table:
    """Words about a frame with its year in place of the earlier one's."""
    return {lang: words[lang].replace(str(old), str(year)) for lang in ("nb", "en")}


def _weights(
    before: Study, own: Mapping[str, Any], lacking: Mapping[str, str], there: pd.DataFrame
) -> tuple[Table, dict[str, str]]:
    """The keys of [weights] that cannot be as before, and why."""
    spec = before.plan.weights
    kept: Table = {
        "by": [name for name in spec.by if not set(name.split(":")) & set(lacking)],
        "totals": [name for name in spec.totals if name in there],
        "merge": {name: merged for name, merged in spec.merge.items() if name not in {*own, *lacking}},
        "response_groups": "" if spec.response_groups in lacking else spec.response_groups,
    }
    said: Table = {"by": list(spec.by), "totals": list(spec.totals)}
    said |= {"merge": spec.merge, "response_groups": spec.response_groups}
    why = {"by": "without the groups that are not there", "totals": "without the columns that are not there"}
    why |= {"merge": f"the codes of {', '.join(spec.merge)} are other ones now"}
    why |= {"response_groups": f"{spec.response_groups} is not there: all who answered are one group"}
    changed = [key for key in kept if kept[key] != said[key]]
    return {key: kept[key] for key in changed}, {key: why[key] for key in changed}


def _empty(
    before: Study,
    own: Mapping[str, Table],
    lacking: Mapping[str, str],
    weights: Table,
    there: pd.DataFrame,
    units: Units,
    at: str,
) -> list[str]:
    """Categories in the margins of the weights in which nobody answered: they must be weighted with others."""
    said = []
    names = weights.get("by", before.plan.weights.by)
    for name in dict.fromkeys(part for by in names for part in by.split(":") if part not in lacking):
        group = before.plan.groups[name]
        answered = {_category(group, there.loc[unit, group.column]) for unit in set(units.codes) & set(there.index)}
        categories = own[name]["categories"] if name in own else group.categories
        merged = weights.get("merge", before.plan.weights.merge).get(name, {})
        for code in categories:
            if code not in answered and code not in merged:
                words = f"{code} ({categories[code]['nb']})"
                said.append(
                    f'{at} nobody answered in {words} of {name}: weights.merge.{name} = {{ {code} = "…" }}, '
                    "the category that it is weighted with"
                )
    return said


def _category(group: Group, value: Any) -> str:
    """The category of a unit by the value of the group's column."""
    if group.lower_bounds is None:
        return str(value)
    return list(group.categories)[max(bisect_right(group.lower_bounds, value) - 1, 0)]
