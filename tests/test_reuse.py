"""Of a changed study only what depends on the change is computed, and the run is byte for byte one made afresh."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import evalkit
from evalkit import provenance
from evalkit.errors import RunError
from evalkit.panel import register
from evalkit.present import figures
from evalkit.waves.manifest import sha256
from tests.conftest import STUDY, WAVES, write_wave
from tests.faulty import save_plainly
from tests.panel.test_borders import LATEST, three_waves

MORE = """
[exhibits.response]
kind = "response"
by = "size"

[exhibits.logit]
kind = "conditional_logit"
item = "plan"
models = ["answer ~ C(wave)"]

[exhibits.screen]
kind = "screen"
[exhibits.screen.families]
all = ["plan", "means"]
"""
ANSWERS = ("plan", "why_not", "means", "years", "response")
MOVES = ("moved", "logit", "screen")
WHOLE = {"waves": ("waves",), "panel": ("panel",), "weights": ("weights",), "estimates": ANSWERS, "change": MOVES}
NOTHING: dict[str, tuple[str, ...]] = dict.fromkeys((*WHOLE, "exhibits"), ())
READ = NOTHING | {"waves": ("waves",), "panel": ("panel",)}
"""The files are read again, and the panel turns out to be the same."""


@pytest.fixture(scope="module")
def base(tmp_path_factory) -> dict[str, Path]:
    """Where the study lies that has been run once; nothing until it has."""
    return {}


@pytest.fixture
def study(small, base, tmp_path_factory, monkeypatch) -> Path:
    """The small study with exhibits of every way of depending, run once; figures are their exhibit's text."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    monkeypatch.setattr(figures, "save", save_plainly)
    if not base:
        first = small()
        edit(first, "study.toml", STUDY, STUDY + MORE)
        run(first)
        base["root"] = first.parent.parent
    root = tmp_path_factory.mktemp("repository")
    shutil.copytree(base["root"], root, dirs_exist_ok=True)
    return root / "analyses" / "small"


def edit(folder: Path, file: str, old: str, new: str) -> None:
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text, old
    (folder / file).write_text(text.replace(old, new), encoding="utf-8")


def run(folder: Path, **options: object) -> tuple[evalkit.Run, dict[str, tuple[str, ...]]]:
    """The run, and what each stage computed."""
    steps: list = []
    done = evalkit.run(evalkit.load_study(folder), progress=steps.append, **options)
    return done, {step.stage: step.computed for step in steps}


def content(path: Path) -> dict[str, bytes]:
    return {file.relative_to(path).as_posix(): file.read_bytes() for file in path.rglob("*") if file.is_file()}


def recomputed(folder: Path) -> dict[str, tuple[str, ...]]:
    """What was computed; the run is asserted to be what it is when all of it is computed."""
    done, computed = run(folder)
    taken_over = content(done.path)
    again, everything = run(folder, fresh=True)
    assert again.path == done.path and everything["waves"] == ("waves",)
    afresh = content(again.path)
    assert {name for name in afresh | taken_over if afresh.get(name) != taken_over.get(name)} == set()
    return computed


def toml(file: str, old: str, new: str) -> Callable[[Path], None]:
    return lambda folder: edit(folder, file, old, new)


def answer(wave: str, **columns: list) -> Callable[[Path], None]:
    return lambda folder: write_wave(_raw(folder) / wave, WAVES[wave] | columns)


def _raw(folder: Path) -> Path:
    return folder.parent.parent / "data_raw" / "small"


MEANS = '[exhibits.means]\nkind = "multiple"\nitems = ["means"]\n'
YEARS = '[exhibits.years]\nkind = "mean"\nitems = ["years"]\n'
OTHER_SIZES = toml("study.toml", "lower_bounds = [0, 10000]", "lower_bounds = [0, 5000]")

CHANGES = {
    "an exhibit's title": (
        toml("study.toml", MEANS, MEANS + 'title = { nb = "Tiltak", en = "Measures" }\n'),
        NOTHING | {"exhibits": ("means",)},
    ),
    # The screen is of all units together and knows no groups; a logit may name any.
    "a group's bounds": (
        OTHER_SIZES,
        WHOLE | {"change": ("moved", "logit"), "exhibits": ("plan", "why_not", "means", "years", "response", "moved")},
    ),
    # Words are no numbers: they come to the rows when these are drawn.
    "an item's label": (
        toml("items.toml", 'label = { nb = "Virkemidler"', 'label = { nb = "Tiltak"'),
        READ | {"exhibits": ("means", "screen")},
    ),
    # Of the exhibits these two are by size.
    "a category's words": (
        toml("study.toml", 'large = { nb = "10 000 eller flere"', 'large = { nb = "Minst 10 000"'),
        READ | {"exhibits": ("plan", "response")},
    ),
    # Why not was put to those without a plan; a response counts every question.
    "an item's yes codes": (
        toml("items.toml", 'yes = ["1"]', 'yes = ["2"]'),
        READ | {"estimates": ("plan", "why_not", "response"), "change": MOVES, "exhibits": ("plan", *MOVES)},
    ),
    "one answer": (
        answer("w2018.sav", years=[1, 2, None, 4, None, 9]),
        READ | {"estimates": ("years", "response"), "exhibits": ("years",)},
    ),
    # Rømskog, which answered nothing, comes in: who answered is part of everything, though it moves little.
    "one unit that answers": (
        answer("w2019.sav", years=[None, 5, None, None, 3, None]),
        WHOLE | {"exhibits": ("years", "response")},
    ),
    "the weights": (
        toml("study.toml", 'method = "poststratify"', 'method = "poststratify"\nfpc = false'),
        NOTHING
        | {"weights": ("weights",), "estimates": ANSWERS, "change": ("moved",)}
        | {"exhibits": ("plan", "why_not", "means", "years", "moved")},
    ),
    "an exhibit more": (
        toml("study.toml", YEARS, YEARS + '[exhibits.more]\nkind = "share"\nitems = ["plan"]\n'),
        NOTHING | {"estimates": ("more",), "exhibits": ("more",)},
    ),
    "an exhibit less": (toml("study.toml", YEARS, ""), NOTHING | {"exhibits": ()}),
    "the order of exhibits": (
        toml("study.toml", MEANS + "\n" + YEARS, YEARS + "\n" + MEANS),
        NOTHING | {"exhibits": ()},
    ),
    "an exhibit's name": (
        toml("study.toml", "[exhibits.years]", "[exhibits.how_long]"),
        NOTHING | {"exhibits": ("how_long",)},
    ),
    "the notice": (
        toml("study.toml", 'en = "Synthetic data"', 'en = "Made up"'),
        READ | {"exhibits": ("plan", "why_not", "means", "years", "moved", "response", "logit", "screen")},
    ),
    "the file's own bytes": (lambda folder: (_raw(folder) / "w2018.sav").touch(), {"unchanged": ()}),
    "a comment": (toml("study.toml", "[frame]", "# the frame\n[frame]"), NOTHING | {"exhibits": ()}),
}


@pytest.mark.parametrize("what", CHANGES)
def test_what_depends_on_a_change_is_computed_and_nothing_else(study, what):
    change, expected = CHANGES[what]
    change(study)
    found = recomputed(study)
    assert {stage: set(names) for stage, names in found.items()} == {
        stage: set(names) for stage, names in expected.items()
    }


def test_another_version_of_a_package_computes_everything(study, monkeypatch):
    installed = provenance.version
    bases = set()
    for package in (None, *provenance.PACKAGES):
        monkeypatch.setattr(provenance, "version", lambda name, p=package: "0.1" if name == p else installed(name))
        bases.add(provenance.identity(evalkit.load_study(study)).base)
    assert len(bases) == 1 + len(provenance.PACKAGES)
    everything_is_computed(study)


def test_other_code_computes_everything(study, monkeypatch):
    monkeypatch.setattr(provenance, "_code", lambda: "f" * 64)
    everything_is_computed(study)


def test_another_byte_of_the_register_computes_everything(study, monkeypatch, tmp_path):
    copied = tmp_path / "register"
    shutil.copytree(register.register_folder(), copied)
    with (copied / "counties.csv").open("a", encoding="utf-8") as file:
        file.write("\n")
    for module in (register, provenance):
        monkeypatch.setattr(module, "register_folder", lambda: copied)
    everything_is_computed(study)


def test_a_register_that_changes_between_two_runs_of_one_process_is_read_again(study, monkeypatch, tmp_path):
    """Of those who answered Halden and Moss are large, with 30,790 and 32,407 inhabitants; with 3,079 Halden is not."""
    copied = tmp_path / "register"
    shutil.copytree(register.register_folder(), copied)
    monkeypatch.setenv("EVALKIT_REGISTER", str(copied))
    before = run(study)[0].exhibit("plan").value("n", size="large", weighting="unweighted")
    edit(copied, "municipalities.csv", "2017,0101,Halden,01,Østfold,30790", "2017,0101,Halden,01,Østfold,3079")
    after = run(study)[0].exhibit("plan").value("n", size="large", weighting="unweighted")
    assert (before, after) == (2, 1)


def everything_is_computed(study: Path) -> None:
    found = recomputed(study)
    assert {stage: names for stage, names in found.items() if stage != "exhibits"} == WHOLE
    assert set(found["exhibits"]) == {*ANSWERS, *MOVES}


def test_the_package_is_its_fonts_and_templates_too(monkeypatch, tmp_path):
    copied = tmp_path / "evalkit"
    shutil.copytree(Path(evalkit.__file__).parent, copied, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(provenance, "__file__", str(copied / "provenance.py"))
    codes = set()
    for file in ("present/fonts/OpenSans-Bold.ttf", "report/templates/document.typ", "keys.py"):
        provenance._code.cache_clear()
        codes.add(provenance._code())
        (copied / file).write_bytes((copied / file).read_bytes() + b" ")
    provenance._code.cache_clear()
    codes.add(provenance._code())
    provenance._code.cache_clear()
    assert len(codes) == 4


def test_figures_taken_over_are_those_that_would_be_drawn(study, monkeypatch):
    monkeypatch.undo()
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    run(study, fresh=True)
    edit(study, "study.toml", MEANS, MEANS + 'title = { nb = "Tiltak", en = "Measures" }\n')
    assert recomputed(study)["exhibits"] == ("means",)


def test_the_terminal_says_what_was_computed_and_what_was_taken_over(study):
    (first,) = (path.name for path in _build(study).iterdir() if path.is_dir())
    edit(study, "items.toml", 'yes = ["1"]', 'yes = ["2"]')
    steps: list = []
    evalkit.run(evalkit.load_study(study), progress=steps.append)
    notes = {step.stage: step.notes for step in steps}
    assert notes["weights"][0] == f"as in run {first}"
    assert notes["estimates"] == (f"3 of 5 exhibits computed (plan, why_not, response), 2 as in run {first}",)
    assert notes["change"] == ("3 exhibits",)
    assert notes["exhibits"][1] == f"4 of 8 exhibits drawn (plan, moved, logit, screen), 4 as in run {first}"


def test_what_a_stage_said_is_said_again_when_it_is_taken_over(study):
    steps: list = []
    evalkit.run(evalkit.load_study(study), fresh=True, progress=steps.append)
    said = {step.stage: step.notes for step in steps}
    edit(study, "study.toml", MEANS, MEANS + 'title = { nb = "Tiltak", en = "Measures" }\n')
    evalkit.run(evalkit.load_study(study), progress=steps.append)
    again = {step.stage: step.notes for step in steps[6:]}
    assert again["panel"][1:] == said["panel"] and len(said["panel"]) == 3
    assert again["weights"][1:] == said["weights"] and len(said["weights"]) == 2


def test_a_file_that_is_not_as_it_was_written_is_not_taken(study):
    """weights.csv and one figure of the earlier run are damaged, and its estimates.csv is gone."""
    (first,) = (path for path in _build(study).iterdir() if path.is_dir())
    (first / "weights.csv").write_text("sample,unit,base_weight,weight\n", encoding="utf-8")
    (first / "exhibits" / "nb" / "plan.svg").write_bytes(b"")
    (first / "estimates.csv").unlink()
    edit(study, "study.toml", "[frame]", "# the frame\n[frame]")
    found = recomputed(study)
    assert found == NOTHING | {"weights": ("weights",), "estimates": ANSWERS, "exhibits": ("plan",)}


def test_a_run_that_was_damaged_is_made_again(study):
    (first,) = (path for path in _build(study).iterdir() if path.is_dir())
    whole = content(first)
    (first / "exhibits" / "nb" / "plan.svg").unlink()
    (first / "change.csv").write_bytes(b"")
    done, computed = run(study)
    assert computed["change"] == MOVES and content(done.path) == whole


def test_a_run_that_stopped_early_is_taken_over_too(study):
    edit(study, "items.toml", 'yes = ["1"]', 'yes = ["2"]')
    assert run(study, until="weights")[1]["panel"] == ("panel",)
    assert recomputed(study)["panel"] == ()


def test_a_study_that_changed_since_it_was_loaded_is_not_run(study):
    loaded = evalkit.load_study(study)
    OTHER_SIZES(study)
    with pytest.raises(RunError) as caught:
        evalkit.run(loaded)
    assert "study.toml or items.toml has changed since the study was loaded" in str(caught.value)
    assert "load_study" in str(caught.value)


def test_a_file_that_changes_while_it_is_run_stops_the_run(study, monkeypatch):
    edit(study, "items.toml", 'yes = ["1"]', 'yes = ["2"]')
    before = sorted(path.name for path in _build(study).iterdir())
    change = {"done": answer("w2018.sav", years=[9, 9, 9, 9, 9, 9])}
    with pytest.raises(RunError, match="changed while it was run"):
        evalkit.run(evalkit.load_study(study), progress=lambda step: change.pop("done", lambda folder: None)(study))
    assert sorted(path.name for path in _build(study).iterdir()) == before


def _build(study: Path) -> Path:
    return study.parent.parent / "build" / "small"


# What a rule hides, and what a restricted file holds, is not in stages.json.

RULE = "[disclosure]\nminimum = 3\n\n[weights]"


def test_another_disclosure_rule_moves_no_estimate_and_is_kept_to(study):
    """With three or more behind every number the changers of the six are hidden, and what is known of the logit."""
    edit(study, "study.toml", "[weights]", RULE)
    found = recomputed(study)
    assert found == NOTHING | {"exhibits": found["exhibits"]} and "plan" in found["exhibits"]
    (path,) = (path for path in _build(study).iterdir() if "minimum" in _text(path / "study" / "study.toml"))
    kept = json.loads(_text(path / "stages.json"))["exhibits"]
    assert "facts" not in kept["logit"] and "facts" in kept["plan"]
    assert json.loads(_text(path / "exhibits" / "logit.json"))["facts"]["hidden"]
    edit(study, "study.toml", "minimum = 3", "minimum = 4")
    shutil.rmtree(next(p for p in _build(study).iterdir() if p.is_dir() and p != path))
    assert recomputed(study)["change"] == ("logit",)


def test_a_run_that_stops_before_it_is_protected_keeps_no_facts(study):
    edit(study, "study.toml", "[weights]", RULE)
    done, _ = run(study, until="change")
    assert all("facts" not in made for made in json.loads(_text(done.path / "stages.json"))["exhibits"].values())


def test_of_restricted_files_no_digest_of_a_question_is_kept(study):
    """From the digest of a few answers they could be found by trying; with the files' hashes they cannot."""
    raw = _raw(study).parent
    entry = 'source = "-", date = 2018-03-01, licence = "-", kind = "synthetic"'
    lines = [
        f'"small/{wave}" = {{ sha256 = "{sha256(raw / "small" / wave)}", {entry}, access = "%s" }}' for wave in WAVES
    ]
    (raw / "manifest.toml").write_text("\n".join(lines) % ("open", "open"), encoding="utf-8")
    done, computed = run(study)
    assert computed["waves"] == ("waves",) and len(set(_digests(done))) > 5
    (raw / "manifest.toml").write_text("\n".join(lines) % ("open", "restricted"), encoding="utf-8")
    assert recomputed(study)["panel"] == ("panel",)
    done, _ = run(study)
    assert len(set(_digests(done))) == 1 and not (done.path / "panel.parquet").exists()


def _digests(done: evalkit.Run) -> list[str]:
    return list(json.loads(_text(done.path / "stages.json"))["stages"]["panel"]["facts"]["digests"].values())


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def test_a_further_wave_computes_what_is_of_it(small, monkeypatch):
    """2021 comes with borders of its own: of the exhibits only the moves from 2019 to 2021 are of it."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    monkeypatch.setattr(figures, "save", save_plainly)
    run(small())
    found = recomputed(three_waves(small, LATEST))
    assert found == WHOLE | {"estimates": (), "change": ("moved",), "exhibits": ("moved",)}
