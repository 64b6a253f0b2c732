"""Numbers print as Norwegian and English reports print them: commas, hard spaces, minus signs, halves up."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalkit.present import numbers


@pytest.mark.parametrize(
    ("value", "digits", "nb", "en"),
    [
        (12343.0, 0, "12\u00a0343", "12,343"),
        (666759, 0, "666\u00a0759", "666,759"),
        (103.3, 1, "103,3", "103.3"),
        (-0.41, 2, "\u22120,41", "\u22120.41"),
        (-0.004, 2, "0,00", "0.00"),
        (2.5, 0, "3", "3"),
        (-2.5, 0, "\u22123", "\u22123"),
        (1.005, 2, "1,01", "1.01"),
        (math.inf, 2, "∞", "∞"),
        (-math.inf, 2, "\u2212∞", "\u2212∞"),
        (math.nan, 2, "–", "–"),
    ],
)
def test_decimals(value: float, digits: int, nb: str, en: str) -> None:
    assert (numbers.decimal(value, "nb", digits), numbers.decimal(value, "en", digits)) == (nb, en)


def test_signs_are_printed_where_asked() -> None:
    assert numbers.decimal(1.25, "nb", 1, sign=True) == "+1,3"
    assert numbers.decimal(0.04, "nb", 1, sign=True) == "0,0"
    assert numbers.decimal(-1.25, "en", 1, sign=True) == "\u22121.3"
    assert numbers.decimal(math.inf, "nb", 2, sign=True) == "+∞"


@pytest.mark.parametrize(
    ("share", "figure", "prose", "english"),
    [
        (0.54, "54\u00a0%", "54\u00a0prosent", "54\u00a0per\u00a0cent"),
        (0.545, "55\u00a0%", "55\u00a0prosent", "55\u00a0per\u00a0cent"),
        (57 / 200, "29\u00a0%", "29\u00a0prosent", "29\u00a0per\u00a0cent"),  # 28.5: 0.285 * 100 is 28.499999999999996
        (0.0, "0\u00a0%", "0\u00a0prosent", "0\u00a0per\u00a0cent"),
        (1.0, "100\u00a0%", "100\u00a0prosent", "100\u00a0per\u00a0cent"),
    ],
)
def test_percent(share: float, figure: str, prose: str, english: str) -> None:
    assert numbers.percent(share, "nb") == figure
    assert numbers.percent(share, "en") == figure.replace("\u00a0", "")
    assert numbers.percent_words(share, "nb") == prose
    assert numbers.percent_words(share, "en") == english


@given(st.integers(1, 2000), st.data())
def test_shares_of_counts_round_halves_up(n: int, data: st.DataObject) -> None:
    k = data.draw(st.integers(0, n))
    exact = Fraction(100 * k, n)
    assert numbers.rounded(100 * (k / n)) == math.floor(exact + Fraction(1, 2))


def test_points_count_one_as_one() -> None:
    assert numbers.points(0.18, "nb") == "18\u00a0prosentpoeng"
    assert numbers.points(-0.18, "nb") == "18\u00a0prosentpoeng"
    assert numbers.points(0.01, "en") == "1\u00a0percentage point"
    assert numbers.points(0.02, "en") == "2\u00a0percentage points"


@pytest.mark.parametrize(
    ("low", "high", "digits", "nb"),
    [
        (47.2, 60.6, 0, "47–61"),
        (0.2349, 2.0705, 2, "0,23–2,07"),
        (-1.2, 3.4, 1, "\u22121,2\u00a0til\u00a03,4"),
        (0.41, math.inf, 2, "0,41\u00a0til\u00a0∞"),
        (11.2, 11.3, 0, "11"),
        (math.nan, 1.0, 0, "–"),
    ],
)
def test_ranges(low: float, high: float, digits: int, nb: str) -> None:
    assert numbers.span(low, high, "nb", digits) == nb


@pytest.mark.parametrize(
    ("p", "table", "prose"),
    [
        (0.00099, "<0,001", "p\u00a0<\u00a00,001"),
        (0.0146, "0,015", "p\u00a0=\u00a00,015"),
        (0.3227, "0,323", "p\u00a0=\u00a00,32"),
        (0.0996, "0,100", "p\u00a0=\u00a00,100"),
        (0.997, "0,997", "p\u00a0>\u00a00,99"),
        (0.9996, ">0,999", "p\u00a0>\u00a00,99"),
        (math.nan, "–", "p\u00a0=\u00a0–"),
    ],
)
def test_p_values(p: float, table: str, prose: str) -> None:
    assert numbers.p_number(p, "nb") == table
    assert numbers.p_value(p, "nb") == prose
