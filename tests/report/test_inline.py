"""Inline expressions become text by Quarto's rules, and what Quarto would print as Python's repr is refused."""

import pytest

from evalkit.errors import RenderError
from evalkit.report.document import Line
from evalkit.report.inline import INLINE, inline_markdown, unescape_braces

LINE = Line("Svar: `{python} x`", "rapport.qmd", 7)


def value(**data: str) -> str:
    return inline_markdown({"status": "ok", "data": {k.replace("_", "/"): v for k, v in data.items()}}, "x", LINE)


def test_a_string_is_escaped_for_markdown():
    # the example of Quarto's documentation on inline code: '**not bold**' gives \*\*not bold\*\*
    assert value(text_plain="'**not bold**'") == r"\*\*not bold\*\*"
    assert value(text_plain="'Sør-Aurdal (N = 4), 1.'") == r"Sør\-Aurdal \(N = 4\)\, 1\."


def test_markdown_is_used_as_it_is():
    assert value(text_plain="<IPython.core.display.Markdown object>", text_markdown="**fet**") == "**fet**"


@pytest.mark.parametrize("number", ["261", "-3", "0.41", "1e-05", "True"])
def test_numbers_are_written_as_they_are(number):
    assert value(text_plain=number) == number


@pytest.mark.parametrize("plain", ["'61\\xa0prosent'", "None", "np.float64(0.4)", "[1, 2]", "'a\\\\b'"])
def test_what_would_be_printed_as_repr_is_refused(plain):
    with pytest.raises(RenderError) as error:
        value(text_plain=plain)
    assert str(error.value) == (
        "An inline expression gives something that has no form in a sentence.\n"
        "  where: rapport.qmd, line 7, `x`\n"
        "  expected: a number, a string of printable characters or IPython.display.Markdown\n"
        f"  got: {plain}\n"
        "  mend: Return IPython.display.Markdown(text); a hard space in a plain string would be written as \\xa0."
    )


def test_an_expression_that_fails():
    with pytest.raises(RenderError) as error:
        inline_markdown({"status": "error", "ename": "NameError", "evalue": "name 'x' is not defined"}, "x", LINE)
    assert str(error.value) == (
        "An inline expression failed.\n  where: rapport.qmd, line 7, `x`\n  got: NameError: name 'x' is not defined"
    )


def test_two_expressions_beside_each_other_and_the_two_ways_of_showing_one():
    assert [match[2] for match in INLINE.finditer("`{python} a` `{python} b`")] == ["a", "b"]
    assert INLINE.search("``{python} a``") is None
    assert unescape_braces("`{{python}} a`") == "`{python} a`"
