"""The register holds 428, 426, 422, 422, 356, 356 and 357 municipalities, with the published moments of 2017."""

import pandas as pd
import pytest

from evalkit.errors import DataError
from evalkit.panel import municipalities
from evalkit.panel.register import changes, counties, county_tiles, register_folder, register_years

SIZES = {2016: 428, 2017: 426, 2018: 422, 2019: 422, 2020: 356, 2021: 356, 2024: 357}
COUNTIES = {2016: 19, 2017: 19, 2018: 18, 2019: 18, 2020: 11, 2021: 11, 2024: 15}


def test_years():
    assert register_years() == tuple(SIZES)


@pytest.mark.parametrize("year", SIZES)
def test_every_year_has_its_units(year):
    frame = municipalities(year)
    assert len(frame) == SIZES[year]
    assert frame["code"].is_unique and frame["name"].is_unique
    assert frame["code"].str.fullmatch(r"\d{4}").all()
    assert (frame["code"].str[:2] == frame["county_code"]).all()
    assert frame["county_code"].nunique() == COUNTIES[year]
    assert frame[["code", "name", "county", "population"]].notna().all(axis=None)
    assert (frame["population"] > 0).all()


@pytest.mark.parametrize("year", SIZES)
def test_counties_of_the_year_are_those_of_its_municipalities(year):
    of_units = municipalities(year)[["county_code", "county"]].drop_duplicates()
    of_units = of_units.sort_values("county_code").reset_index(drop=True)
    pd.testing.assert_frame_equal(counties(year), of_units)
    tiles = county_tiles(year)
    assert list(tiles["county_code"]) == list(of_units["county_code"])
    assert not tiles.duplicated(["row", "col"]).any()


def test_population_of_2017_as_published():
    population = municipalities(2017).set_index("name")["population"]
    assert population.min() == population["Utsira"] == 201
    assert population.max() == population["Oslo"] == 666759
    assert round(population.mean()) == 12343
    # The published 38520 is the sample standard deviation (n - 1); with n it would be 38474.
    assert round(population.std(ddof=1)) == 38520
    assert round(population.std(ddof=0)) == 38474


# The country's population on 1 January, Statistics Norway, table 05803: published apart from the municipalities'.
COUNTRY = {2016: 5213985, 2017: 5258317, 2018: 5295619, 2019: 5328212, 2020: 5367580, 2021: 5391369, 2024: 5550203}


@pytest.mark.parametrize(("year", "persons"), COUNTRY.items())
def test_municipalities_add_up_to_the_country(year, persons):
    assert municipalities(year)["population"].sum() == persons


def test_a_year_has_only_the_columns_that_it_has():
    assert "centrality_2008" in municipalities(2016) and "centrality_2008" in municipalities(2017)
    assert "centrality_2008" not in municipalities(2018)
    assert set(municipalities(2017)["centrality_2008"]) == {0, 1, 2, 3}
    latest = municipalities(2024)
    assert latest["centrality_index_2023"].between(0, 1000).all()
    assert set(latest["centrality_class_2023"]) == {1, 2, 3, 4, 5, 6}
    assert latest.loc[latest["kostra_free_disposable_income"].isna(), "name"].tolist() == ["Oslo"]


def test_names_are_whole():
    names = pd.concat([municipalities(year)["name"] for year in SIZES] + [changes()["from_name"], changes()["to_name"]])
    assert names.str.fullmatch(r"[A-ZÆØÅÁ][\w.]*(?:[ -]+\w+|[ -]*\(\w[\w ]*\))*").all()
    assert municipalities(2020).set_index("code").loc["5006", "name"] == "Steinkjer"
    assert municipalities(2019).set_index("code").loc["5051", "name"] == "Nærøy"


def test_frames_are_copies():
    frame, table = municipalities(2017), changes()
    frame["population"] = 0
    table["to_code"] = ""
    assert municipalities(2017)["population"].max() == 666759
    assert (changes()["to_code"] != "").all()


def test_a_year_without_a_list_is_refused():
    with pytest.raises(DataError) as caught:
        municipalities(2015)
    assert str(caught.value) == (
        "The register has no list of municipalities for 2015.\n"
        f"  where: {register_folder() / 'municipalities.csv'}\n"
        "  expected: 2016, 2017, 2018, 2019, 2020, 2021 or 2024\n"
        "  got: 2015\n"
        "  mend: Use a year of the register as the wave's year of numbering."
    )
    with pytest.raises(DataError, match="no counties for 2015"):
        counties(2015)


def test_the_sizes_follow_from_the_changes():
    """Walking the dated changes alone from the list of 2016 gives the lists of the later years."""
    table = changes()
    units = set(municipalities(2016)["code"])
    for year in range(2017, 2025):
        of_year = table[table["date"].between(f"{year - 1}-01-02", f"{year}-01-01")]
        assert set(of_year["from_code"]) <= units
        units = (units - set(of_year["from_code"])) | set(of_year["to_code"])
        if year in SIZES:
            assert units == set(municipalities(year)["code"])
    assert len(units) == 357
