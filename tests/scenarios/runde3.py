"""A reconstructed third round of Kompetanseløft 2020 in the numbering of 2021, with everything that goes wrong.

Nobody gave these answers: they are those of the reconstructed round of 2019, moved a little by lot, with a seed.
"""

from __future__ import annotations

from pathlib import Path
from random import Random

import pandas as pd
import pyreadstat

from evalkit.panel import crosswalk, municipalities

SEED = 2021
MOVED = ("q9", "q11", "q17_master", "q17_phd", "q20", "q21")
"""Questions of yes and no that no other question hangs on."""
THRICE = "3401"  # Kongsvinger


def write_runde3(raw: Path, path: Path) -> Path:
    """The file as the survey tool exported it, from the raw file of 2019 in `raw`."""
    data, meta = pyreadstat.read_sav(str(raw / "kompetanseloft_2019.sav"), user_missing=True)
    data = _moved(_carried(data), Random(SEED))
    labels = {name: dict(words) for name, words in meta.variable_value_labels.items()}
    titles = dict(meta.column_names_to_labels) | {"kommnr": "Kommunenummer"}
    # a question reworded, an answer with a new name and a code used again, a category added, yes and no swapped
    titles["q18"] = "Samarbeider kommunen med forskere ved en forskningsinstitusjon om å utvikle tjenestene?"
    labels["q2"] |= {2.0: "Kommunedirektør", 4.0: "Et interkommunalt samarbeid"}
    labels["q8"] |= {5.0: "Bare ved lange permisjoner"}
    data.loc[data.index[::9], "q8"] = 5.0
    labels["q21"] = {1.0: "Nei", 2.0: "Ja", 8.0: "Vet ikke"}
    data["q21"] = data["q21"].replace({1.0: 2.0, 2.0: 1.0})
    # somebody forwarded the link: two more answers of one municipality, the last one without most of the questions
    again = data[data["kommnr"] == THRICE]
    last = again.assign(**{name: float("nan") for name in data.columns[20:-2]})
    data = pd.concat([data, again, last], ignore_index=True)
    day = pd.Timestamp("2021-09-06 08:00:00")
    data["levert"] = [str(day + pd.Timedelta(hours=3 * row)) for row in range(len(data))]
    data["kommentar"] = [f"Vi har mye å gjøre her hos oss, skriver nummer {row}." for row in range(len(data))]
    data["epost"] = [f"svar{row}@kommune{row}.example.org" for row in range(len(data))]
    titles["levert"] = "Tidspunkt"
    data["kommnr"] = data["kommnr"].astype(int)  # Oslo is 301
    pyreadstat.write_sav(
        data,
        str(path),
        variable_value_labels=labels,
        column_labels={name: titles[name] for name in data.columns},
        missing_ranges=meta.missing_ranges,
        file_label="Rekonstruerte data",
    )
    return path


def _carried(data: pd.DataFrame) -> pd.DataFrame:
    """Each municipality of 2021 of which a part answered in 2019, with the answers of the part of the lowest code."""
    table = crosswalk(2017, 2021).dropna(subset="to_code").drop_duplicates(["to_code", "from_code"])
    there = table[table["from_code"].isin(data["kommnr"])].drop_duplicates("to_code")
    names = municipalities(2021).set_index("code")["name"]
    rows = data.set_index("kommnr").loc[there["from_code"]].reset_index(drop=True)
    rows.insert(0, "kommnr", there["to_code"].to_numpy())
    oslo = rows.iloc[[40]].assign(kommnr="0301")
    rows = pd.concat([rows, oslo]).sort_values("kommnr", ignore_index=True)
    return rows.assign(kommune=rows["kommnr"].map(names))


def _moved(data: pd.DataFrame, lot: Random) -> pd.DataFrame:
    """One answer in eight to a question of yes or no is the other one."""
    other = {1.0: 2.0, 2.0: 1.0}
    for name in MOVED:
        data[name] = [other.get(said, said) if lot.random() < 1 / 8 else said for said in data[name]]
    return data
