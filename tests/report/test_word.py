"""The Word file is one that can be gone on with: real styles and fields, described pictures, tables with heads."""

from pathlib import Path

import docx
import pytest
from docx.oxml.ns import qn


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
    contents = [
        "".join(t.text for t in p.iter(qn("w:t"))) for p in body.iter(qn("w:p")) if _style(p) in ("toc1", "toc2")
    ]
    assert contents[:3] == ["1\u2003Sammendrag", "2\u2003Data og metode", "2.1\u2003Vekter og usikkerhet"]
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
