"""The table of contents of a Word report, filled in: pandoc leaves it empty until Word updates it."""

from __future__ import annotations

from typing import Any

from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn


def fill_contents(document: Any, depth: int) -> None:
    """Put the headings down to `depth` into the contents field; without headings, take the contents away.

    The entries are links. They get their page numbers when Word updates the field, which it is told to do.
    """
    body = document.element.body
    field = next((run for run in body.iter(qn("w:instrText")) if "TOC \\o" in (run.text or "")), None)
    if field is None:
        return
    start = field.getparent().getparent()
    entries = _headings(document, depth)
    if not entries:
        frame = next(start.iterancestors(qn("w:sdt")))
        frame.getparent().remove(frame)
        return
    closing = start.xpath(".//w:fldChar[@w:fldCharType='end']")[0]
    closing.getparent().remove(closing)
    made = [_entry(document, *entry) for entry in entries]
    for run in start.findall(qn("w:r")):
        made[0].find(qn("w:hyperlink")).addprevious(run)
    made[-1].append(parse_xml(f'<w:r {nsdecls("w")}><w:fldChar w:fldCharType="end"/></w:r>'))
    for entry in made:
        start.addprevious(entry)
    start.getparent().remove(start)


def _entry(document: Any, level: int, text: str, mark: str) -> Any:
    style = document.styles[f"toc {level}"].style_id
    entry = parse_xml(
        f'<w:p {nsdecls("w")}><w:pPr><w:pStyle w:val="{style}"/></w:pPr>'
        f'<w:hyperlink w:anchor="{mark}"><w:r><w:t xml:space="preserve"></w:t></w:r></w:hyperlink></w:p>'
    )
    entry.find(f".//{qn('w:t')}").text = text
    return entry


def _headings(document: Any, depth: int) -> list[tuple[int, str, str]]:
    """Level, number and text, and bookmark of each heading of the contents."""
    found = []
    counts = [0] * 9
    for paragraph in document.paragraphs:
        style = paragraph.style.name
        if not style.startswith("Heading "):
            continue
        level = int(style.split()[-1])
        own = paragraph._p.pPr.numPr if paragraph._p.pPr is not None else None
        numbered = paragraph.style.element.pPr.numPr is not None and own is None
        number = ""
        if numbered:
            counts[level - 1 :] = [counts[level - 1] + 1] + [0] * (9 - level)
            number = ".".join(map(str, counts[:level])) + "\u2003"
        before = paragraph._p.getprevious()
        mark = before.get(qn("w:name")) if before is not None and before.tag == qn("w:bookmarkStart") else ""
        if level <= depth:
            found.append((level, number + paragraph.text, mark or ""))
    return found
