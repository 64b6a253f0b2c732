"""Every letter is drawn, in figures, PDF and Word, by a font that ships or as its code; å in two letters is å."""

from __future__ import annotations

import json
import unicodedata
import warnings
import zipfile

import pikepdf
import pytest
from fontTools.ttLib import TTFont
from hypothesis import given
from hypothesis import strategies as st

import evalkit
from evalkit import pipeline
from evalkit.present import letters, style
from evalkit.present.layout import page, text_width, wrap, write
from tests import conftest
from tests.conftest import WAVES, write_study, write_wave

ODD = [
    *("a\u030a A\u030a", "→", "✓", "●", "a\u2011b", "1\u202f000", "1\u2009000", "a\tb", "a\nb", "信", "😀", "a\u200db"),
    *("a\u00adb", "≤", "ა", "ש", "ŋŧž", "x" * 300, "a\u0007b", "a\ufeffb", "a\u2028b", "\ue000", "Ærø—«»…", "\u200f"),
    *("a\u0301\u0323", "<b>", "{{< meta title >}}", "`{python} 1+1`", "$x$", "#link", "\\alpha"),
]
"""From files of Macs, of Word, of other alphabets, and words that markup could take for its own."""


def cmap(path) -> set[int]:
    """The letters of a font, as fontTools reads the file."""
    return set(TTFont(path).getBestCmap())


OPEN_SANS, DEJAVU = cmap(style.FONTS / "OpenSans-Regular.ttf"), cmap(letters.fallback_fonts()[0])


@given(st.characters(codec="utf-8"))
def test_what_is_drawn_is_in_a_font_that_ships(letter):
    """By fontTools' reading of the two fonts, not by the library that draws."""
    shown = letters.drawn(letter)
    assert {ord(one) for one in shown} <= OPEN_SANS | DEJAVU
    kind = unicodedata.category(letter)
    if kind not in ("Cc", "Cf", "Zl", "Zp") and not unicodedata.name(letter, "").startswith("VARIATION SELECTOR"):
        assert shown == (letter if ord(letter) in OPEN_SANS | DEJAVU else f"U+{ord(letter):04X}")


@given(st.text(max_size=20))
def test_text_of_a_line_is_one_line_and_is_drawn_once(text):
    assert letters.drawn(letters.drawn(text)) == letters.drawn(text)
    assert not set(letters.on_a_line(text)) & set("\t\n\r\v\f\0\x07\x85\u2028\u2029")


def test_the_fallback_has_what_the_font_lacks_in_bold_too():
    both = {one for one in "→✓●\u2011\u202f≥ა" if ord(one) not in OPEN_SANS}
    assert both >= set("✓●") and all(letters.has(one, fallback=True, bold=True) for one in both)


@pytest.mark.parametrize("text", ODD)
def test_a_figure_measures_wraps_and_draws_it(text, tmp_path):
    """28 of 36 such texts ended the run with a traceback while they were measured."""
    figure, axes = page(style.PRINT, 3)
    with style.styled(), warnings.catch_warnings():
        warnings.simplefilter("error")  # matplotlib warns of a letter that no font of the figure has
        lines = wrap(text, 4.0)
        assert all(text_width(line) <= 4.0 + 1e-9 for line in lines)
        write(axes, 0, 1, lines)
        figure.canvas.draw()
        figure.savefig(tmp_path / "figure.svg", format="svg")


def test_width_is_that_of_the_font_that_draws_it():
    """Advance widths of the tick by fontTools: of DejaVu Sans, in units of 2048 an em; 10 points are 0.3528 cm."""
    font = TTFont(letters.fallback_fonts()[0])
    advance = font["hmtx"][font.getBestCmap()[ord("✓")]][0] / font["head"].unitsPerEm
    assert text_width("✓", 10) == pytest.approx(advance * 10 * 2.54 / 72, abs=1e-4)


@pytest.fixture(scope="module")
def odd(tmp_path_factory):
    """A study in which every odd text is an option, and all of them stand in title, question, source and notice."""

    def quoted(text: str) -> str:
        return json.dumps(text, ensure_ascii=False)

    said = [quoted(f"V {text}") for text in ODD]
    options = (f"o{i} = {{ nb = {words}, en = {words}, column = 'm{i}' }}" for i, words in enumerate(said))
    together = quoted(" ".join(ODD))
    start, end = conftest.ITEMS.index("courses ="), conftest.ITEMS.index("[years]")
    items = {conftest.ITEMS[start:end]: "\n".join([*options, "", ""]), 'nb = "Har plan"': f"nb = {together}"}
    names = ("Liten undersøkelse", "Syntetiske data", "Syntetiske svar", "Under 10 000")
    folder = write_study(tmp_path_factory.mktemp("odd"), {f'nb = "{n}"': f"nb = {together}" for n in names}, items)
    for name, columns in WAVES.items():
        kept = {key: column for key, column in columns.items() if key not in ("m1", "m2")}
        boxes = {f"m{i}": columns["m1"] for i in range(len(ODD))}
        write_wave(folder.parent.parent / "data_raw" / "small" / name, kept | boxes)
    return evalkit.load_study(folder)


def test_all_of_them_in_one_study_are_typeset(odd):
    """Its figure of 31 options is higher than a page, and a word of 300 letters wider than any line."""
    html, pdf, word, _ = evalkit.render(evalkit.run(odd))
    with pikepdf.open(pdf) as held:
        fonts = {
            str(one.BaseFont) for one in held.objects if isinstance(one, pikepdf.Dictionary) and "/BaseFont" in one
        }
    assert {name.partition("+")[2] for name in fonts} >= {"DejaVuSans", "DejaVuSans-Bold", "OpenSans", "OpenSans-Bold"}
    text = zipfile.ZipFile(word).read("word/document.xml").decode()
    assert 'w:ascii="DejaVu Sans"' in text and "U+4FE1" in text and "信" not in text
    assert "信" in html.read_text(encoding="utf-8"), "a browser has a font for every letter"


def test_check_names_what_no_font_has(odd):
    said = [line for line in pipeline.remarks(odd) if "no font that ships" in line]
    assert len(said) == 2
    assert said[0].startswith("no font that ships can draw 信 (cjk unified ideograph-4fe1), shown as U+4FE1, in study")
    assert "a letter without a name), shown as U+E000" in said[1]


def test_a_study_and_files_with_letters_in_two_parts_are_composed(tmp_path):
    """A file from a Mac: Å as A and a ring. The question is found in it, and its label is the one of items.toml."""
    two = unicodedata.normalize("NFD", "Få")
    said = f'label = {{ nb = "{two}", en = "A" }}\ncolumn = "{two}"'
    folder = write_study(tmp_path, items={'label = { nb = "År", en = "Years" }': said})
    raw = folder.parent.parent / "data_raw" / "small"
    for name, columns in WAVES.items():
        write_wave(raw / name, {("Få" if key == "years" else key): column for key, column in columns.items()})
    study = evalkit.load_study(folder)
    assert study.items["years"].label["nb"] == "Få" and study.items["years"].column == "Få"
    pipeline.check(study)
    (tmp_path / "w.csv").write_text(f"kommnr;{two}\n0101;{two}\n", encoding="utf-8")
    wave = evalkit.read_wave(tmp_path / "w.csv")
    assert list(wave.data.columns) == ["kommnr", "Få"] and wave.data["Få"].tolist() == ["Få"]
    assert list(wave.missing.columns) == ["kommnr", "Få"]


def test_a_line_with_a_letter_of_the_fallback_has_room_for_all_of_it_in_the_fallback():
    """A figure in a PDF is set so; by the advances of the fallback's own table, Cyrillic of Open Sans included."""
    font = TTFont(letters.fallback_fonts()[0])
    of, units = font.getBestCmap(), font["head"].unitsPerEm
    said = "✓ Привет og Åse"
    whole = sum(font["hmtx"][of[ord(letter)]][0] for letter in said) / units * 10 * 2.54 / 72
    assert text_width(said, 10) == pytest.approx(whole, abs=1e-3)
    assert text_width(said[2:], 10) < whole - text_width("✓ ", 10)
