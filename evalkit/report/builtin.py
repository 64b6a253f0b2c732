"""The built-in renderer: cells run once, then pandoc and Typst make the formats side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

from evalkit.present.letters import drawn
from evalkit.report.document import Document
from evalkit.report.execute import Executed, execute
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
        text, said = replace_shortcodes(executed, settings[to]), settings[to]
        if to != "html":  # a browser finds a font for every letter
            text = Executed(tuple(replace(line, text=_drawn(line.text)) for line in text.lines))
            said = _all_drawn(said)
        return _MAKERS[to](text, said, stage, name)

    with ThreadPoolExecutor(max_workers=2) as pool:
        dressed = pool.submit(stage.dress)  # while the kernel works
        executed = execute(document, params=params, folder=stage.folder, defaults=defaults)
        dressed.result()
        return [future.result() for future in [pool.submit(make, to) for to in formats]]


def _drawn(line: str) -> str:
    """A line of Markdown as it can be set; tabs are Markdown's own."""
    return line if line.isascii() else "\t".join(drawn(part, unseen=True) for part in line.split("\t"))


def _all_drawn(settings: Any) -> Any:
    """Every text of a document's settings as it can be set."""
    if isinstance(settings, Mapping):
        return {key: _all_drawn(value) for key, value in settings.items()}
    if isinstance(settings, list):
        return [_all_drawn(value) for value in settings]
    return drawn(settings) if isinstance(settings, str) else settings
