"""A finished run, as reports, notebooks and scripts read it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evalkit.errors import MethodError, RunError, nearest, one_of
from evalkit.folders import settle
from evalkit.present.exhibit import COLUMNS, KEYS, Exhibit, read_rows
from evalkit.study import load_study
from evalkit.study.model import Study

if TYPE_CHECKING:
    import pandas as pd

    from evalkit.present.document import Document

STAGES = ("waves", "panel", "weights", "estimates", "change", "exhibits")
MARK = ".run"
"""File beside drawn figures that says which run they are of."""


@dataclass(frozen=True)
class Run:
    """Results of one run of a study, read from its folder when they are asked for.

    Attributes
    ----------
    study : the study as it stands in its folder now; as it stood when it was run, where its folder is gone.
    path : build/<study>/<run>.
    """

    study: Study
    path: Path
    _read: dict[str, Exhibit] = field(default_factory=dict, init=False, repr=False, compare=False)

    @cached_property
    def record(self) -> dict[str, Any]:
        """run.json: inputs, study, code and environment, rows in and out."""
        return json.loads((self.path / "run.json").read_text(encoding="utf-8"))

    @property
    def id(self) -> str:
        return self.path.name

    @cached_property
    def panel(self) -> pd.DataFrame:
        """Row a unit and wave: unit, wave, the questions' answers, and `why.` columns saying why there is none.

        Each wave is in the borders of its own frame.
        """
        import pandas as pd

        return pd.read_parquet(self._file("panel.parquet", "panel"))

    @cached_property
    def links(self) -> pd.DataFrame:
        """Units that came from other borders: wave, from_code, to_code, kind, what was done, and the borders' year.

        Those into the borders of the wave's own frame come first, then those into the reference; empty where none did.
        """
        return read_rows(self._file("links.csv", "panel"), ("wave", "from_code", "to_code", "kind", "done"))

    @cached_property
    def comparable(self) -> pd.DataFrame:
        """Which waves can be compared for which units: a row a unit of the reference and wave.

        unit, wave; whence: same, renumbered, merged or split, none where it did not answer; questions: how many of
        them it answered so that they can be compared, 0 where it was split and left.
        """
        return read_rows(self._file("comparable.csv", "panel"), ("unit", "wave", "whence"))

    @cached_property
    def discarded(self) -> pd.DataFrame:
        """Rows of the files that do not count: wave, row, unit, rule, reason, counts (the one that does; 0: none)."""
        import pandas as pd

        columns = ("wave", "row", "unit", "rule", "reason", "counts")
        found = pd.DataFrame(self.record.get("discarded_rows", []), columns=list(columns))
        return found.astype({"row": int, "counts": int})

    @cached_property
    def weights(self) -> pd.DataFrame:
        """Row a sample and unit: sample (a wave's id or "latest"), unit, base_weight, weight."""
        return read_rows(self._file("weights.csv", "weights"), ("sample", "unit"))

    @cached_property
    def estimates(self) -> pd.DataFrame:
        """Every row of the exhibits on answers and representativeness; shares are 0–1.

        `bias_bound` of an unweighted share is the largest bias that uneven answering can have given it (R-indicator).
        """
        return self._rows("estimates")

    @cached_property
    def change(self) -> pd.DataFrame:
        """Every row of the exhibits on change between waves."""
        return self._rows("change")

    @property
    def exhibits(self) -> tuple[str, ...]:
        """Names of the exhibits, in the order of study.toml."""
        return tuple(self.record["exhibits"])

    def exhibit(self, name: str) -> Exhibit:
        """One exhibit; MethodError with the nearest name where there is none of that name."""
        if name not in self.exhibits:
            guess = nearest(name, self.exhibits)
            mend = f"did you mean {guess!r}?" if guess else f"add [exhibits.{name}] to study.toml and run again"
            raise MethodError(f"There is no exhibit {name!r}", where=self.path, mend=mend)
        if name not in self._read:
            self._read[name] = Exhibit.load(self.path / "exhibits", name)
        return self._read[name]

    def document(self, lang: str) -> Document:
        """What a report's cells and sentences use: this run's exhibits in one language.

        Where the working folder holds a Quarto document, the drawn figures are put beside it, in exhibits/.
        """
        from shutil import copytree

        from evalkit.present.document import Document

        drawn, beside = self.path / "exhibits" / lang, Path("exhibits")
        mark = beside / MARK
        there = mark.is_file() and mark.read_text(encoding="utf-8") == (drawn / MARK).read_text(encoding="utf-8")
        if not there and any(Path().glob("*.qmd")):
            copytree(drawn, beside, dirs_exist_ok=True)
        return Document(self.exhibit, lang, names=self.exhibits)

    def value(self, exhibit: str, **where: object) -> float:
        """One estimate of an exhibit, such as `run.value("own_plan", size="<2000", weighting="unweighted")`."""
        return self.exhibit(exhibit).value("estimate", **where)

    def _rows(self, stage: str) -> pd.DataFrame:
        """The rows of a stage's exhibits; none where the study has none of its kinds, for then there is no file."""
        import pandas as pd

        if self.record["stages"].get(stage) == []:
            return pd.DataFrame({name: pd.Series(dtype=str if name in KEYS else float) for name in COLUMNS}).assign(
                exhibit=pd.Series(dtype=str)
            )
        return read_rows(self._file(f"{stage}.csv", stage), ("exhibit", *KEYS))

    def _file(self, name: str, stage: str) -> Path:
        path = self.path / name
        if path.is_file():
            return path
        if stage in self.record["stages"] and name != "panel.parquet":
            raise RunError(f"{name} of the run is gone", where=self.path, mend="run it again with --fresh")
        if name == "panel.parquet" and self.record.get("panel") == "restricted":
            raise RunError("The panel is not written", where=self.path, got="a wave file is restricted in the manifest")
        raise RunError(f"The run stopped before {stage}", where=self.path, mend="run it again without --until")


def open_run(path: str | Path) -> Run:
    """Open a finished run.

    Parameters
    ----------
    path : a run's folder (build/<study>/<run>), or a study's folder (analyses/<study>) for its latest run.

    Returns
    -------
    Run

    Raises
    ------
    RunError where there is no finished run.

    Examples
    --------
    >>> run = open_run("analyses/robek")  # doctest: +SKIP
    >>> run.value("in_robek", wave="2008", group="all")  # doctest: +SKIP
    """
    folder = Path(path).resolve()
    if (folder / "study.toml").is_file():
        return latest(load_study(folder))
    if not (folder / "run.json").is_file():
        settle(folder.parent)
    if not (folder / "run.json").is_file():
        found = sorted(str(p.parent) for p in folder.glob("*/run.json"))
        raise RunError(
            "There is no finished run here",
            where=folder,
            mend=f"name one of them: {one_of(found)}" if found else "evalkit run STUDY",
        )
    study = (folder / json.loads((folder / "run.json").read_text(encoding="utf-8"))["study_folder"]).resolve()
    return Run(load_study(study if (study / "study.toml").is_file() else folder / "study"), folder)


def latest(study: Study) -> Run:
    """The latest finished run of a study; RunError where there is none."""
    pointer = study.build / "latest"
    name = pointer.read_text(encoding="utf-8").strip() if pointer.is_file() else ""
    if name and not (study.build / name / "run.json").is_file():
        settle(study.build)  # a process may have been killed while it put a run in the place of this one
    if not name or not (study.build / name / "run.json").is_file():
        raise RunError(f"{study.name} has no finished run", where=study.build, mend=f"evalkit run {study.path}")
    return Run(study, study.build / name)
