"""Identities on made data: raking is one, post-strata are linear on cells, order and scale do not matter."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evalkit.estimates import mean, proportion, ratio, regression, total
from evalkit.weights import Design, calibrate, poststratify, replicate, trim

QUICK = settings(max_examples=25, deadline=None, derandomize=True)


@st.composite
def surveys(draw):
    """Answers in which every category of g and h occurs, with totals that some weights can return."""
    n = draw(st.integers(12, 60))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    data = pd.DataFrame(
        {
            "g": np.append(list("abc"), random.choice(list("abc"), n - 3)),
            "h": np.append(list("xyx"), random.choice(list("xy"), n - 3)),
            "y": random.normal(5, 2, n),
            "z": random.uniform(1, 3, n),
            "w": random.uniform(1, 4, n),
            "one": 1.0,
        }
    )
    true = data["w"] * random.uniform(1, 2, n)  # some positive weights return the totals: they can be met
    totals = {c: true.groupby(data[c]).sum().to_dict() for c in ("g", "h")}
    return data, totals, float((true * data["z"]).sum())


def margins_of(design, column):
    return design.weights.groupby(design.data[column]).sum().to_dict()


@QUICK
@given(surveys())
def test_calibrated_weights_return_every_total(survey):
    data, totals, z = survey
    d = Design(data, weights="w")
    for found in (calibrate(d, totals), calibrate(d, {**totals, "z": z}), calibrate(d, {"g": totals["g"], "z": z})):
        assert margins_of(found, "g") == pytest.approx(totals["g"], rel=1e-7)
    assert margins_of(calibrate(d, totals), "h") == pytest.approx(totals["h"], rel=1e-7)
    both = calibrate(d, {**totals, "z": z})
    assert float((both.weights * data["z"]).sum()) == pytest.approx(z, rel=1e-7)
    assert (both.weights > 0).all()


@QUICK
@given(surveys())
def test_raking_cells_is_raking_rows(survey):
    """A numeric column that is a category's indicator sends the same problem down the other path."""
    data, totals, _ = survey
    data = data.assign(x=(data["h"] == "x").astype(float))
    d = Design(data, weights="w")
    cells = calibrate(d, totals)
    rows = calibrate(d, {"g": totals["g"], "x": totals["h"]["x"]})
    np.testing.assert_allclose(cells.weights, rows.weights, rtol=1e-6)


@QUICK
@given(surveys())
def test_poststratification_is_calibration_on_cells(survey):
    data, totals, _ = survey
    d = Design(data, weights="w")
    post = poststratify(d, "g", totals["g"])
    for method in ("raking", "linear"):
        other = calibrate(d, {"g": totals["g"]}, method=method)
        np.testing.assert_allclose(post.weights, other.weights, rtol=1e-9)
    linear = calibrate(d, {"g": totals["g"]}, method="linear")
    np.testing.assert_allclose(mean(post, "y")["std_error"], mean(linear, "y")["std_error"], rtol=1e-9)


@QUICK
@given(surveys())
def test_a_domain_mean_is_a_ratio_is_a_regression(survey):
    data, totals, _ = survey
    data = data.assign(ya=data["y"].where(data["g"] == "a", 0.0), a=(data["g"] == "a").astype(float))
    data["y_a"] = data["y"].where(data["g"] == "a")
    d = calibrate(Design(data, weights="w"), {"h": totals["h"]})
    by = mean(d, "y", by="g").iloc[0]
    as_ratio = ratio(d, "ya", "a").iloc[0]
    as_domain = mean(d, "y_a").iloc[0]
    fitted = regression(d, "y ~ 0 + C(g)", family="linear")
    for other in (as_ratio, as_domain):
        np.testing.assert_allclose(other["estimate"], by["estimate"], rtol=1e-9)
        if by["df"] > 0:
            np.testing.assert_allclose(other["std_error"], by["std_error"], rtol=1e-7, atol=1e-12)
    np.testing.assert_allclose(fitted.params.iloc[0], by["estimate"], rtol=1e-7)
    if by["df"] > 0:
        np.testing.assert_allclose(fitted.std_errors.iloc[0], by["std_error"], rtol=1e-6, atol=1e-12)


@QUICK
@given(surveys(), st.floats(0.01, 100))
def test_scaling_base_weights_changes_nothing(survey, factor):
    data, totals, z = survey
    for wanted in (totals, {"g": totals["g"], "z": z}):
        one = calibrate(Design(data, weights="w"), wanted)
        two = calibrate(Design(data.assign(w=data["w"] * factor), weights="w"), wanted)
        np.testing.assert_allclose(one.weights, two.weights, rtol=1e-6)
        np.testing.assert_allclose(mean(one, "y").iloc[0, :4], mean(two, "y").iloc[0, :4], rtol=1e-6)


@QUICK
@given(surveys(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(survey, shuffler):
    data, totals, z = survey
    order = list(range(len(data)))
    shuffler.shuffle(order)
    moved = data.iloc[order].reset_index(drop=True)
    wanted = {**totals, "z": z}
    one, two = calibrate(Design(data, weights="w"), wanted), calibrate(Design(moved, weights="w"), wanted)
    np.testing.assert_allclose(one.weights.to_numpy()[order], two.weights, rtol=1e-6)
    np.testing.assert_allclose(mean(one, "y", by="g").iloc[:, 1:5], mean(two, "y", by="g").iloc[:, 1:5], rtol=1e-6)


@QUICK
@given(surveys())
def test_calibrated_totals_have_no_error_and_shares_add_up(survey):
    data, totals, z = survey
    d = calibrate(Design(data, weights="w"), {**totals, "z": z})
    assert (total(d, "one", by="g")["std_error"].fillna(0) == 0).all()
    assert total(d, "z")["std_error"][0] == 0
    shares = proportion(d, "g", by="h")
    np.testing.assert_allclose(shares.groupby("h")["estimate"].sum(), 1.0)


@QUICK
@given(surveys())
def test_bounded_methods_stay_within_their_bounds_and_meet_linear_where_these_do_not_bind(survey):
    data, totals, _ = survey
    d = Design(data, weights="w")
    bounds = (0.2, 6.0)
    logit = calibrate(d, {"g": totals["g"]}, method="logit", bounds=bounds)
    factors = logit.weights / data["w"]
    assert factors.between(*bounds).all()
    wide = calibrate(d, {"g": totals["g"]}, method="truncated", bounds=bounds)
    np.testing.assert_allclose(wide.weights, calibrate(d, {"g": totals["g"]}, method="linear").weights, rtol=1e-8)


@QUICK
@given(surveys())
def test_trimming_keeps_the_sum_and_strict_trimming_the_bounds(survey):
    data, _, _ = survey
    d = Design(data, weights="w")
    upper = float(data["w"].mean() * 1.3)
    found = trim(d, upper=upper, strict=True)
    assert found.weights.sum() == pytest.approx(data["w"].sum())
    assert found.weights.max() <= upper * (1 + 1e-12)


@QUICK
@given(surveys())
def test_the_jackknife_of_an_uncalibrated_mean_of_equal_weights_is_exact(survey):
    data, _, _ = survey
    d = Design(data, fpc=3 * len(data))
    np.testing.assert_allclose(mean(replicate(d), "y")["std_error"], mean(d, "y")["std_error"], rtol=1e-9)
