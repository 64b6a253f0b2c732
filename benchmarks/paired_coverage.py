"""How often 95 percent intervals hold the true change in points of weighted units, and how often no change is rejected.

python -m benchmarks.paired_coverage [--draws 2000] [--seed 2021] [--out FILE.md]

Units go up and down with the chances given, half of the others say yes twice (or all but a twentieth of them); weights
are equal, uniform between 1 and 3, or lognormal (σ 0.7, Kish's design effect about 1.6), and know nothing of the
answers. "t" is Student's t on the weighted mean difference whatever the answers; "evalkit" is what `paired_change`
does: t, and Newcombe's limits of effective counts where fewer than five effective units lie outside the commonest of
up, down and unchanged. Rejected: of the draws where the true change is nil, at 5 percent; their misses are the misses
of a test. Width is the median. Where half of a population is sampled, truth is the change of that population.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

from evalkit.numerics.paired import design_based, outside

SIZES = (5, 8, 15, 30, 66, 150)
CHANCES = ((0.01, 0.01), (0.05, 0.05), (0.25, 0.25), (0.03, 0.01), (0.075, 0.025), (0.1, 0.0), (0.3, 0.1), (0.85, 0.05))
WEIGHTS = ("equal", "uniform", "lognormal")


def draw_weights(kind: str, n: int, rng: np.random.Generator) -> np.ndarray:
    if kind == "equal":
        return np.ones(n)
    return rng.uniform(1, 3, n) if kind == "uniform" else rng.lognormal(0, 0.7, n)


def answers(n: int, up: float, down: float, always: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    rest = 1 - up - down
    kind = rng.choice(4, n, p=[up, down, rest * always, rest * (1 - always)])
    return np.isin(kind, (1, 2)).astype(float), np.isin(kind, (0, 2)).astype(float)


def t_interval(change: float, error: float, n: int) -> tuple[float, float]:
    from scipy.special import stdtrit

    half = error * stdtrit(n - 1, 0.975)
    return change - half, change + half


def cell(n: int, up: float, down: float, kind: str, draws: int, rng: np.random.Generator, fraction: float) -> list[str]:
    """Coverage and median width of both, and how often the rule of few units speaks and no change is rejected."""
    held, width, few, rejected = {"t": 0, "evalkit": 0}, {"t": [], "evalkit": []}, 0, 0
    for draw in range(draws):
        size = round(n / fraction) if fraction else n
        before, after = answers(size, up, down, (0.5, 0.95)[draw % 2], rng)
        truth = float((after - before).mean()) if fraction else up - down
        before, after = before[:n], after[:n]
        weight = draw_weights(kind, n, rng)
        share = weight / weight.sum()
        change = float(share @ (after - before))
        score = share * (after - before - change)
        error = float(np.sqrt((1 - fraction) * (score**2).sum() * n / (n - 1)))
        found = design_based(before, after, weight, np.full(n, fraction), error, n - 1)
        few += outside(before, after, weight) < 5
        rejected += found.pvalue < 0.05
        for name, (low, high) in {
            "t": t_interval(change, error, n),
            "evalkit": (found.ci_low, found.ci_high),
        }.items():
            held[name] += low - 1e-12 <= truth <= high + 1e-12
            width[name].append(high - low)
    percent = [f"{100 * value / draws:.1f}" for value in (*held.values(), few)]
    null = f"{100 * rejected / draws:.1f}" if up == down and not fraction else ""
    return [*percent[:2], *(f"{np.median(width[name]):.3f}" for name in held), percent[2], null]


def report(draws: int, seed: int) -> str:
    rng = np.random.default_rng(seed)
    parts = [f"# Coverage of the weighted change in points\n\n{draws:,} draws a row, seed {seed}; shares in percent."]
    header = "| units | up | down | weights | t covers | evalkit covers | t width | evalkit width | few | rejected |"
    for fraction, title in ((0.0, "A population without end"), (0.5, "Half of the population answered")):
        lines = [f"## {title}\n", header, "|" + "---|" * 10]
        for n in SIZES:
            for up, down in CHANCES:
                for kind in WEIGHTS if not fraction else ("equal",):
                    row = cell(n, up, down, kind, draws, rng, fraction)
                    lines.append(f"| {n} | {up} | {down} | {kind} | " + " | ".join(row) + " |")
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=2021)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    text = report(arguments.draws, arguments.seed)
    if arguments.out:
        arguments.out.write_text(text + "\n", encoding="utf-8")
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    main()
