"""What moved between waves within the same units."""

from evalkit.change.clogit import conditional_logit
from evalkit.change.compare import Comparison, compare
from evalkit.change.exact import Exact, exact_conditional
from evalkit.change.linear import LinearProbability, linear_probability
from evalkit.change.mcnemar import McNemar, mcnemar
from evalkit.change.ordered import OrderedLogit, ordered_logit
from evalkit.change.paired import paired_change
from evalkit.change.result import ConditionalLogit
from evalkit.change.screen import screen

__all__ = [
    "Comparison",
    "ConditionalLogit",
    "Exact",
    "LinearProbability",
    "McNemar",
    "OrderedLogit",
    "compare",
    "conditional_logit",
    "exact_conditional",
    "linear_probability",
    "mcnemar",
    "ordered_logit",
    "paired_change",
    "screen",
]
