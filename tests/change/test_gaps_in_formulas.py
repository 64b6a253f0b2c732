"""A gap under scale, center, poly or bs leaves its row out and is counted, as if the row were deleted by hand."""

import numpy as np
import pytest

from evalkit.change import conditional_logit, exact_conditional, linear_probability, ordered_logit

ARGUMENTS = {"group": "id"}


@pytest.fixture
def gap(panel):
    gone = panel.astype({"a": float})
    gone.loc[11, "a"] = np.nan
    return gone, gone.drop(index=11)


@pytest.mark.parametrize("formula", ["y ~ scale(a) + b", "y ~ center(a)", "y ~ poly(a, 2)", "y ~ bs(a, df=4)"])
@pytest.mark.parametrize("method", [conditional_logit, linear_probability, ordered_logit])
def test_as_if_deleted_by_hand(gap, method, formula):
    gone, deleted = gap
    found, by_hand = method(formula, gone, **ARGUMENTS), method(formula, deleted, **ARGUMENTS)
    np.testing.assert_allclose(found.params, by_hand.params, rtol=1e-9)
    np.testing.assert_allclose(found.std_errors, by_hand.std_errors, rtol=1e-9)
    why = found.dropped.set_index("why")["rows"]
    assert why["missing a"] == 1
    rest = found.dropped[found.dropped["why"] != "missing a"]
    assert rest.to_dict("records") == by_hand.dropped.to_dict("records")


def test_exact_too(gap):
    gone, deleted = (frame[frame["id"] < 12].assign(a=lambda f: f["a"].round()) for frame in gap)
    found = exact_conditional("y ~ center(a)", gone, terms="center(a)", **ARGUMENTS)
    by_hand = exact_conditional("y ~ center(a)", deleted, terms="center(a)", **ARGUMENTS)
    assert found.pvalue == pytest.approx(by_hand.pvalue) and found.estimate == pytest.approx(by_hand.estimate)


def test_a_separated_sign_does_not_hang_on_the_gap(make):
    """R's clogit(y ~ scale(x) + strata(id)) runs out of iterations at 30.7: the likelihood has no maximum."""
    data = make(up=6).assign(x=[1.0, 2, 1, 3, 2, 5, 1, np.nan, 2, 3, 4, 6])
    found = conditional_logit("y ~ scale(x)", data, group="unit")
    assert found.params.iloc[0] == np.inf and found.dropped["why"].tolist()[0] == "missing x"
