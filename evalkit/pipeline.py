"""The stages in their order; the only place that reads and writes between them."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evalkit.errors import DataError, EvalkitError, RunError, one_of
from evalkit.exhibits import ON_ANSWERS, ON_CHANGE
from evalkit.provenance import Record, identity
from evalkit.results import MARK, STAGES, Run
from evalkit.study.model import Study

if TYPE_CHECKING:
    import pandas as pd

    from evalkit.panel.harmonise import Count, Panel
    from evalkit.present.exhibit import Exhibit
    from evalkit.waves.check import Checked
    from evalkit.weights.question import Weighting

LANGUAGES = ("nb", "en")


@dataclass(frozen=True)
class Step:
    """One finished stage, for the terminal: rows in and out, what it left out or stopped, and seconds."""

    stage: str
    rows_in: int
    rows_out: int
    seconds: float
    notes: tuple[str, ...] = ()


ABANDONED = 3600
"""Seconds after which the unfinished folder of a run that was killed is cleared away."""

Progress = Callable[[Step], None]


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
    from evalkit.waves.check import check_wave, read_study_wave
    from evalkit.waves.codebook import check_codebook
    from evalkit.waves.manifest import check_manifest

    faults: list[EvalkitError] = []
    checked: list[Checked] = []
    steps: list[Callable[[], object]] = [lambda: check_manifest(study), lambda: build_frames(study)]
    steps += [
        lambda id=wave.id: checked.append(check_wave(study, read_study_wave(study, id)))  # type: ignore[misc]
        for wave in study.plan.waves
        if (study.raw / wave.file).is_file()  # the manifest's check names those that are not there
    ]
    for step in steps:
        try:
            step()
        except EvalkitError as fault:
            faults += fault.faults or (fault,)
    if faults:
        kind = type(faults[0])
        raise kind.of(list({str(fault): fault for fault in faults}.values()))
    if codebook:
        check_codebook(study, checked)
    _check_meanings(study, checked)
    return checked


def _check_meanings(study: Study, checked: Sequence[Checked]) -> None:
    """No two waves may mean different things by one column, unless items.toml says that they do not."""
    from itertools import combinations

    from evalkit.panel.link import numberings
    from evalkit.waves.difference import compare_waves

    register = numberings()
    pairs = [(old.wave, new.wave) for old, new in combinations(checked, 2)]
    faults = [fault for old, new in pairs for fault in compare_waves(study, old, new, register=register).faults]
    if faults:
        raise DataError.of(list({str(fault): fault for fault in faults}.values()))


def run(study: Study, *, until: str | None = None, fresh: bool = False, progress: Progress | None = None) -> Run:
    """Run the stages of a study and keep what they give in build/<study>/<run>.

    The run's name is a hash of its inputs, study, code and environment: an unchanged study is not computed again.

    Parameters
    ----------
    until : last stage to run, one of waves, panel, weights, estimates, change, exhibits; all where it is not given.
        A run that stops early lies in build/<study>/<run>-<stage> and is not the study's latest.
    fresh : compute even where nothing has changed.
    progress : called after each stage.

    Returns
    -------
    Run

    Raises
    ------
    EvalkitError of the first stage that fails; the study's earlier runs stay as they are.

    Examples
    --------
    >>> from evalkit import load_study, run
    >>> run(load_study("analyses/robek")).value("in_robek", wave="2008", group="all")  # doctest: +SKIP
    """
    if until is not None and until not in STAGES:
        raise RunError(f"There is no stage {until!r}", expected=one_of(STAGES))
    made_of = identity(study)
    folder = study.build / (made_of.id if until in (None, STAGES[-1]) else f"{made_of.id}-{until}")
    if fresh or not (folder / "run.json").is_file():
        with _new_folder(folder) as building:
            work = _Work(study, Record(study, made_of), building)
            _stages(work, until or STAGES[-1], progress or (lambda step: None))
    elif progress:
        progress(Step("unchanged", 0, 0, 0.0, (f"run {folder.name} is of the same inputs, study and code",)))
    if folder.name == made_of.id:
        _point(study.build / "latest", folder.name)
    return Run(study, folder)


@contextmanager
def _new_folder(folder: Path) -> Iterator[Path]:
    """A folder that takes its name only when all of it is there."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    for left in folder.parent.glob(".*.*"):
        if left.is_dir() and time.time() - left.stat().st_mtime > ABANDONED:
            shutil.rmtree(left, ignore_errors=True)
    building = folder.parent / f".{folder.name}.{os.getpid()}"
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir()
    try:
        yield building
        old = folder.parent / f".{folder.name}.{os.getpid()}.old"
        if folder.exists():
            folder.rename(old)
        building.rename(folder)
        shutil.rmtree(old, ignore_errors=True)
    except OSError as error:
        raise RunError(
            "The run could not be written",
            where=folder,
            got=error,
            mend="see that the disk has room and the folder may be written; the earlier runs are as they were",
        ) from error
    finally:
        shutil.rmtree(building, ignore_errors=True)


def _point(pointer: Path, name: str) -> None:
    partial = pointer.with_name(f".latest.{os.getpid()}")
    partial.write_text(name + "\n", encoding="utf-8")
    partial.replace(pointer)


@dataclass
class _Work:
    """What the stages of one run hand to each other."""

    study: Study
    record: Record
    folder: Path
    waves: list[Checked] = field(default_factory=list)
    restricted: bool = False
    panel: Panel = field(init=False)
    weighting: Weighting = field(init=False)
    exhibits: dict[str, Exhibit] = field(default_factory=dict)


@dataclass(frozen=True)
class _Done:
    """What a stage did: rows in and out, the counts behind them, and what a person should know."""

    rows_in: int
    rows_out: int
    counts: list[Count]
    notes: list[str]


def _stages(work: _Work, until: str, progress: Progress) -> None:
    """Run the stages in their order, and write what the run was made of."""
    for stage in STAGES[: STAGES.index(until) + 1]:
        start = time.perf_counter()
        done = _DO[stage](work)
        work.record.stages[stage] = done.counts
        progress(Step(stage, done.rows_in, done.rows_out, time.perf_counter() - start, tuple(done.notes)))
    meta = work.record.as_dict() | {
        "study_folder": os.path.relpath(work.study.path, work.folder),
        "exhibits": [name for name in work.study.plan.exhibits if name in work.exhibits],
        "panel": "restricted" if work.restricted else "written",
    }
    (work.folder / "study").mkdir()
    for name in work.record.identity.study_text:
        shutil.copy(work.study.path / name, work.folder / "study")
    text = json.dumps(meta, ensure_ascii=False, indent=1) + "\n"
    (work.folder / "run.json").write_text(text, encoding="utf-8")


def _waves(work: _Work) -> _Done:
    from evalkit.panel.harmonise import Count
    from evalkit.waves.manifest import check_manifest

    work.waves = check(work.study)
    entries = check_manifest(work.study)
    work.restricted = any(entry.get("access") == "restricted" for entry in entries.values())
    counts, notes = [], []
    for checked in work.waves:
        rows = len(checked.wave.data)
        counts.append(Count(f"{checked.wave.id}: read", rows, rows))
        work.record.stopped[checked.wave.id] = [vars(finding) for finding in checked.stopped]
        notes += [f"{checked.wave.id}: {f.column} stopped, {f.what} in {f.cells} cells" for f in checked.stopped]
    rows = sum(count.rows_in for count in counts)
    return _Done(rows, rows, counts, notes)


def _panel(work: _Work) -> _Done:
    from evalkit.panel.borders import comparable
    from evalkit.panel.frame import build_frames
    from evalkit.panel.harmonise import build_panel

    study = work.study
    work.panel = build_panel(study, [checked.wave for checked in work.waves], build_frames(study))
    answers = work.panel.answers
    if not work.restricted:
        answers.table.assign(data=study.plan.data).to_parquet(work.folder / "panel.parquet", index=False)
    _write(answers.links, work.folder / "links.csv")
    _write(comparable(answers.whole), work.folder / "comparable.csv")
    changed = [
        count for count in answers.log if count.reason and (count.rows_in != count.rows_out or "mended" in count.step)
    ]
    notes = [f"{count.step}: {count.rows_in} → {count.rows_out}, {count.reason}" for count in changed]
    rows = sum(len(panel.data) for panel in answers.own)
    return _Done(sum(len(checked.wave.data) for checked in work.waves), rows, list(answers.log), notes)


def _weights(work: _Work) -> _Done:
    import pandas as pd

    from evalkit.panel.harmonise import Count
    from evalkit.weights.question import declared, weighting

    work.weighting = weighting(work.panel)
    parts, counts, notes = [], [], declared(work.panel)
    for sample in (*work.panel.answers.told, "latest"):
        here = work.weighting if sample == "latest" else work.weighting.among([sample])
        there = here.panel.units if sample == "latest" else here.panel.data.index.get_level_values("unit")
        found = here.designs(pd.DataFrame(index=there), f"wave {sample}", borrow=sample != "latest")
        last = found.get("weighted", found["unweighted"])
        weights = {"base_weight": found["unweighted"].weights, "weight": last.weights}
        parts.append(pd.DataFrame({"sample": sample, "unit": there, **weights}))
        counts.append(Count(f"{sample}: weighted", len(there), len(there)))
        if sample == "latest" and len(found) > 1:
            steps = last.log.to_dict("records")
            notes += [_step_in_words(step) for step in steps]
            work.record.weighting = steps
    _write(pd.concat(parts), work.folder / "weights.csv")
    plan = work.study.plan.weights
    if plan.reason is not None:
        notes.append(f"not weighted: {plan.reason['en']}")
    rows = sum(count.rows_out for count in counts)
    return _Done(rows - len(work.panel.units), rows, counts, notes)


def _step_in_words(step: dict[str, Any]) -> str:
    """One step of the weights: their range, Kish's design effect against equal weights, effective n."""
    size = (
        f"weights {step['min']:.2f}–{step['max']:.2f}, deff {step['deff']:.3f}, effective n {step['n_effective']:.0f}"
    )
    return f"{step['name']}: {size} of {step['n']}" + (f"; {step['note']}" if step["note"] else "")


def _estimates(work: _Work) -> _Done:
    return _rows(work, ON_ANSWERS, "estimates.csv")


def _change(work: _Work) -> _Done:
    return _rows(work, ON_CHANGE, "change.csv")


def _rows(work: _Work, kinds: tuple[type, ...], file: str) -> _Done:
    """Rows of the exhibits of these kinds, all in one file."""
    import pandas as pd

    from evalkit.exhibits import make
    from evalkit.panel.harmonise import Count
    from evalkit.present.label import label, ordered

    counts, parts = [], []
    for name, spec in work.study.plan.exhibits.items():
        if isinstance(spec, kinds):
            rows, facts = make(name, spec, work.weighting)
            exhibit = label(name, spec, rows.data, rows.n, work.study, facts)
            work.exhibits[name] = exhibit
            part = ordered(rows.data).assign(exhibit=name)
            parts.append(
                part.assign(bias_bound=rows.data["bias_bound"].to_numpy()) if "bias_bound" in rows.data else part
            )
            units = work.panel.among(work.study.waves_of(spec)).units
            counts.append(Count(name, len(units), rows.n, "units that answered"))
    for question, why in work.weighting.notes.items():
        warning = f"{question}: weighted as all who answered, because {why}"
        if warning not in work.record.warnings:
            work.record.warnings.append(warning)
    if parts:
        table = pd.concat(parts, ignore_index=True)
        _write(table[["exhibit", *table.columns.drop("exhibit")]], work.folder / file)
    return _Done(len(work.panel.data), sum(map(len, parts)), counts, [f"{len(parts)} exhibits"])


def _exhibits(work: _Work) -> _Done:
    from evalkit.panel.harmonise import Count
    from evalkit.present.disclosure import contributions, protect, samples
    from evalkit.present.figures import has_figure, save

    rule = work.study.plan.disclosure
    if rule is not None:
        given = contributions(work.study, work.panel) if rule.dominance else None
        items, named = work.study.items, samples(work.study)
        safe = protect(list(work.exhibits.values()), rule, items=items, samples=named, contributions=given)
        work.exhibits = dict(zip(work.exhibits, safe))
    target = work.folder / "exhibits"
    for lang in LANGUAGES:
        (target / lang).mkdir(parents=True)
        (target / lang / MARK).write_text(f"{work.record.identity.id} {lang}\n", encoding="utf-8")
    for exhibit in work.exhibits.values():
        exhibit.save(target)
        for lang in LANGUAGES:
            if has_figure(exhibit):
                save(exhibit, target / lang, lang)
    counts = [Count(name, len(exhibit.data), len(exhibit.data)) for name, exhibit in work.exhibits.items()]
    files = sum(1 for file in target.rglob("*") if file.is_file())
    return _Done(
        sum(count.rows_in for count in counts), files, counts, [f"{files} files, in {' and '.join(LANGUAGES)}"]
    )


def _write(table: pd.DataFrame, path: Path) -> None:
    table.to_csv(path, index=False, lineterminator="\n", encoding="utf-8")


_DO: dict[str, Callable[[_Work], _Done]] = {
    "waves": _waves,
    "panel": _panel,
    "weights": _weights,
    "estimates": _estimates,
    "change": _change,
    "exhibits": _exhibits,
}
