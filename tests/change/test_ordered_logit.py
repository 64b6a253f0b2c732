"""Blow-up and cluster: the clogit of R on the copies, units counted once; with two answers the plain logit."""

import numpy as np
import pandas as pd
import pytest

from evalkit.change import conditional_logit, ordered_logit
from evalkit.errors import DataError, MethodError


def test_two_waves_with_robust_errors(panel, r_values):
    expected = r_values["ordered"]
    fit = ordered_logit("level ~ a + b", panel[panel["wave"] <= 2], group="id")
    assert fit.params.to_numpy() == pytest.approx(expected["coef"], rel=1e-7)
    factor = np.sqrt(expected["units"] / (expected["units"] - 1))
    assert fit.std_errors.to_numpy() == pytest.approx(np.array(expected["robust_se"]) * factor, rel=1e-6)
    assert fit.cuts == (1, 2, 3) and fit.n_groups == 60


def test_all_waves(panel, r_values):
    fit = ordered_logit("level ~ a + b", panel, group="id")
    assert fit.params.to_numpy() == pytest.approx(r_values["ordered_all"]["coef"], rel=1e-6)
    assert (fit.loglik_null, fit.loglik) == pytest.approx(r_values["ordered_all"]["loglik"], rel=1e-8)


def test_two_answers_are_the_conditional_logit(panel):
    plain = conditional_logit("y ~ a + b", panel, group="id", cov="robust")
    fit = ordered_logit("y ~ a + b", panel, group="id")
    assert fit.params.to_numpy() == pytest.approx(plain.params.to_numpy(), abs=1e-10)
    assert fit.std_errors.to_numpy() == pytest.approx(plain.std_errors.to_numpy(), rel=1e-9)
    assert (fit.nobs, fit.n_groups_used) == (plain.nobs, plain.n_groups_used)


def test_turning_the_scale_turns_the_sign(panel):
    fit = ordered_logit("level ~ a + b", panel, group="id")
    turned = ordered_logit("level ~ a + b", panel.assign(level=3 - panel["level"]), group="id")
    assert turned.params.to_numpy() == pytest.approx(-fit.params.to_numpy(), abs=1e-9)


def test_an_ordered_categorical_has_the_order_of_its_categories(panel):
    words = pd.Categorical(panel["level"].map(dict(enumerate("zyxw"))), categories=list("zyxw"), ordered=True)
    fit = ordered_logit("level ~ a + b", panel.assign(level=words), group="id")
    plain = ordered_logit("level ~ a + b", panel, group="id")
    assert fit.params.to_numpy() == pytest.approx(plain.params.to_numpy()) and fit.cuts == ("y", "x", "w")


def test_rows_left_out_are_counted_once(panel):
    data = panel.astype({"level": float})
    data.loc[[0, 7], "level"] = np.nan
    fit = ordered_logit("level ~ a", data, group="id")
    why = fit.dropped.set_index("why")["rows"]
    assert why["missing level"] == 2
    assert fit.nobs + why.sum() == len(data)


def test_weights_and_population(panel):
    fit = ordered_logit("level ~ a", panel, group="id", weights="w")
    assert fit.cov_type == "robust"
    whole = ordered_logit("level ~ a", panel, group="id")
    half = ordered_logit("level ~ a", panel, group="id", fpc=120)
    assert half.std_errors["a"] == pytest.approx(whole.std_errors["a"] * np.sqrt(0.5))


def test_what_is_refused(panel):
    with pytest.raises(DataError, match="The outcome has no order"):
        ordered_logit("word ~ a", panel.assign(word=panel["level"].astype(str)), group="id")
    with pytest.raises(DataError, match="The outcome has no order"):
        ordered_logit("word ~ a", panel.assign(word=pd.Categorical(panel["level"])), group="id")
    with pytest.raises(MethodError, match="The number of answers is not one an ordered logit can use"):
        ordered_logit("a ~ b", panel, group="id")
    with pytest.raises(MethodError, match="The population is smaller than the sample"):
        ordered_logit("level ~ a", panel, group="id", fpc=30)
    with pytest.raises(MethodError, match="The outcome is not a column"):
        ordered_logit("I(level + 1) ~ a", panel, group="id")
