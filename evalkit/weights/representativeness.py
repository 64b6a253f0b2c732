"""How representative the answers are, in numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from evalkit.errors import EvalkitError, MethodError
from evalkit.numerics.r_indicator import Response, response_model
from evalkit.weights.design import Design
from evalkit.weights.margins import frame_faults, is_quantity

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]

GROUPS = 5
"""A quantity enters tables and the response model as this many groups of equal size."""


@dataclass(frozen=True)
class Representativeness:
    """How representative the answers are of the frame.

    Attributes
    ----------
    r_indicator : one row: r_indicator (1 − 2 S of the response propensities, bias-adjusted; 1 is perfectly
        representative), std_error, ci_low, ci_high, unadjusted, response_rate, cv (S over the response rate), and
        bias_bound: the largest bias of a mean, in standard deviations of the outcome, that this variation can cause.
    partial : a row a variable and a row a category: column, category (missing for the variable), unconditional and
        conditional partial indicators with standard errors. A category's unconditional indicator is negative where it
        answered less than the frame at large.
    table : a row a category: population, invited, partial, complete, nonresponse, rr1, rr2 (AAPOR: answered in full
        over invited; in full or in part), then population and sample shares, the weighted share, and standardised
        differences before and after weighting.
    summary : a row a quantity: n, mean, sd, min, max of population and sample, the weighted mean and sd, and
        standardised differences.
    chi_square : a row a column: the answers' counts against the frame's shares, with finite population correction.
    notes : what to know, such as categories in which nobody answered.
    """

    r_indicator: pd.DataFrame
    partial: pd.DataFrame
    table: pd.DataFrame
    summary: pd.DataFrame
    chi_square: pd.DataFrame
    notes: tuple[str, ...]

    def bias_bound(self, std: float) -> float:
        """Largest bias of a mean whose outcome has standard deviation `std`: S(ρ) std / response rate (Schouten,
        Cobben & Bethlehem 2009, equation 8); √(p(1 − p)) for a share p."""
        return float(self.r_indicator["bias_bound"].iloc[0]) * std


def representativeness(
    sample: Design | pd.DataFrame,
    frame: pd.DataFrame,
    columns: Sequence[str],
    *,
    complete: str | None = None,
    invited: str | None = None,
    unit: str | None = None,
    level: float = 0.95,
) -> Representativeness:
    """Compare the units that answered with the frame they come from.

    Parameters
    ----------
    sample : a design, whose weights make the columns "after weighting", or a frame of answers without weights.
    frame : every unit of the population, one row each.
    columns : of both: text, categories and integers of at most 20 values as they are; other numbers as quantities,
        summarised, and cut into five groups of equal size for tables and the response model.
    complete : 0/1 column of the sample, answered in full; without it every answer counts as complete.
    invited : 0/1 column of the frame; without it everyone was invited.
    unit : column with the unit's code, checked for duplicates in both; "code" where there.
    level : of the R-indicator's interval.

    Returns
    -------
    Representativeness

    Raises
    ------
    MethodError : unknown columns, missing values, units twice, answers outside the frame; all faults at once.

    Notes
    -----
    R-indicator: Schouten, Cobben & Bethlehem (2009); bias adjustment and standard errors: Shlomo, Skinner & Schouten
    (2012); partial indicators: Schouten, Shlomo & Skinner (2011), with bias and variance by the same linearisation. The
    response model is logistic with main effects of `columns`, on the whole frame; a category's signed indicator is
    linear and needs no bias adjustment.
    """
    answers = sample.data if isinstance(sample, Design) else sample
    weights = sample.weights.to_numpy() if isinstance(sample, Design) else None
    _check(answers, frame, columns, complete, invited, unit)
    cut = {name: _cut(frame[name], answers[name]) for name in columns}
    model, keys, notes = _model(cut, columns)
    return Representativeness(
        _overall(model, level),
        _partial(model, columns, keys),
        _table(cut, columns, answers, frame, weights, complete, invited),
        _summary(answers, frame, [c for c in columns if is_quantity(frame[c])], weights),
        _chi_square(cut, columns),
        notes,
    )


def _check(
    answers: pd.DataFrame,
    frame: pd.DataFrame,
    columns: Sequence[str],
    complete: str | None,
    invited: str | None,
    unit: str | None,
) -> None:
    if isinstance(columns, str) or not columns:
        raise MethodError("columns must name frame variables", expected='a list such as ["county"]', got=repr(columns))
    faults: list[EvalkitError] = frame_faults(frame, [*columns, *([invited] if invited else [])], unit)
    said = frame_faults(answers, [*columns, *([complete] if complete else [])], unit if unit in answers else None)
    for fault in said:
        fault.what = fault.what.replace("the frame's", "the answers'").replace("in the frame", "among the answers")
    faults += said
    if len(answers) > len(frame):
        faults.append(MethodError("more answers than units in the frame", expected=len(frame), got=len(answers)))
    if faults:
        raise MethodError.of(faults)


@dataclass(frozen=True)
class _Cut:
    """A column as categories: names, and the category of each unit and each answer."""

    names: list[Any]
    frame: NDArray[np.int64]
    sample: NDArray[np.int64]


def _cut(frame: pd.Series, sample: pd.Series) -> _Cut:
    import pandas as pd

    if is_quantity(frame):
        values = frame.to_numpy(dtype=float)
        edges = np.unique(np.quantile(values, np.arange(1, GROUPS) / GROUPS))
        names: list[Any] = [f"≤ {edges[0]:.6g}"]
        names += [f"{a:.6g}–{b:.6g}" for a, b in pairwise(edges)] + [f"> {edges[-1]:.6g}"]
        groups = np.searchsorted(edges, values, side="left")
        there = np.unique(groups)
        place = np.searchsorted(there, np.searchsorted(edges, sample.to_numpy(dtype=float), side="left"))
        return _Cut([names[i] for i in there], np.searchsorted(there, groups), np.minimum(place, len(there) - 1))
    if isinstance(frame.dtype, pd.CategoricalDtype):
        used = set(frame.unique())
        names = [c for c in frame.cat.categories if c in used]
    else:
        names = sorted(frame.unique().tolist())
    index = pd.Index(names)
    codes = index.get_indexer(pd.Index(sample.to_numpy()))
    if (codes < 0).any():
        unknown = ", ".join(dict.fromkeys(str(v) for v in sample[codes < 0]))
        raise MethodError(
            "answers in categories unknown to the frame",
            where=f"column {frame.name!r}",
            expected=", ".join(str(name) for name in names[:20]),
            got=unknown,
        )
    return _Cut(names, index.get_indexer(pd.Index(frame.to_numpy())).astype(np.int64), codes.astype(np.int64))


def _model(cut: dict[str, _Cut], columns: Sequence[str]) -> tuple[Response, dict[str, list[Any]], tuple[str, ...]]:
    from evalkit.weights.calibrate import distinct

    n = len(cut[columns[0]].frame)
    joined = [np.concatenate([cut[name].frame, cut[name].sample]) for name in columns]
    index, levels = distinct(joined)
    size = np.bincount(index[:n], minlength=len(levels[0])).astype(float)
    answered = np.bincount(index[n:], minlength=len(levels[0])).astype(float)
    if (answered > size).any():
        worst = int(np.argmax(answered - size))
        where = ", ".join(f"{name} = {cut[name].names[level[worst]]}" for name, level in zip(columns, levels))
        got = f"{int(answered[worst])} answers from {int(size[worst])} units"
        raise MethodError("more answers than units in a cell of the frame", where=where, got=got)
    notes = []
    for name in columns:
        units, answers = (np.bincount(c, minlength=len(cut[name].names)) for c in (cut[name].frame, cut[name].sample))
        notes += [f"{name} = {cut[name].names[i]}: nobody answered" for i in np.flatnonzero(answers == 0)]
        notes += [f"{name} = {cut[name].names[i]}: everybody answered" for i in np.flatnonzero(answers == units)]
    model = response_model(levels, size, answered)
    if model.overall().adjusted <= 0:
        notes.append("the propensities vary no more than chance makes them: the R-indicator is put at 1")
    return model, {name: cut[name].names for name in columns}, tuple(notes)


def _overall(model: Response, level: float) -> pd.DataFrame:
    import pandas as pd

    variance = model.overall()
    s, error = variance.root()
    rate = float(model.mean(model.propensity))
    z = float(special.ndtri(0.5 + level / 2))
    r, se = 1 - 2 * s, 2 * error
    row = {
        "r_indicator": r,
        "std_error": se,
        "ci_low": r - z * se,
        "ci_high": min(r + z * se, 1.0),
        "unadjusted": 1 - 2 * float(np.sqrt(variance.raw)),
        "response_rate": rate,
        "cv": s / rate if rate > 0 else float("nan"),
        "bias_bound": s / rate if rate > 0 else float("nan"),
    }
    return pd.DataFrame([row])


def _partial(model: Response, columns: Sequence[str], keys: dict[str, list[Any]]) -> pd.DataFrame:
    import pandas as pd

    rows = []
    for i, name in enumerate(columns):
        between, within = model.between(i), model.within_others(i)
        whole = (*between.root(), *within.root())
        rows.append((name, None, *whole, float(np.sqrt(between.raw)), float(np.sqrt(within.raw))))
        for k, key in enumerate(keys[name]):
            signed, error = model.category(i, k)
            inside = model.within_others(i, k)
            rows.append((name, key, signed, error, *inside.root(), signed, float(np.sqrt(inside.raw))))
    names = ["column", "category", "unconditional", "unconditional_se", "conditional", "conditional_se"]
    return pd.DataFrame(rows, columns=[*names, "unconditional_unadjusted", "conditional_unadjusted"])


def _table(
    cut: dict[str, _Cut],
    columns: Sequence[str],
    answers: pd.DataFrame,
    frame: pd.DataFrame,
    weights: Floats | None,
    complete: str | None,
    invited: str | None,
) -> pd.DataFrame:
    import pandas as pd

    asked = np.ones(len(frame)) if invited is None else frame[invited].to_numpy(dtype=float)
    full = np.ones(len(answers)) if complete is None else answers[complete].to_numpy(dtype=float)
    return pd.concat([_responses(name, cut[name], asked, full, weights) for name in columns], ignore_index=True)


def _responses(name: str, found: _Cut, asked: Floats, full: Floats, weights: Floats | None) -> pd.DataFrame:
    """The response table of one variable."""
    import pandas as pd

    k = len(found.names)
    population, either = np.bincount(found.frame, minlength=k), np.bincount(found.sample, minlength=k)
    sent, done = np.bincount(found.frame, asked, k), np.bincount(found.sample, full, k)
    share, sampled = population / population.sum(), either / max(either.sum(), 1)
    weighted = np.full(k, np.nan)
    if weights is not None:
        weighted = np.bincount(found.sample, weights, k) / weights.sum()
    spread = np.sqrt(share * (1 - share))
    with np.errstate(divide="ignore", invalid="ignore"):
        return pd.DataFrame(
            {
                "column": name,
                "category": found.names,
                "population": population,
                "invited": sent.astype(int),
                "partial": (either - done).astype(int),
                "complete": done.astype(int),
                "nonresponse": (sent - either).astype(int),
                "rr1": done / sent,
                "rr2": either / sent,
                "population_share": share,
                "sample_share": sampled,
                "weighted_share": weighted,
                "std_diff": np.where(spread > 0, (sampled - share) / spread, 0.0),
                "std_diff_weighted": np.where(spread > 0, (weighted - share) / spread, 0.0),
            }
        )


def _summary(
    answers: pd.DataFrame, frame: pd.DataFrame, quantities: Sequence[str], weights: Floats | None
) -> pd.DataFrame:
    import pandas as pd

    names = ["column", "n_population", "mean_population", "sd_population", "min_population", "max_population"]
    names += ["n_sample", "mean_sample", "sd_sample", "min_sample", "max_sample", "mean_weighted", "sd_weighted"]
    rows = []
    for name in quantities:
        sides = [table[name].to_numpy(dtype=float) for table in (frame, answers)]
        row: list[Any] = [name]
        for values in sides:
            row += [len(values), values.mean(), values.std(ddof=1), values.min(), values.max()]
        if weights is None:
            row += [np.nan, np.nan]
        else:
            mean = weights @ sides[1] / weights.sum()
            row += [mean, np.sqrt(weights @ (sides[1] - mean) ** 2 / weights.sum())]
        rows.append(row)
    found = pd.DataFrame(rows, columns=names)
    found["std_diff"] = (found["mean_sample"] - found["mean_population"]) / found["sd_population"]
    found["std_diff_weighted"] = (found["mean_weighted"] - found["mean_population"]) / found["sd_population"]
    return found


def _chi_square(cut: dict[str, _Cut], columns: Sequence[str]) -> pd.DataFrame:
    """Pearson's statistic times (N − 1)/(N − n): the answers as a sample without replacement from the frame."""
    import pandas as pd

    rows = []
    for name in columns:
        population = np.bincount(cut[name].frame).astype(float)
        answers = np.bincount(cut[name].sample, minlength=len(population)).astype(float)
        size, n = population.sum(), answers.sum()
        expected = n * population / size
        pearson = float(((answers - expected) ** 2 / expected).sum())
        value = pearson * (size - 1) / (size - n) if n < size else 0.0
        df = len(population) - 1
        p = float(special.chdtrc(df, value)) if df > 0 and n < size else 1.0
        rows.append((name, value, df, p, int(n), int(size)))
    return pd.DataFrame(rows, columns=["column", "statistic", "df", "p_value", "n", "population"])
