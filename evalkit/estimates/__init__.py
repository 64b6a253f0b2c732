"""What the answers say of the population: estimates with a variance that knows the design and the calibration."""

from evalkit.estimates.means import mean, ratio, total
from evalkit.estimates.proportions import proportion

__all__ = ["mean", "proportion", "ratio", "total"]
