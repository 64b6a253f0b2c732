"""R's values and the data they are of."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

ORACLE = Path(__file__).resolve().parents[1] / "oracle" / "clogit"


@pytest.fixture(scope="session")
def r_values():
    return json.loads((ORACLE / "clogit.json").read_text(encoding="utf-8"))


@pytest.fixture
def infert():
    return pd.read_csv(ORACLE / "infert.csv")


@pytest.fixture
def twowave():
    return pd.read_csv(ORACLE / "twowave.csv")


@pytest.fixture
def panel():
    return pd.read_csv(ORACLE / "panel.csv")


@pytest.fixture
def robek():
    wide = pd.read_csv(ORACLE / "robek.csv", dtype={"code": str})
    long = wide.melt(["code", "centrality"], var_name="wave", value_name="y")
    return long.assign(wave=long["wave"].str.removeprefix("in_").astype(int))


@pytest.fixture
def make():
    """A two-wave panel from the number that went up, down, and stayed."""

    def build(up=0, down=0, never=0, always=0):
        answers = [(0, 1)] * up + [(1, 0)] * down + [(0, 0)] * never + [(1, 1)] * always
        rows = [(f"u{i}", wave, y) for i, pair in enumerate(answers) for wave, y in zip((2018, 2019), pair)]
        return pd.DataFrame(rows, columns=["unit", "wave", "y"])

    return build
