"""One call of one tool, in a process of its own: seconds, memory and how far it ended from the margins, as JSON.

python benchmarks/weights_peers.py TASK TOOL ROWS KIND. Peers are imported only here, so that whichever interpreter has
them can run this file: it needs numpy and pandas, and for evalkit the repository on its path.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

LEVELS = {"region": 8, "age": 6, "sex": 2, "education": 4, "urban": 5}
REPEATS = 5


def people(n: int, kind: str) -> pd.DataFrame:
    """Answers with five margins, a 0/1 outcome and a group; text, or categories with kind "categorical"."""
    random = np.random.default_rng(1)
    columns: dict[str, Any] = {}
    for name, levels in {**LEVELS, "group": 6}.items():
        codes = random.choice(levels, n, p=random.dirichlet(np.full(levels, 8)))
        labels = np.array([f"{name}{i}" for i in range(levels)])
        columns[name] = pd.Categorical.from_codes(codes, labels) if kind == "categorical" else labels[codes]
    columns["y"] = random.integers(0, 2, n)
    return pd.DataFrame(columns)


def totals_of(data: pd.DataFrame) -> dict[str, dict[str, float]]:
    """Margins of a population ten times the sample, off by up to 30 percent in each category."""
    random = np.random.default_rng(2)
    totals = {}
    for name in LEVELS:
        counts = data[name].value_counts().sort_index()
        wanted = counts * random.uniform(0.7, 1.3, len(counts))
        totals[name] = (wanted / wanted.sum() * 10 * len(data)).to_dict()
    return totals


def margin_error(data: pd.DataFrame, weights: Any, totals: dict[str, dict[str, float]]) -> float:
    """Largest relative distance from a total."""
    weights = pd.Series(np.asarray(weights, dtype=float), index=data.index)
    worst = 0.0
    for name, wanted in totals.items():
        got = weights.groupby(data[name], observed=True).sum()
        worst = max(worst, *(abs(got[level] / total - 1) for level, total in wanted.items()))
    return worst


def evalkit(data: pd.DataFrame, totals: Any) -> Any:
    from evalkit.weights import Design, calibrate

    return calibrate(Design(data), totals).weights


def weightipy(data: pd.DataFrame, totals: Any) -> Any:
    import weightipy as wp

    n = 10 * len(data)
    shares = {name: {k: 100 * v / n for k, v in wanted.items()} for name, wanted in totals.items()}
    scheme = wp.scheme_from_dict(shares, rim_params={"max_iterations": 1000, "convcrit": 1e-10, "cap": 0})
    weights = wp.weight_dataframe(data, scheme, weight_column="weights")["weights"]
    return weights / weights.sum() * n


def ipfn(data: pd.DataFrame, totals: Any) -> Any:
    from ipfn import ipfn as fit

    wanted = [pd.Series(t).rename_axis(name) for name, t in totals.items()]
    table = data.assign(total=1.0)
    made = fit.ipfn(table, wanted, [[name] for name in totals], convergence_rate=1e-8, rate_tolerance=0).iteration()
    return made["total"].to_numpy()


def balance(data: pd.DataFrame, totals: Any) -> Any:
    from balance.weighting_methods.rake import rake

    # balance rakes to a target sample: one row a cell of a small population with these margins
    size = 2000
    columns = {name: np.repeat(list(t), _rounded(list(t.values()), size)) for name, t in totals.items()}
    random = np.random.default_rng(3)
    target = pd.DataFrame({name: random.permutation(column) for name, column in columns.items()})
    names = list(totals)
    made = rake(data[names], pd.Series(1.0, data.index), target, pd.Series(1.0, target.index), transformations=None)
    weights = made["weight"]
    return weights / weights.sum() * 10 * len(data)


def _rounded(values: list[float], size: int) -> Any:
    ends = np.round(np.cumsum(values) / np.sum(values) * size).astype(int)
    return np.diff(np.append(0, ends))


def svy(data: pd.DataFrame, totals: Any) -> Any:
    import polars as pl
    import svy as package

    table = pl.DataFrame({name: data[name].astype(str).to_list() for name in totals})
    sample = package.Sample(table.with_columns(w=pl.lit(1.0)), package.Design(wgt="w"))
    started = time.perf_counter()
    made = sample.weighting.rake(controls=totals, tol=1e-8, max_iter=200)
    seconds = time.perf_counter() - started
    return made.data["rk_wgt"].to_numpy(), seconds


def samplics(data: pd.DataFrame, totals: Any) -> Any:
    from samplics.weighting import SampleWeight

    margins = {name: data[name].astype(str).to_numpy() for name in totals}
    return SampleWeight().rake(
        np.ones(len(data)), margins=margins, control=totals, tol=1e-8, ctrl_tol=1e-8, max_iter=200
    )


R_RAKE = """
suppressMessages(library(survey)); a <- commandArgs(TRUE); d <- read.csv(a[1], stringsAsFactors=TRUE); d$w <- 1
n <- c("region","age","sex","education","urban"); t <- read.csv(a[2]); s <- svydesign(id=~1, weights=~w, data=d)
pop <- lapply(n, function(v) {k <- t[t$name==v,]; setNames(data.frame(k$level, k$total), c(v, "Freq"))})
f <- lapply(n, function(v) as.formula(paste("~", v))); control <- list(maxit=200, epsilon=1e-8)
cat(system.time(r <- rake(s, f, pop, control=control))[["elapsed"]])
writeBin(as.numeric(weights(r)), a[3])
"""

R_BOOT = """
suppressMessages(library(survey)); a <- commandArgs(TRUE); d <- read.csv(a[1], stringsAsFactors=TRUE); d$w <- 1
n <- c("region","age","sex","education","urban"); t <- read.csv(a[2]); s <- svydesign(id=~1, weights=~w, data=d)
pop <- lapply(n, function(v) {k <- t[t$name==v,]; setNames(data.frame(k$level, k$total), c(v, "Freq"))})
f <- lapply(n, function(v) as.formula(paste("~", v))); control <- list(maxit=50, epsilon=1e-8)
cat(system.time({b <- as.svrepdesign(s, type="subbootstrap", replicates=500)
b <- suppressWarnings(rake(b, f, pop, control=control))
m <- svyby(~y, ~group, b, svymean)})[["elapsed"]])
"""


def _in_r(script: str, data: pd.DataFrame, totals: Any) -> tuple[Any, float]:
    """R from a file of the data; reading it is not counted."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "run.R").write_text(script)
        data.to_csv(place / "data.csv", index=False)
        rows = [(name, level, total) for name, t in totals.items() for level, total in t.items()]
        pd.DataFrame(rows, columns=["name", "level", "total"]).to_csv(place / "totals.csv", index=False)
        names = [str(place / name) for name in ("run.R", "data.csv", "totals.csv", "weights.bin")]
        done = subprocess.run(["Rscript", *names], capture_output=True, text=True, check=True)
        made = place / "weights.bin"
        return np.fromfile(made) if made.exists() else None, float(done.stdout.split()[-1])


def r_survey(data: pd.DataFrame, totals: Any) -> Any:
    return _in_r(R_RAKE, data, totals)


RAKERS = {
    "evalkit": evalkit,
    "weightipy": weightipy,
    "balance": balance,
    "svy": svy,
    "samplics": samplics,
    "ipfn": ipfn,
    "R survey": r_survey,
}


def boot_evalkit(data: pd.DataFrame, totals: Any) -> float:
    from evalkit.estimates import proportion
    from evalkit.weights import Design, calibrate, replicate

    started = time.perf_counter()
    design = calibrate(Design(data, fpc=10 * len(data)), totals)
    proportion(replicate(design, "bootstrap", n=500, seed=1), "y", by="group")
    return time.perf_counter() - started


def boot_svy(data: pd.DataFrame, totals: Any) -> float:
    import polars as pl
    import svy as package

    table = pl.DataFrame({name: data[name].astype(str).to_list() for name in [*totals, "group"]})
    table = table.with_columns(w=pl.lit(1.0), y=pl.Series(data["y"].to_numpy()), unit=pl.int_range(len(data)))
    sample = package.Sample(table, package.Design(wgt="w", psu="unit"))
    started = time.perf_counter()
    sample = sample.weighting.create_bs_wgts(500, rstate=1)
    sample = sample.weighting.rake(controls=totals, tol=1e-8, max_iter=200)
    sample.estimation.prop("y", by="group", method="replication")
    return time.perf_counter() - started


def boot_r(data: pd.DataFrame, totals: Any) -> float:
    return _in_r(R_BOOT, data, totals)[1]


BOOTSTRAPS = {"evalkit": boot_evalkit, "svy": boot_svy, "R survey": boot_r}


def questions(n: int) -> dict[str, Any]:
    """60 questions × 6 groups with calibrated linearised variance and item nonresponse."""
    from evalkit.estimates import proportion
    from evalkit.weights import Design, calibrate

    data = people(n, "text")
    random = np.random.default_rng(4)
    for j in range(60):
        data[f"q{j}"] = np.where(random.random(n) < 0.8, random.integers(0, 2, n), np.nan)
    design = calibrate(Design(data, fpc=10 * n), totals_of(data))
    times = []
    for _ in range(REPEATS):
        started = time.perf_counter()
        for j in range(60):
            proportion(design, f"q{j}", by="group")
        times.append(time.perf_counter() - started)
    return {"seconds": float(np.median(times)), "error": None}


def raking(tool: str, n: int, kind: str) -> dict[str, Any]:
    data = people(n, kind)
    totals = totals_of(data)
    times, weights = [], None
    for _ in range(1 if tool == "R survey" and n > 1e5 else REPEATS if n <= 1e5 else 3):
        started = time.perf_counter()
        weights = RAKERS[tool](data, totals)
        seconds = time.perf_counter() - started
        if isinstance(weights, tuple):  # the tool's own time, without the conversion of the data
            weights, seconds = weights
        times.append(seconds)
    return {"seconds": float(np.median(times)), "error": margin_error(data, weights, totals)}


def bootstrap(tool: str, n: int) -> dict[str, Any]:
    data = people(n, "categorical" if tool == "evalkit" else "text")
    times = [BOOTSTRAPS[tool](data, totals_of(data)) for _ in range(1 if tool == "R survey" else 3)]
    return {"seconds": float(np.median(times)), "error": None}


def main(task: str, tool: str, rows: str, kind: str) -> None:
    n = int(rows)
    call = {
        "rake": lambda: raking(tool, n, kind),
        "boot": lambda: bootstrap(tool, n),
        "questions": lambda: questions(n),
    }
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    try:
        found = call[task]()
    except ImportError as error:
        found = {"missing": str(error)}
    except Exception as error:
        found = {"failed": f"{type(error).__name__}: {str(error).splitlines()[0][:90] if str(error) else ''}"}
    who = resource.RUSAGE_CHILDREN if tool == "R survey" else resource.RUSAGE_SELF
    peak = resource.getrusage(who).ru_maxrss
    found["megabytes"] = (peak if tool == "R survey" else peak - before) / 1024
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
