"""The rows of an exhibit on answers: estimates by group, unweighted and weighted, each with its N."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evalkit.panel.harmonise import Answer, Panel, answer
from evalkit.panel.response import dispositions
from evalkit.study.model import Answers, Item, Representativeness, Response, Summary
from evalkit.weights.question import Weighting

if TYPE_CHECKING:
    import pandas as pd

    from evalkit.weights import Design


@dataclass(frozen=True)
class Rows:
    """Rows of an exhibit, and the number of units behind them."""

    data: pd.DataFrame
    n: int


def answer_rows(weighting: Weighting, spec: Answers) -> Rows:
    """Estimates of an `Answers` exhibit: a row an item, wave, group and category, unweighted and weighted."""
    import pandas as pd

    study, panel = weighting.study, weighting.panel
    parts, behind = [], []
    for wave, chosen in _waves(spec, panel):
        for item in spec.items:
            said = answer(panel, study, item, waves=chosen)
            if (said.why == "").any():
                behind.append(said.why.index[said.why == ""])
                parts += [part.assign(item=item, wave=wave) for part in _item_rows(weighting, spec, item, said)]
    units = {unit for part in behind for unit in part}
    return Rows(pd.concat(parts, ignore_index=True), len(units))


def _waves(spec: Answers, panel: Panel) -> list[tuple[str, tuple[str, ...]]]:
    if spec.waves == "latest":
        return [("latest", panel.waves)]
    return [(wave, (wave,)) for wave in (panel.waves if spec.waves == "each" else [spec.waves])]


def _item_rows(weighting: Weighting, spec: Answers, name: str, said: Answer) -> Iterator[pd.DataFrame]:
    outcomes = _outcomes(spec.kind, weighting.study.items[name], said)
    for how, design in weighting.designs(outcomes[said.known], name).items():
        for by in dict.fromkeys([None, spec.by]):
            for column in outcomes:
                part = _estimate(spec.kind, design, column, by)
                if spec.kind == "multiple":
                    part["category"] = column.partition(".")[2]
                yield part.assign(weighting=how)


def _outcomes(kind: str, item: Item, said: Answer) -> pd.DataFrame:
    """Columns to estimate, NaN where a unit is outside the question's domain."""
    import pandas as pd

    values = said.values
    column = values.iloc[:, 0]
    if kind == "share":
        yes = column.astype(object).isin(item.yes) if item.type == "single" else column == 1
        return yes.astype(float).where(column.notna()).to_frame(values.columns[0])
    if kind == "mean" and item.type == "single":
        return column.map(item.scores).astype(float).to_frame(values.columns[0])
    if kind == "distribution":
        return pd.DataFrame({values.columns[0]: pd.Categorical(column, list(item.categories))}, index=values.index)
    return values.astype(float)


def _estimate(kind: str, design: Design, column: str, by: str | None) -> pd.DataFrame:
    from evalkit.estimates import mean, proportion

    part = mean(design, column, by=by) if kind == "mean" else proportion(design, column, by=by)
    part = part.reset_index(drop=True)
    return part.assign(by="", group="all") if by is None else part.rename(columns={by: "group"}).assign(by=by)


def representativeness_rows(weighting: Weighting, spec: Representativeness) -> Rows:
    """Shares of a group in the sample (all who answered a question in any wave), and in the frame."""
    import pandas as pd

    from evalkit.estimates import proportion

    frame = weighting.panel.frame
    counts = frame.groups[spec.by].value_counts(sort=False)
    population = pd.DataFrame({"category": counts.index, "estimate": counts / frame.n, "n": counts}).assign(
        group="population"
    )
    parts = []
    for how, design in weighting.everyone.items():
        sample = proportion(design, spec.by).assign(group="sample")
        parts += [part.assign(weighting=how) for part in (sample, population)]
    table = pd.concat(parts, ignore_index=True).assign(item=spec.by, wave="latest", by=spec.by)
    return Rows(table, len(weighting.panel.units))


def response_rows(weighting: Weighting, spec: Response) -> Rows:
    """Units of the frame by how they answered, in each wave and in any, by group and together.

    Rates have every unit of the frame below the line, for all of them could have answered: rr1 counts complete
    answers, rr2 partial ones as well (AAPOR 2023, response rates 1 and 2).
    """
    import pandas as pd

    panel = weighting.panel
    status = dispositions(panel, weighting.study)
    groups = panel.frame.groups[spec.by].astype(str)
    rows = []
    for wave in status:
        for by, group, units in [
            ("", "all", status.index),
            *((spec.by, g, m) for g, m in groups.groupby(groups).groups.items()),
        ]:
            here = status.loc[units, wave].value_counts()
            counts = {name: int(here.get(name, 0)) for name in ("complete", "partial", "none")}
            n = sum(counts.values())
            rates = {"rr1": counts["complete"] / n, "rr2": (counts["complete"] + counts["partial"]) / n}
            keys = {"item": "response", "wave": wave, "by": by, "group": group, "n": n}
            rows += [keys | {"category": name, "estimate": value} for name, value in (counts | rates).items()]
    table = pd.DataFrame(rows).assign(weighting="unweighted")
    return Rows(table, len(panel.units))


def summary_rows(panel: Panel, spec: Summary) -> Rows:
    """N, minimum, mean, maximum and standard deviation (n − 1) of frame columns, in the sample and the frame."""
    import pandas as pd

    sample = panel.units
    rows = []
    for column in spec.columns:
        for group, units in (("sample", sample), ("population", panel.frame.units.index)):
            values = panel.frame.units.loc[units, column].dropna()
            statistics = {"n": len(values), **{name: values.agg(name) for name in ("min", "mean", "max", "std")}}
            for name, value in statistics.items():
                category = "sd" if name == "std" else name
                rows.append({"item": column, "group": group, "category": category, "estimate": value, "n": len(values)})
    return Rows(pd.DataFrame(rows).assign(wave="latest", by="", weighting="unweighted"), len(sample))
