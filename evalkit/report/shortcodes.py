"""Shortcodes, {{< … >}}: meta and pagebreak; include is expanded when the document is read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from evalkit.errors import RenderError
from evalkit.report.document import Line
from evalkit.report.execute import Executed
from evalkit.report.settings import date_text

_SHORTCODE = re.compile(r"(?<!\{)\{\{<\s*(.*?)\s*>\}\}(?!\})")
_ESCAPED = re.compile(r"\{\{\{<(.*?)>\}\}\}")
_PAGEBREAK = "::: {.evalkit-pagebreak}\n:::"


def replace_shortcodes(executed: Executed, settings: Mapping[str, Any]) -> Executed:
    """The text with every shortcode replaced; an unknown one is refused by name and line, all at once."""
    faults: list[RenderError] = []

    def value(line: Line, match: re.Match[str]) -> str:
        try:
            return _value(match[1].split(), line, settings)
        except RenderError as error:
            faults.append(error)
            return ""

    lines: list[Line] = []
    for line in executed.lines:
        text = _SHORTCODE.sub(lambda match, line=line: value(line, match), line.text)  # type: ignore[misc]
        text = _ESCAPED.sub(r"{{<\1>}}", text)
        lines += [Line(part, line.file, line.number) for part in text.split("\n")]
    if faults:
        raise RenderError.of(faults)
    return Executed(tuple(lines))


def _value(words: list[str], line: Line, settings: Mapping[str, Any]) -> str:
    name, *arguments = words or [""]
    if name == "pagebreak" and not arguments and _SHORTCODE.fullmatch(line.text.strip()):
        return _PAGEBREAK
    if name == "meta" and len(arguments) == 1:
        return _meta(arguments[0].strip("\"'"), line, settings)
    raise RenderError(
        "Unknown shortcode.",
        where=line.place,
        expected="meta, or include or pagebreak alone on its line",
        got=" ".join(words),
    )


def _meta(key: str, line: Line, settings: Mapping[str, Any]) -> str:
    if key == "params" or key.startswith("params."):
        raise RenderError(
            "The shortcode meta does not follow a report's parameters.",
            where=line.place,
            got=key,
            mend=f"Write `{{python}} {key.removeprefix('params.')}`.",
        )
    value: Any = {**settings, "date": date_text(settings)}
    for part in key.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    if value is None or isinstance(value, Mapping | list):
        raise RenderError("The document's head has no such text.", where=line.place, got=key)
    return str(value)
