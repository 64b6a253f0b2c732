"""Captions (what, who, N, wave, weighting) and alternative texts (what is seen), both computed from the rows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from evalkit.present import comparable_table, screen_table, tellers
from evalkit.present.exhibit import Exhibit
from evalkit.present.figures import chart_of
from evalkit.present.measured import MEASURED, measure, share_in
from evalkit.present.numbers import count, decimal, percent_words, rounded
from evalkit.present.rows import ALL, Cell, View, view, waves_in_words
from evalkit.present.words import listed, lower_first, sentence


def caption(exhibit: Exhibit, lang: str, *, weighting: str | None = None) -> str:
    """What is shown, by what, who answered and how many, in which waves, weighted or not."""
    shown = view(exhibit, lang, weighting)
    words = shown.words
    what = _what(shown)
    kind = exhibit.kind
    who = f"{_who(shown)} ({words.n_note.format(n=count(exhibit.n, lang))})"
    if kind == "conditional_logit":
        who = _changed(shown) or who
    if kind == "response":
        return sentence(what, tellers.frame(shown), tellers.waves(shown))
    if kind in ("balance", "r_indicator"):
        return sentence(what, words.compared, who, tellers.sides(shown))
    if kind == "comparable":
        twice = words.survey.twice.format(units=exhibit.units[lang])
        return sentence(what, f"{twice} ({words.n_note.format(n=count(exhibit.n, lang))})")
    if kind in ("summary", "representativeness"):
        return sentence(what, words.compared, who)
    if kind == "screen":
        return sentence(what, who, screen_table.n_span(shown), _weighting(shown))
    return sentence(what, who, "" if _twice(shown) else _waves(shown), _weighting(shown))


def split(exhibit: Exhibit, lang: str, *, weighting: str | None = None) -> tuple[str, str]:
    """The caption in two: what is shown, which lists of figures and tables print, and who, how many and when."""
    whole = caption(exhibit, lang, weighting=weighting)
    title = sentence(_what(view(exhibit, lang, weighting)))
    return title, whole.removeprefix(title).strip()


def of_figure(exhibit: Exhibit, lang: str) -> tuple[str, str]:
    """A figure's caption in two, without the weighting and the interval, which the figure itself names."""
    title, rest = split(exhibit, lang)
    return title, rest.removesuffix(sentence(_weighting(view(exhibit, lang)))).strip()


def of_all_numbers(
    exhibit: Exhibit, lang: str, weighting: str | None = None, *, several: bool = False
) -> tuple[str, str]:
    """The caption of an appendix table, in two as `split` gives it: another one than the figure's.

    The title says how the numbers are weighted where the appendix has `several` tables of the exhibit.
    """
    shown = view(exhibit, lang, weighting)
    _, said = split(exhibit, lang, weighting=weighting)
    if exhibit.kind in ("share", "mean", "distribution", "multiple"):
        said = said.removesuffix(sentence(_weighting(shown)))
    words = shown.words
    numbers = words.survey.all_numbers.format(what=_what(shown))
    if several:
        said = said.removesuffix(sentence(_weighting(shown)))
        how = words.weighted if shown.weighting == "weighted" else words.unweighted
        numbers = f"{numbers.removesuffix(')')}, {lower_first(how)})"
    return sentence(numbers), said.strip()


def of_chart(exhibit: Exhibit, lang: str, *, lines: bool) -> str:
    """What a chart that is pasted elsewhere says under itself: who, how many, weighting, its `lines`, the notice."""
    shown = view(exhibit, lang)
    said = split(exhibit, lang)[1].removesuffix(sentence(_weighting(shown)))
    plain = _weighting(shown, interval=False) if exhibit.kind not in ("balance", "response", "transitions") else ""
    return sentence(said, plain, shown.words.interval_line if lines else "", shown.text(exhibit.notice))


def _what(shown: View) -> str:
    """The title, the division where the title does not say it itself, and whom the shares are of."""
    title = shown.exhibit.title[shown.lang]
    if shown.by is not None and shown.words.by_already not in title:
        title = shown.words.by_group.format(title=title, group=lower_first(shown.by))
    if shown.weighting in MEASURED:
        return shown.words.survey.what_of.format(what=title, measure=measure(shown.exhibit, shown.lang))
    return title


def _who(shown: View) -> str:
    """The base as the study words it, else the units that answered."""
    base = shown.text(shown.exhibit.base)
    if _twice(shown):
        return tellers.answered_twice(shown)
    return base.rstrip(".") if base else shown.words.who_answered.format(units=shown.exhibit.units[shown.lang])


def _twice(shown: View) -> bool:
    """Whether the units are those that answered both waves of the one pair that is shown."""
    kind = shown.exhibit.kind
    return kind == "screen" or (kind == "transitions" and not shown.exhibit.base and len(shown.waves) == 1)


def _n(shown: View) -> float:
    """The N of an alternative text: the frame of a response, and of a conditional logit all who answered twice."""
    facts = shown.exhibit.facts
    if shown.exhibit.kind == "response":
        return float(facts["frame"])
    if shown.exhibit.kind == "conditional_logit":
        return float(facts.get("models", {}).get(shown.items[-1], {}).get("n_groups", shown.exhibit.n))
    return shown.exhibit.n


def _changed(shown: View) -> str:
    """Both populations of a conditional logit: who answered twice, and those of them that changed."""
    models = shown.exhibit.facts.get("models", {})
    facts = models.get(shown.items[-1], {})
    if not {"n_groups", "n_groups_used"} <= set(facts):
        return ""
    n = shown.words.n_note.format(n=count(facts["n_groups"], shown.lang))
    changed = count(facts["n_groups_used"], shown.lang)
    return shown.words.moved.changed_of.format(who=_who(shown), n=n, changed=changed)


def _waves(shown: View) -> str:
    """«Runder: 2018 og 2019 (begge runder, siste svar)»."""
    words = shown.words
    names = waves_in_words(shown)
    if shown.exhibit.kind == "conditional_logit" and shown.waves == ["latest"]:
        return words.many_waves.format(waves=listed(names, shown.lang))
    if shown.waves == ["latest"] and len(names) > 1:
        return words.latest_answer.format(waves=listed(names, shown.lang))
    phrase = words.one_wave if len(names) == 1 else words.many_waves
    return "" if names == ["latest"] else phrase.format(wave=names[0], waves=listed(names, shown.lang))


def _weighting(shown: View, interval: bool = True) -> str:
    words = shown.words
    weighted = shown.weighting == "weighted"
    has_interval = interval and any(cell.has_interval for cell in shown.cells.values())
    has_interval = has_interval and shown.exhibit.kind != "distribution"
    if shown.weighting in MEASURED:
        return share_in(shown.exhibit, shown.lang, interval=has_interval)
    if shown.exhibit.kind == "transitions":
        return words.counts_and_weighted_shares if weighted else words.unweighted_plain
    if has_interval:
        return words.weighted_with_interval if weighted else words.unweighted_with_interval
    return words.weighted_plain if weighted else words.unweighted_plain


def alt(exhibit: Exhibit, lang: str, *, weighting: str | None = None) -> str:
    """The figure in words: its form and content, highest and lowest, tendency over the groups, everyone together."""
    shown = view(exhibit, lang, weighting)
    words = shown.words
    chart = "table" if exhibit.kind in ("summary", "r_indicator", "comparable") else chart_of(shown)
    if chart == "dots" and not any(cell.has_interval for cell in shown.cells.values()):
        chart = "plain_dots"
    first = sentence(words.alt.kinds[chart], f"{_what(shown)} ({words.n_note.format(n=count(_n(shown), lang))})")
    told = {
        "share": _answers,
        "mean": _answers,
        "multiple": _answers,
        "distribution": _distribution,
        "representativeness": tellers.representativeness,
        "summary": tellers.summary,
        "transitions": tellers.transitions,
        "conditional_logit": tellers.odds,
        "screen": tellers.screen,
        "response": tellers.response,
        "balance": tellers.balance,
        "r_indicator": tellers.r_indicator,
        "comparable": comparable_table.told,
    }
    question = words.question.format(question=shown.text(exhibit.question)) if exhibit.question else None
    return sentence(first, *told[exhibit.kind](shown), shown.text(exhibit.note), question)


def tendency(values: Sequence[float]) -> str:
    """The way of `values` in their order.

    "rises" where no step goes down and at least one goes up, "falls" the other way round, "flat" without any step,
    else "mixed". Values that are NaN are left out.
    """
    known = [value for value in values if not math.isnan(value)]
    steps = [after - before for before, after in pairwise(known)]
    if not any(steps):
        return "flat"
    if all(step >= 0 for step in steps):
        return "rises"
    return "falls" if all(step <= 0 for step in steps) else "mixed"


def _number(shown: View, cell: Cell) -> str:
    if shown.exhibit.kind != "mean":
        return percent_words(cell.estimate, shown.lang)
    unit = shown.exhibit.facts.get("unit")
    return decimal(cell.estimate, shown.lang, 1) + (f"\u00a0{unit[shown.lang]}" if unit else "")


def _answers(shown: View) -> list[str]:
    """Shares, means and options: one passage for each series of rows that belong together."""
    if shown.groups and (len(shown.categories) > 1 or len(shown.items) > 1):
        return _many(shown)
    found: list[str] = []
    for name, rows, ordered in _series(shown):
        known = [(label, cell) for label, cell in rows if not math.isnan(cell.estimate)]
        found += [*([name] if name else []), *_extremes(shown, known, ordered)]
    return found + _between_waves(shown)


def _between_waves(shown: View) -> list[str]:
    """In how many groups a share or mean went up or down from the first wave to the last, as printed."""
    if len(shown.waves) < 2 or not shown.groups:
        return []
    found = []
    item, category = shown.items[0], shown.categories[0]
    first, last = shown.waves[0], shown.waves[-1]
    steps = []
    for group in shown.groups:
        ends = [shown.cell(item, wave, group, category) for wave in (first, last)]
        values = [_printed(shown, cell) for cell in ends if cell is not None and not math.isnan(cell.estimate)]
        steps += [values[1] - values[0]] if len(values) == 2 else []
    if steps and len(shown.items) == 1:
        names = {"first": shown.word("wave", first), "last": shown.word("wave", last), "n": len(steps)}
        counts = {"up": sum(s > 0 for s in steps), "down": sum(s < 0 for s in steps), "same": steps.count(0)}
        found.append(shown.words.alt.between_waves.format(**names, **counts))
    return found


def _many(shown: View) -> list[str]:
    """Options by group: the options among everyone, then the way of each over the groups."""
    found: list[str] = []
    for item in shown.items:
        for wave in shown.waves:
            parts = [shown.word("wave", wave)] if len(shown.waves) > 1 else []
            if len(shown.categories) > 1:
                parts = [*([shown.word("item", item)] if len(shown.items) > 1 else []), *parts]
                whole = _cells(shown, item, wave, ALL)
                label = ", ".join([*parts, shown.word("group", ALL)])
                found += [label, *_extremes(shown, whole, False)] if whole else []
            else:
                parts = [shown.word("item", item), *parts]
            found += _ways(shown, item, wave, parts)
    return found


def _series(shown: View) -> list[tuple[str, list[tuple[str, Cell]], bool]]:
    """(name, rows, whether their order means something): groups for each option, options where there are no groups."""
    one_each = {
        "item": shown.items,
        "wave": shown.waves,
        "category": shown.categories,
        "group": shown.groups or [ALL],
    }
    inner = next((name for name in ("group", "category", "item", "wave") if len(one_each[name]) > 1), "group")
    outer = [name for name in ("item", "category", "wave") if name != inner]
    found = []
    for item in one_each["item"] if inner != "item" else [""]:
        for category in one_each["category"] if inner != "category" else [""]:
            for wave in one_each["wave"] if inner != "wave" else [""]:
                fixed = {"item": item, "category": category, "wave": wave}
                rows = []
                codes = [*one_each[inner], *([ALL] if inner == "group" and shown.groups and shown.has_all else [])]
                for code in codes:
                    keys = {"group": ALL if shown.has_all else (shown.groups or [ALL])[0], **fixed, inner: code}
                    cell = shown.cell(keys["item"], keys["wave"], keys["group"], keys["category"])
                    if cell is not None:
                        rows.append((shown.word(inner, code), cell))
                name = ", ".join(shown.word(key, fixed[key]) for key in outer if len(one_each[key]) > 1)
                if rows:
                    found.append((name, rows, inner in ("group", "wave") and _is_ordered(shown, inner)))
    return found


def _is_ordered(shown: View, column: str) -> bool:
    """Waves are in order; groups where the facts say so, else where there are few enough to be steps of something."""
    if column == "wave":
        return len(shown.waves) > 1
    stated = shown.exhibit.facts.get("ordered")
    return bool(stated) if stated is not None else 3 <= len(shown.groups) <= 8


def _extremes(shown: View, rows: list[tuple[str, Cell]], ordered: bool) -> list[str]:
    """The highest and the lowest as they are printed (all of them where several print alike), tendency, everyone."""
    words = shown.words
    if len(rows) < 2:
        return [_pair(words.alt.one_value, row, shown) for row in rows] or [words.alt.no_numbers]
    everyone = [row for row in rows if shown.groups and row[0] == shown.word("group", ALL)]
    groups = [row for row in rows if row not in everyone]
    printed = [_printed(shown, cell) for _, cell in groups]
    high, low = max(printed), min(printed)
    if high == low:
        text = [words.alt.all_equal.format(value=_number(shown, groups[0][1]))]
    else:
        names = [
            listed([row[0] for row, value in zip(groups, printed) if value == end], shown.lang) for end in (high, low)
        ]
        values = [
            _number(shown, next(row[1] for row, value in zip(groups, printed) if value == end)) for end in (high, low)
        ]
        text = [words.alt.extremes.format(high=names[0], high_value=values[0], low=names[1], low_value=values[1])]
        if ordered:
            text.append(_tendency_words(shown, printed, groups[0][0], groups[-1][0]))
    return text + [_pair(words.alt.one_value, row, shown) for row in everyone]


def _tendency_words(shown: View, printed: list[float], first: str, last: str) -> str:
    """Every step goes up or down, or some stand still, or there is no such way."""
    words = shown.words
    step = words.alt.wave_step if not shown.groups else words.alt.group_step
    strict = all(one != other for one, other in pairwise(printed))
    phrases = {
        "rises": words.alt.rises if strict else words.alt.rises_or_stays,
        "falls": words.alt.falls if strict else words.alt.falls_or_stays,
    }
    what = words.alt.the_mean if shown.exhibit.kind == "mean" else words.alt.the_share
    return phrases.get(tendency(printed), words.alt.no_tendency).format(what=what, step=step, first=first, last=last)


def _printed(shown: View, cell: Cell) -> float:
    """The value with the digits that are printed."""
    if shown.exhibit.kind == "mean":
        return float(rounded(cell.estimate, 1))
    return float(rounded(100 * cell.estimate))


def _pair(phrase: str, row: tuple[str, Cell], shown: View) -> str:
    return phrase.format(label=row[0], value=_number(shown, row[1]))


def _distribution(shown: View) -> list[str]:
    """Everyone's distribution, then the way of each category over the groups."""
    words = shown.words
    found = []
    for item in shown.items:
        for wave in shown.waves:
            parts = [shown.word("item", item)] if len(shown.items) > 1 else []
            parts += [shown.word("wave", wave)] if len(shown.waves) > 1 else []
            whole = _cells(shown, item, wave, ALL)
            if whole:
                values = listed([f"{name} {_number(shown, cell)}" for name, cell in whole], shown.lang)
                label = ", ".join(parts if parts and not shown.groups else [*parts, shown.word("group", ALL)])
                found.append(words.alt.wave_line.format(label=label, values=values))
            if shown.groups:
                found += _ways(shown, item, wave, parts)
    return found


def _cells(shown: View, item: str, wave: str, group: str) -> list[tuple[str, Cell]]:
    found = [(shown.word("category", code), shown.cell(item, wave, group, code)) for code in shown.categories]
    return [(name, cell) for name, cell in found if cell is not None and not math.isnan(cell.estimate)]


def _ways(shown: View, item: str, wave: str, parts: list[str]) -> list[str]:
    """For each category: from the first group to the last where every step goes that way, else from low to high."""
    words = shown.words
    found = []
    for code in shown.categories:
        cells = [(shown.word("group", group), shown.cell(item, wave, group, code)) for group in shown.groups]
        known = [(label, cell) for label, cell in cells if cell is not None and not math.isnan(cell.estimate)]
        if len(known) < 2:
            continue
        name = ", ".join([*parts, *([shown.word("category", code)] if len(shown.categories) > 1 else [])])
        printed = [_printed(shown, cell) for _, cell in known]
        way = tendency(printed) if _is_ordered(shown, "group") or len(set(printed)) == 1 else "mixed"
        strict = all(one != other for one, other in pairwise(printed))
        verb = {
            "rises": words.trend_rises if strict else words.alt.trend_rises_or_stays,
            "falls": words.trend_falls if strict else words.alt.trend_falls_or_stays,
        }.get(way, words.trend_mixed)
        ends = [known[0], known[-1]]
        if way == "mixed":
            ends = [known[printed.index(min(printed))], known[printed.index(max(printed))]]
        (first, one), (last, other) = ends
        if way == "flat":
            found.append(words.alt.category_flat.format(name=name, value=_number(shown, one)))
        else:
            phrase = words.alt.category_way.format(
                name=name, way=verb, low=_number(shown, one), first=first, high=_number(shown, other), last=last
            )
            found.append(phrase)
    return found
