"""Stored numbers of SPSS and Stata by their variable's own format: moments, durations, months, quarters and weeks."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from typing import Any

SPSS = datetime.datetime(1582, 10, 14)
STATA = datetime.datetime(1960, 1, 1)
MONTHS = dict(
    enumerate(
        [
            "januar",
            "februar",
            "mars",
            "april",
            "mai",
            "juni",
            "juli",
            "august",
            "september",
            "oktober",
            "november",
            "desember",
        ],
        1,
    )
)
DAYS = dict(enumerate(["søndag", "mandag", "tirsdag", "onsdag", "torsdag", "fredag", "lørdag"], 1))
HOURS = "hours: the file has a duration in seconds"


def _date(seconds: float) -> datetime.date:
    return (SPSS + datetime.timedelta(seconds=seconds)).date()


def _moment(seconds: float) -> datetime.datetime:
    return SPSS + datetime.timedelta(seconds=seconds)


def _hours(seconds: float) -> float:
    return seconds / 3600


def _month(day: datetime.date) -> str:
    return f"{day.year}-{day.month:02}"


def _quarter(day: datetime.date) -> str:
    return f"{day.year}-Q{(day.month + 2) // 3}"


def _week(day: datetime.date) -> str:
    """Weeks of both programs begin on 1 January."""
    return f"{day.year}-W{(day.timetuple().tm_yday - 1) // 7 + 1:02}"


def _numbered(names: dict[int, str], part: Callable[[datetime.date], int]) -> Callable[[float], int]:
    """1 to 12 or 1 to 7; a moment in seconds is shown by these formats as its month or weekday."""
    return lambda value: int(value) if value <= len(names) else part(_date(value))


def _since_1960(per_year: int, said: Callable[[int, int], str]) -> Callable[[float], str]:
    return lambda value: said(1960 + int(value // per_year), int(value % per_year) + 1)


_OF_SPSS: dict[str, tuple[Callable[[float], Any], dict[int, str], str]] = {
    **dict.fromkeys(("DATE", "ADATE", "EDATE", "JDATE", "SDATE"), (_date, {}, "")),
    **dict.fromkeys(("DATETIME", "YMDHMS"), (_moment, {}, "")),
    **dict.fromkeys(("TIME", "DTIME", "MTIME"), (_hours, {}, HOURS)),
    "MOYR": (lambda seconds: _month(_date(seconds)), {}, "months, such as 2024-03"),
    "QYR": (lambda seconds: _quarter(_date(seconds)), {}, "quarters, such as 2024-Q1"),
    "WKYR": (lambda seconds: _week(_date(seconds)), {}, "weeks, such as 2024-W09"),
    "MONTH": (_numbered(MONTHS, lambda day: day.month), MONTHS, "months of the year"),
    "WKDAY": (_numbered(DAYS, lambda day: day.isoweekday() % 7 + 1), DAYS, "days of the week, 1 is Sunday"),
}
_OF_STATA: dict[str, tuple[Callable[[float], Any], dict[int, str], str]] = {
    **dict.fromkeys(("d", "td"), (lambda days: (STATA + datetime.timedelta(days=days)).date(), {}, "")),
    **dict.fromkeys(("tc", "tC"), (lambda ms: STATA + datetime.timedelta(milliseconds=ms), {}, "")),
    "tm": (_since_1960(12, lambda year, part: f"{year}-{part:02}"), {}, "months, such as 2024-03"),
    "tq": (_since_1960(4, lambda year, part: f"{year}-Q{part}"), {}, "quarters, such as 2024-Q1"),
    "tw": (_since_1960(52, lambda year, part: f"{year}-W{part:02}"), {}, "weeks, such as 2024-W09"),
    "th": (_since_1960(2, lambda year, part: f"{year}-H{part}"), {}, "half-years, such as 2024-H1"),
}


def meaning(kind: str, form: str) -> tuple[Callable[[float], Any], dict[int, str], str] | None:
    """What a stored number of a format stands for, labels of its codes, and a note; None for plain numbers.

    Parameters
    ----------
    kind : ".dta" for Stata, else SPSS.
    form : the variable's format, such as TIME8 or %tm.
    """
    if kind == ".dta":
        found = re.match(r"%-?(t[cCdwmqh]|d)", form)
        return _OF_STATA.get(found[1]) if found else None
    found = re.match(r"[A-Z]+", form.upper())
    return _OF_SPSS.get(found[0]) if found else None
