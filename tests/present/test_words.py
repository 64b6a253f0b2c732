"""Both languages have every phrase, with the same places to fill; sentences end once."""

from dataclasses import fields, is_dataclass
from string import Formatter
from typing import Any

import pytest

from evalkit.errors import MethodError
from evalkit.present.words import EN, NB, capital, house, listed, lower_first, sentence


def phrases(words: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    for entry in fields(words):
        value = getattr(words, entry.name)
        if is_dataclass(value):
            more = phrases(value)
        else:
            more = value if isinstance(value, dict) else {"": value}
        found |= {f"{entry.name}.{key}": text for key, text in more.items()}
    return found


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_phrases_match() -> None:
    nb, en = phrases(NB), phrases(EN)
    assert list(nb) == list(en)
    assert all(nb.values()) and all(en.values())
    assert {name: places(text) for name, text in nb.items()} == {name: places(text) for name, text in en.items()}


def test_unknown_language() -> None:
    with pytest.raises(MethodError) as caught:
        house("nn")
    assert str(caught.value) == "No words in this language\n  expected: nb or en\n  got: nn"


def test_sentences() -> None:
    assert sentence("kilde: SSB.", None, "", "n = 3") == "Kilde: SSB. N = 3."
    assert sentence("Hvorfor?", "derfor") == "Hvorfor? Derfor."
    assert listed(["a", "b", "c"], "nb") == "a, b og c"
    assert listed(["a"], "en") == "a"
    assert lower_first("Innbyggertall") == "innbyggertall"
    assert lower_first("KOSTRA-gruppe") == "KOSTRA-gruppe"
    assert capital("øst") == "Øst"
