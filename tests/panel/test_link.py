"""Answers reach another year's borders exactly or by the study's rule; what is split leaves, counted and listed."""

from __future__ import annotations

import pandas as pd
import pytest

from evalkit.errors import DataError, MethodError, StudyError
from evalkit.panel import municipalities
from evalkit.panel.crosswalk import chain
from evalkit.panel.link import inhabitants, link, link_by, numberings
from evalkit.study.model import Category, Item, Option, Words

YES_NO = {"1": Category("Ja", "Yes"), "2": Category("Nei", "No")}
LEVELS = {"1": Category("Lav", "Low"), "2": Category("Middels", "Middle"), "3": Category("Høy", "High")}
ITEMS = {
    "plan": Item("single", Words("Plan", "Plan"), categories=YES_NO, yes=("1",)),
    "level": Item("single", Words("Nivå", "Level"), categories=LEVELS),
    "means": Item("multiple", Words("Midler", "Means"), options={"pay": Option("Lønn", "Pay", "m1")}),
    "staff": Item("numeric", Words("Ansatte", "Staff")),
}
NAN = float("nan")

# Statistics Norway, 1 January 2017: Tjeldsund 1,252 and Skånland 3,048 became Tjeldsund (5412) in 2020; Trøgstad 5,367,
# Spydeberg 5,765, Askim 15,720, Eidsberg 11,406 and Hobøl 5,557 became Indre Østfold (3014); Ålesund 47,199,
# Ørskog 2,296, Skodje 4,667, Haram 9,312 and Sandøy 1,246 became Ålesund (1507); Narvik 18,756, Ballangen 2,554 and
# a part of Tysfjord became Narvik (1806), Hamarøy 1,810 and the rest of Tysfjord Hamarøy (1875).
PEOPLE = municipalities(2017).set_index("code")["population"]


def frames(rows: dict[str, tuple], why: dict[str, tuple] | None = None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """plan, level, means.pay, staff by unit; None is no answer, its reason "empty" unless `why` says another."""
    columns = ["plan", "level", "means.pay", "staff"]
    data = pd.DataFrame.from_dict(rows, orient="index", columns=columns).astype(object)
    reasons = data.isna().map(lambda gone: "empty" if gone else "")
    for unit, said in (why or {}).items():
        reasons.loc[unit] = said
    data = data.astype({"means.pay": float, "staff": float})
    return data.rename_axis("unit"), reasons.rename_axis("unit")


def linked(rows, why=None, *, years=(2017, 2020), **rules):
    data, reasons = frames(rows, why)
    return link(data, reasons, from_year=years[0], to_year=years[1], items=ITEMS, population=PEOPLE, **rules)


TJELDSUND = {"1852": ("1", "2", 1, 10), "1913": ("2", "2", 0, 30)}


def test_two_units_become_one_by_the_answer_of_the_largest():
    """Skånland is the larger. Staff: (10 · 1,252 + 30 · 3,048) / 4,300 = 103,960 / 4,300 = 24.176744…"""
    found = linked(TJELDSUND)
    assert found.data.index.tolist() == ["5412"] and found.data.index.name == "unit"
    assert found.data.loc["5412"].tolist()[:3] == ["2", "2", 0.0]
    assert found.data.loc["5412", "staff"] == pytest.approx(103_960 / 4_300)
    assert found.why.loc["5412"].tolist() == ["", "", "", ""]
    assert found.listed.to_numpy().tolist() == [
        ["1852", "5412", "merged", "answer of the largest part that answered; 2 answers differ"],
        ["1913", "5412", "merged", "answer of the largest part that answered; 2 answers differ"],
    ]


def test_two_units_become_one_by_any_and_by_agreement():
    any_yes = linked(TJELDSUND, merged="any", numbers="sum")
    assert any_yes.data.loc["5412"].tolist() == ["1", "2", 1.0, 40.0]
    agree = linked(TJELDSUND, merged="agree")
    assert agree.why.loc["5412"].tolist() == ["not_comparable", "", "not_comparable", ""]
    assert agree.data.loc["5412", "level"] == "2" and agree.data["plan"].isna().all()
    steps = {count.step: (count.rows_in, count.rows_out) for count in agree.counts}
    assert steps == {
        "units merged": (2, 1),
        "answers in which parts of one unit differ": (2, 2),
        "answers not comparable": (2, 0),
    }


INDRE_OSTFOLD = {
    "0122": ("2", "1", 0, 4),
    "0123": ("1", "1", None, None),
    "0124": (None, "3", None, 20),
    "0125": ("2", "1", 1, 10),
    "0138": ("2", "1", 0, 6),
}


def test_where_the_largest_part_did_not_answer_the_next_one_does():
    """Askim is largest but skipped plan and pay; Eidsberg is next. Level is Askim's, though it stands alone.

    Staff without Spydeberg: (4 · 5,367 + 20 · 15,720 + 10 · 11,406 + 6 · 5,557) / 38,050 = 483,270 / 38,050.
    """
    found = linked(INDRE_OSTFOLD)
    assert found.data.loc["3014"].tolist()[:3] == ["2", "3", 1.0]
    assert found.data.loc["3014", "staff"] == pytest.approx(483_270 / 38_050)


def test_any_part_that_says_yes_and_a_sum_that_lacks_a_part():
    found = linked(INDRE_OSTFOLD, merged="any", numbers="sum")
    assert found.data.loc["3014", "plan"] == "1" and found.data.loc["3014", "means.pay"] == 1.0
    assert found.why.loc["3014"].tolist() == ["", "not_comparable", "", "not_comparable"]


def test_dont_know_is_an_answer_and_a_part_that_was_not_asked_gives_none():
    why = {"1852": ("dont_know", "", "", ""), "1913": ("not_asked", "refused", "empty", "")}
    rows = {"1852": (None, "2", 1, 10), "1913": (None, None, None, 30)}
    found = linked(rows, why)
    assert found.why.loc["5412"].tolist() == ["dont_know", "", "", ""]
    assert found.data.loc["5412"].tolist()[1:3] == ["2", 1.0]
    none = linked({"1852": (None,) * 4, "1913": (None,) * 4}, {"1852": ("empty",) * 4, "1913": ("refused",) * 4})
    assert none.why.loc["5412"].tolist() == ["refused"] * 4  # the largest part's reason
    beside_no = linked(TJELDSUND | {"1852": (None, "2", 1, 10)}, {"1852": ("dont_know", "", "", "")}, merged="agree")
    assert beside_no.why.loc["5412", "plan"] == "not_comparable"


def test_a_sum_needs_the_parts_that_did_not_take_part_too():
    found = linked({"1913": ("2", "2", 0, 30)}, numbers="sum")
    assert found.why.loc["5412"].tolist() == ["", "", "", "not_comparable"]
    assert found.listed["done"].tolist() == ["the only part that answered, 1 of 2 parts"]


NARVIK = {
    "1805": ("1", "1", 1, 100),
    "1849": ("2", "2", 0, 20),
    "1850": ("1", "3", 1, 40),
    "1854": ("2", "1", 0, 50),
}


def test_a_split_unit_leaves_and_is_listed():
    """Narvik and Ballangen: (100 · 18,756 + 50 · 2,554) / 21,310 = 2,003,300 / 21,310; Hamarøy keeps its 20."""
    found = linked(NARVIK)
    assert found.data["plan"].to_dict() == {"1806": "1", "1875": "2"}
    assert found.data["staff"].to_dict() == pytest.approx({"1806": 2_003_300 / 21_310, "1875": 20})
    row = found.listed.set_index("from_code").loc["1850"]
    assert row["done"] == "left: split into 1806 and 1875" and row.isna().tolist() == [True, False, False]
    left = next(count for count in found.counts if count.step == "units split")
    assert (left.rows_in, left.rows_out) == (1, 0)


def test_a_split_unit_follows_the_part_that_the_study_names():
    """Tysfjord had 1,960 inhabitants and is larger than Hamarøy: its answer counts there, as the study has it."""
    assert PEOPLE["1850"] == 1960
    found = linked(NARVIK, splits={"1850": "1875"}, numbers="sum")
    assert found.data["plan"].to_dict() == {"1806": "1", "1875": "1"}
    assert found.data["staff"].to_dict() == {"1806": 150, "1875": 60}  # sums are whole, now that Tysfjord has a place
    done = found.listed.set_index("from_code").loc["1850", "done"]
    expected = "follows 1875, as the study says: answer of the largest part that answered; 3 answers differ"
    assert done == expected
    assert linked(NARVIK, numbers="sum").why["staff"].tolist() == ["not_comparable"] * 2


def test_alesund_comes_together_in_2020_and_leaves_in_2024():
    rows = {unit: ("1", "1", 1, n) for unit, n in zip(("1504", "1523", "1529", "1534", "1546"), (9, 2, 3, 4, 1))}
    together = linked(rows, numbers="sum")
    assert together.data.loc["1507"].tolist() == ["1", "1", 1.0, 19.0]
    assert together.listed["done"].unique().tolist() == ["answer of the largest part that answered"]
    assert sum(count.rows_in - count.rows_out for count in together.counts) == 4
    apart = linked(rows, years=(2017, 2024))
    assert apart.data.empty and set(apart.listed["done"]) == {"left: split into 1508 and 1580"}


def test_a_renumbering_is_exact_and_what_stays_is_not_listed():
    """Oslo stays; Halden went from 0101 to 3001; Rindal from Møre og Romsdal (1567) to Trøndelag (5061)."""
    rows = {"0301": ("1", "1", 1, 1), "0101": ("2", "3", 0, 2.5), "1567": (None, "2", 1, None)}
    found = linked(rows, numbers="sum", merged="agree")
    assert found.data.loc[["0301", "3001", "5061"], "level"].tolist() == ["1", "3", "2"]
    assert found.data.loc["3001", "staff"] == 2.5 and found.why.loc["5061", "plan"] == "empty"
    assert found.listed[["from_code", "to_code", "done"]].to_numpy().tolist() == [
        ["0101", "3001", "carried whole"],
        ["1567", "5061", "carried whole"],
    ]


def test_the_same_year_changes_nothing_and_backward_a_merger_is_a_split():
    data, why = frames(TJELDSUND)
    found = link(data, why, from_year=2017, to_year=2017, items=ITEMS, population=PEOPLE)
    pd.testing.assert_frame_equal(found.data, data, check_index_type=False)
    pd.testing.assert_frame_equal(found.why, why, check_index_type=False, check_dtype=False)
    assert found.listed.empty
    later, reasons = frames({"5412": ("1", "2", 1, 10)})
    people = pd.Series({"5412": 4216})
    back = link(later, reasons, from_year=2020, to_year=2017, items=ITEMS, population=people)
    assert back.data.empty and back.listed["done"].tolist() == ["left: split into 1852 and 1913"]


def test_schools_with_a_change_table_of_their_own():
    """Two schools merge in 2021, and one is closed."""
    changes = {"date": ["2021-08-01"] * 3, "from_code": ["A", "B", "D"], "to_code": ["C", "C", ""]}
    table = chain(pd.DataFrame(changes), ["A", "B", "D", "E"], "2020-01-01", "2022-01-01")
    data, why = frames({"A": ("1", "1", 1, 10), "B": ("2", "1", 0, 20), "D": ("1", "1", 1, 5), "E": ("2", "2", 0, 7)})
    pupils = pd.Series({"A": 100, "B": 300, "D": 50, "E": 80})
    found = link_by(table, data, why, items=ITEMS, population=pupils)
    assert found.data["staff"].to_dict() == {"C": 17.5, "E": 7.0}  # (10 · 100 + 20 · 300) / 400
    assert found.listed.set_index("from_code").loc["D", "done"] == "left: closed"


def test_faults_are_told_together_with_what_to_do():
    with pytest.raises(StudyError) as caught:
        linked(NARVIK, splits={"1850": "1877", "1805": "1806"})
    assert [str(fault) for fault in caught.value.faults] == [
        "1877 is no part of 1850\n  where: splits\n  expected: 1806 or 1875\n  mend: name one of them",
        "1805 is not split\n  where: splits\n  mend: leave it out",
    ]
    with pytest.raises(DataError) as caught:
        linked({"5412": ("1", "1", 1, 1)})
    assert str(caught.value) == (
        "1 units are not in the numbering they are carried from\n  got: 5412\n"
        "  mend: give the year of the wave's numbering as from_year"
    )
    data, why = frames(TJELDSUND)
    with pytest.raises(
        DataError, match="2 units that merged have no population, or other size, which decides what is largest"
    ):
        link(data, why, from_year=2017, to_year=2020, items=ITEMS, population=pd.Series(dtype=float))
    twice = data.set_axis(["1852", "1852"])
    with pytest.raises(DataError, match="Unit 1852 is there twice"):
        link(twice, why, from_year=2017, to_year=2020, items=ITEMS, population=PEOPLE)
    with pytest.raises(MethodError, match="There is no rule 'first' for merged\n  expected: largest, any or agree"):
        linked(TJELDSUND, merged="first")


def test_people_and_numberings_of_years_with_and_without_a_list():
    """2022 has no list; that of 2021 is nearest. Statistics Norway: Oslo 697,010 on 1 January 2021."""
    assert inhabitants(2022)["0301"] == inhabitants(2021)["0301"] == 697_010
    units = numberings()
    assert "population" in units[2021] and "population" not in units[2022]
    assert set(units[2022]["code"]) == set(units[2021]["code"]) and min(units) == 2011
