"""Writes data_raw/robek/robek_<year>.sav from the dates of the public register: python analyses/robek/make_waves.py

A wave says which municipalities were in the register (ROBEK) on 31 December of its year: entered on or before that
day and not left by it. A stay whose end the register does not give makes the unit unknown from its beginning on,
unless another stay says yes for the day.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd
import pyreadstat

from evalkit.panel.register import municipalities

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from _manifest import DATA_RAW, update  # noqa: E402

YEARS = (2008, 2012, 2015)
NUMBERING = 2016
NO, YES, UNKNOWN = 0, 1, 9
CARRIED = {"1729": "1756"}  # Inderøy got a new code when Mosvik joined it in 2012
GONE = {"1556": "Frei, in Kristiansund from 2008", "1723": "Mosvik, in Inderøy from 2012"}
SOURCE = (
    "Ministry of Local Government and Modernisation, Register om betinget godkjenning og kontroll (ROBEK): "
    "entries and exits 2001 to autumn 2016 (analyses/robek/spells.csv)"
)
LICENCE = "Facts of a public register; source named"
CREATED = (b"31 Dec 16", b"00:00:00")


def wave(spells: pd.DataFrame, units: pd.DataFrame, year: int) -> pd.DataFrame:
    """One row a unit: kommnr, kommune and robek (0 no, 1 yes, 9 unknown) on 31 December of the year."""
    day = f"{year}-12-31"
    begun = spells[spells["entered"] <= day]
    unknown = begun.loc[begun["end"] == "unknown", "code"]
    inside = begun.loc[(begun["left"] > day) | (begun["end"] == "in"), "code"]
    lost = sorted(set(inside) - set(units["code"]))
    if lost:
        raise ValueError(f"in the register on {day}, but not a municipality of {NUMBERING}: {lost}")
    robek = pd.Series(NO, index=units.index)
    robek[units["code"].isin(unknown)] = UNKNOWN
    robek[units["code"].isin(inside)] = YES
    return pd.DataFrame({"kommnr": units["code"], "kommune": units["name"], "robek": robek})


def read_spells(units: pd.DataFrame) -> pd.DataFrame:
    """The stays in the numbering of 2016; units that are gone by then are left out, by name (see GONE)."""
    spells = pd.read_csv(HERE / "spells.csv", dtype="str", comment="#")
    spells = spells.assign(code=spells["code"].replace(CARRIED))
    strange = sorted(set(spells["code"]) - set(units["code"]) - set(GONE))
    if strange:
        raise ValueError(f"codes that are not municipalities of {NUMBERING}: {strange}")
    return spells


def write(frame: pd.DataFrame, path: Path, year: int) -> None:
    """A .sav file with labels and the unknown declared missing; the same bytes whenever it is written."""
    labels = {
        "kommnr": f"Kommunenummer ({NUMBERING})",
        "kommune": "Kommunenavn",
        "robek": f"Var kommunen registrert i ROBEK 31. desember {year}?",
    }
    pyreadstat.write_sav(
        frame,
        str(path),
        file_label=f"ROBEK 31. desember {year}",
        column_labels=labels,
        variable_value_labels={"robek": {NO: "Nei", YES: "Ja", UNKNOWN: "Ukjent"}},
        missing_ranges={"robek": [UNKNOWN]},
        variable_measure={"kommnr": "nominal", "kommune": "nominal", "robek": "nominal"},
        variable_format={"robek": "F1.0"},
    )
    content = bytearray(path.read_bytes())
    content[92:101], content[101:109] = CREATED  # the header's date and time of writing
    path.write_bytes(content)


def main() -> None:
    units = municipalities(NUMBERING)
    spells = read_spells(units)
    folder = DATA_RAW / "robek"
    folder.mkdir(exist_ok=True)
    for year in YEARS:
        frame = wave(spells, units, year)
        path = folder / f"robek_{year}.sav"
        write(frame, path, year)
        update(path, source=SOURCE, date=f"{year}-12-31", licence=LICENCE, access="public", kind="real")
        print(f"{path.relative_to(DATA_RAW)}: {len(frame)} municipalities, {(frame['robek'] == YES).sum()} in ROBEK")


if __name__ == "__main__":
    main()
