"""Whom each answer stands for: the design, calibrated weights, and how representative the answers are."""

from evalkit.weights.calibrate import calibrate, poststratify
from evalkit.weights.design import Design, Replicates
from evalkit.weights.margins import margins

__all__ = ["Design", "Replicates", "calibrate", "margins", "poststratify"]
