"""The table of a screen: every outcome with its change, three p-values, and the smallest change to be seen."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from evalkit.present.numbers import HARD, NO_NUMBER, count, decimal, p_number, points, span
from evalkit.present.rows import View
from evalkit.present.screen import change_of
from evalkit.present.screened import LEVEL, Outcome, headed, outcomes, visible
from evalkit.present.words import listed

if TYPE_CHECKING:
    from evalkit.present.tables import Grid

INDENT = HARD * 3
MARKS = "†‡§¶"


def screen(shown: View) -> Grid:
    """Question | N | before | after | change | p | Holm | Holm, all | smallest visible change | p of wave × group."""
    from evalkit.present.tables import Grid

    words = shown.words.moved
    found = outcomes(shown.exhibit, shown.lang)
    tested = any(not math.isnan(one.by_p) for one in found)
    head = [shown.words.item, shown.words.n_head, words.before, words.after, words.change, shown.words.p_head]
    head += [words.holm, words.holm_all, words.detectable, *([words.by_p] if tested else [])]
    rows: list[list[str]] = []
    bold: list[int] = []
    marks = _marks(found)
    empty = [""] * (len(head) - 1)
    for name, members in headed(shown, found):
        if name:
            bold.append(len(rows))
            rows.append([name, *empty])
        for question, options in _by_question(members):
            if len(options) > 1:
                rows.append([shown.word("item", question), *empty])
            for one in options:
                label = one.label if len(options) == 1 else INDENT + one.short
                mark = marks.get(one.note, "")
                rows.append([f"{label}{HARD}{mark}" if mark else label, *_numbers(one, shown.lang, tested)])
    return Grid(head, rows, bold, remarks=[*_remarks(shown, found, tested), *_notes(shown, marks)])


def _by_question(members: Sequence[Outcome]) -> list[tuple[str, list[Outcome]]]:
    return [(question, list(group)) for question, group in groupby(members, key=lambda one: one.question)]


def _marks(found: Sequence[Outcome]) -> dict[str, str]:
    """A mark for each reason why a test is doubtful."""
    reasons = [note for note in dict.fromkeys(one.note for one in found) if note]
    return {note: MARKS[k] if k < len(MARKS) else f"({k + 1})" for k, note in enumerate(reasons)}


def _by(shown: View) -> str:
    names = [words[shown.lang] for words in shown.exhibit.labels["by"].values()]
    return names[0].lower() if names else shown.words.group.lower()


def _numbers(one: Outcome, lang: str, tested: bool) -> list[str]:
    still = one.note == "no unit changed"
    names = ("pvalue", "pvalue_holm", "pvalue_holm_all")
    adjusted = [NO_NUMBER if still else p_number(one.adjusted[name], lang) for name in names]
    shares = [decimal(100 * share, lang, 0) for share in (one.before, one.after)]
    row = [count(one.n, lang), *shares, change_of(one, lang), *adjusted]
    row.append(decimal(100 * one.detectable, lang, 0))
    return [*row, *([p_number(one.by_p, lang)] if tested else [])]


def _remarks(shown: View, found: Sequence[Outcome], tested: bool) -> list[str]:
    words = shown.words.moved
    waves = re.split("→", shown.waves[0])
    many = len([code for code in shown.exhibit.labels["wave"] if code != "latest"]) > 2 and len(waves) == 2
    remarks = [*findings(shown, found), words.what_joint_p_is if many else words.what_p_is, words.what_holm_is]
    remarks.append(words.what_detectable_is)
    remarks += [words.what_by_p_is.format(by=_by(shown))] if tested else []
    return remarks


def findings(shown: View, found: Sequence[Outcome]) -> list[str]:
    """What changed, and of what did not, which change could have been seen."""
    words, lang = shown.words.moved, shown.lang
    tested = [one for one in found if one.is_tested]
    moved = [one for one in tested if one.has_changed]
    still = [one for one in tested if not one.has_changed]
    text = []
    if moved:
        names = [f"{one.label} ({points_of(one.change.estimate, lang)})" for one in moved]
        text.append(words.seen.format(k=len(moved), n=len(tested), names=listed(names, lang)))
        text += _of_all(shown, moved, len(tested))
    if not still:
        return text
    one_only = len(tested) == 1
    text.append(words.none_seen_one if one_only else words.none_seen.format(k=len(still), n=len(tested)))
    never = sum(math.isnan(one.detectable) for one in still)
    if never:
        text.append(words.never_seen.format(k=never, units=shown.exhibit.units[lang]))
    if never < len(still):
        middle, most = (decimal(100 * share, lang, 0) for share in visible(still))
        phrase = words.could_see_rest if never else words.could_see
        text.append((words.could_see_one if one_only else phrase).format(median=middle, max=most))
    return text


def _of_all(shown: View, moved: Sequence[Outcome], n: int) -> list[str]:
    """Which of the changes outlive the adjustment for all outcomes; nothing where the families are one."""
    words = shown.words.moved
    if len(shown.exhibit.facts["families"]) == 1:
        return []
    still = [one.label for one in moved if one.adjusted["pvalue_holm_all"] < LEVEL]
    return [words.some_of_all.format(n=n, names=listed(still, shown.lang)) if still else words.none_of_all.format(n=n)]


def points_of(change: float, lang: str) -> str:
    """«+20 prosentpoeng», with its sign."""
    sign = decimal(100 * change, lang, 0, sign=True)[:1]
    return (sign if sign in "+\u2212" else "") + points(change, lang)


def n_span(shown: View) -> str:
    """«N i hvert utfall: 9–68»."""
    found = [one.n for one in outcomes(shown.exhibit, shown.lang) if not math.isnan(one.n)]
    return shown.words.moved.n_outcomes.format(span=span(min(found), max(found), shown.lang))


def _notes(shown: View, marks: dict[str, str]) -> list[str]:
    """Why the tests of the marked rows are doubtful."""
    return [shown.words.moved.noted.format(mark=mark, why=_note(shown, note)) for note, mark in marks.items()]


def _note(shown: View, note: str) -> str:
    words = shown.words.moved
    only = re.fullmatch(r"answered in (.+) only", note)
    if only:
        return words.note_only_in.format(wave=shown.word("wave", only[1]))
    return words.notes.get(note) or words.other_note.format(note=note)
