"""The questions that the columns of a wave file suggest by their labels and values, each guess with its reason."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from evalkit.study.draft import Question, Table, slug, words
from evalkit.study.known import YES
from evalkit.study.scales import in_order
from evalkit.waves.cells import EMPTY, code, number
from evalkit.waves.find_boxes import boxes, free, list_question, listed, multiple, ways
from evalkit.waves.find_missing import Notes, find_missing, no_numbers
from evalkit.waves.read import Wave

SCALE = 11
"""Steps of the longest scale, such as 0 to 10."""


@dataclass(frozen=True)
class Elsewhere:
    """What other waves, or the study, say of columns of the same name; they decide where this one can be read in ways.

    Attributes
    ----------
    boxes, numeric : columns that are such there.
    lists : column → the separator of its list of options.
    answers : column → codes of its categories.
    asked : columns with answers that differ there, or with a question of the study.
    """

    boxes: frozenset[str] = frozenset()
    numeric: frozenset[str] = frozenset()
    lists: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, frozenset[str]] = field(default_factory=dict)
    asked: frozenset[str] = frozenset()


def elsewhere(told: Iterable[tuple[Wave, Sequence[Question]]]) -> Elsewhere:
    """What waves with the questions found in each say of their columns."""
    found: list[tuple[Question, str, Wave]] = [
        (question, column, wave) for wave, questions_ in told for question in questions_ for column in question.columns
    ]
    single = [(q, column) for q, column, _ in found if q.table["type"] == "single"]
    answers: dict[str, frozenset[str]] = {}
    for question, column in single:
        answers[column] = answers.get(column, frozenset()) | set(question.table["categories"])
    return Elsewhere(
        frozenset(c for q, c, _ in found if q.table["type"] == "multiple" and "separator" not in q.table),
        frozenset(c for q, c, _ in found if q.table["type"] == "numeric"),
        {c: q.table["separator"] for q, c, _ in found if "separator" in q.table},
        answers,
        frozenset(c for _, c, wave in found if wave.data[c].nunique() > 1),
    )


def questions(
    wave: Wave, columns: Sequence[str], text: Collection[str] = (), others: Elsewhere | None = None
) -> Iterator[Question]:
    """The questions that columns suggest, in their order; columns of one multiple choice become one question."""
    others = others or Elsewhere()
    taken: set[str] = set()
    names: set[str] = set()
    for place, column in enumerate(columns):
        if column in taken:
            continue
        own, way = boxes(wave, columns[place:], others.boxes) if column not in text else ((), "")
        taken |= set(own) or {column}
        if column in text:
            told = {"type": "text", **({} if slug(column) == column else {"column": column})}
            found = Question(slug(column), (column,), _named(wave, column, told), "open text stops at the gate")
        else:
            found = multiple(wave, own, way, _titled) if own else _single(wave, column, others)
        if found.name in names:
            found = replace(found, name=free(slug(column), names))
        names.add(found.name)
        yield found


def _single(wave: Wave, column: str, others: Elsewhere) -> Question:
    """One column: categories, a list of ticked options, a number or text."""
    labels = {key: label for key, label in wave.value_labels.get(column, {}).items() if label}
    missing, notes = find_missing(wave, column)
    answers = [text for cell in wave.data[column].dropna() if (text := code(cell)) not in missing]
    categories = {key: label for key, label in labels.items() if key not in missing}
    own = {} if slug(column) == column else {"column": column}
    note = [_unanswered(wave, column)]

    def question(table: Table, *said: str) -> Question:
        gone = {"missing": missing} if missing and table["type"] != "text" else {}
        told = _named(wave, column, {"type": table.pop("type"), **own, **table, **gone})
        return Question(slug(column), (column,), told, "\n".join(filter(None, [*note, *said])), notes)

    separator, parts = listed(answers, others.lists.get(column, "")) if not categories else ("", [])
    if separator:
        own = {}
        notes["separator",] = "what stands between the options that were ticked"
        return question(list_question(wave, column, separator, parts, {}))
    if not categories and not answers:
        return question({"type": "text"}, "nobody answered it here: say what it is")
    numeric = column in others.numeric | wave.hours
    unit = {"unit": words("timer")} if column in wave.hours else {}
    amount = _amount(answers, categories, numeric)
    wrong, about = no_numbers(wave, column, missing) if amount is None and not categories else ({}, {})
    if wrong and _amount([cell for cell in answers if cell not in wrong], {}, numeric) == "":
        missing |= wrong
        notes |= about
        amount = ""
    if amount is not None:
        special = _special(answers, categories)
        for key in special:
            missing[key], notes["missing", key] = "refused", f"«{categories[key]}»: say why it is no answer"
        return question({"type": "numeric", **unit}, amount, *_absurd(answers))
    known = others.answers.get(column, frozenset())
    if not categories and _too_many(answers) and not set(answers) <= known:
        return question({"type": "text"}, "too many different answers for categories")
    return question(_categories(answers, categories, known, notes, note))


def _amount(answers: Sequence[str], categories: Mapping[str, str], numeric: bool) -> str | None:
    """Whether numbers say how much, with a remark; None where they are codes, or not all are numbers.

    Labels of a few special codes do not make categories of amounts; a scale has words at its ends alone.
    """
    values = {number(cell) for cell in answers}
    if None in values or not values:
        return None
    if not categories:
        return None if _few(answers) and not numeric else ""
    unlabelled = sorted(set(answers) - set(categories))
    if len(unlabelled) <= max(7, len(categories)) or _scale([*answers, *categories]):
        return None
    kept = [f"{key} «{label}»" for key, label in categories.items() if key not in _special(answers, categories)]
    return f"taken as numbers, though some have words: {', '.join(kept)}" if kept else "a number; words on codes alone"


def _scale(codes: Iterable[str]) -> bool:
    """Whether codes are whole numbers that are close enough for a scale."""
    values = [number(key) for key in codes]
    if any(value is None or not float(value).is_integer() for value in values):
        return False
    numbers = [int(value) for value in values if value is not None]
    return max(numbers) - min(numbers) < SCALE


def _special(answers: Sequence[str], categories: Mapping[str, str]) -> list[str]:
    """Labelled codes outside what is counted: 9s above all amounts, or below nil where no amount is."""
    amounts = [value for cell in set(answers) - set(categories) if (value := number(cell)) is not None]
    if not amounts:
        return []
    above = [key for key in categories if re.fullmatch(r"[789]|9+[0-9]", key) and float(key) > max(amounts)]
    below = [key for key in categories if (value := number(key)) is not None and value < 0 <= min(amounts)]
    return [*above, *below]


def _few(answers: Sequence[str]) -> bool:
    """Whether numbers without labels look like codes: few, whole, small, and each given more than once."""
    kinds = set(answers)
    return len(kinds) <= 7 and len(kinds) * 2 <= len(answers) and all(re.fullmatch(r"\d|9[89]", cell) for cell in kinds)


def _too_many(answers: Sequence[str]) -> bool:
    return any(number(cell) is None for cell in answers) and 1 < len(set(answers)) > len(answers) / 2


def _categories(
    answers: Sequence[str], categories: Mapping[str, str], known: frozenset[str], notes: Notes, note: list[str]
) -> Table:
    """The table of a question with categories, in the scale's order; `known` are its codes in other waves."""
    unlabelled = sorted(set(answers) - set(categories), key=lambda cell: (number(cell) or 0, cell))
    if categories and unlabelled:
        note.append(f"without a label in the file: {', '.join(unlabelled)}")
    if unlabelled and categories and _scale([*answers, *categories]):
        ends = [int(float(key)) for key in [*answers, *categories]]
        unlabelled = [key for key in map(str, range(min(ends), max(ends) + 1)) if key not in categories]
    said_01 = {"0": "Nei", "1": "Ja"} if not categories and known | set(unlabelled) <= {"0", "1"} else {}
    if said_01:
        note.append("1 and 0 have no label in the file; they are taken as yes and no")
    elif not categories and all(number(cell) is not None for cell in unlabelled):
        notes["type",] = "few whole numbers without words: taken for codes, not amounts"
    commas = [cell for cell in unlabelled if "," in cell and number(cell) is None]
    if commas:
        note.append(
            'commas are taken for part of the words; where they part options: type = "multiple", separator = ","'
        )
    whole = {**categories, **{cell: said_01.get(cell, cell) for cell in [*said_01, *unlabelled]}}
    ordered, why = in_order({key: words(label) for key, label in whole.items()})
    if why:
        notes["categories",] = why
    if len(set(answers)) == 1 and not categories:
        note.append("everybody who answered said the same; if a blank means no, it is a box of a multiple choice")
    yes = [key for key in ordered if re.match(YES, ordered[key]["nb"], re.IGNORECASE)]
    if yes:
        notes["yes",] = "begins with yes"
    return {"type": "single", **({"yes": yes} if yes else {}), "categories": ordered}


def _absurd(answers: Sequence[str]) -> list[str]:
    from evalkit.waves.check import ABSURD

    far = [f"{value:.3g}" for cell in dict.fromkeys(answers) if abs(value := number(cell) or 0) > ABSURD]
    return [f"no survey holds {', '.join(far[:3])}: correct the cells, or say in missing that it is no answer"] * bool(
        far
    )


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


def is_box(wave: Wave, column: str) -> bool:
    """Whether a column, alone, looks like a box that was ticked."""
    return bool(ways(wave, column) & {"mark", "header"})
