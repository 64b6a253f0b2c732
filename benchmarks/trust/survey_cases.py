"""Inputs of one survey: means, shares, comparisons, calibrated weights, regression."""

from __future__ import annotations

from functools import cache
from math import inf, log, nan, sqrt
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.stats import fisher_exact

from benchmarks.trust.case import Case, Right, between, near, number

POPULATION = 100


def fifty(weights: str) -> pd.DataFrame:
    """50 of 100 answered; weights all 1, or mean 1 with all of one group at 1."""
    random = np.random.default_rng(1)
    data = pd.DataFrame({"x": random.normal(10, 3, 50).round(2), "group": random.choice(list("ab"), 50)})
    own = np.where(np.arange(50) % 2 == 0, 0.5, 1.5)
    return data.assign(weight=1.0 if weights == "ones" else np.where(data.group == "a", 1.0, own), size=POPULATION)


def mean_of(data: pd.DataFrame, inside: Any) -> tuple[float, float]:
    """Weighted mean of a domain and its linearised standard error, simple random sample of 100."""
    weight = np.where(inside, data.weight, 0.0)
    mean, n = float(weight @ data.x / weight.sum()), len(data)
    score = weight * (data.x - mean) / weight.sum()
    return mean, sqrt((1 - n / POPULATION) * n / (n - 1) * float((score**2).sum()))


def two_groups(yes_a: int, n_a: int, yes_b: int, n_b: int) -> pd.DataFrame:
    y = [1] * yes_a + [0] * (n_a - yes_a) + [1] * yes_b + [0] * (n_b - yes_b)
    return pd.DataFrame({"group": ["a"] * n_a + ["b"] * n_b, "y": y, "weight": 1.0})


def fisher(data: pd.DataFrame) -> float:
    return float(fisher_exact(pd.crosstab(data.group, data.y))[1])


def order_of(data: pd.DataFrame) -> dict[str, Right]:
    p = fisher(data)
    return {"p": between(1e-14, 1e-6, f"{number(p)} (Fisher); 1e−14 to 1e−6")}


def frame() -> pd.DataFrame:
    """4,000 units; half are hard to reach and 6 points higher."""
    random = np.random.default_rng(7)
    f = pd.DataFrame({"a": random.choice(list("pqr"), 4000), "b": random.choice(list("XYZ"), 4000)})
    hard = random.random(4000) < 0.5
    y = 10 + 3 * (f.a == "q") + 2 * (f.b == "Z") + 6 * hard + random.normal(size=4000)
    return f.assign(weight=np.where(hard, 50.0, 6.25), y=y.round(4))


@cache
def margins() -> dict[str, dict[str, float]]:
    f = frame()
    return {name: f[name].value_counts().sort_index().astype(float).to_dict() for name in ("a", "b")}


def drawn(random: np.random.Generator) -> pd.DataFrame:
    f = frame_once()
    return f[random.random(len(f)) < 1 / f.weight].reset_index(drop=True)


@cache
def frame_once() -> pd.DataFrame:
    return frame()


def raked(s: pd.DataFrame) -> Any:
    """Deming & Stephan's iteration, by hand."""
    weight = s.weight.to_numpy(copy=True)
    codes = {name: pd.Categorical(s[name]).codes for name in margins()}
    for _ in range(60):
        for name, totals in margins().items():
            wanted = np.array(list(totals.values()))
            weight *= (wanted / np.bincount(codes[name], weight))[codes[name]]
    return weight


def linearised(s: pd.DataFrame) -> tuple[float, float]:
    """Mean and standard error: residuals from the margins fitted with base weights, times raked weights."""
    weight, names = raked(s), pd.get_dummies(s[["a", "b"]], drop_first=True).to_numpy(dtype=float)
    x = np.column_stack([np.ones(len(s)), names])
    based = x * s.weight.to_numpy()[:, None]
    z = weight * (s.y - x @ np.linalg.solve(based.T @ x, based.T @ s.y)) / weight.sum()
    n = len(s)
    return float(np.average(s.y, weights=weight)), sqrt(n / (n - 1) * float(((z - z.mean()) ** 2).sum()))


def raking_error(s: pd.DataFrame) -> dict[str, Right]:
    """By hand, held against the spread of 1,000 samples."""
    mean, error = linearised(s)
    random = np.random.default_rng(8)
    means, errors = np.array([linearised(drawn(random)) for _ in range(1000)]).T
    shown = f"{number(error)} by hand (over 1,000 samples {number(errors.mean())}, their spread {number(means.std())})"
    return {"mean": near(mean, 1e-3), "std. error": between(error * 0.95, error * 1.05, shown)}


def strata(lonely: bool) -> pd.DataFrame:
    """Three strata of clusters of four; a domain that some clusters have nobody of."""
    random = np.random.default_rng(3)
    rows = []
    for h, clusters in (("h1", 3), ("h2", 4), ("h3", 1 if lonely else 3)):
        for c in range(clusters):
            for k in range(4):
                domain = int((c + (h == "h2")) % 3 > 0 and k < 3)
                x = round(float(random.normal(10 + 2 * c, 2)), 2)
                rows.append(
                    {
                        "stratum": h,
                        "cluster": f"{h}c{c}",
                        "weight": {"h1": 3.0, "h2": 5.0, "h3": 2.0}[h],
                        "x": x,
                        "domain": domain,
                    }
                )
    return pd.DataFrame(rows)


def domain_mean(data: pd.DataFrame) -> dict[str, Right]:
    weight = data.weight * data.domain
    mean = float(weight @ data.x / weight.sum())
    totals = (weight * (data.x - mean) / weight.sum()).groupby([data.stratum, data.cluster]).sum()
    variance = sum(len(t) / (len(t) - 1) * ((t - t.mean()) ** 2).sum() for _, t in totals.groupby(level=0))
    return {"mean": near(mean), "std. error": near(sqrt(variance), 1e-3)}


def all_small() -> pd.DataFrame:
    """Every small unit says yes; medium and large are mixed."""
    y = {"L": [1, 1, 0, 1] * 5, "M": [1, 0, 0, 1, 0] * 4, "S": [1] * 12}
    rows = [{"size": size, "y": v, "weight": 1.0} for size, values in y.items() for v in values]
    return pd.DataFrame(rows).assign(medium=lambda d: (d["size"] == "M") * 1, small=lambda d: (d["size"] == "S") * 1)


def finite_part(data: pd.DataFrame) -> dict[str, Right]:
    n, (large, medium) = len(data), ((20, 0.75), (20, 0.4))
    error = sqrt(n / (n - 1) * sum(1 / (k * p * (1 - p)) for k, p in (large, medium)))
    estimate = log(0.4 / 0.6) - log(0.75 / 0.25)
    return {
        "medium": near(estimate, 1e-3),
        "std. error of medium": between(error * 0.975, error * 1.015, number(error)),
        "small": near(inf),
    }


def gap() -> pd.DataFrame:
    x = [1.0, 2, 3, 4, nan, 2, 5, 1]
    return pd.DataFrame({"y": [0, 1, 0, 1, 1, 0, 1, 0], "x": x, "weight": 1.0})


def without_it(data: pd.DataFrame) -> dict[str, Right]:
    d = data.dropna()
    z = ((d.x - d.x.mean()) / d.x.std(ddof=1)).to_numpy()
    found = minimize(lambda b: (np.logaddexp(0, b[0] + b[1] * z) - d.y * (b[0] + b[1] * z)).sum(), [0, 0]).x
    return {"estimate": near(float(found[1]), 1e-3)}


def holm() -> pd.DataFrame:
    return pd.DataFrame({"p": [0.01, nan, 0.03, 0.02]})


def median_of(data: pd.DataFrame) -> dict[str, Right]:
    return {"median": near(2.0)}


ZERO = 1 - 0.025 ** (1 / 20)

SURVEY = (
    Case(
        "all_ones",
        "50 of 100 answered, a weight column that is 1 throughout, population 100",
        lambda: fifty("ones"),
        lambda d: dict(zip(("mean", "std. error"), map(near, mean_of(d, d.x > -inf)))),
        "by hand: √((1 − 50/100) s²/50)",
    ),
    Case(
        "mean_one",
        "the same, weights of mean 1, all 1 in group a; its mean",
        lambda: fifty("mean one"),
        lambda d: dict(zip(("mean", "std. error"), map(near, mean_of(d, d.group == "a")))),
        "by hand: domain, linearised",
    ),
    Case(
        "zero_of_20",
        "0 of 20 say yes: interval of the share",
        lambda: two_groups(0, 20, 0, 0),
        lambda d: {
            "lower": near(0.0),
            "upper": between(0.11, ZERO * 1.15, f"{number(ZERO)} (Clopper–Pearson); Jeffreys to 1.15 times it"),
        },
        "by hand: (1 − p)²⁰ = 0.025",
    ),
    Case(
        "15_20_2_2",
        "15 of 20 against 2 of 2: p of the difference",
        lambda: two_groups(15, 20, 2, 2),
        lambda d: {"p": between(0.2, 1.0, f"{number(fisher(d))} (Fisher); 0.2 and more")},
        "enumeration",
    ),
    Case(
        "0_20_20_20",
        "0 of 20 against 20 of 20: p of the difference",
        lambda: two_groups(0, 20, 20, 20),
        order_of,
        "enumeration",
    ),
    Case(
        "perfect_table",
        "the same as a table of two columns: independence",
        lambda: two_groups(0, 20, 20, 20),
        order_of,
        "enumeration",
    ),
    Case(
        "raking",
        "raking to two margins, base weights 6.25 and 50",
        lambda: drawn(np.random.default_rng(9)),
        raking_error,
        "residuals from the margins, by hand; and 1,000 samples drawn from the frame",
    ),
    Case(
        "lonely",
        "a stratum with one cluster: standard error of a mean",
        lambda: strata(True),
        lambda d: {},
        "one cluster has no spread: nothing estimates it, unless an assumption is asked for",
    ),
    Case(
        "domain",
        "mean of a domain that some clusters have nobody of",
        lambda: strata(False),
        domain_mean,
        "by hand: clusters without the domain count with nil",
    ),
    Case(
        "median",
        "median of 1 2 2 2 2 3, weights 1 1 3 1 1 1",
        lambda: pd.DataFrame({"x": [1.0, 2, 2, 2, 2, 3], "weight": [1.0, 1, 3, 1, 1, 1]}),
        median_of,
        "more than half of the weight lies at 2",
    ),
    Case(
        "all_yes",
        "logit on size; every small unit says yes",
        all_small,
        finite_part,
        "by hand: log odds of cells; √(n/(n−1) Σ 1/(n p (1−p))), the factor or 1",
        ("medium", "small"),
    ),
    Case(
        "gap", "logit on scale(x), one of eight x missing", gap, without_it, "direct maximisation on the seven", ("x",)
    ),
    Case(
        "missing_p",
        "Holm's adjustment of 0.01, missing, 0.03, 0.02",
        holm,
        lambda d: {"first": near(0.03), "third": near(0.04), "fourth": near(0.04)},
        "by hand: three tests",
    ),
)
