"""One entry of data_raw/manifest.toml, written by the script that writes the file it describes."""

from __future__ import annotations

import tomllib
from pathlib import Path

from evalkit.waves.manifest import sha256, written

DATA_RAW = Path(__file__).resolve().parents[1] / "data_raw"
ACCESS = ("public", "restricted")
KIND = ("real", "synthetic", "reconstructed")


def update(path: str | Path, *, source: str, date: str, licence: str, access: str, kind: str) -> str:
    """Write the entry of one file in the manifest, and leave every other entry as it is.

    Parameters
    ----------
    path : the file, below data_raw.
    source : who made the facts, and where they are published.
    date : the last day that the facts describe, ISO (YYYY-MM-DD).
    licence : the terms, with the attribution they ask for.
    access : public or restricted.
    kind : real, synthetic or reconstructed.

    Returns
    -------
    The file's sha256. The same files and words give the same manifest, byte for byte.
    """
    if access not in ACCESS or kind not in KIND:
        raise ValueError(f"access is one of {ACCESS}, kind one of {KIND}; got {access!r} and {kind!r}")
    file = Path(path).resolve()
    entry = {"access": access, "date": date, "kind": kind, "licence": licence}
    entry |= {"sha256": sha256(file), "source": source}
    manifest = DATA_RAW / "manifest.toml"
    entries = tomllib.loads(manifest.read_text(encoding="utf-8")) if manifest.exists() else {}
    entries[file.relative_to(DATA_RAW).as_posix()] = entry
    manifest.write_text(written(entries), encoding="utf-8", newline="\n")
    return entry["sha256"]
