"""Weighted, clustered and finite-population variances are svyglm's on within-unit differences."""

import numpy as np
import pandas as pd
import pytest

from evalkit.change import conditional_logit, ordered_logit
from evalkit.errors import DataError, MethodError


@pytest.fixture
def two(panel):
    return panel[panel["wave"] <= 2]


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("weights", {"weights": "w"}),
        ("weights_fpc", {"weights": "w", "fpc": 300}),
        ("weights_fpc", {"weights": "w", "fpc": 60 / 300}),
        ("weights_cluster", {"weights": "w", "cluster": "cl"}),
        ("robust", {"cov": "robust"}),
        ("robust", {"cluster": "id"}),
    ],
)
def test_svyglm(two, r_values, name, arguments):
    fit = conditional_logit("y ~ a + b", two, group="id", **arguments)
    assert fit.params.to_numpy() == pytest.approx(r_values[name]["coef"], rel=1e-8)
    assert fit.std_errors.to_numpy() == pytest.approx(r_values[name]["se"], rel=1e-6)
    assert fit.cov_type == "robust" and fit.n_groups_paired == 60


def test_robust_errors_of_case_and_controls(infert, r_values):
    fit = conditional_logit("case ~ spontaneous + induced", infert, group="stratum", cov="robust")
    expected = np.array(r_values["infert"]["robust_se"]) * np.sqrt(83 / 82)
    assert fit.std_errors.to_numpy() == pytest.approx(expected, rel=1e-8)


def test_the_scale_of_the_weights_does_not_matter(panel):
    one = conditional_logit("y ~ a + b", panel, group="id", weights="w")
    many = conditional_logit("y ~ a + b", panel.assign(w=panel["w"] * 1000), group="id", weights="w")
    assert many.params.to_numpy() == pytest.approx(one.params.to_numpy(), abs=1e-10)
    assert many.std_errors.to_numpy() == pytest.approx(one.std_errors.to_numpy(), rel=1e-8)
    assert many.loglik == pytest.approx(one.loglik)


def test_a_weight_of_two_is_two_units(panel):
    import pandas as pd

    doubled = pd.concat([panel, panel[panel["id"] <= 20].assign(id=lambda d: d["id"] + 1000)])
    weighted = conditional_logit("y ~ a + b", panel.assign(v=1 + (panel["id"] <= 20)), group="id", weights="v")
    copied = conditional_logit("y ~ a + b", doubled, group="id")
    assert weighted.params.to_numpy() == pytest.approx(copied.params.to_numpy(), abs=1e-9)


def test_equal_weights_change_nothing(panel):
    plain = conditional_logit("y ~ a + b", panel, group="id", cov="robust")
    fit = conditional_logit("y ~ a + b", panel.assign(v=7.0), group="id", weights="v")
    assert fit.std_errors.to_numpy() == pytest.approx(plain.std_errors.to_numpy(), rel=1e-10)


def test_everyone_asked_has_no_sampling_error(two):
    fit = conditional_logit("y ~ a + b", two, group="id", cov="robust", fpc=60)
    assert fit.std_errors.to_list() == [0, 0]
    interval = fit.conf_int(method="profile")
    assert interval["ci_low"].to_list() == fit.params.to_list() == interval["ci_high"].to_list()


def test_fractions_by_stratum(two):
    half = conditional_logit("y ~ a + b", two, group="id", cov="robust", fpc=0.5)
    column = conditional_logit("y ~ a + b", two.assign(f=0.5), group="id", cov="robust", fpc="f")
    plain = conditional_logit("y ~ a + b", two, group="id", cov="robust")
    assert column.std_errors.to_list() == half.std_errors.to_list()
    assert half.std_errors.to_numpy() == pytest.approx(plain.std_errors.to_numpy() * np.sqrt(0.5))
    # units of the first stratum were all asked: only the others' scores vary
    mixed = conditional_logit("y ~ a + b", two.assign(f=(two["id"] <= 30) * 1.0), group="id", cov="robust", fpc="f")
    assert (mixed.std_errors < plain.std_errors).all() and (mixed.std_errors > 0).all()


def test_weight_zero_is_outside_and_counted(panel):
    data = panel.assign(v=panel["w"].where(panel["id"] > 10, 0.0))
    fit = conditional_logit("y ~ a + b", data, group="id", weights="v")
    inside = conditional_logit("y ~ a + b", data[data["id"] > 10], group="id", weights="v")
    assert fit.params.to_numpy() == pytest.approx(inside.params.to_numpy())
    assert fit.std_errors.to_numpy() == pytest.approx(inside.std_errors.to_numpy())
    assert fit.dropped.set_index("why").loc["weight zero", "groups"] == 10


def test_profile_interval_under_weights_is_wider_by_the_design(panel):
    fit = conditional_logit("y ~ a + b", panel, group="id", weights="w")
    wald, profile = fit.conf_int(), fit.conf_int(method="profile")
    assert profile.to_numpy() == pytest.approx(wald.to_numpy(), abs=0.12)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"weights": "w", "cov": "information"}, "The inverse information is not a variance with weights."),
        ({"weights": "w", "penalty": "firth"}, "The penalised likelihood has no weights."),
        ({"cluster": "cl", "penalty": "firth"}, "The penalised likelihood has no cluster."),
        ({"cov": "robust", "penalty": "firth"}, "The penalised likelihood has no robust variance."),
        ({"fpc": 300}, "A finite population correction needs the sandwich variance."),
        ({"cluster": "cl", "fpc": 300}, "A population of units does not tell what share of the clusters was sampled."),
        ({"cov": "robust", "fpc": 12}, "The population is smaller than the sample."),
        ({"cov": "robust", "fpc": -1}, "fpc is not positive."),
        ({"cov": "HC3"}, "There is no such variance."),
        ({"penalty": "lasso"}, "There is no such penalty."),
        ({"cov": "robust", "fpc": "wave"}, "A unit has more than one value of a finite population."),
        ({"cov": "robust", "fpc": "size"}, "The finite population correction differs between units"),
    ],
)
def test_what_is_refused(panel, arguments, text):
    with pytest.raises((MethodError, DataError)) as error:
        conditional_logit("y ~ a + b", panel.assign(size=200.0 + panel["cl"]), group="id", **arguments)
    assert text in str(error.value)


def test_likelihood_ratio_under_weights_is_refused(panel):
    fit = conditional_logit("y ~ a + b", panel, group="id", weights="w")
    with pytest.raises(MethodError, match="A likelihood ratio is not a test under weights or clusters"):
        fit.lr_test()
    with pytest.raises(MethodError, match="The score test is of the plain likelihood only"):
        fit.score_test()
    assert fit.wald_test().df == 2


def test_weights_that_differ_name_the_unit(panel):
    data = panel.assign(w=panel["w"] + (panel.index == 5))
    with pytest.raises(DataError) as error:
        conditional_logit("y ~ a", data, group="id", weights="w")
    assert str(error.value).startswith("A unit has more than one value of a weight.")
    assert f"w, unit {data.loc[5, 'id']}" in str(error.value)
    with pytest.raises(DataError, match="A weight is negative or not finite"):
        conditional_logit("y ~ a", panel.assign(w=-1.0), group="id", weights="w")


def test_units_must_lie_within_clusters(panel):
    with pytest.raises(DataError) as error:
        conditional_logit("y ~ a", panel.assign(c=panel["wave"].astype(str)), group="id", cluster="c")
    assert "A unit has more than one value of a cluster." in str(error.value)
    assert "choose clusters that units lie within" in str(error.value)


@pytest.mark.parametrize("model", [conditional_logit, ordered_logit])
def test_units_of_weight_zero_were_not_asked(model):
    """They are outside the sampled fraction, the counts and the notes: as where their rows are not there."""
    rises = [1] * 6 + [0] * 3 + [None] * 3
    rows = [(i, t, 0 if rise is None else int(t == rise), i % 4) for i, rise in enumerate(rises) for t in (0, 1)]
    data = pd.DataFrame(rows, columns=["id", "t", "y", "w"])
    whole = model("y ~ t", data, group="id", weights="w", fpc=24)
    apart = model("y ~ t", data[data["w"] > 0], group="id", weights="w", fpc=24)
    assert whole.params["t"] == pytest.approx(apart.params["t"], abs=1e-12)
    assert whole.std_errors["t"] == pytest.approx(apart.std_errors["t"], rel=1e-12)
    assert (whole.n_groups_paired, whole.notes) == (apart.n_groups_paired, apart.notes)
    assert dict(whole.dropped.set_index("why")["groups"])["weight zero"] == 3
