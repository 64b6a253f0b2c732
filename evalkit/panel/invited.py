"""Who was invited to a wave, and what came of it where no answer came."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evalkit.errors import DataError, EvalkitError, nearest, one_of
from evalkit.panel.codes import clean_codes
from evalkit.panel.crosswalk import crosswalk
from evalkit.panel.unit_register import UnitRegister, unit_register
from evalkit.study.model import Study
from evalkit.waves.cells import code
from evalkit.waves.read import Wave, read_wave

if TYPE_CHECKING:
    import pandas as pd

OUTCOMES = ("refusal", "other", "noncontact", "unknown", "not_eligible")
"""Dispositions of units that gave no answer; of the parts of a unit that merged the first of them counts."""
NOT_INVITED = "not_invited"


def invited(study: Study, wave: str) -> pd.Series | None:
    """What came of each invitation to a wave that was not answered, by the unit's code in the wave's numbering.

    A blank status is an invitation to a unit that is known and gave no answer: AAPOR's non-contact. None where the
    wave has no list. Of the list only the two columns that the study names are read further.

    Raises
    ------
    DataError for columns that are not there, codes of no unit or there twice, and statuses that nobody explained; all
    at once.
    """
    import pandas as pd

    spec = study.wave(wave)
    told = spec.invitation
    if told is None:
        return None
    table = read_wave(study.raw / told.file, id=wave)
    columns = [column for column in (told.unit, told.status) if column is not None]
    missing = [column for column in columns if column not in table.data]
    if missing:
        near = nearest(missing[0], table.data.columns)
        mend = f"{f'did you mean {near!r}? ' if near else ''}correct invited of wave {wave} in study.toml"
        what = f"The list of invited has no column {missing[0]!r}"
        raise DataError(what, where=told.file, expected=one_of(list(table.data.columns)[:12]), mend=mend)
    rows = [int(row) for row in table.data.index]
    register = unit_register(study)
    units = clean_codes(table.data[told.unit], year=spec.numbering, rows=rows, where=told.file, register=register).codes
    statuses = {word.casefold(): found for word, found in told.statuses.items()}
    found = {word: word for word in OUTCOMES} | statuses
    said = _said(table, told.status)
    faults: list[EvalkitError] = []
    for word in dict.fromkeys(word for word in said if word and word.casefold() not in found):
        at = [row for row, other in zip(rows, said, strict=True) if other == word]
        more = f" and {len(at) - 3} more" if len(at) > 3 else ""
        mend = f'say what it is by AAPOR: statuses = {{ "{word}" = "noncontact" }} in invited of wave {wave}'
        where = f"{told.file}, row {', '.join(map(str, at[:3]))}{more}"
        faults.append(DataError(f"{word!r} is no known status", where=where, expected=one_of(OUTCOMES), mend=mend))
    twice = units[units.duplicated()]
    if len(twice):
        where = f"{told.file}, row {', '.join(map(str, twice.index[:3]))}"
        faults.append(DataError(f"{twice.iloc[0]} is invited twice", where=where, mend="keep one row a unit"))
    if faults:
        raise DataError.of(faults)
    return pd.Series([found.get(word.casefold(), "noncontact") for word in said], index=list(units), dtype=object)


def _said(table: Wave, status: str | None) -> list[str]:
    """The words of each row's status: its label where it has one, "" where it is blank."""
    if status is None:
        return [""] * len(table.data)
    labels = table.value_labels.get(status, {})
    return ["" if cell != cell or cell is None else labels.get(code(cell), code(cell)) for cell in table.data[status]]


def carried(found: pd.Series, numbering: int, to_year: int, register: UnitRegister) -> pd.Series:
    """Dispositions by the codes of another year; a unit that merged was invited where any of its parts was."""
    if numbering == to_year:
        return found
    table = crosswalk(numbering, to_year, register)
    pairs = table[table["from_code"].isin(found.index) & table["to_code"].notna()]
    ranked = pairs.assign(rank=[OUTCOMES.index(found[unit]) for unit in pairs["from_code"]])
    return ranked.groupby("to_code")["rank"].min().map(lambda place: OUTCOMES[place])
