"""A gap in a column that a formula names leaves its row out, whatever stands around the name, and is counted."""

import numpy as np
import pandas as pd
import pytest
from formulaic import Formula

from evalkit.errors import DataError
from evalkit.estimates import regression
from evalkit.estimates.formula import columns_named
from evalkit.weights import Design


def data():
    random = np.random.default_rng(2)
    x, z = random.normal(size=60).round(2), random.choice(["a", "b", "c"], 60)
    y = (random.random(60) < 1 / (1 + np.exp(-0.7 * x))).astype(float)
    return pd.DataFrame({"y": y, "x": x, "z": z, "the x": x, "a.b": x})


@pytest.mark.parametrize(
    "formula",
    [
        "y ~ x",
        "y ~ scale(x)",
        "y ~ center(x) + z",
        "y ~ poly(x, 2)",
        "y ~ bs(x, df=4)",
        "y ~ scale(np.exp(x)) * z",
        "y ~ scale(`the x`)",
        'y ~ Q("the x") + z',
        "y ~ center(I(x ** 2)) + C(z)",
    ],
)
def test_the_row_is_left_out_as_if_by_hand(formula):
    full = data()
    gone = full.copy()
    gone.loc[7, ["x", "the x"]] = np.nan
    found, by_hand = regression(Design(gone), formula), regression(Design(full.drop(index=7)), formula)
    assert found.missing == 1 and by_hand.missing == 0
    np.testing.assert_allclose(found.params, by_hand.params, rtol=1e-12)
    # a domain's variance has the n/(n − 1) of the whole design, here 60/59 beside 59/58
    np.testing.assert_allclose(found.cov * 59 / 60, by_hand.cov * 58 / 59, rtol=1e-9)


def test_scale_is_rs():
    """R 4.2.2, svyglm(y ~ scale(x), svydesign(~1, weights = ~w), family = quasibinomial()): −0.3292752, 2.1625075."""
    frame = pd.DataFrame({"y": [0, 1, 0, 1, 1, 0, 1, 0], "x": [1.0, 2, 3, 4, np.nan, 2, 5, 1]})
    model = regression(Design(frame), "y ~ scale(x)")
    np.testing.assert_allclose(model.params, [-0.3292752, 2.1625075], atol=1e-6)
    assert model.missing == 1


def test_an_outcome_that_is_worked_out_keeps_its_gaps():
    """x > 0 of a gap is False to pandas; the row is not an answer of no."""
    frame = data().assign(out=lambda f: f["x"])
    frame.loc[3, "out"] = np.nan
    assert regression(Design(frame), "I(out > 0) ~ z").missing == 1


@pytest.mark.parametrize(
    ("term", "want"),
    [
        ("x", ["x"]),
        ("scale(x) + center(z):poly(w, 2)", ["w", "x", "z"]),
        ("C(z, contr.sum)", ["z"]),
        ("np.log(x + 1)", ["x"]),
        ("log(log)", ["log"]),
        ("C(x)", ["x"]),
        ("a.b + x.abs()", ["a.b", "x"]),
        ("scale(a.b)", ["a.b"]),
        ("scale(`the x`) + `the x`", ["the x"]),
        ('center(Q("the x"))', ["the x"]),
        ("bs(x, df=4, degree=3)", ["x"]),
        ("scale(nowhere)", ["nowhere"]),
        ("1", []),
    ],
)
def test_what_a_formula_names(term, want):
    assert columns_named(Formula(term, _ordering="none"), [*data(), "w", "log", "C"]) == want


def test_what_is_not_finite_without_a_gap_is_refused_with_its_place():
    frame = data().set_index(np.arange(100, 160))
    frame.loc[104, "x"] = 0.0
    with pytest.raises(DataError, match="row 104") as error:
        regression(Design(frame.assign(x=frame["x"].abs())), "y ~ np.log(x)")
    assert "np.log(x)" in str(error.value) and "-inf" in str(error.value)
