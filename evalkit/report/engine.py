"""Which renderer is here: the Quarto command, its Python package, or the built-in one."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from evalkit.errors import RenderError, one_of
from evalkit.report.pandoc import pandoc_path

_MENDS = "Install Quarto (quarto.org), or evalkit[quarto], or use --engine builtin."
_OLDEST = (1, 9)


@dataclass(frozen=True)
class EngineInfo:
    """A renderer: whether it can be used, whether it is used where no other is asked for, and why."""

    name: str
    available: bool
    used: bool
    version: str | None
    path: str | None
    why: str


def engines() -> tuple[EngineInfo, ...]:
    """Quarto and the built-in renderer, which is used until Quarto's Word files are as good as its own."""
    path, source = _quarto()
    version = _quarto_version(path) if path else None
    quarto = version is not None and _new_enough(version)
    if not path:
        why = "neither on PATH nor as the Python package quarto-cli"
    elif version is None:
        why = f"found {source}, but `quarto --version` fails"
    elif quarto:
        why = f"found {source}: --engine quarto asks for it"
    else:
        why = f"found {source}, but PDF/UA needs {_OLDEST[0]}.{_OLDEST[1]} or newer"
    return (
        EngineInfo("quarto", quarto, False, version, path, why),
        EngineInfo("builtin", True, True, _parts(), None, "used where no other is asked for"),
    )


def choose(engine: str) -> EngineInfo:
    """The renderer for "auto", "quarto" or "builtin"; "auto" is the built-in one."""
    if engine in ("auto", "builtin"):
        return EngineInfo("builtin", True, True, None, None, "asked for")
    if engine != "quarto":
        raise RenderError("There is no such renderer.", expected=one_of(["auto", "quarto", "builtin"]), got=engine)
    quarto = engines()[0]
    if not quarto.available:
        raise RenderError("Quarto cannot be used.", got=quarto.why, mend=_MENDS)
    return quarto


def _quarto() -> tuple[str | None, str]:
    on_path = shutil.which("quarto")
    if on_path:
        return on_path, "on PATH"
    spec = find_spec("quarto_cli")
    if spec and spec.origin:
        inside = sorted(Path(spec.origin).parent.glob("bin/quarto*"))
        command = next((file for file in inside if file.suffix in ("", ".exe", ".cmd")), None)
        if command:
            return str(command), "in the Python package quarto-cli"
    return None, ""


def _quarto_version(path: str) -> str | None:
    try:
        done = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def _new_enough(version: str) -> bool:
    numbers = [int(part) for part in version.split(".")[:2] if part.isdigit()]
    return tuple(numbers) >= _OLDEST


def _parts() -> str:
    said = subprocess.run([pandoc_path(), "--version"], capture_output=True, text=True, check=True).stdout
    return f"{said.splitlines()[0]}, typst {metadata.version('typst')}"
