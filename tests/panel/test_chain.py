"""Any units go through a user's own dated changes: shares multiply, transfers are no change, faults are told."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalkit.errors import DataError
from evalkit.panel.crosswalk import chain, transfers


def _table(*rows, share=False):
    columns = ["date", "from_code", "to_code", *(["share"] if share else [])]
    return pd.DataFrame(rows, columns=columns)


def _carried(table, units, begin="2020-01-01", end="2030-01-01"):
    frame = chain(table, units, begin, end)
    return [(r.from_code, None if pd.isna(r.to_code) else r.to_code, r.kind) for r in frame.itertuples()]


def test_schools_merge_close_open_and_split():
    table = _table(
        ("2021-08-01", "A", "N"),  # A and B become N
        ("2021-08-01", "B", "N"),
        ("2022-08-01", "C", "D"),  # C joins D, which keeps its code without a row of its own
        ("2022-08-01", "E", ""),  # E closes
        ("2022-08-01", "", "O"),  # O opens
        ("2023-08-01", "F", "F"),  # F gives rise to a new G beside it
        ("2023-08-01", "F", "G"),
        ("2023-08-01", "H", "h"),  # H gets a new code
        ("2024-08-01", "O", "o"),  # the new school changes code too: known, though not of 2020
    )
    assert _carried(table, list("ABCDEFHI")) == [
        ("A", "N", "merged"),
        ("B", "N", "merged"),
        ("C", "D", "merged"),
        ("D", "D", "merged"),
        ("E", None, "closed"),
        ("F", "F", "split"),
        ("F", "G", "split"),
        ("H", "h", "renumbered"),
        ("I", "I", "same"),
    ]


def test_missing_codes_read_from_a_file_close_a_unit_too():
    table = pd.DataFrame({"date": pd.to_datetime(["2021-01-01"]), "from_code": ["A"], "to_code": [None]})
    assert [row[2] for row in _carried(table, ["A", "B"])] == ["closed", "same"]


def test_only_the_changes_of_the_period_are_made():
    table = _table(("2020-01-01", "a", "A"), ("2021-01-01", "A", "B"), ("2022-01-01", "B", "C"))
    assert _carried(table, ["A"], "2020-01-01", "2021-01-01") == [("A", "B", "renumbered")]
    assert _carried(table, ["A"], "2020-01-01", "2020-12-31") == [("A", "A", "same")]
    assert _carried(table, ["A"], "2020-01-01", "2020-01-01") == [("A", "A", "same")]


def test_changes_of_one_date_happen_at_once():
    swap = _table(("2021-01-01", "A", "B"), ("2021-01-01", "B", "A"))
    assert _carried(swap, ["A", "B"]) == [("A", "B", "renumbered"), ("B", "A", "renumbered")]


def test_a_code_used_again_is_another_unit():
    table = _table(("2021-01-01", "A", "B"), ("2022-01-01", "C", "A"))
    assert _carried(table, ["A", "C"]) == [("A", "B", "renumbered"), ("C", "A", "renumbered")]


def test_shares_multiply_along_the_way_and_add_over_the_ways():
    table = _table(
        ("2021-01-01", "A", "B", 0.6),
        ("2021-01-01", "A", "C", 0.4),
        ("2022-01-01", "B", "D", 0.5),
        ("2022-01-01", "B", "E", 0.5),
        ("2022-01-01", "C", "D", None),
        share=True,
    )
    frame = chain(table, ["A"], "2020-01-01", "2023-01-01").set_index("to_code")["share"]
    assert frame.to_dict() == pytest.approx({"D": 0.6 * 0.5 + 0.4, "E": 0.3})


def test_parts_that_come_together_again_are_the_whole_unit():
    table = _table(
        *(("2021-01-01", "A", part) for part in ("B", "C")), *(("2022-01-01", part, "D") for part in ("B", "C"))
    )
    frame = chain(table, ["A"], "2020-01-01", "2023-01-01")
    assert frame[["to_code", "kind", "share"]].values.tolist() == [["D", "renumbered", 1.0]]


def test_a_transfer_of_area_leaves_both_units_whole_and_is_listed():
    table = _table(("2021-01-01", "A", "A"), ("2021-01-01", "A", "B"))
    assert _carried(table, ["A", "B"]) == [("A", "A", "same"), ("B", "B", "same")]
    listed = transfers(table, ["A", "B"], "2020-01-01", "2030-01-01")
    assert listed.values.tolist() == [["2021-01-01", "A", "B"]]


@pytest.mark.parametrize(
    "table",
    [
        _table(("2021-01-01", "A", "A"), ("2021-01-01", "A", "C")),  # the target is new
        _table(("2021-01-01", "A", "N"), ("2021-01-01", "A", "B")),  # the from-unit ends
        _table(("2021-01-01", "A", "A", 0.7), ("2021-01-01", "A", "B", 0.3), share=True),  # the part is measured
        _table(("2021-01-01", "A", "A"), ("2021-01-01", "A", "B"), ("2021-01-01", "B", "N")),  # the old target ends
    ],
)
def test_what_is_not_a_transfer_is_a_split(table):
    frame = chain(table, ["A", "B"], "2020-01-01", "2030-01-01")
    assert set(frame.loc[frame["from_code"] == "A", "kind"]) == {"split"}
    assert transfers(table, ["A", "B"], "2020-01-01", "2030-01-01").empty


codes = st.sampled_from("ABCDEF")


@given(
    st.lists(st.tuples(st.integers(2021, 2025), codes, codes), max_size=12, unique=True),
    st.integers(2020, 2026),
)
def test_a_journey_can_be_broken_anywhere(steps, stop):
    """Every unit is found again, and two journeys one after the other lead to the same units as one."""
    units, rows = set("ABCDEF"), []
    for year in range(2021, 2026):  # keep the rows whose from-unit exists when they happen
        of_year = [(f"{year}-07-01", old, new) for when, old, new in steps if when == year and old in units]
        rows += of_year
        units = (units - {old for _, old, _ in of_year}) | {new for _, _, new in of_year}
    table = _table(*rows)
    once = chain(table, list("ABCDEF"), "2020-01-01", "2027-01-01")
    assert set(once["from_code"]) == set("ABCDEF")
    first = chain(table, list("ABCDEF"), "2020-01-01", f"{stop}-01-01")
    second = chain(table, sorted(set(first["to_code"])), f"{stop}-01-01", "2027-01-01")
    both = first.merge(second, left_on="to_code", right_on="from_code")[["from_code_x", "to_code_y"]]
    pairs = set(both.itertuples(index=False, name=None))
    assert pairs == set(once[["from_code", "to_code"]].itertuples(index=False, name=None))
    whole = once[once["kind"] != "split"]
    assert whole["from_code"].is_unique and (whole["share"] == 1).all()


def test_every_fault_of_the_table_is_told_at_once():
    table = _table(
        ("soon", "A", "B", None),
        ("2021-01-01", "", "", None),
        ("2021-01-01", "A", "B", 1.5),
        ("2021-01-01", "A", "B", None),
        ("2022-01-01", "B", "C", 0.5),
        ("2022-01-01", "B", "D", 0.4),
        share=True,
    )
    with pytest.raises(DataError) as caught:
        chain(table, ["A", "A"], "2022-01-01", "2020-01-01")
    text = str(caught.value)
    assert [line for line in text.splitlines() if line and not line.startswith(" ")] == [
        "Units are carried forward in time only.",
        "A unit is given twice.",
        "A change has no date that can be read.",
        "A change has neither from_code nor to_code.",
        "A change says the same as a row before it.",
        "A change has a share outside 0 to 1.",
        "The shares of B on 2022-01-01 do not add up.",
    ]
    assert "  where: table of changes, row 4\n  expected: each change once\n" in text
    assert "  expected: 1\n  got: 0.9\n" in text


def test_a_table_without_its_columns_is_refused():
    with pytest.raises(DataError) as caught:
        chain(pd.DataFrame({"date": [], "old": []}), [], "2020-01-01", "2021-01-01")
    assert str(caught.value) == (
        "The table of changes lacks from_code, to_code.\n"
        "  expected: columns date, from_code and to_code; share if known\n"
        "  got: date, old\n"
        "  mend: Name the columns so."
    )


def test_a_change_of_no_known_unit_is_refused_with_the_nearest():
    table = _table(("2021-01-01", "school 12", "school 20"))
    with pytest.raises(DataError) as caught:
        chain(table, ["school 11", "clinic"], "2020-01-01", "2030-01-01")
    assert str(caught.value) == (
        "A change of 2021-01-01 is about school 12, which is not a unit on that date.\n"
        "  where: table of changes\n"
        "  expected: a unit of 2020-01-01, or one that came of a change since\n"
        "  got: school 12\n"
        "  mend: Write school 11, or give every unit in force on 2020-01-01."
    )
