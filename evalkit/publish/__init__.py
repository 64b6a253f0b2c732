"""What leaves the house: report, results and methods of a run in a folder and a zip, and a bundle for the archive."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from evalkit.errors import PrivacyError, RunError, one_of
from evalkit.folders import put, scratch
from evalkit.present.workbook import write_workbook
from evalkit.publish.archive import is_published, is_published_zip, made, write_checksums, write_zip
from evalkit.publish.codebook import codebook_of
from evalkit.publish.deposit import why_not, write_deposit
from evalkit.publish.gate import look
from evalkit.publish.methods import methods_note
from evalkit.publish.readme import readme
from evalkit.publish.tables import write_dictionary, write_results
from evalkit.report.studies import LANGUAGES, check_reports, check_run, render
from evalkit.results import Run
from evalkit.study.toml import parse

FORMATS = ("html", "pdf", "docx")
RULE = """
    [disclosure]
    minimum = 3     # fewest units behind a number; or, where everything may be known,
    # minimum = 0
    # reason = { nb = "…", en = "…" }"""


def publish(
    run: Run,
    *,
    out: Path | None = None,
    lang: str | None = None,
    deposit: bool | None = None,
    allow: Sequence[str] = (),
    trust: bool = False,
) -> Path:
    """Put together what a run publishes, look through it, and give it its name only when nothing is wrong.

    Parameters
    ----------
    run : a finished run of all stages; its report is rendered where it is not.
    out : the folder to make; build/<study>/published/<study>-<run> where it is not given. One that is there is
        replaced if it is an earlier one of these and holds nothing else, else refused; so is the zip.
    lang : nb or en, of report, workbook, methods and labels; the study's own where it is not given.
    deposit : whether to make the bundle for the data archive; where it is not given, if the data are real.
    allow : e-mail addresses and telephone numbers that the study publishes on purpose.
    trust : as of `evalkit.render`, where the report is not rendered yet.

    Returns
    -------
    The folder; <folder>.zip lies beside it. The same run gives the same bytes.

    Raises
    ------
    RunError where the run stopped early, the folder holds something else, or a bundle is asked for that cannot be.
    PrivacyError where real data have no rule for small groups, or the run was made by another one; and with every place
    where something personal, or a path of this machine, would have left the house.
    Whatever `check` finds.

    Examples
    --------
    >>> publish(open_run("analyses/robek"))  # doctest: +SKIP
    """
    language = lang or run.study.plan.lang
    if language not in LANGUAGES:
        raise RunError("There is no such language", expected=one_of(LANGUAGES), got=language)
    reason = why_not(run)
    if deposit and reason is not None:
        raise RunError("There is no bundle for the data archive", where=run.study.name, got=reason["en"])
    target = Path(out) if out is not None else run.study.build / "published" / f"{run.study.name}-{run.id}"
    check_target(target)
    check_disclosure(run)
    check_run(run, lambda: check_reports(run.study))
    reports = _reports(run, language, trust)
    try:
        with scratch(target.parent, target.name) as new:
            building = new / target.name
            _fill(run, building, language, reports)
            bundle = reason is None and deposit is not False
            if bundle:
                write_deposit(run, building / "deposit", language)
            note = reason if not bundle else None
            (building / "README.md").write_text(readme(run, building, language, note), encoding="utf-8")
            look(building, run, allow)
            write_checksums(building)
            write_zip(building, new / f"{target.name}.zip", target.name, made(run))
            put([building, new / f"{target.name}.zip"], target.parent)
    except OSError as error:
        mend = "see that the disk has room and the folder may be written"
        raise RunError("What is published could not be written", where=target, got=error, mend=mend) from error
    return target


def check_target(target: Path) -> None:
    """RunError where the folder or the zip to be made would take the place of anything but an earlier one of these."""
    if target.exists() and not is_published(target):
        what = "The folder holds something else than publish wrote there"
        raise RunError(what, where=target, mend="name a folder that is not there, or move what you keep in it")
    packed = target.with_name(f"{target.name}.zip")
    if packed.exists() and not is_published_zip(packed, target.name):
        what = "There is another file of the name of the zip"
        raise RunError(what, where=packed, mend="name another folder with --out, or move the file")


def check_disclosure(run: Run) -> None:
    """PrivacyError where real data would be published without a rule for small groups, or by another one."""
    now, then = run.study.path / "study.toml", run.path / "study" / "study.toml"
    if run.study.plan.data == "real" and run.study.plan.disclosure is None:
        what = "Real data are not published without a rule for small groups"
        mend = f"add these lines, and run again:\n{RULE}"
        raise PrivacyError(what, where=now, expected="a [disclosure] table", mend=mend)
    if then.is_file() and parse(then).get("disclosure") != parse(now).get("disclosure"):
        what = "[disclosure] has changed since the run: its figures are not protected as the study says"
        raise PrivacyError(what, where=run.path, mend=f"evalkit run {run.study.path}")


def _reports(run: Run, lang: str, trust: bool) -> list[Path]:
    """The report in every format, rendered where one is missing."""
    if not run.exhibits or not (run.path / "exhibits" / lang).is_dir():
        raise RunError("The run stopped before its exhibits", where=run.path, mend="run it again without --until")
    study = run.study
    stems = [f"{study.name}.{lang}", *([study.name] if lang == study.plan.lang else [])]
    if not study.report(lang).is_file():
        stems += [f"wave_report.{lang}", *(["wave_report"] if lang == "nb" else [])]
    for stem in stems:
        found = [run.path / "report" / f"{stem}.{ending}" for ending in FORMATS]
        if all(file.is_file() for file in found):
            return found
    return [file for file in render(run, formats=FORMATS, lang=lang, trust=trust) if file.suffix[1:] in FORMATS]


def _fill(run: Run, folder: Path, lang: str, reports: list[Path]) -> None:
    """Everything but the deposit, the list of contents and the checksums."""
    results = folder / "results"
    results.mkdir(parents=True)
    (folder / "report").mkdir()
    for report in reports:
        shutil.copyfile(report, folder / "report" / report.name)
    exhibits = [run.exhibit(name) for name in run.exhibits]
    plan = run.study.plan
    notice = plan.notice[lang] if plan.notice is not None else None
    about = {"title": plan.title[lang], "notice": notice, "run": run.id, "date": run.record["made"][:10]}
    write_workbook(exhibits, results / "results.xlsx", lang, about=about)
    write_results(exhibits, results / "results.csv")
    write_dictionary(exhibits, results)
    (folder / "methods.md").write_text(methods_note(run, lang), encoding="utf-8")
    (folder / "codebook.toml").write_text(codebook_of(run), encoding="utf-8")
    shutil.copyfile(run.path / "run.json", folder / "run.json")
