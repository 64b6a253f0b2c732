"""The change of the same units is the same number by every route: weights, groups, domains, designs, models."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import hypergeom

from evalkit.change import linear_probability, paired_change
from evalkit.errors import MethodError
from evalkit.estimates import mean
from evalkit.weights import Design

ORACLE = Path(__file__).resolve().parents[1] / "oracle" / "points"
CELLS = ["change", "std_error", "ci_low", "ci_high", "pvalue"]
COUNTS = ["up", "down", "unchanged", "n", "unpaired", "odds_ratio", "odds_ratio_low", "odds_ratio_high"]


def change(data, **arguments):
    return paired_change(data, "y", unit="id", wave="wave", **arguments)


@pytest.fixture(scope="module")
def paired():
    return pd.read_csv(ORACLE / "paired.csv")


@pytest.fixture(scope="module")
def r_values():
    return json.loads((ORACLE / "points.json").read_text(encoding="utf-8"))


def differences(data):
    """One row a unit, as a survey's design has them."""
    wide = data.set_index(["id", "g", "w", "wave"])["y"].unstack("wave").reset_index()
    return wide.assign(d=wide[1] - wide[0])


def test_a_group_is_a_domain_of_the_whole_as_in_r(paired, r_values):
    for name, arguments in {
        "fpc": {"fpc": 356},
        "fraction": {"fpc": 200 / 356},
        "weighted": {"fpc": 356, "weights": "w"},
    }.items():
        rows = change(paired, by="g", **arguments)
        np.testing.assert_allclose([*rows["change"], *rows["std_error"]], r_values[f"paired_{name}"], rtol=1e-9)
    column = change(paired.assign(N=356), by="g", fpc="N")
    assert column.equals(change(paired, by="g", fpc=356))


def test_weight_zero_is_outside(paired, r_values):
    zero = paired.assign(w=np.where(paired["id"] % 2 == 1, 0, paired["w"]))
    for by in (None, "g"):
        found = change(zero, weights="w", by=by)
        assert found.equals(change(zero[zero["w"] > 0], weights="w", by=by))
    assert found["n"].sum() == 100
    row = change(zero, weights="w").iloc[0]
    np.testing.assert_allclose(row[["change", "std_error"]].astype(float), r_values["paired_even"], rtol=1e-9)
    whole = change(paired, weights="w").iloc[0]
    np.testing.assert_allclose(whole[["change", "std_error"]].astype(float), r_values["paired_whole"], rtol=1e-9)


def test_a_slope_leaves_out_weight_zero_and_counts_it(paired):
    zero = paired.assign(w=np.where(paired["id"] % 2 == 1, 0, paired["w"]))
    found = linear_probability("y ~ wave", zero, group="id", weights="w")
    without = linear_probability("y ~ wave", zero[zero["w"] > 0], group="id", weights="w")
    assert found.params.equals(without.params) and found.cov.equals(without.cov)
    assert found.dropped.to_dict("records") == [{"why": "weight zero", "groups": 100, "rows": 200}]


def test_a_unit_of_weight_zero_that_answered_once_is_outside_too(paired):
    lone = pd.DataFrame({"id": [900, 901], "wave": [0, 0], "g": "A", "w": [0, 1], "y": [1, 1]})
    assert change(pd.concat([paired, lone]), weights="w").iloc[0]["unpaired"] == 1


def test_every_route(paired):
    """200 of 356, or the fraction; a domain by `by` or by a design's mean; a regression's slope."""
    ones = paired.assign(one=1.0, three=3.0)
    for fpc in (None, 356):
        want = change(ones, weights="one", fpc=fpc).iloc[0]
        for other in (
            change(ones, weights="three", fpc=fpc),
            change(ones, fpc=fpc) if fpc else change(ones, weights="one", fpc=1e-15),
            change(ones, weights="one", fpc=200 / 356)
            if fpc
            else change(ones.sample(frac=1, random_state=1), weights="one"),
        ):
            np.testing.assert_allclose(other.iloc[0][CELLS].astype(float), want[CELLS].astype(float), rtol=1e-9)
            assert other.iloc[0][COUNTS].tolist() == want[COUNTS].tolist()
        design = Design(differences(paired), fpc=fpc)
        route = mean(design, "d").iloc[0]
        np.testing.assert_allclose(
            [*want[["change", "std_error", "ci_low", "ci_high"]]],
            [*route[["estimate", "std_error", "ci_low", "ci_high"]]],
            rtol=1e-9,
        )
        groups, domains = change(ones, by="g", weights="one", fpc=fpc), mean(design, "d", by="g")
        np.testing.assert_allclose(groups["std_error"], domains["std_error"], rtol=1e-9)
        np.testing.assert_allclose(groups["ci_low"], domains["ci_low"], rtol=1e-9)
    plain, want = change(paired).iloc[0], change(ones, weights="one").iloc[0]
    assert plain["change"] == pytest.approx(want["change"]) and plain[COUNTS].tolist() == want[COUNTS].tolist()
    # without weights the standard error is the multinomial's, whose divisor is n and not n − 1
    assert plain["std_error"] * np.sqrt(200 / 199) == pytest.approx(want["std_error"])
    slope = linear_probability("y ~ wave", paired, group="id")
    assert slope.std_errors.iloc[0] == pytest.approx(want["std_error"])
    assert slope.conf_int().iloc[0].tolist() == pytest.approx([want["ci_low"], want["ci_high"]])
    assert slope.pvalues.iloc[0] == pytest.approx(want["pvalue"])
    weighted = linear_probability("y ~ wave", paired, group="id", weights="w")
    assert weighted.params.iloc[0] == pytest.approx(change(paired, weights="w").iloc[0]["change"])
    assert weighted.std_errors.iloc[0] == pytest.approx(change(paired, weights="w").iloc[0]["std_error"])


def small(counts, weight=None):
    answers = [pair for pair, n in zip(((0, 1), (1, 0), (0, 0), (1, 1)), counts) for _ in range(n)]
    weight = [1.0] * len(answers) if weight is None else weight
    rows = [(i, t, y, w) for (i, pair), w in zip(enumerate(answers), weight) for t, y in enumerate(pair)]
    return pd.DataFrame(rows, columns=["id", "wave", "y", "w"])


@settings(deadline=None, max_examples=80)
@given(st.tuples(*[st.integers(0, 6)] * 4).filter(lambda c: sum(c) > 0), st.sampled_from(["newcombe", "tango"]))
def test_equal_weights_of_a_few_are_the_unweighted_row(counts, interval):
    """Where few changed, limits and p-value of equal weights are those without weights, and so are a slope's."""
    data = small(counts)
    plain, equal = (change(data, weights=w, interval=interval).iloc[0] for w in (None, "w"))
    n, outside = sum(counts), sum(counts) - max(counts[0], counts[1], counts[2] + counts[3])
    assert (equal["interval"] == "t") == (outside >= 5)
    assert -1 <= equal["ci_low"] < equal["ci_high"] <= 1
    if outside < 5:
        assert equal[CELLS[2:]].astype(float).to_numpy() == pytest.approx(plain[CELLS[2:]].astype(float).to_numpy())
    if n > 1 and interval == "newcombe":
        slope = linear_probability("y ~ wave", data, group="id")
        assert bool(slope.note) == (outside < 5)
        assert slope.pvalues.iloc[0] == pytest.approx(equal["pvalue"], abs=1e-12)
        limits = slope.conf_int().iloc[0].to_numpy()
        inside = np.clip(limits, -1, 1) if not slope.note else limits
        assert inside == pytest.approx([equal["ci_low"], equal["ci_high"]])


@settings(deadline=None, max_examples=60)
@given(
    st.tuples(*[st.integers(0, 5)] * 4).filter(lambda c: sum(c) > 1),
    st.lists(st.floats(0.2, 5), min_size=20, max_size=20),
)
def test_an_interval_has_width_and_scales_away(counts, weight):
    data = small(counts, weight)
    row = change(data, weights="w").iloc[0]
    assert -1 <= row["ci_low"] < row["ci_high"] <= 1 and 0 <= row["pvalue"] <= 1
    assert row["ci_low"] - 1e-12 <= row["change"] <= row["ci_high"] + 1e-12
    again = change(data.assign(w=data["w"] * 1e9), weights="w").iloc[0]
    assert again[CELLS].astype(float).to_numpy() == pytest.approx(
        row[CELLS].astype(float).to_numpy(), rel=1e-6, abs=1e-9
    )
    turned = change(data.assign(wave=1 - data["wave"]), weights="w").iloc[0]
    assert [turned["ci_low"], turned["ci_high"]] == pytest.approx([-row["ci_high"], -row["ci_low"]], abs=1e-9)
    assert turned["pvalue"] == pytest.approx(row["pvalue"])


def test_nobody_and_everybody_by_hand():
    """Five always yes: Wilson's 5 of 5 is 0.5655 to 1, so ±0.4345; all five up: 1 − √2 · 0.4345 to 1; p 2/2⁵."""
    z2 = 3.841458820694124
    arm = 1 - 1 / (1 + z2 / 5)
    nobody = change(small((0, 0, 0, 5)), weights="w").iloc[0]
    assert nobody[CELLS].tolist() == pytest.approx([0, 0, -arm, arm, 1])
    all_up = change(small((5, 0, 0, 0)), weights="w").iloc[0]
    assert all_up[CELLS].tolist() == pytest.approx([1, 0, 1 - np.sqrt(2) * arm, 1, 2 / 32])
    # weights 1 to 5: Kish 15²/55 = 4.0909 effective units
    effective = 225 / 55
    arm = 1 - 1 / (1 + z2 / effective)
    uneven = change(small((5, 0, 0, 0), [1, 2, 3, 4, 5]), weights="w").iloc[0]
    assert uneven[CELLS].tolist() == pytest.approx([1, 0, 1 - np.sqrt(2) * arm, 1, 2 * 0.5**effective])
    # five of six asked: the sixth alone can move the change, by a sixth
    most = change(small((0, 0, 0, 5)), fpc=6).iloc[0]
    assert [most["ci_low"], most["ci_high"]] == pytest.approx([-1 / 6, 1 / 6])
    assert change(small((0, 0, 0, 5)), fpc=10).iloc[0]["ci_high"] == pytest.approx(1 - 1 / (1 + z2 / 5))


@pytest.mark.parametrize(("n", "size"), [(5, 10), (8, 9), (10, 40), (20, 25), (30, 60)])
def test_a_finite_population_is_held(n, size):
    """Enumerated: K of N went up and n were asked; k of them are found with the hypergeometric chance."""
    rows = [change(small((k, 0, n - k, 0)), fpc=size).iloc[0] for k in range(n + 1)]
    for up in range(size + 1):
        chance = hypergeom.pmf(range(n + 1), size, up, n)
        held = [row["ci_low"] - 1e-12 <= up / size <= row["ci_high"] + 1e-12 for row in rows]
        assert chance @ held >= 0.93


def test_a_model_of_a_few_has_no_p_value():
    """Three waves, three units that changed: the sandwich of a handful, two coefficients."""
    rows = [(i, t, int(i < 3 and t == 2), t * (i % 2)) for i in range(30) for t in range(3)]
    data = pd.DataFrame(rows, columns=["id", "wave", "y", "x"])
    found = linear_probability("y ~ wave + x", data, group="id")
    assert "fewer than five effective units" in found.note and "exact_conditional" in found.note
    assert found.pvalues.isna().all() and found.conf_int().isna().all(axis=None)
    many = data.assign(y=np.random.default_rng(1).integers(0, 2, len(data)))
    assert linear_probability("y ~ wave + x", many, group="id").note == ""


@pytest.mark.parametrize("unit", [1, 1e-13, 1e12])
def test_a_group_that_all_went_up_is_not_certain(unit):
    """Group 0 is four units, all up: its change is 1 with no spread; group 1 is mixed, the difference is of both."""
    first, second = small((4, 0, 0, 0)).assign(x=0), small((9, 8, 7, 6)).assign(x=unit)
    data = pd.concat([first, second.assign(id=second["id"] + 10)])
    found = linear_probability("y ~ wave + wave:x", data, group="id")
    assert "wave: no unit departs from it" in found.note
    assert found.conf_int().loc["wave"].isna().all() and np.isnan(found.pvalues["wave"])
    assert found.conf_int().loc["wave:x"].notna().all()


def test_all_up_is_not_certain():
    found = linear_probability("y ~ wave", small((3, 0, 0, 0)), group="id")
    assert found.std_errors["wave"] == 0 and np.isnan(found.tstats["wave"])
    assert found.pvalues["wave"] == pytest.approx(0.25)  # 2/2³
    assert found.conf_int().loc["wave", "ci_low"] < 0.3


def test_sizes_that_differ_are_no_population(paired):
    with pytest.raises(MethodError, match="differs between units"):
        change(paired.assign(N=np.where(paired["g"] == "A", 156, 200)), by="g", fpc="N")
    with pytest.raises(MethodError, match="smaller than the sample"):
        change(paired, by="g", fpc=150)
