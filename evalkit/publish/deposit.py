"""The bundle for a data archive: the harmonised panel as .sav and .csv, its description as DDI, and a README."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evalkit.panel.frame import build_frames
from evalkit.present.pipes import escape
from evalkit.publish.archive import made
from evalkit.publish.ddi import ddi
from evalkit.publish.tables import write_csv
from evalkit.results import Run
from evalkit.study.model import Group, Study, Words
from evalkit.waves.read import ANSWERED, EMPTY

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
LONGEST_NAME, LONGEST_LABEL, LONGEST_VALUE = 32, 255, 120
"""What SPSS takes: characters of a name, bytes of a variable's and of a value's label."""
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True)
class Variable:
    """A column of the deposited panel.

    Attributes
    ----------
    name : as in the files; at most 32 characters.
    panel : as in the study.
    values : codes as in the files, text or numbers; missing codes are negative.
    categories, missing : number → words.
    question, base, unit, note : the study's words, None where it says nothing.
    """

    name: str
    panel: str
    label: Words
    values: pd.Series
    categories: dict[int, Words] = field(default_factory=dict)
    missing: dict[int, Words] = field(default_factory=dict)
    question: Words | None = None
    base: Words | None = None
    unit: Words | None = None
    note: str = ""

    @property
    def is_text(self) -> bool:
        return self.values.dtype == object


def why_not(run: Run) -> Words | None:
    """Why a run has no bundle for the archive; None where it has one."""
    data = run.study.plan.data
    if data != "real":
        said = {"reconstructed": "rekonstruerte", "synthetic": "syntetiske"}[data]
        return Words(f"svarene er {said}, ikke virkelige", f"the answers are {data}, not real")
    if run.record.get("panel") == "restricted":
        return Words("en av filene har begrenset tilgang", "a wave file is restricted in the manifest")
    return None


def write_deposit(run: Run, folder: Path, lang: str) -> None:
    """Write the bundle into `folder`."""
    folder.mkdir(parents=True)
    name = run.study.name
    found = variables(run)
    write_sav(run, found, folder / f"{name}.sav", lang)
    rows = zip(*(_written(variable) for variable in found))
    write_csv(folder / f"{name}.csv", [variable.name for variable in found], rows)
    (folder / f"{name}.xml").write_bytes(ddi(run, found, lang))
    (folder / "README.md").write_text(_readme(run, found, lang), encoding="utf-8")


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
        for code, reason in zip(missing, WHY):
            numbers = numbers.mask((why == reason) & (why != ANSWERED), float(code))
        words = {"question": item.question or item.label, "base": item.base, "unit": item.unit}
        yield Variable(
            _name(column, taken), column, label, numbers, categories, _used(missing, numbers), **words, note=note
        )


def _coded(values: pd.Series, categories: dict[str, Words]) -> tuple[pd.Series, dict[int, Words], str]:
    """Numbers for category codes: the codes themselves where they are whole numbers, else 1, 2, … and a note."""
    own = all(re.fullmatch(r"\d{1,6}", code) and str(int(code)) == code for code in categories)
    numbers = {code: int(code) if own else k for k, code in enumerate(categories, start=1)}
    note = "" if own else ", ".join(f"{number} = {code}" for code, number in numbers.items())
    return values.map(numbers).astype(float), {numbers[code]: words for code, words in categories.items()}, note


def _missing(numbers: pd.Series) -> dict[int, Words]:
    """Codes of the reasons, below every answer: −1, −2, …, or −101, −102, … where answers are negative."""
    lowest, start = float(numbers.min()) if numbers.notna().any() else 0.0, 0
    while lowest < 0 and lowest <= -start:
        start = 10 * start or 100
    return {-(start + k): words for k, words in enumerate(WHY.values(), start=1)}


def _used(missing: dict[int, Words], numbers: pd.Series) -> dict[int, Words]:
    there = set(numbers.dropna())
    return {code: words for code, words in missing.items() if code in there}


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


def _written(variable: Variable) -> Iterable[Any]:
    """Values for CSV: whole numbers without a decimal point."""
    for value in variable.values:
        if isinstance(value, float) and value.is_integer():
            yield str(int(value))
        else:
            yield value


def write_sav(run: Run, found: list[Variable], path: Path, lang: str) -> None:
    """An SPSS file with all labels and declared missing codes; the same bytes whenever it is written."""
    import pandas as pd
    import pyreadstat

    frame = pd.DataFrame({variable.name: variable.values for variable in found})
    missing: dict[str, Any] = {v.name: [{"lo": min(v.missing), "hi": max(v.missing)}] for v in found if v.missing}
    labels: dict[str, Any] = {
        v.name: {code: cut(words[lang], LONGEST_VALUE) for code, words in (v.categories | v.missing).items()}
        for v in found
        if v.categories or v.missing
    }
    pyreadstat.write_sav(
        frame,
        str(path),
        file_label=cut(run.study.plan.title[lang], 64),
        column_labels={v.name: cut(v.label[lang], LONGEST_LABEL) for v in found},
        variable_value_labels=labels,
        missing_ranges=missing,
        variable_measure={v.name: "nominal" if v.is_text or v.categories else "scale" for v in found},
        variable_format={v.name: "F8.0" for v in found if not v.is_text and (v.categories or _is_whole(v.values))},
    )
    year, month, day, *clock = made(run)
    content = bytearray(path.read_bytes())
    content[92:101] = f"{day:02} {MONTHS[month - 1]} {year % 100:02}".encode()  # the header's date of writing
    content[101:109] = ":".join(f"{part:02}" for part in clock).encode()
    path.write_bytes(content)


def _is_whole(values: pd.Series) -> bool:
    return bool((values.dropna() % 1 == 0).all())


def cut(text: str, most: int) -> str:
    """`text` in at most so many bytes, … where some is cut; the DDI file has it in full."""
    if len(text.encode()) <= most:
        return text
    return text.encode()[: most - 3].decode(errors="ignore").rstrip() + "…"


def _readme(run: Run, found: list[Variable], lang: str) -> str:
    plan, name = run.study.plan, run.study.name
    words = {
        "nb": ("Én rad for hver enhet og runde.", "Manglende verdier har negative koder", "Navn", "I studien", "Hva"),
        "en": ("One row a unit and wave.", "Missing values have negative codes", "Name", "In the study", "What"),
    }[lang]
    codes = ", ".join(f"−{k} {reason[lang]}" for k, reason in enumerate(WHY.values(), start=1))
    lines = [f"# {escape(plan.title[lang])}", "", escape(plan.source[lang]), ""]
    lines += [f"`{name}.sav`, `{name}.csv`: {words[0]} {words[1]}: {codes}.", ""]
    lines += [f"`{name}.xml`: DDI Codebook 2.5.", "", f"| {words[2]} | {words[3]} | {words[4]} |", "|---|---|---|"]
    lines += [f"| {escape(v.name)} | {escape(v.panel)} | {escape(v.label[lang])} |" for v in found]
    return "\n".join(lines) + "\n"
