"""The description of a deposited panel as DDI Codebook 2.5 (DDI Alliance 2012), in both languages."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from evalkit.present.numbers import count, percent_words
from evalkit.present.words import listed
from evalkit.publish.ddi_variables import describe
from evalkit.publish.ddi_xml import LANG, add, both, codebook
from evalkit.publish.variables import Variable
from evalkit.report.methods import answered, frame_size, weighting_said
from evalkit.results import Run
from evalkit.study.model import Words
from evalkit.waves.manifest import manifest_entries

NATION = Words("Norge", "Norway")
EVERYONE = Words(
    "{waves}Alle {n} {units} i kommuneinndelingen av {year}",
    "{waves}All {n} {units} in the municipal borders of {year}",
)
EVERY_UNIT = Words(
    "{waves}Alle {n} {units}, slik de var 1. januar {year}", "{waves}All {n} {units}, as they were on 1 January {year}"
)
"""Of a study whose units are not municipalities."""
PANEL = Words("Panel: de samme enhetene i flere runder", "Panel: the same units in several waves")
ONCE = Words("Tverrsnitt: én runde", "Cross-section: one wave")
NO_SAMPLE = Words("{waves}Det er ikke trukket noe utvalg, og alle kunne svare",
                  "{waves}No sample was drawn, and everyone could answer")  # fmt: skip
INVITED = Words("{waves}{n} av {frame} {units} ble spurt", "{waves}{n} of {frame} {units} were asked")
ANSWERED = Words("{wave}: {n} av {frame} {units} svarte på noe ({share})",
                 "{wave}: {n} of {frame} {units} answered something ({share})")  # fmt: skip
ROW = Words(
    "Én rad for hver enhet og runde som svarte på noe", "One row for each unit and wave that answered something"
)
CODES = Words("Manglende svar har negative koder, som står ved hver variabel",
              "Missing answers have negative codes, which are given with each variable")  # fmt: skip
OPEN_TEXT = Words("Uten svarene i fritekst på: {items}", "Without the open answers to: {items}")
STOPPED = Words("Kolonner som kan si hvem en person er, og er utelatt: {n}",
                "Columns left out because they may tell who a person is: {n}")  # fmt: skip
WHOLE = Words("Alle spørsmål er med", "Every question is there")
LICENCE = Words("Lisens for filene fra hver runde: {licences}", "Licence of the files of each wave: {licences}")
OPEN = Words("Ingen av filene fra rundene har begrenset tilgang", "None of the files of the waves is restricted")


def ddi(run: Run, variables: list[Variable], lang: str) -> bytes:
    """The XML file: study, files and variables.

    It has counts only where the study has declared that nothing needs protection, so that it may be public where the
    data are not.

    Parameters
    ----------
    variables : as in the files beside it.
    lang : the language of what is said once; everything else is in both.
    """
    root = codebook(lang)
    document = add(add(root, "docDscr"), "citation")
    _titles(document, run, lang)
    _production(document, run)
    study = add(root, "stdyDscr")
    _citation(study, run, lang)
    _scope(study, run)
    _method(study, run)
    _access(study, run)
    both(study, "notes", run.study.plan.notice)
    _files(root, run, variables, lang)
    describe(root, run, variables)
    ET.indent(root)
    return ET.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n"


def said(words: Words, **filled: Words | str | int) -> Words:
    """`words` filled in both languages, numbers as the language writes them."""

    def of(value: Words | str | int, lang: str) -> str:
        return count(value, lang) if isinstance(value, int) else value if isinstance(value, str) else value[lang]

    nb, en = (words[lang].format(**{name: of(value, lang) for name, value in filled.items()}) for lang in ("nb", "en"))
    return Words(nb, en)


def _titles(citation: ET.Element, run: Run, lang: str) -> None:
    titles, plan = add(citation, "titlStmt"), run.study.plan
    other = "en" if lang == "nb" else "nb"
    add(titles, "titl", plan.title[lang]).set(LANG, lang)
    add(titles, "parTitl", plan.title[other]).set(LANG, other)
    add(titles, "IDNo", f"{run.study.name}-{run.id}", agency="evalkit")


def _production(citation: ET.Element, run: Run) -> ET.Element:
    """When and with what; who, where the study says so."""
    production, day = add(citation, "prodStmt"), run.record["made"][:10]
    add(production, "prodDate", day, date=day)
    add(production, "software", "evalkit", version=run.record["evalkit"])
    return production


def _citation(study: ET.Element, run: Run, lang: str) -> None:
    citation, deposit = add(study, "citation"), run.study.plan.deposit
    _titles(citation, run, lang)
    if deposit.authors:
        responsible = add(citation, "rspStmt")
        for author in deposit.authors:
            add(responsible, "AuthEnty", author)
    production = _production(citation, run)
    if deposit.producer is not None:
        first = ET.Element("producers")
        both(first, "producer", deposit.producer)
        production[:0] = list(first)
    add(add(citation, "verStmt"), "version", run.id, date=run.record["made"][:10], type="run")


def _scope(study: ET.Element, run: Run) -> None:
    """When, where and whom."""
    plan, info = run.study.plan, add(study, "stdyInfo")
    if plan.deposit.keywords:
        subject = add(info, "subject")
        for keyword in plan.deposit.keywords:
            both(subject, "keyword", keyword)
    both(info, "abstract", plan.deposit.abstract)
    summary = add(info, "sumDscr")
    for k, wave in enumerate(plan.waves, start=1):
        day = wave.date.isoformat()
        add(summary, "collDate", day, ID=f"T_{k}", event="single", date=day, cycle=wave.id)
    both(summary, "nation", NATION, abbr="NO")
    both(summary, "geogCover", NATION)
    both(summary, "geogUnit", plan.units)
    both(summary, "anlyUnit", plan.units)
    for frame in run.study.borders:
        both(summary, "universe", _of_frame(run, frame, EVERYONE if plan.frame.units is None else EVERY_UNIT))


def _of_frame(run: Run, frame: str | None, words: Words) -> Words:
    """`words` filled for a frame, whose waves are named where there are several."""
    spec, study = run.study.within(frame).plan.frame, run.study
    waves = [f"{listed(list(study.borders[frame]), lang)}: " if study.plan.frames else "" for lang in ("nb", "en")]
    size = frame_size(run, frame)
    number = size if spec.invited is None or words in (EVERYONE, EVERY_UNIT) else spec.invited
    year = str(spec.register)
    return said(words, waves=Words(*waves), n=number, frame=size, units=study.plan.units, year=year)


def _method(study: ET.Element, run: Run) -> None:
    """How the answers came, and what they stand for."""
    plan, method = run.study.plan, add(study, "method")
    collection = add(method, "dataColl")
    both(collection, "timeMeth", PANEL if len(plan.waves) > 1 else ONCE)
    for frame in run.study.borders:
        invited = run.study.within(frame).plan.frame.invited
        both(collection, "sampProc", _of_frame(run, frame, NO_SAMPLE if invited is None else INVITED))
    both(collection, "collMode", plan.deposit.mode)
    both(add(collection, "sources"), "dataSrc", plan.source)
    both(collection, "weight", Words(weighting_said(run, "nb"), weighting_said(run, "en")), ID="W")
    analysis, counts = add(method, "anlyInfo"), answered(run)
    for wave in plan.waves:
        n, size = counts[wave.id], frame_size(run, run.study.frame_of([wave.id]))
        share = Words(*(percent_words(n / size, lang) for lang in ("nb", "en")))
        both(analysis, "respRate", said(ANSWERED, wave=wave.id, n=n, frame=size, units=plan.units, share=share))


def _access(study: ET.Element, run: Run) -> None:
    """What is in the bundle, and on which conditions; an element a language, for each may stand once only."""
    entries = manifest_entries(run.study)
    complete, conditions = left_out(run), run.study.plan.deposit.conditions
    licences = sorted({entry["licence"] for entry in entries.values() if "licence" in entry})
    access = add(study, "dataAccs")
    for lang in ("nb", "en"):
        available = add(access, "setAvail")
        add(available, "complete", complete[lang]).set(LANG, lang)
        add(available, "fileQnty", "2")
    for lang in ("nb", "en"):
        terms = [conditions[lang]] if conditions is not None else []
        terms += [LICENCE[lang].format(licences="; ".join(licences))] if licences else []
        if terms or entries:
            use = add(access, "useStmt")
        if entries:  # a restricted file makes no bundle
            add(use, "restrctn", OPEN[lang]).set(LANG, lang)
        if terms:
            add(use, "conditions", ". ".join(term.rstrip(".") for term in terms)).set(LANG, lang)


def left_out(run: Run) -> Words:
    """What is not in the files: open answers, and columns that stopped at the privacy gate."""
    study = run.study
    texts = [name for name, item in study.items.items() if item.type == "text"]
    known = {column for name in texts for wave in study.plan.waves for column in study.columns(name, wave.id)}
    found = {row["column"] for rows in run.record["stopped_at_the_privacy_gate"].values() for row in rows} - known
    parts = []
    if texts:
        labels = [listed([study.items[name].label[lang] for name in texts], lang) for lang in ("nb", "en")]
        parts.append(said(OPEN_TEXT, items=Words(*labels)))
    if found:
        parts.append(said(STOPPED, n=len(found)))
    parts = parts or [WHOLE]
    return Words(*(". ".join(part[lang] for part in parts) for lang in ("nb", "en")))


def _files(root: ET.Element, run: Run, variables: list[Variable], lang: str) -> None:
    kinds = (("F1", "sav", "SPSS system file", ""), ("F2", "csv", "Comma-separated values", "comma-delimited"))
    for key, ending, kind, layout in kinds:
        text = add(add(root, "fileDscr", ID=key), "fileTxt")
        add(text, "fileName", f"{run.study.name}.{ending}")
        add(text, "fileCont", ROW[lang]).set(LANG, lang)
        add(text, "fileStrc", type="rectangular")
        size = add(text, "dimensns")
        add(size, "caseQnty", str(len(variables[0].values)))
        add(size, "varQnty", str(len(variables)))
        add(text, "fileType", kind, charset="UTF-8")
        if layout:
            add(text, "format", layout)
        add(text, "dataMsng", CODES[lang]).set(LANG, lang)
