"""study.toml and items.toml as drafts: a first study from what was found in wave files, and TOML as it is written."""

from __future__ import annotations

import datetime
import hashlib
import json
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from evalkit.errors import StudyError
from evalkit.study.known import ENGLISH

TABLES = ("categories", "options", "missing", "scores", "recode")
Table = dict[str, Any]
Notes = Mapping[tuple[str, ...], str]


@dataclass(frozen=True)
class Question:
    """A question as the columns of a file suggest it.

    Attributes
    ----------
    name : its key in items.toml.
    columns : the columns that hold it.
    table : what items.toml would say of it.
    note : what a person should look at; a comment above it.
    notes : the same of single lines, by their place in the table, such as ("missing", "9").
    """

    name: str
    columns: tuple[str, ...]
    table: Table
    note: str = ""
    notes: Notes = field(default_factory=dict)


@dataclass(frozen=True)
class FoundWave:
    """A wave as its file suggests it: the table of study.toml, comments on its lines, and its questions."""

    table: Table
    notes: Mapping[str, str]
    questions: tuple[Question, ...]
    about: tuple[str, ...] = ()
    """What a person should know of the file: comments above the table."""


@dataclass(frozen=True)
class FoundFrame:
    """A further frame as a file suggests it.

    Attributes
    ----------
    name : its name in study.toml.
    table, notes : what study.toml would say of it, and comments by place in the table.
    decide : what a person must decide.
    """

    name: str
    table: Table
    notes: Notes
    decide: tuple[str, ...]


@dataclass(frozen=True)
class Found:
    """What wave files suggest of a study: its waves, the year of its frame, and bounds of size that all can fill."""

    waves: tuple[FoundWave, ...]
    register: int
    bounds: tuple[int, ...]


def new_study(folder: Path, files: Sequence[Path], found: Found) -> list[Path]:
    """Write a working study from what its wave files suggest, and put the files into its raw data.

    Parameters
    ----------
    folder : the study's folder; analyses/<name> in a repository, else one that holds its own data_raw/.
    files : the files of `found.waves`. They are copied, never changed.
    found : what `evalkit.waves.find.find_study` makes of them.

    Returns
    -------
    The files written: study.toml, items.toml, the copies, and the repository's manifest where there is one.

    Raises
    ------
    StudyError where the folder is a study already, two files have one name, or the raw data hold another file of it.
    """
    folder = folder.resolve()
    names = [path.name for path in files]
    if (folder / "study.toml").exists() or (folder / "items.toml").exists():
        raise StudyError("There is a study already", where=folder, mend="name another folder, or remove the study")
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise StudyError(f"Two files are called {twice[0]}", mend="give each file a name of its own")
    from evalkit.study.merge import merged_items

    items, notes = merged_items(found)
    study, study_notes = _study(folder.name, found, items)
    _free_columns(study["waves"], items)
    in_repository = folder.parent.name == "analyses"
    raw = folder.parent.parent / "data_raw" / folder.name if in_repository else folder / "data_raw"
    refuse_to_replace(files, raw)
    written = [folder / "study.toml", folder / "items.toml"]
    for path in (folder, raw):
        path.mkdir(parents=True, exist_ok=True)
    for file in files:
        written.append(raw / file.name)
        if file.resolve() != written[-1].resolve():
            shutil.copyfile(file, written[-1])
    head = "# Made by `evalkit new` from the wave files alone. What is guessed says so: correct it, remove the comment."
    written[0].write_text(f"{head}\n{toml(study, study_notes)}", encoding="utf-8")
    head = "# Questions as the files suggest them. English words are the file's own where nothing better was known."
    written[1].write_text(f"{head}\n\n{toml(items, notes)}", encoding="utf-8")
    if in_repository:
        dates = {wave.table["file"]: wave.table["date"] for wave in found.waves}
        written.append(add_to_manifest(raw, names, [dates[name] for name in names]))
    return written


def refuse_to_replace(files: Sequence[Path], raw: Path) -> None:
    """StudyError where the raw data hold another file of one of the names: what is there is never written over."""
    there = [(file, raw / file.name) for file in files if (raw / file.name).exists()]
    other = [old for file, old in there if not old.samefile(file) and old.read_bytes() != file.read_bytes()]
    if other:
        mend = "give the new file a name of its own; or move away the one that is there, if the new one corrects it"
        raise StudyError.of([StudyError("There is another file of this name", where=old, mend=mend) for old in other])


def _free_columns(waves: Sequence[Table], items: Mapping[str, Table]) -> None:
    """Take from `ignore` what a question has: a box that nobody ticked in one wave and somebody did in another."""
    for wave in waves:
        asked = {name: item for name, item in items.items() if wave["id"] in item.get("waves", [wave["id"]])}
        used = {
            one["columns"].get(wave["id"]) if "columns" in one else one["column"]
            for name, item in asked.items()
            for one in (item["options"].values() if "options" in item else [{"column": name, **item}])
        }
        if left := [column for column in wave.pop("ignore", ()) if column not in used]:
            wave["ignore"] = left


def _study(name: str, found: Found, items: Mapping[str, Table]) -> tuple[Table, Notes]:
    said = words(name.replace("_", " ").replace("-", " ").capitalize())
    sized = len(found.bounds) > 1
    moved = any(wave.table["numbering"] != found.register for wave in found.waves)
    study: Table = {
        "name": name,
        "lang": "nb",
        "data": "real",
        "title": said,
        "units": {"nb": "kommuner", "en": "municipalities"},
        "source": {"nb": "Spørreundersøkelse blant kommunene", "en": "Survey of the municipalities"},
        "waves": [wave.table for wave in found.waves],
        "frame": {"register": found.register, "measure": "population"},
        **({"link": {"merged": "largest"}} if moved else {}),
        "groups": {"size": _size(found.bounds)},
        "weights": {"method": "poststratify", "by": ["size"]}
        if sized
        else {"method": "none", "reason": {"nb": "For få svar til å vekte.", "en": "Too few answers to weight."}},
        "disclosure": {"minimum": 3},
        "exhibits": {name: shown for name, table in items.items() if (shown := _exhibit(name, table, sized))},
    }
    notes: dict[tuple[str, ...], str] = {
        ("title",): "write the title of the report",
        ("source",): "who collected the answers; printed under every figure",
        ("data",): "or reconstructed, or synthetic: those need a notice",
        ("frame", "register"): "year of the list of municipalities that could have answered",
        ("link",): "where municipalities merged after a wave: the largest part's answer, or any, or agree"
        if moved
        else "",
        ("groups",): "bounds so that each group has answers in every wave",
        ("weights",): "each answer stands for the municipalities of its size" if sized else "",
        ("disclosure", "minimum"): "fewest units behind a published number; 0, with a reason, where all may be known",
        ("exhibits",): "one a question; take away, group and title as the report needs",
    }
    for place, wave in enumerate(found.waves):
        notes[("waves", str(place))] = "\n".join(wave.about)
        notes |= {("waves", str(place), key): note for key, note in wave.notes.items()}
    return study, {place: note for place, note in notes.items() if note}


def _size(bounds: Sequence[int]) -> Table:
    def said(number: int, gap: str) -> str:
        return f"{number:,}".replace(",", gap)

    names: dict[str, Table] = {}
    if len(bounds) == 1:
        return {
            "label": {"nb": "Innbyggertall", "en": "Population"},
            "column": "population",
            "lower_bounds": [0],
            "categories": {"all": {"nb": "Alle", "en": "All"}},
        }
    for low, high in zip(bounds, [*bounds[1:], 0]):
        if high == 0:
            names[f">={low}"] = {"nb": f"{said(low, ' ')} eller flere", "en": f"{said(low, ',')} or more"}
        elif low == 0:
            names[f"<{high}"] = {"nb": f"Under {said(high, ' ')}", "en": f"Under {said(high, ',')}"}
        else:
            nb, en = (f"{said(low, gap)}–{said(high - 1, gap)}" for gap in (" ", ","))
            names[f"{low}-{high - 1}"] = {"nb": nb, "en": en}
    label = {"nb": "Innbyggertall", "en": "Population"}
    return {"label": label, "column": "population", "lower_bounds": list(bounds), "categories": names}


def _exhibit(name: str, item: Table, sized: bool) -> Table | None:
    if item["type"] == "text":
        return None
    kinds = {"multiple": "multiple", "numeric": "mean"}
    kind = kinds.get(item["type"], "share" if item.get("yes") else "distribution")
    by = {"by": "size"} if kind == "share" and sized else {}
    return {"kind": kind, "items": [name], **by}


def plain(text: str) -> str:
    """Words without case, marks and years, for comparing how a question is put."""
    return re.sub(r"\W+", " ", re.sub(r"\b(?:19|20)\d\d\b", "", text.casefold())).strip()


def words(nb: str) -> Table:
    """Norwegian words with English ones where they are known, else the same."""
    return {"nb": nb, "en": ENGLISH.get(nb.casefold(), nb)}


def slug(text: str) -> str:
    """A name for a question or an option, from a column's name or a label."""
    for letter, plain_letter in (("å", "a"), ("ø", "o"), ("æ", "ae")):
        text = text.casefold().replace(letter, plain_letter)
    return re.sub(r"[^a-z0-9]+", "_", text)[:40].strip("_") or "q"


def ordered(table: Table) -> Table:
    """A question's table in the order of items.toml: what it is first, tables of codes last."""
    first = ("type", "label", "question", "column", "columns", "waves", "separator", "blank", "unit", "yes")
    keys = [key for key in first if key in table]
    keys += [key for key in table if key not in first and key not in TABLES]
    return {key: table[key] for key in [*keys, *(key for key in TABLES if key in table)]}


def add_to_manifest(raw: Path, names: Sequence[str], dates: Sequence[datetime.date], kind: str = "real") -> Path:
    """Entries for the new files; restricted until somebody who knows says that they are public."""
    path = raw.parent / "manifest.toml"
    lines = [path.read_text(encoding="utf-8").rstrip()] if path.exists() else []
    for name, date in zip(names, dates):
        entry = {
            "access": "restricted",
            "date": str(date),
            "kind": kind,
            "licence": "none given",
            "sha256": hashlib.sha256((raw / name).read_bytes()).hexdigest(),
            "source": "the survey's own file, as exported",
        }
        lines += ["", f"[{value(f'{raw.name}/{name}')}]", *(f"{key} = {value(said)}" for key, said in entry.items())]
    path.write_text("\n".join(lines).lstrip() + "\n", encoding="utf-8")
    return path


def toml(tables: Mapping[str, Any], notes: Notes) -> str:
    """Tables as TOML in the house style: words in inline tables, codes a line each, comments from `notes`."""
    lines: list[str] = []
    for key, held in tables.items():
        if isinstance(held, dict) and not _inline(held):
            nested = all(isinstance(part, dict) and not _inline(part) for part in held.values())
            if not nested or not held:
                lines += ["", *_table([key], held, notes)]
            else:
                lines += comment_lines(notes.get((key,)), blank=True)
                for place, part in enumerate(held):
                    lines += [""] * bool(place or (key,) not in notes) + _table([key, part], held[part], notes)
        elif isinstance(held, list) and held and isinstance(held[0], dict):
            for place, part in enumerate(held):
                at = (key, str(place))
                lines += ["", *comment_lines(notes.get(at)), f"[[{key}]]"]
                lines += [key_line(name, said, notes.get((*at, name))) for name, said in part.items()]
        else:
            lines.append(key_line(key, held, notes.get((key,))))
    return "\n".join(lines).strip("\n") + "\n"


def _table(at: list[str], held: Table, notes: Notes) -> list[str]:
    inside = [k for k, said in held.items() if isinstance(said, dict) and k != "columns" and not _inline(said)]
    head = not inside or len(inside) < len(held)
    lines = [*comment_lines(notes.get(tuple(at))), *([f"[{'.'.join(map(bare, at))}]"] if head else [])]
    lines += [key_line(key, said, notes.get((*at, key))) for key, said in held.items() if key not in inside]
    for key in inside:
        lines += _table([*at, key], held[key], notes)
    return lines


def comment_lines(note: str | None, *, blank: bool = False) -> list[str]:
    """A note as lines of comment; none where there is no note. `blank`: with an empty line above."""
    return [""] * bool(blank and note) + [f"# {_comment(line)}" for line in (note or "").split("\n")] * bool(note)


def key_line(key: str, said: Any, note: str | None) -> str:
    """A key and its value on one line of TOML, with the note behind it."""
    return f"{bare(key)} = {value(said)}" + (f" # {_comment(note)}" if note else "")


def _comment(text: str) -> str:
    """Text of a file in a comment: no character that ends the line or is not TOML's."""
    return re.sub(r"[\x00-\x08\x0a-\x1f\x7f]", " ", text)


def _inline(held: Table) -> bool:
    """Words, options and filters stand on one line; whatever else has a table of its own."""
    return bool(held) and set(held) <= {"nb", "en", "column", "columns", "item", "codes"}


def bare(key: str) -> str:
    """A key of TOML, quoted where it must be."""
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else value(key)


def value(said: Any) -> str:
    """A value of TOML on one line."""
    if isinstance(said, dict):
        return f"{{ {', '.join(f'{bare(key)} = {value(part)}' for key, part in said.items())} }}"
    if isinstance(said, (list, tuple)):
        return f"[{', '.join(map(value, said))}]"
    if isinstance(said, datetime.date):
        return said.isoformat()
    return json.dumps(said, ensure_ascii=False).replace("\x7f", "\\u007f")
