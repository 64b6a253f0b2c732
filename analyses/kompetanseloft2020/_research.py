"""Research competence (q17): the one question that changed, with the changes of the published table 2."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

from _answers import DONT_KNOW, Said, Value, by_zeal
from _sample import Unit

YES, NO = "1", "2"


def ask_research(chosen: dict[str, Any], changes: list[list[int]], units: list[Unit], said: Said, rng: Random) -> None:
    """Fill q17 (2018), and q17_master and q17_phd (2019); `changes` by size group: [no to yes, yes to no]."""
    before: dict[str, Value] = {}
    master: dict[str, Value] = {}
    phd: dict[str, Value] = {}
    for size, change in enumerate(changes):
        members = by_zeal((unit for unit in units if unit.size == size), rng)
        answers = list(_roles(chosen, change, members, size, rng))
        before |= {code: first for code, first, _ in answers if first is not None}
        now = {code: last for code, _, last in answers if last is not None}
        with_phd = set(rng.sample([code for code in now if now[code] == YES], chosen["phd"][size]))
        phd |= {code: last if last == DONT_KNOW else YES if code in with_phd else NO for code, last in now.items()}
        # One in two with a PhD has no master beside it: yes in either is yes.
        alone = set(sorted(with_phd)[::2])
        master |= {code: NO if code in alone else last for code, last in now.items()}
    said["q17"] = {"2018": before, "2019": {}}
    said["q17_master"] = {"2018": {}, "2019": master}
    said["q17_phd"] = {"2018": {}, "2019": phd}


def _roles(
    chosen: dict[str, Any], change: list[int], members: list[Unit], size: int, rng: Random
) -> Iterator[tuple[str, Value | None, Value | None]]:
    """Unit, answer of 2018 and answer of 2019 (None: empty), one size group."""
    queues = {
        "first": [unit.code for unit in members if unit.waves == ("2018",)],
        "both": [unit.code for unit in members if len(unit.waves) == 2],
        "second": [unit.code for unit in members if unit.waves == ("2019",)],
    }

    def take(queue: str, n: int) -> list[str]:
        taken, queues[queue] = queues[queue][:n], queues[queue][n:]
        if len(taken) < n:
            raise ValueError(f"size group {size}: too few units for q17")
        return taken

    up, down = change
    stayed_yes, stayed_no = chosen["stayed"][size]
    pairs = [(NO, YES)] * up + [(YES, NO)] * down + [(YES, YES)] * stayed_yes + [(NO, NO)] * stayed_no
    rng.shuffle(pairs)
    yield from ((code, *pair) for code, pair in zip(take("both", len(pairs)), pairs))
    new, old = _shuffled(chosen["new_2019"][size], rng), _shuffled(chosen["latest_2018"][size], rng)
    again, before = chosen["new_2019_second"][size], chosen["latest_2018_second"][size]
    codes = take("both", again) + take("second", len(new) - again)
    earlier = [DONT_KNOW if i % 2 and i < again else None for i in range(len(new))]
    yield from zip(codes, earlier, new)
    codes = take("both", before) + take("first", len(old) - before)
    yield from ((code, value, None) for code, value in zip(codes, old))
    unsure = take("both", chosen["dont_know_2019"][size])
    yield from ((code, YES if i % 2 else NO, DONT_KNOW) for i, code in enumerate(unsure))
    yield from ((code, DONT_KNOW, None) for code in queues["first"][::2])
    yield from ((code, None, DONT_KNOW) for code in queues["second"][::2])


def _shuffled(counts: list[int], rng: Random) -> list[Value]:
    values: list[Value] = [*[YES] * counts[0], *[NO] * counts[1]]
    rng.shuffle(values)
    return values
