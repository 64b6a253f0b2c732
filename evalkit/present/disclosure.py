"""Disclosure control: exhibits in which no figure tells of a few units, nor can be worked out from those that are left.

What is hidden is hidden of one question and wave in all exhibits at once, because they share their totals (Hundepool
et al. 2012, ch. 4; Fischetti & Salazar 2001). Beside a hidden cell only the weighting that tables show is given, in
whole percent and without standard errors: weighted shares in all their digits would give the counts away.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from evalkit.errors import MethodError
from evalkit.numerics.suppression import sensitive, suppress
from evalkit.present.exhibit import KEYS, Exhibit, Text
from evalkit.present.numbers import rounded
from evalkit.present.rows import ALL, weighting_of
from evalkit.study.model import Answers, Disclosure, Item, Study

if TYPE_CHECKING:
    import pandas as pd

    from evalkit.panel.harmonise import Panel

OF_ANSWERS = ("share", "multiple", "distribution", "mean")
OF_MOVES = ("transitions", "screen")
PRECISE = ("std_error", "df", "sum_weights", "n_effective", "deff")
SHARES = ("before", "after", "change")
COUNTS = ("up", "down", "unchanged")
REMARK = {
    "nb": "Tegnet : står der tallet ikke vises av hensyn til konfidensialitet",
    "en": "The sign : stands where a number is not shown, for confidentiality",
}
ROUNDED = {
    "nb": "Antall er avrundet til nærmeste tall som kan deles på {base}, og andelene er regnet av dem",
    "en": "Counts are rounded to the nearest multiple of {base}, and shares are computed from them",
}

Place = tuple[str, str, str, str]
"""by, group, kind of number, category."""
Hidden = Mapping[tuple[str, str], set[Place]]
"""Question and wave → what is hidden."""
Parts = Mapping[tuple[str, str, str, str], Any]
"""item, wave, by, group → each unit's answer."""


@dataclass
class _Cells:
    """The numbers of one question and wave over all exhibits: what each is, what it may be, and what hides with it."""

    values: dict[Place, float] = field(default_factory=dict)
    n: dict[Place, float] = field(default_factory=dict)
    weight: dict[Place, float] = field(default_factory=dict)
    """What one unit counts for in the margin."""
    whole: dict[Place, bool] = field(default_factory=dict)
    """Whether the value is a count, as where all units of a group have one weight."""
    upper: dict[Place, float] = field(default_factory=dict)
    wanted: dict[Place, float] = field(default_factory=dict)
    primary: set[Place] = field(default_factory=set)


def protect(
    exhibits: Sequence[Exhibit],
    rule: Disclosure,
    *,
    items: Mapping[str, Item] | None = None,
    contributions: Parts | None = None,
) -> list[Exhibit]:
    """The exhibits with what the rule hides taken out, and what is left rounded where the rule says so.

    Parameters
    ----------
    exhibits : all that will be published; one that is left out could give away what the others hide.
    rule : the study's.
    items : the study's questions; with them a share and a distribution of one question are known to be of one kin.
    contributions : (item, wave, by, group) → each unit's answer, as `contributions` gives it; needed for dominance.

    Returns
    -------
    Exhibits in the same order. A hidden row has NaN for all but its `n`, and its keys are in facts["hidden"]. Shares,
    means and moves between waves are protected, and models of a question whose moves are hidden; who took part
    (response, representativeness) and the frame's own figures are not secret, nor is the number who answered.
    Zero is a count that tells of nobody.

    Raises
    ------
    MethodError where the rule has dominance and the contributions of a mean are not given.

    Examples
    --------
    >>> safe = protect([run.exhibit(name) for name in run.exhibits], Disclosure(minimum=3))  # doctest: +SKIP
    """
    if rule.off:
        return list(exhibits)
    hidden: dict[tuple[str, str], set[Place]] = {}
    for question, cells in _pool(exhibits, rule, contributions).items():
        if cells.primary:
            hidden[question] = _pattern(cells, items.get(question[0]) if items else None)
    found = [_hide(exhibit, hidden, rule) for exhibit in exhibits]
    return [_round(exhibit, rule.rounding) for exhibit in found] if rule.rounding else found


def contributions(study: Study, panel: Panel) -> dict[tuple[str, str, str, str], Any]:
    """What each unit adds to the means of a study: (item, wave, by, group) → array of answers."""
    from evalkit.panel.harmonise import answer

    found = {}
    for spec in study.plan.exhibits.values():
        if not isinstance(spec, Answers) or spec.kind != "mean":
            continue
        several: dict[str, dict[str, tuple[str, ...]]] = {
            "latest": {"latest": panel.waves},
            "each": {wave: (wave,) for wave in panel.waves},
        }
        for wave, chosen in several.get(spec.waves, {spec.waves: (spec.waves,)}).items():
            for item in spec.items:
                column = answer(panel, study, item, waves=chosen).values.iloc[:, 0]
                if study.items[item].type == "single":
                    column = column.map(study.items[item].scores)
                numbers = column.astype(float).dropna()
                found[item, wave, "", ALL] = numbers.to_numpy()
                if spec.by:
                    groups = panel.frame.groups[spec.by].reindex(numbers.index).astype(str)
                    for group, part in numbers.groupby(groups):
                        found[item, wave, spec.by, str(group)] = part.to_numpy()
    return found


def _pool(exhibits: Sequence[Exhibit], rule: Disclosure, given: Parts | None) -> dict[tuple[str, str], _Cells]:
    """The cells of every question and wave."""
    pool: dict[tuple[str, str], _Cells] = {}
    for exhibit in exhibits:
        if exhibit.kind not in (*OF_ANSWERS, *OF_MOVES) or exhibit.data.empty:
            continue
        shown = exhibit.data[exhibit.data["weighting"] == weighting_of(exhibit)]
        for keys, rows in shown.groupby(["item", "wave", "by", "group"], sort=False):
            item, wave, by, group = (str(key) for key in keys)
            by, group = _margin(by, group)
            if exhibit.kind in OF_MOVES:
                _moves(pool.setdefault((item, wave), _Cells()), rows, by, group, rule)
                continue
            for question, part in rows.groupby(_questions(exhibit, rows), sort=False):
                cells = pool.setdefault((str(question), wave), _Cells())
                plain = exhibit.data[(exhibit.data[["item", "wave", "by", "group"]] == list(keys)).all(axis=1)]
                _answers(cells, exhibit.kind, part, plain, (by, group), rule)
                if exhibit.kind == "mean" and rule.dominance is not None:
                    _dominated(cells, (item, wave, by, group), rule, given)
    return pool


def _questions(exhibit: Exhibit, rows: pd.DataFrame) -> pd.Series:
    """The question of each row; each option of a multiple choice is one, because a unit can tick them all."""
    return rows["item"] + "." + rows["category"] if exhibit.kind == "multiple" else rows["item"]


def _margin(by: str, group: str) -> tuple[str, str]:
    return ("", ALL) if group in ("", ALL) else (by, group)


def _answers(
    cells: _Cells, kind: str, rows: pd.DataFrame, plain: pd.DataFrame, at: tuple[str, str], rule: Disclosure
) -> None:
    """Cells of shares and means; their units are counted unweighted."""
    number = "share" if kind == "multiple" else kind
    counted = plain[plain["weighting"] == "unweighted"].set_index("category")["estimate"]
    for row in rows.itertuples():
        place = (*at, number, str(row.category))
        n = 0.0 if np.isnan(row.n) else float(row.n)
        estimate = 0.0 if np.isnan(row.estimate) else float(row.estimate)
        cells.values[place], cells.n[place] = estimate * n, n
        cells.weight[place] = 1.0 if np.isnan(row.sum_weights) or not n else float(row.sum_weights) / n
        if kind == "mean":
            cells.upper[place], few = np.inf, bool(sensitive([n], rule.minimum)[0])
            cells.wanted[place] = rule.minimum * max(abs(estimate), 0.01)
        else:
            yes = n * float(counted.get(row.category, estimate))
            cells.upper[place] = n
            few = bool(sensitive(np.round([n, yes, n - yes], 6), rule.minimum).any())
            cells.wanted[place] = min(rule.minimum, n)
            cells.whole[place] = abs(cells.values[place] - yes) < 1e-6 and at[1] != ALL
        if few and n:
            cells.primary.add(place)


def _dominated(cells: _Cells, keys: tuple[str, str, str, str], rule: Disclosure, given: Parts | None) -> None:
    """Add a mean whose total is mostly of a few units."""
    assert rule.dominance is not None
    if given is None or keys not in given:
        mend = "hand protect() what contributions(study, panel) gives"
        raise MethodError("Dominance cannot be judged without the units' answers", where=", ".join(keys), mend=mend)
    place = (keys[2], keys[3], "mean", "")
    parts = np.asarray(given[keys], float)
    if sensitive([len(parts)], 0, contributions=[parts], dominance=rule.dominance)[0]:
        cells.primary.add(place)
        cells.wanted[place] = max(cells.wanted[place], 0.01 * rule.dominance[1] * abs(cells.values[place]))


def _moves(cells: _Cells, rows: pd.DataFrame, by: str, group: str, rule: Disclosure) -> None:
    """Cells of units that moved: up, down, and yes before; the rest follows from them."""
    known = rows.drop_duplicates("category").set_index("category")["estimate"]
    n = float(rows["n"].max())
    if np.isnan(n) or not {"up", "down", "before", "after"} <= set(known.index):
        return
    counts = {"up": known["up"], "down": known["down"], "before": n * known["before"]}
    if np.isnan(list(counts.values())).any():
        return
    after = n * known["after"]
    few = sensitive(np.round([n, *counts.values(), n - counts["before"], after, n - after], 6), rule.minimum).any()
    for category, count in counts.items():
        place = (by, group, "moves", category)
        cells.values[place], cells.n[place], cells.upper[place] = float(count), n, n
        cells.weight[place], cells.wanted[place] = 1.0, min(rule.minimum, n)
        if few:
            cells.primary.add(place)


def _pattern(cells: _Cells, item: Item | None) -> set[Place]:
    """What to hide of one question and wave; the rows of a move are hidden together."""
    places = list(cells.values)
    relations = _relations(cells, places, item)
    together = {place: (*place[:2], "moves") if place[2] == "moves" else place for place in places}
    order = {name: k for k, name in enumerate(dict.fromkeys(together.values()))}
    groups = 1 + sum(1 for place in places if place[1] != ALL)
    most = 1 + max(cells.n.values())
    cost = [(groups if place[1] == ALL else 1) + cells.n[place] / most for place in places]
    values = np.array([cells.values[place] for place in places])
    uneven = np.ptp([cells.weight[place] for place in places]) > 1e-9
    try:
        found = suppress(
            values,
            relations,
            [place in cells.primary for place in places],
            protection=[cells.wanted[place] for place in places],
            lower=np.minimum(0.0, np.where(values < 0, -np.inf, 0.0)),
            upper=np.maximum(values, [cells.upper[place] for place in places]),
            cost=cost,
            cells=[order[together[place]] for place in places],
            whole=[cells.whole.get(place, False) for place in places] if uneven else None,
            slack=_slack(cells, places, relations),
        )
    except ValueError as error:
        raise MethodError("Sensitive cells cannot be protected", got=error, mend="publish fewer groups") from None
    return {place for place, hide in zip(places, found.hidden) if hide}


def _slack(cells: _Cells, places: list[Place], relations: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How far from its exact value a margin can be that is published in whole percent."""
    n = np.array([cells.n[place] for place in places])
    exact = np.array([cells.values[place] for place in places]) / np.maximum(n, 1)
    beyond = np.array([_whole_percent(share) for share in exact]) - exact
    margin = -np.minimum(relations, 0)
    return margin @ (n * (0.005 - beyond)), margin @ (n * (0.005 + beyond))


def _relations(cells: _Cells, places: list[Place], item: Item | None) -> np.ndarray:
    """Groups add up to everyone, categories to those who answered, and yes and scores to their categories."""
    at = {place: k for k, place in enumerate(places)}
    rows: list[dict[Place, float]] = []
    for by, kind, category in dict.fromkeys((p[0], p[2], p[3]) for p in places if p[1] != ALL):
        total = ("", ALL, kind, category)
        if total in at:
            parts = {p: cells.weight[p] for p in places if (p[0], p[2], p[3]) == (by, kind, category)}
            rows.append(parts | {total: -cells.weight[total]})
    for by, group in dict.fromkeys(p[:2] for p in places if p[2] == "distribution"):
        categories = {p: 1.0 for p in places if p[:3] == (by, group, "distribution")}
        rows.append(categories)
        share, mean = (by, group, "share", ""), (by, group, "mean", "")
        if item is not None and share in at:
            rows.append({p: 1.0 for p in categories if p[3] in item.yes} | {share: -1.0})
        if item is not None and mean in at and item.scores:
            rows.append({p: item.scores.get(p[3], 0.0) for p in categories} | {mean: -1.0})
    found = np.zeros((len(rows), len(places)))
    for k, row in enumerate(rows):
        for place, coefficient in row.items():
            found[k, at[place]] = coefficient
    return found


def _hide(exhibit: Exhibit, hidden: Hidden, rule: Disclosure) -> Exhibit:
    """The exhibit without the rows that are hidden, and no finer than its tables beside them."""
    if exhibit.kind == "conditional_logit":
        return _hide_models(exhibit, hidden, rule)
    if exhibit.kind not in (*OF_ANSWERS, *OF_MOVES):
        return exhibit
    data = exhibit.data.copy()
    shown = weighting_of(exhibit) if len(data) else ""
    questions = list(zip(_questions(exhibit, data), data["wave"]))
    touched = np.array([question in hidden for question in questions], dtype=bool)
    gone = touched & (data["weighting"] != shown).to_numpy()
    for k, row in enumerate(data.itertuples()):
        if touched[k] and not gone[k]:
            number = "moves" if exhibit.kind in OF_MOVES else "share" if exhibit.kind == "multiple" else exhibit.kind
            at = (*_margin(str(row.by), str(row.group)), number)
            here = [place for place in hidden[questions[k]] if place[:3] == at]
            gone[k] = any(number == "moves" or place[3] == row.category for place in here)
    if not touched.any():
        return exhibit
    data.loc[touched, list(PRECISE)] = np.nan
    percent = touched & (data["category"].isin(SHARES) if exhibit.kind in OF_MOVES else exhibit.kind != "mean")
    digits = ["estimate", "ci_low", "ci_high"]
    data.loc[percent, digits] = data.loc[percent, digits].map(_whole_percent)
    return _marked(exhibit, data, gone)


def _whole_percent(share: float) -> float:
    return share if np.isnan(share) else float(rounded(100 * share)) / 100


def _hide_models(exhibit: Exhibit, hidden: Hidden, rule: Disclosure) -> Exhibit:
    """A model of moves that are hidden would give them away: ln(up/down) is its coefficient."""
    items = set(exhibit.labels.get("item", {}))
    moved = {item for (item, _), places in hidden.items() if any(place[2] == "moves" for place in places)}
    few = sensitive(exhibit.data["n"].fillna(0.0), rule.minimum).any()
    if not (items & moved or few):
        return exhibit
    kept = ("n_groups", "n_groups_used", "nobs")
    models = {
        name: {key: value if key in kept else np.nan for key, value in numbers.items()}
        for name, numbers in exhibit.facts.get("models", {}).items()
    }
    facts = exhibit.facts | {"models": models, "comparisons": [], "separated": []}
    return _marked(replace(exhibit, facts=facts), exhibit.data.copy(), np.ones(len(exhibit.data), dtype=bool))


def _marked(exhibit: Exhibit, data: pd.DataFrame, gone: np.ndarray) -> Exhibit:
    """Take out the numbers of the rows `gone`, keep their keys, and say under the exhibit what the sign means."""
    numbers = [column for column in data.columns if column not in (*KEYS, "n")]
    data.loc[gone, numbers] = np.nan
    keys = data.loc[gone, list(KEYS)].astype(str).to_numpy().tolist()
    return replace(exhibit, data=data, facts=exhibit.facts | {"hidden": keys}, note=_with(exhibit.note, REMARK))


def _with(note: Text | None, remark: Text) -> Text:
    return {lang: f"{note[lang].rstrip('. ')}. {text}" if note else text for lang, text in remark.items()}


def _round(exhibit: Exhibit, base: int) -> Exhibit:
    """Counts rounded to the nearest multiple of `base`, and shares computed from them (Hundepool et al. 2012, §5.3)."""
    if exhibit.kind not in (*OF_ANSWERS, *OF_MOVES) or exhibit.data.empty:
        return exhibit

    def nearest(values: Any) -> Any:
        return base * np.floor(np.asarray(values, float) / base + 0.5)

    data = exhibit.data.copy()
    exact, units = data["n"].to_numpy(float), data["n"].map(nearest).to_numpy(float)
    category = data["category"].to_numpy(str)
    moves = exhibit.kind in OF_MOVES
    share = np.isin(category, ("before", "after")) if moves else np.full(len(data), exhibit.kind != "mean")
    old = data["estimate"].to_numpy(float)
    with np.errstate(invalid="ignore", divide="ignore"):
        of_units = np.where(units > 0, np.clip(nearest(old * exact) / units, 0, 1), np.nan)
    new = np.where(np.isin(category, COUNTS) & moves, nearest(old), np.where(share, of_units, old))
    data = data.assign(estimate=new, n=units)
    if moves:
        data = _changes(data)
    data[list(PRECISE)] = np.nan
    limits = data[["ci_low", "ci_high"]].add(data["estimate"] - old, axis=0)
    data[["ci_low", "ci_high"]] = (limits if exhibit.kind == "mean" else limits.clip(-1, 1)).round(2)
    remark = {lang: text.format(base=base) for lang, text in ROUNDED.items()}
    return replace(exhibit, data=data, n=int(nearest(exhibit.n)), note=_with(exhibit.note, remark))


def _changes(data: pd.DataFrame) -> pd.DataFrame:
    """Change as the difference of the rounded shares."""
    keys = ["item", "wave", "by", "group", "weighting"]
    wide = data[data["category"].isin(SHARES)].drop_duplicates([*keys, "category"])
    wide = wide.pivot(index=keys, columns="category", values="estimate")
    at = data["category"] == "change"
    found = (wide["after"] - wide["before"]).reindex(data.loc[at, keys]).to_numpy()
    data.loc[at, "estimate"] = np.where(data.loc[at, "estimate"].isna(), np.nan, found)
    return data
