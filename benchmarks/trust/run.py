"""One tool on every input, a JSON line each: python -m benchmarks.trust.run MODULE, where the tool is installed."""

from __future__ import annotations

import importlib
import json
import math
import signal
import sys
import warnings
from typing import Any

from benchmarks.trust.cases import CASES

LIMIT = 60


def told(caught: list[warnings.WarningMessage]) -> str:
    """The first warning of the numbers, not of the interpreter."""
    quiet = (DeprecationWarning, FutureWarning, PendingDeprecationWarning, ResourceWarning)
    said = [str(w.message) for w in caught if not issubclass(w.category, quiet)]
    return next((" ".join(text.split()) for text in said if text.strip()), "")


def one(call: Any, case: Any) -> dict[str, Any]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            signal.alarm(LIMIT)
            values = dict(call(case.data(), case))
        except Exception as error:
            lines = [line for line in str(error).splitlines() if line.strip()]
            return {"raises": f"{type(error).__name__}: {lines[0].strip() if lines else ''}"}
        finally:
            signal.alarm(0)
    note = values.pop("note", "") or told(caught)
    return {"values": {name: clean(float(value)) for name, value in values.items()}, "note": note}


def clean(value: float) -> float | str:
    return value if math.isfinite(value) else str(value)


def main(module: str) -> None:
    def late(*_: Any) -> None:
        raise TimeoutError(f"over {LIMIT} s")

    signal.signal(signal.SIGALRM, late)
    calls = importlib.import_module(f"benchmarks.trust.{module}").CALLS
    for case in CASES:
        for name, call in calls.get(case.key, ()):
            print(json.dumps({"case": case.key, "call": name} | one(call, case)), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
