"""An address, a number or a stopped column in any file stops the whole publication, and is not repeated."""

from __future__ import annotations

import pytest

from evalkit.errors import PrivacyError
from evalkit.publish import publish
from evalkit.publish.gate import look


def write_report(run, html: str) -> None:
    (run.path / "report" / "small.html").write_text(html, encoding="utf-8")


# 010100 50110: control digits by hand in tests/waves; a number of nobody, of the first day of 1900 or 2000
PERSONAL = {
    "E-mail addresses": "Skriv til kari.nordmann@kommune.example for svar",
    "Telephone numbers": "Ring 22 33 44 55",
}


@pytest.mark.parametrize("what", PERSONAL)
def test_personal_text_in_the_report_is_refused(finished, what):
    run = finished()
    write_report(run, f"<p>{PERSONAL[what]}</p>")
    with pytest.raises(PrivacyError) as fault:
        publish(run)
    assert fault.value.what == f"{what} would leave the house" and fault.value.where == "report/small.html"
    assert "kari" not in str(fault.value) and "22 33" not in str(fault.value)
    assert not (run.study.build / "published").exists() or not list((run.study.build / "published").iterdir())


def test_an_identity_number_is_refused(finished):
    from evalkit.waves.privacy import is_identity_number

    number = next(f"010190{k:05}" for k in range(100_000) if is_identity_number(f"010190{k:05}"))
    run = finished()
    write_report(run, f"<p>{number}</p>")
    with pytest.raises(PrivacyError, match="National identity numbers would leave the house"):
        publish(run)
    write_report(run, f"<p>0.{number} {number[:-1]}{(int(number[-1]) + 1) % 10}</p>")
    assert publish(run)  # decimals, and eleven digits that are nobody's


@pytest.mark.parametrize("where", ["docx", "pdf", "label", "link"])
def test_every_file_is_looked_through(finished, where):
    items = {"Har plan": "Plan? post@kommune.example"} if where == "label" else None
    run = finished(items=items)
    if where == "docx":
        import docx

        document = docx.Document()
        paragraph = document.add_paragraph("Svar til post@")
        paragraph.add_run("kommune").bold = True
        paragraph.add_run(".example")
        document.save(str(run.path / "report" / "small.docx"))
    elif where == "pdf":
        (run.path / "report" / "small.pdf").write_bytes(b"%PDF-1.7\n/URI (mailto:post@kommune.example)\n")
    elif where == "link":
        write_report(run, '<a href="mailto:post@kommune.example">Skriv</a>')
    with pytest.raises(PrivacyError, match="E-mail addresses would leave the house"):
        publish(run)


def test_what_is_published_on_purpose_is_allowed(finished):
    run = finished()
    write_report(run, "<p>Spørsmål: post@institutt.example.</p>")
    assert publish(run, allow=["post@institutt.example"])


def test_fonts_styles_and_drawings_are_not_text(finished):
    run = finished()
    drawing = '<svg><path d="M 22 33 44 55 66"/></svg><img src="data:image/png;base64,a@b.no" alt="Figur">'
    write_report(run, f"<style>a@b.no</style><script>x='c@d.no'</script>{drawing}<p>Rapport</p>")
    assert publish(run)


def test_paths_of_this_machine_are_refused(finished):
    run = finished()
    write_report(run, f"<p>{run.study.root.resolve()}/data_raw</p>")
    with pytest.raises(PrivacyError, match="Paths of this machine would leave the house"):
        publish(run)


def test_a_column_that_stopped_at_the_gate_is_refused(finished, tmp_path):
    run = finished()
    run.record["stopped_at_the_privacy_gate"]["2018"] = [{"column": "epost", "what": "e-mail addresses", "cells": 3}]
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "panel.csv").write_text("unit,epost\n0101,\n", encoding="utf-8")
    with pytest.raises(PrivacyError, match="Column 'epost' stopped at the privacy gate, and is in a file"):
        look(tmp_path / "x", run)
