"""McNemar's p-values and limits are R's binom.test's, and edge counts give edges, not errors."""

import numpy as np
import pytest

from evalkit.change import mcnemar
from evalkit.errors import MethodError


def test_the_published_change(r_values):
    expected = r_values["mcnemar"]
    result = mcnemar(expected["up"], expected["down"])
    assert result.odds_ratio == pytest.approx(19 / 6)
    assert result.exact == pytest.approx(expected["exact"], rel=1e-12)
    assert result.mid_p == pytest.approx(expected["mid_p"], rel=1e-10)
    assert result.asymptotic == pytest.approx(expected["asymptotic"], rel=1e-12)
    assert result.conf_int == pytest.approx(expected["odds"], rel=1e-10)
    odds_ratio, exact, mid_p, asymptotic, conf_int = result
    assert round(exact, 4) == 0.0146 and mid_p < exact and conf_int[0] < odds_ratio < conf_int[1] and asymptotic < 0.01


def test_all_one_way():
    up = mcnemar(12, 0)
    assert up.exact == pytest.approx(2 / 2**12) and up.mid_p == pytest.approx(1 / 2**12)
    p = 0.025 ** (1 / 12)  # P(12 of 12) = 0.025
    assert up.conf_int == (pytest.approx(p / (1 - p)), np.inf) and np.isposinf(up.odds_ratio)
    down = mcnemar(0, 12)
    assert (down.odds_ratio, down.exact) == (0, pytest.approx(up.exact))
    assert down.conf_int == (0, pytest.approx((1 - p) / p))


def test_nobody_changed_and_as_many_up_as_down():
    none = mcnemar(0, 0)
    assert np.isnan(none.odds_ratio) and none[1:] == (1.0, 1.0, 1.0, (0.0, np.inf))
    assert mcnemar(5, 5)[:4] == (1.0, 1.0, 1.0, 1.0)


def test_mid_p_limits_are_inside_the_exact():
    exact, mid = mcnemar(8, 3).conf_int, mcnemar(8, 3, interval="mid-p").conf_int
    assert exact[0] < mid[0] < mid[1] < exact[1]
    assert mcnemar(8, 3, level=0.8).conf_int[0] > exact[0]


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"up": -1, "down": 2}, "A number of units is a whole number, zero or more.\n  where: up"),
        ({"up": 1, "down": 2.5}, "where: down"),
        ({"up": 1, "down": 2, "level": 1}, "The level is not between 0 and 1."),
        ({"up": 1, "down": 2, "interval": "wald"}, "There is no such interval."),
    ],
)
def test_what_is_refused(arguments, text):
    with pytest.raises(MethodError) as error:
        mcnemar(**arguments)
    assert text in str(error.value)
