"""One sober style for every figure: Open Sans, 16 cm wide, colours that hold for colour blindness and grey print."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from PIL.Image import Image

FONTS = Path(__file__).parent / "fonts"
FAMILY = "Open Sans"


@dataclass(frozen=True)
class Paper:
    """How wide a figure is, in centimetres."""

    width: float

    @property
    def edge(self) -> float:
        """Where text that ends at the right edge ends."""
        return self.width - 0.06

    @property
    def narrow(self) -> bool:
        """Too narrow for long labels beside their marks: they stand above."""
        return self.width < 12


PRINT = Paper(16.0)
"""The text width of the report's A4 page."""
PHONE = Paper(8.5)
"""A telephone's: at 355 CSS pixels the smallest text, 7.5 points, is 11 pixels high."""
TEXT, VALUE, NOTE = 9.0, 9.0, 7.5
"""Points: labels, numbers, the note under the figure."""
DPI = 200

INK = "#1B2733"
MUTED = "#55606B"
GRID = "#D5DADF"
PAPER = "#FFFFFF"
BAR = "#5E94BF"
EVERYONE = "#8A939B"
"""Bars of everyone together, set apart from the groups."""
SERIES = ("#173F63", "#C77F1B", "#6D8F6B", "#8A939B")
"""Colours of series without order; neighbours differ in lightness, too."""
DARK, LIGHT = "#123A5A", "#CBDDEC"
"""Ends of the sequence for ordered categories and waves."""

RC: dict[str, Any] = {
    "font.family": [FAMILY, "DejaVu Sans"],
    "font.size": TEXT,
    "text.color": INK,
    "axes.edgecolor": MUTED,
    "axes.linewidth": 0.6,
    "axes.axisbelow": True,
    "xtick.color": MUTED,
    "xtick.labelsize": 8.0,
    "xtick.major.size": 0.0,
    "xtick.major.pad": 3.0,
    "ytick.major.size": 0.0,
    "grid.color": GRID,
    "grid.linewidth": 0.6,
    "figure.facecolor": PAPER,
    "axes.facecolor": PAPER,
    "axes.unicode_minus": True,
    "text.hinting": "none",
    "text.parse_math": False,
    "svg.fonttype": "none",
    "svg.hashsalt": "evalkit",
    "path.simplify": False,
}


@contextmanager
def styled() -> Iterator[None]:
    """Draw and save inside this: seaborn's white style with the house's settings on top."""
    import matplotlib
    import seaborn

    register_fonts()
    settings: dict[Any, Any] = {**seaborn.axes_style("white"), **RC}
    with matplotlib.rc_context(settings):
        yield


@contextmanager
def undisturbed() -> Iterator[None]:
    """Draw inside this: no garbage collection meanwhile, which takes a fifth of the time of a small figure."""
    import gc

    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@lru_cache(maxsize=1)
def register_fonts() -> None:
    """Make the shipped fonts known to matplotlib, ahead of another version that the machine may have."""
    from matplotlib import font_manager

    manager = font_manager.fontManager
    for path in sorted(FONTS.glob("*.ttf")):
        manager.addfont(path)
    manager.ttflist.sort(key=lambda entry: Path(entry.fname).parent != FONTS)


def sequence(count: int) -> list[str]:
    """`count` colours of one hue from dark to light, evenly spaced in lightness."""
    from matplotlib.colors import LinearSegmentedColormap, to_hex

    if count < 2:
        return [BAR] * count
    blend = LinearSegmentedColormap.from_list("", [DARK, BAR, LIGHT])
    return [to_hex(blend(k / (count - 1))) for k in range(count)]


def waves(count: int) -> list[str]:
    """`count` colours from light to dark: the latest wave is the darkest."""
    return {1: [BAR], 2: ["#6A9CC5", DARK]}.get(count, sequence(count + 1)[-2::-1])


def luminance(colour: str) -> float:
    """Relative luminance of a colour (WCAG 2.1)."""
    from matplotlib.colors import to_rgb

    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in to_rgb(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast of two colours (WCAG 2.1): 1 to 21; text needs 4.5."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def text_on(colour: str) -> str:
    """Black or white, whichever is read better on `colour`; one of the two always has a contrast of 4.5."""
    return max("#FFFFFF", "#000000", key=lambda text: contrast(text, colour))


def _picture(figure: Figure) -> Image:
    """The figure in 128 colours: a third of the size, and nobody sees the difference."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from PIL import Image

    figure.set_dpi(DPI)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    full = Image.frombuffer("RGBA", canvas.get_width_height(), canvas.buffer_rgba(), "raw", "RGBA", 0, 1)
    few = full.convert("RGB").quantize(128, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    # the paper stays white
    palette = few.getpalette() or []
    rows = [palette[k : k + 3] for k in range(0, len(palette), 3)]
    few.putpalette([part for row in rows for part in ([255] * 3 if min(row) >= 252 else row)])
    return few


def write(figure: Figure, svg: Path, png: Path | None = None) -> None:
    """Write the figure as SVG, and as PNG where a path is given: the same bytes for the same figure."""
    with styled():
        figure.savefig(svg, format="svg", metadata={"Date": None, "Creator": None})
        if png is not None:
            _picture(figure).save(png, dpi=(DPI, DPI), compress_level=3)
