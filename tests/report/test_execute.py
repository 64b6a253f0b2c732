"""Cells run once and in order with the parameters given; a failing one is named by document, cell and line."""

import pytest

from evalkit.errors import RenderError
from evalkit.report.document import read_document
from evalkit.report.execute import execute

DEFAULTS = {"echo": False, "warning": False}


def run_text(path, params=None, defaults=DEFAULTS):
    return execute(read_document(path), params=params or {}, folder=path.parent, defaults=defaults)


def test_parameters_inline_expressions_and_outputs(write):
    text = """\
```{python}
#| tags: [parameters]
n = 1
```

Her er n `{python} n`.

```{python}
#| output: asis
n += 1
print("**fet**")
```

```{python}
#| output: false
print("skjult")
```

```{python}
#| include: false
#| echo: true
print("skjult")
```

```{python}
#| echo: true
print("vist")
```

Nå er n `{python} n` og `{python} "a*b"`.
"""
    executed = run_text(write(text), {"n": 41})
    assert "Her er n 41." in executed.text
    assert "\n**fet**\n" in executed.text
    assert "skjult" not in executed.text
    assert '```python\nprint("vist")\n```\n\n```\nvist\n```' in executed.text
    assert r"Nå er n 42 og a\*b." in executed.text
    assert executed.place("Nå er n") == "rapport.qmd, line 30"
    assert executed.place("**fet**") == "rapport.qmd, line 8"


def test_warnings_follow_the_option(write):
    path = write("```{python}\nimport warnings\nwarnings.warn('pass på')\n```\n")
    assert "pass på" not in run_text(path).text
    assert "UserWarning: pass på" in run_text(path, defaults={"echo": False, "warning": True}).text


def test_markdown_objects_are_shown_and_html_is_refused(write):
    path = write("```{python}\nfrom IPython.display import Markdown, HTML\nMarkdown('**a**')\n```\n")
    assert "\n**a**\n" in run_text(path).text
    with pytest.raises(RenderError) as error:
        run_text(
            write("Tekst.\n\n```{python}\n#| label: side\nfrom IPython.display import HTML\nHTML('<b>a</b>')\n```\n")
        )
    assert str(error.value) == (
        "A cell gives something that not every format can show.\n"
        "  where: rapport.qmd, cell 'side', line 3\n"
        "  expected: Markdown\n"
        "  got: text/html\n"
        "  mend: Print Markdown with #| output: asis; figures lie ready in the run, as exhibits/<name>."
    )


def test_a_failing_cell(write):
    code = "a = 1\ndef del_paa(x):\n    return a / x\ndel_paa(0)"
    text = f"Tekst.\n\n```{{python}}\n#| label: deling\n#| output: asis\n{code}\n```\n"
    with pytest.raises(RenderError) as error:
        run_text(write(text))
    assert str(error.value) == (
        "A cell of the report failed.\n"
        "  where: rapport.qmd, cell 'deling', line 9\n"
        "  got: ZeroDivisionError: division by zero"
    )


def test_a_cell_with_a_fault_of_syntax_and_no_label(write):
    with pytest.raises(RenderError) as error:
        run_text(write("```{python}\na = 1\nb = = 2\n```\n"))
    assert str(error.value).startswith(
        "A cell of the report failed.\n"
        "  where: rapport.qmd, cell without label, line 3\n"
        "  got: SyntaxError: invalid syntax"
    )


def test_a_failing_cell_of_an_included_file_names_that_file(write):
    with pytest.raises(RenderError) as error:
        run_text(write("{{< include _del.qmd >}}\n", **{"_del.qmd": "A\n\n```{python}\nborte\n```\n"}))
    assert "where: _del.qmd, cell without label, line 4\n  got: NameError: name 'borte' is not defined" in str(
        error.value
    )


def test_a_failing_expression_names_its_line(write):
    with pytest.raises(RenderError) as error:
        run_text(write("A.\n\nB `{python} 1` og `{python} borte`.\n"))
    assert str(error.value) == (
        "An inline expression failed.\n"
        "  where: rapport.qmd, line 3, `borte`\n"
        "  got: NameError: name 'borte' is not defined"
    )


def test_an_error_of_ours_keeps_what_it_says(write):
    code = "from evalkit.errors import MethodError\nraise MethodError('Ingen svar.', got=0, mend='Se etter.')"
    with pytest.raises(RenderError) as error:
        run_text(write(f"```{{python}}\n{code}\n```\n"))
    assert str(error.value).endswith("got: MethodError: Ingen svar.\n    got: 0\n    mend: Se etter.")
