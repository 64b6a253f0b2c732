"""A Quarto document to HTML, PDF and Word, by Quarto or by the built-in renderer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from evalkit.errors import RenderError, one_of
from evalkit.report.builtin import render_builtin
from evalkit.report.document import Document, check_parameters, read_document
from evalkit.report.engine import choose
from evalkit.report.quarto import render_quarto
from evalkit.report.settings import WRITERS, Project, check_keys, find_project, overrides
from evalkit.report.stage import deliver, staged


def render_document(
    qmd: Path,
    *,
    params: Mapping[str, object],
    out: Path,
    formats: Sequence[str] = ("html", "pdf", "docx"),
    lang: str = "nb",
    engine: str = "auto",
    resources: Path | None = None,
    metadata: Mapping[str, Any] | None = None,
) -> list[Path]:
    """Render a document; all formats or none.

    Parameters
    ----------
    qmd : the document, in a folder below one with _quarto.yml.
    params : values for the cell tagged `parameters`; a `notice` among them is printed on every page.
    out : folder of the finished files, named after the document, with the language where it is not the project's own:
        `<document>.<ext>` or `<document>.<lang>.<ext>`.
    formats : "html", "pdf", "docx".
    lang : "nb" or "en".
    engine : "quarto" or "builtin"; "auto" is the built-in one.
    resources : a run's folder; its exhibits/<lang> stand beside the document as exhibits/.
    metadata : values that win over the document's head, such as a computed title.

    Returns
    -------
    The files, in the order of `formats`.

    Raises
    ------
    RenderError
        Naming document, line and, for code, cell. Files of an earlier render are then left as they were.

    Examples
    --------
    >>> render_document(Path("reports/robek/robek.qmd"), params={"lang": "nb"}, out=Path("build"))  # doctest: +SKIP
    """
    qmd = Path(qmd).resolve()
    unknown = [to for to in formats if to not in WRITERS]
    if unknown or not formats:
        raise RenderError("Reports have no such format.", expected=one_of(WRITERS), got=", ".join(unknown) or "none")
    project = find_project(qmd)
    document = read_document(qmd, project.root)
    check_keys(document)
    check_parameters(document, dict(params))
    said = overrides(document, lang, metadata or {}, params)
    name = output_name(document, project, lang)
    info = choose(engine)
    with staged(qmd, project, resources, lang) as stage:
        if info.name == "quarto":
            files = render_quarto(info, document, project, stage, name=name, formats=formats, params=params, said=said)
        else:
            files = render_builtin(document, project, stage, name=name, formats=formats, params=params, said=said)
        return deliver(files, Path(out))


def output_name(document: Document, project: Project, lang: str) -> str:
    """Name of the finished files without their ending."""
    own = str(project.meta.get("lang") or document.meta.get("lang") or "nb").split("-")[0]
    name = document.path.stem
    return name if lang == own or name.endswith(f".{lang}") else f"{name}.{lang}"
