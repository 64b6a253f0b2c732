"""From results to a report: a Quarto document to HTML, PDF and Word."""

from evalkit.report.engine import EngineInfo, engines
from evalkit.report.render import output_name, render_document

__all__ = ["EngineInfo", "engines", "output_name", "render_document"]
