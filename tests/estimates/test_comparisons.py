"""Differences, letters, trends, adjusted p-values and replicated statistics, by hand and by other routes."""

import joblib
import numpy as np
import pandas as pd
import pytest
from scipy import stats

from evalkit.errors import MethodError
from evalkit.estimates import (
    adjust_pvalues,
    adjusted,
    contrast,
    difference,
    independence,
    letters,
    mean,
    proportion,
    quantile,
    regression,
    replicated,
    trend,
)
from evalkit.weights import Design, calibrate, poststratify, replicate


def groups(n=90, seed=3):
    random = np.random.default_rng(seed)
    g = np.repeat(list("abc"), n // 3)
    return pd.DataFrame(
        {
            "g": g,
            "y": random.normal(0, 1, n) + 2.0 * (g == "c"),
            "yes": (random.random(n) < np.where(g == "c", 0.8, 0.3)).astype(int),
            "h": random.choice(list("xy"), n),
            "z": random.normal(0, 1, n),
        }
    )


def test_a_difference_by_hand():
    """Means 1.5 and 4; within-group sums of squares 0.5 and 2; linearised variance 4/3 · (0.5/4 + 2/4) of n = 4."""
    data = pd.DataFrame({"g": list("aabb"), "y": [1.0, 2, 3, 5]})
    row = difference(Design(data), "y", by="g").iloc[0]
    assert row["estimate"] == 2.5
    np.testing.assert_allclose(row["std_error"], np.sqrt(4 / 3 * (0.5 / 4 + 2 / 4)))
    assert [row["df"], row["n"]] == [2, 4]
    np.testing.assert_allclose(row["p_value"], 2 * stats.t.sf(2.5 / row["std_error"], 2))


def test_the_reference_can_be_chosen_and_categories_give_a_row_each():
    d = Design(groups())
    found = difference(d, "y", by="g", reference="c")
    assert found["g"].tolist() == ["a", "b"]
    assert found.attrs["reference"] == "c"
    assert difference(d, "h", by="g")[["g", "category"]].values.tolist() == [
        ["b", "x"],
        ["b", "y"],
        ["c", "x"],
        ["c", "y"],
    ]
    with pytest.raises(MethodError, match="'d' is no group of 'g'"):
        difference(d, "y", by="g", reference="d")
    with pytest.raises(MethodError, match="two groups"):
        difference(Design(groups().query("g == 'a'")), "y", by="g")


def test_calibration_makes_groups_covary():
    """The overall mean is known, so that what one group gains the others lose."""
    data = groups()
    d = calibrate(Design(data, fpc=900), {"1": 900, "y": 600.0})
    gap = difference(d, "y", by="g").iloc[1]
    parts = mean(d, "y", by="g")["std_error"]
    assert gap["std_error"] > 1.05 * np.hypot(parts[0], parts[2])


def test_a_contrast_of_one_group_is_its_mean():
    d = poststratify(Design(groups(), fpc=300), "h", {"x": 150, "y": 150})
    one = contrast(d, "y", by="g", coefficients={"b": 1}).iloc[0]
    row = mean(d, "y", by="g").iloc[1]
    np.testing.assert_allclose(
        one[["estimate", "std_error"]].astype(float), row[["estimate", "std_error"]].astype(float)
    )
    with pytest.raises(MethodError, match="is no group"):
        contrast(d, "y", by="g", coefficients={"B": 1})


def test_groups_in_which_all_answered_differ_without_error():
    d = Design(groups(), fpc=90)
    row = difference(d, "yes", by="g").iloc[0]
    assert row["std_error"] == 0
    assert row["ci_low"] == row["ci_high"] == row["estimate"]
    assert np.isnan(row["p_value"])
    assert np.isnan(trend(d, "yes", by="g")["p_value"][0])
    for statistic in ("F", "chisq", "wald", "adjwald"):
        assert np.isnan(independence(d, "g", "h", statistic)["p_value"][0])


def test_letters_name_the_columns_that_a_column_exceeds():
    found = letters(Design(groups()), "yes", by="g")
    assert found["letter"].tolist() == ["A", "B", "C"]
    assert found["exceeds"].tolist() == ["", "", "AB"]
    pairs = pd.concat([difference(Design(groups()), "h", by="g", reference=r) for r in "ab"])
    strict = letters(Design(groups()), "h", by="g", adjust="holm")
    assert (strict["exceeds"] == "").all() == (pairs["p_value"].min() * 3 > 0.05)


def test_trend_and_monotonicity():
    data = groups()
    rising = trend(Design(data.assign(y=data["y"] + (data["g"] == "b"))), "y", by="g").iloc[0]
    assert rising["monotone"] == "rising"
    assert [rising["reversal"], rising["reversal_p"]] == [0, 1]
    assert rising["p_value"] < 0.001
    bent = trend(Design(data.assign(y=data["y"] - 3 * (data["g"] == "b"))), "y", by="g").iloc[0]
    assert bent["monotone"] == "no"
    means = data.groupby("g")["y"].mean()
    np.testing.assert_allclose(bent["reversal"], means["a"] - means["b"] + 3)
    assert bent["reversal_p"] < 0.001


def test_the_order_of_a_trend_is_the_order_of_the_categories():
    data = groups()
    data["g"] = data["g"].astype(pd.CategoricalDtype(list("cba"), ordered=True))
    assert trend(Design(data), "y", by="g")["estimate"][0] < 0


def test_a_trend_needs_two_groups_with_answers():
    with pytest.raises(MethodError, match="answers in two groups"):
        trend(Design(groups().assign(y=np.nan)), "y", by="g")


def test_trend_by_replicates_is_near_linearisation():
    d = poststratify(Design(groups(), fpc=300), "h", {"x": 150, "y": 150})
    np.testing.assert_allclose(
        trend(replicate(d), "y", by="g")["std_error"], trend(d, "y", by="g")["std_error"], rtol=0.05
    )


def test_independence_refuses_a_constant():
    with pytest.raises(MethodError, match="fewer than two categories"):
        independence(Design(groups().assign(k="all")), "k", "g")
    with pytest.raises(MethodError, match="unknown statistic"):
        independence(Design(groups()), "g", "h", statistic="G")


def test_independence_without_a_design_is_pearsons_test():
    """Equal weights, no correction: the first-order correction is n/(n − 1), up to the margins' part."""
    data = groups(3000)
    got = independence(Design(data), "g", "h", statistic="chisq").iloc[0]
    want = stats.chi2_contingency(pd.crosstab(data["g"], data["h"]), correction=False)
    np.testing.assert_allclose(got["value"], want.statistic, rtol=0.01)


def test_holm_and_benjamini_hochberg_by_hand():
    """p sorted .01 .02 .03 .20: Holm ×4 ×3 ×2 ×1 and running maxima; BH ×4/1 ×4/2 ×4/3 ×1 and minima from above."""
    p = [0.03, 0.01, np.nan, 0.20, 0.02]
    np.testing.assert_allclose(adjust_pvalues(p), [0.06, 0.04, np.nan, 0.20, 0.06])
    np.testing.assert_allclose(adjust_pvalues(p, method="bh"), [0.04, 0.04, np.nan, 0.20, 0.04])
    np.testing.assert_allclose(adjust_pvalues(p, family=list("aabbb")), [0.03, 0.02, np.nan, 0.20, 0.04])
    want = stats.false_discovery_control([0.03, 0.01, 0.20, 0.02])
    np.testing.assert_allclose(adjust_pvalues([0.03, 0.01, 0.20, 0.02], method="bh"), want)


def test_regression_says_what_it_cannot_estimate():
    data = groups().assign(split=lambda f: (f["g"] == "c").astype(float))
    model = regression(Design(data), "split ~ C(g)")
    assert "separation" in model.note
    assert model.std_errors.isna().all()
    assert model.frame()["p_value"].isna().all()
    double = regression(Design(data.assign(z2=data["z"] * 2)), "yes ~ z + z2")
    assert np.isnan(double.params["z2"])
    assert np.isfinite(double.std_errors["z"])
    with pytest.raises(MethodError, match="0/1"):
        regression(Design(data), "y ~ z")
    with pytest.raises(MethodError, match="cannot be read"):
        regression(Design(data), "yes ~ zz")
    with pytest.raises(MethodError, match="no term 'age'"):
        model.wald(["age"])


def test_regression_leaves_out_rows_with_missing_values():
    data = groups()
    data.loc[[1, 5], "z"] = np.nan
    model = regression(Design(data), "yes ~ z")
    assert model.missing == 2
    assert model.frame()["n"].tolist() == [88, 88]


def test_adjusted_differences():
    """Without an interaction a linear model's adjusted difference is its coefficient, with the coefficient's error."""
    data = groups()
    d = poststratify(Design(data, fpc=900), "h", {"x": 450, "y": 450})
    found = adjusted(d, "y", by="g", covariates=["z", "h"], family="linear")
    model = regression(d, "y ~ g + z + h", family="linear")
    np.testing.assert_allclose(found["estimate"], model.params[["g[T.b]", "g[T.c]"]], rtol=1e-9)
    np.testing.assert_allclose(found["std_error"], model.std_errors[["g[T.b]", "g[T.c]"]], rtol=1e-9)
    coded = d.replace(data=data.assign(**{"size group": data["g"].map({"a": 1, "b": 2, "c": 5})}))
    numbered = adjusted(coded, "y", by="size group", covariates=["z", "h"], family="linear")
    np.testing.assert_allclose(numbered["estimate"], found["estimate"], rtol=1e-9)
    logit = adjusted(d, "yes", by="g", covariates=["z"])
    margins = logit.attrs["margins"]
    np.testing.assert_allclose(logit["estimate"][1], margins["c"] - margins["a"])
    crude = difference(d, "yes", by="g")
    np.testing.assert_allclose(logit["estimate"], crude["estimate"], atol=0.05)
    np.testing.assert_allclose(logit["std_error"], crude["std_error"], rtol=0.1)


def test_replicated_statistics_equal_the_built_in_ones_and_take_any_backend():
    d = replicate(poststratify(Design(groups(), fpc=300), "h", {"x": 150, "y": 150}), "bootstrap", n=40, seed=9)
    want = mean(d, "y").iloc[0]
    with joblib.parallel_config(backend="threading", n_jobs=2):
        got = replicated(d, weighted_mean).iloc[0]
    np.testing.assert_allclose(
        got[["estimate", "std_error"]].astype(float), want[["estimate", "std_error"]].astype(float)
    )
    with pytest.raises(MethodError, match="no replicate weights"):
        replicated(Design(groups()), weighted_mean)


def test_a_cluster_backend_is_registered_with_joblib():
    """What joblib.register_parallel_backend takes (dask's is registered so) serves by its name."""
    from joblib._parallel_backends import ThreadingBackend

    used = []

    class Cluster(ThreadingBackend):
        def submit(self, func, callback=None):
            used.append(1)
            return super().submit(func, callback)

        def apply_async(self, func, callback=None):
            used.append(1)
            return super().apply_async(func, callback)

    joblib.register_parallel_backend("cluster_of_the_test", Cluster)
    d = replicate(Design(groups()), "bootstrap", n=6, seed=1)
    with joblib.parallel_config(backend="cluster_of_the_test", n_jobs=2):
        replicated(d, weighted_mean)
    assert used


def weighted_mean(data, weights):
    return np.average(data["y"], weights=weights)


def test_quantiles():
    """Values 1–4 of equal weight: half the weight is reached at 2."""
    d = Design(pd.DataFrame({"y": [4.0, 1, 3, 2], "g": list("aabb")}))
    assert quantile(d, "y")["estimate"].tolist() == [2]
    assert quantile(d, "y", q=[0.25, 0.51])["estimate"].tolist() == [1, 3]
    assert quantile(d, "y", by="g")["estimate"].tolist() == [1, 2]
    with pytest.raises(MethodError, match="q lies between 0 and 1"):
        quantile(d, "y", q=50)
    census = quantile(Design(d.data, fpc=4), "y").iloc[0]
    assert census["ci_low"] == census["ci_high"] == 2


def test_replicates_of_a_domain_that_some_lose():
    """Bootstrap replicates without anyone of the group are left out there, and the others count for them."""
    data = groups().assign(small=lambda f: np.where(f.index < 3, "few", "many"))
    d = replicate(Design(data), "bootstrap", n=300, seed=4)
    found = mean(d, "y", by="small")
    lost = (d.replicates.weights[:3].sum(axis=0) == 0).sum()
    assert lost > 0
    assert np.isfinite(found["std_error"]).all()
    assert proportion(d, "yes", by="small")["std_error"].notna().all()
