"""The contents of a Word report, which pandoc leaves empty until Word updates it, and what its links lead to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn


def move_bookmarks(document: Any) -> None:
    """A bookmark around a section begins and ends in its heading, as Word's own do: LibreOffice loses some others."""
    ends = {end.get(qn("w:id")): end for end in document.element.body.iter(qn("w:bookmarkEnd"))}
    for paragraph in _headings(document):
        element = paragraph._p
        while (mark := element.getprevious()) is not None and mark.tag == qn("w:bookmarkStart"):
            element.pPr.addnext(mark)
            element.append(ends[mark.get(qn("w:id"))])


def fill_contents(document: Any, depth: int) -> None:
    """Put the headings down to `depth` into the contents field; without headings, take the contents away.

    The entries are links. They get their page numbers when Word updates the field, which it is told to do. Until then
    there are neither numbers nor dots: in a contents field LibreOffice does not count out the PAGEREF of an entry.
    """
    body = document.element.body
    field = next((run for run in body.iter(qn("w:instrText")) if "TOC \\o" in (run.text or "")), None)
    if field is None:
        return
    start = field.getparent().getparent()
    entries = _entries(document, depth)
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


def _entry(document: Any, level: int, number: str, text: str, mark: str) -> Any:
    style = document.styles[f"toc {level}"].style_id
    typed = f"<w:r><w:t>{number}</w:t><w:tab/></w:r>" if number else ""
    entry = parse_xml(
        f'<w:p {nsdecls("w")}><w:pPr><w:pStyle w:val="{style}"/></w:pPr>'
        f'<w:hyperlink w:anchor="{mark}">{typed}<w:r><w:t xml:space="preserve"></w:t></w:r></w:hyperlink></w:p>'
    )
    list(entry.iter(qn("w:t")))[-1].text = text
    return entry


def _entries(document: Any, depth: int) -> list[tuple[int, str, str, str]]:
    """Level, number, text and bookmark of each heading of the contents."""
    found = []
    counts = [0] * 9
    for paragraph in _headings(document):
        level = int(paragraph.style.name.split()[-1])
        own = paragraph._p.pPr.numPr
        number = ""
        if paragraph.style.element.pPr.numPr is not None and own is None:
            counts[level - 1 :] = [counts[level - 1] + 1] + [0] * (9 - level)
            number = ".".join(map(str, counts[:level]))
        mark = paragraph._p.find(qn("w:bookmarkStart"))
        if level <= depth:
            found.append((level, number, paragraph.text, "" if mark is None else mark.get(qn("w:name"))))
    return found


def _headings(document: Any) -> Iterator[Any]:
    return (paragraph for paragraph in document.paragraphs if paragraph.style.name.startswith("Heading "))
