"""What differs between two waves: questions, categories, missing codes, distributions and units. Merges nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evalkit.errors import DataError, EvalkitError
from evalkit.study.further import column_line
from evalkit.study.model import Item, Study
from evalkit.study.model import Wave as WaveSpec
from evalkit.waves.boxes import box_faults
from evalkit.waves.cells import code
from evalkit.waves.distributions import distribution_changes
from evalkit.waves.meaning import Change, names_column, question_changes
from evalkit.waves.privacy import find_personal
from evalkit.waves.read import Wave
from evalkit.waves.units import Units, units_in

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class WaveDifference:
    """What differs from wave `old` to wave `new`, question by question, and the units of the later file."""

    old: str
    new: str
    changes: tuple[Change, ...]
    units: Units

    @property
    def faults(self) -> list[EvalkitError]:
        """What must be settled in study.toml or items.toml before the waves can be one panel."""
        return [change.fault for change in self.changes if change.fault is not None]

    @property
    def table(self) -> pd.DataFrame:
        """A row a difference: kind, item, column, said, fault (whether it stops a run)."""
        import pandas as pd

        rows = [(c.kind, c.item, c.column, c.said, c.fault is not None) for c in self.changes]
        return pd.DataFrame(rows, columns=["kind", "item", "column", "said", "fault"])

    def raise_faults(self) -> None:
        """DataError with every fault at once; nothing where there is none."""
        if self.faults:
            raise DataError.of(self.faults)


def compare_waves(
    study: Study,
    old: Wave,
    new: Wave,
    *,
    register: Mapping[int, pd.DataFrame],
    spec: WaveSpec | None = None,
    columns: Mapping[str, tuple[str, ...]] | None = None,
    level: float = 0.05,
) -> WaveDifference:
    """Compare a wave with an earlier one, as files: what would put different meanings into one column is a fault.

    Parameters
    ----------
    old, new : the files.
    register : year → DataFrame with code and name.
    spec, columns : of a wave that is not in the study yet: its table, and question → columns, as `Proposals` has them.
        Where they are not given the study says them, or they are as in the old wave.
    level : chance of calling any distribution changed where none is, over all questions (Holm 1979).

    Returns
    -------
    WaveDifference

    Notes
    -----
    Distributions of categories are compared by the exact test of Freeman & Halton (1951) where cells are expected below
    5, else by chi-square; numbers by the rank test of Mann & Whitney (1947). The tests take the waves for independent
    samples. Where the same units answer alike in both, chance moves less than that, and fewer questions are named.
    A fault is settled by items.toml: the wave named in `columns` accepts a new wording, in `recode` a new numbering of
    the answers; `waves` keeps a question out of a wave, or gives the wave a question of its own.
    """
    here = spec or next((wave for wave in study.plan.waves if wave.id == new.id), study.wave(old.id))
    own = {name: study.slots(name, here.id) for name in study.items} if columns is None else columns
    units = units_in(new, here.unit, register)
    changes = list(_columns(study, old, new, here, own))
    for name, item in study.items.items():
        pairs = list(zip(study.slots(name, old.id), own.get(name, ())))
        for place, (was, now) in enumerate(pairs):
            if (was, now) not in pairs[:place] and item.type != "text" and was in old.data and now in new.data:
                named = column_line(study, name, new.id, own[name], place)
                changes += question_changes(name, item, old, was, new, now, named)
        if item.type == "multiple" and spec is not None:
            changes += _boxes(name, item, new, own.get(name, ()))
    changes += distribution_changes(study, old, new, own, level)
    changes += _reused_codes(study, old, new, here, register)
    settled = here in study.plan.waves and here.id == new.id and here.duplicates != "error"
    changes += _unit_changes(units, new, here.numbering, register, settled)
    return WaveDifference(old.id, new.id, tuple(changes), units)


def _columns(
    study: Study, old: Wave, new: Wave, spec: WaveSpec, own: Mapping[str, tuple[str, ...]]
) -> Iterator[Change]:
    """Columns that came, went or changed name, and those that stop at the privacy gate."""
    used = {column for columns in own.values() for column in columns}
    personal = {finding.column: finding for finding in find_personal(new)}
    roles = {*spec.roles.values(), *spec.ignore, *spec.restricted_text}
    for column in new.data.columns:
        label = new.variable_labels.get(column, "no label")
        if column in personal and column not in used and column not in roles:
            said = f"{column} holds {personal[column].what} in {personal[column].cells} cells; it stops at the gate"
            yield Change("personal", "", column, said)
        elif column not in used and column not in roles:
            mend = "add a question for it to items.toml, or its name to ignore in study.toml"
            fault = DataError(f"Column {column!r} is new", where=f"{new.path.name}: {label}", mend=mend)
            yield Change("new", "", column, f"{column} is new: {label}", fault)
    for name, item in study.items.items():
        was, now = study.slots(name, old.id), own.get(name, ())
        gone = [column for column in was if column in old.data and not {*now} & {*new.data.columns}]
        if gone:
            mend = f"name its column under columns, or leave {new.id} out of waves, in items.toml"
            where = f"{new.path.name}; column {gone[0]} in {old.path.name}"
            fault = DataError(f"Question {name!r} is not in wave {new.id}", where=where, mend=mend)
            left_out = item.waves is not None and new.id not in item.waves
            yield Change("gone", name, "", f"{name} is gone", None if left_out else fault)
        for option, before, after in zip(item.options, was, now) if not gone else ():
            if before in old.data and after not in new.data:
                yield _no_option(name, item, option, before, old, new)
        for place, (before, after) in enumerate(zip(was, now)):
            if before and before != after and after in new.data and before not in new.data:
                told = names_column(item, new.id, after)
                line = column_line(study, name, new.id, now, place)
                mend = f"if it is the same question, say so in items.toml: {line}"
                where = f"{new.path.name}, column {after}"
                fault = DataError(f"Column {before!r} of {name!r} may now be {after!r}", where=where, mend=mend)
                yield Change("renamed", name, after, f"{before} is now {after}", None if told else fault)


def _boxes(name: str, item: Item, new: Wave, columns: tuple[str, ...]) -> Iterator[Change]:
    """What the check will refuse of boxes once the wave is in the study; not where their form is another one now."""
    there = tuple(column for column in columns if column)
    if there and (item.separator_in(new.id) is None) == (len({*there}) == len(item.options)):
        for fault in box_faults(new, name, item, there):
            yield Change("boxes", name, there[0], fault.what, fault)


def _no_option(name: str, item: Item, option: str, before: str, old: Wave, new: Wave) -> Change:
    columns = item.options[option].columns
    mend = (
        f"name its column in columns of {option}, or leave {new.id} out of them, under [{name}.options] in items.toml"
    )
    fault = DataError(
        f"Option {option!r} of {name!r} is not in wave {new.id}",
        where=f"{new.path.name}; column {before} in {old.path.name}",
        mend=mend,
    )
    told = columns is not None and new.id not in columns
    return Change("gone", name, "", f"option {option} is gone", None if told else fault)


def _reused_codes(
    study: Study, old: Wave, new: Wave, spec: WaveSpec, register: Mapping[int, pd.DataFrame]
) -> Iterator[Change]:
    """Codes that both files have and that are other units in their numberings: a numbering may be wrong."""
    before = study.wave(old.id)
    lists = [register[year] for year in (before.numbering, spec.numbering)]
    names = [dict(zip(table["code"], table["name"])) if "name" in table else {} for table in lists]
    both = {*units_in(old, before.unit, register).codes} & {*units_in(new, spec.unit, register).codes} - {None}
    for unit in sorted(str(unit) for unit in both):
        was, now = (known.get(unit, "") for known in names)
        if was and now and not _one_name(was, now):
            said = f"{unit} is {was} in the numbering of {before.numbering}, {now} in that of {spec.numbering}"
            said += f": see that both files mean the unit that their numbering says ({old.id}, {new.id})"
            yield Change("reused_code", "", spec.unit, said)


def _one_name(one: str, other: str) -> bool:
    """Whether two names share one of their forms, as in "Aarborte - Hattfjelldal"."""
    first, second = (
        {re.sub(r"\s*\(.*?\)", "", part).casefold() for part in name.split(" - ")} for name in (one, other)
    )
    return bool(first & second)


def _unit_changes(
    units: Units, new: Wave, year: int, register: Mapping[int, pd.DataFrame], settled: bool
) -> Iterator[Change]:
    unknown = units.unknown(set(register[year]["code"]))
    rows = len(units.codes)
    if unknown:
        best = units.best(year)
        better = units.fits[best] > units.fits[year]
        mend = f"numbering = {best} fits {units.fits[best]} of {rows} rows" if better else "correct the codes"
        cells = ", ".join(f"row {row}: {code(new.data.loc[row, units.column])}" for row in unknown[:3])
        said = f"{len(unknown)} of {rows} rows have a code that is not in the numbering of {year}"
        fault = DataError(said, where=f"{new.path.name}, column {units.column}", got=cells, mend=mend)
        yield Change("unknown_units", "", units.column, said, fault)
    for unit, answers in units.several.items():
        said = f"{unit} answered {len(answers)} times: rows {', '.join(map(str, answers))}"
        mend = 'say which answer counts: duplicates = "latest", "most_complete" or "latest_complete" in study.toml'
        fault = DataError(said, where=f"{new.path.name}, column {units.column}", mend=mend)
        yield Change("several_answers", "", units.column, said, None if settled else fault)
    if units.zeros:
        said = f"codes that had lost a leading zero: {units.zeros} of {rows}; they are mended when the file is read"
        yield Change("lost_zeros", "", units.column, said)
