"""What the answers say of the population: estimates with a variance that knows the design and the calibration."""

from evalkit.estimates.adjusted import adjusted
from evalkit.estimates.contrasts import contrast, difference, letters
from evalkit.estimates.means import mean, ratio, total
from evalkit.estimates.proportions import proportion
from evalkit.estimates.quantiles import quantile
from evalkit.estimates.regression import Regression, regression
from evalkit.estimates.replicated import replicated
from evalkit.estimates.tests import adjust_pvalues, independence, trend

__all__ = [
    "Regression",
    "adjust_pvalues",
    "adjusted",
    "contrast",
    "difference",
    "independence",
    "letters",
    "mean",
    "proportion",
    "quantile",
    "ratio",
    "regression",
    "replicated",
    "total",
    "trend",
]
