"""An installed wheel works outside the repository: the register and the reports' shared parts travel in it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Path:
    """The wheel's content, as pip lays it down."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*command, "--wheel-dir", folder, REPOSITORY], check=True, capture_output=True)
    (wheel,) = folder.glob("evalkit-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def evalkit(site: Path, *words: object, cwd: Path) -> str:
    """Output of the command as the wheel has it, from another folder."""
    done = called(site, *words, cwd=cwd)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(str(site))
    return done.stdout


def called(site: Path, *words: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    program = "import evalkit; print(evalkit.__file__); from evalkit.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", program, *map(str, words)],
        capture_output=True,
        text=True,
        cwd=cwd,
        env=os.environ | {"PYTHONPATH": str(site)},
        timeout=300,
    )


def test_doctor_finds_the_register_in_the_wheel(installed, tmp_path):
    said = evalkit(installed, "doctor", cwd=tmp_path)
    assert str(installed / "evalkit" / "_shipped" / "register") in said


def test_the_register_in_the_wheel_is_read_only(installed, tmp_path):
    done = called(installed, "register", "update", cwd=tmp_path)
    assert done.returncode == 4
    assert "✗ The register of an installed package is read-only\n" in done.stderr
    assert "mend: give a folder with --to, and set EVALKIT_REGISTER to it when you run studies" in done.stderr


def test_a_study_elsewhere_on_disk_runs_and_renders(installed, tmp_path):
    study = tmp_path / "elsewhere"
    (study / "data_raw").mkdir(parents=True)
    for source in (*(REPOSITORY / "analyses/robek").glob("*.toml"), *(REPOSITORY / "reports/robek").iterdir()):
        if source.is_file():
            shutil.copy(source, study)
    for source in (REPOSITORY / "data_raw/robek").glob("*.sav"):
        shutil.copy(source, study / "data_raw")
    evalkit(installed, "run", study, "--format", "html", "--trust", cwd=tmp_path)
    (page,) = study.glob("build/robek/*/report/*.html")
    assert "Kommuner under statlig budsjettkontroll" in page.read_text(encoding="utf-8")
