"""Degrees of freedom count separated directions; exact and penalised p-values stand beside a doubtful chi-square."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize

from evalkit.change import compare, conditional_logit
from evalkit.errors import MethodError

SMALL, LARGE = "y ~ wave", "y ~ wave + wave:C(g)"


def test_table_2(twowave, r_values):
    small = conditional_logit(SMALL, twowave, group="id")
    large = conditional_logit(LARGE, twowave, group="id")
    result = compare(small, large)
    top = r_values["twowave_1"]["loglik"][1], r_values["twowave_2"]["loglik"][1]
    assert result.statistic == pytest.approx(2 * (top[1] - top[0]), abs=1e-9)
    assert (round(result.statistic, 3), result.df, round(result.pvalue, 4)) == (4.671, 4, 0.3227)  # not 3, 0.20
    assert result.exact_pvalue == pytest.approx(r_values["orderings"]["lr"], abs=1e-9)
    # logistf 1.26: −12.442322382385 with, −13.9662138645209 without the groups; chi-square of 4 degrees of freedom
    assert result.firth_pvalue == pytest.approx(0.549861, abs=1e-6)
    assert result.note == "wave:C(g)[T.5]: infinite, so chi-square is doubtful"


def test_the_parametrisation_does_not_matter(twowave):
    small = conditional_logit(SMALL, twowave, group="id")
    one = compare(small, conditional_logit(LARGE, twowave, group="id"))
    other = compare(small, conditional_logit("y ~ 0 + wave:C(g)", twowave, group="id"))
    third = compare(
        conditional_logit("y ~ C(wave)", twowave, group="id"), conditional_logit(LARGE, twowave, group="id")
    )
    for result in (other, third):
        assert result.statistic == pytest.approx(one.statistic, abs=1e-9) and result.df == 4
        assert result.exact_pvalue == pytest.approx(one.exact_pvalue, abs=1e-9)
        assert result.firth_pvalue == pytest.approx(one.firth_pvalue, abs=1e-7)


def test_many_units_need_no_exact_test(robek):
    small = conditional_logit("y ~ C(wave)", robek, group="code")
    large = conditional_logit("y ~ C(wave) * C(centrality)", robek, group="code")
    result = compare(small, large)
    assert result.df == 6
    assert result.statistic == pytest.approx(2 * (86.4719679881654 - 81.8368406141792), abs=1e-9)  # R
    assert "no exact p-value: the exact distribution is too large" in result.note
    assert 0 < result.firth_pvalue < 1


def test_a_model_against_itself(twowave):
    fit = conditional_logit(LARGE, twowave, group="id")
    result = compare(fit, fit)
    assert (result.statistic, result.df, result.pvalue, result.note) == (0, 0, 1.0, "")


def test_what_cannot_be_compared(twowave, panel):
    small, large = (conditional_logit(f, twowave, group="id") for f in (SMALL, LARGE))
    with pytest.raises(MethodError, match="The models are not nested") as error:
        compare(large, small)
    assert "wave:C(g)[T.2] is not in the larger model" in str(error.value)
    with pytest.raises(MethodError, match="The models use different rows"):
        compare(conditional_logit(SMALL, twowave[twowave["g"] > 1], group="id"), large)
    firth = conditional_logit(SMALL, twowave, group="id", penalty="firth")
    with pytest.raises(MethodError, match="Only unweighted, unpenalised models have a likelihood ratio"):
        compare(firth, large)
    weighted = conditional_logit("y ~ a", panel, group="id", weights="w")
    with pytest.raises(MethodError, match="Only unweighted"):
        compare(weighted, conditional_logit("y ~ a + b", panel, group="id"))


def by_enumeration(data, covariate):
    """P-value of the likelihood ratio among all answers with the observed number of yes in the second wave."""
    wide = data.pivot(index="id", columns="wave")
    x, up = (wide[covariate][1] - wide[covariate][0]).to_numpy(), (wide["y"][1] - wide["y"][0]).to_numpy() > 0
    same = [np.array(w) for w in product([False, True], repeat=len(x)) if sum(w) == up.sum()]

    def greatest(ups):
        sign = np.where(ups, 1.0, -1.0)
        return -minimize(lambda b: np.logaddexp(0, -sign * (b[0] + b[1] * x)).sum(), [0.0, 0.0], tol=1e-12).fun

    return np.mean([greatest(ups) >= greatest(up) - 1e-6 for ups in same])


@pytest.mark.parametrize("scale", [1.0, 1e-13, 1e-9, 1e-6, 1e6, 1e12])
def test_the_exact_p_value_knows_no_unit_of_measurement(scale):
    ends = [(0, 3, 1), (1, 0, 0), (2, 2, 1), (0, 1, 0), (3, 1, 1), (1, 3, 1), (2, 0, 0)]  # x before, x after, up
    rows = [(i, wave, (a, b)[wave], int(wave == up)) for i, (a, b, up) in enumerate(ends) for wave in (0, 1)]
    data = pd.DataFrame(rows, columns=["id", "wave", "x", "y"])
    expected = by_enumeration(data, "x")
    assert 0 < expected < 0.5
    data["x"] *= scale
    small, large = (conditional_logit(f, data, group="id") for f in ("y ~ wave", "y ~ wave + x"))
    assert compare(small, large).exact_pvalue == pytest.approx(expected, abs=1e-9)
