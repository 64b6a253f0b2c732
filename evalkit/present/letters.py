"""Which letters the fonts that ship can draw: Open Sans, for what it lacks DejaVu Sans, and else a letter's code.

DejaVu Sans travels with matplotlib; its licence (Bitstream Vera, with public-domain changes) lets it be passed on.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

from evalkit.present.style import FONTS

FALLBACK = "DejaVu Sans"
FACES = ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "DejaVuSans-Oblique.ttf", "DejaVuSans-BoldOblique.ttf")
_VARIANTS = {chr(code) for first, last in ((0xFE00, 0xFE10), (0xE0100, 0xE01F0)) for code in range(first, last)}
ENDS = ("Cc", "Zl", "Zp")
"""Tabs, ends of lines and other controls: a space where text stands on one line."""


def fallback_fonts() -> list[Path]:
    """The files of DejaVu Sans."""
    import matplotlib

    return [Path(matplotlib.get_data_path()) / "fonts" / "ttf" / name for name in FACES]


@cache
def font(bold: bool, fallback: bool) -> Any:
    """Open Sans, or its fallback, in 100 points."""
    from matplotlib.ft2font import FT2Font

    own = FONTS / ("OpenSans-Bold.ttf" if bold else "OpenSans-Regular.ttf")
    found = FT2Font(str(fallback_fonts()[int(bold)] if fallback else own))
    found.set_size(100, 72)
    return found


@cache
def has(letter: str, *, fallback: bool = False, bold: bool = False) -> bool:
    """Whether Open Sans, or its fallback, can draw a letter."""
    return bool(font(bold, fallback).get_char_index(ord(letter)))


def on_a_line(text: str) -> str:
    """`text` with a space for each control, so that it is one line and can stand in any file.

    Examples
    --------
    >>> on_a_line("a\\tb\\nc")
    'a b c'
    """
    if text.isprintable():
        return text
    return "".join(" " if unicodedata.category(letter) in ENDS else letter for letter in text)


def drawn(text: str, *, unseen: bool = False) -> str:
    """`text` as figures, PDF and Word show it: what no font that ships can draw is its code.

    Parameters
    ----------
    unseen : keep letters that only shape what stands beside them, such as soft hyphens, where Open Sans has them; a
        figure would draw them, a typesetter does not.

    Examples
    --------
    >>> drawn("Ås ✓ 信")
    'Ås ✓ U+4FE1'
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(letter if unseen and has(letter) else _drawn(letter) for letter in on_a_line(text))


def undrawable(text: str) -> list[str]:
    """Letters of `text` that are shown as their codes, each once."""
    return [letter for letter in dict.fromkeys(on_a_line(text)) if len(_drawn(letter)) > 1]


@cache
def _drawn(letter: str) -> str:
    if unicodedata.category(letter) == "Cf" or letter in _VARIANTS:
        return ""
    return letter if has(letter) or has(letter, fallback=True) else f"U+{ord(letter):04X}"
