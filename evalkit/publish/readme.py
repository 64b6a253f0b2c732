"""What a published folder holds, file by file."""

from __future__ import annotations

from pathlib import Path

from evalkit.present.pipes import escape
from evalkit.publish.archive import SUMS, files_in
from evalkit.results import Run
from evalkit.study.model import Words

WHAT = {
    "report": ("rapporten", "the report"),
    "results.xlsx": ("resultatene, ett ark for hver figur og tabell", "the results, a sheet for each figure and table"),
    "results.csv": ("de samme tallene som koder", "the same numbers as codes"),
    "columns.csv": ("hva kolonnene i results.csv er", "what the columns of results.csv are"),
    "codes.csv": ("hva kodene i results.csv betyr", "what the codes of results.csv mean"),
    "methods.md": ("hvordan tallene er laget", "how the numbers were made"),
    "codebook.toml": ("spørsmålene og svarene i hver runde", "the questions and answers of each wave"),
    "run.json": ("hva kjøringen er laget av", "what the run was made of"),
    "deposit": ("til dataarkivet, se README.md der", "for the data archive, see README.md there"),
    SUMS: ("sjekksummer: sha256sum --check SHA256SUMS", "checksums: sha256sum --check SHA256SUMS"),
}
TEXT_MARK = (
    "I CSV-filene står det en apostrof foran tekst som et regneark ellers ville tatt for en formel.",
    "In the CSV files an apostrophe stands before text that a spreadsheet would else take for a formula.",
)
NO_DEPOSIT = ("Det er ingen pakke til dataarkivet: {why}", "There is no bundle for the data archive: {why}")


def readme(run: Run, folder: Path, lang: str, why_no_deposit: Words | None) -> str:
    """README.md of `folder`."""
    k = 0 if lang == "nb" else 1
    plan = run.study.plan
    lines = [f"# {escape(plan.title[lang])}", ""]
    if plan.notice is not None:
        lines += [f"**{escape(plan.notice[lang])}**", ""]
    version = f"evalkit {run.record['evalkit']}, {run.id}, {run.record['made'][:10]}"
    lines += [escape(plan.source[lang]), "", version, ""]
    for name in [*(file.relative_to(folder).as_posix() for file in files_in(folder)), SUMS]:
        first, last = name.split("/")[0], name.split("/")[-1]
        known = WHAT.get(first) or WHAT[last]
        lines.append(f"- `{name}`: {known[k]}")
    lines += ["", TEXT_MARK[k]]
    if why_no_deposit is not None:
        lines += ["", NO_DEPOSIT[k].format(why=why_no_deposit[lang])]
    return "\n".join(lines) + "\n"
