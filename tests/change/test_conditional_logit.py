"""Coefficients, errors, likelihoods, tests and profile intervals are those of R's survival::clogit(method="exact")."""

import numpy as np
import pandas as pd
import pytest
from linearmodels.datasets import wage_panel

from evalkit.change import conditional_logit


def agrees(fit, expected, tolerance=1e-6):
    assert fit.params.to_numpy() == pytest.approx(np.atleast_1d(expected["coef"]), rel=tolerance, abs=1e-9)
    assert fit.std_errors.to_numpy() == pytest.approx(np.atleast_1d(expected["se"]), rel=tolerance)
    assert (fit.loglik_null, fit.loglik) == pytest.approx(expected["loglik"], rel=tolerance)
    assert fit.lr_test().statistic == pytest.approx(expected["lr"][0], rel=tolerance)
    assert fit.lr_test().pvalue == pytest.approx(expected["lr"][2], rel=tolerance)
    assert fit.wald_test().statistic == pytest.approx(expected["wald"], rel=1e-5)
    assert fit.score_test().statistic == pytest.approx(expected["score"], rel=1e-6)
    assert fit.converged and fit.certified and fit.separated == ()


def test_infert(infert, r_values):
    fit = conditional_logit("case ~ spontaneous + induced", infert, group="stratum")
    agrees(fit, r_values["infert"])
    assert fit.conf_int(method="profile").to_numpy() == pytest.approx(np.array(r_values["infert"]["profile"]), abs=1e-6)
    assert (fit.nobs, fit.n_groups, fit.n_groups_used) == (248, 83, 83)


def test_wage_panel(r_values):
    data = wage_panel.load()
    fit = conditional_logit("union ~ married + C(year)", data, group="nr")
    agrees(fit, r_values["wage_panel"])
    # 265 + 34 men never or always in a union say nothing of change
    assert fit.dropped.to_numpy().tolist() == [["outcome always 0", 265, 2120], ["outcome always 1", 34, 272]]
    assert fit.nobs + int(fit.dropped["rows"].sum()) == len(data) == 4360
    assert fit.n_groups_used == 545 - 265 - 34


def test_twowave(twowave, r_values):
    agrees(conditional_logit("y ~ wave", twowave, group="id"), r_values["twowave_1"])


def test_robek_three_waves(robek, r_values):
    agrees(conditional_logit("y ~ C(wave)", robek, group="code"), r_values["robek_1"])
    fit = conditional_logit("y ~ C(wave) * C(centrality)", robek, group="code")
    order = ["C(wave)[T.2012]", "C(wave)[T.2015]"]
    order += [f"C(wave)[T.{t}]:C(centrality)[T.{k}]" for k in (1, 2, 3) for t in (2012, 2015)]
    expected = r_values["robek_2"]
    assert fit.params[order].to_numpy() == pytest.approx(expected["coef"], abs=1e-8)
    assert fit.std_errors[order].to_numpy() == pytest.approx(expected["se"], rel=1e-7)
    assert fit.loglik == pytest.approx(expected["loglik"][1], abs=1e-9)
    assert set(fit.omitted) == {f"C(centrality)[T.{k}]" for k in (1, 2, 3)}
    assert fit.dropped.set_index("why").loc["missing y", "rows"] == 8  # 3 + 3 + 2 municipalities unknown


def test_units_of_different_length(panel, r_values):
    fit = conditional_logit("y ~ a + b", panel, group="id")
    agrees(fit, r_values["panel"])
    assert fit.conf_int(method="profile").to_numpy() == pytest.approx(np.array(r_values["panel"]["profile"]), abs=1e-6)


def test_wald_interval_and_p_value_are_normal(twowave):
    fit = conditional_logit("y ~ wave", twowave, group="id")
    # log(19/6) and sqrt(1/19 + 1/6), by hand
    assert fit.params["wave"] == pytest.approx(np.log(19 / 6), abs=1e-12)
    assert fit.std_errors["wave"] == pytest.approx(np.sqrt(1 / 19 + 1 / 6), abs=1e-12)
    z = np.log(19 / 6) / np.sqrt(1 / 19 + 1 / 6)
    assert fit.tstats["wave"] == pytest.approx(z, abs=1e-10)
    assert fit.pvalues["wave"] == pytest.approx(0.0138376735802564, rel=1e-9)  # R: 2 * pnorm(-2.46145)
    half = 1.959963984540054 * np.sqrt(1 / 19 + 1 / 6)
    assert fit.conf_int().loc["wave"].to_list() == pytest.approx([np.log(19 / 6) - half, np.log(19 / 6) + half])
    narrow, wide = fit.conf_int(0.8), fit.conf_int(0.99)
    assert narrow["ci_low"].iloc[0] > wide["ci_low"].iloc[0]


def test_score_test_is_mcnemars(make):
    fit = conditional_logit("y ~ C(wave)", make(19, 6, 20, 21), group="unit")
    assert fit.score_test().statistic == pytest.approx((19 - 6) ** 2 / 25)
    assert (fit.n_groups, fit.n_groups_paired, fit.n_groups_used) == (66, 66, 25)


def test_rows_units_and_names_may_be_of_any_kind(panel):
    plain = conditional_logit("y ~ a + b", panel, group="id")
    shuffled = panel.sample(frac=1, random_state=3)
    text = panel.assign(id="unit " + panel["id"].astype(str))
    category = text.assign(id=pd.Categorical(text["id"], categories=[*text["id"].unique(), "unit 99"]))
    boolean = panel.assign(y=panel["y"] == 1)
    nullable = panel.astype({"y": "Int64", "b": "Int64", "a": "Float64"})
    for data in (shuffled, text, category, boolean, nullable, panel.set_index("wave", drop=False)):
        fit = conditional_logit("y ~ a + b", data, group="id")
        assert fit.params.to_numpy() == pytest.approx(plain.params.to_numpy(), abs=1e-10)
        assert fit.loglik == pytest.approx(plain.loglik, abs=1e-10)


def test_missing_rows_are_left_out_and_counted(panel):
    data = panel.astype({"id": float})
    data.loc[0, "a"] = np.nan
    data.loc[[3, 4], "y"] = np.nan
    data.loc[10, "id"] = np.nan
    fit = conditional_logit("y ~ a + b", data, group="id")
    why = fit.dropped.set_index("why")["rows"]
    assert (why["missing a"], why["missing y"], why["missing id"]) == (1, 2, 1)
    assert fit.nobs + why.sum() == len(data)
    known = conditional_logit("y ~ a + b", data.dropna(), group="id")
    assert fit.params.to_numpy() == pytest.approx(known.params.to_numpy())


def test_one_row_units_are_counted():
    data = pd.DataFrame({"id": [1, 1, 2, 2, 3], "wave": [0, 1, 0, 1, 0], "y": [0, 1, 1, 0, 1]})
    fit = conditional_logit("y ~ wave", data, group="id")
    assert fit.dropped.to_numpy().tolist() == [["one row", 1, 1]]
    assert fit.n_groups == 3 and fit.n_groups_used == 2


def test_what_does_not_vary_is_omitted_with_its_reason(twowave):
    twice = twowave.assign(again=2 * twowave["wave"] + 5, both=twowave["wave"] + twowave["g"])
    fit = conditional_logit("y ~ wave + C(g) + again + both", twice, group="id")
    assert list(fit.params.index) == ["wave"]
    assert fit.omitted["again"] == "collinear within units with wave"
    assert fit.omitted["both"] == "collinear within units with wave"
    assert fit.omitted["C(g)[T.2]"] == "does not vary within any unit that changed"
    assert "again was omitted: collinear within units with wave." in fit.notes


def test_a_formula_without_intercept_is_the_same(twowave):
    one = conditional_logit("y ~ wave", twowave, group="id")
    for formula in ("y ~ 0 + wave", "y ~ wave - 1"):
        assert conditional_logit(formula, twowave, group="id").params["wave"] == one.params["wave"]


def test_names_with_spaces_and_dots(panel):
    plain = conditional_logit("y ~ a + b", panel, group="id")
    named = panel.rename(columns={"a": "my a", "b": "b.c", "y": "y.1", "id": "unit no"})
    fit = conditional_logit("`y.1` ~ `my a` + `b.c`", named, group="unit no")
    assert fit.params.to_numpy() == pytest.approx(plain.params.to_numpy())
    assert list(fit.params.index) == ["my a", "b.c"]


def test_outcomes_worked_out_in_the_formula(panel):
    turned = conditional_logit("I(1 - y) ~ a + b", panel, group="id")
    assert turned.params.to_numpy() == pytest.approx(
        -conditional_logit("y ~ a + b", panel, group="id").params.to_numpy()
    )
    above = conditional_logit("I(level >= 2) ~ a + b", panel, group="id")
    column = conditional_logit("z ~ a + b", panel.assign(z=panel["level"] >= 2), group="id")
    assert above.params.to_numpy() == pytest.approx(column.params.to_numpy())


def test_storage_types_of_pandas(panel):
    plain = conditional_logit("y ~ a + b", panel, group="id")
    for data in (
        panel.convert_dtypes(dtype_backend="pyarrow"),
        panel.assign(y=(panel["y"] == 1).astype("boolean")),
        panel.assign(y=panel["y"].astype(object)),
        panel.set_axis([0] * len(panel)),
        panel.set_index(["id", "wave"], drop=False).rename_axis([None, None]),
    ):
        fit = conditional_logit("y ~ a + b", data, group="id")
        assert fit.params.to_numpy() == pytest.approx(plain.params.to_numpy(), abs=1e-10)


def test_huge_scales_do_not_matter(panel):
    plain = conditional_logit("y ~ a + b", panel, group="id")
    scaled = conditional_logit("y ~ a + b", panel.assign(a=panel["a"] * 1e9 + 4e9, b=panel["b"] * 1e-9), group="id")
    assert scaled.params.to_numpy() * [1e9, 1e-9] == pytest.approx(plain.params.to_numpy(), rel=1e-6)
    assert scaled.std_errors.to_numpy() * [1e9, 1e-9] == pytest.approx(plain.std_errors.to_numpy(), rel=1e-6)


def test_summary_says_what_a_reader_needs(twowave):
    table = conditional_logit("y ~ wave", twowave, group="id").summary()
    assert table.loc["wave", "odds_ratio"] == pytest.approx(19 / 6)
    assert table.loc["wave", "lr_pvalue"] == pytest.approx(0.00769394753134174)  # R, one degree of freedom
    assert table.loc["wave", ["interval", "note"]].to_list() == ["wald", ""]
