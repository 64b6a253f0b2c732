"""Quarto is found, called by its documented command on a staged copy that carries the call, and its faults are told."""

import json
import os
import subprocess
import sys
from pathlib import Path

import docx
import pypandoc
import pytest
import yaml

from evalkit.errors import RenderError
from evalkit.report import engines, render_document
from evalkit.report.engine import choose
from evalkit.report.pandoc import pandoc_path
from evalkit.report.settings import shipped_reports
from evalkit.report.word import describe_pictures

DOCUMENT = """\
---
title: Tittel
translations:
  en:
    title: "Title: with colon"
---

```{python}
#| tags: [parameters]
run = ""
```

Tekst.
"""

FAKE = """\
#!{python}
import json, os, sys
from pathlib import Path
if sys.argv[1:] == ["--version"]:
    print(os.environ.get("FAKE_VERSION", "1.9.38"))
    sys.exit()
name, to = sys.argv[2], sys.argv[4]
with open(os.environ["FAKE_LOG"], "a") as log:
    record = dict(argv=sys.argv[1:], python=os.environ.get("QUARTO_PYTHON"), text=Path(name).read_text())
    record.update(beside=os.listdir("."), project=os.listdir(".."))
    log.write(json.dumps(record) + "\\n")
if os.environ.get("FAKE_ERROR"):
    print(os.environ["FAKE_ERROR"], file=sys.stderr)
    sys.exit(int(os.environ.get("FAKE_EXIT", "1")))
if to == "docx":
    Path("rapport.docx").write_bytes(Path(os.environ["FAKE_DOCX"]).read_bytes())
elif to == "typst":
    import pikepdf
    pikepdf.new().save("rapport.pdf")
else:
    Path(name).with_suffix("." + to).write_text("made")
"""


@pytest.fixture
def quarto(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A command `quarto` on PATH that writes down how it was called; returns its log."""
    if os.name == "nt":
        pytest.skip("the stand-in is a script with a first line for Unix")
    folder = tmp_path / "bin"
    folder.mkdir()
    command = folder / "quarto"
    command.write_text(FAKE.replace("{python}", sys.executable, 1), encoding="utf-8")
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("FAKE_LOG", str(tmp_path / "log"))
    return tmp_path / "log"


def calls(log: Path) -> list[dict]:
    return [json.loads(line) for line in log.read_text().splitlines()]


def test_without_quarto_the_builtin_renderer_is_used(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("evalkit.report.engine.find_spec", lambda name: None)
    quarto, builtin = engines()
    assert (quarto.name, quarto.available, quarto.used) == ("quarto", False, False)
    assert quarto.why == "neither on PATH nor as the Python package quarto-cli"
    assert builtin.used and builtin.version is not None and "typst" in builtin.version
    assert choose("auto").name == "builtin"
    with pytest.raises(RenderError) as error:
        choose("quarto")
    assert str(error.value) == (
        "Quarto cannot be used.\n"
        "  got: neither on PATH nor as the Python package quarto-cli\n"
        "  mend: Install Quarto (quarto.org), or evalkit[quarto], or use --engine builtin."
    )


def test_quarto_on_path_is_used_where_it_is_asked_for_unless_it_is_too_old(quarto, monkeypatch):
    """Its Word files cannot be used today, so that the built-in renderer is the default even where Quarto is here."""
    first, second = engines()
    why = "found on PATH: --engine quarto asks for it"
    assert (first.available, first.used, first.version, first.why) == (True, False, "1.9.38", why)
    assert second.used and choose("auto").name == choose("builtin").name == "builtin"
    assert choose("quarto") == first
    monkeypatch.setenv("FAKE_VERSION", "1.8.25")
    assert engines()[0].why == "found on PATH, but PDF/UA needs 1.9 or newer"
    assert choose("auto").name == "builtin"


def test_the_call_and_the_staged_copy(quarto, write, run, tmp_path, monkeypatch):
    pypandoc.convert_text("# A\n\nB\n", "docx", format="md", outputfile=str(tmp_path / "fake.docx"))
    monkeypatch.setenv("FAKE_DOCX", str(tmp_path / "fake.docx"))
    files = render_document(
        write(DOCUMENT),
        params={"run": "it's"},
        out=tmp_path / "out",
        lang="en",
        engine="quarto",
        resources=run,
        metadata={"notice": "N: x"},
    )
    assert [path.name for path in files] == ["rapport.en.html", "rapport.en.pdf", "rapport.en.docx"]
    said = calls(quarto)
    assert [call["argv"] for call in said] == [
        ["render", "rapport.qmd", "--to", "html"],
        ["render", "rapport.qmd", "--to", "typst"],
        ["render", "rapport.qmd", "--to", "docx"],
    ]
    assert said[0]["python"] == sys.executable
    assert {"exhibits", "rapport.qmd"} <= set(said[0]["beside"])
    assert {"_quarto.yml", "_shared"} <= set(said[0]["project"])
    _, head, body = said[0]["text"].split("---\n", 2)
    meta = yaml.safe_load(head)
    assert meta["title"] == "Title: with colon"
    assert (meta["lang"], meta["lang-en"], meta["lang-nb"], meta["notice"]) == ("en-GB", True, False, "N: x")
    assert body == (
        '\n```{python}\n#| tags: [parameters]\nrun = ""\n```\n'
        '\n```{python}\n#| label: injected-parameters\n#| include: false\nrun = "it\'s"\n```\n\nTekst.\n'
    )


@pytest.mark.parametrize(
    ("stderr", "code", "got"),
    [
        ("Traceback:\n  File x\nZeroDivisionError: division by zero\n", "1", "ZeroDivisionError: division by zero"),
        ("WARNING: Unable to resolve crossref @fig-borte\n", "0", "Unable to resolve crossref @fig-borte"),
    ],
)
def test_its_faults_are_ours(quarto, write, tmp_path, monkeypatch, stderr, code, got):
    monkeypatch.setenv("FAKE_ERROR", stderr)
    monkeypatch.setenv("FAKE_EXIT", code)
    with pytest.raises(RenderError) as error:
        render_document(write(DOCUMENT), params={}, out=tmp_path / "out", engine="quarto")
    assert str(error.value) == (
        "Quarto could not render the document.\n"
        "  where: rapport.qmd\n"
        f"  got: {got}\n"
        "  mend: Render with --engine builtin, which names the line."
    )
    assert not (tmp_path / "out").exists()


def convert(text: str, to: str, name: str, **meta: str) -> str:
    """pandoc's native form of Markdown after one of the shared filters."""
    lua = shipped_reports() / "_shared" / name
    command = [pandoc_path(), "--from=markdown", f"--to={to}", f"--lua-filter={lua}"]
    command += [f"--metadata={key}:{value}" for key, value in meta.items()]
    return subprocess.run(command, input=text, capture_output=True, encoding="utf-8", check=True).stdout


def test_the_filters_that_quarto_needs():
    page = convert("Tekst.", "html", "notice.lua", notice="Utkast")
    assert page.count('<div class="notice" role="note">') == page.count("<p>Utkast</p>") == 2
    assert convert("Tekst.", "html", "notice.lua") == "<p>Tekst.</p>\n"
    assert "title=" not in convert('![b](a.png){fig-alt="Stolper."}', "html", "alt.lua")


def test_the_alternative_text_reaches_word_through_quarto(run, tmp_path):
    lua = shipped_reports() / "_shared" / "alt.lua"
    command = [pandoc_path(), "--from=markdown", f"--lua-filter={lua}", f"--output={tmp_path / 'a.docx'}"]
    text = '![b](exhibits/nb/plan.png){fig-alt="Stolper."}'
    subprocess.run(command, input=text, cwd=run, encoding="utf-8", check=True)
    document = docx.Document(str(tmp_path / "a.docx"))
    describe_pictures(document)
    (picture,) = document.inline_shapes
    assert picture._inline.docPr.get("descr") == "Stolper."
    with pytest.raises(RenderError, match="no alternative text"):
        describe_pictures(document)  # the title has been moved: nothing is left to move


def test_the_project_file_says_what_the_builtin_renderer_does():
    project = yaml.safe_load((shipped_reports() / "_quarto.yml").read_text(encoding="utf-8"))
    assert project["lang"] == "nb-NO"
    assert project["format"]["typst"]["papersize"] == "a4"
    assert project["format"]["typst"]["pdf-standard"] == ["ua-1", "a-2a"]
    lists = [o.get(key, []) for o in project["format"].values() for key in ("filters", "template-partials")]
    named = [name["path"] if isinstance(name, dict) else name for names in lists for name in names]
    assert all((shipped_reports() / name).is_file() for name in named), named
    assert set(project["language"]["nb"]) == set(project["language"]["en"])
