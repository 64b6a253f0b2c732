"""A list of invited gives every unit its disposition and the response rates of AAPOR's definitions."""

from __future__ import annotations

import pandas as pd
import pytest

import evalkit
from evalkit import load_study
from evalkit.errors import DataError

# Of the six that answered or were asked in 2018 two are complete, three in part (0122 among them) and 0121 refused.
LIST = {
    "code": ["0101", "0104", "0118", "0119", "0121", "0123", "0124", "0125"],
    "status": ["sendt", "sendt", "sendt", "sendt", "nektet", "i retur", "nedlagt", None],
    "e-post": [f"a{n}@example.org" for n in range(8)],
}
STATUSES = '{ sendt = "noncontact", nektet = "refusal", "i retur" = "unknown", nedlagt = "not_eligible" }'
EXHIBIT = '[exhibits.response]\nkind = "response"\nby = "size"\nwaves = "2018"\n\n[exhibits.plan]'


def study_of(small, invited: str, rows=LIST, name: str = "invited.csv"):
    line = 'numbering = 2017\n\n[[waves]]\nid = "2019"'
    exhibit = EXHIBIT.replace('waves = "2018"\n', "")
    folder = small(study={line: f'numbering = 2017\n{invited}\n\n[[waves]]\nid = "2019"', "[exhibits.plan]": exhibit})
    path = folder.parent.parent / "data_raw" / "small" / name
    data = pd.DataFrame(rows)
    data.to_excel(path, index=False) if path.suffix == ".xlsx" else data.to_csv(path, index=False)
    return load_study(folder)


TOLD = f'invited = {{ file = "invited.csv", status = "status", statuses = {STATUSES} }}'


def test_dispositions_and_rates_by_hand(small):
    """I 2, P 2 (0122 was not invited), R 1, NC 1, U 1, not eligible 1: RR1 2/7, RR2 4/7, RR5 2/6, RR6 4/6."""
    run = evalkit.run(study_of(small, TOLD), until="change")
    rows = run.estimates.query("exhibit == 'response' and group == 'all'").set_index(["wave", "category"])["estimate"]
    found = rows["2018"].to_dict()
    assert found == pytest.approx(
        {"complete": 2, "partial": 2, "none": 3, "refusal": 1, "noncontact": 1, "unknown": 1, "not_eligible": 1}
        | {"rr1": 2 / 7, "rr2": 4 / 7, "rr5": 2 / 6, "rr6": 4 / 6}
    )
    assert "refusal" not in rows["2019"] and rows["2019"]["complete"] + rows["2019"]["none"] > 400


def test_who_answered_without_being_invited_is_listed(small):
    run = evalkit.run(study_of(small, TOLD), until="panel")
    assert "2018: answered without being invited: 0122" in run.record["doubts"]
    assert "example.org" not in "".join(path.read_text("latin-1") for path in run.path.rglob("*") if path.is_file())


def test_a_list_of_codes_is_enough_and_may_be_a_workbook(small):
    """Without statuses whoever gave no answer is a non-contact: I 2, P 2 of 8."""
    rows = {"code": LIST["code"]}
    run = evalkit.run(study_of(small, 'invited = "invited.xlsx"', rows, "invited.xlsx"), until="change")
    found = run.estimates.query("exhibit == 'response' and group == 'all' and wave == '2018'")
    found = found.set_index("category")["estimate"]
    assert found["rr2"] == 4 / 8 and found["noncontact"] == 4 and "rr5" not in found


def test_faults_of_the_list_are_told_at_once(small):
    rows = {"code": ["0101", "0101", "0104"], "status": ["ringt", "ringt", "refusal"]}
    with pytest.raises(DataError) as caught:
        evalkit.pipeline.check(study_of(small, 'invited = { file = "invited.csv", status = "status" }', rows))
    assert str(caught.value) == (
        "'ringt' is no known status\n  where: invited.csv, row 2, 3\n"
        "  expected: refusal, other, noncontact, unknown or not_eligible\n"
        '  mend: say what it is by AAPOR: statuses = { "ringt" = "noncontact" } in invited of wave 2018\n\n'
        "0101 is invited twice\n  where: invited.csv, row 3\n  mend: keep one row a unit"
    )
    with pytest.raises(DataError, match="The list of invited has no column 'code'"):
        evalkit.pipeline.check(study_of(small, 'invited = "invited.csv"', {"kode": ["0101"], "x": ["a"]}))
