"""A direction of separation is found where there is one, never where there is none, and its limit is the right one."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evalkit.numerics.conditional_logit import evaluate, maximise
from evalkit.numerics.fitting import fit
from evalkit.numerics.patterns import build
from evalkit.numerics.separation import (
    FINITE,
    MINUS,
    PLUS,
    UNDETERMINED,
    find_direction,
    informing,
    limit,
    row_space,
    statuses,
)


def direction_exists(rows):
    """By hand for whole-number rows in two columns: one of the rows' normals, or a sum of two, is such a direction."""
    normals = [np.array(v) for r in rows for v in ((-r[1], r[0]), (r[1], -r[0]), tuple(r))]
    candidates = normals + [a + b for a, b in product(normals, normals)]
    return any((rows @ v >= 0).all() and (rows @ v > 0).any() for v in candidates)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(-3, 3), st.integers(-3, 3)), min_size=1, max_size=6))
def test_whole_number_rows(pairs):
    rows = np.array(pairs, dtype=float)
    # a unit for each row: yes at the row, no at the origin
    x = np.stack([rows, np.zeros_like(rows)], axis=1).reshape(-1, 2)
    y, unit = np.tile([True, False], len(rows)), np.repeat(np.arange(len(rows)), 2)
    v = find_direction(build(y, x, unit, np.ones(len(rows))), np.arange(2))
    assert (v is not None) == direction_exists(rows)
    if v is not None:
        assert (rows @ v >= -1e-9).all() and (rows @ v).max() > 1e-9


def test_nothing_to_separate():
    patterns = build(np.array([True, False]), np.zeros((2, 2)), np.zeros(2, dtype=int), np.ones(1))
    assert find_direction(patterns, np.arange(2)) is None
    assert row_space(patterns, np.arange(2)).shape == (2, 0)
    assert not limit(patterns).separated


def two_waves(up, down, columns):
    """Units that went up or down; columns maps the unit's number to its covariates in the second wave."""
    n = up + down
    x = np.zeros((n, 2, len(columns(0))))
    for g in range(n):
        x[g, 1] = columns(g)
    y = np.array([[0, 1]] * up + [[1, 0]] * down, dtype=bool)
    return build(y.reshape(-1), x.reshape(2 * n, -1), np.repeat(np.arange(n), 2), np.ones(n))


def test_statuses():
    # units 0 and 1 up, both with the second column on; units 2 and 3 one each way
    patterns = two_waves(3, 1, lambda g: (1.0, float(g < 2)))
    assert statuses(patterns, limit(patterns)).tolist() == [FINITE, PLUS]
    turned = two_waves(3, 1, lambda g: (1.0, -float(g < 2)))
    assert statuses(turned, limit(turned)).tolist() == [FINITE, MINUS]
    everyone = two_waves(3, 0, lambda g: (1.0, float(g < 2)))
    assert statuses(everyone, limit(everyone)).tolist() == [PLUS, UNDETERMINED]
    nobody = two_waves(3, 3, lambda g: (1.0, float(g in (0, 3))))
    assert not limit(nobody).separated


def test_the_limit_is_where_the_likelihood_goes():
    rng = np.random.default_rng(11)
    n, rows = 12, 4
    x = rng.normal(size=(n, rows, 2))
    y = np.zeros((n, rows), dtype=bool)
    d = np.zeros((n, rows))
    for g in range(n):
        # the second and third rows lie above the others by d; of the tied first and last one says yes
        d[g, 1] = d[g, 2] = 1.0
        y[g, 1] = y[g, 2] = True
        y[g, 0 if rng.random() < 0.5 else 3] = True
    whole = np.concatenate([x, d[:, :, None]], axis=2)
    patterns = build(y.reshape(-1), whole.reshape(-1, 3), np.repeat(np.arange(n), rows), np.ones(n))
    found = fit(patterns)
    assert found.status.tolist() == [FINITE, FINITE, PLUS]
    far = maximise(lambda b: evaluate(patterns, b), np.zeros(2), basis=np.eye(3)[:, :2], origin=np.array([0, 0, 40.0]))
    assert found.params[:2] == pytest.approx(far.params[:2], abs=1e-9)
    assert found.loglik == pytest.approx(far.value.loglik, abs=1e-9)
    assert found.cov[:2, :2] == pytest.approx(np.linalg.inv(far.value.information[:2, :2]), abs=1e-8)
    assert found.certified


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(3, 8), st.integers(2, 4))
def test_the_bound_is_reached_from_below_in_every_case(seed, units, rows):
    """Small whole-number data are often separated: the bound equals the likelihood far out, and is never passed."""
    rng = np.random.default_rng(seed)
    x = rng.integers(0, 3, size=(units, rows, 2)).astype(float)
    y = rng.random((units, rows)) < 0.5
    y[:, 0], y[:, 1] = True, False
    patterns = build(y.reshape(-1), x.reshape(-1, 2), np.repeat(np.arange(units), rows), np.ones(units))
    if np.linalg.matrix_rank((x - x.mean(axis=1, keepdims=True)).reshape(-1, 2)) < 2:
        return
    found = fit(patterns)
    best = maximise(lambda b: evaluate(patterns, b), np.zeros(2), max_iter=25, tol=1e-9)  # further out it rounds
    assert found.loglik >= best.value.loglik - 1e-9
    assert found.loglik == pytest.approx(best.value.loglik, abs=1e-5)
    finite = found.status == FINITE
    assert np.isfinite(found.params[finite]).all() and not np.isfinite(found.params[~finite]).any()
    assert found.params[finite] == pytest.approx(best.params[finite], abs=1e-3)
    assert found.converged


def test_thousands_of_units_take_few_rounds():
    rng = np.random.default_rng(5)
    units, rows = 3000, 6
    x = rng.normal(size=(units, rows, 3))
    y = rng.random((units, rows)) < 0.5
    y[:, 0], y[:, 1] = True, False
    some = rng.random(units) < 0.1
    x[:, :, 0] = y * some[:, None]  # a dummy that is on for the yes-answers of a tenth of the units
    patterns = build(y.reshape(-1), x.reshape(-1, 3), np.repeat(np.arange(units), rows), np.ones(units))
    found = fit(patterns)
    assert found.status.tolist() == [PLUS, FINITE, FINITE] and found.certified
    others = ~some
    rest = build(
        y[others].reshape(-1),
        x[others][:, :, 1:].reshape(-1, 2),
        np.repeat(np.arange(others.sum()), rows),
        np.ones(others.sum()),
    )
    assert found.params[1:] == pytest.approx(fit(rest).params, abs=1e-9)


def test_scale_of_the_columns_does_not_matter():
    small = two_waves(3, 1, lambda g: (1e-7, 1e9 * float(g < 2)))
    assert fit(small).status.tolist() == [FINITE, PLUS]
    assert fit(small).params[0] * 1e-7 == pytest.approx(
        fit(two_waves(3, 1, lambda g: (1.0, float(g < 2)))).params[0], abs=1e-9
    )


def test_a_sign_is_not_taken_from_the_rounding_of_a_direction():
    # ends in tenths at 1000: (2, 1, 2), (−3, −2, −3), (0, 0, 1), (−1, 1, 1); three halves of the first and the second
    # add up to (0, −1/2, 0), so the second coefficient is negative in every direction that separates these two
    yes = np.array([[3, 2, 2], [0, 0, 0], [2, 2, 3], [2, 3, 1]])
    no = np.array([[1, 1, 0], [3, 2, 3], [2, 2, 2], [3, 2, 0]])
    for x in (1000 + np.stack([yes, no], axis=1).reshape(-1, 3) / 10, np.stack([yes, no], axis=1).reshape(-1, 3)):
        patterns = build(np.tile([True, False], 4), x.astype(float), np.repeat(np.arange(4), 2), np.ones(4))
        assert fit(patterns).status[1] == MINUS


def test_a_pair_against_by_little_is_against():
    # units 0 to 4 up with x by one, unit 5 against by 1e-9; the first column goes both ways
    def patterns(against):
        return two_waves(6, 4, lambda g: (1.0, 1.0 if g < 5 else against if g == 5 else 0.0))

    assert not limit(patterns(-1e-9)).separated
    for none in (0.0, -1e-12, 1e-12):
        assert statuses(patterns(none), limit(patterns(none))).tolist() == [FINITE, PLUS]
    assert patterns(-1e-12).unchanged.tolist() == [0, 1] and patterns(-1e-9).unchanged.tolist() == [0, 0]


def test_which_units_send_a_coefficient_to_infinity():
    # units 0 and 1 up with the second column on, 2 up and 3 down without it
    patterns = two_waves(3, 1, lambda g: (1.0, float(g < 2)))
    assert informing(patterns, 1)[patterns.of_unit].tolist() == [True, True, False, False]
    assert not informing(patterns, 0).any()  # it stays finite
