"""Coverage of nominal 95 percent intervals: samples of municipalities drawn from the frame of 2017.

python -m benchmarks.coverage [--draws 2000] [--seed 2017] [--out FILE.md]

Each unit answers by its own chance, which grows with the logarithm of its population and with centrality (about 61
percent of 426 answer). Shares and means of frame variables are estimated from who answered, seven ways, and compared
with the frame's own. A second table is of answers whose chance differs between groups of size alone, from 44 to 65
percent as to a question of Kompetanseløft 2020: estimates of all, of the smallest and of the largest, with and without
response groups. None of the outcomes is itself a margin; size groups and centrality are.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from evalkit.errors import EvalkitError
from evalkit.estimates import mean, proportion
from evalkit.weights import Design, calibrate, margins, poststratify

REGISTER = Path(__file__).resolve().parents[1] / "data_raw" / "register" / "municipalities.csv"
SIZES = [0, 2000, 4000, 7000, 15000, np.inf]
SHARES = {
    "over5000": "population over 5,000",
    "north": "in the three northern counties",
    "crowded": "largest in county",
}
GROUPS = ["<2000", "-3999", "-6999", "-14999", "15000+"]
BY_GROUP = dict(zip(GROUPS, (0.44, 0.5, 0.55, 0.6, 0.65)))
WITHIN = {"even": "an even number of inhabitants", "north": SHARES["north"], "crowded": SHARES["crowded"]}
MEANS = {"population": "mean population", "log": "mean log population"}


def frame() -> pd.DataFrame:
    """The 426 municipalities of 2017 with margins, outcomes and the chance of answering."""
    units = pd.read_csv(REGISTER, dtype={"code": str, "county_code": str})
    units = units[units["year"] == 2017].reset_index(drop=True)
    log = np.log(units["population"])
    size = pd.cut(units["population"], SIZES, right=False, labels=GROUPS)
    central = units["centrality_2008"].astype(int)
    chance = 1 / (1 + np.exp(-(0.35 + 0.35 * (log - log.mean()) + 0.15 * (central - central.mean()))))
    largest = units.groupby("county_code")["population"].transform(lambda p: p >= p.nlargest(5).min())
    return units.assign(
        size=size.astype(str),
        central=central,
        log=log,
        chance=chance,
        over5000=(units["population"] > 5000).astype(int),
        north=units["county_code"].isin(["18", "19", "20"]).astype(int),
        crowded=largest.astype(int),
        even=1 - units["population"] % 2,
    )


def ways(units: pd.DataFrame) -> dict[str, Callable[[pd.DataFrame], Design]]:
    """The weightings: from answers to a design."""
    n = len(units)
    by_central = margins(units, ["central"], unit="code")
    raked = margins(units, ["central", "size"], unit="code")
    both = by_central | {"log": float(units["log"].sum())}
    cells = units["central"].map(by_central["central"])
    groups = units["size"].map(raked["size"])
    return {
        "unweighted": lambda a: Design(a, fpc=n),
        "post-stratified by centrality": lambda a: poststratify(Design(a, fpc=n), "central", by_central),
        "strata of centrality": lambda a: Design(a.assign(cell=cells[a.index]), strata="central", fpc="cell"),
        "raked to centrality and size": lambda a: calibrate(Design(a, fpc=n), raked),
        "response groups of size, raked to centrality and size": lambda a: calibrate(
            Design(a.assign(cell=groups[a.index]), strata="size", fpc="cell"), raked
        ),
        "strata of centrality, raked to size": lambda a: calibrate(
            Design(a.assign(cell=cells[a.index]), strata="central", fpc="cell"), raked
        ),
        "calibrated to centrality and log population": lambda a: calibrate(Design(a, fpc=n), both),
    }


def draw(units: pd.DataFrame, seed: int, index: int) -> list[tuple[str, str, float, float, float, float]]:
    """One sample: way, outcome, estimate, standard error and interval."""
    random = np.random.default_rng([seed, index])
    answers = units[random.random(len(units)) < units["chance"]]
    rows = []
    for way, make in ways(units).items():
        try:
            design = make(answers)
        except EvalkitError:
            rows += [(way, outcome, np.nan, np.nan, np.nan, np.nan) for outcome in [*SHARES, *MEANS]]
            continue
        found = [(name, row) for name, row in zip(SHARES, proportion(design, list(SHARES)).itertuples())]
        found += [(name, next(mean(design, name).itertuples())) for name in MEANS]
        rows += [(way, name, row.estimate, row.std_error, row.ci_low, row.ci_high) for name, row in found]
    return rows


def by_group(draws: int, seed: int, units: pd.DataFrame) -> str:
    """The second table: response by group of size, shares of all and within the smallest and the largest."""
    raked = {way: make for way, make in ways(units).items() if way.endswith("raked to centrality and size")}
    chance, rows = units["size"].map(BY_GROUP), []
    for index in range(draws):
        answers = units[np.random.default_rng([seed, 1, index]).random(len(units)) < chance]
        for way, make in raked.items():
            design = make(answers)
            parts = [proportion(design, list(WITHIN)).assign(outcome=list(WITHIN), size="all")]
            parts += [proportion(design, name, by="size").assign(outcome=name) for name in WITHIN]
            rows.append(pd.concat(parts).assign(way=way))
    found = pd.concat(rows)
    lines = [
        "| outcome | among | weighting | truth | coverage | standard error / true error |",
        "|---|---|---|---|---|---|",
    ]
    for outcome, label in WITHIN.items():
        for size in ("all", GROUPS[0], GROUPS[-1]):
            true = float(units.loc[(units["size"] == size) | (size == "all"), outcome].mean())
            for way in raked if 0 < true < 1 else ():
                part = found[(found["way"] == way) & (found["outcome"] == outcome) & (found["size"] == size)]
                inside = 100 * float(((part["ci_low"] <= true) & (true <= part["ci_high"])).mean())
                ratio = float(part["std_error"].mean() / part["estimate"].std())
                lines.append(f"| {label} | {size} | {way} | {true:.4g} | {inside:.1f} % | {ratio:.2f} |")
    rates = ", ".join(f"{group}: {rate:.0%}" for group, rate in BY_GROUP.items())
    return "\n".join([f"Response by group of size ({rates}), {draws} samples.", "", *lines]) + "\n"


def simulate(draws: int, seed: int, units: pd.DataFrame) -> pd.DataFrame:
    rows = [row for index in range(draws) for row in draw(units, seed, index)]
    names = ["way", "outcome", "estimate", "std_error", "ci_low", "ci_high"]
    return pd.DataFrame(rows, columns=names)


def table(found: pd.DataFrame, units: pd.DataFrame) -> str:
    truth = {name: float(units[name].mean()) for name in [*SHARES, *MEANS]}
    rate = float(units["chance"].mean())
    lines = [
        f"{len(found) // found[['way', 'outcome']].drop_duplicates().shape[0]} samples, {rate:.0%} expected to answer."
    ]
    lines += [
        "",
        "| outcome | weighting | truth | bias in % of its error | coverage | standard error / true error |",
        "|---|---|---|---|---|---|",
    ]
    for outcome, label in (SHARES | MEANS).items():
        for way in ways(units):
            part = found[(found["way"] == way) & (found["outcome"] == outcome)]
            made = part.dropna(subset=["estimate"])
            error, true = float(made["estimate"].std()), truth[outcome]
            if error < 1e-9 * abs(true):
                lines.append(f"| {label} | {way} | {true:.4g} | fixed by its total | | |")
                continue
            bias = 100 * float(made["estimate"].mean() - true) / error
            inside = float(((made["ci_low"] <= true) & (true <= made["ci_high"])).mean())
            ratio = float(made["std_error"].mean()) / error
            failed = f" ({len(part) - len(made)} not weighted)" if len(part) > len(made) else ""
            lines.append(f"| {label} | {way}{failed} | {true:.4g} | {bias:.0f} | {100 * inside:.1f} % | {ratio:.2f} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=2017)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    units = frame()
    text = table(simulate(options.draws, options.seed, units), units)
    text += "\n" + by_group(options.draws, options.seed, units)
    print(text)
    if options.out is not None:
        options.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
