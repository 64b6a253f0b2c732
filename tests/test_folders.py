"""Files and folders take their names when they are whole; what a killed process left is told from what is at work."""

from __future__ import annotations

import os
import sys
import threading
import time

import pytest

from evalkit.folders import ABANDONED, put, scratch, settle, write_whole


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
    for part in ("new/run", "old/run"):
        (tmp_path / ".run.0123" / part).mkdir(parents=True)
    (tmp_path / ".run.0123" / "old" / "run" / "run.json").touch()
    settle(tmp_path)
    assert names(tmp_path)[0].startswith(".busy.") and names(tmp_path)[1:] == ["run"]
    assert names(tmp_path / "run") == ["run.json"]
    end.set()
    thread.join()
    assert names(tmp_path) == ["busy", "run"]


def test_without_locks_a_folder_is_cleared_when_it_is_old(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "fcntl", None)
    for name, age in ((".a.1", 2 * ABANDONED), (".b.2", 10)):
        (tmp_path / name / "new").mkdir(parents=True)
        os.utime(tmp_path / name, (0, time.time() - age))
    write_whole(tmp_path / "file", b"1")
    assert names(tmp_path) == [".b.2", "file"] and (tmp_path / "file").read_bytes() == b"1"
