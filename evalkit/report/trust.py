"""A report's document is code, with what stands beside it: what of it comes from elsewhere, and whether it may run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from evalkit.errors import RenderError
from evalkit.report.document import included, read_document
from evalkit.report.settings import find_project, shipped_reports
from evalkit.study.trust import accept, digest_of, is_trusted

CODE = (".ipynb", ".lua", ".py", ".pyd", ".so", ".typ", ".yaml", ".yml")
"""Beside a document: what its cells can import, and what its renderers run."""
NO_CODE = ("build", "data_raw", "__pycache__")


def check_trust(qmd: Path, command: str, *, trust: bool = False) -> None:
    """RenderError where a document is from outside this repository and nobody has accepted it as it is.

    Parameters
    ----------
    qmd : the document.
    command : what renders it, for the mend.
    trust : accept it now, with its includes and what its cells can import; it is asked again when one of them changes.
    """
    if qmd.resolve().is_relative_to(shipped_reports().resolve()):
        return
    files = sorted(code_of(qmd))
    digest = digest_of(files)
    if trust:
        accept(digest, str(qmd))
    elif not is_trusted(digest):
        raise RenderError(
            "A document from outside this repository is code, and has not been accepted yet",
            where=qmd,
            got=", ".join(dict.fromkeys(file.name for file in files)),
            mend=f"read it; if it may run on this machine, say so once: {command} --trust",
        )


def code_of(qmd: Path) -> set[Path]:
    """A document with its includes, what is beside it and runs with it, and its project's own shared parts."""
    project = find_project(qmd)
    found = {file.resolve() for file in (qmd, *included(qmd, project.root), *_beside(qmd.parent))}
    if project.root != shipped_reports():
        found |= {project.root / "_quarto.yml"}
        found |= {file for file in (project.root / "_shared").rglob("*") if file.is_file()}
    return found


def _beside(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.name.startswith(".") or path.name in NO_CODE:
            continue
        if path.is_dir() and not path.is_symlink():
            yield from _beside(path)
        elif path.suffix.lower() in CODE and path.is_file():
            yield path


def told(qmd: Path) -> str:
    """The first line of a rendering: that documents are code, and how much of it."""
    cells = len(read_document(qmd, find_project(qmd).root).cells)
    return f"documents are code: {qmd.name} runs its {cells} cells of Python on this machine"
