"""The description of a deposited panel as DDI Codebook 2.5 (DDI Alliance 2012), in both languages."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

from evalkit.results import Run
from evalkit.study.model import Words

if TYPE_CHECKING:
    from evalkit.publish.deposit import Variable

NAMESPACE = "ddi:codebook:2_5"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def ddi(run: Run, variables: list[Variable], lang: str) -> bytes:
    """The XML file: study, files and variables; free of counts, so that it may be public where the data are not.

    Parameters
    ----------
    variables : as in the files beside it.
    lang : the language of what is said once; titles, labels and questions are in both.
    """
    ET.register_namespace("", NAMESPACE)
    root = ET.Element(f"{{{NAMESPACE}}}codeBook", {"version": "2.5", LANG: lang})
    document = _add(_add(root, "docDscr"), "citation")
    _titles(document, run, lang)
    _add(_add(document, "prodStmt"), "prodDate", run.record["made"][:10], date=run.record["made"][:10])
    _study(root, run, lang)
    _files(root, run, variables)
    data = _add(root, "dataDscr")
    for variable in variables:
        _variable(data, variable)
    ET.indent(root)
    return ET.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n"


def _add(parent: ET.Element, tag: str, text: str | None = None, **attributes: str) -> ET.Element:
    child = ET.SubElement(parent, f"{{{NAMESPACE}}}{tag}", {k: NOT_XML.sub("", v) for k, v in attributes.items()})
    if text is not None:
        child.text = NOT_XML.sub("", text)
    return child


def _both(parent: ET.Element, tag: str, words: Words | None) -> None:
    """The same in both languages; nothing where the study says nothing."""
    if words is not None:
        for lang in ("nb", "en"):
            _add(parent, tag, words[lang]).set(LANG, lang)


def _titles(citation: ET.Element, run: Run, lang: str) -> None:
    titles, plan = _add(citation, "titlStmt"), run.study.plan
    other = "en" if lang == "nb" else "nb"
    _add(titles, "titl", plan.title[lang]).set(LANG, lang)
    _add(titles, "parTitl", plan.title[other]).set(LANG, other)
    _add(titles, "IDNo", f"{run.study.name}-{run.id}", agency="evalkit")


def _study(root: ET.Element, run: Run, lang: str) -> None:
    """Who, when, whom and how."""
    plan = run.study.plan
    study = _add(root, "stdyDscr")
    citation = _add(study, "citation")
    _titles(citation, run, lang)
    production = _add(citation, "prodStmt")
    _add(production, "software", "evalkit", version=run.record["evalkit"])
    summary = _add(_add(study, "stdyInfo"), "sumDscr")
    for wave in plan.waves:
        day = wave.date.isoformat()
        _add(summary, "collDate", day, event="single", date=day, cycle=wave.id)
    _add(summary, "nation", {"nb": "Norge", "en": "Norway"}[lang], abbr="NOR")
    _both(summary, "anlyUnit", plan.units)
    _both(summary, "universe", plan.units)
    method = _add(study, "method")
    collection = _add(method, "dataColl")
    _both(collection, "timeMeth", Words("Panel: de samme enhetene i flere runder", "Panel: the same units in waves"))
    _add(_add(collection, "sources"), "dataSrc", plan.source[lang])
    reason = plan.weights.reason
    _both(collection, "weight", reason or Words(f"Vekter: {plan.weights.method}", f"Weights: {plan.weights.method}"))


def _files(root: ET.Element, run: Run, variables: list[Variable]) -> None:
    for key, ending, kind in (("F1", "sav", "SPSS system file"), ("F2", "csv", "Comma-separated values, UTF-8")):
        text = _add(_add(root, "fileDscr", ID=key), "fileTxt")
        _add(text, "fileName", f"{run.study.name}.{ending}")
        size = _add(text, "dimensns")
        _add(size, "caseQnty", str(len(variables[0].values)))
        _add(size, "varQnty", str(len(variables)))
        _add(text, "fileType", kind)


def _variable(data: ET.Element, variable: Variable) -> None:
    """One variable; its parts in the order that the schema has them."""
    measure = "discrete" if variable.is_text or variable.categories else "contin"
    weight = "wgt" if variable.panel == "weight" else "not-wgt"
    part = _add(data, "var", ID=f"V_{variable.name}", name=variable.name, wgt=weight, files="F1 F2", intrvl=measure)
    _both(part, "labl", variable.label)
    if variable.question is not None:
        _both(_add(part, "qstn"), "qstnLit", variable.question)
    if variable.missing:
        invalid = _add(part, "invalrng")
        for code in variable.missing:
            _add(invalid, "item", VALUE=str(code))
    _both(part, "universe", variable.base)
    for code, words in (variable.categories | variable.missing).items():
        category = _add(part, "catgry", missing="Y" if code in variable.missing else "N")
        _add(category, "catValu", str(code))
        _both(category, "labl", words)
    _add(part, "varFormat", type="character" if variable.is_text else "numeric", schema="SPSS")
    notes = [f"evalkit: {variable.panel}", variable.note, variable.unit.en if variable.unit is not None else ""]
    _add(part, "notes", "; ".join(note for note in notes if note))
