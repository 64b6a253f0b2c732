"""The thirty inputs."""

from benchmarks.trust.panel_cases import PANEL
from benchmarks.trust.survey_cases import SURVEY

CASES = (*PANEL, *SURVEY)
