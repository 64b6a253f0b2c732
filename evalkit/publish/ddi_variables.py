"""The variables of a deposited panel in DDI Codebook 2.5: words, codes, who was asked and when, counts if allowed."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterable

from evalkit.publish.ddi_xml import add, both
from evalkit.publish.variables import WHY, Variable
from evalkit.results import Run
from evalkit.study.model import Item, Study, Words

FROM_FRAME = Words("Fra registeret, ikke spurt om", "From the register, not asked")
NO_COUNTS = Words(
    "Antall svar er ikke tatt med her, for at denne filen skal kunne være åpen; de kan telles i datafilene",
    "Counts of answers are left out here, so that this file can be public; they can be counted in the data files",
)
UNWEIGHTED = Words("Antall svar er uvektet, over alle runder", "Counts of answers are unweighted, over all waves")
CODES_OF = Words("Kommunenumre av {year}", "Municipality codes of {year}")
CODES_OF_UNITS = Words("Kodene til {units}, av {year}", "Codes of {units}, of {year}")
DOMAIN = {"single": "category", "multiple": "multiple", "numeric": "numeric"}


def describe(root: ET.Element, run: Run, variables: list[Variable]) -> None:
    """Add the part on variables to `root`: questions of several boxes first, then every variable."""
    rule, data = run.study.plan.disclosure, add(root, "dataDscr")
    counted = rule is not None and rule.off
    for name, item in run.study.items.items():
        boxes = " ".join(f"V_{variable.name}" for variable in variables if variable.item == name)
        if item.type == "multiple" and boxes:
            group = add(data, "varGrp", ID=f"G_{boxes.split()[0]}", type="multipleResp", var=boxes, name=name)
            both(group, "labl", item.label)
    for variable in variables:
        _variable(data, run.study, variable, counted)
    both(data, "notes", UNWEIGHTED if counted else NO_COUNTS)


def _variable(data: ET.Element, study: Study, variable: Variable, counted: bool) -> None:
    """One variable; its parts in the order that the schema has them."""
    part = add(data, "var", ID=f"V_{variable.name}", name=variable.name, files="F1 F2", **_attributes(study, variable))
    item = study.items.get(variable.item)
    both(part, "labl", variable.label)
    if item is not None:
        question = add(part, "qstn", ID=f"Q_{variable.name}", responseDomainType=DOMAIN[item.type])
        both(question, "qstnLit", item.question)
    numbers = counted and not variable.is_text and not variable.categories and _valid(variable)
    if numbers:
        units = "INT" if variable.is_whole else "REAL"
        add(add(part, "valrng"), "range", UNITS=units, min=_plain(min(numbers)), max=_plain(max(numbers)))
    if variable.missing:
        invalid = add(part, "invalrng")
        for code in variable.missing:
            add(invalid, "item", VALUE=str(code))
    if item is not None:
        both(part, "universe", base_of(study, item))
    if counted and item is not None:
        _totals(part, variable)
    if variable.panel == "unit":
        both(part, "txt", _codes_of(study))
    elif not variable.item and variable.panel not in ("wave", "weight"):
        both(part, "txt", FROM_FRAME)
    _categories(part, variable, counted)
    add(part, "varFormat", type="character" if variable.is_text else "numeric", schema="SPSS", formatname=variable.form)
    add(part, "notes", "; ".join(note for note in (f"evalkit: {variable.panel}", variable.note) if note))
    if item is not None:
        both(part, "notes", item.note)


def _attributes(study: Study, variable: Variable) -> dict[str, str]:
    """What a program reads: kind, weight, decimals, unit, and the waves in which it was asked."""
    plan = study.plan
    said = {"wgt": "wgt" if variable.panel == "weight" else "not-wgt"}
    said["intrvl"] = "discrete" if variable.is_text or variable.categories else "contin"
    said["representationType"] = "code" if variable.categories else "text" if variable.is_text else "numeric"
    said["dcml"] = "0" if variable.is_whole else ""
    if variable.item:
        waves = [f"T_{k}" for k, wave in enumerate(plan.waves, start=1) if study.columns(variable.item, wave.id)]
        said["sdatrefs"] = " ".join(waves)
        if plan.weights.method != "none":
            said |= {"wgt_var": "V_weight", "weight": "W_nb W_en"}
        unit = study.items[variable.item].unit
        said["measUnit"] = unit[plan.lang] if unit is not None else ""
    if variable.panel == "unit" and plan.frame.units is None:
        said |= {"geog": "Y", "geoVocab": "Statistics Norway, KLASS 131"}
    if variable.panel == "wave":
        said["temporal"] = "Y"
    return said


def _codes_of(study: Study) -> Words:
    """Of which year the codes are; wave by wave where the waves are in different borders."""
    codes = CODES_OF if study.plan.frame.units is None else CODES_OF_UNITS
    said = [
        "; ".join(
            codes[lang].format(year=study.within(frame).plan.frame.register, units=study.plan.units[lang])
            + (f" ({', '.join(waves)})" if study.plan.frames else "")
            for frame, waves in study.borders.items()
        )
        for lang in ("nb", "en")
    ]
    return Words(*said)


def _categories(part: ET.Element, variable: Variable, counted: bool) -> None:
    for code, words in variable.words.items():
        why = variable.missing.get(code, "")
        category = add(part, "catgry", missing="Y" if why else "N", missType=why)
        add(category, "catValu", str(code))
        both(category, "labl", words)
        if counted:
            add(category, "catStat", str(int((variable.values == code).sum())), type="freq")


def _totals(part: ET.Element, variable: Variable) -> None:
    valid = _valid(variable)
    add(part, "sumStat", str(len(valid)), type="vald")
    add(part, "sumStat", str(len(variable.values) - len(valid)), type="invd")
    if valid and not variable.categories:
        mean = sum(valid) / len(valid)
        add(part, "sumStat", _plain(min(valid)), type="min")
        add(part, "sumStat", _plain(max(valid)), type="max")
        add(part, "sumStat", f"{mean:.6g}", type="mean")


def _valid(variable: Variable) -> list[float]:
    return [float(value) for value in variable.values.dropna() if value not in variable.missing]


def _plain(value: float) -> str:
    return str(int(value)) if value.is_integer() else repr(value)


def base_of(study: Study, item: Item) -> Words | None:
    """Who was asked: as the study says, else from the question's filter; None where everyone was."""
    if item.base is not None or item.asked_if is None:
        return item.base
    gate = study.items[item.asked_if.item]
    answers = [list(_answers(gate, item.asked_if.codes, lang)) for lang in ("nb", "en")]
    return Words(
        f"De som svarte {' eller '.join(answers[0])} på «{gate.label.nb}»",
        f"Those who answered {' or '.join(answers[1])} to “{gate.label.en}”",
    )


def _answers(gate: Item, codes: Iterable[str], lang: str) -> Iterable[str]:
    for code in codes:
        words = gate.categories[code] if code in gate.categories else WHY[code]
        yield f"«{words[lang]}»" if lang == "nb" else f"“{words[lang]}”"
