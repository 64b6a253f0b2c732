"""Word: what pandoc and Quarto leave to be done in a .docx afterwards."""

from __future__ import annotations

import itertools
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from evalkit.errors import RenderError
from evalkit.report.execute import Executed
from evalkit.report.pandoc import run_pandoc
from evalkit.report.settings import now, words
from evalkit.report.stage import Stage

# in English Metric Units: the text width of pandoc's own page, and of ours (160 mm)
_PANDOC_WIDTH, _TEXT_WIDTH = 5_330_000, 5_760_000


def render_docx(executed: Executed, settings: Mapping[str, Any], stage: Stage, name: str) -> Path:
    """Write `name`.docx among the finished files of the stage."""
    output = stage.done / f"{name}.docx"
    run_pandoc(executed, "docx", output, settings=settings, folder=stage.folder)
    finish(output, settings)
    return output


def finish(path: Path, settings: Mapping[str, Any]) -> None:
    """Alternative texts, styles, numbered headings, contents, header and footer; the same for both renderers."""
    import docx

    from evalkit.report.word_contents import fill_contents, move_bookmarks
    from evalkit.report.word_letters import set_letters
    from evalkit.report.word_styles import number_headings, set_styles, split_captions
    from evalkit.report.word_tables import set_tables

    document = docx.Document(str(path))
    describe_pictures(document)
    _widen_pictures(document)
    set_styles(document, str(settings["lang"]))
    split_captions(document)
    set_tables(document)
    _keep_callouts(document)
    move_bookmarks(document)
    if settings.get("number-sections"):
        number_headings(document)
    if settings.get("toc"):
        fill_contents(document, int(settings.get("toc-depth", 3)))
    _set_page(document, settings)
    pages = [part._element for section in document.sections for part in (section.header, section.footer)]
    _describe_font(document, fallback=set_letters([document.element.body, *pages]))
    _set_settings(document, str(settings["lang"]))
    document.core_properties.language = str(settings["lang"])
    document.core_properties.modified = now().replace(tzinfo=None)
    document.save(str(path))
    _same_times(path)


def describe_pictures(document: Any) -> None:
    """Each picture's alternative text, kept as its title so far, where a screen reader looks for it."""
    from docx.oxml.ns import qn

    pictures = document.element.body.iter(qn("wp:docPr"))
    for number, properties in enumerate(pictures, start=1):
        alt = properties.get("title") or ""
        if not alt.strip():
            raise RenderError("A picture in the Word file has no alternative text.", got=f"picture {number}")
        properties.set("descr", alt)
        properties.set("name", f"Picture {number}")
        del properties.attrib["title"]
        frame = properties.getparent()
        for side in ("distT", "distB", "distL", "distR"):
            # LibreOffice takes 3.2 mm where nothing is said
            frame.set(side, "0")
        for inner in frame.iter(qn("pic:cNvPr")):
            # the path of the file
            inner.attrib.pop("descr", None)


def _widen_pictures(document: Any) -> None:
    """Pictures that pandoc made as wide as its own page become as wide as ours."""
    from docx.oxml.ns import qn

    for extent in document.element.body.iter(qn("wp:extent")):
        width, height = int(extent.get("cx")), int(extent.get("cy"))
        if width < _PANDOC_WIDTH:
            continue
        size = {"cx": str(_TEXT_WIDTH), "cy": str(round(height * _TEXT_WIDTH / width))}
        inner = extent.getparent().iter(qn("a:ext"))
        for element in (extent, *(e for e in inner if e.get("cx"))):
            element.set("cx", size["cx"])
            element.set("cy", size["cy"])


def _keep_callouts(document: Any) -> None:
    """A callout is one block on one page: its lists begin at the bar, and no white shows between its paragraphs."""
    from docx.shared import Mm, Pt

    for paragraph, following in itertools.pairwise([*document.paragraphs, None]):
        if paragraph.style.name != "Callout":
            continue
        form, level = paragraph.paragraph_format, _level(paragraph)
        if level is not None:
            form.left_indent, form.first_line_indent = Mm(9 + 5 * level), Mm(-5)
        if following is not None and following.style.name == "Callout":
            form.keep_with_next = True
            form.space_after = Pt(4 if level == _level(following) else 0)


def _level(paragraph: Any) -> int | None:
    """Of a list's item; nothing outside a list."""
    number = paragraph._p.pPr.numPr
    return None if number is None else int(number.ilvl.val)


def _describe_font(document: Any, *, fallback: bool) -> None:
    """Where the font is not installed, Word takes one as wide or narrower, so that no table's word is broken."""
    from docx.opc.constants import RELATIONSHIP_TYPE
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls
    from lxml.etree import tostring

    from evalkit.present.letters import FALLBACK
    from evalkit.report.word_styles import FONT

    part = document.part.part_related_by(RELATIONSHIP_TYPE.FONT_TABLE)
    fonts = parse_xml(part.blob)
    described = (
        '<w:altName w:val="Segoe UI"/><w:panose1 w:val="020B0606030504020204"/><w:charset w:val="00"/>'
        '<w:family w:val="swiss"/><w:pitch w:val="variable"/><w:sig w:usb0="E00002EF" w:usb1="4000205B" '
        'w:usb2="00000028" w:usb3="00000000" w:csb0="0000019F" w:csb1="00000000"/>'
    )
    fonts.append(parse_xml(f'<w:font {nsdecls("w")} w:name="{FONT}">{described}</w:font>'))
    if fallback:
        fonts.append(
            parse_xml(f'<w:font {nsdecls("w")} w:name="{FALLBACK}"><w:altName w:val="Segoe UI Symbol"/></w:font>')
        )
    part._blob = tostring(fonts, xml_declaration=True, encoding="UTF-8", standalone=True)


def _set_page(document: Any, settings: Mapping[str, Any]) -> None:
    """A4; title and notice in the header, page numbers in the footer."""
    from docx.enum.text import WD_TAB_ALIGNMENT
    from docx.shared import Mm

    said = words(settings)
    for section in document.sections:
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.left_margin = section.right_margin = Mm(25)
        section.top_margin, section.bottom_margin = Mm(30), Mm(27)
        head = section.header.paragraphs[0]
        if settings.get("notice"):
            head.add_run(str(settings["notice"])).bold = True
            head = section.header.add_paragraph()
        head.add_run(document.core_properties.title)
        foot = section.footer.paragraphs[0]
        if settings.get("source"):
            foot.add_run(str(settings["source"]))
            foot = section.footer.add_paragraph()
        for part, style in ((section.header, "Header"), (section.footer, "Footer")):
            for paragraph in part.paragraphs:
                paragraph.style = document.styles[style]
        foot.paragraph_format.tab_stops.add_tab_stop(Mm(160), WD_TAB_ALIGNMENT.RIGHT)
        foot.add_run(f"\t{said['page']} ")
        _add_field(foot, "PAGE")
        foot.add_run(f" {said['of']} ")
        _add_field(foot, "NUMPAGES")


def _set_settings(document: Any, lang: str) -> None:
    """Today's Word, not its compatibility mode; footnotes counted through the document."""
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls, qn

    settings = document.settings.element
    settings.find(qn("w:themeFontLang")).set(qn("w:val"), lang)
    if settings.find(qn("w:compat")) is None:
        uri = "http://schemas.microsoft.com/office/word"
        mode = f'<w:compatSetting w:name="compatibilityMode" w:uri="{uri}" w:val="15"/>'
        settings.find(qn("w:rsids")).addprevious(parse_xml(f"<w:compat {nsdecls('w')}>{mode}</w:compat>"))
    for notes in document.element.body.findall(f"{qn('w:sectPr')}/{qn('w:footnotePr')}"):
        notes.getparent().remove(notes)


def _add_field(paragraph: Any, instruction: str) -> None:
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls

    paragraph._p.append(
        parse_xml(f'<w:fldSimple {nsdecls("w")} w:instr=" {instruction} "><w:r><w:t>1</w:t></w:r></w:fldSimple>')
    )


def _same_times(path: Path) -> None:
    """Rewrite the zip with one time for every part, so that the same report has the same bytes."""
    stamp = max(now().timetuple()[:6], (1980, 1, 1, 0, 0, 0))
    with zipfile.ZipFile(path) as old:
        parts = [(name, old.read(name)) for name in old.namelist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in parts:
            info = zipfile.ZipInfo(name, date_time=stamp)
            info.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(info, content)
