"""Cells and codes of a column that are no answer: declared by the file, or by their words."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping

from evalkit.study.known import BLANKS, DOUBTFUL, NOTHING, plain, reason_of
from evalkit.study.scales import answer_of_a_scale
from evalkit.waves.cells import code, number
from evalkit.waves.read import Wave

Notes = dict[tuple[str, ...], str]
SHORT = frozenset(["dk", "na", "ref", "rf", "nap", "iap", "ka"])
FEW = 5
"""Kinds of cells that are no number in a column of numbers, and one in so many of its rows."""


def find_missing(wave: Wave, column: str) -> tuple[dict[str, str], Notes]:
    """Code → why it is no answer, and a comment on each: declared codes, and labels and cells that say so."""
    declared = wave.no_answers(column)
    labels = wave.value_labels.get(column, {})
    cells = dict.fromkeys(code(cell) for cell in wave.data[column].dropna())
    words = labels | {cell: cell for cell in cells if number(cell) is None and cell not in labels}
    said = {plain(label) for label in words.values()}
    missing: dict[str, str] = {}
    notes: Notes = {}
    for key in [
        *sorted(declared - set(words)),
        *sorted(declared & set(words)),
        *(k for k in words if k not in declared),
    ]:
        label = words.get(key, "").strip()
        if key == label and key not in declared and label.casefold() in BLANKS:
            missing[key], notes["missing", key] = NOTHING, "a program's word for a cell in which nothing stands"
            continue
        why = reason_of(label)
        if why and key not in declared and plain(label) in SHORT and _abbreviations(words.values()):
            continue
        if plain(label) == "na" and said & {"nap", "iap", "inap", "not applicable", "ikke aktuelt"}:
            why = "refused"
        if key in declared or why:
            missing[key] = why or "refused"
            shown = f"«{label}»" if label not in ("", key) else ""
            doubt = DOUBTFUL.get(label.casefold()) or ("" if why else "declared missing in the file: say why")
            notes["missing", key] = ": ".join(filter(None, [shown, doubt]))
    return missing, notes


def _abbreviations(words: Collection[str]) -> bool:
    """Whether short words in capitals are the answers themselves, such as countries: NO, SE, DK."""
    others = [word for word in words if plain(word) not in SHORT and reason_of(word) is None]
    short = len(others) >= 2 and all(word.isupper() and len(word) <= 3 for word in others)
    return short and not all(answer_of_a_scale(word) for word in others)


def no_numbers(wave: Wave, column: str, missing: Mapping[str, str]) -> tuple[dict[str, str], Notes]:
    """Cells that are no number in a column of numbers, and what each may be; empty where they are too many for that."""
    said = {int(row): cell for row, cell in wave.data[column].dropna().items() if code(cell) not in missing}
    wrong: dict[str, list[int]] = {}
    for row, cell in said.items():
        if number(code(cell)) is None:
            wrong.setdefault(code(cell), []).append(row)
    if len(wrong) > FEW or sum(map(len, wrong.values())) * FEW > len(said):
        return {}, {}
    dates = {code(cell) for cell in said.values() if isinstance(cell, datetime.date)}
    notes: Notes = {}
    for key, rows in wrong.items():
        at = f"row {', '.join(map(str, rows[:3]))}" + (" …" if len(rows) > 3 else "")
        what = "a date: Excel makes one of a number such as 1.2" if key in dates else "no number"
        notes["missing", key] = f"{at} holds {what}: its value is lost unless the cell is corrected"
    return dict.fromkeys(wrong, NOTHING), notes
