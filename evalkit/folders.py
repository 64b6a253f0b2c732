"""Files and folders that take their names only when all of them is there; what a killed process left is put right."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

ABANDONED = 3600
"""Seconds after which an unfinished folder is cleared away where nothing tells whether its process lives."""

MARK = "made-by-evalkit"
"""File in a folder to build in that holds the folder's own name; nothing without it is ever cleared away."""
PARTS = {MARK, "new", "old"}
"""All that lies in a folder to build in."""


@contextmanager
def scratch(parent: Path, name: str) -> Iterator[Path]:
    """A hidden folder below `parent` to build in; `put` gives what is in it its place, and the rest is removed.

    The folder holds a mark with its own name. While the process lives it holds a lock on the folder, which ends with
    it: the next to build here clears the marked folder of a process that was killed, leaves that of one at work, and
    whatever has no mark is somebody else's.

    Examples
    --------
    >>> with scratch(Path("build/robek"), "3f2a") as new:  # doctest: +SKIP
    ...     (new / "3f2a").mkdir()
    ...     put([new / "3f2a"], Path("build/robek"))
    """
    parent.mkdir(parents=True, exist_ok=True)
    settle(parent)
    root, lock = _claim(parent, name)
    try:
        new = root / "new"
        new.mkdir()
        yield new
    finally:
        shutil.rmtree(root, ignore_errors=True)
        if lock is not None:
            os.close(lock)


def put(made: Iterable[Path], parent: Path, *, replace: bool = True) -> list[Path]:
    """Move finished files and folders out of their scratch to `parent`, one after the other, alone.

    With `replace` what has the name there is replaced, else it stays.
    """
    targets = []
    with _alone(parent):
        for one in made:
            target = parent / one.name
            if target.is_dir() and replace:
                _swap(one, target)
            elif replace or not target.exists():
                one.replace(target)
            targets.append(target)
    return targets


def _swap(one: Path, target: Path) -> None:
    """A folder in the place of another, which comes back where that fails."""
    aside = one.parent.parent / "old" / one.name
    aside.parent.mkdir(exist_ok=True)
    target.rename(aside)
    try:
        one.replace(target)
    except OSError:
        aside.rename(target)
        raise


def settle(parent: Path) -> None:
    """Clear away what killed processes left below `parent`; a folder that one was replacing takes its name again."""
    left = [path for path in parent.glob(".*.*") if _is_ours(path)]
    if not left:
        return
    with _alone(parent):
        for root in left:
            if _is_dead(root):
                for aside in root.glob("old/*"):
                    if not (parent / aside.name).exists():
                        aside.rename(parent / aside.name)
                shutil.rmtree(root, ignore_errors=True)


def _is_ours(root: Path) -> bool:
    """Whether `scratch` made this folder: the mark in it has the folder's own name, and it holds nothing else of note.

    A copy has another name, a link is not the folder, and what somebody put there is not for us to remove.
    """
    try:
        if root.is_symlink() or not re.fullmatch(r"\..+\.[0-9a-f]{8}", root.name):
            return False
        marked = (root / MARK).read_text(encoding="utf-8") == root.name
        return marked and {path.name for path in root.iterdir()} <= PARTS
    except (OSError, UnicodeDecodeError):
        return False


def write_whole(path: Path, content: bytes) -> None:
    """A file that is in its place at once or not at all."""
    with scratch(path.parent, path.name) as new:
        (new / path.name).write_bytes(content)
        put([new / path.name], path.parent)


def _claim(parent: Path, name: str) -> tuple[Path, int | None]:
    """A new hidden folder with its mark, and the lock on it."""
    root = parent / f".{name}.{secrets.token_hex(4)}"
    root.mkdir()
    _, lock = _lock(root, wait=False)
    (root / MARK).write_text(root.name, encoding="utf-8")  # after the lock: what is marked and not locked is dead
    return root, lock


def _is_dead(root: Path) -> bool:
    """Whether the process that built here is gone: its lock is free, or, where there are no locks, it is long ago."""
    try:
        held, lock = _lock(root, wait=False)
        latest = max(path.stat().st_mtime for path in (root, *root.rglob("*")))
    except FileNotFoundError:
        return False
    if lock is not None:
        os.close(lock)
    return time.time() - latest > ABANDONED if held is None else held


@contextmanager
def _alone(parent: Path) -> Iterator[None]:
    """Nobody else puts anything below `parent` meanwhile, where the system has locks."""
    _, lock = _lock(parent, wait=True)
    try:
        yield
    finally:
        if lock is not None:
            os.close(lock)


def _lock(folder: Path, *, wait: bool) -> tuple[bool | None, int | None]:
    """Whether the folder's lock is ours (None where there are no locks, as on Windows and some net drives)."""
    try:
        import fcntl
    except ImportError:
        return None, None
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        os.close(handle)
        return False, None
    except OSError:
        os.close(handle)
        return None, None
    return True, handle
