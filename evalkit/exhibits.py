"""Which method makes the rows of which exhibit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from evalkit.errors import EvalkitError
from evalkit.study.model import (
    Answers,
    Balance,
    Comparable,
    ConditionalLogit,
    Representativeness,
    Response,
    RIndicator,
    Screen,
    Summary,
    Transitions,
)
from evalkit.study.model import Exhibit as Spec

if TYPE_CHECKING:
    from evalkit.estimates.exhibits import Rows
    from evalkit.panel.harmonise import Panel
    from evalkit.weights.question import Weighting

UNWEIGHTED = (Comparable, ConditionalLogit, Screen)
"""Exhibits that know nothing of weights."""
ON_CHANGE = (Transitions, ConditionalLogit, Screen)
ON_ANSWERS = (Answers, Balance, Representativeness, Response, RIndicator, Summary, Comparable)


@dataclass(frozen=True)
class Made:
    """The rows of one exhibit.

    Attributes
    ----------
    rows : and the number of units behind them.
    units : how many answered something in the exhibit's waves.
    facts : further ones, such as the size of the `frame`.
    notes : what there is to say of a question's weights, such as why it does not have its own.
    """

    rows: Rows
    units: int
    facts: dict[str, Any]
    notes: list[str]


def make(name: str, spec: Spec, panel: Panel) -> Made:
    """Make the rows of one exhibit; a fault names it.

    Each draws on its own waves, in the borders of the frame that they share, else of the reference.
    """
    from evalkit.weights.question import weighting

    try:
        here = panel.among(panel.answers.study.waves_of(spec))
        if isinstance(spec, UNWEIGHTED):
            notes, (rows, facts) = [], _unweighted(spec, here)
        else:
            weights = weighting(panel).among(here.waves)
            notes, (rows, facts) = weights.notes, _rows(spec, weights)
    except EvalkitError as fault:
        if not fault.faults:
            fault.where = f"exhibit {name}" + (f"; {fault.where}" if fault.where else "")
        raise
    return Made(rows, len(here.units), {"frame": here.frame.n, **facts}, notes)


def _unweighted(spec: Comparable | ConditionalLogit | Screen, panel: Panel) -> tuple[Rows, dict[str, Any]]:
    from evalkit.change.models import conditional_logit_rows
    from evalkit.change.screening import screen_rows
    from evalkit.estimates.comparable import comparable_rows

    if isinstance(spec, Comparable):
        return comparable_rows(panel)
    if isinstance(spec, Screen):
        return screen_rows(panel, spec)
    return conditional_logit_rows(panel, spec)


def _rows(spec: Spec, weighting: Weighting) -> tuple[Rows, dict[str, Any]]:
    from evalkit.change.exhibits import transition_rows
    from evalkit.estimates.exhibits import answer_rows
    from evalkit.estimates.sample import (
        balance_rows,
        r_indicator_rows,
        representativeness_rows,
        response_rows,
        summary_rows,
    )

    if isinstance(spec, Answers):
        return answer_rows(weighting, spec), {}
    if isinstance(spec, Representativeness):
        return representativeness_rows(weighting, spec), {}
    if isinstance(spec, Balance):
        return balance_rows(weighting, spec), {}
    if isinstance(spec, RIndicator):
        return r_indicator_rows(weighting, spec)
    if isinstance(spec, Response):
        return response_rows(weighting, spec)
    if isinstance(spec, Summary):
        return summary_rows(weighting, spec), {}
    assert isinstance(spec, Transitions)
    return transition_rows(weighting, spec)
