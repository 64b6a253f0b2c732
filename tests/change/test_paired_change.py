"""Change in percentage points: Newcombe's and Tango's limits as in R, and the design's variance worked out by hand."""

import numpy as np
import pandas as pd
import pytest

from evalkit.change import paired_change
from evalkit.errors import DataError, MethodError


def change(data, **arguments):
    return paired_change(data, "y", unit="unit", wave="wave", **arguments)


@pytest.mark.parametrize("interval", ["newcombe", "tango"])
def test_intervals_are_rs(make, r_values, interval):
    for expected in r_values["paired"]:
        always, up, down, never = expected["counts"]
        row = change(make(up, down, never, always), interval=interval).iloc[0]
        assert [row["ci_low"], row["ci_high"]] == pytest.approx(expected[interval], abs=1e-8)
        assert (row["up"], row["down"], row["unchanged"], row["n"]) == (
            up,
            down,
            always + never,
            sum(expected["counts"]),
        )


def test_newcombes_published_limits(make):
    # Fagerland, Lydersen & Laake (2017), Statistical Analysis of Contingency Tables, chapter 8, 59, 6, 16, 80:
    # −0.0621, −0.1186 to −0.0046, the sign being that of before less after
    row = change(make(up=16, down=6, never=80, always=59)).iloc[0]
    assert row[["change", "ci_low", "ci_high"]].astype(float).round(4).to_list() == [0.0621, 0.0046, 0.1186]


def test_thirteen_of_66_net(make):
    row = change(make(up=19, down=6, never=31, always=10)).iloc[0]
    assert row["change"] == pytest.approx(13 / 66) and round(100 * row["change"], 1) == 19.7
    assert row["std_error"] == pytest.approx(np.sqrt(25 / 66 - (13 / 66) ** 2) / np.sqrt(66))
    assert (row["before"], row["after"]) == pytest.approx((16 / 66, 29 / 66))
    assert row["odds_ratio"] == pytest.approx(19 / 6) and row["pvalue"] == pytest.approx(0.014633297920227)  # R
    assert (row["from_wave"], row["to_wave"]) == (2018, 2019)


def test_swapping_the_waves_turns_the_sign(make):
    one = change(make(9, 4, 7, 6)).iloc[0]
    data = make(9, 4, 7, 6)
    other = change(data.assign(wave=4037 - data["wave"])).iloc[0]
    assert [other["ci_low"], other["ci_high"]] == pytest.approx([-one["ci_high"], -one["ci_low"]])


@pytest.mark.parametrize("interval", ["newcombe", "tango"])
@pytest.mark.parametrize("counts", [(6, 0, 0, 0), (0, 6, 0, 0), (0, 0, 5, 0), (0, 0, 0, 5), (0, 0, 3, 3), (1, 0, 0, 0)])
def test_edges_have_limits_within_one(make, interval, counts):
    row = change(make(*counts), interval=interval).iloc[0]
    assert -1 <= row["ci_low"] <= row["change"] + 1e-12 and row["change"] - 1e-12 <= row["ci_high"] <= 1
    assert row["ci_low"] < row["ci_high"]


def test_only_those_who_answered_twice_count(make):
    data = make(up=3, down=1, never=2)
    data.loc[0, "y"] = np.nan
    lone = pd.DataFrame({"unit": ["x"], "wave": [2019], "y": [1]})
    row = change(pd.concat([data, lone])).iloc[0]
    assert (row["n"], row["up"], row["unpaired"]) == (5, 2, 2)


def test_by_group_and_three_waves(robek):
    both = paired_change(robek, "y", unit="code", wave="wave", by="centrality")
    assert both["to_wave"].to_list() == [2012] * 4 + [2015] * 4 and set(both["from_wave"]) == {2008}
    whole = paired_change(robek, "y", unit="code", wave="wave")
    assert both.groupby("to_wave")["up"].sum().to_list() == whole["up"].to_list()
    assert (whole["up"] - whole["down"]).iloc[0] == 47 - 42  # in the register at the end of 2008 and 2012


def test_a_categorical_wave_keeps_its_order(make):
    data = make(up=3, down=1)
    named = data["wave"].map({2018: "spring", 2019: "autumn"})
    row = change(data.assign(wave=pd.Categorical(named, ["spring", "autumn"]))).iloc[0]
    assert (row["from_wave"], row["up"]) == ("spring", 3)


def test_weights_and_fpc_by_hand():
    four = pd.DataFrame({"unit": [1, 1, 2, 2, 3, 3, 4, 4], "wave": [1, 2] * 4, "y": [0, 1, 1, 1, 0, 0, 1, 0]})
    four["w"] = np.repeat([1.0, 2, 3, 4], 2)
    data = pd.concat([four.assign(unit=four["unit"] + 10 * i) for i in range(5)])
    row = change(data, weights="w").iloc[0]
    # five of each: d = 1, 0, 0, −1; w/50 = .02 .04 .06 .08; mean −0.3; scores .02·1.3, .04·.3, .06·.3, .08·(−.7)
    scores = np.array([0.026, 0.012, 0.018, -0.056])
    error = np.sqrt(20 / 19 * 5 * (scores**2).sum())
    assert (row["before"], row["after"], row["change"]) == pytest.approx((0.6, 0.3, -0.3))
    assert row["std_error"] == pytest.approx(error) and row["interval"] == "t"
    half = 2.093024054408263 * error  # R: qt(0.975, 19)
    assert [row["ci_low"], row["ci_high"]] == pytest.approx([-0.3 - half, -0.3 + half])
    part = change(data, weights="w", fpc=80).iloc[0]
    assert part["std_error"] == pytest.approx(error * np.sqrt(60 / 80))
    plain = np.sqrt(0.5 / 19 * 0.75)
    assert change(data, fpc=0.25).iloc[0]["std_error"] == pytest.approx(plain)
    assert change(data.assign(f=0.25), fpc="f").iloc[0]["std_error"] == pytest.approx(plain)
    census = change(data, fpc=20).iloc[0]
    assert census["std_error"] == 0 and census["ci_low"] == census["change"] == census["ci_high"]
    assert census["interval"] == "none" and np.isnan(census["pvalue"])


@pytest.mark.parametrize(
    ("edit", "arguments", "text"),
    [
        ({"y": 2}, {}, "The outcome is not 0 or 1."),
        ({"wave": 2018}, {}, "A unit has more than one row in a wave"),
        ({}, {"by": "siz"}, "There is no column 'siz' in the data."),
        ({}, {"interval": "wald"}, "There is no such interval."),
        ({}, {"level": 2}, "The level is not between 0 and 1."),
        ({}, {"by": "wave"}, "A unit has more than one value of wave."),
        ({}, {"fpc": 2}, "The population is smaller than the sample."),
        ({}, {"fpc": -3}, "fpc is not positive."),
        ({}, {"fpc": "many"}, "The finite population correction differs between units"),
        ({}, {"weights": "minus"}, "A weight is negative or missing."),
    ],
)
def test_what_is_refused(make, edit, arguments, text):
    data = make(up=3, down=2).assign(minus=-1.0, **edit)
    data["many"] = 20.0 + (data["unit"] == "u0")
    with pytest.raises((DataError, MethodError)) as error:
        change(data, **arguments)
    assert text in str(error.value)


def test_no_pair_is_an_error(make):
    data = make(up=2)
    with pytest.raises(MethodError, match="Change needs two waves"):
        change(data[data["wave"] == 2018])
    with pytest.raises(MethodError, match="No unit answered twice"):
        change(data.assign(unit=range(4)))
    with pytest.raises(DataError, match="The data have no rows"):
        change(data.iloc[:0])
    with pytest.raises(DataError, match="The outcome is missing in every row"):
        change(data.assign(y=np.nan))
