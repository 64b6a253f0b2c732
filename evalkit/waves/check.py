"""A wave file against the study: every column known, every value a category, labels that say what the study says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from evalkit.errors import DataError, EvalkitError, PrivacyError, nearest
from evalkit.study.model import Item, Option, Study, offered
from evalkit.waves.privacy import Finding, find_personal
from evalkit.waves.read import ANSWERED, EMPTY, Wave, code, read_wave


@dataclass(frozen=True)
class Checked:
    """A wave that fits the study, and the columns that the privacy gate stopped."""

    wave: Wave
    stopped: tuple[Finding, ...]


def read_study_wave(study: Study, id: str) -> Wave:
    """The wave `id` of a study, as it arrived; DataError where the file is not what it should be."""
    spec = study.wave(id)
    return read_wave(study.raw / spec.file, id=id, encoding=spec.encoding, sheet=spec.sheet)


def check_wave(study: Study, wave: Wave) -> Checked:
    """Check a wave against the study, and stop what is personal.

    Raises
    ------
    DataError with every fault: a column missing or unknown, a value that is no category, a label of another category.
    PrivacyError where a question that would be analysed holds personal data.
    """
    spec = study.wave(wave.id)
    used = {column: name for name in study.items for column in study.columns(name, wave.id)}
    frame_columns = {column for column in (spec.unit, spec.name, spec.answered_at) if column}
    findings = find_personal(wave)
    personal = {finding.column for finding in findings}
    open_text = {column for column, name in used.items() if study.items[name].type == "text"}
    leaks = [finding for finding in findings if finding.column in used and finding.column not in open_text]
    if leaks:
        raise PrivacyError.of([_leak(finding, used[finding.column], wave) for finding in leaks])
    known = {*used, *frame_columns, *spec.ignore}
    faults = [
        *_missing_columns(wave, {**used, spec.unit: "unit"}),
        *_unknown_columns(wave, known | personal),
    ]
    for column, name in used.items():
        item = study.items[name]
        if column in wave.data and item.type in ("single", "multiple"):
            faults += _values(wave, column, item)
            faults += _labels(wave, column, item)
        elif column in wave.data and item.type == "numeric":
            faults += _numbers(wave, column, item)
    if faults:
        raise DataError.of(faults)
    stopped = [finding for finding in findings if finding.column not in frame_columns]
    stopped += [
        Finding(column, "open text", int(wave.data[column].notna().sum())) for column in sorted(open_text - personal)
    ]
    return Checked(wave, tuple(stopped))


def _leak(finding: Finding, item: str, wave: Wave) -> EvalkitError:
    return PrivacyError(
        f"Question {item!r} holds {finding.what}",
        where=f"{wave.path.name}, column {finding.column}, {finding.cells} cells",
        mend=f'give {item} type = "text" in items.toml (open text is stopped at the gate), or clean the column',
    )


def _missing_columns(wave: Wave, wanted: dict[str, str]) -> Iterator[EvalkitError]:
    for column, name in wanted.items():
        if column not in wave.data.columns:
            guess = nearest(column, set(wave.data.columns) - set(wanted))
            mend = f"did you mean {guess!r}? " if guess else ""
            yield DataError(
                f"Wave {wave.id} has no column {column!r}",
                where=f"{wave.path.name}; needed by {name}",
                mend=f"{mend}name its column under columns in items.toml, or say in waves which waves put the question",
            )


def _unknown_columns(wave: Wave, known: set[str]) -> Iterator[EvalkitError]:
    for column in wave.data.columns:
        if column not in known:
            yield DataError(
                f"Column {column!r} is in the file and not in the study",
                where=f"{wave.path.name}: {wave.variable_labels.get(column, 'no label')}",
                mend=f"add a question for it to items.toml, or ignore = [{column!r}] to wave {wave.id} in study.toml",
            )


def values(wave: Wave, column: str) -> dict[int, str]:
    """Answered cells of a column as codes, by row; words that are a category's label stay words here."""
    series = wave.data[column][wave.missing[column] == ANSWERED]
    return {int(row): code(value) for row, value in series.items()}


def category_of(item: Item, text: str, column: str = "", wave: str = "") -> str | None:
    """The category code that a cell stands for: the code itself, or its words in either language."""
    if item.separator is not None:
        return "1" if all(option_of(item, part) for part in parts(item, text)) else None
    if item.type == "multiple":
        boxes = [option for option in item.options.values() if option.column == column]
        if item.blank == "not_ticked" and any(text.casefold() in _said(option) for option in boxes):
            return "1"
        return {"1": "1", "0": "0", "true": "1", "false": "0"}.get(text.casefold())
    if text in item.recode.get(wave, {}):
        return item.recode[wave][text]
    known = {key: item.categories[key] for key in (offered(item, [wave]) if wave else item.categories)}
    if text in known:
        return text
    said = text.casefold()
    return next((key for key, words in known.items() if said in (words.nb.casefold(), words.en.casefold())), None)


def parts(item: Item, text: str) -> list[str]:
    """The options that a cell lists, where one column holds all that were ticked."""
    return [part.strip() for part in text.split(item.separator) if part.strip()]


def option_of(item: Item, text: str) -> str | None:
    """The option whose words these are, in either language."""
    return next((key for key, option in item.options.items() if text.casefold() in _said(option)), None)


def _said(option: Option) -> tuple[str, str]:
    return option.nb.casefold(), option.en.casefold()


def _values(wave: Wave, column: str, item: Item) -> Iterator[EvalkitError]:
    wrong: dict[str, list[int]] = {}
    for row, text in values(wave, column).items():
        if category_of(item, text, column, wave.id) is None and text not in item.missing:
            wrong.setdefault(text, []).append(row + 1)
    for declared in set(wave.missing[column]) - {ANSWERED, EMPTY} - set(item.missing):
        rows = [int(row) + 1 for row in wave.missing.index[wave.missing[column] == declared]]
        wrong.setdefault(declared, []).extend(rows)
    words = [option.nb for option in item.options.values()]
    expected = "0 or 1" if item.type == "multiple" else ", ".join([*offered(item, [wave.id]), *item.missing])
    expected = f"{', '.join(words)}, with {item.separator!r} between" if item.separator is not None else expected
    for text, rows in wrong.items():
        label = wave.value_labels.get(column, {}).get(text)
        more = "" if len(rows) <= 3 else f" and {len(rows) - 3} more"
        yield DataError(
            f"{text!r}{f' ({label})' if label else ''} is not a category of {column!r}",
            where=f"{wave.path.name}, row {', '.join(map(str, rows[:3]))}{more}",
            expected=expected,
            mend="add it to the categories or to missing in items.toml",
        )


def _labels(wave: Wave, column: str, item: Item) -> Iterator[EvalkitError]:
    """A code whose label in the file is another category's words: yes and no swapped, or a code used again."""
    for key, label in wave.value_labels.get(column, {}).items():
        said, key = label.casefold().strip(), item.recode.get(wave.id, {}).get(key, key)
        others = [k for k, words in item.categories.items() if k != key and words.nb.casefold() == said]
        if others and key in item.categories and item.categories[key].nb.casefold() != said:
            yield DataError(
                f"Code {key} of {column!r} means {label!r} in the file and {item.categories[key].nb!r} in the study",
                where=wave.path.name,
                mend="give the wave a question of its own in items.toml, or correct the categories there",
            )


def _numbers(wave: Wave, column: str, item: Item) -> Iterator[EvalkitError]:
    for row, text in values(wave, column).items():
        if text not in item.missing and number(text) is None:
            where = f"{wave.path.name}, row {row + 1}"
            yield DataError(
                f"{text!r} is not a number in {column!r}", where=where, mend="add it to missing, or mend the cell"
            )


def number(text: str) -> float | None:
    """`1 234,5` or `1234.5` as a number; None where it is not one."""
    plain = text.replace("\u00a0", "").replace("\u202f", "").replace(" ", "").replace(",", ".")
    try:
        return float(plain)
    except ValueError:
        return None
