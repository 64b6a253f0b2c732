"""Run a document's cells and inline expressions once, in order, in a Jupyter kernel; the result is Markdown."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evalkit.errors import RenderError
from evalkit.report.document import Cell, Document, Line, Prose, parameter_cell
from evalkit.report.inline import INLINE, inline_markdown, unescape_braces

if TYPE_CHECKING:
    from nbclient import NotebookClient

_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_CELL_LINE = re.compile(r"Cell In\[\d+\], line (\d+)")
_DEFAULTS = {"output": True, "echo": True, "include": True, "warning": True}


@dataclass(frozen=True)
class Executed:
    """Markdown of the whole document; each line knows the line of the .qmd that made it."""

    lines: tuple[Line, ...]

    @property
    def text(self) -> str:
        return "\n".join(line.text for line in self.lines) + "\n"

    def place(self, needle: str) -> str | None:
        """File and line of the first line that holds `needle`."""
        found = self.index(needle)
        return self.lines[found].place if found < len(self.lines) else None

    def index(self, needle: str) -> int:
        """Number of lines before the first that holds `needle`; all of them where none does."""
        return next((i for i, line in enumerate(self.lines) if needle in line.text), len(self.lines))


def execute(
    document: Document, *, params: Mapping[str, object], folder: Path, defaults: Mapping[str, Any] | None = None
) -> Executed:
    """Run the document in `folder`.

    Parameters
    ----------
    params : values that replace the defaults of the cell tagged `parameters`, in a cell injected after it.
    defaults : cell options from `execute:` in the YAML head.

    Raises
    ------
    RenderError
        A cell or an inline expression failed (document, cell, line, last line of the exception), or gave something
        that not every format can show.
    """
    defaults = {**_DEFAULTS, **(defaults or {})}
    if not any(isinstance(part, Cell) or _expressions(part) for part in document.parts):
        parts = [part for part in document.parts if isinstance(part, Prose)]
        return Executed(tuple(replace(line, text=unescape_braces(line.text)) for part in parts for line in part.lines))
    tagged = parameter_cell(document)
    lines: list[Line] = []
    with _kernel(folder) as client:
        for part in document.parts:
            if isinstance(part, Prose):
                lines += _run_prose(client, part)
                continue
            lines += _run_cell(client, part, defaults)
            if part is tagged and params:
                code = "\n".join(f"{name} = {value!r}" for name, value in params.items())
                _run_code(client, replace(part, code=code, options={"label": "injected-parameters"}))
    return Executed(tuple(lines))


@contextmanager
def _kernel(folder: Path) -> Iterator[NotebookClient]:
    """A kernel of the running Python, whatever kernels are registered on the machine."""
    from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
    from jupyter_client.manager import AsyncKernelManager
    from nbclient import NotebookClient
    from nbclient.exceptions import DeadKernelError
    from nbformat.v4 import new_notebook

    class ThisPython(KernelSpecManager):
        def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
            argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}", "--log-level=ERROR"]
            return KernelSpec(argv=argv, display_name=kernel_name, language="python")

    manager = AsyncKernelManager(kernel_name="python3", kernel_spec_manager=ThisPython())
    client = NotebookClient(
        new_notebook(), km=manager, timeout=None, allow_errors=True, resources={"metadata": {"path": str(folder)}}
    )
    try:
        with client.setup_kernel():
            yield client
    except (DeadKernelError, RuntimeError, OSError) as error:
        raise RenderError(
            "The Python process that runs the report's cells stopped, or did not start.",
            got=str(error).strip().splitlines()[-1],
            mend="Run again; if it recurs, look in the cells for what ends the process or fills the memory.",
        ) from None


def _run_code(client: NotebookClient, cell: Cell) -> list[Any]:
    from nbformat.v4 import new_code_cell

    client.nb.cells.append(new_code_cell(source=cell.code))
    ran = client.execute_cell(client.nb.cells[-1], len(client.nb.cells) - 1)
    for output in ran.outputs:
        if output.output_type == "error":
            raise _failed(cell, output)
    return list(ran.outputs)


def _failed(cell: Cell, output: Any) -> RenderError:
    trace = _ANSI.sub("", "\n".join(output.traceback))
    inside = _CELL_LINE.search(trace)
    line = cell.first_code_line + int(inside[1]) - 1 if inside else cell.fence.number
    message = _last_line(output.ename, output.evalue)
    return RenderError("A cell of the report failed.", where=f"{cell.place}, line {line}", got=message)


def _last_line(name: str, value: str) -> str:
    """The exception in one line; an error of ours keeps its own lines, which say how to mend it."""
    lines = _ANSI.sub("", value).strip().splitlines()
    if name.endswith("Error") and len(lines) > 1 and lines[1].startswith("  "):
        return "\n    ".join([f"{name}: {lines[0]}", *(line.strip() for line in lines[1:])])
    return f"{name}: {lines[-1]}" if lines else name


def _run_cell(client: NotebookClient, cell: Cell, defaults: Mapping[str, Any]) -> list[Line]:
    options = {**defaults, **cell.options}
    outputs = _run_code(client, cell)
    if not options["include"]:
        return []
    blocks = [_fenced(cell.code, "python")] if options["echo"] and cell.code.strip() else []
    for output in outputs:
        blocks += _block(output, cell, options)
    text = "\n\n".join(["", *blocks, ""])
    return [Line(content, cell.fence.file, cell.fence.number) for content in text.splitlines()]


def _block(output: Any, cell: Cell, options: Mapping[str, Any]) -> list[str]:
    if output.output_type == "stream" and output.name == "stderr":
        return [_fenced(output.text, "")] if options["warning"] and options["output"] else []
    if options["output"] is False:
        return []
    if output.output_type == "stream":
        return [output.text.rstrip() if options["output"] == "asis" else _fenced(output.text, "")]
    data = output.data
    if "text/markdown" in data:
        return [data["text/markdown"]]
    pictures = [kind for kind in data if kind != "text/plain"]
    if pictures:
        raise RenderError(
            "A cell gives something that not every format can show.",
            where=f"{cell.place}, line {cell.fence.number}",
            expected="Markdown",
            got=", ".join(pictures),
            mend="Print Markdown with #| output: asis; figures lie ready in the run, as exhibits/<name>.",
        )
    return [_fenced(data["text/plain"], "")]


def _fenced(text: str, language: str) -> str:
    ticks = "`" * max(3, *(len(run) + 1 for run in re.findall(r"`{3,}", text)), 3)
    return f"{ticks}{language}\n{text.rstrip()}\n{ticks}"


def _run_prose(client: NotebookClient, prose: Prose) -> list[Line]:
    """Prose with its inline expressions replaced, all of a stretch in one message to the kernel as Quarto does it."""
    found = _expressions(prose)
    if not found:
        return [replace(line, text=unescape_braces(line.text)) for line in prose.lines]
    assert client.kc is not None
    message = client.kc.execute("", user_expressions={str(i): text for i, (_, text) in enumerate(found)})
    reply = (client.wait_for_reply(message) or {})["content"].get("user_expressions", {})
    values = iter([inline_markdown(reply[str(i)], text, line) for i, (line, text) in enumerate(found)])
    replaced = [(INLINE.sub(lambda match: match[1] + next(values), line.text), line) for line in prose.lines]
    return [replace(line, text=unescape_braces(text)) for text, line in replaced]


def _expressions(prose: Prose) -> list[tuple[Line, str]]:
    return [(line, match[2].strip()) for line in prose.lines for match in INLINE.finditer(line.text)]
