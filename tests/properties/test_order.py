"""The order of rows, the type of a wave's name and the coding of yes and no change nothing."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalkit.change import (
    conditional_logit,
    exact_conditional,
    linear_probability,
    ordered_logit,
    paired_change,
    screen,
)
from evalkit.estimates import difference, independence, mean, proportion, quantile, regression, trend
from evalkit.weights import Design
from tests.properties.data import LEAN, SEEDS, answers, pairs, panels, separated, shuffled

CHANGE = ["before", "after", "change", "std_error", "ci_low", "ci_high", "pvalue"]
ESTIMATE = ["estimate", "std_error", "ci_low", "ci_high"]
# what a wave may be called; all say 9 before 10
NAMES = {
    "integers": lambda wave: wave + 9,
    "floats": lambda wave: wave + 9.0,
    "text": lambda wave: (wave + 9).astype(str),
    "text as objects": lambda wave: (wave + 9).astype(str).astype(object),
    "categories": lambda wave: pd.Categorical((wave + 9).astype(str), ["9", "10"]),
    "ordered categories": lambda wave: pd.Categorical((wave + 9).astype(str), ["9", "10"], ordered=True),
}


def numbers(table):
    return table.select_dtypes("number").to_numpy(dtype=float)


def same(got, expected, rel=1e-7):
    assert np.asarray(got, dtype=float) == pytest.approx(
        np.asarray(expected, dtype=float), rel=rel, abs=1e-9, nan_ok=True
    )


@LEAN
@given(panels() | separated(), SEEDS)
def test_order_of_rows_in_a_panel(data, seed):
    # a likelihood is a product over units, and units are sets of rows
    data = data.assign(five=data["y"] * 2 + data["id"] % 3)
    mixed = shuffled(data, seed)
    for method, formula in (
        (conditional_logit, "y ~ wave + x"),
        (ordered_logit, "five ~ wave + x"),
        (linear_probability, "y ~ wave + x"),
    ):
        one, other = (method(formula, d, group="id", weights="w") for d in (data, mixed))
        same(other.params, one.params)
        same(other.std_errors, one.std_errors)
        same(other.conf_int(), one.conf_int())
    one, other = (paired_change(d, "y", unit="id", wave="wave", weights="w") for d in (data, mixed))
    same(numbers(other), numbers(one))
    one, other = (screened(d.assign(g=d["id"] % 2)) for d in (data, mixed))
    same(numbers(other), numbers(one))


def screened(data, **names):
    wave = names.get("wave", "wave")
    return screen(data, ["y"], families={"all": ["y"]}, by="g", unit="id", wave=wave)


@LEAN
@given(answers(), SEEDS)
def test_order_of_rows_of_one_wave(data, seed):
    one, other = (Design(d, weights="w", clusters="c") for d in (data, shuffled(data, seed)))
    for call in (
        lambda d: mean(d, "x", by="group"),
        lambda d: proportion(d, "y", by="group"),
        lambda d: quantile(d, "x", by="group"),
        lambda d: difference(d, "y", by="group"),
        lambda d: independence(d, "group", "y"),
        lambda d: trend(d, "y", by="group"),
        lambda d: regression(d, "y ~ x + C(group)").frame(),
    ):
        same(numbers(call(other)), numbers(call(one)))


@pytest.mark.parametrize("kind", NAMES)
@LEAN
@given(up=st.integers(3, 9), down=st.integers(0, 4), seed=SEEDS)
def test_the_type_of_a_wave(kind, up, down, seed):
    # 9 comes before 10 whatever the column's type: change is from the first to the second, and so is its sign
    data = pairs({(0, 1): up, (1, 0): down, (1, 1): 2, (0, 0): 2}).assign(x=lambda d: d["id"] % 2 * d["wave"])
    data = data.assign(g=data["id"] % 2, five=data["y"] * 2 + data["id"] % 2)
    named = shuffled(data.assign(wave=NAMES[kind](data["wave"])), seed)
    row = paired_change(named, "y", unit="id", wave="wave").iloc[0]
    assert (row["up"], row["down"], str(row["from_wave"]).removesuffix(".0")) == (up, down, "9")
    table = screened(named)
    assert table["up"].tolist() == [up, up] and table["change"].tolist() == [row["change"]] * 2
    same(table["pvalue"], screened(data)["pvalue"])
    for method, outcome in ((conditional_logit, "y"), (ordered_logit, "five"), (linear_probability, "y")):
        one = method(f"{outcome} ~ C(wave)", data, group="id")
        other = method(f"{outcome} ~ C(wave)", named, group="id")
        same(other.params, one.params)


@pytest.mark.parametrize("kind", NAMES)
def test_the_type_of_a_trend_s_groups(kind):
    data = pairs({(0, 1): 6, (1, 0): 2, (1, 1): 4, (0, 0): 4})
    row = trend(Design(data.assign(wave=NAMES[kind](data["wave"]))), "y", by="wave").iloc[0]
    assert row["estimate"] == pytest.approx(4 / 16)  # 10 of 16 less 6 of 16


@LEAN
@given(panels())
def test_yes_and_no_in_a_panel(data):
    # no is one minus yes: what goes up goes down, with the same error and the same p
    turned = data.assign(y=1 - data["y"], g=data["id"] % 2)
    data = data.assign(g=data["id"] % 2)
    for method in (conditional_logit, linear_probability):
        one, other = (method("y ~ wave + x", d, group="id") for d in (data, turned))
        same(other.params, -one.params)
        same(other.std_errors, one.std_errors)
        same(other.conf_int().to_numpy(), -one.conf_int().to_numpy()[:, ::-1])
    for weights in (None, "w"):
        one, other = (paired_change(d, "y", unit="id", wave="wave", weights=weights)[CHANGE] for d in (data, turned))
        same(other["change"], -one["change"])
        same(other[["ci_low", "ci_high"]], -one[["ci_high", "ci_low"]].to_numpy())
        same(other["pvalue"], one["pvalue"])
    same(screened(turned)["pvalue"], screened(data)["pvalue"])


@LEAN
@given(st.integers(0, 8), st.integers(0, 5), st.booleans())
def test_yes_and_no_of_one_wave(a, b, weighted):
    # also at 0 and 100 percent
    data = pd.DataFrame({"group": ["a"] * 8 + ["b"] * 5, "y": [1] * a + [0] * (8 - a) + [1] * b + [0] * (5 - b)})
    data["w"] = np.resize([1.0, 2.0, 1.5], 13) if weighted else 1.0
    one, other = (Design(d, weights="w") for d in (data, data.assign(y=1 - data["y"])))
    share, rest = (proportion(d, "y", by="group") for d in (one, other))
    same(rest["ci_low"], 1 - share["ci_high"])
    for function in (difference, trend):
        found, turned = (function(d, "y", by="group") for d in (one, other))
        same(turned["estimate"], -found["estimate"])
        same(turned["p_value"], found["p_value"])
        same(turned[["ci_low", "ci_high"]], -found[["ci_high", "ci_low"]].to_numpy())
    swapped = difference(one, "y", by="group", reference="b")
    found = difference(one, "y", by="group")
    same(swapped["estimate"], -found["estimate"])
    same(swapped["p_value"], found["p_value"])
    same(swapped[["ci_low", "ci_high"]], -found[["ci_high", "ci_low"]].to_numpy())
    if 0 < a + b < 13:
        same(*(independence(d, "group", "y")["p_value"] for d in (other, one)))


def test_a_table_has_no_first_column():
    design = Design(pd.DataFrame({"group": ["a"] * 8 + ["b"] * 5, "y": [1] * 2 + [0] * 11}))
    same(independence(design, "y", "group")["p_value"], independence(design, "group", "y")["p_value"])


def test_names_of_units_and_groups():
    # names are names: text, numbers and their order say nothing
    data = pairs({(0, 1): 9, (1, 0): 3, (1, 1): 3}).assign(g=lambda d: d["id"] % 3)
    renamed = data.assign(id=("u" + (90 - data["id"]).astype(str)), g=data["g"].map({0: "z", 1: "y", 2: "x"}))
    one, other = screened(data), screened(renamed)
    same(other["pvalue"], one["pvalue"])
    exact = [exact_conditional("y ~ wave", d, group="id", terms="wave").pvalue for d in (data, renamed)]
    assert exact[0] == pytest.approx(exact[1], rel=1e-12)
