"""One answer changed in a wave file moves, in the rendered report, what depends on it and nothing else."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import lxml.html
import pandas as pd
import pyreadstat
import pytest

import evalkit
from evalkit.errors import RenderError
from evalkit.panel import municipalities
from evalkit.present import figures, style
from evalkit.present.exhibit import Exhibit
from evalkit.waves.manifest import sha256

NAME = "kompetanseloft2020"
REPOSITORY = Path(__file__).resolve().parents[2]
QUESTION = "q21"  # applied for funds: no other question is asked by its answer, and it is in no weight
MADE = "sec-app-made"  # the section that names run, files and sha256

Alter = Callable[[pd.DataFrame], pd.DataFrame]


@dataclass(frozen=True)
class Page:
    """What a rendered page holds: figures and tables by id, every other paragraph and cell in order."""

    figures: dict[str, tuple[str, str, str]]
    tables: dict[str, str]
    rest: list[str]

    def moved(self, other: Page) -> tuple[set[str], set[str], list[str]]:
        assert list(self.figures) == list(other.figures) and list(self.tables) == list(other.tables)
        assert len(self.rest) == len(other.rest)
        return (
            {name for name, found in self.figures.items() if found != other.figures[name]},
            {name for name, found in self.tables.items() if found != other.tables[name]},
            [one for one, two in zip(self.rest, other.rest) if one != two],
        )


def page_of(path: Path) -> Page:
    main = lxml.html.parse(str(path)).getroot().find(".//main")
    for made in main.xpath(f".//section[@id='{MADE}']"):
        made.drop_tree()
    drawn, tables = {}, {}
    for figure in main.xpath(".//figure[@id]"):
        name = figure.get("id")
        if name.startswith("tbl-"):
            tables[name] = figure.text_content()
        else:
            said = " | ".join(svg.get("aria-label") for svg in figure.xpath(".//svg[@role='img']"))
            caption = figure.find("figcaption").text_content()
            drawing = b"".join(lxml.html.tostring(svg) for svg in figure.xpath(".//svg[@role='img']"))
            drawn[name] = (caption, said, hashlib.sha256(drawing).hexdigest())
        figure.drop_tree()
    rest = [node.text_content() for node in main.iter("p", "li", "td", "th", "h1", "h2", "h3")]
    return Page(drawn, tables, rest)


@pytest.fixture(scope="module")
def render(tmp_path_factory) -> Callable[[str, Alter | None], tuple[evalkit.Run, Page]]:
    """Runs a copy of the study whose 2019 file is altered, and reads its Norwegian page."""

    def make(name: str, alter: Alter | None = None) -> tuple[evalkit.Run, Page]:
        root = tmp_path_factory.mktemp(name)
        for part in ("data_raw", f"analyses/{NAME}", "reports"):
            shutil.copytree(REPOSITORY / part, root / part)
        if alter is not None:
            rewrite(root / "data_raw", alter)
        run = evalkit.run(evalkit.load_study(root / "analyses" / NAME))
        html, *_ = evalkit.render(run, formats=("html",), lang="nb", engine="builtin")
        return run, page_of(html)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(figures, "save_all", draw_norwegian)
        yield make


def draw_norwegian(exhibits: Sequence[Exhibit], folders: Mapping[str, Path]) -> None:
    """The figures that the page shows, without pictures for Word: the run's other files have tests of their own."""
    for exhibit in exhibits:
        if figures.has_figure(exhibit):
            style.write(figures.draw(exhibit, "nb"), folders["nb"] / f"{exhibit.name}.svg")


def rewrite(raw: Path, alter: Alter) -> None:
    """Write the 2019 file again with other answers, and its new sha256 into the manifest."""
    path = raw / NAME / "kompetanseloft_2019.sav"
    before = sha256(path)
    data, meta = pyreadstat.read_sav(str(path), user_missing=True)
    pyreadstat.write_sav(
        alter(data),
        str(path),
        file_label=meta.file_label,
        column_labels=meta.column_names_to_labels,
        variable_value_labels=meta.variable_value_labels,
        missing_ranges=meta.missing_ranges,
        variable_measure=meta.variable_measure,
    )
    manifest = raw / "manifest.toml"
    text = manifest.read_text(encoding="utf-8")
    assert before in text
    manifest.write_text(text.replace(before, sha256(path)), encoding="utf-8")


@pytest.fixture(scope="module")
def before(render) -> tuple[evalkit.Run, Page]:
    return render("as_is")


def one_answer(data: pd.DataFrame) -> pd.DataFrame:
    """One of the smallest municipalities (Åmli) says no where it said yes; it did not answer this in 2018."""
    at = data.index[(data["kommnr"] == "0929") & (data[QUESTION] == 1)]
    assert len(at) == 1
    data.loc[at, QUESTION] = 2
    return data


def test_one_answer_moves_what_depends_on_it_and_nothing_else(render, before) -> None:
    run, page = before
    again, after = render("one_answer", one_answer)
    # the graph: exhibits that hold the question; the screen holds it for those alone that answered it twice
    depend = {name for name in run.exhibits if QUESTION in run.exhibit(name).labels["item"]}
    assert depend == {"applied_funds", "change_screen"}
    numbers = {name for name in run.exhibits if not run.exhibit(name).data.equals(again.exhibit(name).data)}
    assert numbers == {"applied_funds"}
    drawn, tables, rest = page.moved(after)
    assert drawn == {"fig-applied-funds"}
    assert tables == {"tbl-app-applied-funds"}
    # as many answered as before, so the caption stands; words and drawing follow
    (caption, said, drawing), (caption_after, said_after, drawing_after) = (
        page.figures[drawn.pop()],
        after.figures["fig-applied-funds"],
    )
    assert caption == caption_after and said != said_after and drawing != drawing_after
    # two sentences with the share of the smallest, and in the numbers folded under the figure its row, and the interval
    # of all, whose share rounds as before
    (value, low, high), (_, *whole) = (
        [
            f"{100 * run.exhibit('applied_funds').value(number, **where):.0f}"
            for number in ("estimate", "ci_low", "ci_high")
        ]
        for where in ({"size": "<2000"}, {"group": "all"})
    )
    assert rest[-3:] == [value, f"{low}–{high}", "–".join(whole)]
    assert len(rest) == 5 and all("søk" in text and f"{value}\u00a0prosent" in text for text in rest[:2]), rest


def many_answers(data: pd.DataFrame) -> pd.DataFrame:
    """No large municipality has applied in the second round."""
    register = municipalities(2017)
    large = register.loc[register["population"] >= 15000, "code"]
    data.loc[data["kommnr"].isin(large) & (data[QUESTION] == 1), QUESTION] = 2
    return data


def test_the_report_stops_at_the_sentence_that_no_longer_holds(render) -> None:
    with pytest.raises(RenderError) as caught:
        render("many_answers", many_answers)
    text = str(caught.value)
    path = REPOSITORY / "reports" / NAME / f"{NAME}.qmd"
    lines = path.read_text(encoding="utf-8").splitlines()
    number = 1 + next(k for k, line in enumerate(lines) if "doc.holds(larger_more_often" in line)
    assert f"{NAME}.qmd, line {number}, `doc.holds(larger_more_often" in text
    assert "The data no longer say what a sentence of the report says" in text
    assert "Størrelsen på kommunen betyr mye" in text
