"""What the renderer does not know, or a reader could not use, is refused by name and line, all of it at once."""

import pytest

from evalkit.errors import RenderError
from evalkit.report.document import Line
from evalkit.report.execute import Executed
from evalkit.report.shortcodes import replace_shortcodes

PICTURE = "![En figur.](exhibits/a.svg){#fig-a fig-alt='Stolper.'}"


def said(convert, text: str, to: str = "typst", **settings: object) -> str:
    with pytest.raises(RenderError) as error:
        convert(text, to, **settings)
    return str(error.value)


def test_references_that_lead_nowhere(convert):
    text = "Se @fig-borte.\n\n# Del {#sec-del .unnumbered}\n\nOg @sec-del og @eq-lik."
    assert said(convert, text) == (
        "A reference leads nowhere.\n"
        "  where: rapport.qmd, line 1\n"
        "  got: @fig-borte\n"
        "  mend: Give the thing referred to this identifier.\n"
        "\n"
        "A reference leads nowhere.\n"
        "  where: rapport.qmd, line 5\n"
        "  got: @sec-del\n"
        "  mend: The section has no number: number-sections: true, and not .unnumbered.\n"
        "\n"
        "A reference of this kind is not known.\n"
        "  where: rapport.qmd, line 5\n"
        "  expected: @fig-…, @tbl-… or @sec-…\n"
        "  got: @eq-lik"
    )


def test_pictures_without_alternative_text_or_identifier(convert):
    text = "Først.\n\n![En figur.](exhibits/a.svg){#fig-a}\n"
    assert said(convert, text) == (
        "An image has no alternative text.\n"
        "  where: rapport.qmd, line 3\n"
        "  got: exhibits/a.svg\n"
        '  mend: Give it one: ![caption](file){#fig-name fig-alt="what is seen"}.'
    )
    text = "![En figur.](exhibits/a.svg){fig-alt='Stolper.'}\n"
    assert said(convert, text) == (
        "A figure has no identifier that begins with fig-.\n"
        "  where: rapport.qmd, line 1\n"
        "  got: En figur.\n"
        "  mend: Write ![caption](file){#fig-name fig-alt=…}."
    )


def test_the_same_identifier_twice(convert):
    assert said(convert, f"{PICTURE}\n\n{PICTURE}\n") == (
        "An identifier is used twice.\n  where: rapport.qmd, line 1\n  got: fig-a"
    )


def test_a_picture_that_is_not_there(convert):
    assert said(convert, f"Tekst.\n\n{PICTURE}\n", "docx") == (
        "An image is missing.\n  where: rapport.qmd, line 3\n  got: exhibits/a.svg"
    )


def test_tables_need_an_identifier_for_their_caption(convert):
    assert said(convert, "| a | b |\n|---|--:|\n| c | 1 |\n\n: Bildetekst\n") == (
        "A table with a caption has no identifier that begins with tbl-.\n"
        "  where: rapport.qmd, line 5\n"
        "  got: Bildetekst\n"
        "  mend: Write : caption {#tbl-name}."
    )


def test_divs_callouts_and_spans_that_are_not_known(convert):
    text = "::: {.column-margin}\nA\n:::\n\n::: {.callout-danger}\nB\n:::\n\n[C]{.aside}\n"
    assert said(convert, text) == (
        "A div has a class that is not known.\n"
        "  where: rapport.qmd, line 1\n"
        "  expected: callout-note and its kin, content-visible, content-hidden, #fig-… or #tbl-…\n"
        "  got: .column-margin\n"
        "\n"
        "A span has a class that is not known.\n"
        "  where: rapport.qmd, line 9\n"
        "  got: .aside"
    )
    assert said(convert, "::: {.callout-danger}\nB\n:::\n") == (
        "There is no such callout.\n"
        "  where: rapport.qmd, line 1\n"
        "  expected: callout-note, callout-tip, callout-important, callout-warning or callout-caution\n"
        "  got: callout-danger"
    )
    assert "got: collapse=false" in said(convert, '::: {.callout-note collapse="false"}\nB\n:::\n')


def test_conditions_that_are_not_known(convert):
    text = '::: {.content-visible when-format="pdf"}\nA\n:::\n'
    assert said(convert, text) == (
        "A condition names a format that is not known.\n"
        "  where: rapport.qmd, line 1\n"
        "  expected: html, typst or docx\n"
        "  got: pdf"
    )
    assert "got: when-profile" in said(convert, '::: {.content-visible when-profile="a"}\nA\n:::\n')


def test_raw_text_that_a_format_would_lose(convert):
    assert said(convert, "Linje<br>ny linje.\n") == (
        "Raw html would be lost in typst.\n"
        "  where: rapport.qmd, line 1\n"
        "  got: <br>\n"
        "  mend: Write it in Markdown, or inside ::: {.content-visible when-format=…} for its own format."
    )
    assert "ny linje" in convert("Linje<br>ny linje.<!-- merknad -->\n", "html")


def test_mathematics_in_a_pdf(convert):
    assert said(convert, "Der $x_i = 1$.\n") == (
        "A PDF/UA document has no typeset mathematics: an equation has no alternative text.\n"
        "  where: rapport.qmd, line 1\n"
        "  got: x_i = 1\n"
        '  mend: Say it in words, or show it only in HTML and Word: {.content-visible unless-format="typst"}.'
    )


def test_a_heading_that_skips_a_level(convert):
    assert said(convert, "# En\n\n### Tre\n") == (
        "A heading skips a level.\n  where: rapport.qmd, line 3\n  expected: level 2 or higher up\n  got: level 3"
    )


def test_a_citation_that_is_not_in_the_bibliography(convert, tmp_path):
    (tmp_path / "refs.bib").write_text("@book{a, title={T}, author={A}, year={2000}}")
    assert said(convert, "Se\n[@borte].\n", bibliography="../refs.bib") == (
        "The bibliography has no such entry.\n  where: rapport.qmd, line 2\n  got: @borte"
    )


def shortcodes(text: str, **settings: object) -> str:
    lines = tuple(Line(content, "rapport.qmd", number) for number, content in enumerate(text.splitlines(), start=1))
    return replace_shortcodes(Executed(lines), {"lang": "nb-NO", **settings}).text


def test_shortcodes():
    assert (
        shortcodes("{{< meta title >}} fra {{< meta date >}}", title="T", date="2024-05-17") == "T fra 17. mai 2024\n"
    )
    assert shortcodes("Slik: {{{< meta title >}}}") == "Slik: {{< meta title >}}\n"
    with pytest.raises(RenderError) as error:
        shortcodes("{{< video a.mp4 >}}\n{{< meta borte >}}\n{{< meta params.run >}}")
    assert str(error.value) == (
        "Unknown shortcode.\n"
        "  where: rapport.qmd, line 1\n"
        "  expected: meta, or include or pagebreak alone on its line\n"
        "  got: video a.mp4\n"
        "\n"
        "The document's head has no such text.\n"
        "  where: rapport.qmd, line 2\n"
        "  got: borte\n"
        "\n"
        "The shortcode meta does not follow a report's parameters.\n"
        "  where: rapport.qmd, line 3\n"
        "  got: params.run\n"
        "  mend: Write `{python} run`."
    )


def test_marks_that_markdown_did_not_understand(convert):
    assert said(convert, "A.\n\nSom figur {#fig-a} viser.\n") == (
        "A mark was not understood and would be printed.\n  where: rapport.qmd, line 3\n  got: {#fig-a}"
    )
    assert "  got: :::" in said(convert, "A.\n:::\nB\n")
    assert said(convert, "Se `{r} x`.\n") == (
        "Inline expressions are Python.\n  where: rapport.qmd, line 1\n  expected: `{python} …`\n  got: `{r} x`"
    )
