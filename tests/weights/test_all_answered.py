"""Whether all answered follows from counts of sample and population, never from weights that happen to be 1."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalkit.estimates import mean, proportion, total
from evalkit.weights import Design, calibrate, poststratify, replicate, trim

R = json.loads((Path(__file__).parents[1] / "oracle" / "survey" / "shares.json").read_text())


def answers():
    """The rows of tests/oracle/survey/shares.R."""
    i = np.arange(50)
    g = np.where(i < 24, "a", "b")
    return pd.DataFrame(
        {
            "x": (i * 7) % 11,
            "y": ((i * 5) % 8 < 3).astype(int),
            "g": g,
            "one": 1.0,
            "normal": np.where(g == "a", 1.0, np.where(i % 2 == 0, 0.5, 1.5)),
            "low": np.where(g == "a", 0.9, 3.0),
            "Ng": np.where(g == "a", 24, 60),
        }
    )


def equals(found, want):
    np.testing.assert_allclose(found["estimate"], want["estimate"], rtol=1e-12)
    np.testing.assert_allclose(found["std_error"], want["se"], rtol=1e-12)


def test_weights_of_one_in_a_sample_of_half_the_population():
    d = Design(answers(), weights="one", fpc=100)
    equals(mean(d, "x"), R["one"]["x"])
    equals(proportion(d, "y"), R["one"]["y"])
    equals(mean(replicate(d), "x"), R["jack"])


def test_weights_normalised_to_one_within_a_group():
    found = mean(Design(answers(), weights="normal", fpc=100), "x", by="g")
    equals(found, R["normal"])
    assert found.attrs["notes"] == ()


def test_weights_that_trimming_puts_at_one():
    d = trim(Design(answers(), weights="low", fpc=100), lower=1)
    np.testing.assert_allclose(d.weights.iloc[[0, -1]], R["trim"]["weights"])
    equals(mean(d, "x", by="g"), R["trim"])


def test_a_stratum_with_as_many_answers_as_units_has_no_error():
    found = mean(Design(answers(), weights="one", strata="g", fpc="Ng"), "x", by="g")
    equals(found, R["strata"])
    assert found.attrs["notes"] == ((0, "all answered"),)


def test_a_calibrated_category_counts_as_complete_only_by_the_population_that_the_correction_states():
    """24 answers of a: complete where its total is 24 of 100, not where totals are normalised to the sample's 50."""
    data = answers()
    whole = poststratify(Design(data, fpc=100), "g", {"a": 24, "b": 76})
    assert proportion(whole, "y", by="g")["std_error"].iloc[0] == 0
    normalised = poststratify(Design(data, fpc=100), "g", {"a": 24, "b": 26})
    assert (proportion(normalised, "y", by="g")["std_error"] > 0).all()
    raked = calibrate(Design(data, fpc=100), {"g": {"a": 24, "b": 76}})
    assert proportion(raked, "y", by="g")["std_error"].iloc[0] == 0


def test_a_complete_category_whose_weights_another_margin_moves_keeps_its_error():
    data = answers().assign(h=lambda f: np.where(f.index % 3 == 0, "x", "z"))
    raked = calibrate(Design(data, fpc=100), {"g": {"a": 24, "b": 76}, "h": {"x": 50, "z": 50}})
    assert mean(raked, "x", by="g")["std_error"].iloc[0] > 0


@given(st.floats(0.01, 100), st.integers(51, 500))
def test_no_scale_of_equal_weights_makes_a_sample_a_census(scale, population):
    data = answers().assign(w=scale)
    found = mean(Design(data, weights="w", fpc=population), "x").iloc[0]
    want = mean(Design(data, fpc=population), "x").iloc[0]
    assert found["std_error"] > 0
    assert found["std_error"] == pytest.approx(want["std_error"])
    size = total(Design(data, weights="w", fpc=population), "x").iloc[0]
    assert size["std_error"] == pytest.approx(scale * 50 * want["std_error"])
