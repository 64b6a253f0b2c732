"""Open text that a study lets through: to a file of its own that only its owner can read, and nowhere else."""

from __future__ import annotations

import csv
from pathlib import Path

from evalkit.study.model import Study
from evalkit.waves.check import Checked

RESTRICTED = "restricted"
_README = """Open text as the respondents wrote it, from the columns that study.toml names in restricted_text.
It can tell who somebody is. It is no part of the report and is never published: read it here, and delete it after use.
"""


def write_restricted(folder: Path, study: Study, checked: Checked) -> list[Path]:
    """Write the columns that a wave names in `restricted_text`: row and unit as in the file, and the text.

    Parameters
    ----------
    folder : the run's folder; the files lie in restricted/ inside it, readable by their owner alone.
    """
    wave, spec = checked.wave, study.wave(checked.wave.id)
    if not spec.restricted_text:
        return []
    target = folder / RESTRICTED
    target.mkdir(mode=0o700, exist_ok=True)
    readme = target / "README.txt"
    readme.write_text(_README, encoding="utf-8")
    path = target / f"{wave.id}.csv"
    path.touch(mode=0o600)
    columns = list(spec.restricted_text)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)
        writer.writerow(["row", "unit", *columns])
        for row in wave.data.index:
            said = [wave.data.loc[row, column] for column in columns]
            if any(cell == cell and cell is not None for cell in said):
                cells = [_safe(cell) if cell == cell and cell is not None else "" for cell in said]
                writer.writerow([row, _safe(wave.data.loc[row, spec.unit]), *cells])
    for file_ in (readme, path):
        file_.chmod(0o600)
    return [path, readme]


def _safe(cell: object) -> str:
    """Text that a spreadsheet shows and does not compute: an apostrophe before a sign that begins a formula."""
    said = str(cell)
    return f"'{said}" if said[:1] in ("=", "+", "-", "@", "\t", "\r") else said
