"""The same estimand gives the same number by every route that leads to it."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalkit.change import conditional_logit, linear_probability, mcnemar, ordered_logit, paired_change, screen
from evalkit.estimates import contrast, difference, mean, proportion, regression, total, trend
from evalkit.weights import Design, calibrate, poststratify
from tests.properties.data import LEAN, answers, pairs, panels

MEAN = ["estimate", "std_error"]


def wide(data, *more):
    table = data.set_index(["id", "wave"])["y"].unstack("wave")
    return data.groupby("id")[list(more)].first().assign(gap=table[1] - table[0]).reset_index()


def same(got, expected, rel=1e-8):
    assert np.asarray(got, dtype=float) == pytest.approx(np.asarray(expected, dtype=float), rel=rel, abs=1e-12)


@pytest.mark.parametrize("by", [None, "g"])
@pytest.mark.parametrize("fpc", [None, 40, 0.4])
@LEAN
@given(panels())
def test_change_is_the_mean_of_differences(fpc, by, data):
    # change in points is a mean of each unit's difference, in the whole sample and in its groups
    data = data.assign(g=data["id"] % 2)
    table = wide(data, "w", "g")
    found = paired_change(data, "y", unit="id", wave="wave", weights="w", fpc=fpc, by=by)
    expected = mean(Design(table, weights="w", fpc=fpc), "gap", by=by)
    same(found["change"], expected["estimate"])
    same(found["std_error"], expected["std_error"])


@LEAN
@given(panels())
def test_weights_of_one_are_no_weights(data):
    one = paired_change(data.assign(w=1.0), "y", unit="id", wave="wave", weights="w").iloc[0]
    none = paired_change(data, "y", unit="id", wave="wave").iloc[0]
    for name in ("before", "after", "change", "up", "down", "unchanged", "n", "odds_ratio"):
        same(one[name], none[name])
    n = none["n"]  # the unweighted error has n where the design's has n − 1
    same(one["std_error"], none["std_error"] * np.sqrt(n / (n - 1)))


@LEAN
@given(st.integers(1, 12), st.integers(1, 12), st.integers(0, 9))
def test_two_waves(up, down, still):
    # log(up/down), by every method that knows it; (up − down)/n in points
    data = pairs({(0, 1): up, (1, 0): down, (1, 1): still})
    odds = np.log(up / down)
    same(conditional_logit("y ~ wave", data, group="id").params["wave"], odds, rel=1e-7)
    same(ordered_logit("y ~ wave", data, group="id").params["wave"], odds, rel=1e-7)
    same(np.log(mcnemar(up, down).odds_ratio), odds)
    row = paired_change(data, "y", unit="id", wave="wave").iloc[0]
    points = (up - down) / (up + down + still)
    same([row["change"], linear_probability("y ~ wave", data, group="id").params["wave"]], [points] * 2)
    table = screen(data, ["y"], families={"all": ["y"]}, unit="id").iloc[0]
    same([table["change"], table["pvalue"]], [points, mcnemar(up, down).exact])


@pytest.mark.parametrize("fpc", [None, "N"])
@LEAN
@given(answers())
def test_a_share_is_a_mean(fpc, data):
    design = Design(data, weights="w", fpc=fpc)
    for by in (None, "group"):
        same(proportion(design, "y", by=by)[MEAN], mean(design, "y", by=by)[MEAN])
    part = design.data.assign(part=np.where(data["group"] == "b", data["x"], np.nan))
    inside = mean(Design(part, weights="w", fpc=fpc), "part")
    same(inside[MEAN], mean(design, "x", by="group").iloc[[1]][MEAN])


@pytest.mark.parametrize("fpc", [None, "N"])
@LEAN
@given(answers())
def test_a_difference_is_a_contrast_and_a_coefficient(fpc, data):
    design = Design(data, weights="w", fpc=fpc)
    found = difference(design, "x", by="group")
    weights = {"b": 1, "a": -1}
    same(contrast(design, "x", by="group", coefficients=weights)[MEAN], found.iloc[[0]][MEAN])
    model = regression(design, "x ~ C(group)", family="linear")
    same(model.params.iloc[1:], found["estimate"])
    same(model.std_errors.iloc[1:], found["std_error"])
    two = Design(data[data["group"] != "c"], weights="w")
    same(trend(two, "x", by="group")[MEAN], difference(two, "x", by="group")[MEAN])


@LEAN
@given(answers(), st.booleans())
def test_calibration_by_every_method(data, weighted):
    # one margin is post-stratification, however it is asked for
    design = Design(data, weights="w" if weighted else None)
    totals = {"group": {"a": 100.0, "b": 70.0, "c": 30.0}}
    expected = poststratify(design, "group", totals)
    for method in ("raking", "linear"):
        made = calibrate(design, totals, method=method)
        for function, y in ((mean, "x"), (proportion, "y"), (total, "x")):
            same(function(made, y)[MEAN], function(expected, y)[MEAN], rel=1e-6)


def test_raking_and_linear_calibration_agree_where_weights_differ():
    # asymptotically one estimator (Deville & Särndal 1992, section 3): with 3,000 rows errors within 3 percent
    random = np.random.default_rng(6)
    n = 3000
    hard = random.random(n) < 0.3
    data = pd.DataFrame({"a": random.choice(list("pqr"), n), "b": random.choice(list("XY"), n)})
    data = data.assign(w=np.where(hard, 8.0, 1.0), y=3 * (data["a"] == "q") + 6 * hard + random.normal(size=n))
    size = data["w"].sum()
    totals = {"a": dict.fromkeys("pqr", size / 3), "b": dict.fromkeys("XY", size / 2)}
    made = [calibrate(Design(data, weights="w"), totals, method=method) for method in ("raking", "linear")]
    errors = [mean(design, "y")["std_error"].iloc[0] for design in made]
    assert errors[0] == pytest.approx(errors[1], rel=0.03)
