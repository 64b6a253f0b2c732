"""A render gives all its files or none, names them by folder and language, and gives the same bytes every time."""

from pathlib import Path

import pytest

from evalkit.errors import RenderError
from evalkit.report import render_document
from evalkit.report.document import read_document
from evalkit.report.render import output_name
from evalkit.report.settings import find_project

FIXTURE = Path(__file__).parent / "fixture" / "prove" / "prove.qmd"


def test_files_are_named_by_folder_and_language(rendered, rendered_en):
    assert sorted(path.name for path in rendered.iterdir()) == ["prove.docx", "prove.html", "prove.pdf"]
    assert sorted(path.name for path in rendered_en.iterdir()) == ["prove.en.docx", "prove.en.html", "prove.en.pdf"]


def test_the_language_of_the_project_needs_no_ending(write):
    document = read_document(write("---\ntitle: T\nlang: en-GB\n---\n"))
    project = find_project(document.path)
    assert output_name(document, project, "nb") == "rapport"
    assert output_name(document, project, "en") == "rapport.en"


def test_the_same_bytes_every_time(run, tmp_path, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    made = []
    for name in ("a", "b"):
        out = tmp_path / name
        render_document(FIXTURE, params={"run": "r"}, out=out, resources=run, engine="builtin")
        made.append({path.name: path.read_bytes() for path in out.iterdir()})
    assert made[0].keys() == made[1].keys()
    assert [name for name in made[0] if made[0][name] != made[1][name]] == []


def test_a_failed_render_leaves_the_earlier_report(write, tmp_path):
    out = tmp_path / "out"
    render_document(write("---\ntitle: T\n---\n\nFørste.\n"), params={}, out=out, formats=("html",), engine="builtin")
    before = (out / "rapport.html").read_bytes()
    broken = write("---\ntitle: T\n---\n\nAndre, $x$.\n")
    with pytest.raises(RenderError, match="no typeset mathematics"):
        render_document(broken, params={}, out=out, engine="builtin")
    assert [path.name for path in out.iterdir()] == ["rapport.html"]
    assert (out / "rapport.html").read_bytes() == before


def test_metadata_of_the_call_wins(write, tmp_path):
    path = write("---\ntitle: Gammel\n---\n\nTekst.\n")
    metadata = {"title": "Ny: tittel", "notice": "Utkast"}
    (made,) = render_document(path, params={}, out=tmp_path, formats=("html",), engine="builtin", metadata=metadata)
    page = made.read_text(encoding="utf-8")
    assert '<h1 class="title">Ny: tittel</h1>' in page
    assert page.count("<p>Utkast</p>") == 2


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"formats": ("odt",)}, "Reports have no such format.\n  expected: html, pdf or docx\n  got: odt"),
        ({"lang": "sv"}, "Reports have no such language.\n  expected: nb or en\n  got: sv"),
        ({"engine": "latex"}, "There is no such renderer.\n  expected: auto, quarto or builtin\n  got: latex"),
    ],
)
def test_what_cannot_be_asked_for(write, tmp_path, change, expected):
    with pytest.raises(RenderError) as error:
        render_document(write("---\ntitle: T\n---\n"), params={}, out=tmp_path, **change)
    assert str(error.value) == expected


def test_a_document_without_title_and_one_that_is_not_there(write, tmp_path):
    with pytest.raises(RenderError) as error:
        render_document(write("Tekst.\n"), params={}, out=tmp_path, engine="builtin")
    assert str(error.value) == "The document has no title.\n  where: rapport.qmd\n  expected: title: in its YAML head"
    with pytest.raises(RenderError, match="There is no such document"):
        render_document(tmp_path / "borte.qmd", params={}, out=tmp_path)


def test_a_run_without_this_language(write, tmp_path):
    with pytest.raises(RenderError) as error:
        render_document(
            write("---\ntitle: T\n---\n"),
            params={},
            out=tmp_path,
            engine="builtin",
            lang="en",
            resources=tmp_path / "r",
        )
    assert str(error.value) == (
        "The run has no exhibits in this language.\n"
        f"  where: {tmp_path / 'r'}\n"
        "  expected: exhibits/en\n"
        "  mend: Run the study again with this language."
    )
