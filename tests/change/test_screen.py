"""The screen adjusts p-values within families and over all, and says what change could have been seen."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom, hypergeom

from evalkit.change import compare, conditional_logit, mcnemar, paired_change, screen
from evalkit.change.screen import detectable
from evalkit.errors import DataError, MethodError
from evalkit.numerics.permuted import permuted_groups


@pytest.fixture
def study(make):
    """66 units, six questions: q17 as published, the others quiet; q5 asked in one wave only."""
    base = make(19, 6, 31, 10).rename(columns={"y": "q17"})
    number = base["unit"].str[1:].astype(int)
    base["size"] = np.where(number % 3 == 0, "small", np.where(number % 3 == 1, "medium", "large"))
    rng = np.random.default_rng(66)
    for name in ("q1", "q2", "q3", "q4"):
        base[name] = (rng.random(66)[number] + 0.3 * rng.random(132) > 0.6).astype(float)
    base["q5"] = np.where(base["wave"] == 2018, np.nan, 1.0)
    return base


FAMILIES = {"published": ["q17"], "others": ["q1", "q2", "q3", "q4", "q5"]}
ITEMS = ["q1", "q2", "q3", "q4", "q5", "q17"]


def test_the_published_claim_does_not_outlive_holm_over_all(study):
    table = screen(study, ITEMS, families=FAMILIES).set_index("item")
    q17 = table.loc["q17"]
    assert q17["pvalue"] == pytest.approx(0.014633297920227) and q17["pvalue_kind"] == "exact"  # R, binom.test
    assert q17["pvalue_holm"] == q17["pvalue"] and q17["finding"] == "change"  # alone in its family
    assert q17["pvalue_holm_all"] == pytest.approx(5 * 0.014633297920227)  # the least of five tests
    assert q17["change"] == pytest.approx(13 / 66)
    assert table.loc["q5", ["finding", "note"]].to_list() == ["not tested", "answered in 2019 only"]


def test_adjusted_p_values_by_hand(study):
    table = screen(study, ITEMS, families=FAMILIES).set_index("item")
    raw = table["pvalue"].dropna().sort_values()
    holm = np.minimum(1, np.maximum.accumulate(raw.to_numpy() * np.arange(len(raw), 0, -1)))
    assert table.loc[raw.index, "pvalue_holm_all"].to_numpy() == pytest.approx(holm)
    ranked = raw.to_numpy() * len(raw) / np.arange(1, len(raw) + 1)
    assert table.loc[raw.index, "pvalue_bh_all"].to_numpy() == pytest.approx(
        np.minimum(1, np.minimum.accumulate(ranked[::-1])[::-1])
    )


def test_rows_agree_with_the_single_calls(study):
    table = screen(study, ["q1", "q17"], families={"a": ["q1", "q17"]}, by="size")
    assert table["test"].to_list() == ["wave", "wave × size"] * 2
    row = table.iloc[0]
    pair = paired_change(study, "q1", unit="unit", wave="wave").iloc[0]
    assert [row["ci_low"], row["ci_high"]] == [pair["ci_low"], pair["ci_high"]]
    assert row["pvalue"] == mcnemar(int(row["up"]), int(row["down"])).exact
    group = table.iloc[3]
    assert group["df"] == 2 and group["pvalue_kind"] == "exact" and np.isnan(group["detectable"])


def test_detectable_change_has_eighty_percent_power():
    for changed, n in [(6, 20), (25, 66), (400, 1000)]:
        p = (detectable(changed, n) * n / changed + 1) / 2
        counts = np.arange(changed + 1)
        rejects = np.array([mcnemar(k, changed - k).exact <= 0.05 for k in counts])
        assert binom.pmf(counts, changed, p)[rejects].sum() == pytest.approx(0.8, abs=1e-9)
    # five changers cannot show anything: 2/32 = 0.0625 at best
    assert np.isnan(detectable(5, 66)) and np.isnan(detectable(0, 66))


def test_three_waves_are_tested_jointly(robek):
    table = screen(robek, ["y"], families={"a": "y"}, unit="code", wave="wave")
    row = table.iloc[0]
    assert row["df"] == 2 and row["pvalue_kind"] == "exact"
    assert row["statistic"] == pytest.approx(0.636805633230381)  # R, likelihood ratio
    assert row["pvalue"] == pytest.approx(0.727, abs=0.03)  # near R's chi-square, 0.7273


def test_nobody_changed(make):
    data = make(never=5, always=3).rename(columns={"y": "q"}).assign(size="a")
    table = screen(data, ["q"], families={"f": ["q"]}, by="size")
    assert table.iloc[0][["pvalue", "finding", "note"]].to_list() == [1.0, "no sign of change", "no unit changed"]
    assert table.iloc[1]["note"] == "No unit changed its answer, so the data say nothing about change."
    assert table.iloc[1]["finding"] == "not tested"


def test_one_group_only(make):
    data = make(up=4, down=2).rename(columns={"y": "q"}).assign(size="a")
    assert screen(data, ["q"], families={"f": ["q"]}, by="size").iloc[1]["note"] == "one group only changed"


def test_waves_keep_the_order_of_their_categories(make):
    data = make(up=7).rename(columns={"y": "q"})
    data["wave"] = pd.Categorical(data["wave"].map({2018: "vår", 2019: "høst"}), ["vår", "høst"])
    assert screen(data, ["q"], families={"f": ["q"]}).iloc[0]["change"] == 1.0


def test_every_fault_of_the_families_at_once(study):
    with pytest.raises(MethodError) as error:
        screen(study, ["q1", "q2", "q99"], families={"a": ["q1", "q7"], "b": ["q1"]}, by="siz")
    text = str(error.value)
    for fault in (
        "There is no column 'siz' in the panel.",
        "did you mean 'size'?",
        "There is no column 'q99' in the panel.",
        "The family 'a' names an item that is not screened.",
        "An item is in two families.",
        "Items have no family.",
    ):
        assert fault in text
    with pytest.raises(MethodError, match="There is no item to screen"):
        screen(study, [], families={})
    with pytest.raises(DataError, match="The outcome is not 0 or 1"):
        screen(study.assign(q1=3), ["q1"], families={"a": ["q1"]})


def test_wave_by_group_is_the_comparison_of_the_models(study):
    """Both routes: from counts of who changed, and from two fitted models."""
    row = screen(study, ["q1"], families={"a": ["q1"]}, by="size").iloc[1]
    known = study.rename(columns={"q1": "y"})
    test = compare(*(conditional_logit(f"y ~ C(wave) {sign} C(size)", known, group="unit") for sign in "+*"))
    assert (row["statistic"], row["df"]) == (pytest.approx(test.statistic, abs=1e-9), test.df)
    assert row["pvalue"] == pytest.approx(test.exact_pvalue, abs=1e-9)


def test_wave_by_group_is_exact_where_hundreds_changed(make):
    """Two groups of 195 that changed, 120 and 90 up: the hypergeometric in both tails as far from even.

    The groups are as large, so that the likelihood ratio orders as the probability does.
    """
    parts = [make(up=up, down=195 - up).assign(size=size) for size, up in (("a", 120), ("b", 90))]
    for part, size in zip(parts, "ab"):
        part["unit"] = size + part["unit"]
    row = screen(pd.concat(parts).rename(columns={"y": "q"}), ["q"], families={"f": "q"}, by="size").iloc[1]
    ups = np.arange(15, 196)
    ways = hypergeom.pmf(ups, 390, 210, 195)
    assert row["pvalue_kind"] == "exact" and row["note"] == ""
    assert row["pvalue"] == pytest.approx(ways[np.abs(ups - 105) >= 15].sum(), rel=1e-9)


def test_a_group_that_went_one_way_is_said(make):
    data = pd.concat([make(up=4, down=2).assign(size="a"), make(up=3).assign(size="b")])
    data["unit"] = data["size"] + data["unit"]
    row = screen(data.rename(columns={"y": "q"}), ["q"], families={"f": "q"}, by="size").iloc[1]
    assert row["note"] == "b: all that changed went one way"


def test_a_unit_in_two_groups_is_refused(study):
    study.loc[0, "size"] = "elsewhere"
    with pytest.raises(MethodError, match="have more than one value of size"):
        screen(study, ["q1"], families={"a": ["q1"]}, by="size")


def test_three_waves_by_group_are_drawn_where_they_cannot_be_counted():
    """Five groups of twelve, no difference made; chi-square of 8 degrees is not to be trusted with some 30 changers."""
    random = np.random.default_rng(5)
    answers = (random.normal(size=(60, 1)) + np.array([0, 0.5, 1]) + random.logistic(size=(60, 3)) > 0).astype(int)
    rows = [(i, w, f"g{i % 5}", answers[i, w]) for i in range(60) for w in range(3)]
    panel = pd.DataFrame(rows, columns=["unit", "wave", "by", "q"])
    found = screen(panel, ["q"], families={"all": ["q"]}, by="by").set_index("test").loc["wave × by"]
    assert found["pvalue_kind"] == "permutation" and "9,999 drawn allocations" in found["note"]
    wide = answers[(answers.sum(axis=1) > 0) & (answers.sum(axis=1) < 3)].astype(float)
    group = np.array([i % 5 for i in range(60)])[(answers.sum(axis=1) > 0) & (answers.sum(axis=1) < 3)]
    assert found["pvalue"] == permuted_groups(wide, wide.sum(axis=1).astype(int), group)
