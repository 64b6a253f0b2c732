"""The design of one question: those whose position on it is known, standing for the whole frame."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from evalkit.errors import EvalkitError, MethodError
from evalkit.panel.harmonise import Panel
from evalkit.study.model import Study
from evalkit.weights import Design, calibrate, margins, poststratify, trim

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Weighting:
    """How the samples of a panel are weighted to its frame.

    Attributes
    ----------
    columns : index unit; the margins of the frame, categories merged as the study says, and the numeric columns.
    totals : what the weights return, as `calibrate` takes it; empty where the study does not weight.
    notes : question → why its answers have the weights of all who answered, where theirs cannot be had.
    """

    study: Study
    panel: Panel
    columns: pd.DataFrame
    totals: Mapping[Any, Any]
    notes: dict[str, str] = field(default_factory=dict)

    @cached_property
    def everyone(self) -> dict[str, Design]:
        """The designs of all who answered something in any wave."""
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
        who answered for a simple random sample of the frame.
        """
        data = outcomes.join(self.panel.frame.groups)
        if self.study.plan.frame.measure is not None:
            data = data.assign(inhabitants=self.panel.frame.filled[self.study.plan.frame.measure])
        if self.study.plan.weights.fpc:
            return Design(data, fpc=self.panel.frame.n)
        return Design(data.assign(weight=self.panel.frame.n / len(data)), weights="weight")

    def weighted(self, design: Design) -> Design:
        """`design` with weights that return the frame's totals (Deville & Särndal 1992), trimmed where the study says so.

        Raises
        ------
        MethodError with every fault of the margins, or the worst of them where the weights do not converge.
        """
        spec = self.study.plan.weights
        merged = design.replace(data=self.columns.loc[design.data.index])
        if spec.method == "poststratify":
            ((by, totals),) = self.totals.items()
            found = poststratify(merged, by, totals)
        else:
            assert spec.method != "none"
            found = calibrate(merged, self.totals, method=spec.method, bounds=spec.bounds, min_cell=spec.min_cell)
        if spec.trim is not None:
            mean = float(found.weights.mean())
            limits = {name: limit * mean for name, limit in vars(spec.trim).items() if limit is not None}
            found = trim(found, **limits)
        return found.replace(data=design.data)

    def designs(self, outcomes: pd.DataFrame, question: str, *, borrow: bool = True) -> dict[str, Design]:
        """The unweighted and, where the study weights, the weighted design of a question.

        A question whose own answers cannot be weighted borrows the weights of all who answered something, and
        `notes` says why; without `borrow` it raises.
        """
        plain = self.unweighted(outcomes)
        if not self.totals:
            return {"unweighted": plain}
        try:
            return {"unweighted": plain, "weighted": self.weighted(plain)}
        except EvalkitError as fault:
            if not borrow:
                fault.where = f"study {self.study.name}: weights of {question}"
                raise
            self.notes[question] = fault.what
        size = self.panel.frame.n
        borrowed = self.everyone["weighted"].weights.reindex(outcomes.index)
        data = plain.data.assign(weight=(borrowed * size / borrowed.sum()).to_numpy())
        fpc = size if self.study.plan.weights.fpc else None
        return {"unweighted": plain, "weighted": Design(data, weights="weight", fpc=fpc)}


def weighting(study: Study, panel: Panel) -> Weighting:
    """Margins and totals of the frame that the study's weights return."""
    import pandas as pd

    spec, frame = study.plan.weights, panel.frame
    columns: dict[str, Any] = {}
    for name in dict.fromkeys(part for by in spec.by for part in by.split(":")):
        codes = frame.groups[name].astype(str)
        columns[name] = codes.replace(spec.merge.get(name, {}))
    for name in spec.totals:
        columns[name] = frame.filled[name].astype(float)
    table = pd.DataFrame(columns, index=frame.units.index)
    crossed: list[Any] = [tuple(by.split(":")) for by in spec.by]
    wanted = [cell[0] if len(cell) == 1 else cell for cell in crossed] + list(spec.totals)
    faults = [name for name in spec.totals if table[name].isna().any()]
    if faults:
        raise MethodError(
            f"The frame's column {faults[0]!r} has missing values",
            where="study.toml: weights.totals",
            mend=f"say what stands for them: fill.{faults[0]} = … under [frame]",
        )
    return Weighting(study, panel, table, margins(table, wanted) if wanted else {})
