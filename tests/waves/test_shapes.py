"""Whatever shape an export has, the same forty answers become the same panel."""

from __future__ import annotations

import pandas as pd
import pyreadstat
import pytest

from evalkit import intake, load_study, pipeline, read_wave
from evalkit.errors import DataError
from evalkit.panel.frame import build_frames
from evalkit.panel.harmonise import build_panel
from tests.scenarios.exports import SHAPES, UNITS, UNTICKED, N, codes, csv, moments, stata


def panel_of(folder):
    study = load_study(folder)
    return build_panel(study, [checked.wave for checked in pipeline.check(study)], build_frames(study))


def expected(ticked: bool) -> pd.DataFrame:
    """The forty answers by municipality: plan (8 is don't know), level, the three boxes and years."""
    data = codes()
    table = pd.DataFrame(
        {"plan": data["plan"].map({1: "yes", 2: "no"}), "level": data["level"], "years": data["years"]}
    )
    for place in (1, 2, 3):
        boxes = data[f"means_{place}"].astype(float)
        table[f"means_{place}"] = (
            boxes if ticked else boxes.mask(data[[f"means_{n}" for n in (1, 2, 3)]].sum(axis=1) == 0)
        )
    return table.set_axis(UNITS["code"])


@pytest.mark.parametrize("shape", [*SHAPES, *UNTICKED])
def test_every_shape_becomes_the_same_panel(tmp_path, shape):
    """A row in which no box is ticked is no answer where a box that is not ticked leaves nothing behind."""
    study = intake.new(tmp_path / "study", [{**SHAPES, **UNTICKED}[shape](tmp_path / f"2021_{shape}")])
    panel = panel_of(study.path)
    got, why = panel.data.droplevel("wave"), panel.why.droplevel("wave")
    wanted = expected(shape in SHAPES)
    plan, level, *boxes, years = got.columns
    coded = {"Ja": "yes", "1": "yes", "Nei": "no", "2": "no"}
    assert got[plan].map(coded).where(got[plan] != "8").fillna("-").tolist() == wanted["plan"].fillna("-").tolist()
    assert ((why[plan] == "dont_know") | (got[plan] == "8")).sum() == N // 10
    assert got[level].map({"Lav": 1, "Middels": 2, "Høy": 3, "1": 1, "2": 2, "3": 3}).tolist() == list(wanted["level"])
    assert got[years].astype(float).tolist() == list(wanted["years"])
    pd.testing.assert_frame_equal(
        got[boxes].astype(float).set_axis(["means_1", "means_2", "means_3"], axis=1).reset_index(drop=True),
        wanted[["means_1", "means_2", "means_3"]].reset_index(drop=True),
    )


@pytest.mark.parametrize("version", [114, 117, 118, 119])
def test_stata_files_of_every_form(tmp_path, version):
    wave = read_wave(stata(tmp_path / "2021.dta", version))
    assert list(wave.data["kommnr"]) == list(UNITS["code"]) and wave.variable_labels["plan"] == "Har kommunen en plan?"
    assert wave.value_labels["level"] == {"1": "Lav", "2": "Middels", "3": "Høy"}
    assert (wave.missing["plan"] == "empty").sum() == N // 10


def test_extended_missing_values_of_stata_keep_their_letter(tmp_path):
    data = pd.DataFrame({"q": [1.0, "a", "z"]}, dtype=object)
    path = tmp_path / "w.dta"
    pyreadstat.write_dta(data, str(path), missing_user_values={"q": ["a", "z"]}, variable_value_labels={"q": {1: "Ja"}})
    wave = read_wave(path)
    assert list(wave.missing["q"]) == ["", "a", "z"] and list(wave.data.index) == [1, 2, 3]


def test_labelled_floats_and_text_codes(tmp_path):
    path = tmp_path / "w.sav"
    data = pd.DataFrame({"half": [0.5, 1.5, 0.1 + 0.2], "sex": ["J ", "N", "V"]})
    labels = {"half": {0.5: "Lite", 0.3: "Noe"}, "sex": {"J": "Ja", "N": "Nei", "V": "Vet ikke"}}
    pyreadstat.write_sav(data, str(path), variable_value_labels=labels, missing_ranges={"sex": ["V"]})
    wave = read_wave(path)
    assert wave.value_labels == {"half": {"0.3": "Noe", "0.5": "Lite"}, "sex": labels["sex"]}
    assert list(wave.missing["sex"]) == ["", "", "V"]


@pytest.mark.parametrize(
    "how", ["%Y-%m-%d %H:%M", "%d.%m.%Y %H:%M", "%d/%m/%Y", "%Y-%m-%dT%H:%M:%SZ", "serial", "moment"]
)
def test_times_however_they_are_written(tmp_path, how):
    """Forty answers on the days of March 2021 in turn: the last of a unit that answered twice, on the 1st and 5th."""
    data = codes().assign(levert=moments(how))
    data.loc[4, "kommnr"] = data.loc[0, "kommnr"]
    path = tmp_path / ("2021.xlsx" if how == "moment" else "2021.csv")
    data.to_excel(path, index=False) if how == "moment" else csv(data, path)
    (tmp_path / "s").mkdir()
    study = intake.new(tmp_path / "s" / "study", [path])
    if how == "serial":  # a number alone is not taken for a time unseen
        text = (study.path / "study.toml").read_text(encoding="utf-8")
        text = text.replace('duplicates = "most_complete"', 'answered_at = "levert"\nduplicates = "latest"')
        (study.path / "study.toml").write_text(text, encoding="utf-8")
        items = (study.path / "items.toml").read_text(encoding="utf-8")
        (study.path / "items.toml").write_text(items[: items.index("[levert]")], encoding="utf-8")
        text = text.partition("[exhibits.levert]")[0]
        (study.path / "study.toml").write_text(text, encoding="utf-8")
    lost = panel_of(study.path).answers.discarded
    first = 2 if path.suffix in (".csv", ".xlsx") else 1
    assert lost[["row", "reason", "counts"]].values.tolist() == [[first, "answered earlier", first + 4]]
    assert study.plan.waves[0].day_first is None


def test_a_day_that_may_be_a_month_is_proposed_with_a_comment_and_never_read_without(tmp_path):
    data = codes().assign(levert=[f"0{1 + n % 9}.0{1 + n % 3}.2021" for n in range(N)])
    study = intake.new(tmp_path / "study", [csv(data, tmp_path / "2021.csv")])
    path = study.path / "study.toml"
    line = "day_first = true # no day is above 12, so it may be the month: see that it is the day\n"
    assert line in path.read_text(encoding="utf-8")
    path.write_text(path.read_text(encoding="utf-8").replace(line, ""), encoding="utf-8")
    with pytest.raises(DataError, match="Day and month cannot be told apart"):
        pipeline.check(load_study(study.path))


def test_a_wave_in_two_files(tmp_path):
    """The second file has the rows in the other order; the unit's code joins them."""
    whole = codes()
    study = intake.new(tmp_path / "study", [csv(whole, tmp_path / "2021.csv")])
    csv(whole.iloc[:, :4], study.raw / "2021.csv")
    csv(whole[["kommnr", *whole.columns[4:]]].iloc[::-1], study.raw / "2021_del2.csv")
    path = study.path / "study.toml"
    text = path.read_text(encoding="utf-8").replace('file = "2021.csv"', 'file = "2021.csv"\nparts = ["2021_del2.csv"]')
    path.write_text(text, encoding="utf-8")
    assert panel_of(study.path).data["years"].tolist() == list(whole["years"])
    csv(whole[["kommnr", *whole.columns[4:]]].iloc[1:], study.raw / "2021_del2.csv")
    with pytest.raises(DataError) as caught:
        pipeline.check(load_study(study.path))
    assert "2021.csv and 2021_del2.csv do not fit together" in str(caught.value)
