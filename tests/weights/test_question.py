"""A study's weights: margins merged and filled as it says, each question on its own answers, and said if not."""

from __future__ import annotations

import pandas as pd
import pytest

from evalkit import load_study
from evalkit.errors import DataError, MethodError
from evalkit.estimates.sample import dispositions
from evalkit.panel import municipalities
from evalkit.panel.frame import build_frame, build_frames
from evalkit.panel.harmonise import build_panel
from evalkit.waves.check import read_study_wave
from evalkit.weights.question import weighting
from tests.conftest import UNITS


def weighted(folder):
    study = load_study(folder)
    panel = build_panel(study, [read_study_wave(study, spec.id) for spec in study.plan.waves], build_frames(study))
    return weighting(panel)


def test_unweighted_is_a_simple_random_sample_of_the_frame(small):
    design = weighted(small()).everyone["unweighted"]
    assert list(design.weights) == pytest.approx([426 / 5] * 5)


def test_weights_return_the_frame(small):
    design = weighted(small()).everyone["weighted"]
    frame = build_frame(load_study(small()))
    sums = design.weights.groupby(design.data["size"].to_numpy(), observed=True).sum()
    assert sums.to_dict() == pytest.approx(frame.groups["size"].value_counts().to_dict())


def test_merged_categories_share_one_total(small):
    """Only units of Østfold (01) answered: every county must be weighted with it."""
    codes = [f"{code:02d}" for code in [*range(1, 13), *range(14, 21)]]
    counties = "".join(f'"{code}" = {{ nb = "{code}", en = "{code}" }}\n' for code in codes)
    label = '[groups.county]\nlabel = { nb = "Fylke", en = "County" }\ncolumn = "county_code"\n'
    key = '[weights]\nmethod = "poststratify"\nby = ["size"]'
    text = f'{label}[groups.county.categories]\n{counties}\n[weights]\nmethod = "poststratify"\nby = ["county"]'
    study = {key: text}
    with pytest.raises(MethodError) as caught:
        _ = weighted(small(study=study)).everyone
    assert "categories without respondents" in str(caught.value) and "merge.county" in str(caught.value)
    merge = ", ".join(f'{code:02d} = "01"' for code in [*range(2, 13), *range(14, 21)])
    design = weighted(small(study={key: f"{text}\nmerge.county = {{ {merge} }}"})).everyone["weighted"]
    assert list(design.weights) == pytest.approx([426 / 5] * 5)


def test_a_question_that_cannot_be_weighted_borrows_and_says_why(small):
    found = weighted(small())
    only_large = pd.DataFrame({"y": [1.0, 0.0]}, index=pd.Index(["0101", "0104"], name="unit"))
    design = found.designs(only_large, "y")["weighted"]
    assert design.weights.sum() == pytest.approx(426)
    why = "size has categories without respondents"
    assert found.notes == [f"y: weighted as all who answered, because {why}"]


def test_what_stands_for_a_missing_value_is_in_weights_and_not_in_summaries(small):
    folder = small(
        study={
            "[frame]\nregister = 2017": '[frame]\nregister = 2017\nextra = "income.csv"\nfill = { income = 100 }',
            'by = ["size"]': 'by = []\ntotals = ["income"]',
            'method = "poststratify"': 'method = "linear"',
        }
    )
    units = municipalities(2017)["code"]
    income = pd.DataFrame({"code": units, "income": [None, *range(90, 90 + len(units) - 1)]})
    income.to_csv(folder.parent.parent / "data_raw" / "small" / "income.csv", index=False)
    frame = build_frame(load_study(folder))
    assert frame.units["income"].isna().sum() == 1 and frame.filled["income"].isna().sum() == 0
    design = weighted(folder).everyone["weighted"]
    total = (design.weights.to_numpy() * frame.filled.loc[design.data.index, "income"]).sum()
    assert total == pytest.approx(frame.filled["income"].sum())


def test_an_unknown_total_is_named(small):
    with pytest.raises(DataError, match="no column 'incom'"):
        build_frame(
            load_study(small(study={'by = ["size"]': 'by = []\ntotals = ["incom"]', '"poststratify"': '"linear"'}))
        )


def test_complete_and_partial_answers(small):
    """Of 2018's answers: 0101 was asked plan, means, years (3 of 3); 0104 all four; 0118 three of four (no years);
    0119 plan (don't know), why_not and years (3 of 4); 0122 means and years, plan and why_not empty (2 of 4).
    """
    study = load_study(small())
    found = dispositions(weighted(small()).panel, study)
    assert len(found) == 426
    assert found.loc[list(UNITS), "2018"].to_dict() == {
        "0101": "complete", "0104": "complete", "0118": "partial", "0119": "partial", "0121": "none", "0122": "partial",
    }  # fmt: skip
    assert found["latest"].value_counts().to_dict() == {"none": 421, "complete": 2, "partial": 3}


def test_propensity_classes_come_before_the_margins(small):
    """One group, large or small: 2 of the large and 3 of the small answered, so the inverse propensities are
    post-stratification's weights already.
    """
    key = 'method = "poststratify"\nby = ["size"]'
    plain = weighted(small()).everyone["weighted"]
    study = {key: f'{key}\npropensity = {{ columns = ["size"] }}'}
    design = weighted(small(study=study)).everyone["weighted"]
    assert list(design.weights) == pytest.approx(list(plain.weights))
    assert [step.name for step in design.steps] == ["base", "poststratify"]
    assert design.steps[0].max > design.steps[0].min
