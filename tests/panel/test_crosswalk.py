"""Municipalities go from one numbering to another as the reforms of 2017–2024 moved them; splits are never guessed."""

import math

import pandas as pd
import pytest

from evalkit.errors import DataError
from evalkit.panel import crosswalk, municipalities
from evalkit.panel.crosswalk import transfers
from evalkit.panel.register import changes, numbering

YEARS = [2016, 2017, 2018, 2019, 2020, 2021, 2024]

# Traced by hand from the decisions of the reforms: from code and name, then code, name and kind in 2024.
CASES_2017_2024 = [
    # unchanged, and merged under the old code
    ("0301", "Oslo", {"0301": "Oslo"}, "same"),
    ("1151", "Utsira", {"1151": "Utsira"}, "same"),
    ("1103", "Stavanger", {"1103": "Stavanger"}, "merged"),
    ("1129", "Forsand", {"1108": "Sandnes"}, "merged"),
    # renumbered in 2018 with Trøndelag, merged in 2018 or in 2020
    ("1601", "Trondheim", {"5001": "Trondheim - Tråante"}, "merged"),
    ("1662", "Klæbu", {"5001": "Trondheim - Tråante"}, "merged"),
    ("1624", "Rissa", {"5054": "Indre Fosen"}, "merged"),
    ("1718", "Leksvik", {"5054": "Indre Fosen"}, "merged"),
    ("1755", "Leka", {"5052": "Leka"}, "renumbered"),
    # two mergers, 2018 and 2020
    ("0714", "Hof", {"3903": "Holmestrand"}, "merged"),
    ("0713", "Sande (Vestfold)", {"3903": "Holmestrand"}, "merged"),
    ("0723", "Tjøme", {"3911": "Færder"}, "merged"),
    # to another county: Rindal 2019, Halsa, Hornindal, Svelvik and Rømskog by merger in 2020, Jevnaker and Lunner whole
    ("1567", "Rindal", {"5061": "Rindal"}, "renumbered"),
    ("1571", "Halsa", {"5055": "Heim"}, "merged"),
    ("1444", "Hornindal", {"1577": "Volda"}, "merged"),
    ("0711", "Svelvik", {"3301": "Drammen"}, "merged"),
    ("0121", "Rømskog", {"3226": "Aurskog-Høland"}, "merged"),
    ("0532", "Jevnaker", {"3236": "Jevnaker"}, "renumbered"),
    # two municipalities of one name
    ("0137", "Våler (Østfold)", {"3114": "Våler (Østfold)"}, "renumbered"),
    ("0426", "Våler (Hedmark)", {"3419": "Våler (Innlandet)"}, "renumbered"),
    ("0616", "Nes (Buskerud)", {"3322": "Nesbyen"}, "renumbered"),
    ("0236", "Nes (Akershus)", {"3228": "Nes"}, "renumbered"),
    ("1243", "Os (Hordaland)", {"4624": "Bjørnafjorden"}, "merged"),
    ("0441", "Os (Hedmark)", {"3430": "Os"}, "renumbered"),
    ("1818", "Herøy (Nordland)", {"1818": "Herøy (Nordland)"}, "same"),
    ("1515", "Herøy (Møre og Romsdal)", {"1515": "Herøy (Møre og Romsdal)"}, "same"),
    # to another county whole, and one part of each of six mergers
    ("0533", "Lunner", {"3234": "Lunner"}, "renumbered"),
    ("0231", "Skedsmo", {"3205": "Lillestrøm"}, "merged"),
    ("1027", "Audnedal", {"4225": "Lyngdal"}, "merged"),
    ("1401", "Flora", {"4602": "Kinn"}, "merged"),
    ("1724", "Verran", {"5006": "Steinkjer"}, "merged"),
    ("1751", "Nærøy", {"5060": "Nærøysund"}, "merged"),
    ("1854", "Ballangen", {"1806": "Narvik"}, "merged"),
    # renumbered in 2020 and again in 2024, when Troms and Finnmark parted
    ("1902", "Tromsø", {"5501": "Tromsø"}, "renumbered"),
    ("2017", "Kvalsund", {"5603": "Hammerfest - Hámmerfeasta"}, "merged"),
    # split
    ("1850", "Tysfjord - Divtasvuodna", {"1806": "Narvik", "1875": "Hábmer - Hamarøy"}, "split"),
    ("1613", "Snillfjord", {"5055": "Heim", "5056": "Hitra", "5059": "Orkland"}, "split"),
    ("1504", "Ålesund", {"1508": "Ålesund", "1580": "Haram"}, "split"),
    ("1534", "Haram", {"1508": "Ålesund", "1580": "Haram"}, "split"),
]


@pytest.mark.parametrize(("code", "name", "targets", "kind"), CASES_2017_2024, ids=[c[1] for c in CASES_2017_2024])
def test_named_cases_2017_to_2024(code, name, targets, kind):
    assert municipalities(2017).set_index("code").loc[code, "name"] == name
    rows = crosswalk(2017, 2024).query("from_code == @code")
    names = numbering(2024).set_index("code")["name"]
    assert {target: names[target] for target in rows["to_code"]} == targets
    assert set(rows["kind"]) == {kind}
    assert rows["share"].isna().all() if kind == "split" else (rows["share"] == 1).all()


@pytest.mark.parametrize(
    ("years", "code", "targets", "kind"),
    [
        ((2016, 2017), "0706", ["0710"], "merged"),  # Sandefjord, Andebu and Stokke became Sandefjord …
        ((2016, 2017), "0719", ["0710"], "merged"),
        ((2016, 2017), "0720", ["0704", "0710"], "split"),  # … but Stokke's Vear went to Tønsberg
        ((2017, 2018), "0710", ["0710"], "same"),
        ((2011, 2013), "1723", ["1756"], "merged"),  # Mosvik in Inderøy 2012
        ((2012, 2013), "1915", ["1903"], "merged"),  # Bjarkøy in Harstad 2013
        ((2018, 2020), "1534", ["1507"], "merged"),  # Haram in Ålesund 2020
        ((2020, 2024), "1507", ["1508", "1580"], "split"),  # and out again
        ((2024, 2020), "1580", ["1507"], "merged"),  # the same, read backward
        ((2024, 2017), "4624", ["1241", "1243"], "split"),  # a merger read backward
        ((2024, 2017), "5061", ["1567"], "renumbered"),
    ],
)
def test_named_cases_of_other_years(years, code, targets, kind):
    rows = crosswalk(*years).query("from_code == @code")
    assert (rows["to_code"].tolist(), set(rows["kind"])) == (targets, {kind})


@pytest.mark.parametrize("early", YEARS)
@pytest.mark.parametrize("late", YEARS)
def test_code_sets_are_the_official_lists(early, late):
    table = crosswalk(early, late)
    assert set(table["from_code"]) == set(municipalities(early)["code"])
    assert set(table["to_code"]) == set(municipalities(late)["code"])
    whole = table[table["kind"] != "split"]
    assert whole["from_code"].is_unique and (whole["share"] == 1).all()
    if early == late:
        assert set(table["kind"]) == {"same"}


def test_the_number_of_municipalities_by_year():
    sizes = {2011: 430, 2012: 429, 2013: 428, 2016: 428, 2017: 426, 2018: 422, 2019: 422}
    sizes |= {2020: 356, 2022: 356, 2023: 356, 2024: 357}
    assert {year: len(numbering(year)) for year in sizes} == sizes


def test_splits_of_2016_to_2024_are_these():
    table = crosswalk(2016, 2024)
    split = table.loc[table["kind"] == "split", "from_code"].unique().tolist()
    # Stokke; Ålesund, Ørskog, Skodje, Haram and Sandøy (Ålesund 2020, parted 2024); Snillfjord; Tysfjord
    assert split == ["0720", "1504", "1523", "1529", "1534", "1546", "1613", "1850"]


def test_no_transfer_is_written_as_a_change_and_stokke_was_too_large_for_one():
    found = transfers(changes(), numbering(2011)["code"], "2011-01-01", "2024-01-01")
    assert found.empty
    tonsberg = {year: municipalities(year).set_index("code").loc["0704", "population"] for year in (2016, 2017, 2018)}
    normal = tonsberg[2018] - tonsberg[2017]  # 438
    assert tonsberg[2017] - tonsberg[2016] - normal == pytest.approx(2200, abs=50)


# Municipalities of 2020 whose population is more than 0.5 percent from that of 2019, carried forward with the growth of
# the year before and the year after. The bare sum of 2019 would not do: people are born and move, and 64 percent of the
# municipalities that nothing happened to are more than 0.5 percent from it, too.
# Where area passed to another municipality with the merger, both together fit.
PASSED_AREA = {"4602": "4649", "4649": "4602", "3817": "3808", "3030": "3034"}  # Kinn–Stad, Midt-Telemark, Lillestrøm
# Neighbours that went opposite ways, and fit together; whether area or people passed between them is not known to us.
OPPOSITE = {"4205": "4225", "4225": "4205", "5057": "5058", "5058": "5057"}  # Lindesnes–Lyngdal, Ørland–Åfjord
# The rest had a year unlike its neighbours, as every tenth of the unchanged municipalities had more so.
OWN_YEAR = {
    "1103": "Stavanger, +0.6 (with all of Ombo, a part of which was Hjelmeland's)",
    "3020": "Nordre Follo, +1.0",
    "4621": "Voss, +1.0",
    "4640": "Sogndal, -0.6 (Nesse, a village of Balestrand, went to Høyanger)",
    "5412": "Tjeldsund, -1.3",
    "5421": "Senja, -0.6",
}


def _growth_2019():
    """Units of 2020 made of whole units of 2019: population expected, population found, and the number of parts."""
    people = {year: municipalities(year).set_index("code")["population"] for year in (2018, 2019, 2020, 2021)}
    table = crosswalk(2019, 2020)
    table["y2019"] = table["from_code"].map(people[2019])
    back = crosswalk(2018, 2019).set_index("to_code")["from_code"]
    table["y2018"] = table["from_code"].map(back).map(people[2018])
    partly = set(table.loc[table["kind"] == "split", "to_code"])
    sums = table[~table["to_code"].isin(partly)].groupby("to_code")[["y2018", "y2019"]].sum()
    sums["parts"] = table.groupby("to_code").size()
    yearly = (sums["y2019"] / sums["y2018"] * people[2021] / people[2020]) ** 0.5
    return sums.assign(expected=sums["y2019"] * yearly, found=people[2020])


def test_population_of_2020_is_that_of_the_merged_units_of_2019():
    growth = _growth_2019()
    merged = growth[growth["parts"] > 1]
    assert len(merged) == 38
    away = (merged["found"] / merged["expected"] - 1).abs()
    assert set(away.index[away > 0.005]) == set(PASSED_AREA) | set(OPPOSITE) | set(OWN_YEAR)
    for code, other in PASSED_AREA.items():
        pair = growth.loc[[code, other]].sum()
        assert abs(growth["found"][code] / growth["expected"][code] - 1) > 0.014
        assert pair["found"] == pytest.approx(pair["expected"], rel=0.007)
    for code, other in OPPOSITE.items():
        pair = growth.loc[[code, other]].sum()
        assert pair["found"] == pytest.approx(pair["expected"], rel=0.005)
    unchanged = growth[growth["parts"] == 1]
    usual = (unchanged["found"] / unchanged["expected"] - 1).abs()
    assert away[list(OWN_YEAR)].max() < usual.quantile(0.9)
    assert ((unchanged["found"] / unchanged["y2019"] - 1).abs() > 0.005).mean() == pytest.approx(0.64, abs=0.005)


def test_a_year_outside_the_register_is_refused():
    for years in ((2010, 2017), (2017, 2010)):
        with pytest.raises(DataError) as caught:
            crosswalk(*years)
        assert str(caught.value).startswith("The register does not know the numbering of municipalities of 2010.\n")
        assert "  expected: a year from 2011 to 2024\n  got: 2010\n" in str(caught.value)


def test_the_frame_is_a_copy_of_plain_columns():
    frame = crosswalk(2017, 2018)
    assert list(frame.columns) == ["from_code", "to_code", "kind", "share"]
    frame["kind"] = ""
    assert "" not in set(crosswalk(2017, 2018)["kind"])
    assert math.isnan(crosswalk(2020, 2024).query("to_code == '1580'")["share"].item())
    assert pd.api.types.is_float_dtype(frame["share"])
