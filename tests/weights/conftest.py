"""R survey's values, beside the designs they are of."""

import importlib.util
import sys
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def golden():
    path = Path(__file__).parents[1] / "oracle" / "survey" / "golden.py"
    if "golden_survey" not in sys.modules:
        spec = importlib.util.spec_from_file_location("golden_survey", path)
        module = importlib.util.module_from_spec(spec)
        sys.modules["golden_survey"] = module
        spec.loader.exec_module(module)
    return sys.modules["golden_survey"]
