"""A report's sentences get their numbers as words; a wrong name or a claim that no longer holds stops them."""

from __future__ import annotations

import dataclasses
from html.parser import HTMLParser

import pypandoc
import pytest

from evalkit.errors import MethodError
from evalkit.present.document import Document, Prose, label_of
from evalkit.present.exhibit import Exhibit

HARD = "\u00a0"


@pytest.fixture
def doc(exhibits: dict[str, Exhibit]) -> Document:
    return Document(exhibits.__getitem__, "nb")


@pytest.fixture
def english(exhibits: dict[str, Exhibit]) -> Document:
    return Document(exhibits, "en")


def test_numbers_read_like_the_sentence(doc: Document) -> None:
    assert doc.share("own_plan") == f"61{HARD}prosent"
    assert doc.share("own_plan", size="<2000") == f"54{HARD}prosent"
    assert doc.share("own_plan", group="<2000", weighting="unweighted") == f"52{HARD}prosent"
    assert doc.percent("own_plan", size=">=15000") == f"72{HARD}%"
    assert doc.number("mapping", size="<2000") == "1,9"
    assert doc.n("own_plan") == "220"
    assert doc.n("own_plan", size="<2000") == "52"
    assert doc.interval("own_plan", size="<2000") == f"95{HARD}%{HARD}KI: 49–59"
    assert doc.interval("mapping", size="<2000") == f"95{HARD}%{HARD}KI: 1,6–2,3"
    assert doc.span("own_plan") == f"54–72{HARD}prosent"
    assert doc.span("training", category="mentor") == f"20–40{HARD}prosent"
    assert doc.span("mapping") == "1,5–1,9"
    assert doc.points("own_plan", size=(">=15000", "<2000")) == f"18{HARD}prosentpoeng"
    assert doc.compare("own_plan", size=("<2000", ">=15000")) == f"18{HARD}prosentpoeng lavere"
    assert doc.compare("research", wave=("2019", "2018"), size="7000-14999") == f"1{HARD}prosentpoeng høyere"
    assert doc.compare("phd", size=("<2000", "2000-3999")) == "like høy"
    assert doc.trend("own_plan") == "øker"
    assert doc.trend("mapping", "size") == "synker"
    assert doc.highest("own_plan") == f"15{HARD}000 eller flere"
    assert doc.lowest("other_plans", "category") == "Tilpasset arbeidstid eller turnus"
    assert doc.coefficient("table_2", item="1") == "1,15 (standardfeil 0,47)"
    assert doc.coefficient("table_2", item="2", category=">=15000") == "+∞"
    assert doc.odds_ratio("table_2", item="1") == "3,17"
    assert doc.p("table_2", item="1") == f"p{HARD}={HARD}0,014"
    assert doc.count("changed", category="up") == "19"
    assert doc.count("own_plan", size="<2000") == "27"  # 0.52 of 52
    assert doc.fact("table_2", "models", "1", "n_groups_used") == "25"
    assert doc.fact("table_2", "comparisons", 0, "statistic", digits=2) == "4,67"


def test_english(english: Document) -> None:
    assert english.share("own_plan", size="<2000") == f"54{HARD}per{HARD}cent"
    assert english.percent("own_plan", size="<2000") == "54%"
    assert english.interval("own_plan", size="<2000") == f"95%{HARD}CI: 49–59"
    assert english.coefficient("table_2", item="1") == "1.15 (standard error 0.47)"
    assert english.number("table_1", item="population", group="population", category="max", digits=0) == "666,759"


def test_a_notebook_shows_the_hard_space_and_not_its_escape(doc: Document) -> None:
    from IPython.core.formatters import DisplayFormatter

    data, _ = DisplayFormatter().format(doc.share("own_plan"))
    assert data["text/markdown"] == f"61{HARD}prosent"
    data, _ = DisplayFormatter().format(Prose("*2* < 3"))
    assert data["text/markdown"] == "\\*2\\* \\< 3"


class Images(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[dict[str, str | None]] = []
        self.caption = ""
        self.inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.inside = tag == "figcaption" or self.inside
        if tag in ("img", "figure"):
            self.found.append(dict(attrs))

    def handle_data(self, data: str) -> None:
        self.caption += data if self.inside else ""

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag != "figcaption"


def test_a_figure_survives_pandoc(exhibits: dict[str, Exhibit]) -> None:
    odd = 'Plan "A" & <b> [x] *y* @z \\n {#w} $1$'
    made = dataclasses.replace(exhibits["own_plan"], title={"nb": odd, "en": odd})
    doc = Document({"own_plan": made}, "nb")
    page = Images()
    page.feed(pypandoc.convert_text(str(doc.figure("own_plan")), "html", format="markdown", extra_args=["--wrap=none"]))
    image = page.found[-1]
    assert page.found[0]["id"] == "fig-own-plan"
    assert image["src"] == "exhibits/own_plan"
    assert odd in str(image.get("data-fig-alt") or image.get("fig-alt"))
    assert page.caption.startswith(odd)


def test_labels_have_hyphens() -> None:
    assert label_of("fig", "own_plan") == "fig-own-plan"


def test_a_table_has_its_label(doc: Document) -> None:
    assert "{#tbl-own-plan}" in doc.table("own_plan")
    assert "{#tbl-own-plan-unweighted}" in doc.table("own_plan", weighting="unweighted")


def test_a_caption_stands_for_one_exhibit(exhibits: dict[str, Exhibit]) -> None:
    twin = dataclasses.replace(exhibits["own_plan"], name="twin")
    doc = Document({"own_plan": exhibits["own_plan"], "twin": twin}, "nb")
    doc.figure("own_plan")
    doc.figure("own_plan")
    doc.table("own_plan")
    with pytest.raises(MethodError) as caught:
        doc.figure("twin")
    assert caught.value.what == "fig-twin and fig-own_plan would have the same caption"
    assert caught.value.mend == "give 'twin' a title of its own in study.toml"


def test_a_screen_in_a_sentence(doc: Document, english: Document) -> None:
    assert (doc.screened("few_screened"), doc.screened("few_screened", "research")) == ("5", "1")
    assert (doc.significant("few_screened"), doc.significant("few_screened", "pvalue_holm_all")) == ("1", "0")
    assert doc.significant("few_screened", "pvalue_holm_all", level=0.1) == "1"
    # of those without sign of change, 14.8 and 16.6 percentage points; the others cannot show any
    assert doc.detectable("few_screened") == f"16{HARD}prosentpoeng"
    assert english.detectable("few_screened", "max") == f"17{HARD}percentage points"
    assert [one.code for one in doc.outcomes("few_screened") if one.has_changed] == ["q17"]
    assert [one.question for one in doc.outcomes("few_screened")] == ["q17", "q4", "q4", "q20", "q3"]


def test_response_in_a_sentence(doc: Document) -> None:
    assert doc.share("response_size", wave="latest", category="rr2") == f"61{HARD}prosent"
    assert doc.span("response_size", wave="latest", category="rr2") == f"53–74{HARD}prosent"
    table = doc.table("response_size", wave="latest")
    assert "{#tbl-response-size-latest}" in table and "Runde:" not in table
    assert f"(N{HARD}={HARD}426). Svar i minst én av rundene 2018 og 2019.]{{.caption-more}} {{#" in table


def test_shares_of_inhabitants_in_a_sentence(doc: Document) -> None:
    assert doc.share("people", weighting="inhabitants", size=">=15000") == f"80{HARD}prosent"
    assert doc.share("people", size=">=15000") == f"72{HARD}prosent", "the exhibit's own weighting"
    assert doc.span("people", weighting="inhabitants") == f"55–80{HARD}prosent"
    assert "{#tbl-people-inhabitants}" in doc.table("people", weighting="inhabitants")


def test_a_figure_leads_to_its_numbers(exhibits: dict[str, Exhibit]) -> None:
    doc = Document({"own_plan": exhibits["own_plan"], "phd": exhibits["phd"]}, "nb")
    said = doc.figure("own_plan", data=True)
    caption, folded = said.split("\n", 1)
    assert (
        "{#fig-own-plan" in caption and "Alle tall: @tbl-app-own-plan.]{.caption-more}](exhibits/own_plan)" in caption
    )
    name = "Tallene i figuren: Har egen kompetanseplan, etter innbyggertall"
    assert f'when-format="html"}}\n::: {{.callout-note collapse="true" title="{name}"}}\n| Innbygger' in folded
    assert "| Under 2\u00a0000 | 54 | 49–59 | 52 |" in folded
    assert doc.figure("phd").count("\n") == 1, "numbers where they are asked for"
    assert "{#tbl-app-own-plan}" in doc.appendix() and "{#tbl-app-phd}" in doc.appendix()
    assert "{#tbl-app-own-plan}" not in doc.appendix(["phd"])
    named = Document(exhibits.__getitem__, "nb", names=("phd",))
    assert "{#tbl-app-phd}" in named.appendix()
    with pytest.raises(MethodError) as caught:
        Document(exhibits.__getitem__, "nb").appendix()
    assert caught.value.what == "The appendix does not know which exhibits to print"


def test_sentences_that_no_longer_hold_stop_the_report(doc: Document) -> None:
    said = doc.holds(doc.rises("own_plan"), "Andelen øker med *innbyggertallet*.")
    assert said == "Andelen øker med *innbyggertallet*."
    assert said._repr_markdown_() == said
    with pytest.raises(MethodError) as caught:
        doc.holds(doc.falls("own_plan"), "Andelen synker med innbyggertallet.")
    assert str(caught.value) == (
        "The data no longer say what a sentence of the report says\n"
        "  got: Andelen synker med innbyggertallet.\n"
        "  mend: look at the exhibit and write what it shows now"
    )


def test_a_wrong_exhibit_names_the_nearest(english: Document) -> None:
    with pytest.raises(MethodError) as caught:
        english.share("own_plann")
    assert caught.value.what == "There is no exhibit 'own_plann'"
    assert caught.value.mend == "did you mean 'own_plan'?"


def test_wrong_rows_are_named(doc: Document) -> None:
    for call, what in (
        (lambda: doc.share("own_plan", size="<200"), "Exhibit 'own_plan' has no row with size = '<200'"),
        (lambda: doc.share("own_plan", siz="<2000"), "Exhibit 'own_plan' has no column 'siz'"),
        (lambda: doc.share("training"), "Exhibit 'training' has 7 such rows"),
        (lambda: doc.number("own_plan", statistic="estmate"), "Exhibit 'own_plan' has no number 'estmate'"),
        (lambda: doc.span("own_plan", over="sized"), "Exhibit 'own_plan' has nothing called 'sized'"),
        (lambda: doc.points("own_plan", size="<2000"), "A comparison needs exactly one key with a pair of codes"),
        (lambda: doc.figure("table_1"), "Exhibit 'table_1' has no figure"),
        (lambda: doc.p("own_plan"), "Exhibit 'own_plan' has no finite p_value here"),
        (lambda: doc.share("table_2", item="2", category=">=15000"), "Exhibit 'table_2' has no finite estimate here"),
        (lambda: doc.table("own_plan", wave="2018"), "Exhibit 'own_plan' cannot be cut to one wave"),
        (lambda: doc.screened("own_plan"), "Exhibit 'own_plan' is not a screen"),
        (lambda: doc.screened("few_screened", "researc"), "Exhibit 'few_screened' has no family 'researc'"),
        (lambda: doc.significant("few_screened", "holm"), "There is no such p-value in a screen"),
        (lambda: doc.detectable("few_screened", "mean"), "There is no such summary"),
        (lambda: doc.fact("table_2", "model"), "Exhibit 'table_2' has no fact 'model'"),
    ):
        with pytest.raises(MethodError) as caught:
            call()
        assert caught.value.what == what


def test_one_number_moves_what_depends_on_it(exhibits: dict[str, Exhibit]) -> None:
    made = exhibits["own_plan"]
    data = made.data.copy()
    data.loc[(data["group"] == "<2000") & (data["weighting"] == "weighted"), "estimate"] = 0.8
    before, after = Document({"x": made}, "nb"), Document({"x": dataclasses.replace(made, data=data)}, "nb")
    assert (before.share("x", size="<2000"), after.share("x", size="<2000")) == (f"54{HARD}prosent", f"80{HARD}prosent")
    assert (before.span("x"), after.span("x")) == (f"54–72{HARD}prosent", f"57–80{HARD}prosent")
    assert before.rises("x") and not after.rises("x")
    assert before.share("x", size=">=15000") == after.share("x", size=">=15000")
    assert before.caption("x") == after.caption("x")
