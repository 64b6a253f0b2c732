"""Published folders of the small study and of robek, with a report that a person could have rendered."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import evalkit
from evalkit.publish import publish
from evalkit.results import Run

EPOCH = "1700000000"
RULE = """[disclosure]
minimum = 3
"""


def with_report(run: Run) -> Run:
    """Small files where the report lies; rendering is proved elsewhere."""
    folder = run.path / "report"
    folder.mkdir(exist_ok=True)
    (folder / f"{run.study.name}.html").write_text("<p>Rapport</p>", encoding="utf-8")
    (folder / f"{run.study.name}.pdf").write_bytes(b"%PDF-1.7\n/Title (Rapport)\n%%EOF\n")
    import docx

    document = docx.Document()
    document.add_paragraph("Rapport")
    document.save(str(folder / f"{run.study.name}.docx"))
    return run


@pytest.fixture
def finished(small, monkeypatch) -> Callable[..., Run]:
    """A finished run of the small study, with texts replaced."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", EPOCH)
    return lambda **changes: with_report(evalkit.run(evalkit.load_study(small(**changes))))


@pytest.fixture(scope="session")
def robek_run(committed) -> Run:
    return with_report(evalkit.run(evalkit.load_study(committed("robek"))))


@pytest.fixture(scope="session")
def published(robek_run, tmp_path_factory) -> Path:
    """The folder of robek, whose data are real."""
    return publish(robek_run, out=tmp_path_factory.mktemp("published") / "robek")


@pytest.fixture
def real(small, finished) -> Callable[..., Run]:
    """The small study as if its data were real, to see what a deposit holds."""

    def make(*, items: dict[str, str] | None = None, study: dict[str, str] | None = None) -> Run:
        changes = {'data = "synthetic"': 'data = "real"', "[exhibits.plan]": f"{RULE}\n[exhibits.plan]"}
        changes |= study or {}
        return finished(study=changes, items=items)

    return make
