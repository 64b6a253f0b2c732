"""ROBEK through the whole pipeline: counts of the public register, and the conditional logit of R's survival::clogit.

Expected coefficients: R 4.2.2, survival 3.5, clogit(method = "exact"), script tests/oracle/robek_clogit.R.
"""

from __future__ import annotations

import pytest


def test_how_many_were_in_it(robek):
    yes = robek.estimates.query("exhibit == 'in_robek' and weighting == 'unweighted'").set_index("wave")
    counts = (yes["estimate"] * yes["n"]).round().astype(int)
    assert counts.to_dict() == {"2008": 42, "2012": 47, "2015": 48}
    assert list(yes["ci_low"]) == list(yes["estimate"])  # all are known: no width


def test_groups_add_up(robek):
    for exhibit in ("by_size", "by_centrality"):
        table = robek.estimates.query(f"exhibit == '{exhibit}' and weighting == 'unweighted'")
        counts = (table["estimate"] * table["n"]).groupby([table["wave"], table["group"] == "all"]).sum()
        assert counts.xs(True, level=1).to_numpy() == pytest.approx(counts.xs(False, level=1).to_numpy())


def test_moves_explain_the_counts(robek):
    moves = robek.change.query("exhibit == 'moves'").set_index(["wave", "category"])["estimate"]
    assert moves["2008→2012", "up"] - moves["2008→2012", "down"] == 47 - 42
    assert moves["2012→2015", "up"] == moves["2012→2015", "down"]


def test_models_agree_with_r(robek):
    table = robek.change.query("exhibit == 'models'").set_index(["item", "category"])
    wave = table.loc[("1", ["C(wave)[T.2012]", "C(wave)[T.2015]"]), :]
    assert wave["estimate"].to_numpy() == pytest.approx([0.1917305, 0.1917305], abs=5e-8)
    assert wave["std_error"].to_numpy() == pytest.approx([0.277383, 0.277383], abs=5e-7)
    assert table.loc[("1", "minus_2_log_likelihood"), "estimate"] == pytest.approx(2 * 86.47197, abs=1e-5)
    assert table.loc[("2", "minus_2_log_likelihood"), "estimate"] == pytest.approx(2 * 81.83684, abs=1e-5)
    expected = {
        "C(wave)[T.2012]": (0.0000, 0.4433),
        "C(wave)[T.2015]": (0.3708, 0.4333),
        "C(wave)[T.2012]:C(centrality)[T.1]": (-0.7917, 0.8782),
        "C(wave)[T.2015]:C(centrality)[T.1]": (-1.5948, 0.9647),
        "C(wave)[T.2012]:C(centrality)[T.2]": (0.8176, 0.7389),
        "C(wave)[T.2015]:C(centrality)[T.2]": (0.8445, 0.7640),
        "C(wave)[T.2012]:C(centrality)[T.3]": (0.4548, 0.7113),
        "C(wave)[T.2015]:C(centrality)[T.3]": (-0.7220, 0.7371),
    }
    for term, values in expected.items():
        assert table.loc[("2", term), ["estimate", "std_error"]].to_numpy(float) == pytest.approx(values, abs=6e-5)


def test_no_weights_and_why(robek):
    assert (robek.weights["weight"] == robek.weights["base_weight"]).all()
    assert robek.study.plan.weights.reason is not None
