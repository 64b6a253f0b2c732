"""Raking, calibrated bootstraps and sixty questions, side by side with what else is installed.

python -m benchmarks.weights [--sizes 1000 100000 1000000] [--with PYTHON …] [--out FILE.md]

Peers (svy, samplics, balance, ipfn, weightipy) run where an interpreter has them: this one, or those named by --with
(balance needs an older numpy than svy); R's survey runs where Rscript is found. Each measurement is the median of
repeated calls in a process of its own, one thread; memory is the process's peak above its start with pandas loaded.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
TOOLS = ("evalkit", "weightipy", "balance", "svy", "samplics", "ipfn", "R survey")


def measure(task: str, tool: str, n: int, kind: str, pythons: list[str], limit: int) -> dict[str, Any]:
    """What one tool does, with the first interpreter that has it."""
    if tool == "R survey" and shutil.which("Rscript") is None:
        return {"missing": "Rscript"}
    one = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "POLARS_MAX_THREADS"), "1")
    environment = os.environ | one | {"PYTHONPATH": str(HERE.parent), "PYTHONWARNINGS": "ignore"}
    found: dict[str, Any] = {"missing": "no interpreter"}
    for python in pythons[:1] if tool in ("evalkit", "R survey") else pythons:
        command = [python, str(HERE / "weights_peers.py"), task, tool, str(n), kind]
        try:
            done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=limit)
        except subprocess.TimeoutExpired:
            return {"failed": f"over {limit} s"}
        lines = done.stdout.strip().splitlines()
        found = json.loads(lines[-1]) if lines and lines[-1].startswith("{") else {"failed": done.stderr[-90:]}
        if "missing" not in found:
            break
    return found


def cell(found: dict[str, Any], *, error: bool = True) -> str:
    if "missing" in found:
        return "not installed"
    if "failed" in found:
        return found["failed"].replace("|", "/")
    text = f"{found['seconds']:.3g} s, {found['megabytes']:.0f} MB"
    return f"{text}, off by {found['error']:.0e}" if error and found["error"] is not None else text


def tables(sizes: list[int], pythons: list[str], limit: int) -> str:
    lines = [
        f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} shared cores, one thread.",
        "",
    ]
    lines += ["Raking five margins (25 categories); off by: largest relative distance from a total.", ""]
    lines += [
        "| tool | columns | " + " | ".join(f"{n:,} rows" for n in sizes) + " |",
        "|---|---|" + "---|" * len(sizes),
    ]
    for tool in TOOLS:
        for kind in ("text", "categorical") if tool in ("evalkit", "weightipy") else ("text",):
            row = [cell(measure("rake", tool, n, kind, pythons, limit)) for n in sizes]
            lines.append(f"| {tool} | {kind} | " + " | ".join(row) + " |")
            print(lines[-1], flush=True)
    lines += ["", "500 calibrated bootstrap replicates of a proportion by six groups, 10,000 rows, five margins.", ""]
    lines += ["| tool | time |", "|---|---|"]
    for tool in ("evalkit", "svy", "R survey"):
        lines.append(f"| {tool} | {cell(measure('boot', tool, 10_000, '', pythons, limit), error=False)} |")
        print(lines[-1], flush=True)
    lines += ["", "60 questions × 6 groups, calibrated linearised variance, evalkit.", ""]
    grown = [261, 1000, 10_000, 100_000]
    lines += ["| " + " | ".join(f"{n:,} rows" for n in grown) + " |", "|" + "---|" * len(grown)]
    row = [cell(measure("questions", "evalkit", n, "", pythons, limit), error=False) for n in grown]
    return "\n".join([*lines, "| " + " | ".join(row) + " |"]) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 100_000, 1_000_000])
    parser.add_argument("--with", dest="pythons", nargs="*", default=[], help="further interpreters that have peers")
    parser.add_argument("--limit", type=int, default=300, help="seconds for one tool and size")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    text = tables(options.sizes, [sys.executable, *options.pythons], options.limit)
    print(text)
    if options.out is not None:
        options.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
