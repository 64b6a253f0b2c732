"""Documents are code: from outside the repository they run when a person accepted them, and no check is passed by."""

from __future__ import annotations

import pytest

import evalkit as package
from evalkit.errors import RenderError
from evalkit.publish import publish
from evalkit.report.trust import check_trust, code_of
from evalkit.results import open_run
from tests.cli.test_cli import evalkit
from tests.conftest import WAVES, write_wave

DOCUMENT = """---
title: "Liten"
---

```{python}
#| tags: [parameters]
study = ""
run = ""
lang = "nb"
notice = ""
```

```{python}
#| output: asis
from pathlib import Path

Path(run).with_name("ran").touch()
print("Harmløst.")
```
"""


@pytest.fixture
def elsewhere(small, tmp_path, monkeypatch):
    """The small study in a folder of its own, with a document that leaves a file when it runs."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "settings"))
    folder = tmp_path / "elsewhere"
    study = small()
    study.rename(folder)
    (tmp_path / "data_raw" / "small").rename(folder / "data_raw")
    (folder / "small.qmd").write_text(DOCUMENT, encoding="utf-8")
    return folder


def test_it_runs_when_it_was_accepted_and_again_until_it_changes(elsewhere):
    ran = elsewhere / "build" / "small" / "ran"
    done = evalkit("run", elsewhere, "--format", "html")
    assert done.returncode == 7 and not (elsewhere / "build").exists(), "nothing is computed in vain"
    assert "A document from outside this repository is code, and has not been accepted yet" in done.stderr
    assert (
        f"mend: read it; if it may run on this machine, say so once: evalkit render {elsewhere} --trust" in done.stderr
    )
    assert evalkit("check", elsewhere).returncode == 0 and not ran.exists(), "check runs no document"
    assert evalkit("run", elsewhere, "--no-report").returncode == 0
    for command in ("render", "publish"):
        assert evalkit(command, elsewhere).returncode == 7 and not ran.exists()
    done = evalkit("render", elsewhere, "--format", "html", "--trust")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == "  documents are code: small.qmd runs its 2 cells of Python on this machine"
    ran.unlink()
    assert evalkit("render", elsewhere, "--format", "html").returncode == 0 and ran.exists()
    ran.unlink()
    (elsewhere / "small.qmd").write_text(f"{DOCUMENT}\nEn setning til.\n", encoding="utf-8")
    assert evalkit("render", elsewhere, "--format", "html").returncode == 7 and not ran.exists()


@pytest.mark.parametrize("name", ["_del.qmd", "hjelp.py", "pakke/__init__.py", "_quarto.yml", "_shared/narrow.lua"])
def test_what_runs_with_it_is_part_of_what_is_accepted(elsewhere, name):
    """An include, a module that a cell can import, the project's settings and filters."""
    document = elsewhere / "small.qmd"
    document.write_text(f"{DOCUMENT}\n{{{{< include _del.qmd >}}}}\n", encoding="utf-8")
    for part in ("_del.qmd", "hjelp.py", "pakke/__init__.py", "_quarto.yml", "_shared/narrow.lua"):
        (elsewhere / part).parent.mkdir(exist_ok=True)
        (elsewhere / part).write_text("", encoding="utf-8")
    check_trust(document, "", trust=True)
    check_trust(document, "")
    (elsewhere / name).write_text("# annet\n", encoding="utf-8")
    assert elsewhere / name in code_of(document)
    with pytest.raises(RenderError, match="has not been accepted yet"):
        check_trust(document, "")


def test_a_study_cannot_say_of_itself_that_it_is_trusted(elsewhere):
    """In the repository's own layout, too: another's folder called analyses is not this repository."""
    root = elsewhere.parent / "another"
    (root / "analyses").mkdir(parents=True)
    (root / "reports" / "small").mkdir(parents=True)
    (elsewhere / "small.qmd").rename(root / "reports" / "small" / "small.qmd")
    (root / "data_raw").mkdir()
    (elsewhere / "data_raw").rename(root / "data_raw" / "small")
    elsewhere.rename(root / "analyses" / "small")
    run = package.run(package.load_study(root / "analyses" / "small"))
    with pytest.raises(RenderError, match="from outside this repository is code"):
        package.render(run, formats=("html",))


TYPED = "\nAvstanden er 3,4 prosentpoeng.\n"


def test_a_number_typed_in_prose_stops_render_and_publish_as_it_stops_check(elsewhere):
    """`check` refused it, and `render` and `publish` let it out."""
    run = package.run(package.load_study(elsewhere))
    publish(run, trust=True)  # so that a report lies there already
    (elsewhere / "small.qmd").write_text(DOCUMENT + TYPED, encoding="utf-8")
    for leave in (publish, package.render):
        with pytest.raises(RenderError) as fault:
            leave(run, trust=True)
        assert "A number is typed in the prose of the report" in str(fault.value) and "got: 3,4" in str(fault.value)
    for command in ("check", "render", "publish", "run"):
        assert "A number is typed in the prose" in evalkit(command, elsewhere).stderr, command


def test_a_study_that_check_refuses_does_not_leave(elsewhere):
    """Its files have changed since the run: the study's words would stand beside numbers of other answers."""
    (elsewhere / "small.qmd").unlink()
    package.run(package.load_study(elsewhere))
    write_wave(elsewhere / "data_raw" / "w2018.sav", WAVES["w2018.sav"] | {"plan": [3] * 6})
    said = [evalkit(command, elsewhere).stderr for command in ("check", "render", "publish")]
    assert all("'3' is not a category of 'plan'" in text for text in said), said


def test_a_run_whose_study_is_gone_was_checked_when_it_was_made(elsewhere):
    run = package.run(package.load_study(elsewhere))
    for name in ("study.toml", "items.toml"):
        (elsewhere / name).unlink()
    html, _ = package.render(open_run(run.path), formats=("html",))
    assert html.name == "wave_report.html"
