"""Figures: an exhibit drawn in one language, and saved as SVG and PNG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from evalkit.errors import MethodError, one_of
from evalkit.present import balance, bars, dots, frame, matrix, moves, odds, response, sample, screen, stacked, style
from evalkit.present.exhibit import Exhibit
from evalkit.present.frame import Block
from evalkit.present.rows import View, view
from evalkit.present.style import Paper

if TYPE_CHECKING:
    from matplotlib.figure import Figure

KINDS = (
    *("share", "mean", "distribution", "multiple", "representativeness", "transitions", "conditional_logit"),
    *("screen", "response", "balance"),
)
"""Kinds of exhibit that can be drawn; a summary and an R-indicator are tables only."""

MANY = 10
"""So many figures take longer to draw than a second process takes to start."""
TOP = 0.08
"""Room above the first line of text, in centimetres."""


def has_figure(exhibit: Exhibit) -> bool:
    """Whether `draw` knows the exhibit's kind."""
    return exhibit.kind in KINDS


def draw(exhibit: Exhibit, lang: str, *, weighting: str | None = None, paper: Paper = style.PRINT) -> Figure:
    """Draw `exhibit` with labels in `lang`.

    Parameters
    ----------
    exhibit : the rows and their words.
    lang : "nb" or "en".
    weighting : "weighted" or "unweighted"; the exhibit's own where it is not given.
    paper : `style.PRINT`, 16 cm, or `style.PHONE`, 8.5 cm with its panels under each other.

    Returns
    -------
    A matplotlib figure as wide as the paper, as high as its rows need.

    Raises
    ------
    MethodError : for a kind without a figure, an unknown language, or a weighting without rows.
    """
    if not has_figure(exhibit):
        raise MethodError(
            f"Exhibit {exhibit.name!r} has no figure",
            expected=one_of(KINDS),
            got=exhibit.kind,
            mend="show it as a table",
        )
    shown = view(exhibit, lang, weighting)
    with style.styled():
        return _compose(shown, _blocks(shown, paper), paper)


def save(exhibit: Exhibit, folder: Path, lang: str, *, weighting: str | None = None) -> tuple[Path, Path, Path]:
    """Write <name>.svg, <name>.png (200 dpi) and, for telephones, <name>-narrow.svg into `folder`.

    The same exhibit gives the same bytes.
    """
    files = folder / f"{exhibit.name}.svg", folder / f"{exhibit.name}.png", folder / f"{exhibit.name}-narrow.svg"
    with style.undisturbed():
        style.write(draw(exhibit, lang, weighting=weighting), *files[:2])
        style.write(draw(exhibit, lang, weighting=weighting, paper=style.PHONE), files[2])
    return files


def save_all(exhibits: Sequence[Exhibit], folders: Mapping[str, Path], *, processes: int | None = None) -> None:
    """Draw what has a figure in each language into its folder; side by side where that is faster.

    Parameters
    ----------
    exhibits : of any kind; those without a figure are left out.
    folders : by language.
    processes : how many; by default one for each language where there are processors and figures enough.
    """
    from joblib import Parallel, cpu_count, delayed

    drawn = [exhibit for exhibit in exhibits if has_figure(exhibit)]
    if processes is None:
        processes = min(len(folders), cpu_count()) if len(drawn) >= MANY else 1
    Parallel(n_jobs=processes)(delayed(_save_each)(drawn, folder, lang) for lang, folder in folders.items())


def _save_each(exhibits: Sequence[Exhibit], folder: Path, lang: str) -> None:
    for exhibit in exhibits:
        save(exhibit, folder, lang)


def chart_of(shown: View) -> str:
    """Which chart shows the rows: bars, dots, matrix, stacked, sample, transitions, odds, screen,
    response, tiles or balance.
    """
    fixed = {
        "mean": "dots",
        "distribution": "stacked",
        "representativeness": "sample",
        "transitions": "transitions",
        "conditional_logit": "odds",
        "screen": "screen",
        "response": response.chart_of(shown),
        "balance": "balance",
    }
    kind = shown.exhibit.kind
    if kind in fixed:
        return fixed[kind]
    if not shown.groups:
        return "bars"
    if kind == "multiple" or len(shown.items) > 1:
        return "matrix"
    return "dots" if len(shown.waves) > 1 else "bars"


def _blocks(shown: View, paper: Paper) -> list[tuple[str | None, Block]]:
    """The charts under each other, with a heading where there are several questions or waves of one."""
    chart = chart_of(shown)
    parts = list(_parts(shown, chart))
    found: list[tuple[str | None, Block]] = []
    for name, part in parts:
        for k, (panel, block) in enumerate(_draw_one(part, chart, paper)):
            names = [name if k == 0 or panel else None, panel]
            found.append((", ".join(each for each in names if each) or None, block))
    return found


def _draw_one(part: View, chart: str, paper: Paper) -> list[tuple[str | None, Block]]:
    """The blocks of one part with the names of its panels; on narrow paper without what needs columns."""
    if chart == "matrix":
        return matrix.panels(part, paper) if paper.narrow else [(None, block) for block in matrix.matrix(part, paper)]
    if chart == "tiles" and paper.narrow:
        chart = "response"
    single = {
        "dots": dots.dots,
        "stacked": stacked.stacked,
        "sample": sample.sample,
        "transitions": moves.moves,
        "odds": odds.odds,
        "screen": screen.screen,
        "response": response.bars,
        "tiles": response.tiles,
        "balance": balance.love,
        "bars": bars.multiple if part.exhibit.kind == "multiple" else bars.share,
    }
    return [(None, single[chart](part, paper))]


def _parts(shown: View, chart: str) -> list[tuple[str | None, View]]:
    """The view cut so that each part has no more questions and waves than its chart can show."""
    kind = shown.exhibit.kind
    multiple = kind == "multiple"
    by_item = len(shown.items) > 1 and (
        chart == "dots" or (chart == "matrix" and multiple) or (chart == "stacked" and bool(shown.groups))
    )
    by_wave = len(shown.waves) > 1 and (chart == "matrix" or (chart == "bars" and len(shown.items) > 1 and not by_item))
    parts: list[tuple[str | None, View]] = []
    for item in shown.items if by_item else [None]:
        for wave in shown.waves if by_wave else [None]:
            names = [shown.word("item", item)] if item else []
            names += [shown.word("wave", wave)] if wave else []
            parts.append((", ".join(names) or None, _only(shown, item, wave)))
    return parts


def _only(shown: View, item: str | None, wave: str | None) -> View:
    cells = {
        key: cell
        for key, cell in shown.cells.items()
        if (item is None or key[0] == item) and (wave is None or key[1] == wave)
    }
    items = [item] if item else shown.items
    return replace(shown, cells=cells, items=items, waves=[wave] if wave else shown.waves)


def _compose(shown: View, blocks: list[tuple[str | None, Block]], paper: Paper) -> Figure:
    """One page: the blocks with their headings, the note under them."""
    gap = 0.3
    height = sum(block.height + (frame.heading_height(name, paper) if name else 0) for name, block in blocks)
    reading = next((block.reading for _, block in blocks if block.reading), None)
    figure, page = frame.begin(shown, paper, TOP + height + gap * (len(blocks) - 1), reading)
    top = TOP
    for name, block in blocks:
        if name:
            frame.heading(page, name, top, paper)
            top += frame.heading_height(name, paper)
        block.paint(figure, page, top)
        top += block.height + gap
    return figure
