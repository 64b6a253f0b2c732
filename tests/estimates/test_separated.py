"""A separated regression says ∞ and keeps what R survey keeps; penalised likelihood is finite, as worked out apart."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize

from evalkit.errors import MethodError
from evalkit.estimates import adjusted, regression
from evalkit.numerics.glm_firth import fit_firth
from evalkit.numerics.logit_limit import limit
from evalkit.weights import Design, replicate

ORACLE = Path(__file__).resolve().parents[1] / "oracle" / "points"
FINITE = ["Intercept", "size[T.M]", "z"]


@pytest.fixture
def data():
    frame = pd.read_csv(ORACLE / "separated.csv")
    return frame.assign(size=pd.Categorical(frame["size"], ["L", "M", "S"]))


@pytest.fixture(scope="module")
def r_values():
    return json.loads((ORACLE / "points.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("name", "arguments"),
    [("plain", {}), ("weighted", {"weights": "w"}), ("strata", {"weights": "w", "strata": "h", "fpc": "N"})],
)
def test_the_others_are_rs(data, r_values, name, arguments):
    model = regression(Design(data, **arguments), "y ~ size + z")
    assert model.params["size[T.S]"] == np.inf and np.isnan(model.std_errors["size[T.S]"])
    assert model.separated == ("size[T.S]",) and "size[T.S] +∞" in model.note
    want = r_values[f"separated_{name}"]
    np.testing.assert_allclose([*model.params[FINITE], *model.std_errors[FINITE]], want[:6], rtol=2e-6)
    assert model.df == want[6]
    assert model.frame().attrs["notes"] == (model.note,)
    assert np.isnan(model.wald(["size"])["p_value"][0]) and model.wald(["z"])["p_value"][0] < 0.01


def test_the_limit_is_the_fit_without_the_rows_that_are_certain(data):
    """Rows of S add nothing to the likelihood where their chance of yes is 1, so the rest is the fit without them."""
    model = regression(Design(data), "y ~ size + z")
    rest = data[data["size"] != "S"].assign(size=lambda f: f["size"].cat.remove_unused_categories())
    without = regression(Design(rest.reset_index(drop=True)), "y ~ size + z")
    np.testing.assert_allclose(model.params[FINITE], without.params, rtol=1e-9)
    # n/(n − 1) is of all 120 in the one and of 95 in the other
    np.testing.assert_allclose(model.std_errors[FINITE] ** 2 * 119 / 120, without.std_errors**2 * 94 / 95, rtol=1e-9)


def test_weights_of_what_is_certain_do_not_matter_to_the_others(data):
    want = regression(Design(data, weights="w"), "y ~ size + z")
    heavy = data.assign(w=np.where(data["size"] == "S", 1000.0, data["w"]))
    found = regression(Design(heavy, weights="w"), "y ~ size + z")
    np.testing.assert_allclose(found.params[FINITE], want.params[FINITE], rtol=1e-9)
    np.testing.assert_allclose(found.std_errors[FINITE], want.std_errors[FINITE], rtol=1e-9)


def test_signs_undetermined_and_order_of_rows(data):
    down = regression(Design(data.assign(y=1 - data["y"])), "y ~ size + z")
    assert down.params["size[T.S]"] == -np.inf
    first = data.assign(size=data["size"].cat.reorder_categories(["S", "L", "M"]))
    model = regression(Design(first), "y ~ size + z")
    assert model.params[["Intercept", "size[T.L]", "size[T.M]"]].tolist() == [np.inf, -np.inf, -np.inf]
    assert np.isfinite(model.params["z"]) and np.isfinite(model.std_errors["z"])
    # two groups of one answer each: against a mixed reference both are infinite; their own difference is not known
    two = data[data["size"] != "L"].assign(y=lambda f: (f["size"] == "S").astype(int)).reset_index(drop=True)
    two = pd.concat([two, data[data["size"] == "L"].assign(y=[0, 1] * 25)], ignore_index=True)
    ends = regression(Design(two), "y ~ size").params
    assert ends[["size[T.M]", "size[T.S]"]].tolist() == [-np.inf, np.inf]
    shuffled = data.sample(frac=1, random_state=3).reset_index(drop=True)
    same = regression(Design(shuffled), "y ~ size + z")
    np.testing.assert_allclose(same.params[FINITE], regression(Design(data), "y ~ size + z").params[FINITE], rtol=1e-9)
    copied = regression(Design(data.assign(double=(data["size"] == "S") * 1.0)), "y ~ size + z + double")
    assert copied.params["size[T.S]"] == np.inf and np.isnan(copied.params["double"])


@pytest.mark.parametrize("scale", [1e-13, 1.0, 1e12])
def test_the_unit_of_measurement_does_not_matter(data, scale):
    model = regression(Design(data.assign(z=data["z"] * scale)), "y ~ size + z")
    plain = regression(Design(data), "y ~ size + z")
    assert model.separated == ("size[T.S]",)
    np.testing.assert_allclose(model.params["z"] * scale, plain.params["z"], rtol=1e-6)
    np.testing.assert_allclose(model.std_errors["z"] * scale, plain.std_errors["z"], rtol=1e-6)


def test_separated_only_where_a_direction_says_so():
    """Enumerated: one covariate and an intercept are separated exactly where all yes lie on one side of all no."""
    random = np.random.default_rng(5)
    for _ in range(200):
        x, y = random.integers(0, 4, 7).astype(float), random.integers(0, 2, 7).astype(float)
        yes, no = x[y == 1], x[y == 0]
        apart = not len(yes) or not len(no) or yes.min() >= no.max() or no.min() >= yes.max()
        apart &= len(set(x)) > 1 or not len(yes) or not len(no)
        found = limit(np.column_stack([np.ones(7), x]), y, np.ones(7))
        assert (found is not None) == apart


def test_an_interaction_that_is_certain_is_seen():
    """Newton's steps die at a predictor of 29 here, where they look converged; cell by cell the chances are shares."""
    cells = {("a", 0): (5, 7), ("a", 1): (9, 0), ("b", 0): (1, 5), ("b", 1): (5, 4), ("c", 0): (6, 5), ("c", 1): (7, 3)}
    rows = [(g, h, y) for (g, h), (yes, no) in cells.items() for y in [1] * yes + [0] * no]
    found = regression(Design(pd.DataFrame(rows, columns=["g", "h", "y"])), "y ~ g * h")
    log_odds = {cell: np.log(yes / no) if no else np.inf for cell, (yes, no) in cells.items()}
    want = [log_odds["a", 0], *(log_odds[g, 0] - log_odds["a", 0] for g in "bc"), np.inf, -np.inf, -np.inf]
    np.testing.assert_allclose(found.params, want, rtol=1e-9)
    # y(1 − y)/n of each cell, with n/(n − 1) of the 57
    one, two = (yes * no / (yes + no) for yes, no in ((5, 7), (1, 5)))
    assert found.std_errors["g[T.b]"] == pytest.approx(np.sqrt((1 / one + 1 / two) * 57 / 56))


def test_what_differs_between_directions_is_undetermined():
    """All yes at x > 0, all no below: any line between 0 ± gap separates, so only the slope has a sign."""
    data = pd.DataFrame({"x": [-3.0, -2, -1, 1, 2, 3], "y": [0, 0, 0, 1, 1, 1]})
    found = regression(Design(data), "y ~ x")
    assert found.params["x"] == np.inf and np.isnan(found.params["Intercept"])
    assert found.limit is not None
    mean, _ = found.limit.predict(np.column_stack([np.ones(5), [-9.0, -1, 0.5, 1, 9]]))
    np.testing.assert_array_equal(mean, [0, 0, np.nan, 1, 1])


def test_adjusted_margins_are_the_limits(data):
    found = adjusted(Design(data, weights="w"), "y", by="size", covariates=["z"])
    margins = found.attrs["margins"]
    assert margins["S"] == pytest.approx(1, abs=1e-12)
    # by hand: L's margin is the mean chance over everybody's z, from R's coefficients of the weighted fit
    chance = 1 / (1 + np.exp(-(0.822989183416 + 1.204197192753 * data["z"])))
    assert margins["L"] == pytest.approx(np.average(chance, weights=data["w"]), rel=1e-6)
    found = found.set_index("size")
    assert found.loc["S", "estimate"] == pytest.approx(1 - margins["L"])
    assert np.isnan(found.loc["S", ["std_error", "ci_low", "p_value"]].astype(float)).all()
    assert found.loc["M", "std_error"] > 0 and found.loc["M", "p_value"] < 0.2
    assert all("separation" in text for _, text in found.attrs["notes"]) and len(found.attrs["notes"]) == 2


def test_replicates_keep_the_others(data):
    design = replicate(Design(data, weights="w"), "jackknife")
    model, plain = regression(design, "y ~ size + z"), regression(Design(data, weights="w"), "y ~ size + z")
    np.testing.assert_allclose(model.std_errors[FINITE], plain.std_errors[FINITE], rtol=0.2)
    assert np.isnan(model.std_errors["size[T.S]"])


def test_firth_of_a_saturated_model_adds_one_half():
    """Firth's penalty of one share is Jeffreys' prior: half a yes and half a no more in each group."""
    y = [1] * 12 + [1, 0, 0, 1, 0] * 4 + [1, 1, 0, 1] * 5
    data = pd.DataFrame({"size": pd.Categorical(["S"] * 12 + ["M"] * 20 + ["L"] * 20, ["L", "M", "S"]), "y": y})
    model = regression(Design(data), "y ~ size", penalty="firth")
    large, middle, small = np.log(15.5 / 5.5), np.log(8.5 / 12.5), np.log(12.5 / 0.5)
    np.testing.assert_allclose(model.params, [large, middle - large, small - large], rtol=1e-8)
    information = {n: n * (p + 0.5) / (n + 1) * (1 - (p + 0.5) / (n + 1)) for n, p in ((20, 15), (12, 12))}
    assert model.std_errors["Intercept"] == pytest.approx(information[20] ** -0.5)
    assert model.std_errors["size[T.S]"] == pytest.approx(np.sqrt(1 / information[20] + 1 / information[12]))
    assert "Firth" in model.note and "approximation" not in model.note and model.separated == ()


def test_firth_is_the_maximum_of_the_penalised_likelihood(data):
    """Maximised again by scipy from the definition, l(β) + ½ log |X'WX|; with weights, scaled to Kish's effective n."""
    x = np.column_stack([np.ones(120), data["size"] == "M", data["size"] == "S", data["z"]]).astype(float)
    y, w = data["y"].to_numpy(dtype=float), data["w"].to_numpy()
    scaled = w * w.sum() / (w @ w)

    def loss(beta, weight):
        mu = 1 / (1 + np.exp(-x @ beta))
        like = weight @ (y * np.log(mu) + (1 - y) * np.log1p(-mu))
        return -like - 0.5 * np.linalg.slogdet(x.T @ (x * (weight * mu * (1 - mu))[:, None]))[1]

    for design, weight in ((Design(data), np.ones(120)), (Design(data, weights="w"), scaled)):
        model = regression(design, "y ~ size + z", penalty="firth")
        want = minimize(loss, np.zeros(4), args=(weight,), method="BFGS", options={"gtol": 1e-9}).x
        np.testing.assert_allclose(model.params, want, atol=1e-5)
        assert ("approximation" in model.note) == (weight is scaled)
    tenfold = regression(Design(data.assign(w=data["w"] * 10), weights="w"), "y ~ size + z", penalty="firth")
    np.testing.assert_allclose(tenfold.std_errors, model.std_errors, rtol=1e-9)


def test_firth_is_refused_where_it_cannot_be_honoured(data):
    with pytest.raises(MethodError, match="logistic"):
        regression(Design(data), "z ~ size", family="linear", penalty="firth")
    with pytest.raises(MethodError, match="no clusters"):
        regression(Design(data, clusters="h"), "y ~ size", penalty="firth")
    with pytest.raises(MethodError, match="unknown penalty"):
        regression(Design(data), "y ~ size", penalty="ridge")


def test_redundant_columns_under_the_penalty():
    x = np.column_stack([np.ones(6), [0, 1, 0, 1, 0, 1], [0, 2, 0, 2, 0, 2]]).astype(float)
    found = fit_firth(x, np.array([0, 1, 1, 1, 0, 1.0]), np.ones(6))
    assert found.kept.tolist() == [True, True, False] and found.params[2] == 0
    np.testing.assert_allclose(found.params[:2], [np.log(1.5 / 2.5), np.log(3.5 / 0.5) - np.log(1.5 / 2.5)], rtol=1e-8)


def test_a_far_value_is_not_separation(data):
    """A yes at z = 90 has a chance of 1 to all digits, so the fit is the one without it; only n/(n − 1) differs."""
    mixed = data[data["size"] != "S"][["y", "z"]].reset_index(drop=True)
    far = pd.concat([mixed, pd.DataFrame({"y": [1], "z": [90.0]})], ignore_index=True)
    found, without = regression(Design(far), "y ~ z"), regression(Design(mixed), "y ~ z")
    assert found.note == "" and found.separated == ()
    np.testing.assert_allclose(found.params, without.params, rtol=1e-8)
    np.testing.assert_allclose(found.cov * 95 / 96, without.cov * 94 / 95, rtol=1e-8)


def test_a_linear_fit_without_error_has_no_standard_errors():
    data = pd.DataFrame({"g": list("aabbcc"), "y": [0, 0, 1, 1, 0, 0]})
    found = regression(Design(data), "y ~ g", family="linear")
    assert "fitted without error" in found.note and found.std_errors.isna().all() and found.pvalues.isna().all()
    np.testing.assert_allclose(found.params, [0, 1, 0], atol=1e-12)
