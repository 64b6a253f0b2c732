"""Who answered: in full, in part, or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evalkit.panel.harmonise import ANSWERS, Panel
from evalkit.study.model import Study

if TYPE_CHECKING:
    import pandas as pd

NOT_PUT = ("not_asked", "not_applicable")


def dispositions(panel: Panel, study: Study) -> pd.DataFrame:
    """Each unit of the frame in each wave, and in any of them.

    Returns
    -------
    DataFrame : index unit, a column a wave and "latest" (the best of its waves); "complete" where the unit answered
        at least the study's share (`complete` under [weights]) of the questions put to it, "partial" where it answered
        fewer, "none" where it answered nothing (AAPOR 2023: complete, partial, non-response). Don't know is an answer.
    """
    import pandas as pd

    by_question = _by_question(panel, study)
    put = by_question.apply(lambda column: ~column.isin(NOT_PUT)).sum(axis=1)
    answered = by_question.isin(ANSWERS).sum(axis=1)
    full = answered >= study.plan.weights.complete * put
    status = full.map({True: "complete", False: "partial"}).unstack("wave").reindex(panel.frame.units.index)
    status = status.reindex(columns=list(panel.waves)).fillna("none")
    rank = {"none": 0, "partial": 1, "complete": 2}
    best = status.map(rank.get).max(axis=1).map({value: key for key, value in rank.items()})
    return pd.concat([status, best.rename("latest")], axis=1)


def _by_question(panel: Panel, study: Study) -> pd.DataFrame:
    """Why each question has no answer, or "" where it has one; a multiple choice is one question."""
    import pandas as pd

    columns = {}
    for name, item in study.items.items():
        if item.type != "text":
            variables = list(study.variables(name))
            columns[name] = panel.why[variables[0]].where(panel.data[variables].isna().all(axis=1), "")
    return pd.DataFrame(columns)
