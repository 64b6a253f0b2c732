"""The command line: a line a stage, an exit code a kind of fault, and no traceback for a user's fault."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from tests.conftest import WAVES, write_wave


def evalkit(*words: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from evalkit.cli import main; main()", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def test_check_names_the_waves(small):
    done = evalkit("check", small())
    assert done.returncode == 0
    assert "wave 2018: 6 rows, 7 columns" in done.stdout
    assert "small: 4 questions, 5 exhibits, no fault" in done.stdout


def test_run_says_what_each_stage_did_and_where_results_are(small):
    folder = small()
    done = evalkit("run", folder, "--no-report")
    assert done.returncode == 0, done.stderr
    stages = [line.split()[1] for line in done.stdout.splitlines() if line.strip().startswith("✓")]
    assert stages == ["waves", "panel", "weights", "estimates", "change", "exhibits"]
    assert "12 → 10 rows" in done.stdout
    assert "2018: answered something: 6 → 5, rows without any answer left out" in done.stdout
    assert "results in" in done.stdout
    assert "unchanged" in evalkit("run", folder, "--no-report").stdout


def test_quiet_says_nothing(small):
    done = evalkit("run", small(), "--until", "change", "--quiet")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("study", "wave", "code", "says"),
    [
        ({'data = "synthetic"': 'data = "synthetik"'}, {}, 3, "'data' cannot be 'synthetik'"),
        ({}, {"plan": [3] * 6}, 4, "'3' is not a category of 'plan'"),
        ({}, {"years": ["a@example.org"] + [None] * 5}, 5, "Question 'years' holds e-mail addresses"),
    ],
)
def test_a_users_fault_has_an_exit_code_and_no_traceback(small, study, wave, code, says):
    folder = small(study=study)
    write_wave(folder.parent.parent / "data_raw" / "small" / "w2018.sav", WAVES["w2018.sav"] | wave)
    done = evalkit("check", folder)
    assert done.returncode == code
    assert says in done.stderr and "\n  where: " in done.stderr
    assert "Traceback" not in done.stderr + done.stdout


def test_no_run_and_no_study(small, tmp_path):
    assert evalkit("render", small()).returncode == 8
    done = evalkit("check", tmp_path)
    assert done.returncode == 3 and "There is no study.toml" in done.stderr


def test_a_study_without_a_document_gets_the_wave_report_and_the_workbook(small):
    done = evalkit("run", small(), "--format", "html")
    assert done.returncode == 0, done.stderr
    assert "report/wave_report.html" in done.stdout and "report/results.xlsx" in done.stdout


def test_both_languages_by_one_command(small):
    folder = small()
    done = evalkit("run", folder, "--format", "html", "--lang", "nb,en")
    assert done.returncode == 0, done.stderr
    made = [line.rsplit("/", 1)[-1] for line in done.stdout.splitlines() if "/report/" in line]
    assert made == ["wave_report.html", "results.xlsx", "wave_report.en.html", "results.en.xlsx"]


@pytest.mark.parametrize("lang", ["nb,fr", "", "nb,"])
def test_a_language_that_reports_do_not_have_is_refused_before_anything_runs(small, lang):
    folder = small()
    done = evalkit("run", folder, "--lang", lang)
    assert done.returncode == 7 and "no such language" in done.stderr
    assert not (folder.parent.parent / "build").exists()


def test_a_draft_says_so(small):
    folder = small()
    assert evalkit("run", folder, "--format", "html", "--draft").returncode == 0
    (page,) = folder.parent.parent.glob("build/small/*/report/wave_report.html")
    assert "Utkast. Syntetiske data" in page.read_text(encoding="utf-8")


def test_a_typed_number_in_a_report_is_a_fault(small):
    folder = small()
    reports = folder.parent.parent / "reports" / "small"
    reports.mkdir(parents=True)
    (reports / "small.qmd").write_text('---\ntitle: "Liten"\n---\n\nI alt 73 prosent har plan.\n', encoding="utf-8")
    done = evalkit("check", folder)
    assert done.returncode == 7
    assert "73" in done.stderr and "small.qmd" in done.stderr and "line 5" in done.stderr


def test_doctor_names_the_renderer_and_the_register():
    done = evalkit("doctor")
    assert done.returncode == 0
    assert "builtin" in done.stdout and "quarto" in done.stdout and "2021, 2024" in done.stdout


def test_import_is_quick():
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import evalkit"], check=True)
    everything = time.perf_counter() - start
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", "pass"], check=True)
    assert everything - (time.perf_counter() - start) < 0.5


def test_a_renderer_that_is_none_stops_before_anything_is_computed(small):
    folder = small()
    done = evalkit("run", folder, "--engine", "latex")
    assert done.returncode == 7 and "There is no such renderer" in done.stderr and "panel" not in done.stdout
    assert not (folder.parents[1] / "build").exists()
