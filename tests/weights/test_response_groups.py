"""Response groups are strata with their own populations: R's standard errors, and point estimates that do not move."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evalkit import load_study
from evalkit.change.exhibits import _paired_rows, outcomes, transition_rows
from evalkit.errors import EvalkitError
from evalkit.estimates import mean
from evalkit.estimates.exhibits import _outcomes
from evalkit.keys import digests, given_to_exhibit
from evalkit.panel.frame import build_frames
from evalkit.panel.harmonise import answer, build_panel
from evalkit.study.model import Transitions
from evalkit.waves.check import read_study_wave
from evalkit.weights import calibrate
from evalkit.weights.question import declared, weighting
from evalkit.weights.response_groups import grouped, put_together
from tests.panel.test_borders import LATEST, panel_of, three_waves

ORACLE = Path(__file__).parents[1] / "oracle" / "survey"
QUESTIONS = {"q3": "share", "q1_1": "mean", "q17_2019": "share"}
MARGINS = ["size", "county", "centrality", "income"]
BY_SIZE = {'by = ["size"]': 'by = ["size"]\nresponse_groups = "size"'}


def panel_with(study, groups):
    study = replace(study, plan=replace(study.plan, weights=replace(study.plan.weights, response_groups=groups)))
    return build_panel(study, [read_study_wave(study, spec.id) for spec in study.plan.waves], build_frames(study))


def known(weights, question):
    """Outcomes of those whose position on the question is known."""
    item, waves = question.removesuffix("_2019"), ["2019"] if question.endswith("_2019") else weights.panel.waves
    said = answer(weights.panel, weights.study, item, waves=waves)
    found = _outcomes(QUESTIONS[question], weights.study.items[item], said, waves)
    return found[said.known]


@pytest.fixture(scope="module")
def weights(committed):
    """Kompetanseløft 2020's weighting with its response groups, and without."""
    study = load_study(committed("kompetanseloft2020"))
    return {name: weighting(panel_with(study, name or None)) for name in ("size", "")}


@pytest.fixture(scope="module")
def r():
    return json.loads((ORACLE / "groups.json").read_text())


def table(weights):
    """The frame, and who said what, as `groups.csv.gz` gives them to R."""
    units = weights.columns[MARGINS].astype(str)
    for question in QUESTIONS:
        values = known(weights, question).iloc[:, 0]
        units[f"{question}_known"] = units.index.isin(values.index).astype(int)
        units[question] = values.reindex(units.index)
    units["everyone"] = units.index.isin(weights.panel.units).astype(int)
    both = outcomes(weights.panel, "q17").pivot(index="unit", columns="wave", values="answer").dropna()
    return units.assign(q17_moved=(both.iloc[:, 1] - both.iloc[:, 0]).reindex(units.index))


def test_r_was_given_what_the_study_has(weights):
    text = dict.fromkeys(["unit", *MARGINS], str)
    given = pd.read_csv(ORACLE / "groups.csv.gz", dtype=text).set_index("unit")
    pd.testing.assert_frame_equal(given, table(weights["size"]), check_dtype=False, check_index_type=False)


@pytest.mark.parametrize("question", QUESTIONS)
def test_standard_errors_are_rs(weights, r, question):
    """svydesign(strata, fpc) and calibrate(calfun="raking"): the share or mean of all, and of each group of size."""
    outcome = known(weights["size"], question)
    design = weights["size"].designs(outcome, question)["weighted"]
    one, by = (mean(design, outcome.columns[0], by=by) for by in (None, "size"))
    want = r[question]["calibrate"]
    assert one["estimate"].item() == pytest.approx(want["estimate"], rel=1e-9)
    assert one["std_error"].item() == pytest.approx(want["se"], rel=1e-9)
    by = by.set_index("size").loc[want["size"]]
    np.testing.assert_allclose(by["estimate"], want["by"], rtol=1e-9)
    np.testing.assert_allclose(by["std_error"], want["by_se"], rtol=1e-9)


@pytest.mark.parametrize(("question", "most"), [("q3", 1.031), ("q1_1", 1.011), ("q17_2019", 1.111)])
def test_rs_rake_does_not_count_by_the_groups_weights_and_is_wider(weights, r, question, most):
    """Residuals count by base weights (Deville & Särndal 1992, section 3), here N/n of each group; in R's rake alike.

    Its errors are up to 11 percent wider, most where answers are few. A total of the population beside the margins
    leads to the same as without.
    """
    found, outcome = weights["size"], known(weights["size"], question)
    groups, _ = put_together(found.columns["size"], outcome.index)
    base = grouped(groups, outcome.index).replace(data=outcome.join(found.columns))
    as_r = calibrate(base, {**found.totals, "1": 426})
    want, rake = r[question]["calibrate"], r[question]["rake"]
    got = mean(as_r, outcome.columns[0], by="size").set_index("size")["std_error"].loc[want["size"]]
    np.testing.assert_allclose(got, want["by_se"], rtol=1e-9)
    ratios = np.array([*rake["by_se"], rake["se"]]) / [*want["by_se"], want["se"]]
    assert ratios.min() > 1 and ratios.max() < most


@pytest.mark.parametrize("question", QUESTIONS)
def test_point_estimates_do_not_move_where_the_group_is_raked(weights, question):
    ours, before = (
        weights[name].designs(known(weights[name], question), question)["weighted"] for name in ("size", "")
    )
    np.testing.assert_allclose(ours.weights, before.weights, rtol=1e-9)
    assert ours.df == before.df - 4  # five groups in place of one sample


def test_unweighted_estimates_do_not_know_of_response_groups(weights):
    for question in QUESTIONS:
        rows = [
            mean(found.designs(outcome, question)["unweighted"], outcome.columns[0], by="size")
            for found in weights.values()
            for outcome in [known(found, question)]
        ]
        pd.testing.assert_frame_equal(*rows, check_exact=True)


def test_change_in_both_waves_has_rs_standard_errors(weights, r):
    """Some counties have nobody who answered both waves: the weights are everyone's, the strata the pairs' own."""
    rows, _ = transition_rows(weights["size"], Transitions(kind="transitions", item="q17", by="size"))
    found = rows.data[(rows.data["category"] == "change") & (rows.data["weighting"] == "weighted")].set_index("group")
    want = r["q17_moved"]
    np.testing.assert_allclose(
        found.loc[["all", *want["size"]], "estimate"], [want["estimate"], *want["by"]], rtol=1e-8
    )
    np.testing.assert_allclose(found.loc[["all", *want["size"]], "std_error"], [want["se"], *want["by_se"]], rtol=1e-8)
    assert any(note.startswith("q17 in both waves: weighted as all who answered") for note in weights["size"].notes)


@pytest.mark.parametrize("groups", ["size", ""])
@pytest.mark.parametrize(("answers", "estimate"), [((1, 1), 0.0), ((0, 1), 1.0)])
def test_nobody_and_everybody_changed_are_not_certain(weights, groups, answers, estimate):
    """Weighted answers are worth no more than their number, so the interval is no shorter than the unweighted one."""
    both = outcomes(weights[groups].panel, "q17")
    both = both[both.groupby("unit")["unit"].transform("size") == 2]
    both = both.assign(answer=both["wave"].cat.codes.map(dict(enumerate(answers))))
    spec = Transitions(kind="transitions", item="q17", by="size")
    rows = pd.DataFrame(_paired_rows(weights[groups], both, spec, "q17 in both waves"))
    change = rows[rows["category"] == "change"]
    assert change["estimate"].to_numpy() == pytest.approx(estimate)
    plain, weighted = (change[change["weighting"] == how].set_index("group") for how in ("unweighted", "weighted"))
    length = [side["ci_high"] - side["ci_low"] for side in (plain, weighted)]
    assert len(plain) == 6 and (length[1] >= length[0] - 1e-9).all() and (length[0] > 0.05).all()
    assert weighted["ci_high"].max() <= 1 and weighted["ci_low"].min() >= -1


def test_the_log_says_how_many_groups(weights):
    assert "size: 5 response groups" in declared(weights["size"].panel)
    assert not any("response groups" in said for said in declared(weights[""].panel))


UNITS = pd.Series(pd.Categorical([*"aaabbbbccd"], [*"abcde"], ordered=True), index=[f"u{i}" for i in range(10)])
"""Groups a, b, c and d of 3, 4, 2 and 1 units, and e of none."""


@pytest.mark.parametrize(
    ("answered", "together"),
    [
        ([0, 1, 3, 4, 7, 8, 9], []),  # two or more in each but d, which is one unit that answered
        ([0, 1, 3, 4, 7, 8], [("c", "d")]),  # nobody in d
        ([0, 1, 3, 7, 8, 9], [("a", "b")]),  # one in b: with the group before it
        ([0, 3, 4, 7, 8, 9], [("a", "b")]),  # one in a, the first: with the group after it
        ([0, 1, 3, 7, 9], [("a", "b", "c")]),  # one in b and one in c
        ([4], [("a", "b", "c", "d")]),  # one in all
    ],
)
def test_a_group_of_fewer_than_two_answers_goes_with_its_neighbour(answered, together):
    numbers, found = put_together(UNITS, UNITS.index[answered])
    assert found == together
    design = grouped(numbers, UNITS.index[answered])
    assert design.weights.sum() == pytest.approx(10)  # each group's units stand for all of it
    assert len(design.strata.sizes) == numbers.nunique() == 4 - sum(len(one) - 1 for one in together)


def test_each_group_has_its_own_weight_and_correction():
    """Two of three answered in a, one of one in d and all others: weights 3/2 and 1, corrections 1/3 and 0."""
    answered = UNITS.index[[0, 1, 3, 4, 5, 6, 7, 8, 9]]
    design = grouped(put_together(UNITS, answered)[0], answered)
    assert list(design.weights) == [1.5, 1.5, 1, 1, 1, 1, 1, 1, 1]
    assert list(design.strata.correction) == pytest.approx([1 / 3, 0, 0, 0])
    without = grouped(put_together(UNITS, answered[:-1])[0], answered[:-1], fpc=False)
    assert list(without.weights) == [1.5, 1.5, 1, 1, 1, 1, 1.5, 1.5] and list(without.strata.correction) == [1, 1, 1]


def test_what_is_put_together_is_noted_once(small):
    """Halden and Moss are large; of the small ones only Marker said that it has a plan or not."""
    found = weighting(panel_of(small(study=BY_SIZE)))
    answers = pd.DataFrame({"y": [1.0, 0.0, 1.0]}, index=pd.Index(["0101", "0104", "0119"], name="unit"))
    for _ in range(2):
        design = found.designs(answers, "plan")["weighted"]
    assert found.notes == ["plan: response groups of size put together: small + large"]
    assert design.weights.sum() == pytest.approx(426) and len(design.strata.sizes) == 1


def test_each_frame_has_its_own_groups(small):
    """2021's frame has 356 municipalities and other groups; its waves' strata are of those."""
    whole = weighting(panel_of(three_waves(small, LATEST | BY_SIZE)))
    for waves, n in ((["2018"], 426), (["2021"], 356)):
        found = whole.among(waves)
        design = found.everyone["weighted"]
        sizes = found.panel.frame.groups["size"].value_counts()
        assert design.population == pytest.approx(n) and n == sizes.sum()
        assert sorted(design.strata.sizes / (1 - design.strata.correction)) == pytest.approx(sorted(sizes))


NO_MARGIN = {'method = "poststratify"\nby = ["size"]': 'method = "linear"\ntotals = ["population"]\nby = []'}


def test_the_key_knows_the_groups_although_nothing_else_names_them(small):
    """Weights by a total alone: what an exhibit is given holds the group of the strata, and its key moves with it."""
    keys = []
    for line in ("", '\nresponse_groups = "size"'):
        panel = panel_of(small(study={old: new + line for old, new in NO_MARGIN.items()}))
        study = panel.answers.study
        given = given_to_exhibit(study, study.plan.exhibits["years"])
        keys.append(given.key("base", digests(panel.answers)))
        seen = given.panel(panel.answers)
        assert list(seen.frame.groups) == (["size"] if line else [])
        assert ("size" in weighting(seen).columns) == bool(line)
    assert keys[0] != keys[1]


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        ('by = ["size"]\nresponse_groups = "sise"', ["group 'sise'", "weights.response_groups", "'size'"]),
        (
            'by = ["size"]\nresponse_groups = "size"\npropensity = { columns = ["size"] }',
            ["response_groups and propensity are two models of who answers", "keep one of the two"],
        ),
    ],
)
def test_what_cannot_be_a_response_group_is_refused_with_its_line(small, lines, fault):
    with pytest.raises(EvalkitError) as caught:
        load_study(small(study={'by = ["size"]': lines}))
    said = str(caught.value)
    assert all(part in said for part in fault), said
    assert "study.toml:" in said


def test_without_weights_response_groups_have_no_use(small):
    none = 'method = "none"\nreason = { nb = "Alle", en = "All" }\nresponse_groups = "size"'
    with pytest.raises(EvalkitError, match='method = "none" has no use for response_groups'):
        load_study(small(study={'method = "poststratify"\nby = ["size"]': none}))


def test_a_further_frame_without_the_group_says_what_holds_there(small):
    """Its own line is asked for; "" makes all who answered one group there."""
    lacking = three_waves(small, BY_SIZE | {"\nregister = 2021\n": "\nregister = 2021\n"})
    text = (lacking / "study.toml").read_text(encoding="utf-8")
    begin, end = text.index("[frames.2021.groups.size]"), text.index("[link]")
    text = text[:begin] + 'without = ["size"]\nweights = { by = [], totals = ["population"] }\n' + text[end:]
    text = text.replace('method = "poststratify"', 'method = "linear"').replace('by = "size"\n', "")
    (lacking / "study.toml").write_text(text, encoding="utf-8")
    with pytest.raises(EvalkitError) as caught:
        load_study(lacking)
    assert "response_groups names group 'size', which frame '2021' does not have" in str(caught.value)
    assert "response_groups = … under [frames.2021.weights]" in str(caught.value)
    text = text.replace('totals = ["population"] }', 'totals = ["population"], response_groups = "" }')
    (lacking / "study.toml").write_text(text, encoding="utf-8")
    design = weighting(panel_of(lacking)).among(["2021"]).everyone["weighted"]
    assert len(design.strata.sizes) == 1 and design.population == pytest.approx(356)
