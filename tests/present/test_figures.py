"""Every figure is whole: nothing cut off, nothing on top of anything, numbers readable, the same bytes each time."""

from __future__ import annotations

import dataclasses
import itertools
from pathlib import Path

import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import Rectangle

from evalkit.errors import MethodError
from evalkit.present import figures, style
from evalkit.present.exhibit import Exhibit
from evalkit.present.rows import view

DRAWN = [
    "own_plan",
    "phd",
    "research",
    "mapping",
    "levels",
    "measures",
    "other_plans",
    "training",
    "county",
    "centrality",
]
DRAWN += ["robek", "robek_all", "entered", "changed", "table_2", "county_matrix", "distribution_waves", "two_by_size"]
DRAWN += ["few_screened", "many_screened", "response_size", "response_county", "table_2_infinite", "love"]


def texts(figure):  # type: ignore[no-untyped-def]
    """(text, its box in pixels) of every text that is drawn."""
    with style.styled():
        figure.canvas.draw()
    renderer = figure.canvas.get_renderer()
    found = [text for axes in figure.axes for text in axes.texts]
    with style.styled():
        return [(text, text.get_window_extent(renderer)) for text in found if text.get_text().strip()]


@pytest.fixture(scope="module")
def drawn(exhibits: dict[str, Exhibit]):  # type: ignore[no-untyped-def]
    return {(name, lang): figures.draw(exhibits[name], lang) for name in DRAWN for lang in ("nb", "en")}


@pytest.fixture(scope="module")
def narrow(exhibits: dict[str, Exhibit]):  # type: ignore[no-untyped-def]
    return {(name, "nb"): figures.draw(exhibits[name], "nb", paper=style.PHONE) for name in DRAWN}


@pytest.mark.parametrize(("name", "lang"), list(itertools.product(DRAWN, ("nb", "en"))))
def test_nothing_is_cut_off_and_nothing_overlaps(drawn, name: str, lang: str) -> None:  # type: ignore[no-untyped-def]
    whole_and_apart(drawn[name, lang])


@pytest.mark.parametrize("name", DRAWN)
def test_nothing_is_cut_off_on_a_telephone(narrow, name: str) -> None:  # type: ignore[no-untyped-def]
    whole_and_apart(narrow[name, "nb"])


def whole_and_apart(figure) -> None:  # type: ignore[no-untyped-def]
    boxes = texts(figure)
    page = figure.bbox
    for text, box in boxes:
        assert box.x0 >= page.x0 - 1 and box.x1 <= page.x1 + 1, text.get_text()
        assert box.y0 >= page.y0 - 2 and box.y1 <= page.y1 + 2, text.get_text()
    for (one, a), (other, b) in itertools.combinations(boxes, 2):
        # a text's box has the height of its tallest letters; two lines may share a hair's breadth
        wide = min(a.x1, b.x1) - max(a.x0, b.x0)
        high = min(a.y1, b.y1) - max(a.y0, b.y0)
        assert wide <= 1 or high <= 0.2 * min(a.height, b.height), (one.get_text(), other.get_text())


@pytest.mark.parametrize("lang", ["nb", "en"])
def test_what_a_tile_says_is_within_it(drawn, lang: str) -> None:  # type: ignore[no-untyped-def]
    figure = drawn["response_county", lang]
    written = texts(figure)
    tiles = [patch.get_window_extent() for axes in figure.axes for patch in axes.patches]
    inside = [
        (text.get_text(), box, tile)
        for text, box in written
        for tile in tiles
        if tile.contains((box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2)
    ]
    assert len(inside) >= 3 * 19  # name, share and numbers of each county of 2017
    for said, box, tile in inside:
        assert tile.x0 <= box.x0 and box.x1 <= tile.x1 and tile.y0 <= box.y0 and box.y1 <= tile.y1, said


@pytest.mark.parametrize("name", DRAWN)
def test_text_has_contrast_where_it_stands(drawn, narrow, name: str) -> None:  # type: ignore[no-untyped-def]
    contrasted(drawn[name, "nb"])
    contrasted(narrow[name, "nb"])


@pytest.mark.parametrize("name", DRAWN)
def test_text_on_a_telephone_is_eleven_pixels_or_more(narrow, name: str) -> None:  # type: ignore[no-untyped-def]
    figure = narrow[name, "nb"]
    # the page's text is 354.8 CSS pixels wide on a telephone of 390
    scale = 354.8 / (figure.get_figwidth() * 72)
    assert min(text.get_size() * scale for text, _ in texts(figure)) >= 11.0
    assert round(figure.get_figwidth() * 2.54, 6) == 8.5


def contrasted(figure) -> None:  # type: ignore[no-untyped-def]
    patches = [
        (patch.get_window_extent(), patch.get_zorder(), to_hex(patch.get_facecolor()))
        for axes in figure.axes
        for patch in axes.patches
        if isinstance(patch, Rectangle)
    ]
    for text, box in texts(figure):
        x, y = (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2
        under = [(order, colour) for area, order, colour in patches if area.contains(x, y)]
        ground = max(under)[1] if under else style.PAPER
        assert style.contrast(to_hex(text.get_color()), ground) >= 4.5, text.get_text()


@pytest.mark.parametrize("name", DRAWN)
def test_n_is_in_the_labels_or_the_note(drawn, exhibits, name: str) -> None:  # type: ignore[no-untyped-def]
    words = " ".join(text.get_text() for text, _ in texts(drawn[name, "nb"]))
    note = f"N\u00a0=\u00a0{exhibits[name].n}."
    labelled = "(n\u00a0=\u00a0" in words or "Alle: 55\u00a0% (236 av 426)" in words
    two_populations = exhibits[name].kind == "conditional_logit"  # 66, of them 25: both in the caption
    assert (note in words) != (labelled or two_populations), "once, not twice"


@pytest.mark.parametrize("name", DRAWN)
def test_the_note_says_source_and_that_data_are_reconstructed(drawn, exhibits, name: str) -> None:  # type: ignore[no-untyped-def]
    words = " ".join(text.get_text() for text, _ in texts(drawn[name, "nb"]))
    assert exhibits[name].source["nb"] in words
    assert ("Rekonstruerte data" in words) == (exhibits[name].notice is not None)


def test_a_share_of_zero_has_its_number_and_no_bar(drawn) -> None:  # type: ignore[no-untyped-def]
    figure = drawn["phd", "nb"]
    assert sum(text.get_text() == "0\u00a0%" for text, _ in texts(figure) if text.get_weight() == "bold") == 3
    bars = [patch for patch in figure.axes[1].patches if to_hex(patch.get_facecolor()) == style.BAR.lower()]
    assert [bar.get_width() == 0 for bar in bars].count(True) == 3 and len(bars) == 5
    inside = [text.get_text() for text, _ in texts(drawn["levels", "nb"])]
    assert inside.count("0\u00a0%") == 2  # the group's share and the axis


def test_bars_begin_at_zero_and_end_at_the_share(drawn) -> None:  # type: ignore[no-untyped-def]
    axes = drawn["own_plan", "nb"].axes[1]
    bars = [patch for patch in axes.patches if to_hex(patch.get_facecolor()) == style.BAR.lower()]
    assert [round(bar.get_width(), 10) for bar in bars] == [0.54, 0.57, 0.61, 0.66, 0.72]
    assert {bar.get_x() for bar in bars} == {0}
    assert axes.get_xlim() == (0, 1)


def test_order_is_the_questionnaires_or_by_size(drawn) -> None:  # type: ignore[no-untyped-def]
    labels = [text.get_text() for text, _ in texts(drawn["own_plan", "nb"])]
    assert labels.index("Under 2\u00a0000 (n\u00a0=\u00a052)") < labels.index(
        "15\u00a0000 eller flere (n\u00a0=\u00a035)"
    )
    assert labels.index("15\u00a0000 eller flere (n\u00a0=\u00a035)") < labels.index("Alle (n\u00a0=\u00a0220)")
    options = [text.get_text() for text, _ in texts(drawn["measures", "nb"])]
    assert options.index("Kurs og annen opplæring") < options.index("Tilbud om videreutdanning")


def test_an_infinite_odds_ratio_is_an_arrow_and_explained(drawn) -> None:  # type: ignore[no-untyped-def]
    figure = drawn["table_2", "nb"]
    markers = [line.get_marker() for line in figure.axes[1].lines]
    assert markers.count(">") == 1
    assert markers.count("o") == 5
    words = " ".join(text.get_text() for text, _ in texts(figure))
    assert "∞ (0,41\u00a0til\u00a0∞)" in words
    assert "Her endret ingen kommuner svar den andre veien." in words


@pytest.mark.parametrize("lang", ["nb", "en"])
def test_numbers_are_in_the_figures_language(drawn, lang: str) -> None:  # type: ignore[no-untyped-def]
    words = [text.get_text() for text, _ in texts(drawn["mapping", lang])]
    assert ("1,9" in words, "1.9" in words) == ((True, False) if lang == "nb" else (False, True))
    assert ("0,5" in words, "0.5" in words) == ((True, False) if lang == "nb" else (False, True))


@pytest.mark.parametrize("name", ["own_plan", "levels", "training", "table_2"])
def test_the_same_exhibit_gives_the_same_bytes(exhibits: dict[str, Exhibit], tmp_path: Path, name: str) -> None:
    found = []
    for run in ("first", "second"):
        folder = tmp_path / run
        folder.mkdir()
        found.append([file.read_bytes() for file in figures.save(exhibits[name], folder, "nb")])
    assert found[0] == found[1]
    text = found[0][0].decode()
    assert "dc:date" not in text and "Created with" not in text
    assert "Rekonstruerte data" in text, "text is text, not outlines"
    assert "'Open Sans'" in text


def test_a_figure_is_as_wide_as_the_text_of_the_page(drawn) -> None:  # type: ignore[no-untyped-def]
    assert {round(figure.get_figwidth() * 2.54, 6) for figure in drawn.values()} == {16.0}
    assert max(figure.get_figheight() * 2.54 for figure in drawn.values()) <= 23.0


def test_weighting_is_the_exhibits_own_unless_asked(exhibits: dict[str, Exhibit]) -> None:
    plain = figures.draw(exhibits["own_plan"], "nb", weighting="unweighted")
    words = [text.get_text() for text, _ in texts(plain)]
    assert "52\u00a0%" in words and "54\u00a0%" not in words
    assert "Uvektet. Streken viser 95\u00a0% konfidensintervall." in words
    with pytest.raises(MethodError, match="has no weighted rows"):
        figures.draw(exhibits["robek"], "nb", weighting="weighted")


def test_a_summary_is_a_table_only(exhibits: dict[str, Exhibit]) -> None:
    assert not figures.has_figure(exhibits["table_1"])
    with pytest.raises(MethodError) as caught:
        figures.draw(exhibits["table_1"], "nb")
    assert str(caught.value) == (
        "Exhibit 'table_1' has no figure\n  expected: share, mean, distribution, multiple, representativeness, "
        "transitions, conditional_logit, screen, response or balance\n  got: summary\n  mend: show it as a table"
    )


def test_a_group_without_answers_says_so(exhibits: dict[str, Exhibit]) -> None:
    data = exhibits["own_plan"].data.copy()
    data.loc[data["group"] == "<2000", ["estimate", "ci_low", "ci_high"]] = float("nan")
    figure = figures.draw(dataclasses.replace(exhibits["own_plan"], data=data), "nb")
    assert "ingen svar" in [text.get_text() for text, _ in texts(figure)]


def test_a_screen_is_ordered_by_change_within_families(drawn) -> None:  # type: ignore[no-untyped-def]
    words = [text.get_text() for text, _ in texts(drawn["few_screened", "nb"])]
    order = ["Testet for seg", "Har forskere", "Testet sammen (4\u00a0utfall)", "Innovasjon", "Enheter: Skoler"]
    order += ["Planer: Arealplan", "Enheter: Hjemmetjenester"]
    assert [word for word in words if word in order] == order
    assert "+20\u00a0(10–30)" in words and "−3\u00a0(−13\u00a0til\u00a07)" in words
    faces = [
        line.get_markerfacecolor()
        for line in drawn["few_screened", "nb"].axes[1].lines
        if line.get_marker() == "o" and line.get_markersize() == 6
    ]
    assert [face == style.DARK for face in faces] == [True, False, False, False, False], "filled where it changed"


def test_a_long_screen_has_a_line_a_question(drawn, exhibits) -> None:  # type: ignore[no-untyped-def]
    figure = drawn["many_screened", "nb"]
    lines = [line for line in figure.axes[1].lines if line.get_marker() == "o"]
    assert sum(line.get_markersize() == 6 for line in lines) == 4
    # all other outcomes are there as small dots
    assert 4 + sum(len(line.get_xdata()) for line in lines if line.get_markersize() < 3) == len(
        exhibits["many_screened"].facts["items"]
    )
    words = " ".join(text.get_text() for text, _ in texts(figure))
    assert (
        "(størst\u00a0av\u00a050)" in words
        and "vises det med størst endring" in words
        and "Planer (alle\u00a025\u00a0uendret)" in words
    )


def test_counties_are_a_map_and_other_groups_bars(drawn) -> None:  # type: ignore[no-untyped-def]
    tiles = [text.get_text() for text, _ in texts(drawn["response_county", "nb"])]
    assert "Finnmark" in tiles and "25 av 44" in tiles  # Nordland: 14 + 11 of 44
    bars = drawn["response_size", "nb"].axes[1].patches
    widths = {round(bar.get_width(), 6) for bar in bars}
    assert {round(50 / 94, 6), round(33 / 94, 6)} <= widths
    assert figures.chart_of(view(drawn_without_register(), "nb")) == "response"


def drawn_without_register() -> Exhibit:
    """Counties of which the year is not known cannot be placed on a map."""
    from evalkit.present.exhibit import COLUMNS

    rows = [{"wave": "latest", "by": "county", "group": "01", "category": "rr2", "weighting": "unweighted", "n": 1.0}]
    data = pd.DataFrame(rows, columns=list(COLUMNS)).assign(item="response", estimate=0.5)
    return Exhibit("r", "response", {"nb": "R", "en": "R"}, data, 1, {}, {}, {})


@pytest.mark.parametrize("name", ["own_plan", "levels", "training", "many_screened", "table_2", "love", "research"])
@pytest.mark.parametrize("paper", [style.PRINT, style.PHONE])
def test_words_are_not_read_as_mathematics(exhibits, paper: style.Paper, name: str) -> None:  # type: ignore[no-untyped-def]
    strange = "$5 < x_1$ & <b> ^2"
    given = exhibits[name]
    labels = {
        column: {code: dict.fromkeys(("nb", "en"), strange) for code in codes} for column, codes in given.labels.items()
    }
    exhibit = dataclasses.replace(given, labels=labels, note={"nb": strange, "en": strange})
    figure = figures.draw(exhibit, "nb", paper=paper)
    with style.styled():
        figure.canvas.draw()
    every = [text for axes in figure.axes for text in axes.texts]
    assert any("x_1$ & <b>" in text.get_text() for text in every)
    assert not any(text.get_parse_math() for text in every)
    assert not any(axis.get_visible() for axes in figure.axes[1:] for axis in (axes.xaxis, axes.yaxis))
