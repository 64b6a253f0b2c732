"""The stages in their order, and the folder that a run's results lie in."""

from __future__ import annotations

import json
import os
import shutil
import time
import unicodedata
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from evalkit import checking
from evalkit.earlier import STAGES_FILE, Earlier, checksums, past_run
from evalkit.errors import EvalkitError, RunError, one_of
from evalkit.folders import put, scratch, write_whole
from evalkit.panel.unit_register import forget
from evalkit.present.letters import undrawable
from evalkit.provenance import Identity, Record, identity
from evalkit.results import STAGES, Run
from evalkit.stages import DO, Work, given, protect_all
from evalkit.study import load_study
from evalkit.study.model import Disclosure, Study
from evalkit.study.names import is_outside
from evalkit.waves.manifest import input_files

if TYPE_CHECKING:
    from evalkit.waves.check import Checked

__all__ = ["Step", "check", "remarks", "run"]


@dataclass(frozen=True)
class Step:
    """One finished stage, for the terminal.

    Attributes
    ----------
    rows_in, rows_out, seconds, notes : what it took and gave, and what it left out, stopped or took over.
    computed : what was computed of it: the stage itself or names of exhibits; nothing where all was taken over.
    """

    stage: str
    rows_in: int
    rows_out: int
    seconds: float
    notes: tuple[str, ...] = ()
    computed: tuple[str, ...] = ()


Progress = Callable[[Step], None]

_read: set[str] = set()
"""The register that this process has in memory, by its hash; none before the first run."""


def run(study: Study, *, until: str | None = None, fresh: bool = False, progress: Progress | None = None) -> Run:
    """Run the stages of a study and keep what they give in build/<study>/<run>.

    The run's name is a hash of its inputs, study, code and environment: an unchanged study is not computed again. Of a
    changed one only what depends on the change is; the rest is taken over from the study's earlier runs.

    Parameters
    ----------
    until : last stage to run, one of waves, panel, weights, estimates, change, exhibits; all where it is not given.
        A run that stops early lies in build/<study>/<run>-<stage> and is not the study's latest.
    fresh : compute everything, whatever earlier runs have.
    progress : called after each stage.

    Returns
    -------
    Run

    Raises
    ------
    EvalkitError of the first stage that fails; the study's earlier runs stay as they are.
    RunError where the disk is full, or the study or its files change meanwhile.

    Examples
    --------
    >>> from evalkit import load_study, run
    >>> run(load_study("analyses/robek")).value("in_robek", wave="2008", group="all")  # doctest: +SKIP
    """
    if until is not None and until not in STAGES:
        raise RunError(f"There is no stage {until!r}", expected=one_of(STAGES))
    made_of = identity(study)
    if load_study(study.path) != study:
        raise _changed(study, "study.toml or items.toml has changed since the study was loaded")
    whole = until in (None, STAGES[-1])
    folder = study.build / (made_of.id if whole else f"{made_of.id}-{until}")
    try:
        if not fresh and _is_intact(folder):
            if progress:
                progress(Step("unchanged", 0, 0, 0.0, (f"run {folder.name} is of the same inputs, study and code",)))
        else:
            _make(study, made_of, folder, until or STAGES[-1], fresh, progress or (lambda step: None))
        pointer = study.build / "latest"
        if whole and not (pointer.is_file() and pointer.read_text(encoding="utf-8").strip() == folder.name):
            write_whole(pointer, f"{folder.name}\n".encode())
    except OSError as error:
        mend = "see that the disk has room and the folder may be written; the earlier runs are as they were"
        raise RunError("The run could not be written", where=folder, got=error, mend=mend) from error
    return Run(study, folder)


def check(study: Study, *, codebook: bool = True) -> list[Checked]:
    """Read and validate everything that a run reads, and see that the answers can be weighted.

    Parameters
    ----------
    codebook : as in `evalkit.checking.check`; without it the files are read alone.

    Raises
    ------
    EvalkitError with every fault of the files at once; where there is none, with every column that
    exhibits and propensity name in vain; then with every fault of the weights.
    """
    from evalkit.keys import given_to_panel, given_to_weights
    from evalkit.panel.frame import build_frames
    from evalkit.panel.frame_columns import check_columns
    from evalkit.panel.harmonise import build_panel
    from evalkit.weights.question import check_weights

    checked = checking.check(study, codebook=codebook)
    if codebook:
        seen = given_to_panel(study)
        frames = build_frames(seen)
        check_columns(study, frames)
        panel = build_panel(seen, [one.wave for one in checked], frames)
        check_weights(given_to_weights(study).panel(panel.answers))
    return checked


def remarks(study: Study) -> list[str]:
    """What is no fault and should be known before anything leaves: files from elsewhere, and what small groups hide.

    What a rule hides is computed as a run computes it, and not kept.
    """
    strangers = [file for file in input_files(study) if is_outside(study, file)]
    said = [f"from outside the study's data folder, as study.toml says: {file}" for file in strangers]
    said += [f"no font that ships can draw {_named(letter)} in {place}" for place, letter in _odd_letters(study)]
    rule = study.plan.disclosure or Disclosure()
    if rule.off or (study.plan.disclosure is None and study.plan.data != "real"):
        return said
    try:
        hidden = _hidden(study, rule)
    except EvalkitError as fault:
        return [*said, f"what [disclosure] hides cannot be said before this is mended: {fault.what}"]
    touched = f"{', '.join(hidden)}" if hidden else "no exhibit"
    if study.plan.disclosure is None:
        return [*said, f"no [disclosure]: it cannot be published; minimum = {rule.minimum} would touch {touched}"]
    return [*said, f"[disclosure] touches {touched}"]


def _odd_letters(study: Study) -> list[tuple[str, str]]:
    """Letters of the study's words that figures, PDF and Word show as their codes, with the first place of each."""
    found: dict[str, str] = {}
    queue: list[tuple[str, object]] = [("study.toml", asdict(study.plan))]
    queue += [(f"items.toml: {name}", asdict(item)) for name, item in study.items.items()]
    for place, held in queue:
        if isinstance(held, dict):
            queue += [
                (f"{place}: {key}" if place.endswith(".toml") else f"{place}.{key}", v) for key, v in held.items()
            ]
        elif isinstance(held, (list, tuple)):
            queue += [(place, value) for value in held]
        elif isinstance(held, str):
            for letter in undrawable(held):
                found.setdefault(letter, place)
    return [(place, letter) for letter, place in found.items()]


def _named(letter: str) -> str:
    name = unicodedata.name(letter, "a letter without a name").lower()
    return f"{letter} ({name}), shown as U+{ord(letter):04X},"


def _hidden(study: Study, rule: Disclosure) -> list[str]:
    """The exhibits in which the rule hides something."""
    with TemporaryDirectory(prefix="evalkit-") as folder:
        ruled = replace(study, plan=replace(study.plan, disclosure=rule))
        work = Work(ruled, Record(study, identity(study)), Path(folder), Earlier(study.build))
        for stage in ("panel", "estimates", "change"):
            DO[stage](work)
        protect_all(work)
    return [name for name, exhibit in work.exhibits.items() if exhibit.facts.get("hidden")]


def _is_intact(folder: Path) -> bool:
    """Whether there is a finished run with every file as it was written."""
    past = past_run(folder)
    return past is not None and past.intact


def _make(study: Study, made_of: Identity, folder: Path, until: str, fresh: bool, progress: Progress) -> None:
    """Make a run beside the others; it takes its name when all of it is there."""
    if made_of.register not in _read:
        forget()
        _read.clear()
        _read.add(made_of.register)
    with scratch(folder.parent, folder.name) as new:
        work = Work(study, Record(study, made_of), new / folder.name, Earlier(None if fresh else study.build))
        work.folder.mkdir()
        _stages(work, until, progress)
        if identity(study) != made_of:
            raise _changed(study, "The study or its files changed while it was run")
        # of two runs of the same at once the first stays
        put([work.folder], folder.parent, replace=fresh or not _is_intact(folder))


def _stages(work: Work, until: str, progress: Progress) -> None:
    """Run the stages in their order, and write what the run was made of."""
    for stage in STAGES[: STAGES.index(until) + 1]:
        start = time.perf_counter()
        done = DO[stage](work)
        work.record.stages[stage] = done.counts
        notes = ((done.taken,) if done.taken else ()) + tuple(done.notes)
        progress(Step(stage, done.rows_in, done.rows_out, time.perf_counter() - start, notes, done.computed))
    meta = work.record.as_dict() | {
        "study_folder": os.path.relpath(work.study.path, work.study.build / work.folder.name),
        "exhibits": [name for name in work.study.plan.exhibits if name in work.exhibits],
        "panel": "restricted" if work.restricted else "written",
    }
    (work.folder / "study").mkdir()
    for name in work.record.identity.study_text:
        shutil.copy(work.study.path / name, work.folder / "study")
    _write_json(meta, work.folder / "run.json")
    _write_json(given(work) | {"files": checksums(work.folder)}, work.folder / STAGES_FILE)


def _write_json(content: object, path: Path) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _changed(study: Study, what: str) -> RunError:
    return RunError(what, where=study.path, mend="run it again; in Python, load_study first")
