"""What differs between two waves: questions, categories, missing codes, distributions and units. Merges nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from evalkit.errors import DataError, EvalkitError
from evalkit.numerics.two_samples import two_samples
from evalkit.study.draft import plain
from evalkit.study.model import Item, Study
from evalkit.study.model import Wave as WaveSpec
from evalkit.waves.cells import ANSWERED, EMPTY, code, number
from evalkit.waves.check import category_of
from evalkit.waves.privacy import find_personal
from evalkit.waves.read import Wave
from evalkit.waves.units import Units, units_in

if TYPE_CHECKING:
    import pandas as pd

ALIKE = 0.6
"""Words at least this alike (Ratcliff & Obershelp) are taken for a new wording, others for a new meaning."""


@dataclass(frozen=True)
class Change:
    """One difference.

    Attributes
    ----------
    kind : new, gone, renamed, reworded, relabelled, swapped, recoded, reused, category_added, category_gone,
        type_changed, missing_changed, distribution, swapped_answers, personal, unknown_units, several_answers or
        lost_zeros.
    item, column : the question of the study and the column of the later file it concerns; "" where it has none.
    said : the difference in a sentence.
    fault : the error that stands until the study says what to do; None where nothing can be merged wrongly.
    """

    kind: str
    item: str
    column: str
    said: str
    fault: EvalkitError | None = None


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
    own = columns or {name: study.slots(name, here.id) for name in study.items}
    units = units_in(new, here.unit, register)
    changes = list(_columns(study, old, new, here, own))
    for name, item in study.items.items():
        pairs = zip(study.slots(name, old.id), own.get(name, ()))
        for was, now in pairs:
            if item.type != "text" and was in old.data and now in new.data:
                changes += _question(name, item, old, was, new, now)
    changes += _distributions(study, old, new, own, level)
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
        for before, after in zip(was, now):
            if before != after and after in new.data and before not in new.data:
                told = _told(item, new.id, after)
                mend = f"if it is the same question, say so in items.toml: columns, {new.id} = {after!r}"
                where = f"{new.path.name}, column {after}"
                fault = DataError(f"Column {before!r} of {name!r} may now be {after!r}", where=where, mend=mend)
                yield Change("renamed", name, after, f"{before} is now {after}", None if told else fault)


def _told(item: Item, wave: str, column: str) -> bool:
    """Whether items.toml names the column for the wave."""
    named = [option.columns.get(wave) for option in item.options.values() if option.columns is not None]
    return (item.columns is not None and wave in item.columns) or column in named


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


def _question(name: str, item: Item, old: Wave, was: str, new: Wave, now: str) -> Iterator[Change]:
    """What one column says of itself in two waves."""
    before, after = old.variable_labels.get(was, ""), new.variable_labels.get(now, "")
    if before and after and plain(before) != plain(after):
        told = _told(item, new.id, now)
        fault = DataError(
            f"Question {name!r} is worded differently in wave {new.id}",
            where=f"{new.path.name}, column {now}",
            expected=before,
            got=after,
            mend=f"if it means the same, name the wave in items.toml: columns, {new.id} = {now!r}; "
            "else give the wave a question of its own",
        )
        yield Change("reworded", name, now, f"{before!r} is now {after!r}", None if told else fault)
    if type_change := _type_change(name, item, old, was, new, now):
        yield type_change
    elif item.type == "single":
        yield from _categories(name, item, old, was, new, now)
    yield from _missing(name, item, old, was, new, now)


def _type_change(name: str, item: Item, old: Wave, was: str, new: Wave, now: str) -> Change | None:
    before, after = form(item, old, was), form(item, new, now)
    if before == after or "" in (before, after) or {before, after} == {"labelled", "text"}:
        return None
    mend = "give the wave a question of its own in items.toml, or export it as before"
    told = before == "labelled" and after == "numeric" and bool(recoded(item, new.id))
    if before == "labelled" and after == "numeric":
        mend = f"export it with labels, or say what each number means in items.toml: recode, {new.id}"
    fault = DataError(
        f"Question {name!r} held {before} values and now holds {after} ones",
        where=f"{new.path.name}, column {now}",
        mend=mend,
    )
    return Change("type_changed", name, now, f"{before} values are now {after}", None if told else fault)


def form(item: Item, wave: Wave, column: str) -> str:
    """labelled, numeric or text; "" for a column without any answer. Labels of missing codes do not count."""
    missing = {*wave.missing[column], *item.missing}
    if set(wave.value_labels.get(column, {})) - missing:
        return "labelled"
    said = {code(cell) for cell in wave.data[column].dropna()} - missing
    return "" if not said else "numeric" if all(number(cell) is not None for cell in said) else "text"


def _labels(item: Item, wave: Wave, column: str) -> dict[str, str]:
    """Code → words of the categories; text answers are their own words."""
    missing = {*wave.missing[column], *item.missing}
    found = {key: label for key, label in wave.value_labels.get(column, {}).items() if key not in missing}
    if not found and form(item, wave, column) == "text":
        answers = dict.fromkeys(code(cell) for cell in wave.data[column].dropna())
        found = {said: said for said in answers if said not in missing}
    return found


def recoded(item: Item, wave: str) -> Mapping[str, str]:
    """Codes of the wave's file that items.toml gives a category: settled, whatever their labels."""
    return item.recode.get(wave, {})


def _categories(name: str, item: Item, old: Wave, was: str, new: Wave, now: str) -> Iterator[Change]:
    """Codes whose words changed, moved or are new; a swap is told once."""
    before, after = _labels(item, old, was), _labels(item, new, now)
    if not before or not after:
        return
    told = recoded(item, new.id)
    where = {plain(label): key for key, label in before.items()}
    place = f"{new.path.name}, column {now}"
    swapped: set[str] = set()
    words = form(item, old, was) != form(item, new, now)  # codes in one file, words in the other
    for key, label in after.items():
        home = where.get(plain(label))
        if home == key or key in swapped or (words and home is not None):
            continue
        if home is not None and home in after and plain(after[home]) == plain(before.get(key, "")):
            swapped |= {key, home}
            said = f"{key} and {home} have changed places: {key} is now {label!r}"
            yield _settle("swapped", name, now, said, place, f'{key} = "{home}", {home} = "{key}"', new, key in told)
        elif home is not None:
            said = f"{label!r} was {home} and is now {key}"
            said += f", which was {before[key]!r}" if key in before else ""
            yield _settle("recoded", name, now, said, place, f'{key} = "{home}"', new, key in told)
        elif key in before and _alike(before[key], label):
            said = f"{key} was {before[key]!r} and is now {label!r}"
            yield _settle("relabelled", name, now, said, place, f'{key} = "{key}"', new, key in told)
        elif key in before:
            said = f"{key} was {before[key]!r} and is used again for {label!r}"
            yield _settle("reused", name, now, said, place, f'{key} = "…"', new, key in told)
        else:
            known = category_of(item, key, wave=new.id) is not None or key in item.missing or key in told
            mend = f'add it to the categories in items.toml, with waves = ["{new.id}"], or to missing'
            fault = DataError(f"{name}: {key} ({label}) is a new category", where=place, mend=mend)
            said = f"{key} is new: {label!r}"
            yield Change("category_added", name, now, said, None if known else fault)
    kept = {plain(label) for label in after.values()}
    for key, label in before.items():
        if plain(label) not in kept and key not in after:
            yield Change("category_gone", name, now, f"{key} ({label}) is gone")


def _alike(one: str, other: str) -> bool:
    """Whether words look like a new wording of the same: alike, or the one with something added."""
    a, b = plain(one), plain(other)
    return a in b or b in a or SequenceMatcher(None, a, b, autojunk=False).ratio() >= ALIKE


def _settle(kind: str, name: str, now: str, said: str, where: str, recode: str, new: Wave, told: bool) -> Change:
    said_so = f'recode = {{ "{new.id}" = {{ {recode} }} }}'
    mend = f"say what it means in items.toml: {said_so}, or give the wave a question of its own"
    return Change(kind, name, now, said, None if told else DataError(f"{name}: {said}", where=where, mend=mend))


def _missing(name: str, item: Item, old: Wave, was: str, new: Wave, now: str) -> Iterator[Change]:
    """Codes that are missing now and were not, and missing codes that mean something else."""
    place = f"{new.path.name}, column {now}"
    before, after = old.value_labels.get(was, {}), new.value_labels.get(now, {})
    for key in sorted(set(new.missing[now]) - {ANSWERED, EMPTY} - set(item.missing)):
        said = f"{key} ({after.get(key, 'no label')}) is now declared missing"
        mend = f'add it to missing in items.toml, such as {key} = "dont_know"'
        yield Change("missing_changed", name, now, said, DataError(f"{name}: {said}", where=place, mend=mend))
    for key, why in item.missing.items():
        if key in before and key in after and not _alike(before[key], after[key]):
            said = f"{key} was {before[key]!r} and is now {after[key]!r}; items.toml has it as {why}"
            mend = f"give the wave a question of its own in items.toml, with what {key} means there"
            yield Change("missing_changed", name, now, said, DataError(f"{name}: {said}", where=place, mend=mend))


def _distributions(
    study: Study, old: Wave, new: Wave, own: Mapping[str, tuple[str, ...]], level: float
) -> Iterator[Change]:
    """Questions whose answers moved more than chance explains, adjusted for their number (Holm 1979)."""
    tested: list[tuple[float, str, str, str]] = []
    for name, item in study.items.items():
        for was, now in zip(study.slots(name, old.id), own.get(name, ())):
            if item.type == "text" or was not in old.data or now not in new.data:
                continue
            before, after = _answers(item, old, was), _answers(item, new, now)
            if item.type == "numeric":
                p, said = _numbers(before, after)
            else:
                codes = list(item.categories) if item.type == "single" else ["0", "1"]
                counts = [[list(wave).count(key) for key in codes] for wave in (before, after)]
                p, said = _counts(codes, counts, item)
            if p is not None:
                tested.append((p, name, now, said))
    bound = 0.0
    for place, (p, name, now, said) in enumerate(sorted(tested)):
        bound = max(bound, p * (len(tested) - place))
        if bound > level:
            break
        told = f"{said}: p = {_small(min(bound, 1.0))} over {len(tested)} questions"
        yield Change("distribution", name, now, told)


def _small(p: float) -> str:
    return f"{p:.3f}" if p >= 0.001 else f"{p:.1e}"


def _answers(item: Item, wave: Wave, column: str) -> list[str]:
    """Answered cells as the study's categories, by the file's own labels where it has some."""
    labels = _labels(item, wave, column)
    told = recoded(item, wave.id)
    said = [code(cell) for cell in wave.data[column].dropna()]
    said = [cell for cell in said if cell not in item.missing]
    if item.type == "numeric":
        return said
    found = (told.get(cell) or category_of(item, labels.get(cell, "")) or category_of(item, cell) for cell in said)
    return [key for key in found if key is not None]


def _numbers(before: list[str], after: list[str]) -> tuple[float | None, str]:
    from scipy.stats import mannwhitneyu

    values = [[value for cell in wave if (value := number(cell)) is not None] for wave in (before, after)]
    if not all(values) or len({*values[0], *values[1]}) < 2:
        return None, ""
    means = [sum(wave) / len(wave) for wave in values]
    return float(mannwhitneyu(*values).pvalue), f"the mean went from {means[0]:.3g} to {means[1]:.3g}"


def _counts(codes: list[str], counts: list[list[int]], item: Item) -> tuple[float | None, str]:
    """p of two distributions, and where most moved; a swap of two answers is named."""
    totals = [sum(wave) for wave in counts]
    kept = [place for place in range(len(codes)) if counts[0][place] + counts[1][place]]
    if not all(totals) or len(kept) < 2:
        return None, ""
    table = [[wave[place] for place in kept] for wave in counts]
    moved = [counts[1][place] / totals[1] - counts[0][place] / totals[0] for place in range(len(codes))]
    most = max(range(len(codes)), key=lambda place: abs(moved[place]))
    words = item.categories[codes[most]].nb if item.categories else "ticked" if codes[most] == "1" else "not ticked"
    said = f"{words} went from {counts[0][most]} of {totals[0]} to {counts[1][most]} of {totals[1]}"
    p = two_samples(table)
    if (
        len(kept) == 2
        and two_samples([table[0], table[1][::-1]]) > 10 * p
        and two_samples([table[0], table[1][::-1]]) > 0.05
    ):
        said += ", as if the two answers had changed places"
    return p, said


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
