"""Units over time: the municipalities of the register, or a study's own list (schools, hospitals, counties)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from evalkit.errors import DataError, EvalkitError, one_of
from evalkit.panel import register
from evalkit.study.model import Study

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class UnitRegister:
    """Who the units are on 1 January of each year, and how they change in between.

    Attributes
    ----------
    lists : year → its units: code, name and what is known of them, a row a unit in the order of the codes.
    changes : dated changes, as `evalkit.panel.crosswalk.chain` takes them.
    size : column of the lists that says which part of a merged unit is the largest, and weights a mean.
    one, many : what errors call a unit, and several.
    where : the file of the changes, for errors.
    """

    lists: Mapping[int, pd.DataFrame]
    changes: pd.DataFrame
    size: str
    one: str
    many: str
    where: Path

    def on(self, year: int) -> pd.DataFrame:
        """The units of 1 January of a year; DataError where there is no list of it."""
        if year in self.lists:
            return self.lists[year]
        first, last = min(self.lists), max(self.lists)
        whole = len(self.lists) == last - first + 1 > 1
        raise DataError(
            f"The register does not know the numbering of {self.many} of {year}.",
            where=self.where,
            expected=f"a year from {first} to {last}" if whole else one_of(sorted(self.lists)),
            got=year,
            mend="Use a year that the register covers.",
        )

    def sizes(self, year: int) -> pd.Series:
        """Size by code in the nearest list that has it; NaN for a unit that it does not have."""
        import pandas as pd

        known = [other for other, units in self.lists.items() if self.size in units]
        codes = self.on(year)["code"]
        if not known:
            return pd.Series(float("nan"), index=pd.Index(codes, name="code"))
        nearest = min(known, key=lambda other: (abs(other - year), other))
        return self.lists[nearest].set_index("code")[self.size].astype(float).reindex(codes)


def municipality_register() -> UnitRegister:
    """The municipalities of every year that the register in use covers."""
    return _municipalities(register.register_folder())


@lru_cache(maxsize=4)
def _municipalities(folder: Path) -> UnitRegister:
    changes, listed = register.changes(), register.register_years()
    years = range(int(str(changes["date"].min())[:4]), listed[-1] + 1)
    lists = {year: register.municipalities(year) if year in listed else register.numbering(year) for year in years}
    return UnitRegister(lists, changes, "population", "municipality", "municipalities", folder / "changes.csv")


def own_register(
    path: Path, changes: Path | None = None, *, years: Collection[int], size: str | None = None
) -> UnitRegister:
    """The units of a list of one's own.

    Parameters
    ----------
    path : CSV with code and name, and further columns at will; with `year`, where there are changes, a list for each
        year (1 January) that a wave's codes follow. Lines that begin with # are comments.
    changes : CSV with date (ISO), from_code and to_code, and share where it is known: see
        `evalkit.panel.crosswalk.chain`. Without it no unit changes.
    years : years whose units are needed; a list without `year` is that of all of them.
    size : column that says which part of a merged unit is the largest, and weights a mean.

    Returns
    -------
    UnitRegister

    Raises
    ------
    DataError : a column or a year is missing, a unit is there twice or has no code or name (all such rows are told), or
        the changes do not lead from one list to the next.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import mkdtemp
    >>> folder = Path(mkdtemp())
    >>> _ = (folder / "schools.csv").write_text("year,code,name\\n2020,A,Elm\\n2020,B,Oak\\n2022,C,Park\\n")
    >>> _ = (folder / "changes.csv").write_text("date,from_code,to_code\\n2021-08-01,A,C\\n2021-08-01,B,C\\n")
    >>> from evalkit.panel import crosswalk
    >>> schools = own_register(folder / "schools.csv", folder / "changes.csv", years=[2020, 2022])
    >>> crosswalk(2020, 2022, schools)["kind"].tolist()
    ['merged', 'merged']
    """
    import pandas as pd

    table = _csv(path, ("code", "name", *([size] if size else [])))
    if changes is not None and "year" not in table:
        raise DataError(
            f"{path.name} has no column 'year', and units change",
            where=path,
            expected="a list of the units on 1 January of each year that a wave's codes follow",
            mend="add the column year, and the units of each of these years",
        )
    if "year" not in table:
        table = pd.concat([table.assign(year=str(year)) for year in sorted(set(years))], ignore_index=True)
    faults = _list_faults(table, path)
    if faults:
        raise DataError.of(faults)
    for column in table.columns.difference(["year", "code", "name"]):
        table[column] = _numeric(table[column])
    lists = {
        int(since): rows.drop(columns="year").sort_values("code").reset_index(drop=True)
        for since, rows in table.groupby("year")
    }
    moved = pd.DataFrame(columns=["date", "from_code", "to_code"], dtype=str)
    if changes is not None:
        moved = _csv(changes, ("date", "from_code", "to_code"))
    absent = sorted(set(years) - set(lists))
    if absent:
        raise DataError(
            f"{path.name} has no list of {', '.join(map(str, absent))}",
            where=path,
            expected="the units on 1 January of each year that a frame or a wave's numbering names",
            got=one_of(sorted(lists)),
            mend="add the units of these years, or correct register or numbering in study.toml",
        )
    made = UnitRegister(lists, moved, size or "", "unit", f"units in {path.name}", changes or path)
    _refuse_gaps(made)
    return made


def forget() -> None:
    """Have the register of municipalities read anew when it is next asked for, because its files have changed."""
    from importlib import import_module

    for name in ("register", "unit_register", "codes", "crosswalk"):
        for function in vars(import_module(f"evalkit.panel.{name}")).values():
            if hasattr(function, "cache_clear"):
                function.cache_clear()


def unit_register(study: Study) -> UnitRegister:
    """A study's own units, or the municipalities."""
    spec = study.plan.frame
    if spec.units is None:
        return municipality_register()
    plan = study.plan
    years = {wave.numbering for wave in plan.waves} | {frame.register for frame in (spec, *plan.frames.values())}
    paths = [study.raw / name for name in (spec.units, spec.changes) if name]
    stamps = tuple(path.stat().st_mtime_ns if path.is_file() else 0 for path in paths)
    return _own(paths[0], paths[1] if spec.changes else None, tuple(sorted(years)), spec.size, stamps)


@lru_cache(maxsize=8)
def _own(
    path: Path, changes: Path | None, years: tuple[int, ...], size: str | None, stamps: tuple[int, ...]
) -> UnitRegister:
    return own_register(path, changes, years=years, size=size)


def _csv(path: Path, needed: tuple[str, ...]) -> pd.DataFrame:
    import pandas as pd

    try:
        table = pd.read_csv(path, dtype=str, comment="#", keep_default_na=False, encoding="utf-8-sig")
    except (OSError, ValueError) as fault:
        raise DataError(
            "The units cannot be read", where=path, got=fault, mend="give a CSV file in UTF-8, with commas between"
        ) from fault
    absent = [name for name in needed if name not in table]
    if absent:
        raise DataError(
            f"{path.name} has no column {' and '.join(map(repr, absent))}",
            where=path,
            expected=", ".join(needed),
            got=", ".join(table.columns),
            mend="name the columns so",
        )
    return table.apply(lambda column: column.str.strip().str.normalize("NFC"))


def _numeric(column: pd.Series) -> pd.Series:
    """Numbers where every value is one or empty, else text; empty is missing."""
    import pandas as pd

    filled = column[column != ""]
    numbers = pd.to_numeric(filled, errors="coerce")
    return (filled if numbers.isna().any() else numbers).reindex(column.index)


def _list_faults(table: pd.DataFrame, path: Path) -> list[EvalkitError]:
    rows = table.index + 2
    checks = [
        (table["code"] == "", "A unit has no code", "a code"),
        (table["name"] == "", "A unit has no name", "a name"),
        (~table["year"].str.fullmatch(r"\d{4}"), "A year is not four digits", "a year, as 2024"),
        (table.duplicated(["year", "code"]), "A unit is there twice", "each unit once a year"),
    ]
    return [
        DataError(
            what,
            where=f"{path}, row {rows[place]}",
            expected=expected,
            got=", ".join(table.iloc[place][["year", "code", "name"]]),
            mend="correct the row",
        )
        for failed, what, expected in checks
        for place in failed.to_numpy().nonzero()[0]
    ]


def _refuse_gaps(units: UnitRegister) -> None:
    """DataError where the changes do not lead from each list to the next."""
    from itertools import pairwise

    from evalkit.panel.crosswalk import chain

    faults: list[EvalkitError] = []
    for early, late in pairwise(sorted(units.lists)):
        there = set(units.lists[late]["code"])
        led = chain(units.changes, units.lists[early]["code"], f"{early}-01-01", f"{late}-01-01")["to_code"]
        dates = units.changes["date"]
        within = (dates > f"{early}-01-01") & (dates <= f"{late}-01-01")
        opened = set(units.changes.loc[within & (units.changes["from_code"] == ""), "to_code"])
        lost, extra = sorted(set(led.dropna()) - there), sorted(there - set(led) - opened)
        if lost or extra:
            got = [f"not in the list: {', '.join(lost[:5])}"] if lost else []
            got += [f"not led to: {', '.join(extra[:5])}"] if extra else []
            faults.append(
                DataError(
                    f"The changes do not lead from the units of {early} to those of {late}",
                    where=units.where,
                    got="; ".join(got),
                    mend="add the change; an empty to_code closes a unit, an empty from_code opens one",
                )
            )
    if faults:
        raise DataError.of(faults)
