"""Text of labels and questions is shown as it is: never formula, markup or code."""

from __future__ import annotations

import csv
import xml.etree.ElementTree as ET

import openpyxl
import pandas as pd
import pypandoc
import pytest

from evalkit.publish import publish
from evalkit.publish.ddi_xml import NAMESPACE
from evalkit.publish.tables import as_text

HOSTILE = [
    "=1+1",
    "<b>Ja</b>",
    "#let x = 1",
    "*fet* _skrå_",
    "@SUM(A1)",
    "+47",
    "[lenke](http://x.no)",
    "$x^2$",
    "a\\|b",
]


@pytest.fixture
def hostile(real):
    """Runs of the small study whose title and labels are `text`."""

    def make(text: str):
        quoted = text.replace("\\", "\\\\")
        label = f'label = {{ nb = "{quoted}", en = "{quoted}" }}'
        return real(
            items={'label = { nb = "Har plan", en = "Has a plan" }': label, '{ nb = "Ja", en = "Yes" }': label[8:]},
            study={'title = { nb = "Liten undersøkelse", en = "Small survey" }': label.replace("label", "title")},
        )

    return make


@pytest.mark.parametrize("text", HOSTILE)
def test_text_is_shown_as_it_is(hostile, text):
    folder = publish(hostile(text))
    for name in ("methods.md", "README.md", "deposit/README.md"):
        written = (folder / name).read_text(encoding="utf-8")
        assert text in pypandoc.convert_text(written, "plain", "markdown", extra_args=["--wrap=none"]), name
        typst = pypandoc.convert_text(written, "typst", "markdown")
        assert not any(line.lstrip().startswith("#let") for line in typst.splitlines())
    book = openpyxl.load_workbook(folder / "results" / "results.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert any(cell.value == text for cell in cells)
    assert not any(cell.data_type == "f" for cell in cells)
    xml = ET.parse(folder / "deposit" / "small.xml")
    assert {e.text for e in xml.iter(f"{{{NAMESPACE}}}titl")} == {text}
    with (folder / "results" / "codes.csv").open(encoding="utf-8", newline="") as file:
        labels = {row["label_nb"] for row in csv.DictReader(file)}
    assert as_text(text) in labels
    wave = pd.read_csv(folder / "deposit" / "small.csv", dtype=str)
    assert not wave.map(lambda value: isinstance(value, str) and value[:1] in "=+@").any().any()


def test_text_for_a_spreadsheet():
    assert [as_text(text) for text in ("=1+1", "+x", "-x", "@x", "\tx")] == ["'=1+1", "'+x", "'-x", "'@x", "'\tx"]
    assert [as_text(text) for text in ("-1", "+1,5", "Ja", "", "a=b")] == ["-1", "+1,5", "Ja", "", "a=b"]
