"""A figure without its source and notice keeps everything else; by itself it keeps both."""

import re

import pytest
from PIL import Image

from evalkit.present.cut import cut, without_source
from evalkit.present.figures import save


@pytest.fixture(scope="module")
def drawn(exhibits, tmp_path_factory):
    folder = tmp_path_factory.mktemp("drawn")
    save(exhibits["own_plan"], folder, "nb")
    return folder


def words(svg: str) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg)


def test_source_and_notice_are_cut_off_and_nothing_else(drawn):
    whole = (drawn / "own_plan.svg").read_text(encoding="utf-8")
    cut_off, left = without_source(whole)
    lost = [line for line in words(whole) if line not in words(cut_off)]
    assert lost == [
        "Kilde: Spørreundersøkelse til norske kommuner 2018 og 2019.",
        "Rekonstruerte data: svarene er laget etter publiserte tall.",
    ]
    assert [line for line in words(whole) if line not in lost] == words(cut_off)
    bottom = float(re.search(r'viewBox="0 0 [\d.]+ ([\d.]+)"', cut_off)[1])
    lowest = max(float(y) for y in re.findall(r'<text[^>]*\by="([\d.]+)"', cut_off))
    assert 0.8 < left < 1 and lowest + 2 < bottom < lowest + 7, "two to seven points under the last line of text"
    assert without_source(cut_off) == (cut_off, 1.0)


def test_the_picture_for_word_is_cut_alike(drawn):
    before = Image.open(drawn / "own_plan.png").size
    _, left = without_source((drawn / "own_plan.svg").read_text(encoding="utf-8"))
    cut(drawn)
    after = Image.open(drawn / "own_plan.png").size
    assert after == (before[0], round(before[1] * left))
