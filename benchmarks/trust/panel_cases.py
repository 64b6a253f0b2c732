"""Inputs of the same units asked again: conditional logit, change in points, least squares within units."""

from __future__ import annotations

from collections.abc import Callable
from math import exp, inf, log, sqrt
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import brentq, minimize, minimize_scalar
from scipy.stats import chi2, norm

from benchmarks.trust.case import Case, Right, between, near, number, units

UP, DOWN, STILL = (0, 1), (1, 0), (1, 1)
Floats = Any


def lower_limit(n: float) -> float:
    """Where n units, all up, are 1.92 below the top of the log-likelihood −n log(1 + exp(−b)): the profile limit."""
    return float(brentq(lambda b: n * log(1 + exp(-b)) - chi2.ppf(0.95, 1) / 2, -30, 30))


def all_up(n: int) -> dict[str, Right]:
    exact = 0.025 ** (1 / n)
    profile, counted = lower_limit(n), log(exact / (1 - exact))
    low, high = counted - 1e-3, profile + 1e-3
    return {
        "estimate": near(inf),
        "lower": between(low, high, f"{number(counted)} (exact) to {number(profile)} (profile)"),
    }


def differences(data: pd.DataFrame, columns: tuple[str, ...]) -> tuple[Floats, Floats]:
    """(units, columns) covariates with the yes less those with the no, of units with one of each; (units,) weights."""
    yes, no = (data[data.y == k].set_index("id") for k in (1, 0))
    both = yes.index.intersection(no.index)
    gap = (yes.loc[both, list(columns)] - no.loc[both, list(columns)]).to_numpy(dtype=float)
    return gap, yes.loc[both, "weight"].to_numpy() if "weight" in data else np.ones(len(both))


def maximum(gap: Floats, weight: Floats) -> tuple[Floats, Floats, Floats]:
    """Direct maximisation of −Σ w log(1 + exp(−d'b)): the estimate, the Hessian and the scores."""

    def minus(b: Floats) -> tuple[float, Floats]:
        z = gap @ b
        return float(weight @ np.logaddexp(0, -z)), -(weight / (1 + np.exp(z))) @ gap

    b = minimize(minus, np.zeros(gap.shape[1]), jac=True, method="BFGS", options={"gtol": 1e-10}).x
    p = 1 / (1 + np.exp(-(gap @ b)))
    return b, (gap * (weight * p * (1 - p))[:, None]).T @ gap, (gap * (weight * (1 - p))[:, None])


def two_covariates(scale: float = 1.0, weighted: bool = False) -> pd.DataFrame:
    random = np.random.default_rng(11)
    rows = []
    for i in range(80):
        own, weight = random.normal(), round(random.uniform(0.5, 3), 3)
        for wave in (0, 1):
            x = round(random.normal(), 3)
            y = int(own + 0.6 * wave + 0.8 * x + random.logistic() > 0)
            rows.append({"id": i, "wave": wave, "x": x * scale, "y": y} | ({"weight": weight} if weighted else {}))
    return pd.DataFrame(rows)


def on_one_scale(_: pd.DataFrame) -> dict[str, Right]:
    gap, weight = differences(two_covariates(), ("wave", "x"))
    b, hessian, _ = maximum(gap, weight)
    error = sqrt(np.linalg.inv(hessian)[1, 1])
    top = -float(np.logaddexp(0, -(gap @ b)).sum())

    def profile(value: float) -> float:
        other = minimize_scalar(lambda a: np.logaddexp(0, -(gap[:, 0] * a + gap[:, 1] * value)).sum()).fun
        return top + other - chi2.ppf(0.95, 1) / 2

    low, wald = brentq(profile, b[1] - 5 * error, b[1]), b[1] - norm.ppf(0.975) * error
    limits = {"lower": near(wald, 1e-3), "profile lower": near(low, 1e-3)}
    return {"estimate": near(b[1]), "std. error": near(error, 1e-3)} | limits


def weighted(data: pd.DataFrame) -> dict[str, Right]:
    gap, weight = differences(data, ("wave", "x"))
    b, hessian, scores = maximum(gap, weight)
    bread = np.linalg.inv(hessian)
    error = sqrt((bread @ scores.T @ scores @ bread)[1, 1])
    return {"estimate": near(b[1]), "std. error": between(error * 0.999, error * 1.02, number(error))}


def upwards(last: tuple[float, float]) -> Callable[[], pd.DataFrame]:
    """Twenty units whose yes has the larger x, and one with x = last[0] at the yes and last[1] at the no."""

    def make() -> pd.DataFrame:
        pairs = [(0.1, 0.5 + k / 100) for k in range(20)] + [(last[1], last[0])]
        return pd.DataFrame([{"id": i, "x": x, "y": y} for i, p in enumerate(pairs) for y, x in enumerate(p)])

    return make


def one_against(data: pd.DataFrame) -> dict[str, Right]:
    gap = differences(data, ("x",))[0][:, 0]
    found = minimize_scalar(lambda b: np.logaddexp(0, -gap * b).sum(), bounds=(0, 400), options={"xatol": 1e-10})
    ranges = ((found.x * (1 - 5e-3), found.x * (1 + 5e-3)), *(((inf, inf),) if abs(gap).min() < 1e-6 else ()))
    or_none = "; ∞ where 1e-9 is taken for rounding and that is said" if len(ranges) > 1 else ""
    return {"estimate": Right(ranges, number(found.x) + or_none), "log-likelihood": near(-found.fun, 1e-3)}


def years() -> pd.DataFrame:
    data = units([UP] * 19 + [DOWN] * 6)
    return data.assign(year=data.wave * 3 + 2018)


def two_clusters() -> pd.DataFrame:
    random = np.random.default_rng(5)
    data = units([UP if random.random() < 0.6 else DOWN for _ in range(30)])
    data["cluster"] = data.id % 2
    return data.assign(a=random.normal(size=60).round(2), b=random.normal(size=60).round(2))


def ordered_up() -> pd.DataFrame:
    still = [(k, k) for k in (1, 2, 3, 4, 5)]
    return units([(1, 5)] * 6 + still)


def zero_weights() -> pd.DataFrame:
    random = np.random.default_rng(2)
    pairs = [((0, 1), (1, 0), (0, 0), (1, 1))[random.choice(4, p=[0.3, 0.1, 0.3, 0.3])] for _ in range(80)]
    return units(pairs, weight=[0.0 if i % 2 else 1.0 + i % 3 for i in range(80)])


def of_the_asked(data: pd.DataFrame) -> dict[str, Right]:
    wide = data[data.weight > 0].pivot_table(index=["id", "weight"], columns="wave", values="y").reset_index()
    n, share, gap = len(wide), wide.weight / wide.weight.sum(), wide[1] - wide[0]
    change = float(share @ gap)
    error = sqrt(n / (n - 1) * float(((share * (gap - change)) ** 2).sum()))
    return {
        "change": near(change),
        "std. error": between(error * 0.99, error * 1.01, f"{number(error)} (1 percent either way: n or its domain)"),
        "n": near(n, 0),
        "up": near(int((gap > 0).sum()), 0),
    }


def halves() -> pd.DataFrame:
    random = np.random.default_rng(1)
    pairs = [tuple(int(random.normal() + 0.3 * t > 0) for t in (0, 1)) for _ in range(200)]
    return units(pairs, group=["A" if i < 100 else "B" for i in range(200)])  # type: ignore[arg-type]


def domain_of_srs(data: pd.DataFrame) -> dict[str, Right]:
    wide = data.pivot_table(index=["id", "group"], columns="wave", values="y").reset_index()
    gap, n, found = wide[1] - wide[0], len(wide), {}
    for group in ("A", "B"):
        inside = wide.group == group
        score = np.where(inside, gap - gap[inside].mean(), 0) / inside.sum()
        error = sqrt((1 - n / 356) * n / (n - 1) * float((score**2).sum()))
        found[f"std. error {group}"] = near(error, 1e-3)
    return found


PANEL = (
    Case(
        "plain",
        "25 units changed, 19 up and 6 down, two waves",
        lambda: units([UP] * 19 + [DOWN] * 6),
        lambda d: {"estimate": near(log(19 / 6)), "std. error": near(sqrt(1 / 19 + 1 / 6), 1e-3)},
        "by hand: log(19/6), √(1/19 + 1/6)",
    ),
    Case(
        "all_up",
        "six units, all up: separated",
        lambda: units([UP] * 6),
        lambda d: all_up(6),
        "by hand: no finite maximum; 6 log(1 + exp(−b)) = 1.92, and 0.025 = pⁿ",
    ),
    Case(
        "all_up_copied",
        "the same six units ten times over, clustered by the original",
        lambda: units([UP] * 60, cluster=[i % 6 for i in range(60)]),
        lambda d: all_up(6),
        "a copy says nothing new: as the six",
    ),
    Case(
        "weighted_separated",
        "90 units of weight 1 go both ways, 10 of weight 3 all go up; the latter's own term",
        lambda: units([UP] * 50 + [DOWN] * 40 + [UP] * 10, weight=[1.0] * 90 + [3.0] * 10).assign(
            wave_a=lambda d: d.wave * (d.id < 90), wave_b=lambda d: d.wave * (d.id >= 90)
        ),
        lambda d: all_up(10),
        "a weight common to all ten says nothing: as ten units",
        ("wave_a", "wave_b"),
    ),
    Case(
        "noise",
        "20 units separated upwards on x, one whose x is 0.3 with the yes and 0.1 + 0.2 with the no",
        upwards((0.3, 0.1 + 0.2)),
        lambda d: {"estimate": near(inf), "log-likelihood": near(-log(2), 1e-3)},
        "0.1 + 0.2 is 0.3: the unit has no difference, and adds log ½",
        ("x",),
    ),
    Case(
        "against_1e-9",
        "the same, the one against by 1e-9",
        upwards((0.3, 0.3 + 1e-9)),
        one_against,
        "direct maximisation",
        ("x",),
    ),
    Case(
        "near_separated",
        "the same, the one against by 0.01: a large finite estimate",
        upwards((0.3, 0.31)),
        one_against,
        "direct maximisation",
        ("x",),
    ),
    Case(
        "tiny_scale",
        "two covariates, one in units of 1e-13 (shown times its scale)",
        lambda: two_covariates(1e-13),
        on_one_scale,
        "direct maximisation at scale 1",
        ("wave", "x"),
        1e-13,
    ),
    Case(
        "huge_scale",
        "the same in units of 1e12",
        lambda: two_covariates(1e12),
        on_one_scale,
        "direct maximisation at scale 1",
        ("wave", "x"),
        1e12,
    ),
    Case(
        "years",
        "19 up and 6 down, the wave as a year: 2018 and 2021",
        years,
        lambda d: {"estimate": near(log(19 / 6) / 3), "std. error": near(sqrt(1 / 19 + 1 / 6) / 3, 1e-3)},
        "by hand: log(19/6)/3",
        ("year",),
    ),
    Case(
        "weights",
        "two covariates, weights constant within units",
        lambda: two_covariates(weighted=True),
        weighted,
        "direct maximisation of the weighted likelihood; sandwich by hand (n/(n−1) or 1)",
        ("wave", "x"),
    ),
    Case(
        "few_clusters",
        "three covariates, two clusters: the joint test",
        two_clusters,
        lambda d: {},
        "scores of two clusters sum to nil: their covariance has rank 1, and there is no test of three coefficients",
        ("wave", "a", "b"),
    ),
    Case(
        "ordered",
        "ordered answers: six units go from 1 to 5, five stay; p of change",
        ordered_up,
        lambda d: {"p": between(0.003, 0.05, "0.0312 (sign test) to 0.0039 (likelihood ratio of six units)")},
        "by hand: 2/2⁶; copies of a unit at each cut say nothing new",
    ),
    Case(
        "zero_weights",
        "change in points, 80 units, every second of weight zero",
        zero_weights,
        of_the_asked,
        "by hand, without the units of weight zero",
    ),
    Case(
        "group_fpc",
        "change in points by group, 200 of 356 units answered",
        halves,
        domain_of_srs,
        "by hand: domain of a simple random sample, 1 − 200/356",
    ),
    Case(
        "nobody_changed",
        "five weighted units, nobody changed: upper limit of the change",
        lambda: units([STILL] * 3 + [(0, 0)] * 2, weight=[1.0, 2.0, 3.0, 1.5, 1.0]),
        lambda d: {
            "upper": between(0.3, 0.75, "0.43 (Newcombe, equal weights), 0.52 (exact), wider with these weights")
        },
        "by hand: (1 − p)⁵ = 0.025; a limit of nil claims to know",
    ),
    Case(
        "three_up",
        "three units, all up: p of the change in points",
        lambda: units([UP] * 3),
        lambda d: {"p": between(0.0625, 0.5, "0.25 (exact, two-sided)")},
        "by hand: 2/2³",
    ),
)
