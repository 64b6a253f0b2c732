"""Files that once gave other numbers and no fault: from the first command to the estimates, as counted by hand."""

from __future__ import annotations

import datetime
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest
from openpyxl import Workbook

import evalkit
from evalkit import intake, load_study, pipeline, read_wave
from evalkit.errors import DataError

UNITS = [
    "0301",
    "1101",
    "1103",
    "1106",
    "1108",
    "1111",
    "1112",
    "1114",
    "1119",
    "1120",
    "1121",
    "1122",
    "1124",
    "1127",
    "1130",
    "1133",
    "1134",
    "1135",
    "1144",
    "1145",
]
YEARS = (2019, 2021)


def sav(path: Path, data: dict[str, object], titles: dict[str, str], **settings: object) -> Path:
    pyreadstat.write_sav(pd.DataFrame({"kommunenr": UNITS, **data}), str(path), column_labels=titles, **settings)
    return path


def book(path: Path, *sheets: tuple[str, list[list[object]]]) -> Path:
    made = Workbook()
    made.remove(made.worksheets[0])
    for name, rows in sheets:
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    made.save(path)
    return path


def by_wave(study: evalkit.study.model.Study) -> pd.DataFrame:
    """Unweighted estimates of a run, of each wave: every exhibit draws on each."""
    path = study.path / "study.toml"
    text = path.read_text(encoding="utf-8")
    if 'waves = "each"' not in text:
        path.write_text(text.replace('items = ["', 'waves = "each"\nitems = ["'), encoding="utf-8")
    rows = evalkit.run(load_study(study.path), until="estimates").estimates
    return rows[(rows["weighting"] == "unweighted") & (rows["group"] == "all")]


def shares(study: evalkit.study.model.Study, item: str) -> dict[str, dict[str, float]]:
    rows = by_wave(study)
    rows = rows[rows["item"] == item]
    return {str(w): dict(zip(of["category"], of["estimate"].round(12))) for w, of in rows.groupby("wave")}


def test_a_missing_code_that_is_declared_and_did_not_occur_is_missing_all_the_same(tmp_path):
    """2019: 10 of 20 yes. 2021: 9 times 1 and 2, one 8, one 1: 10 of the 19 who answered; 8 and 9 are declared."""
    labels = {"q": {1: "Ja", 2: "Nei", 8: "DK", 9: "NA"}}
    answers = {2019: [1.0, 2] * 10, 2021: [1.0, 2] * 9 + [8, 1]}
    files = [
        sav(tmp_path / f"a_{year}.sav", {"q": q}, {"q": "Har plan"}, variable_value_labels=labels,
            missing_ranges={"q": [{"lo": 8, "hi": 9}]})
        for year, q in answers.items()
    ]  # fmt: skip
    study = intake.new(tmp_path / "study", files)
    assert list(study.items) == ["q"]
    assert study.items["q"].missing == {"8": "dont_know", "9": "not_applicable"}
    text = (study.path / "items.toml").read_text(encoding="utf-8")
    assert '9 = "not_applicable" # «NA»: NA is no answer in some surveys, not applicable in others: see which' in text
    assert shares(study, "q") == {"2019": {"": pytest.approx(10 / 20)}, "2021": {"": pytest.approx(10 / 19)}}


def test_ages_with_words_on_special_codes_are_numbers(tmp_path):
    """30, 31 … 48 and one 98: their mean is 39."""
    ages = [30.0 + n for n in range(19)] + [98.0]
    files = [
        sav(tmp_path / f"c_{year}.sav", {"alder": ages}, {"alder": "Age of respondent"},
            variable_value_labels={"alder": {98: "DK", 99: "NA"}})
        for year in YEARS
    ]  # fmt: skip
    study = intake.new(tmp_path / "study", files)
    assert study.items["alder"].type == "numeric" and study.items["alder"].missing["98"] == "dont_know"
    assert shares(study, "alder") == {"2019": {"": 39.0}, "2021": {"": 39.0}}


def test_a_comma_inside_an_answer_makes_no_list(tmp_path):
    """Of 20: Norway 8, either Korea 4, Sweden 4."""
    countries = ["Norge", "Korea, Sør", "Korea, Nord", "Sverige", "Norge"] * 4
    files = []
    for year in YEARS:
        files.append(tmp_path / f"d_{year}.xlsx")
        pd.DataFrame({"kommunenr": UNITS, "Land": countries}).to_excel(files[-1], index=False)
    study = intake.new(tmp_path / "study", files)
    one = {"Norge": 0.4, "Korea, Sør": 0.2, "Korea, Nord": 0.2, "Sverige": 0.2}
    assert shares(study, "land") == {"2019": pytest.approx(one), "2021": pytest.approx(one)}
    text = (study.path / "items.toml").read_text(encoding="utf-8")
    assert "# in alphabetical order: put them in the scale's\n[land.categories]" in text
    assert "# commas are taken for part of the words" in text


def test_a_list_whose_option_has_a_comma_keeps_it(tmp_path):
    """Cells of the options "Kurs, korte", "Lønn" and "Nettverk": 12, 12 and 8 of 20."""
    cells = ["Kurs, korte", "Lønn", "Kurs, korte, Lønn", "Kurs, korte, Nettverk", "Lønn, Nettverk"] * 4
    path = tmp_path / "2021.xlsx"
    pd.DataFrame({"kommunenr": UNITS, "tiltak": cells}).to_excel(path, index=False)
    study = intake.new(tmp_path / "study", [path])
    assert [option.nb for option in study.items["tiltak"].options.values()] == ["Kurs, korte", "Lønn", "Nettverk"]
    assert list(shares(study, "tiltak")["2021"].values()) == pytest.approx([12 / 20, 12 / 20, 8 / 20])


def test_a_stata_file_whose_unused_byte_is_set(tmp_path):
    path = tmp_path / "e_2019.dta"
    pd.DataFrame({"kommunenr": UNITS, "x": [1, 2, 2, 2] * 5}).to_stata(path, version=114, write_index=False)
    raw = bytearray(path.read_bytes())
    raw[3] = 0x1C
    path.write_bytes(bytes(raw))
    study = intake.new(tmp_path / "study", [path])
    assert shares(study, "x") == {"2019": {"1": 0.25, "2": 0.75}}


def test_row_numbers_without_a_name_are_left_out(tmp_path):
    files = [tmp_path / f"f_{year}.csv" for year in YEARS]
    for file in files:
        pd.DataFrame({"kommunenr": UNITS, "plan": ["Ja", "Nei", "Nei", "Nei"] * 5}).to_csv(file)
    study = intake.new(tmp_path / "study", files)
    assert shares(study, "plan") == {"2019": {"": 0.25}, "2021": {"": 0.25}}
    note = "f_2019.csv: column 1 has no name and numbers the rows: it is not read"
    assert f"# {note}\n" in (study.path / "study.toml").read_text(encoding="utf-8")


def test_two_equal_heads_are_two_columns(tmp_path):
    """Everybody said yes in both waves: that is a result, 100 percent, and no technical column."""
    head = "kommunenr,Plan,Other,Budget,Other"
    files = [tmp_path / f"g_{year}.csv" for year in YEARS]
    for file in files:
        file.write_text("\n".join([head, *(f"{unit},Ja,,{n},x{n % 2}" for n, unit in enumerate(UNITS))]) + "\n")
    study = intake.new(tmp_path / "study", files)
    assert shares(study, "plan") == {"2019": {"": 1.0}, "2021": {"": 1.0}}
    second = study.items["other_column_5"]
    assert second.column == "Other (column 5)" and list(second.categories) == ["x0", "x1"]
    assert study.plan.waves[0].ignore == ("Other",)


def test_a_sheet_a_year_is_a_wave_each(tmp_path):
    """2019: 20 of 20; 2021: 15 of 20; the column without a name is 3 in every row."""
    rows = {2019: ["Ja"] * 20, 2021: ["Ja", "Ja", "Ja", "Nei"] * 5}
    sheets = [
        (str(year), [["kommunenr", "Plan", None], *([unit, plan, 3] for unit, plan in zip(UNITS, said))])
        for year, said in rows.items()
    ]
    study = intake.new(tmp_path / "study", [book(tmp_path / "h.xlsx", *sheets)])
    assert [(wave.id, wave.sheet, str(wave.date)) for wave in study.plan.waves] == [
        ("2019", "2019", "2019-01-01"),
        ("2021", "2021", "2021-01-01"),
    ]
    assert shares(study, "plan") == {"2019": {"": 1.0}, "2021": {"": 0.75}}
    with pytest.raises(DataError, match="holds 2 waves"):
        intake.further_wave(study, tmp_path / "h.xlsx", write=False)


@pytest.mark.parametrize("turned", [False, True])
def test_a_question_that_all_answer_alike_in_a_wave_stays(tmp_path, turned):
    """Half of 20 in one wave, all in the other."""
    some = {2019: ["Ja", "Nei"] * 10, 2021: ["Ja"] * 20}
    some = dict(zip(some, reversed(some.values()))) if turned else some
    files = []
    for year, said in some.items():
        files.append(tmp_path / f"k_{year}.csv")
        pd.DataFrame({"kommunenr": UNITS, "har_plan": said, "budsjett": ["Ja", "Nei"] * 10}).to_csv(
            files[-1], index=False
        )
    study = intake.new(tmp_path / "study", files)
    assert shares(study, "har_plan") == {"2019": {"": 1.0 if turned else 0.5}, "2021": {"": 0.5 if turned else 1.0}}


def test_a_further_wave_in_which_all_answer_alike_is_not_ignored(tmp_path):
    files = [tmp_path / f"k_{year}.csv" for year in YEARS]
    for file, said in zip(files, (["Ja", "Nei"] * 10, ["x"] * 20)):
        pd.DataFrame({"kommunenr": UNITS, "svar": said, "annen": ["a", "b"] * 10}).to_csv(file, index=False)
    study = intake.new(tmp_path / "study", files[:1])
    lines, _ = intake.further_wave(study, files[1], write=False)
    assert "ignore" not in lines.study


def test_what_means_nothing_in_any_wave_is_ignored(tmp_path):
    files = [tmp_path / f"w_{year}.csv" for year in YEARS]
    for file, year in zip(files, YEARS):
        data = {"kommunenr": UNITS, "svar": ["Ja", "Nei"] * 10, "status": ["complete"] * 20, "runde": [year] * 20}
        pd.DataFrame(data | {"igjen": UNITS, "tom": [None] * 20}).to_csv(file, index=False)
    study = intake.new(tmp_path / "study", files)
    assert list(study.items) == ["svar"] and study.plan.waves[1].ignore == ("status", "runde", "igjen", "tom")


def test_ticks_that_repeat_their_head_are_boxes(tmp_path):
    """Time in odd rows, money in every third: 10 and 7 ticks in the 14 rows with any."""
    rows = [
        [unit, "Mangler tid" if n % 2 else None, "Mangler penger" if n % 3 == 0 else None, "Ja" if n % 4 else "Nei"]
        for n, unit in enumerate(UNITS)
    ]
    heads: list[object] = ["kommunenr", "Mangler tid", "Mangler penger", "Har plan"]
    files = [book(tmp_path / f"l_{year}.xlsx", ("Svar", [heads, *rows])) for year in YEARS]
    study = intake.new(tmp_path / "study", files)
    told = list(shares(study, "mangler")["2021"].values())
    assert told == pytest.approx([10 / 14, 7 / 14])
    assert shares(study, "har_plan")["2019"] == {"": 0.75}


def test_a_box_that_nobody_ticked_in_a_wave_is_a_box(tmp_path):
    labels = {name: {0: "Ikke", 1: "Valgt"} for name in ("p1", "p2", "p3")}
    titles = {"p1": "Tiltak: kurs", "p2": "Tiltak: plan", "p3": "Tiltak: nettverk"}
    files = [
        sav(tmp_path / f"j_{year}.sav",
            {"p1": [0.0, 1] * 10, "p2": [1.0, 0] * 10, "p3": [0.0, 1] * 10 if year == 2019 else [0.0] * 20},
            titles, variable_value_labels=labels)
        for year in YEARS
    ]  # fmt: skip
    study = intake.new(tmp_path / "study", files)
    told = shares(study, "tiltak")
    assert list(told["2019"].values()) == [0.5, 0.5, 0.5] and list(told["2021"].values()) == [0.5, 0.5, 0.0]


def test_durations_of_more_than_a_day_and_months(tmp_path):
    """25 hours in six rows, 1 hour in fourteen: a mean of 8.2. The month: 13 823 308 800 s / 86 400 = 159 992 days.

    From 14 October 1582, which is Julian day 2 299 159.5: day 2 459 151.5, 29 October 2020.
    """
    data = {"hours": [90000.0] * 6 + [3600.0] * 14, "started": [13823308800.0] * 20, "month": [1.0, 2, 2, 12] * 5}
    formats = {"hours": "TIME8", "started": "MOYR8", "month": "MONTH3"}
    path = sav(tmp_path / "w1.sav", data, {"hours": "Timer brukt", "started": "Når?"}, variable_format=formats)
    wave = read_wave(path)
    assert wave.data["started"].unique().tolist() == ["2020-10"] and wave.hours == {"hours"}
    study = intake.new(tmp_path / "study", [path])
    assert study.items["hours"].unit is not None and study.items["hours"].unit.nb == "timer"
    found = by_wave(study).set_index("item")
    assert found.loc["hours", "estimate"] == pytest.approx((6 * 25 + 14 * 1) / 20)
    month = found.loc["month"].set_index("category")["estimate"].to_dict()
    assert month["1"] == 0.25 and month["2"] == 0.5 and month["12"] == 0.25
    assert study.items["month"].categories["12"].en == "December"


def test_a_cell_that_excel_made_a_date_is_said_and_never_lost_unseen(tmp_path):
    """The mean of the other 19 of 1.5, 2.5 … 20.5 without the fourth, 4.5: (20 · 11 − 4.5) / 19."""
    cells: list[object] = [1.5 + n for n in range(20)]
    cells[3] = datetime.date(2024, 2, 1)
    rows = [[unit, cell, "Ja" if n % 2 else "Nei"] for n, (unit, cell) in enumerate(zip(UNITS, cells))]
    path = book(tmp_path / "x1.xlsx", ("Svar", [["kommunenr", "Årsverk", "Plan?"], *rows]))
    study = intake.new(tmp_path / "study", [path])
    assert study.items["arsverk"].missing == {"2024-02-01": "empty"}
    line = '2024-02-01 = "empty" # row 5 holds a date: Excel makes one of a number such as 1.2: its value is lost'
    items = study.path / "items.toml"
    assert line in items.read_text(encoding="utf-8")
    assert any("dates among numbers" in note for note in pipeline.check(study)[0].notes)
    assert by_wave(study).set_index("item").loc["arsverk", "estimate"] == pytest.approx((20 * 11 - 4.5) / 19)
    text = items.read_text(encoding="utf-8")
    kept = text[: text.index("[arsverk.missing]")] + text[text.index("[plan]") :]
    items.write_text(kept, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        pipeline.check(load_study(study.path))
    assert str(caught.value).startswith("'2024-02-01' is a date, not a number in 'Årsverk'\n  where: x1.xlsx, row 5\n")
    mend = str(caught.value).rpartition("add it to missing: ")[2]
    items.write_text(kept.replace("[arsverk]\n", f"[arsverk]\n{mend}\n"), encoding="utf-8")
    assert load_study(study.path).items["arsverk"].missing == {"2024-02-01": "empty"}
    pipeline.check(load_study(study.path))


def test_a_day_of_1900_among_numbers_is_the_number_that_excel_shows_so(tmp_path):
    """Excel's day 2.5 is noon on 2 January 1900, day 61 is 1 March: its 60 is 29 February."""
    cells: list[object] = [1.5 + n for n in range(20)]
    cells[3:5] = datetime.datetime(1900, 1, 2, 12), datetime.datetime(1900, 3, 1)
    rows = [[unit, cell, "Ja" if n % 2 else "Nei"] for n, (unit, cell) in enumerate(zip(UNITS, cells))]
    path = book(tmp_path / "x1.xlsx", ("Svar", [["kommunenr", "Årsverk", "Plan?"], *rows]))
    study = intake.new(tmp_path / "study", [path])
    assert study.items["arsverk"].missing == {}
    mean = by_wave(study).set_index("item").loc["arsverk", "estimate"]
    assert mean == pytest.approx((20 * 11 - 4.5 - 5.5 + 2.5 + 61) / 20)


def test_a_number_that_no_survey_holds_is_a_doubt(tmp_path):
    path = sav(tmp_path / "w1.sav", {"years": [2.3e77] + [1.5 * n for n in range(19)]}, {"years": "År"})
    study = intake.new(tmp_path / "study", [path])
    assert "# no survey holds 2.3e+77:" in (study.path / "items.toml").read_text(encoding="utf-8")
    (note,) = pipeline.check(study)[0].notes
    assert note == "years: no survey holds 2.3e+77: row 1; correct it, or add it to missing"


@pytest.mark.parametrize(
    ("record", "codes"), [("88/", "8"), ("98/", "LOWEST thru 8"), ("A8/", "8 thru HIGHEST"), ("B8/9/", "8 thru 9")]
)
def test_portable_files_keep_their_declared_missing_codes(tmp_path, record, codes):
    """The records of a portable file: 8 a value, 9 all up to one, A all from one, B a range."""
    path = tmp_path / "w.por"
    data = pd.DataFrame({"KOMMNR": ["0301", "1101"], "Q": [10.0, 8.0] if record[0] == "9" else [1.0, 8.0]})
    pyreadstat.write_por(data, str(path), column_labels=["Kommune", "Plan"])
    flat = path.read_text().replace("\n", "").rstrip("Z")
    at = flat.index("70/1/Q5/8/2/5/8/2/") + len("70/1/Q5/8/2/5/8/2/")
    flat = flat[:at] + record + flat[at:] + "Z"
    flat += "Z" * (-len(flat) % 80)
    path.write_text("\n".join(flat[n : n + 80] for n in range(0, len(flat), 80)) + "\n")
    wave = read_wave(path)
    assert list(wave.missing["Q"]) == ["", "8"] and "8" in wave.no_answers("Q")
    assert wave.data["Q"].tolist()[0] == data["Q"][0]


def test_stata_keeps_letters_that_have_a_label_and_did_not_occur(tmp_path):
    path = tmp_path / "w.dta"
    data = pd.DataFrame({"kommunenr": UNITS, "q": ["a", 1.0, 2.0, 2.0] * 5}, dtype=object)
    labels = {"q": {1: "Ja", 2: "Nei", "a": "Vet ikke", "b": "Ikke aktuelt"}}
    pyreadstat.write_dta(data, str(path), variable_value_labels=labels, missing_user_values={"q": ["a", "b"]})
    study = intake.new(tmp_path / "study", [path])
    assert study.items["q"].missing == {"a": "dont_know", "b": "not_applicable"}
    assert shares(study, "q") == {"w": {"": pytest.approx(5 / 15)}}


def test_words_of_a_program_for_nothing_are_empty(tmp_path):
    """NA, as R writes it: 10 of 15 yes, and a mean of 2 over the numbers."""
    path = tmp_path / "w_2021.csv"
    data = pd.DataFrame({"kommunenr": UNITS, "plan": ["Ja", "Ja", "Nei", None] * 5, "n": [1.5, None, 2.5, 2.0] * 5})
    data.to_csv(path, index=False, na_rep="NA")
    study = intake.new(tmp_path / "study", [path])
    assert study.items["plan"].missing == {"NA": "empty"} == study.items["n"].missing
    assert shares(study, "plan") == {"2021": {"": pytest.approx(10 / 15)}}
    assert shares(study, "n") == {"2021": {"": pytest.approx(2.0)}}


def test_countries_are_no_reasons(tmp_path):
    """DK among NO and SE is Denmark."""
    path = tmp_path / "w_2021.csv"
    pd.DataFrame({"kommunenr": UNITS, "land": ["NO", "SE", "DK", "DK"] * 5}).to_csv(path, index=False)
    study = intake.new(tmp_path / "study", [path])
    assert shares(study, "land") == {"2021": {"NO": 0.25, "SE": 0.25, "DK": 0.5}}
