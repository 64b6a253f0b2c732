"""What a run was made of: hashes of inputs, study, code and environment, and the rows that each stage took and gave."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import subprocess
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from evalkit import __version__
from evalkit.keys import digest
from evalkit.panel.harmonise import Count
from evalkit.panel.register import register_folder
from evalkit.study.model import Study
from evalkit.study.names import is_outside
from evalkit.waves.codebook import NAME as CODEBOOK
from evalkit.waves.manifest import input_files, manifest_entries, sha256

PACKAGES = (
    *("babel", "formulaic", "joblib", "linearmodels", "matplotlib", "numpy", "openpyxl", "pandas", "pillow"),
    *("pyarrow", "pydantic", "pyreadstat", "scipy", "seaborn", "statsmodels"),
)
"""Packages whose version can change a result."""
OUTSIDE = "outside/"
"""What the names of inputs begin with that lie outside the study's data folder; a number keeps equal names apart."""
REGISTER = "register/"
"""What the names of inputs begin with that say who the units are."""


@dataclass(frozen=True)
class Identity:
    """Everything that decides the results of a run; equal identities have equal results."""

    inputs: dict[str, str]
    study_text: dict[str, str]
    code: str
    packages: dict[str, str]

    @property
    def id(self) -> str:
        """Twelve hexadecimal digits that name the run."""
        text = json.dumps(asdict(self), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    @property
    def register(self) -> str:
        """Hash of the files that say who the units are."""
        return digest({name: found for name, found in self.inputs.items() if name.startswith(REGISTER)})

    @property
    def base(self) -> str:
        """Hash of what every number depends on, whatever it is of: the register, the code and the packages."""
        return digest([self.register, self.code, self.packages])

    @property
    def raw(self) -> str:
        """Hash of what the panel is made of beside the study's plan and items: all of the files."""
        return digest([self.base, self.inputs, self.study_text.get(CODEBOOK)])


def identity(study: Study) -> Identity:
    """Hashes of the study's inputs (wave files, frame, register, or units of its own), its text, the code and packages.

    Of the manifest only the entries of the study's own files count.
    """
    register = _register(study)
    told = [file for file in input_files(study) if file not in register.values()]
    files = _named(study, told) | register
    inputs = {name: sha256(file) for name, file in files.items() if file.is_file()}
    entries = manifest_entries(study)
    if entries:
        inputs["manifest.toml"] = digest(entries)
    texts = [study.path / name for name in ("study.toml", "items.toml", CODEBOOK)]
    text = {file.name: sha256(file) for file in texts if file.is_file()}
    return Identity(inputs, text, _code(), {"python": platform.python_version(), **_versions()})


def _named(study: Study, files: Iterable[Path]) -> dict[str, Path]:
    """Files by what run.json calls them: the path in the data folder; of others no path of this machine."""
    found: dict[str, Path] = {}
    for place, file in enumerate(files, 1):
        name = f"{OUTSIDE}{place}/{file.name}" if is_outside(study, file) else os.path.relpath(file, study.raw)
        found[name] = file
    return found


def _register(study: Study) -> dict[str, Path]:
    """The files that say what the units of each year are: of the register, or the study's own."""
    spec = study.plan.frame
    own = [study.raw / name for name in (spec.units, spec.changes) if name and spec.units]
    return {f"{REGISTER}{file.name}": file for file in own or sorted(register_folder().glob("*.csv"))}


@lru_cache(maxsize=1)
def _code() -> str:
    """Of all that the package is: its modules, fonts and templates."""
    package = Path(__file__).parent
    found = hashlib.sha256()
    for file in sorted(path for path in package.rglob("*") if path.is_file() and "__pycache__" not in path.parts):
        found.update(file.relative_to(package).as_posix().encode() + b"\0" + file.read_bytes())
    return found.hexdigest()


def _versions() -> dict[str, str]:
    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


@dataclass
class Record:
    """What is written to run.json while a run goes on."""

    study: Study
    identity: Identity
    stages: dict[str, list[Count]] = field(default_factory=dict)
    stopped: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    discarded: list[dict[str, Any]] = field(default_factory=list)
    weighting: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)

    def warn(self, notes: Iterable[str]) -> None:
        """What there is to say of a question's weights; the same is said once."""
        self.warnings += [note for note in dict.fromkeys(notes) if note not in self.warnings]

    def as_dict(self) -> dict[str, Any]:
        """run.json's content."""
        outside = [file.name for file in input_files(self.study) if is_outside(self.study, file)]
        return {
            "run": self.identity.id,
            "study": self.study.name,
            "data": self.study.plan.data,
            "made": made_at().isoformat(timespec="seconds"),
            "evalkit": __version__,
            "commit": _commit(self.study.root),
            **asdict(self.identity),
            **({"outside": outside} if outside else {}),
            "stages": {name: [asdict(count) for count in counts] for name, counts in self.stages.items()},
            "stopped_at_the_privacy_gate": self.stopped,
            "discarded_rows": self.discarded,
            "weighting": self.weighting,
            "warnings": self.warnings,
            "doubts": self.doubts,
        }


def made_at() -> datetime:
    """Now, or SOURCE_DATE_EPOCH where it is set, in UTC."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    return datetime.fromtimestamp(int(epoch), UTC) if epoch else datetime.now(UTC)


def _commit(folder: Path) -> str | None:
    """The commit checked out where the study lies, with + where files have changed since; None outside git."""
    command = ["git", "-C", str(folder), "describe", "--always", "--abbrev=12", "--dirty=+", "--exclude=*"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=10).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return None
