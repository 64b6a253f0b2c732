"""The reports of a study: its own document, or the wave report, from a finished run; the workbook beside it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

from evalkit.errors import EvalkitError, RenderError, one_of
from evalkit.report.engine import choose
from evalkit.results import Run
from evalkit.study.model import Study

LANGUAGES = ("nb", "en")
DRAFT = {"nb": "Utkast.", "en": "Draft."}
FORMATS = ("html", "pdf", "docx")


def render(
    run: Run,
    *,
    formats: tuple[str, ...] = ("html", "pdf", "docx"),
    lang: str | None = None,
    engine: str = "auto",
    template: str | None = None,
    draft: bool = False,
    trust: bool = False,
) -> list[Path]:
    """Render a report from a finished run into the run's folder report/, and results.xlsx beside it.

    Parameters
    ----------
    formats : of html, pdf and docx.
    lang : nb or en; the study's own where it is not given.
    engine : quarto or builtin; auto is the built-in one.
    template : "wave_report", the report that any study has; the study's own document where it is not given, or the
        wave report where the study has none.
    draft : say on every page that it is a draft.
    trust : accept a document from outside this repository, as it is now: it is code, and runs.

    Returns
    -------
    Paths of the files, in the order of `formats`, the workbook last.

    Raises
    ------
    RenderError with document, cell and line where a cell fails; an earlier report stays.
    Whatever `check` finds of the study and of the document.
    """
    from evalkit.present.pipes import escape
    from evalkit.present.words import house, sentence
    from evalkit.report.render import render_document
    from evalkit.report.stage import deliver

    check_choice(formats=formats, lang=lang, template=template, engine=engine)
    study = run.study
    language = lang or study.plan.lang
    document = document_of(study, language, template)
    general = document != study.report(language)
    check_run(run, lambda: check_document(study, lang, template, trust=trust))
    said = [DRAFT[language]] if draft else []
    said += [study.plan.notice[language]] if study.plan.notice is not None else []
    notice = " ".join(said) or None
    about = {
        "source": sentence(house(language).source.format(source=study.plan.source[language])),
        "date": run.record["made"][:10],
    }
    params: dict[str, object] = {"study": study.name, "run": str(run.path), "lang": language}
    title = {"title": escape(study.plan.title[language])} if general else {}
    out = run.path / "report"
    try:
        with TemporaryDirectory(prefix="evalkit-") as folder, ThreadPoolExecutor(max_workers=1) as beside:
            workbook = beside.submit(_workbook, run, language, notice, Path(folder))  # while the report's cells run
            files = render_document(
                document,
                params=params | ({"notice": notice} if notice else {}),
                out=out,
                formats=formats,
                lang=language,
                engine=engine,
                resources=run.path,
                metadata=about | title,
            )
            return [*files, *deliver([workbook.result()], out)]
    except OSError as error:
        mend = "see that the disk has room; an earlier report is as it was"
        raise RenderError("The report could not be written", where=out, got=error, mend=mend) from error


def _workbook(run: Run, lang: str, notice: str | None, folder: Path) -> Path:
    """results.xlsx, with the language in its name where it is not the study's own."""
    from evalkit.present.workbook import write_workbook

    plan = run.study.plan
    about = {"title": plan.title[lang], "notice": notice, "run": run.id, "date": run.record["made"]}
    path = folder / ("results.xlsx" if lang == plan.lang else f"results.{lang}.xlsx")
    write_workbook([run.exhibit(name) for name in run.exhibits], path, lang, about=about)
    return path


def check_choice(*, formats: tuple[str, ...], lang: str | None, template: str | None, engine: str = "auto") -> None:
    """RenderError where a format, language, template or engine is none; before anything is computed."""
    choose(engine)
    unknown = [name for name in formats if name not in FORMATS]
    if unknown or not formats:
        raise RenderError("Reports have no such format", expected=one_of(FORMATS), got=", ".join(unknown) or "none")
    if lang not in (None, *LANGUAGES):
        raise RenderError("Reports have no such language", expected=one_of(LANGUAGES), got=lang)
    if template not in (None, "wave_report"):
        raise RenderError(f"There is no template {template!r}", expected="wave_report, or none for the study's own")


def document_of(study: Study, lang: str, template: str | None = None) -> Path:
    """The document that is rendered: the study's own, or the wave report."""
    from evalkit.report.settings import shipped_reports

    own = study.report(lang)
    general = template is not None or not own.is_file()
    return shipped_reports() / "wave_report" / "wave_report.qmd" if general else own


def check_document(study: Study, lang: str | None, template: str | None, *, trust: bool = False) -> None:
    """RenderError where a number is typed in the document's prose, or it is code from elsewhere and not accepted."""
    from evalkit.report.prose import check_prose
    from evalkit.report.trust import check_trust

    document = document_of(study, lang or study.plan.lang, template)
    _all_of(lambda: check_prose(document), lambda: check_trust(document, f"evalkit render {study.path}", trust=trust))


def check_run(run: Run, *more: Callable[[], object]) -> None:
    """What `check` applies, before a run's results go into anything that is shown; `more` are checks besides.

    A run that is of the study as it stands was checked when it was made, and so was one whose study is gone.
    """
    from evalkit.checking import check
    from evalkit.provenance import identity

    study = run.study
    kept = study.path.is_relative_to(run.path) or identity(study).id == run.id
    _all_of(*([] if kept else [lambda: check(study)]), *more)


def _all_of(*steps: Callable[[], object]) -> None:
    """Every fault of all steps at once."""
    faults: list[EvalkitError] = []
    for step in steps:
        try:
            step()
        except EvalkitError as fault:
            faults += fault.faults or (fault,)
    if faults:
        raise type(faults[0]).of(faults)


def check_reports(study: Study) -> None:
    """Every number in the prose of the study's reports is computed; RenderError names those that are typed."""
    from evalkit.report.prose import check_prose

    documents = [document for lang in LANGUAGES if (document := study.report(lang)).is_file()]
    _all_of(*(lambda document=document: check_prose(document) for document in documents))
