"""Codes that a spreadsheet spoilt are mended and counted; an unknown one names its row and the likeliest unit."""

import numpy as np
import pandas as pd
import pytest

from evalkit.errors import DataError
from evalkit.panel import clean_codes, municipalities

WHERE = "runde3.xlsx, column kommnr"


@pytest.mark.parametrize(
    ("values", "codes", "rows", "zeros"),
    [
        (["0101", "1103"], ["0101", "1103"], (), 0),
        ([101, 1103], ["0101", "1103"], (1,), 1),
        ([101.0, 1103.0], ["0101", "1103"], (1,), 1),
        (["101.0", "1103,0"], ["0101", "1103"], (1,), 1),
        ([" 0101", "1103\u00a0"], ["0101", "1103"], (1, 2), 0),
        (["K-0101", "K1103", "k 0301", "'0105"], ["0101", "1103", "0301", "0105"], (1, 2, 3, 4), 0),
        (["K-101", "1103"], ["0101", "1103"], (1,), 1),
        (np.array([301, 1103], dtype="float32"), ["0301", "1103"], (1,), 1),
        (pd.Categorical(["101", "1103", "101"]), ["0101", "1103", "0101"], (1, 3), 2),
    ],
)
def test_codes_are_mended_and_counted(values, codes, rows, zeros):
    index = [f"r{i}" for i in range(len(values))]
    found = clean_codes(pd.Series(values, index=index), year=2017, where=WHERE)
    assert found.codes.tolist() == codes
    assert found.codes.index.tolist() == index
    assert (found.rows, found.mended, found.zeros) == (rows, len(rows), zeros)


@pytest.mark.parametrize("year", [2011, 2017, 2020, 2023, 2024])
def test_every_code_of_the_year_survives_excel(year):
    from evalkit.panel.register import numbering

    codes = numbering(year)["code"]
    found = clean_codes(codes.astype(int), year=year, where=WHERE)
    assert found.codes.tolist() == codes.tolist()
    assert found.zeros == found.mended == codes.str.startswith("0").sum()


def _text(values, year, names=None):
    names = None if names is None else pd.Series(names)
    with pytest.raises(DataError) as caught:
        clean_codes(pd.Series(values), year=year, names=names, where=WHERE)
    return str(caught.value)


def test_all_faults_at_once_each_with_row_and_likeliest_unit():
    text = _text(
        ["0101", "1601", "706", "0103", None, "kommune", "0105", "0106", "0111"],
        2018,
        ["Halden", None, " ", None, "Bergen kommune", "Våler", None, None, None],
    )
    common = "  expected: one of the 422 codes of 1 January 2018\n"
    assert text.split("\n\n") == [
        f"1601 is not a municipality of 2018.\n  where: {WHERE}, row 2\n{common}  got: 1601\n"
        "  mend: Write 5001 (Trondheim): 1601 is Trondheim in the numbering of 2017.",
        f"706 is not a municipality of 2018.\n  where: {WHERE}, row 3\n{common}  got: 706\n"
        "  mend: Write 0710 (Sandefjord): 0706 is Sandefjord in the numbering of 2016.",
        f"0103 is not a municipality of 2018.\n  where: {WHERE}, row 4\n{common}  got: 0103\n"
        "  mend: Write 0104 (Moss), if that is the unit.",
        f"A row has no municipality code of 2018.\n  where: {WHERE}, row 5\n{common}  got: an empty cell\n"
        "  mend: Write 1201 (Bergen), by the row's name.",
        f"kommune is not a municipality of 2018.\n  where: {WHERE}, row 6\n{common}  got: kommune (Våler)\n"
        "  mend: Write 0137 (Våler (Østfold)) or 0426 (Våler (Hedmark)), by the row's name.",
    ]


@pytest.mark.parametrize(
    ("name", "proposal"),
    [
        ("Våler (Hedmark)", "Write 0426 (Våler (Hedmark)), by the row's name."),
        ("KÅFJORD", "Write 1940 (Gáivuotna - Kåfjord - Kaivuono), by the row's name."),
        ("Guovdageainnu suohkan", "Write 2011 (Guovdageaidnu - Kautokeino), by the row's name."),
        ("Kristiansannd", "Write 1001 (Kristiansand), by the row's name."),
        ("somewhere else", "Correct the code."),
    ],
)
def test_names_propose(name, proposal):
    assert _text(["x", "0101", "0105"], 2018, [name, None, None]).endswith(f"  mend: {proposal}")


def test_a_code_that_was_split_proposes_every_part():
    text = _text(["1850", "0301", "1103"], 2020)
    assert "1806 (Narvik) or 1875 (Hábmer - Hamarøy): 1850 is Tysfjord - Divtasvuodna in the numbering of 2019" in text


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("0310", "0301 (Oslo)"), ("1115", "1114 (Bjerkreim)"), ("9999", None)],
)
def test_slips_of_the_finger(typed, meant):
    mend = f"Write {meant}, if that is the unit." if meant else "Correct the code."
    assert _text([typed, "0301", "1103"], 2017).endswith(f"  mend: {mend}")


def test_names_never_decide():
    found = clean_codes(pd.Series(["0137"]), year=2017, names=pd.Series(["Våler (Hedmark)"]), where=WHERE)
    assert found.codes.tolist() == ["0137"]


@pytest.mark.parametrize("value", ["12", "01011", "101.5", 101.5, "-101", True, "0101Halden", "1e3"])
def test_what_is_no_code_is_not_made_one(value):
    assert _text([value, "0301", "1103"], 2017).startswith(f"{value} is not a municipality of 2017.\n")


def test_a_column_of_another_numbering_is_one_error():
    assert _text(municipalities(2020)["code"].tolist(), 2017) == (
        "The codes are not in the numbering of 2017, but all are municipalities of 2020.\n"
        f"  where: {WHERE}\n"
        "  expected: codes of 1 January 2017\n"
        "  got: 273 of 356 rows with a code of another year\n"
        "  mend: Give 2020 as the year of the wave's numbering."
    )


def test_an_unknown_numbering_is_refused():
    with pytest.raises(DataError, match="does not know the numbering of municipalities of 2009"):
        clean_codes(pd.Series(["0101"]), year=2009, where=WHERE)
