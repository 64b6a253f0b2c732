"""[frame], [frames] and [groups] of study.toml: the units that could have answered, and their divisions."""

from __future__ import annotations

from dataclasses import field

from pydantic.dataclasses import dataclass

from evalkit.study.weights import FrameWeights
from evalkit.study.words import STRICT, Words


@dataclass(frozen=True, config=STRICT)
class Frame:
    """The population: every unit that could have answered."""

    register: int
    """Year of the register of municipalities, or of `units`, and so of the borders of the waves of this frame."""
    units: str | None = None
    """CSV in the study's raw data in place of the register of municipalities: code, name, further columns and, where
    units change, year. Said in [frame], it holds for further frames too; so do `changes` and `size`."""
    changes: str | None = None
    """CSV of the changes of `units`: date, from_code, to_code."""
    size: str | None = None
    """Column of `units` that says which part of a merged unit is the largest, and weights a mean."""
    invited: int | None = None
    extra: str | None = None
    """CSV in the study's raw data with a `code` column and further columns by unit."""
    outside: bool = False
    """These files may lie outside the study's data folder; run.json says which do."""
    labels: dict[str, Words] = field(default_factory=dict)
    fill: dict[str, float] = field(default_factory=dict)
    """Column → what stands for a missing value in groups and weights; it stays missing in summaries."""
    measure: str | None = None
    """Numeric column by which shares are given as well: of inhabitants, where shares are of municipalities."""


INHABITANTS, MEASURE = "inhabitants", "measure"
"""How shares of a frame's measure are called in the rows: those of the register's population, and of any other."""


def measured(frame: Frame) -> str:
    """How shares of this frame's measure are called in the rows."""
    return INHABITANTS if frame.units is None and frame.measure == "population" else MEASURE


@dataclass(frozen=True, config=STRICT)
class Group:
    """A division of the frame: the values of a column, or intervals of it by `lower_bounds`."""

    label: Words
    column: str
    categories: dict[str, Words]
    lower_bounds: tuple[float, ...] | None = None


@dataclass(frozen=True, config=STRICT)
class FurtherFrame(Frame):
    """The population of later waves, whose units are other ones: municipalities that merged in between."""

    groups: dict[str, Group] = field(default_factory=dict)
    """In place of the study's group of the name, or of this frame alone; the study's others are built from their
    columns."""
    without: tuple[str, ...] = ()
    """Groups of the study that these units do not have."""
    weights: FrameWeights = field(default_factory=FrameWeights)
