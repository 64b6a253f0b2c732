"""Multiple choice as files have it: a column a box, ticked in one of many ways, or one column with a list."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence

from evalkit.study.draft import Question, Table, slug, words
from evalkit.study.known import TICKED, UNTICKED, YES, plain, ticked
from evalkit.waves.cells import EMPTY, code, number
from evalkit.waves.find_missing import find_missing
from evalkit.waves.read import Wave

SEPARATORS = (";", "|", ",")
INDEX = re.compile(r"(.+[_.])(\d{1,2}|[a-z])")
UNTOLD = frozenset({"1", "label", "mark", "header"})
"""Ways to tick in which a box that is not ticked leaves nothing behind."""
_ALL = UNTOLD | {"01", "words"}
_MARKS = {word for word in TICKED if not re.match(YES, word)} - {"1", "true", "sant"}
_NOT = UNTICKED - {"0", "no", "nei", "nej", "nein", "ikke", "nicht", "false", "usant"}


def ways(wave: Wave, column: str) -> frozenset[str]:
    """How a column may say ticked; none where it is no box, all where it is empty.

    01 : 1 or 0. 1 : 1 or blank. words : "Valgt" or "Ikke valgt". mark : such a word, or x, or blank. header : the
    box's own words, as its header has them, or blank. label : any words, always the same, or blank.
    """
    gone = find_missing(wave, column)[0]
    said = {text for cell in wave.data[column].dropna() if (text := code(cell)) not in gone}
    labels = set(wave.value_labels.get(column, {})) - set(gone)
    blanks = (wave.missing[column] == EMPTY).any() or EMPTY in gone.values()
    if labels - {"0", "1"} or (labels and not said):
        return frozenset({"01", "1"}) if labels and not labels - {"0", "1"} else frozenset()
    if not said:
        return _ALL
    if said <= {"0", "1"}:
        whole = {"01"} if "0" in said | labels else {"1"} if blanks else {"01", "1"}
        return frozenset(whole)
    kinds = {plain(text) or text for text in said}
    if kinds <= _MARKS | _NOT:
        return frozenset({"words"} if kinds & _NOT else {"mark"} if blanks else {"mark", "words"})
    (one, *more) = said
    if more or number(one) is not None:
        return frozenset()
    title = plain(wave.variable_labels.get(column, column))
    if plain(one) in (title, plain(column)) or (blanks and title.endswith(f" {plain(one)}")):
        return frozenset({"header", "label"})
    return frozenset({"label"} if blanks else ())


def boxes(wave: Wave, columns: Sequence[str], known: Collection[str] = ()) -> tuple[tuple[str, ...], str]:
    """The first columns that are boxes of one multiple choice, and how they are ticked; none where they are none.

    `known` are columns that are boxes in another wave: one that nobody ticked here goes with those before it.
    """
    shape = ways(wave, columns[0])
    if not shape:
        return (), ""
    found, common = [columns[0]], ""
    for column in columns[1:]:
        here = shape & ways(wave, column)
        stem = stem_of(wave, columns[0], column)
        own = "header" in here and (column in known or "header" in ways(wave, column) != _ALL)
        if not here or not ((stem and stem == (common or stem)) or (own and not common)):
            break
        common, shape = common or stem, here
        found.append(column)
    while found and not _filled(wave, found[-1]) and found[-1] not in known and not common:
        found.pop()
    filled = any(_filled(wave, column) for column in found)
    order = ("01", "1", "words", "mark", "header", "label")
    way = next(way for way in order if way in shape)
    return (tuple(found), way) if len(found) > 1 and filled else ((), "")


def _filled(wave: Wave, column: str) -> bool:
    return bool(wave.data[column].notna().any())


def stem_of(wave: Wave, first: str, other: str) -> str:
    """What two columns of one multiple choice share: the question in label or header, else the name's beginning."""
    one, two = (wave.variable_labels.get(column, column).split() for column in (first, other))
    common = _shared(one, two)
    marks = [place for place, word in enumerate(common, 1) if word[-1] in "?:" or word in "–-"]
    if len(common) < min(len(one), len(two)) and (marks or (common and one[len(common)][0] in "[(")):
        return " ".join(common[: marks[-1]] if marks else common)
    names = [INDEX.fullmatch(column) for column in (first, other)]
    told = {first, other} & set(wave.variable_labels)
    return names[0][1] if names[0] and names[1] and names[0][1] == names[1][1] and not told else ""


def _shared(one: Sequence[str], two: Sequence[str]) -> list[str]:
    """Words with which both begin."""
    same = next((n for n, (a, b) in enumerate(zip(one, two)) if a != b), min(len(one), len(two)))
    return list(one[:same])


def multiple(wave: Wave, columns: Sequence[str], way: str, titled: Callable[[str], Table]) -> Question:
    """The question of boxes. `titled` makes a label, and a question where that is long, of words."""
    stem = stem_of(wave, columns[0], columns[1])
    options: Table = {}
    for column in columns:
        cells = wave.data[column].dropna()
        title = wave.variable_labels.get(column, column).removeprefix(stem).strip(" -–:[]()")
        said = code(cells.iloc[0]) if way in ("label", "header") and len(cells) else title or column
        said = column if column.startswith(stem) and column == stem + said else said
        options[free(slug(said), options)] = {**words(said), "column": column}
    indexed = INDEX.fullmatch(columns[0]) if stem else None
    heads = [wave.variable_labels.get(column, column).split() for column in columns]
    begin = heads[0]
    for head in heads[1:]:
        begin = _shared(begin, head)
    name = slug(indexed[1] if indexed else stem or " ".join(begin) or columns[0])
    if not stem:
        labelled = titled(" ".join(begin) or ", ".join(one["nb"] for one in options.values()))
    else:
        labelled = {"label": words(name)} if indexed and stem == indexed[1] else titled(stem.strip(" -–:"))
    missing: dict[str, str] = {}
    notes: dict[tuple[str, ...], str] = {}
    for found, more in (find_missing(wave, column) for column in columns):
        missing, notes = missing | found, notes | more
    table: Table = {"type": "multiple", **labelled, "missing": missing, "options": options}
    how = {"01": "1 or 0", "1": "1 or blank", "words": "ticked or not in words", "header": "their own words or blank"}
    notes["type",] = f"{len(columns)} columns that hold {how.get(way, 'one word or blank')}: boxes of one question"
    if way == "01":
        table["recode"] = _turned(wave, columns)
    if way not in UNTOLD:
        return Question(name, tuple(columns), table, "", notes)
    note = "a blank box counts as not ticked where another was ticked; a row without any as not answered"
    return Question(name, tuple(columns), {**table, "blank": "not_ticked"}, note, notes)


def _turned(wave: Wave, columns: Sequence[str]) -> Table:
    """Codes of boxes whose labels say the opposite of what 1 and 0 say by themselves."""
    labels = [pair for column in columns for pair in wave.value_labels.get(column, {}).items()]
    return {key: sign for key, label in labels if (sign := ticked(label)) and key in ("0", "1") and sign != key}


def free(name: str, taken: Collection[str]) -> str:
    return name if name not in taken else next(f"{name}_{n}" for n in range(2, 999) if f"{name}_{n}" not in taken)


def listed(answers: Sequence[str], known: str = "") -> tuple[str, list[str]]:
    """What stands between the options of a list of ticked ones, and the options; "" where cells are no lists.

    A comma stands in words as well ("Korea, Sør"): it parts options where most of these come in various company.
    `known` is the separator of the column in another wave.
    """
    for separator in (known,) if known else SEPARATORS:
        lists = [[part for part in cell.split(separator) if part.strip()] for cell in answers]
        lists = [_together(told, lists, separator) for told in lists]
        parts = [part for told in lists for part in told]
        several = sum(len(told) > 1 for told in lists)
        if known or (
            several >= 2
            and len(set(parts)) * 2 <= len(parts)
            and all(number(part) is None for part in parts)
            and (separator != "," or _various(lists))
        ):
            return separator, sorted(set(parts))
    return "", []


def _together(told: Sequence[str], lists: Sequence[Sequence[str]], separator: str) -> list[str]:
    """Parts of a cell, with those that never stand apart, as "kurs, korte", put together again."""
    found: list[str] = []
    for part in told:
        if found and part.strip()[:1].islower() and _inseparable(found[-1], part, lists):
            found[-1] = f"{found[-1]}{separator}{part}"
        else:
            found.append(part)
    return [part.strip() for part in found]


def _inseparable(one: str, other: str, lists: Sequence[Sequence[str]]) -> bool:
    """Whether two parts occur in the same cells alone, next to each other."""
    a, b = one.strip(), other.strip()
    cells = [[part.strip() for part in told] for told in lists]
    with_one = [told for told in cells if a in told or b in told]
    return all(a in told and b in told and told.index(b) == told.index(a) + 1 for told in with_one)


def _various(lists: Sequence[Sequence[str]]) -> bool:
    """Whether what commas part are options: not all cells as long, and few parts that occur in one company only."""
    if len({len(told) for told in lists}) == 1:
        return False
    company: dict[str, set[tuple[str, ...]]] = {}
    rows = Counter(part for told in lists for part in told)
    for told in lists:
        for part in told:
            company.setdefault(part, set()).add(tuple(told))
    judged = [part for told in lists if len(told) > 1 for part in told if rows[part] > 1]
    judged = list(dict.fromkeys(judged))
    bound = [part for part in judged if len(company[part]) == 1]
    return bool(judged) and len(bound) * 3 <= len(judged)


def list_question(wave: Wave, column: str, separator: str, options: Sequence[str], base: Mapping[str, object]) -> Table:
    """The table of a question whose column lists the options that were ticked."""
    told: Table = {}
    for part in options:
        told[free(slug(part), told)] = {**words(part), "column": column}
    return {"type": "multiple", "separator": separator, **base, "options": told}
