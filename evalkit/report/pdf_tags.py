"""The tags of a finished PDF: the first cell of a table's row is the head of that row (Typst tags columns' heads)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any


def head_rows(path: Path) -> None:
    """Tag the first cell of every row below the head as TH with Scope Row, in tables of several columns."""
    import pikepdf

    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        if "/StructTreeRoot" not in pdf.Root:
            return  # the document says that its PDF needs no tags
        for table in _elements(pdf.Root.StructTreeRoot, "/Table"):
            for body in _elements(table, "/TBody"):
                for row in _elements(body, "/TR"):
                    cells = [cell for cell in _children(row) if cell.get("/S") in ("/TD", "/TH")]
                    if len(cells) > 1 and cells[0].S == "/TD":
                        cells[0].S = pikepdf.Name.TH
                        cells[0].A = _scoped(cells[0].get("/A"))
        pdf.save(path, deterministic_id=True, fix_metadata_version=False)


def _scoped(attributes: Any) -> Any:
    """The cell's attributes with Scope Row among those of tables."""
    import pikepdf

    found = list(attributes) if isinstance(attributes, pikepdf.Array) else [attributes] if attributes else []
    own = next((one for one in found if one.get("/O") == "/Table"), None)
    if own is None:
        own = pikepdf.Dictionary(O=pikepdf.Name.Table)
        found.insert(0, own)
    own.Scope = pikepdf.Name.Row
    return pikepdf.Array(found)


def _children(node: Any) -> list[Any]:
    import pikepdf

    kids = node.get("/K")
    several = kids if isinstance(kids, pikepdf.Array) else [kids]
    return [kid for kid in several if isinstance(kid, pikepdf.Dictionary) and "/S" in kid]


def _elements(node: Any, kind: str) -> Iterator[Any]:
    """Structure elements of a kind below `node`, in reading order."""
    for child in _children(node):
        if str(child.S) == kind:
            yield child
        yield from _elements(child, kind)
