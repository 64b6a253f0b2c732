"""A .qmd is read into prose and cells with every line's origin; what is not known is refused by name and line."""

import pytest

from evalkit.errors import RenderError
from evalkit.report.document import Cell, Prose, check_parameters, parameter_cell, read_document
from evalkit.report.settings import check_keys

PARAMETERS = "---\ntitle: T\n---\n\n```{python}\n#| tags: [parameters]\nrun = ''\nlevel: float = 0.95\n```\n"


def message(error: pytest.ExceptionInfo[RenderError]) -> str:
    return str(error.value)


def test_cells_and_prose_keep_their_lines(write):
    document = read_document(
        write("---\ntitle: T\n---\nEn linje.\n\n```{python}\n#| label: a\n#| echo: true\nx = 1\n```\nTo.\n")
    )
    first, cell, last = document.parts
    assert isinstance(first, Prose) and isinstance(cell, Cell) and isinstance(last, Prose)
    assert document.meta == {"title": "T"}
    assert document.head_lines == 3
    assert cell.code == "x = 1"
    assert cell.options == {"label": "a", "echo": True}
    assert (cell.fence.number, cell.first_code_line, cell.last_line) == (6, 9, 10)
    assert [line.number for line in last.lines] == [11]


def test_code_in_a_longer_fence_is_shown_not_run(write):
    document = read_document(write("````markdown\n```{python}\nx = 1\n```\n````\n"))
    assert document.cells == ()


def test_an_included_file_keeps_its_own_lines(write):
    path = write("Før.\n\n{{< include _del.qmd >}}\nEtter.\n", **{"_del.qmd": "Inne.\n\n```{python}\nx = 1\n```\n"})
    document = read_document(path)
    (cell,) = document.cells
    assert (cell.fence.file, cell.fence.number) == ("_del.qmd", 3)
    after = document.parts[-1]
    assert isinstance(after, Prose)
    assert [line.place for line in after.lines if line.text == "Etter."] == ["rapport.qmd, line 4"]


def test_a_missing_include(write):
    with pytest.raises(RenderError) as error:
        read_document(write("A\n\n{{< include _borte.qmd >}}\n"))
    assert message(error) == "There is no such file to include.\n  where: rapport.qmd, line 3\n  got: _borte.qmd"


def test_a_file_that_includes_itself(write):
    with pytest.raises(RenderError) as error:
        read_document(write("{{< include _a.qmd >}}\n", **{"_a.qmd": "{{< include _a.qmd >}}\n"}))
    assert message(error) == "A file includes itself.\n  where: _a.qmd, line 1\n  got: _a.qmd"


def test_unknown_cell_options_all_at_once(write):
    with pytest.raises(RenderError) as error:
        read_document(write("```{python}\n#| ouput: asis\nx = 1\n```\n\n```{python}\n#| echo: maybe\n```\n"))
    assert message(error) == (
        "Unknown cell option.\n"
        "  where: rapport.qmd, line 2\n"
        "  expected: label, tags, output, echo, include or warning\n"
        "  got: ouput\n"
        "  mend: Did you mean output?\n"
        "\n"
        "The cell option echo has no such value.\n"
        "  where: rapport.qmd, line 7\n"
        "  expected: true or false\n"
        "  got: maybe"
    )


def test_a_label_that_quarto_would_number(write):
    with pytest.raises(RenderError, match="This label would make Quarto number the cell itself"):
        read_document(write("```{python}\n#| label: fig-plan\nx = 1\n```\n"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("```{r}\nx <- 1\n```\n", "Cells are Python.\n  where: {}, line 1\n  expected: ```{{python}}\n  got: ```{{r}}"),
        ("a\n\n```{python}\nx = 1\n", "A code fence has no end.\n  where: {}, line 3\n  got: ```{{python}}"),
        ("---\ntitle: T\n", "The YAML head has no end.\n  where: {}, line 1\n  expected: a line with --- alone"),
    ],
)
def test_other_faults_of_form(write, text, expected):
    with pytest.raises(RenderError) as error:
        read_document(write(text))
    assert message(error) == expected.format("rapport.qmd")


def test_yaml_that_cannot_be_read_names_the_line(write):
    with pytest.raises(RenderError) as error:
        read_document(write('---\ntitle: "T\nauthor: A\n---\n'))
    assert message(error).startswith("The YAML cannot be read.\n  where: rapport.qmd, line ")


def test_unknown_keys_of_the_head(write):
    document = read_document(write("---\ntitle: T\nsubtitel: S\nformat:\n  typst:\n    pdf-standart: ua-1\n---\n"))
    with pytest.raises(RenderError) as error:
        check_keys(document)
    assert message(error) == (
        "Unknown key in the YAML head.\n"
        "  where: rapport.qmd, line 3\n"
        "  got: subtitel\n"
        "  mend: Did you mean subtitle?\n"
        "\n"
        "Unknown key under format: typst.\n"
        "  where: rapport.qmd, line 6\n"
        "  got: pdf-standart\n"
        "  mend: Did you mean pdf-standard?"
    )


def test_an_unknown_engine(write):
    with pytest.raises(RenderError) as error:
        check_keys(read_document(write("---\ntitle: T\nengine: knitr\n---\n")))
    assert message(error) == "The engine is not known.\n  where: rapport.qmd\n  expected: jupyter\n  got: knitr"


def test_parameters_are_those_of_the_tagged_cell(write):
    document = read_document(write(PARAMETERS))
    assert parameter_cell(document) is document.cells[0]
    check_parameters(document, {"run": "a", "level": 0.9})
    with pytest.raises(RenderError) as error:
        check_parameters(document, {"runn": "a"})
    assert message(error) == (
        "The document has no such parameter.\n"
        "  where: rapport.qmd, line 5 (cell tagged parameters)\n"
        "  expected: run or level\n"
        "  got: runn"
    )


def test_parameters_for_a_document_without_any(write):
    with pytest.raises(RenderError) as error:
        check_parameters(read_document(write("Tekst.\n")), {"run": "a"})
    assert message(error) == (
        "The document takes no parameters.\n"
        "  where: rapport.qmd\n"
        "  expected: a cell with #| tags: [parameters]\n"
        "  got: run"
    )
