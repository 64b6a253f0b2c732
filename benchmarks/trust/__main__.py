"""Thirty inputs at the edges, side by side in other tools.

python -m benchmarks.trust [--out FILE.md] [--peers FOLDER] [--beside CHECKOUT]

Peers are installed at pinned versions in environments of their own, in a temporary folder or in the one named by
--peers, where they stay. R runs where Rscript is found, with the packages survey, survival and MASS. --beside adds a
column for another checkout of this repository, such as an earlier commit. A few minutes, most of them for installing.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.trust.cases import CASES
from benchmarks.trust.report import page
from benchmarks.trust.survey_cases import margins

ROOT = Path(__file__).resolve().parents[2]
SHARED = ("numpy==2.4.6", "scipy==1.17.1")
PINS = {
    "statsmodels": ("statsmodels==0.15.0", "pandas==3.1.1", *SHARED),
    "svy": ("svy==0.35.0", "polars==2.1.0", "pandas==3.1.1", *SHARED),
    "samplics": ("samplics==0.6.1", "polars==1.44.2", "pandas==2.3.3", *SHARED),
    "pyfixest": ("pyfixest==0.60.0", "pandas==3.1.1", *SHARED),
}
NEEDED_IN_R = ("survey", "survival", "MASS")
Calls = list[dict[str, Any]]


def installed(tool: str, folder: Path) -> Path | None:
    """The interpreter of the tool's environment, made where there is none."""
    place = folder / tool
    python = place / ("Scripts" if os.name == "nt" else "bin") / "python"
    if not (place / "ready").exists():
        print(f"installing {', '.join(PINS[tool])}", file=sys.stderr, flush=True)
        venv.create(place, with_pip=True, clear=True)
        done = subprocess.run(
            [str(python), "-m", "pip", "install", "--quiet", *PINS[tool]], capture_output=True, text=True
        )
        if done.returncode:
            print(done.stderr[-400:], file=sys.stderr)
            return None
        (place / "ready").touch()
    return python


def calls_of(tool: str, python: Path, *paths: Path) -> Calls:
    """Every call of a tool, in a process of its own with one thread."""
    one = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "POLARS_MAX_THREADS"), "1")
    environment = os.environ | one | {"PYTHONPATH": os.pathsep.join(map(str, paths))}
    with tempfile.TemporaryDirectory() as elsewhere:
        command = [str(python), "-m", "benchmarks.trust.run", f"of_{tool}"]
        done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=elsewhere)
    if done.returncode:
        raise SystemExit(f"{tool} ended before its last input:\n{done.stderr[-2000:]}")
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def calls_of_r() -> tuple[Calls | None, str]:
    """R on the same rows, by way of CSV, and its versions."""
    if shutil.which("Rscript") is None:
        return None, ""
    wanted = "".join(f"library({name});" for name in NEEDED_IN_R)
    if subprocess.run(["Rscript", "-e", wanted], capture_output=True).returncode:
        print(f"R needs {', '.join(NEEDED_IN_R)}", file=sys.stderr)
        return None, ""
    with tempfile.TemporaryDirectory() as folder:
        for case in CASES:
            case.data().to_csv(Path(folder) / f"{case.key}.csv", index=False, na_rep="NA")
        rows = [(name, level, total) for name, wanted in margins().items() for level, total in wanted.items()]
        pd.DataFrame(rows, columns=["name", "level", "total"]).to_csv(Path(folder) / "margins.csv", index=False)
        script = str(Path(__file__).with_name("of_r.R"))
        done = subprocess.run(["Rscript", script, folder], capture_output=True, text=True, check=True)
    lines = [line.split("\t") for line in done.stdout.splitlines()]
    return [_of_line(line) for line in lines if line[0] != "version"], ", ".join(lines[-1][1:])


def _of_line(line: list[str]) -> dict[str, Any]:
    case, call, said, *values = line
    if said.startswith("raises: "):
        return {"case": case, "call": call, "raises": said.removeprefix("raises: ")}
    pairs = (value.split("=") for value in values)
    return {"case": case, "call": call, "note": said.strip(), "values": {k: _number(v) for k, v in pairs}}


def _number(text: str) -> float:
    return float("nan") if text == "NA" else float(text)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results" / "trust.md")
    parser.add_argument("--peers", type=Path, help="folder of the peers' environments, kept")
    parser.add_argument("--beside", type=Path, help="another checkout of this repository")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = chosen.peers or Path(temporary)
        here = Path(sys.executable)
        tools: dict[str, Calls | None] = {"evalkit": calls_of("evalkit", here, ROOT)}
        if chosen.beside:
            tools["evalkit, earlier"] = calls_of("evalkit", here, chosen.beside.resolve(), ROOT)
        tools["R"], in_r = calls_of_r()
        for tool in PINS:
            python = installed(tool, folder)
            tools[tool] = None if python is None else calls_of(tool, python, ROOT)
    ours = f"evalkit {importlib.metadata.version('evalkit')} (pandas {pd.__version__})"
    peers = [", ".join(pin.replace("==", " ") for pin in pins[: -len(SHARED)]) for pins in PINS.values()]
    versions = "; ".join([ours, in_r or "no R", *peers, f"Python {platform.python_version()}"])
    right = {case.key: case.right(case.data()) for case in CASES}
    chosen.out.write_text(page(CASES, right, tools, f"{versions}."), encoding="utf-8")
    print(chosen.out)


if __name__ == "__main__":
    main()
