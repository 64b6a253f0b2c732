"""PDF by Typst: A4, PDF/UA-1, fonts embedded."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from evalkit.errors import RenderError
from evalkit.report.execute import Executed
from evalkit.report.pandoc import TEMPLATES, run_pandoc
from evalkit.report.pdf_tags import head_rows
from evalkit.report.settings import now
from evalkit.report.stage import Stage


def render_pdf(executed: Executed, settings: Mapping[str, Any], stage: Stage, name: str) -> Path:
    """Write `name`.pdf among the finished files of the stage."""
    template = stage.root / "_shared" / "document.typ"
    shutil.copy(TEMPLATES / template.name, template)
    source = stage.folder / f"{name}.typ"
    depth = str(settings.get("toc-depth", 3))
    options = [f"--template={template}", f"--variable=toc-depth:{depth}"]
    run_pandoc(executed, "typst", source, settings=settings, folder=stage.folder, options=options)
    output = stage.done / f"{name}.pdf"
    standards = settings.get("pdf-standard", "ua-1")
    how = {
        "output": output,
        "root": stage.root,
        "font_paths": [stage.root / "_shared" / "fonts"],
        "ignore_system_fonts": True,
        "pdf_standards": standards if isinstance(standards, list) else [standards],
        "timestamp": now(),
    }
    # where page breaks do not settle, tall figures stand still: the numbers of a layout left unfinished can be wrong
    if _typeset(source, executed, how) and (
        faults := _typeset(source, executed, how | {"sys_inputs": {"still": "yes"}})
    ):
        raise RenderError.of(faults)
    head_rows(output)
    return output


def _typeset(source: Path, executed: Executed, how: Mapping[str, Any]) -> list[RenderError]:
    """What Typst warns of, or why it gave up."""
    import typst

    try:
        _, warnings = typst.compile_with_warnings(source, **how)
    except typst.TypstError as error:
        return [_refused(error, executed)]
    return [_refused(warning, executed) for warning in warnings]


def _refused(error: Any, executed: Executed) -> RenderError:
    hints = "; ".join(error.hints or []) or None
    return RenderError("The PDF could not be typeset.", where=executed.lines[0].file, got=error.message, mend=hints)
