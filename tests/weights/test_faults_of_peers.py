"""Faults seen in other packages that raking, trimming and replicates here do not have."""

import warnings

import numpy as np
import pandas as pd
import pytest

from evalkit.errors import MethodError
from evalkit.estimates import mean, proportion, total
from evalkit.weights import Design, Replicates, calibrate, replicate, trim


def sample(n=60, seed=5):
    random = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "g": random.choice(list("abc"), n, p=[0.5, 0.3, 0.2]),
            "h": random.choice(list("xy"), n, p=[0.6, 0.4]),
            "y": random.normal(10, 2, n),
        }
    )


G, H = {"a": 80, "b": 70, "c": 50}, {"x": 90, "y": 110}


def test_as_many_replicates_as_rows():
    """Elsewhere a square array of replicates is raked along the wrong side: errors 60 times too large."""
    data = sample()
    d = calibrate(Design(data, fpc=200), {"g": G, "h": H})
    square = mean(replicate(d, "bootstrap", n=len(data), seed=1), "y")["std_error"][0]
    more = mean(replicate(d, "bootstrap", n=len(data) + 1, seed=1), "y")["std_error"][0]
    exact = mean(d, "y")["std_error"][0]
    assert 0.6 < square / exact < 1.6
    assert 0.6 < more / exact < 1.6
    # column by column, the given replicates rake as each would alone
    array = np.random.default_rng(2).exponential(200 / 60, (60, 60))
    both = calibrate(Design(data, replicates=Replicates(array, 1 / 59)), {"g": G, "h": H})
    for r in (0, 17, 59):
        alone = calibrate(Design(data.assign(w=array[:, r]), weights="w"), {"g": G, "h": H})
        np.testing.assert_allclose(both.replicates.weights[:, r], alone.weights, rtol=1e-8)


@pytest.mark.parametrize("method", ["jackknife", "bootstrap"])
def test_replicates_keep_the_finite_population_correction(method):
    data = sample(200)
    options = {} if method == "jackknife" else {"n": 400, "seed": 3}
    near = mean(replicate(Design(data, fpc=250), method, **options), "y")["std_error"][0]
    far = mean(replicate(Design(data), method, **options), "y")["std_error"][0]
    # √(1 − 200/250) = 0.447
    assert near / far == pytest.approx(np.sqrt(0.2), rel=1e-9 if method == "jackknife" else 0.1)
    census = mean(replicate(Design(data, fpc=200), method, **options), "y").iloc[0]
    assert census["std_error"] == 0


@pytest.mark.parametrize("alone", [0, 3])
def test_a_replicate_that_loses_a_category_goes_on(alone):
    data = sample()
    data.loc[data["g"] == "c", "g"] = "b"
    data.loc[alone, "g"] = "c"
    d = replicate(calibrate(Design(data, fpc=200), {"g": {"a": 80, "b": 70, "c": 50}, "h": H}), "jackknife")
    assert d.replicates.notes == ("1 of 60 replicates lost a category; its total went to the others",)
    array = d.replicates.weights
    assert np.isfinite(array).all()
    np.testing.assert_allclose(array.sum(axis=0), 200, rtol=1e-7)
    # without c its 50 go to a and b as 80 to 70
    lost = array[:, alone]
    np.testing.assert_allclose(lost[data["g"] == "a"].sum(), 200 * 80 / 150, rtol=1e-7)
    assert np.isfinite(mean(d, "y", by="h")["std_error"]).all()


def test_a_target_of_nil():
    data = sample()
    with pytest.raises(MethodError, match="answers where the population has none") as error:
        calibrate(Design(data), {"g": {"a": 120, "b": 80, "c": 0}})
    assert "wanted 0" in str(error.value)
    kept = data[data["g"] != "c"]
    d = calibrate(Design(kept, fpc=200), {"g": {"a": 120, "b": 80, "c": 0}, "h": H})
    assert d.weights.sum() == pytest.approx(200)
    assert mean(d, "y")["std_error"][0] > 0.05


def test_margins_that_cannot_be_met_are_refused_with_the_worst_of_them():
    data = pd.DataFrame({"g": ["a", "a", "b"], "h": ["x", "x", "y"], "y": [1.0, 2, 3]})
    with pytest.raises(MethodError, match="did not reach the totals") as error:
        calibrate(Design(data), {"g": {"a": 80, "b": 20}, "h": {"x": 50, "y": 50}})
    text = str(error.value)
    assert "got" in text
    assert "wanted" in text
    assert "g = " in text


def test_a_misspelt_level_is_refused():
    with pytest.raises(MethodError, match="unknown to the frame"):
        calibrate(Design(sample().replace({"g": {"c": "C"}})), {"g": G})


def test_negative_linear_weights_are_said():
    data = pd.DataFrame({"x": [1.0, 2, 3, 4, 50]})
    with pytest.warns(UserWarning, match=r"weights are negative, the least -\d"):
        d = calibrate(Design(data), {"1": 5, "x": 8.0}, method="linear")
    assert d.weights.min() < 0
    assert d.log["negative"].tolist() == [0, 1]
    assert "1 weights are negative" in d.log["note"].iloc[-1]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        bounded = calibrate(Design(data), {"1": 5, "x": 8.0}, method="raking")
    assert bounded.weights.min() > 0


def test_calibration_is_not_forgotten_after_trimming():
    """The variance keeps the residuals, the log says by how much totals moved, and calibrating again returns them."""
    data = sample(300)
    d = calibrate(Design(data.assign(one=1.0), fpc=5000), {"g": {"a": 1000, "b": 1000, "c": 3000}})
    cut = trim(d, upper=30.0)
    assert "calibrated totals moved by up to" in cut.log["note"].iloc[-1]
    inside = data["g"].eq("a").astype(float)
    fixed = mean(cut.replace(data=cut.data.assign(a=inside)), "a")["std_error"][0]
    free = mean(Design(data.assign(a=inside, w=cut.weights), weights="w", fpc=5000 / 5000 * 0.06), "a")["std_error"][0]
    assert fixed < 1e-12 < free
    again = calibrate(cut, {"g": {"a": 1000, "b": 1000, "c": 3000}})
    assert again.weights[data["g"] == "c"].sum() == pytest.approx(3000)
    assert total(again, "one", by="g")["std_error"].tolist() == [0, 0, 0]
    assert list(again.log["name"]) == ["base", "calibrate (raking)", "trim", "calibrate (raking)"]


def test_nan_in_a_margin_is_not_recycled():
    data = sample()
    data.loc[0, "y"] = np.nan
    with pytest.raises(MethodError, match="'y' has missing values"):
        calibrate(Design(data), {"g": G, "y": 2000.0})


def test_the_standard_error_of_a_calibrated_total_is_nil_not_noise():
    data = sample().assign(one=1.0)
    d = calibrate(Design(data, fpc=200), {"g": G, "h": H, "y": 2010.0})
    assert total(d, "y")["std_error"][0] == 0
    assert total(d, "one")["std_error"][0] == 0
    assert (proportion(d, "g")["std_error"] == 0).all()
    fixed = proportion(d, "g").iloc[0]
    assert fixed["ci_low"] == fixed["ci_high"] == fixed["estimate"]


def test_seeds_are_recorded_and_repeat():
    d = Design(sample(), fpc=200)
    drawn = replicate(d, "bootstrap", n=20)
    again = replicate(d, "bootstrap", n=20, seed=drawn.replicates.seed)
    np.testing.assert_array_equal(drawn.replicates.weights, again.replicates.weights)
