"""Letters: composed as they come in, and drawn by the fonts that travel with the package.

Open Sans draws the text; what it lacks is drawn by DejaVu Sans, which comes with matplotlib (Bitstream Vera licence).
What neither has is shown as its code.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from pathlib import Path

FAMILY, FALLBACK = "Open Sans", "DejaVu Sans"
FONTS = Path(__file__).parent / "present" / "fonts"
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff]")  # nothing in print
_BREAKS = re.compile(r"[ ]*[\t\n\v\f\r\x85\u2028\u2029][\s]*")


def composed(text: str) -> str:
    """`text` with each letter as one sign where there is one (Unicode NFC): å from a Mac is å from elsewhere."""
    return unicodedata.normalize("NFC", text)


def one_line(text: str) -> str:
    """`text` as words are printed: composed, without control characters, tabs and line ends as spaces."""
    return _BREAKS.sub(" ", _CONTROLS.sub("", composed(text)))


def undrawable(text: str) -> tuple[str, ...]:
    """The letters of `text` that neither font has, each once, in order."""
    return tuple(dict.fromkeys(letter for letter in text if not _drawable(letter)))


def drawable(text: str) -> str:
    """`text` with U+4E2D, the letter's code, in place of a letter that neither font has.

    Examples
    --------
    >>> drawable("✓ Kurs, 中")
    '✓ Kurs, [U+4E2D]'
    """
    return text if text.isascii() else "".join(ch if _drawable(ch) else f"[U+{ord(ch):04X}]" for ch in text)


def fallback_files() -> tuple[Path, Path]:
    """DejaVu Sans, regular and bold."""
    import matplotlib

    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    return folder / "DejaVuSans.ttf", folder / "DejaVuSans-Bold.ttf"


@lru_cache(maxsize=4096)
def _drawable(letter: str) -> bool:
    return letter.isascii() or in_family(letter) or ord(letter) in _shared_letters(fallback_files())


@lru_cache(maxsize=4096)
def in_family(letter: str) -> bool:
    """Whether Open Sans itself has the letter."""
    return ord(letter) in _shared_letters((FONTS / "OpenSans-Regular.ttf", FONTS / "OpenSans-Bold.ttf"))


@cache
def _shared_letters(files: tuple[Path, ...]) -> frozenset[int]:
    """Letters that every one of the files has."""
    from fontTools.ttLib import TTFont

    found = [frozenset(TTFont(file, lazy=True).getBestCmap()) for file in files]
    return frozenset.intersection(*found)
