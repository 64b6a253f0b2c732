"""The columns of a deposited panel: numbers for answers and for why there is none, and the words for both."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from evalkit.panel.frame import build_frames
from evalkit.results import Run
from evalkit.study.model import Group, Study, Words
from evalkit.waves.cells import ANSWERED, EMPTY

if TYPE_CHECKING:
    import pandas as pd

WHY = {
    "dont_know": Words("Vet ikke", "Don't know"),
    "refused": Words("Vil ikke svare", "Refused"),
    "not_asked": Words("Ikke spurt", "Not asked"),
    "not_applicable": Words("Ikke aktuelt", "Not applicable"),
    EMPTY: Words("Ubesvart", "No answer"),
}
"""Reasons for a missing value, coded −1, −2, … in this order."""
YES_NO = {"1": Words("Ja", "Yes"), "0": Words("Nei", "No")}
RESERVED = {"ALL", "AND", "BY", "EQ", "GE", "GT", "LE", "LT", "NE", "NOT", "OR", "TO", "WITH"}
LONGEST_NAME = 32


@dataclass(frozen=True)
class Variable:
    """A column of the deposited panel.

    Attributes
    ----------
    name : as in the files; at most 32 characters.
    panel : as in the study.
    values : codes as in the files, text or numbers; missing codes are negative.
    categories : number → words.
    missing : number → reason, a key of `WHY`; the numbers that are in `values`.
    item : the question; empty for what the frame or the run says.
    note : which code of the study each number stands for, where they differ.
    """

    name: str
    panel: str
    label: Words
    values: pd.Series
    categories: dict[int, Words] = field(default_factory=dict)
    missing: dict[int, str] = field(default_factory=dict)
    item: str = ""
    note: str = ""

    @property
    def is_text(self) -> bool:
        return self.values.dtype == object

    @property
    def is_whole(self) -> bool:
        return not self.is_text and bool((self.values.dropna() % 1 == 0).all())

    @property
    def words(self) -> dict[int, Words]:
        """Number → words, of answers and of reasons."""
        return self.categories | {code: WHY[why] for code, why in self.missing.items()}

    @property
    def form(self) -> str:
        """How SPSS shows it: A4, F8.0, F8.2."""
        if self.is_text:
            return f"A{max((len(str(value).encode()) for value in self.values), default=1)}"
        if not self.is_whole:
            return "F8.2"
        return f"F{max(8, *(len(str(int(value))) for value in self.values.dropna()), 0)}.0"


def variables(run: Run) -> list[Variable]:
    """The columns of the deposited panel: unit, wave, weight, groups of the frame, and every question."""
    import pandas as pd

    study, panel, taken = run.study, run.panel, set[str]()
    plain = [
        ("unit", Words("Enhetens kode", "Code of the unit"), panel["unit"].astype(object)),
        ("wave", Words("Runde", "Wave"), panel["wave"].astype(object)),
    ]
    keys = pd.MultiIndex.from_frame(panel[["wave", "unit"]])
    weights = run.weights.set_index(["sample", "unit"])["weight"].astype(float)
    weight = pd.Series(weights.reindex(keys).to_numpy(), index=panel.index)
    plain.append(("weight", Words("Vekt i runden", "Weight in the wave"), weight))
    found = [Variable(_name(name, taken), name, label, values) for name, label, values in plain]
    for name, group, values in _groups(study, panel):
        coded, categories, note = _coded(values, group.categories)
        found.append(Variable(_name(name, taken), name, group.label, coded, categories, note=note))
    for item in study.items:
        found += _question(run, item, taken)
    return found


def _groups(study: Study, panel: pd.DataFrame) -> list[tuple[str, Group, pd.Series]]:
    """Each unit's category in the frame of its wave: a variable a group, or a frame where codes mean other things.

    A group that a frame does not have, or has otherwise, is missing there.
    """
    frames = build_frames(study)
    own = panel["wave"].map({wave.id: study.frame_of([wave.id]) for wave in study.plan.waves}).astype(object)
    found: dict[str, tuple[Group, pd.Series]] = {}
    for frame, built in frames.items():
        here = own.isna() if frame is None else own == frame
        for name, group in study.within(frame).plan.groups.items():
            values = built.groups[name].astype(object).reindex(panel["unit"]).set_axis(panel.index).where(here)
            before, told = found.get(name, (group, values))
            if any(before.categories.get(code, words) != words for code, words in group.categories.items()):
                found[f"{name}_{frame}"] = (group, values)
            else:
                both = replace(before, categories={**before.categories, **group.categories})
                found[name] = (both if len(both.categories) > len(before.categories) else before, told.fillna(values))
    return [(name, group, values) for name, (group, values) in found.items()]


def _question(run: Run, name: str, taken: set[str]) -> Iterable[Variable]:
    """The variables of a question; open text is in no panel."""
    item = run.study.items[name]
    if item.type == "text":
        return
    for column in run.study.variables(name):
        option = item.options.get(column.partition(".")[2])
        label = Words(f"{item.label.nb}: {option.nb}", f"{item.label.en}: {option.en}") if option else item.label
        values, note = run.panel[column], ""
        if item.type == "single":
            numbers, categories, note = _coded(values.astype(object), item.categories)
        else:
            numbers = values.astype(float)
            categories = {int(code): words for code, words in YES_NO.items()} if item.options else {}
        missing = _missing(numbers)
        why = run.panel[f"why.{column}"]
        for code, reason in missing.items():
            numbers = numbers.mask((why == reason) & (why != ANSWERED), float(code))
        there = set(numbers.dropna())
        used = {code: reason for code, reason in missing.items() if code in there}
        yield Variable(_name(column, taken), column, label, numbers, categories, used, item=name, note=note)


def _coded(values: pd.Series, categories: Mapping[str, Words]) -> tuple[pd.Series, dict[int, Words], str]:
    """Numbers for category codes: the codes themselves where they are whole numbers, else 1, 2, … and a note."""
    own = all(re.fullmatch(r"\d{1,6}", code) and str(int(code)) == code for code in categories)
    numbers = {code: int(code) if own else k for k, code in enumerate(categories, start=1)}
    note = "" if own else ", ".join(f"{number} = {code}" for code, number in numbers.items())
    return values.map(numbers).astype(float), {numbers[code]: words for code, words in categories.items()}, note


def _missing(numbers: pd.Series) -> dict[int, str]:
    """Codes of the reasons, below every answer: −1, −2, …, or −101, −102, … where answers are negative."""
    lowest, start = float(numbers.min()) if numbers.notna().any() else 0.0, 0
    while lowest < 0 and lowest <= -start:
        start = 10 * start or 100
    return {-(start + k): reason for k, reason in enumerate(WHY, start=1)}


def _name(name: str, taken: set[str]) -> str:
    """A name that SPSS takes: letters, digits and _, at most 32, begins with a letter, is no other's."""
    plain = name.translate(str.maketrans("æøåÆØÅ", "eoaEOA"))
    plain = re.sub(r"[^A-Za-z0-9]+", "_", plain).strip("_") or "v"
    if not plain[0].isalpha() or plain.upper() in RESERVED:
        plain = f"v_{plain}"
    tries = [plain[:LONGEST_NAME], *(f"{plain[: LONGEST_NAME - 1 - len(str(k))]}_{k}" for k in range(2, 100_000))]
    found = next(one.rstrip("_") for one in tries if one.rstrip("_").lower() not in taken)
    taken.add(found.lower())
    return found
