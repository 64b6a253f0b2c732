"""Whom each answer stands for: the design, calibrated weights, and how representative the answers are."""

from evalkit.weights.calibrate import calibrate, poststratify
from evalkit.weights.design import Design, Replicates
from evalkit.weights.margins import margins
from evalkit.weights.propensity import Propensity, answer_status, merge_categories, response_propensity
from evalkit.weights.replicates import replicate
from evalkit.weights.representativeness import Representativeness, representativeness
from evalkit.weights.trim import trim

__all__ = [
    "Design",
    "Propensity",
    "Replicates",
    "Representativeness",
    "answer_status",
    "calibrate",
    "margins",
    "merge_categories",
    "poststratify",
    "replicate",
    "representativeness",
    "response_propensity",
    "trim",
]
