"""What moved between waves within the same units."""

from evalkit.change.clogit import conditional_logit
from evalkit.change.compare import Comparison, compare
from evalkit.change.exact import Exact, exact_conditional
from evalkit.change.mcnemar import McNemar, mcnemar
from evalkit.change.paired import paired_change
from evalkit.change.result import ConditionalLogit

__all__ = [
    "Comparison",
    "ConditionalLogit",
    "Exact",
    "McNemar",
    "compare",
    "conditional_logit",
    "exact_conditional",
    "mcnemar",
    "paired_change",
]
