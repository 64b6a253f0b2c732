"""The gradient of the penalty equals numerical differences; for one wave the maximum is known in closed form."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evalkit.numerics.conditional_logit import evaluate
from evalkit.numerics.firth import climb, evaluate_penalised, fit, profile
from evalkit.numerics.patterns import build


@st.composite
def patterns_of_any_size(draw):
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    sizes = rng.integers(2, 8, size=12)
    unit = np.repeat(np.arange(12), sizes)
    y = rng.random(len(unit)) < 0.5
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    y[starts], y[starts + 1] = True, False
    return build(y, rng.normal(size=(len(unit), 2)), unit, rng.uniform(0.5, 2, 12)), rng.normal(size=2)


@settings(max_examples=40, deadline=None)
@given(patterns_of_any_size())
def test_gradient(data):
    patterns, b = data
    found, h = evaluate_penalised(patterns, b), 1e-5
    plain = evaluate(patterns, b)
    assert found.loglik == pytest.approx(plain.loglik + 0.5 * np.linalg.slogdet(plain.information)[1])
    for j, e in enumerate(np.eye(2) * h):
        slope = (evaluate_penalised(patterns, b + e).loglik - evaluate_penalised(patterns, b - e).loglik) / (2 * h)
        assert found.score[j] == pytest.approx(slope, abs=1e-6)


@pytest.mark.parametrize(("up", "down"), [(3, 1), (12, 0), (0, 5), (50, 49)])
def test_half_an_answer_is_added_to_each_side(up, down):
    y = np.array([[0, 1]] * up + [[1, 0]] * down, dtype=bool).reshape(-1)
    n = up + down
    patterns = build(y, np.tile([[0.0], [1.0]], (n, 1)), np.repeat(np.arange(n), 2), np.ones(n))
    assert fit(patterns).params[0] == pytest.approx(np.log((up + 0.5) / (down + 0.5)), abs=1e-8)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)).filter(any), min_size=1, max_size=5))
def test_half_an_answer_in_each_of_several_groups(counts):
    """Scoring circles for ever on some of these; Newton's method does not."""
    rows, answers = [], []
    for group, (up, down) in enumerate(counts):
        later = np.eye(len(counts))[group] * (1 if group else 0)
        later[0] = 1  # the wave, and the groups after the first by wave
        for y in [(False, True)] * up + [(True, False)] * down:
            rows += [np.zeros(len(counts)), later]
            answers += y
    n = len(answers) // 2
    found = fit(build(np.array(answers), np.array(rows), np.repeat(np.arange(n), 2), np.ones(n)))
    effects = np.log([(up + 0.5) / (down + 0.5) for up, down in counts])
    assert found.converged
    assert found.params == pytest.approx(np.concatenate([effects[:1], effects[1:] - effects[0]]), abs=1e-7)


def test_profile_touches_the_maximum_and_holds_the_penalty():
    rng = np.random.default_rng(3)
    y = np.tile([True, False, True, False], 10)
    patterns = build(y, rng.normal(size=(40, 2)), np.repeat(np.arange(10), 4), np.ones(10))
    found = fit(patterns)
    at = profile(found, 0)
    assert at(float(found.params[0])) == pytest.approx(found.penalised, abs=1e-9)
    # at zero: the best over the second coefficient of the penalised likelihood with both columns' information
    grid = [evaluate_penalised(patterns, np.array([0.0, b])).loglik for b in np.linspace(-3, 3, 6001)]
    assert at(0.0) == pytest.approx(max(grid), abs=1e-5)
    assert climb(patterns, basis=np.eye(2)[:, 1:]).value.loglik == pytest.approx(at(0.0), abs=1e-9)
