"""Groups stand in the order that somebody gave, else by size, numbers in text too; other text is asked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalkit.errors import MethodError
from evalkit.numerics.order import in_order, natural


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ([10, 9, 9], [9, 10]),
        (["10", "9"], ["9", "10"]),
        (["-1", "2.5", "10", "2.25"], ["-1", "2.25", "2.5", "10"]),
        (["w10", "w9", "w1"], ["w1", "w9", "w10"]),
        (["2019-10", "2020-1", "2019-5"], ["2019-5", "2019-10", "2020-1"]),
        (["b", "c", "a"], ["a", "b", "c"]),
        (["only"], ["only"]),
    ],
)
def test_by_size(found, expected):
    assert in_order(found, "wave") == expected


@pytest.mark.parametrize("found", [["before", "after"], ["1.12.2019", "2.1.2020"], ["2018 autumn", "2018 spring"]])
def test_other_text_is_asked_for_its_order(found):
    assert natural(found) is None
    with pytest.raises(MethodError) as asked:
        in_order(found, "wave")
    assert "Text has no order of its own" in str(asked.value) and "where: wave" in str(asked.value)
    assert "ordered=True" in asked.value.mend and all(repr(text) in asked.value.mend for text in found)


def test_an_order_that_was_given_wins():
    assert in_order(["9", "10"], "wave", categories=["10", "9", "8"], declared=True) == ["10", "9"]
    assert in_order(["9", "10"], "wave", categories=["10", "9"]) == ["9", "10"]  # as a machine sorts: nobody's order
    assert in_order(["9", "10"], "wave", categories=["9", "10"]) == ["9", "10"]
    assert in_order(["after", "before"], "wave", categories=["before", "after"]) == ["before", "after"]
    assert in_order([2, 1], "wave", categories=[2, 1]) == [2, 1]


@given(st.lists(st.integers(0, 10**6), min_size=2, max_size=8, unique=True), st.sampled_from(["", "w", "round "]))
def test_numbers_in_text_go_as_numbers(numbers, before):
    assert in_order([f"{before}{n}" for n in numbers], "wave") == [f"{before}{n}" for n in sorted(numbers)]
