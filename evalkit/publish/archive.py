"""Checksums and a zip that are the same whenever they are made of the same files."""

from __future__ import annotations

import os
import zipfile
from datetime import UTC, datetime
from pathlib import Path

from evalkit.results import Run
from evalkit.waves.manifest import sha256

SUMS = "SHA256SUMS"
EARLIEST = (1980, 1, 1, 0, 0, 0)
"""A zip knows no earlier time."""


def made(run: Run) -> tuple[int, ...]:
    """When the run was made, or SOURCE_DATE_EPOCH where it is set: year, month, day, hour, minute, second in UTC."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    when = datetime.fromtimestamp(int(epoch), UTC) if epoch else datetime.fromisoformat(run.record["made"])
    return max(tuple(when.astimezone(UTC).timetuple()[:6]), EARLIEST)


def files_in(folder: Path) -> list[Path]:
    """Every file below a folder, by name."""
    return sorted((path for path in folder.rglob("*") if path.is_file()), key=lambda path: path.as_posix())


def write_checksums(folder: Path) -> None:
    """SHA256SUMS, as `sha256sum --check` reads it."""
    lines = [f"{sha256(file)}  {file.relative_to(folder).as_posix()}\n" for file in files_in(folder)]
    (folder / SUMS).write_text("".join(lines), encoding="utf-8")


def is_published(folder: Path) -> bool:
    """Whether a folder holds the files of a run that SHA256SUMS lists and nothing else: so it may be made again."""
    try:
        listed = _listed((folder / SUMS).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        return False
    held = (path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir())
    there = {path.relative_to(folder).as_posix() for path in held}
    return {"run.json", SUMS} <= listed == there


def is_published_zip(path: Path, name: str) -> bool:
    """Whether a zip is of such a folder called `name`, and holds nothing else."""
    try:
        with zipfile.ZipFile(path) as packed:
            listed = _listed(packed.read(f"{name}/{SUMS}").decode("utf-8"))
            return {"run.json", SUMS} <= listed and {f"{name}/{file}" for file in listed} == set(packed.namelist())
    except (OSError, KeyError, UnicodeDecodeError, zipfile.BadZipFile):
        return False


def _listed(sums: str) -> set[str]:
    return {line.partition("  ")[2] for line in sums.splitlines()} | {SUMS}


def write_zip(folder: Path, path: Path, name: str, stamp: tuple[int, ...]) -> None:
    """All files of `folder` below `name`, sorted, each of the time `stamp`."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for file in files_in(folder):
            entry = zipfile.ZipInfo(f"{name}/{file.relative_to(folder).as_posix()}", stamp)  # type: ignore[arg-type]
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            packed.writestr(entry, file.read_bytes(), compresslevel=9)
