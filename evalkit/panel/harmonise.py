"""The panel: one row a unit and wave, one meaning a column; don't know, refused and not asked stay apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from evalkit.errors import DataError
from evalkit.panel.duplicates import ANSWERS, COLUMNS, NO_ANSWER, one_each
from evalkit.panel.frame import Frame
from evalkit.study.model import Item, Study
from evalkit.study.model import Wave as WaveSpec
from evalkit.waves.boxes import options_of
from evalkit.waves.cells import ANSWERED, EMPTY, code, number
from evalkit.waves.check import category_of
from evalkit.waves.read import Wave

if TYPE_CHECKING:
    import pandas as pd

    from evalkit.panel.borders import StudyAnswers


@dataclass(frozen=True)
class Count:
    """Rows into and out of one step, and why the difference."""

    step: str
    rows_in: int
    rows_out: int
    reason: str = ""


@dataclass(frozen=True)
class Panel:
    """Answers of the same units over waves, in the borders of one frame.

    Attributes
    ----------
    data : index (unit, wave); one column a question, or question.option. Category codes are text, multiple choice is
        0 or 1, numbers are numbers; NaN is no answer.
    why : same shape, why a cell of `data` is NaN: "" (it is not), dont_know, refused, not_asked, not_applicable, empty.
    frame : the units that could have answered.
    waves : in the study's order.
    study : as it reads for the units of the frame.
    links : wave, from_code, to_code, kind, done: units that came from other borders, or left; empty where none did.
    log : rows in and out of each step.
    answers : all waves of the study, of which `among` makes other panels.
    """

    data: pd.DataFrame
    why: pd.DataFrame
    frame: Frame
    waves: tuple[str, ...]
    study: Study
    links: pd.DataFrame
    log: tuple[Count, ...]
    answers: StudyAnswers

    @property
    def units(self) -> pd.Index:
        """Units that answered something in any wave of the panel, in the order of their codes."""
        return self.data.index.get_level_values("unit").unique().sort_values()

    def among(self, waves: Iterable[str]) -> Panel:
        """The panel of these waves alone: in the borders of their frame where they share one, else of the reference."""
        return self.answers.panel(waves)


def build_panel(study: Study, waves: Iterable[Wave], frames: Mapping[str | None, Frame]) -> Panel:
    """The panel of the study's latest waves, in the codes of its frame and the meanings of items.toml.

    Parameters
    ----------
    waves : checked.
    frames : the study's, of `build_frames`.

    Returns
    -------
    Panel, which makes those of other waves: `among`.

    Raises
    ------
    DataError for unknown unit codes, units twice in a wave without a rule, units outside the frame, and units that
        merged or split where the study has no rule.
    """
    from evalkit.panel.borders import StudyAnswers

    answers = StudyAnswers(study, frames, {wave.id: _harmonise(study, wave) for wave in waves})
    if not any(len(told.data) for told in answers.told.values()):
        raise DataError(
            "No unit answered any question",
            where=", ".join(spec.file for spec in study.plan.waves),
            mend="correct the columns and missing codes in items.toml",
        )
    for wave in answers.told:
        answers.panel([wave])
    if study.plan.frames:
        answers.panel(answers.told)
    return answers.panel([wave for wave in study.latest if wave in answers.told] or answers.told)


@dataclass(frozen=True)
class Told:
    """What the units of one wave said, index unit in the wave's own numbering, each unit once; and the steps to it.

    `discarded` has a row for each row of the file that does not count: wave, row, unit, rule, reason, counts.
    `invited` is what came of each invitation, as `evalkit.panel.invited.invited` has it; None without a list.
    """

    data: pd.DataFrame
    why: pd.DataFrame
    log: tuple[Count, ...]
    discarded: pd.DataFrame | None = None
    invited: pd.Series | None = None


def _harmonise(study: Study, wave: Wave) -> Told:
    import pandas as pd

    from evalkit.panel.invited import invited

    spec = study.wave(wave.id)
    units, counts = _units(study, spec, wave)
    columns: dict[str, Any] = {}
    reasons: dict[str, Any] = {}
    for name, item in study.items.items():
        if item.type != "text":
            for variable, values, why in _answers(study, name, item, wave):
                columns[variable], reasons[variable] = values, why
    data = pd.DataFrame(columns, index=wave.data.index)
    why = pd.DataFrame(reasons, index=wave.data.index)
    said = data.index[(data.notna() | why.isin(ANSWERS)).any(axis=1)]
    counts.append(Count(f"{wave.id}: answered something", len(units), len(said), "rows without any answer left out"))
    keep, lost = one_each(study, wave, units[said], data, why)
    silent = [(wave.id, int(row), str(units[row]), NO_ANSWER, NO_ANSWER, 0) for row in data.index.difference(said)]
    lost = pd.concat([pd.DataFrame(silent, columns=list(COLUMNS)), lost]).sort_values("row")
    if len(keep) < len(said):
        counts.append(Count(f"{wave.id}: one answer a unit", len(said), len(keep), spec.duplicates.replace("_", " ")))
    index = pd.Index(units[keep], name="unit")
    return Told(
        data.loc[keep].set_axis(index), why.loc[keep].set_axis(index), tuple(counts), lost, invited(study, wave.id)
    )


def _units(study: Study, spec: WaveSpec, wave: Wave) -> tuple[pd.Series, list[Count]]:
    """Unit of each row, in the wave's numbering."""
    from evalkit.panel.codes import clean_codes
    from evalkit.panel.unit_register import unit_register

    names = wave.data[spec.name] if spec.name else None
    cells, known = wave.data[spec.unit], unit_register(study)
    rows = [int(row) for row in wave.data.index]
    codes = clean_codes(cells, year=spec.numbering, names=names, rows=rows, where=wave.path.name, register=known)
    counts = [Count(f"{wave.id}: read", len(wave.data), len(wave.data))]
    if codes.mended:
        reason = f"{codes.mended} codes had lost a leading zero or were written with a prefix, spaces or a name"
        counts.append(Count(f"{wave.id}: codes mended", len(wave.data), len(wave.data), reason))
    if codes.misnamed:
        doubtful = ", ".join(map(str, codes.misnamed[:5])) + (" …" if len(codes.misnamed) > 5 else "")
        reason = f"{len(codes.misnamed)} rows have the name of another unit than their code's: row {doubtful}"
        counts.append(Count(f"{wave.id}: names and codes disagree", len(wave.data), len(wave.data), reason))
    return codes.codes, counts


def _answers(study: Study, name: str, item: Item, wave: Wave) -> Iterable[tuple[str, Any, Any]]:
    """Each variable of a question: its values and why it has none."""
    import pandas as pd

    columns = study.columns(name, wave.id)
    if item.combine == "any" and len(columns) > 1:
        cells = [_cells(item, wave, column) for column in columns]
        yield (name, *_any(item, cells))
    elif item.separator_in(wave.id) is not None and columns:
        yield from _listed(item, study.variables(name), wave, columns[0])
    else:
        boxes = {variable: _cells(item, wave, at) for variable, at in study.placed(name, wave.id).items() if at}
        if boxes and item.blank_in(wave.id) == "not_ticked":
            ticked = pd.concat([values == 1 for values, _ in boxes.values()], axis=1).any(axis=1)
            boxes = {variable: _unticked(values, why, ticked) for variable, (values, why) in boxes.items()}
        nothing = _typed(item, pd.Series(float("nan"), index=wave.data.index, dtype=object))
        for variable in study.variables(name):
            values, why = boxes.get(variable, (nothing, pd.Series("not_asked", index=wave.data.index)))
            yield variable, values, why


def _unticked(values: pd.Series, why: pd.Series, ticked: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Blank boxes of a row in which another is ticked are not ticked."""
    no = ticked & (why == EMPTY)
    return values.mask(no, 0.0), why.mask(no, ANSWERED)


def _listed(item: Item, variables: Iterable[str], wave: Wave, column: str) -> Iterable[tuple[str, Any, Any]]:
    """Each option of a column that lists those that were ticked."""
    _, why = _cells(item, wave, column)
    told = wave.data[column].map(lambda cell: options_of(item, code(cell), wave.id), "ignore")
    for variable, option in zip(variables, item.options):
        values = told.where(why == ANSWERED).map(lambda ticked, o=option: float(o in ticked), "ignore")
        yield variable, values.astype(float), why


def _cells(item: Item, wave: Wave, column: str) -> tuple[pd.Series, pd.Series]:
    raw, declared = wave.data[column], wave.missing[column]
    text = raw.map(code, na_action="ignore")
    why = declared.map(lambda reason: item.missing.get(reason, reason))
    coded = text.map(lambda value: item.missing.get(value, ANSWERED), na_action="ignore").astype(object)
    why = why.where(why != ANSWERED, coded.fillna(ANSWERED))
    meaning = number if item.type == "numeric" else lambda value: category_of(item, value, column, wave.id)
    values = text.where(why == ANSWERED).map(meaning, na_action="ignore")
    return _typed(item, values), why.astype(object)


def _typed(item: Item, values: pd.Series) -> pd.Series:
    return values.astype(object) if item.type == "single" else values.astype(float)


def _any(item: Item, parts: list[tuple[pd.Series, pd.Series]]) -> tuple[pd.Series, pd.Series]:
    """Yes where any column says yes, else the first column that says something."""
    values, why = parts[0]
    for more, reason in parts[1:]:
        better = more.isin(item.yes) | (values.isna() & more.notna())
        better |= values.isna() & (why == EMPTY) & (reason != EMPTY)
        better &= ~values.isin(item.yes)
        values, why = values.mask(better, more), why.mask(better, reason)
    return values, why


@dataclass(frozen=True)
class Answer:
    """What each unit of the panel said to one question, once.

    Attributes
    ----------
    values : index unit; the question's variables.
    why : index unit, as in Panel; "" where it answered.
    wave : index unit; the wave whose answer counts, None where there is none.
    known : index unit; whether it is in the question's sample: it answered, or a filter led past the question.
    """

    values: pd.DataFrame
    why: pd.Series
    wave: pd.Series
    known: pd.Series


def answer(panel: Panel, study: Study, item: str, *, waves: Iterable[str] | None = None) -> Answer:
    """The latest answer of each unit to a question, among `waves` (all of the panel where it is not given).

    Don't know is an answer. A question under a filter counts in the wave whose answer to the filter counts, and only
    for units whose answer leads to it; others were not asked.
    """
    import pandas as pd

    spec = study.items[item]
    chosen = tuple(panel.waves if waves is None else waves)
    units = panel.units
    variables = list(study.variables(item))
    by_wave = {wave: _in_wave(panel, variables, wave, units) for wave in chosen}
    if spec.asked_if is None:
        wave_of = _latest({wave: why for wave, (_, why) in by_wave.items()}, units)
    else:
        gate = answer(panel, study, spec.asked_if.item, waves=chosen)
        led = gate.values.iloc[:, 0].isin(spec.asked_if.codes) | gate.why.isin(spec.asked_if.codes)
        wave_of = gate.wave.where(led)
    values = pd.DataFrame(float("nan"), index=units, columns=variables, dtype=object)
    why = pd.Series(EMPTY if spec.asked_if is None else "not_asked", index=units, dtype=object)
    for wave, (cells, reasons) in by_wave.items():
        here = (wave_of == wave).to_numpy()
        values[here], why[here] = cells[here], reasons[here]
    if spec.asked_if is not None:
        unasked = wave_of.notna() & (why == "not_asked")  # led to the question, and yet it was not put
        why[unasked | gate.wave.isna()] = EMPTY
    if spec.type != "single":
        values = values.astype(float)
    past = ("not_applicable",) if spec.asked_if is None else ("not_applicable", "not_asked")
    return Answer(values, why, wave_of, why.isin((*ANSWERS, *past)))


def _in_wave(panel: Panel, variables: list[str], wave: str, units: pd.Index) -> tuple[pd.DataFrame, pd.Series]:
    """Values and reason of a question in one wave; a unit that did not take part is empty."""
    import pandas as pd

    there = panel.data.index.get_level_values("wave") == wave
    cells = panel.data.loc[there, variables].droplevel("wave").reindex(units)
    reasons = panel.why.loc[there, variables].droplevel("wave").reindex(units).fillna(EMPTY)
    answered = cells.notna().any(axis=1)
    why = pd.Series(ANSWERED, index=units, dtype=object).where(answered, reasons.iloc[:, 0])
    return cells, why


def _latest(reasons: dict[str, pd.Series], units: pd.Index) -> pd.Series:
    import pandas as pd

    latest = pd.Series(None, index=units, dtype=object)
    for wave, why in reasons.items():
        latest[why.isin(ANSWERS)] = wave
    return latest
