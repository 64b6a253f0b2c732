"""A drawn figure without its source and notice, for a report that says both once a page."""

from __future__ import annotations

import re
from pathlib import Path

from evalkit.present import style
from evalkit.present.frame import SOURCE

_LINE = re.compile(rf'<g id="{SOURCE}\d+">.*?</g>\s*', re.DOTALL)
_BASELINE = re.compile(r'\by="([\d.]+)"')
_SIZE = re.compile(r'height="([\d.]+)pt" viewBox="0 0 ([\d.]+) [\d.]+"')


def without_source(svg: str) -> tuple[str, float]:
    """The drawing without its source and notice, and the part of its height that is left (1 where it has neither)."""
    lines = _LINE.findall(svg)
    size = _SIZE.search(svg)
    if not lines or size is None:
        return svg, 1.0
    first = min(float(baseline[1]) for line in lines if (baseline := _BASELINE.search(line)))
    top, height = first - style.NOTE, float(size[1])
    short = _LINE.sub("", svg)
    return _SIZE.sub(f'height="{top:.3f}pt" viewBox="0 0 {size[2]} {top:.3f}"', short, count=1), top / height


def cut(folder: Path) -> None:
    """Take source and notice off every <name>.svg of `folder`, and off the <name>.png beside it."""
    from PIL import Image

    for svg in sorted(folder.glob("*.svg")):
        text, left = without_source(svg.read_text(encoding="utf-8"))
        if left == 1.0:
            continue
        svg.write_text(text, encoding="utf-8")
        png = svg.with_suffix(".png")
        if not png.is_file():  # what a telephone shows is no picture for Word
            continue
        with Image.open(png) as picture:
            short = picture.crop((0, 0, picture.width, round(picture.height * left)))
        short.save(png, compress_level=1)
