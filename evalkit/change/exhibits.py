"""The rows of an exhibit on change: models of the change, and who moved which way."""

from __future__ import annotations

import re
from itertools import combinations, pairwise
from typing import TYPE_CHECKING, Any

from evalkit.errors import MethodError
from evalkit.estimates.exhibits import Rows
from evalkit.panel.harmonise import Panel, answer
from evalkit.study.model import ConditionalLogit, Study, Transitions

if TYPE_CHECKING:
    import pandas as pd

    from evalkit.change import ConditionalLogit as Fit
    from evalkit.weights.question import Weighting

STATISTICS = ("minus_2_log_likelihood", "n_groups", "n_groups_used", "nobs", "likelihood_ratio")
"""Rows of a model that are not terms."""

FACTOR = re.compile(r"C\((\w+)\)\[T\.(.*?)\](?=:C\(|$)")


def outcomes(study: Study, panel: Panel, item: str) -> pd.DataFrame:
    """One row a unit and wave that answered: unit, wave (in the study's order), answer (1 is yes), and the groups."""
    import pandas as pd

    spec = study.items[item]
    parts = []
    for wave in panel.waves:
        values = answer(panel, study, item, waves=(wave,)).values.iloc[:, 0].dropna()
        yes = values.isin(spec.yes) if spec.type == "single" else values == 1
        parts.append(pd.DataFrame({"unit": values.index, "wave": wave, "answer": yes.to_numpy(dtype=int)}))
    data = pd.concat(parts, ignore_index=True)
    asked = [wave for wave in panel.waves if (data["wave"] == wave).any()]
    if len(asked) < 2:
        raise MethodError(f"{item!r} was answered in {len(asked)} wave", expected="two waves or more")
    data["wave"] = pd.Categorical(data["wave"], categories=asked)
    groups = panel.frame.groups.apply(lambda column: column.cat.as_unordered())
    return data.join(groups, on="unit").sort_values(["unit", "wave"], ignore_index=True)


def transition_rows(weighting: Weighting, spec: Transitions) -> tuple[Rows, dict[str, Any]]:
    """From each wave to the next, units that answered both: share before and after, change, and who moved which way.

    Weighted rows have one weight a unit, calibrated to the frame for those who answered both, and an interval whose
    variance knows the covariance between the waves.
    """
    import pandas as pd

    data = outcomes(weighting.study, weighting.panel, spec.item)
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
        weights = {}
        if how == "weighted":
            both = both.assign(weight=both["unit"].map(pd.Series(design.weights.to_numpy(), index=index)))
            sampled = {"fpc": len(index) / weighting.panel.frame.n} if weighting.study.plan.weights.fpc else {}
            weights = {"weights": "weight", **sampled}
        for by in dict.fromkeys([None, spec.by]):
            result = paired_change(both, "answer", unit="unit", wave="wave", by=by, **weights).reset_index()
            for _, row in result.iterrows():
                keys = {"by": by or "", "group": row[by] if by else "all", "weighting": how}
                rows += [keys | cells for cells in _cells(row)]
    return rows


def _cells(row: pd.Series) -> list[dict[str, Any]]:
    statistics = ("before", "after", "change", "up", "down", "unchanged")
    cells = [{"category": name, "estimate": float(row[name]), "n": float(row["n"])} for name in statistics]
    cells[2] |= {name: float(row[name]) for name in ("std_error", "ci_low", "ci_high")}
    return cells


def conditional_logit_rows(study: Study, panel: Panel, spec: ConditionalLogit) -> tuple[Rows, dict[str, Any]]:
    """Every model's coefficients (log odds), its −2 log-likelihood and counts, and the test of each pair of models.

    A separated coefficient is ±infinite, has no standard error, and the finite end of its profile interval.
    """
    import pandas as pd

    from evalkit.change import compare, conditional_logit

    data = outcomes(study, panel, spec.item)
    fits = [conditional_logit(formula, data, group="unit") for formula in spec.models]
    rows = [row for number, fit in enumerate(fits, 1) for row in _model_rows(str(number), fit)]
    comparisons = []
    for (i, small), (j, large) in combinations(enumerate(fits, 1), 2):
        test = compare(small, large)
        numbers = {"df": test.df, "p_value": test.pvalue}
        rows.append({"item": f"{j}-{i}", "category": "likelihood_ratio", "estimate": test.statistic, **numbers})
        comparisons.append({"small": i, "large": j, "statistic": test.statistic, **numbers, "note": test.note})
    table = pd.DataFrame(rows).assign(wave="latest", by="", group="all", weighting="unweighted")
    facts = {
        "terms": {term: label for fit in fits for term, label in _term_labels(study, fit, data).items()},
        "formulas": list(spec.models),
        "models": {str(number): _counts(fit) for number, fit in enumerate(fits, 1)},
        "comparisons": comparisons,
    }
    return Rows(table, fits[0].n_groups_used), facts


def _counts(fit: Fit) -> dict[str, float]:
    """Fit and size of a model: units with two answers or more, those of them that changed, and their rows."""
    return {
        "minus_2_log_likelihood": -2 * fit.loglik,
        "n_groups": fit.n_groups_paired,
        "n_groups_used": fit.n_groups_used,
        "nobs": fit.nobs,
    }


def _model_rows(number: str, fit: Fit) -> list[dict[str, Any]]:
    interval, n = fit.conf_int(), fit.n_groups_used
    profile = fit.conf_int(method="profile") if len(fit.separated) else interval
    rows = []
    for term in fit.params.index:
        low, high = (profile if term in fit.separated else interval).loc[term]
        cells = {"estimate": fit.params[term], "std_error": fit.std_errors[term], "ci_low": low, "ci_high": high}
        rows.append({"item": number, "category": term, **cells, "p_value": fit.pvalues[term], "n": n})
    return rows + [
        {"item": number, "category": name, "estimate": value, "n": n} for name, value in _counts(fit).items()
    ]


def _term_labels(study: Study, fit: Fit, data: pd.DataFrame) -> dict[str, dict[str, str]]:
    """Words for the model's terms: `2019 mot 2018`, `2019 × 2 000–3 999`."""
    first = data["wave"].cat.categories[0]
    found = {}
    for term in fit.params.index:
        factors = FACTOR.findall(term)
        words = {}
        for lang, against in (("nb", "mot"), ("en", "against")):
            alone = len(factors) == 1
            parts = [
                (f"{level} {against} {first}" if alone else level)
                if name == "wave"
                else study.plan.groups[name].categories[level][lang]
                for name, level in factors
            ]
            words[lang] = " × ".join(parts) or term
        found[term] = words
    return found
