"""The rows of an exhibit on change: who moved which way, and the outcomes that models and screens test."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from evalkit.errors import MethodError
from evalkit.estimates.exhibits import Rows
from evalkit.numerics.paired import design_based
from evalkit.panel.harmonise import Panel, answer
from evalkit.study.model import Transitions, offered

if TYPE_CHECKING:
    import pandas as pd

    from evalkit.weights import Design
    from evalkit.weights.question import Weighting


def outcomes(panel: Panel, item: str) -> pd.DataFrame:
    """One row a unit and wave that answered: unit, wave (in the study's order), answer (1 is yes), and the groups."""
    import pandas as pd

    (data,) = yes_or_no(panel, item).values()
    data = data.dropna().astype({"answer": int})
    asked = [wave for wave in panel.waves if (data["wave"] == wave).any()]
    if len(asked) < 2:
        raise MethodError(f"{item!r} was answered in {len(asked)} wave", expected="two waves or more")
    data["wave"] = pd.Categorical(data["wave"], categories=asked, ordered=True)
    groups = panel.frame.groups.apply(lambda column: column.cat.as_unordered())
    return data.join(groups, on="unit").sort_values(["unit", "wave"], ignore_index=True)


def yes_or_no(panel: Panel, item: str) -> dict[str, pd.DataFrame]:
    """The 0/1 outcomes of a question, by name: itself where it has `yes`, else one for each option or category.

    Each is a frame with a row a unit and wave: unit, wave, answer; missing where the unit did not answer.
    """
    import pandas as pd

    spec = panel.study.items[item]
    parts: dict[str, list[pd.DataFrame]] = {}
    for wave in panel.waves:
        values = answer(panel, panel.study, item, waves=(wave,)).values
        first = values.iloc[:, 0]
        if spec.options:
            found = {name: values[name] for name in values}
        elif spec.yes:
            found = {item: first.isin(spec.yes).astype(float).where(first.notna())}
        else:
            codes = offered(spec, panel.waves, by=all)
            found = {f"{item}={code}": (first == code).astype(float).where(first.notna()) for code in codes}
        for name, column in found.items():
            rows = pd.DataFrame({"unit": column.index, "wave": wave, "answer": column.to_numpy(dtype=float)})
            parts.setdefault(name, []).append(rows)
    return {name: pd.concat(rows, ignore_index=True) for name, rows in parts.items()}


def transition_rows(weighting: Weighting, spec: Transitions) -> tuple[Rows, dict[str, Any]]:
    """From each wave to the next, units that answered both: share before and after, change, and who moved which way.

    Weighted rows have one weight a unit, calibrated to the frame for those who answered both, and an interval whose
    variance knows the covariance between the waves; with response groups it is that of the mean of the units'
    differences in the question's own design. Where too few changed for it the interval is that of effective counts.
    """
    import pandas as pd

    data = outcomes(weighting.panel, spec.item)
    rows: list[dict[str, Any]] = []
    units: set[str] = set()
    for first, second in pairwise(data["wave"].cat.categories):
        both = data[data["wave"].isin([first, second])]
        both = both[both.groupby("unit")["unit"].transform("size") == 2]
        both = both.assign(wave=both["wave"].cat.remove_unused_categories())
        units |= set(both["unit"])
        keys = {"item": spec.item, "wave": f"{first}→{second}"}
        rows += [keys | row for row in _paired_rows(weighting, both, spec, f"{spec.item} in both waves")]
    return Rows(pd.DataFrame(rows), len(units)), {}


def _paired_rows(weighting: Weighting, both: pd.DataFrame, spec: Transitions, question: str) -> list[dict[str, Any]]:
    """Unweighted counts and shares, and weighted shares, of units that answered both waves; by group."""
    import pandas as pd

    from evalkit.change import paired_change

    index = pd.Index(sorted(set(both["unit"])), name="unit")
    rows = []
    for how, design in weighting.designs(pd.DataFrame(index=index), question).items():
        weights: dict[str, Any] = {}
        if how == "weighted":
            both = both.assign(weight=both["unit"].map(pd.Series(design.weights.to_numpy(), index=index)))
            sampled = {"fpc": len(index) / weighting.panel.frame.n} if weighting.study.plan.weights.fpc else {}
            weights = {"weights": "weight", **sampled}
        for by in dict.fromkeys([None, spec.by]):
            result = paired_change(both, "answer", unit="unit", wave="wave", by=by, **weights).reset_index()
            if how == "weighted" and weighting.study.plan.weights.response_groups:
                result[["std_error", "ci_low", "ci_high"]] = _differences(both, design, by, result)
            for _, row in result.iterrows():
                keys = {"by": by or "", "group": row[by] if by else "all", "weighting": how}
                rows += [keys | cells for cells in _cells(row)]
    return rows


def _differences(both: pd.DataFrame, design: Design, by: str | None, rows: pd.DataFrame) -> list[list[float]]:
    """Standard error and interval of the change in each of `rows`, by the strata and calibration of the design."""
    import numpy as np

    from evalkit.estimates import mean

    before, after = (
        part.set_index("unit")["answer"].loc[design.data.index].to_numpy(dtype=float)
        for _, part in both.groupby("wave", observed=True)
    )
    found = mean(design.replace(data=design.data.assign(moved=after - before)), "moved", by=by)
    assert design.strata is not None
    weight, fraction = design.weights.to_numpy(), 1 - design.strata.correction[design.strata.stratum]
    cells = []
    for label in [None] if by is None else rows[by]:
        (row,) = (found if by is None else found[found[by] == label]).to_dict("records")
        here = (weight > 0) & (np.ones(design.n, dtype=bool) if by is None else (design.data[by] == label).to_numpy())
        limits = design_based(before[here], after[here], weight[here], fraction[here], row["std_error"], row["df"])
        cells.append([row["std_error"], limits.ci_low, limits.ci_high])
    return cells


def _cells(row: pd.Series) -> list[dict[str, Any]]:
    statistics = ("before", "after", "change", "up", "down", "unchanged")
    cells = [{"category": name, "estimate": float(row[name]), "n": float(row["n"])} for name in statistics]
    cells[2] |= {name: float(row[name]) for name in ("std_error", "ci_low", "ci_high")}
    return cells
