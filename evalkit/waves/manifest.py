"""data_raw/manifest.toml: what every raw file is, and that it is still the file it was."""

from __future__ import annotations

import hashlib
import json
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from evalkit.errors import DataError, EvalkitError
from evalkit.study.model import Study

KEYS = ("sha256", "source", "date", "licence", "access", "kind")


def sha256(path: Path) -> str:
    """Hexadecimal SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sha256_of(content: bytes) -> str:
    """Hexadecimal SHA-256 of these bytes."""
    return hashlib.sha256(content).hexdigest()


def written(entries: Mapping[str, Mapping[str, str]]) -> str:
    """The text of a manifest: the same entries give the same bytes.

    Parameters
    ----------
    entries : file, by its path from the manifest's folder → its entry.
    """
    tables = []
    for name in sorted(entries):  # a JSON string of this length and script is a TOML basic string too
        lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in sorted(entries[name].items())]
        tables.append("\n".join([f"[{json.dumps(name, ensure_ascii=False)}]", *lines]))
    head = "# Written by analyses/_manifest.py and evalkit register update: one table a file, by its path from here."
    return "\n\n".join([head, *tables]) + "\n"


def input_files(study: Study) -> list[Path]:
    """Raw files of a study: its waves with their parts and lists, its own columns of the frames, units and changes."""
    names = [name for wave in study.plan.waves for name in wave.files]
    names += [name for name in (study.plan.frame.units, study.plan.frame.changes) if name]
    names += [frame.extra for frame in (study.plan.frame, *study.plan.frames.values()) if frame.extra]
    return [study.raw / name for name in dict.fromkeys(names)]


def manifest_path(study: Study) -> Path:
    """Where the manifest of a study's files is, or would be."""
    return study.raw / "manifest.toml" if not study.in_repository else study.root / "data_raw" / "manifest.toml"


def manifest_entries(study: Study) -> dict[str, Any]:
    """What the manifest says of each of a study's files, by its path there; nothing where it says nothing."""
    path = manifest_path(study)
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, tomllib.TOMLDecodeError, UnicodeDecodeError):
        return {}
    keys = [_key(file, path) for file in input_files(study)]
    return {key: entries[key] for key in keys if key in entries}


def _key(file: Path, manifest: Path) -> str:
    """What the manifest calls a file: its path from there."""
    return Path(os.path.relpath(file, manifest.parent)).as_posix()


def check_manifest(study: Study) -> dict[str, dict[str, Any]]:
    """Manifest entries of a study's files, by name; an outside study may have no manifest.

    Raises
    ------
    DataError where a file is missing, has no entry, has changed since its entry was written, or is of another kind
    than the study says; all at once.
    """
    path = manifest_path(study)
    files = input_files(study)
    faults: list[EvalkitError] = [
        DataError("There is no such file", where=file, mend="put it there, or correct its name in study.toml")
        for file in files
        if not file.is_file()
    ]
    present = [file for file in files if file.is_file()]
    if not path.is_file():
        _raise(faults)
        return {file.name: {"sha256": sha256(file)} for file in present}
    entries = tomllib.loads(path.read_text(encoding="utf-8"))
    found = {}
    for file in present:
        key = _key(file, path)
        found[file.name] = entries.get(key, {})
        faults += _entry_faults(study, key, entries.get(key), sha256(file))
    _raise(faults)
    return found


def _entry_faults(study: Study, key: str, entry: dict[str, Any] | None, digest: str) -> list[EvalkitError]:
    where = f"data_raw/manifest.toml: {key}"
    if entry is None:
        lines = f'["{key}"] sha256 = "{digest}", {", ".join(f"{k} = …" for k in KEYS[1:])}'
        return [DataError("The file has no entry in the manifest", where=where, mend=f"add {lines}")]
    faults: list[EvalkitError] = [
        DataError(f"The entry says nothing of {name}", where=where, mend=f"add {name} = …")
        for name in KEYS
        if name not in entry
    ]
    if entry.get("sha256", digest) != digest:
        mend = f"put the old file back, or, if the change is meant, write sha256 = {digest!r}"
        faults.append(
            DataError(
                "The file is not the one in the manifest", where=where, expected=entry["sha256"], got=digest, mend=mend
            )
        )
    if entry.get("kind", study.plan.data) != study.plan.data:
        faults.append(
            DataError(
                f"The study says its data are {study.plan.data}, the manifest says {entry['kind']}",
                where=where,
                mend="correct data in study.toml, or kind in the manifest",
            )
        )
    return faults


def _raise(faults: list[EvalkitError]) -> None:
    if faults:
        raise DataError.of(faults)
