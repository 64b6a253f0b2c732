"""What is seen in the kinds of exhibit that do not hold answers, in words; and who they are about."""

from __future__ import annotations

import math

from evalkit.present.balance import GUIDE, differences
from evalkit.present.numbers import count, decimal, percent_words, rounded
from evalkit.present.odds import exact_estimate, number_of, term_of
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
    """The response of everyone, then of the groups that answered most and least, by the last wave."""
    words = shown.words.survey
    wave = latest(shown)
    item = shown.items[0]
    rates = {}
    for group in [*shown.groups, *([ALL] if shown.has_all else [])]:
        cell = shown.cell(item, wave, group, "rr2")
        if cell is not None:
            rates[group] = cell
    lines = []
    if ALL in rates:
        parts = {"label": shown.word("group", ALL), "rate": percent_words(rates[ALL].estimate, shown.lang)}
        lines.append(words.rate_line.format(**parts, **_counts(shown, rates.pop(ALL))))
    if len(rates) > 1:
        ends = {}
        for end, value in (("high", max), ("low", min)):
            most = value(rounded(100 * cell.estimate) for cell in rates.values())
            those = [group for group, cell in rates.items() if rounded(100 * cell.estimate) == most]
            ends[end] = listed([shown.word("group", group) for group in those], shown.lang)
            number = percent_words(rates[those[0]].estimate, shown.lang)
            alone = f" ({words.rate_of.format(**_counts(shown, rates[those[0]]))})" if len(those) == 1 else ""
            ends[f"{end}_value"] = number + alone
        lines.append(shown.words.alt.extremes.format(**ends))
    return lines


def _counts(shown: View, cell: Cell) -> dict[str, str]:
    return {"answered": count(cell.estimate * cell.n, shown.lang), "n": count(cell.n, shown.lang)}


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
            text.append(shown.words.alt.one_value.format(label=words.measures[code], value=value))
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
        return [words.alt.no_numbers]
    found = []
    for (difference, label, ours, theirs), phrase in (
        (max(apart, key=lambda row: row[0]), words.alt.most_over),
        (min(apart, key=lambda row: row[0]), words.alt.most_under),
    ):
        if difference:
            found.append(
                phrase.format(
                    label=label,
                    sample=percent_words(ours.estimate, shown.lang, 1),
                    population=percent_words(theirs.estimate, shown.lang, 1),
                )
            )
    return found or [words.alt.all_alike]


def summary(shown: View) -> list[str]:
    """The means of sample and population."""
    found = []
    for item in shown.items:
        cells = [(group, shown.cell(item, shown.waves[0], group, "mean")) for group in ("sample", "population")]
        values = [f"{lower_first(shown.word('group', g))} {decimal(c.estimate, shown.lang, 1)}" for g, c in cells if c]
        label = f"{shown.word('item', item)}, {shown.words.mean.lower()}"
        found.append(shown.words.alt.wave_line.format(label=label, values=listed(values, shown.lang)))
    return found


def transitions(shown: View) -> list[str]:
    """How many moved each way, for everyone and each group and pair of waves."""
    words = shown.words
    found = []
    for group in [*shown.groups, *([ALL] if shown.has_all else [])]:
        for wave in shown.waves:
            cells = [(code, shown.cell(shown.items[0], wave, group, code)) for code in ("up", "down", "unchanged")]
            values = [f"{count(c.estimate, shown.lang)} {_lower(shown, code)}" for code, c in cells if c is not None]
            label = [shown.word("group", group)] if shown.groups else []
            label += [shown.word("wave", wave)] if len(shown.waves) > 1 or not shown.groups else []
            if values:
                found.append(words.alt.wave_line.format(label=", ".join(label), values=listed(values, shown.lang)))
    return found


def _lower(shown: View, code: str) -> str:
    return lower_first(shown.word("category", code))


def odds(shown: View) -> list[str]:
    """Each term's odds ratio with its interval, and which intervals do not hold 1."""
    words = shown.words
    group = next(key[2] for key in shown.cells)
    found, clear = [], []
    for model in shown.items:
        name = words.model.format(model=model)
        values = []
        for code in shown.categories:
            cell = shown.cell(model, shown.waves[0], group, code)
            if cell is None:
                continue
            term = term_of(shown, model, code)
            values.append(f"{term}: {_odds_ratio(shown, model, code, cell)}")
            if cell.low > 0 or cell.high < 0:
                clear.append(f"{name}, {term}")
        found.append(f"{name}. {'; '.join(values)}.")
    closing = words.alt.clear_of_one.format(terms="; ".join(clear)) if clear else words.alt.none_clear_of_one
    return [words.alt.intervals_in_brackets, *found, closing]


def _odds_ratio(shown: View, model: str, code: str, cell: Cell) -> str:
    """The number as in the figure, infinity as a word, the exact estimate beside it."""
    text = number_of(shown, cell).replace("∞", shown.words.infinite)
    exact = exact_estimate(shown, (model, code))
    return f"{text}, {shown.words.alt.exact_estimate.format(value=decimal(exact, shown.lang, 2))}" if exact else text
