"""What a run was made of: hashes of inputs, study, code and environment, and the rows that each stage took and gave."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import subprocess
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from evalkit import __version__
from evalkit.panel.harmonise import Count
from evalkit.panel.register import register_folder
from evalkit.study.model import Study
from evalkit.waves.manifest import input_files, sha256

PACKAGES = ("formulaic", "matplotlib", "numpy", "pandas", "pyarrow", "pyreadstat", "scipy", "seaborn", "statsmodels")
"""Packages whose version can change a result."""


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


def identity(study: Study) -> Identity:
    """Hashes of the study's inputs (wave files, frame, register), its text, the package's code and its environment."""
    register = sorted(register_folder().glob("*.csv"))
    inputs = {file.name: sha256(file) for file in [*input_files(study), *register] if file.is_file()}
    text = {name: sha256(study.path / name) for name in ("study.toml", "items.toml")}
    return Identity(inputs, text, _code(), {"python": platform.python_version(), **_versions()})


@lru_cache(maxsize=1)
def _code() -> str:
    package = Path(__file__).parent
    digest = hashlib.sha256()
    for file in sorted(package.rglob("*.py")):
        digest.update(file.relative_to(package).as_posix().encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


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
    weighting: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """run.json's content."""
        return {
            "run": self.identity.id,
            "study": self.study.name,
            "data": self.study.plan.data,
            "made": made_at().isoformat(timespec="seconds"),
            "evalkit": __version__,
            "commit": _commit(self.study.root),
            **asdict(self.identity),
            "stages": {name: [asdict(count) for count in counts] for name, counts in self.stages.items()},
            "stopped_at_the_privacy_gate": self.stopped,
            "weighting": self.weighting,
            "warnings": self.warnings,
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
