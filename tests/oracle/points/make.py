"""Writes the data of this folder's R scripts: python tests/oracle/points/make.py (numpy's default_rng, fixed seeds)."""

from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).parent


def separated() -> pd.DataFrame:
    """120 units in two strata, weighted; every unit of group S says yes, the others are mixed; z a covariate."""
    random = np.random.default_rng(11)
    size = np.repeat(["L", "M", "S"], [50, 45, 25])
    z = random.normal(0, 1, 120).round(3)
    chance = 1 / (1 + np.exp(-(0.4 + 0.8 * z - 0.6 * (size == "M"))))
    y = np.where(size == "S", 1, random.random(120) < chance).astype(int)
    stratum = np.where(random.random(120) < 0.5, "a", "b")
    weight = random.uniform(1, 4, 120).round(2)
    frame = pd.DataFrame({"size": size, "z": z, "y": y, "h": stratum, "w": weight})
    return frame.assign(N=frame["h"].map({"a": 160, "b": 190}))


def paired() -> pd.DataFrame:
    """200 units asked in two waves, 100 of each group, more yes in the second."""
    random = np.random.default_rng(12)
    a = random.normal(size=200)
    rows = [
        (i, t, "A" if i < 100 else "B", 1 + i % 3, int(a[i] + 0.3 * t + random.normal() > 0))
        for i in range(200)
        for t in (0, 1)
    ]
    return pd.DataFrame(rows, columns=["id", "wave", "g", "w", "y"])


if __name__ == "__main__":
    separated().to_csv(HERE / "separated.csv", index=False)
    paired().to_csv(HERE / "paired.csv", index=False)
