"""Two runs are told apart by cause, and every number that moved is listed, largest first."""

from __future__ import annotations

import math

import pytest

import evalkit
from evalkit.differences import compare_runs
from evalkit.errors import RunError
from tests.cli.test_cli import evalkit as command
from tests.conftest import WAVES, write_wave


def run(folder):
    return evalkit.run(evalkit.load_study(folder))


def test_the_same_run_has_no_differences(small):
    one = run(small())
    found = compare_runs(one, one)
    assert found.causes.empty and found.numbers.empty and found.largest == 0


def test_one_answer_moves_its_numbers_and_nothing_else(small):
    """0122 says no instead of yes in 2019: the share of yes falls from 3/5 to 2/5, by 20 points."""
    folder = small()
    before = run(folder)
    path = folder.parent.parent / "data_raw" / "small" / "w2019.sav"
    write_wave(path, WAVES["w2019.sav"] | {"plan": [1, 1, 2, 2, None, 2]})
    after = run(folder)
    found = compare_runs(before, after)
    assert found.causes.to_dict("records") == [{"part": "input", "name": "w2019.sav", "done": "changed"}]
    assert set(found.numbers["exhibit"]) == {"plan"}
    row = found.numbers.query("group == 'all' and weighting == 'unweighted'").iloc[0]
    assert row["moved"] == pytest.approx(-20)
    assert list(found.numbers["moved"].abs()) == sorted(found.numbers["moved"].abs(), reverse=True)
    said = command("compare", before.path, after.path, "--gate", "0.1")
    assert said.returncode == 9 and "input changed: w2019.sav" in said.stdout and "numbers moved" in said.stdout
    assert command("compare", before.path, after.path, "--gate", "90").returncode == 0


def test_a_number_that_comes_or_goes_cannot_pass_a_gate(small):
    folder = small()
    before = run(folder)
    study = folder / "study.toml"
    study.write_text(study.read_text().replace('[exhibits.years]\nkind = "mean"\nitems = ["years"]\n', ""))
    found = compare_runs(before, run(folder))
    assert set(found.numbers["exhibit"]) == {"years"} and found.largest == math.inf
    assert found.causes.to_dict("records") == [{"part": "study", "name": "study.toml", "done": "changed"}]


def test_runs_of_two_studies_are_not_compared(small, robek):
    with pytest.raises(RunError, match="different studies"):
        compare_runs(run(small()), robek)
