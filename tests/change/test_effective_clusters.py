"""A separated coefficient counts independent clusters: copies and weights that are alike within a group add nothing."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import chdtrc

from evalkit.change import conditional_logit, exact_conditional, ordered_logit
from evalkit.errors import MethodError

CHI = 3.841458820694124 / 2


def all_up(units, **columns):
    """Two waves, every unit from no to yes."""
    data = pd.DataFrame({"id": np.repeat(np.arange(units), 2), "t": np.tile([0, 1], units)})
    return data.assign(y=data["t"], **{name: np.repeat(values, 2) for name, values in columns.items()})


def lowest(n):
    """R, uniroot of n · log1p(exp(−b)) = qchisq(.95, 1) / 2: 0.9747274 for 6, 1.5523069 for 10; solved by hand."""
    return -np.log(np.expm1(CHI / n))


def limit_and_p(fit, name="t"):
    return fit.conf_int(method="profile").loc[name, "ci_low"], fit.lr_pvalues[name]


SIX = (0.9747274, 0.0039259171)  # R 4.2.2: lower limit, pchisq(12 log 2, 1, lower = FALSE)


def test_six_units_and_their_copies():
    assert lowest(6) == pytest.approx(SIX[0], abs=1e-7)
    six = all_up(6)
    copies = pd.concat([six.assign(id=six["id"] + 100 * k, c=six["id"]) for k in range(10)])
    assert limit_and_p(conditional_logit("y ~ t", six, group="id")) == pytest.approx(SIX, rel=1e-7)
    fit = conditional_logit("y ~ t", copies, group="id", cluster="c")
    assert limit_and_p(fit) == pytest.approx(SIX, rel=1e-7)
    assert "t: limits and lr_pvalue count 6 independent clusters, (Σw)²/Σw² of those that separate it." in fit.notes


def test_copies_beside_units_that_went_both_ways():
    """Of the reference group five went up and three down; what the copies leave alone is the unit's own analysis."""
    some = all_up(14, g=np.arange(14) < 6)
    some.loc[some["id"] >= 11, "y"] = 1 - some["t"]
    some["tg"] = some["t"] * some["g"]
    one = conditional_logit("y ~ t + tg", some, group="id", cov="robust")
    copies = pd.concat([some.assign(id=some["id"] + 100 * k, c=some["id"]) for k in range(10)])
    many = conditional_logit("y ~ t + tg", copies, group="id", cluster="c")
    assert many.separated == ("tg",) and many.params["t"] == pytest.approx(np.log(5 / 3))
    assert limit_and_p(many, "tg") == pytest.approx(limit_and_p(one, "tg"), rel=1e-6)
    assert many.conf_int(method="profile").loc["t"].to_list() == pytest.approx(
        one.conf_int(method="profile").loc["t"].to_list(), rel=1e-6
    )


def test_blow_up_and_cluster_counts_units():
    data = all_up(6).assign(y=lambda d: 1 + 4 * d["t"])
    others = [(10 + level, t, level) for level in (1, 2, 3, 4, 5) for t in (0, 1)]
    data = pd.concat([data, pd.DataFrame(others, columns=["id", "t", "y"])])
    fit = ordered_logit("y ~ t", data, group="id")
    assert len(fit.cuts) == 4 and fit.n_groups_used == 6  # four copies of each of six
    assert limit_and_p(fit) == pytest.approx(SIX, rel=1e-7)
    exact = exact_conditional("y ~ t", all_up(6), group="id", terms="t").pvalue
    assert exact == pytest.approx(2 / 64) and 0.1 < fit.lr_pvalues["t"] / exact < 10  # the right order of magnitude


@pytest.mark.parametrize("weight", [0.01, 1.0, 3.0])
def test_weights_alike_within_the_separated_group(weight):
    """Ninety units of weight 1 went both ways, ten of another weight went up."""
    data = all_up(100, w=np.where(np.arange(100) < 90, 1.0, weight))
    data["y"] = np.where(data["id"] < 90, (data["t"] + data["id"]) % 2, data["t"])
    separate = data.assign(first=data["t"] * (data["id"] < 90), second=data["t"] * (data["id"] >= 90))
    fit = conditional_logit("y ~ first + second", separate, group="id", weights="w")
    assert fit.separated == ("second",)
    assert limit_and_p(fit, "second") == pytest.approx((1.5523069, chdtrc(1, 20 * np.log(2))), rel=1e-6)
    against = conditional_logit("y ~ t + second", separate, group="id", weights="w")
    plain = conditional_logit("y ~ t + second", separate, group="id")
    assert limit_and_p(against, "second") == pytest.approx(limit_and_p(plain, "second"), rel=1e-6)


def test_unequal_weights_by_hand():
    weight = np.array([1.0, 2.0, 3.0, 4.0])
    fit = conditional_logit("y ~ t", all_up(4, w=weight), group="id", weights="w")
    assert limit_and_p(fit)[0] == pytest.approx(lowest(100 / 30), rel=1e-9)  # (1 + 2 + 3 + 4)² / (1 + 4 + 9 + 16)
    clustered = conditional_logit("y ~ t", all_up(4, w=weight, c=[0, 0, 1, 1]), group="id", weights="w", cluster="c")
    assert limit_and_p(clustered)[0] == pytest.approx(lowest(100 / 58), rel=1e-9)  # 10² / (3² + 7²)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 6))
def test_copies_with_their_cluster_move_nothing(seed, copies):
    rng = np.random.default_rng(seed)
    data = pd.DataFrame({"id": np.repeat(np.arange(12), 3), "x": rng.integers(0, 4, 36), "z": rng.normal(size=36)})
    data["y"] = (data.groupby("id")["x"].rank(method="first") >= 3).astype(int)  # often separated in x
    data["w"] = np.repeat(rng.uniform(0.5, 3, 12), 3)
    one = conditional_logit("y ~ x + z", data, group="id", weights="w")
    stacked = pd.concat([data.assign(id=data["id"] + 100 * k, c=data["id"]) for k in range(copies)])
    many = conditional_logit("y ~ x + z", stacked, group="id", weights="w", cluster="c")
    assert many.separated == one.separated
    for method in ("wald", "profile"):
        first, second = one.conf_int(method=method).to_numpy(), many.conf_int(method=method).to_numpy()
        assert second == pytest.approx(first, rel=1e-5, abs=1e-5, nan_ok=True)
    assert many.lr_pvalues.to_numpy() == pytest.approx(one.lr_pvalues.to_numpy(), rel=1e-5, abs=1e-9)


def test_fewer_clusters_than_coefficients():
    rng = np.random.default_rng(0)
    data = pd.DataFrame({"id": np.repeat(np.arange(60), 3), "x": rng.normal(size=180), "z": rng.normal(size=180)})
    data["y"], data["two"], data["many"] = rng.integers(0, 2, 180), data["id"] % 2, data["id"] % 30
    fit = conditional_logit("y ~ x + z", data, group="id", cluster="two")
    # at the maximum the scores of all clusters sum to nought: two clusters leave one direction
    assert np.linalg.matrix_rank(fit.cov.to_numpy(), tol=1e-9 * fit.cov.to_numpy().max()) == 1
    with pytest.raises(MethodError) as refused:
        fit.wald_test()
    assert "The variance does not suffice for a test of 2 coefficients" in str(refused.value)
    assert "got: rank 1, from 2 clusters that changed" in str(refused.value)
    assert "mend: test fewer coefficients at once, or cluster by smaller groups" in str(refused.value)
    note = "2 clusters changed, and the variance has rank 1: too few for the standard errors to be trusted."
    assert note in fit.notes and fit.summary()["note"].eq("variance of rank 1").all()
    assert fit.wald_test(["x"]).df == 1
    enough = conditional_logit("y ~ x + z", data, group="id", cluster="many")
    b, v = enough.params.to_numpy(), enough.cov.to_numpy()
    assert enough.wald_test().statistic == pytest.approx(b @ np.linalg.inv(v) @ b)
    assert not any("rank" in note for note in enough.notes) and enough.summary()["note"].eq("").all()
    with pytest.raises(MethodError, match="everyone was asked"):
        conditional_logit("y ~ x + z", data, group="id", cov="robust", fpc=60).wald_test()


@pytest.mark.parametrize(("up", "down"), [(1, 1), (2, 1), (7, 3)])
def test_clusters_that_are_all_alike_tell_no_variance(up, down):
    """At the estimate log(up/down) each cluster's score is up − (up + down) · up/(up + down) = 0."""
    rises = ([1] * up + [0] * down) * 4
    rows = [(i, i // (up + down), t, int(t == rise)) for i, rise in enumerate(rises) for t in (0, 1)]
    data = pd.DataFrame(rows, columns=["id", "c", "t", "y"])
    m = conditional_logit("y ~ t", data, group="id", cluster="c")
    assert m.params["t"] == pytest.approx(np.log(up / down), abs=1e-9)
    assert m.std_errors.isna().all() and m.lr_pvalues.isna().all()
    assert m.conf_int().isna().all(axis=None) and m.conf_int(method="profile").isna().all(axis=None)
    assert any("rank 0" in note for note in m.notes) and m.summary()["note"].iloc[0] == "variance of rank 0"
    with pytest.raises(MethodError, match="rank 0, from 4 clusters"):
        m.wald_test()


def test_a_part_of_a_variance_that_lacks_rank_is_tested_with_a_reservation():
    """Two clusters give two scores, so three coefficients have a variance of rank 2 at most; also each one's own."""
    r = np.random.default_rng(3)
    data = pd.DataFrame({"id": np.repeat(range(40), 2), "t": np.tile([0, 1], 40), "x": r.normal(size=80)})
    data = data.assign(z=r.normal(size=80), y=(data["t"] + data["id"]) % 2, c=data["id"] // 2 % 2)
    m = conditional_logit("y ~ t + x + z", data, group="id", cluster="c")
    assert "rank" in m.wald_test(["x"]).note
    assert conditional_logit("y ~ t + x + z", data, group="id", cov="robust").wald_test(["x"]).note == ""
