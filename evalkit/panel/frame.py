"""The frame: every unit that could have answered, and the groups it is in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from evalkit.errors import DataError, EvalkitError, nearest, one_of
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


def build_frame(study: Study) -> Frame:
    """The register of the study's year with the study's own columns and groups.

    Raises
    ------
    DataError where a group names an unknown column or leaves a unit without a category, or the study's own
    columns name an unknown unit; all at once.
    """
    import pandas as pd

    from evalkit.panel.register import municipalities

    spec = study.plan.frame
    units = municipalities(spec.register).rename(columns={"code": "unit"}).set_index("unit")
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
    faults: list[EvalkitError] = [_no_column("frame.fill", name, units) for name in spec.fill if name not in units]
    faults += [_no_column("weights.totals", name, units) for name in study.plan.weights.totals if name not in units]
    if spec.measure is not None and spec.measure not in units:
        faults.append(_no_column("frame.measure", spec.measure, units))
    filled = units.fillna({name: value for name, value in spec.fill.items() if name in units})
    columns = {}
    for name, group in study.plan.groups.items():
        try:
            columns[name] = _group(name, group, filled)
        except EvalkitError as fault:
            faults.append(fault)
    for column in study.plan.frame.labels:
        if column not in units:
            faults.append(_no_column("frame.labels", column, units))
    if faults:
        raise DataError.of(faults)
    return Frame(units, pd.DataFrame(columns, index=units.index), filled)


def _no_column(where: str, column: str, units: pd.DataFrame) -> EvalkitError:
    guess = nearest(column, units.columns)
    mend = f"did you mean {guess!r}?" if guess else None
    return DataError(f"The frame has no column {column!r}", where=where, expected=one_of(units.columns), mend=mend)


def _group(name: str, group: Group, units: pd.DataFrame) -> pd.Series:
    import numpy as np
    import pandas as pd

    if group.column not in units:
        raise _no_column(f"groups.{name}", group.column, units)
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
            where=f"groups.{name}",
            got=f"{units.loc[left_out[0], 'name']} ({left_out[0]}) has {group.column} = {values[left_out[0]]!r}",
            mend="add the category, a lower bound below it, or what stands for a missing value: fill under [frame]",
        )
    return pd.Series(pd.Categorical(found, categories=list(codes), ordered=True), index=units.index)
