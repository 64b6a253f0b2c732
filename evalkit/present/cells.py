"""The cells of one question over all exhibits and waves: what readers can work out of them, and which to hide.

Exhibits share their totals (Hundepool et al. 2012, ch. 4), and samples share their units: the latest answers less those
of the last wave are the answers of units that did not come back. Such differences are cells as well, though no exhibit
shows them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import permutations
from typing import TYPE_CHECKING, Any

import numpy as np

from evalkit.errors import MethodError
from evalkit.numerics.suppression import sensitive, suppress
from evalkit.present.numbers import rounded
from evalkit.present.rows import ALL
from evalkit.study.model import Disclosure, Item

if TYPE_CHECKING:
    import pandas as pd

Place = tuple[str, str, str, str, str]
"""Wave or other sample, by, group, kind of number, category."""
Samples = Mapping[str, tuple[str, ...]]
"""Sample → the waves that it has the latest answers of."""
Parts = Mapping[tuple[str, str, str, str, str], Any]
"""Kind, item, wave, by, group → what each unit adds, index unit."""


@dataclass
class Cells:
    """The numbers of one question: what each is, what it may be, and what hides with it."""

    rule: Disclosure
    values: dict[Place, float] = field(default_factory=dict)
    n: dict[Place, float] = field(default_factory=dict)
    weight: dict[Place, float] = field(default_factory=dict)
    """What one unit counts for in the margin."""
    counted: dict[Place, float] = field(default_factory=dict)
    """The number as it is unweighted."""
    upper: dict[Place, float] = field(default_factory=dict)
    wanted: dict[Place, float] = field(default_factory=dict)
    primary: set[Place] = field(default_factory=set)
    parts: dict[Place, pd.Series] = field(default_factory=dict)
    """The units' own numbers, of means under a dominance rule."""
    unpublished: dict[Place, dict[Place, float]] = field(default_factory=dict)
    """Difference of samples → the cells that it is worked out of."""
    blurred: set[str] = field(default_factory=set)
    """Samples to be shown in whole percent of one weighting alone."""

    def add_answers(self, sample: str, kind: str, rows: pd.DataFrame, plain: pd.Series, at: tuple[str, str]) -> None:
        """Cells of shares and means; `plain` has the unweighted estimates by category, for units are counted so."""
        number = "share" if kind == "multiple" else kind
        for row in rows.itertuples():
            place = (sample, *at, number, "" if kind == "multiple" else str(row.category))
            n = 0.0 if np.isnan(row.n) else float(row.n)
            estimate = 0.0 if np.isnan(row.estimate) else float(row.estimate)
            counted = n * float(plain.get(row.category, estimate)) if n else 0.0
            weight = 1.0 if np.isnan(row.sum_weights) or not n else float(row.sum_weights) / n
            self._add(place, estimate * n, n, counted, weight=weight)

    def add_parts(self, sample: str, at: tuple[str, str], parts: Any) -> None:
        """The units' own numbers of a mean, which is hidden where few of them make up most of it."""
        place = (sample, *at, "mean", "")
        self.parts[place] = parts
        self._dominated(place)

    def add_moves(self, wave: str, rows: pd.DataFrame, plain: pd.DataFrame, at: tuple[str, str], kind: str) -> None:
        """Cells of units that moved: up, down, and yes before; the rest follows from them."""
        known, bare = (part.drop_duplicates("category").set_index("category")["estimate"] for part in (rows, plain))
        n = float(rows["n"].max())
        if np.isnan(n) or not {"up", "down", "before", "after"} <= set(known.index):
            return
        counts = {"up": known["up"], "down": known["down"], "before": n * known["before"]}
        if np.isnan(list(counts.values())).any():
            return
        after = n * known["after"]
        shown = np.round([n, *counts.values(), n - counts["before"], after, n - after], 6)
        few = bool(sensitive(shown, self.rule.minimum).any())
        for category, count in counts.items():
            plainly = n * float(bare["before"]) if category == "before" else float(count)
            self._add((wave, *at, kind, category), float(count), n, plainly, few=few)

    def add_differences(self, samples: Samples) -> None:
        """What follows from two samples of which one holds the other: the answers of those who are in one alone."""
        shown = list(self.values)
        for rest in dict.fromkeys(place[1:] for place in shown):
            there = {place[0]: place for place in shown if place[1:] == rest}
            for (name, whole), (other, part) in permutations(there.items(), 2):
                waves, later = samples.get(name, ()), samples.get(other, ())
                if not later or len(later) >= len(waves) or waves[-len(later) :] != later:
                    continue
                earlier = self._difference((f"{name} less {other}", *rest), {whole: 1.0, part: -1.0})
                first = there.get(next((k for k, only in samples.items() if only == waves[:1]), ""))
                if first and len(waves) - len(later) == 1:
                    minuend = {first: 1.0, whole: -1.0, part: 1.0}
                    self._difference((f"{first[0]} of {other}", *rest), minuend, parts=(first, earlier))
        for place in [p for p in shown if p[3].startswith("moves") and p[4] == "before"]:
            self._stayers(place)

    def _stayers(self, before: Place) -> None:
        """Those who answered one of two waves, worked out of a wave and the moves between them."""
        wave, by, group, kind, _ = before
        code = kind.partition("=")[2]
        number = ("distribution", code) if code else ("share", "")
        old, _, new = wave.partition("→")
        up, down = ((wave, by, group, kind, name) for name in ("up", "down"))
        for sample, moved in ((old, {before: -1.0}), (new, {before: -1.0, up: -1.0, down: 1.0})):
            place = (sample, by, group, *number)
            if place in self.values:
                self._difference((f"{sample} less {wave}", by, group, *number), {place: 1.0, **moved})

    def _difference(self, place: Place, of: dict[Place, float], parts: tuple[Place, Place] | None = None) -> Place:
        """Add a cell that `of` gives by addition; where weights blur the addition, blur its samples instead."""
        n = sum(self.n[cell] * (1 if sign > 0 else -1) for cell, sign in of.items() if cell[4] not in ("up", "down"))
        counted = sum(sign * self.counted[cell] for cell, sign in of.items())
        value = sum(sign * self.values[cell] for cell, sign in of.items())
        mean = place[3] == "mean"
        if n < -1e-6 or (not mean and not -1e-6 <= counted <= n + 1e-6):
            return place  # the samples do not hold each other: no unit is told of
        exact = all(abs(self.values[cell] - self.counted[cell]) < 1e-6 for cell in of)
        if not exact:
            few = sensitive([n] if mean else np.round([n, counted, n - counted], 6), self.rule.minimum)
            self.blurred |= {cell[0] for cell in of} if few.any() else set()
            return place
        self._add(place, value, n, counted)
        self.unpublished[place] = of
        self._own_parts(place, list(of), parts)
        return place

    def _own_parts(self, place: Place, of: list[Place], parts: tuple[Place, Place] | None) -> None:
        """The units of a difference: those of the first cell that are not in the second."""
        whole, other = parts or (of[0], of[-1])
        if whole in self.parts and other in self.parts:
            units = self.parts[whole]
            self.parts[place] = units[~units.index.isin(self.parts[other].index)]
            self._dominated(place)

    def _add(
        self, place: Place, value: float, n: float, counted: float, *, weight: float = 1.0, few: bool | None = None
    ) -> None:
        self.values[place], self.n[place], self.counted[place] = value, n, counted
        self.weight[place], self.upper[place], self.wanted[place] = weight, n, min(self.rule.minimum, n)
        if place[3] == "mean":
            few = bool(sensitive([n], self.rule.minimum)[0])
            self.upper[place] = np.inf if n > 1e-6 else 0.0
            self.wanted[place] = self.rule.minimum * max(abs(value) / n if n else 0.0, 0.01)
        elif few is None:
            few = bool(sensitive(np.round([n, counted, n - counted], 6), self.rule.minimum).any())
        if few and n > 1e-6:
            self.primary.add(place)

    def _dominated(self, place: Place) -> None:
        rule = self.rule.dominance
        assert rule is not None
        parts = np.asarray(self.parts[place], float)
        if sensitive([len(parts)], 0, contributions=[parts], dominance=rule)[0]:
            self.primary.add(place)
            self.wanted[place] = max(self.wanted[place], 0.01 * rule[1] * abs(self.values[place]))

    def hidden(self, item: Item | None) -> set[Place]:
        """What to hide; the rows of a move are hidden together.

        Raises
        ------
        MethodError where nothing protects a cell.
        """
        if not self.primary:
            return set()
        places = list(self.values)
        relations, margin = self._relations(places, item)
        together = {place: (*place[:4], "") if place[3].startswith("moves") else place for place in places}
        order = {name: k for k, name in enumerate(dict.fromkeys(together.values()))}
        groups = 1 + sum(1 for place in places if place[2] != ALL)
        most = 1 + max(self.n.values())
        values = np.array([self.values[place] for place in places])
        try:
            found = suppress(
                values,
                relations,
                [place in self.primary for place in places],
                unpublished=[place in self.unpublished for place in places],
                protection=[self.wanted[place] for place in places],
                lower=np.minimum(0.0, np.where(values < 0, -np.inf, 0.0)),
                upper=np.maximum(values, [self.upper[place] for place in places]),
                cost=[(groups if place[2] == ALL else 1) + self.n[place] / most for place in places],
                cells=[order[together[place]] for place in places],
                whole=[self._whole(place) for place in places] if self._uneven() else None,
                slack=self._slack(places, np.where(margin[:, None], relations, 0.0)),
            )
        except ValueError as error:
            raise MethodError("Sensitive cells cannot be protected", got=error, mend="publish fewer groups") from None
        return {place for place, hide in zip(places, found.hidden) if hide and place not in self.unpublished}

    def _whole(self, place: Place) -> bool:
        """Whether the value is a count, as where all units of a group have one weight."""
        counts = abs(self.values[place] - self.counted[place]) < 1e-6
        return counts and place[3] in ("share", "distribution") and place[2] != ALL

    def _uneven(self) -> bool:
        """Whether units of one sample count differently."""
        weights: dict[str, list[float]] = {}
        for place in self.values:
            if place not in self.unpublished:
                weights.setdefault(place[0], []).append(self.weight[place])
        return any(np.ptp(found) > 1e-9 for found in weights.values())

    def _slack(self, places: list[Place], relations: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """How far from its exact value a margin can be that is published in whole percent."""
        n = np.array([self.n[place] for place in places])
        exact = np.array([self.values[place] for place in places]) / np.maximum(n, 1)
        beyond = np.array([whole_percent(share) for share in exact]) - exact
        margin = -np.minimum(relations, 0)
        return margin @ (n * (0.005 - beyond)), margin @ (n * (0.005 + beyond))

    def _relations(self, places: list[Place], item: Item | None) -> tuple[np.ndarray, np.ndarray]:
        """Groups add up to everyone, categories to those who answered, yes and scores to their categories, and
        differences to what they are differences of; and which of them are sums over groups.
        """
        published = [place for place in places if place not in self.unpublished]
        sums: list[dict[Place, float]] = []
        for sample, by, kind, category in dict.fromkeys((p[0], p[1], p[3], p[4]) for p in published if p[2] != ALL):
            total = (sample, "", ALL, kind, category)
            if total in self.values:
                own = (p for p in published if (p[0], p[1], p[3], p[4]) == (sample, by, kind, category))
                sums.append({p: self.weight[p] for p in own} | {total: -self.weight[total]})
        rows = list(sums)
        for at in dict.fromkeys(p[:3] for p in published if p[3] == "distribution"):
            categories = {p: 1.0 for p in published if p[:4] == (*at, "distribution")}
            rows.append(categories)
            share, mean = (*at, "share", ""), (*at, "mean", "")
            if item is not None and share in self.values:
                rows.append({p: 1.0 for p in categories if p[4] in item.yes} | {share: -1.0})
            if item is not None and mean in self.values and item.scores:
                rows.append({p: item.scores.get(p[4], 0.0) for p in categories} | {mean: -1.0})
        rows += [{**of, place: -1.0} for place, of in self.unpublished.items()]
        at_column = {place: k for k, place in enumerate(places)}
        found = np.zeros((len(rows), len(places)))
        for k, row in enumerate(rows):
            for place, coefficient in row.items():
                found[k, at_column[place]] = coefficient
        return found, np.arange(len(rows)) < len(sums)


def whole_percent(share: float) -> float:
    return share if np.isnan(share) else float(rounded(100 * share)) / 100
