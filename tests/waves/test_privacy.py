"""Who a person is stops at the gate whatever the column is called, ordinary columns pass, and build/ holds nothing."""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path

import pandas as pd
import pytest

import evalkit
from evalkit import load_study
from evalkit.errors import PrivacyError
from evalkit.panel import municipalities
from evalkit.publish import publish
from evalkit.waves.privacy import find_personal, personal_text
from evalkit.waves.read import Wave
from tests.conftest import WAVES, write_wave

PERSONAL = {
    "q1": (["ola@example.org", "", "kari.n@example.no"], "e-mail addresses"),
    "q2": (["ring 98765432", "nei", "ja"], "telephone numbers"),
    "q3": (["+47 22 33 44 55", "", ""], "telephone numbers"),
    "q4": (["41234567", "98765432", "90817263"], "telephone numbers"),
    "q5": (["907 12 345", "412 34 567", "987 65 432"], "telephone numbers"),
    "q6": (["010170 00027", "", ""], "national identity numbers"),
    "q7": (["010170-00027", "", ""], "national identity numbers"),
    "q8": ([1017000027.0, None, None], "national identity numbers"),
    "q9": (["192.0.2.17", "", ""], "IP addresses"),
    "q10": (["2001:db8:0:0:8:800:200c:417a", "", ""], "IP addresses"),
    "q11": (["Kari Nordmann", "Ola B. Hansen", "Anne-Lise Moe Dahl"], "names of people"),
    "q12": (["Kari", "Ola", "Per"], "names of people"),
    "q13": (["vi har ikke tid til det", "det er fint at noen spør", "mangler folk med rett utdanning"], "open text"),
    "RecipientEmail": (["x", "y", "z"], "personal data by its name"),
    "IPAddress": (["x", "y", "z"], "personal data by its name"),
    "tlf": (["x", "y", "z"], "personal data by its name"),
    "etternavn": (["Moe", "Dahl", "Berg"], "personal data by its name"),
    "LocationLatitude": ([59.9139, 60.3913, 63.4305], ""),
}
"""Column → cells, and what is found; a place in degrees of latitude is called personal by its name where it is text."""


def wave(columns: dict[str, list[object]], labels: dict[str, str] | None = None, values=None) -> Wave:
    data = pd.DataFrame({name: pd.Series(cells, dtype=object) for name, cells in columns.items()})
    data = data.where(data.map(lambda cell: cell not in ("", None)))
    return Wave("w", Path("w.csv"), data, data.isna().replace({True: "empty", False: ""}), labels or {}, values or {})


@pytest.mark.parametrize("column", [name for name, (_, what) in PERSONAL.items() if what])
def test_what_is_personal_is_found_by_content_or_name(column):
    cells, what = PERSONAL[column]
    assert [(found.column, found.what) for found in find_personal(wave({column: cells}))] == [(column, what)]


@pytest.mark.parametrize(
    "label", ["E-postadresse", "Mobilnummer", "Navn på den som svarer", "Kontaktperson i kommunen"]
)
def test_what_is_personal_is_found_by_its_label(label):
    cells = {"v12": ["a", "b", "c", "d"]}
    assert [found.what for found in find_personal(wave(cells, {"v12": label}))] == ["personal data by its name"]


REGISTER = municipalities(2020)
ORDINARY: dict[str, list[object]] = {
    "kommnr": list(REGISTER["code"]),
    "kommnr_tall": [int(code) for code in REGISTER["code"]],
    "kommune": [name.split(" - ")[0] for name in REGISTER["name"]],
    "stilling": ["Rådmann", "HR-sjef", "Assisterende rådmann", "Kommunalsjef Helse", "Leder", "Rådgiver"],
    "innbyggere": list(REGISTER["population"]),
    "budsjett": [41_200_000, 98_500_000, 90_000_000, 47_250_000, 45_100_000],
    "orgnr": ["974760673", "971032081", "940039541", "964338531"],
    "dato": ["03.11.2019 14:05", "2019-11-03", "14.12.2019", "01.02.2020"],
    "tid": ["20191103 140512", "20191104 091001", "20191105 101112", "20191106 111213"],
    "andel": ["12,5", "33.3", "7,25", "100"],
    "versjon": ["1.2.3", "1.2.4", "1.3", "2"],
    "år": [2017, 2018, 2019, 2020],
    "svar_id": [100001, 100002, 100003, 100004],
    "langt_id": ["R_1a2B3c4D5e6F", "R_2b3C4d5E6f7G", "R_3c4D5e6F7g8H"],
    "plan": ["Ja", "Nei", "Vet ikke", "Ja"],
    "fylke": ["Viken", "Oslo", "Innlandet", "Vestfold og Telemark", "Troms og Finnmark", "Møre og Romsdal"],
    "uker": ["1-2", "3-4", "5-10", "over 10"],
    "klokka": ["12:30:15", "08:05:00", "09:10:11"],
    "epost_brukes": [1, 2, 1, 2, 1, 1],
    "mobil": ["Ja", "Nei", "Ja", "Nei", "Ja", "Ja"],
    "enig": ["Helt enig i det", "Litt enig i det", "Helt enig i det", "Litt enig i det", "Helt enig i det"] * 3,
}


@pytest.mark.parametrize("column", ORDINARY)
def test_ordinary_columns_pass(column):
    assert find_personal(wave({column: ORDINARY[column]})) == []


def test_no_municipality_is_taken_for_a_person():
    names = {part for year in (2017, 2020, 2024) for full in municipalities(year)["name"] for part in full.split(" - ")}
    assert {name for name in names if personal_text(name)} == set()


def test_a_question_with_known_answers_is_no_open_text(small):
    """Six different long answers, each of them a category: nothing to stop."""
    from evalkit.waves.check import check_wave, read_study_wave

    words = [f"Vi har gjort det på måte nummer {n}" for n in range(6)]
    categories = "\n".join(f'{n} = {{ nb = "{said}", en = "{said}" }}' for n, said in enumerate(words, 1))
    extra = '[how]\ntype = "single"\nwaves = ["2018"]\nlabel = { nb = "Hvordan", en = "How" }\n'
    folder = small(items={"[years]\n": f"{extra}[how.categories]\n{categories}\n\n[years]\n"})
    write_wave(folder.parent.parent / "data_raw" / "small" / "w2018.sav", WAVES["w2018.sav"] | {"how": words})
    study = load_study(folder)
    assert check_wave(study, read_study_wave(study, "2018")).stopped == ()


SECRETS = {
    "epost": ["hemmelig@example.org"] * 6,
    "telefonen": ["98 76 54 32"] * 6,
    "ident": ["01017000027"] * 6,
    "hvem": [
        "Kari Hemmeligsen",
        "Ola Hemmeligsen",
        "Per Hemmeligsen",
        "Anne Hemmeligsen",
        "Nils Hemmeligsen",
        "Liv Li",
    ],
    "kommentar": ['=HYPERLINK("http://x") setning som er hemmelig', None, "en annen hemmelig setning her", *[None] * 3],
    "annet": ["dette er også en hemmelig setning", None, "og dette er hemmelig det også", *[None] * 3],
}
STRINGS = ("hemmelig", "Hemmeligsen", "98 76 54 32", "98765432", "01017000027", "example.org")


def secret_study(small, lines: str):
    folder = small(
        study={'numbering = 2017\n\n[[waves]]\nid = "2019"': f'numbering = 2017\n{lines}\n\n[[waves]]\nid = "2019"'}
    )
    write_wave(folder.parent.parent / "data_raw" / "small" / "w2018.sav", WAVES["w2018.sav"] | SECRETS)
    return load_study(folder)


def held(path: Path) -> set[str]:
    """Which of the strings the bytes of a file hold, in UTF-8 or UTF-16, packed or not."""
    raw = path.read_bytes()
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as packed:
            raw += b"".join(packed.read(name) for name in packed.namelist())
    return {said for said in STRINGS for how in ("utf-8", "utf-16-le") if said.encode(how) in raw}


def test_no_byte_of_build_and_of_the_zip_holds_them_outside_the_restricted_file(small):
    study = secret_study(small, 'restricted_text = ["kommentar"]')
    run = evalkit.run(study)
    from evalkit.report.studies import render

    render(run, formats=("html", "docx"), template="wave_report", engine="builtin")
    folder = publish(run, deposit=False)
    files = [path for path in study.build.rglob("*") if path.is_file()] + [folder.parent / f"{folder.name}.zip"]
    restricted = [path for path in files if "restricted" in path.parts]
    assert {path.name for path in restricted} == {"2018.csv", "README.txt"}
    assert {path: found for path in files if path not in restricted and (found := held(path))} == {}
    assert not any("restricted" in path.parts for path in folder.rglob("*"))
    text = (run.path / "restricted" / "2018.csv").read_text(encoding="utf-8-sig")
    assert text.splitlines()[:2] == [
        '"row","unit","kommentar"', '"1","0101","\'=HYPERLINK(""http://x"") setning som er hemmelig"',
    ]  # fmt: skip
    assert {stat.S_IMODE(path.stat().st_mode) for path in restricted} == {0o600}
    assert stat.S_IMODE((run.path / "restricted").stat().st_mode) == 0o700


def test_without_leave_there_is_no_restricted_file(small):
    run = evalkit.run(secret_study(small, ""), until="panel")
    assert not (run.path / "restricted").exists()
    stopped = {row["column"]: row["what"] for row in run.record["stopped_at_the_privacy_gate"]["2018"]}
    assert stopped == {
        "epost": "e-mail addresses", "telefonen": "telephone numbers", "ident": "national identity numbers",
        "hvem": "names of people", "kommentar": "open text", "annet": "open text",
    }  # fmt: skip


def test_a_respondents_name_cannot_be_the_rule(small):
    lines = 'duplicates = "named_respondent"\nrespondent = { column = "hvem", prefer = ["Kari Hemmeligsen"] }'
    with pytest.raises(PrivacyError, match="A respondent is named by personal data"):
        evalkit.pipeline.check(secret_study(small, lines))
