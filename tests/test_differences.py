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
    assert found.causes[["part", "name", "done"]].to_numpy().tolist() == [["input", "w2019.sav", "changed"]]
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
    (cause,) = found.causes.to_dict("records")
    assert (cause["part"], cause["done"]) == ("study", "removed")
    assert cause["name"] == "study.toml line 53: exhibits.years"
    assert cause["before"] == '{"kind": "mean", "items": ["years"]}'


def test_each_setting_that_differs_is_named_with_its_line(small):
    """Counted by hand: line 31 of study.toml has the bounds, line 5 of items.toml what counts as yes."""
    folder = small()
    before = run(folder)
    for file, old, new in (("study", "[0, 10000]", "[0, 5000]"), ("items", 'yes = ["1"]', 'yes = ["2"]')):
        path = folder / f"{file}.toml"
        path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    after = run(folder)
    rows = compare_runs(before, after).causes[["part", "name", "before", "after"]].to_numpy().tolist()
    assert rows == [
        ["study", "study.toml line 31: groups.size.lower_bounds", "[0, 10000]", "[0, 5000]"],
        ["study", "items.toml line 5: plan.yes", '["1"]', '["2"]'],
    ]
    said = command("compare", before.path, after.path).stdout
    assert "study changed: study.toml line 31: groups.size.lower_bounds, [0, 10000] → [0, 5000]" in said
    path.write_text("# a comment\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    (cause,) = compare_runs(after, run(folder)).causes.to_dict("records")
    assert (cause["name"], cause["done"]) == ("items.toml: order, comments or spacing", "changed")


def test_packages_and_code_that_differ_are_named(small, monkeypatch):
    from evalkit import provenance

    folder = small()
    before = run(folder)
    installed = provenance.version
    monkeypatch.setattr(provenance, "version", lambda name: "0.1" if name == "scipy" else installed(name))
    monkeypatch.setattr(provenance, "_code", lambda: "f" * 64)
    found = compare_runs(before, run(folder))
    package, code = found.causes.to_dict("records")
    assert (package["part"], package["name"], package["after"]) == ("package", "scipy", "0.1")
    assert package["before"] == installed("scipy")
    assert code["part"] == "code" and code["after"] == f"{evalkit.__version__}, code ffffffffffff"
    assert found.numbers.empty


def test_runs_of_two_studies_are_not_compared(small, robek):
    with pytest.raises(RunError, match="different studies"):
        compare_runs(run(small()), robek)


def without(small, kinds: str):
    """The small study without its exhibits on change, or on answers."""
    study = small()
    text = (study / "study.toml").read_text(encoding="utf-8")
    head, *exhibits = text.split("[exhibits.")
    kept = [one for one in exhibits if ('kind = "transitions"' in one) != (kinds == "change")]
    (study / "study.toml").write_text("[exhibits.".join([head, *kept]), encoding="utf-8")
    return study


@pytest.mark.parametrize("kinds", ["change", "answers"])
def test_a_study_without_exhibits_of_a_kind_is_compared(small, kinds):
    """As `evalkit new` writes them: no exhibit on change, so that a run has no change.csv."""
    folder = without(small, kinds)
    before = run(folder)
    assert (before.change if kinds == "change" else before.estimates).empty
    path = folder.parent.parent / "data_raw" / "small" / "w2019.sav"
    write_wave(path, WAVES["w2019.sav"] | {"plan": [1, 1, 2, 2, None, 2]})
    found = compare_runs(before, run(folder))
    assert len(found.causes) == 1 and set(found.numbers["exhibit"]) == ({"plan"} if kinds == "change" else set())
    said = command("compare", before.path, folder)
    assert said.returncode == 0 and "input changed: w2019.sav" in said.stdout


def test_a_run_that_stopped_early_and_one_whose_file_is_gone_say_so(small):
    folder = small()
    early = evalkit.run(evalkit.load_study(folder), until="weights")
    with pytest.raises(RunError, match="The run stopped before estimates"):
        compare_runs(early, early)
    whole = run(folder)
    (whole.path / "change.csv").unlink()
    with pytest.raises(RunError, match="csv of the run is gone"):
        compare_runs(whole, whole)
