"""Colours hold for reading and for grey print: text has a contrast of 4.5, neighbours differ in lightness."""

from itertools import pairwise

import pytest

from evalkit.present import style


def test_contrast_is_that_of_wcag() -> None:
    assert style.contrast("#000000", "#FFFFFF") == pytest.approx(21.0)
    # WCAG 2.1: #777777 on white is 4.48, just below the limit
    assert style.contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.005)


@pytest.mark.parametrize("count", range(1, 11))
def test_numbers_inside_bars_can_be_read(count: int) -> None:
    for colour in style.sequence(count):
        assert style.contrast(style.text_on(colour), colour) >= 4.5


def test_text_on_paper_can_be_read() -> None:
    for colour in (style.INK, style.MUTED):
        assert style.contrast(colour, style.PAPER) >= 4.5


def test_marks_are_seen_against_paper() -> None:
    for colour in (style.BAR, style.EVERYONE, style.DARK, *style.SERIES[:2]):
        assert style.contrast(colour, style.PAPER) >= 3.0


@pytest.mark.parametrize("count", range(2, 10))
def test_order_is_seen_in_grey(count: int) -> None:
    light = [style.luminance(colour) for colour in style.sequence(count)]
    assert light == sorted(light) and len(set(light)) == count
    later = [style.luminance(colour) for colour in style.waves(count)]
    assert later == sorted(later, reverse=True) and len(set(later)) == count


def test_series_differ_in_grey() -> None:
    for one, other in pairwise(style.SERIES[:2]):
        assert style.contrast(one, other) >= 2.0
