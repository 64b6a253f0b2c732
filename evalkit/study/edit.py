"""Lines put into study.toml and items.toml as people wrote them: layout and comments stay, nothing else moves."""

from __future__ import annotations

import copy
import tomllib
from dataclasses import dataclass, field
from typing import Any

import tomlkit
from tomlkit.container import OutOfOrderTableProxy
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT, Array, Comment, InlineTable, Table

from evalkit.errors import StudyError
from evalkit.study.draft import key_line

PROPOSED = "proposed"


@dataclass(frozen=True)
class WaveLines:
    """Lines for a further wave.

    Attributes
    ----------
    study : the [[waves]] table for study.toml and, where its units have other borders, their frame and how waves are
        compared; marked as proposed.
    keys : table of study.toml, "" for the file's head → the one line that it needs besides.
    items : question → the one line that items.toml needs for a match that is certain; a question that needs none, and
        every match that is not certain, has none.
    options : (question, option) → the same, of an option whose columns are told wave by wave.
    shown : what a person must see and decide: other matches, new questions as TOML, questions that are gone.
    """

    study: str
    keys: dict[str, tuple[str, str]]
    items: dict[str, tuple[str, str]]
    shown: tuple[str, ...]
    options: dict[tuple[str, str], str] = field(default_factory=dict)


def add_wave(text: str, lines: WaveLines) -> str:
    """study.toml with a further [[waves]] table and what comes with it below the last one.

    Raises
    ------
    StudyError where it would not say what it said and the lines.
    """
    wanted = copy.deepcopy(tomllib.loads(text))
    fresh = tomllib.loads(lines.study)
    wanted["waves"] = [*wanted.get("waves", []), *fresh.pop("waves")]
    for name, held in fresh.items():
        wanted[name] = {**wanted.get(name, {}), **held}
    for table, (_, line) in lines.keys.items():
        (wanted[table] if table else wanted).update(tomllib.loads(line))
    try:
        document = tomlkit.parse(text)
        waves = document.get("waves")
        if isinstance(waves, AoT):
            _below(waves[-1], lines.study)
        for table, (_, line) in lines.keys.items():
            _put(document[table] if table else document, line)
        return _certain(tomlkit.dumps(document), wanted, "study.toml", [lines.study, *_shown(lines.keys)])
    except TOMLKitError as error:
        raise _ours("study.toml", [lines.study, *_shown(lines.keys)]) from error


def add_columns(text: str, lines: WaveLines) -> str:
    """items.toml with the columns of a further wave, marked as proposed; StudyError as `add_wave`."""
    wanted = copy.deepcopy(tomllib.loads(text))
    told: list[tuple[tuple[str, ...], str]] = [((name,), line) for name, (_, line) in lines.items.items()]
    told += [((name, "options"), line) for (name, _), line in lines.options.items()]
    document: Any = tomlkit.parse(text)
    for place, line in told:
        here, held = document, wanted
        for part in place:
            here, held = here[part], held[part]
        said = tomllib.loads(line)
        held.update(said)
        if "columns" in said:
            held.pop("column", None)
            here.pop("column", None)
        _put(here, line, PROPOSED)
    return _certain(tomlkit.dumps(document), wanted, "items.toml", [f"[{'.'.join(at)}] {line}" for at, line in told])


def _shown(keys: dict[str, tuple[str, str]]) -> list[str]:
    return [f"[{table}] {line}" if table else line for table, (_, line) in keys.items()]


def _put(table: Any, line: str, note: str = "") -> None:
    """A key and its value in a table: in the layout that the key had, else on a line of its own at the table's head."""
    [(key, said)] = tomllib.loads(line).items()
    old = table.get(key)
    if old is None:
        _at_head(table, f"{line} # {note}\n" if note else f"{line}\n")
        return
    inline = isinstance(table, InlineTable) or not hasattr(old, "trivia")
    before = "" if inline else old.trivia.comment.lstrip("# ")
    if isinstance(old, Array) and isinstance(said, list) and said[: len(old)] == old.unwrap():
        for more in said[len(old) :]:
            old.append(more)
    elif isinstance(old, (Table, OutOfOrderTableProxy)) and isinstance(said, dict):
        for part in set(old) - set(said):
            del old[part]
        for part, inside in said.items():
            if part not in old or old[part].unwrap() != inside:
                old[part] = tomlkit.parse(key_line(part, inside, None))[part]
    else:
        table[key] = tomlkit.parse(line)[key]
    if note and not inline:
        table[key].comment(f"{note}; {before}" if before else note)


def _at_head(table: Any, line: str) -> None:
    """A line below a table's header; in the document below the last key before its first table."""
    if isinstance(table, tomlkit.TOMLDocument):
        keys = [item for key, item in table.body if key is not None and not isinstance(item, (Table, AoT))]
        table = keys[-1] if keys else table
    trivia = getattr(table, "trivia", None)
    if trivia is None:
        raise TOMLKitError("no place of its own")
    trivia.trail = (trivia.trail or "\n") + line


def _below(table: Table, text: str) -> None:
    """Text below a table's last key and the comments right under it; those further down are of what follows."""
    body = table.value.body
    while isinstance(body[-1][1], Table):
        body = body[-1][1].value.body
    last = max(place for place, (key, _) in enumerate(body) if key is not None)
    while last + 1 < len(body) and isinstance(body[last + 1][1], Comment):
        last += 1
    body[last][1].trivia.trail = f"\n\n{text}"


def _certain(text: str, wanted: dict[str, Any], file: str, lines: list[str]) -> str:
    """The text, where it says what is wanted and no more."""
    try:
        if tomllib.loads(text) == wanted:
            return text
    except tomllib.TOMLDecodeError:
        pass
    raise _ours(file, lines)


def _ours(file: str, lines: list[str]) -> StudyError:
    mend = f"add these lines to {file} yourself, and send us the file: the fault is evalkit's own"
    what = f"The lines of the wave cannot be put into {file} as it is laid out; nothing is written"
    return StudyError(what, got="\n".join(lines), mend=mend)
