"""Everything that a study reads, validated; nothing is computed from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from evalkit.errors import DataError, EvalkitError
from evalkit.study.model import Study, Wave

if TYPE_CHECKING:
    from evalkit.waves.check import Checked


def check(study: Study, *, codebook: bool = True) -> list[Checked]:
    """Read and validate everything, run nothing.

    Parameters
    ----------
    codebook : whether the files must say what the committed codebook says.

    Returns
    -------
    The checked waves, in the study's order.

    Raises
    ------
    EvalkitError with every fault of the manifest, the waves and the frame at once.
    """
    from evalkit.panel.frame import build_frames
    from evalkit.panel.invited import invited
    from evalkit.waves.check import check_wave, read_study_wave
    from evalkit.waves.codebook import check_codebook
    from evalkit.waves.manifest import check_manifest

    faults: list[EvalkitError] = []
    checked: list[Checked] = []
    steps: list[Callable[[], object]] = [lambda: check_manifest(study), lambda: build_frames(study)]
    steps += [
        lambda id=wave.id: checked.append(check_wave(study, read_study_wave(study, id)))  # type: ignore[misc]
        for wave in study.plan.waves
        if _there(study, wave)
    ]
    steps += [lambda id=wave.id: invited(study, id) for wave in study.plan.waves if _there(study, wave)]  # type: ignore[misc]
    for step in steps:
        try:
            step()
        except EvalkitError as fault:
            faults += fault.faults or (fault,)
    if faults:
        kind = type(faults[0])
        raise kind.of(list({str(fault): fault for fault in faults}.values()))
    if codebook:
        new = check_codebook(study, checked)
        note = "{} is not in codebook.toml yet: evalkit codebook keeps what its file says"
        checked = [
            replace(one, notes=(*one.notes, note.format(one.wave.id))) if one.wave.id in new else one for one in checked
        ]
    doubts = _check_meanings(study, checked)
    return [replace(one, notes=(*one.notes, *doubts.get(one.wave.id, ()))) for one in checked]


def _there(study: Study, wave: Wave) -> bool:
    """Whether a wave's files are there; the manifest's check names those that are not."""
    return all((study.raw / name).is_file() for name in wave.files)


def _check_meanings(study: Study, checked: Sequence[Checked]) -> dict[str, list[str]]:
    """No two waves may mean different things by one column, unless items.toml says that they do not.

    Returns
    -------
    Wave → what is no fault, and yet may be wrong: codes that are another unit's in an earlier wave.
    """
    from itertools import combinations

    from evalkit.panel.unit_register import unit_register
    from evalkit.waves.difference import compare_waves

    register = unit_register(study).lists
    pairs = [(old.wave, new.wave) for old, new in combinations(checked, 2)]
    found = [compare_waves(study, old, new, register=register) for old, new in pairs]
    faults = [fault for one in found for fault in one.faults]
    if faults:
        raise DataError.of(list({str(fault): fault for fault in faults}.values()))
    doubts: dict[str, list[str]] = {}
    for one in found:
        doubts.setdefault(one.new, []).extend(c.said for c in one.changes if c.kind == "reused_code")
    return doubts
