"""Killed or out of disk in any stage, the last good run stays and the next is right; two runs at once do not mix."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import evalkit
from evalkit.results import STAGES
from tests.conftest import WAVES, write_wave
from tests.publish.conftest import with_report
from tests.test_reuse import content

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a system that forks processes")
KILLED = -9
RUN_ERROR = 8

Order = Callable[..., tuple[int, str]]


class Worker:
    """A process that does as `tests/faulty.py` says."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "tests.faulty"]
        here = str(Path(__file__).parents[1])
        environment = os.environ | {"PYTHONPATH": here, "SOURCE_DATE_EPOCH": "1700000000"}
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, cwd=here, env=environment, stdin=pipe, stdout=pipe, text=True)

    def begin(self, study: Path, **order: Any) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"do": "run", "study": str(study)} | order) + "\n")
        self.process.stdin.flush()

    def end(self) -> tuple[int, str]:
        assert self.process.stdout is not None
        told = json.loads(self.process.stdout.readline())
        return told["status"], told["said"]

    def __call__(self, study: Path, **order: Any) -> tuple[int, str]:
        self.begin(study, **order)
        return self.end()

    def close(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    started = Worker()
    yield started
    started.close()


@pytest.fixture(scope="module")
def other() -> Iterator[Worker]:
    started = Worker()
    yield started
    started.close()


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory) -> dict[str, Any]:
    """The study before and after one answer was changed, run alone; filled by the first test that asks."""
    return {}


@pytest.fixture
def study(small, worker, undisturbed, tmp_path_factory) -> Path:
    """The small study, run once; then one answer was changed."""
    if not undisturbed:
        first = small()
        assert worker(first) == (0, "")
        root = first.parent.parent
        shutil.copytree(root, before := tmp_path_factory.mktemp("before"), dirs_exist_ok=True)
        change = root / "data_raw" / "small" / "w2018.sav"
        write_wave(change, WAVES["w2018.sav"] | {"years": [1, 2, None, 4, None, 9]})
        assert worker(first, fresh=True) == (0, "")
        undisturbed |= {"root": before, "changed": change.read_bytes(), "after": content(evalkit.open_run(first).path)}
    root = tmp_path_factory.mktemp("repository")
    shutil.copytree(undisturbed["root"], root, dirs_exist_ok=True)
    (root / "data_raw" / "small" / "w2018.sav").write_bytes(undisturbed["changed"])
    return root / "analyses" / "small"


def build(study: Path) -> Path:
    return study.parent.parent / "build" / "small"


@pytest.fixture
def survives(study, worker, undisturbed) -> Callable[..., None]:
    """Asserts what must be so after a fault, and that the next run is what it would have been without."""
    last = evalkit.open_run(study)
    before = content(last.path)

    def look(*, fresh: bool = False) -> None:
        assert content(last.path) == before
        assert evalkit.open_run(study).path == last.path
        assert evalkit.open_run(study).value("plan", group="all", weighting="unweighted") == pytest.approx(3 / 5)
        assert worker(study, fresh=fresh) == (0, "")
        done = evalkit.open_run(study)
        assert done.path != last.path and content(done.path) == undisturbed["after"]
        assert {path.name for path in build(study).iterdir()} == {last.path.name, done.path.name, "latest"}

    return look


@pytest.mark.parametrize("stage", STAGES)
def test_killed_when_a_stage_begins(study, worker, survives, stage):
    assert worker(study, what="kill", stage=stage) == (KILLED, "")
    survives()


@pytest.mark.parametrize("file", ["links.csv", "estimates.csv", "nb/years.svg", "run.json", "stages.json", "latest"])
def test_killed_while_a_file_is_written(study, worker, survives, file):
    assert worker(study, fresh=True, open=f"/{file}") == (KILLED, "")
    if file == "latest":  # the new run is there already, and the pointer still names the last one
        assert sum((path / "run.json").is_file() for path in build(study).iterdir()) == 2
    survives()


@pytest.mark.parametrize("rename", [1, 2])
def test_killed_while_a_run_takes_the_place_of_its_like(study, worker, undisturbed, rename):
    """--fresh sets the old folder aside and puts the new one there: killed before and between."""
    assert worker(study) == (0, "")
    path = evalkit.open_run(study).path
    assert worker(study, fresh=True, rename=rename) == (KILLED, "")
    assert path.exists() == (rename == 1)
    assert evalkit.open_run(study).path == path and content(path) == undisturbed["after"]
    assert worker(study, fresh=True) == (0, "") and content(path) == undisturbed["after"]
    assert not [left for left in build(study).iterdir() if left.name.startswith(".")]


@pytest.mark.parametrize("stage", STAGES)
def test_no_room_for_a_byte_more_in_a_stage(study, worker, survives, stage):
    """The process may write no file any more from the stage on (setrlimit)."""
    status, said = worker(study, fresh=True, what="full", stage=stage)
    assert status == RUN_ERROR and "File too large" in said
    assert "see that the disk has room and the folder may be written; the earlier runs are as they were" in said
    assert not [left for left in build(study).iterdir() if left.name.startswith(".")]
    survives()


@pytest.fixture
def tiny_disk(study, worker) -> Iterator[Path]:
    """The study's build folder on a file system of its own, of 600 kB."""
    folder = build(study)
    shutil.copytree(folder, folder.with_name("kept"))
    command = ["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("mounting is not allowed here")
    try:
        shutil.copytree(folder.with_name("kept"), folder, dirs_exist_ok=True)
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.parametrize("stage", STAGES)
def test_the_disk_is_full_in_a_stage(study, tiny_disk, worker, undisturbed, stage):
    last = evalkit.open_run(study)
    before, filler = content(last.path), tiny_disk / "filler"
    status, said = worker(study, fresh=True, what="full", stage=stage, filler=str(filler))
    assert status == RUN_ERROR and "No space left on device" in said
    assert content(last.path) == before and evalkit.open_run(study).path == last.path
    filler.unlink()
    assert worker(study) == (0, "")
    assert content(evalkit.open_run(study).path) == undisturbed["after"]
    assert {path.name for path in tiny_disk.iterdir()} == {last.path.name, evalkit.open_run(study).path.name, "latest"}


@pytest.mark.parametrize("stage", ["panel", "estimates", "exhibits"])
def test_a_run_that_another_overtakes(study, worker, other, undisturbed, tmp_path, stage):
    """One waits where the stage begins until the other, of the same study, has come to its end."""
    here, until = tmp_path / "here", tmp_path / "until"
    worker.begin(study, fresh=True, what="wait", stage=stage, here=str(here), until=str(until))
    _until(here)
    assert other(study) == (0, "")
    done = evalkit.open_run(study)
    assert content(done.path) == undisturbed["after"]
    until.touch()
    assert worker.end() == (0, "")
    assert evalkit.open_run(study).path == done.path and content(done.path) == undisturbed["after"]
    assert not [left for left in build(study).iterdir() if left.name.startswith(".")]


def test_two_at_once_of_different_content(study, worker, other, undisturbed, tmp_path):
    """The one with all of its input read waits in its last stage; meanwhile the other runs another plan."""
    here, until = tmp_path / "here", tmp_path / "until"
    copied = study.parent.parent.parent / f"{study.parent.parent.name}-copy"
    shutil.copytree(study.parent.parent, copied)
    shutil.rmtree(copied / "build")
    (copied / "build").symlink_to(study.parent.parent / "build")
    text = (copied / "analyses" / "small" / "study.toml").read_text(encoding="utf-8")
    text = text.replace("[0, 10000]", "[0, 5000]")
    (copied / "analyses" / "small" / "study.toml").write_text(text, encoding="utf-8")
    worker.begin(study, what="wait", stage="exhibits", here=str(here), until=str(until))
    _until(here)
    assert other(copied / "analyses" / "small") == (0, "")
    second = evalkit.open_run(study)
    held = content(second.path)
    until.touch()
    assert worker.end() == (0, "")
    assert content(evalkit.open_run(study).path) == undisturbed["after"]
    assert content(second.path) == held
    assert other(copied / "analyses" / "small", fresh=True) == (0, "") and content(second.path) == held


def test_both_at_full_speed(study, worker, other, undisturbed):
    for one in (worker, other):
        one.begin(study, fresh=True)
    assert (worker.end(), other.end()) == ((0, ""), (0, ""))
    assert content(evalkit.open_run(study).path) == undisturbed["after"]
    assert not [left for left in build(study).iterdir() if left.name.startswith(".")]


def _until(path: Path) -> None:
    for _ in range(6000):
        if path.exists():
            return
        time.sleep(0.01)
    raise AssertionError(f"{path} did not come")


# What writes into a finished run, and what leaves it.


@pytest.mark.parametrize("order", [{"open": "/small.pdf"}, {"rename": 1}, {"rename": 2}])
def test_a_killed_render_leaves_whole_files_only(study, worker, tmp_path, order):
    """All files are written beside the earlier ones before the first of them is replaced."""
    out = tmp_path / "report"
    names = ("small.html", "small.pdf", "small.docx")
    for kind, folder in (("old", out), ("new", tmp_path / "made")):
        folder.mkdir()
        for name in names:
            (folder / name).write_text(f"{kind} {name} " * 1000, encoding="utf-8")
    old, new = content(out), content(tmp_path / "made")
    files = [str(tmp_path / "made" / name) for name in names]
    assert worker(study, do="deliver", files=files, out=str(out), **order) == (KILLED, "")
    seen = {name: (out / name).read_bytes() for name in names}
    assert seen == old if order != {"rename": 2} else seen == old | {"small.html": new["small.html"]}
    assert worker(study, do="deliver", files=files, out=str(out)) == (0, "") and content(out) == new


@pytest.mark.parametrize("order", [{"open": "/results.csv"}, {"open": ".zip"}, {"rename": 1}, {"rename": 2}])
def test_a_killed_publication_leaves_the_last_one(study, worker, order):
    with_report(evalkit.open_run(study))
    assert worker(study, do="publish") == (0, "")
    last = content(build(study) / "published")
    assert worker(study, do="publish", **order) == (KILLED, "")
    assert worker(study, do="publish") == (0, "")
    assert content(build(study) / "published") == last
