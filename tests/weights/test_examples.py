"""The examples in the docstrings of numerics, weights and estimates run and print what they say."""

import doctest
import importlib

import pytest

MODULES = (
    *("weights.calibrate", "weights.design", "weights.margins", "weights.propensity", "weights.replicates"),
    *("estimates.contrasts", "estimates.means", "estimates.proportions", "estimates.replicated", "estimates.tests"),
)


@pytest.mark.parametrize("name", MODULES)
def test_examples(name):
    found = doctest.testmod(importlib.import_module(f"evalkit.{name}"))
    assert found.attempted > 0
    assert found.failed == 0
