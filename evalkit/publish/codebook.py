"""The codebook of a study: the committed one, else what its wave files say of themselves."""

from __future__ import annotations

from evalkit import pipeline
from evalkit.results import Run
from evalkit.waves.codebook import NAME, codebook


def codebook_of(run: Run) -> str:
    """The text of codebook.toml."""
    path = run.study.path / NAME
    if path.is_file():
        return path.read_text(encoding="utf-8")
    return codebook(run.study, pipeline.check(run.study, codebook=False))
