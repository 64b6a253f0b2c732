"""Any letter in a study's words is drawn by a font that ships, or shown as its code and named by the check."""

from __future__ import annotations

import json
import unicodedata

import pikepdf
import pytest
from docx import Document
from fontTools.ttLib import TTFont
from matplotlib.ft2font import FT2Font

import evalkit
from evalkit import load_study
from evalkit.cli import app
from evalkit.present.layout import text_width, wrap
from evalkit.present.pipes import escape
from evalkit.study.letters import undrawable_words
from evalkit.study.words import Words
from evalkit.typeface import FONTS, composed, drawable, fallback_files, one_line, undrawable

ODD = {
    "a letter in two signs, as a Mac writes it": "a\u030alesund og Bode\u0301",
    "arrows": "→ ned ↑ opp",
    "ticks and boxes": "✓ ja ☐ nei ☑",
    "dots": "● ○ ■",
    "a hyphen that does not break": "e\u2011post",
    "a narrow space": "10\u202f000",
    "a tab": "Kurs\tog lønn",
    "a line end": "Kurs\nog lønn",
    "dashes": "— – ‒ ―",
    "fractions and small digits": "½ ⅓ CO₂ m²",
    "other alphabets": "αβγ Привет שלום Čáhci ŋ ŧ",
    "letters of mathematics": "≤ 5 ≠ 𝒙",
    "a sign that is a picture": "😀",
    "no font has it": "中文 \ue000",
    "signs without a width": "kompe\u00adtanse a\u200bb \ufeffJa a\x07b",
    "a very long word": "Kompetanseutviklingsplanleggingsarbeid" * 4,
    "quotes": "„så“ «x» ’",
}


def has(letter: str) -> bool:
    """Whether Open Sans, or DejaVu Sans in both weights, has a glyph for it: by their own tables."""
    own = TTFont(FONTS / "OpenSans-Regular.ttf").getBestCmap()
    return ord(letter) in own or all(ord(letter) in TTFont(file).getBestCmap() for file in fallback_files())


@pytest.mark.parametrize("words", ODD.values(), ids=list(ODD))
def test_every_letter_that_is_printed_has_a_glyph(words):
    printed = drawable(Words(words, words).nb)
    assert all(has(letter) for letter in set(printed))
    assert unicodedata.is_normalized("NFC", printed) and not set("\t\n\r\ufeff\x07") & set(printed)
    lines = wrap(printed, 4.0)
    assert all(text_width(line) <= 4.0 for line in lines)


def test_what_no_font_has_is_its_code():
    assert undrawable("Plan 中, 文 og 中") == ("中", "文")
    assert drawable("Plan 中") == "Plan [U+4E2D]" and escape("中") == "\\[U+4E2D\\]"


def test_words_are_composed_and_on_one_line():
    assert composed("a\u030a") == "å"
    assert one_line("Kurs\r\n  og\tlønn\x00") == "Kurs og lønn"
    assert one_line("10\u202f000 e\u2011post") == "10\u202f000 e\u2011post"  # these mean something: they stay


def test_a_letter_of_the_fallback_is_as_wide_as_its_glyph():
    font = FT2Font(str(fallback_files()[0]))
    font.set_size(100, 72)
    wide = font.load_char(ord("✓")).linearHoriAdvance / 65536 / 100
    assert text_width("✓", 10.0) == pytest.approx(wide * 10.0 * 2.54 / 72)


def quoted(place: str) -> str:
    return json.dumps(ODD[place] + " ord", ensure_ascii=False)


def both(place: str) -> str:
    return f"{{ nb = {quoted(place)}, en = {quoted(place)} }}"


def test_all_of_them_in_one_study_are_typeset(small, capsys):
    """The check names the letters without a glyph, and HTML, PDF and Word are made; ✓ is drawn by the fallback."""
    every = json.dumps(" ".join(ODD.values()), ensure_ascii=False)
    folder = small(
        study={
            '{ nb = "Liten undersøkelse", en = "Small survey" }': f"{{ nb = {every}, en = {every} }}",
            '{ nb = "Syntetiske svar", en = "Synthetic answers" }': both("no font has it"),
            '{ nb = "Innbyggertall", en = "Population" }': both("a very long word"),
            '[exhibits.why_not]\nkind = "distribution"': "[exhibits.answers]\n"
            f"note = {{ nb = {every}, en = {every} }}\n"
            'kind = "distribution"\nitems = ["plan"]\n\n[exhibits.why_not]\nkind = "distribution"',
        },
        items={
            '{ nb = "Har plan", en = "Has a plan" }': both("ticks and boxes"),
            '1 = { nb = "Ja", en = "Yes" }': f"1 = {both('arrows')}",
            '2 = { nb = "Nei", en = "No" }': f"2 = {both('a line end')}",
            '{ nb = "Virkemidler", en = "Means" }': both("a letter in two signs, as a Mac writes it"),
            'nb = "Kurs", en = "Courses"': f"nb = {quoted('dots')}, en = {quoted('other alphabets')}",
            '{ nb = "År", en = "Years" }': both("fractions and small digits"),
        },
    )
    said = undrawable_words(load_study(folder))
    assert any(
        line.startswith("study.toml: source: no font of the reports has 中 (U+4E2D), 文 (U+6587)") for line in said
    )
    app(["check", str(folder)], standalone_mode=False)
    assert "U+4E2D" in capsys.readouterr().out
    run = evalkit.run(load_study(folder))
    html, pdf, word, *_ = evalkit.render(run, template="wave_report", lang="nb")
    page = html.read_text(encoding="utf-8")
    assert "✓ ja" in page and "Kurs og lønn ord" in page and "ålesund" in page and "[U+4E2D]" in page
    assert "✓ ja" in "".join(p.text for p in Document(str(word)).paragraphs)
    with pikepdf.open(pdf) as made:
        dictionaries = [o for o in made.objects if isinstance(o, pikepdf.Dictionary)]
        fonts = {str(o["/FontName"]) for o in dictionaries if "/FontName" in o}
    assert any(name.endswith("+DejaVuSans") for name in fonts) and any("OpenSans" in name for name in fonts)
    assert not any("Libertinus" in name or "NewCM" in name for name in fonts)
