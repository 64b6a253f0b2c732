"""Likelihood, score and information equal enumeration, numerical derivatives and logistic regression on differences."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import logsumexp

from evalkit.numerics.conditional_logit import certified, evaluate, maximise, peaked, unit_scores
from evalkit.numerics.fitting import fit
from evalkit.numerics.patterns import build, differences, rows_of


def enumerate_units(y, x, unit, weight, b):
    """Log-likelihood, score and information by listing every way to place the yes-answers of each unit."""
    loglik, score, information = 0.0, np.zeros(len(b)), np.zeros((len(b), len(b)))
    for g in np.unique(unit):
        rows, yes = x[unit == g], int(y[unit == g].sum())
        sums = np.array([rows[list(chosen)].sum(axis=0) for chosen in combinations(range(len(rows)), yes)])
        eta = sums @ b
        chance = np.exp(eta - logsumexp(eta))
        mean = chance @ sums
        observed = rows[y[unit == g]].sum(axis=0)
        loglik += weight[g] * (observed @ b - logsumexp(eta))
        score += weight[g] * (observed - mean)
        information += weight[g] * (sums - mean).T @ ((sums - mean) * chance[:, None])
    return loglik, score, information


@st.composite
def data_sets(draw):
    """Units of 2 to 8 rows with both answers, whole-number or continuous covariates, weights."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    sizes = draw(st.lists(st.integers(2, 8), min_size=1, max_size=6))
    p = draw(st.integers(1, 3))
    unit = np.repeat(np.arange(len(sizes)), sizes)
    x = rng.normal(size=(len(unit), p)) * draw(st.sampled_from([0.01, 1.0, 30.0]))
    if draw(st.booleans()):
        x = rng.integers(0, 3, size=x.shape).astype(float)
    y = rng.random(len(unit)) < draw(st.floats(0.1, 0.9))
    for g in range(len(sizes)):
        rows = np.flatnonzero(unit == g)
        y[rows[0]], y[rows[1]] = True, False
    return y, x, unit, rng.uniform(0.2, 3, len(sizes)), rng.normal(size=p)


@settings(max_examples=80, deadline=None)
@given(data_sets())
def test_enumeration(data):
    y, x, unit, weight, b = data
    found = evaluate(build(y, x, unit, weight), b)
    loglik, score, information = enumerate_units(y, x, unit, weight, b)
    size = 1 + np.abs(x).max()
    assert found.loglik == pytest.approx(loglik, abs=1e-9 * size, rel=1e-10)
    assert found.score == pytest.approx(score, abs=1e-9 * size)
    assert found.information == pytest.approx(information, abs=1e-9 * size**2)


@settings(max_examples=30, deadline=None)
@given(data_sets())
def test_numerical_derivatives(data):
    y, x, unit, weight, b = data
    x = x / (1 + np.abs(x).max())
    patterns = build(y, x, unit, weight)
    found, h = evaluate(patterns, b), 1e-5
    for j, e in enumerate(np.eye(len(b)) * h):
        up, down = evaluate(patterns, b + e), evaluate(patterns, b - e)
        assert found.score[j] == pytest.approx((up.loglik - down.loglik) / (2 * h), abs=1e-7)
        assert -found.information[j] == pytest.approx((up.score - down.score) / (2 * h), abs=1e-7)


@settings(max_examples=30, deadline=None)
@given(data_sets(), st.integers(0, 1000))
def test_order_shift_and_mirror_do_not_matter(data, seed):
    y, x, unit, weight, b = data
    one = evaluate(build(y, x, unit, weight), b)
    order = np.random.default_rng(seed).permutation(len(y))
    for other in (
        build(y[order], x[order], unit[order], weight),
        build(y, x + unit[:, None] * 3.0, unit, weight),
        build(~y, -x, unit, weight),
    ):
        assert evaluate(other, b).loglik == pytest.approx(one.loglik, abs=1e-8, rel=1e-9)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 3))
def test_two_waves_are_logistic_regression_on_differences(seed, p):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(40, 2, p))
    first = rng.random(40) < 0.5
    y = np.stack([first, ~first], axis=1)
    patterns = build(y.reshape(-1), x.reshape(-1, p), np.repeat(np.arange(40), 2), np.ones(40))
    b = rng.normal(size=p)
    d = np.where(first[:, None], x[:, 0] - x[:, 1], x[:, 1] - x[:, 0])
    found = evaluate(patterns, b)
    assert found.loglik == pytest.approx(-np.log1p(np.exp(-d @ b)).sum())
    q = 1 / (1 + np.exp(-d @ b))
    assert found.score == pytest.approx(d.T @ (1 - q))
    assert found.information == pytest.approx((d * (q * (1 - q))[:, None]).T @ d)


@pytest.mark.parametrize("size", [700.0, 7e4])
def test_no_overflow(size):
    rng = np.random.default_rng(1)
    x = rng.uniform(-1, 1, size=(5, 8, 1))
    y = np.tile([True, True, True, False, False, False, False, True], (5, 1))
    patterns = build(y.reshape(-1), x.reshape(-1, 1), np.repeat(np.arange(5), 8), np.ones(5))
    found = evaluate(patterns, np.array([size]))
    # where x'b is huge the normaliser is its greatest term: the four highest x of each unit
    expected = sum(x[g, y[g], 0].sum() - np.sort(x[g, :, 0])[-4:].sum() for g in range(5)) * size
    assert found.loglik == pytest.approx(expected, rel=1e-9, abs=5.0)
    assert np.all(np.isfinite(found.score)) and np.all(np.isfinite(found.information)) and found.information[0, 0] >= 0


def test_sums_and_logarithms_agree(monkeypatch):
    import evalkit.numerics.conditional_logit as module

    rng = np.random.default_rng(6)
    unit = np.repeat(np.arange(30), 9)
    x, y = rng.normal(size=(270, 3)), rng.random(270) < 0.5
    y[::9], y[1::9] = True, False
    patterns, b = build(y, x, unit, np.ones(30)), rng.normal(size=3)
    plain = evaluate(patterns, b)
    monkeypatch.setattr(module, "SAFE", -np.inf)
    logs = evaluate(patterns, b)
    assert logs.loglik == pytest.approx(plain.loglik, rel=1e-13)
    assert logs.score == pytest.approx(plain.score, abs=1e-11)
    assert logs.information == pytest.approx(plain.information, rel=1e-11)


def test_hundreds_of_rows_in_a_unit():
    # 400 alike rows, 200 yes: C(400, 200) ways, far from what a sum could hold times e^(200 · x'b)
    x = np.linspace(-1, 1, 400)[:, None]
    y = np.arange(400) % 2 == 0
    patterns = build(y, x, np.zeros(400, dtype=int), np.ones(1))
    from scipy.special import gammaln

    ways = gammaln(401) - 2 * gammaln(201)
    assert evaluate(patterns, np.zeros(1)).loglik == pytest.approx(-ways, rel=1e-12)
    for b in (0.5, 3.0, 30.0):
        found, h = evaluate(patterns, np.array([b])), 1e-5
        up, down = evaluate(patterns, np.array([b + h])), evaluate(patterns, np.array([b - h]))
        assert found.score[0] == pytest.approx((up.loglik - down.loglik) / (2 * h), rel=1e-6)


def test_identical_units_are_counted_once():
    wave = np.tile([0.0, 1.0], 100)
    y = np.array([[0, 1]] * 70 + [[1, 0]] * 30, dtype=bool)
    patterns = build(y.reshape(-1), wave[:, None], np.repeat(np.arange(100), 2), np.ones(100))
    assert patterns.n_patterns == 2
    assert sorted(block.units.tolist() for block in patterns.blocks) == [[30, 70]] or sorted(
        patterns.blocks[0].units.tolist()
    ) == [30, 70]
    assert fit(patterns).params[0] == pytest.approx(np.log(70 / 30))


def test_rows_in_another_order_are_the_same_pattern():
    x = np.array([[1.0, 0], [2, 5], [3, 1], [3, 1], [1, 0], [2, 5]])
    y = np.array([1, 0, 0, 0, 1, 0], dtype=bool)
    patterns = build(y, x, np.repeat([0, 1], 3), np.array([2.0, 3.0]))
    assert patterns.n_patterns == 1 and patterns.weight == 5 and patterns.of_unit.tolist() == [0, 0]
    back_y, back_x, number, weight, units = rows_of(patterns)
    assert len(back_y) == len(back_x) == len(number) == 3 and weight.tolist() == [5] and units.tolist() == [2]


def test_differences_are_yes_minus_no():
    x = np.array([[1.0], [4.0], [9.0]])
    patterns = build(np.array([1, 0, 1], dtype=bool), x, np.zeros(3, dtype=int), np.ones(1))
    assert differences(patterns).tolist() == [[-3.0], [5.0]]


def test_chunks_do_not_change_the_sum(monkeypatch):
    import evalkit.numerics.conditional_logit as module

    rng = np.random.default_rng(4)
    unit = np.repeat(np.arange(500), 5)
    x, y = rng.normal(size=(2500, 2)), rng.random(2500) < 0.5
    y[::5], y[1::5] = True, False
    patterns = build(y, x, unit, np.ones(500))
    whole = evaluate(patterns, np.array([0.3, 0.2]))
    scores = unit_scores(patterns, np.array([0.3, 0.2]))
    monkeypatch.setattr(module, "CHUNK", 100)
    parts = evaluate(patterns, np.array([0.3, 0.2]))
    assert parts.loglik == pytest.approx(whole.loglik)
    assert parts.information == pytest.approx(whole.information)
    assert scores[patterns.of_unit].sum(axis=0) == pytest.approx(whole.score)


def test_the_certificate_proves_and_never_proves_too_much():
    wave = np.array([[0.0], [1.0]])

    def of(up, down):
        y = np.array([[0, 1]] * up + [[1, 0]] * down, dtype=bool).reshape(-1)
        n = up + down
        return build(y, np.tile(wave, (n, 1)), np.repeat(np.arange(n), 2), np.ones(n))

    for up, down in [(3, 1), (1000, 1), (1, 1)]:
        patterns = of(up, down)
        found = maximise(lambda b, q=patterns: evaluate(q, b), np.zeros(1))
        assert certified(patterns, found)
    for up in (1, 12, 100_000):
        patterns = of(up, 0)
        for steps in range(1, 40):
            found = maximise(lambda b, q=patterns: evaluate(q, b), np.zeros(1), max_iter=steps, tol=0.0)
            assert not certified(patterns, found)


@pytest.mark.parametrize("far", [800.0, -800.0])
def test_a_flat_ridge_is_no_maximum(far):
    # five up: at 800 score and information are nought, as at a maximum; the log-likelihood rises to one side only
    def of(up, down):
        y = np.array([[0, 1]] * up + [[1, 0]] * down, dtype=bool).reshape(-1)
        n = up + down
        return build(y, np.tile([[0.0], [1.0]], (n, 1)), np.repeat(np.arange(n), 2), np.ones(n))

    turned = of(5, 0) if far > 0 else of(0, 5)
    stopped = maximise(lambda b: evaluate(turned, b), np.array([far]))
    assert stopped.converged and stopped.value.loglik == 0
    assert not certified(turned, stopped) and not peaked(turned, stopped)
    both = of(5, 3)
    assert peaked(both, maximise(lambda b: evaluate(both, b), np.zeros(1)))


def test_values_within_the_tolerance_are_the_lowest_of_them():
    x = np.array([[0.3], [0.1 + 0.2], [0.5], [0.3 - 1e-16]])
    patterns = build(np.array([1, 0, 0, 1], dtype=bool), x, np.zeros(4, dtype=int), np.ones(1))
    assert sorted(patterns.blocks[0].x[:, 0, 0]) == [0, 0, 0, pytest.approx(0.2)]
    assert patterns.tolerance == pytest.approx([0.5e-11]) and patterns.unchanged.tolist() == [1]
