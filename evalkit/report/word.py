"""Word: what pandoc and Quarto leave to be done in a .docx afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from evalkit.report.execute import Executed
from evalkit.report.pandoc import run_pandoc
from evalkit.report.stage import Stage


def render_docx(executed: Executed, settings: Mapping[str, Any], stage: Stage, name: str) -> Path:
    """Write `name`.docx among the finished files of the stage."""
    output = stage.done / f"{name}.docx"
    run_pandoc(executed, "docx", output, settings=settings, folder=stage.folder)
    return output
