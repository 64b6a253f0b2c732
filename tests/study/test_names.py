"""Names of a study stay in the folder they are written into; a file outside its data is declared, and kept in mind."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import evalkit as package
from evalkit import load_study
from evalkit.errors import StudyError
from evalkit.study.names import is_name
from tests.cli.test_cli import evalkit
from tests.conftest import WAVES, write_wave

ODD = [
    "../elsewhere",
    "..",
    ".",
    "a/b",
    "a\\b",
    "/tmp/x",
    "C:x",
    "",
    " a",
    "a ",
    "a.",
    ".a",
    "a\nb",
    "a\0b",
    "con",
    "Aux.txt",
]
ODD += ["a..b", "a" * 101, "a*b", "a?b", "-a"]


@pytest.mark.parametrize("name", ODD)
def test_what_no_file_can_be_called(name):
    assert not is_name(name)


@pytest.mark.parametrize("name", ["2018", "høst 2018", "kompetanseloft2020", "q1-b", "runde.2", "_x", "console"])
def test_names(name):
    assert is_name(name)


@given(st.text(alphabet="ab. -_/\\:~æ1\n", max_size=12))
def test_a_name_is_one_part_of_a_path_in_any_system(name):
    """As the path libraries of both families of systems read it."""
    from pathlib import PurePosixPath, PureWindowsPath

    if is_name(name):
        for kind in (PurePosixPath, PureWindowsPath):
            path = kind("folder") / name
            assert path.parent == kind("folder") and path.name == name and ".." not in path.parts


def faults(folder) -> str:
    with pytest.raises(StudyError) as fault:
        load_study(folder)
    return str(fault.value)


@pytest.mark.parametrize("name", ["../../elsewhere", "a/b", ".."])
def test_names_that_lead_elsewhere_are_faults_and_nothing_is_written(small, tmp_path, name):
    before = set(tmp_path.rglob("*"))
    folder = small(study={
        'name = "small"': f'name = "{name}"', 'id = "2018"': f'id = "{name}"',
        "[exhibits.plan]": f'[exhibits."{name}"]',
    })  # fmt: skip
    written = set(tmp_path.rglob("*")) - before
    said = faults(folder)
    assert said.count("A name becomes part of the names of files, and this one cannot") == 3
    assert said.count(f"got: '{name}'") == 3 and "letters, digits, _ and -" in said
    assert evalkit("run", folder).returncode == 3
    assert set(tmp_path.rglob("*")) - before == written


def test_a_file_outside_is_a_fault_with_the_line_that_declares_it(small, tmp_path):
    write_wave(tmp_path / "other.sav", WAVES["w2018.sav"])
    said = faults(small(study={'file = "w2018.sav"': 'file = "../../other.sav"'}))
    assert "A file lies outside the study's data folder\n  where: study.toml: waves.0" in said
    assert "got: '../../other.sav'" in said and "outside = true under [[waves]]" in said


@pytest.mark.parametrize(
    ("old", "new", "under"),
    [
        ('file = "w2018.sav"', 'file = "/etc/hostname"', "[[waves]]"),
        ('file = "w2018.sav"', 'file = "w2018.sav"\nparts = ["../w.sav"]', "[[waves]]"),
        ('file = "w2018.sav"', 'file = "w2018.sav"\ninvited = "../i.csv"', "[[waves]]"),
        ("register = 2017", 'register = 2017\nextra = "../x.csv"', "[frame]"),
        ("register = 2017", 'register = 2017\nunits = "../x.csv"', "[frame]"),
    ],
)
def test_every_key_that_names_a_file(small, old, new, under):
    said = faults(small(study={old: new}))
    assert "A file lies outside the study's data folder" in said and f"outside = true under {under}" in said


def test_a_link_that_leads_outside_is_outside(small, tmp_path):
    folder = small()
    wave = tmp_path / "data_raw" / "small" / "w2018.sav"
    wave.rename(tmp_path / "other.sav")
    wave.symlink_to(tmp_path / "other.sav")
    assert "A file lies outside the study's data folder" in faults(folder)


def test_outside_where_nothing_is(small):
    said = faults(small(study={'file = "w2018.sav"': 'file = "w2018.sav"\noutside = true'}))
    assert "outside = true, and every file lies in the study's data folder" in said and "mend: leave it out" in said


def test_a_declared_file_is_read_and_recorded_without_a_path_of_this_machine(small, tmp_path):
    write_wave(tmp_path / "other.sav", WAVES["w2018.sav"])
    folder = small(study={'file = "w2018.sav"': f'file = "{tmp_path / "other.sav"}"\noutside = true'})
    run = package.run(load_study(folder), until="panel")
    assert run.record["outside"] == ["other.sav"]
    assert set(run.record["inputs"]) >= {"outside/1/other.sav", "w2019.sav"}
    assert str(tmp_path) not in (run.path / "run.json").read_text(encoding="utf-8")
    write_wave(tmp_path / "other.sav", WAVES["w2018.sav"] | {"years": [9] * 6})
    assert package.run(load_study(folder), until="panel").id != run.id
