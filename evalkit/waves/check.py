"""A wave file against the study: every column known, every value a category, labels that say what the study says."""

from __future__ import annotations

import datetime
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from evalkit.errors import DataError, EvalkitError, PrivacyError, nearest
from evalkit.study.further import category_line, missing_line, recode_line
from evalkit.study.known import reason_of, ticked
from evalkit.study.model import Item, Study, offered
from evalkit.study.model import Wave as WaveSpec
from evalkit.waves.boxes import SIGNS, box, box_faults
from evalkit.waves.cells import ANSWERED, EMPTY, Decimal, code, decimal_of, number, same_words
from evalkit.waves.join import join
from evalkit.waves.privacy import BY_NAME, OPEN_TEXT, Finding, find_personal, personal_text
from evalkit.waves.read import Wave, read_wave
from evalkit.waves.times import times

MOST = 10
"""Faults of one kind that are listed one by one."""
FAR = 366
"""Days from a wave's date; an answer further off is worth a look."""
ABSURD = 1e13
"""More than anything that a survey counts, money included."""
_CODED = re.compile(r"(-?\d+)\s*(?:[.:=)–-]\s*|\s)(\S.*)", re.DOTALL)


@dataclass(frozen=True)
class Checked:
    """A wave that fits the study, the columns that the privacy gate stopped, and what is legal and worth a look."""

    wave: Wave
    stopped: tuple[Finding, ...]
    notes: tuple[str, ...] = ()


def read_study_wave(study: Study, id: str) -> Wave:
    """The wave `id` of a study, as it arrived; numbers that are text with a decimal mark are numbers.

    Raises
    ------
    DataError where a file is not what it should be, or parts do not fit together.
    """
    spec = study.wave(id)
    how = {"encoding": spec.encoding, "header_row": spec.header_row, "label_row": spec.label_row}
    parts = [
        read_wave(study.raw / name, id=id, sheet=spec.sheet if name == spec.file else None, **how)  # type: ignore[arg-type]
        for name in (spec.file, *spec.parts)
    ]
    wave = join(parts, [spec.file, *spec.parts])
    numeric = [name for name, item in study.items.items() if item.type == "numeric"]
    columns = {column for name in numeric for column in study.columns(name, id)} & set(wave.data.columns)
    for column in columns:
        mark = spec.decimal or decimal_of(cell for cell in wave.data[column] if isinstance(cell, str))
        if mark in (",", "."):
            cells = wave.data[column].map(lambda cell, m=mark: _pointed(cell, m))
            wave = replace(wave, data=wave.data.assign(**{column: cells}))
    return wave


def _pointed(cell: object, mark: Decimal) -> object:
    """Text that is a number as that number; other cells as they are."""
    value = number(cell, mark) if isinstance(cell, str) else None
    return cell if value is None else value


def check_wave(study: Study, wave: Wave) -> Checked:
    """Check a wave against the study, and stop what is personal.

    Raises
    ------
    DataError with every fault: a column missing or unknown, a value that is no category, a label of another category.
    PrivacyError where a question that would be analysed holds personal data.
    """
    spec = study.wave(wave.id)
    used = {column: name for name in study.items for column in study.columns(name, wave.id)}
    frame_columns = set(spec.roles.values())
    harmless = {column for column, name in used.items() if _known_answers(wave, column, study.items[name])}
    findings = [
        one for one in find_personal(wave) if one.what not in (OPEN_TEXT, BY_NAME) or one.column not in harmless
    ]
    personal = {finding.column for finding in findings}
    open_text = {column for column, name in used.items() if study.items[name].type == "text"} | set(
        spec.restricted_text
    )
    leaks = [finding for finding in findings if finding.column in used and finding.column not in open_text]
    if leaks or (spec.respondent is not None and any(map(personal_text, spec.respondent.prefer))):
        raise PrivacyError.of(
            [_leak(finding, used[finding.column], wave) for finding in leaks] or [_named_respondent(spec.id)]
        )
    known = {*used, *frame_columns, *spec.ignore, *spec.restricted_text}
    wanted = {column: key for key, column in spec.roles.items()} | dict.fromkeys(
        spec.restricted_text, "restricted_text"
    )
    faults = [
        *_missing_columns(wave, {**used, **wanted}, wanted),
        *_unknown_columns(wave, known | personal),
    ]
    pairs = [(column, name) for name in study.items for column in dict.fromkeys(study.columns(name, wave.id))]
    for column, name in pairs:
        item = study.items[name]
        if column in wave.data and item.type == "single":
            faults += _values(wave, column, item, name)
            faults += _labels(wave, column, item)
        elif column in wave.data and item.type == "numeric":
            faults += _numbers(wave, column, item, spec.decimal)
    for name, item in study.items.items():
        faults += box_faults(wave, name, item, study.columns(name, wave.id)) if item.type == "multiple" else ()
    if spec.answered_at in wave.data:
        faults += _times(wave, spec)
    if faults:
        raise DataError.of(faults)
    stopped = [finding for finding in findings if finding.column not in frame_columns]
    stopped += [
        Finding(column, OPEN_TEXT, int(wave.data[column].notna().sum())) for column in sorted(open_text - personal)
    ]
    return Checked(wave, tuple(stopped), (*wave.notes, *_suspicions(study, wave)))


def _known_answers(wave: Wave, column: str, item: Item) -> bool:
    """Whether a column holds the answers of a question and no others: it is no open text, whatever it looks like."""
    if item.type not in ("single", "multiple") or column not in wave.data:
        return False
    said = set(values(wave, column).values())
    return all(category_of(item, text, column, wave.id) or text in item.missing for text in said)


def _named_respondent(id: str) -> EvalkitError:
    return PrivacyError(
        "A respondent is named by personal data",
        where=f"wave {id} in study.toml, respondent.prefer",
        mend="name a role or a respondent number; study.toml is copied into the run's folder",
    )


def _times(wave: Wave, spec: WaveSpec) -> list[EvalkitError]:
    try:
        times(wave.data[spec.answered_at], f"{wave.path.name}, column {spec.answered_at}", spec.day_first)
    except DataError as fault:
        return list(fault.faults or (fault,))
    return []


def _suspicions(study: Study, wave: Wave) -> Iterator[str]:
    """What is legal in a wave, and yet worth a look."""
    spec = study.wave(wave.id)
    if spec.answered_at is not None:
        when = times(wave.data[spec.answered_at], "", spec.day_first)
        far = when.index[((when - datetime.datetime.combine(spec.date, datetime.time())).abs().dt.days > FAR)]
        if len(far):
            yield f"{spec.answered_at}: more than a year from the wave's date {spec.date}: row {_rows(list(far))}"
    for name, item in study.items.items():
        for column in study.columns(name, wave.id) if item.type in ("single", "multiple") else ():
            if not len(wave.data[column].dropna()) and (wave.missing[column] == EMPTY).all():
                yield f"{column}: every cell is empty"
            known = {*item.categories, *item.missing, *item.recode.get(wave.id, {})}
            for key, label in wave.value_labels.get(column, {}).items() if item.type == "single" else ():
                if key not in known:
                    yield f"{column}: code {key} ({label}) has a label, and {name} has no such category; nobody gave it"
        for column in study.columns(name, wave.id) if item.type == "numeric" else ():
            if (wave.missing[column] == EMPTY).all():
                yield f"{column}: every cell is empty"
            dates = [int(row) for row, cell in wave.data[column].items() if isinstance(cell, datetime.date)]
            if dates := [row for row in dates if wave.data.at[row, column] == wave.data.at[row, column]]:
                yield f"{column}: dates among numbers, which items.toml has as missing: row {_rows(dates)}"
            answers = {row: said for row, said in values(wave, column).items() if said not in item.missing}
            if far := [row for row, said in answers.items() if abs(number(said) or 0) > ABSURD]:
                shown = f"{number(answers[far[0]]):.3g}"
                yield f"{column}: no survey holds {shown}: row {_rows(far)}; correct it, or add it to missing"


def _leak(finding: Finding, item: str, wave: Wave) -> EvalkitError:
    return PrivacyError(
        f"Question {item!r} holds {finding.what}",
        where=f"{wave.path.name}, column {finding.column}, {finding.cells} cell{'s' * (finding.cells != 1)}",
        mend=f'give {item} type = "text" in items.toml (open text is stopped at the gate), or clean the column',
    )


def _missing_columns(wave: Wave, wanted: dict[str, str], roles: Collection[str]) -> Iterator[EvalkitError]:
    for column, name in wanted.items():
        if column not in wave.data.columns:
            guess = nearest(column, set(wave.data.columns) - set(wanted))
            mend = f"did you mean {guess!r}? " if guess else ""
            if column in roles:
                where = f"{wave.path.name}; needed by {name} of the wave"
                mend += f"correct {name} of wave {wave.id} in study.toml"
                yield DataError(f"Wave {wave.id} has no column {column!r}", where=where, mend=mend)
                continue
            yield DataError(
                f"Wave {wave.id} has no column {column!r}",
                where=f"{wave.path.name}; needed by {name}",
                mend=f"{mend}name its column under columns in items.toml, or say in waves which waves put the question",
            )


def _unknown_columns(wave: Wave, known: set[str]) -> Iterator[EvalkitError]:
    unknown = [column for column in wave.data.columns if column not in known]
    if len(unknown) > MOST:
        yield DataError(
            f"{len(unknown)} columns are in the file and not in the study",
            where=wave.path.name,
            got=f"{', '.join(unknown[:MOST])} …",
            mend=f"add questions for them to items.toml, or name them in ignore of wave {wave.id} in study.toml",
        )
    else:
        for column in unknown:
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
    if item.type == "multiple":
        return box(item, text, column, wave)
    if text in item.recode.get(wave, {}):
        return item.recode[wave][text]
    known = {key: item.categories[key] for key in (offered(item, [wave]) if wave else item.categories)}
    if text in known:
        return text
    said = text.casefold()
    coded = _CODED.fullmatch(text)
    return next(
        (
            key
            for key, words in known.items()
            for label in (words.nb.casefold(), words.en.casefold())
            if said == label or (coded and coded[1] == key and coded[2].casefold() == label)
        ),
        None,
    )


def _values(wave: Wave, column: str, item: Item, name: str) -> Iterator[EvalkitError]:
    wrong: dict[str, list[int]] = {}
    for row, text in values(wave, column).items():
        if category_of(item, text, column, wave.id) is None and text not in item.missing:
            wrong.setdefault(text, []).append(row)
    for text in sorted(set(values(wave, column).values())):
        if len(keys := _named(item, text, wave.id)) < 2:
            continue
        what = f"{_short(text)!r} of {column!r} is {len(keys)} categories: {', '.join(keys)}"
        line = recode_line(name, item, wave.id, {text: keys[0]})
        yield DataError(what, where=wave.path.name, mend=f"say which in items.toml: {line}")
    for declared in set(wave.missing[column]) - {ANSWERED, EMPTY} - set(item.missing):
        rows = [int(row) for row in wave.missing.index[wave.missing[column] == declared]]
        wrong.setdefault(declared, []).extend(rows)
    expected = ", ".join([*offered(item, [wave.id]), *item.missing])
    labels = wave.value_labels.get(column, {})
    means = {text: key for text in wrong if (key := _meant(item, labels.get(text, text)))}
    for text, rows in list(wrong.items())[:MOST]:
        label = labels.get(text, text)
        yield DataError(
            f"{_short(text)!r}{f' ({label})' if label != text else ''} is not a category of {column!r}",
            where=f"{wave.path.name}, row {_rows(rows)}",
            expected=expected,
            mend=f"say what it means in items.toml: {recode_line(name, item, wave.id, means)}"
            if text in means
            else f"add it to missing in items.toml: {missing_line(name, text, reason_of(label))}"
            if reason_of(label) or text in set(wave.missing[column])
            else f"add it to missing in items.toml, or to the categories: "
            f"{category_line(name, item, wave.id, text, label)}",
        )


def _named(item: Item, text: str, wave: str) -> list[str]:
    """Categories that have these words, where nothing else says which is meant."""
    if text in {*item.categories, *item.missing, *item.recode.get(wave, {})}:
        return []
    words = {key: item.categories[key] for key in offered(item, [wave])}
    return [key for key, said in words.items() if text.casefold() in (said.nb.casefold(), said.en.casefold())]


def _meant(item: Item, label: str) -> str | None:
    """The one category that has these words, or that is yes, or no, where they say so."""
    said = same_words(label)
    same = [key for key, words in item.categories.items() if said in (same_words(words.nb), same_words(words.en))]
    if len(same) == 1:
        return same[0]
    sign = SIGNS.get(label.casefold(), ticked(label) if len(label) > 1 else None)
    found = [key for key, words in item.categories.items() if sign and ticked(words.nb) == sign]
    return found[0] if len(found) == 1 else None


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


def _numbers(wave: Wave, column: str, item: Item, decimal: Decimal | None) -> Iterator[EvalkitError]:
    said = {row: text for row, text in values(wave, column).items() if text not in item.missing}
    cells = {row: wave.data.at[row, column] for row in said}
    wrong = {row: said[row] for row in said if number(said[row], decimal) is None}
    kinds = list(dict.fromkeys(wrong.values()))
    for text in kinds[:MOST]:
        rows = [row for row, other in wrong.items() if other == text]
        where = f"{wave.path.name}, row {_rows(rows)}"
        mend, what = "add it to missing, or mend the cell", "is not a number"
        if isinstance(cells[rows[0]], datetime.date):
            what = "is a date, not a number"
            mend = "correct the cell (Excel makes a date of 1.2), or add it to missing: "
            mend += f'missing = {{ "{text}" = "empty" }}'
        yield DataError(f"{_short(text)!r} {what} in {column!r}", where=where, mend=mend)
    if len(kinds) > MOST:
        what = f"{len(kinds) - MOST} more answers to {column!r} are not numbers"
        yield DataError(what, where=wave.path.name, mend='if the question asks for no number, give it type = "text"')
    cells = {row: cell for row, cell in cells.items() if row not in wrong}
    marks = decimal or decimal_of(cell for cell in cells.values() if isinstance(cell, str))
    if marks in ("either", "both"):
        row, cell = next((row, cell) for row, cell in cells.items() if isinstance(cell, str) and set(cell) & set(",."))
        how = "may part thousands or be the decimal mark" if marks == "either" else "is used in two ways"
        yield DataError(
            f"The mark in {cell!r} of {column!r} {how}",
            where=f"{wave.path.name}, row {row}",
            mend=f'say which mark decimals have: decimal = "," (or ".") for wave {wave.id} in study.toml',
        )


def _rows(rows: Sequence[int]) -> str:
    return ", ".join(map(str, rows[:3])) + (f" and {len(rows) - 3} more" if len(rows) > 3 else "")


def _short(text: str) -> str:
    """The beginning of a long cell."""
    return text if len(text) <= 60 else text[:57] + "…"
