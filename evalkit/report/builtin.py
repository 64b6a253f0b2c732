"""The built-in renderer: cells run once, then pandoc and Typst make the formats side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from evalkit.report.document import Document
from evalkit.report.execute import execute
from evalkit.report.html import render_html
from evalkit.report.pdf import render_pdf
from evalkit.report.settings import WRITERS, Project, resolve
from evalkit.report.shortcodes import replace_shortcodes
from evalkit.report.stage import Stage
from evalkit.report.word import render_docx

_MAKERS = {"html": render_html, "pdf": render_pdf, "docx": render_docx}


def render_builtin(
    document: Document,
    project: Project,
    stage: Stage,
    *,
    name: str,
    formats: Sequence[str],
    params: Mapping[str, object],
    said: Mapping[str, Any],
) -> list[Path]:
    """Finished files, in the order of `formats`."""
    settings = {to: resolve(project, document, WRITERS[to], said) for to in formats}
    defaults = settings[formats[0]].get("execute") or {}

    def make(to: str) -> Path:
        return _MAKERS[to](replace_shortcodes(executed, settings[to]), settings[to], stage, name)

    with ThreadPoolExecutor(max_workers=2) as pool:
        dressed = pool.submit(stage.dress)  # while the kernel works
        executed = execute(document, params=params, folder=stage.folder, defaults=defaults)
        dressed.result()
        return [future.result() for future in [pool.submit(make, to) for to in formats]]
