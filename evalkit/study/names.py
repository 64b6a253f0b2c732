"""Names of a study become names of files, and its files lie in its own data folder unless it says otherwise."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from evalkit.errors import EvalkitError
from evalkit.study.model import Study
from evalkit.study.toml import TomlFile

LONGEST = 100
_NAME = re.compile(r"\w(?:[\w .-]*[\w-])?")
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)
"""What Windows takes for a device, whatever follows the dot."""


def name_faults(study: Study, file: TomlFile) -> Iterator[EvalkitError]:
    """Names that would lead out of the folder they are written into, or that no folder can hold."""
    plan = study.plan
    named = [(["name"], plan.name, True)]
    named += [(["waves", str(i), "id"], wave.id, True) for i, wave in enumerate(plan.waves)]
    named += [(["exhibits", name], name, False) for name in plan.exhibits]
    for at, name, spaces in named:
        if is_name(name) and (spaces or " " not in name):
            continue
        allowed = "letters, digits, _ and -" + (", and spaces and single dots between them" if spaces else " and .")
        what = "A name becomes part of the names of files, and this one cannot"
        yield file.fault(at, what, expected=f"{allowed}; at most {LONGEST}", got=repr(name), mend="give it another")


def is_name(text: str) -> bool:
    """Whether a file can be called so in any system, in the folder that it is written into."""
    plain = _NAME.fullmatch(text) and ".." not in text and len(text) <= LONGEST
    return bool(plain) and not _DEVICES.fullmatch(text)


def file_faults(study: Study, file: TomlFile) -> Iterator[EvalkitError]:
    """Files outside the study's data folder that are not declared to be, and declarations without such a file."""
    for at, names, declared in _files(study):
        strangers = [name for name in names if is_outside(study, name)]
        if declared and not strangers:
            what = "outside = true, and every file lies in the study's data folder"
            yield file.fault([*at, "outside"], what, mend="leave it out")
        for name in [] if declared else strangers:
            yield file.fault(
                at,
                "A file lies outside the study's data folder",
                expected=f"a file in {study.raw}",
                got=repr(name),
                mend=f"put it there, or say that it is meant: outside = true under {_table(at)}",
            )


def is_outside(study: Study, name: str | Path) -> bool:
    """Whether a file of study.toml lies outside the study's data folder, once links are followed."""
    return not (study.raw / name).resolve().is_relative_to(study.raw.resolve())


def _files(study: Study) -> Iterator[tuple[list[str], list[str], bool]]:
    """Each table of study.toml that names files: its place, the files, and whether it says that they are outside."""
    plan = study.plan
    for i, wave in enumerate(plan.waves):
        yield ["waves", str(i)], list(wave.files), wave.outside
    frames = [(["frame"], plan.frame), *((["frames", name], frame) for name, frame in plan.frames.items())]
    for at, frame in frames:
        yield at, [name for name in (frame.units, frame.changes, frame.extra) if name], frame.outside


def _table(at: list[str]) -> str:
    return f"[[{at[0]}]]" if at[0] == "waves" else f"[{'.'.join(at)}]"
