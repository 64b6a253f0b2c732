"""Which of a unit's answers counts, and every row that does not, with the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from evalkit.errors import DataError, EvalkitError
from evalkit.study.model import Rule, Study
from evalkit.study.model import Wave as WaveSpec
from evalkit.waves.cells import ANSWERED, code
from evalkit.waves.read import Wave
from evalkit.waves.times import times

if TYPE_CHECKING:
    import pandas as pd

ANSWERS = (ANSWERED, "dont_know")
"""Don't know is an answer, though none that a share counts; it replaces an earlier answer."""
COLUMNS = ("wave", "row", "unit", "rule", "reason", "counts")
"""Of the list of discarded rows; `counts` is the row that counts instead, 0 where there is none."""
NO_ANSWER = "no answer"


def answered(study: Study, data: pd.DataFrame, why: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Which questions were answered, and which were put; a multiple choice is one question, text is none.

    Returns
    -------
    Two bool frames: the rows of `data`, a column a question.
    """
    import pandas as pd

    reasons = {}
    for name, item in study.items.items():
        if item.type != "text":
            variables = list(study.variables(name))
            reasons[name] = why[variables[0]].where(data[variables].isna().all(axis=1), ANSWERED)
    table = pd.DataFrame(reasons, index=data.index)
    return table.isin(ANSWERS), ~table.isin(("not_asked", "not_applicable"))


def one_each(
    study: Study, wave: Wave, units: pd.Series, data: pd.DataFrame, why: pd.DataFrame
) -> tuple[pd.Index, pd.DataFrame]:
    """The row of the answer that counts for each unit, in the file's order, and the rows that do not.

    Parameters
    ----------
    units : unit of each row that holds an answer; the index is the row number.
    data, why : the answers, of the same rows.

    Raises
    ------
    DataError where the study has no rule, a row that the rule needs a time of has none, or a rule leaves several.
    """
    import pandas as pd

    spec = study.wave(wave.id)
    several = units[units.duplicated(keep=False)]
    empty = pd.DataFrame({name: pd.Series(dtype=object) for name in COLUMNS})
    if several.empty:
        return units.index, empty
    if spec.duplicates == "error":
        raise DataError.of([_undecided(spec, wave, str(unit), rows.index) for unit, rows in several.groupby(several)])
    keys = _keys(study, spec, wave, several, data, why)
    faults: list[EvalkitError] = []
    lost = []
    for unit, rows in several.groupby(several, sort=False):
        best = max(rows.index, key=lambda row: (keys[row], -row))
        rivals = [row for row in rows.index if keys[row] == keys[best]]
        if len(rivals) > 1 and spec.respondent is not None and spec.respondent.then == "error":
            faults.append(_undecided(spec, wave, str(unit), rivals))
        for row in rows.index:
            if row != best:
                reason = _reason(spec, keys[row], keys[best])
                lost.append((wave.id, int(row), str(unit), spec.duplicates, reason, int(best)))
    if faults:
        raise DataError.of(faults)
    table = pd.DataFrame(lost, columns=list(COLUMNS))
    return units.index[~units.index.isin(table["row"])], table


def _undecided(spec: WaveSpec, wave: Wave, unit: str, rows: Any) -> EvalkitError:
    where = f"{wave.path.name}, rows {', '.join(map(str, rows))}"
    what = f"Unit {unit} answered {len(rows)} times in wave {wave.id}"
    mend = 'say which answer counts: duplicates = "latest", "most_complete" or "latest_complete" in study.toml'
    if spec.respondent is not None:
        what += f" with the same {spec.respondent.column}"
        mend = 'say which of them counts: then = "latest", "most_complete" or "latest_complete" in respondent'
    return DataError(what, where=where, mend=mend)


def _keys(
    study: Study, spec: WaveSpec, wave: Wave, units: pd.Series, data: pd.DataFrame, why: pd.DataFrame
) -> dict[int, tuple[Any, ...]]:
    """What each row is ranked by, best highest: the role, whether complete, then the time or the number of answers."""
    rule: Rule = spec.respondent.then if spec.respondent else spec.duplicates  # type: ignore[assignment]
    rows = units.index
    given, put = answered(study, data.loc[rows], why.loc[rows])
    share = (given & put).sum(axis=1) / put.sum(axis=1).clip(lower=1)
    count = data.loc[rows].notna().sum(axis=1)
    when = _when(spec, wave, rows) if rule in ("latest", "latest_complete") else None
    keys: dict[int, tuple[Any, ...]] = {}
    for row in rows:
        role = -_rank(spec, wave, row) if spec.respondent else 0
        full = bool(share[row] >= study.plan.weights.complete - 1e-12) if rule == "latest_complete" else True
        last = when[row] if when is not None else int(count[row]) if rule == "most_complete" else 0
        keys[row] = (role, full, last)
    return keys


def _when(spec: WaveSpec, wave: Wave, rows: pd.Index) -> pd.Series:
    assert spec.answered_at is not None  # the study's check asks for it
    where = f"{wave.path.name}, column {spec.answered_at}"
    when = times(wave.data[spec.answered_at], where, spec.day_first).loc[rows]
    if when.isna().any():
        row = int(when.isna().idxmax())
        mend = 'write the time into the cell, or say duplicates = "most_complete"'
        raise DataError(f"Wave {wave.id} has an answer without time", where=f"{wave.path.name}, row {row}", mend=mend)
    return when


def _rank(spec: WaveSpec, wave: Wave, row: int) -> int:
    """Place of the row's respondent among those the study prefers; after all of them where it is none."""
    assert spec.respondent is not None
    key = code(wave.data.loc[row, spec.respondent.column])
    said = {key.casefold(), wave.value_labels.get(spec.respondent.column, {}).get(key, key).casefold()}
    prefer = [name.casefold() for name in spec.respondent.prefer]
    return min((prefer.index(name) for name in said if name in prefer), default=len(prefer))


def _reason(spec: WaveSpec, lost: tuple[Any, ...], kept: tuple[Any, ...]) -> str:
    if lost[0] != kept[0]:
        return "another respondent"
    if lost[1] != kept[1]:
        return "not complete"
    if lost[2] == kept[2]:
        return "later in the file, else alike"
    rule = spec.respondent.then if spec.respondent else spec.duplicates
    return "fewer answers" if rule == "most_complete" else "answered earlier"
