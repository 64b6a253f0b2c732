"""A temporary project with everything a render needs; finished files leave it together or not at all."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from evalkit.errors import RenderError
from evalkit.folders import put, scratch
from evalkit.present.cut import cut
from evalkit.present.letters import fallback_fonts
from evalkit.report.fonts import add_webfonts, fonts_folder
from evalkit.report.settings import Project, shipped_reports

_OUTPUTS = ("*.html", "*.pdf", "*.docx", ".*", "_site", "build", "__pycache__", "*_files")


@dataclass(frozen=True)
class Stage:
    """`root` holds _quarto.yml and _shared; `folder` the document and its exhibits; `done` the finished files."""

    root: Path
    folder: Path
    done: Path

    def dress(self) -> None:
        """What the formats need and the cells do not: fonts for a page, figures without source and notice."""
        add_webfonts(self.root / "_shared")
        cut(self.folder / "exhibits")


@contextmanager
def staged(qmd: Path, project: Project, resources: Path | None, lang: str) -> Iterator[Stage]:
    """Copy project file, shared parts, fonts, the document's folder and the run's exhibits to a temporary place."""
    with tempfile.TemporaryDirectory(prefix="evalkit-", ignore_cleanup_errors=True) as temporary:
        root = Path(temporary)
        folder = root / "document"
        shutil.copytree(qmd.parent, folder, ignore=shutil.ignore_patterns(*_OUTPUTS))
        shutil.copy(project.root / "_quarto.yml", root)
        for shared in (shipped_reports() / "_shared", project.root / "_shared"):
            if shared.is_dir():
                shutil.copytree(shared, root / "_shared", dirs_exist_ok=True)
        shutil.copytree(fonts_folder(), root / "_shared" / "fonts", dirs_exist_ok=True)
        for file in fallback_fonts():
            shutil.copy(file, root / "_shared" / "fonts")
        if resources is not None:
            shutil.copytree(_exhibits(resources, lang), folder / "exhibits", dirs_exist_ok=True)
        done = root / "done"
        done.mkdir()
        yield Stage(root, folder, done)


def _exhibits(resources: Path, lang: str) -> Path:
    exhibits = resources / "exhibits" / lang
    if not exhibits.is_dir():
        raise RenderError(
            "The run has no exhibits in this language.",
            where=resources,
            expected=f"exhibits/{lang}",
            mend="Run the study again with this language.",
        )
    return exhibits


def deliver(files: Sequence[Path], out: Path) -> list[Path]:
    """Copy finished files to `out`: all are written beside their targets before the first is replaced."""
    try:
        with scratch(out, "report") as new:
            return put([Path(shutil.copyfile(file, new / file.name)) for file in files], out)
    except PermissionError as error:
        mend = "Close it where it is open, and render again."
        raise RenderError("A finished file could not be put in its place.", where=error.filename2, mend=mend) from None
