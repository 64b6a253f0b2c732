"""A study from wave files alone, and a further wave of a study: proposals, never applied unseen."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from evalkit.pipeline import check
from evalkit.study import load_study
from evalkit.study.model import Study

if TYPE_CHECKING:
    from evalkit.study.further import WaveLines
    from evalkit.waves.difference import WaveDifference


def new(folder: Path, files: Sequence[Path]) -> Study:
    """A working study from wave files alone: guessed, commented, and checked.

    Raises
    ------
    DataError for a file without municipality codes, StudyError where there is a study already.
    """
    from evalkit.panel.link import numberings
    from evalkit.study.draft import new_study
    from evalkit.waves.find import find_study
    from evalkit.waves.read import read_wave

    new_study(folder, files, find_study([read_wave(file) for file in files], numberings()))
    study = load_study(folder)
    check(study)
    return study


def further_wave(study: Study, file: Path, *, write: bool = True) -> tuple[WaveLines, WaveDifference]:
    """What a further wave suggests and where it differs from the last one; certain lines are written, marked."""
    from dataclasses import replace

    from evalkit.panel.unit_register import unit_register
    from evalkit.study.further import wave_lines, write_lines
    from evalkit.waves.check import read_study_wave
    from evalkit.waves.difference import compare_waves
    from evalkit.waves.proposals import match
    from evalkit.waves.read import read_wave

    register = unit_register(study).lists
    earlier = [read_study_wave(study, spec.id) for spec in study.plan.waves]
    wave = read_wave(file)
    found = match(study, wave, register=register, previous=earlier)
    wave = replace(wave, id=found.spec.id)
    lines = wave_lines(study, found, file)
    difference = compare_waves(study, earlier[-1], wave, register=register, spec=found.spec, columns=found.columns)
    if write:
        write_lines(study, lines, file)
    return lines, difference
