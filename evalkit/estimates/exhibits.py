"""The rows of an exhibit on answers: estimates by group, unweighted and weighted, each with its N."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evalkit.errors import MethodError
from evalkit.panel.harmonise import Answer, Panel, answer
from evalkit.study.model import Answers, Item, offered
from evalkit.study.population import measured
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
    """Estimates of an `Answers` exhibit: a row an item, wave, group and category, unweighted and weighted.

    Each sample stands for the frame in whose borders it is, whatever other waves the study has.
    """
    import pandas as pd

    study = weighting.panel.answers.study
    parts, behind = [], set[str]()
    for wave, chosen in study.samples(spec):
        here = weighting.among(chosen)
        for item in spec.items:
            said = answer(here.panel, study, item)
            if (said.why == "").any():
                behind |= set(said.why.index[said.why == ""])
                parts += [part.assign(item=item, wave=wave) for part in _item_rows(here, spec, item, said)]
    if not parts:
        raise MethodError(
            f"Nobody answered {' or '.join(spec.items)}",
            got=f"no answer in {', '.join(wave for wave, _ in study.samples(spec))}",
            mend="leave the exhibit out, or correct the question's columns and codes in items.toml",
        )
    table = pd.concat(parts, ignore_index=True)
    waves = study.waves_of(spec)
    if len({study.frame_of([wave]) for wave in waves}) == 1:
        return Rows(table, len(behind))
    return Rows(table, len(_behind(weighting.panel.among(waves), spec.items)))


def _behind(panel: Panel, items: Iterable[str]) -> set[str]:
    """Units of the panel that answered one of the questions in any of its waves."""
    every = ((item, wave) for item in items for wave in panel.waves)
    said = (answer(panel, panel.study, item, waves=(wave,)).why for item, wave in every)
    return {unit for why in said for unit in why.index[why == ""]}


def _item_rows(weighting: Weighting, spec: Answers, name: str, said: Answer) -> Iterator[pd.DataFrame]:
    """Rows of one question: unweighted, weighted, and, of shares, by inhabitants where the study has a measure.

    Unweighted shares of everyone together have `bias_bound`, the largest bias that the uneven answering seen in the
    frame can have given them; weights by the same groups are there to take it away.
    """
    outcomes = _outcomes(spec.kind, weighting.study.items[name], said, weighting.panel.waves)
    spread = weighting.bias_spread(said.known.index[said.known])
    designs = weighting.designs(outcomes[said.known], name)
    ways: list[tuple[str, Design, str | None]] = [(how, design, None) for how, design in designs.items()]
    frame = weighting.study.plan.frame
    if frame.measure is not None and spec.kind != "mean":
        ways.append((measured(frame), designs.get("weighted", designs["unweighted"]), "inhabitants"))
    for how, design, measure in ways:
        for by in dict.fromkeys([None, spec.by]):
            for column in outcomes:
                part = _estimate(spec.kind, design, column, by, measure)
                if spec.kind == "multiple":
                    part["category"] = column.partition(".")[2]
                bounded = how == "unweighted" and by is None and spec.kind != "mean"
                share = part["estimate"].clip(0, 1)
                bound = spread * (share * (1 - share)) ** 0.5 if bounded else float("nan")
                yield part.assign(weighting=how, bias_bound=bound)


def _outcomes(kind: str, item: Item, said: Answer, waves: Iterable[str]) -> pd.DataFrame:
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
        return pd.DataFrame({values.columns[0]: pd.Categorical(column, offered(item, waves))}, index=values.index)
    return values.astype(float)


def _estimate(kind: str, design: Design, column: str, by: str | None, measure: str | None) -> pd.DataFrame:
    from evalkit.estimates import mean, proportion

    part = mean(design, column, by=by) if kind == "mean" else proportion(design, column, by=by, measure=measure)
    part = part.reset_index(drop=True)
    return part.assign(by="", group="all") if by is None else part.rename(columns={by: "group"}).assign(by=by)
