"""A design: base weights, degrees of freedom, its log of steps, and that nothing in it changes."""

from dataclasses import FrozenInstanceError

import numpy as np
import pandas as pd
import pytest

from evalkit.estimates import mean
from evalkit.weights import Design, Replicates, calibrate, poststratify, replicate, trim


def answers():
    index = ["u1", "u2", "u3", "u4", "u5", "u6"]
    return pd.DataFrame(
        {
            "g": list("aaabbb"),
            "school": [1, 1, 2, 3, 4, 4],
            "w": [1.0, 2, 3, 4, 5, 6],
            "N": [6, 6, 6, 12, 12, 12],
            "schools": [4, 4, 4, 8, 8, 8],
        },
        index=index,
    )


def test_base_weights():
    data = answers()
    assert Design(data).weights.tolist() == [1] * 6
    assert Design(data, fpc=12).weights.tolist() == [2] * 6
    assert Design(data, fpc=0.5).weights.tolist() == [2] * 6
    assert Design(data, strata="g", fpc="N").weights.tolist() == [2, 2, 2, 4, 4, 4]
    assert Design(data, weights="w").weights.tolist() == data["w"].tolist()
    # two of four schools in a, two of eight in b
    assert Design(data, strata="g", clusters="school", fpc="schools").weights.tolist() == [2, 2, 2, 4, 4, 4]
    assert Design(data).weights.index.tolist() == data.index.tolist()


def test_degrees_of_freedom_are_clusters_less_strata():
    data = answers()
    assert [Design(data).df, Design(data, strata="g").df, Design(data, strata="g", clusters="school").df] == [5, 4, 2]
    # three replicates, one the mean of the others: rank 2
    one, two = np.array([1.0, 1, 1, 2, 2, 2]), np.array([2.0, 1, 2, 1, 2, 1])
    made = Replicates(np.column_stack([one, two, (one + two) / 2]), 1.0)
    assert Design(data, replicates=made).df == 1
    assert replicate(Design(data), "bootstrap", n=4, seed=1).df == 3


def test_the_log_tells_each_step_by_hand():
    """Raked to 12 and 18: weights 4 and 6, Kish's deff 6 (3 · 16 + 3 · 36) / 30² = 1.04."""
    d = trim(calibrate(Design(answers(), fpc=12), {"g": {"a": 12, "b": 18}}), upper=5.5)
    assert d.log["name"].tolist() == ["base", "calibrate (raking)", "trim"]
    step = d.log.iloc[1]
    assert [step["sum"], step["min"], step["max"], step["n"], step["negative"]] == pytest.approx([30, 4, 6, 6, 0])
    assert step["deff"] == pytest.approx(1.04)
    assert step["n_effective"] == pytest.approx(6 / 1.04)
    # 3 · 0.5 cut and spread over the three weights of 4
    assert d.weights.tolist() == pytest.approx([4.5] * 3 + [5.5] * 3)
    assert d.log["note"][2].startswith("3 weights trimmed; calibrated totals moved by up to 12.5 percent")


def test_nothing_changes():
    data = answers()
    kept = data.copy()
    d = Design(data, fpc=12)
    before = d.weights.copy()
    poststratify(d, "g", {"a": 5, "b": 7})
    pd.testing.assert_frame_equal(data, kept)
    pd.testing.assert_series_equal(d.weights, before)
    with pytest.raises(FrozenInstanceError):
        d.lonely = "adjust"


def test_a_later_step_reaches_replicates_that_are_there_already():
    early = poststratify(replicate(Design(answers(), fpc=12)), "g", {"a": 5, "b": 7})
    late = replicate(poststratify(Design(answers(), fpc=12), "g", {"a": 5, "b": 7}))
    np.testing.assert_allclose(early.replicates.weights, late.replicates.weights)
    np.testing.assert_allclose(mean(early, "w")["std_error"], mean(late, "w")["std_error"])


def test_a_fully_observed_stratum_is_no_lonely_stratum():
    data = answers().assign(county=list("xyyyyy"), size=[1, 10, 10, 10, 10, 10])
    d = Design(data, strata="county", fpc="size")
    assert d.weights.tolist() == [1, 2, 2, 2, 2, 2]
    oslo = mean(d, "w", by="county").iloc[0]
    assert [oslo["estimate"], oslo["std_error"], oslo["ci_low"], oslo["ci_high"]] == [1, 0, 1, 1]
