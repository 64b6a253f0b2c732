"""A register written whole: every file lies beside its place before the first takes it."""

from __future__ import annotations

import csv
import io
import os
import tomllib
from pathlib import Path
from typing import Any

from evalkit.errors import RunError
from evalkit.panel.register import COLUMNS
from evalkit.provenance import made_at
from evalkit.refresh.plan import UNITS, Plan, years_of
from evalkit.waves.manifest import sha256_of, written

LICENCE = "CC BY 4.0; attribution: Statistics Norway (Statistisk sentralbyrå)"
SOURCES = {
    "municipalities.csv": "Statistics Norway, table 07459 and KLASS 131, 104, 128 and 112",
    "changes.csv": "Statistics Norway, KLASS 131",
    "counties.csv": "Statistics Norway, KLASS 104",
    "county_tiles.csv": "Statistics Norway, KLASS 104; the layouts of 2016 and 2024 are the project's own",
}


def write(plan: Plan, folder: Path) -> list[Path]:
    """Write a register and its manifest entries.

    Parameters
    ----------
    folder : made where it is not there. Entries go to the manifest that has the register (data_raw/manifest.toml for
        data_raw/register), else to manifest.toml in the folder.

    Returns
    -------
    The files that were written.

    Raises
    ------
    RunError : a file could not be written; the register is as it was.
    """
    texts = {name: _csv(name, rows) for name, rows in plan.after.items()}
    manifest, prefix = _manifest(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        files = {folder / name: text for name, text in texts.items() if not _same(folder / name, text)}
        entries = tomllib.loads(manifest.read_text(encoding="utf-8")) if manifest.is_file() else {}
        for name, text in texts.items():
            key = f"{prefix}{name}"
            if folder / name in files or key not in entries:
                entries[key] = _entry(name, text, plan, entries.get(key, {}))
        listed = written(entries)
        files |= {} if _same(manifest, listed) else {manifest: listed}
        _replace(files)
    except OSError as fault:
        raise RunError(
            "The register could not be written",
            where=folder,
            got=fault,
            mend="see that the disk has room and the folder may be written, or give another with --to",
        ) from fault
    return list(files)


def _entry(name: str, text: str, plan: Plan, old: dict[str, Any]) -> dict[str, Any]:
    """A file's manifest entry: what it was, but for its bytes, the last day of its facts and when they were fetched."""
    known = {"access": "public", "kind": "real", "licence": LICENCE, "source": SOURCES[name]}
    entry = known | old | {"sha256": sha256_of(text.encode("utf-8"))}
    if name in plan.changed:
        entry |= {"date": f"{years_of(plan.after)[-1]}-01-01", "retrieved": made_at().date().isoformat()}
    return {"date": f"{years_of({UNITS: plan.before[UNITS]})[-1]}-01-01"} | entry


def _manifest(folder: Path) -> tuple[Path, str]:
    """The manifest that has a register, and what its names begin with there."""
    above = folder.parent / "manifest.toml"
    prefix = f"{folder.name}/"
    if above.is_file() and f'["{prefix}{UNITS}"]' in above.read_text(encoding="utf-8"):
        return above, prefix
    return folder / "manifest.toml", ""


def _csv(name: str, rows: list[dict[str, str]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS[name], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _same(path: Path, text: str) -> bool:
    return path.is_file() and path.read_bytes() == text.encode("utf-8")


def _replace(files: dict[Path, str]) -> None:
    """Put the texts in their places; a fault before all of them lie on the disk leaves every place as it was."""
    beside = {path: path.with_name(f".{path.name}.{os.getpid()}") for path in files}
    try:
        for path, text in files.items():
            with beside[path].open("w", encoding="utf-8", newline="") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
        for path in files:
            beside[path].replace(path)
    finally:
        for partial in beside.values():
            partial.unlink(missing_ok=True)
