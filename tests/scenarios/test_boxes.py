"""From every shape of tick boxes to every other, pasting what is proposed ends in a clean check and the same shares."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from evalkit import intake, load_study, pipeline
from evalkit.errors import EvalkitError
from evalkit.panel.frame import build_frames
from evalkit.panel.harmonise import build_panel
from evalkit.waves.check import read_study_wave
from tests.scenarios.boxes import ANSWERED, SHAPES, SHARES
from tests.scenarios.paste import paste

ROUNDS = 3


@pytest.fixture(scope="module")
def studies(tmp_path_factory):
    """A drafted study of each shape."""
    made: dict[str, Path] = {}

    def study(shape: str, target: Path) -> Path:
        if shape not in made:
            folder = tmp_path_factory.mktemp(shape)
            file = SHAPES[shape](folder)
            made[shape] = intake.new(folder / "study", [file.rename(folder / f"w2021{file.suffix}")]).path
        shutil.copytree(made[shape], target)
        return target

    return study


def decide(items, place: str, line: str) -> str:
    """What a code without words means in these files, which is what a person knows who made them."""
    words = {str(said["nb"]): key for key, said in items[place.split(".")[0]].get("categories", {}).items()}
    yes, no = (next((words[word] for word in said if word in words), sign) for said, sign in SIGNS)
    for code, meant in (("1", yes), ("0", no), ("2", no), ("x", yes)):
        line = line.replace(f'{code} = "…"', f'{code} = "{meant}"')
    return line


SIGNS = ((("Ja", "Valgt"), "1"), (("Nei", "Ikke valgt"), "0"))


@pytest.mark.parametrize("after", SHAPES)
@pytest.mark.parametrize("before", SHAPES)
def test_what_is_proposed_passes_when_it_is_pasted(before, after, studies, tmp_path):
    folder = studies(before, tmp_path / "study")
    file = SHAPES[after](tmp_path)
    file = file.rename(tmp_path / f"w2023{file.suffix}")
    lines, difference = intake.further_wave(load_study(folder), file)
    said = [*lines.shown, *(fault.mend or "" for fault in difference.faults)]
    faults = list(map(str, difference.faults))
    for _ in range(ROUNDS):
        paste(folder, said, decide)
        try:
            pipeline.check(load_study(folder))
            break
        except EvalkitError as fault:
            told = fault.faults or (fault,)
            said, faults = [one.mend or "" for one in told], [str(one) for one in told]
    else:
        raise AssertionError("\n\n".join([(folder / "items.toml").read_text(encoding="utf-8"), *faults]))
    if boxes(before) and boxes(after):
        assert shares(load_study(folder)) == pytest.approx(list((ANSWERED if blank(after) else SHARES).values()))


def boxes(shape: str) -> bool:
    return shape not in ("sav_1_2", "excel_words", "excel_yes_no")


def blank(shape: str) -> bool:
    return shape.endswith(("_or_blank", "_listed"))


def shares(study) -> list[float]:
    """Of each option in the new wave, of those who answered, in the order of the boxes."""
    panel = build_panel(study, [read_study_wave(study, wave.id) for wave in study.plan.waves], build_frames(study))
    asked = [name for name in study.items if study.columns(name, "2023")]
    assert len(asked) == 1
    data = panel.data.xs("2023", level="wave")[list(study.variables(asked[0]))]
    return [float(share) for share in data.mean() if share == share]
