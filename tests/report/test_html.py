"""The page is one file that calls no server, says its language, and scrolls sideways in its tables only."""

import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest


class Page(HTMLParser):
    """Start tags with their attributes, in order, and the visible text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.hidden = 0
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.hidden += tag in ("style", "script")

    def handle_endtag(self, tag: str) -> None:
        self.hidden -= tag in ("style", "script")

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(scope="module")
def source(rendered: Path) -> str:
    return (rendered / "prove.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(source: str) -> Page:
    return Page(source)


def test_language_title_and_landmarks(page):
    assert page.all("html")[0]["lang"] == "nb-NO"
    assert "<title>" not in page.text
    names = [name for name, _ in page.tags]
    assert names.count("main") == names.count("header") == 1
    first_link = page.all("a")[0]
    assert (first_link["class"], first_link["href"]) == ("skip-link", "#content")
    assert page.all("main")[0]["id"] == "content"


def test_no_address_outside_the_file(source, page):
    wanted = [value for _, attributes in page.tags for name, value in attributes.items() if name in ("src", "href")]
    assert all(value and value.startswith(("#", "data:")) for value in wanted), wanted
    assert "<script" not in source
    style = "".join(re.findall(r"<style.*?</style>", source, re.DOTALL))
    assert all(url.startswith(("data:", "#")) for url in re.findall(r"url\([\"']?([^)\"']+)", style))
    assert style.count("data:font/woff") == 4


def test_links_lead_to_something(page):
    marks = {attributes["id"] for _, attributes in page.tags if "id" in attributes}
    aims = [a["href"][1:] for a in page.all("a") if a["href"] and a["href"].startswith("#")]
    assert set(aims) <= marks


def test_figures_are_drawings_with_alternative_texts(page):
    drawings = [svg for svg in page.all("svg") if svg.get("role") == "img"]
    assert [svg["aria-label"] for svg in drawings] == [
        "Liggende stolper: 41 prosent i de minste, 58 i de mellomste og 80 i de største kommunene.",
        "Liggende stolper: kurs er vanligst i alle tre grupper.",
    ]
    assert all("alt" not in svg for svg in drawings)


def test_tables_have_scoped_heads_and_scroll_in_a_box(page):
    scopes = [th.get("scope") for th in page.all("th")]
    assert scopes.count("col") == 10
    assert scopes.count("row") == 24
    boxes = [div for div in page.all("div") if div.get("class") == "table-box"]
    assert len(boxes) == len(page.all("table")) == 3
    assert all(box["tabindex"] == "0" and box["role"] == "group" for box in boxes)


def test_printed_tables_fit_the_page_and_numbers_are_printed_once(source):
    css = "".join(re.findall(r"<style.*?</style>", source, re.DOTALL))
    printed = css[css.index("@media print") :]
    assert re.search(r"table \{\s*font-size: 8pt", printed)
    assert re.search(r'figure:has\(figcaption \[href\^="#tbl-app-"\]\) \+ details.callout \{\s*display: none', printed)
    assert re.search(r'td\[style\*="right"\] \{\s*white-space: nowrap', css)


def test_notice_first_and_last_and_on_printed_pages(source, page, notice, source_line):
    assert page.text.count(notice) == 2 and page.text.count(source_line) == 1, "as the study has them, not as Markdown"
    assert [name for name, attributes in page.tags if attributes.get("class") == "notice"] == ["aside", "footer"]
    css = 'Rekonstruerte data: *ikke* [svar] fra_a_til_b \\3c b> \\"x\\" \\\\ 1. $y$'
    assert f'@top-right {{ content: "{css}"' in source


def test_a_folded_callout_opens_by_click_or_key_and_names_its_table(source, page):
    assert re.search(
        r'<details class="callout callout-note">\s*<summary>Tallene i figuren: <em>Plan</em> \*</summary>', source
    )
    boxes = [div["aria-label"] for div in page.all("div") if div.get("class") == "table-box" and "aria-label" in div]
    assert boxes == ["Tallene i figuren: Plan *"]


def test_lists_of_figures_have_the_title_alone(source):
    (listed,) = re.findall(r'<a href="#fig-plan">(.*?)</a>', source.split("</main>")[0].split("<section")[0], re.DOTALL)
    assert " ".join(listed.split()) == "Figur 1. Andel kommuner med egen kompetanseplan, etter innbyggertall."


def test_text_numbers_and_references(page):
    words = " ".join(page.text.split())
    assert "I alt svarte 261 av 426 kommuner, det er 61 prosent." in words
    assert "se figur 1 og tabell 2. Kjørt for «prøve»." in words
    assert "Figur 2. Kurs og etterutdanning i 261 kommuner." in words
    assert "På nett kan du søke i teksten." in words
    assert "På papir" not in words and "English" not in words
    assert "@" not in words and "{" not in words and "`" not in words


def test_callouts(source):
    assert '<div class="callout callout-important" role="note">' in source
    assert re.search(r'<div class="callout-title">\s*<p>Slik leses figurene</p>', source)


@pytest.mark.skipif(shutil.which("chromium") is None, reason="chromium is not installed")
@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_nothing_but_tables_scrolls_sideways_and_the_notice_covers_no_target(source, tmp_path, width):
    frame = f'<iframe id="f" src="page.html" style="width:{width}px;height:900px;border:0"></iframe>'
    over = "let d=f.contentDocument,e=d.documentElement,s=f.contentWindow.getComputedStyle(e).scrollPaddingTop;"
    over += "let above=parseFloat(s)>d.querySelector('.notice').offsetHeight;"
    over += "document.title='too wide by '+(e.scrollWidth-e.clientWidth)+', links land '"
    over += "+(above?'below':'under')+' the notice'"
    script = f"f.onload=()=>{{{over}}}"
    (tmp_path / "page.html").write_text(source, encoding="utf-8")
    (tmp_path / "frame.html").write_text(f"<title>x</title>{frame}<script>{script}</script>", encoding="utf-8")
    command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"]
    command += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
    command += ["--allow-file-access-from-files", f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom"]
    command += ["--virtual-time-budget=4000", f"--window-size={width + 60},1000", (tmp_path / "frame.html").as_uri()]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=120, check=True)
    assert "<title>too wide by 0, links land below the notice</title>" in done.stdout
