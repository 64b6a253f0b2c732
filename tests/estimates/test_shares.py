"""Shares: the interval at 0, at 1 and where everyone answered, multiple choice, missing answers, bad input; by hand."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from evalkit.errors import MethodError
from evalkit.estimates import mean, proportion, ratio, total
from evalkit.weights import Design, poststratify

COLUMNS = ["estimate", "std_error", "ci_low", "ci_high", "df", "n", "sum_weights", "n_effective", "deff"]


def yes_no(yes, no, **more):
    return pd.DataFrame({"y": [1] * yes + [0] * no, **more})


def test_columns_in_their_order():
    data = yes_no(3, 3, g=list("ababab"), c=list("xyxyxx"))
    assert list(proportion(Design(data), "y").columns) == COLUMNS
    assert list(proportion(Design(data), "c", by=["g"]).columns) == ["g", "category", *COLUMNS]
    assert list(mean(Design(data), "y", by="g").columns) == ["g", *COLUMNS]


def test_a_hand_calculated_share():
    """4 of 6 from 12: share 2/3; variance (1 − 6/12) · p(1 − p)/(6 − 1) = 0.5 · (2/9)/5."""
    row = proportion(Design(yes_no(4, 2), fpc=12), "y", interval="wald").iloc[0]
    error = np.sqrt(0.5 * (2 / 9) / 5)
    np.testing.assert_allclose(row["std_error"], error)
    t = stats.t.ppf(0.975, 5)
    np.testing.assert_allclose([row["ci_low"], row["ci_high"]], [2 / 3 - t * error, 2 / 3 + t * error])
    assert [row["df"], row["n"], row["sum_weights"], row["n_effective"]] == [5, 6, 12, 6]
    np.testing.assert_allclose(row["deff"], 1.0)
    logit = proportion(Design(yes_no(4, 2), fpc=12), "y").iloc[0]
    half = t * error / (2 / 9)
    np.testing.assert_allclose(
        [logit["ci_low"], logit["ci_high"]], stats.logistic.cdf(np.log(2) + np.array([-half, half]))
    )


def test_wilson_without_design_is_wilsons():
    """Equal weights, no correction: effective n is p(1 − p)/v = n − 1."""
    row = proportion(Design(yes_no(4, 16)), "y", interval="wilson").iloc[0]
    want = stats.binomtest(4, 20).proportion_ci(method="wilson")
    n, z = 19, stats.norm.ppf(0.975)
    centre = (0.2 + z * z / 2 / n) / (1 + z * z / n)
    half = z * np.sqrt(0.16 / n + z * z / 4 / n / n) / (1 + z * z / n)
    np.testing.assert_allclose([row["ci_low"], row["ci_high"]], [centre - half, centre + half])
    assert abs(row["ci_low"] - want.low) < 0.005


@pytest.mark.parametrize("interval", ["logit", "beta", "wilson", "wald"])
@pytest.mark.parametrize("fpc", [None, 30])
def test_at_nil_and_one_clopper_pearson_on_the_effective_n(interval, fpc):
    d = Design(yes_no(20, 0, z=0), fpc=fpc)
    one, nil = proportion(d, "y", interval=interval).iloc[0], proportion(d, "z", interval=interval).iloc[0]
    want = stats.binomtest(20, 20).proportion_ci(method="exact")
    np.testing.assert_allclose([one["ci_low"], one["ci_high"]], [want.low, 1.0])
    np.testing.assert_allclose([nil["ci_low"], nil["ci_high"]], [0.0, 1 - want.low])
    assert one["std_error"] == 0


def test_at_one_weights_count():
    """Weights 1 and 3: Kish's n is (4 · 1 + 4 · 3)² / (4 · 1 + 4 · 9) = 6.4."""
    d = Design(yes_no(8, 0, w=[1, 3] * 4), weights="w")
    row = proportion(d, "y").iloc[0]
    assert row["n_effective"] == pytest.approx(6.4)
    assert row["ci_low"] == pytest.approx(stats.beta.ppf(0.025, 6.4, 1))


def test_where_everyone_answered_there_is_no_width_and_that_wins():
    for data in (yes_no(20, 0), yes_no(0, 20), yes_no(7, 13)):
        found = proportion(Design(data, fpc=20), "y")
        row = found.iloc[0]
        assert row["std_error"] == 0
        assert row["ci_low"] == row["ci_high"] == row["estimate"] == data["y"].mean()
        assert found.attrs["notes"] == ((0, "all answered"),)


def test_a_group_in_which_everyone_answered_by_post_stratification():
    data = yes_no(4, 4, g=list("aaabbbbb"))
    d = poststratify(Design(data, fpc=15), "g", {"a": 3, "b": 12})
    found = proportion(d, "y", by="g")
    assert found["ci_low"][0] == found["ci_high"][0] == 1
    assert found["ci_low"][1] < found["estimate"][1] < found["ci_high"][1]


def test_a_single_answer_has_no_standard_error():
    found = mean(Design(pd.DataFrame({"y": [1.0, 2.0, 4.0], "g": list("aab")})), "y", by="g")
    assert found["estimate"][1] == 4
    assert np.isnan(found["std_error"][1])
    assert np.isnan(found["ci_low"][1])
    share = proportion(Design(yes_no(1, 2, g=list("abb"))), "y", by="g").iloc[0]
    # Clopper–Pearson of one in one
    np.testing.assert_allclose([share["ci_low"], share["ci_high"]], [0.025, 1])


def test_a_sample_of_one_is_estimated_without_an_error():
    found = mean(Design(pd.DataFrame({"y": [4.0]}), fpc=10), "y").iloc[0]
    assert found["estimate"] == 4
    assert np.isnan([found["std_error"], found["ci_low"]]).all()


def test_a_ratio_to_nil_is_missing_with_its_error():
    row = ratio(Design(yes_no(2, 2, z=0.0)), "y", "z").iloc[0]
    assert np.isnan(row[["estimate", "std_error", "ci_low"]].astype(float)).all()


def test_missing_answers_are_outside_and_counted():
    data = pd.DataFrame({"y": [1, 0, np.nan, 1, np.nan], "g": ["a", "a", "a", None, "b"]})
    found = proportion(Design(data), "y")
    assert found["n"][0] == 3
    assert found.attrs["missing"] == 2
    by = proportion(Design(data), "y", by="g")
    assert by["g"].tolist() == ["a", "b"]
    assert by["n"].tolist() == [2, 0]
    assert np.isnan(by["estimate"][1])
    assert (1, "no answers") in by.attrs["notes"]


def test_multiple_choice_has_each_option_on_its_base():
    data = pd.DataFrame({"q.a": [1, 0, 1, np.nan], "q.b": [0, 0, 1, np.nan], "g": list("xxyy")})
    found = proportion(Design(data), ["q.a", "q.b"])
    assert found["category"].tolist() == ["q.a", "q.b"]
    np.testing.assert_allclose(found["estimate"], [2 / 3, 1 / 3])
    assert found["n"].tolist() == [3, 3]
    assert len(proportion(Design(data), ["q.a", "q.b"], by="g")) == 4


def test_categories_in_their_order_with_those_nobody_chose():
    levels = pd.CategoricalDtype(["small", "medium", "large"])
    data = pd.DataFrame({"size": pd.Series(["large", "small", "small", None]).astype(levels)})
    found = proportion(Design(data), "size")
    assert found["category"].tolist() == ["small", "medium", "large"]
    np.testing.assert_allclose(found["estimate"], [2 / 3, 0, 1 / 3])
    # nobody of three: Clopper–Pearson's upper limit
    np.testing.assert_allclose(found["ci_high"][1], 1 - 0.025 ** (1 / 3))


def test_groups_in_blocks_are_the_groups_at_once(monkeypatch):
    data = yes_no(6, 6, g=list("abcd") * 3, c=list("xxyyxz") * 2, fpc=[12] * 12).assign(z=np.nan)
    d = Design(data, fpc="fpc")
    calls = [
        lambda: proportion(d, "c", by="g"),
        lambda: proportion(d, "z", by="g"),
        lambda: mean(d, "y", by="g"),
        lambda: total(d, "y", by=["g", "c"]),
    ]
    whole = [call() for call in calls]
    monkeypatch.setattr("evalkit.estimates.core.BLOCK", 30)
    for call, want in zip(calls, whole):
        got = call()
        pd.testing.assert_frame_equal(got, want)
        assert got.attrs == want.attrs


def test_integers_floats_and_bools():
    data = pd.DataFrame({"code": [1, 2, 2, 5], "gap": [1.0, 2.0, np.nan, 2.0], "yes": [True, False, True, True]})
    assert proportion(Design(data), "code")["category"].tolist() == [1, 2, 5]
    assert proportion(Design(data), "gap")["category"].tolist() == [1, 2]
    assert proportion(Design(data), "yes")["estimate"].tolist() == [0.75]


def test_shares_of_inhabitants():
    """Two of three municipalities, 10 + 30 of 100 inhabitants."""
    data = pd.DataFrame({"y": [1, 1, 0], "inhabitants": [10, 30, 60]})
    assert proportion(Design(data), "y", measure="inhabitants")["estimate"][0] == pytest.approx(0.4)
    assert mean(Design(data), "y", measure="inhabitants")["estimate"][0] == pytest.approx(0.4)
    with pytest.raises(MethodError, match="a measure must be positive"):
        proportion(Design(data.assign(inhabitants=[0, 1, 2])), "y", measure="inhabitants")


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda d: proportion(d, "z"), "holds numbers that are no categories"),
        (lambda d: proportion(d, "yy"), "no column 'yy'"),
        (lambda d: proportion(d, "y", interval="exact"), "unknown interval"),
        (lambda d: proportion(d, "y", level=95), "the level lies between 0 and 1"),
        (lambda d: proportion(d, "y", by=["g", "gg"]), "no column 'gg'"),
        (lambda d: proportion(d, ["y", "z"]), "the option 'z' is not 0/1"),
        (lambda d: mean(d, "g"), "'g' is not numeric"),
    ],
)
def test_bad_input(call, words):
    d = Design(yes_no(2, 2, z=[0.5, 1, 2, 3], g=list("abab")))
    with pytest.raises(MethodError) as error:
        call(d)
    assert words in str(error.value)
