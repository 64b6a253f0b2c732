"""HTML: one file that calls no server, with its fonts, pictures and style inside."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from evalkit.report.execute import Executed
from evalkit.report.pandoc import TEMPLATES, run_pandoc
from evalkit.report.stage import Stage


def render_html(executed: Executed, settings: Mapping[str, Any], stage: Stage, name: str) -> Path:
    """Write `name`.html among the finished files of the stage."""
    output = stage.done / f"{name}.html"
    styles = settings.get("css") or []
    styles = [styles] if isinstance(styles, str) else styles
    options = [f"--template={TEMPLATES / 'page.html'}", "--embed-resources", "--mathml", "--section-divs"]
    options += [f"--css={_found(style, stage)}" for style in styles]
    options += [f"--variable=notice-css:{_css(settings['notice'])}"] if settings.get("notice") else []
    options += ["--variable=foot:true"] if settings.get("notice") or settings.get("source") else []
    run_pandoc(executed, "html", output, settings=settings, folder=stage.folder, options=options)
    output.write_text(_clean(output.read_text(encoding="utf-8")), encoding="utf-8")
    return output


def _css(text: str) -> str:
    """`text` for a quoted string of a style sheet inside the page."""
    return " ".join(text.split()).replace("\\", "\\\\").replace('"', '\\"').replace("<", "\\3c ")


def _clean(page: str) -> str:
    """Inline pictures without the drawing program's description, and without an attribute that only <img> has."""
    page = re.sub(r"<metadata>.*?</metadata>", "", page, flags=re.DOTALL)
    return re.sub(r'(<svg\b[^>]*?) alt="[^"]*"', r"\1", page)


def _found(style: str, stage: Stage) -> str:
    """A path from the project file starts at the project, one from the document at the document, as in Quarto."""
    return f"../{style}" if (stage.root / style).is_file() else style
