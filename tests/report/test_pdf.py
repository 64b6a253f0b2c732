"""The PDF is PDF/UA-1 and PDF/A-2a: language, title, alternative texts, bookmarks, embedded fonts, numbered pages."""

import shutil
import subprocess
from pathlib import Path

import pikepdf
import pytest

from evalkit.errors import RenderError
from evalkit.report import render_document

needs_poppler = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not installed")


def elements(pdf: pikepdf.Pdf) -> list[pikepdf.Dictionary]:
    """Structure elements in reading order."""
    found = []

    def walk(node: object) -> None:
        if isinstance(node, pikepdf.Array):
            for child in node:
                walk(child)
        elif isinstance(node, pikepdf.Dictionary):
            if "/S" in node:
                found.append(node)
            if "/K" in node:
                walk(node.K)

    walk(pdf.Root.StructTreeRoot.K)
    return found


def attributes(cell: pikepdf.Dictionary) -> pikepdf.Dictionary:
    """A cell's attributes as part of a table."""
    return next(one for one in cell.A if one.O == "/Table")


@pytest.fixture(scope="module")
def pdf(rendered: Path):
    with pikepdf.open(rendered / "prove.pdf") as opened:
        yield opened


def text(path: Path) -> str:
    done = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, encoding="utf-8", check=True)
    return done.stdout


def test_standard_language_and_title(pdf):
    meta = pdf.open_metadata()
    assert meta["pdfuaid:part"] == "1"
    assert (meta["pdfaid:part"], meta["pdfaid:conformance"]) == ("2", "A")
    assert str(pdf.Root.Lang) == "nb-NO"
    assert str(pdf.docinfo["/Title"]) == meta["dc:title"] == "Prøverapport om kompetanse i kommunene"
    assert pdf.Root.ViewerPreferences.DisplayDocTitle
    assert pdf.Root.MarkInfo.Marked


def test_every_figure_has_its_alternative_text(pdf):
    figures = [element for element in elements(pdf) if element.S == "/Figure"]
    assert [str(figure.Alt) for figure in figures] == [
        "Liggende stolper: 41 prosent i de minste, 58 i de mellomste og 80 i de største kommunene.",
        "Liggende stolper: kurs er vanligst i alle tre grupper.",
    ]


def test_tables_have_heads_and_captions(pdf):
    kinds = [str(element.S) for element in elements(pdf)]
    assert kinds.count("/Table") == kinds.count("/THead") == 2
    assert kinds.count("/TH") == 8 + 23
    scopes = [str(attributes(element)["/Scope"]) for element in elements(pdf) if element.S == "/TH"]
    assert (scopes.count("/Column"), scopes.count("/Row")) == (8, 23)
    body = [row for row in elements(pdf) if row.S == "/TR" and attributes(row.K[0]).get("/Scope") == "/Row"]
    assert all(cell.S == "/TD" for row in body for cell in list(row.K)[1:])
    assert kinds.count("/Caption") == 4


def test_bookmarks_follow_the_headings(pdf):
    with pdf.open_outline() as outline:
        titles = [item.title for item in outline.root]
        inner = [item.title for item in outline.root[-4].children]
    assert titles[-5:] == ["1 Sammendrag", "2 Data og metode", "3 Resultater", "4 Konklusjon", "Referanser"]
    assert inner == ["2.1 Vekter og usikkerhet", "2.2 Hvem svarte"]


def test_a4_and_fonts_embedded(pdf):
    boxes = {tuple(round(float(side)) for side in page.MediaBox) for page in pdf.pages}
    assert boxes == {(0, 0, 595, 842)}
    fonts = [o for o in pdf.objects if isinstance(o, pikepdf.Dictionary) and o.get("/Type") == "/FontDescriptor"]
    assert fonts
    assert all("/FontFile2" in font or "/FontFile3" in font for font in fonts)
    assert {str(font.FontName).split("+")[1].split("-")[0] for font in fonts} == {"OpenSans"}


@needs_poppler
def test_every_page_says_notice_source_and_number(rendered, pdf, notice, source_line):
    pages = text(rendered / "prove.pdf").split("\f")[:-1]
    assert len(pages) == len(pdf.pages)
    for number, page in enumerate(pages, start=1):
        assert notice in page and source_line in page, "as the study has them, not as Markdown"
        assert f"Side {number} av {len(pages)}" in page
    assert all("Prøverapport om kompetanse i kommunene" in page.strip()[:200] for page in pages[1:])


@needs_poppler
def test_text_numbers_captions_and_references(rendered):
    words = " ".join(text(rendered / "prove.pdf").split())
    assert "I alt svarte 261 av 426 kommuner, det er 61 prosent." in words
    assert "se figur 1 og tabell 2. Kjørt for «prøve»." in words
    assert "jf. kapittel 3." in words
    assert "Tabell 1 viser hvem som svarte." in words
    assert "Se også 2 og avsnittet om vekter (kapittel 2.1). Metoden følger Lumley (2010)." in words
    title, more = "Figur 1. Andel kommuner med egen kompetanseplan, etter innbyggertall.", "Kommuner som har svart"
    assert f"{title} {more} (N = 261). Alle tall: tabell 2." in words
    assert words.count(more) == 1, "a list of figures has the title alone"
    assert words.count("Andel kommuner med egen kompetanseplan, etter innbyggertall") == 2
    assert "(Deville og Särndal 1992)" in words
    assert "Prøverapport om kompetanse i kommunene viser at motoren virker." in words
    assert "På papir står sidetallet nederst." in words
    assert "På nett kan du søke" not in words
    assert "17. mai 2024" in words
    assert "{" not in words and "@" not in words


@needs_poppler
def test_a_long_table_repeats_its_head(convert, tmp_path, run):
    from evalkit.report import render_document

    folder = tmp_path / "lang"
    folder.mkdir()
    rows = "\n".join(f"| Kommune {i} | {i} |" for i in range(90))
    table = f"| Navn på kommunen | Svar |\n|:---|---:|\n{rows}\n\n: Alle. {{#tbl-alle}}\n"
    (folder / "lang.qmd").write_text(f"---\ntitle: Lang\n---\n\n{table}", encoding="utf-8")
    (made,) = render_document(folder / "lang.qmd", params={}, out=tmp_path, formats=("pdf",), engine="builtin")
    pages = text(made).split("\f")[:-1]
    assert len(pages) == 3
    assert all("Navn på kommunen" in page for page in pages)


@needs_poppler
def test_a_wide_table_keeps_its_words_whole(tmp_path):
    from evalkit.report import render_document

    folder = tmp_path / "bred"
    folder.mkdir()
    names = ["Spørsmål", "Gruppe", "Andel", "Nedre", "Øvre", "Uvektet", "Endring"]
    question = "Har kommunen en egen plan for kompetanse og rekruttering i helse- og omsorgstjenesten"
    row = [question, "Under tre tusen", "41", "30", "52", "40", "−1,3"]
    table = "\n".join(f"| {' | '.join(cells)} |" for cells in (names, ["---"] * 2 + ["--:"] * 5, row))
    (folder / "bred.qmd").write_text(f"---\ntitle: Bred\n---\n\n{table}\n\n: Alle. {{#tbl-alle}}\n", encoding="utf-8")
    (made,) = render_document(folder / "bred.qmd", params={}, out=tmp_path, formats=("pdf",), engine="builtin")
    words = text(made).split()
    assert set(names) <= set(words)
    assert {"rekruttering", "omsorgstjenesten"} <= set(words)


@needs_poppler
def test_english(rendered_en):
    words = " ".join(text(rendered_en / "prove.en.pdf").split())
    assert "Test report on competence in the municipalities" in words
    assert "Page 1 of" in words and "Reconstructed data" in words
    assert "see Figure" not in words and "se Figure 1 og Table 2" in words
    assert "This paragraph is for English readers." in words
    assert "17 May 2024" in words
    with pikepdf.open(rendered_en / "prove.en.pdf") as pdf:
        assert str(pdf.Root.Lang) == "en-GB"


RESTLESS = """---
title: Urolig
---

# Del

```{=typst}
#context if %s { for i in range(query(metadata).len() + 1) { metadata(i) } }
```
"""
"""Each mark that Typst finds makes one more: the layout never settles."""


@needs_poppler
def test_page_breaks_that_do_not_settle_are_settled_with_tall_figures_standing_still(write, tmp_path):
    (file,) = render_document(
        write(RESTLESS % "not still"), params={}, out=tmp_path / "out", formats=("pdf",), engine="builtin"
    )
    assert "Del" in text(file)


def test_a_layout_that_never_settles_is_not_handed_out(write, tmp_path):
    with pytest.raises(RenderError, match=r"could not be typeset[\s\S]*did not converge"):
        render_document(write(RESTLESS % "true"), params={}, out=tmp_path / "out", formats=("pdf",), engine="builtin")
    assert not list((tmp_path / "out").glob("*.pdf"))
