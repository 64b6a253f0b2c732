"""Repeated surveys of the same units, from the wave files to the report.

raw wave files → panel → weights → estimates → change → exhibits → report

    study = evalkit.load_study("analyses/robek")
    run = evalkit.run(study)
    run.value("in_robek", wave="2008", group="all")
    evalkit.render(run)

The methods stand alone as well: evalkit.weights, evalkit.estimates, evalkit.change, evalkit.panel.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from evalkit import change, estimates, panel, weights
    from evalkit.errors import EvalkitError
    from evalkit.pipeline import run
    from evalkit.report.studies import render
    from evalkit.results import Run, open_run
    from evalkit.study import Study, load_study
    from evalkit.waves import Wave, read_wave

_HOME = {
    "EvalkitError": "evalkit.errors",
    "Run": "evalkit.results",
    "Study": "evalkit.study",
    "Wave": "evalkit.waves",
    "load_study": "evalkit.study",
    "open_run": "evalkit.results",
    "read_wave": "evalkit.waves",
    "render": "evalkit.report.studies",
    "run": "evalkit.pipeline",
}
_STAGES = ("change", "estimates", "panel", "weights")

__all__ = [
    "EvalkitError",
    "Run",
    "Study",
    "Wave",
    "change",
    "estimates",
    "load_study",
    "open_run",
    "panel",
    "read_wave",
    "render",
    "run",
    "weights",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used: `import evalkit` stays quick."""
    if name in _STAGES:
        return import_module(f"evalkit.{name}")
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'evalkit' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
