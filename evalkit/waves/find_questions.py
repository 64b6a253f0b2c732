"""The questions that the columns of a wave file suggest by their labels and values."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from evalkit.study.draft import Question, Table, slug, words
from evalkit.waves.cells import ANSWERED, EMPTY, code, number, reason_of, ticked
from evalkit.waves.read import Wave

SEPARATORS = (";", "|", ",")

INDEX = re.compile(r"(.+[_.])(\d{1,2}|[a-z])")


def questions(wave: Wave, columns: Sequence[str], text: Collection[str] = ()) -> Iterator[Question]:
    """The questions that columns suggest, in their order; columns of one multiple choice become one question."""
    taken: set[str] = set()
    names: set[str] = set()
    for place, column in enumerate(columns):
        if column in taken:
            continue
        boxes = _boxes(wave, columns[place:]) if column not in text else ()
        taken |= set(boxes) or {column}
        if column in text:
            told = {"type": "text", **({} if slug(column) == column else {"column": column})}
            found = Question(slug(column), (column,), _named(wave, column, told), "open text stops at the gate")
        else:
            found = _multiple(wave, boxes) if boxes else _single(wave, column)
        if found.name in names:
            found = replace(found, name=_free(slug(column), names))
        names.add(found.name)
        yield found


def _boxes(wave: Wave, columns: Sequence[str]) -> tuple[str, ...]:
    """The first columns that are boxes of one multiple choice: one question, and each ticked or not."""
    shape = _tick(wave, columns[0])
    if not shape or len(columns) < 2 or not (stem := _stem(wave, columns[0], columns[1])):
        return ()
    found = [columns[0]]
    for column in columns[1:]:
        here = _tick(wave, column)
        if not here or _stem(wave, columns[0], column) != stem or len({shape, here} - {"empty"}) > 1:
            break
        shape = here if shape == "empty" else shape
        found.append(column)
    return tuple(found) if len(found) > 1 and shape != "empty" else ()


def _tick(wave: Wave, column: str) -> str:
    """How a column says ticked: "01", "1" or "label" with blanks, "empty" where nobody did; "" where it is no box."""
    said = {code(cell) for cell in wave.data[column].dropna()}
    labels = {key for key in wave.value_labels.get(column, {}) if key not in set(wave.missing[column])}
    blanks = (wave.missing[column] == EMPTY).any()
    if labels - {"0", "1"} or not said:
        return "" if labels - {"0", "1"} else "empty"
    if said <= {"0", "1"}:
        return "1" if said == {"1"} and blanks and "0" not in labels else "01"
    return "label" if len(said) == 1 and blanks and number(next(iter(said))) is None else ""


def _stem(wave: Wave, first: str, other: str) -> str:
    """What two columns of one multiple choice share: the question in label or header, else the name's beginning."""
    one, two = (wave.variable_labels.get(column, column).split() for column in (first, other))
    common = [a for a, b in zip(one, two) if a == b] if one[:1] == two[:1] else []
    common = common[: next((n for n, (a, b) in enumerate(zip(one, two)) if a != b), len(common))]
    marks = [place for place, word in enumerate(common, 1) if word[-1] in "?:" or word in "–-"]
    if len(common) < min(len(one), len(two)) and (marks or (common and one[len(common)][0] in "[(")):
        return " ".join(common[: marks[-1]] if marks else common)
    names = [INDEX.fullmatch(column) for column in (first, other)]
    told = {first, other} & set(wave.variable_labels)
    return names[0][1] if names[0] and names[1] and names[0][1] == names[1][1] and not told else ""


def _multiple(wave: Wave, boxes: Sequence[str]) -> Question:
    shape = next(iter({_tick(wave, column) for column in boxes} - {"empty"}))
    stem = _stem(wave, boxes[0], boxes[1])
    options: Table = {}
    for column in boxes:
        cells = wave.data[column].dropna()
        title = wave.variable_labels.get(column, column).removeprefix(stem).strip(" -–:[]()")
        said = code(cells.iloc[0]) if shape == "label" and len(cells) else title or column
        said = column if column.startswith(stem) and column == stem + said else said
        options[_free(slug(said), options)] = {**words(said), "column": column}
    indexed = INDEX.fullmatch(boxes[0])
    name = slug(indexed[1] if indexed else stem)
    labelled = {"label": words(name)} if stem == (indexed[1] if indexed else None) else _titled(stem.strip(" -–:"))
    table: Table = {"type": "multiple", **labelled, "missing": {}, "options": options}
    if shape == "01":
        told = [_missing(wave, column, {}) for column in boxes]
        missing = {key: why for found, _ in told for key, why in found.items()}
        notes = {place: note for _, found in told for place, note in found.items()}
        table |= {"missing": missing, "recode": _turned(wave, boxes)}
        return Question(name, tuple(boxes), table, _unanswered(wave, boxes[0]), notes)
    note = "a blank box counts as not ticked where another was ticked; a row without any as not answered"
    return Question(name, tuple(boxes), {**table, "blank": "not_ticked"}, note)


def _turned(wave: Wave, boxes: Sequence[str]) -> Table:
    """Codes of boxes whose labels say the opposite of what 1 and 0 say by themselves."""
    labels = [pair for column in boxes for pair in wave.value_labels.get(column, {}).items()]
    return {key: sign for key, label in labels if (sign := ticked(label)) and key in ("0", "1") and sign != key}


def _free(name: str, taken: Collection[str]) -> str:
    return name if name not in taken else next(f"{name}_{n}" for n in range(2, 999) if f"{name}_{n}" not in taken)


def _single(wave: Wave, column: str) -> Question:
    """One column: categories, a list of ticked options, a number or text."""
    labels = wave.value_labels.get(column, {})
    said = [code(cell) for cell in wave.data[column].dropna()]
    missing, notes = _missing(wave, column, labels | {cell: cell for cell in set(said) if number(cell) is None})
    answers = [cell for cell in said if cell not in missing]
    numbers = [number(cell) for cell in answers]
    own = {} if slug(column) == column else {"column": column}
    base = {"missing": missing} if missing else {}
    note = _unanswered(wave, column)
    categories = {key: label for key, label in labels.items() if key not in missing}
    if (separator := _separator(answers)) and not categories:
        parts = sorted({part.strip() for cell in answers for part in cell.split(separator)} - {""})
        options: Table = {}
        for part in parts:
            options[_free(slug(part), options)] = {**words(part), "column": column}
        table = {"type": "multiple", "separator": separator, **base, "options": options}
        return Question(slug(column), (column,), _named(wave, column, table), note, notes)
    if not categories and not answers:
        told = _named(wave, column, {"type": "text", **own})
        return Question(slug(column), (column,), told, "nobody answered it here: say what it is")
    if not categories and None not in numbers and not _few(answers):
        table = {"type": "numeric", **own, **base}
        return Question(slug(column), (column,), _named(wave, column, table), note, notes)
    if not categories and None in numbers and len(set(answers)) > 1 and len(set(answers)) * 2 > len(answers):
        told = {"type": "text", **own}
        return Question(
            slug(column), (column,), _named(wave, column, told), "too many different answers for categories"
        )
    unlabelled = sorted(set(answers) - set(categories), key=lambda cell: (number(cell) or 0, cell))
    if labels and unlabelled:
        note = "\n".join(filter(None, [note, f"without a label in the file: {', '.join(unlabelled)}"]))
    said_01 = {"0": "Nei", "1": "Ja"} if not labels and set(unlabelled) <= {"0", "1"} else {}
    if said_01:
        note = "\n".join(filter(None, [note, "1 and 0 have no label in the file; they are taken as yes and no"]))
    categories |= {cell: said_01.get(cell, cell) for cell in [*said_01, *unlabelled]}
    yes = [key for key, label in categories.items() if re.match(r"(?:ja|yes)\b", label, re.IGNORECASE)]
    table = {"type": "single", **own, **({"yes": yes} if yes else {}), **base}
    table["categories"] = {key: words(label) for key, label in categories.items()}
    return Question(slug(column), (column,), _named(wave, column, table), note, notes)


def _few(answers: Sequence[str]) -> bool:
    """Whether numbers without labels look like codes: few, whole, small, and each given more than once."""
    kinds = set(answers)
    return len(kinds) <= 7 and len(kinds) * 2 <= len(answers) and all(re.fullmatch(r"\d|9[89]", cell) for cell in kinds)


def _separator(answers: Sequence[str]) -> str:
    """What stands between the options of a list of ticked options, or ""."""
    for separator in SEPARATORS:
        lists = [[part.strip() for part in cell.split(separator) if part.strip()] for cell in answers]
        parts = [part for told in lists for part in told]
        several = sum(len(told) > 1 for told in lists)
        if several >= 2 and len(set(parts)) * 2 <= len(parts) and all(number(part) is None for part in parts):
            return separator
    return ""


def _missing(wave: Wave, column: str, labels: Mapping[str, str]) -> tuple[dict[str, str], dict[tuple[str, ...], str]]:
    """Codes that are no answer: those the file declares, and those whose label says so."""
    declared = sorted(set(wave.missing[column]) - {ANSWERED, EMPTY})
    all_labels = wave.value_labels.get(column, {}) | dict(labels)
    missing: dict[str, str] = {}
    notes: dict[tuple[str, ...], str] = {}
    for key in [*declared, *(key for key in all_labels if key not in declared)]:
        label = all_labels.get(key, "").strip()
        why = reason_of(label)
        if key in declared or why:
            missing[key] = why or "refused"
            notes["missing", key] = (
                f"«{label}»" if why and label != key else "" if why else "declared missing in the file: say why"
            )
    return missing, notes


def _named(wave: Wave, column: str, table: Table) -> Table:
    return {**_titled(wave.variable_labels.get(column, column).strip()), **table}


def _titled(said: str) -> Table:
    """A label of at most 60 characters, and the question where that is longer."""
    short = said if len(said) <= 60 else said[:57].rsplit(" ", 1)[0] + " …"
    return {"label": words(short), **({"question": words(said)} if short != said else {})}


def _unanswered(wave: Wave, column: str) -> str:
    empty, rows = int((wave.missing[column] == EMPTY).sum()), len(wave.data)
    if empty < 0.1 * rows:
        return ""
    filtered: Any = 'asked_if = { item = "…", codes = ["…"] } and base'
    return f"{empty} of {rows} rows are empty: if a filter led past the question, say {filtered}"
