"""On screen a figure that is drawn twice stands there in both widths, one of them hidden; print and Word get one."""

import subprocess
from pathlib import Path

import pytest
import yaml

from evalkit.report.pandoc import pandoc_path
from evalkit.report.settings import shipped_reports

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="10pt" height="10pt" viewBox="0 0 10 10"></svg>'
TEXT = (
    '![En figur.](exhibits/plan.svg){#fig-plan fig-alt="Stolper."}\n\n![Annet.](exhibits/other.svg){fig-alt="Ett."}\n'
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "exhibits").mkdir()
    for name in ("plan.svg", "plan-narrow.svg", "other.svg"):
        (tmp_path / "exhibits" / name).write_text(SVG, encoding="utf-8")
    return tmp_path


def convert(folder: Path, to: str, text: str = TEXT, source: str = "markdown") -> str:
    lua = shipped_reports() / "_shared" / "narrow.lua"
    command = [pandoc_path(), f"--from={source}", f"--to={to}", "--wrap=none", f"--lua-filter={lua}"]
    return subprocess.run(command, input=text, cwd=folder, capture_output=True, encoding="utf-8", check=True).stdout


def test_the_page_holds_both_widths_where_the_run_drew_both(folder):
    page = convert(folder, "html")
    assert page.count('<span class="figure-wide"><img') == page.count('<span class="figure-narrow"><img') == 1
    assert page.count("exhibits/plan-narrow.svg") == 1 and "other-narrow" not in page
    assert page.count('data-fig-alt="Stolper."') == 2, "whichever is shown has its words"


def test_only_a_figure_that_may_scroll_is_a_stop_for_the_keyboard(folder):
    figures = "".join(
        f'<figure id="{name}" tabindex="0"><img src="exhibits/{name}.svg"></figure>' for name in ("plan", "other")
    )
    page = convert(folder, "html", figures, "html")
    assert '<figure id="plan">' in page and '<figure id="other" tabindex="0">' in page


@pytest.mark.parametrize("to", ["typst", "native", "docbook"])
def test_print_and_word_get_the_wide_one(folder, to):
    assert "narrow" not in convert(folder, to)


def test_the_style_shows_one_of_them_and_print_the_wide_one():
    css = (shipped_reports() / "_shared" / "report.css").read_text(encoding="utf-8")
    start = css.index("@media screen and (max-width: 36rem) {\n  .figure-wide {")
    before, rule = css[:start], css[start:]
    assert ".figure-narrow {\n  display: none;" in before and ".figure-wide" not in before
    assert ".figure-wide {\n    display: none;" in rule and ".figure-narrow {\n    display: block;" in rule


def test_quarto_runs_the_filter_last():
    project = yaml.safe_load((shipped_reports() / "_quarto.yml").read_text(encoding="utf-8"))
    assert {"path": "_shared/narrow.lua", "at": "post-quarto"} in project["format"]["html"]["filters"]
