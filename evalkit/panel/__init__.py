"""What it means: municipality codes over time and the questions of several waves made one."""

from evalkit.panel.codes import Codes, clean_codes
from evalkit.panel.crosswalk import crosswalk
from evalkit.panel.register import municipalities
from evalkit.panel.unit_register import own_register

__all__ = ["Codes", "clean_codes", "crosswalk", "municipalities", "own_register"]
