"""Conditional logit side by side with statsmodels, xlogit and R's survival, and how its cost grows.

python -m benchmarks.change_speed [--repeats 3] [--peers / --no-peers] [--out FILE.md]

Every tool is given the same drawn data. evalkit's time is told apart: design (formula, units, patterns), fit (Newton
and the proof of a finite maximum), separation (the linear programs, on data where one covariate separates) and
inference (Wald intervals and p-values; a profile interval a coefficient). Peers run where they are installed; R where
Rscript is found. Medians of repeats, one thread.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

CASES = ((10_000, 2, 4), (100_000, 2, 4), (2_000, 8, 4), (2_000, 20, 4))
GROWTH = ((1_000, 2, 4), (10_000, 2, 4), (100_000, 2, 4), (1_000, 4, 4), (1_000, 8, 4), (1_000, 16, 4), (1_000, 32, 4))
GROWTH += ((1_000, 8, 1), (1_000, 8, 2), (1_000, 8, 8), (1_000, 8, 16))
R_SCRIPT = """suppressMessages(library(survival)); a <- commandArgs(TRUE); d <- read.csv(a[1])
f <- as.formula(paste("y ~", paste(setdiff(names(d), c("y", "unit")), collapse = " + "), "+ strata(unit)"))
for (i in 1:as.integer(a[2])) cat(system.time(m <- clogit(f, d, method = "exact"))[3], "")
cat(coef(m)[1])
"""


def draw(units: int, waves: int, columns: int, *, kind: str = "continuous", seed: int = 1) -> pd.DataFrame:
    """A panel whose answers follow a logit with unit effects; kind "separated" has one covariate that separates."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(units, waves, columns))
    if kind == "categorical":
        x = rng.integers(0, 2, size=x.shape).astype(float)
    chance = 1 / (1 + np.exp(-(0.4 * x.sum(axis=2) + rng.normal(size=(units, 1)))))
    y = rng.random((units, waves)) < chance
    if kind == "separated":
        x[:, :, 0] = y * (rng.random((units, 1)) < 0.1)
    data = pd.DataFrame(x.reshape(-1, columns), columns=[f"x{i}" for i in range(columns)])
    return data.assign(y=y.reshape(-1).astype(int), unit=np.repeat(np.arange(units), waves))


def formula(data: pd.DataFrame) -> str:
    return "y ~ " + " + ".join(c for c in data.columns if c.startswith("x"))


def timed(call: Callable[[], object], repeats: int) -> float:
    """Median seconds of `repeats` calls."""
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def ours(data: pd.DataFrame, repeats: int) -> dict[str, float]:
    """Seconds of each part, and of the call as a whole."""
    from evalkit.change import conditional_logit
    from evalkit.change.sample import prepare
    from evalkit.numerics.fitting import fit

    model = formula(data)
    sample = prepare(model, data, group="unit")
    result = conditional_logit(model, data, group="unit")
    return {
        "design": timed(lambda: prepare(model, data, group="unit"), repeats),
        "fit": timed(lambda: fit(sample.patterns), repeats),
        "wald": timed(lambda: (result.conf_int(), result.pvalues), repeats),
        "profile": timed(lambda: result.conf_int(method="profile"), 1) / len(result.params),
        "whole": timed(lambda: conditional_logit(model, data, group="unit"), repeats),
        "patterns": sample.patterns.n_patterns,
        "first": float(result.params.iloc[-1]),
    }


def with_statsmodels(data: pd.DataFrame, repeats: int) -> float | None:
    try:
        from statsmodels.discrete.conditional_models import ConditionalLogit
    except ImportError:
        return None
    x = [c for c in data.columns if c.startswith("x")]
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return timed(lambda: ConditionalLogit(data["y"], data[x], groups=data["unit"]).fit(disp=0), min(repeats, 1))


def with_xlogit(data: pd.DataFrame, repeats: int) -> float | None:
    """Its two-wave form: the alternatives are the waves, the choice the wave with the yes."""
    try:
        from xlogit import MultinomialLogit
    except ImportError:
        return None
    changed = data.groupby("unit")["y"].transform("sum") == 1
    pairs, x = data[changed], [c for c in data.columns if c.startswith("x")]
    turn = np.tile([0, 1], len(pairs) // 2)

    def fit() -> None:
        MultinomialLogit().fit(
            X=pairs[x], y=pairs["y"], varnames=x, ids=pairs["unit"], alts=turn, avail=None, verbose=0
        )

    return timed(fit, repeats)


def with_r(data: pd.DataFrame, repeats: int) -> float | None:
    if shutil.which("Rscript") is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        path, script = Path(folder) / "data.csv", Path(folder) / "run.R"
        data.to_csv(path, index=False)
        script.write_text(R_SCRIPT, encoding="utf-8")
        done = subprocess.run(
            ["Rscript", str(script), str(path), str(repeats)], capture_output=True, text=True, check=False
        )
    return statistics.median(map(float, done.stdout.split()[:-1])) if done.returncode == 0 else None


def peak_memory() -> float:
    """The process's peak so far, in megabytes."""
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def milliseconds(seconds: float | None) -> str:
    return "–" if seconds is None else f"{1000 * seconds:,.1f}"


def table(header: list[str], rows: list[list[str]]) -> str:
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)])


def report(repeats: int, peers: bool) -> str:
    """All tables as Markdown; evalkit runs first, so that the memory is its own."""
    drawn = {case: draw(*case) for case in CASES}
    own = {case: ours(drawn[case], repeats) for case in CASES}
    growth = [[f"{u:,}", str(t), str(p), *_parts(ours(draw(u, t, p), repeats))] for u, t, p in GROWTH]
    kinds = []
    for kind in ("categorical", "separated"):
        for case in CASES:
            part = ours(draw(*case, kind=kind), repeats)
            kinds.append([kind, f"{case[0]:,} × {case[1]}", f"{part['patterns']:,.0f}", *_parts(part)])
    memory = peak_memory()
    rows = []
    for case in CASES:
        others = [with_r, with_statsmodels, with_xlogit] if peers else []
        seconds = [f(drawn[case], repeats) if f is not with_xlogit or case[1] == 2 else None for f in others]
        whole = own[case]["whole"]
        ratios = [f"{milliseconds(s)} ({s / whole:,.1f} ×)" if s else "–" for s in seconds]
        rows.append([f"{case[0]:,} × {case[1]} × {case[2]}", *_parts(own[case]), *(ratios or ["–"] * 3)])
    parts = ["design", "fit", "Wald", "a profile interval", "whole call"]
    return "\n\n".join(
        [
            f"# Conditional logit: milliseconds\n\n{platform.machine()}, {os.cpu_count()} cores, Python "
            f"{platform.python_version()}, one thread; medians of {repeats}. evalkit's peak memory {memory:,.0f} MB.",
            table(["units × waves × covariates", *parts, "R survival", "statsmodels", "xlogit"], rows),
            "In brackets: times evalkit's whole call, which reads the formula, checks and counts; those in Python are "
            "given arrays, so that theirs is nearer to `fit`.",
            "## How it grows",
            table(["units", "waves", "covariates", *parts], growth),
            "## Few patterns, and separation",
            table(["covariates", "units × waves", "patterns", *parts], kinds),
        ]
    )


def _parts(part: dict[str, float]) -> list[str]:
    return [milliseconds(part[name]) for name in ("design", "fit", "wald", "profile", "whole")]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--peers", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    text = report(arguments.repeats, arguments.peers)
    if arguments.out:
        arguments.out.write_text(text + "\n", encoding="utf-8")
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    main()
