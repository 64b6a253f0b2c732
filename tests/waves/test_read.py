"""Waves keep values, labels and missing codes apart, whatever the tool that wrote them."""

from __future__ import annotations

import pandas as pd
import pyreadstat
import pytest

from evalkit import read_wave
from evalkit.errors import DataError

ROWS = {"id": ["0101", "0104", "0118", "0119"], "q": [1.0, 2.0, 8.0, None]}
LABELS = {"q": {1: "Ja", 2: "Nei", 8: "Vet ikke"}}


def test_spss_keeps_declared_missing_apart_from_empty(tmp_path):
    path = tmp_path / "wave.sav"
    pyreadstat.write_sav(
        pd.DataFrame(ROWS),
        str(path),
        variable_value_labels=LABELS,
        missing_ranges={"q": [8]},
        column_labels={"q": "Har plan?"},
    )
    wave = read_wave(path)
    assert wave.id == "wave"
    assert list(wave.data["q"].dropna()) == [1, 2]
    assert list(wave.missing["q"]) == ["", "", "8", "empty"]
    assert wave.value_labels["q"] == {"1": "Ja", "2": "Nei", "8": "Vet ikke"}
    assert wave.variable_labels == {"q": "Har plan?"}


def test_spss_range_of_missing_codes(tmp_path):
    path = tmp_path / "wave.sav"
    pyreadstat.write_sav(
        pd.DataFrame({"q": [1.0, 97.0, 99.0]}), str(path), missing_ranges={"q": [{"lo": 97, "hi": 99}]}
    )
    assert list(read_wave(path).missing["q"]) == ["", "97", "99"]


def test_stata_keeps_its_lettered_missing(tmp_path):
    path = tmp_path / "wave.dta"
    frame = pd.DataFrame({"q": [1, 2, "a"]}, dtype=object)
    pyreadstat.write_dta(
        frame,
        str(path),
        variable_value_labels={"q": {1: "Ja", 2: "Nei", "a": "Vet ikke"}},
        missing_user_values={"q": ["a"]},
    )
    wave = read_wave(path)
    assert list(wave.data["q"].dropna()) == [1, 2]
    assert list(wave.missing["q"]) == ["", "", "a"]
    assert wave.value_labels["q"]["a"] == "Vet ikke"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_csv_finds_encoding_and_separator(tmp_path, encoding, separator):
    path = tmp_path / "wave.csv"
    path.write_bytes(f"kommnr{separator}kommune\n0101{separator}Bærum og Åsnes\n0104{separator}\n".encode(encoding))
    wave = read_wave(path)
    assert list(wave.data["kommnr"]) == ["0101", "0104"]
    assert wave.data["kommune"][2] == "Bærum og Åsnes"
    assert list(wave.missing["kommune"]) == ["", "empty"]


def test_excel_reads_the_named_sheet(tmp_path):
    path = tmp_path / "wave.xlsx"
    with pd.ExcelWriter(path) as book:
        pd.DataFrame({"x": [1]}).to_excel(book, sheet_name="Om", index=False)
        pd.DataFrame({"kommnr": [101, 104], "q": ["Ja", None]}).to_excel(book, sheet_name="Svar", index=False)
    wave = read_wave(path, sheet="Svar")
    assert list(wave.data["kommnr"]) == [101, 104]
    assert list(wave.missing["q"]) == ["", "empty"]
    with pytest.raises(DataError, match="no sheet 'svar'"):
        read_wave(path, sheet="svar")


def test_faults_say_what_to_do(tmp_path):
    (tmp_path / "runde2.sav").touch()
    with pytest.raises(DataError) as caught:
        read_wave(tmp_path / "runde1.sav")
    assert (
        str(caught.value)
        == f"There is no such wave file\n  where: {tmp_path}/runde1.sav\n  mend: did you mean runde2.sav?"
    )
    with pytest.raises(DataError, match=r"runde2\.sav is empty: 0 bytes"):
        read_wave(tmp_path / "runde2.sav")
    (tmp_path / "svar.docx").write_text("q\n1\n")
    with pytest.raises(DataError, match="is not read"):
        read_wave(tmp_path / "svar.docx")
    (tmp_path / "a.csv").write_text("q,q\n1,2\n")
    with pytest.raises(DataError, match="Only an Excel file has sheets"):
        read_wave(tmp_path / "a.csv", sheet="x")
