"""A wave's answers in the borders of another year: exact, at a merger by the study's rule, never by a guess."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import nan
from typing import TYPE_CHECKING, Any, Literal

from evalkit.errors import DataError, EvalkitError, MethodError, StudyError, one_of
from evalkit.panel.crosswalk import crosswalk
from evalkit.panel.duplicates import ANSWERS
from evalkit.panel.harmonise import Count
from evalkit.panel.unit_register import UnitRegister, municipality_register
from evalkit.study.model import Item
from evalkit.waves.cells import ANSWERED

if TYPE_CHECKING:
    import pandas as pd

Merged = Literal["largest", "any", "agree"]
Numbers = Literal["mean", "sum"]
NOT_COMPARABLE = "not_comparable"
RULES: dict[str, str] = {
    "largest": "answer of the largest part that answered",
    "any": "yes if any part says yes",
    "agree": "the parts must agree",
}
Cell = tuple[Any, str]  # a value, and why there is none


@dataclass(frozen=True)
class Linked:
    """Answers in the borders of another year.

    Attributes
    ----------
    data, why : index unit (in the code of the later borders), columns as they were; `why` may be "not_comparable":
        parts of one unit answered differently and the rule does not choose between them, or a sum lacks a part.
    counts : units in and out by kind of change, and how many answers the rule for mergers decided.
    listed : from_code, to_code (missing where the unit left), kind and what was done, of every unit in `data` that is
        not the same in both years.
    """

    data: pd.DataFrame
    why: pd.DataFrame
    counts: tuple[Count, ...]
    listed: pd.DataFrame


def link(
    data: pd.DataFrame,
    why: pd.DataFrame,
    *,
    from_year: int,
    to_year: int,
    items: Mapping[str, Item],
    population: pd.Series,
    merged: Merged = "largest",
    numbers: Numbers = "mean",
    splits: Mapping[str, str] | None = None,
    register: UnitRegister | None = None,
) -> Linked:
    """Carry the answers of municipalities, or other units, to the borders of another year.

    Parameters
    ----------
    data, why : index unit (codes of `from_year`, each once), columns the variables of a panel (question, or
        question.option): answers, and why a cell is none, as in `Panel`.
    from_year, to_year : 1 January of these years.
    items : the questions of the variables.
    population : inhabitants by from-unit; decides which part is largest, and weights a mean.
    merged : which answer a merged unit has. largest: that of its largest part that answered; any: yes where any part
        says yes, else the largest part's (questions without yes must agree); agree: all parts that answered must agree.
    numbers : of a merged unit: mean, weighted by population, of the parts that answered, or sum, which needs them all.
    splits : split unit → the part that it follows. One that is not named leaves, and is listed.
    register : of `evalkit.panel.own_register`; municipalities where none are given.

    Returns
    -------
    Linked

    Raises
    ------
    DataError : a unit that is not in the numbering, is there twice, or has no population where it is needed.
    StudyError : `splits` names a unit that is not split, or no part of it.
    MethodError : an unknown rule.

    Examples
    --------
    >>> import pandas as pd
    >>> from evalkit.study.model import Category, Item, Words
    >>> answers = {"1": Category("Ja", "Yes"), "2": Category("Nei", "No")}
    >>> plan = Item("single", Words("Plan", "Plan"), categories=answers)
    >>> data = pd.DataFrame({"plan": ["1", "2"]}, index=["1852", "1913"])  # Tjeldsund and Skånland
    >>> why = pd.DataFrame({"plan": ["", ""]}, index=data.index)
    >>> people = pd.Series({"1852": 1252, "1913": 3048})
    >>> link(data, why, from_year=2017, to_year=2020, items={"plan": plan}, population=people).data["plan"].to_dict()
    {'5412': '2'}
    """
    table = crosswalk(from_year, to_year, register)
    return link_by(table, data, why, items=items, population=population, merged=merged, numbers=numbers, splits=splits)


def link_by(
    table: pd.DataFrame,
    data: pd.DataFrame,
    why: pd.DataFrame,
    *,
    items: Mapping[str, Item],
    population: pd.Series,
    merged: Merged = "largest",
    numbers: Numbers = "mean",
    splits: Mapping[str, str] | None = None,
) -> Linked:
    """As `link`, for any units: `table` is what `crosswalk` or, of a user's own changes, `chain` returns."""
    import pandas as pd

    followed = dict(splits or {})
    _check(table, data, population, merged, numbers, followed)
    move = _borders(table, data.index, population, followed)
    values, whys, differ = {}, {}, {}
    for new, old in sorted(move.parts.items()):
        rows = [(list(data.loc[unit]), list(why.loc[unit]), float(population.get(unit, nan))) for unit in old]
        whole = set(old) == set(move.sources[new])
        if len(old) == 1 and whole:
            values[new], whys[new], differ[new] = rows[0][0], rows[0][1], 0
            continue
        kinds = [items[name] if name in items else items[str(name).rpartition(".")[0]] for name in data.columns]
        said = [[(row[0][place], row[1][place]) for row in rows] for place in range(len(kinds))]
        people = [row[2] for row in rows]
        cells = [
            _number(told, people, numbers, whole) if item.type == "numeric" else _answer(told, item, merged)
            for told, item in zip(said, kinds)
        ]
        values[new], whys[new] = [cell[0] for cell in cells], [cell[1] for cell in cells]
        differ[new] = sum(len(_kinds(told)) > 1 for told, item in zip(said, kinds) if item.type != "numeric")
    index = pd.Index(list(values), name=data.index.name, dtype=object)
    linked = pd.DataFrame(list(values.values()), index, data.columns).astype(data.dtypes.to_dict())
    reasons = pd.DataFrame(list(whys.values()), index, why.columns).astype(object)
    lost = int((reasons == NOT_COMPARABLE).to_numpy().sum())
    counts = _counts(move, data.index, sum(differ.values()), lost, merged)
    return Linked(linked, reasons, counts, _listed(move, data.index, differ, merged))


@dataclass(frozen=True)
class _Borders:
    """Where each unit goes: its target, the kind of its change, and the ways of a split.

    sources: target → every unit of the table that goes there; parts: those of them in the data, the largest first.
    """

    target: dict[str, str]
    kinds: dict[str, str]
    ways: dict[str, list[str]]
    sources: dict[str, list[str]]
    parts: dict[str, list[str]]


def _borders(table: pd.DataFrame, units: pd.Index, population: pd.Series, followed: Mapping[str, str]) -> _Borders:
    leaves = table["kind"].isin(["split", "closed"]) & (table["from_code"].map(followed) != table["to_code"])
    target = dict(zip(table.loc[~leaves, "from_code"], table.loc[~leaves, "to_code"]))
    elsewhere = table["from_code"].isin(list(followed)) & leaves
    there = table.dropna(subset="to_code")
    parts: dict[str, list[str]] = {}
    for unit in sorted(units, key=lambda unit: (-float(population.get(unit, 0)), unit)):
        if unit in target:
            parts.setdefault(target[unit], []).append(unit)
    return _Borders(
        target,
        dict(zip(table["from_code"], table["kind"])),
        there.groupby("from_code")["to_code"].agg(list).to_dict(),
        there[~elsewhere[there.index]].groupby("to_code")["from_code"].agg(list).to_dict(),
        parts,
    )


def _kinds(said: list[Cell]) -> set[Any]:
    """The different answers of the parts; None is don't know."""
    return {cell[0] if cell[1] == ANSWERED else None for cell in said if cell[1] in ANSWERS}


def _answer(said: list[Cell], item: Item, merged: Merged) -> Cell:
    answers = [cell for cell in said if cell[1] in ANSWERS]
    if not answers:
        return nan, said[0][1]
    yes = (1.0,) if item.type == "multiple" else item.yes
    if len(_kinds(said)) > 1 and (merged == "agree" or (merged == "any" and not yes)):
        return nan, NOT_COMPARABLE
    if merged == "any":
        told = [cell for cell in answers if cell[1] == ANSWERED]
        return next((cell for cell in told if cell[0] in yes), (told or answers)[0])
    return answers[0]


def _number(said: list[Cell], people: list[float], numbers: Numbers, whole: bool) -> Cell:
    told = [(float(cell[0]), weight) for cell, weight in zip(said, people) if cell[1] == ANSWERED]
    if not told:
        return nan, next((cell[1] for cell in said if cell[1] in ANSWERS), said[0][1])
    if numbers == "mean":
        return sum(value * weight for value, weight in told) / sum(weight for _, weight in told), ANSWERED
    if not whole or len(told) < len(said):
        return nan, NOT_COMPARABLE
    return sum(value for value, _ in told), ANSWERED


def _listed(move: _Borders, units: pd.Index, differ: Mapping[str, int], merged: Merged) -> pd.DataFrame:
    import pandas as pd

    rows = []
    for unit in sorted(unit for unit in units if move.kinds[unit] != "same"):
        new, kind = move.target.get(unit), move.kinds[unit]
        if new is None:
            done = f"left: split into {' and '.join(move.ways[unit])}" if kind == "split" else "left: closed"
        elif len(move.sources[new]) == 1:
            done = "carried whole"
        else:
            answered, of = len(move.parts[new]), len(move.sources[new])
            done = RULES[merged] if answered > 1 else "the only part that answered"
            done += f", {answered} of {of} parts" if answered < of else ""
            done += f"; {differ[new]} answers differ" if differ[new] else ""
        if new is not None and kind == "split":
            done = f"follows {new}, as the study says: {done}"
        rows.append((unit, new, kind, done))
    return pd.DataFrame(rows, columns=["from_code", "to_code", "kind", "done"])


def _counts(move: _Borders, units: pd.Index, differ: int, lost: int, merged: Merged) -> tuple[Count, ...]:
    words = {
        "same": "",
        "renumbered": "another code",
        "merged": RULES[merged],
        "split": "left, but for those whose part the study names",
        "closed": "left",
    }
    counts = []
    seen: set[str] = set()
    for kind, reason in words.items():
        old = [unit for unit in units if move.kinds[unit] == kind]
        new = {move.target[unit] for unit in old if unit in move.target} - seen
        seen |= new
        if old:
            counts.append(Count(f"units {kind}", len(old), len(new), reason))
    if differ:
        counts.append(Count("answers in which parts of one unit differ", differ, differ, RULES[merged]))
    if lost:
        counts.append(Count("answers not comparable", lost, 0, "the parts differ, or a sum lacks a part"))
    return tuple(counts)


def _check(
    table: pd.DataFrame,
    data: pd.DataFrame,
    population: pd.Series,
    merged: str,
    numbers: str,
    splits: Mapping[str, str],
) -> None:
    for name, given, known in (("merged", merged, tuple(RULES)), ("numbers", numbers, ("mean", "sum"))):
        if given not in known:
            raise MethodError(f"There is no rule {given!r} for {name}", expected=one_of(known), mend="choose one")
    faults: list[EvalkitError] = []
    known_register = set(table["from_code"])
    for unit in data.index[data.index.duplicated()].unique():
        faults.append(DataError(f"Unit {unit} is there twice", mend="choose one answer a unit before linking"))
    strangers = [unit for unit in data.index if unit not in known_register]
    if strangers:
        mend = "give the year of the wave's numbering as from_year"
        faults.append(
            DataError(
                f"{len(strangers)} units are not in the numbering they are carried from",
                got=", ".join(map(str, strangers[:5])),
                mend=mend,
            )
        )
    several = set(table.loc[table["kind"].isin(["merged", "split"]), "from_code"]) & set(data.index)
    lacking = sorted(unit for unit in several if not population.get(unit, nan) > 0)
    if lacking:
        faults.append(
            DataError(
                f"{len(lacking)} units that merged have no population, or other size, which decides what is largest",
                got=", ".join(lacking[:5]),
                mend="give it in the year of their numbering",
            )
        )
    faults += [fault for old, new in splits.items() for fault in _split_faults(table, old, new)]
    if faults:
        raise type(faults[0]).of(faults)


def _split_faults(table: pd.DataFrame, old: str, new: str) -> list[EvalkitError]:
    rows = table[(table["from_code"] == old) & (table["kind"] == "split")]
    if rows.empty:
        return [StudyError(f"{old} is not split", where="splits", mend="leave it out")]
    ways = rows["to_code"].dropna().tolist()
    if new in ways:
        return []
    return [StudyError(f"{new} is no part of {old}", where="splits", expected=one_of(ways), mend="name one of them")]


def numberings(register: UnitRegister | None = None) -> Mapping[int, pd.DataFrame]:
    """Year → the units in force on 1 January: code, name, and what is known of them; municipalities by default."""
    return (register or municipality_register()).lists


def inhabitants(year: int, register: UnitRegister | None = None) -> pd.Series:
    """Population (of other units: size) by code, of the nearest list that has it; NaN for a unit that it does not have.

    DataError where the year has no numbering.
    """
    return (register or municipality_register()).sizes(year)
