"""The Quarto command on the staged document."""

from __future__ import annotations

from pathlib import Path


def render_quarto(*args: object, **kwargs: object) -> list[Path]:
    raise NotImplementedError
