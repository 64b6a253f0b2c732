"""The rows of exhibits on the sample itself: who answered, and how like the frame they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from evalkit.errors import DataError
from evalkit.estimates.exhibits import Rows
from evalkit.panel.duplicates import answered
from evalkit.panel.frame_columns import column_faults
from evalkit.panel.harmonise import Panel
from evalkit.panel.invited import NOT_INVITED, OUTCOMES
from evalkit.study.model import Balance, Representativeness, Response, RIndicator, Study, Summary
from evalkit.study.model import Exhibit as Spec
from evalkit.weights.question import Weighting, known_columns

STATUSES = ("complete", "partial", "none", *OUTCOMES, NOT_INVITED)
"""Of the best of a unit's waves the first."""

if TYPE_CHECKING:
    import pandas as pd

    from evalkit.weights import Representativeness as Compared


def sample_of(weighting: Weighting, spec: Spec) -> str:
    """What the rows call the sample of an exhibit: "latest", or the one wave that it names."""
    ((sample, _),) = weighting.study.samples(spec)
    return sample


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
    table = pd.concat(parts, ignore_index=True).assign(item=spec.by, wave=sample_of(weighting, spec), by=spec.by)
    return Rows(table, len(weighting.panel.units))


def response_rows(weighting: Weighting, spec: Response) -> tuple[Rows, dict[str, Any]]:
    """Units by how they answered, in each wave and in any, by group and together.

    Without a list of invited every unit of the frame is below the line, for all of them could have answered. With one
    they are those who were invited and are eligible, as far as is known, and each disposition has a row.

    Notes
    -----
    AAPOR (2023), Standard Definitions, 10th edition: rr1 = I / (I + P + R + NC + O + U), rr2 has I + P above the line;
    rr5 and rr6 are the same without U, the units of unknown eligibility; given where there are any.
    """
    import pandas as pd

    panel = weighting.panel
    status = dispositions(panel, weighting.study)
    status = status[[*panel.waves, *(["latest"] if len(panel.waves) > 1 else [])]]
    groups = panel.frame.groups[spec.by]
    divisions = [("", "all", status.index)]
    divisions += [(spec.by, code, groups.index[groups == code]) for code in groups.cat.categories]
    rows: list[dict[str, Any]] = []
    for wave in status:
        known = set(status[wave]) if wave != "latest" else set()
        for by, group, units in divisions:
            numbers = _response(status.loc[units, wave].value_counts(), known)
            n = numbers["complete"] + numbers["partial"] + numbers["none"]
            keys = {"item": "response", "wave": wave, "by": by, "group": group, "n": int(n)}
            rows += [keys | {"category": name, "estimate": value} for name, value in numbers.items()]
    table = pd.DataFrame(rows).assign(weighting="unweighted")
    whole = table[(table["by"] == "") & (table["wave"] == status.columns[-1])]
    facts = {"frame": int(whole["n"].iloc[0])} if NOT_INVITED in set(status.to_numpy().ravel()) else {}
    return Rows(table, len(panel.units)), facts


def _response(here: pd.Series, known: set[str]) -> dict[str, float]:
    """Counts and rates of some units, by their dispositions; `known`: those that the wave has."""
    counts = {name: int(here.get(name, 0)) for name in ("complete", "partial", "none", *OUTCOMES)}
    listed = [name for name in OUTCOMES if name in known]
    unknown = counts["unknown"]
    below = sum(counts.values()) - counts["not_eligible"]
    numbers: dict[str, float] = {
        "complete": counts["complete"],
        "partial": counts["partial"],
        "none": below - counts["complete"] - counts["partial"],
    }
    answers = (counts["complete"], counts["complete"] + counts["partial"])
    numbers |= {name: above / below if below else float("nan") for name, above in zip(("rr1", "rr2"), answers)}
    numbers |= {name: counts[name] for name in listed}
    if "unknown" in known:
        rest = below - unknown
        numbers |= {name: above / rest if rest else float("nan") for name, above in zip(("rr5", "rr6"), answers)}
    return numbers


def summary_rows(weighting: Weighting, spec: Summary) -> Rows:
    """N, minimum, mean, maximum and standard deviation of frame columns, before and after weighting.

    The variance is Σw(x − m)² n / ((n − 1) Σw).
    """
    import pandas as pd

    units = weighting.panel.frame.units
    if faults := column_faults("columns", spec.columns, units):
        raise DataError.of(faults)
    rows = []
    for column in spec.columns:
        for how, design in weighting.everyone.items():
            sample = units.loc[weighting.panel.units, column].dropna()
            weights = design.weights.set_axis(design.data.index)[sample.index]
            known = units[column].dropna()
            for group, values, w in (("sample", sample, weights), ("population", known, known * 0 + 1)):
                n, mean = len(values), float((w * values).sum() / w.sum())
                sd = float(((w * (values - mean) ** 2).sum() / w.sum() * n / (n - 1)) ** 0.5)
                numbers = {"n": n, "min": values.min(), "mean": mean, "max": values.max(), "sd": sd}
                keys = {"item": column, "group": group, "weighting": how, "n": n}
                rows += [keys | {"category": name, "estimate": value} for name, value in numbers.items()]
    return Rows(pd.DataFrame(rows).assign(wave=sample_of(weighting, spec), by=""), len(weighting.panel.units))


def balance_rows(weighting: Weighting, spec: Balance) -> Rows:
    """Standardised differences of sample and population, before and after weighting.

    The difference of a category is that of its shares over √(p(1 − p)) of the population, of a number that of its
    means over the population's standard deviation. Categories are merged as for the weights.
    """
    import pandas as pd

    found = _compared(weighting, spec.columns)
    quantities = set(found.summary["column"])
    categories = found.table[~found.table["column"].isin(quantities)]
    compared = [(row, f"{row['column']}={row['category']}") for row in categories.to_dict("records")]
    compared += [(row, "") for row in found.summary.to_dict("records")]
    sides = {"unweighted": "std_diff", "weighted": "std_diff_weighted"}
    rows = [
        {"item": row["column"], "category": category, "weighting": how, "estimate": row[column]}
        for row, category in compared
        for how, column in sides.items()
        if how in weighting.everyone
    ]
    n = len(weighting.panel.units)
    return Rows(pd.DataFrame(rows).assign(wave=sample_of(weighting, spec), by="", group="sample", n=n), n)


def r_indicator_rows(weighting: Weighting, spec: RIndicator) -> tuple[Rows, dict[str, Any]]:
    """The R-indicator, its partial indicators, and each variable's chi-square against the frame."""
    import pandas as pd

    found = _compared(weighting, spec.columns)
    (whole,) = found.r_indicator.to_dict("records")
    spread = {name: whole[name] for name in ("std_error", "ci_low", "ci_high")}
    rows = [{"item": "overall", "group": "all", "category": "r_indicator", "estimate": whole["r_indicator"], **spread}]
    for name in ("response_rate", "cv", "bias_bound"):
        rows.append({"item": "overall", "group": "all", "category": name, "estimate": whole[name]})
    for row in found.partial.to_dict("records"):
        category = "" if pd.isna(row["category"]) else f"{row['column']}={row['category']}"
        for kind in ("unconditional", "conditional"):
            numbers = {"estimate": row[kind], "std_error": row[f"{kind}_se"]}
            rows.append({"item": row["column"], "group": kind, "category": category, **numbers})
    for row in found.chi_square.to_dict("records"):
        numbers = {"estimate": row["statistic"], "df": row["df"], "p_value": row["p_value"]}
        rows.append({"item": row["column"], "group": "all", "category": "chi_square", **numbers})
    n = len(weighting.panel.units)
    table = pd.DataFrame(rows).assign(wave=sample_of(weighting, spec), by="", weighting="unweighted", n=n)
    return Rows(table, n), {"notes": list(found.notes)}


def _compared(weighting: Weighting, columns: tuple[str, ...]) -> Compared:
    """The sample against the frame on groups (categories merged as for the weights) and numeric columns."""
    from evalkit.weights import representativeness

    table = known_columns(weighting.panel, columns)
    design = weighting.everyone.get("weighted", weighting.everyone["unweighted"])
    return representativeness(design.replace(data=table.loc[weighting.panel.units]), table, list(columns))


def dispositions(panel: Panel, study: Study) -> pd.DataFrame:
    """Each unit of the frame in each wave, and in any of them ("latest", the best of its waves).

    Returns
    -------
    DataFrame : index unit; "complete" where the unit answered at least the study's share (`complete` under [weights])
        of the questions put to it, "partial" where it answered fewer (AAPOR 2023). Don't know is an answer, and a
        multiple choice is one question. Others are "none", or in a wave with a list of invited what that says of them:
        refusal, noncontact, other, unknown, not_eligible; "not_invited" where the unit is not on it, answer or no.
    """
    import pandas as pd

    from evalkit.weights import answer_status

    given, put = answered(study, panel.data, panel.why)
    status = answer_status(
        given.astype(float).where(given), list(given), asked=put, complete=study.plan.weights.complete
    )
    by_wave = status.unstack("wave").reindex(index=panel.frame.units.index, columns=list(panel.waves)).fillna("none")
    for wave in by_wave:
        told = panel.answers.invited(str(wave), panel.answers.study.frame_of(panel.waves))
        if told is not None:
            here = by_wave[wave].where(by_wave[wave] != "none", told.reindex(by_wave.index))
            by_wave[wave] = here.where(by_wave.index.isin(told.index), NOT_INVITED)
    best = by_wave.apply(lambda row: next(word for word in STATUSES if word in set(row)), axis=1)
    return pd.concat([by_wave, best.rename("latest")], axis=1)
