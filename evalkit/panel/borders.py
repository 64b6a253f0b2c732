"""In whose borders answers are: each wave in those of its own frame, waves of several frames in the reference's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from evalkit.errors import DataError
from evalkit.panel.crosswalk import crosswalk
from evalkit.panel.frame import Frame
from evalkit.panel.harmonise import Count, Panel, Told
from evalkit.panel.invited import carried
from evalkit.panel.link import Linked, inhabitants, link
from evalkit.panel.unit_register import unit_register
from evalkit.study.model import Study

if TYPE_CHECKING:
    import pandas as pd

LINKS = ("wave", "from_code", "to_code", "kind", "done")
SPLIT = "split"


@dataclass(frozen=True)
class StudyAnswers:
    """The answers of all waves of a study, and the panels made of them.

    Attributes
    ----------
    study : as its files have it.
    frames : by name, [frame] by None.
    told : wave → what its units said, in the wave's own numbering.
    """

    study: Study
    frames: Mapping[str | None, Frame]
    told: Mapping[str, Told]
    _made: dict[tuple[str | None, tuple[str, ...]], Panel] = field(default_factory=dict, repr=False)

    def panel(self, waves: Iterable[str]) -> Panel:
        """The panel of these waves, in the borders of the frame they share, else of the reference; made once."""
        chosen = self.study.in_order(waves)
        key = (self.study.frame_of(chosen), chosen)
        if key not in self._made:
            self._made[key] = self._panel(*key)
        return self._made[key]

    @cached_property
    def discarded(self) -> pd.DataFrame:
        """Rows of the files that do not count: wave, row, unit, rule, reason, counts (the one that does; 0: none)."""
        import pandas as pd

        parts = [told.discarded for told in self.told.values() if told.discarded is not None]
        return pd.concat(parts, ignore_index=True)

    @cached_property
    def uninvited(self) -> dict[str, list[str]]:
        """Wave → units that answered and were not on its list, in its numbering; waves without any are left out."""
        found = {
            wave: sorted(set(told.data.index) - set(told.invited.index))
            for wave, told in self.told.items()
            if told.invited is not None
        }
        return {wave: units for wave, units in found.items() if units}

    def invited(self, wave: str, name: str | None) -> pd.Series | None:
        """What came of a wave's invitations in the borders of a frame; None where the wave has no list."""
        told, year = self.told[wave].invited, self.study.within(name).plan.frame.register
        if told is None:
            return None
        return carried(told, self.study.wave(wave).numbering, year, unit_register(self.study))

    def _panel(self, name: str | None, waves: tuple[str, ...]) -> Panel:
        import pandas as pd

        frame, parts, whys, links, log = self.frames[name], [], [], [_no_links()], list[Count]()
        for wave in waves:
            linked = self._linked(wave, name)
            index = pd.MultiIndex.from_arrays([linked.data.index, [wave] * len(linked.data)], names=["unit", "wave"])
            parts.append(linked.data.set_axis(index))
            whys.append(linked.why.set_axis(index))
            links.append(linked.listed.assign(wave=wave))
            log += self.told[wave].log
            log += [Count(f"{wave}: {c.step}", c.rows_in, c.rows_out, c.reason) for c in linked.counts]
        table = pd.concat(links, ignore_index=True)[list(LINKS)]
        return Panel(pd.concat(parts), pd.concat(whys), frame, waves, self.study.within(name), table, tuple(log), self)

    def _linked(self, wave: str, name: str | None) -> Linked:
        """A wave's answers in the borders of a frame: renumbered exactly, merged and split by the study's rule."""
        told, spec = self.told[wave], self.study.wave(wave)
        register = self.study.within(name).plan.frame.register
        found = Linked(told.data, told.why, (), _no_links())
        if spec.numbering != register:
            rules = self._rules(wave, register)
            people = inhabitants(spec.numbering, rules["register"])
            found = link(told.data, told.why, items=self.study.items, population=people, **rules)
        outside = [unit for unit in found.data.index if unit not in self.frames[name].units.index]
        if outside:
            raise DataError(
                f"{len(outside)} units of wave {wave} are not in the frame of {register}",
                where=spec.file,
                got=", ".join(outside[:5]),
                mend="correct numbering of the wave, or register of the frame, in study.toml",
            )
        return found

    def _rules(self, wave: str, register: int) -> dict[str, Any]:
        """What the study says of units that merged or split on the way to these borders."""
        spec, rule = self.study.wave(wave), self.study.plan.link
        known = unit_register(self.study)
        years: dict[str, Any] = {"from_year": spec.numbering, "to_year": register, "register": known}
        table = crosswalk(spec.numbering, register, known)
        if rule is not None:
            split = set(table.loc[table["kind"] == SPLIT, "from_code"])
            followed = {old: new for old, new in rule.splits.items() if old in split}
            return years | {"merged": rule.merged, "numbers": rule.numbers, "splits": followed}
        inexact = table.loc[table["kind"].isin(["merged", SPLIT]), "from_code"]
        inexact = sorted(set(self.told[wave].data.index) & set(inexact))
        if inexact:
            raise DataError(
                f"{len(inexact)} units of wave {wave} merged or split between {spec.numbering} and {register}",
                where=spec.file,
                got=", ".join(inexact[:5]),
                mend='say what such a unit answered: [link] merged = "largest", "any" or "agree" in study.toml',
            )
        return years

    @cached_property
    def own(self) -> list[Panel]:
        """Each wave by itself, in the borders of its own frame."""
        return [self.panel([wave]) for wave in self.told]

    @cached_property
    def whole(self) -> Panel:
        """All waves in the borders in which they can be compared."""
        return self.panel(self.told)

    @property
    def table(self) -> pd.DataFrame:
        """Row a unit and wave, each in the borders of its own frame: unit, wave, answers, and why there is none."""
        import pandas as pd

        return pd.concat([panel.data.join(panel.why.add_prefix("why.")) for panel in self.own]).reset_index()

    @property
    def links(self) -> pd.DataFrame:
        """`Panel.links` of each wave on its own and, where the waves have several frames, of all in the reference."""
        import pandas as pd

        panels = [*self.own, *([self.whole] if self.study.plan.frames else [])]
        tables = [panel.links.assign(borders=panel.study.plan.frame.register) for panel in panels]
        return pd.concat(tables, ignore_index=True).drop_duplicates(ignore_index=True)

    @property
    def log(self) -> tuple[Count, ...]:
        """Rows in and out of each step of every wave in its own borders, then of carrying them to the reference."""
        steps = [count for panel in self.own for count in panel.log]
        if not self.study.plan.frames:
            return tuple(steps)
        year = self.whole.study.plan.frame.register
        carried = [count for count in self.whole.log if count not in steps]
        words = [Count(f"{c.step}, in the borders of {year}", c.rows_in, c.rows_out, c.reason) for c in carried]
        return (*steps, *words)


def _no_links() -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame({name: pd.Series(dtype=object) for name in LINKS[1:]})


def comparable(panel: Panel) -> pd.DataFrame:
    """Which waves of a panel can be compared for which units, and how each unit came into the panel's borders.

    Returns
    -------
    DataFrame, a row a unit of the frame and wave: unit, wave; whence: same, renumbered or merged, split (it follows the
    part that the study names, or it left: then `questions` is 0), or none (the unit did not answer); questions: how
    many of the study's it answered in the wave that can be compared, don't know being an answer.
    """
    import pandas as pd

    from evalkit.panel.harmonise import ANSWERS

    questions = {
        name: list(panel.study.variables(name)) for name, item in panel.study.items.items() if item.type != "text"
    }
    told = pd.DataFrame({name: panel.why[columns].isin(ANSWERS).any(axis=1) for name, columns in questions.items()})
    answered = told.sum(axis=1)
    parts = []
    for wave in panel.waves:
        listed = panel.links[panel.links["wave"] == wave]
        here = answered.xs(wave, level="wave")
        whence = pd.Series("none", index=panel.frame.units.index, dtype=object)
        whence[here.index] = "same"
        whence[_parts_of_split(panel, wave).difference(here.index)] = SPLIT
        for kind in ("renumbered", "merged", SPLIT):
            whence[listed.loc[listed["kind"] == kind, "to_code"].dropna().unique()] = kind
        counts = here.reindex(whence.index).fillna(0).astype(int)
        parts.append(pd.DataFrame({"wave": wave, "whence": whence, "questions": counts}))
    return pd.concat(parts).rename_axis("unit").reset_index()


def _parts_of_split(panel: Panel, wave: str) -> pd.Index:
    """Units of the frame that hold a part of a unit that answered, was split and left."""
    import pandas as pd

    listed = panel.links[(panel.links["wave"] == wave) & (panel.links["kind"] == SPLIT) & panel.links["to_code"].isna()]
    if listed.empty:
        return pd.Index([])
    known = unit_register(panel.study)
    table = crosswalk(panel.study.wave(wave).numbering, panel.study.plan.frame.register, known)
    ways = table.loc[table["from_code"].isin(listed["from_code"]), "to_code"].unique()
    return panel.frame.units.index.intersection(ways)
