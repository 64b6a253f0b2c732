"""Exact estimates, limits and p-values: those of Table 2, of binomial tables, and of full enumeration."""

from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from evalkit.change import exact_conditional, mcnemar
from evalkit.errors import MethodError

MODEL = "y ~ wave + wave:C(g)"
LAST = "wave:C(g)[T.5]"


def test_the_last_coefficient_of_table_2(twowave):
    found = exact_conditional(MODEL, twowave, group="id", terms=LAST)
    # Given 9 up of the 10 that changed in the first and last group, the last has 5 or 6: C(6,5)C(4,4) = 6 ways to 4.
    # median: 4e^b = 6; lower limit: 4e^b/(6 + 4e^b) = 0.025
    assert found.estimate == pytest.approx(np.log(6 / 4), abs=1e-9)
    assert found.conf_int == (pytest.approx(np.log(0.025 * 6 / (0.975 * 4)), abs=1e-9), np.inf)
    assert found.conf_int_mid_p[0] == pytest.approx(np.log(0.05 * 6 / (0.95 * 4)), abs=1e-9)  # half of P(6) counts
    assert (found.pvalue, found.pvalue_mid_p) == pytest.approx((0.8, 0.4))  # twice 4/10, and half of it
    assert found.support == 2


@pytest.mark.parametrize("statistic", ["lr", "score", "probability"])
def test_the_interactions_of_table_2(twowave, r_values, statistic):
    found = exact_conditional(MODEL, twowave, group="id", terms="wave:C(g)", statistic=statistic)
    assert found.pvalue == pytest.approx(r_values["orderings"][statistic], abs=1e-9)
    assert found.statistic == statistic and len(found.terms) == 4 and np.isnan(found.estimate)


def test_the_default_ordering_of_several_is_the_likelihood_ratio(twowave, r_values):
    found = exact_conditional(MODEL, twowave, group="id", terms=[f"wave:C(g)[T.{k}]" for k in (2, 3, 4, 5)])
    assert (found.statistic, round(found.pvalue, 3)) == ("lr", 0.531)
    assert found.pvalue_mid_p == pytest.approx(r_values["orderings"]["lr_mid"], abs=1e-9)


@pytest.mark.parametrize(("up", "down"), [(19, 6), (12, 0), (0, 7), (4, 4), (1, 3), (700, 800)])
def test_two_waves_are_mcnemar(make, up, down):
    found = exact_conditional("y ~ C(wave)", make(up, down, 3, 2), group="unit", terms="C(wave)")
    by_counts = mcnemar(up, down)
    assert found.pvalue == pytest.approx(by_counts.exact, rel=1e-9)
    assert found.pvalue_mid_p == pytest.approx(by_counts.mid_p, rel=1e-9)
    assert np.exp(found.conf_int) == pytest.approx(by_counts.conf_int, rel=1e-7)
    assert np.exp(found.conf_int_mid_p) == pytest.approx(mcnemar(up, down, interval="mid-p").conf_int, rel=1e-7)


def test_the_estimate_is_median_unbiased(make):
    found = exact_conditional("y ~ C(wave)", make(19, 6), group="unit", terms="C(wave)")
    # mean of the two log odds at which 19 is the lower, and the upper, median of a binomial of 25
    grid = np.linspace(0, 3, 300_001)
    p = 1 / (1 + np.exp(-grid))
    low = grid[np.argmin(np.abs(binom.sf(18, 25, p) - 0.5))]
    high = grid[np.argmin(np.abs(binom.cdf(19, 25, p) - 0.5))]
    assert found.estimate == pytest.approx((low + high) / 2, abs=2e-5)


def enumerated(data, columns):
    """Statistic of every way to place each unit's yes-answers: (ways, p)."""
    per_unit = []
    for _, unit in data.groupby("id"):
        x = unit[columns].to_numpy()
        if 0 < unit["y"].sum() < len(unit):
            per_unit.append([x[list(rows)].sum(axis=0) for rows in combinations(range(len(x)), int(unit["y"].sum()))])
    return np.array([np.sum(choice, axis=0) for choice in product(*per_unit)])


@pytest.fixture
def three_waves():
    rng = np.random.default_rng(5)
    data = pd.DataFrame({"id": np.repeat(np.arange(8), 3), "wave": np.tile([0, 1, 2], 8)})
    data["y"] = rng.integers(0, 2, 24)
    return data.assign(a=(data["wave"] == 1) * 1, b=(data["wave"] == 2) * 1, c=rng.integers(0, 4, 24) / 2)


def test_three_waves_equal_enumeration(three_waves):
    columns = ["a", "b", "c"]
    ways = enumerated(three_waves, columns)
    total = three_waves.loc[three_waves.groupby("id")["y"].transform("nunique") == 2]
    observed = (total[columns].to_numpy() * total[["y"]].to_numpy()).sum(axis=0)
    for j, name in enumerate(columns):
        others = [i for i in range(3) if i != j]
        t = ways[np.isclose(ways[:, others], observed[others]).all(axis=1), j]
        below, at, above = (t < observed[j]).mean(), np.isclose(t, observed[j]).mean(), (t > observed[j]).mean()
        found = exact_conditional("y ~ a + b + c", three_waves, group="id", terms=name)
        assert found.support == len(np.unique(t))
        assert found.pvalue == pytest.approx(min(1, 2 * (min(below, above) + at)))
        assert found.pvalue_mid_p == pytest.approx(min(1, 2 * (min(below, above) + at / 2)))
        low = found.conf_int[0]
        if np.isfinite(low):
            weight = np.exp(low * (t - observed[j]))
            assert weight[t >= observed[j]].sum() / weight.sum() == pytest.approx(0.025, abs=1e-9)


def test_joint_score_test_equals_enumeration(three_waves):
    ways = enumerated(three_waves, ["a", "b"])
    total = three_waves.loc[three_waves.groupby("id")["y"].transform("nunique") == 2]
    observed = (total[["a", "b"]].to_numpy() * total[["y"]].to_numpy()).sum(axis=0)
    inverse = np.linalg.inv(np.cov(ways.T, bias=True))
    distance = np.einsum("ij,jk,ik->i", ways - ways.mean(axis=0), inverse, ways - ways.mean(axis=0))
    at = (observed - ways.mean(axis=0)) @ inverse @ (observed - ways.mean(axis=0))
    found = exact_conditional("y ~ C(wave)", three_waves, group="id", terms="C(wave)", statistic="score")
    assert found.pvalue == pytest.approx((distance >= at - 1e-9).mean())


def test_monte_carlo_is_near_and_repeatable(twowave):
    exact = exact_conditional(MODEL, twowave, group="id", terms="wave:C(g)")
    drawn = exact_conditional(MODEL, twowave, group="id", terms="wave:C(g)", method="monte-carlo", seed=1)
    again = exact_conditional(MODEL, twowave, group="id", terms="wave:C(g)", method="monte-carlo", seed=1)
    assert drawn == again or drawn.pvalue == again.pvalue
    assert abs(drawn.pvalue - exact.pvalue) < 4 * drawn.std_error_pvalue
    assert drawn.method == "monte-carlo" and "10000 draws" in drawn.note
    one = exact_conditional(MODEL, twowave, group="id", terms=LAST, method="monte-carlo", seed=7)
    assert one.pvalue == pytest.approx(0.8, abs=4 * one.std_error_pvalue)


def test_robek_by_centrality(robek):
    found = exact_conditional(
        "y ~ C(wave) * C(centrality)", robek, group="code", terms="C(wave)[T.2015]:C(centrality)[T.1]"
    )
    assert found.conf_int[0] < found.estimate < found.conf_int[1]
    assert found.estimate == pytest.approx(-1.59, abs=0.35)  # near R's maximum likelihood, −1.5948
    with pytest.raises(MethodError) as error:
        exact_conditional("y ~ C(wave) * C(centrality)", robek, group="code", terms="C(wave):C(centrality)")
    text = str(error.value)
    assert "The exact distribution is too large." in text and "states" in text and "monte-carlo" in text
    drawn = exact_conditional(
        "y ~ C(wave) * C(centrality)",
        robek,
        group="code",
        terms="C(wave):C(centrality)",
        statistic="score",
        method="monte-carlo",
        seed=3,
        draws=2000,
    )
    assert 0 < drawn.pvalue < 1


def test_what_others_leave_no_choice(make):
    data = make(up=3, down=2).assign(x=lambda d: d["wave"] - 2018 + (d["unit"] == "u0") * (d["wave"] == 2019))
    found = exact_conditional("y ~ C(wave) + x", data, group="unit", terms="x")
    # u0 went up, and one more unit of its kind there is not: given the others it went up or down
    assert found.support == 2
    lone = data[data["unit"].isin(["u0"])]
    assert exact_conditional("y ~ C(wave)", lone, group="unit", terms="C(wave)").support == 2


def test_bad_arguments(twowave, panel):
    def error(**kwargs):
        arguments = {"formula": MODEL, "data": twowave, "group": "id", "terms": LAST} | kwargs
        with pytest.raises(MethodError) as caught:
            exact_conditional(**arguments)
        return str(caught.value)

    assert "There is no such ordering." in error(statistic="wald")
    assert "Several terms have no tail." in error(terms="wave:C(g)", statistic="tail")
    assert "Monte Carlo needs a seed." in error(method="monte-carlo")
    assert "An exact distribution has no seed." in error(seed=1)
    assert "Draws do not tell a point's probability." in error(method="monte-carlo", seed=1, statistic="probability")
    assert "There is no such method." in error(method="asymptotic")
    assert "Too few draws." in error(method="monte-carlo", seed=1, draws=10)
    assert "The level is not between 0 and 1." in error(level=95)
    unknown = error(terms="wave:C(h)")
    assert "The term 'wave:C(h)' is not in the model." in unknown and "did you mean" in unknown
    omitted = error(formula="y ~ wave + C(g)", terms="C(g)")
    assert "does not vary within any unit that changed" in omitted
    steps = error(formula="y ~ z + b", data=panel.assign(z=panel["a"] * np.pi + panel["a"] ** 2), terms="b")
    assert "An exact distribution needs columns that change by whole steps." in steps and "where: z" in steps
