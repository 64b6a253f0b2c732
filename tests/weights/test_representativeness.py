"""R-indicators, partial indicators, response tables and propensities equal the papers' formulas and R's glm."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evalkit.errors import MethodError
from evalkit.weights import (
    Design,
    answer_status,
    margins,
    merge_categories,
    poststratify,
    representativeness,
    response_propensity,
)

ORACLE = Path(__file__).parents[1] / "oracle" / "survey"


@pytest.fixture(scope="module")
def units():
    return pd.read_csv(ORACLE / "units.csv.gz")


@pytest.fixture(scope="module")
def want():
    return json.loads((ORACLE / "response.json").read_text())


@pytest.fixture(scope="module")
def found(units):
    return representativeness(units[units["answered"] == 1], units, ["size", "central"])


def test_r_indicator(found, want):
    row = found.r_indicator.iloc[0]
    np.testing.assert_allclose(row["r_indicator"], want["R"], rtol=1e-9)
    np.testing.assert_allclose(row["unadjusted"], want["unadjusted"], rtol=1e-9)
    np.testing.assert_allclose(row["std_error"], want["se"], rtol=1e-9)
    np.testing.assert_allclose(row["response_rate"], want["rate"], rtol=1e-9)
    np.testing.assert_allclose(row["bias_bound"], want["bound"], rtol=1e-9)
    np.testing.assert_allclose(found.bias_bound(0.5), want["bound"] / 2, rtol=1e-9)


@pytest.mark.parametrize("column", ["size", "central"])
def test_partial_indicators(found, want, column):
    rows = found.partial[found.partial["column"] == column]
    whole, inside = rows.iloc[0], rows.iloc[1:]
    for name in ("unconditional", "conditional"):
        np.testing.assert_allclose(whole[name], want[column][name]["est"], rtol=1e-8, atol=1e-12)
        np.testing.assert_allclose(whole[f"{name}_unadjusted"], want[column][name]["raw"], rtol=1e-8)
        np.testing.assert_allclose(whole[f"{name}_se"], want[column][name]["se"], rtol=1e-8)
    for (_, row), category in zip(inside.iterrows(), want[column]["categories"], strict=True):
        assert row["category"] == category["category"]
        np.testing.assert_allclose(row["unconditional"], category["unconditional"], rtol=1e-8)
        np.testing.assert_allclose(row["unconditional_se"], category["se"], rtol=1e-8)
        np.testing.assert_allclose(row["conditional"], category["conditional"]["est"], rtol=1e-8, atol=1e-12)
        np.testing.assert_allclose(row["conditional_se"], category["conditional"]["se"], rtol=1e-8)


def test_chi_square_knows_that_the_answers_are_most_of_the_frame(found, want):
    got = dict(zip(found.chi_square["column"], found.chi_square["statistic"]))
    np.testing.assert_allclose(
        [got["size"], got["central"]], [want["chisq"]["size"], want["chisq"]["central"]], rtol=1e-8
    )


def test_the_bias_adjustment_takes_away_what_chance_adds():
    """With equal propensities R is 1; the unadjusted estimate is below it, the adjusted one about right."""
    random = np.random.default_rng(1)
    frame = pd.DataFrame({"g": np.repeat(list("abcdefgh"), 50), "h": np.tile(np.arange(5), 80)})
    rows = [
        representativeness(frame[random.random(400) < 0.6], frame, ["g", "h"]).r_indicator.iloc[0] for _ in range(40)
    ]
    assert np.mean([row["unadjusted"] for row in rows]) < 0.87
    # at the boundary the truncation at 1 leaves half of the noise
    assert np.mean([row["r_indicator"] for row in rows]) > 0.94


def six():
    frame = pd.DataFrame({"code": list("pqrstu"), "g": list("aaabbb"), "x": [1.0, 2, 3, 4, 5, 9]})
    return frame, frame.iloc[[0, 1, 3]].assign(done=[1, 0, 1])


def test_response_table_by_hand():
    """Six units, three a group; two of a answered (one in full), one of b."""
    frame, sample = six()
    frame["sent"] = [1, 1, 1, 1, 1, 0]
    design = poststratify(Design(sample, fpc=6), "g", {"a": 3, "b": 3})
    found = representativeness(design, frame, ["g", "x"], complete="done", invited="sent")
    a, b = found.table.iloc[0], found.table.iloc[1]
    assert [a[c] for c in ("population", "invited", "partial", "complete", "nonresponse")] == [3, 3, 1, 1, 1]
    assert [b[c] for c in ("population", "invited", "partial", "complete", "nonresponse")] == [3, 2, 0, 1, 1]
    np.testing.assert_allclose([a["rr1"], a["rr2"], b["rr1"], b["rr2"]], [1 / 3, 2 / 3, 1 / 2, 1 / 2])
    # shares 2/3 against 1/2: (2/3 − 1/2) / √(1/2 · 1/2) = 1/3; after weighting nil
    np.testing.assert_allclose([a["std_diff"], a["std_diff_weighted"]], [1 / 3, 0], atol=1e-12)
    x = found.summary.iloc[0]
    assert [x["mean_population"], x["mean_sample"], x["min_sample"], x["max_population"]] == [4, 7 / 3, 1, 9]
    np.testing.assert_allclose(x["mean_weighted"], (1.5 + 4) / 2)  # cell means 1.5 and 4, half each
    np.testing.assert_allclose(x["sd_population"], np.sqrt((9 + 4 + 1 + 0 + 1 + 25) / 5))


def test_a_category_without_answers_is_told_and_has_propensity_nil():
    frame = pd.DataFrame({"county": ["03"] + ["02"] * 10 + ["01"] * 10})
    found = representativeness(frame.iloc[[1, 2, 3, 4, 5, 11, 12, 13]], frame, ["county"])
    assert found.notes[0] == "county = 03: nobody answered"
    # with one variable the model returns each category's rate: 0, 5/10, 3/10
    rates = np.repeat([0, 0.5, 0.3], [1, 10, 10])
    np.testing.assert_allclose(found.r_indicator["unadjusted"], 1 - 2 * rates.std(ddof=1), rtol=1e-9)


def test_faults_come_together():
    frame, sample = six()
    frame = pd.concat([frame, frame.iloc[[0]]])
    frame.loc[1, "x"] = np.nan
    with pytest.raises(MethodError) as error:
        representativeness(sample, frame, ["g", "x", "centrality"])
    text = str(error.value)
    assert "a unit is in the frame twice" in text
    assert "'x' has missing values" in text
    assert "no column 'centrality'" in text


def test_answers_from_outside_the_frame():
    frame, sample = six()
    with pytest.raises(MethodError, match="categories unknown to the frame") as error:
        representativeness(sample.assign(g="c"), frame, ["g"])
    assert "got: c" in str(error.value)


def test_propensities_equal_glm_and_statsmodels(units, want):
    import statsmodels.api as sm

    got = response_propensity(units.assign(central=units["central"].astype(str)), "answered", ["size", "central"])
    np.testing.assert_allclose(got.coefficients[["estimate", "std_error"]], want["coef"], rtol=1e-8)
    np.testing.assert_allclose(got.weight.dropna().head(10), want["weights"], rtol=1e-8)
    x = pd.get_dummies(units.astype({"central": str})[["size", "central"]], drop_first=True, dtype=float)
    model = sm.GLM(units["answered"], sm.add_constant(x), family=sm.families.Binomial()).fit(tol=1e-14)
    np.testing.assert_allclose(got.propensity, model.fittedvalues, rtol=1e-8)


def test_propensity_classes_return_the_frame(units):
    got = response_propensity(units, "answered", ["size", "central"], classes=5)
    np.testing.assert_allclose(got.weight.sum(), len(units))
    assert got.classes["units"].sum() == len(units)
    with pytest.raises(MethodError, match="classes"):
        response_propensity(units, "answered", ["size"], classes=1)


def test_an_answer_is_complete_from_80_percent_of_the_questions_asked():
    data = pd.DataFrame(np.nan, index=range(4), columns=list("abcde"))
    data.loc[0] = 1
    data.loc[1, list("abcd")] = 1
    data.loc[2, list("abc")] = 1
    assert answer_status(data, list("abcde")).tolist() == ["complete", "complete", "partial", "none"]
    asked = pd.DataFrame(True, index=range(4), columns=list("abcde"))
    asked.loc[2, "e"] = False  # three of four is 75 percent
    assert answer_status(data, list("abcde"), asked=asked)[2] == "partial"
    asked.loc[2, "d"] = False  # three of three
    assert answer_status(data, list("abcde"), asked=asked)[2] == "complete"


def test_merging_is_counted_and_the_totals_follow():
    frame = pd.DataFrame({"county": pd.Categorical(["03", "02", "02", "01"])})
    merged, moved = merge_categories(frame, {"county": {"03": "02"}})
    assert margins(merged, ["county"]) == {"county": {"01": 1, "02": 3}}
    assert moved.to_dict("records") == [{"column": "county", "category": "03", "into": "02", "rows": 1}]
    with pytest.raises(MethodError) as error:
        merge_categories(frame, {"county": {"03": "99"}, "counti": {}})
    assert "no category '99' to merge into" in str(error.value)
    assert "no column 'counti'" in str(error.value)
