"""The linear check estimates the change in percentage points over all who answered twice, worked out by hand."""

import numpy as np
import pytest

from evalkit.change import linear_probability, paired_change
from evalkit.errors import DataError, MethodError


def test_two_waves_are_the_mean_change(make):
    data = make(up=19, down=6, never=31, always=10)
    fit = linear_probability("y ~ C(wave)", data, group="unit")
    change = paired_change(data, "y", unit="unit", wave="wave").iloc[0]
    assert fit.params.iloc[0] == pytest.approx(change["change"]) == pytest.approx(13 / 66)
    # clustered: √(Σ(d − d̄)²)/n · √(G/(G − 1)), linearmodels' group_debias
    deviations = 25 - 66 * (13 / 66) ** 2
    assert fit.std_errors.iloc[0] == pytest.approx(np.sqrt(deviations) / 66 * np.sqrt(66 / 65))
    assert (fit.df, fit.nobs, fit.n_groups) == (65, 132, 66)
    assert "over all units that answered at least twice" in fit.estimand


def test_interval_and_p_value_are_students(make):
    fit = linear_probability("y ~ C(wave)", make(up=12, down=4, never=4), group="unit")
    half = 2.0930240544 * fit.std_errors.iloc[0]  # R: qt(0.975, 19)
    assert fit.conf_int().iloc[0].to_list() == pytest.approx([0.4 - half, 0.4 + half])
    assert 0 < fit.pvalues.iloc[0] < 1


def test_within_least_squares(panel):
    fit = linear_probability("y ~ a + b", panel, group="id")
    inner = panel[["y", "a", "b"]] - panel.groupby("id")[["y", "a", "b"]].transform("mean")
    expected = np.linalg.lstsq(inner[["a", "b"]].to_numpy(), inner["y"].to_numpy(), rcond=None)[0]
    assert fit.params.to_numpy() == pytest.approx(expected)


def test_what_is_left_out_is_said(panel, make):
    data = panel.assign(size=panel["id"] % 3, again=panel["a"] * 2).astype({"a": float})
    data.loc[0, "a"] = np.nan
    fit = linear_probability("y ~ a + again + size", data, group="id")
    assert fit.omitted == {
        "size": "does not vary within any unit that changed",
        "again": "collinear within units with a",
    } or set(fit.omitted) == {"size", "again"}
    assert "missing a" in fit.dropped["why"].to_list()
    assert fit.nobs + fit.dropped["rows"].sum() == len(data)


def test_weights(panel):
    plain = linear_probability("y ~ a", panel, group="id")
    equal = linear_probability("y ~ a", panel.assign(v=3.0), group="id", weights="v")
    assert equal.params["a"] == pytest.approx(plain.params["a"])
    assert linear_probability("y ~ a", panel, group="id", weights="w").params["a"] != pytest.approx(plain.params["a"])
    with pytest.raises(DataError, match="A weight is not positive"):
        linear_probability("y ~ a", panel.assign(v=0.0), group="id", weights="v")


def test_nobody_twice(make):
    data = make(up=2).assign(unit=range(4))
    with pytest.raises(MethodError, match="No unit answered twice"):
        linear_probability("y ~ C(wave)", data, group="unit")


def test_a_single_unit_is_counted_and_has_no_standard_error(make):
    """One unit that rose: the sign test's 2 · ½; limits are those of `paired_change`."""
    data = make(up=1, down=0, never=0, always=0)
    fit = linear_probability("y ~ C(wave)", data, group="unit")
    change = paired_change(data, "y", unit="unit", wave="wave").iloc[0]
    assert fit.params.iloc[0] == pytest.approx(1.0)
    assert np.isnan(fit.std_errors.iloc[0]) and fit.pvalues.iloc[0] == pytest.approx(1.0)
    assert fit.conf_int().iloc[0].tolist() == pytest.approx([change["ci_low"], change["ci_high"]])
