"""Strict reading of TOML: unknown keys, missing keys and wrong values, all at once, each with its line."""

from __future__ import annotations

import json
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar, get_args, get_type_hints

from pydantic import TypeAdapter, ValidationError

from evalkit.errors import EvalkitError, StudyError, nearest, one_of

T = TypeVar("T")

INSTEAD: dict[tuple[str, ...], str] = {("screen", "items"): "families.all", ("screen", "item"): "families.all"}
"""Kind and key that other kinds have → what the kind calls it."""


@dataclass(frozen=True)
class TomlFile:
    """A TOML file as faults name it."""

    path: Path
    text: str

    @classmethod
    def read(cls, path: Path) -> TomlFile:
        return cls(path, composed(path))

    def fault(self, loc: Sequence[str], what: str, **parts: object) -> StudyError:
        line = line_of(self.text, loc)
        where = f"{self.path.name}: {'.'.join(loc)}" + (f" (line {line})" if line else "")
        return StudyError(what, where=where, **parts)  # type: ignore[arg-type]

    def unknown(self, loc: Sequence[str], kind: str, name: object, known: Iterable[object]) -> StudyError:
        known = list(known)
        guess = nearest(name, known)
        return self.fault(
            loc,
            f"There is no {kind} {name!r}",
            expected=one_of(known) if 0 < len(known) <= 12 else None,
            mend=f"did you mean {guess!r}?" if guess else f"declare it, or name a {kind} that is there",
        )


def composed(path: Path) -> str:
    """The text of a file, in which å is one letter: files from some systems have it in two (NFD)."""
    return unicodedata.normalize("NFC", path.read_text(encoding="utf-8-sig"))


def parse(path: Path) -> dict[str, Any]:
    """The tables of a TOML file; StudyError when it is not there or not TOML."""
    try:
        return tomllib.loads(composed(path))
    except FileNotFoundError:
        raise StudyError(
            f"There is no {path.name}", where=path, mend=f"name a folder that holds {path.name}, such as analyses/robek"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise StudyError(f"{path.name} is not TOML", where=path, got=error, mend="mend the line it names") from None


def validate(
    tables: dict[str, Any], form: type[T], path: Path, at: Sequence[str] = ()
) -> tuple[T | None, list[EvalkitError]]:
    """`tables` in the form of the dataclass `form`, or None and every fault."""
    try:
        return TypeAdapter(form).validate_python(tables), []
    except ValidationError as error:
        text = path.read_text(encoding="utf-8-sig")
        return None, [_fault(detail, form, path, text, at) for detail in error.errors()]


def _fault(detail: Any, form: type, path: Path, text: str, at: Sequence[str]) -> EvalkitError:
    tags = _branches(form)
    loc = [*at, *(part for part in detail["loc"] if part not in tags)]
    key, place = str(loc[-1]) if loc else "", f"{path.name}: {dotted(loc)}"
    line = line_of(text, loc)
    where = f"{place} (line {line})" if line else place
    if detail["type"] in ("extra_forbidden", "unexpected_keyword_argument"):
        if (instead := INSTEAD.get(tuple(map(str, detail["loc"][-2:])))) is not None:
            said = detail["input"] if isinstance(detail["input"], list) else [detail["input"]]
            mend = f"write {instead} = {json.dumps(said, ensure_ascii=False)} in its place"
            return StudyError(f"Unknown key {key!r}", where=where, mend=mend)
        guess = nearest(key, _keys(form, detail["loc"][:-1]))
        mend = f"did you mean {guess!r}? Else remove the line" if guess else "remove the line"
        return StudyError(f"Unknown key {key!r}", where=where, mend=mend)
    if detail["type"] in ("missing", "missing_argument"):
        return StudyError(f"Key {key!r} is missing", where=where, mend=f"add {key} = …")
    if detail["type"] == "union_tag_invalid":
        kind, known = detail["ctx"]["tag"], [tag.strip(" '") for tag in detail["ctx"]["expected_tags"].split(",")]
        near = nearest(kind, known)
        hint = f"did you mean {near!r}?" if near else None
        return StudyError(f"There is no kind {kind!r}", where=where, expected=one_of(known), mend=hint)
    return StudyError(f"{key!r} cannot be {detail['input']!r}", where=where, expected=detail["msg"])


def dotted(loc: Sequence[object]) -> str:
    """`waves[1].file`, as people name a place in TOML."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc).lstrip(".")


def line_of(text: str, loc: Sequence[object]) -> int | None:
    """Line (from 1) of the key or table at `loc`, or of the nearest table around it."""
    table: list[str] = []
    counts: dict[str, int] = {}
    best: tuple[int, int | None] = (0, None)
    want = [str(part) for part in loc]
    for number, line in enumerate(text.splitlines(), 1):
        if header := re.match(r"\s*(\[\[?)\s*([^\]]+?)\s*\]", line):
            table = [part.strip().strip("\"'") for part in re.findall(r"\"[^\"]*\"|'[^']*'|[^.]+", header[2])]
            if header[1] == "[[":
                counts[header[2]] = counts.get(header[2], -1) + 1
                table.append(str(counts[header[2]]))
            here = table
        elif key := re.match(r"\s*(\"[^\"]*\"|'[^']*'|[\w-]+)\s*=", line):
            here = [*table, key[1].strip("\"'")]
        else:
            continue
        if here == want[: len(here)] and len(here) > best[0]:
            best = (len(here), number)
    return best[1]


def _dataclasses(form: Any) -> list[type]:
    """`form` and every dataclass that its fields name."""
    found: list[type] = []
    queue = [form]
    while queue:
        current = queue.pop()
        if is_dataclass(current) and isinstance(current, type) and current not in found:
            found.append(current)
            queue += get_type_hints(current, include_extras=True).values()
        queue += [arg for arg in get_args(current) if not isinstance(arg, str)]
    return found


def _keys(form: type, loc: Sequence[object]) -> set[str]:
    """Keys of the table at `loc`; of every branch where the table is one of a union."""
    here = [form]
    for part in loc:
        hints = [get_type_hints(known, include_extras=True).get(str(part)) for known in here]
        inside = [found for hint in hints if hint is not None for found in _top(hint)]
        here = inside or here
    return {f.name for known in here for f in fields(known)}


def _top(hint: Any) -> list[type]:
    """The dataclasses that a hint names itself, not those inside them."""
    if is_dataclass(hint) and isinstance(hint, type):
        return [hint]
    return [found for arg in get_args(hint) if not isinstance(arg, str) for found in _top(arg)]


def _branches(form: type) -> set[str]:
    """Names that pydantic puts into a place for the branch of a union; they are not in the file."""
    forms = _dataclasses(form)
    hints = [get_type_hints(known).get("kind") for known in forms]
    kinds = {kind for hint in hints for kind in get_args(hint)}
    return kinds | {known.__name__ for known in forms} | {"str", "tuple[str, ...]"}
