"""What is seen in the kinds of exhibit that do not hold answers, in words; and who they are about."""

from __future__ import annotations

import math

from evalkit.present.balance import GUIDE, differences
from evalkit.present.numbers import count, decimal, percent_words
from evalkit.present.odds import number_of
from evalkit.present.response import latest
from evalkit.present.rows import ALL, Cell, View
from evalkit.present.screen_table import findings, points_of
from evalkit.present.screened import by_change, outcomes
from evalkit.present.words import capital, listed, lower_first


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
        if not math.isnan(one.change.estimate) and round(100 * one.change.estimate) * way > 0:
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


def sides(shown: View) -> str | None:
    """«Før og etter vekting», of a balance that has both and whose title does not say it."""
    said = shown.words.survey.before_and_after
    if shown.exhibit.kind != "balance" or len(set(shown.exhibit.data["weighting"])) < 2:
        return None
    return None if said.lower() in shown.exhibit.title[shown.lang].lower() else said


def balance(shown: View) -> list[str]:
    """Before and after weighting: how many lie beyond ±0.1, and the one furthest from zero."""
    words = shown.words.survey
    found = differences(shown)
    text = []
    for name, values in (
        (words.balance_before, {one: one.before for one in found if not math.isnan(one.before)}),
        (words.balance_after, {one: one.after for one in found if not math.isnan(one.after)}),
    ):
        if not values:
            continue
        beyond = sum(abs(value) > GUIDE for value in values.values())
        text.append((words.beyond if beyond else words.none_beyond).format(name=name, k=beyond, n=len(values)))
        far = max(values, key=lambda one: abs(values[one]))
        label = f"{shown.word('item', far.item)}, {far.label}" if far.category else far.label
        text.append(words.furthest.format(name=name, label=label, value=decimal(values[far], shown.lang, 2, sign=True)))
    return text


def r_indicator(shown: View) -> list[str]:
    """The R-indicator and the response rate."""
    words = shown.words.survey
    text = []
    for code in ("r_indicator", "response_rate"):
        cell: Cell | None = shown.cell("overall", shown.waves[0], ALL, code)
        if cell is not None:
            rate = code == "response_rate"
            value = percent_words(cell.estimate, shown.lang) if rate else decimal(cell.estimate, shown.lang, 2)
            text.append(shown.words.one_value.format(label=words.measures[code], value=value))
    return text


def representativeness(shown: View) -> list[str]:
    """Where the sample lies furthest above and below the population."""
    words = shown.words
    item, wave = shown.items[0], shown.waves[0]
    apart = []
    for code in shown.categories:
        ours, theirs = (shown.cell(item, wave, group, code) for group in ("sample", "population"))
        if ours is not None and theirs is not None:
            apart.append((ours.estimate - theirs.estimate, shown.word("category", code), ours, theirs))
    if not apart:
        return [words.no_numbers]
    found = []
    for (difference, label, ours, theirs), phrase in (
        (max(apart, key=lambda row: row[0]), words.most_over),
        (min(apart, key=lambda row: row[0]), words.most_under),
    ):
        if difference:
            found.append(
                phrase.format(
                    label=label,
                    sample=percent_words(ours.estimate, shown.lang, 1),
                    population=percent_words(theirs.estimate, shown.lang, 1),
                )
            )
    return found or [words.all_alike]


def summary(shown: View) -> list[str]:
    """The means of sample and population."""
    found = []
    for item in shown.items:
        cells = [(group, shown.cell(item, shown.waves[0], group, "mean")) for group in ("sample", "population")]
        values = [f"{lower_first(shown.word('group', g))} {decimal(c.estimate, shown.lang, 1)}" for g, c in cells if c]
        label = f"{shown.word('item', item)}, {shown.words.mean.lower()}"
        found.append(shown.words.wave_line.format(label=label, values=listed(values, shown.lang)))
    return found


def transitions(shown: View) -> list[str]:
    """How many moved each way, for everyone and each group and pair of waves."""
    words = shown.words
    found = []
    for group in [*shown.groups, *([ALL] if shown.has_all else [])]:
        for wave in shown.waves:
            cells = [(code, shown.cell(shown.items[0], wave, group, code)) for code in ("up", "down", "unchanged")]
            values = [f"{_lower(shown, code)} {count(c.estimate, shown.lang)}" for code, c in cells if c is not None]
            label = [shown.word("group", group)] if shown.groups else []
            label += [shown.word("wave", wave)] if len(shown.waves) > 1 or not shown.groups else []
            if values:
                found.append(words.wave_line.format(label=", ".join(label), values=listed(values, shown.lang)))
    return found


def _lower(shown: View, code: str) -> str:
    return lower_first(shown.word("category", code))


def odds(shown: View) -> list[str]:
    """Each term's odds ratio with its interval."""
    found = []
    group = next(key[2] for key in shown.cells)
    for model in shown.items:
        cells = [(code, shown.cell(model, shown.waves[0], group, code)) for code in shown.categories]
        values = [
            f"{shown.word('category', code)} {number_of(shown, cell)}" for code, cell in cells if cell is not None
        ]
        label = shown.words.model.format(model=model)
        found.append(shown.words.wave_line.format(label=label, values=listed(values, shown.lang)))
    return found
