"""Files and folders take their names when they are whole; what a killed process left is told from what is at work."""

from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path

import pytest

from evalkit.folders import ABANDONED, MARK, put, scratch, settle, write_whole


def names(folder) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_nothing_is_seen_until_it_is_whole_and_nothing_is_left(tmp_path):
    with scratch(tmp_path, "a") as new:
        (new / "a").write_text("1")
        assert "a" not in names(tmp_path)
        assert put([new / "a"], tmp_path) == [tmp_path / "a"]
    with pytest.raises(ValueError), scratch(tmp_path, "b") as new:
        (new / "b").write_text("2")
        raise ValueError
    assert names(tmp_path) == ["a"]


def test_what_has_the_name_is_replaced_or_stays(tmp_path):
    for content in ("1", "2"):
        with scratch(tmp_path, "a") as new:
            (new / "a").mkdir()
            (new / "a" / content).touch()
            put([new / "a"], tmp_path, replace=content == "1")
    assert names(tmp_path / "a") == ["1"]
    with scratch(tmp_path, "a") as new:
        (new / "a").mkdir()
        put([new / "a"], tmp_path)
    assert names(tmp_path / "a") == [] and names(tmp_path) == ["a"]


def test_a_folder_that_cannot_be_replaced_comes_back(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "old").touch()
    with pytest.raises(FileNotFoundError), scratch(tmp_path, "a") as new:
        put([new / "a"], tmp_path)
    assert names(tmp_path / "a") == ["old"]


@pytest.mark.skipif(sys.platform == "win32", reason="no locks on folders there")
def test_who_is_at_work_is_left_alone_and_who_is_dead_is_cleared(tmp_path):
    """A thread holds one folder; another is left over, with a folder set aside that took no new place."""
    begun, end = threading.Event(), threading.Event()

    def work() -> None:
        with scratch(tmp_path, "busy") as new:
            (new / "busy").touch()
            begun.set()
            end.wait(30)
            put([new / "busy"], tmp_path)

    thread = threading.Thread(target=work)
    thread.start()
    assert begun.wait(30)
    left_over(tmp_path / ".run.01234567")
    settle(tmp_path)
    assert names(tmp_path)[0].startswith(".busy.") and names(tmp_path)[1:] == ["run"]
    assert names(tmp_path / "run") == ["run.json"]
    end.set()
    thread.join()
    assert names(tmp_path) == ["busy", "run"]


def test_without_locks_a_folder_is_cleared_when_it_is_old(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "fcntl", None)
    for name, age in ((".a.01234567", 2 * ABANDONED), (".b.01234567", 10), (".c.01234567", 2 * ABANDONED)):
        left_over(tmp_path / name)
        aged(tmp_path / name, age)
    (tmp_path / ".c.01234567" / "new" / "run").touch()  # somebody writes there yet
    write_whole(tmp_path / "file", b"1")
    assert names(tmp_path) == [".b.01234567", ".c.01234567", "file", "run"]
    assert (tmp_path / "file").read_bytes() == b"1"


def left_over(root: Path) -> Path:
    """What a process leaves that was killed while it put a run in the place of another."""
    for part in ("new", "old/run"):
        (root / part).mkdir(parents=True)
    (root / "old" / "run" / "run.json").touch()
    (root / MARK).write_text(root.name, encoding="utf-8")
    return root


def aged(root: Path, seconds: float) -> None:
    for path in [*root.rglob("*"), root]:
        os.utime(path, (0, time.time() - seconds))


def look_alikes(beside: Path) -> set[str]:
    """Folders of somebody else's, old, unlocked and named as nearly ours as can be; their names."""
    kept = {
        ".venv-3.11": "f",
        ".min.kopi": "new/f",
        ".a.b": "old/f",
        ".run.01234567": "new/f",
        ".x.0123abcd": "old/y/f",
    }
    for name, file in kept.items():
        (beside / name / file).parent.mkdir(parents=True)
        (beside / name / file).write_text("mine", encoding="utf-8")
    copy = left_over(beside / ".kept.89abcdef")  # a copy of one of ours, which has the name of the first in its mark
    (copy / MARK).write_text(".run.89abcdef", encoding="utf-8")
    more = left_over(beside / ".more.89abcdef")  # one of ours that somebody keeps a file in
    (more / "notes.txt").write_text("mine", encoding="utf-8")
    longer = left_over(beside / ".long.0123456789")  # marked, but not a name of ours
    found = {*kept, copy.name, more.name, longer.name}
    for name in found:
        aged(beside / name, 3 * ABANDONED)
    return found


@pytest.mark.parametrize("locks", [True, False])
def test_what_looks_like_ours_and_is_somebody_elses_stays(tmp_path, monkeypatch, locks):
    """A home folder has folders such as .venv-3.11; tidying up after killed runs removed those older than an hour."""
    if not locks:
        monkeypatch.setitem(sys.modules, "fcntl", None)
    kept = look_alikes(tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    aged(left_over(tmp_path / ".ours.01234567"), 3 * ABANDONED)
    (tmp_path / ".link.01234567").symlink_to(tmp_path / ".kept.89abcdef")
    settle(tmp_path)
    assert set(names(tmp_path)) == {*kept, ".link.01234567", "run"}
    assert all(path.read_bytes() == content for path, content in before.items())
