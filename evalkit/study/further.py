"""Lines for a further wave of a study: what its file suggests, and what stands in study.toml and items.toml then."""

from __future__ import annotations

import datetime
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from evalkit.errors import StudyError
from evalkit.folders import put, scratch
from evalkit.study.draft import (
    FoundFrame,
    FoundWave,
    Question,
    add_to_manifest,
    bare,
    comment_lines,
    key_line,
    ordered,
    refuse_to_replace,
    slug,
    toml,
    value,
    words,
)
from evalkit.study.edit import PROPOSED, WaveLines, add_columns, add_wave
from evalkit.study.model import Comparable, Item, Study, Wave


@dataclass(frozen=True)
class Match:
    """A column of a new file and the question it may be, with the reason; `certain` where nothing speaks against it."""

    column: str
    item: str
    option: str | None
    score: float
    reason: str
    certain: bool


@dataclass(frozen=True)
class Proposals:
    """What a new file suggests for a study.

    Attributes
    ----------
    found : the wave's table and all its questions.
    frame : the frame of its units, where the study has none that fits.
    matches : columns that may be questions of the study, in the file's order.
    new : questions of the columns that are none.
    gone : questions of the study that no column is.
    personal : column → what stops it at the privacy gate.
    options : multiple-choice question → its options, in their order.
    separators : one that was boxes and is one list now, or the other way round → what stands between, "" for boxes.
    """

    found: FoundWave
    frame: FoundFrame | None
    matches: tuple[Match, ...]
    new: tuple[Question, ...]
    gone: tuple[str, ...]
    personal: Mapping[str, str]
    options: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    separators: Mapping[str, str] = field(default_factory=dict)

    @property
    def spec(self) -> Wave:
        """The proposed table of study.toml, as the study would read it."""
        return Wave(**self.found.table)

    @property
    def columns(self) -> dict[str, tuple[str, ...]]:
        """Question → the columns proposed for it, "" for an option that no column is."""
        found: dict[str, tuple[str, ...]] = {}
        for one in self.matches:
            found[one.item] = (*found.get(one.item, ()), one.column)
        for name, options in self.options.items():
            own = {one.option: one.column for one in self.matches if one.item == name}
            if own:
                found[name] = tuple(own.get(option, "") for option in options)
        return found


def wave_lines(study: Study, proposals: Proposals, path: Path) -> WaveLines:
    """The lines that a further wave needs in study.toml and items.toml; nothing is written.

    Parameters
    ----------
    proposals : of `evalkit.waves.proposals.match`.
    path : the new file; its name is the wave's file.

    Raises
    ------
    StudyError where the study has the file or the wave already.
    """
    table = {**proposals.found.table, "file": path.name}
    for spec in study.plan.waves:
        if path.name in spec.files or table["id"] == spec.id:
            mend = f"rename the file, or correct wave {spec.id} in study.toml"
            raise StudyError(f"Wave {spec.id} is there already", where=study.path / "study.toml", got=path, mend=mend)
    notes = {key: f"{PROPOSED}: {note}" for key, note in proposals.found.notes.items() if note}
    about = [f"{PROPOSED} by `evalkit wave` from {path.name}: see that every line is right", *proposals.found.about]
    lines = [*comment_lines("\n".join(about)), "[[waves]]"]
    lines += [key_line(key, said, notes.get(key)) for key, said in table.items()]
    items: dict[str, tuple[str, str]] = {}
    options: dict[tuple[str, str], str] = {}
    keys: dict[str, tuple[str, str]] = {}
    shown: list[str] = []
    if proposals.frame is not None:
        lines += ["", *_frame_lines(study, proposals.frame)]
        keys = _standing_still(study, proposals.frame.name)
        shown += proposals.frame.decide
    wave = str(table["id"])
    for name in dict.fromkeys(one.item for one in proposals.matches):
        own = [one for one in proposals.matches if one.item == name]
        if line := _asked_again(study, name, wave, [one.column for one in own]):
            if all(one.certain for one in own):
                items[name] = line
            else:
                shown.append(f"[{bare(name)}] {line[1]}")
        told = dict(_options_again(study, name, wave, own))
        if all(one.certain for one in own):
            options |= {(name, option): line for option, line in told.items()}
        else:
            shown += [f"[{bare(name)}.options] {line}" for line in told.values()]
        for one in (one for one in own if not one.certain):
            what = f"{one.item}.{one.option}" if one.option else one.item
            shown.append(f"{one.column} may be {what} ({one.score:.2f}): {one.reason}")
    shown += [separator_line(study, name, wave, separator) for name, separator in proposals.separators.items()]
    for name in proposals.gone:
        asked = [spec.id for spec in study.plan.waves if study.columns(name, spec.id)]
        shown.append(f"no column is {name}: if it was not asked, [{bare(name)}] waves = {value(asked)}")
    for question in proposals.new:
        fresh = {**question.table, "waves": [wave]}
        fresh |= {"recode": {wave: fresh["recode"]}} if fresh.get("recode") else {}
        name = question.name if question.name not in study.items else f"{question.name}_{slug(wave)}"
        fresh |= {} if "options" in fresh or name == question.columns[0] else {"column": question.columns[0]}
        comments = {(name, *place): note for place, note in question.notes.items()} | {(name,): question.note}
        shown.append(f"a new question:\n{toml({name: ordered(fresh)}, comments)}".rstrip())
    return WaveLines("\n".join(lines) + "\n", keys, items, tuple(shown), options)


def recode_line(name: str, item: Item, wave: str, codes: Mapping[str, str]) -> str:
    """The whole line of items.toml by which codes of a wave's file get their meaning, with what it says already."""
    said = {**item.recode, wave: {**item.recode.get(wave, {}), **codes}}
    return f"[{bare(name)}] {key_line('recode', said, None)}"


def missing_line(name: str, code: str, why: str | None) -> str:
    """The line of items.toml by which a code is no answer; "…" where a person must say why."""
    return f"[{bare(name)}.missing] {key_line(code, why or '…', None)}"


def category_line(name: str, item: Item, wave: str, code: str, label: str) -> str:
    """The line of items.toml by which a code of a wave is an answer of its own, or one that this wave offers too."""
    held = item.categories.get(code)
    said = words(label) if held is None else {"nb": held.nb, "en": held.en}
    waves = {"waves": [*((held.waves or ()) if held else ()), wave]}
    return f"[{bare(name)}.categories] {key_line(code, said | waves, None)}"


def column_line(study: Study, name: str, wave: str, columns: Sequence[str], place: int) -> str:
    """The whole line of items.toml by which a question, or its option of that place, is in its column in a wave."""
    item = study.items[name]
    if item.options:
        key, option = list(item.options.items())[place]
        known = {spec.id: at for spec in study.plan.waves if (at := option.in_wave(spec.id)) is not None}
        held = {"nb": option.nb, "en": option.en, "columns": known | {wave: columns[place]}}
        return f"[{bare(name)}.options] {key_line(key, held, None)}"
    asked = {spec.id: study.columns(name, spec.id) for spec in study.plan.waves} | {wave: tuple(columns)}
    held = {id: list(at) if len(at) > 1 else at[0] for id, at in asked.items() if at}
    return f"[{bare(name)}] {key_line('columns', held, None)}"


def separator_line(study: Study, name: str, wave: str, separator: str) -> str:
    """The whole line of items.toml by which a wave lists the options in one column, or (with "") has boxes."""
    item = study.items[name]
    said = {spec.id: mark for spec in study.plan.waves if (mark := item.separator_in(spec.id)) is not None}
    said = {id: mark for id, mark in {**said, wave: separator}.items() if mark}
    return f"[{bare(name)}] {key_line('separator', said, None)}"


def blank_line(name: str, item: Item, wave: str) -> str:
    """The whole line of items.toml by which a blank box of a wave is not ticked."""
    said = {**(item.blank if isinstance(item.blank, dict) else {}), wave: "not_ticked"}
    return f"[{bare(name)}] {key_line('blank', said, None)}"


def _frame_lines(study: Study, frame: FoundFrame) -> list[str]:
    """The tables of a further frame, and how its waves are compared with the others where the study does not say."""
    marked = {("frames", frame.name, *place): f"{PROPOSED}: {note}" for place, note in frame.notes.items()}
    lines = toml({"frames": {frame.name: frame.table}}, marked).splitlines()
    if study.plan.link is None:
        units = study.plan.units.en
        rule = f'{PROPOSED}, to be decided: of merged {units} the answer of the "largest" part, "any" or "agree"'
        lines += ["", "[link]", f'merged = "largest" # {rule}', _reference(frame.name)]
    if not any(isinstance(exhibit, Comparable) for exhibit in study.plan.exhibits.values()):
        lines += [
            "",
            f"[exhibits.comparable] # {PROPOSED}: which waves can be compared, and for how many",
            'kind = "comparable"',
        ]
    return lines


def _reference(frame: str) -> str:
    why = "mergers are carried forward exactly, but never back"
    return f"reference = {value(frame)} # {PROPOSED}: {why}"


def _standing_still(study: Study, frame: str) -> dict[str, tuple[str, str]]:
    """Lines by which what was published stands still, and by which waves of several frames have common borders."""
    keys = {}
    if study.plan.latest is None:
        why = "exhibits that name no waves show these as before; add the new wave where a figure is to have it"
        keys[""] = ("latest", f"latest = {value([wave.id for wave in study.plan.waves])} # {PROPOSED}: {why}")
    if study.plan.link is not None and study.plan.link.reference is None:
        keys["link"] = ("reference", _reference(frame))
    return keys


def _options_again(study: Study, name: str, wave: str, matches: Sequence[Match]) -> Iterator[tuple[str, str]]:
    """Options of a question whose column is another than before, or told wave by wave; and the line each needs."""
    item = study.items[name]
    columns = {one.option: one.column for one in matches}
    for key, option in item.options.items():
        column = columns.get(key)
        if option.columns is None and (column is None or column == option.column):
            continue
        known = {spec.id: at for spec in study.plan.waves if (at := option.in_wave(spec.id)) is not None}
        held = {"nb": option.nb, "en": option.en, "columns": known | ({wave: column} if column else {})}
        if column is not None:
            yield key, f"{bare(key)} = {value(held)}"


def _asked_again(study: Study, name: str, wave: str, columns: Sequence[str]) -> tuple[str, str] | None:
    """The key and line by which items.toml says that a wave asked the question in these columns; None if it does."""
    item = study.items[name]
    if item.columns is not None:
        held = {key: list(c) if not isinstance(c, str) else c for key, c in item.columns.items()}
        held[wave] = list(columns) if len(columns) > 1 else columns[0]
        return "columns", f"columns = {value(held)}"
    if item.waves is not None:
        return "waves", f"waves = {value([*item.waves, wave])}"
    if item.options or [item.column or name] == list(columns):
        return None
    same = {spec.id: item.column or name for spec in study.plan.waves} | {wave: columns[0]}
    return "columns", f"columns = {value(same)}"


def write_lines(study: Study, lines: WaveLines, path: Path) -> list[Path]:
    """Write the lines of a further wave into study.toml and items.toml, and put its file into the raw data.

    Layout and comments stay. Both files are read again before either is replaced.

    Raises
    ------
    StudyError where a file would not say exactly what it said and the lines, or the raw data hold another file of the
        name; nothing is written then.
    """
    refuse_to_replace([path], study.raw)
    plan = add_wave((study.path / "study.toml").read_text(encoding="utf-8-sig"), lines)
    questions = add_columns((study.path / "items.toml").read_text(encoding="utf-8-sig"), lines)
    written = [study.path / "study.toml", study.path / "items.toml"]
    with scratch(study.path, "wave") as new:
        for target, text in zip(written, (plan, questions)):
            (new / target.name).write_text(text, encoding="utf-8")
        put([new / target.name for target in written], study.path)
    written.append(study.raw / path.name)
    if path.resolve() != written[-1].resolve():
        shutil.copyfile(path, written[-1])
    if study.in_repository:
        written.append(add_to_manifest(study.raw, [path.name], [datetime.date.today()], study.plan.data))
    return written
