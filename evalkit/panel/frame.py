"""The frame: every unit that could have answered, and the groups it is in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from evalkit.errors import DataError, EvalkitError
from evalkit.panel.frame_columns import is_number, no_column, number_faults, own_faults
from evalkit.study.model import Group, Study

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Frame:
    """The population of a study.

    Attributes
    ----------
    units : index unit (code in the frame's numbering); name, county, population and further columns.
    groups : index unit; one ordered categorical column a group of the study, its codes in the study's order.
    filled : `units` with what the study lets stand for missing values; for groups and weights, not for summaries.
    """

    units: pd.DataFrame
    groups: pd.DataFrame
    filled: pd.DataFrame

    @property
    def n(self) -> int:
        return len(self.units)


def build_frames(study: Study) -> dict[str | None, Frame]:
    """Every frame of a study by name, [frame] by None; DataError with the faults of all."""
    found: dict[str | None, Frame] = {}
    faults: list[EvalkitError] = []
    for name in (None, *study.plan.frames):
        try:
            found[name] = build_frame(study, name)
        except EvalkitError as fault:
            faults += fault.faults or (fault,)
    if faults:
        raise DataError.of(faults)
    return found


def build_frame(study: Study, name: str | None = None) -> Frame:
    """The register of a frame's year with the study's own columns and groups; [frame] where no other is named.

    Raises
    ------
    DataError where a group names an unknown column or leaves a unit without a category, or the study's own
    columns name an unknown unit; all at once.
    """
    import pandas as pd

    from evalkit.panel.register import municipalities
    from evalkit.panel.unit_register import unit_register

    study = study.within(name)
    spec, at = study.plan.frame, "frame" if name is None else f"frames.{name}"
    within = "" if name is None else f"{at}."
    listed = municipalities(spec.register) if spec.units is None else unit_register(study).on(spec.register)
    units = listed.rename(columns={"code": "unit"}).set_index("unit")
    if spec.extra is not None:
        extra = pd.read_csv(study.raw / spec.extra, dtype={"code": str}, comment="#").set_index("code")
        unknown = [unit for unit in extra.index if unit not in units.index]
        if unknown or extra.index.has_duplicates:
            twice = list(extra.index[extra.index.duplicated()])
            raise DataError(
                f"{spec.extra} has units that are not in the frame, or are there twice",
                where=study.raw / spec.extra,
                got=", ".join([*unknown, *twice][:5]),
                expected=f"codes of {spec.register}, each once",
            )
        units = units.join(extra)
    faults: list[EvalkitError] = list(own_faults(study, at, within, units))
    filled = units.fillna({key: value for key, value in spec.fill.items() if is_number(key, units)})
    columns = {}
    for key, group in study.plan.groups.items():
        try:
            columns[key] = _group(key, group, filled, within)
        except EvalkitError as fault:
            faults.append(fault)
    if faults:
        raise DataError.of(faults)
    return Frame(units, pd.DataFrame(columns, index=units.index), filled)


def _group(name: str, group: Group, units: pd.DataFrame, within: str) -> pd.Series:
    """Each unit's category; `within` is where the frame's groups stand in study.toml, "" of [frame]."""
    import numpy as np
    import pandas as pd

    if group.column not in units:
        fault = no_column(f"{within}groups.{name}", group.column, units)
        other = f'give it a column that is there in [{within}groups.{name}], or leave it out: without = ["{name}"]'
        raise DataError(fault.what, where=fault.where, expected=fault.expected, mend=other) if within else fault
    if group.lower_bounds is not None:
        for fault in number_faults(f"{within}groups.{name}", group.column, units):
            raise fault
    values = units[group.column]
    codes = np.array(list(group.categories), dtype=object)
    if group.lower_bounds is not None:
        position = np.searchsorted(np.asarray(group.lower_bounds), values.to_numpy(dtype=float), side="right") - 1
        outside = (position < 0) | values.isna().to_numpy()
        found = pd.Series(codes[position.clip(0)], index=units.index).mask(outside)
    else:
        text = values.map(
            lambda v: str(int(v)) if isinstance(v, float) and v.is_integer() else str(v), na_action="ignore"
        )
        found = text.where(text.isin(codes))
    left_out = found.index[found.isna()]
    if len(left_out):
        raise DataError(
            f"Group {name!r} has no category for {len(left_out)} units",
            where=f"{within}groups.{name}",
            got=f"{units.loc[left_out[0], 'name']} ({left_out[0]}) has {group.column} = {values[left_out[0]]!r}",
            mend="add the category, a lower bound below it, or what stands for a missing value: fill under [frame]",
        )
    return pd.Series(pd.Categorical(found, categories=list(codes), ordered=True), index=units.index)
