"""Comparisons of shares with few answers: true nulls rejected, power beside Fisher's test, intervals of one share.

python -m benchmarks.shares [--draws 5000] [--seed 1970] [--out FILE.md]

Each cell draws yes and no independently (by hypergeometric draws where the population is finite) and asks the public
functions; a pattern of answers that comes again is worked out once. Weights go round within a group: "1, 3" means
1, 3, 1, 3 …; they do not depend on the answers. The scenarios of the last table were written down before the rule and
its threshold were fixed, and run once after.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from evalkit.estimates import difference, independence, letters, proportion, trend
from evalkit.weights import Design

SIZES = ((3, 3), (3, 10), (3, 30), (5, 20), (10, 10), (10, 30), (20, 4), (20, 20), (25, 25), (30, 30))
SIZES_UNEQUAL = ((3, 10), (5, 20), (10, 10), (20, 4), (20, 20))
SHARES = (0.5, 0.7, 0.85, 0.95, 0.98)
EQUAL, UNEQUAL, SKEWED = (1.0,), (1.0, 3.0), (0.4, 0.7, 1.0, 1.3, 2.9)
POWER = ((0.5, 0.8), (0.5, 0.95), (0.7, 0.98))


@dataclass(frozen=True)
class Cell:
    """Groups of some sizes, each with its share of yes and, where it is finite, its population."""

    sizes: tuple[int, ...]
    shares: tuple[float, ...]
    weights: tuple[float, ...] = EQUAL
    populations: tuple[int, ...] = ()

    def patterns(self, draws: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """Distinct patterns (k, groups × kinds of weight) of how many say yes, and how often each was drawn (k,)."""
        random = np.random.default_rng([seed, *self.sizes, *(round(1000 * s) for s in self.shares), len(self.weights)])
        columns = []
        for at, (n, share) in enumerate(zip(self.sizes, self.shares)):
            kinds = [len(range(kind, n, len(self.weights))) for kind in range(len(self.weights))]
            if self.populations:
                yes = round(share * self.populations[at])
                columns.append(random.hypergeometric(yes, self.populations[at] - yes, n, size=draws))
            else:
                columns += [random.binomial(kind, share, size=draws) for kind in kinds]
        return np.unique(np.stack(columns, axis=1), axis=0, return_counts=True)

    def design(self, pattern: np.ndarray) -> Design:
        """A row an answer: g, y, and the weight or the population of the group."""
        rows, column = [], 0
        for g, n in enumerate(self.sizes):
            for kind, weight in enumerate(self.weights):
                k = len(range(kind, n, len(self.weights)))
                rows += [(g, int(i < pattern[column]), weight) for i in range(k)]
                column += 1
        data = pd.DataFrame(rows, columns=["g", "y", "w"])
        if self.populations:
            return Design(data.assign(N=data["g"].map(dict(enumerate(self.populations)))), strata="g", fpc="N")
        return Design(data, weights="w")

    def name(self) -> str:
        sizes = " and ".join(map(str, self.sizes))
        if self.populations:
            sizes += " of " + " and ".join(map(str, self.populations))
        return f"{sizes} | {', '.join(f'{w:g}' for w in self.weights)}"


def two_groups(cell: Cell, draws: int, seed: int, seen: dict[bytes, tuple[float, ...]]) -> dict[str, float]:
    """How often the t test, ours and Fisher's reject at 5 percent; coverage of the interval; its agreement with p."""
    patterns, counts = cell.patterns(draws, seed)
    found = []
    for pattern in patterns:
        key = pattern.tobytes()
        if key not in seen:
            row = difference(cell.design(pattern), "y", by="g").iloc[0]
            plain = 2 * stats.t.sf(abs(row["estimate"] / row["std_error"]), row["df"])
            k = len(pattern) // 2
            table = [[int(part.sum()), n - int(part.sum())] for part, n in zip((pattern[:k], pattern[k:]), cell.sizes)]
            seen[key] = (plain, row["p_value"], stats.fisher_exact(table).pvalue, row["ci_low"], row["ci_high"])
        found.append(seen[key])
    plain, p, fisher, low, high = np.array(found).T
    true, part = cell.shares[1] - cell.shares[0], counts / counts.sum()
    return {
        "t": float(part @ (plain < 0.05)),
        "ours": float(part @ (p < 0.05)),
        "fisher": float(part @ (fisher < 0.05)),
        "covers": float(part @ ((low <= true + 1e-9) & (true - 1e-9 <= high))),
        "agrees": float(part @ ((p < 0.05) == ((low > 0) | (high < 0)))),
        "no width": float(part @ (low == high)),
    }


def three_groups(cell: Cell, draws: int, seed: int) -> dict[str, float]:
    """How often any letter is given, the trend is rejected, and independence is, at 5 percent."""
    patterns, counts = cell.patterns(draws, seed)
    found = []
    for pattern in patterns:
        design = cell.design(pattern)
        given = (letters(design, "y", by="g")["exceeds"] != "").any()
        slope = trend(design, "y", by="g")["p_value"].iloc[0]
        alike = design.data["y"].nunique() < 2
        table = 1.0 if alike else independence(design, "g", "y")["p_value"].iloc[0]
        found.append((given, slope < 0.05, table < 0.05, np.isnan(slope) or np.isnan(table)))
    rates = counts / counts.sum() @ np.array(found, dtype=float)
    return dict(zip(("letters", "trend", "independence", "missing"), map(float, rates)))


def one_share(cell: Cell, draws: int, seed: int) -> dict[str, float]:
    """Width over Clopper–Pearson's on the effective n, in the mean and at most; coverage; intervals without width."""
    patterns, counts = cell.patterns(draws, seed)
    found = []
    for pattern in patterns:
        row = proportion(cell.design(pattern), "y").iloc[0]
        n, share = row["n_effective"], row["estimate"]
        low = stats.beta.ppf(0.025, n * share, n * (1 - share) + 1) if share > 0 else 0.0
        high = stats.beta.ppf(0.975, n * share + 1, n * (1 - share)) if share < 1 else 1.0
        found.append((row["ci_high"] - row["ci_low"], high - low, row["ci_low"] <= cell.shares[0] <= row["ci_high"]))
    width, exact, covers = np.array(found, dtype=float).T
    part = counts / counts.sum()
    return {
        "ratio": float(part @ width / (part @ exact)),
        "most": float((width / exact).max()),
        "covers": float(part @ covers),
        "no width": float(part @ (width == 0)),
    }


def percent(value: float) -> str:
    return f"{100 * value:.1f}"


def table(heads: str, cells: list[Cell], rows: Callable[[Cell], list[str]]) -> str:
    names = [head.strip() for head in heads.split("|")]
    lines = ["| " + " | ".join(names) + " |", "|" + "---|" * len(names)]
    for cell in cells:
        lines.append(f"| {cell.name()} | {', '.join(f'{s:g}' for s in dict.fromkeys(cell.shares))} | ")
        lines[-1] += " | ".join(rows(cell)) + " |"
        print(lines[-1], flush=True)
    return "\n".join(lines) + "\n"


def report(draws: int, seed: int) -> str:
    seen: dict[tuple[object, ...], dict[bytes, tuple[float, ...]]] = {}

    def rates(cell: Cell) -> dict[str, float]:
        return two_groups(cell, draws, seed, seen.setdefault((cell.sizes, cell.weights, cell.populations), {}))

    def null(cell: Cell) -> list[str]:
        found = rates(cell)
        return [percent(found[name]) for name in ("t", "ours", "covers", "agrees", "no width")]

    def power(cell: Cell) -> list[str]:
        found = rates(cell)
        return [percent(found[name]) for name in ("ours", "fisher", "covers")]

    def single(cell: Cell) -> list[str]:
        found = one_share(cell, draws, seed)
        return [f"{found['ratio']:.2f}", f"{found['most']:.2f}", percent(found["covers"]), percent(found["no width"])]

    def several(cell: Cell) -> list[str]:
        return [percent(value) for value in three_groups(cell, draws, seed).values()]

    pairs = [Cell(sizes, (share, share)) for sizes in SIZES for share in SHARES]
    pairs += [Cell(sizes, (share, share), UNEQUAL) for sizes in SIZES_UNEQUAL for share in SHARES]
    pairs += [Cell((30, 30), (0.5, 0.5), UNEQUAL)]
    pairs += [Cell((8, 14), (share, share), SKEWED) for share in SHARES]
    pairs += [Cell((10, 20), (share, share), EQUAL, (20, 40)) for share in SHARES]
    apart = [Cell(sizes, shares) for sizes in SIZES for shares in POWER]
    alone = [Cell((n,), (s,), w) for w in (EQUAL, UNEQUAL) for n in (3, 5, 7, 10, 20, 30) for s in SHARES]
    threes = [Cell(sizes, (s,) * 3) for sizes in ((3, 10, 5), (12, 4, 8), (20, 20, 20)) for s in SHARES]
    threes += [Cell((3, 6, 5), (s,) * 3, UNEQUAL) for s in (0.5, 0.85, 0.98)]
    held = [Cell((7, 23), (share, share), (1.0, 1.0, 1.0, 5.0)) for share in (0.6, 0.9)]
    held += [Cell((12, 25), (share, share), EQUAL, (16, 60)) for share in (0.75, 0.9)]
    heads = "sizes | weights | share"
    null_heads = f"{heads} | t test rejects | ours rejects | interval covers | agrees with p | no width"
    parts = [
        f"{draws} draws a cell, seed {seed}; percent. The t test is svyttest of R's survey.",
        "## True nulls, two groups\n\n" + table(null_heads, pairs, null),
        "## Power, equal weights\n\n" + table(f"{heads}s | ours | Fisher's | interval covers", apart, power),
        "## One share: width over Clopper–Pearson's on the effective n\n\n"
        + table(f"{heads} | mean width | widest | covers | no width", alone, single),
        "## True nulls, three groups\n\n"
        + table(f"{heads} | letters (Holm) | trend | independence | missing", threes, several),
        "## Held out\n\n" + table(null_heads, held, null),
    ]
    return "\n\n".join(parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1970)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    text = report(options.draws, options.seed)
    if options.out is not None:
        options.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
