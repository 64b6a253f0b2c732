"""The report's font: whole files for Typst, a Latin subset for the page that carries its fonts with it."""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path

_FACES = {
    "OpenSans-Regular": ("400", "normal"),
    "OpenSans-Italic": ("400", "italic"),
    "OpenSans-Semibold": ("600", "normal"),
    "OpenSans-Bold": ("700", "normal"),
}
# Latin with the letters of the Nordic and Sámi languages, typographic marks, arrows, signs of comparison
_RANGES = ((0x20, 0x180), (0x2009, 0x2012), (0x2012, 0x2028), (0x202F, 0x2034), (0x2039, 0x203B), (0x2190, 0x2194))
_SIGNS = (0x20AC, 0x2212, 0x2248, 0x2260, 0x2264, 0x2265)


def fonts_folder() -> Path:
    return Path(__file__).resolve().parents[1] / "present" / "fonts"


def add_webfonts(shared: Path) -> None:
    """Put the subset fonts into the staged shared folder and declare them in its style sheet."""
    rules = []
    for name, (weight, style) in _FACES.items():
        (shared / f"{name}.woff").write_bytes(_subset(name))
        rules.append(
            f'@font-face {{ font-family: "Open Sans"; font-weight: {weight}; font-style: {style}; '
            f'src: url("{name}.woff") format("woff"); }}'
        )
    sheet = shared / "report.css"
    sheet.write_text("\n".join([*rules, sheet.read_text(encoding="utf-8")]), encoding="utf-8")


@cache
def _subset(name: str) -> bytes:
    """A WOFF file of the characters a report uses; the same bytes each time."""
    from fontTools.subset import Options, Subsetter, load_font, save_font

    options = Options()
    options.flavor = "woff"
    options.layout_features = ["kern", "liga", "tnum", "lnum", "mark", "ccmp", "locl"]
    options.recalc_timestamp = False
    font = load_font(str(fonts_folder() / f"{name}.ttf"), options)
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=[code for first, last in _RANGES for code in range(first, last)] + list(_SIGNS))
    subsetter.subset(font)
    buffer = io.BytesIO()
    save_font(font, buffer, options)
    return buffer.getvalue()
