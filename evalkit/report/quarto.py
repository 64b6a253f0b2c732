"""The Quarto command on the staged document, once a format; what it leaves undone in Word is done afterwards."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from evalkit.errors import RenderError
from evalkit.present.pipes import escape
from evalkit.report.document import Document, parameter_cell
from evalkit.report.engine import EngineInfo
from evalkit.report.pandoc import PLAIN
from evalkit.report.pdf_tags import head_rows
from evalkit.report.settings import WRITERS, Project, merge, resolve
from evalkit.report.stage import Stage
from evalkit.report.word import finish

_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_COMPLAINTS = re.compile(r"(Unable to resolve crossref .*|[Cc]itation \S+ not found.*|Could not fetch resource .*)")


def render_quarto(
    info: EngineInfo,
    document: Document,
    project: Project,
    stage: Stage,
    *,
    name: str,
    formats: Sequence[str],
    params: Mapping[str, object],
    said: Mapping[str, Any],
) -> list[Path]:
    """Finished files, in the order of `formats`.

    The staged copy of the document carries what the call says: its head is written anew, and the parameters stand in
    a cell after the tagged one. (`-P` does the same by papermill, which need not be installed.)
    """
    staged = stage.folder / document.path.name
    stage.dress()
    staged.write_text(staged_text(document, params, said), encoding="utf-8")
    files = []
    for to in formats:
        settings = resolve(project, document, WRITERS[to], said)
        _run(render_command(info, staged, WRITERS[to]), document, stage)
        made = staged.with_suffix(f".{to}")
        if not made.is_file():
            raise RenderError("Quarto made no such file.", where=document.path.name, expected=made.name)
        target = stage.done / f"{name}.{to}"
        shutil.move(made, target)
        if to == "docx":
            finish(target, settings)
        elif to == "pdf":
            head_rows(target)
        files.append(target)
    return files


def render_command(info: EngineInfo, staged: Path, writer: str) -> list[str]:
    """quarto render document.qmd --to FORMAT."""
    return [str(info.path), "render", staged.name, "--to", writer]


def staged_text(document: Document, params: Mapping[str, object], said: Mapping[str, Any]) -> str:
    """The document with the head and the parameters of this call."""
    lines = document.path.read_text(encoding="utf-8-sig").splitlines()
    cell = parameter_cell(document)
    if params and cell is not None:
        if cell.fence.file != document.path.name:
            raise RenderError(
                "The cell tagged parameters stands in an included file.",
                where=cell.fence.place,
                mend=f"Put it in {document.path.name} itself, where every renderer finds it.",
            )
        values = [f"{key} = {value!r}" for key, value in params.items()]
        injected = ["", "```{python}", "#| label: injected-parameters", "#| include: false", *values, "```"]
        lines[cell.last_line : cell.last_line] = injected
    meta = merge(document.meta, said)
    meta |= {key: escape(str(meta[key])) for key in PLAIN if meta.get(key)}
    head = yaml.safe_dump(meta, allow_unicode=True, sort_keys=False)
    return "\n".join(["---", head.rstrip(), "---", *lines[document.head_lines :]]) + "\n"


def _run(command: list[str], document: Document, stage: Stage) -> None:
    environment = {**os.environ, "QUARTO_PYTHON": sys.executable}
    done = subprocess.run(
        command,
        cwd=stage.folder,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    said = _ANSI.sub("", done.stderr)
    complaints = _COMPLAINTS.findall(said)
    if done.returncode != 0 or complaints:
        raise RenderError(
            "Quarto could not render the document.",
            where=document.path.name,
            got="\n    ".join(complaints) or _last_error(said),
            mend="Render with --engine builtin, which names the line.",
        )


def _last_error(said: str) -> str:
    """The last line that names an error, else the last line."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    errors = [line for line in lines if re.match(r"^(ERROR\b|\w*(Error|Exception)\b)", line)]
    return (errors or lines or ["no message"])[-1]
