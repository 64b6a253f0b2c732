"""Which questions of a study the columns of a new file may be, with the reason and how sure that is."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from evalkit.study.draft import FoundFrame, FoundWave, plain
from evalkit.study.further import Match, Proposals
from evalkit.study.model import Item, Study
from evalkit.waves.cells import code, same_words
from evalkit.waves.check import category_of
from evalkit.waves.find import find_date, find_units, find_wave
from evalkit.waves.find_frame import find_frame
from evalkit.waves.find_questions import Elsewhere
from evalkit.waves.meaning import form, similarity
from evalkit.waves.privacy import find_personal
from evalkit.waves.read import Wave
from evalkit.waves.units import Units

if TYPE_CHECKING:
    import pandas as pd

LIKELY = 0.6
"""Least score of a match that is worth a look."""


def match(
    study: Study, wave: Wave, *, register: Mapping[int, pd.DataFrame], previous: Sequence[Wave] = ()
) -> Proposals:
    """Which question of the study each column of a new file may be, and how sure that is.

    Parameters
    ----------
    wave : the new file.
    register : year → DataFrame with code and name, as in `evalkit.waves.find.find_study`.
    previous : the study's earlier waves as read, the latest last; their labels say more than the study's words.

    Returns
    -------
    Proposals. A match is certain where name, label and the labels of all values are those of the latest wave that
    asked; all others are for a person to see. Words are compared by Indel similarity.

    Raises
    ------
    DataError where no column holds municipality codes.
    """
    units = find_units(wave, register)
    date, guessed = find_date(wave)
    last = study.plan.waves[-1].numbering
    near = last if units.fits[last] == max(units.fits.values()) else units.best(date.year)
    told = {"date": date, "guessed": guessed, "numbering": near, "names": register[near], "others": _asked(study)}
    found = find_wave(wave, units, **told)
    roles = {units.column, found.table.get("name"), found.table.get("answered_at"), *found.table.get("ignore", ())}
    open_text = {
        column for question in found.questions if question.table["type"] == "text" for column in question.columns
    }
    found = _called(found, date, study)
    frame = find_frame(study, units, near, register)
    if frame is not None:
        found = _in_frame(found, frame, units, near, study)
    personal = {finding.column for finding in find_personal(wave)} - open_text
    columns = [column for column in wave.data.columns if column not in roles | personal]
    combined = {name: known for name in study.items if len(known := _combined(study, name)) > 1}
    scored = [
        scored
        for column in columns
        for name in study.items
        if name not in combined
        for place in range(len(study.variables(name)))
        if (scored := _score(study, name, place, wave, column, previous)).score >= LIKELY
        and _same_form(study, name, found, column)
    ]
    matches, separators = _other_form(study, found)
    for one in sorted(scored, key=lambda one: (-one.score, columns.index(one.column))):
        taken = [other for other in matches if one.column == other.column or one.item == other.item]
        if all(one.column != other.column and one.option != other.option for other in taken):
            item = study.items[one.item]
            listed = list(item.options) if _listed(study, one.item) else [one.option]
            matches += [replace(one, option=option) for option in listed]
    for name, known in combined.items():  # their columns may be questions of their own as well
        if set(known) <= set(columns):
            matches += [_score(study, name, place, wave, column, previous) for place, column in enumerate(known)]
    matches.sort(key=lambda one: columns.index(one.column))
    matched = {one.column for one in matches}
    fresh = [question for question in found.questions if not matched & set(question.columns)]
    gone = [name for name in study.items if name not in {one.item for one in matches}]
    about = {finding.column: f"{finding.what} in {finding.cells} cells" for finding in find_personal(wave)}
    options = {name: tuple(item.options) for name, item in study.items.items() if item.options}
    given = frame if isinstance(frame, FoundFrame) else None
    return Proposals(found, given, tuple(matches), tuple(fresh), tuple(gone), about, options, separators)


def _listed(study: Study, name: str) -> bool:
    """Whether the latest wave that asked a question lists the options that were ticked in one column."""
    asked = [spec.id for spec in study.plan.waves if study.columns(name, spec.id)]
    return bool(asked) and study.items[name].separator_in(asked[-1]) is not None


def _same_form(study: Study, name: str, found: FoundWave, column: str) -> bool:
    """Whether a column may be one of a question's as it was: a list where it was one, and no boxes where it was none.

    Boxes that are ticked or blank say nothing of who answered, and so are not a question of one answer.
    """
    here = next((question.table for question in found.questions if column in question.columns), {})
    blank = "blank" in here and study.items[name].type == "single"
    return ("separator" in here) == _listed(study, name) and not blank


def _other_form(study: Study, found: FoundWave) -> tuple[list[Match], dict[str, str]]:
    """Multiple choice that was boxes and is now one list, or the other way round, by the words of its options.

    Returns
    -------
    The matches, a match an option, and question → what stands between its options now, "" for boxes.
    """
    matches: list[Match] = []
    separators: dict[str, str] = {}
    for question in (one for one in found.questions if "options" in one.table):
        separator = question.table.get("separator", "")
        said = {same_words(option["nb"]): option["column"] for option in question.table["options"].values()}
        for name, item in study.items.items():
            known = {key: {same_words(one.nb), same_words(one.en)} for key, one in item.options.items()}
            held = {key: next((said[word] for word in words if word in said), "") for key, words in known.items()}
            fits = sum(map(bool, held.values()))
            if fits and 2 * fits >= len(said) and name not in separators and _listed(study, name) != bool(separator):
                separators[name] = separator
                why = f"one column lists its options, with {separator!r} between" if separator else "an option's words"
                at = dict.fromkeys(held, question.columns[0]) if separator else held
                matches += [Match(column, name, key, 1.0, why, False) for key, column in at.items() if column]
                break
    return matches, separators


def _asked(study: Study) -> Elsewhere:
    """What the study says of the columns of its waves: none of them is idle, though all answer alike in a new file."""
    said = {
        column: (item, item.separator_in(spec.id))
        for spec in study.plan.waves
        for name, item in study.items.items()
        for column in study.columns(name, spec.id)
    }
    of = {column: item for column, (item, _) in said.items()}
    return Elsewhere(
        frozenset(column for column, (item, parted) in said.items() if item.type == "multiple" and parted is None),
        frozenset(column for column, item in of.items() if item.type == "numeric"),
        {column: parted for column, (_, parted) in said.items() if parted is not None},
        {column: frozenset(item.categories) for column, item in of.items() if item.categories},
        frozenset(of),
    )


def _combined(study: Study, name: str) -> tuple[str, ...]:
    """The columns that make one answer of a question, in the latest wave that asked it; none where it has options."""
    asked = [columns for spec in study.plan.waves if (columns := study.columns(name, spec.id))]
    return asked[-1] if asked and not study.items[name].options else ()


def _called(found: FoundWave, date: datetime.date, study: Study) -> FoundWave:
    """The wave by its year where the study's waves are called so."""
    ids, year = [spec.id for spec in study.plan.waves], str(date.year)
    if year in ids or not all(re.fullmatch(r"\d{4}", id) for id in ids):
        return found
    return replace(found, table={**found.table, "id": year})


def _in_frame(found: FoundWave, frame: FoundFrame | str, units: Units, numbering: int, study: Study) -> FoundWave:
    """The wave's table with the frame whose borders its own estimates are in."""
    name = frame if isinstance(frame, str) else frame.name
    last = study.within(study.frame_name(study.plan.waves[-1].frame)).plan.frame.register
    if isinstance(frame, str):
        note = "the frame whose codes fit"
    else:
        rows = len(units.codes) - units.fits[last]
        note = f"{rows} of {len(units.codes)} rows are of {study.plan.units.en} that are not those of {last}"
    keys = list(found.table)
    at = keys.index("numbering") + 1
    table = {
        **{key: found.table[key] for key in keys[:at]},
        "frame": name,
        **{key: found.table[key] for key in keys[at:]},
    }
    return replace(found, table=table, notes={**found.notes, "frame": note})


def _score(study: Study, name: str, place: int, wave: Wave, column: str, previous: Sequence[Wave]) -> Match:
    """How well a column fits one column of a question: by name, label and value labels, each where it is known."""
    item = study.items[name]
    option = list(item.options.values())[place] if item.options else None
    asked = [spec.id for spec in study.plan.waves if study.columns(name, spec.id)]
    if item.options:
        asked = [wave for wave in asked if study.slots(name, wave)[place]]
    known = study.slots(name, asked[-1])[place] if asked else name
    before = next((old for old in reversed(previous) if known in old.data.columns), None)
    label, said = wave.variable_labels.get(column, ""), before.variable_labels.get(known, "") if before else ""
    wordings = [said] if said else [words.nb for words in (item.question, option, item.label) if words is not None]
    if option is not None and not said:
        wordings.append(f"{(item.question or item.label).nb}: {option.nb}")
    parts = [(0.4, similarity(column, known), f"name {'the same' if column == known else f'{known!r} before'}")]
    if label:
        best = max(similarity(label, wording) for wording in wordings)
        parts.append((0.35, best, "label the same" if best == 1 else f"label {round(100 * best)} % alike"))
    values = wave.value_labels.get(column, {})
    earlier = (
        before.value_labels.get(known, {}) if before else {key: words.nb for key, words in item.categories.items()}
    )
    same = 1.0
    if values and earlier:
        same = sum(plain(earlier.get(key, "")) == plain(said) for key, said in values.items()) / len(values)
        kept = {plain(said) for said in values.values()} & {plain(said) for said in earlier.values()}
        parts.append(
            (0.25, max(same, 0.9 * len(kept) / len(values)), f"{round(100 * same)} % of values labelled the same")
        )
    score = sum(weight * part for weight, part, _ in parts) / sum(weight for weight, _, _ in parts)
    doubts = [] if column == known and same == 1 and all(part == 1 for _, part, _ in parts) else ["unlike"]
    if label and not said:
        doubts.append("no earlier label to compare with")
    if before and form(item, before, known) != form(item, wave, column):
        doubts.append(f"{form(item, before, known) or 'no'} values before, {form(item, wave, column) or 'none'} now")
    if item.type == "single" and any(
        category_of(item, cell) is None and cell not in item.missing
        for cell in {code(cell) for cell in wave.data[column].dropna()}
    ):
        doubts.append("values that are no category")
    reason = ", ".join([*(why for *_, why in parts), *(doubt for doubt in doubts if doubt != "unlike")])
    return Match(column, name, option_key(item, place), round(score, 2), reason, not doubts)


def option_key(item: Item, place: int) -> str | None:
    """The key of an option by its place; None where the question has none."""
    return list(item.options)[place] if item.options else None
