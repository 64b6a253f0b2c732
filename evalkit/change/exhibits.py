"""The rows of an exhibit on change: models of the change, and who moved which way."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from evalkit.estimates.exhibits import Rows
from evalkit.panel.harmonise import Panel, answer
from evalkit.study.model import ConditionalLogit, Study, Transitions

if TYPE_CHECKING:
    import pandas as pd

    from evalkit.change import ConditionalLogit as Fit


def outcome(study: Study, panel: Panel, item: str) -> pd.DataFrame:
    """One row a unit and wave that answered: unit, wave (ordered as in the study), answer (1 is yes), and the groups."""
    import pandas as pd

    spec = study.items[item]
    parts = []
    for wave in panel.waves:
        values = answer(panel, study, item, waves=(wave,)).values.iloc[:, 0].dropna()
        yes = values.isin(spec.yes) if spec.type == "single" else values == 1
        parts.append(pd.DataFrame({"unit": values.index, "wave": wave, "answer": yes.to_numpy(dtype=int)}))
    data = pd.concat(parts, ignore_index=True)
    data["wave"] = pd.Categorical(data["wave"], categories=[w for w in panel.waves if (data["wave"] == w).any()], ordered=False)
    groups = panel.frame.groups
    joined = data.join(groups.apply(lambda column: column.cat.as_unordered()), on="unit")
    return joined.sort_values(["unit", "wave"], ignore_index=True)
