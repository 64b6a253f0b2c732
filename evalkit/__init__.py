"""Repeated surveys of the same units, from the wave files to the report.

raw wave files → panel → weights → estimates → change → exhibits → report
"""

__version__ = "0.1.0"
