"""codebook.toml: the columns of every wave as they arrived, so that a file that means something else is noticed."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable
from difflib import unified_diff
from pathlib import Path
from typing import Any

from evalkit.errors import DataError
from evalkit.study.model import Study
from evalkit.waves.cells import code
from evalkit.waves.check import Checked
from evalkit.waves.read import Wave

NAME = "codebook.toml"
SHOWN = 12


def codebook(study: Study, waves: Iterable[Checked]) -> str:
    """The text of codebook.toml: for each wave and column its label, question, values and missing codes.

    Columns that stopped at the privacy gate are named with what was found, and nothing of their content.
    """
    lines = [f"# Written by `evalkit codebook`: what the wave files of {study.name} say of themselves."]
    if study.plan.notice is not None:
        lines.append(f"# {study.plan.notice.nb} / {study.plan.notice.en}")
    for checked in waves:
        used = {column: name for name in study.items for column in study.columns(name, checked.wave.id)}
        stopped = {finding.column: finding.what for finding in checked.stopped}
        for column in checked.wave.data.columns:
            lines += ["", f"[{_key(checked.wave.id)}.{_key(column)}]"]
            lines += _column(checked.wave, column, used.get(column), stopped.get(column))
    return "\n".join(lines) + "\n"


def _column(wave: Wave, column: str, item: str | None, stopped: str | None) -> list[str]:
    lines = [f"label = {_text(wave.variable_labels.get(column, ''))}"]
    if stopped is not None:
        return [*lines, f"stopped = {_text(stopped)}"]
    if item is not None:
        lines.append(f"item = {_text(item)}")
    values = wave.value_labels.get(column, {})
    if values:
        lines.append(f"values = {{ {', '.join(f'{_key(code)} = {_text(label)}' for code, label in values.items())} }}")
    declared = sorted(wave.no_answers(column))
    declared += [f"{_end(low)} thru {_end(high)}" for low, high in wave.declared.get(column, ()) if low != high]
    if declared:
        lines.append(f"missing = [{', '.join(map(_text, declared))}]")
    return lines


def _end(value: Any) -> str:
    """An end of a range; SPSS's own words where it has none."""
    return {float("-inf"): "LOWEST", float("inf"): "HIGHEST"}.get(value) or code(value)


def _text(value: str) -> str:
    """A TOML basic string; JSON's escapes are TOML's."""
    return json.dumps(value, ensure_ascii=False)


def _key(value: str) -> str:
    return value if value.replace("_", "").replace("-", "").isalnum() and value.isascii() else _text(value)


def check_codebook(study: Study, waves: Iterable[Checked]) -> tuple[str, ...]:
    """Compare with the committed codebook, where the study has one.

    Returns
    -------
    Waves that the codebook does not have yet: a further wave has not drifted.

    Raises
    ------
    DataError with the lines that differ and the command that accepts them, or where the codebook is no TOML.
    """
    path, waves = study.path / NAME, list(waves)
    if not path.is_file():
        return ()
    old = path.read_text(encoding="utf-8")
    try:
        known = tomllib.loads(old)
    except tomllib.TOMLDecodeError as fault:
        mend = f"evalkit codebook {study.path}"
        raise DataError("The codebook is not TOML", where=path, got=fault, mend=mend) from None
    new = codebook(study, [checked for checked in waves if checked.wave.id in known])
    if old == new:
        return tuple(checked.wave.id for checked in waves if checked.wave.id not in known)
    changed = list(unified_diff(old.splitlines(), new.splitlines(), "committed", "found", lineterm="", n=1))[2:]
    more = [f"… and {len(changed) - SHOWN} lines more"] if len(changed) > SHOWN else []
    raise DataError(
        "The wave files do not say what the codebook says",
        where=path,
        got="\n    ".join(["", *changed[:SHOWN], *more]),
        mend=f"correct the file or items.toml; if the change is meant: evalkit codebook {study.path}",
    )


def write_codebook(study: Study, waves: Iterable[Checked]) -> Path:
    """Write the codebook, accepting what the files say now."""
    path = study.path / NAME
    path.write_text(codebook(study, waves), encoding="utf-8")
    return path
