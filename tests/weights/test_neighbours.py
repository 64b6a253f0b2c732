"""An empty cell is weighted with a neighbour by content: the next county on the map, the next interval or class."""

from __future__ import annotations

import pytest

from evalkit.errors import MethodError
from evalkit.panel.register import county_tiles
from tests.weights.test_question import weighted

WEIGHTS = '[weights]\nmethod = "poststratify"\nby = ["size"]'


def group(name: str, column: str, codes: list[str], more: str = "") -> str:
    """A group of study.toml by a column, and weights by it."""
    categories = "\n".join(f'"{code}" = {{ nb = "{code}", en = "{code}" }}' for code in codes)
    head = f'[groups.{name}]\nlabel = {{ nb = "G", en = "G" }}\ncolumn = "{column}"\n{more}'
    weights = f'[weights]\nmethod = "poststratify"\nby = ["{name}"]'
    return f"{head}\n[groups.{name}.categories]\n{categories}\n\n{weights}"


@pytest.mark.parametrize(("column", "oslo", "akershus", "ostfold"), [
    ("county_code", "03", "02", "01"), ("county", "Oslo", "Akershus", "Østfold"),
])  # fmt: skip
def test_counties_by_where_they_lie(small, column, oslo, akershus, ostfold):
    """On the tiles of 2016 Østfold (7, 4) is under Akershus (6, 4), beside which is Oslo; Rogaland is at the coast."""
    tiles = county_tiles(2017).set_index("county")
    assert tuple(tiles.loc["Østfold", ["row", "col"]]) == (7, 4)
    assert tuple(tiles.loc["Akershus", ["row", "col"]]) == (6, 4)
    codes = list(county_tiles(2017)[column])
    found = weighted(small(study={WEIGHTS: group("county", column, codes)})).neighbours["county"]
    assert found[ostfold][0] == akershus and oslo in found[akershus][:2]
    assert found[oslo].index(akershus) < found[oslo].index("11" if column == "county_code" else "Rogaland")


def test_intervals_by_their_order_and_names_by_nothing(small):
    bounds = "lower_bounds = [0, 1000, 5000, 20000, 50000]"
    codes = ["z", "least", "b", "middle", "a"]  # as a study may call them
    found = weighted(small(study={WEIGHTS: group("people", "population", codes, bounds)}))
    assert list(found.neighbours["people"]["b"])[:2] in (["least", "middle"], ["middle", "least"])
    assert found.neighbours["people"]["z"][0] == "least"


def test_the_fault_of_a_study_says_the_neighbour(small):
    """Only units of Østfold answered, so that every county's nearest that has answers is Østfold."""
    codes = list(county_tiles(2017)["county_code"])
    with pytest.raises(MethodError) as caught:
        _ = weighted(small(study={WEIGHTS: group("county", "county_code", codes)})).everyone
    assert '"03" = "01"' in str(caught.value)
