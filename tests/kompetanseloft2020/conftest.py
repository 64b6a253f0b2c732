"""The report as a reader gets it: one run with its figures, rendered once in Norwegian."""

from pathlib import Path

import pytest

import evalkit


@pytest.fixture(scope="session")
def run(committed) -> evalkit.Run:
    """The study with its exhibits, as the report opens it."""
    return evalkit.run(evalkit.load_study(committed("kompetanseloft2020")))


@pytest.fixture(scope="session")
def rendered(run) -> dict[str, Path]:
    """The Norwegian report's files by their ending."""
    return {path.suffix: path for path in evalkit.render(run, engine="builtin")}
