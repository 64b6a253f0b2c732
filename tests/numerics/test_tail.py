"""The exact p-value of wave × group, counted in halves, is that of enumeration, of a fit at each point and of draws."""

from __future__ import annotations

from itertools import product
from math import comb, log

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evalkit.change import compare, conditional_logit, exact_conditional
from evalkit.numerics.exact import TooLarge
from evalkit.numerics.tail import binomial, pvalue, split_pvalue, split_ratio


def ratio(changed, up):
    """Twice the rise of the log-likelihood from one share going up for all to one for each group, with plain logs."""

    def loglik(k, m):
        return (k * log(k / m) if k else 0.0) + ((m - k) * log(1 - k / m) if m - k else 0.0)

    return 2 * (sum(map(loglik, up, changed)) - loglik(sum(up), sum(changed)))


def enumerated(changed, up):
    """Every way to have as many go up in all, each as likely as its number of ways."""
    ways = tail = 0
    for other in product(*(range(m + 1) for m in changed)):
        if sum(other) == sum(up):
            these = np.prod([comb(m, k) for m, k in zip(changed, other)], dtype=object)
            ways += these
            tail += these if ratio(changed, other) >= ratio(changed, up) - 1e-9 else 0
    return tail / ways


groups = st.lists(st.tuples(st.integers(1, 9), st.integers(0, 9)), min_size=2, max_size=4)


@settings(max_examples=60, deadline=None)
@given(groups)
def test_it_is_the_enumerated(drawn):
    changed = [m for m, _ in drawn]
    up = [min(m, k) for m, k in drawn]
    found, off = split_pvalue(np.array(changed), np.array(up))
    assert found == pytest.approx(enumerated(changed, up), rel=1e-9) and off == 0
    assert split_ratio(np.array(changed), np.array(up)) == pytest.approx(ratio(changed, up), abs=1e-9)


def test_three_up_and_three_down_by_hand():
    """Of the 20 ways to choose the three of six that go up, two part the groups wholly."""
    assert split_pvalue(np.array([3, 3]), np.array([3, 0]))[0] == pytest.approx(2 / 20)


def panel_of(changed, up):
    """A panel of two waves with these units that changed, and two in each group that did not."""
    rows = []
    for group, (m, k) in enumerate(zip(changed, up)):
        for number in range(m + 2):
            answers = (1, 1) if number >= m else (0, 1) if number < k else (1, 0)
            rows += [(f"{group}.{number}", wave, str(group), answer) for wave, answer in enumerate(answers)]
    return pd.DataFrame(rows, columns=["unit", "wave", "by", "answer"])


@pytest.mark.parametrize("changed, up", [([9, 4, 7], [2, 3, 5]), ([12, 8, 5, 6], [9, 8, 1, 0]), ([15, 2], [6, 2])])
def test_it_is_that_of_a_fit_at_every_point(changed, up):
    """exact_conditional counts the support by convolution, and fits the model at each point by Newton's method."""
    data = panel_of(changed, up)
    fitted = exact_conditional("answer ~ C(wave) * C(by)", data, group="unit", terms="C(wave):C(by)", statistic="lr")
    assert split_pvalue(np.array(changed), np.array(up))[0] == pytest.approx(fitted.pvalue, abs=1e-9)
    models = [conditional_logit(f"answer ~ C(wave) {sign} C(by)", data, group="unit") for sign in "+*"]
    assert compare(*models).exact_pvalue == pytest.approx(fitted.pvalue, abs=1e-9)


def test_four_hundred_that_changed_as_draws_have_it():
    """Twenty thousand draws of who went up; the p-value lies within four standard errors."""
    changed, up = np.array([81, 79, 93, 70, 77]), np.array([49, 35, 44, 41, 34])
    drawn = np.random.default_rng(12).multivariate_hypergeometric(changed, up.sum(), size=20_000)
    share = np.mean([ratio(changed, draw) >= ratio(changed, up) - 1e-9 for draw in drawn])
    found, off = split_pvalue(changed, up)
    assert abs(found - share) < 4 * np.sqrt(share * (1 - share) / 20_000) and off == 0


def test_a_small_tail_keeps_its_digits():
    """Two groups of 30, all up and all down: 2 of the ways to choose 30 of 60."""
    assert split_pvalue(np.array([30, 30]), np.array([30, 0]))[0] == pytest.approx(2 / comb(60, 30), rel=1e-9)


def test_many_sums_are_rounded_and_by_how_much_is_said():
    """Thirteen groups, counted within 2,000,000 sums and not within fewer; on a grid it is off by less than said."""
    changed = np.array([9, 11, 7, 12, 8, 10, 6, 5, 13, 9, 10, 7, 4])
    up = np.array([6, 4, 5, 3, 6, 2, 4, 3, 8, 3, 6, 2, 1])
    exact, none = split_pvalue(changed, up)
    lists = [binomial(int(m), up.sum() / changed.sum()) for m in changed]
    (coarse, wide), (fine, narrow) = (pvalue(lists, up, limit=limit) for limit in (100_000, 300_000))
    assert none == 0 and abs(coarse - exact) <= wide < 0.005 and abs(fine - exact) <= narrow < wide
    assert abs(coarse - exact) > 0
    with pytest.raises(TooLarge):
        pvalue(lists, up, limit=1_000)
