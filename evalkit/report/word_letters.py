"""Letters that the report's font lacks are set in its fallback, so that no machine chooses another for them."""

from __future__ import annotations

from copy import deepcopy
from itertools import groupby
from typing import Any

from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn

from evalkit.present.letters import FALLBACK, has


def set_letters(parts: list[Any]) -> bool:
    """Split the runs of each part's XML where a letter is not in Open Sans; whether there was one."""
    found = [run for part in parts for run in part.iter(qn("w:r")) if not all(map(has, _text(run)))]
    for run in found:
        _split(run)
    return bool(found)


def _text(run: Any) -> str:
    return "".join(text.text or "" for text in run.findall(qn("w:t")))


def _split(run: Any) -> None:
    """A run for each stretch of one font; one that holds more than a text stays one."""
    held = [piece for piece in run if piece.tag != qn("w:rPr")]
    if len(held) > 1:
        _set_font(run)
        return
    for own, letters in groupby(_text(run), key=has):
        piece = deepcopy(run)
        text = piece.find(qn("w:t"))
        text.text = "".join(letters)
        text.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
        if not own:
            _set_font(piece)
        run.addprevious(piece)
    run.getparent().remove(run)


def _set_font(run: Any) -> None:
    properties = run.get_or_add_rPr()
    for old in properties.findall(qn("w:rFonts")):
        properties.remove(old)
    fonts = " ".join(f'w:{kind}="{FALLBACK}"' for kind in ("ascii", "hAnsi", "cs", "eastAsia"))
    element = parse_xml(f"<w:rFonts {nsdecls('w')} {fonts}/>")
    style = properties.find(qn("w:rStyle"))
    properties.insert(0, element) if style is None else style.addnext(element)
