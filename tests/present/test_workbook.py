"""The workbook: numbers as numbers, text as text, a sheet and a native chart an exhibit, the same bytes each time."""

import math
import re
import zipfile
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest

from evalkit.errors import MethodError
from evalkit.present.exhibit import Exhibit
from evalkit.present.workbook import sheet_names, write_workbook

ABOUT = {"title": "Prøveundersøkelse", "notice": "Rekonstruerte data", "run": "cce698238c49", "date": date(2026, 1, 31)}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("workbook")


@pytest.fixture(scope="module")
def book(folder, exhibits):
    """The made exhibits of every kind, in Norwegian, read back."""
    write_workbook(list(exhibits.values()), folder / "results.xlsx", "nb", about=ABOUT)
    return openpyxl.load_workbook(folder / "results.xlsx")


def head_row(sheet) -> int:
    """The row of the table's heads: the frozen pane begins below it."""
    return int(re.sub(r"\D", "", sheet.freeze_panes)) - 1


def table(sheet) -> dict[str, list]:
    """The table's columns by their heads, down to the first empty row."""
    top = head_row(sheet)
    rows = []
    for row in sheet.iter_rows(min_row=top + 1, values_only=True):
        if row[0] is None:
            break
        rows.append(row)
    heads = [cell.value for cell in sheet[top] if cell.value is not None]
    return {head: [row[k] for row in rows] for k, head in enumerate(heads)}


def test_a_first_sheet_with_links_and_a_sheet_an_exhibit(book, exhibits):
    assert book.sheetnames == ["Innhold", *exhibits]
    contents = book["Innhold"]
    assert [contents["A1"].value, contents["A2"].value] == ["Prøveundersøkelse", "Rekonstruerte data."]
    assert contents["A3"].value == "Kjøring: cce698238c49. Dato: 31. januar 2026"
    links = {row[0].value: row[0].hyperlink.location for row in contents.iter_rows(min_row=6, max_col=1)}
    assert links == {name: f"'{name}'!A1" for name in exhibits}
    assert book["own_plan"]["A4"].hyperlink.location == "'Innhold'!A1"


def test_numbers_are_numbers_with_their_formats_weighted_and_unweighted(book):
    found = table(book["own_plan"])
    assert list(found)[:2] == ["Innbyggertall", "N"]
    assert found["Innbyggertall"] == [
        "Under 2\u00a0000", "2\u00a0000–3\u00a0999", "4\u00a0000–6\u00a0999", "7\u00a0000–14\u00a0999",
        "15\u00a0000 eller flere", "Alle",
    ]  # fmt: skip
    assert found["N"] == [52, 47, 45, 41, 35, 220]
    # the shares of conftest's own_plan, as they stand there
    assert found["Andel, vektet"][:5] == [0.54, 0.57, 0.61, 0.66, 0.72]
    assert found["Andel, uvektet"][:5] == [0.52, 0.58, 0.62, 0.67, 0.74]
    cell = book["own_plan"].cell(row=head_row(book["own_plan"]) + 1, column=3)
    assert (cell.data_type, cell.number_format) == ("n", "0.0 %")


def test_a_mean_has_decimals_and_an_infinite_number_its_sign(book, exhibits):
    mean = book["mapping"]
    assert mean.cell(row=head_row(mean) + 1, column=3).number_format == "#,##0.0"
    infinite = next(e for e in exhibits.values() if any(math.isinf(x) for x in e.data["estimate"]))
    values = [value for column in table(book[infinite.name]).values() for value in column]
    assert "∞" in values and not any(isinstance(value, float) and math.isinf(value) for value in values)


def test_each_sheet_says_base_n_waves_notes_source_and_notice(book, exhibits):
    for name, exhibit in exhibits.items():
        text = " ".join(str(cell.value) for row in book[name].iter_rows() for cell in row if cell.value is not None)
        assert exhibit.notice is None or f"{exhibit.notice['nb']}." in text, name
        assert f"Kilde: {exhibit.source['nb']}" in text, name
        assert "(N\u00a0=\u00a0" in text, name
    text = [str(cell.value) for cell in book["own_plan"]["A"]]
    assert "Spørsmål: «Har kommunen en egen kompetanseplan for helse- og omsorgstjenesten?»" in text
    assert "Hvem det gjelder: Kommuner som har kartlagt kompetansebehovet." in [c.value for c in book["mapping"]["A"]]


def test_charts_are_native_and_point_at_their_numbers(book, folder, exhibits):
    kinds = {"own_plan": "BarChart", "levels": "BarChart"}
    for name, kind in kinds.items():
        (chart,) = book[name]._charts
        assert type(chart).__name__ == kind
    with zipfile.ZipFile(folder / "results.xlsx") as parts:
        charts = [parts.read(n).decode() for n in parts.namelist() if n.startswith("xl/charts/chart")]
        drawings = [parts.read(n).decode() for n in parts.namelist() if n.startswith("xl/drawings/drawing")]
    without = ("summary", "r_indicator")
    assert len(charts) == sum(exhibit.kind not in without for exhibit in exhibits.values())
    assert any("percentStacked" in chart for chart in charts)
    (plan,) = [chart for chart in charts if "own_plan!" in chart]
    reference = re.search(r"<c:val><c:numRef><c:f>own_plan!\$B\$(\d+):\$B\$(\d+)</c:f>", plan)
    sheet = book["own_plan"]
    values = [sheet.cell(row=k, column=2).value for k in range(int(reference[1]), int(reference[2]) + 1)]
    assert values[:5] == [0.54, 0.57, 0.61, 0.66, 0.72]
    assert re.search(r"<c:errBars>.*<c:plus><c:numRef><c:f>own_plan!\$C", plan)
    assert all('descr="' in drawing for drawing in drawings)
    assert any('descr="Liggende stolper' in drawing for drawing in drawings)


def plots(path: Path) -> dict[str, str]:
    """The XML of each chart, by the sheet whose numbers it shows."""
    with zipfile.ZipFile(path) as parts:
        charts = [parts.read(n).decode() for n in parts.namelist() if n.startswith("xl/charts/chart")]
    return {re.search(r"<c:f>'?([^'!<]+)'?!", chart)[1]: chart for chart in charts}


def limits(chart: str) -> dict[str, float]:
    axis = re.search(r"<c:valAx>.*?</c:scaling>", chart)[0]
    return {name: float(value) for name, value in re.findall(r'<c:(min|max) val="([^"]+)"/>', axis)}


def test_bars_begin_at_zero_and_shares_end_at_one(folder, book, exhibits):
    found = plots(folder / "results.xlsx")
    shares = [name for name, exhibit in exhibits.items() if exhibit.kind in ("share", "multiple", "distribution")]
    assert len(shares) > 5 and all(limits(found[name]) == {"min": 0, "max": 1} for name in shares)
    # differences of sample and population go below zero
    assert "min" not in limits(found["love"])
    assert limits(found["mapping"])["min"] == 0


def test_changes_are_percentage_points_and_their_axis_holds_the_intervals(folder, book, exhibits):
    (name, *_) = [name for name, exhibit in exhibits.items() if exhibit.kind == "screen"]
    rows = exhibits[name].rows(category="change")
    found = limits(plots(folder / "results.xlsx")[name])
    assert found["min"] <= 100 * rows["ci_low"].min() < 0 and found["max"] >= 100 * rows["ci_high"].max()
    assert '<c:tickLblSkip val="1"/>' in plots(folder / "results.xlsx")[name]
    heads = table(book[name])
    assert sorted(heads["Endring, prosentpoeng"]) == pytest.approx(sorted(100 * rows["estimate"]))
    values = [cell.value for row in book[name].iter_rows() for cell in row]
    assert values.count("Endring, prosentpoeng") == 2 and "Andel" not in values


def test_a_pasted_chart_says_what_it_rests_on(folder, book):
    found = plots(folder / "results.xlsx")
    axis = re.search(r"<c:valAx>.*</c:valAx>", found["own_plan"])[0]
    said = "Kommuner som har svart (N\u00a0=\u00a0220). Runder: 2018 og 2019, siste svar. Vektede tall. "
    said += "Streken viser 95\u00a0% konfidensintervall. Rekonstruerte data: svarene er laget etter publiserte tall."
    assert said in axis
    assert "Uvektede tall" in found["county"] and "Streken" not in found["levels"]
    assert '<c:numFmt formatCode="0 %"' in re.search(r"<c:valAx>.*</c:valAx>", found["levels"])[0]


def test_counts_are_neither_weighted_nor_unweighted_and_stand_once(book):
    heads = list(table(book["changed"]))
    assert {"Fra nei til ja", "Fra ja til nei", "Uendret", "Før, vektet", "Før, uvektet"} <= set(heads)
    assert len(heads) == len(set(heads)) and not any(head.startswith("Fra nei til ja,") for head in heads)
    assert [head for head in table(book["table_1"]) if head.split(",")[0] == "N"] == ["N"]


def test_characteristics_are_not_called_questions(book):
    for name in ("table_1", "love", "evenness"):
        assert next(iter(table(book[name]))) == "Kjennetegn", name


def test_each_interval_of_a_conditional_logit_is_named_after_its_own_estimate(book):
    found = table(book["table_2"])
    assert found["Koeffisient: 95\u00a0% KI, nedre"][0] == 0.2349
    # exp(0.2349) = 1.26 and exp(2.0705) = 7.93, as the published table has them
    assert found["Oddsratio: 95\u00a0% KI, nedre"][0] == pytest.approx(1.2648, abs=1e-4)
    assert found["Oddsratio: 95\u00a0% KI, øvre"][0] == pytest.approx(7.9288, abs=1e-4)


def test_fit_comparison_and_other_measures_of_infinite_terms_are_in_the_workbook(book):
    rows = [[cell for cell in row if cell is not None] for row in book["table_2_infinite"].iter_rows(values_only=True)]
    assert ["Modell\u00a01", "−2\u00a0log-likelihood", 27.5539] in rows
    difference = "Differanse i −2\u00a0log-likelihood fra modell\u00a01"
    assert ["Modell\u00a02", difference, 4.67149, 4, 0.3227] in rows
    assert ["Modell\u00a02", f"{difference} – p, eksakt", 0.5309] in rows
    (firth,) = [row for row in rows if len(row) > 5 and str(row[1]).startswith("Firth")]
    # exp(1.7177) = 5.57: the odds ratio beside the coefficient; no standard error, no p
    assert firth[2:6] == [66, 1.7177, -1.4653, 6.8122] and firth[6] == pytest.approx(5.5717, abs=1e-3)
    (exact,) = [row for row in rows if len(row) > 5 and str(row[1]).startswith("Eksakt")]
    assert exact[5] == "∞" and exact[-1] == 0.8


def test_a_chi_square_has_its_degrees_of_freedom(book, exhibits):
    tests = exhibits["evenness"].rows(category="chi_square")
    assert [x for x in table(book["evenness"])["Frihetsgrader"] if x is not None] == list(tests["df"])


def test_the_chart_stands_under_the_table_with_its_numbers_under_it(book):
    sheet = book["own_plan"]
    (chart,) = sheet._charts
    column = [cell.value for cell in sheet["A"]]
    assert chart.anchor._from.col == 0
    assert column.index("Alle") < chart.anchor._from.row < column.index("Tallene i diagrammet.")
    assert sheet["B4"].hyperlink.location == f"'own_plan'!A{chart.anchor._from.row + 1}"
    assert "Har egen kompetanseplan" not in sheet["A2"].value


def test_nothing_in_the_file_is_a_formula(folder, exhibits):
    evil = {"nb": '=HYPERLINK("http://example.org")', "en": "+1"}
    plan = exhibits["own_plan"]
    spec = {**vars(plan), "title": evil, "note": {"nb": "@SUM(A1)", "en": "-1"}}
    spec["labels"] = {**plan.labels, "group": {code: {"nb": "-2+3", "en": "=1"} for code in plan.labels["group"]}}
    spec["source"] = {"nb": "+47 <b>& \x07</b>", "en": "x"}
    path = folder / "evil.xlsx"
    write_workbook([Exhibit(**spec)], path, "nb", about=ABOUT | {"title": "=1+1", "notice": "-x"})
    with zipfile.ZipFile(path) as parts:
        sheets = [parts.read(n).decode() for n in parts.namelist() if n.startswith("xl/worksheets/sheet")]
    assert not any("<f>" in sheet for sheet in sheets)
    found = openpyxl.load_workbook(path)
    assert found["Innhold"]["A1"].value == "=1+1" and found["Innhold"]["A1"].data_type == "s"
    sheet = found["own_plan"]
    assert sheet["A1"].value == '=HYPERLINK("http://example.org"), etter innbyggertall'
    assert sheet["A1"].data_type == "s" and sheet["A1"].quotePrefix
    assert table(sheet)["Innbyggertall"][:2] == ["-2+3", "-2+3"]


def test_ready_for_print_and_for_reading(book):
    sheet = book["own_plan"]
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    # one page wide is Excel's own default and need not be said; 0 is as many pages high as it takes
    assert sheet.sheet_properties.pageSetUpPr.fitToPage and sheet.page_setup.fitToWidth in (None, 1)
    assert sheet.page_setup.fitToHeight == 0
    assert sheet.print_title_rows == "$5:$5"
    assert sheet.freeze_panes == "B6"
    assert sheet.column_dimensions["A"].width > 20


def test_same_exhibits_same_bytes(folder, exhibits, monkeypatch):
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    one, other = folder / "one.xlsx", folder / "other.xlsx"
    for path in (one, other):
        write_workbook(list(exhibits.values()), path, "en", about=ABOUT)
    assert one.read_bytes() == other.read_bytes()
    assert openpyxl.load_workbook(one).properties.created == datetime(2026, 1, 31)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    write_workbook(list(exhibits.values()), other, "en", about=ABOUT)
    assert openpyxl.load_workbook(other).properties.created == datetime(1970, 1, 2)
    assert sorted(path.name for path in folder.glob(".*")) == []


def test_names_of_sheets_are_short_and_each_its_own():
    long = "research_competence_of_the_largest_municipalities"
    names = sheet_names([long, long + "_2019", "Innhold", "a/b", "A:B", "History"], taken=["Innhold"])
    assert names == [
        "research_competence_of_the_larg",
        "research_competence_of_the_la~2",
        "Innhold~2",
        "a_b",
        "A_B~2",
        "History~2",
    ]


@pytest.mark.parametrize(
    ("about", "lang", "text"),
    [
        (
            {"title": "x"},
            "nb",
            "The workbook must be told what it is about\n  expected: title, notice, run, date\n  got: title",
        ),
        (ABOUT, "se", "No words in this language\n  expected: nb or en\n  got: se"),
    ],
)
def test_what_it_refuses(tmp_path: Path, about, lang, text):
    with pytest.raises(MethodError) as fault:
        write_workbook([], tmp_path / "x.xlsx", lang, about=about)
    assert str(fault.value) == text
    assert list(tmp_path.iterdir()) == []


def test_a_text_that_no_cell_holds_is_refused_and_not_cut(tmp_path, exhibits):
    plan = exhibits["own_plan"]
    spec = {**vars(plan), "note": {"nb": "x" * 32768, "en": "x"}}
    with pytest.raises(MethodError, match="A text is too long for a cell of Excel\n  where: sheet own_plan"):
        write_workbook([Exhibit(**spec)], tmp_path / "x.xlsx", "nb", about=ABOUT)
