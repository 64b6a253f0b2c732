"""Which method makes the rows of which exhibit."""

from __future__ import annotations

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
    from evalkit.weights.question import Weighting

ON_CHANGE = (Transitions, ConditionalLogit, Screen)
ON_ANSWERS = (Answers, Balance, Representativeness, Response, RIndicator, Summary, Comparable)


def make(name: str, spec: Spec, weighting: Weighting) -> tuple[Rows, dict[str, Any]]:
    """The rows of one exhibit, and further facts of it; a fault names the exhibit.

    Each draws on its own waves, in the borders of the frame that they share, else of the reference.
    """
    try:
        here = weighting.among(weighting.panel.answers.study.waves_of(spec))
        rows, facts = _rows(spec, here)
    except EvalkitError as fault:
        if not fault.faults:
            fault.where = f"exhibit {name}" + (f"; {fault.where}" if fault.where else "")
        raise
    return rows, {"frame": here.panel.frame.n, **facts}


def _rows(spec: Spec, weighting: Weighting) -> tuple[Rows, dict[str, Any]]:
    from evalkit.change.exhibits import transition_rows
    from evalkit.change.models import conditional_logit_rows
    from evalkit.change.screening import screen_rows
    from evalkit.estimates.comparable import comparable_rows
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
        return response_rows(weighting, spec), {}
    if isinstance(spec, Summary):
        return summary_rows(weighting, spec), {}
    if isinstance(spec, Transitions):
        return transition_rows(weighting, spec)
    if isinstance(spec, Comparable):
        return comparable_rows(weighting.panel)
    if isinstance(spec, Screen):
        return screen_rows(weighting.panel, spec)
    return conditional_logit_rows(weighting.panel, spec)
