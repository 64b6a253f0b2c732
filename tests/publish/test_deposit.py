"""The archive's bundle says everything a stranger needs: labels, formats, missing codes, and what is left out."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyreadstat

from evalkit.publish import publish
from evalkit.publish.deposit import remarks


def read(folder: Path, name: str):
    return pyreadstat.read_sav(str(folder / "deposit" / f"{name}.sav"), user_missing=True)


def test_the_sav_of_robek_read_back(published, robek_run):
    data, meta = read(published, "robek")
    assert list(data.columns) == ["unit", "wave", "weight", "size", "centrality", "robek"]
    assert len(data) == 3 * 428 and meta.file_label == "Kommuner under statlig budsjettkontroll"
    assert meta.column_names_to_labels["robek"] == "I ROBEK ved årets slutt"
    assert all(meta.column_names_to_labels.values())
    formats = ["A4", "A4", "F8.0", "F8.0", "F8.0", "F8.0"]
    assert [meta.original_variable_types[name] for name in data] == formats
    assert meta.variable_value_labels["robek"] == {1: "Ja", 0: "Nei", -1: "Vet ikke"}
    assert meta.missing_ranges["robek"] == [{"lo": -1.0, "hi": -1.0}]
    # three municipalities are unknown in 2008 and 2012, two in 2015: 42 of 425, 47 of 425 and 48 of 426 were in it
    counts = data.groupby("wave")["robek"].value_counts()
    assert [counts[wave, 1.0] for wave in ("2008", "2012", "2015")] == [42, 47, 48]
    assert [counts[wave, -1.0] for wave in ("2008", "2012", "2015")] == [3, 3, 2]


def test_the_sav_takes_declared_codes_as_missing(published):
    data, _ = pyreadstat.read_sav(str(published / "deposit" / "robek.sav"))
    assert data["robek"].isna().sum() == 8


def test_csv_and_sav_say_the_same(published):
    data, _ = read(published, "robek")
    table = pd.read_csv(published / "deposit" / "robek.csv", dtype={"unit": str, "wave": str})
    pd.testing.assert_frame_equal(table, data, check_dtype=False)


def test_reasons_for_no_answer_stay_apart(real):
    """2018, by unit: yes, no, no, don't know, no answer; 0121 only refused, which is no answer to anything."""
    folder = publish(real())
    data, meta = read(folder, "small")
    first = data[data["wave"] == "2018"].set_index("unit")
    assert first["plan"].tolist() == [1, 2, 2, -1, -5]
    assert first.loc["0101", "why_not"] == -3
    labels = {-1: "Vet ikke", -3: "Ikke spurt", -5: "Ubesvart"}
    for name in ("plan", "why_not"):
        declared = {code: text for code, text in meta.variable_value_labels[name].items() if code < 0}
        assert declared.items() <= labels.items() and set(data[name][data[name] < 0]) == set(declared)
    assert meta.variable_value_labels["means_courses"][1] == "Ja"
    assert meta.column_names_to_labels["means_courses"] == "Virkemidler: Kurs"


def test_names_are_what_spss_takes(real):
    long = "et_svært_langt_navn_på_et_spørsmål_i_undersøkelsen"
    items = {"[plan]": f'[{long}]\ntype = "single"\ncombine = "any"\n'
             'columns = { 2018 = ["plan", "why_not"], 2019 = ["plan", "why_not"] }\n'
             f'label = {{ nb = "x", en = "x" }}\n'
             f'missing = {{ 7 = "not_asked", 8 = "dont_know", 9 = "refused" }}\n[{long}.categories]\n'
             '"1" = { nb = "J", en = "Y" }\n"2" = { nb = "N", en = "N" }\n\n[plan]'}  # fmt: skip
    items = {key: value.replace(long, f'"{long}"') for key, value in items.items()}
    data, _ = read(publish(real(items=items)), "small")
    assert all(len(name) <= 32 and name[0].isalpha() and name.replace("_", "").isalnum() for name in data)
    assert len({name.lower() for name in data}) == len(data.columns)
    assert "et_svert_langt_navn_pa_et_sporsm" in data.columns


def test_negative_answers_do_not_meet_missing_codes(small, real):
    from tests.conftest import WAVES, write_wave

    run = real()
    write_wave(run.study.raw / "w2018.sav", WAVES["w2018.sav"] | {"years": [-1, -20, None, 4, None, 3]})
    import evalkit
    from tests.publish.conftest import with_report

    folder = publish(with_report(evalkit.run(run.study)))
    data, meta = read(folder, "small")
    assert {-1.0, -20.0} <= set(data["years"])
    assert meta.missing_ranges["years"][0]["hi"] <= -101 and min(data["years"]) == -105
    text = (folder / "deposit" / "README.md").read_text(encoding="utf-8")
    assert "−5 Ubesvart, −105 Ubesvart." in text and "| years | years | År | −105 |" in text


def test_the_readme_says_which_codes_are_in_the_files(published, real):
    """Of robek only −1 is used; negative answers move the codes of one variable, and the README has both."""
    text = (published / "deposit" / "README.md").read_text(encoding="utf-8")
    assert "Manglende svar har negative koder: −1 Vet ikke.\n" in text
    assert "1284 rader og 6 variabler" in text and "| robek | robek | I ROBEK ved årets slutt | −1 |" in text
    small = (publish(real(), lang="en") / "deposit" / "README.md").read_text(encoding="utf-8")
    assert "codes: −1 Don't know, −3 Not asked, −5 No answer.\n" in small
    assert "The answers are weighted by post-stratification" in small


def test_the_person_is_told_what_the_archive_will_ask(real, finished, robek_run):
    assert remarks(robek_run) == ["the archive will ask for authors: [deposit] in study.toml"]
    assert remarks(real()) == [
        "the archive will ask for abstract, authors, producer, mode, keywords and conditions: [deposit] in study.toml",
        "no wording of plan, why_not, means and years: question in items.toml",
    ]
    assert remarks(finished()) == ["no bundle for the data archive: the answers are synthetic, not real"]
