"""Whatever shape an export has and whatever is wrong with it, its shares are right, or a fault says what mends it."""

from __future__ import annotations

import re
import tempfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evalkit import intake
from evalkit.errors import EvalkitError
from evalkit.panel.frame import build_frames
from evalkit.panel.harmonise import build_panel
from evalkit.study.model import Study
from evalkit.waves.check import read_study_wave
from tests.exports import FAULTS, SHAPES, Export, expected, made, write

CELLS = [(shape, fault) for fault, (_, shapes) in FAULTS.items() for shape in shapes]
TRIED = [
    (shape, fault)
    for j, (fault, (_, shapes)) in enumerate(FAULTS.items())
    for k, shape in enumerate(shapes)
    if len(shapes) < 4 or (j + k) % 3 == 0
]
"""Every fault in at least three shapes, or in all that can have it; every shape with a third of the faults."""


def shares(study: Study) -> dict[tuple[int, str], dict[str, float]]:
    """Of the panel of every wave: (year, question) → words → share of those who answered."""
    waves = [read_study_wave(study, spec.id) for spec in study.plan.waves]
    told = build_panel(study, waves, build_frames(study)).answers.told
    found: dict[tuple[int, str], dict[str, float]] = {}
    for name, item in study.items.items():
        for spec in study.plan.waves:
            if item.type == "text" or not study.columns(name, spec.id):
                continue
            data = told[spec.id].data[list(study.variables(name))].dropna()
            here: dict[str, float] = {}
            if item.type == "numeric":
                here = {"": data[name].mean()} if len(data) else {}
            elif item.type == "single":
                words = {key: category.nb for key, category in item.categories.items()}
                here = {words[key]: n / len(data) for key, n in data[name].value_counts().items()}
            elif len(data):
                here = {option.nb: data[f"{name}.{key}"].mean() for key, option in item.options.items()}
            if here:
                found[int(spec.id[-4:]), name] = here
    return found


def unlike(export: Export, study: Study) -> list[str]:
    """What the study does not say as the answers do; a question may be there under a wave's own name."""
    got, wrong = shares(study), []
    for (year, question), said in expected(export).items():
        rivals = [here for (other, _), here in got.items() if other == year]
        if said and not any(alike(said, here) for here in rivals):
            wrong.append(f"{year} {question}: {said}, not in {rivals}")
    return wrong


def alike(one: Mapping[str, float], other: Mapping[str, float]) -> bool:
    fold = {word.casefold(): share for word, share in other.items()}
    return {word.casefold() for word in one} == set(fold) and all(
        fold[word.casefold()] == pytest.approx(share) for word, share in one.items()
    )


def outcome(shape: str, fault: str, seed: int, folder: Path) -> tuple[str, str]:
    """right, mended, or wrong with what is."""
    export = made(shape, seed)
    FAULTS[fault][0](export)
    files = write(export, folder)
    try:
        study = intake.new(folder / "study", files)
    except EvalkitError as error:
        return mended(export, folder / "again", error)
    wrong = unlike(export, study)
    return ("wrong", "\n".join(wrong)) if wrong else ("right", "")


def mended(export: Export, folder: Path, error: EvalkitError) -> tuple[str, str]:
    """Do what the fault says, and look again: codes are corrected in the rows that it names."""
    rows = {int(row) for row in re.findall(r"row (\d+): 9999", str(error))}
    if not rows or "mend: correct the codes" not in str(error):
        return "wrong", str(error)
    export.corrected |= rows
    folder.mkdir()
    wrong = unlike(export, intake.new(folder / "study", write(export, folder)))
    return ("wrong", "\n".join(wrong)) if wrong else ("mended", "")


@pytest.mark.parametrize("shape", SHAPES)
def test_an_export_gives_the_right_shares_or_a_fault_with_its_mend(shape, tmp_path):
    """At least four of five without an edit, none in any other way."""
    cells = [fault for one, fault in TRIED if one == shape]
    found = {}
    for place, fault in enumerate(cells):
        folder = tmp_path / str(place)
        folder.mkdir()
        found[fault] = outcome(shape, fault, 1000 + place, folder)
    bad = {fault: said for fault, (kind, said) in found.items() if kind == "wrong"}
    assert not bad, "\n\n".join(f"{fault}: {said}" for fault, said in bad.items())
    counts = Counter(kind for kind, _ in found.values())
    assert counts["right"] >= 0.8 * len(cells)


@settings(max_examples=12, derandomize=True, deadline=None)
@given(st.sampled_from(CELLS), st.integers(0, 10**6))
def test_any_answers_in_any_cell(cell, seed):
    with tempfile.TemporaryDirectory() as folder:
        kind, said = outcome(*cell, seed, Path(folder))
    assert kind in ("right", "mended"), said
