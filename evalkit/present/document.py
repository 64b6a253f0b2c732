"""What a report's document says about exhibits: figures, tables, and numbers as words in a sentence.

In a .qmd:

    doc = Document(run.exhibit, "nb")
    print(doc.figure("own_plan"))                       # in a cell with `output: asis`
    `{python} doc.share("own_plan", size="<2000")`      # in the text: 54 prosent
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from evalkit.errors import EvalkitError, MethodError, nearest, one_of
from evalkit.present import captions, numbers, screened, tables
from evalkit.present.exhibit import KEYS, Exhibit
from evalkit.present.figures import has_figure
from evalkit.present.logit_table import coefficient
from evalkit.present.odds import ratio_of
from evalkit.present.pipes import attribute, captioned, escape
from evalkit.present.prose import Markdown, Prose, label_of
from evalkit.present.rows import ALL, Cell, View, of_wave, view, weighting_of
from evalkit.present.screened import Outcome
from evalkit.present.words import house


@dataclass(frozen=True)
class Document:
    """The exhibits of a run in one language.

    Attributes
    ----------
    exhibits : gives the exhibit of a name, such as `run.exhibit`; a mapping does, too.
    lang : "nb" or "en".
    folder : where the drawn figures lie as seen from the document.
    names : the exhibits' names in order, for the appendix; a mapping knows them itself.

    Notes
    -----
    Every number method takes the row in the same way: `item`, `wave`, `group` (or the group's own name, such as
    `size="<2000"`), `category` and `weighting` (weighted, unweighted, inhabitants or measure). Where no group
    is named, it is everyone together.
    """

    exhibits: Callable[[str], Exhibit] | Mapping[str, Exhibit]
    lang: str = "nb"
    folder: str = "exhibits"
    names: tuple[str, ...] = ()
    _captions: dict[str, str] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        house(self.lang)

    def exhibit(self, name: str) -> Exhibit:
        """The exhibit of this name; MethodError with the nearest name where there is none."""
        if not isinstance(self.exhibits, Mapping):
            return self.exhibits(name)
        if name not in self.exhibits:
            guess = nearest(name, self.exhibits)
            raise MethodError(
                f"There is no exhibit {name!r}",
                expected=one_of(self.exhibits),
                mend=f"did you mean {guess!r}?" if guess else None,
            )
        return self.exhibits[name]

    # figures and tables

    def figure(self, name: str, *, caption: str | None = None, alt: str | None = None, data: bool = False) -> Markdown:
        """The drawn figure with caption, label @fig-… (hyphens for the name's underscores) and alternative text.

        With `data`, the caption leads to the exhibit's table in the appendix (`appendix`), which the document must
        then print, and on a page on screen the figure's numbers stand folded under it.
        """
        exhibit = self.exhibit(name)
        if not has_figure(exhibit):
            raise MethodError(f"Exhibit {name!r} has no figure", got=exhibit.kind, mend=f'write doc.table("{name}")')
        title, rest = captions.of_figure(exhibit, self.lang) if caption is None else (caption, "")
        self._once(f"fig-{name}", f"{title} {rest}".strip())
        words = house(self.lang).survey
        more = [escape(rest)] if rest else []
        more += [words.numbers_in.format(table=f"@{label_of('tbl', f'app-{name}')}")] if data else []
        seen = captions.alt(exhibit, self.lang) if alt is None else alt
        label = f'{{#{label_of("fig", name)} fig-alt="{attribute(seen)}"}}'
        text = f"![{captioned(title, ' '.join(more))}]({self.folder}/{name}){label}\n"
        return Markdown(text + self._folded(exhibit, title) if data else text)

    def _folded(self, exhibit: Exhibit, title: str) -> str:
        """The figure's numbers in a callout that is closed at first, on screen alone."""
        name = attribute(escape(house(self.lang).survey.numbers_of.format(what=title.rstrip("."))))
        table = tables.markdown(exhibit, self.lang)
        return (
            '\n:::: {.content-visible when-format="html"}\n'
            f'::: {{.callout-note collapse="true" title="{name}"}}\n{table}\n:::\n::::\n'
        )

    def table(
        self, name: str, *, caption: str | None = None, weighting: str | None = None, wave: str | None = None
    ) -> Markdown:
        """The exhibit as a table with caption and label @tbl-…; a response table of one wave where `wave` names it.

        The label is @tbl-name, with the weighting and wave that are asked for after it: @tbl-name-unweighted-2019.
        """
        exhibit = self.exhibit(name) if wave is None else of_wave(self.exhibit(name), wave)
        title, rest = captions.split(exhibit, self.lang, weighting=weighting) if caption is None else (caption, "")
        full = "-".join([name, *(part for part in (weighting, wave) if part)])
        self._once(f"tbl-{full}", f"{title} {rest}".strip())
        said = {"caption": title, "more": escape(rest), "id": label_of("tbl", full)}
        return Markdown(tables.markdown(exhibit, self.lang, weighting=weighting, **said))

    def appendix(self, names: Sequence[str] | None = None) -> Markdown:
        """Every number of the exhibits, each in a table with label @tbl-app-…

        Parameters
        ----------
        names : the exhibits, in order; all of them where the document knows their names.
        """
        chosen = self.names if names is None else tuple(names)
        if not chosen and isinstance(self.exhibits, Mapping):
            chosen = tuple(self.exhibits)
        if not chosen:
            raise MethodError("The appendix does not know which exhibits to print", mend="name them: run.exhibits")
        return Markdown(tables.every([self.exhibit(name) for name in chosen], self.lang))

    def caption(self, name: str) -> str:
        """The computed caption."""
        return captions.caption(self.exhibit(name), self.lang)

    def _once(self, label: str, words: str) -> None:
        """A caption stands for one exhibit: the same words under another one are refused."""
        kind, full = label.split("-", 1)
        for other, said in self._captions.items():
            if said == words and other.split("-", 1)[0] == kind and other != label:
                raise MethodError(
                    f"{label} and {other} would have the same caption",
                    got=words,
                    mend=f"give {full!r} a title of its own in study.toml",
                )
        self._captions[label] = words

    # numbers

    def value(self, name: str, statistic: str = "estimate", **where: object) -> float:
        """One number as it is, for conditions."""
        return self._value(name, statistic, where)

    def share(self, name: str, *, digits: int = 0, **where: object) -> Prose:
        """«54 prosent»."""
        return Prose(numbers.percent_words(self._finite(name, "estimate", where), self.lang, digits))

    def percent(self, name: str, *, digits: int = 0, **where: object) -> Prose:
        """«54 %»."""
        return Prose(numbers.percent(self._finite(name, "estimate", where), self.lang, digits))

    def number(self, name: str, *, statistic: str = "estimate", digits: int = 1, **where: object) -> Prose:
        """«1,9»: a mean, a count, or another statistic of the row."""
        return Prose(numbers.decimal(self._finite(name, statistic, where), self.lang, digits))

    def n(self, name: str, **where: object) -> Prose:
        """How many answered: of the whole exhibit, or of the rows named."""
        exhibit = self.exhibit(name)
        if not where:
            return Prose(numbers.count(exhibit.n, self.lang))
        found = {float(n) for n in exhibit.rows(**self._where(exhibit, where, default=False))["n"]}
        if len(found) != 1:
            raise MethodError(f"Exhibit {name!r} has {len(found)} different n in these rows", got=where)
        return Prose(numbers.count(found.pop(), self.lang))

    def count(self, name: str, **where: object) -> Prose:
        """«42»: how many units answered yes (share) or moved (transitions); counted, so never weighted."""
        counted = {**where, "weighting": "unweighted"}
        found = self._finite(name, "estimate", counted)
        if self.exhibit(name).kind != "transitions":
            found *= self._finite(name, "n", counted)
        return Prose(numbers.count(found, self.lang))

    def interval(self, name: str, *, digits: int | None = None, **where: object) -> Prose:
        """«95 % KI: 47–61», in the unit of the estimate that stands before it."""
        words = house(self.lang)
        low, high = (self._finite(name, limit, where) for limit in ("ci_low", "ci_high"))
        if self.exhibit(name).kind == "mean":
            text = numbers.span(low, high, self.lang, 1 if digits is None else digits)
        else:
            text = numbers.span(100 * low, 100 * high, self.lang, digits or 0)
        return Prose(words.interval_prose.format(interval=text))

    def span(self, name: str, over: str = "group", *, digits: int | None = None, **where: object) -> Prose:
        """«54–72 prosent»: the lowest and the highest over the groups (or items, waves, categories)."""
        found = [value for _, value in self._over(name, over, where)]
        if self.exhibit(name).kind == "mean":
            return Prose(numbers.span(min(found), max(found), self.lang, 1 if digits is None else digits))
        text = numbers.span(100 * min(found), 100 * max(found), self.lang, digits or 0)
        return Prose(f"{text}{numbers.HARD}{house(self.lang).percent}")

    def points(self, name: str, *, digits: int = 0, **where: object) -> Prose:
        """«18 prosentpoeng»: the distance of two rows; one of the keys names both, as in `size=(">=15000", "<2000")`.

        It is the difference of the shares before rounding.
        """
        return Prose(numbers.points(self._difference(name, where), self.lang, digits))

    def compare(self, name: str, *, digits: int = 0, **where: object) -> Prose:
        """«18 prosentpoeng høyere», «… lavere» or «like høy»: the first of the pair against the second."""
        words = house(self.lang)
        apart = self._difference(name, where)
        if numbers.rounded(100 * apart, digits) == 0:
            return Prose(words.equal)
        phrase = words.higher if apart > 0 else words.lower
        return Prose(phrase.format(difference=numbers.points(apart, self.lang, digits)))

    def coefficient(self, name: str, *, digits: int = 2, **where: object) -> Prose:
        """«1,15 (standardfeil 0,47)»; an infinite coefficient is «+∞»."""
        estimate, error = (self._value(name, column, where) for column in ("estimate", "std_error"))
        if math.isinf(estimate):
            return Prose(coefficient(Cell(estimate, math.nan, math.nan, math.nan), self.lang))
        parts = {
            key: numbers.decimal(v, self.lang, digits) for key, v in (("coefficient", estimate), ("std_error", error))
        }
        return Prose(house(self.lang).standard_error.format(**parts))

    def odds_ratio(self, name: str, *, digits: int = 2, **where: object) -> Prose:
        """«3,17»; «∞» for an infinite coefficient."""
        return Prose(numbers.decimal(ratio_of(self._value(name, "estimate", where)), self.lang, digits))

    def p(self, name: str, **where: object) -> Prose:
        """«p = 0,015»."""
        return Prose(numbers.p_value(self._finite(name, "p_value", where), self.lang))

    def fact(self, name: str, *path: str | int, digits: int = 0) -> Prose:
        """A number of the exhibit's facts, by its path: `doc.fact("table_2", "models", "1", "n_groups")`."""
        found: object = self.exhibit(name).facts
        for step in path:
            try:
                found = found[step]  # type: ignore[index]
            except (KeyError, IndexError, TypeError):
                known = found if isinstance(found, Mapping) else {}
                raise MethodError(
                    f"Exhibit {name!r} has no fact {step!r}", expected=one_of(known) if known else None, got=path
                ) from None
        return Prose(numbers.decimal(float(found), self.lang, digits))  # type: ignore[arg-type]

    # a screen of all questions

    def outcomes(self, name: str, family: str | None = None) -> list[Outcome]:
        """The outcomes of a screen, for conditions: `all(one.has_changed for one in doc.outcomes("screen"))`."""
        exhibit = self.exhibit(name)
        found = screened.outcomes(exhibit, self.lang)
        known = list(exhibit.facts["families"])
        if family is not None and family not in known:
            guess = nearest(family, known)
            raise MethodError(
                f"Exhibit {name!r} has no family {family!r}",
                expected=one_of(known),
                mend=f"did you mean {guess!r}?" if guess else None,
            )
        return [one for one in found if family in (None, one.family)]

    def screened(self, name: str, family: str | None = None) -> Prose:
        """«66»: how many outcomes a screen tests."""
        return Prose(numbers.count(sum(one.is_tested for one in self.outcomes(name, family)), self.lang))

    def significant(
        self, name: str, adjusted: str = "pvalue_holm", *, family: str | None = None, level: float = 0.05
    ) -> Prose:
        """«1»: how many outcomes have a p-value below `level`; pvalue, or adjusted: pvalue_holm, pvalue_holm_all, …"""
        return Prose(numbers.count(len(screened.changed(self.outcomes(name, family), adjusted, level)), self.lang))

    def detectable(self, name: str, which: str = "median", *, family: str | None = None) -> Prose:
        """«15 prosentpoeng»: the median or max of the smallest changes that could have been seen where none was."""
        still = [one for one in self.outcomes(name, family) if one.is_tested and not one.has_changed]
        middle, most = screened.visible(still)
        chosen = {"median": middle, "max": most}
        if which not in chosen:
            raise MethodError("There is no such summary", expected=one_of(chosen), got=which)
        if math.isnan(middle):
            raise MethodError(f"Exhibit {name!r} has no outcome in which a change could have been seen", got=family)
        return Prose(numbers.points(chosen[which], self.lang))

    # words that depend on the data

    def trend(self, name: str, over: str = "group", **where: object) -> Prose:
        """«øker», «synker», «er den samme» or «varierer», over the groups in their order."""
        words = house(self.lang)
        way = captions.tendency([value for _, value in self._over(name, over, where)])
        found = {"rises": words.trend_rises, "falls": words.trend_falls, "flat": words.trend_flat}
        return Prose(found.get(way, words.trend_mixed))

    def rises(self, name: str, over: str = "group", **where: object) -> bool:
        """Whether no group lies below the one before it, and the last above the first."""
        return captions.tendency([value for _, value in self._over(name, over, where)]) == "rises"

    def falls(self, name: str, over: str = "group", **where: object) -> bool:
        """Whether no group lies above the one before it, and the last below the first."""
        return captions.tendency([value for _, value in self._over(name, over, where)]) == "falls"

    def highest(self, name: str, over: str = "group", **where: object) -> Prose:
        """The name of the group (option, wave) with the highest value."""
        code = max(self._over(name, over, where), key=lambda pair: pair[1])[0]
        return Prose(self._view(name).word(self._column(name, over), code))

    def lowest(self, name: str, over: str = "group", **where: object) -> Prose:
        """The name of the group (option, wave) with the lowest value."""
        code = min(self._over(name, over, where), key=lambda pair: pair[1])[0]
        return Prose(self._view(name).word(self._column(name, over), code))

    def holds(self, condition: bool, sentence: str) -> Markdown:
        """The sentence, as long as `condition` holds; MethodError with the sentence when the data no longer say so."""
        if not condition:
            raise MethodError(
                "The data no longer say what a sentence of the report says",
                got=sentence,
                mend="look at the exhibit and write what it shows now",
            )
        return Markdown(sentence)

    # finding rows

    def _view(self, name: str) -> View:
        return view(self.exhibit(name), self.lang)

    def _where(self, exhibit: Exhibit, where: Mapping[str, object], default: bool = True) -> dict[str, object]:
        """The row's keys with the exhibit's own weighting, and everyone together where no group is named."""
        found = {"weighting": weighting_of(exhibit), **where}
        named = {"group", *exhibit.labels.get("by", {})} & set(where)
        if default and not named:
            groups = {str(code) for code in exhibit.data["group"]}
            if len(groups) > 1 and ALL in groups:
                found["group"] = ALL
        return found

    def _value(self, name: str, statistic: str, where: Mapping[str, object]) -> float:
        exhibit = self.exhibit(name)
        if statistic not in exhibit.data.columns or statistic in KEYS:
            known = [column for column in exhibit.data.columns if column not in KEYS]
            guess = nearest(statistic, known)
            raise MethodError(
                f"Exhibit {name!r} has no number {statistic!r}",
                expected=one_of(known),
                mend=f"did you mean {guess!r}?" if guess else None,
            )
        return exhibit.value(statistic, **self._where(exhibit, where))

    def _finite(self, name: str, statistic: str, where: Mapping[str, object]) -> float:
        """The number; MethodError where the row has none, so that no sentence is printed with a hole in it."""
        found = self._value(name, statistic, where)
        if not math.isfinite(found):
            raise MethodError(f"Exhibit {name!r} has no finite {statistic} here", got=dict(where) or None)
        return found

    def _column(self, name: str, over: str) -> str:
        exhibit = self.exhibit(name)
        column = "group" if over in exhibit.labels.get("by", {}) else over
        if column not in KEYS:
            known = [*exhibit.labels.get("by", {}), "group", "category", "item", "wave"]
            guess = nearest(over, known)
            raise MethodError(
                f"Exhibit {name!r} has nothing called {over!r}",
                expected=one_of(known),
                mend=f"did you mean {guess!r}?" if guess else None,
            )
        return column

    def _over(self, name: str, over: str, where: Mapping[str, object]) -> list[tuple[str, float]]:
        """(code, estimate) over the codes of a column in the questionnaire's order, everyone together left out."""
        column = self._column(name, over)
        shown = self._view(name)
        codes = {"group": shown.groups, "category": shown.categories, "item": shown.items, "wave": shown.waves}[column]
        found: list[tuple[str, float]] = []
        for code in codes:
            try:
                found.append((code, self._value(name, "estimate", {**where, column: code})))
            except EvalkitError as error:
                if "has no row" not in error.what:
                    raise
        found = [(code, value) for code, value in found if not math.isnan(value)]
        if not found:
            raise MethodError(f"Exhibit {name!r} has no rows over {over!r}", got=dict(where) or None)
        return found

    def _difference(self, name: str, where: Mapping[str, object]) -> float:
        pairs = {key: tuple(value) for key, value in where.items() if isinstance(value, tuple | list)}
        if len(pairs) != 1 or any(len(pair) != 2 for pair in pairs.values()):
            raise MethodError(
                "A comparison needs exactly one key with a pair of codes",
                where=f"exhibit {name!r}",
                got=dict(where),
                mend='write it like size=(">=15000", "<2000")',
            )
        key, pair = next(iter(pairs.items()))
        one, other = (self._finite(name, "estimate", {**where, key: code}) for code in pair)
        return one - other
