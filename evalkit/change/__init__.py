"""What moved between waves within the same units."""

from evalkit.change.clogit import conditional_logit
from evalkit.change.compare import Comparison, compare
from evalkit.change.paired import McNemar, mcnemar, paired_change
from evalkit.change.result import ConditionalLogit

__all__ = [
    "Comparison",
    "ConditionalLogit",
    "McNemar",
    "compare",
    "conditional_logit",
    "mcnemar",
    "paired_change",
]
