"""A study from wave files alone, and a further wave of a study: proposals, never applied unseen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from evalkit import checking
from evalkit.errors import EvalkitError, PrivacyError, StudyError
from evalkit.pipeline import check
from evalkit.study import load_study
from evalkit.study.model import Study

if TYPE_CHECKING:
    import pandas as pd

    from evalkit.study.further import WaveLines
    from evalkit.waves.difference import WaveDifference
    from evalkit.waves.read import Wave


def new(folder: Path, files: Sequence[Path]) -> Study:
    """A working study from wave files alone: guessed, commented, and checked.

    Raises
    ------
    DataError for a file without municipality codes or with a code of no unit, PrivacyError for personal data,
    StudyError where there is a study already, and with what to send us where the check refuses our own draft.
    """
    from evalkit.panel.link import numberings
    from evalkit.study.draft import new_study
    from evalkit.waves.find import find_study, read_files

    new_study(folder, files, find_study(read_files(files), numberings()))
    try:
        study = load_study(folder)
        check(study)
    except PrivacyError:
        raise
    except EvalkitError as fault:
        if _fits_its_files(folder):
            raise
        raise _ours(folder, fault) from fault
    return study


def _fits_its_files(folder: Path) -> bool:
    """Whether a draft is sound and says what its files hold: a fault is then in the answers, as a code of none."""
    try:
        checking.check(load_study(folder))
    except EvalkitError:
        return False
    return True


def _ours(folder: Path, fault: EvalkitError) -> StudyError:
    """The faults of a draft, which its reader has not made."""
    faults = fault.faults or (fault,)
    first = StudyError(
        f"evalkit's own draft has {'a fault' if len(faults) == 1 else f'{len(faults)} faults'}; you have made none",
        where=folder,
        mend="send us study.toml, items.toml and the words below, and the names, labels and first rows of the files if "
        "you may; until it is mended, do what is said below in the draft",
    )
    return StudyError.of([first, *faults])


def further_wave(study: Study, file: Path, *, write: bool = True) -> tuple[WaveLines, WaveDifference]:
    """What a further wave suggests and where it differs from the last one; certain lines are written, marked."""
    from dataclasses import replace

    from evalkit.panel.unit_register import unit_register
    from evalkit.study.further import wave_lines, write_lines
    from evalkit.waves.check import read_study_wave
    from evalkit.waves.difference import compare_waves
    from evalkit.waves.find import read_new
    from evalkit.waves.proposals import match

    register = unit_register(study).lists
    earlier = [read_study_wave(study, spec.id) for spec in study.plan.waves]
    wave = read_new(file)
    found = match(study, wave, register=register, previous=earlier)
    wave = replace(wave, id=found.spec.id)
    lines = wave_lines(study, found, file)
    difference = compare_waves(study, earlier[-1], wave, register=register, spec=found.spec, columns=found.columns)
    if found.frame is not None:
        lines = replace(lines, shown=(*_on_the_way(study, found.spec.numbering, earlier, register), *lines.shown))
    if write:
        write_lines(study, lines, file)
    return lines, difference


def _on_the_way(study: Study, to: int, earlier: Sequence[Wave], register: Mapping[int, pd.DataFrame]) -> list[str]:
    """What happens to the units of the earlier waves where they are compared with the new one."""
    from evalkit.panel.crosswalk import crosswalk
    from evalkit.panel.unit_register import unit_register
    from evalkit.waves.units import units_in

    said = []
    years = dict.fromkeys(spec.numbering for spec in study.plan.waves)
    for year in years:
        specs = [spec for spec in study.plan.waves if spec.numbering == year]
        waves = {wave.id: wave for wave in earlier}
        answered = {unit for spec in specs for unit in units_in(waves[spec.id], spec.unit, register).codes}
        table = crosswalk(year, to, unit_register(study))
        here = table[table["from_code"].isin(answered)]
        counts = here.drop_duplicates("from_code")["kind"].value_counts()
        kinds = ", ".join(
            f"{counts[kind]} {kind}" for kind in ("same", "renumbered", "merged", "split") if kind in counts
        )
        said.append(
            f"of the {len(set(here['from_code']))} that answered {', '.join(s.id for s in specs)}, in {to}: {kinds}"
        )
        names = {at: dict(zip(register[at]["code"], register[at]["name"])) for at in (year, to)}
        for unit, rows in here[here["kind"] == "split"].groupby("from_code"):
            ways = [f"{code} {names[to][code]}" for code in rows["to_code"]]
            part = f'[link] splits = {{ {unit} = "…" }}'
            said.append(
                f"{unit} {names[year][unit]} was split into {' and '.join(ways)}: it is not compared, unless {part}"
            )
    return said
