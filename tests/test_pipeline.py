"""A run keeps what it made under a name that follows from what it was made of, and a failed one leaves no trace."""

from __future__ import annotations

import json

import pandas as pd
import pytest

import evalkit
from evalkit import pipeline, stages
from evalkit.errors import DataError, EvalkitError, MethodError, RunError
from tests.conftest import WAVES, write_wave

FILES = ["change.csv", "estimates.csv", "panel.parquet", "weights.csv"]


def run(folder, **options):
    return evalkit.run(evalkit.load_study(folder), until="change", **options)


def test_an_unchanged_study_is_not_computed_again_and_a_changed_one_is(small):
    folder, steps = small(), []
    first = run(folder)
    again = run(folder, progress=steps.append)
    assert again.path == first.path and [step.stage for step in steps] == ["unchanged"]
    changed = small(study={"lower_bounds = [0, 10000]": "lower_bounds = [0, 5000]"})
    assert run(changed).path != first.path
    write_wave(folder.parent.parent / "data_raw" / "small" / "w2018.sav", WAVES["w2018.sav"] | {"years": [9] * 6})
    assert run(folder).path not in (first.path, run(small()).path)


def test_the_same_run_twice_gives_the_same_bytes(small):
    folder = small()
    first = {name: (run(folder).path / name).read_bytes() for name in FILES}
    second = {name: (run(folder, fresh=True).path / name).read_bytes() for name in FILES}
    assert first == second


def test_shares_by_hand(small):
    """Of six units five have a latest answer to plan: yes from 0101, 0104 and 0122, no from 0118 and 0119."""
    rows = run(small()).estimates.query("exhibit == 'plan' and weighting == 'unweighted'").set_index("group")
    assert rows.loc["all", "estimate"] == pytest.approx(3 / 5)
    assert rows.loc["large", "estimate"] == 1 and rows.loc["small", "estimate"] == pytest.approx(1 / 3)
    assert list(rows["n"]) == [5, 3, 2]
    weighted = run(small()).estimates.query("exhibit == 'plan' and weighting == 'weighted' and group == 'all'")
    # Statistics Norway: 111 of the 426 municipalities of 2017 had 10,000 inhabitants or more
    large = (evalkit.panel.municipalities(2017)["population"] >= 10000).sum()
    assert weighted["estimate"].item() == pytest.approx((large + (426 - large) / 3) / 426)


def test_shares_of_inhabitants_by_hand(small):
    """Yes from Halden, Moss and Trøgstad, no from Aremark and Marker; population of 1 January 2017."""
    study = {"register = 2017": 'register = 2017\nmeasure = "population"', '"poststratify"': '"none"'}
    study['by = ["size"]'] = 'reason = { nb = "-", en = "-" }'
    rows = (
        run(small(study=study)).estimates.query("exhibit == 'plan' and weighting == 'inhabitants'").set_index("group")
    )
    yes, no = 30790 + 32407 + 5367, 1398 + 3597
    assert rows.loc["all", "estimate"] == pytest.approx(yes / (yes + no))
    assert rows.loc["small", "estimate"] == pytest.approx(5367 / (5367 + no))


def test_changes_by_hand(small):
    """0104 went from no to yes; 0101 and 0118 stayed; nobody else answered yes or no twice."""
    moved = (
        run(small())
        .change.query("exhibit == 'moved' and group == 'all' and weighting == 'unweighted'")
        .set_index("category")["estimate"]
    )
    assert (moved["up"], moved["down"], moved["unchanged"]) == (1, 0, 2)


def test_a_failed_run_leaves_the_last_one(small):
    folder = small()
    good = run(folder)
    write_wave(folder.parent.parent / "data_raw" / "small" / "w2018.sav", WAVES["w2018.sav"] | {"plan": [3] * 6})
    with pytest.raises(DataError):
        run(folder)
    assert evalkit.open_run(good.path).estimates.equals(good.estimates)
    assert [path.name for path in good.study.build.iterdir()] == [good.path.name]


def test_a_killed_run_is_cleared_away_later_and_a_running_one_is_not(small):
    """Nor is a folder of somebody else's, which has no mark."""
    from evalkit.folders import scratch
    from tests.test_folders import aged, left_over

    folder = small()
    build = run(folder).study.build
    aged(left_over(build / ".0123456789ab.01234567"), 7200)
    (build / ".somebody.else").mkdir()
    with scratch(build, "running") as new:
        run(folder, fresh=True)
        left = {path.name for path in build.iterdir() if path.name.startswith(".")}
        assert left == {".somebody.else", new.parent.name}


def test_a_full_disk_leaves_the_last_run(small, monkeypatch):
    folder = small()
    good = run(folder)
    monkeypatch.setattr(stages, "write_table", lambda table, path: (_ for _ in ()).throw(OSError(28, "No space left")))
    with pytest.raises(RunError) as caught:
        run(folder, fresh=True)
    assert "No space left" in str(caught.value) and "the earlier runs are as they were" in caught.value.mend
    assert evalkit.open_run(good.path).estimates.equals(good.estimates)
    assert [path.name for path in good.study.build.iterdir()] == [good.path.name]


def test_run_json_says_what_the_run_was_made_of(small):
    done = run(small())
    record = json.loads((done.path / "run.json").read_text())
    assert set(record["inputs"]) >= {"w2018.sav", "w2019.sav", "register/municipalities.csv"}
    assert (record["study"], set(record["study_text"])) == ("small", {"study.toml", "items.toml"})
    assert record["stages"]["panel"][0] == {"step": "2018: read", "rows_in": 6, "rows_out": 6, "reason": ""}
    assert record["data"] == "synthetic"


def test_until_stops_there_and_says_so(small):
    done = evalkit.run(evalkit.load_study(small()), until="panel")
    assert list(done.panel["data"].unique()) == ["synthetic"]
    with pytest.raises(RunError, match="stopped before estimates"):
        _ = done.estimates
    with pytest.raises(RunError, match="There is no stage 'pannel'"):
        evalkit.run(done.study, until="pannel")


def test_no_run_says_what_to_type(small, tmp_path):
    with pytest.raises(RunError) as caught:
        evalkit.open_run(small())
    assert "evalkit run" in caught.value.mend
    with pytest.raises(RunError, match="no finished run here"):
        evalkit.open_run(tmp_path)


def test_a_personal_column_is_nowhere_in_build(small):
    folder = small()
    columns = WAVES["w2018.sav"] | {"epost": ["kari@example.org", None, None, None, None, None]}
    write_wave(folder.parent.parent / "data_raw" / "small" / "w2018.sav", columns)
    done = run(folder)
    assert done.record["stopped_at_the_privacy_gate"]["2018"] == [
        {"column": "epost", "what": "e-mail addresses", "cells": 1}
    ]
    assert not any(b"example.org" in path.read_bytes() for path in done.path.rglob("*") if path.is_file())
    assert "epost" not in pd.read_parquet(done.path / "panel.parquet")


def test_check_names_every_fault_of_every_file_at_once(small):
    folder = small(study={'column = "population"': 'column = "populaton"'})
    raw = folder.parent.parent / "data_raw" / "small"
    write_wave(raw / "w2018.sav", WAVES["w2018.sav"] | {"plan": [3] * 6})
    (raw / "w2019.sav").unlink()
    with pytest.raises(EvalkitError) as caught:
        pipeline.check(evalkit.load_study(folder))
    text = str(caught.value)
    assert "The frame has no column 'populaton'" in text and "did you mean 'population'?" in text
    assert "'3' is not a category of 'plan'" in text
    assert "There is no such file" in text


def test_values_are_asked_for_by_name(small):
    done = evalkit.run(evalkit.load_study(small()))
    assert done.value("plan", size="large", weighting="unweighted") == 1
    assert done.value("plan", group="all", weighting="unweighted") == pytest.approx(0.6)
    with pytest.raises(MethodError, match="did you mean 'plan'"):
        done.exhibit("plann")
    with pytest.raises(MethodError, match="did you mean 'large'"):
        done.value("plan", size="larg")
    with pytest.raises(MethodError, match=r"say which: .*group = \['all', 'small', 'large'\]"):
        done.value("plan")


def test_check_finds_the_weighting_cell_that_nobody_answered(small):
    """Only Oslo has more than 300,000 inhabitants, and it is not among the six."""
    large = 'large = { nb = "10 000 eller flere", en = "10,000 or more" }'
    study = {"lower_bounds = [0, 10000]": "lower_bounds = [0, 10000, 300000]"}
    study[large] = f'{large}\nlargest = {{ nb = "Størst", en = "Largest" }}'
    with pytest.raises(EvalkitError) as caught:
        pipeline.check(evalkit.load_study(small(study=study)))
    text = str(caught.value)
    assert "size has categories without respondents" in text and "largest: no answers, wanted 1" in text
    assert 'merge.size = { "largest" = "large" }' in text
