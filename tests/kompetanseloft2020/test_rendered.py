"""The rendered report: no caption twice, figures in their chapters, a tagged PDF, Word that LibreOffice keeps."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import Counter

import docx
import pikepdf
import pytest
from docx.oxml.ns import qn
from PIL import Image, ImageChops

NOTICE = "Rekonstruerte data: svarene er laget slik at de gir de publiserte tallene."
FIGURES = 30
needs_poppler = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not installed")


@pytest.fixture(scope="module")
def pages(rendered) -> list[str]:
    """The text of each page, in reading order, on one line."""
    command = ["pdftotext", rendered[".pdf"], "-"]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True)
    return [" ".join(page.split()) for page in done.stdout.split("\f")[:-1]]


@pytest.fixture(scope="module")
def word(rendered):
    return docx.Document(str(rendered[".docx"]))


def captions(document, kind: str) -> list[str]:
    """Each caption of figures (Image) or tables (Table): its title and what follows."""
    found = []
    for title, more in zip(document.paragraphs, [*document.paragraphs[1:], None]):
        if title.style.name == f"{kind} Caption":
            follows = more is not None and more.style.name == f"{kind} Caption More"
            found.append(f"{title.text} {more.text}" if follows else title.text)
    return found


def test_no_caption_is_there_twice_and_each_figures_says_what_who_n_and_when(word):
    figures, tables = captions(word, "Image"), captions(word, "Table")
    assert len(figures) == FIGURES and len(tables) > 40
    bare = [re.sub(r"^\w+\u00a0\d+\. ", "", caption) for caption in (*figures, *tables)]
    assert [caption for caption, count in Counter(bare).items() if count > 1] == []
    for caption in figures:
        assert re.search(r"\(N\u00a0=\u00a0\d+\)", caption), caption
        assert re.search(r"Alle tall: tabell\u00a0\d+\.$", caption), caption
    compared = [caption for caption in figures if "sammenlignet med populasjonen" in caption]
    rounds = [caption for caption in figures if re.search(r"Runder?: 20|både i 2018 og i 2019", caption)]
    assert len(compared) == 3 and len(rounds) == FIGURES - 3


@needs_poppler
def test_every_page_says_that_the_data_are_reconstructed_and_whence(pages):
    assert all(NOTICE in page for page in pages)
    assert all("Kilde: Rekonstruert fra publiserte tall" in page for page in pages)


@needs_poppler
def test_a_figure_stands_after_its_introduction_in_its_own_chapter(pages):
    """In reading order: a chapter's heading, the text's word of the figure, its caption, the next chapter's heading."""
    text = " ".join(pages)
    chapters = ["3 Rekruttering og bemanning Kap", "4 Utdanning og relevans Kap", "5 Strategier for kompetanse Kap"]
    chapters += ["6 Brukernes stemme Kap", "7 Midler og relevans Kap", "8 Endring fra 2018 til 2019 Den"]
    starts = [text.index(chapter) for chapter in chapters]
    inside = [range(3, 12), range(12, 16), range(16, 20), range(20, 22), range(22, 24)]
    for numbers, start, end in zip(inside, starts, starts[1:]):
        for number in numbers:
            (caption,) = [m.start() for m in re.finditer(rf"Figur {number}\. ", text) if start < m.start() < end]
            assert re.search(rf"(?i)figur {number} ", text[start:caption]), f"figure {number}"


@needs_poppler
def test_front_matter_and_lists_are_short(pages):
    first = next(k for k, page in enumerate(pages) if "1 Sammendrag Svarene" in page)
    assert first <= 3
    title = "Kommuner som har kartlagt kompetansebehovet, etter innbyggertall. . . "
    (listed,) = [k for k, page in enumerate(pages) if title in page]
    of_their_own = pages[listed + 1 :]  # they begin under the references
    assert len(of_their_own) <= 2


@needs_poppler
def test_lists_name_the_page_where_figure_and_table_stand(pages, rendered):
    command = ["pdftotext", "-layout", rendered[".pdf"], "-"]
    text = subprocess.run(command, capture_output=True, encoding="utf-8", check=True).stdout
    entry = r"(?m)^\f?(Figur|Tabell) +(\d+) (?:[^\n]*\n)??[^\n]*\. \W*(\d+)$"
    listed = re.findall(entry, text[re.search(r"Figurer\s+Figur 1 ", text).start() :])
    assert len(listed) == FIGURES + 44
    for kind, number, page in listed:
        assert re.search(rf"{kind} {number}\. ", pages[int(page) - 1]), (kind, number, page)


@needs_poppler
def test_no_page_but_the_first_and_the_last_is_half_empty(rendered, tmp_path):
    command = ["pdftoppm", "-r", "20", "-gray", rendered[".pdf"], tmp_path / "page"]
    subprocess.run(command, check=True, capture_output=True)
    *inner, _ = sorted(tmp_path.iterdir())[1:]
    assert len(inner) > 40
    for page in inner:
        with Image.open(page) as picture:
            body = picture.crop((0, picture.height // 11, picture.width, picture.height * 92 // 100))
            *_, foot = ImageChops.invert(body).point(lambda light: 255 * (light > 50)).getbbox()
            assert foot > 0.6 * body.height, page.name


@needs_poppler
def test_letters_survive_the_extraction_of_text(pages):
    text = " ".join(pages)
    assert all(word in text for word in ("spørsmål", "størrelsesgruppe", "nærmere", "Särndal", "«De minste»", "−2"))
    assert not re.search(r"[\ufffd\ue000-\uf8ff]", text)


def elements(node) -> list[pikepdf.Dictionary]:
    """Structure elements below a node, in reading order."""
    kids = node.get("/K")
    found = []
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            found += [kid, *elements(kid)]
    return found


def scope(cell: pikepdf.Dictionary) -> str:
    """The scope of a TH; nothing for a TD."""
    parts = cell.A if isinstance(cell.get("/A"), pikepdf.Array) else [cell.get("/A")]
    found = [str(part.Scope) for part in parts if part is not None and "/Scope" in part]
    return found[0] if found and cell.S == "/TH" else ""


def test_the_pdf_is_tagged_for_a_screen_reader(rendered):
    with pikepdf.open(rendered[".pdf"]) as pdf:
        meta = pdf.open_metadata()
        assert (meta["pdfuaid:part"], meta["pdfaid:part"], meta["pdfaid:conformance"]) == ("1", "2", "A")
        assert (str(pdf.Root.Lang), meta["dc:title"]) == ("nb-NO", "Kompetanseløft\u00a02020 i kommunene")
        assert pdf.Root.ViewerPreferences.DisplayDocTitle and pdf.Root.MarkInfo.Marked
        found = elements(pdf.Root.StructTreeRoot)
        figures = [str(one.Alt) for one in found if one.S == "/Figure"]
        assert len(figures) == len(set(figures)) == FIGURES and min(map(len, figures)) > 60
        rows = [row for body in found if body.S == "/TBody" for row in elements(body) if row.S == "/TR"]
        assert {scope(elements(row)[0]) for row in rows} == {"/Row"} and len(rows) > 500
        columns = [one for head in found if head.S == "/THead" for one in elements(head) if one.S == "/TH"]
        assert {scope(one) for one in columns} == {"/Column"}
        objects = [one for one in pdf.objects if isinstance(one, pikepdf.Dictionary)]
        fonts = [one for one in objects if one.get("/Type") == "/FontDescriptor"]
        assert fonts and all("/FontFile2" in one or "/FontFile3" in one for one in fonts)
        assert {re.sub(r"^/\w+\+|-\w+$", "", str(one.FontName)) for one in fonts} == {"OpenSans"}
        with pdf.open_outline() as outline:
            titles = [item.title for item in outline.root]
    assert "1 Sammendrag" in titles and titles[-3:] == ["Referanser", "Figurer", "Tabeller"]


def described(document) -> list[str]:
    return [one.get("descr") for one in document.element.body.iter(qn("wp:docPr"))]


def headings(document) -> list[tuple[str, str]]:
    return [(p.style.name, p.text) for p in document.paragraphs if p.style.name.startswith("Heading")]


def fields(document, name: str) -> int:
    body = document.element.body
    said = [run.text or "" for run in body.iter(qn("w:instrText"))]
    said += [one.get(qn("w:instr")) for one in body.iter(qn("w:fldSimple"))]
    return sum(name in one for one in said)


def marks(document) -> set[str]:
    return {one.get(qn("w:name")) for one in document.element.body.iter(qn("w:bookmarkStart"))}


def links(document) -> list[str]:
    return sorted(filter(None, (one.get(qn("w:anchor")) for one in document.element.body.iter(qn("w:hyperlink")))))


def repeated(document) -> int:
    return sum(1 for _ in document.element.body.iter(qn("w:tblHeader")))


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_word_goes_through_libreoffice_without_loss(rendered, word, tmp_path):
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", "docx", "--outdir", tmp_path, rendered[".docx"]]
    subprocess.run(command, capture_output=True, check=True, timeout=300)
    again = docx.Document(str(tmp_path / rendered[".docx"].name))
    assert headings(again) == headings(word)
    assert described(again) == described(word) and len(described(word)) == FIGURES
    for kind in ("Image", "Table"):
        assert captions(again, kind) == captions(word, kind)
    assert fields(again, "SEQ Figur") == fields(word, "SEQ Figur") == FIGURES
    assert fields(again, "SEQ Tabell") == fields(word, "SEQ Tabell") > 40
    assert [(len(t.rows), len(t.columns)) for t in again.tables] == [(len(t.rows), len(t.columns)) for t in word.tables]
    assert repeated(again) == repeated(word) == len(word.tables)
    assert set(links(word)) <= marks(word) <= marks(again)
    assert links(again) == links(word) and len(links(word)) > 60


def test_the_page_folds_each_figures_numbers_under_it(rendered):
    page = rendered[".html"].read_text(encoding="utf-8")
    folded = r'(<details class="callout callout-note">)?'
    figures = re.findall(rf'<figure[^>]* id="fig-[\w-]+".*?</figure>\s*{folded}', page, re.DOTALL)
    assert len(figures) == FIGURES and all(figures)
    names = re.findall(r"<summary>(.*?)</summary>", page, re.DOTALL)
    assert len(set(names)) == len(names) == FIGURES
    assert page.count("Kilde: Rekonstruert") == 1, "once on the page"
