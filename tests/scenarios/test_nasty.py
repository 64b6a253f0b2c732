"""Formulas, markup and code in the words of a study are shown as they are: in HTML, Word, PDF, the workbook and CSV."""

from __future__ import annotations

import csv
import re
from html.parser import HTMLParser

import pytest

import evalkit
from evalkit import load_study
from evalkit.publish import publish
from evalkit.report.studies import render
from tests.conftest import WAVES, write_wave
from tests.scenarios.nasty import WORDS, labels, texts


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    """The report's files by ending, and the published folder."""
    from tests.conftest import ITEMS, STUDY

    root = tmp_path_factory.mktemp("nasty")
    folder, raw = root / "analyses" / "small", root / "data_raw" / "small"
    folder.mkdir(parents=True)
    raw.mkdir(parents=True)
    for name, text, changes in zip(("study.toml", "items.toml"), (STUDY, ITEMS), texts(), strict=True):
        for old, new in changes.items():
            assert old in text, old
            text = text.replace(old, new)
        (folder / name).write_text(text, encoding="utf-8")
    for name, columns in WAVES.items():
        write_wave(raw / name, columns, **labels())
    run = evalkit.run(load_study(folder))
    files = render(run, formats=("html", "pdf", "docx"), template="wave_report", engine="builtin")
    return {file.suffix: file for file in files}, publish(run, deposit=False)


class Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)

    def handle_data(self, data):
        if not self.tags or self.tags[-1] not in ("script", "style"):
            self.said.append(data)


def flat(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def test_a_web_page_shows_every_word_and_takes_none_for_markup(reports):
    page = Page()
    page.feed(reports[0][".html"].read_text(encoding="utf-8"))
    said = flat("".join(page.said))
    assert [place for place, words in WORDS.items() if flat(words) not in said] == []
    assert "<script>alert" not in reports[0][".html"].read_text(encoding="utf-8")


def test_word_shows_them_and_pdf_is_made(reports):
    import docx
    from docx.oxml.ns import qn

    body = docx.Document(str(reports[0][".docx"])).element.body
    said = flat(" ".join("".join(t.text or "" for t in p.iter(qn("w:t"))) for p in body.iter(qn("w:p"))))
    in_figures = {"source", "question"}  # drawn, not written
    assert [place for place, words in WORDS.items() if flat(words) not in said and place not in in_figures] == []
    assert reports[0][".pdf"].read_bytes().startswith(b"%PDF")


def test_the_workbook_has_text_where_text_is_and_no_formula_of_it(reports):
    from openpyxl import load_workbook

    cells = [cell for sheet in load_workbook(reports[0][".xlsx"]) for row in sheet.iter_rows() for cell in row]
    texts_of = {str(cell.value) for cell in cells if cell.data_type == "s"}
    assert {WORDS["plan"], WORDS["yes"], WORDS["no"], WORDS["courses"]} <= texts_of
    # thousands hold together wherever they are read
    assert WORDS["small"].replace("10 000", "10\u00a0000") in texts_of
    assert not any(cell.data_type == "f" for cell in cells)


def test_no_published_csv_begins_a_cell_as_a_formula_does(reports):
    wrong = []
    for path in reports[1].rglob("*.csv"):
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.reader(file):
                wrong += [cell for cell in row if re.match(r"[=@\t\r]|[+-](?![\d.,]+(?:[eE][+-]?\d+)?$|inf)", cell)]
    assert wrong == []


def test_figures_take_no_word_for_mathematics(reports):
    svg = "".join(path.read_text(encoding="utf-8") for path in reports[1].parent.parent.rglob("exhibits/nb/plan.svg"))
    assert "&lt;10\u00a0000 &amp; $små$" in svg
