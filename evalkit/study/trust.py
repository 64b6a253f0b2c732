"""Code that comes with a study from elsewhere runs only after a person accepted it; kept in mind by its hash.

What was accepted stands in the user's own folder for settings, outside every study: no study can say it of itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from evalkit.folders import write_whole

KEPT = "trusted.txt"


def digest_of(files: Sequence[Path]) -> str:
    """SHA-256 of the files' names and bytes, whatever their order: one letter more, and it is another."""
    found = hashlib.sha256()
    for name, held in sorted((file.name.encode(), hashlib.sha256(file.read_bytes()).digest()) for file in files):
        found.update(name + b"\0" + held)
    return found.hexdigest()


def is_trusted(digest: str) -> bool:
    """Whether a person has accepted these files as they are."""
    return any(line.split(" ", 1)[0] == digest for line in _lines())


def accept(digest: str, what: str) -> Path:
    """Keep in mind that a person accepted them; `what` tells a reader of the list what they were."""
    if not is_trusted(digest):
        write_whole(_path(), "\n".join([*_lines(), f"{digest} {what}", ""]).encode())
    return _path()


def _path() -> Path:
    import typer

    return Path(typer.get_app_dir("evalkit")) / KEPT


def _lines() -> list[str]:
    path = _path()
    return path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
