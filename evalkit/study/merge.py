"""The questions that several wave files suggest, each once where they agree on what it means."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from evalkit.study.check_names import taken
from evalkit.study.draft import Found, Notes, Question, Table, ordered, plain, slug
from evalkit.study.scales import in_order

DRAFTED_GROUPS = ("size",)
"""Groups that every drafted study has; a question cannot be called so."""


def merged_items(found: Found) -> tuple[dict[str, Table], Notes]:
    """The questions of all waves: one where the waves agree, else one a wave until a person says what they mean."""
    ids = [wave.table["id"] for wave in found.waves]
    merged: dict[str, Table] = {}
    asked: dict[str, dict[str, Question]] = {}
    notes: dict[tuple[str, ...], str] = {}
    for wave in found.waves:
        for question in wave.questions:
            name, clash = _known(question, asked) or question.name, ""
            if taken(name, DRAFTED_GROUPS):
                name, clash = f"{name}_asked", f"{question.name} in the file; here that is another column or a group"
            question = _by_column(question, merged.get(name, {}))
            if name in merged and (clash := differs(merged[name], question.table, name)):
                name = f"{name}_{slug(wave.table['id'])}"
                clash = f"not merged with {question.name}: {clash}"
            while wave.table["id"] in asked.get(name, {}):  # two columns of the wave have one name
                name += "_2"
            if name in merged:
                if _put(question.table) not in (_put(merged[name]), "") and plain(name) == _put(question.table):
                    said = f"{wave.table['id']} has no label: the same question by the name of its column"
                    notes[(name,)] = "\n".join(filter(None, [notes[(name,)], said]))
                for key in ("missing", "options"):
                    held = merged[name].get(key, {})
                    merged[name][key] = held | {k: v for k, v in question.table.get(key, {}).items() if k not in held}
                _in_scale(name, merged[name], question.table, notes)
            else:
                merged[name] = dict(question.table)
                notes[(name,)] = "\n".join(filter(None, [clash, question.note]))
            notes = {(name, *place): note for place, note in question.notes.items()} | notes
            asked.setdefault(name, {})[wave.table["id"]] = question
    ignored = {wave.table["id"]: wave.table.get("ignore", ()) for wave in found.waves}
    items: dict[str, Table] = {}
    for name, table in merged.items():
        waves = {} if list(asked[name]) == ids else {"waves": list(asked[name])}
        whole = ordered(table | _columns(name, table, asked[name], ignored) | waves)
        items[name] = {key: value for key, value in whole.items() if value not in ({}, None)}
    return items, {place: note for place, note in notes.items() if note}


def _put(table: Table) -> str:
    """How a question is put."""
    return plain((table.get("question") or table["label"])["nb"])


def _by_column(question: Question, before: Table) -> Question:
    """A question of a file without labels, in the options that an earlier wave's labels gave the same columns."""
    key_of = {option["column"]: key for key, option in before.get("options", {}).items()}
    told = question.table.get("options", {})
    if "separator" in question.table or any(option["nb"] != option["column"] for option in told.values()):
        return question
    options = {key_of.get(option["column"], key): option for key, option in told.items()}
    words_of = {
        key: {**before["options"][key], "column": options[key]["column"]} for key in options if key in key_of.values()
    }
    return replace(question, table={**question.table, "options": options | words_of} if told else question.table)


def _known(question: Question, asked: Mapping[str, Mapping[str, Question]]) -> str:
    """The name by which an earlier wave has the same boxes; "" where none has."""
    rivals = ((name, {c for one in told.values() for c in one.columns}) for name, told in asked.items())
    several = question.columns[1:]
    return next((name for name, columns in rivals if several and columns & {*question.columns}), "")


def _columns(name: str, table: Table, asked: Mapping[str, Question], ignored: Mapping[str, Sequence[str]]) -> Table:
    """Where a question stands in each wave and how its boxes are ticked, told wave by wave where that differs.

    A box that nobody ticked in a wave, and so is `ignored` there, is one of the question's where another wave has it.
    """
    if not table.get("options"):
        at = {wave: question.columns[0] for wave, question in asked.items()}
        first, *more = dict.fromkeys(at.values())
        return {"column": None, "columns": at} if more else {"column": None if first == name else first}
    how: Table = {}
    for key in ("separator", "blank"):
        told = {wave: question.table[key] for wave, question in asked.items() if key in question.table}
        if told and (len(told) < len(asked) or len(set(told.values())) > 1):
            how[key] = told
    how["recode"] = {wave: said for wave, question in asked.items() if (said := question.table.get("recode"))}
    options: Table = {}
    for key, words_ in table["options"].items():
        known = {}
        for wave, question in asked.items():
            if "separator" in question.table:  # what nobody ticked in a wave was offered there
                known[wave] = question.columns[0]
            elif key in question.table["options"]:
                known[wave] = question.table["options"][key]["column"]
            elif words_["column"] in ignored[wave]:
                known[wave] = words_["column"]
        same = len(set(known.values())) == 1 and len(known) == len(asked)
        said = {lang: words_[lang] for lang in ("nb", "en")}
        options[key] = said | ({"column": next(iter(known.values()))} if same else {"columns": known})
    return {"options": options, **how}


def _in_scale(name: str, table: Table, other: Table, notes: dict[tuple[str, ...], str]) -> None:
    """The categories of several waves in the order of their scale, and all answers that are yes."""
    if "categories" not in table:
        return
    code_of = {said["nb"].casefold(): code for code, said in table["categories"].items()}
    whole, renamed = dict(table["categories"]), {}
    for code, said in other["categories"].items():
        known = code_of.get(said["nb"].casefold()) or code_of.get(re.sub(r"^-?\d+\W+", "", said["nb"].casefold()))
        if known is not None and known != code and known == whole[known]["nb"] and code not in whole:
            renamed[known] = code  # words there, codes here: the check takes a category's words for it
        elif known is None or code != said["nb"]:
            whole.setdefault(code, said)
    whole = {renamed.get(code, code): said for code, said in whole.items()}
    table["categories"], notes[(name, "categories")] = in_order(whole)
    yes = [renamed.get(code, code) for code in (*table.get("yes", ()), *other.get("yes", ()))]
    if yes:
        table["yes"] = [code for code in table["categories"] if code in yes]


def differs(one: Table, other: Table, name: str) -> str:
    """In what two drafts of the question `name` mean different things; "" where they can be one."""
    if one["type"] != other["type"]:
        return f"it is {one['type']} there and {other['type']} here"
    for key in ("categories", "options"):
        for code, said in other.get(key, {}).items():
            before: Table = one.get(key, {}).get(code, said)
            if before["nb"].casefold() != said["nb"].casefold():
                return f"{code} means {before['nb']!r} there and {said['nb']!r} here"
    for code in {**one.get("missing", {}), **other.get("missing", {})}:
        if code in one.get("categories", {}) or code in other.get("categories", {}):
            return f"{code} is missing in one and a category in the other"
    asked = [_put(table) for table in (one, other)]
    untold = plain(name) in asked  # a file without labels has the column's name alone
    return "" if asked[0] == asked[1] or untold else "the question is worded differently"
