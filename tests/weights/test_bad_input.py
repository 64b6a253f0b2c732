"""Every fault of a design or of totals is told at once, with the place, what was got and how to mend it."""

import numpy as np
import pandas as pd
import pytest

from evalkit.errors import MethodError
from evalkit.weights import Design, Replicates, calibrate, margins, poststratify, replicate, trim


def answers():
    """Six answers from a frame of ten: county a 5, b 3, c 2."""
    return pd.DataFrame(
        {
            "county": ["a", "a", "a", "b", "b", "c"],
            "size": ["s", "l", "s", "l", "s", "l"],
            "income": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
        }
    )


COUNTY = {"a": 5, "b": 3, "c": 2}


def fault(call) -> str:
    with pytest.raises(MethodError) as error:
        call()
    return str(error.value)


def test_an_income_margin_with_nan():
    data = answers()
    data.loc[[1, 4], "income"] = np.nan
    text = fault(lambda: calibrate(Design(data), {"county": COUNTY, "income": 40.0}))
    assert "'income' has missing values among the answers" in text
    assert "rows 1, 4" in text
    assert "2 missing" in text
    assert "state in study.toml what stands for the missing value" in text


def test_a_category_margin_with_nan():
    data = answers()
    data.loc[2, "county"] = None
    text = fault(lambda: calibrate(Design(data), {"county": COUNTY}))
    assert "county has missing values among the answers" in text
    assert "rows 2" in text


def test_a_county_without_respondents_and_the_line_that_mends_it():
    text = fault(lambda: calibrate(Design(answers()), {"county": {"a": 5, "b": 3, "c": 2, "d": 1}}))
    assert "county has categories without respondents" in text
    assert "d: no answers, wanted 1" in text
    assert 'under [weights] in study.toml: merge.county = { "d" = "c" }' in text


def test_crossed_cells_merge_within_the_first_column():
    cells = {("a", "s"): 3, ("a", "l"): 2, ("b", "s"): 2, ("b", "l"): 2, ("c", "s"): 1, ("c", "l"): 1}
    text = fault(lambda: calibrate(Design(answers()), {("county", "size"): cells}))
    assert "c × s: no answers, wanted 1" in text
    assert 'merge.size = { "s" = "l" }' in text


def test_the_line_merges_with_what_is_most_alike_and_has_answers():
    """d is most like e, which nobody answered in either, then like a; nothing is said of what e is like."""
    totals = {"a": 5, "b": 3, "c": 2, "d": 1, "e": 1}
    alike = {"county": {"d": ["e", "a", "b", "c"], "e": []}}
    text = fault(lambda: calibrate(Design(answers()), {"county": totals}, neighbours=alike))
    assert 'merge.county = { "d" = "a", "e" = "…" }' in text
    assert "… being the one that is most like it of a, b or c" in text
    assert 'merge.county = { "d" = "a"' in fault(
        lambda: poststratify(Design(answers()), "county", totals, neighbours=alike)
    )


def test_small_cells_are_a_fault_where_a_size_is_stated():
    text = fault(lambda: calibrate(Design(answers()), {"county": COUNTY}, min_cell=2))
    assert "county has small cells" in text
    assert "c: 1 answers" in text
    assert 'merge.county = { "c" = "b" }' in text


def test_totals_off_by_one():
    text = fault(lambda: calibrate(Design(answers()), {"county": COUNTY, "size": {"s": 6, "l": 5}}))
    assert "margins do not sum alike" in text
    assert "county: 10; size: 11" in text
    text = fault(lambda: calibrate(Design(answers()), {"county": COUNTY, "1": 11, "income": 33.0}))
    assert "county: 10; 1: 11" in text
    big = {"a": 5_000_000, "b": 200_000, "c": 95_619}
    text = fault(lambda: calibrate(Design(answers()), {"county": big, "size": {"s": 2_295_619, "l": 3_000_001}}))
    assert "margins do not sum alike" in text


def test_totals_and_population_size_that_disagree_are_said_in_the_log():
    found = calibrate(Design(answers(), fpc=11), {"county": COUNTY})
    assert found.log["note"].iloc[-1] == "the totals sum to 10, the finite population correction states 11 units"
    assert calibrate(Design(answers(), fpc=10), {"county": COUNTY}).log["note"].iloc[-1] == ""


def test_unknown_and_misspelt_categories_are_never_dropped():
    data = answers().replace({"county": {"c": "Akershuus"}})
    text = fault(lambda: calibrate(Design(data), {"county": {"a": 5, "b": 3, "Akershus": 2}}))
    assert "county has categories unknown to the frame" in text
    assert "'Akershuus' → 'Akershus'?" in text
    assert "Akershus: no answers, wanted 2" in text


def test_categories_of_another_type():
    data = answers().assign(central=[0, 1, 1, 0, 1, 0])
    text = fault(lambda: calibrate(Design(data), {"central": {"0": 5, "1": 5}}))
    assert "the totals' categories are str, the answers' int" in text


def test_a_string_column_in_a_numeric_slot_and_the_reverse():
    text = fault(lambda: calibrate(Design(answers()), {"county": 10.0}))
    assert "'county' holds text, and its total is one number" in text
    assert "{category: total}" in text
    text = fault(lambda: calibrate(Design(answers()), {"county": {"a": "5", "b": 3, "c": 2}}))
    assert "totals must be numbers from 0" in text
    assert "'a': '5'" in text
    text = fault(lambda: calibrate(Design(answers()), {"income": "40"}))
    assert "a total must be a number" in text


def test_all_faults_come_at_once():
    data = answers()
    data.loc[0, "income"] = np.nan
    text = fault(
        lambda: calibrate(Design(data), {"county": {"a": 5, "b": 5}, "incme": 3.0, "income": 40.0, "size": {}})
    )
    assert "county has categories unknown to the frame" in text
    assert "no column 'incme'" in text
    assert "did you mean 'income'?" in text
    assert "'income' has missing values" in text
    assert "margin size" in text
    assert "a total ≥ 0 for each category" in text


@pytest.mark.parametrize("bad", [0.0, -1.0, np.nan])
def test_a_weight_of_zero_or_below(bad):
    text = fault(lambda: Design(answers().assign(w=[1, 1, bad, 1, 1, 1]), weights="w"))
    assert "base weights must be positive" in text
    assert "rows 2" in text


def test_fpc():
    data = answers().assign(n=[5, 5, 5, 3, 3, 2], mixed=[0.5, 5, 5, 5, 5, 5], vary=[5, 6, 5, 3, 3, 2], small=2)
    assert "more answers than the population holds" in fault(lambda: Design(data, fpc=5))
    assert "all: 6 of 5" in fault(lambda: Design(data, fpc=5))
    assert "one population size for several strata" in fault(lambda: Design(data, strata="county", fpc=10))
    assert "mixes population sizes and fractions" in fault(lambda: Design(data, fpc="mixed"))
    text = fault(lambda: Design(data, strata="county", fpc="vary"))
    assert "fpc varies within a stratum" in text
    assert "strata a" in text
    assert "fpc must be positive" in fault(lambda: Design(data, fpc=0))
    assert "fpc must be numbers" in fault(lambda: Design(data, fpc="county"))
    assert Design(data, fpc=0.6).weights.tolist() == pytest.approx([1 / 0.6] * 6)
    assert "a stratum with one cluster" in fault(lambda: Design(data, strata="county", fpc="n"))


def test_unknown_columns_and_empty_data():
    text = fault(lambda: Design(answers(), weights="wieght", strata="countyy"))
    assert "no column 'wieght' in the data" in text
    assert "did you mean 'county'?" in text
    assert "at least one answer" in fault(lambda: Design(answers().iloc[:0]))
    assert "unknown rule for lonely strata" in fault(lambda: Design(answers(), lonely="ignore"))


def test_a_column_is_named_and_a_population_counted():
    assert "no column 3 in the data" in fault(lambda: Design(answers(), weights=3))
    assert "fpc is a number or a column" in fault(lambda: Design(answers(), fpc=True))


def test_clusters():
    data = answers().assign(school=[1, 1, 2, 1, 3, 4])
    assert "more than one stratum" in fault(lambda: Design(data, strata="county", clusters="school"))
    assert "clusters has missing values" in fault(
        lambda: Design(data.assign(school=[1, 1, 2, np.nan, 3, 4]), clusters="school")
    )


def test_replicates_given_with_strata():
    made = Replicates(np.ones((6, 4)), 1.0)
    assert "already carry the design" in fault(lambda: Design(answers(), replicates=made, strata="county"))
    assert "a row an answer" in fault(lambda: Design(answers(), replicates=Replicates(np.ones((5, 4)), 1.0)))
    short = Replicates(np.ones((6, 4)), 1.0, np.ones(3))
    assert "rscales do not fit" in fault(lambda: Design(answers(), replicates=short))
    assert "replicate weights already" in fault(lambda: replicate(Design(answers(), replicates=made)))


def test_options_that_a_method_cannot_use_are_refused():
    d = Design(answers(), fpc=10)
    assert 'method "raking" has no bounds' in fault(lambda: calibrate(d, {"county": COUNTY}, bounds=(0.5, 2)))
    assert "needs bounds" in fault(lambda: calibrate(d, {"county": COUNTY}, method="logit"))
    assert "unknown method of calibration" in fault(lambda: calibrate(d, {"county": COUNTY}, method="rake"))
    assert "leave out the mean factor" in fault(
        lambda: calibrate(Design(answers()), {"county": COUNTY}, method="logit", bounds=(0.5, 1.2))
    )
    assert "no seed" in fault(lambda: replicate(d, "jackknife", seed=1))
    assert "unknown method of replication" in fault(lambda: replicate(d, "brr"))
    assert "bounds in order" in fault(lambda: trim(d))
    assert "no weights within the bounds" in fault(lambda: trim(d, upper=1.0))
    assert "totals must say something" in fault(lambda: calibrate(d, {}))


def test_a_frame_with_a_duplicated_code_and_missing_values():
    frame = pd.DataFrame({"code": ["0301", "0301", "0219"], "county": ["03", "03", None], "income": [1.0, np.nan, 2]})
    text = fault(lambda: margins(frame, ["county", "income", "centrality"]))
    assert "a unit is in the frame twice" in text
    assert "0301" in text
    assert "'county' has missing values" in text
    assert "'income' has missing values" in text
    assert "no column 'centrality' in the frame" in text


def test_margins_of_a_frame():
    frame = pd.DataFrame({"county": list("aab"), "income": [1.5, 2.5, 3.5], "central": [0, 1, 1]})
    assert margins(frame, ["county", "income", "central", ("county", "central")]) == {
        "county": {"a": 2, "b": 1},
        "income": 7.5,
        "central": {0: 1, 1: 2},
        ("county", "central"): {("a", 0): 1, ("a", 1): 1, ("b", 1): 1},
    }


def test_poststratify_takes_what_margins_returns():
    totals = margins(pd.DataFrame({"county": list("aaaaabbbcc")}), "county")
    got = poststratify(Design(answers()), "county", totals)
    assert got.weights.tolist() == pytest.approx([5 / 3] * 3 + [1.5] * 2 + [2])
