"""Multiple choice in a wave file: what a box says, what a list of ticked options says, and what neither does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from evalkit.errors import DataError, EvalkitError, nearest
from evalkit.study.further import blank_line, missing_line, recode_line
from evalkit.study.known import reason_of, ticked
from evalkit.study.model import Item, Option
from evalkit.waves.cells import ANSWERED, EMPTY, code, number
from evalkit.waves.read import Wave

SIGNS = {"1": "1", "0": "0", "true": "1", "false": "0"}


def box(item: Item, text: str, column: str, wave: str) -> str | None:
    """ "1" where a cell says that the box is ticked, "0" where it says that it is not, None where it says neither.

    A list of ticked options is "1" where each of them is known.
    """
    if item.separator_in(wave) is not None:
        return "1" if all(options_of(item, text, wave)) else None
    told = item.recode.get(wave, {})
    sign = "1" if text.casefold() in _words(item, column, wave) else ticked(text)
    return told.get(text, SIGNS.get(text.casefold(), sign))


def options_of(item: Item, text: str, wave: str) -> list[str | None]:
    """The options that a cell lists, by their words in either language or by what items.toml says; None for others."""
    known = _options(item, wave)
    return [known.get(part.casefold()) for part in _parts(item, text, wave)]


def box_faults(wave: Wave, name: str, item: Item, columns: Sequence[str]) -> Iterator[EvalkitError]:
    """Cells of a multiple choice that say nothing, labels that say the opposite, and boxes that are only ever ticked.

    Every mend has the whole line that settles the question, so that one is enough.
    """
    there = [column for column in dict.fromkeys(columns) if column in wave.data]
    if item.separator_in(wave.id) is not None:
        for column in there:
            yield from _list_faults(wave, name, item, column)
        return
    means: dict[str, str] = {}
    wrong: dict[str, tuple[str, str, list[int]]] = {}
    for column in there:
        labels, rows = wave.value_labels.get(column, {}), _rows(wave, column)
        for row, why in wave.missing[column].items():
            if why not in (ANSWERED, EMPTY, *item.missing):
                wrong.setdefault(why, (column, labels.get(why, why), []))[2].append(int(row))
        for text in dict.fromkeys([*rows, *labels]):
            now, label = box(item, text, column, wave.id), labels.get(text, text)
            alone = text in rows and len(rows) == 1 and number(text) is None and (wave.missing[column] == EMPTY).any()
            own = label.casefold() in _words(item, column, wave.id)
            meant = "1" if own else ticked(label) or ("1" if alone else None)
            settled = text in item.recode.get(wave.id, {}) or text in {*item.missing, *wave.missing[column]}
            if settled or (text not in rows if now is None else meant in (now, None)):
                continue
            means[text] = meant or means.get(text, "…")
            wrong.setdefault(text, (column, label, []))[2].extend(rows.get(text, []))
    line = recode_line(name, item, wave.id, means)
    for text, (column, label, at) in wrong.items():
        where = f"{wave.path.name}, column {column}" + f", row {_some(at)}" * bool(at)
        said = f" ({label})" * (label != text)
        reason = reason_of(label)
        what = f"{text!r}{said} is not a category of {column!r}"
        if box(item, text, column, wave.id):
            what = f"Code {text} of {column!r} means {label!r} in the file, and the opposite in the study"
        yield DataError(
            what,
            where=where,
            expected="1 for ticked, 0 for not",
            mend=f"say what it means in items.toml: {line}"
            if text in means and not reason
            else f"it is no answer: {missing_line(name, text, reason)}",
        )
    yield from _only_ticked(wave, name, item, there, means)


def _list_faults(wave: Wave, name: str, item: Item, column: str) -> Iterator[EvalkitError]:
    """Words in lists that are no option's."""
    unknown: dict[str, list[int]] = {}
    for text, rows in _rows(wave, column).items():
        if text not in item.missing:
            for part, option in zip(_parts(item, text, wave.id), options_of(item, text, wave.id)):
                if option is None:
                    unknown.setdefault(part, []).extend(rows)
    known = {word: key for key, option in item.options.items() for word in _said(option)}
    near = {part: known.get(nearest(part.casefold(), known) or "", "…") for part in unknown}
    words = ", ".join(option.nb for option in item.options.values())
    for part, rows in unknown.items():
        yield DataError(
            f"{part[:60]!r} is not an option of {name!r}",
            where=f"{wave.path.name}, column {column}, row {_some(rows)}",
            expected=f"{words}, with {item.separator_in(wave.id)!r} between",
            mend=f"add it to the options in items.toml, or say which it is: {recode_line(name, item, wave.id, near)}",
        )


def _only_ticked(
    wave: Wave, name: str, item: Item, columns: Sequence[str], means: dict[str, str]
) -> Iterator[EvalkitError]:
    """Boxes of which none says that it is not ticked: blank is that, or every share is 100 percent."""
    if item.blank == "not_ticked" or (isinstance(item.blank, dict) and wave.id in item.blank):
        return
    signs = [means.get(text, box(item, text, column, wave.id)) for column in columns for text in _rows(wave, column)]
    answered = wave.missing[list(columns)] == ANSWERED
    blank = int(((wave.missing[list(columns)] == EMPTY) & answered.any(axis=1).to_numpy()[:, None]).sum().sum())
    if "1" in signs and set(signs) == {"1"} and blank:
        yield DataError(
            f"Every box of {name!r} that is filled is ticked, and {blank} are blank beside one that is",
            where=f"{wave.path.name}, columns {', '.join(columns)}",
            mend=f'say what a blank box is in items.toml: {blank_line(name, item, wave.id)}, or "empty" for no answer',
        )


def _rows(wave: Wave, column: str) -> dict[str, list[int]]:
    """Answered cells of a column as codes, and their rows."""
    found: dict[str, list[int]] = {}
    for row, cell in wave.data[column][wave.missing[column] == ANSWERED].items():
        found.setdefault(code(cell), []).append(int(row))
    return found


def _parts(item: Item, text: str, wave: str) -> list[str]:
    """What a cell lists; the longest words that are an option's, which may have the separator among them."""
    separator, known = item.separator_in(wave) or "", _options(item, wave)
    pieces = [piece for piece in text.split(separator) if piece.strip()]
    found: list[str] = []
    while pieces:
        wholes = {end: separator.join(pieces[:end]).strip() for end in range(len(pieces), 0, -1)}
        end = next((end for end, whole in wholes.items() if whole.casefold() in known), 1)
        found.append(wholes[end])
        del pieces[:end]
    return found


def _options(item: Item, wave: str) -> dict[str, str]:
    """Words, without case, and the option that they are: its own in either language, or what items.toml says."""
    words = {word: key for key, option in reversed(item.options.items()) for word in _said(option)}
    return words | {word.casefold(): key for word, key in item.recode.get(wave, {}).items()}


def _words(item: Item, column: str, wave: str) -> set[str]:
    """The words of the box that a column is."""
    return {word for option in item.options.values() if option.in_wave(wave) == column for word in _said(option)}


def _said(option: Option) -> tuple[str, str]:
    return option.nb.casefold(), option.en.casefold()


def _some(rows: Sequence[int]) -> str:
    return ", ".join(map(str, rows[:3])) + (f" and {len(rows) - 3} more" if len(rows) > 3 else "")
