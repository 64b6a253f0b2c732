"""A person who pastes every line that evalkit proposes, and decides only what is left as …."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import tomlkit

LINE = re.compile(r"\[([^\]\s]+)\] ([^\s=]+ = .+?)(?=$|, or |; else )", re.MULTILINE)
BLOCK = "a new question:\n"


def paste(folder: Path, said: Iterable[str], decide: Callable[[Any, str, str], str]) -> int:
    """Put the lines into items.toml, where a line for a key that is there replaces it; how many there were.

    `decide` is given items.toml, the table and its line, and writes what a person would for ….
    """
    path = folder / "items.toml"
    document: Any = tomlkit.parse(path.read_text(encoding="utf-8"))
    pasted = 0
    for text in said:
        if text.startswith(BLOCK):
            for name, table in tomlkit.parse(text.removeprefix(BLOCK)).items():
                assert name not in document, name
                document[name] = table
                pasted += 1
            continue
        for place, line in LINE.findall(text)[:1]:
            held = document
            for part in place.split("."):
                held = held.setdefault(part, tomlkit.table())
            for key, value in tomlkit.parse(decide(document, place, line)).items():
                held[key] = value
                pasted += 1
    path.write_text(tomlkit.dumps(document), encoding="utf-8")
    return pasted
