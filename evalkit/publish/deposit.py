"""The bundle for a data archive: the harmonised panel as .sav and .csv, its description as DDI, and a README."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path
from typing import Any

from evalkit.present.pipes import escape
from evalkit.present.words import listed
from evalkit.publish.archive import made
from evalkit.publish.ddi import ROW, ddi, left_out
from evalkit.publish.tables import write_csv
from evalkit.publish.variables import WHY, Variable, variables
from evalkit.report.methods import weighting_said
from evalkit.results import Run
from evalkit.study.model import Words

LONGEST_LABEL, LONGEST_VALUE = 255, 120
"""What SPSS takes, in bytes: of a variable's and of a value's label."""
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def why_not(run: Run) -> Words | None:
    """Why a run has no bundle for the archive; None where it has one."""
    data = run.study.plan.data
    if data != "real":
        said = {"reconstructed": "rekonstruerte", "synthetic": "syntetiske"}[data]
        return Words(f"svarene er {said}, ikke virkelige", f"the answers are {data}, not real")
    if run.record.get("panel") == "restricted":
        return Words("en av filene har begrenset tilgang", "a wave file is restricted in the manifest")
    return None


def remarks(run: Run) -> list[str]:
    """What a person who publishes should know: why there is no bundle, or what the archive will ask them besides."""
    reason, plan = why_not(run), run.study.plan
    if reason is not None:
        return [f"no bundle for the data archive: {reason['en']}"]
    unsaid = [key.name for key in fields(plan.deposit) if not getattr(plan.deposit, key.name)]
    items = run.study.items.items()
    unworded = [name for name, item in items if item.question is None and item.type != "text"]
    said = [f"the archive will ask for {listed(unsaid, 'en')}: [deposit] in study.toml"] if unsaid else []
    return said + ([f"no wording of {listed(unworded, 'en')}: question in items.toml"] if unworded else [])


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
        v.name: {code: cut(words[lang], LONGEST_VALUE) for code, words in v.words.items()} for v in found if v.words
    }
    pyreadstat.write_sav(
        frame,
        str(path),
        file_label=cut(run.study.plan.title[lang], 64),
        column_labels={v.name: cut(v.label[lang], LONGEST_LABEL) for v in found},
        variable_value_labels=labels,
        missing_ranges=missing,
        variable_measure={v.name: "nominal" if v.is_text or v.categories else "scale" for v in found},
        variable_format={v.name: v.form for v in found if not v.is_text},
    )
    year, month, day, *clock = made(run)
    content = bytearray(path.read_bytes())
    content[92:101] = f"{day:02} {MONTHS[month - 1]} {year % 100:02}".encode()  # the header's date of writing
    content[101:109] = ":".join(f"{part:02}" for part in clock).encode()
    path.write_bytes(content)


def cut(text: str, most: int) -> str:
    """`text` in at most so many bytes, … where some is cut; the DDI file has it in full."""
    if len(text.encode()) <= most:
        return text
    return text.encode()[: most - 3].decode(errors="ignore").rstrip() + "…"


README = {
    "nb": {
        "rows": "{rows} rader og {columns} variabler. {row}.",
        "sav": "SPSS, med navn på variabler og verdier på bokmål",
        "csv": "de samme tallene; UTF-8, komma mellom, punktum som desimaltegn",
        "xml": "beskrivelsen for arkivet, DDI Codebook 2.5, på begge språk",
        "missing": "Manglende svar har negative koder: {codes}.",
        "empty": "En tom celle er uten verdi.",
    },
    "en": {
        "rows": "{rows} rows and {columns} variables. {row}.",
        "sav": "SPSS, with labels of variables and values in English",
        "csv": "the same numbers; UTF-8, commas between, decimal points",
        "xml": "the description for the archive, DDI Codebook 2.5, in both languages",
        "missing": "Missing answers have negative codes: {codes}.",
        "empty": "An empty cell has no value.",
    },
}
HEAD = {"nb": ("Navn", "I studien", "Hva", "Manglende"), "en": ("Name", "In the study", "What", "Missing")}


def _readme(run: Run, found: list[Variable], lang: str) -> str:
    """README.md of the bundle: files, rows, codes, what is left out, and every variable."""
    plan, name, words = run.study.plan, run.study.name, README[lang]
    size = {"rows": len(found[0].values), "columns": len(found), "row": ROW[lang]}
    codes = dict(sorted({item for v in found for item in v.missing.items()}, reverse=True))
    lines = [f"# {escape(plan.title[lang])}", ""]
    lines += [f"**{escape(plan.notice[lang])}**", ""] if plan.notice is not None else []
    version = f"evalkit {run.record['evalkit']}, {run.id}, {run.record['made'][:10]}"
    lines += [escape(plan.source[lang]), "", version, ""]
    lines += [f"- `{name}.{kind}`: {words[kind]}" for kind in ("sav", "csv", "xml")]
    lines += ["", words["rows"].format(**size), "", escape(f"{left_out(run)[lang]}. {weighting_said(run, lang)}"), ""]
    if codes:
        said = ", ".join(f"{_minus(code)} {WHY[reason][lang]}" for code, reason in codes.items())
        lines += [words["missing"].format(codes=said), ""]
    lines += [words["empty"], ""] if any(v.values.isna().any() for v in found) else []
    lines += [f"| {' | '.join(HEAD[lang])} |", "|---|---|---|---|"]
    for v in found:
        cells = (v.name, v.panel, v.label[lang], ", ".join(map(_minus, v.missing)))
        lines.append(f"| {' | '.join(map(escape, cells))} |")
    return "\n".join(lines) + "\n"


def _minus(code: int) -> str:
    return f"−{-code}"
