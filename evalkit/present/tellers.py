"""Captions and alternative texts of a screen, of response and of balance: who, and what is seen, in words."""

from __future__ import annotations

from evalkit.present.numbers import count, percent_words
from evalkit.present.response import latest
from evalkit.present.rows import ALL, View
from evalkit.present.screen_table import findings, points_of
from evalkit.present.screened import by_change, outcomes
from evalkit.present.words import capital, listed


def answered_twice(shown: View) -> str:
    """Who a screen is about: units that answered both waves, or several of more."""
    words = shown.words.moved
    first, last = (shown.word("wave", code) for code in shown.waves[0].split("→"))
    waves = [code for code in shown.exhibit.labels["wave"] if code != "latest"]
    phrase = words.answered_ends if len(waves) > 2 else words.answered_both
    return capital(phrase.format(units=shown.exhibit.units[shown.lang], first=first, last=last))


def screen(shown: View) -> list[str]:
    """What changed and what could have been seen, and the largest rise and fall."""
    words = shown.words.moved
    found = outcomes(shown.exhibit, shown.lang)
    ordered = by_change(found)
    text = findings(shown, found)
    for one, phrase, way in ((ordered[0], words.largest_up, 1), (ordered[-1], words.largest_down, -1)):
        if round(100 * one.change.estimate) * way > 0:
            text.append(phrase.format(name=one.label, points=points_of(one.change.estimate, shown.lang)))
    return text


def frame(shown: View) -> str:
    """Everyone who could have answered, with their number."""
    words = shown.words
    n = count(shown.exhibit.facts["frame"], shown.lang)
    units = words.survey.all_units.format(units=shown.exhibit.units[shown.lang])
    return capital(f"{units} ({words.n_note.format(n=n)})")


def waves(shown: View) -> str:
    """The waves of a response table; whether a unit answered in any is no wave of its own."""
    words = shown.words
    codes = [code for code in shown.exhibit.labels["wave"] if code != "latest"]
    names = listed([shown.word("wave", code) for code in codes], shown.lang)
    if shown.waves == ["latest"]:
        return words.survey.answered_once.format(waves=names)
    found = [shown.word("wave", code) for code in shown.waves if code != "latest"]
    return (words.one_wave if len(found) == 1 else words.many_waves).format(
        wave=found[0], waves=listed(found, shown.lang)
    )


def response(shown: View) -> list[str]:
    """The response of everyone, then of the group that answered most and least, by the last wave."""
    words = shown.words.survey
    wave = latest(shown)
    item = shown.items[0]
    rates = {}
    for group in [*shown.groups, *([ALL] if shown.has_all else [])]:
        cell = shown.cell(item, wave, group, "rr2")
        if cell is not None:
            rates[group] = cell
    groups = sorted((group for group in rates if group != ALL), key=lambda group: -rates[group].estimate)
    chosen = [*([ALL] if ALL in rates else []), *dict.fromkeys([*groups[:1], *groups[-1:]])]
    lines = []
    for group in chosen:
        rate, n = rates[group].estimate, rates[group].n
        numbers = {"answered": count(rate * n, shown.lang), "n": count(n, shown.lang)}
        label = shown.word("group", group)
        lines.append(words.rate_line.format(label=label, rate=percent_words(rate, shown.lang), **numbers))
    return lines
