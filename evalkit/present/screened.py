"""A screen's rows read as outcomes: each question, option or category with its change and what could have been seen."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from statistics import median

from evalkit.errors import MethodError, one_of
from evalkit.present.exhibit import Exhibit
from evalkit.present.numbers import rounded
from evalkit.present.rows import Cell, View

LEVEL = 0.05
ADJUSTED = ("pvalue", "pvalue_holm", "pvalue_bh", "pvalue_holm_all", "pvalue_bh_all")


@dataclass(frozen=True)
class Outcome:
    """One 0/1 outcome of a screen.

    Attributes
    ----------
    code : a question, `question.option` or `question=category`; `question` is the first part.
    label, short : its words, and the option's alone.
    family : the family it is tested with.
    change : with interval and p-value. before, after, detectable : shares, NaN where there are none.
    adjusted : p-values by their name, `pvalue` being the raw one. by_p : of wave × group.
    note : why a test is doubtful, empty where it is not.
    """

    code: str
    question: str
    label: str
    short: str
    family: str
    n: float
    before: float
    after: float
    change: Cell
    detectable: float
    adjusted: dict[str, float]
    by_p: float
    note: str

    @property
    def has_changed(self) -> bool:
        """Whether it shows change when it is adjusted for the tests of its family."""
        return self.adjusted["pvalue_holm"] < LEVEL

    @property
    def is_tested(self) -> bool:
        return not math.isnan(self.adjusted["pvalue"])


def outcomes(exhibit: Exhibit, lang: str) -> list[Outcome]:
    """The outcomes of a screen, family by family, in the questionnaire's order."""
    if exhibit.kind != "screen":
        raise MethodError(f"Exhibit {exhibit.name!r} is not a screen", expected="screen", got=exhibit.kind)
    cells: dict[str, dict[str, Cell]] = {}
    for row in exhibit.data.itertuples():
        cell = Cell(float(row.estimate), float(row.ci_low), float(row.ci_high), float(row.n), float(row.p_value))
        cells.setdefault(str(row.item), {})[str(row.category)] = cell
    words, notes = exhibit.facts["items"], exhibit.facts.get("notes", {})
    found = []
    for family, members in exhibit.facts["families"].items():
        for code in members:
            question = _question(exhibit, code)
            label = words[code][lang]
            start = exhibit.labels["item"].get(question, {}).get(lang, "") + ": "
            short = label.removeprefix(start) if code != question else label
            found.append(_outcome(cells[code], code, question, label, short, family, notes.get(code, "")))
    return found


def _outcome(
    cells: dict[str, Cell], code: str, question: str, label: str, short: str, family: str, note: str
) -> Outcome:
    change = cells["change"]
    adjusted = {name: cells[name].estimate for name in ADJUSTED[1:]} | {"pvalue": change.p}
    before, after, least = (cells[name].estimate for name in ("before", "after", "detectable"))
    by_p = cells["by"].p if "by" in cells else math.nan
    return Outcome(code, question, label, short, family, change.n, before, after, change, least, adjusted, by_p, note)


def _question(exhibit: Exhibit, code: str) -> str:
    """The question an outcome belongs to: `q4` of `q4.schools` and of `q4=1`."""
    known = [item for item in exhibit.labels["item"] if code == item or code.startswith((f"{item}.", f"{item}="))]
    return max(known, key=len, default=code)


def by_change(found: Sequence[Outcome]) -> list[Outcome]:
    """Largest rise first, largest fall last; ties, as printed in whole percentage points, in their order."""
    return sorted(found, key=lambda one: -printed(one))


def largest(found: Sequence[Outcome]) -> list[tuple[Outcome, list[Outcome]]]:
    """For each question the outcome that changed most, and its other outcomes.

    Of several that print alike it is the one with the widest interval.
    """
    questions: dict[str, list[Outcome]] = {}
    for one in found:
        questions.setdefault(one.question, []).append(one)
    kept = []
    for members in questions.values():
        first = max(members, key=lambda one: (abs(printed(one)), _width(one)))
        kept.append((first, [one for one in members if one is not first]))
    return kept


def printed(one: Outcome) -> float:
    """The change in whole percentage points."""
    return float(rounded(100 * _size(one)))


def _width(one: Outcome) -> float:
    return one.change.high - one.change.low if one.change.has_interval else 0.0


def _size(one: Outcome) -> float:
    return 0.0 if math.isnan(one.change.estimate) else one.change.estimate


def changed(found: Sequence[Outcome], adjusted: str = "pvalue_holm", level: float = LEVEL) -> list[Outcome]:
    """The outcomes whose p-value of this name lies below `level`."""
    if adjusted not in ADJUSTED:
        raise MethodError("There is no such p-value in a screen", expected=one_of(ADJUSTED), got=adjusted)
    return [one for one in found if one.adjusted[adjusted] < level]


def visible(found: Sequence[Outcome]) -> tuple[float, float]:
    """Median and largest of the smallest changes that could have been seen; NaN where there are none."""
    known = [one.detectable for one in found if not math.isnan(one.detectable)]
    return (median(known), max(known)) if known else (math.nan, math.nan)


def families(found: Sequence[Outcome]) -> list[list[Outcome]]:
    """The outcomes of each family."""
    return [list(group) for _, group in groupby(found, key=lambda one: one.family)]


def family_name(shown: View, members: Sequence[Outcome], several: int) -> str:
    """What heads a family; the study's word for it where several families have several outcomes."""
    words = shown.words.moved
    if len(members) == 1:
        return words.alone
    if several < 2:
        return words.together.format(n=len(members))
    code = members[0].family
    named = shown.exhibit.labels.get("family", {}).get(code, {}).get(shown.lang)
    return words.together_named.format(name=named or code.replace("_", " ").capitalize(), n=len(members))


def headed(shown: View, found: Sequence[Outcome]) -> list[tuple[str | None, list[Outcome]]]:
    """The families under their heads; no head where there is one family."""
    groups = families(found)
    several = sum(len(members) > 1 for members in groups)
    return [(family_name(shown, members, several) if len(groups) > 1 else None, members) for members in groups]
