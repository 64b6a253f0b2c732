"""Which of a unit's answers counts is the study's rule, and every row that does not is listed with its reason."""

from __future__ import annotations

import pytest

import evalkit
from evalkit import load_study
from evalkit.errors import DataError, StudyError
from evalkit.panel.frame import build_frames
from evalkit.panel.harmonise import build_panel
from evalkit.waves.check import check_wave, read_study_wave
from tests.conftest import WAVES, write_wave

# Halden answers in rows 1, 2 and 3: complete, then one question, then two of four; the others once.
UNITS = ["0101", "0101", "0101", "0104", "0118", "0119"]
ANSWERS = {
    "kommnr": UNITS,
    "plan": [2, 1, 2, 2, 2, None],
    "why_not": [1, None, 2, 1, 1, None],
    "m1": [1, None, None, 1, 1, None],
    "m2": [0, None, None, 0, 0, None],
    "years": [1, None, None, 4, 5, None],
    "tid": ["01.03.2018 09:00", "15.03.2018 09:00", "14.03.2018 23:59", *["20.03.2018 12:00"] * 3],
    "rolle": [1, 2, 2, 1, 1, 1],
}
ROLES = {"rolle": {1: "Saksbehandler", 2: "Rådmann"}}
LABELS = {"plan": {1: "Ja", 2: "Nei", 8: "Vet ikke", 9: "Vil ikke svare"}, "why_not": {1: "Tid", 2: "Penger"}}
LINES = 'numbering = 2017\nanswered_at = "tid"\nduplicates = "{rule}"\nignore = ["rolle"]\n\n[[waves]]\nid = "2019"'
NAMED = (
    'numbering = 2017\nanswered_at = "tid"\nduplicates = "named_respondent"\n'
    'respondent = {{ column = "rolle", prefer = [{prefer}]{then} }}\n\n[[waves]]\nid = "2019"'
)


def study_of(small, lines: str):
    folder = small(study={'numbering = 2017\n\n[[waves]]\nid = "2019"': lines})
    path = folder.parent.parent / "data_raw" / "small" / "w2018.sav"
    write_wave(path, WAVES["w2018.sav"] | ANSWERS, variable_value_labels=LABELS | ROLES)
    return load_study(folder)


def kept(small, lines: str):
    """Row of Halden that counts, and the rows of the list."""
    study = study_of(small, lines)
    waves = [check_wave(study, read_study_wave(study, id)).wave for id in ("2018", "2019")]
    lost = build_panel(study, waves, build_frames(study)).answers.discarded
    lost = lost[lost["wave"] == "2018"]
    return lost[["row", "unit", "reason", "counts"]].values.tolist()


SILENT = [6, "0119", "no answer", 0]
"""Row 6 answered nothing."""


@pytest.mark.parametrize(
    ("rule", "lost"),
    [
        ("latest", [[1, "0101", "answered earlier", 2], [3, "0101", "answered earlier", 2]]),
        ("most_complete", [[2, "0101", "fewer answers", 1], [3, "0101", "fewer answers", 1]]),
        ("latest_complete", [[2, "0101", "not complete", 1], [3, "0101", "not complete", 1]]),
    ],
)
def test_the_rule_decides_and_the_others_are_listed(small, rule, lost):
    assert kept(small, LINES.format(rule=rule)) == [*lost, SILENT]


def test_a_named_respondent_counts_by_label_or_code_and_then_the_latest(small):
    lines = NAMED.format(prefer='"Rådmann"', then=', then = "latest"')
    lost = [[1, "0101", "another respondent", 2], [3, "0101", "answered earlier", 2], SILENT]
    assert kept(small, lines) == lost
    assert kept(small, NAMED.format(prefer='"2"', then=', then = "latest"')) == lost
    assert kept(small, NAMED.format(prefer='"Saksbehandler", "Rådmann"', then=""))[0][:1] == [2]


def test_two_of_the_same_role_need_a_further_rule(small):
    with pytest.raises(DataError) as caught:
        kept(small, NAMED.format(prefer='"Rådmann"', then=""))
    assert str(caught.value) == (
        "Unit 0101 answered 2 times in wave 2018 with the same rolle\n  where: w2018.sav, rows 2, 3\n"
        '  mend: say which of them counts: then = "latest", "most_complete" or "latest_complete" in respondent'
    )


def test_the_rule_and_the_respondent_go_together(small):
    with pytest.raises(StudyError, match="A named respondent needs both the rule and the respondent"):
        study_of(small, LINES.format(rule="named_respondent").replace('\nignore = ["rolle"]', ""))


def test_the_list_is_in_the_run_and_in_the_terminal(small):
    study = study_of(small, LINES.format(rule="latest"))
    steps = []
    run = evalkit.pipeline.run(study, until="panel", progress=steps.append)
    assert run.discarded.query("wave == '2018'")["row"].tolist() == [1, 3, 6]
    assert run.record["discarded_rows"][0] == {
        "wave": "2018", "row": 1, "unit": "0101", "rule": "latest", "reason": "answered earlier", "counts": 2,
    }  # fmt: skip
    assert (
        (run.path / "discarded.csv").read_text(encoding="utf-8").startswith("wave,row,unit,rule,reason,counts\n2018,1,")
    )
    assert f"{len(run.discarded)} rows do not count: each with its reason in discarded.csv" in steps[-1].notes


def test_partial_answers_are_kept_question_by_question(small):
    """The latest answer has plan alone: its other questions are empty, and nothing of the earlier rows is put there."""
    study = study_of(small, LINES.format(rule="latest"))
    waves = [check_wave(study, read_study_wave(study, id)).wave for id in ("2018", "2019")]
    panel = build_panel(study, waves, build_frames(study)).answers.panel(["2018"])
    row = panel.data.loc[("0101", "2018")]
    assert row["plan"] == "1" and row.drop("plan").isna().all()
