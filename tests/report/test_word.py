"""The Word file is one that can be gone on with: real styles and fields, described pictures, tables with heads."""

from pathlib import Path

import docx
import pytest
from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph
from fontTools.ttLib import TTFont

from evalkit.report import render_document
from evalkit.report.fonts import fonts_folder


@pytest.fixture(scope="module")
def document(rendered: Path):
    return docx.Document(str(rendered / "prove.docx"))


def fields(document) -> list[str]:
    return [run.text.strip() for run in document.element.body.iter(qn("w:instrText"))]


def test_properties_and_language(document):
    assert document.core_properties.title == "Prøverapport om kompetanse i kommunene"
    assert document.core_properties.author == "Avdeling for prøver; Kari Eksempel"
    assert document.core_properties.language == "nb-NO"
    defaults = document.styles.element.find(qn("w:docDefaults"))
    assert [lang.get(qn("w:val")) for lang in defaults.iter(qn("w:lang"))] == ["nb-NO"]


def test_headings_are_numbered_by_word(document):
    headings = [(p.style.name, p.text) for p in document.paragraphs if p.style.name.startswith("Heading")]
    assert headings[:3] == [
        ("Heading 1", "Sammendrag"),
        ("Heading 1", "Data og metode"),
        ("Heading 2", "Vekter og usikkerhet"),
    ]
    levels = [document.styles[f"Heading {i}"].element.pPr.numPr for i in (1, 2, 3)]
    assert [level.numId.val for level in levels] == [9001] * 3
    (last,) = [p for p in document.paragraphs if p.text == "Referanser" and p.style.name == "Heading 1"]
    assert last._p.pPr.numPr.numId.val == 0


def test_every_style_that_is_used_is_there(document):
    (section,) = document.sections
    known = {style.style_id for style in document.styles}
    tags = ("pStyle", "rStyle", "tblStyle", "basedOn", "next", "link")
    parts = (document.element, document.styles.element, section.header._element, section.footer._element)
    used = {one.get(qn("w:val")) for part in parts for tag in tags for one in part.iter(qn(f"w:{tag}"))}
    assert {"header", "footer", "Heading1", "TableText", "Table"} <= used <= known


def test_bookmarks_of_sections_stand_in_their_headings(document):
    """LibreOffice loses some of those that embrace a section."""
    for paragraph in document.paragraphs:
        if paragraph.style.name.startswith("Heading "):
            inside = [child.tag for child in paragraph._p]
            assert inside[1] == qn("w:bookmarkStart") and inside[-1] == qn("w:bookmarkEnd")


def test_the_font_is_described(document):
    (fonts,) = [part for part in document.part.package.iter_parts() if part.partname == "/word/fontTable.xml"]
    assert b'w:name="Open Sans"><w:altName w:val="Segoe UI"/>' in fonts.blob


def test_captions_are_fields_in_caption_styles(document):
    captions = [
        (p.style.name, p.text) for p in document.paragraphs if p.style.name in ("Image Caption", "Table Caption")
    ]
    assert captions[0][0] == "Table Caption"
    assert captions[0][1].startswith("Tabell\u00a01. Kommuner og svar etter fylke.")
    assert captions[1][1].startswith("Figur\u00a01. Andel kommuner")
    said = fields(document)
    assert said.count("SEQ Figur \\* ARABIC") == said.count("SEQ Tabell \\* ARABIC") == 2
    marks = {mark.get(qn("w:name")) for mark in document.element.body.iter(qn("w:bookmarkStart"))}
    references = [field.split()[1] for field in said if field.startswith("REF ")]
    assert len(references) == 7
    assert set(references) <= marks


def test_captions_are_short_where_word_lists_them(document):
    """What follows a caption's title is a paragraph of its own: a list takes the whole paragraph of a field."""
    paragraphs = document.paragraphs
    first = [p.style.name for p in paragraphs].index("Image Caption")
    title, more = paragraphs[first : first + 2]
    assert title.text == "Figur\u00a01. Andel kommuner med egen kompetanseplan, etter innbyggertall."
    assert (more.style.name, more.text) == (
        "Image Caption More", "Kommuner som har svart (N = 261). Alle tall: tabell\u00a02.",
    )  # fmt: skip
    listed = [p.text for p in paragraphs if p.style.name == "table of figures"]
    assert title.text in [text.replace("\u00a0", " ").replace("Figur 1", "Figur\u00a01") for text in listed]


def test_pictures_are_described(document):
    described = [properties.get("descr") for properties in document.element.body.iter(qn("wp:docPr"))]
    assert described == [
        "Liggende stolper: 41 prosent i de minste, 58 i de mellomste og 80 i de største kommunene.",
        "Liggende stolper: kurs er vanligst i alle tre grupper.",
    ]
    extents = [int(extent.get("cx")) / 360000 for extent in document.element.body.iter(qn("wp:extent"))]
    assert extents == pytest.approx([16, 16], abs=0.01)
    body = document.element.body
    inline = [[frame.get(f"dist{side}") for side in "TBLR"] for frame in body.iter(qn("wp:inline"))]
    assert inline == [["0"] * 4] * 2, "LibreOffice else moves the picture"
    assert all(inner.get("descr") is None for inner in body.iter(qn("pic:cNvPr"))), "no path of a file"
    kinds = {part.partname.ext for part in document.part.package.iter_parts() if "/media/" in part.partname}
    assert kinds == {"png"}


def test_tables_repeat_their_head(document):
    assert len(document.tables) == 2
    for table in document.tables:
        heads = [row._tr.trPr.find(qn("w:tblHeader")) is not None for row in table.rows]
        assert heads == [True] + [False] * (len(table.rows) - 1)
        assert {p.style.name for cell in table.rows[0].cells for p in cell.paragraphs} == {"Table Head"}
        assert {p.style.name for row in table.rows[1:] for cell in row.cells for p in cell.paragraphs} == {"Table Text"}


def test_contents_and_lists_are_filled(document):
    body = document.element.body
    contents = [Paragraph(p, document).text for p in body.iter(qn("w:p")) if _style(p) in ("toc1", "toc2")]
    assert contents[:3] == ["1\tSammendrag", "2\tData og metode", "2.1\tVekter og usikkerhet"]
    assert contents[-1] == "Referanser"
    marks = {mark.get(qn("w:name")) for mark in body.iter(qn("w:bookmarkStart"))}
    assert {link.get(qn("w:anchor")) for link in body.iter(qn("w:hyperlink"))} <= marks
    assert 'TOC \\h \\z \\c "Figur"' in fields(document)
    begun = [mark.get(qn("w:fldCharType")) for mark in body.iter(qn("w:fldChar"))]
    assert begun.count("begin") == begun.count("separate") == begun.count("end")


def _style(paragraph) -> str:
    return str(paragraph.style)


def test_header_footer_and_page(document, notice, source_line):
    (section,) = document.sections
    head = [paragraph.text for paragraph in section.header.paragraphs]
    assert head == [notice, "Prøverapport om kompetanse i kommunene"]
    fields_of_footer = [f.get(qn("w:instr")).strip() for f in section.footer._element.iter(qn("w:fldSimple"))]
    assert fields_of_footer == ["PAGE", "NUMPAGES"]
    assert "".join(t.text for t in section.footer._element.iter(qn("w:t"))) == f"{source_line}Side 1 av 1"
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)


def test_callouts_and_text(document):
    titles = [p.text for p in document.paragraphs if p.style.name == "Callout Title"]
    assert titles == ["Rekonstruerte data", "Slik leses figurene"]
    assert sum(p.style.name == "Callout" for p in document.paragraphs) == 4
    words = " ".join(p.text for p in document.paragraphs)
    assert "På nett" not in words and "På papir" not in words
    assert "@" not in words and "{" not in words


NAMES = ("Question", "N", "Before (%)", "After (%)", "Change (95% CI)", "p", "p, Holm", "p, all", "Smallest detectable")
NUMBERS = ("Organisational measures for their voice", "66", "56", "76", "+20 (5–33)", *[">0.999"] * 3, "20")


def breadth(text: str, points: float, face: str) -> float:
    """Width in twentieths of a point."""
    font = TTFont(fonts_folder() / f"OpenSans-{face}.ttf")
    names, widths = font.getBestCmap(), font["hmtx"]
    return sum(widths[names.get(ord(char), ".notdef")][0] for char in text) * 20 * points / font["head"].unitsPerEm


@pytest.fixture
def made(write, tmp_path):
    def make(text: str):
        (path,) = render_document(write(text), params={}, out=tmp_path, formats=("docx",), engine="builtin")
        return docx.Document(str(path))

    return make


@pytest.mark.parametrize(("more", "small", "points", "margins"), [(2, "Small ", 8, 120), (0, "", 9, 180)])
def test_no_column_is_narrower_than_its_longest_word(made, more, small, points, margins):
    """Eleven columns need smaller type and margins; nine do not."""
    cells = (NAMES + ("p, group",) * more, ("---",) * (9 + more), NUMBERS + (">0.999",) * more)
    rows = "\n".join(f"| {' | '.join(row)} |" for row in cells)
    (table,) = made(f"---\ntitle: T\nlang: en\n---\n\n{rows}\n\n: Wide. {{#tbl-wide}}\n").tables
    assert table.style.name == f"{small}Table"
    assert [row.cells[0].paragraphs[0].style.name for row in table.rows] == [f"{small}Table Head", f"{small}Table Text"]
    widths = [column.width.twips for column in table.columns]
    for width, head, body in zip(widths, cells[0], cells[2], strict=False):
        words = [*((word, "Bold") for word in head.split()), *((word, "Regular") for word in body.split())]
        assert width >= margins + max(breadth(word, points, face) for word, face in words)
    assert sum(widths) == pytest.approx(9072, abs=len(widths)), "160 mm"


def kept(table) -> list[bool]:
    return [all(p.paragraph_format.keep_with_next for cell in row.cells for p in cell.paragraphs) for row in table.rows]


@pytest.mark.parametrize("note", ["", '\n::: {.table-note custom-style="Table Note"}\nOf all.\n:::\n'])
def test_where_a_table_may_break(made, note):
    """A short one nowhere; a long one neither after its head or a group's, nor before its last rows or its note."""
    rows = [f"| Place {i} | {i} |" for i in range(40)]
    rows[20] = "| **Group** | |"
    text = "".join(
        f"| Name | N |\n|:--|--:|\n{chr(10).join(part)}\n\n: {name}. {{#tbl-{name}}}\n{note}\n"
        for name, part in (("short", rows[:8]), ("long", rows))
    )
    short, long = made(f"---\ntitle: T\nlang: en\n---\n\n{text}").tables
    assert kept(short) == [True] * 8 + [bool(note)]
    keeps = {0, 1, 21, 22, 38, 39} | ({40} if note else set())
    assert kept(long) == [i in keeps for i in range(41)]


@pytest.mark.parametrize(("after", "space"), [("Text.", 14), ("# Heading", 24), ("# A {.unnumbered}", 24)])
def test_what_follows_a_table_keeps_away_from_it(made, after, space):
    document = made(f"---\ntitle: T\nlang: en\n---\n\n| A | B |\n|---|---|\n| 1 | 2 |\n\n{after}\n")
    last = document.paragraphs[-1]
    assert (last.paragraph_format.space_before or last.style.paragraph_format.space_before).pt == space


def test_a_callout_with_a_list_is_one_block(made):
    """The bar stands where the paragraph's outermost line begins: at the same place throughout."""
    text = '::: {.callout-note title="Three"}\nFirst.\n\n- One\n- Two\n\nLast.\n:::\n\nAfter.\n'
    document = made(f"---\ntitle: T\nlang: en\n---\n\n{text}")
    forms = [p.paragraph_format for p in document.paragraphs if p.style.name == "Callout"]
    bar = document.styles["Callout"].paragraph_format.left_indent.twips
    edges = [f.left_indent.twips + f.first_line_indent.twips if f.left_indent else bar for f in forms]
    assert edges == pytest.approx([bar] * 4, abs=1)
    assert [f.space_after.pt if f.space_after is not None else None for f in forms] == [0, 4, 0, None]
    assert [f.keep_with_next for f in forms] == [True, True, True, None]
