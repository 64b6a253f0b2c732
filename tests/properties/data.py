"""Small panels and answers for the properties: what a strategy draws, as a frame."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import Phase, settings
from hypothesis import strategies as st

LEAN = settings(max_examples=5, derandomize=True, deadline=None, database=None, phases=[Phase.generate])
FEW = settings(LEAN, max_examples=2)
SCALES = (1e-13, 1e-6, 1e3, 1e12)
SEEDS = st.integers(0, 10_000)


@st.composite
def panels(draw, units=16):
    """Two waves; x and z vary within units, some x do not; both answers occur going up and going down."""
    random = np.random.default_rng(draw(SEEDS))
    rows = []
    for i in range(units):
        up = i % 3 > 0 if i < 12 else bool(random.random() < 0.6)
        still = random.random() < 0.3 and i >= 12
        x = np.round(random.normal(size=2), 2)
        x = x[[0, 0]] if random.random() < 0.2 else x
        for wave in (0, 1):
            y = int(random.random() < 0.5) if still else int((wave == 1) == up)
            z = round(float(random.normal()) + 0.3 * wave, 2)
            rows.append({"id": i, "wave": wave, "y": y, "x": float(x[wave]), "z": z, "w": 1.0 + i % 4})
    return pd.DataFrame(rows)


@st.composite
def separated(draw):
    """x is larger with the yes or does not change; wave goes both ways among those where it does not."""
    data = draw(panels())
    random = np.random.default_rng(draw(SEEDS))
    step = pd.Series(random.uniform(0.2, 1, data["id"].nunique()).round(2)).where(lambda s: s.index >= 6, 0.0)
    return data.assign(x=0.5 + data["y"] * data["id"].map(step))


def pairs(counts, **more):
    """Two rows a unit from {(before, after): how many}; `more` has a value a unit."""
    answers = [pair for pair, times in counts.items() for _ in range(times)]
    rows = [
        {"id": i, "wave": wave, "y": y} | {name: values[i] for name, values in more.items()}
        for i, pair in enumerate(answers)
        for wave, y in enumerate(pair)
    ]
    return pd.DataFrame(rows)


def shuffled(data, seed):
    return data.sample(frac=1, random_state=seed).reset_index(drop=True)


@st.composite
def answers(draw, n=30):
    """One wave: a 0/1 outcome, a number, three groups, unequal weights, clusters."""
    random = np.random.default_rng(draw(SEEDS))
    group = np.repeat(["a", "b", "c"], n // 3)
    yes = (random.random(n) < np.repeat([0.3, 0.5, 0.7], n // 3)).astype(int)
    yes[[0, 1, n // 3, n // 3 + 1, -1, -2]] = [0, 1] * 3
    x = random.normal(10, 2, n).round(2)
    return pd.DataFrame(
        {"group": group, "y": yes, "x": x, "w": random.uniform(1, 4, n).round(2), "c": np.arange(n) // 2, "N": 3 * n}
    )
