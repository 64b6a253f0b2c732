"""What one question's column says of itself in two waves: its wording, its categories and its missing codes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from evalkit.errors import DataError, EvalkitError
from evalkit.study.draft import plain
from evalkit.study.further import category_line, missing_line, recode_line
from evalkit.study.known import reason_of, ticked
from evalkit.study.model import Item
from evalkit.waves.cells import ANSWERED, EMPTY, code, number, same_words
from evalkit.waves.check import category_of
from evalkit.waves.read import Wave

ALIKE = 0.6
"""Words at least this alike are taken for a new wording, others for a new meaning."""


@dataclass(frozen=True)
class Change:
    """One difference.

    Attributes
    ----------
    kind : new, gone, renamed, reworded, relabelled, swapped, recoded, reused, category_added, category_gone,
        type_changed, missing_changed, distribution, swapped_answers, personal, unknown_units, several_answers,
        reused_code, boxes or lost_zeros.
    item, column : the question of the study and the column of the later file it concerns; "" where it has none.
    said : the difference in a sentence.
    fault : the error that stands until the study says what to do; None where nothing can be merged wrongly.
    """

    kind: str
    item: str
    column: str
    said: str
    fault: EvalkitError | None = None


def question_changes(name: str, item: Item, old: Wave, was: str, new: Wave, now: str, named: str) -> Iterator[Change]:
    """What one column says of itself in two waves; `named` is the line by which items.toml names it for the wave."""
    before, after = old.variable_labels.get(was, ""), new.variable_labels.get(now, "")
    if before and after and plain(before) != plain(after):
        told = names_column(item, new.id, now)
        fault = DataError(
            f"Question {name!r} is worded differently in wave {new.id}",
            where=f"{new.path.name}, column {now}",
            expected=before,
            got=after,
            mend=f"if it means the same, name the wave in items.toml: {named}; "
            "else give the wave a question of its own",
        )
        yield Change("reworded", name, now, f"{before!r} is now {after!r}", None if told else fault)
    labelled = was in old.value_labels and now in new.value_labels
    if item.type != "multiple" and (type_change := _type_change(name, item, old, was, new, now)):
        yield type_change
    elif item.type == "single" or (item.type == "multiple" and labelled):
        yield from _categories(name, item, old, was, new, now)
    yield from _missing(name, item, old, was, new, now)


def names_column(item: Item, wave: str, column: str) -> bool:
    """Whether items.toml names the column for the wave."""
    named = [option.columns.get(wave) for option in item.options.values() if option.columns is not None]
    return (item.columns is not None and wave in item.columns) or column in named


def _type_change(name: str, item: Item, old: Wave, was: str, new: Wave, now: str) -> Change | None:
    before, after = form(item, old, was), form(item, new, now)
    if before == after or "" in (before, after) or {before, after} == {"labelled", "text"}:
        return None
    told = bool(recoded(item, new.id))
    mend = "give the wave a question of its own in items.toml, or export it as before"
    if item.type == "single":
        said = sorted({code(cell) for cell in new.data[now].dropna()} - {*new.missing[now], *item.missing})
        means = {key: (after != "numeric" and category_of(item, key, now, new.id)) or "…" for key in said}
        line = recode_line(name, item, new.id, means)
        mend = f"export it as before, or say what each answer means in items.toml: {line}"
    fault = DataError(
        f"Question {name!r} held {before} values and now holds {after} ones",
        where=f"{new.path.name}, column {now}",
        mend=mend,
    )
    return Change("type_changed", name, now, f"{before} values are now {after}", None if told else fault)


def form(item: Item, wave: Wave, column: str) -> str:
    """labelled, numeric or text; "" for a column without any answer. Labels of missing codes do not count."""
    missing = {*wave.no_answers(column), *item.missing}
    if set(wave.value_labels.get(column, {})) - missing:
        return "labelled"
    said = {code(cell) for cell in wave.data[column].dropna()} - missing
    return "" if not said else "numeric" if all(number(cell) is not None for cell in said) else "text"


def labels_of(item: Item, wave: Wave, column: str) -> dict[str, str]:
    """Code → words of the categories; text answers are their own words."""
    missing = {*wave.no_answers(column), *item.missing}
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
    before, after = labels_of(item, old, was), labels_of(item, new, now)
    if not before or not after:
        return
    before = {recoded(item, old.id).get(key, key): label for key, label in before.items()}
    told = recoded(item, new.id)
    place = f"{new.path.name}, column {now}"
    words = "text" in (form(item, old, was), form(item, new, now))  # the same words are the same answer
    homes = _homes(before, after)
    moved: list[tuple[str, str, str]] = []
    means: dict[str, str] = {}
    for key, label in after.items():
        home = homes.get(key)
        if home == key or key in means or (words and home is not None) or _same_tick(item, before, key, label):
            continue
        if home is not None and homes.get(home) == key:
            means |= {key: home, home: key}
            moved.append(("swapped", key, f"{key} and {home} have changed places: {key} is now {label!r}"))
        elif home is not None:
            means[key] = home
            said = f", which was {before[key]!r}" if key in before else ""
            moved.append(("recoded", key, f"{label!r} was {home} and is now {key}{said}"))
        elif key in before and _alike(before[key], label):
            means[key] = key
            moved.append(("relabelled", key, f"{key} was {before[key]!r} and is now {label!r}"))
        elif key in before:
            means[key] = "…"
            moved.append(("reused", key, f"{key} was {before[key]!r} and is used again for {label!r}"))
        else:
            known = category_of(item, key, now, new.id) is not None or key in item.missing or key in told
            mend = "add it to missing in items.toml, or to the categories: "
            mend += category_line(name, item, new.id, key, label)
            fault = DataError(f"{name}: {key} ({label}) is a new category", where=place, mend=mend)
            yield Change("category_added", name, now, f"{key} is new: {label!r}", None if known else fault)
    line = recode_line(name, item, new.id, {key: home for key, home in means.items() if key not in told})
    mend = f"say what it means in items.toml: {line}, or give the wave a question of its own"
    for kind, key, said in moved:
        fault = DataError(f"{name}: {said}", where=place, mend=mend)
        yield Change(kind, name, now, said, None if key in told else fault)
    kept = {same_words(label) for label in after.values()}
    for key, label in before.items():
        if same_words(label) not in kept and key not in after:
            yield Change("category_gone", name, now, f"{key} ({label}) is gone")


def _same_tick(item: Item, before: Mapping[str, str], key: str, label: str) -> bool:
    """Whether a box says by other words what it said: Valgt and Ja, or nothing of a code that means it by itself."""
    told = ticked(before.get(key, label)), ticked(label)
    return item.type == "multiple" and (key not in before or (told[0] is not None and told[0] == told[1]))


def _homes(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, str]:
    """Code → the code that had its words before. One that keeps its words stays, also where another has the same."""
    was = {key: same_words(label) for key, label in before.items()}
    now = {key: same_words(label) for key, label in after.items()}
    found = {key: key for key, label in now.items() if was.get(key) == label}
    for key, label in now.items():
        same = [code for code, said in was.items() if said == label]
        free = [code for code in same if code not in found.values()]
        if key not in found and same:
            found[key] = (free or same)[0]
    return found


def _alike(one: str, other: str) -> bool:
    """Whether words look like a new wording of the same: alike, or the one with something added."""
    a, b = plain(one), plain(other)
    return a in b or b in a or similarity(one, other) >= ALIKE


def similarity(one: str, other: str) -> float:
    """How alike words are, 0–1, by their normalised Indel similarity (letters put in or taken out)."""
    from rapidfuzz.fuzz import ratio

    return ratio(plain(one), plain(other)) / 100


def _same_reason(before: str, after: str) -> bool:
    """Words that look alike may give different reasons: Ikke aktuelt, Ikke spurt."""
    reasons = reason_of(before), reason_of(after)
    return reasons[0] == reasons[1] if None not in reasons else _alike(before, after)


def _missing(name: str, item: Item, old: Wave, was: str, new: Wave, now: str) -> Iterator[Change]:
    """Codes that are missing now and were not, and missing codes that mean something else."""
    place = f"{new.path.name}, column {now}"
    before, after = old.value_labels.get(was, {}), new.value_labels.get(now, {})
    for key in sorted(set(new.missing[now]) - {ANSWERED, EMPTY} - set(item.missing)):
        said = f"{key} ({after.get(key, 'no label')}) is now declared missing"
        mend = f"add it to missing in items.toml: {missing_line(name, key, reason_of(after.get(key, '')))}"
        yield Change("missing_changed", name, now, said, DataError(f"{name}: {said}", where=place, mend=mend))
    for key, why in item.missing.items():
        if key in before and key in after and not _same_reason(before[key], after[key]):
            said = f"{key} was {before[key]!r} and is now {after[key]!r}; items.toml has it as {why}"
            mend = f"give the wave a question of its own in items.toml, with what {key} means there"
            yield Change("missing_changed", name, now, said, DataError(f"{name}: {said}", where=place, mend=mend))
