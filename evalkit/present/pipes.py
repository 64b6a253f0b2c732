"""Pandoc pipe tables from cells of text: alignment, relative widths, escapes, caption and label."""

from __future__ import annotations

import re
from collections.abc import Sequence

from evalkit.present.letters import on_a_line

SPECIAL = re.compile(
    r"""[\\`*_{}\[\]<>#|~^$@!"']|-(?=-)|(?<=-)-|\.(?=\.)|(?<=\.)\.|:(?=:)|(?<=:):|&(?=\#?\w+;)"""
    r"""|^[-+](?=\s)|(?<=^\d)[.)](?=\s)|(?<=^\d\d)[.)](?=\s)"""
)
"""What Markdown could take for markup, an entity or a list, or smart punctuation could change."""
LINE = 84
"""Letters that fit beside each other on a page; first columns get what the numbers leave."""
LEAST, WIDEST = 20, 44
"""Bounds of the first columns together, in letters."""
PADDING = 3


def escape(text: str) -> str:
    """`text` so that Markdown shows it as it stands, on one line."""
    return SPECIAL.sub(lambda sign: "\\" + sign.group(), on_a_line(text))


def captioned(title: str, more: str = "") -> str:
    """A caption's Markdown: its title, and a span of what lists of figures and tables leave out."""
    return f"{escape(title)} [{more}]{{.caption-more}}" if more else escape(title)


def attribute(text: str) -> str:
    """`text` for a quoted attribute of pandoc's Markdown, such as fig-alt="…"."""
    flat = on_a_line(text).replace("\\", "\\\\").replace("&", "&amp;")
    return flat.replace('"', "&quot;").replace("<", "&lt;").replace(">", "&gt;")


def table(
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    numbers_from: int = 1,
    bold: Sequence[int] = (),
    caption: str | None = None,
    more: str = "",
    id: str | None = None,
    notes: Sequence[str] = (),
) -> str:
    """A pipe table.

    Parameters
    ----------
    head, rows : words as they are to be read; they are escaped here.
    numbers_from : the first column that is set to the right.
    bold : rows to set in bold.
    caption, more, id : words of the caption, what follows them (Markdown that a list of tables leaves out), and the
        table's label such as "tbl-own-plan".
    notes : paragraphs under the table, in the small type of notes.
    """
    rule = _rule(head, rows, numbers_from)
    lines = [_line([escape(cell) for cell in head]), _line(rule)]
    for k, cells in enumerate(rows):
        words = [escape(cell) for cell in cells]
        lines.append(_line([f"**{cell}**" if cell else "" for cell in words] if k in bold else words))
    text = "\n".join(lines) + "\n"
    if caption is not None or id is not None:
        label = f" {{#{id}}}" if id else ""
        text += f"\n: {captioned(caption or '', more)}{label}\n"
    return text + "".join(f'\n::: {{.table-note custom-style="Table Note"}}\n{note}\n:::\n' for note in notes)


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _rule(head: Sequence[str], rows: Sequence[Sequence[str]], numbers_from: int) -> list[str]:
    """Alignment and widths in dashes, which pandoc keeps to where the table is wider than a line."""
    needs = [max([len(name), *(len(cells[k]) for cells in rows)]) for k, name in enumerate(head)]
    for k in range(numbers_from, len(head)):
        parts = [len(part) + 2 for part in re.split("[ –]", head[k])]
        needs[k] = max([*parts, *(len(cells[k]) for cells in rows)])
    room = LINE - sum(need + PADDING for need in needs[numbers_from:]) - PADDING * numbers_from
    words = sum(needs[:numbers_from])
    share = min(1.0, min(max(room, LEAST), WIDEST) / words) if words else 1.0
    for k in range(numbers_from):
        shortest = max(len(word) for text in [head[k], *(cells[k] for cells in rows)] for word in text.split(" "))
        needs[k] = max(round(needs[k] * share), min(shortest, 14))
    dashes = ["-" * (need + PADDING) for need in needs]
    return [dash + ":" if k >= numbers_from else ":" + dash for k, dash in enumerate(dashes)]
