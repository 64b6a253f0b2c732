"""The order of a question's answers, as their words suggest it, with the reason."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from evalkit.study.known import FRAMES, INTENSITY, NEGATIONS, NEITHER, NEUTRAL, POLES, SCALES, plain

Words = Mapping[str, Any]
ALPHABETICAL = "in alphabetical order: put them in the scale's"
OTHER = frozenset(["annet", "anna", "andre", "annat", "andra", "andet", "other", "others", "sonstiges", "andere"])
_LEADING = re.compile(r"(-?\d{1,3})(?:\s*[.:=)–-]\s*\D.*|\s+\D.*)?", re.DOTALL)
_NUMBER = re.compile(r"\d{1,3}(?:[ .,]\d{3})+(?!\d)|\d+(?:[.,]\d+)?")
_UNDER = re.compile(
    r"(?:under|below|mindre (?:enn|än|end)|færre (?:enn|end)|färre än|less than|fewer than|unter|weniger als|<)\b|<"
)
_UP_TO = re.compile(r"(?:inntil|opp til|up to|upp till|op til|bis|maks(?:imalt)?|at most|høyst|højst|≤)\b|≤")
_ABOVE = re.compile(r"(?:over|above|mer (?:enn|än)|mere end|flere (?:enn|end)|fler än|more than|über|mehr als|>)\b|>")
_TIME = re.compile(r"\d{4}-(?:\d\d(?:-\d\d)?|[QH]\d|W\d\d)")
_NIL = frozenset(["ingen", "inga", "none", "keine", "aldri", "never", "null", "zero", "nil"])


def in_order(categories: Mapping[str, Words]) -> tuple[dict[str, Any], str]:
    """Categories (code → words) as their scale has them, and by what; "" where the file's own codes say it.

    Known scales and words such as very and hardly go from least to most, yes before no; bands by their numbers, codes
    by theirs. What is left is in alphabetical order, and says so.
    """
    codes = list(categories)
    if all(re.fullmatch(r"-?\d+(?:\.\d+)?", code) for code in codes):
        ends = [code for code in codes if categories[code]["nb"] != code]
        by_number = sorted(codes, key=float)
        only_ends = 0 < len(ends) < len(codes) > 2 and set(ends) <= {by_number[0], by_number[-1]}
        why = "words stand at the ends of the scale alone: in the order of its numbers" if only_ends else ""
        return {code: categories[code] for code in by_number}, why
    said = {code: categories[code]["nb"] for code in codes}
    rest = [code for code in codes if plain(said[code]) in OTHER]
    scaled = [code for code in codes if code not in rest]
    for ranks, why in _orders([said[code] for code in scaled]):
        if len(set(ranks)) == len(ranks):
            best = [code for _, code in sorted(zip(ranks, scaled), key=lambda pair: pair[0])]
            return {code: categories[code] for code in [*best, *rest]}, why if len(scaled) > 1 else ""
    if any(said[code] != code for code in codes):
        return dict(categories), "in the order of the file's codes: see that it is the scale's"
    return {code: categories[code] for code in [*sorted(scaled, key=str.casefold), *rest]}, ALPHABETICAL


def answer_of_a_scale(said: str) -> bool:
    """Whether words are a step of a known scale, such as yes or never."""
    return any(plain(said) in _steps(name) for name in SCALES)


def _orders(said: Sequence[str]) -> Iterable[tuple[list[Any], str]]:
    """Every order that the words suggest: a rank of each, and by what."""
    words = [plain(one) for one in said]
    for name in SCALES:
        steps = _steps(name)
        if all(word in steps for word in words):
            yield [steps[word] for word in words], f"in the order of a known scale: {name}"
    leading = [_LEADING.fullmatch(one.strip()) for one in said]
    if all(leading):
        yield [int(found[1]) for found in leading if found], "in the order of the number that each begins with"
    if all(_TIME.fullmatch(one) for one in said):
        yield list(said), "in the order of time"
    bands = [_band(one) for one in said]
    if None not in bands:
        yield bands, "in the order of their numbers"
    degrees = _degrees(words)
    if degrees:
        yield degrees, "from least to most, by their words"


@cache
def _steps(name: str) -> dict[str, int]:
    steps = enumerate(SCALES[name].split("|"))
    return {plain(word): place for place, step in reversed(list(steps)) for word in step.split(";")}


def _band(said: str) -> tuple[float, int] | None:
    """Where a band of numbers begins: under 5, 5–9, 10 or more, over 20; None without a number."""
    text = said.casefold().strip()
    numbers = [float(re.sub(r"[ .,](?=\d{3}(?!\d))", "", found).replace(",", ".")) for found in _NUMBER.findall(text)]
    if not numbers:
        return (float("-inf"), 0) if plain(text) in _NIL else None
    if _UP_TO.match(text):
        return numbers[0], -1
    return numbers[0], -2 if _UNDER.match(text) else 1 if _ABOVE.match(text) else 0


@cache
def _modifiers() -> list[tuple[str, float]]:
    """Words that say how much, the longest first; a negation is below nil."""
    words = [(plain(word), value) for value, said in INTENSITY.items() for word in said.split(";")]
    words += [(word, -2.0 if len(word.split()) > 1 or word == "overhodet ikke" else -1.0) for word in NEGATIONS]
    return sorted(words, key=lambda pair: -len(pair[0].split()))


@cache
def _poles() -> dict[str, tuple[str, int]]:
    """Stem → the pair that it belongs to, and its sign."""
    found: dict[str, tuple[str, int]] = {}
    for negative, positives in POLES.items():
        pair = next((found[one][0] for one in positives.split() if one in found), negative)
        found[negative] = (pair, -1)
        found |= dict.fromkeys(positives.split(), (pair, 1))
    return found


def _degrees(words: Sequence[str]) -> list[float]:
    """A rank of each by how much of one thing, or of a thing and its opposite, it says; empty where they do not."""
    if len(words) < 3:
        return []
    middle = [word in NEUTRAL or NEITHER.fullmatch(word) is not None for word in words]
    told = [("", 0.0) if neutral else _degree(word) for word, neutral in zip(words, middle)]
    poles = _poles()
    stems = {stem for (stem, _), neutral in zip(told, middle) if not neutral and stem}
    pairs = {poles[stem][0] if stem in poles else stem for stem in stems}
    if len(pairs) > 1 or (not stems and any(middle)):
        return []
    two = any(middle) or any(poles.get(stem, ("", 1))[1] < 0 for stem in stems)
    return [0.0 if neutral else _rank(stem, value, two) for (stem, value), neutral in zip(told, middle)]


def _rank(stem: str, value: float, two: bool) -> float:
    sign = _poles().get(stem, ("", 1))[1]
    if value < 0:  # not at all of it: below everything on one side, the other side on two
        return 7 * value if two and sign > 0 else value
    return sign * value


def _degree(word: str) -> tuple[str, float]:
    """Stem and how much of it: "svært god" is god, 5; the stem alone is 4."""
    inside = next((found[1] for frame in FRAMES if (found := re.fullmatch(frame, word))), word)
    if inside in _poles():
        return inside, 4.0
    tokens, stem, values = inside.split(), [], []
    while tokens:
        hit = next(((m, v) for m, v in _modifiers() if tokens[: len(m.split())] == m.split()), None)
        if hit is None or (len(tokens) == 1 and tokens[0] in _poles()):
            stem.append(tokens.pop(0))
        else:
            values.append(hit[1])
            tokens = tokens[len(hit[0].split()) :]
    value = min(values) if any(v < 0 for v in values) else values[0] + sum(values[1:]) / 100 if values else 4.0
    return " ".join(stem), value
