"""The register of municipalities, counties and their dated changes, as official statistics give them."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from evalkit.errors import DataError, one_of

if TYPE_CHECKING:
    import pandas as pd

_NUMBERS = ("population", "centrality_2008", "centrality_index_2023", "centrality_class_2023")
CHOSEN = "EVALKIT_REGISTER"
"""The environment variable that names another folder with a register."""
COLUMNS: dict[str, tuple[str, ...]] = {
    "municipalities.csv": (
        *("year", "code", "name", "county_code", "county", *_NUMBERS),
        *("kostra_group", "kostra_free_disposable_income"),
    ),
    "changes.csv": ("date", "from_code", "from_name", "to_code", "to_name"),
    "counties.csv": ("valid_from", "county_code", "county"),
    "county_tiles.csv": ("valid_from", "county_code", "county", "row", "col"),
}
_SHIPPED = Path(__file__).resolve().parents[1] / "_shipped" / "register"
_INTEGERS = {"municipalities.csv": ("year", "population"), "county_tiles.csv": ("row", "col")}


def register_folder() -> Path:
    """Where the register lies: the folder in EVALKIT_REGISTER, else what is shipped with the package.

    Returns
    -------
    Path of an existing folder: the one that the environment names, that of an installed package, or the repository's
    data_raw/register.

    Raises
    ------
    DataError : there is no register in the folder that is named, or in either of the package's places.
    """
    chosen = os.environ.get(CHOSEN)
    if chosen:
        folder = Path(chosen).expanduser().resolve()
        if (folder / "municipalities.csv").is_file():
            return folder
        raise DataError(
            f"There is no register in the folder that {CHOSEN} names.",
            where=folder,
            expected=", ".join(COLUMNS),
            mend=f"Make one with evalkit register update --to {folder}, or unset {CHOSEN}.",
        )
    return shipped_folder()


def shipped_folder() -> Path:
    """The register inside an installed package, else the repository's data_raw/register; DataError where neither is."""
    repository = _SHIPPED.parents[2] / "data_raw" / "register"
    for folder in (_SHIPPED, repository):
        if (folder / "municipalities.csv").is_file():
            return folder
    raise DataError(
        "The register of municipalities is missing.",
        expected=f"municipalities.csv in {_SHIPPED} or {repository}",
        mend="Install evalkit again, or restore data_raw/register from version control.",
    )


def is_shipped(folder: Path) -> bool:
    """Whether a folder is the register inside an installed package."""
    return folder == _SHIPPED


def register_years() -> tuple[int, ...]:
    """The years (1 January) whose list of municipalities the register holds, ascending."""
    return tuple(sorted({int(year) for year in _table("municipalities.csv")["year"]}))


def municipalities(year: int) -> pd.DataFrame:
    """The municipalities of Norway on 1 January of a year: the frame of a survey of that year.

    Parameters
    ----------
    year : one of `register_years()`.

    Returns
    -------
    DataFrame, a row a municipality in the order of the codes: code (four characters), name, county_code, county,
    population (persons on 1 January), and what the year has of centrality_2008 (0 least … 3 most central),
    centrality_index_2023 (0–1000), centrality_class_2023 (1 most … 6 least central), kostra_group and
    kostra_free_disposable_income. A column that the year does not have is not there.

    Raises
    ------
    DataError : the register has no list for the year.

    Source
    ------
    Statistics Norway, table 07459 and KLASS 131, 104, 128 and 112 (CC BY 4.0).

    Examples
    --------
    >>> from evalkit.panel import municipalities
    >>> len(municipalities(2017)), len(municipalities(2024))
    (426, 357)
    """
    known = register_years()
    if year not in known:
        raise DataError(
            f"The register has no list of municipalities for {year}.",
            where=str(register_folder() / "municipalities.csv"),
            expected=one_of(known),
            got=year,
            mend="Use a year of the register as the wave's year of numbering.",
        )
    return _of_year(register_folder(), year).copy()


def changes() -> pd.DataFrame:
    """Every dated change of a municipality's code or name, oldest first.

    Returns
    -------
    DataFrame with date (ISO string), from_code, from_name, to_code, to_name; one code to several is a split,
    several to one a merger, a code to itself a change of name.

    Source
    ------
    Statistics Norway, KLASS 131 (CC BY 4.0).
    """
    return _table("changes.csv").copy()


def numbering(year: int) -> pd.DataFrame:
    """The codes and names in force on 1 January of any year that the changes cover, also one without a list.

    Parameters
    ----------
    year : from the first year of `changes()` (2011) to the last list of the register (2024).

    Returns
    -------
    DataFrame with code and name, in the order of the codes: the nearest list of the register, walked to the year
    through the dated changes.

    Raises
    ------
    DataError : the changes do not cover the year.
    """
    first, last = int(str(_table("changes.csv")["date"].min())[:4]), register_years()[-1]
    if not first <= year <= last:
        raise DataError(
            f"The register does not know the numbering of municipalities of {year}.",
            where=str(register_folder() / "changes.csv"),
            expected=f"a year from {first} to {last}",
            got=year,
            mend="Use a year that the register covers.",
        )
    return _numbering(register_folder(), year).copy()


def counties(year: int) -> pd.DataFrame:
    """County codes and names valid on 1 January of a year: county_code, county (DataError before 2016)."""
    return _valid("counties.csv", year)


def county_tiles(year: int) -> pd.DataFrame:
    """A tile map of the counties of a year: county_code, county, row, col (from 1, north and west first)."""
    return _valid("county_tiles.csv", year)


def _valid(name: str, year: int) -> pd.DataFrame:
    table = _table(name)
    since = table["valid_from"].astype("int64")
    if year < since.min():
        raise DataError(
            f"The register has no counties for {year}.",
            where=str(register_folder() / name),
            expected=f"{since.min()} or later",
            got=year,
            mend="Use a year that the register covers.",
        )
    rows = table[since == since[since <= year].max()]
    return rows.drop(columns="valid_from").reset_index(drop=True).copy()


@lru_cache(maxsize=32)
def _numbering(folder: Path, year: int) -> pd.DataFrame:
    import pandas as pd

    base = min(register_years(), key=lambda known: (abs(known - year), known))
    of_base = _of_year(folder, base)
    units = dict(zip(of_base["code"], of_base["name"]))
    table = _read(folder, "changes.csv")
    low, high = sorted((f"{base}-01-01", f"{year}-01-01"))
    old, new = ("from", "to") if year > base else ("to", "from")
    between = table[(table["date"] > low) & (table["date"] <= high)]
    for _, of_day in between.sort_values("date", ascending=year > base).groupby("date", sort=False):
        for code in of_day[f"{old}_code"]:
            units.pop(code, None)
        units |= dict(zip(of_day[f"{new}_code"], of_day[f"{new}_name"]))
    return pd.DataFrame(sorted(units.items()), columns=["code", "name"])


@lru_cache(maxsize=16)
def _of_year(folder: Path, year: int) -> pd.DataFrame:
    table = _read(folder, "municipalities.csv")
    frame = table[table["year"] == year].drop(columns="year").dropna(axis="columns", how="all").reset_index(drop=True)
    numbers = [column for column in _NUMBERS if column in frame]
    return frame.astype(dict.fromkeys(numbers, "int64"))


def _table(name: str) -> pd.DataFrame:
    return _read(register_folder(), name)


@lru_cache(maxsize=8)
def _read(folder: Path, name: str) -> pd.DataFrame:
    import pandas as pd

    path = folder / name
    expected = COLUMNS[name]
    numbers = dict.fromkeys([c for c in expected if c in _NUMBERS], "float64")
    types = dict.fromkeys(expected, "str") | numbers | dict.fromkeys(_INTEGERS.get(name, ()), "int64")
    try:
        table = pd.read_csv(path, dtype=types, keep_default_na=False, na_values=[""], encoding="utf-8")
    except (OSError, ValueError) as fault:
        raise DataError(
            "The register cannot be read.", where=str(path), got=fault, mend="Restore the file from version control."
        ) from fault
    if tuple(table.columns) != expected:
        raise DataError(
            "The register does not have the columns it should have.",
            where=str(path),
            expected=", ".join(expected),
            got=", ".join(table.columns),
            mend="Restore the file from version control.",
        )
    return table
