"""What study.toml says of its waves: rules that need a column, and columns with two uses."""

from __future__ import annotations

from collections.abc import Iterator

from evalkit.errors import EvalkitError
from evalkit.study.model import Item, Plan, Study, Wave
from evalkit.study.toml import TomlFile


def wave_faults(wave: Wave, at: list[str], file: TomlFile) -> Iterator[EvalkitError]:
    rules = {wave.duplicates, wave.respondent.then if wave.respondent else ""}
    late = next((rule for rule in ("latest", "latest_complete") if rule in rules), None)
    if late and not wave.answered_at:
        mend = "add answered_at = the column with the time of the answer"
        yield file.fault(at, f'"{late}" needs to know when each answer came', mend=mend)
    if (wave.duplicates == "named_respondent") != (wave.respondent is not None):
        mend = 'respondent = { column = "…", prefer = ["…"] } with duplicates = "named_respondent"'
        yield file.fault(at, "A named respondent needs both the rule and the respondent", mend=mend)
    known = list(wave.roles.values())
    for key, column in wave.roles.items():
        if known.count(column) > 1 and known.index(column) == list(wave.roles).index(key):
            yield file.fault([*at, key], f"Column {column!r} has two uses", mend="name another column")
        if column in wave.ignore:
            yield file.fault([*at, "ignore"], f"Column {column!r} is {key} and ignored at once", mend="keep one")
    if wave.label_row is not None and wave.header_row is None:
        yield file.fault(
            [*at, "label_row"], "label_row goes with header_row", mend="add header_row = the row of the names"
        )
    if wave.day_first is not None and not wave.answered_at:
        yield file.fault([*at, "day_first"], "day_first is of answered_at, and there is none", mend="leave it out")


def column_faults(items: dict[str, Item], plan: Plan, file: TomlFile) -> Iterator[EvalkitError]:
    """A column of a wave that is two questions, or a question and ignored or of another use."""
    study = Study(file.path, plan, items)
    for wave in plan.waves:
        uses = {column: f"{key} of wave {wave.id}" for key, column in wave.roles.items()}
        uses |= dict.fromkeys(wave.ignore, f"in ignore of wave {wave.id}")
        uses |= dict.fromkeys(wave.restricted_text, f"in restricted_text of wave {wave.id}")
        for name, item in items.items():
            for column in dict.fromkeys(study.columns(name, wave.id)):
                if column in uses and item.combine is None and not _let_through(item, column, wave):
                    what = f"Column {column!r} of wave {wave.id} is {name} and {uses[column]} at once"
                    yield file.fault([name], what, mend="keep one of the two")
                if item.combine is None:
                    uses[column] = name


def _let_through(item: Item, column: str, wave: Wave) -> bool:
    return item.type == "text" and column in wave.restricted_text
