"""Text is measured and wrapped so that no line is wider than its column, and no word is lost."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evalkit.present import layout, style

LETTERS = st.text("abcdefghijæøåÆØÅ –/-\u00a0", min_size=1, max_size=80)


@settings(deadline=None, max_examples=60)
@given(LETTERS, st.floats(1.0, 8.0))
def test_lines_fit_and_keep_every_letter(text: str, width: float) -> None:
    lines = layout.wrap(text, width)
    assert all(layout.text_width(line) <= width + 1e-9 for line in lines)
    kept = "".join(lines).replace("-", "").replace(" ", "").replace("\u00a0", "")
    assert kept == text.replace("-", "").replace(" ", "").replace("\u00a0", "")


def test_breaks_stand_where_a_reader_expects_them() -> None:
    whole = layout.text_width("7\u00a0000–14\u00a0999")
    assert layout.wrap("7\u00a0000–14\u00a0999", whole * 0.8) == ["7\u00a0000–", "14\u00a0999"]
    assert layout.wrap("Under 2\u00a0000 (n\u00a0=\u00a052)", layout.text_width("Under 2\u00a0000")) == [
        "Under 2\u00a0000",
        "(n\u00a0=\u00a052)",
    ]
    assert layout.wrap("omsorgstjenesten", layout.text_width("omsorgs-")) == ["omsorgs-", "tjenesten"]


def test_width_grows_with_size_and_weight() -> None:
    assert layout.text_width("Kommuner", 18.0) == pytest.approx(2 * layout.text_width("Kommuner", 9.0), rel=0.02)
    assert layout.text_width("Kommuner", 9.0, True) > layout.text_width("Kommuner", 9.0)


def test_a_bold_row_is_set_apart() -> None:
    rows = layout.rows([("a", False), ("b", False), ("Alle", True)], style.PRINT, 0.6).lines
    assert rows[1].top == pytest.approx(rows[0].top + rows[0].height)
    assert rows[2].top == pytest.approx(rows[1].top + rows[1].height + 0.25)


def test_long_labels_stand_above_their_marks_on_narrow_paper() -> None:
    short, long = [("Under 2\u00a0000", False)], [("Kompetanseplan for hele kommunen", False)]
    assert layout.rows(short, style.PHONE, 0.6).width > 0
    above = layout.rows(long, style.PHONE, 0.6)
    assert above.width == 0.0 and above.lines[0].lead > 0
    assert above.lines[0].middle > above.lines[0].lead, "the marks lie under the label"
    assert above.spans == [(above.lines[0].lead, above.height)], "no line of the axis runs through the label"
    assert layout.rows(long, style.PRINT, 0.6).width > 0


@pytest.mark.parametrize("bold", [False, True])
def test_width_is_not_less_than_what_is_drawn(bold: bool) -> None:
    from matplotlib.ft2font import FT2Font

    font = FT2Font(str(style.FONTS / ("OpenSans-Bold.ttf" if bold else "OpenSans-Regular.ttf")))
    font.set_size(9.0, 72 * 16)
    for text in (
        "AVATAR To We 77\u00a0%",
        "15\u00a0000 og over (n\u00a0=\u00a044)",
        "Kompetanseplan for hele kommunen",
    ):
        font.set_text(text, 0.0)
        drawn = font.get_width_height()[0] / 64 / 16 * layout.POINT
        assert drawn <= layout.text_width(text, 9.0, bold) + 0.01
        assert layout.text_width(text, 9.0, bold) <= 1.05 * drawn


def test_a_legend_flows_over_lines_in_order() -> None:
    marks = [layout.Mark(f"Et svar av en viss lengde {k}", "#000000") for k in range(5)]
    places = layout.legend_places(marks, 12.0)
    assert [y for _, y, _ in places] == sorted(y for _, y, _ in places)
    assert all(x + 0.38 + max(layout.text_width(row) for row in text) <= 12.0 for x, _, text in places)
    assert places[0][:2] == (0.0, 0.0)
    assert len({y for _, y, _ in places}) == 3
