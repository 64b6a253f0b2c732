"""The look of a Word report, put into the styles of a finished .docx so that an evaluator goes on editing in them."""

from __future__ import annotations

from typing import Any

from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT, WD_TAB_LEADER
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor

FONT = "Open Sans"
_INK = RGBColor(0x1B, 0x2A, 0x3A)
_QUIET = RGBColor(0x55, 0x60, 0x6B)
_BLACK = RGBColor(0, 0, 0)

# style: size in points, bold, colour, space before and after in points, kept with the next paragraph
_STYLES = {
    "Normal": (10.5, False, _BLACK, 0, 6, False),
    "Body Text": (10.5, False, _BLACK, 4, 6, False),
    "First Paragraph": (10.5, False, _BLACK, 4, 6, False),
    "Compact": (10.5, False, _BLACK, 1, 1, False),
    "Title": (25, True, _INK, 0, 4, True),
    "Subtitle": (13.5, False, _QUIET, 0, 10, True),
    "Author": (10, False, _BLACK, 0, 0, True),
    "Date": (10, False, _BLACK, 0, 18, False),
    "Heading 1": (17, True, _INK, 24, 8, True),
    "Heading 2": (13, True, _INK, 18, 6, True),
    "Heading 3": (11, True, _INK, 14, 4, True),
    "TOC Heading": (13, True, _INK, 18, 6, True),
    "toc 1": (10, False, _BLACK, 2, 2, False),
    "toc 2": (10, False, _BLACK, 1, 1, False),
    "toc 3": (10, False, _BLACK, 1, 1, False),
    "table of figures": (10, False, _BLACK, 1, 1, False),
    "Block Text": (10.5, False, _QUIET, 4, 8, False),
    "Footnote Text": (8.5, False, _BLACK, 0, 2, False),
    "Bibliography": (10.5, False, _BLACK, 0, 6, False),
    "Captioned Figure": (10.5, False, _BLACK, 12, 4, True),
    "Image Caption": (9, True, _INK, 0, 2, True),
    "Image Caption More": (9, False, _BLACK, 0, 16, False),
    "Table Caption": (9, True, _INK, 14, 2, True),
    "Table Caption More": (9, False, _BLACK, 0, 4, True),
    "Table Head": (9, True, _INK, 1, 1, True),
    "Table Text": (9, False, _BLACK, 1, 1, False),
    "Small Table Head": (8, True, _INK, 1, 1, True),
    "Small Table Text": (8, False, _BLACK, 1, 1, False),
    "Table Note": (8.5, False, _QUIET, 2, 14, False),
    "Callout Title": (10.5, True, _INK, 10, 0, True),
    "Callout": (10.5, False, _BLACK, 0, 10, False),
    "Header": (8, False, _QUIET, 0, 0, False),
    "Footer": (8, False, _QUIET, 0, 0, False),
}
_INDENTS = {"Block Text": 7}
_ENTRIES = {"toc 1": (0, 8), "toc 2": (8, 12), "toc 3": (20, 14), "table of figures": (0, 0)}
"""Of the lists at the beginning and end: indent, and room for the number, in millimetres."""
_TEXT = 160  # millimetres of text


def set_styles(document: Any, lang: str) -> None:
    """Fonts, sizes, spacing, language; callouts shaded."""
    names = {style.name: style for style in document.styles}
    for name, (size, bold, colour, before, after, keep) in _STYLES.items():
        style = names.get(name) or _new_style(document, name)
        style.font.size, style.font.bold, style.font.italic = Pt(size), bold, False
        style.font.color.rgb = colour
        _set_font(style)
        form = style.paragraph_format
        form.space_before, form.space_after, form.keep_with_next = Pt(before), Pt(after), keep
        form.alignment = WD_ALIGN_PARAGRAPH.LEFT
        if name in _INDENTS:
            form.left_indent = Mm(_INDENTS[name])
        if name in _ENTRIES:
            _set_entry(form, *_ENTRIES[name])
    for name in ("Callout Title", "Callout"):
        _shade(document.styles[name])
    _set_number(document.styles["TOC Heading"].element.get_or_add_pPr(), 0, 0)
    names["Hyperlink"].font.color.rgb = RGBColor(0x1F, 0x4E, 0x79)
    _set_defaults(document, lang)


def _set_entry(form: Any, indent: int, number: int) -> None:
    """The number hangs, dots lead to the page; on a second line the text keeps off the page numbers."""
    form.left_indent, form.first_line_indent, form.right_indent = Mm(indent + number), Mm(-number), Mm(10)
    form.tab_stops.add_tab_stop(Mm(_TEXT), WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.DOTS)


def split_captions(document: Any) -> None:
    """What a caption says after its title is a paragraph of its own, so that Word's lists of figures stay short."""
    more = document.styles["Caption More"].style_id if "Caption More" in document.styles else None
    kinds = {document.styles[kind].style_id: kind for kind in ("Image Caption", "Table Caption")}
    for element in list(document.element.body.iter(qn("w:p"))) if more else []:
        runs = [run for run in element.iter(qn("w:r")) if run.style == more]
        if element.style not in kinds or not runs:
            continue
        own = parse_xml(f"<w:p {nsdecls('w')}/>")
        element.addnext(own)
        own.extend([runs[0], *runs[0].itersiblings()])
        for run in runs:
            run.style = None
        own.style = document.styles[f"{kinds[element.style]} More"].style_id
        _strip(element, own)


def _strip(title: Any, more: Any) -> None:
    """No space at the end of the title or the beginning of what follows it."""
    last, first = list(title.iter(qn("w:t")))[-1], next(more.iter(qn("w:t")))
    last.text, first.text = (last.text or "").rstrip(" "), (first.text or "").lstrip(" ")


def _new_style(document: Any, name: str) -> Any:
    from docx.enum.style import WD_STYLE_TYPE

    builtin = name[0].islower() or name in ("Header", "Footer")
    style = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH, builtin=builtin)
    style.base_style = document.styles["Normal"]
    return style


def _set_font(style: Any) -> None:
    properties = style.element.get_or_add_rPr()
    for old in (*properties.findall(qn("w:rFonts")), *properties.findall(qn("w:spacing"))):
        properties.remove(old)
    fonts = " ".join(f'w:{kind}="{FONT}"' for kind in ("ascii", "hAnsi", "cs", "eastAsia"))
    properties.insert(0, parse_xml(f"<w:rFonts {nsdecls('w')} {fonts}/>"))


def _shade(style: Any) -> None:
    properties = style.element.get_or_add_pPr()
    for old in (*properties.findall(qn("w:pBdr")), *properties.findall(qn("w:shd"))):
        properties.remove(old)
    border = f'<w:pBdr {nsdecls("w")}><w:left w:val="single" w:sz="24" w:space="8" w:color="1F4E79"/></w:pBdr>'
    shade = f'<w:shd {nsdecls("w")} w:val="clear" w:color="auto" w:fill="F5F6F8"/>'
    successors = ("w:tabs", "w:suppressAutoHyphens", "w:spacing", "w:ind", "w:jc", "w:outlineLvl", "w:rPr")
    for xml in (border, shade):
        properties.insert_element_before(parse_xml(xml), *successors)
    style.paragraph_format.left_indent = Mm(4)


def _set_defaults(document: Any, lang: str) -> None:
    defaults = document.styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr"))
    for old in defaults.findall(qn("w:lang")):
        defaults.remove(old)
    defaults.append(parse_xml(f'<w:lang {nsdecls("w")} w:val="{lang}" w:eastAsia="{lang}" w:bidi="ar-SA"/>'))


def number_headings(document: Any) -> None:
    """Headings numbered by Word itself instead of by typed numbers; those that had none stay without."""
    numbering = document.part.numbering_part.element
    levels = "".join(
        f'<w:lvl w:ilvl="{i}"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:pStyle w:val="Heading{i + 1}"/>'
        f'<w:lvlText w:val="{".".join(f"%{k + 1}" for k in range(i + 1))}"/><w:lvlJc w:val="left"/>'
        f'<w:pPr><w:tabs><w:tab w:val="num" w:pos="{[567, 680, 794][i]}"/></w:tabs>'
        f'<w:ind w:left="{[567, 680, 794][i]}" w:hanging="{[567, 680, 794][i]}"/></w:pPr></w:lvl>'
        for i in range(3)
    )
    abstract = f'<w:abstractNum {nsdecls("w")} w:abstractNumId="9001"><w:multiLevelType w:val="multilevel"/>{levels}'
    first = numbering.find(qn("w:num"))
    element = parse_xml(abstract + "</w:abstractNum>")
    numbering.append(element) if first is None else first.addprevious(element)
    numbering.append(parse_xml(f'<w:num {nsdecls("w")} w:numId="9001"><w:abstractNumId w:val="9001"/></w:num>'))
    for level in range(3):
        _set_number(document.styles[f"Heading {level + 1}"].element.get_or_add_pPr(), level, 9001)
    for paragraph in document.paragraphs:
        if paragraph.style.name.startswith("Heading "):
            _typed_number_away(paragraph)


def _set_number(properties: Any, level: int, number: int) -> None:
    number_properties = properties.get_or_add_numPr()
    number_properties.get_or_add_ilvl().val = level
    number_properties.get_or_add_numId().val = number


def _typed_number_away(paragraph: Any) -> None:
    runs = list(paragraph._p.findall(qn("w:r")))
    style = runs[0].find(f"{qn('w:rPr')}/{qn('w:rStyle')}") if runs else None
    if style is not None and style.get(qn("w:val")) == "SectionNumber":
        for run in runs[:2]:
            paragraph._p.remove(run)
        return
    _set_number(paragraph._p.get_or_add_pPr(), 0, 0)
    paragraph.paragraph_format.left_indent = paragraph.paragraph_format.first_line_indent = Mm(0)
