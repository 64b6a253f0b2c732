"""Whom each answer stands for: the design, calibrated weights, and how representative the answers are."""

from evalkit.weights.calibrate import calibrate, poststratify
from evalkit.weights.design import Design, Replicates
from evalkit.weights.margins import margins
from evalkit.weights.replicates import replicate
from evalkit.weights.trim import trim

__all__ = ["Design", "Replicates", "calibrate", "margins", "poststratify", "replicate", "trim"]
