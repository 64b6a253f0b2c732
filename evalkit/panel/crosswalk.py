"""Units carried from the numbering of one date to that of another, through dated changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import isclose, isnan, nan
from typing import TYPE_CHECKING

from evalkit.errors import DataError, EvalkitError, nearest
from evalkit.panel.unit_register import UnitRegister, municipality_register

if TYPE_CHECKING:
    import pandas as pd

CLOSED = ""  # the code of a unit that is no more
Shares = dict[str, float]


def crosswalk(from_year: int, to_year: int, register: UnitRegister | None = None) -> pd.DataFrame:
    """Where each municipality, or other unit, of one year's numbering is in another's.

    Parameters
    ----------
    from_year, to_year : 1 January of these years, 2011–2024. `to_year` may be the earlier one: a merger is then a
        split.
    register : of `own_register`; municipalities where none are given.

    Returns
    -------
    DataFrame, a row a pair of units that share area, in the order of the codes:

    from_code, to_code : str; a municipality's is four characters.
    kind : 'same' (the whole unit, its code and nothing else), 'renumbered' (the whole unit, another code), 'merged'
        (the whole unit, in a unit that holds more than it), 'split' (the unit went to several) or, of units of one's
        own, 'closed' (to_code and share are then missing).
    share : float, the share of the from-unit that went to the to-unit: 1 where all of it did. NaN for a split, because
        the register does not say how many people went where: a split is never guessed.

    Raises
    ------
    DataError : there is no list of a year.

    Notes
    -----
    Minor transfers of area between units that both go on are no change of unit: see `chain`. In the register of
    2011–2024 none is written as a change. Split are Stokke in 2017 (it ended, and by the populations of 2016 and 2017
    some 2,200 of its 11,657 went to Tønsberg, too many for a transfer), Tysfjord and Snillfjord in 2020, and Ålesund in
    2024, when Haram left it again: so also the five units that became Ålesund in 2020, since the register does not say
    which part of the five is the new Haram.

    Source
    ------
    Statistics Norway, KLASS 131, correspondence of municipalities (CC BY 4.0).

    Examples
    --------
    >>> import evalkit.panel
    >>> table = evalkit.panel.crosswalk(2017, 2024).set_index("from_code")
    >>> table.loc["1601"].to_dict()
    {'to_code': '5001', 'kind': 'merged', 'share': 1.0}
    """
    return _crosswalk(register or municipality_register(), from_year, to_year).copy()


@lru_cache(maxsize=64)
def _crosswalk(register: UnitRegister, from_year: int, to_year: int) -> pd.DataFrame:
    early, late = sorted((from_year, to_year))
    start = register.on(early)["code"]
    register.on(late)
    forward = chain(register.changes, start, f"{early}-01-01", f"{late}-01-01")
    if from_year <= to_year:
        return forward
    backward: dict[str, Shares] = {}
    for early_code, late_code in zip(forward["from_code"], forward["to_code"].fillna(CLOSED)):
        backward.setdefault(late_code, {})[early_code] = nan
    backward.pop(CLOSED, None)
    backward |= {code: {CLOSED: nan} for code in register.on(late)["code"] if code not in backward}  # opened in between
    return _frame(backward)


def chain(changes: pd.DataFrame, units: Iterable[str], from_date: str, to_date: str) -> pd.DataFrame:
    """Carry any units (schools, hospitals, counties) from one date to a later one through a table of dated changes.

    Parameters
    ----------
    changes : columns date (ISO string or datetime), from_code and to_code; share too where known (the share, 0–1, of
        the from-unit that goes to the to-unit). One code to several is a split, several to one a merger. A unit that
        takes in others and keeps its code needs no row of its own. An empty to_code closes a unit, an empty from_code
        opens one. Changes of one date happen at once, each to the units of the day before.
    units : the codes of all units in force on `from_date`.
    from_date, to_date : ISO dates; changes after `from_date`, up to and on `to_date`, are made.

    Returns
    -------
    DataFrame with from_code, to_code, kind and share as in `crosswalk`; kind may also be 'closed' (to_code and share
    are then missing). Share is the product of the given shares along the way, summed over the ways.

    Raises
    ------
    DataError : the table has faults (all are told), names a unit that is not in force on its date, or from_date is
        after to_date.

    Notes
    -----
    A from-unit that keeps its code and gives a part, of a share not told, to another unit that was already there and
    keeps its own has made a transfer of area: both are carried as whole units, because offices give a new code to a
    unit that a change alters in substance. `transfers` lists them. A new target, a share that is told or a from-unit
    that ends makes it a split.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"date": ["2021-08-01", "2021-08-01"], "from_code": ["A", "B"], "to_code": ["C", "C"]})
    >>> chain(table, ["A", "B", "D"], "2020-01-01", "2022-01-01")["kind"].tolist()
    ['merged', 'merged', 'same']
    """
    start = [str(code).strip() for code in units]
    carried: dict[str, Shares] = {code: {code: 1.0} for code in start}
    for day in _days(changes, start, from_date, to_date):
        carried = {code: _carry(now, day.moves) for code, now in carried.items()}
    return _frame(carried)


def transfers(changes: pd.DataFrame, units: Iterable[str], from_date: str, to_date: str) -> pd.DataFrame:
    """The rows of a table of changes that `chain` takes as mere transfers of area: date, from_code, to_code."""
    import pandas as pd

    start = [str(code).strip() for code in units]
    found = [transfer for day in _days(changes, start, from_date, to_date) for transfer in day.transfers]
    return pd.DataFrame(found, columns=["date", "from_code", "to_code"])


Row = tuple[str, str, str, float]  # date, from_code, to_code, share


@dataclass(frozen=True)
class _Day:
    """What happens on one date: where units go, mere transfers of area, and rows whose unit is not there."""

    moves: dict[str, Shares]
    transfers: list[tuple[str, str, str]]
    strangers: list[tuple[str, str]]


def _days(changes: pd.DataFrame, units: list[str], from_date: str, to_date: str) -> list[_Day]:
    """The changes of the period, date by date; every fault of the call and the table raises."""
    rows = _checked(changes, units, from_date, to_date)
    in_force = set(units)
    days = []
    for date in sorted({row[0] for row in rows}):
        moves: dict[str, Shares] = {}
        for _, old, new, share in (row for row in rows if row[0] == date):
            moves.setdefault(old, {})[new] = share
        opened = moves.pop(CLOSED, {})
        strangers = [(date, code) for code in sorted(set(moves) - in_force)]
        staying = {code for code in in_force if code not in moves or code in moves[code]}
        minor = [(date, old, new) for old, shares in moves.items() for new in _transferred(old, shares, staying)]
        moves |= {old: {old: 1.0} for _, old, _ in minor}
        in_force = (in_force - set(moves)).union(opened, *moves.values()) - {CLOSED}
        days.append(_Day(moves, minor, strangers))
    _refuse_strangers([stranger for day in days for stranger in day.strangers], units, from_date)
    return days


def _transferred(old: str, shares: Shares, staying: set[str]) -> list[str]:
    """The units that only got some area of `old`, or none when `old` is split."""
    others = sorted(set(shares) - {old})
    unmeasured = all(isnan(shares[new]) for new in others)
    return others if old in shares and unmeasured and staying.issuperset(others) else []


def _carry(now: Shares, moves: Mapping[str, Shares]) -> Shares:
    """The shares of one unit a date later."""
    later: Shares = {}
    for code, share in now.items():
        targets = moves.get(code, {code: 1.0}) if code != CLOSED else {CLOSED: 1.0}
        for new, part in targets.items():
            exact = 1.0 if len(targets) == 1 else part
            later[new] = later.get(new, 0.0) + share * exact
    return later


def _frame(carried: Mapping[str, Shares]) -> pd.DataFrame:
    import pandas as pd

    sources: dict[str, int] = {}
    for shares in carried.values():
        for new in shares:
            sources[new] = sources.get(new, 0) + 1
    rows = [
        (old, new or None, *_kind(old, new, shares, sources[new]))
        for old, shares in sorted(carried.items())
        for new in sorted(shares)
    ]
    frame = pd.DataFrame(rows, columns=["from_code", "to_code", "kind", "share"])
    return frame.astype({"from_code": "str", "kind": "str", "share": "float64"})


def _kind(old: str, new: str, shares: Shares, sources: int) -> tuple[str, float]:
    if len(shares) > 1:
        return "split", shares[new] if new else nan
    if not new:
        return "closed", nan
    if sources > 1:
        return "merged", 1.0
    return ("same" if new == old else "renumbered"), 1.0


def _checked(changes: pd.DataFrame, units: list[str], from_date: str, to_date: str) -> list[Row]:
    """The changes of the period as clean rows, or every fault of the table and the call."""
    import pandas as pd

    absent = [name for name in ("date", "from_code", "to_code") if name not in changes]
    if absent:
        raise DataError(
            f"The table of changes lacks {', '.join(absent)}.",
            expected="columns date, from_code and to_code; share if known",
            got=", ".join(map(str, changes.columns)),
            mend="Name the columns so.",
        )
    dates = pd.to_datetime(changes["date"], format="ISO8601", errors="coerce")
    begin, end = pd.Timestamp(from_date), pd.Timestamp(to_date)
    days = dates.dt.strftime("%Y-%m-%d")
    old, new = (
        changes[name].astype("object").fillna(CLOSED).map(str).map(str.strip) for name in ("from_code", "to_code")
    )
    shares = pd.to_numeric(changes["share"], errors="coerce") if "share" in changes else pd.Series(nan, changes.index)
    table = pd.DataFrame({"date": days, "old": old, "new": new, "share": shares})
    faults = [*_faults_of_call(units, begin, end), *_faults_of_table(table)]
    if faults:
        raise DataError.of(faults)
    held = table[(dates > begin) & (dates <= end)]
    return [(str(r.date), str(r.old), str(r.new), float(r.share)) for r in held.itertuples()]


def _faults_of_call(units: list[str], begin: pd.Timestamp, end: pd.Timestamp) -> list[EvalkitError]:
    faults: list[EvalkitError] = []
    if begin > end:
        faults.append(
            DataError(
                "Units are carried forward in time only.",
                expected=f"a to_date on or after {begin.date()}",
                got=end.date(),
                mend="Swap the dates, and read the table from right to left.",
            )
        )
    twice = sorted({code for code in units if units.count(code) > 1}) if len(set(units)) < len(units) else []
    if twice:
        faults.append(
            DataError(
                "A unit is given twice.", expected="each unit once", got=", ".join(twice), mend="Drop the doubles."
            )
        )
    return faults


def _faults_of_table(table: pd.DataFrame) -> list[EvalkitError]:
    doubled = table.duplicated(["date", "old", "new"])
    outside = table["share"].notna() & ~table["share"].between(0, 1)
    checks = [
        (table["date"].isna(), "has no date that can be read", "an ISO date, as 2020-01-01"),
        (
            (table["old"] == CLOSED) & (table["new"] == CLOSED),
            "has neither from_code nor to_code",
            "at least one of them",
        ),
        (doubled, "says the same as a row before it", "each change once"),
        (outside, "has a share outside 0 to 1", "a share from 0 to 1, or empty"),
    ]
    faults: list[EvalkitError] = [
        DataError(
            f"A change {what}.",
            where=f"table of changes, row {position + 1}",
            expected=expected,
            got=", ".join(str(value) for value in table.iloc[position]),
            mend="Correct the row.",
        )
        for failed, what, expected in checks
        for position in failed.to_numpy().nonzero()[0]
    ]
    given = table[table["share"].notna() & (table["old"] != CLOSED)]
    for (date, old), total in given.groupby(["date", "old"])["share"].sum().items():
        whole = len(table[(table["date"] == date) & (table["old"] == old)])
        known = len(given[(given["date"] == date) & (given["old"] == old)])
        if known == whole and not isclose(total, 1, abs_tol=1e-6):
            faults.append(
                DataError(
                    f"The shares of {old} on {date} do not add up.",
                    where="table of changes",
                    expected="1",
                    got=f"{total:g}",
                    mend="Give the share of every part of the unit, or none.",
                )
            )
    return faults


def _refuse_strangers(strangers: list[tuple[str, str]], units: list[str], from_date: str) -> None:
    def mend(code: str) -> str:
        near = nearest(code, units)
        return f"Write {near}, or give" if near else "Correct the code, or give"

    faults = [
        DataError(
            f"A change of {date} is about {code}, which is not a unit on that date.",
            where="table of changes",
            expected=f"a unit of {from_date}, or one that came of a change since",
            got=code,
            mend=f"{mend(code)} every unit in force on {from_date}.",
        )
        for date, code in strangers
    ]
    if faults:
        raise DataError.of(faults)
