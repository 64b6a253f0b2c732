"""A Quarto document read into parts: YAML head, prose, Python cells; every line remembers where it came from."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from evalkit.errors import RenderError, nearest, one_of

_FENCE = re.compile(r"^(\s*)(`{3,}|~{3,})\s*(.*)$")
_CELL = re.compile(r"^\{(\w+)\s*(.*?)\}$")
_INCLUDE = re.compile(r"^\s*\{\{<\s*include\s+(\S+)\s*>\}\}\s*$")
_OPTION = re.compile(r"^#\s*\| ?")

CELL_OPTIONS = ("label", "tags", "output", "echo", "include", "warning")


@dataclass(frozen=True)
class Line:
    """A line of text and the place it was written."""

    text: str
    file: str
    number: int

    @property
    def place(self) -> str:
        return f"{self.file}, line {self.number}"


@dataclass(frozen=True)
class Prose:
    """Markdown between two cells."""

    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Cell:
    """A Python cell: its code without option lines, its options, its opening fence, first code line and last line."""

    code: str
    options: dict[str, Any]
    fence: Line
    first_code_line: int
    last_line: int

    @property
    def label(self) -> str | None:
        return self.options.get("label")

    @property
    def place(self) -> str:
        return f"{self.fence.file}, cell {self.label!r}" if self.label else f"{self.fence.file}, cell without label"


@dataclass(frozen=True)
class Document:
    """A parsed .qmd: `meta` is its own YAML head, of so many lines; `parts` are its prose and cells in order."""

    path: Path
    meta: dict[str, Any]
    head_lines: int
    parts: tuple[Prose | Cell, ...]

    @property
    def cells(self) -> tuple[Cell, ...]:
        return tuple(part for part in self.parts if isinstance(part, Cell))


def read_document(path: Path, project: Path | None = None) -> Document:
    """Read a .qmd, expand its includes and split it into prose and cells.

    Parameters
    ----------
    path : the document.
    project : the folder that an include path beginning with "/" starts from.

    Raises
    ------
    RenderError
        No such file, a YAML head that cannot be read, a missing include, an engine or cell option that is not known;
        all faults of the cells at once.
    """
    if not path.is_file():
        raise RenderError("There is no such document.", where=path, mend="Give the path of a .qmd file.")
    lines = [
        Line(text, path.name, number)
        for number, text in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), start=1)
    ]
    meta, body = _split_head(lines, path)
    return Document(path, meta, len(lines) - len(body), _parts(_expand(body, path, path, project, ())))


def _split_head(lines: list[Line], path: Path) -> tuple[dict[str, Any], list[Line]]:
    if not lines or lines[0].text.rstrip() != "---":
        return {}, lines
    end = next((i for i, line in enumerate(lines[1:], start=1) if line.text.rstrip() in ("---", "...")), None)
    if end is None:
        raise RenderError("The YAML head has no end.", where=f"{path.name}, line 1", expected="a line with --- alone")
    return read_yaml("\n".join(line.text for line in lines[1:end]), path.name, 2), lines[end + 1 :]


def read_yaml(text: str, name: str, first_line: int = 1) -> dict[str, Any]:
    """YAML text that must hold a mapping; faults name file and line."""
    try:
        meta = yaml.safe_load(text) or {}
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = first_line + (mark.line if mark else 0)
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise RenderError("The YAML cannot be read.", where=f"{name}, line {line}", got=problem) from None
    if not isinstance(meta, dict):
        raise RenderError("The YAML is not a mapping.", where=f"{name}, line {first_line}", expected="key: value")
    return meta


def _expand(lines: Sequence[Line], file: Path, main: Path, project: Path | None, above: tuple[Path, ...]) -> list[Line]:
    expanded: list[Line] = []
    for line in lines:
        match = _INCLUDE.match(line.text)
        if not match:
            expanded.append(line)
            continue
        target = _include_path(match[1], line, file, main, project)
        if target in (*above, file):
            raise RenderError("A file includes itself.", where=line.place, got=match[1])
        text = target.read_text(encoding="utf-8-sig").splitlines()
        inner = [Line(content, target.name, number) for number, content in enumerate(text, start=1)]
        expanded += [*_expand(inner, target, main, project, (*above, file)), Line("", target.name, len(text))]
    return expanded


def included(path: Path, project: Path | None = None) -> list[Path]:
    """Every file that a document includes, and those that they include; RenderError as `read_document`."""
    found: list[Path] = []
    queue = [path]
    while queue:
        file = queue.pop()
        for number, text in enumerate(file.read_text(encoding="utf-8-sig").splitlines(), start=1):
            if match := _INCLUDE.match(text):
                target = _include_path(match[1], Line(text, file.name, number), file, path, project)
                if target not in found:
                    found.append(target)
                    queue.append(target)
    return found


def _include_path(name: str, line: Line, file: Path, main: Path, project: Path | None) -> Path:
    if name.startswith("/"):
        target = (project or main.parent) / name[1:]
    elif file.parent != main.parent:
        raise RenderError(
            "An include inside an included file of another folder is not resolved alike by all renderers.",
            where=line.place,
            got=name,
            mend="Write the path from the reports folder, beginning with /.",
        )
    else:
        target = main.parent / name
    if not target.is_file():
        raise RenderError("There is no such file to include.", where=line.place, got=name)
    return target.resolve()


def _parts(lines: Sequence[Line]) -> tuple[Prose | Cell, ...]:
    parts: list[Prose | Cell] = []
    faults: list[RenderError] = []
    prose: list[Line] = []
    i = 0
    while i < len(lines):
        end = _fence_end(lines, i)
        if end is None:
            prose.append(lines[i])
            i += 1
            continue
        try:
            cell = _cell(lines, i, end)
        except RenderError as error:
            faults.append(error)
            cell = None
        if cell is None:
            prose += lines[i : end + 1]
        else:
            parts += [Prose(tuple(prose)), cell]
            prose = []
        i = end + 1
    if faults:
        raise RenderError.of(faults)
    return (*parts, Prose(tuple(prose)))


def _fence_end(lines: Sequence[Line], start: int) -> int | None:
    """Index of the line that closes the code fence opened at `start`; None where no fence opens there."""
    opened = _FENCE.match(lines[start].text)
    if not opened or (opened[2][0] == "`" and "`" in opened[3]):
        return None
    for i in range(start + 1, len(lines)):
        closed = _FENCE.match(lines[i].text)
        if closed and closed[2].startswith(opened[2]) and not closed[3].strip():
            return i
    raise RenderError("A code fence has no end.", where=lines[start].place, got=lines[start].text.strip())


def _cell(lines: Sequence[Line], start: int, end: int) -> Cell | None:
    opened = _FENCE.match(lines[start].text)
    header = _CELL.match(opened[3].strip()) if opened else None
    if not opened or not header:
        return None
    fence = lines[start]
    if header[1] != "python":
        raise RenderError("Cells are Python.", where=fence.place, expected="```{python}", got=fence.text.strip())
    if opened[1] or header[2] or opened[2][0] != "`":
        raise RenderError(
            "A cell opens with ```{python} alone, at the start of its line.",
            where=fence.place,
            got=fence.text,
            mend="Write options as lines beginning with #| inside the cell.",
        )
    inside = list(lines[start + 1 : end])
    count = next((i for i, line in enumerate(inside) if not _OPTION.match(line.text)), len(inside))
    options = _options(inside[:count], fence)
    return Cell(
        "\n".join(line.text for line in inside[count:]), options, fence, fence.number + 1 + count, lines[end].number
    )


def _options(lines: Sequence[Line], fence: Line) -> dict[str, Any]:
    text = "\n".join(_OPTION.sub("", line.text) for line in lines)
    options = read_yaml(text, fence.file, fence.number + 1)
    faults = [
        _option_fault(str(name), value, _option_place(str(name), lines, fence)) for name, value in options.items()
    ]
    if found := [fault for fault in faults if fault]:
        raise RenderError.of(found)
    return options


def _option_place(name: str, lines: Sequence[Line], fence: Line) -> str:
    return next((line.place for line in lines if _OPTION.sub("", line.text).startswith(name)), fence.place)


def _option_fault(name: str, value: object, place: str) -> RenderError | None:
    if name not in CELL_OPTIONS:
        near = nearest(name, CELL_OPTIONS)
        mend = f"Did you mean {near}?" if near else None
        return RenderError("Unknown cell option.", where=place, expected=one_of(CELL_OPTIONS), got=name, mend=mend)
    if name == "label" and str(value).split("-")[0] in ("fig", "tbl", "lst", "eq", "sec"):
        return RenderError(
            "This label would make Quarto number the cell itself.",
            where=place,
            got=value,
            mend="Give the identifier to the printed figure or table, {#fig-name}, and the cell another label.",
        )
    allowed: dict[str, tuple[object, ...]] = {"output": (True, False, "asis")}
    if name in ("label", "tags"):
        return None
    if value not in allowed.get(name, (True, False)):
        words = [str(v).lower() for v in allowed.get(name, (True, False))]
        return RenderError(f"The cell option {name} has no such value.", where=place, expected=one_of(words), got=value)
    return None


def parameter_cell(document: Document) -> Cell | None:
    """The cell tagged `parameters`, which holds the defaults."""
    return next((cell for cell in document.cells if "parameters" in _tags(cell)), None)


def _tags(cell: Cell) -> list[str]:
    tags = cell.options.get("tags") or []
    return [tags] if isinstance(tags, str) else list(tags)


def check_parameters(document: Document, params: dict[str, object]) -> None:
    """Refuse a parameter that the document does not declare (Quarto would drop it without a word)."""
    cell = parameter_cell(document)
    if not params:
        return
    if cell is None:
        raise RenderError(
            "The document takes no parameters.",
            where=document.path.name,
            expected="a cell with #| tags: [parameters]",
            got=", ".join(params),
        )
    tree = ast.parse(cell.code)
    targets = [t for node in tree.body if isinstance(node, ast.Assign) for t in node.targets]
    targets += [node.target for node in tree.body if isinstance(node, ast.AnnAssign)]
    known = [target.id for target in targets if isinstance(target, ast.Name)]
    faults = [
        RenderError(
            "The document has no such parameter.",
            where=f"{cell.fence.place} (cell tagged parameters)",
            expected=one_of(known) if known else "none",
            got=name,
        )
        for name in params
        if name not in known
    ]
    if faults:
        raise RenderError.of(faults)
