"""Disclosure control: exhibits in which no figure tells of a few units, nor can be worked out from those that are left.

What is hidden is hidden of one question in all exhibits and waves at once, because they share totals and units
(Hundepool et al. 2012, ch. 4; Fischetti & Salazar 2001). Beside a hidden cell only the weighting that tables show is
given, in whole percent and without standard errors: weighted shares in all their digits would give the counts away.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from evalkit.errors import MethodError
from evalkit.numerics.suppression import sensitive
from evalkit.present.cells import Cells, Parts, Place, Samples, whole_percent
from evalkit.present.exhibit import KEYS, Exhibit, Text
from evalkit.present.measured import MEASURED
from evalkit.present.rows import ALL, weighting_of
from evalkit.study.model import Answers, Disclosure, Item, Study
from evalkit.study.population import INHABITANTS

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


@dataclass(frozen=True)
class _Hidden:
    """What is hidden of one question, and the samples that are shown in whole percent of one weighting."""

    places: set[Place]
    blurred: set[str]


def protect(
    exhibits: Sequence[Exhibit],
    rule: Disclosure,
    *,
    items: Mapping[str, Item] | None = None,
    samples: Samples | None = None,
    contributions: Parts | None = None,
) -> list[Exhibit]:
    """The exhibits with what the rule hides taken out, and what is left rounded where the rule says so.

    Parameters
    ----------
    exhibits : all that will be published; one that is left out could give away what the others hide.
    rule : the study's.
    items : the study's questions; with them a share and a distribution of one question are known to be of one kin.
    samples : sample ("latest", a wave) → its waves in their order; with them the units that are in one sample and not
        in another are protected as well.
    contributions : what each unit adds, as `contributions` gives it; needed for dominance.

    Returns
    -------
    Exhibits in the same order. A hidden row has NaN for all but its `n`, and its keys are in facts["hidden"]. Shares,
    means and moves between waves are protected, and models of a question whose moves are hidden; who took part
    (response, representativeness) and the frame's own figures are not secret, nor is the number who answered.
    Zero is a count that tells of nobody.

    Raises
    ------
    MethodError where the rule has dominance and the contributions are not given.

    Examples
    --------
    >>> safe = protect([run.exhibit(name) for name in run.exhibits], Disclosure(minimum=3))  # doctest: +SKIP
    """
    if rule.off:
        return list(exhibits)
    waves = samples or {}
    alike = {name: next(k for k, same in waves.items() if same == of) for name, of in waves.items()}
    hidden = {}
    for question, cells in _pool(exhibits, rule, alike, contributions).items():
        cells.add_differences(waves)
        places = cells.hidden(items.get(question) if items else None)
        hidden[question] = _Hidden(places, cells.blurred | {place[0] for place in places})
    found = [_inhabitants(_hide(exhibit, hidden, alike, rule), rule, contributions) for exhibit in exhibits]
    return [_round(exhibit, rule.rounding) for exhibit in found] if rule.rounding else found


def contributions(study: Study, panel: Panel) -> dict[tuple[str, str, str, str, str], pd.Series]:
    """What each unit adds: (kind, item, wave, by, group) → numbers, index unit.

    kind is "mean", of the answers, or "inhabitants", of shares that inhabitants have.
    """
    from evalkit.panel.harmonise import answer

    found = {}
    for spec in study.plan.exhibits.values():
        if not isinstance(spec, Answers):
            continue
        for wave, chosen in study.samples(spec):
            here, sample = panel.among(chosen), _named(study, wave, chosen)
            measure = here.study.plan.frame.measure
            if spec.kind != "mean" and measure is None:
                continue
            for item in spec.items:
                kind, column = "mean", answer(here, study, item).values.iloc[:, 0]
                if spec.kind != "mean":
                    kind, column = (
                        INHABITANTS,
                        here.frame.filled[measure].reindex(column.dropna().index),
                    )
                elif study.items[item].type == "single":
                    column = column.map(study.items[item].scores)
                numbers = column.astype(float).dropna()
                found[kind, item, sample, "", ALL] = numbers
                if spec.by:
                    groups = here.frame.groups[spec.by].reindex(numbers.index).astype(str)
                    for group, part in numbers.groupby(groups):
                        found[kind, item, sample, spec.by, str(group)] = part
    return found


def samples(study: Study) -> dict[str, tuple[str, ...]]:
    """What the exhibits on answers are of: sample → the waves whose latest answers it has, each told with its borders.

    Answers of one wave in other borders than its own are of other units, so nothing follows from both.
    """
    found = {}
    for spec in study.plan.exhibits.values():
        if isinstance(spec, Answers):
            for wave, chosen in study.samples(spec):
                borders = study.frame_of(chosen)
                year, alien = study.within(borders).plan.frame.register, study.carried(chosen)
                found[_named(study, wave, chosen)] = tuple(_in_borders(one, year, alien) for one in chosen)
    return found


def _named(study: Study, wave: str, waves: tuple[str, ...]) -> str:
    """A sample's name: a wave, "latest", or "latest" of other waves than the study's."""
    return wave if wave != "latest" or waves == study.latest else _latest_of(waves)


def _latest_of(waves: Sequence[str]) -> str:
    return f"latest of {', '.join(waves)}"


def _in_borders(wave: str, year: int, carried: Sequence[str]) -> str:
    return f"{wave} in {year}" if wave in carried else wave


def _sample(exhibit: Exhibit, wave: str) -> str:
    """The sample of a row, or the pair of waves of a move, told apart from those of other waves and other borders."""
    facts = exhibit.facts
    if wave == "latest" and "waves" in facts:
        return _latest_of(facts["waves"])
    if "→" not in wave:
        return wave
    return "→".join(_in_borders(one, facts.get("borders", 0), facts.get("carried", ())) for one in wave.split("→"))


def _pool(
    exhibits: Sequence[Exhibit], rule: Disclosure, alike: Mapping[str, str], given: Parts | None
) -> dict[str, Cells]:
    """The cells of every question."""
    pool: dict[str, Cells] = {}
    keys = ["item", "wave", "by", "group"]
    for exhibit in exhibits:
        if exhibit.kind not in (*OF_ANSWERS, *OF_MOVES) or exhibit.data.empty:
            continue
        plain = exhibit.data[exhibit.data["weighting"] == "unweighted"]
        shown = exhibit.data[exhibit.data["weighting"] == weighting_of(exhibit)]
        for found, rows in shown.groupby(keys, sort=False):
            item, wave, by, group = (str(key) for key in found)
            at, told = _margin(by, group), _sample(exhibit, wave)
            sample = alike.get(told, told)
            bare = plain[(plain[keys] == list(found)).all(axis=1)]
            for name, part in rows.groupby(_questions(exhibit, rows), sort=False):
                question, kind = _kin(exhibit, str(name))
                cells = pool.setdefault(question, Cells(rule))
                if exhibit.kind in OF_MOVES:
                    cells.add_moves(told, part, bare if len(bare) else part, at, kind)
                    continue
                cells.add_answers(sample, exhibit.kind, part, bare.set_index("category")["estimate"], at)
                if exhibit.kind == "mean" and rule.dominance is not None:
                    cells.add_parts(sample, at, _parts(("mean", item, told, *at), given))
    return pool


def _questions(exhibit: Exhibit, rows: pd.DataFrame) -> pd.Series:
    """The question of each row; each option of a multiple choice is one, because a unit can tick them all."""
    return rows["item"] + "." + rows["category"] if exhibit.kind == "multiple" else rows["item"]


def _kin(exhibit: Exhibit, name: str) -> tuple[str, str]:
    """The question of an outcome, and what its moves are of: `q=2` is category 2 of q."""
    if exhibit.kind not in OF_MOVES:
        return name, exhibit.kind
    question, _, code = name.partition("=")
    return question, f"moves={code}" if code else "moves"


def _margin(by: str, group: str) -> tuple[str, str]:
    return ("", ALL) if group in ("", ALL) else (by, group)


def _parts(keys: tuple[str, str, str, str, str], given: Parts | None) -> Any:
    if given is None or keys not in given:
        mend = "hand protect() what contributions(study, panel) gives"
        raise MethodError("Dominance cannot be judged without the units' answers", where=", ".join(keys), mend=mend)
    return given[keys]


def _hide(exhibit: Exhibit, hidden: Mapping[str, _Hidden], alike: Mapping[str, str], rule: Disclosure) -> Exhibit:
    """The exhibit without the rows that are hidden, and no finer than its tables beside them."""
    if exhibit.kind == "conditional_logit":
        return _hide_models(exhibit, hidden, rule)
    if exhibit.kind not in (*OF_ANSWERS, *OF_MOVES):
        return exhibit
    data = exhibit.data.copy()
    shown = weighting_of(exhibit) if len(data) else ""
    kin = [_kin(exhibit, str(name)) for name in _questions(exhibit, data)]
    found = [hidden.get(question, _Hidden(set(), set())) for question, _ in kin]
    told = [_sample(exhibit, str(wave)) for wave in data["wave"]]
    samples = [alike.get(sample, sample) for sample in told]
    touched = np.array([sample in one.blurred for sample, one in zip(samples, found)], dtype=bool)
    if not touched.any():
        return exhibit
    gone = touched & (data["weighting"] != shown).to_numpy()
    for k, row in enumerate(data.itertuples()):
        if touched[k] and not gone[k]:
            at = (samples[k], *_margin(str(row.by), str(row.group)))
            number = "share" if exhibit.kind == "multiple" else kin[k][1]
            here = {place[4] for place in found[k].places if place[:4] == (*at, number)}
            gone[k] = bool(here) if exhibit.kind in (*OF_MOVES, "multiple") else row.category in here
    data.loc[touched, list(PRECISE)] = np.nan
    percent = touched & (data["category"].isin(SHARES) if exhibit.kind in OF_MOVES else exhibit.kind != "mean")
    digits = ["estimate", "ci_low", "ci_high"]
    data.loc[percent, digits] = data.loc[percent, digits].map(whole_percent)
    return _marked(exhibit, data, gone)


def _inhabitants(exhibit: Exhibit, rule: Disclosure, given: Parts | None) -> Exhibit:
    """Shares of inhabitants in whole percent: in all digits, with populations that all know, they tell who said yes.

    Where a few units have most of a group's inhabitants none of a question's are shown: its groups add up.
    """
    rows = exhibit.data["weighting"].isin(MEASURED)
    if exhibit.kind not in OF_ANSWERS or not rows.any():
        return exhibit
    data = exhibit.data.copy()
    data.loc[rows, list(PRECISE)] = np.nan
    digits = ["estimate", "ci_low", "ci_high"]
    data.loc[rows, digits] = data.loc[rows, digits].map(whole_percent)
    gone = np.zeros(len(data), dtype=bool)
    for found, part in data[rows].groupby(["item", "wave", "by", "group"], sort=False):
        item, wave, by, group = (str(key) for key in found)
        if rule.dominance is not None and part["estimate"].notna().any():
            parts = np.asarray(_parts((INHABITANTS, item, _sample(exhibit, wave), *_margin(by, group)), given), float)
            if sensitive([len(parts)], 0, contributions=[parts], dominance=rule.dominance)[0]:
                gone |= (rows & (data["item"] == item) & (data["wave"] == wave)).to_numpy()
    return _marked(exhibit, data, gone) if gone.any() else replace(exhibit, data=data)


def _hide_models(exhibit: Exhibit, hidden: Mapping[str, _Hidden], rule: Disclosure) -> Exhibit:
    """A model of moves that are hidden would give them away: ln(up/down) is its coefficient."""
    items = set(exhibit.labels.get("item", {}))
    moved = {item for item, found in hidden.items() if any(place[3] == "moves" for place in found.places)}
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
    before = exhibit.facts.get("hidden")
    keys = [*(before or []), *data.loc[gone, list(KEYS)].astype(str).to_numpy().tolist()]
    note = exhibit.note if before else _with(exhibit.note, REMARK)
    return replace(exhibit, data=data, facts=exhibit.facts | {"hidden": keys}, note=note)


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
