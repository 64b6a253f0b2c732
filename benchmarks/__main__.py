"""All benchmarks, one after the other: python -m benchmarks [FOLDER]. Tables are written as they come out."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

NAMES = (
    "coverage",
    "change_coverage",
    "paired_coverage",
    "separated",
    "shares",
    "weights",
    "change_speed",
    "screen_speed",
    "trust",
)


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in NAMES:
        print(f"benchmarks.{name} → {folder / f'{name}.md'}", flush=True)
        subprocess.run([sys.executable, "-m", f"benchmarks.{name}", "--out", str(folder / f"{name}.md")], check=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent / "results")
