"""No command removes or changes what lies beside its targets, whatever it is called and however old it is."""

from __future__ import annotations

from pathlib import Path

from tests.cli.test_cli import evalkit
from tests.conftest import WAVES, write_wave
from tests.test_folders import look_alikes, names


def contents(folder: Path) -> dict[str, bytes]:
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_look_alikes_beside_each_target_of_every_command_stay(small, tmp_path):
    """The targets: a run's folder, its reports, a published folder, the study's and a new study's files."""
    study, root, other = small(), tmp_path, tmp_path / "elsewhere"
    write_wave(root / "w2020.sav", WAVES["w2019.sav"])
    other.mkdir()
    kept: dict[Path, tuple[set[str], dict[str, bytes]]] = {}

    def lay(*folders: Path) -> None:
        for folder in folders:
            found = look_alikes(folder)
            kept[folder] = found, {name: held for name, held in contents(folder).items() if name.split("/")[0] in found}

    def stays(*words: object) -> None:
        done = evalkit(*words)
        assert "Traceback" not in done.stderr, done.stderr
        for folder, (found, held) in kept.items():
            assert found <= set(names(folder)), (words, folder)
            assert held.items() <= contents(folder).items(), (words, folder)

    assert evalkit("run", study, "--format", "html").returncode == 0
    (run,) = (path for path in (root / "build" / "small").iterdir() if path.is_dir())
    lay(root, root / "build", run.parent, study, root / "data_raw" / "small", other)
    stays("run", study, "--no-report", "--fresh")  # which makes the run's own folder anew
    (run / "report").mkdir()
    lay(run, run / "report")
    stays("render", study, "--format", "html")
    stays("run", study, "--until", "panel")
    stays("publish", study, "--out", other / "levert")
    stays("codebook", study)
    stays("new", other / "fresh", root / "w2020.sav")
    stays("wave", study, root / "w2020.sav")
    stays("check", study)
