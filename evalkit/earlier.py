"""What earlier runs of a study computed, found by its key; a file that is not as it was written is not taken."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evalkit.present.exhibit import KEYS, read_rows
from evalkit.waves.manifest import sha256, sha256_of
from evalkit.waves.restricted import RESTRICTED

if TYPE_CHECKING:
    import pandas as pd

STAGES_FILE = "stages.json"
"""Beside run.json and not published: the key of each stage and exhibit, what it gave, and each file's SHA-256."""


@dataclass(frozen=True)
class Past:
    """A finished run and what its stages gave.

    Attributes
    ----------
    folder : build/<study>/<run>.
    given : content of its stages.json.
    """

    folder: Path
    given: dict[str, Any]
    _tables: dict[str, pd.DataFrame | None] = field(default_factory=dict, repr=False, compare=False)

    @property
    def name(self) -> str:
        return self.folder.name

    def read(self, file: str) -> bytes | None:
        """A file of the run; None where it is gone or is not what the run wrote."""
        try:
            content = (self.folder / file).read_bytes()
        except OSError:
            return None
        return content if sha256_of(content) == self.given["files"].get(file) else None

    def copy(self, files: Iterable[str], folder: Path) -> bool:
        """Copy files to `folder`, all of them or none; whether they could be."""
        contents = {file: self.read(file) for file in files}
        for file, content in contents.items():
            if None not in contents.values():
                (folder / file).parent.mkdir(parents=True, exist_ok=True)
                (folder / file).write_bytes(content or b"")
        return None not in contents.values()

    def rows(self, file: str, exhibit: str) -> pd.DataFrame | None:
        """The rows of one exhibit in the run's estimates.csv or change.csv."""
        if file not in self._tables:
            content = self.read(file)
            self._tables[file] = None if content is None else read_rows(BytesIO(content), ("exhibit", *KEYS))
        table = self._tables[file]
        return None if table is None else table[table["exhibit"] == exhibit].reset_index(drop=True)

    @cached_property
    def intact(self) -> bool:
        """Whether every file is as the run wrote it."""
        return all(self.read(file) is not None for file in self.given["files"])


@dataclass(frozen=True)
class Earlier:
    """The finished runs of a study, the newest first; none where `build` is None."""

    build: Path | None

    @cached_property
    def runs(self) -> list[Past]:
        found = sorted(self.build.glob(f"*/{STAGES_FILE}"), key=_age) if self.build is not None else []
        return [past for past in map(past_run, (path.parent for path in found)) if past is not None]

    def stage(self, stage: str, key: str) -> Iterator[Past]:
        """Runs that computed a stage from the same."""
        return (past for past in self.runs if past.given["stages"].get(stage, {}).get("key") == key)

    def exhibit(self, kind: str, key: str) -> Iterator[tuple[Past, str]]:
        """Runs, and names there, of exhibits with the same key of this kind: `rows` or `drawn`."""
        for past in self.runs:
            for name, gave in past.given["exhibits"].items():
                if gave.get(kind) == key:
                    yield past, name


def past_run(folder: Path) -> Past | None:
    """The run that lies in a folder; None where there is none, or not one that can be read."""
    try:
        given = json.loads((folder / STAGES_FILE).read_text(encoding="utf-8"))
        return Past(folder, given) if {"stages", "exhibits", "files"} <= set(given) else None
    except (OSError, ValueError, TypeError):
        return None


def checksums(folder: Path) -> dict[str, str]:
    """Every file of a folder → its SHA-256, in the order of their names; not of open text, which may be deleted."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != STAGES_FILE)
    files = [path for path in files if path.relative_to(folder).parts[0] != RESTRICTED]
    return {file.relative_to(folder).as_posix(): sha256(file) for file in files}


def _age(path: Path) -> float:
    try:
        return -path.stat().st_mtime
    except OSError:
        return 0.0
