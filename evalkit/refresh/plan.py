"""The register with new facts in it: what would change, and every reason why it may not."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from evalkit.errors import DataError, EvalkitError, SourceError
from evalkit.panel.crosswalk import chain
from evalkit.panel.register import COLUMNS
from evalkit.refresh.sources import COUNTRY, Facts

Row = dict[str, str]
Tables = dict[str, list[Row]]
UNITS, CHANGES, COUNTIES, TILES = COLUMNS
NOT_ASKED = ("centrality_2008", "centrality_index_2023", "kostra_free_disposable_income")
"""Columns that no service of Statistics Norway gives."""
EXAMPLES, LISTED = 4, 20
AGAIN = "nothing was written; ask again later: the services may be in the middle of an update of their own"


@dataclass(frozen=True)
class Plan:
    """A register before and after.

    Attributes
    ----------
    before, after : file → rows, all values as they are written.
    said : what is new, what differs, what could not be had; a line each, an indented one belongs to the one above.
    """

    before: Tables
    after: Tables
    said: list[str] = field(default_factory=list)

    @property
    def changed(self) -> list[str]:
        """The files that change."""
        return [name for name in self.after if self.after[name] != self.before[name]]


def read(folder: Path) -> Tables:
    """The files of a register, every value as text.

    Raises
    ------
    DataError : a file is missing or has other columns; all at once.
    """
    tables: Tables = {}
    faults: list[EvalkitError] = []
    for name, columns in COLUMNS.items():
        path = folder / name
        try:
            with path.open(encoding="utf-8", newline="") as file:
                reader = csv.DictReader(file)
                tables[name] = list(reader)
                found = tuple(reader.fieldnames or ())
        except (OSError, UnicodeDecodeError, csv.Error) as fault:
            faults.append(DataError("The register cannot be read.", where=path, got=fault, mend="Restore the file."))
            continue
        if found != columns:
            faults.append(
                DataError(
                    "The register does not have the columns it should have.",
                    where=path,
                    expected=", ".join(columns),
                    got=", ".join(found),
                    mend="Restore the file.",
                )
            )
    if faults:
        raise DataError.of(faults)
    return tables


def years_of(tables: Tables) -> list[int]:
    """The years whose municipalities a register lists, ascending."""
    return sorted({int(row["year"]) for row in tables[UNITS]})


def anchor_of(tables: Tables) -> int:
    """The first year that has KOSTRA groups: the columns of centrality and KOSTRA are of the divisions of its time."""
    years = [int(row["year"]) for row in tables[UNITS] if row["kostra_group"]]
    return min(years) if years else years_of(tables)[-1]


def plan(before: Tables, facts: Facts, *, revise: bool = False) -> Plan:
    """The register with the facts.

    Parameters
    ----------
    revise : whether facts of years that the register has are taken where they differ from it; else they are listed.

    Raises
    ------
    SourceError : the facts do not fit each other or the register; every reason at once.
    """
    held = years_of(before)
    said: list[str] = []
    units, taken = _units(before, facts, held, revise, said)
    changes = _changes(before[CHANGES], facts.changes, f"{held[-1]}-01-01", revise, said)
    counties = _counties(before[COUNTIES], facts, held, revise, said)
    after = before | {UNITS: units, CHANGES: changes, COUNTIES: counties}
    faults = [fault for year in taken for fault in _year_faults(facts, year)]
    if not faults:
        faults = _chain_faults(after)
    if faults:
        raise SourceError.of(faults)
    made = Plan(before, after, said + facts.notes)
    if counties != before[COUNTIES]:
        made.said.append(
            f"{TILES} stays as it is: draw the counties of {counties[-1]['valid_from']} there; until then charts "
            "by county are bars"
        )
    return made


def _units(
    before: Tables, facts: Facts, held: Sequence[int], revise: bool, said: list[str]
) -> tuple[list[Row], list[int]]:
    """The rows of municipalities, and the years whose facts are in them."""
    kept: dict[int, list[Row]] = {}
    for row in before[UNITS]:
        kept.setdefault(int(row["year"]), []).append(row)
    income = {row["kostra_group"]: row["kostra_free_disposable_income"] for row in before[UNITS] if row["kostra_group"]}
    taken: list[int] = []
    for year in facts.units:
        found = _rows_of(facts, year, income)
        if year not in held:
            earlier = [known for known in kept if known < year]
            said += _new_year(found, kept[max(earlier)] if earlier else [], year)
            kept[year], taken = found, [*taken, year]
            continue
        differences = _differences(kept[year], found, set(facts.columns) | {"name", "county_code", "county"}, year)
        if differences:
            said.append(f"{year} differs from the register{_done(revise)}")
            said += [f"  {line}" for line in differences]
        if differences and revise:
            rows = {row["code"]: row for row in kept[year]}
            kept[year] = [_over(rows.get(row["code"], {}), row) for row in found]
            taken.append(year)
    return [row for year in sorted(kept) for row in kept[year]], taken


def _done(revise: bool) -> str:
    return ", and is taken" if revise else ", which is kept (--revise takes what was found)"


def _over(old: Row, new: Row) -> Row:
    """A new row, with what was not asked for from the old one."""
    return {name: value or old.get(name, "") for name, value in new.items()}


def _rows_of(facts: Facts, year: int, income: dict[str, str]) -> list[Row]:
    """A year's municipalities in the register's columns, in the order of the codes."""
    rows = []
    for code, name in facts.units[year].items():
        row = dict.fromkeys(COLUMNS[UNITS], "") | {"year": str(year), "code": code, "name": name}
        row |= {"county_code": code[:2], "county": facts.counties[year].get(code[:2], "")}
        row["population"] = str(facts.people[year].get(code, ""))
        row |= {column: of_year[year][code] for column, of_year in facts.columns.items() if year in of_year}
        row["kostra_free_disposable_income"] = income.get(row["kostra_group"], "")
        rows.append(row)
    return rows


def _new_year(found: list[Row], before: list[Row], year: int) -> list[str]:
    """What a new year brings, against the list before it."""
    people = sum(int(row["population"] or 0) for row in found)
    counties = len({row["county_code"] for row in found})
    old, new = ({row["code"]: row["name"] for row in rows} for rows in (before, found))
    lines = [f"{year} is new: {len(found)} municipalities in {counties} counties, {people} inhabitants"]
    renamed = [f"{code} {old[code]} → {new[code]}" for code in new if code in old and old[code] != new[code]]
    gone = [f"{code} {name}" for code, name in old.items() if code not in new]
    come = [f"{code} {name}" for code, name in new.items() if code not in old]
    named = (("new codes", come), ("codes no more", gone), ("new names", renamed))
    lines += [f"  {what}, {len(which)}: {_some(which)}" for what, which in named if which and before]
    lacking = [name for name in NOT_ASKED if not any(row[name] for row in found)]
    return [*lines, f"  {', '.join(lacking)}: not in the services asked, empty in {year}"]


def _differences(held: list[Row], found: list[Row], columns: Iterable[str], year: int) -> list[str]:
    """What was found of a year that the register has, where it is another."""
    old, new = ({row["code"]: row for row in rows} for rows in (held, found))
    gone = [f"{code} {row['name']}" for code, row in old.items() if code not in new]
    come = [f"{code} {row['name']}" for code, row in new.items() if code not in old]
    lines = [f"only in the register: {_some(gone)}"] if gone else []
    lines += [f"not in the register: {_some(come)}"] if come else []
    for column in sorted({*columns, "population"}):
        if not any(row[column] for row in found):
            continue
        other = [
            f"{code} {old[code]['name']}: {old[code][column] or 'nothing'} → {new[code][column] or 'nothing'}"
            for code in old
            if code in new and old[code][column] != new[code][column]
        ]
        lines += [f"{column}, {len(other)}: {_some(other, '; ')}"] if other else []
    return lines


def _changes(held: list[Row], found: list[Row], latest: str, revise: bool, said: list[str]) -> list[Row]:
    """The rows of changes: those after the register's latest list are new, earlier ones differ or are the same."""
    columns = COLUMNS[CHANGES]
    rows = [{name: row[name] for name in columns} for row in found]
    known = [tuple(row.values()) for row in held]
    new = [row for row in rows if row["date"] > latest and tuple(row.values()) not in known]
    early = [row for row in rows if row["date"] <= latest]
    only_held = [row for row in held if row["date"] <= latest and row not in early]
    only_found = [row for row in early if row not in held]
    if new:
        said.append(f"changes after {latest}: {len(new)}")
        said += [f"  {_words(row)}" for row in new[:LISTED]]
        said += [f"  and {len(new) - LISTED} more"] if len(new) > LISTED else []
    if only_held or only_found:
        said.append(f"changes up to {latest} differ from the register{_done(revise)}")
        said += [f"  only in the register: {_words(row)}" for row in only_held]
        said += [f"  not in the register: {_words(row)}" for row in only_found]
    if not (new or (revise and (only_held or only_found))):
        return held
    kept = [row for row in held if not (revise and row in only_held)] + (only_found if revise else [])
    return sorted([*kept, *new], key=lambda row: (row["date"], row["from_code"], row["to_code"]))


def _words(row: Row) -> str:
    return f"{row['date']} {row['from_code']} {row['from_name']} → {row['to_code']} {row['to_name']}"


def _counties(held: list[Row], facts: Facts, years: Sequence[int], revise: bool, said: list[str]) -> list[Row]:
    """The rows of counties: a further division from the first year whose counties are others."""
    rows = list(held)
    for year, named in sorted(facts.counties.items()):
        since = max((int(row["valid_from"]) for row in rows if int(row["valid_from"]) <= year), default=None)
        now = {row["county_code"]: row["county"] for row in rows if row["valid_from"] == str(since)}
        if now == named:
            continue
        other = sorted({f"{code} {name}" for code, name in (now.items() ^ named.items())})
        if year in years:
            said.append(f"counties of {year} differ from the register{_done(revise)}: {_some(other)}")
            if not revise:
                continue
        else:
            said.append(f"counties from {year}, {len(named)}: {_some(other)}")
        rows = [row for row in rows if row["valid_from"] != str(year)]
        rows += [{"valid_from": str(year), "county_code": code, "county": name} for code, name in named.items()]
    return sorted(rows, key=lambda row: (row["valid_from"], row["county_code"])) if rows != held else held


def _year_faults(facts: Facts, year: int) -> list[EvalkitError]:
    """Why the answers of one year do not fit each other."""
    units, counties, people = facts.units[year], facts.counties[year], facts.people[year]
    no_county = [f"{code} {name}" for code, name in units.items() if code[:2] not in counties]
    empty = [f"{code} {name}" for code, name in counties.items() if code not in {unit[:2] for unit in units}]
    no_people = [f"{code} {name}" for code, name in units.items() if code not in people]
    odd = [code for code in units if not (len(code) == 4 and code.isdigit())]
    total, country = sum(people.get(code, 0) for code in units), people.get(COUNTRY)
    checks = [
        (odd, "codes of municipalities are not four digits", "four digits"),
        (no_county, "municipalities have no county", "the county of every municipality in KLASS 104"),
        (empty, "counties have no municipality", "a municipality in every county"),
        (no_people, "municipalities have no population", "persons on 1 January of every municipality in KLASS 131"),
    ]
    faults: list[EvalkitError] = [
        SourceError(f"{len(which)} {what} in {year}", expected=expected, got=_some(which), mend=AGAIN)
        for which, what, expected in checks
        if which
    ]
    if total != country:
        faults.append(
            SourceError(
                f"The municipalities of {year} do not add up to the country",
                expected=f"{country} inhabitants" if country else "the country's inhabitants, region 0",
                got=f"{total} inhabitants in {len(units)} municipalities",
                mend=AGAIN,
            )
        )
    return faults


def _chain_faults(tables: Tables) -> list[EvalkitError]:
    """Where the dated changes do not lead from a year's list of municipalities to the next."""
    import pandas as pd

    loose = [row for row in tables[CHANGES] if not (row["from_code"] and row["to_code"])]
    faults: list[EvalkitError] = [
        SourceError(
            "A municipality comes from nowhere, or goes nowhere",
            where="KLASS 131, changes",
            got=_words(row),
            mend=AGAIN,
        )
        for row in loose
    ]
    changes = pd.DataFrame(tables[CHANGES])
    lists: dict[int, set[str]] = {}
    for row in tables[UNITS]:
        lists.setdefault(int(row["year"]), set()).add(row["code"])
    years = sorted(lists)
    for early, late in pairwise(years) if not loose else ():
        try:
            there = set(chain(changes, sorted(lists[early]), f"{early}-01-01", f"{late}-01-01")["to_code"])
        except DataError as fault:
            faults += [
                SourceError(one.what, where="KLASS 131, changes", got=one.got, mend=AGAIN)
                for one in fault.faults or (fault,)
            ]
            continue
        lost, extra = sorted(there - lists[late]), sorted(lists[late] - there)
        if lost or extra:
            faults.append(
                SourceError(
                    f"The changes do not lead from the municipalities of {early} to those of {late}",
                    expected="each code of the later list, and no other",
                    got="; ".join(
                        f"{what} {_some(which)}"
                        for what, which in (("led to but not in the list:", lost), ("not led to:", extra))
                        if which
                    ),
                    mend=f"{AGAIN}; if it stays, see what --revise would take",
                )
            )
    return faults


def _some(which: Sequence[str], between: str = ", ") -> str:
    more = len(which) - EXAMPLES
    return between.join(which[:EXAMPLES]) + (f" and {more} more" if more > 0 else "")
