"""Text is measured and wrapped so that no line is wider than its column, and no word is lost."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evalkit.present import layout

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
    rows = layout.lines([("a", False), ("b", False), ("Alle", True)], 5.0, 0.6)
    assert rows[1].top == pytest.approx(rows[0].top + rows[0].height)
    assert rows[2].top == pytest.approx(rows[1].top + rows[1].height + 0.25)


def test_a_legend_flows_over_lines_in_order() -> None:
    marks = [layout.Mark(f"Et svar av en viss lengde {k}", "#000000") for k in range(5)]
    places = layout.legend_places(marks, 12.0)
    assert [y for _, y, _ in places] == sorted(y for _, y, _ in places)
    assert all(x + 0.38 + max(layout.text_width(row) for row in text) <= 12.0 for x, _, text in places)
    assert places[0][:2] == (0.0, 0.0)
    assert len({y for _, y, _ in places}) == 3
