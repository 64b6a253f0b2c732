"""How alike two wordings are is the share of letters that need not be put in or taken out."""

from __future__ import annotations

import pytest

from evalkit.waves.meaning import similarity


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("Vet ikke", "vet ikke", 1),
        ("abc", "xyz", 0),
        # of 12 + 10 letters "ikke ", u and t stand in both in this order: 2 · 7 / 22
        ("Ikke aktuelt", "Ikke spurt", 14 / 22),
    ],
)
def test_words_are_as_alike_as_counted_by_hand(one, other, expected):
    assert similarity(one, other) == pytest.approx(expected) == similarity(other, one)
