"""What an exhibit's rows say, in the questionnaire's order and in words: what every figure, table and text reads."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from evalkit.errors import MethodError, one_of
from evalkit.present.exhibit import Exhibit
from evalkit.present.measured import MEASURED, measure
from evalkit.present.numbers import count
from evalkit.present.words import House, house

ALL = "all"
NOT_GROUPS = ("", ALL, "sample", "population")


@dataclass(frozen=True)
class Cell:
    """One row's numbers; shares are 0–1, limits and p are NaN where there are none."""

    estimate: float
    low: float
    high: float
    n: float
    p: float = math.nan
    std_error: float = math.nan
    hidden: bool = False
    """Confidential: there is a number, and it is not shown."""
    df: float = math.nan

    @property
    def has_interval(self) -> bool:
        return not (math.isnan(self.low) or math.isnan(self.high)) and self.high > self.low


Key = tuple[str, str, str, str]


@dataclass(frozen=True)
class View:
    """An exhibit's rows of one weighting in one language.

    Attributes
    ----------
    items, waves, groups, categories : codes in order; `groups` without "all".
    has_all : whether there are rows of everyone together.
    cells : by (item, wave, group, category).
    """

    exhibit: Exhibit
    lang: str
    weighting: str
    items: list[str]
    waves: list[str]
    groups: list[str]
    categories: list[str]
    has_all: bool
    cells: dict[Key, Cell]

    @property
    def words(self) -> House:
        return house(self.lang)

    @property
    def by(self) -> str | None:
        """What the groups are groups of, in words."""
        named = [code for code in dict.fromkeys(self.exhibit.data["by"]) if code not in NOT_GROUPS]
        return word(self.exhibit, "by", named[0], self.lang) if named else None

    def word(self, column: str, code: str) -> str:
        return word(self.exhibit, column, code, self.lang)

    def cell(self, item: str, wave: str, group: str, category: str) -> Cell | None:
        return self.cells.get((item, wave, group, category))

    def text(self, words: dict[str, str] | None) -> str | None:
        return words[self.lang] if words else None

    def n(self, **where: str) -> tuple[float, float]:
        """Smallest and largest n of the rows that `where` (item, wave, group, category) names."""
        names = ("item", "wave", "group", "category")
        found = [
            cell.n
            for key, cell in self.cells.items()
            if all(key[names.index(name)] == code for name, code in where.items()) and not math.isnan(cell.n)
        ]
        return (min(found), max(found)) if found else (math.nan, math.nan)

    def n_label(self, **where: str) -> str:
        """«(n = 52)», or the span where n differs between the rows; empty where no row has one."""
        low, high = self.n(**where)
        if math.isnan(low):
            return ""
        if low == high:
            return self.words.n_label.format(n=count(low, self.lang))
        return self.words.n_span.format(low=count(low, self.lang), high=count(high, self.lang))


def view(exhibit: Exhibit, lang: str, weighting: str | None = None) -> View:
    """Read `exhibit` in `lang`; its own weighting where none is asked for."""
    house(lang)
    used = weighting_of(exhibit, weighting)
    data = exhibit.data[exhibit.data["weighting"] == used]
    groups = _codes(exhibit, "group", data)
    hidden = {tuple(keys) for keys in exhibit.facts.get("hidden", [])}
    cells = {
        (str(row.item), str(row.wave), _group(row.group), str(row.category)): Cell(
            float(row.estimate),
            float(row.ci_low),
            float(row.ci_high),
            float(row.n),
            float(row.p_value),
            float(row.std_error),
            (row.item, row.wave, row.by, row.group, row.category, row.weighting) in hidden,
            float(row.df),
        )
        for row in data.itertuples()
    }
    return View(
        exhibit=exhibit,
        lang=lang,
        weighting=used,
        items=_codes(exhibit, "item", data),
        waves=_codes(exhibit, "wave", data),
        groups=[code for code in groups if code not in ("", ALL)],
        categories=_codes(exhibit, "category", data),
        has_all=bool({"", ALL} & set(groups)),
        cells=cells,
    )


def of_wave(exhibit: Exhibit, wave: str) -> Exhibit:
    """A response exhibit with the rows of one wave only ("latest": of any); MethodError for another kind."""
    if exhibit.kind != "response":
        raise MethodError(
            f"Exhibit {exhibit.name!r} cannot be cut to one wave",
            expected="response",
            got=exhibit.kind,
            mend=f'add an exhibit with waves = "{wave}" to study.toml',
        )
    return replace(exhibit, data=exhibit.rows(wave=wave))


def weighting_of(exhibit: Exhibit, weighting: str | None = None) -> str:
    """The weighting that is shown: as asked, as the exhibit's facts say, else weighted where there is such a row.

    Transitions are counted, so of them it is unweighted.
    """
    known = list(dict.fromkeys(exhibit.data["weighting"]))
    if not known:
        raise MethodError(f"Exhibit {exhibit.name!r} has no rows")
    asked = weighting or exhibit.facts.get("weighting")
    if asked is None:
        usual = "unweighted" if exhibit.kind == "transitions" else "weighted"
        return usual if usual in known else known[0]
    if asked not in known:
        raise MethodError(f"Exhibit {exhibit.name!r} has no {asked} rows", expected=one_of(known), got=asked)
    return str(asked)


def word(exhibit: Exhibit, column: str, code: str, lang: str) -> str:
    """The words for a code: the study's own, else the house's, else the code as it stands."""
    labels = exhibit.labels.get(column, {})
    if code in labels:
        return labels[code][lang]
    words = house(lang)
    survey = words.survey
    fixed = {"": words.all, ALL: words.all, "sample": words.sample, "population": words.population}
    fixed |= {"unconditional": survey.alone, "conditional": survey.beyond_others}
    if column == "group" and code in fixed:
        return fixed[code]
    if column == "category":
        return (
            words.statistics.get(code)
            or survey.measures.get(code)
            or exhibit.labels.get("group", {}).get(code, {}).get(lang, code)
        )
    if column == "item":
        outcomes = exhibit.facts.get("items", {})
        return (
            outcomes[code][lang]
            if code in outcomes
            else {"overall": survey.whole, "response": survey.answered}.get(code, code)
        )
    if column == "weighting":
        if code in MEASURED:
            return survey.share_of.format(measure=measure(exhibit, lang))
        return words.weighted if code == "weighted" else words.unweighted
    if column == "wave" and "→" in code:
        return "–".join(word(exhibit, "wave", part, lang) for part in code.split("→"))
    if column == "wave" and code == "latest":
        return words.latest_two if len(_waves(exhibit)) == 2 else words.latest_many
    return code


def waves_in_words(shown: View) -> list[str]:
    """The waves behind the rows: those named, or all of the study's where the latest answer counts."""
    codes = _waves(shown.exhibit) if shown.waves == ["latest"] else shown.waves
    return [shown.word("wave", code) for code in codes] or [shown.word("wave", code) for code in shown.waves]


def _waves(exhibit: Exhibit) -> list[str]:
    return [code for code in exhibit.labels.get("wave", {}) if code != "latest" and "→" not in code]


def _group(code: object) -> str:
    return ALL if str(code) == "" else str(code)


def _codes(exhibit: Exhibit, column: str, data: object) -> list[str]:
    """Codes of `column` that have rows: in the order of the labels, then as they come."""
    found = list(dict.fromkeys(str(code) for code in data[column]))  # type: ignore[index]
    order = list(exhibit.labels.get(column, {}))
    if column == "category":
        order += [code for code in exhibit.labels.get("group", {}) if code not in order]
    return [code for code in order if code in found] + [code for code in found if code not in order]
