"""What Statistics Norway's services answer, as facts; an answer of another form than the documented one is refused.

KLASS: https://data.ssb.no/api/klass/v1/api-guide.html (codesAt, changes, corresponds, correspondsAt, classifications by
ID). Statistics bank: https://www.pxtools.net/PxWebApi/documentation/user-guide, JSON-stat 2: https://json-stat.org/full.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from evalkit.errors import SourceError
from evalkit.refresh.client import FORM, Client

MUNICIPALITIES, COUNTIES, CENTRALITY, KOSTRA = "131", "104", "128", "112"
"""Classifications of KLASS."""
COUNTRY = "0"
"""The country's code among the regions of the statistics bank."""
NOT_MUNICIPALITIES = ("21", "22", "23", "25", "26", "99")
"""First digits of Svalbard, Jan Mayen, the continental shelf, abroad and not stated, which KLASS lists too."""


@dataclass(frozen=True)
class Facts:
    """What was asked for and found.

    Attributes
    ----------
    units, counties : year → code → name, in force on 1 January.
    people : year → code → persons on 1 January; the country's is under `COUNTRY`.
    changes : the changes of code and name of the period, in the register's columns.
    columns : column of municipalities.csv → year → code → value, of what KLASS has for all units of the year.
    notes : what there was not, and why.
    """

    units: dict[int, dict[str, str]]
    counties: dict[int, dict[str, str]]
    people: dict[int, dict[str, int]]
    changes: list[dict[str, str]]
    columns: dict[str, dict[int, dict[str, str]]]
    notes: list[str]


def gather(client: Client, held: Sequence[int], years: Sequence[int], first: str, anchor: int) -> Facts:
    """Ask for everything of these years.

    Parameters
    ----------
    held : years that the register has.
    years : years to ask for; where there is none, those held and every later one that has a population.
    first : date of the earliest change to ask for.
    anchor : year of the register whose divisions by centrality and KOSTRA group its columns are of.

    Raises
    ------
    SourceError : a service did not answer, not as documented, or has no population of a year asked for.
    """
    people = population(client, min([*years, *held]))
    asked = sorted(set(years)) or sorted({*held, *(year for year in people if year > max(held))})
    missing = sorted(set(asked) - set(people))
    if missing:
        raise SourceError(
            f"Statistics Norway has no population of {', '.join(map(str, missing))}",
            where=f"table {client.services.table}",
            expected=f"a year from {min(people)} to {max(people)}",
            mend="ask for a year that it has; numbers of a new year come in February",
        )
    units = {year: codes(client, MUNICIPALITIES, year) for year in asked}
    counties = {
        year: {code: name.split(" - ")[0] for code, name in codes(client, COUNTIES, year).items()} for year in asked
    }
    columns: dict[str, dict[int, dict[str, str]]] = {}
    notes: list[str] = []
    late = [year for year in asked if year >= anchor]
    for column, number, ask in (("centrality_class_2023", CENTRALITY, centrality), ("kostra_group", KOSTRA, kostra)):
        versions = _versions(client, number) if late else []
        for year in late:
            ours, theirs = _in_force(versions, anchor), _in_force(versions, year)
            found = ask(client, year, units[year]) if ours == theirs else f"KLASS has {theirs}, the column is of {ours}"
            if isinstance(found, str):
                notes.append(f"{year}: no {column}: {found}")
            else:
                columns.setdefault(column, {})[year] = found
    made = changes(client, first, max([*asked, *held]))
    return Facts(units, counties, {year: people[year] for year in asked}, made, columns, notes)


def codes(client: Client, classification: str, year: int) -> dict[str, str]:
    """Code → name of the municipalities or counties in force on 1 January of a year."""
    path = f"{classification}/codesAt"
    rows = _rows(client.klass(path, date=f"{year}-01-01"), "codes", ("code", "name"), path)
    return {
        str(row["code"]): str(row["name"]).strip()
        for row in sorted(rows, key=lambda row: str(row["code"]))
        if not str(row["code"]).startswith(NOT_MUNICIPALITIES)
    }


def changes(client: Client, first: str, until: int) -> list[dict[str, str]]:
    """Changes of municipality from a date up to and on 1 January of a year, in the register's columns and order.

    A code that goes on with its name is a change only where something else joins it.
    """
    path = f"{MUNICIPALITIES}/changes"
    needed = ("oldCode", "oldName", "newCode", "newName", "changeOccurred")
    answer = client.klass(path, **{"from": first, "to": f"{until}-01-02"})  # `to` is not in the range
    rows = [
        dict(zip(("from_code", "from_name", "to_code", "to_name", "date"), (str(row[name] or "") for name in needed)))
        for row in _rows(answer, "codeChanges", needed, path, empty=True)
    ]
    ours = [row for row in rows if not (row["from_code"] or row["to_code"]).startswith(NOT_MUNICIPALITIES)]
    sources: dict[tuple[str, str], set[str]] = {}
    for row in ours:
        sources.setdefault((row["date"], row["to_code"]), set()).add(row["from_code"])
    kept = {
        (row["date"], row["from_code"], row["to_code"]): row
        for row in ours
        if (row["from_code"], row["from_name"]) != (row["to_code"], row["to_name"])
        or len(sources[row["date"], row["to_code"]]) > 1
    }
    return [kept[key] for key in sorted(kept)]


def population(client: Client, first: int) -> dict[int, dict[str, int]]:
    """Year → region → persons on 1 January, from a year on; regions that a year does not have are not there."""
    answer = client.population(f"from({first})")
    where = f"table {client.services.table}"
    found: dict[int, dict[str, int]] = {}
    for cell, value in _cells(answer, ("Region", "Tid"), where):
        if value:
            found.setdefault(int(cell["Tid"]), {})[cell["Region"]] = int(value)
    if not found:
        raise SourceError(
            "The table has no number for these years", where=where, expected=f"{first} or later", mend=FORM
        )
    return found


def centrality(client: Client, year: int, units: Mapping[str, str]) -> dict[str, str] | str:
    """Code → class by centrality, 1 (most central) to 6, on 1 January of a year, or why there is none."""
    span = {"from": f"{year}-01-01", "to": f"{year}-01-02"}  # correspondsAt has nothing for these two
    pairs = _pairs(client, f"{MUNICIPALITIES}/corresponds", CENTRALITY, span, f"{year}-01-01")
    return _whole({unit: target.lstrip("0") for unit, target in pairs if unit in units}, units)


def kostra(client: Client, year: int, units: Mapping[str, str]) -> dict[str, str] | str:
    """Code → KOSTRA group (EKG01–EKG17) on 1 January of a year, or why there is none."""
    day = f"{year}-01-01"
    pairs = _pairs(client, f"{KOSTRA}/correspondsAt", MUNICIPALITIES, {"date": day}, day)
    return _whole({unit: group for group, unit in pairs if unit in units and group.startswith("EKG")}, units)


def _whole(found: dict[str, str], units: Mapping[str, str]) -> dict[str, str] | str:
    lacking = [f"{code} {name}" for code, name in units.items() if code not in found]
    if not found:
        return "KLASS has no table of it for the year"
    if lacking:
        return f"KLASS has it for {len(found)} of {len(units)} municipalities, not for {', '.join(lacking[:3])}"
    return found


def _versions(client: Client, classification: str) -> list[dict[str, Any]]:
    return _rows(client.klass(classification), "versions", ("name", "validFrom"), classification)


def _in_force(versions: Sequence[dict[str, Any]], year: int) -> str:
    """The name of the version in force on 1 January of a year."""
    begun = [row for row in versions if str(row["validFrom"]) <= f"{year}-01-01"]
    return str(max(begun, key=lambda row: str(row["validFrom"]))["name"]) if begun else "none"


def _pairs(client: Client, path: str, target: str, when: dict[str, str], day: str) -> list[tuple[str, str]]:
    """Source and target codes of a correspondence on a day; none where KLASS has no table (404)."""
    try:
        answer = client.klass(path, targetClassificationId=target, **when)
    except SourceError as fault:
        if fault.status == 404:
            return []
        raise
    rows = _rows(answer, "correspondenceItems", ("sourceCode", "targetCode"), path, empty=True)
    return [
        (str(row["sourceCode"]), str(row["targetCode"]))
        for row in rows
        if str(row.get("validFrom") or "") <= day < str(row.get("validTo") or "9999")
    ]


def _rows(answer: dict[str, Any], key: str, needed: Sequence[str], where: str, *, empty: bool = False) -> list[Any]:
    """The list under a key, each row with what is needed."""
    rows = answer.get(key)
    good = isinstance(rows, list) and (rows or empty) and all(isinstance(row, dict) for row in rows)
    lacking = [name for name in needed if any(name not in row for row in rows)] if good and rows else []
    if not good or lacking:
        raise SourceError(
            "The answer is not what the documentation says",
            where=f"KLASS, classifications/{where}",
            expected=f"{key}: a list of {', '.join(needed)}",
            got=f"rows without {', '.join(lacking)}" if lacking else ", ".join(answer) or "nothing",
            mend=FORM,
        )
    assert isinstance(rows, list)
    return rows


def _cells(answer: dict[str, Any], needed: Sequence[str], where: str) -> list[tuple[dict[str, str], float | None]]:
    """The cells of a JSON-stat 2 dataset: dimension → category code, and the value (None where there is none)."""
    try:
        names, size, value = answer["id"], answer["size"], answer["value"]
        indexes = [answer["dimension"][name]["category"]["index"] for name in names]
        axes = [sorted(index, key=index.__getitem__) if isinstance(index, dict) else list(index) for index in indexes]
        values = value if isinstance(value, list) else [value.get(str(place)) for place in range(prod(size))]
        good = [len(axis) for axis in axes] == size and len(values) == prod(size) and set(needed) <= set(names)
    except (KeyError, TypeError, AttributeError):
        good = False
    if not good:
        raise SourceError(
            "The answer is not what the documentation says",
            where=where,
            expected=f"a JSON-stat 2 dataset by {' and '.join(needed)}, with as many values as cells",
            got=", ".join(map(str, answer)) or "nothing",
            mend=FORM,
        )
    cells = []
    for place, number in enumerate(values):
        cell, rest = {}, place
        for name, axis in zip(reversed(names), reversed(axes)):
            rest, at = divmod(rest, len(axis))
            cell[name] = axis[at]
        cells.append((cell, number))
    return cells
