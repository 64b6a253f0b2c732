"""No command depends on its terminal: what it prints degrades, a reader may go, a signal ends it as Ctrl-C does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from evalkit.__main__ import degraded
from tests.cli.test_cli import evalkit

POSIX = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")


def start(*words: object, code: str = "", **how: object) -> subprocess.Popen[bytes]:
    begin = f"{code}; from evalkit.__main__ import main; main()"
    command = [sys.executable, "-c", begin.lstrip("; "), *map(str, words)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **how)  # type: ignore[call-overload]


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "cp865"])
def test_an_encoding_without_our_signs_ends_no_run(small, encoding):
    """`✓` in cp1252 was a UnicodeEncodeError after the first stage, and no run was kept."""
    folder = small(study={'nb = "Liten undersøkelse"': 'nb = "Liten → undersøkelse ✓ 信"'})
    process = start("run", folder, "--no-report", env=os.environ | {"PYTHONIOENCODING": encoding})
    said, faults = process.communicate(timeout=120)
    assert process.returncode == 0, faults
    assert "  ok exhibits " in said.decode(encoding) and "12 -> 10 rows" in said.decode(encoding)
    assert (folder.parent.parent / "build" / "small" / "latest").is_file()
    wrong = start("check", folder / "æ→", env=os.environ | {"PYTHONIOENCODING": encoding})
    _, faults = wrong.communicate(timeout=120)
    assert wrong.returncode == 3 and b"There is no study.toml" in faults and b"Traceback" not in faults


def test_what_stands_for_a_sign():
    text = "✓ å→ø ‑ 信 é"
    error = UnicodeEncodeError("ascii", text, 0, len(text), "")
    assert degraded(error) == ("ok a->o - ? e", len(text))


@POSIX
def test_a_reader_who_goes_ends_no_run(small):
    """`evalkit run … | head -1` ended with the run half made."""
    folder = small()
    process = start("run", folder, "--no-report")
    assert process.stdout is not None and process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    faults = process.stderr.read()
    assert process.wait(120) == 0, faults
    assert b"Traceback" not in faults
    assert (folder.parent.parent / "build" / "small" / "latest").is_file()


@POSIX
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_leaves_the_last_run_whole_and_no_scratch(small, name):
    folder = small()
    build = folder.parent.parent / "build" / "small"
    assert evalkit("run", folder, "--no-report").returncode == 0
    before = {path: path.read_bytes() for path in build.rglob("*") if path.is_file()}
    process = start("run", folder, "--no-report", "--fresh")
    wait_for(build, ".*/new/*/weights.csv")
    process.send_signal(getattr(signal, name))
    _, faults = process.communicate(timeout=60)
    assert process.returncode == 128 + getattr(signal, name)
    by = {"SIGINT": "Ctrl-C"}.get(name, name)
    assert faults.decode() == f"\nstopped by {by}; earlier runs and reports are as they were\n"
    assert {path: path.read_bytes() for path in build.rglob("*") if path.is_file()} == before


@POSIX
def test_a_signal_during_a_rendering_leaves_no_kernel_and_the_last_report(small, tmp_path):
    folder = small()
    assert evalkit("run", folder, "--format", "html").returncode == 0
    (report,) = folder.parent.parent.glob("build/small/*/report")
    before = {path: path.read_bytes() for path in report.rglob("*")}
    mine = tmp_path / "temporary"
    mine.mkdir()
    process = start("render", folder, env=os.environ | {"TMPDIR": str(mine)})
    wait_for(mine, "*.json")
    process.send_signal(signal.SIGTERM)
    _, faults = process.communicate(timeout=120)
    assert process.returncode == 128 + signal.SIGTERM and b"stopped by SIGTERM" in faults
    assert b"Traceback" not in faults, faults.decode()
    assert {path: path.read_bytes() for path in report.rglob("*")} == before
    assert not list(mine.glob("evalkit-*"))
    assert not children_in(mine)


def wait_for(folder: Path, pattern: str) -> None:
    until = time.monotonic() + 60
    while not any(folder.glob(pattern)):
        assert time.monotonic() < until, pattern
        time.sleep(0.01)


def children_in(folder: Path) -> list[str]:
    """Processes whose command line names a file below `folder`."""
    found = []
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = process.read_bytes().decode(errors="replace")
        except OSError:
            continue
        found += [words] if str(folder) in words else []
    return found


@POSIX
@pytest.mark.parametrize("module", ["typer", "pydantic", "numpy", "pandas"])
def test_ctrl_c_while_packages_are_imported_has_no_traceback(small, module):
    hook = f"e == 'import' and a[0] == '{module}' and os.kill(os.getpid(), signal.SIGINT)"
    code = f"import os, signal, sys; sys.addaudithook(lambda e, a: {hook})"
    process = start("check", small(), code=code)
    said, faults = process.communicate(timeout=60)
    assert (process.returncode, said) == (130, b"")
    assert faults.decode() == "\nstopped by Ctrl-C; earlier runs and reports are as they were\n"


@POSIX
def test_what_nohup_ignores_stays_ignored(small):
    code = "import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)"
    folder = small()
    process = start("run", folder, "--no-report", code=code)
    wait_for(folder.parent.parent, "build/small/.*/new")
    process.send_signal(signal.SIGHUP)
    process.communicate(timeout=120)
    assert process.returncode == 0
