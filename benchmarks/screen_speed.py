"""Sixty questions by five groups, screened: seconds, and how many tests were counted exactly.

python -m benchmarks.screen_speed [--against FOLDER] [--repeats 3] [--out FILE.md]

`--against` is a checkout of an earlier version: the two run in turn, each in a process of its own, on the same drawn
panels, and their p-values are held beside each other. The clock is the process's own (user and system), one thread.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.change_speed import table

HERE = Path(__file__).resolve().parents[1]
CASES = ((261, 0.15), (261, 0.5), (800, 0.48))
"""Units, and the share of them that changes its answer to a question."""
ONCE = """
import json, sys, time
import numpy as np, pandas as pd
from evalkit.change import screen

units, share, questions = int(sys.argv[1]), float(sys.argv[2]), 60
rng = np.random.default_rng(11)
panel = {"unit": np.repeat(np.arange(units), 2), "wave": np.tile([0, 1], units)}
panel["by"] = np.repeat(rng.integers(0, 5, units).astype(str), 2)
for number in range(questions):
    first = rng.integers(0, 2, units)
    panel[f"q{number}"] = np.stack([first, np.where(rng.random(units) < share, 1 - first, first)], axis=1).reshape(-1)
panel = pd.DataFrame(panel)
items = [f"q{number}" for number in range(questions)]
screen(panel, items[:1], families={"all": items[:1]}, by="by")  # imports are no part of it
start = time.process_time()
found = screen(panel, items, families={"all": items}, by="by")
seconds = time.process_time() - start
found = found[found["test"] != "wave"]
print(json.dumps({"seconds": seconds, "p": list(found["pvalue"]), "exact": list(found["pvalue_kind"] == "exact"),
    "changed": float((found["up"] + found["down"]).mean())}))
"""


def once(folder: Path, units: int, share: float) -> dict[str, Any]:
    """One screen by the version of the package in `folder`."""
    alone = {"PYTHONPATH": str(folder), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", ONCE, str(units), str(share)],
        env=os.environ | alone,
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def report(against: Path | None, repeats: int) -> str:
    """The table; a row a case."""
    rows = []
    for units, share in CASES:
        ours, theirs = [], []
        for _ in range(repeats):
            ours.append(once(HERE, units, share))
            theirs += [once(against, units, share)] if against else []
        seconds = statistics.median(one["seconds"] for one in ours)
        row = [f"{units}", f"{ours[0]['changed']:.0f}", f"{seconds:.2f}", f"{sum(ours[0]['exact'])} of 60"]
        if against:
            before = statistics.median(one["seconds"] for one in theirs)
            ratios = [other["seconds"] / one["seconds"] for one, other in zip(ours, theirs)]
            both = zip(ours[0]["p"], theirs[0]["p"], theirs[0]["exact"])
            apart = max((abs(p - q) for p, q, exact in both if exact), default=None)
            row += [f"{before:.2f}", f"{sum(theirs[0]['exact'])} of 60"]
            row += [
                f"{statistics.median(ratios):.0f} × ({min(ratios):.0f}–{max(ratios):.0f})",
                "–" if apart is None else f"{apart:.0e}",
            ]
        rows.append(row)
    head = ["units", "changed, on average", "seconds", "exact"]
    head += ["seconds before", "exact before", "faster, pair by pair", "exact p-values apart by"] if against else []
    return (
        "# Sixty questions by five groups, screened\n\n"
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, one thread; medians of "
        f"{repeats}, each a process of its own, in turn; the process's time, without imports.\n\n{table(head, rows)}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--against", type=Path)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    text = report(arguments.against and arguments.against.resolve(), arguments.repeats)
    if arguments.out:
        arguments.out.write_text(text + "\n", encoding="utf-8")
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    main()
