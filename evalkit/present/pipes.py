"""Pandoc pipe tables from cells of text: alignment, relative widths, escapes, caption and label."""

from __future__ import annotations

import re
from collections.abc import Sequence

SPECIAL = re.compile(r"""[\\`*_{}\[\]<>#|~^$@!"']|-(?=-)|(?<=-)-|\.(?=\.)|(?<=\.)\.""")
"""What Markdown could take for markup, or smart punctuation could change."""
WIDEST = 40
"""Cells longer than this wrap; they do not widen their column further."""


def escape(text: str) -> str:
    """`text` so that Markdown shows it as it stands, on one line."""
    return SPECIAL.sub(lambda sign: "\\" + sign.group(), text.replace("\n", " "))


def attribute(text: str) -> str:
    """`text` for a quoted attribute of pandoc's Markdown, such as fig-alt="…"."""
    flat = text.replace("\n", " ").replace("\\", "\\\\").replace("&", "&amp;")
    return flat.replace('"', "&quot;").replace("<", "&lt;").replace(">", "&gt;")


def table(
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    numbers_from: int = 1,
    bold: Sequence[int] = (),
    caption: str | None = None,
    id: str | None = None,
    notes: Sequence[str] = (),
) -> str:
    """A pipe table.

    Parameters
    ----------
    head, rows : words as they are to be read; they are escaped here.
    numbers_from : the first column that is set to the right.
    bold : rows to set in bold.
    caption, id : words of the caption, and its label such as "tbl-own-plan".
    notes : paragraphs under the table.
    """
    widths = [_width(head[k], [cells[k] for cells in rows], k >= numbers_from) for k in range(len(head))]
    rule = ["-" * width + ":" if k >= numbers_from else ":" + "-" * width for k, width in enumerate(widths)]
    lines = [_line([escape(cell) for cell in head]), _line(rule)]
    for k, cells in enumerate(rows):
        words = [escape(cell) for cell in cells]
        lines.append(_line([f"**{cell}**" if cell else "" for cell in words] if k in bold else words))
    text = "\n".join(lines) + "\n"
    if caption is not None or id is not None:
        label = f" {{#{id}}}" if id else ""
        text += f"\n: {escape(caption or '')}{label}\n"
    return text + "".join(f"\n{note}\n" for note in notes)


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _width(head: str, cells: Sequence[str], numbers: bool) -> int:
    """Dashes for a column: what its cells need; the head of a column of numbers wraps between words."""
    body = max((len(cell) for cell in cells), default=0)
    if numbers:
        return max(body, min(len(head), 12), *(len(word) for word in head.split(" ")), 3)
    return max(min(max(body, len(head)), WIDEST), 3)
