"""Words to calls; no logic."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from evalkit.errors import EvalkitError

if TYPE_CHECKING:
    from evalkit.pipeline import Step
    from evalkit.results import Run

app = typer.Typer(
    help="Repeated surveys of the same municipalities, from the wave files to the report.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

register = typer.Typer(help="Official statistics that runs use.", no_args_is_help=True)
app.add_typer(register, name="register")

StudyPath = Annotated[Path, typer.Argument(metavar="STUDY", help="The study's folder, such as analyses/robek.")]
Formats = Annotated[str, typer.Option("--format", help="Of html, pdf and docx, with commas between.")]
Lang = Annotated[str | None, typer.Option("--lang", help="nb, en or nb,en; the study's own where it is not given.")]
Engine = Annotated[str, typer.Option(help="builtin (which auto is, too) or quarto.")]
Template = Annotated[
    str | None, typer.Option(help="wave_report, which any study has; the study's own report where it is not given.")
]
Draft = Annotated[bool, typer.Option("--draft", help="Say on every page that it is a draft.")]
Trust = Annotated[
    bool, typer.Option("--trust", help="Accept the study's documents as they are now: they are code, and run here.")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing unless something is wrong.")]


@app.callback(invoke_without_command=True)
def evalkit(version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False) -> None:
    if version:
        from evalkit import __version__

        typer.echo(f"evalkit {__version__}")
        raise typer.Exit


@app.command()
def check(study: StudyPath, quiet: Quiet = False) -> None:
    """Read and validate everything, run nothing; every fault at once."""
    from evalkit import load_study, pipeline
    from evalkit.report.studies import check_reports

    found = load_study(study)
    waves = pipeline.check(found)
    check_reports(found)
    if not quiet:
        say = _console()
        for checked in waves:
            rows, columns = checked.wave.data.shape
            say(f"[green]✓[/] wave {checked.wave.id}: {rows} rows, {columns} columns")
            for finding in checked.stopped:
                say(f"    {_plain(finding.column)} stops at the privacy gate: {finding.what} in {finding.cells} cells")
            for note in checked.notes:
                say(f"    [yellow]![/] {_plain(note)}")
        for remark in pipeline.remarks(found):
            say(f"[yellow]![/] {_plain(remark)}")
        say(f"[green]✓[/] {found.name}: {len(found.items)} questions, {len(found.plan.exhibits)} exhibits, no fault")


@app.command()
def run(
    study: StudyPath,
    until: Annotated[str | None, typer.Option(help="Last stage to run.")] = None,
    report: Annotated[bool, typer.Option(help="Render the report.")] = True,
    fresh: Annotated[bool, typer.Option("--fresh", help="Compute everything, whatever earlier runs have.")] = False,
    lang: Lang = None,
    formats: Formats = "html,pdf,docx",
    engine: Engine = "auto",
    template: Template = None,
    draft: Draft = False,
    trust: Trust = False,
    quiet: Quiet = False,
) -> None:
    """All stages, then the report."""
    from evalkit import load_study, pipeline
    from evalkit.report.studies import check_choice, check_document

    found = load_study(study)
    for language in _languages(lang):
        check_choice(formats=_list(formats), lang=language, template=template, engine=engine)
        if report and until is None:
            check_document(found, language, template, trust=trust)
    if not quiet:
        _console()(f"[bold]{found.name}[/]")
    done = pipeline.run(found, until=until, fresh=fresh, progress=None if quiet else _progress)
    if report and until is None:
        _render(done, formats, lang, template, quiet, engine=engine, draft=draft, trust=trust)
    elif not quiet:
        _console()(f"  results in {_short(done.path)}")


@app.command()
def render(
    study: StudyPath,
    lang: Lang = None,
    formats: Formats = "html,pdf,docx",
    engine: Engine = "auto",
    template: Template = None,
    draft: Draft = False,
    trust: Trust = False,
    quiet: Quiet = False,
) -> None:
    """The report again from the latest run. Its document is code, which runs on this machine."""
    from evalkit import open_run

    _render(open_run(study), formats, lang, template, quiet, engine=engine, draft=draft, trust=trust)


@app.command()
def publish(
    study: StudyPath,
    out: Annotated[Path | None, typer.Option(help="Folder; build/<study>/published where it is not given.")] = None,
    lang: Lang = None,
    deposit: Annotated[bool | None, typer.Option("--deposit/--no-deposit", help="The archive's bundle.")] = None,
    allow: Annotated[list[str] | None, typer.Option(help="Address or number that is published on purpose.")] = None,
    trust: Trust = False,
    quiet: Quiet = False,
) -> None:
    """What leaves the house: a folder and a zip, looked through for what is personal."""
    from evalkit import open_run
    from evalkit.publish import publish as put
    from evalkit.publish.deposit import remarks

    run = open_run(study)
    folder = put(run, out=out, lang=lang, deposit=deposit, allow=allow or (), trust=trust)
    if not quiet:
        say = _console()
        say(f"  [green]✓[/] {_short(folder)} and {folder.name}.zip")
        for line in remarks(run) if deposit is not False else ():
            say(f"  – {_plain(line)}")


@app.command()
def codebook(study: StudyPath, quiet: Quiet = False) -> None:
    """Write codebook.toml: accept what the wave files say of themselves now."""
    from evalkit import load_study, pipeline
    from evalkit.waves.codebook import write_codebook

    found = load_study(study)
    path = write_codebook(found, pipeline.check(found, codebook=False))
    if not quiet:
        _console()(f"[green]✓[/] {_short(path.resolve())}")


Files = Annotated[list[Path], typer.Argument(metavar="FILE…", help="Wave files: .sav .dta .csv .xlsx.")]


@app.command()
def new(folder: Annotated[Path, typer.Argument(metavar="STUDY", help="A folder to make.")], files: Files) -> None:
    """A working study from wave files alone; what is guessed says so in its TOML."""
    from evalkit import intake

    study = intake.new(folder, files)
    say = _console()
    say(f"[green]✓[/] {_short(study.path)}: {len(study.plan.waves)} waves, {len(study.items)} questions; no fault")
    say("  read study.toml and items.toml: every guess has a comment")


@app.command()
def wave(study: StudyPath, file: Annotated[Path, typer.Argument(metavar="FILE", help="The new wave's file.")]) -> None:
    """A further wave: what fits is written, marked as proposed; the rest is shown, with what must be decided."""
    from evalkit import intake, load_study

    found = load_study(study)
    lines, difference = intake.further_wave(found, file)
    say = _console()
    say(_plain(lines.study))
    for table, (_, line) in lines.keys.items():
        say(f"[green]✓[/] {_plain(f'[{table}] {line}' if table else line)}")
    for name, (_, line) in lines.items.items():
        say(f"[green]✓[/] {_plain(f'[{name}] {line}')}")
    for (name, _), line in lines.options.items():
        say(f"[green]✓[/] {_plain(f'[{name}.options] {line}')}")
    for shown in lines.shown:
        say(f"[yellow]?[/] {_plain(shown)}")
    for change in difference.changes:
        if change.fault is None:
            say(f"· {_plain(f'{change.item}: {change.said}' if change.item else change.said)}")
    difference.raise_faults()


@app.command()
def compare(
    before: Annotated[Path, typer.Argument(metavar="RUN", help="The earlier run: build/<study>/<run>.")],
    after: Annotated[Path, typer.Argument(metavar="RUN", help="The later run, or the study for its latest.")],
    gate: Annotated[
        float | None, typer.Option(help="Exit 9 where a number moved more than this; of shares in points.")
    ] = None,
    most: Annotated[int, typer.Option(help="Numbers to list.")] = 20,
) -> None:
    """What differs between two runs, and which numbers moved, largest first."""
    from evalkit import open_run
    from evalkit.differences import compare_runs

    found = compare_runs(open_run(before), open_run(after))
    say = _console()
    for row in found.causes.itertuples():
        values = {"changed": f"{row.before} → {row.after}", "added": str(row.after), "removed": f"was {row.before}"}
        told = f", {values[str(row.done)]}" if row.before or row.after else ""
        say(f"  {row.part} {row.done}: {_plain(f'{row.name}{told}')}")
    say(f"{len(found.numbers)} numbers moved" if len(found.numbers) else "No number moved")
    for row in found.numbers.head(most).itertuples():
        where = " ".join(str(part) for part in row[2:8] if part)
        moved = f"{row.before:.6g} → {row.after:.6g} ({row.moved:+.3g})"
        came = f"new, {row.after:.6g}" if row.before != row.before else f"gone, was {row.before:.6g}"
        say(f"  {row.exhibit}: {_plain(where)}: {moved if row.moved == row.moved else came}")
    if len(found.numbers) > most:
        say(f"  and {len(found.numbers) - most} more (--most)")
    if gate is not None and found.largest > gate:
        say(f"[red]✗[/] a number moved more than {gate:g}")
        raise typer.Exit(9)


@register.command("update")
def register_update(
    to: Annotated[Path | None, typer.Option(help="Folder to write; the register in use where it is not given.")] = None,
    year: Annotated[list[int] | None, typer.Option(help="1 January of this year; again for further years.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Say what would change, and write nothing.")] = False,
    revise: Annotated[bool, typer.Option("--revise", help="Take what differs in years that it has, too.")] = False,
    klass: Annotated[
        str | None, typer.Option(envvar="EVALKIT_KLASS", help="Another address than data.ssb.no/api/klass/v1.")
    ] = None,
    statbank: Annotated[
        str | None, typer.Option(envvar="EVALKIT_STATBANK", help="Another than data.ssb.no/api/pxwebapi/v2.")
    ] = None,
    table: Annotated[str | None, typer.Option(help="Another table of population than 07459.")] = None,
) -> None:
    """Municipalities, counties and their changes again from Statistics Norway; runs use the snapshot until then."""
    from evalkit.refresh import Services, update

    services = Services.at(klass, statbank, table)
    say = _console()
    say(f"asking {services.klass} and {services.statbank}, table {services.table}")
    found = update(to=to, years=year or (), revise=revise, services=services)
    for line in found.lines():
        say(_plain(line))
    if check or not found.changed:
        say("nothing written" if found.changed else f"[green]✓[/] nothing new; {_short(found.target)} is as it was")
        return
    for path in found.write():
        say(f"[green]✓[/] {_short(path)}")
    for line in found.after_writing():
        say(_plain(line))


@app.command()
def doctor() -> None:
    """What is installed, and which renderer will be used."""
    from evalkit import report
    from evalkit.panel.register import register_folder, register_years

    say = _console()
    from evalkit import __version__

    say(f"evalkit {__version__}, Python {sys.version.split()[0]}")
    for engine in report.engines():
        say(f"{'[green]✓[/]' if engine.available else '·'} {engine.name} {engine.version or ''}: {engine.why}")
    years = register_years()
    say(f"[green]✓[/] register of municipalities {', '.join(map(str, years))}: {_short(register_folder())}")


def _render(done: Run, formats: str, lang: str | None, template: str | None, quiet: bool, **how: Any) -> None:
    """The report in each language, side by side; `how`: engine, draft and trust."""
    import time
    from concurrent.futures import ThreadPoolExecutor

    from evalkit.report.studies import check_choice, document_of, render
    from evalkit.report.trust import told

    start, say, languages = time.perf_counter(), _console(), _languages(lang)
    for one in languages:
        check_choice(formats=_list(formats), lang=one, template=template, engine=how["engine"])
    documents = (document_of(done.study, one or done.study.plan.lang, template) for one in languages)
    for line in dict.fromkeys(map(told, documents)) if not quiet else ():
        say(f"  {_plain(line)}")

    def report(language: str | None) -> list[Path]:
        return render(done, formats=_list(formats), lang=language, template=template, **how)

    if len(languages) == 1:  # here, where a signal ends it at once
        files = report(languages[0])
    else:
        with ThreadPoolExecutor() as pool:
            files = [file for made in pool.map(report, languages) for file in made]
    if not quiet:
        say(f"  [green]✓[/] report     {len(files)} files, {time.perf_counter() - start:.1f} s")
        for file in files:
            say(f"    {_short(file)}")


def _languages(lang: str | None) -> tuple[str | None, ...]:
    return (None,) if lang is None else tuple(dict.fromkeys(word.strip() for word in lang.split(",")))


def _list(words: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in words.split(",") if word.strip())


def _progress(step: Step) -> None:
    say = _console()
    if step.stage == "unchanged":
        say(f"  [green]✓[/] unchanged  {step.notes[0]}")
        return
    say(f"  [green]✓[/] {step.stage:<10} {step.rows_in} → {step.rows_out} rows, {step.seconds:.1f} s")
    for note in step.notes:
        say(f"      {_plain(note)}")


def _console() -> Callable[[str], None]:
    from rich.console import Console

    console = Console(highlight=False, soft_wrap=True)

    def say(text: str) -> None:
        # a reader who has gone is no reason to end: rich raises SystemExit where `| head` has read enough
        with suppress(OSError, SystemExit):
            console.print(text)

    return say


def _short(path: Path) -> Path:
    try:
        return path.relative_to(Path.cwd())
    except ValueError:
        return path


def main() -> None:
    """The console script."""
    from evalkit.__main__ import main as begin

    begin()


def obey() -> None:
    """What the command line says: a user's fault is printed without a traceback, and its kind is the exit code."""
    try:
        app()
    except EvalkitError as fault:
        from rich.console import Console

        console = Console(stderr=True, highlight=False, soft_wrap=True)
        faults = fault.faults or (fault,)
        if len(faults) > 1:
            console.print(f"[bold red]{len(faults)} faults[/]\n")
        for one in faults:
            what, _, rest = str(one).partition("\n")
            console.print(f"[red]✗[/] {_plain(what)}\n{_plain(rest)}" if rest else f"[red]✗[/] {_plain(what)}")
        raise SystemExit(fault.exit_code) from None


def _plain(text: str) -> str:
    from rich.markup import escape

    return escape(text)
