"""Comparisons of shares with few answers: true nulls rejected, power beside Fisher's test, intervals of one share.

python -m benchmarks.shares [--draws 5000] [--seed 1970] [--only TABLE …] [--out FILE.md]

Each cell draws yes and no independently (by hypergeometric draws where the population is finite) and asks the public
functions; a pattern of answers that comes again is worked out once. Weights go round within a group: "1, 3" means
1, 3, 1, 3 …; they do not depend on the answers. The scenarios of the last table were written down before they were
run, and nothing in the method was chosen by them.
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
from evalkit.numerics.two_shares import NUISANCE, fisher_at
from evalkit.weights import Design

SIZES = ((3, 3), (3, 10), (3, 30), (5, 20), (10, 10), (10, 30), (20, 4), (20, 20), (25, 25), (30, 30))
SIZES_UNEQUAL = ((3, 10), (5, 20), (10, 10), (20, 4), (20, 20))
SHARES = (0.5, 0.7, 0.85, 0.95, 0.98)
EQUAL, UNEQUAL, SKEWED = (1.0,), (1.0, 3.0), (0.4, 0.7, 1.0, 1.3, 2.9)
FEWEST = (0, 3, 5, 8, 10, 12, 15, 20)
TABLES = ("threshold", "nulls", "power", "alone", "three", "held")
POWER = ((0.5, 0.8), (0.5, 0.95), (0.7, 0.98))


@dataclass(frozen=True)
class Cell:
    """Groups of some sizes, each with its share of yes and, where it is finite, its population."""

    sizes: tuple[int, ...]
    shares: tuple[float, ...]
    weights: tuple[float, ...] = EQUAL
    populations: tuple[int, ...] = ()

    def kinds(self, n: int) -> dict[float, int]:
        """How many of a group of n have each weight."""
        given = [self.weights[i % len(self.weights)] for i in range(n)]
        return {weight: given.count(weight) for weight in dict.fromkeys(self.weights) if weight in given}

    def patterns(self, draws: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """Distinct patterns (k, groups × kinds of weight) of how many say yes, and how often each was drawn (k,)."""
        random = np.random.default_rng([seed, *self.sizes, *(round(1000 * s) for s in self.shares), len(self.weights)])
        columns = []
        for at, (n, share) in enumerate(zip(self.sizes, self.shares)):
            if self.populations:
                yes = round(share * self.populations[at])
                columns.append(random.hypergeometric(yes, self.populations[at] - yes, n, size=draws))
            else:
                columns += [random.binomial(k, share, size=draws) for k in self.kinds(n).values()]
        return np.unique(np.stack(columns, axis=1), axis=0, return_counts=True)

    def design(self, pattern: np.ndarray) -> Design:
        """A row an answer: g, y, and the weight or the population of the group."""
        rows, column = [], 0
        for g, n in enumerate(self.sizes):
            for weight, k in self.kinds(n).items():
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
            k = len(cell.kinds(cell.sizes[0]))
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


def three_groups(cell: Cell, draws: int, seed: int, seen: dict[bytes, tuple[float, ...]]) -> dict[str, float]:
    """How often any letter is given, the trend is rejected, and independence is, at 5 percent."""
    patterns, counts = cell.patterns(draws, seed)
    found = []
    for pattern in patterns:
        key = pattern.tobytes()
        if key not in seen:
            design = cell.design(pattern)
            given = (letters(design, "y", by="g")["exceeds"] != "").any()
            slope = trend(design, "y", by="g")["p_value"].iloc[0]
            alike = design.data["y"].nunique() < 2
            table = 1.0 if alike else independence(design, "g", "y")["p_value"].iloc[0]
            seen[key] = (given, slope < 0.05, table < 0.05, np.isnan(slope) or np.isnan(table))
        found.append(seen[key])
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


def enumerated(n1: int, n2: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(n1 + 1, n2 + 1) of every table of equal weights: p of the t test, p of Boschloo's, fewest answers of a kind.

    Of those that each group has and those that it expects, were the shares alike.
    """
    share1, share2, n = np.arange(n1 + 1)[:, None] / n1, np.arange(n2 + 1)[None, :] / n2, n1 + n2
    error = np.sqrt(n / (n - 1) * (share1 * (1 - share1) / n1 + share2 * (1 - share2) / n2))
    with np.errstate(divide="ignore", invalid="ignore"):
        t = 2 * stats.t.sf(np.abs(share1 - share2) / error, n - 2)
    common = (n1 * share1 + n2 * share2) / n
    far = fisher_at(n1, n2, share1.ravel(), share2.ravel()).ravel()
    first = stats.binom.pmf(np.arange(n1 + 1), n1, NUISANCE[:, None])
    second = stats.binom.pmf(np.arange(n2 + 1), n2, NUISANCE[:, None])
    order = np.argsort(far)
    chance = np.cumsum((first[:, :, None] * second[:, None, :]).reshape(len(NUISANCE), -1)[:, order], axis=1)
    last = np.searchsorted(far[order], far + 1e-7, side="right") - 1
    exact = chance.max(axis=0)[last].reshape(error.shape)
    has = np.minimum(n1 * np.minimum(share1, 1 - share1), n2 * np.minimum(share2, 1 - share2))
    fewest = np.minimum(min(n1, n2) * np.minimum(common, 1 - common), has)
    return np.where(error > 0, t, exact), exact, fewest


def thresholds() -> str:
    """The most that a true null is rejected, by the answers of a kind below which the exact test takes over."""
    small = [(n, m) for n in range(3, 31) for m in range(n, 31)]
    large = [(n, m) for n in range(5, 81) for m in sorted({n, n + 1, 2 * n, 80}) if n <= m > 30]
    both = [of_sizes("3 to 30", small), of_sizes("to 80", large)]
    lines = ["| fewest of a kind | groups | most rejected | at sizes | share |", "|---|---|---|---|---|"]
    text = "\n".join(lines + [line for pair in zip(*both) for line in pair])
    print(text, flush=True)
    return text + "\n"


def of_sizes(name: str, sizes: list[tuple[int, int]]) -> list[str]:
    common, worst = np.linspace(0.5, 0.98, 25)[:, None], dict.fromkeys(FEWEST, (0.0, 0, 0, 0.0))
    for n1, n2 in sizes:
        t, exact, fewest = enumerated(n1, n2)
        first = stats.binom.pmf(np.arange(n1 + 1), n1, common)
        second = stats.binom.pmf(np.arange(n2 + 1), n2, common)
        for least in FEWEST:
            p = np.where(fewest < least, exact, t)
            rate = np.einsum("pi,ij,pj->p", first, p < 0.05, second)
            at = int(rate.argmax())
            worst[least] = max(worst[least], (float(rate[at]), n1, n2, float(common[at, 0])))
    return [f"| {least} | {name} | {percent(r)} | {n} and {m} | {s:.2g} |" for least, (r, n, m, s) in worst.items()]


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


def cells() -> dict[str, list[Cell]]:
    """The cells of each table."""
    pairs = [Cell(sizes, (share, share)) for sizes in SIZES for share in SHARES]
    pairs += [Cell(sizes, (share, share), UNEQUAL) for sizes in SIZES_UNEQUAL for share in SHARES]
    pairs += [Cell((30, 30), (0.5, 0.5), UNEQUAL)]
    pairs += [Cell((8, 14), (share, share), SKEWED) for share in (0.5, 0.85, 0.98)]
    pairs += [Cell((10, 20), (share, share), EQUAL, (20, 40)) for share in SHARES]
    apart = [Cell(sizes, shares) for sizes in SIZES for shares in POWER]
    alone = [Cell((n,), (s,), w) for w in (EQUAL, UNEQUAL) for n in (3, 5, 7, 10, 20, 30) for s in SHARES]
    threes = [Cell(sizes, (s,) * 3) for sizes in ((3, 10, 5), (12, 4, 8)) for s in SHARES]
    threes += [Cell((3, 6, 5), (s,) * 3, UNEQUAL) for s in (0.5, 0.85, 0.98)]
    held = [Cell((7, 23), (share, share), (1.0, 1.0, 1.0, 5.0)) for share in (0.6, 0.9)]
    held += [Cell((12, 25), (share, share), EQUAL, (16, 60)) for share in (0.75, 0.9)]
    return {"nulls": pairs, "power": apart, "alone": alone, "three": threes, "held": held}


def report(draws: int, seed: int, only: tuple[str, ...] = TABLES) -> str:
    seen: dict[tuple[object, ...], dict[bytes, tuple[float, ...]]] = {}

    def known(cell: Cell) -> dict[bytes, tuple[float, ...]]:
        return seen.setdefault((cell.sizes, cell.weights, cell.populations), {})

    def rates(cell: Cell) -> dict[str, float]:
        return two_groups(cell, draws, seed, known(cell))

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
        return [percent(value) for value in three_groups(cell, draws, seed, known(cell)).values()]

    heads = "sizes | weights | share"
    rejects = f"{heads} | t test rejects | ours rejects | interval covers | agrees with p | no width"
    tables = {
        "nulls": ("True nulls, two groups", rejects, null),
        "power": ("Power, equal weights", f"{heads}s | ours | Fisher's | interval covers", power),
        "alone": (
            "One share: width over Clopper–Pearson's on the effective n",
            f"{heads} | mean width | widest | covers | no width",
            single,
        ),
        "three": ("True nulls, three groups", f"{heads} | letters (Holm) | trend | independence | missing", several),
        "held": ("Held out: true nulls", rejects, null),
    }
    of_table = cells()
    parts = [f"{draws} draws a cell, seed {seed}; percent. The t test is svyttest of R's survey."]
    for name in only:
        if name == "threshold":
            parts.append(f"## Where the exact test takes over, by enumeration\n\n{thresholds()}")
            continue
        title, head, rows = tables[name]
        parts.append(f"## {title}\n\n{table(head, of_table[name], rows)}")
    return "\n\n".join(parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1970)
    parser.add_argument("--only", nargs="+", choices=TABLES, default=TABLES)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    text = report(options.draws, options.seed, tuple(options.only))
    if options.out is not None:
        options.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
