"""How often 95 percent intervals hold the true log odds ratio: Wald, profile, Firth, exact and mid-p.

python -m benchmarks.change_coverage [--draws 2000] [--seed 2019] [--out FILE.md]

Units that changed between two waves go up with log odds 0, 0.8 or 1.6 (as many as 10, 25 or 66 of them); the second
table has two groups and looks at the difference between them, given the change in the first. Also: how often the
estimate is infinite, how wide the intervals are (median), and how often they lie wholly above or below the truth.
An interval with an infinite end covers what lies within; Wald has none where the estimate is infinite, and counts as
missing.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

from evalkit.change import conditional_logit, exact_conditional
from evalkit.errors import EvalkitError

UNITS, EFFECTS = (10, 25, 66), (0.0, 0.8, 1.6)
METHODS = ("Wald", "profile", "Firth", "exact", "mid-p")


def panel(up: np.ndarray, group: np.ndarray) -> pd.DataFrame:
    """Two rows a unit that changed: up (True) or down, with its group."""
    n = len(up)
    y = np.stack([~up, up], axis=1).astype(int)
    return pd.DataFrame(
        {
            "unit": np.repeat(np.arange(n), 2),
            "wave": np.tile([0, 1], n),
            "y": y.reshape(-1),
            "x": (np.stack([np.zeros(n), group], axis=1)).reshape(-1),
        }
    )


def intervals(data: pd.DataFrame, formula: str, name: str) -> dict[str, tuple[float, float]]:
    """Each method's interval for the coefficient `name`."""
    plain = conditional_logit(formula, data, group="unit")
    firth = conditional_logit(formula, data, group="unit", penalty="firth")
    exact = exact_conditional(formula, data, group="unit", terms=name)
    return {
        "Wald": tuple(plain.conf_int().loc[name]),
        "profile": tuple(plain.conf_int(method="profile").loc[name]),
        "Firth": tuple(firth.conf_int(method="profile").loc[name]),
        "exact": exact.conf_int,
        "mid-p": exact.conf_int_mid_p,
    }


def simulate(units: int, effect: float, draws: int, rng: np.random.Generator, *, groups: bool) -> dict[str, list[str]]:
    """Coverage, misses on either side and median width, a row a method.

    The intervals depend on the counts of up and down alone, so each table of counts is worked out once.
    """
    group = (np.arange(units) % 2).astype(float) if groups else np.zeros(units)
    formula, name = ("y ~ wave + x", "x") if groups else ("y ~ wave", "wave")
    chance = 1 / (1 + np.exp(-(0.4 + effect * group if groups else np.full(units, effect))))
    known: dict[tuple[int, int], dict[str, tuple[float, float]]] = {}
    found: dict[str, list[tuple[float, float]]] = {method: [] for method in METHODS}
    for _ in range(draws):
        up = rng.random(units) < chance
        counts = int(up[group == 0].sum()), int(up[group == 1].sum())
        if counts not in known:
            ordered = np.concatenate([_first(group == g, n) for g, n in zip((0, 1), counts)]) if groups else up
            known[counts] = intervals(panel(ordered, np.sort(group)), formula, name)
        for method, limits in known[counts].items():
            found[method].append(limits)
    return {method: _row(np.array(limits), effect) for method, limits in found.items()}


def _first(members: np.ndarray, up: int) -> np.ndarray:
    return np.arange(members.sum()) < up


def _row(limits: np.ndarray, effect: float) -> list[str]:
    low, high = limits.T
    missing = np.isnan(low) | np.isnan(high)
    covered = (low <= effect) & (effect <= high)
    width = np.where(missing, np.inf, high - low)
    shares = (covered.mean(), (low > effect).mean(), (high < effect).mean(), missing.mean())
    return [*(f"{100 * share:.1f}" for share in shares), f"{np.median(width):.2f}"]


def report(draws: int, seed: int) -> str:
    rng = np.random.default_rng(seed)
    parts = [f"# Coverage of 95 percent intervals\n\n{draws:,} draws a row, seed {seed}; shares in percent."]
    header = "| units | effect | method | covers | wholly above | wholly below | no interval | median width |"
    for groups, title in ((False, "One wave effect"), (True, "Difference between two groups")):
        lines = [f"## {title}\n", header, "|" + "---|" * 8]
        for units in UNITS:
            for effect in EFFECTS:
                for method, row in simulate(units, effect, draws, rng, groups=groups).items():
                    lines.append(f"| {units} | {effect} | {method} | " + " | ".join(row) + " |")
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=2019)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            text = report(arguments.draws, arguments.seed)
        except EvalkitError as error:
            sys.exit(str(error))
    if arguments.out:
        arguments.out.write_text(text + "\n", encoding="utf-8")
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    main()
