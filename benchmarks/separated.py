"""Does the profile interval hold where a coefficient is often separated, and units come in clusters or are weighted?

python -m benchmarks.separated [--draws 500] [--seed 2019] [--out FILE.md]

Eight independent clusters; the units of a cluster all go the same way, so that there are eight observations however
many units there are. "clusters": as `conditional_logit` counts them, (Σw)²/Σw² of the clusters. "units": as it did
before, (Σw)²/Σw² of the units. "exact" is Clopper and Pearson's interval of the eight clusters, which knows no weights:
what eight observations allow.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from evalkit.change import conditional_logit

CLUSTERS, EFFECTS = 8, (0.0, 1.0, 2.0)
DESIGNS = ((1, 0.0), (5, 0.0), (1, 0.5), (5, 0.5), (1, 1.0))  # units a cluster, spread of the log weights
HALF = 3.841458820694124 / 2


def panel(up: np.ndarray, weight: np.ndarray, cluster: np.ndarray) -> pd.DataFrame:
    """Two rows a unit that changed."""
    y = np.stack([~up, up], axis=1).astype(int).reshape(-1)
    frame = {"unit": np.repeat(np.arange(len(up)), 2), "wave": np.tile([0, 1], len(up)), "y": y}
    return pd.DataFrame(frame | {"w": np.repeat(weight, 2), "c": np.repeat(cluster, 2)})


def intervals(went: np.ndarray, weight: np.ndarray, cluster: np.ndarray) -> tuple[tuple[float, float], ...]:
    """The profile interval as it is, as it was, and the exact one, of clusters that `went` up."""
    fit = conditional_logit("y ~ wave", panel(went[cluster], weight, cluster), group="unit", weights="w", cluster="c")
    low, high = (float(end) for end in fit.conf_int(method="profile").loc["wave"])
    before = (low, high)
    if fit.separated:
        end = -np.log(np.expm1(HALF * (weight**2).sum() / weight.sum() ** 2))
        before = (end, np.inf) if went.all() else (-np.inf, -end)
    return (low, high), before, exact(int(went.sum()))


def exact(ups: int) -> tuple[float, float]:
    from scipy.special import betaincinv, logit

    low = logit(betaincinv(ups, CLUSTERS - ups + 1, 0.025)) if ups else -np.inf
    high = logit(betaincinv(ups + 1, CLUSTERS - ups, 0.975)) if ups < CLUSTERS else np.inf
    return float(low), float(high)


def simulate(size: int, spread: float, effect: float, draws: int, rng: np.random.Generator) -> list[str]:
    cluster = np.repeat(np.arange(CLUSTERS), size)
    weight = np.exp(spread * rng.normal(size=CLUSTERS))[cluster]
    known: dict[bytes, tuple[tuple[float, float], ...]] = {}
    held, separated = [], 0
    for _ in range(draws):
        went = rng.random(CLUSTERS) < 1 / (1 + np.exp(-effect))
        key = went.tobytes() if spread else bytes([int(went.sum())])
        if key not in known:
            known[key] = intervals(went, weight, cluster)
        held.append([low <= effect <= high for low, high in known[key]])
        separated += bool(went.all() or not went.any())
    shares = [separated / draws, *np.mean(held, axis=0)]
    effective = weight.sum() ** 2 / (np.bincount(cluster, weights=weight) ** 2).sum()
    return [f"{effective:.1f}", *(f"{100 * share:.1f}" for share in shares)]


def report(draws: int, seed: int) -> str:
    rng = np.random.default_rng(seed)
    lines = [
        f"# Separated coefficients with clusters and weights\n\n{CLUSTERS} clusters, {draws:,} draws, seed {seed}: "
        "percent that are separated, and percent of intervals that hold the log odds ratio.\n",
        "| units a cluster | spread of weights | effect | effective clusters | separated | clusters | units | exact |",
        "|" + "---|" * 8,
    ]
    for size, spread in DESIGNS:
        for effect in EFFECTS:
            row = simulate(size, spread, effect, draws, rng)
            lines.append(f"| {size} | {spread} | {effect} | " + " | ".join(row) + " |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=500)
    parser.add_argument("--seed", type=int, default=2019)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    text = report(arguments.draws, arguments.seed)
    if arguments.out:
        arguments.out.write_text(text + "\n", encoding="utf-8")
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    main()
