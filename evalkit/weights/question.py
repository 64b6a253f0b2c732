"""The design of one question: those whose position on it is known, standing for the whole frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evalkit.errors import EvalkitError, MethodError
from evalkit.panel.frame import Frame
from evalkit.study.model import Study
from evalkit.weights import Design, margins, poststratify

if TYPE_CHECKING:
    import pandas as pd


def sample_design(study: Study, frame: Frame, columns: pd.DataFrame) -> Design:
    """Every unit of the sample stands for as many of the frame as every other.

    Parameters
    ----------
    columns : index unit; outcomes of the units in the sample, NaN outside the domain.

    Returns
    -------
    Design with weight N/n and, where the study says so, the frame's size as finite population. It takes those who
    answered for a simple random sample of the frame.
    """
    data = columns.join(frame.groups)
    return (
        Design(data, fpc=frame.n)
        if study.plan.weights.fpc
        else Design(data.assign(_weight=frame.n / len(data)), weights="_weight")
    )


def weighted_design(study: Study, frame: Frame, design: Design, question: str) -> Design:
    """`design` with the frame's counts of the study's group: post-stratification (Holt & Smith 1979)."""
    by = study.plan.weights.by
    assert by is not None
    try:
        return poststratify(design, by, margins(frame.groups, [by])[by])
    except EvalkitError as fault:
        raise MethodError(
            f"The answers to {question!r} cannot be weighted by {by}",
            where=f"study {study.name}: weights",
            got=fault.what,
            mend="merge categories of the group in study.toml",
        ) from fault


def designs(study: Study, frame: Frame, columns: pd.DataFrame, question: str) -> dict[str, Design]:
    """The unweighted and, where the study weights, the weighted design of a question."""
    unweighted = sample_design(study, frame, columns)
    if study.plan.weights.method == "none":
        return {"unweighted": unweighted}
    return {"unweighted": unweighted, "weighted": weighted_design(study, frame, unweighted, question)}
