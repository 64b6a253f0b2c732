"""The third round comes two years later, with everything that goes wrong: two commands, and nothing published moves."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from evalkit import open_run
from tests.scenarios.runde3 import write_runde3

REPOSITORY = Path(__file__).resolve().parents[2]
