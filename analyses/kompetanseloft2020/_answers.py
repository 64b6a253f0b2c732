"""What the respondents answered: latest answers by size group as chosen, earlier ones with no net change.

Answers lie in `Said`: question → wave → unit code → category code, set of options, or DONT_KNOW or NOT_ASKED.
"""

from __future__ import annotations

from collections.abc import Iterable
from random import Random
from typing import Any

from _sample import Unit

DONT_KNOW, NOT_ASKED = "8", "9"
Value = str | frozenset[str]
Said = dict[str, dict[str, dict[str, Value]]]

TWICE = ((("2018", "2019"), 0.6), (("2019",), 0.28), (("2018",), 0.12))  # a unit in both waves: where it answered
AGAIN = 0.8  # share of units that also answered a follow-up in the earlier wave that put it to them
SWAPS = 4  # one pair for so many paired units swaps its earlier answers


def by_zeal(units: Iterable[Unit], rng: Random) -> list[Unit]:
    """Those who come far through the form first, with some disorder."""
    return sorted(units, key=lambda unit: unit.zeal + 0.6 * rng.random(), reverse=True)


def ask(name: str, chosen: dict[str, Any], item: dict[str, Any], units: list[Unit], said: Said, rng: Random) -> None:
    """Give `name` its answers in both waves: `n` latest answers and `dont_know` a size group, the rest empty."""
    filled: dict[str, dict[str, Value]] = {"2018": {}, "2019": {}}
    places = {unit.code: _places(unit, item, said, rng) for unit in units}
    counted, unsure, silent = _respondents(chosen, units, places, rng)
    latest = deal(item, chosen["counts"], counted, rng)
    for unit in counted:
        for wave in places[unit.code]:
            filled[wave][unit.code] = latest[unit.code]
    for unit in unsure:
        *earlier, last = places[unit.code]
        filled[last][unit.code] = DONT_KNOW
        for wave in earlier:
            filled[wave][unit.code] = _any_answer(unit, counted, latest, rng)
    _overtaken(item, silent, said, filled, lambda unit: _any_answer(unit, counted, latest, rng), rng)
    _swap(counted, filled, rng)
    _not_asked(item, units, said, filled)
    said[name] = filled


def repeat(name: str, chosen: dict[str, Any], item: dict[str, Any], units: list[Unit], said: Said, rng: Random) -> None:
    """A question on the same page as another: answered by the same units in the same waves."""
    like = said[chosen["like"]]
    counted = [unit for unit in units if any(unit.code in answers for answers in like.values())]
    latest = deal(item, chosen["counts"], counted, rng)
    said[name] = {wave: {code: latest[code] for code in answers} for wave, answers in like.items()}
    _swap(counted, said[name], rng)


def latest_of(name: str, code: str, said: Said) -> tuple[str, Value] | None:
    """Wave and value of a unit's latest answer; don't know is one, not asked is none."""
    found = [(wave, said[name][wave][code]) for wave in ("2018", "2019") if code in said[name][wave]]
    answered = [pair for pair in found if pair[1] != NOT_ASKED]
    return answered[-1] if answered else None


def _places(unit: Unit, item: dict[str, Any], said: Said, rng: Random) -> tuple[str, ...]:
    """Waves in which the unit would answer, the latest last; none if the filter that counts leads past."""
    if "asked_if" not in item:
        if len(unit.waves) == 1:
            return unit.waves
        point = rng.random()
        for waves, share in TWICE:
            point -= share
            if point < 0:
                return waves
        return unit.waves
    led = _led(unit, item, said)
    counts = latest_of(item["asked_if"]["item"], unit.code, said)
    if counts is None or counts[0] not in led:
        return ()
    return led if len(led) == 1 or rng.random() < AGAIN else led[-1:]


def _led(unit: Unit, item: dict[str, Any], said: Said) -> tuple[str, ...]:
    """Waves in which the unit's answer to the filter led to the question."""
    codes = {DONT_KNOW if code == "dont_know" else code for code in item["asked_if"]["codes"]}
    answers = said[item["asked_if"]["item"]]
    return tuple(wave for wave in unit.waves if answers[wave].get(unit.code) in codes)


def _respondents(
    chosen: dict[str, Any], units: list[Unit], places: dict[str, tuple[str, ...]], rng: Random
) -> tuple[list[Unit], list[Unit], list[Unit]]:
    """Units whose answer counts, who do not know, and who gave no answer that counts."""
    counted: list[Unit] = []
    unsure: list[Unit] = []
    silent: list[Unit] = []
    for size, n in enumerate(chosen["n"]):
        members = by_zeal((unit for unit in units if unit.size == size), rng)
        open_to = [unit for unit in members if places[unit.code]]
        end = n + chosen.get("dont_know", [0] * 5)[size]
        if len(open_to) < end:
            raise ValueError(f"size group {size}: {end} answers wanted, {len(open_to)} can give one")
        counted += open_to[:n]
        unsure += open_to[n:end]
        silent += [*open_to[end:], *(unit for unit in members if not places[unit.code])]
    return counted, unsure, silent


def deal(item: dict[str, Any], counts: dict[str, Any], counted: list[Unit], rng: Random) -> dict[str, Value]:
    """A value for each unit, with exactly `counts` by size group, or in all where a count is one number."""
    if item["type"] == "single":
        return {code: value for size in range(5) for code, value in _deal_single(counts, counted, size, rng)}
    if all(isinstance(count, int) for count in counts.values()):
        return _tick(counts, [unit.code for unit in counted], rng)
    dealt: dict[str, Value] = {}
    for size in range(5):
        codes = [unit.code for unit in counted if unit.size == size]
        dealt |= _tick({option: count[size] for option, count in counts.items()}, codes, rng)
    return dealt


def _deal_single(
    counts: dict[str, list[int]], counted: list[Unit], size: int, rng: Random
) -> Iterable[tuple[str, Value]]:
    values = [category for category, count in counts.items() for _ in range(count[size])]
    rng.shuffle(values)
    return zip((unit.code for unit in counted if unit.size == size), values, strict=True)


def _tick(counts: dict[str, int], codes: list[str], rng: Random) -> dict[str, Value]:
    """Boxes ticked by each unit; `none` stands alone, and nobody leaves all boxes empty who need not."""
    order = rng.sample(codes, len(codes))
    nothing = order[: counts.get("none", 0)]
    others = order[len(nothing) :]
    ticked: dict[str, set[str]] = {code: set() for code in others}
    for option, count in counts.items():
        if option != "none":
            for code in rng.sample(others, count):
                ticked[code].add(option)
    for code in [code for code in others if not ticked[code]]:
        givers = [giver for giver in others if len(ticked[giver]) > 1]
        if givers:
            giver = rng.choice(givers)
            option = rng.choice(sorted(ticked[giver]))
            ticked[giver].remove(option)
            ticked[code].add(option)
    boxes: dict[str, Value] = {code: frozenset(options) for code, options in ticked.items()}
    return boxes | {code: frozenset(["none"]) for code in nothing}


def _any_answer(unit: Unit, counted: list[Unit], latest: dict[str, Value], rng: Random) -> Value:
    return rng.choice([latest[other.code] for other in counted if other.size == unit.size])


def _overtaken(
    item: dict[str, Any], silent: list[Unit], said: Said, filled: dict[str, dict[str, Value]], value: Any, rng: Random
) -> None:
    """Answers to a follow-up in 2018 that do not count, because the filter was answered again in 2019."""
    if "asked_if" not in item:
        return
    for unit in silent:
        counts = latest_of(item["asked_if"]["item"], unit.code, said)
        if "2018" in _led(unit, item, said) and counts is not None and counts[0] == "2019" and rng.random() < AGAIN:
            filled["2018"][unit.code] = value(unit)


def _swap(counted: list[Unit], filled: dict[str, dict[str, Value]], rng: Random) -> None:
    """Let some pairs of units swap their earlier answers: changes in both directions, and none on balance."""
    for size in range(5):
        paired = [u.code for u in counted if u.size == size and all(u.code in answers for answers in filled.values())]
        rng.shuffle(paired)
        earlier = filled["2018"]
        for one, other in zip(paired[: len(paired) // SWAPS], reversed(paired)):
            earlier[one], earlier[other] = earlier[other], earlier[one]


def _not_asked(item: dict[str, Any], units: list[Unit], said: Said, filled: dict[str, dict[str, Value]]) -> None:
    """The code for not asked where the filter was answered and led past the question."""
    if "asked_if" not in item:
        return
    answers = said[item["asked_if"]["item"]]
    for unit in units:
        for wave in set(unit.waves) - set(_led(unit, item, said)):
            if unit.code in answers[wave]:
                filled[wave][unit.code] = NOT_ASKED
