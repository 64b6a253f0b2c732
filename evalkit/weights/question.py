"""The design of one question: those whose position on it is known, standing for the whole frame."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from evalkit.errors import DataError, EvalkitError, MethodError
from evalkit.panel.frame_columns import column_faults
from evalkit.panel.harmonise import Panel
from evalkit.study.model import Propensity, Study
from evalkit.weights import (
    Design,
    calibrate,
    margins,
    merge_categories,
    poststratify,
    representativeness,
    response_propensity,
    trim,
)
from evalkit.weights.neighbours import Neighbours, neighbours
from evalkit.weights.response_groups import grouped, put_together

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Weighting:
    """How the samples of a panel are weighted to its frame.

    Attributes
    ----------
    study : as it reads in the panel's borders.
    columns : index unit; the margins of the frame, categories merged as the study says, and the numeric columns.
    totals : what the weights return, as `calibrate` takes it; empty where the study does not weight.
    notes : "question: what there is to say of its weights", such as why it has those of all who answered.
    """

    study: Study
    panel: Panel
    columns: pd.DataFrame
    totals: Mapping[Any, Any]
    notes: list[str] = field(default_factory=list)
    _made: dict[tuple[str, ...], Weighting] = field(default_factory=dict, repr=False)

    def among(self, waves: Iterable[str]) -> Weighting:
        """The weighting of the panel of these waves alone, to the frame in whose borders it is; made once."""
        panel = self.panel.among(waves)
        if panel.waves not in self._made:
            columns, totals = _margins(panel)
            self._made[panel.waves] = Weighting(panel.study, panel, columns, totals, self.notes, self._made)
        return self._made[panel.waves]

    @property
    def lender(self) -> Weighting:
        """Whose weights a question borrows that has none of its own: the study's latest waves of the panel's frame,
        where those of the panel are among them, else the panel's own. So no wave of a later frame moves them.
        """
        study = self.panel.answers.study
        alike = [wave for wave in study.latest if self.panel.answers.frames[study.frame_of([wave])] is self.panel.frame]
        return self.among(alike) if set(self.panel.waves) <= set(alike) else self

    @cached_property
    def neighbours(self) -> Neighbours:
        return neighbours(self.panel)

    @cached_property
    def everyone(self) -> dict[str, Design]:
        """The designs of all who answered something in any wave of the panel."""
        import pandas as pd

        return self.designs(pd.DataFrame(index=self.panel.units), "any question", borrow=False)

    def unweighted(self, outcomes: pd.DataFrame) -> Design:
        """Every unit of the sample stands for as many of the frame as every other.

        Parameters
        ----------
        outcomes : index unit; one row a unit of the sample, NaN outside a question's domain.

        Returns
        -------
        Design with weight N/n and, where the study says so, the frame's size as finite population. It takes those
        who answered for a simple random sample of the frame; response groups are of the weighted design alone, for
        with one weight for all nobody is taken to have answered more often than others.
        """
        data = outcomes.join(self.panel.frame.groups)
        if self.study.plan.frame.measure is not None:
            data = data.assign(inhabitants=self.panel.frame.filled[self.study.plan.frame.measure])
        if self.study.plan.weights.fpc:
            return Design(data, fpc=self.panel.frame.n)
        return Design(data.assign(weight=self.panel.frame.n / len(data)), weights="weight")

    def weighted(self, design: Design) -> Design:
        """`design` with weights that return the frame's totals (Deville & Särndal 1992), trimmed if the study says so.

        Raises
        ------
        MethodError with every fault of the margins, or the worst of them where the weights do not converge.
        """
        spec = self.study.plan.weights
        merged = design.replace(data=self.columns.loc[design.data.index])
        if spec.propensity is not None:
            merged = self._propensity(merged, spec.propensity)
        if spec.method == "poststratify":
            ((by, totals),) = self.totals.items()
            found = poststratify(merged, by, totals, min_cell=spec.min_cell, neighbours=self.neighbours)
        else:
            assert spec.method != "none"
            found = calibrate(
                merged,
                self.totals,
                method=spec.method,
                bounds=spec.bounds,
                min_cell=spec.min_cell,
                neighbours=self.neighbours,
            )
        if spec.trim is not None:
            mean = float(found.weights.mean())
            limits = {name: limit * mean for name, limit in vars(spec.trim).items() if limit is not None}
            found = trim(found, **limits)
        return found.replace(data=design.data)

    def bias_spread(self, units: pd.Index) -> float:
        """Largest bias, in standard deviations of an outcome, that uneven answering by these units can give a mean.

        The coefficient of variation of the response propensities by the groups that the weights return (Schouten,
        Cobben & Bethlehem 2009, equation 8); NaN where the study does not weight, or everybody answered.
        """
        by = [name for name in self.columns if name in self.panel.frame.groups]
        if not by or len(units) == self.panel.frame.n:
            return float("nan")
        found = representativeness(self.columns.loc[units, by], self.columns[by], by)
        return found.bias_bound(1.0)

    def _propensity(self, design: Design, spec: Propensity) -> Design:
        """Base weights by the inverse propensity of those in `design`; the variance takes the propensities as known."""
        units = self.columns.assign(answered=self.columns.index.isin(design.data.index).astype(int))
        found = response_propensity(units, "answered", list(spec.columns), classes=spec.classes)
        data = design.data.assign(weight=found.weight.loc[design.data.index])
        fpc = self.panel.frame.n if self.study.plan.weights.fpc else None
        return Design(data, weights="weight", fpc=fpc)

    def designs(self, outcomes: pd.DataFrame, question: str, *, borrow: bool = True) -> dict[str, Design]:
        """The unweighted and, where the study weights, the weighted design of a question.

        A question whose own answers cannot be weighted borrows the weights of all who answered something (`lender`),
        and `notes` says why; without `borrow` it raises.
        """
        plain = self.unweighted(outcomes)
        if not self.totals:
            return {"unweighted": plain}
        try:
            return {"unweighted": plain, "weighted": self.weighted(self._based(plain, question))}
        except EvalkitError as fault:
            if not borrow:
                fault.where = f"study {self.study.name}: weights of {question}"
                raise
            self._note(f"{question}: weighted as all who answered, because {fault.what}")
        borrowed = self.lender.everyone["weighted"].weights.reindex(outcomes.index)
        weights = borrowed * self.panel.frame.n / borrowed.sum()
        return {"unweighted": plain, "weighted": self._based(plain, question, weights)}

    def _based(self, plain: Design, question: str, weights: pd.Series | None = None) -> Design:
        """`plain` before it is weighted: with other base weights, and by response group, where there are such."""
        spec = self.study.plan.weights
        if spec.response_groups:
            groups, together = put_together(self.columns[spec.response_groups], plain.data.index)
            if together:
                sets = "; ".join(" + ".join(one) for one in together)
                self._note(f"{question}: response groups of {spec.response_groups} put together: {sets}")
            return grouped(groups, plain.data.index, weights=weights, fpc=spec.fpc).replace(data=plain.data)
        if weights is None:
            return plain
        data = plain.data.assign(weight=weights.to_numpy())
        return Design(data, weights="weight", fpc=self.panel.frame.n if spec.fpc else None)

    def _note(self, said: str) -> None:
        if said not in self.notes:
            self.notes.append(said)


def by_sample(whole: Weighting) -> Iterator[tuple[str, pd.Index, dict[str, Design]]]:
    """Each wave, and "latest": its units, and the designs of all who answered something in it."""
    import pandas as pd

    for sample in (*whole.panel.answers.told, "latest"):
        here = whole if sample == "latest" else whole.among([sample])
        units = here.panel.units if sample == "latest" else here.panel.data.index.get_level_values("unit")
        yield sample, units, here.designs(pd.DataFrame(index=units), f"wave {sample}", borrow=sample != "latest")


def check_weights(panel: Panel) -> None:
    """MethodError with what would stop the weights: margins that the frame does not fill, cells that nobody answers."""
    for _ in by_sample(weighting(panel)):
        pass


def weighting(panel: Panel) -> Weighting:
    """Margins and totals of the panel's frame that the study's weights return."""
    columns, totals = _margins(panel)
    found = Weighting(panel.study, panel, columns, totals)
    found._made[panel.waves] = found
    return found


def _margins(panel: Panel) -> tuple[pd.DataFrame, Mapping[Any, Any]]:
    """The columns of the frame that the weights concern, and what they return."""
    spec = panel.study.plan.weights
    modelled = spec.propensity.columns if spec.propensity is not None else ()
    grouped_by = (spec.response_groups,) if spec.response_groups else ()
    named = dict.fromkeys([*(part for by in spec.by for part in by.split(":")), *spec.totals, *modelled, *grouped_by])
    columns = known_columns(panel, named, "weights.propensity.columns")  # the others are known to be there
    missing = [name for name in named if columns[name].isna().any()]
    if missing:
        raise MethodError.of(
            [
                MethodError(
                    f"The frame's column {name!r} has missing values",
                    where="study.toml: weights",
                    mend=f"say what stands for them: fill.{name} = … under [frame]",
                )
                for name in missing
            ]
        )
    crossed: list[Any] = [tuple(by.split(":")) for by in spec.by]
    wanted = [cell[0] if len(cell) == 1 else cell for cell in crossed] + list(spec.totals)
    return columns, margins(columns, wanted) if wanted else {}


def declared(panel: Panel) -> list[str]:
    """What the study merges, takes for response groups and fills before weighting, with what it concerns."""
    frame, study = panel.frame, panel.study
    said = []
    for name, merged in study.plan.weights.merge.items():
        for category, into in merged.items():
            said.append(f"{name}: {category} weighted with {into}, {int((frame.groups[name] == category).sum())} units")
    if group := study.plan.weights.response_groups:
        said.append(f"{group}: {known_columns(panel, [group])[group].nunique()} response groups")
    for name, value in study.plan.frame.fill.items():
        said.append(f"{name}: {value:g} stands for {int(frame.units[name].isna().sum())} missing values")
    return said


def known_columns(panel: Panel, names: Iterable[str], where: str = "columns") -> pd.DataFrame:
    """Groups of the frame, categories merged as the weights say, and its numeric columns, missing values filled."""
    import pandas as pd

    frame, study = panel.frame, panel.study
    names = tuple(names)
    if faults := column_faults(where, names, frame.units, tuple(frame.groups)):
        raise DataError.of(faults)
    columns = {name: frame.groups[name] if name in frame.groups else frame.filled[name].astype(float) for name in names}
    table = pd.DataFrame(columns, index=frame.units.index)
    merge = {name: merged for name, merged in study.plan.weights.merge.items() if name in table}
    return merge_categories(table, merge)[0] if merge else table
