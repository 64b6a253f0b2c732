"""What leaves the house is complete, checked, the same every time, and free of this machine."""

from __future__ import annotations

import csv
import hashlib
import json
import zipfile
from pathlib import Path

import openpyxl
import pytest

import evalkit
from evalkit.errors import PrivacyError, RunError
from evalkit.present.exhibit import COLUMNS
from evalkit.publish import publish
from tests.publish.conftest import with_report

FILES = {
    "README.md", "SHA256SUMS", "codebook.toml", "methods.md", "run.json",
    "report/{}.docx", "report/{}.html", "report/{}.pdf",
    "results/codes.csv", "results/columns.csv", "results/results.csv", "results/results.xlsx",
}  # fmt: skip
DEPOSIT = {"deposit/README.md", "deposit/{}.csv", "deposit/{}.sav", "deposit/{}.xml"}


def names(folder: Path) -> set[str]:
    return {file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()}


def test_a_real_study_is_published_with_a_deposit(published):
    assert names(published) == {name.format("robek") for name in FILES | DEPOSIT}
    with zipfile.ZipFile(published.with_name("robek.zip")) as packed:
        assert packed.namelist() == sorted(f"robek/{name}" for name in names(published))
        assert packed.testzip() is None


def test_checksums_are_those_of_the_files(published):
    lines = (published / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    sums = {name: digest for digest, name in (line.split("  ") for line in lines)}
    assert set(sums) == names(published) - {"SHA256SUMS"}
    assert all(hashlib.sha256((published / name).read_bytes()).hexdigest() == digest for name, digest in sums.items())


def test_results_are_the_exhibits_to_the_last_digit(published, robek_run):
    with (published / "results" / "results.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    row = next(r for r in rows if (r["exhibit"], r["wave"], r["group"]) == ("in_robek", "2008", "all"))
    assert float(row["estimate"]) == robek_run.value("in_robek", wave="2008", group="all", weighting="unweighted")
    assert len(rows) == sum(len(robek_run.exhibit(name).data) for name in robek_run.exhibits)
    with (published / "results" / "columns.csv").open(encoding="utf-8", newline="") as file:
        described = {row["column"]: row for row in csv.DictReader(file)}
    assert set(described) == set(rows[0]) and set(COLUMNS) < set(described)
    assert all(row["meaning_nb"] and row["meaning_en"] for row in described.values())
    with (published / "results" / "codes.csv").open(encoding="utf-8", newline="") as file:
        codes = {(row["exhibit"], row["column"], row["code"]) for row in csv.DictReader(file)}
    assert {
        (r["exhibit"], key, r[key]) for r in rows for key in ("item", "wave", "group", "category") if r[key]
    } <= codes


def test_the_workbook_has_a_sheet_for_every_exhibit(published, robek_run):
    book = openpyxl.load_workbook(published / "results" / "results.xlsx")
    assert set(robek_run.exhibits) <= set(book.sheetnames)


def test_the_methods_note_names_what_the_study_did(published):
    note = (published / "methods.md").read_text(encoding="utf-8")
    assert "428 kommuner" in note and "Newcombe" in note and "Chamberlain, G. (1980)" in note
    assert "Deville" not in note  # nothing is weighted
    assert all(f"[{key}]" in note.partition("## Kilder")[0] or f"; {key}]" in note or f"[{key};" in note
               for key in ("binder", "korn", "kish", "newcombe", "mcnemar", "chamberlain", "firth"))  # fmt: skip


def test_nothing_in_it_is_of_this_machine(published, robek_run):
    places = [str(robek_run.study.root), str(robek_run.path), str(Path.home() / "x")[:-2], str(published.parent)]
    for name in names(published):
        content = (published / name).read_bytes()
        assert not any(len(place) > 1 and place.encode() in content for place in places), name


def test_the_same_run_gives_the_same_bytes(finished, tmp_path, monkeypatch):
    run = finished()
    first = publish(run, out=tmp_path / "a" / "small")
    monkeypatch.setattr("time.time", lambda: 2_000_000_000.0)
    second = publish(run, out=tmp_path / "b" / "small")
    assert (first.with_name("small.zip")).read_bytes() == (second.with_name("small.zip")).read_bytes()


def test_the_deposit_has_the_same_bytes_whenever_it_is_made(real, tmp_path):
    run = real()
    folders = [publish(run, out=tmp_path / name / "small") for name in ("a", "b")]
    for name in names(folders[0]):
        assert (folders[0] / name).read_bytes() == (folders[1] / name).read_bytes(), name
    header = (folders[0] / "deposit" / "small.sav").read_bytes()[92:109]
    assert header == b"14 Nov 2322:13:20"  # 1700000000 seconds after 1970


def test_data_that_are_not_real_have_no_deposit(finished):
    run = finished()
    folder = publish(run)
    assert names(folder) == {name.format("small") for name in FILES}
    assert "Det er ingen pakke til dataarkivet: svarene er syntetiske, ikke virkelige" in (
        folder / "README.md"
    ).read_text(encoding="utf-8")
    assert folder.parent == run.study.build / "published"
    with pytest.raises(RunError, match="There is no bundle for the data archive") as fault:
        publish(run, deposit=True)
    assert fault.value.got == "the answers are synthetic, not real"


def test_a_restricted_file_stays_at_home(real):
    run = real()
    run.record["panel"] = "restricted"
    with pytest.raises(RunError) as fault:
        publish(run, deposit=True)
    assert fault.value.got == "a wave file is restricted in the manifest"
    assert not (publish(run) / "deposit").exists()


def test_the_english_folder(finished):
    run = finished()
    for ending in ("html", "pdf", "docx"):
        report = run.path / "report" / f"small.{ending}"
        report.rename(report.with_name(f"small.en.{ending}"))
    folder = publish(run, lang="en")
    assert "There is no bundle for the data archive" in (folder / "README.md").read_text(encoding="utf-8")
    assert (folder / "methods.md").read_text(encoding="utf-8").startswith("# Methods: Small survey")
    assert "post-stratified" in (folder / "methods.md").read_text(encoding="utf-8")
    assert (folder / "report" / "small.en.html").is_file()


def test_a_report_that_is_not_rendered_is_rendered(finished):
    run = finished()
    for report in (run.path / "report").iterdir():
        report.unlink()
    folder = publish(run)
    reports = {path.suffix: path.stat().st_size for path in (folder / "report").iterdir()}
    assert set(reports) == {".html", ".pdf", ".docx"} and min(reports.values()) > 5_000


def test_what_is_refused(finished, small, tmp_path):
    run = finished()
    with pytest.raises(RunError, match="There is no such language"):
        publish(run, lang="sv")
    (tmp_path / "mine").mkdir()
    with pytest.raises(RunError, match="The folder holds something else"):
        publish(run, out=tmp_path / "mine")
    early = evalkit.run(evalkit.load_study(small()), until="panel")
    with pytest.raises(RunError, match="The run stopped before its exhibits"):
        publish(early)


def test_published_again_in_place(finished):
    run = finished()
    folder = publish(run)
    (folder / "methods.md").write_text("changed", encoding="utf-8")
    assert publish(run) == folder and "changed" not in (folder / "methods.md").read_text(encoding="utf-8")
    assert sorted(path.name for path in folder.parent.iterdir()) == [folder.name, f"{folder.name}.zip"]
    assert json.loads((folder / "run.json").read_text(encoding="utf-8"))["run"] == run.id


def test_only_a_published_folder_and_its_own_zip_are_replaced(finished, tmp_path):
    """A file called SHA256SUMS made a folder one that publishing replaced whole; no zip beside it was looked at."""
    run = finished()
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "SHA256SUMS").write_text("0  data.csv\n", encoding="utf-8")
    (mine / "data.csv").write_text("1", encoding="utf-8")
    with pytest.raises(RunError, match="The folder holds something else than publish wrote there"):
        publish(run, out=mine)
    folder = publish(run, out=tmp_path / "out")
    assert publish(run, out=folder) == folder
    (folder / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(RunError, match="The folder holds something else"):
        publish(run, out=folder)
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as packed:
        packed.writestr("other/data.csv", "1")
    with pytest.raises(RunError, match=r"There is another file of the name of the zip"):
        publish(run, out=tmp_path / "other")
    assert names(mine) == {"SHA256SUMS", "data.csv"} and (folder / "notes.txt").is_file()
    assert zipfile.ZipFile(tmp_path / "other.zip").namelist() == ["other/data.csv"]


def test_the_command_says_why_there_is_no_bundle_or_what_the_archive_asks(finished, real):
    from tests.cli.test_cli import evalkit as command

    done = command("publish", finished().study.path)
    assert "– no bundle for the data archive: the answers are synthetic, not real" in done.stdout
    done = command("publish", real().study.path)
    assert "– the archive will ask for abstract, authors, producer, mode, keywords and conditions" in done.stdout
    assert "[deposit] in study.toml" in done.stdout
    assert "–" not in command("publish", real().study.path, "--no-deposit").stdout


def test_real_data_are_published_only_with_a_rule_for_small_groups(small, finished, tmp_path):
    """Real data without [disclosure] published a group of one: of the six units here one said no in 2018, twice."""
    run = finished(study={'data = "synthetic"': 'data = "real"'})
    with pytest.raises(PrivacyError) as fault:
        publish(run)
    said = str(fault.value)
    assert "Real data are not published without a rule for small groups" in said and "study.toml" in said
    assert "    [disclosure]\n    minimum = 3     # fewest units" in said
    assert not (run.study.build / "published").exists()
    added = said.partition("run again:\n")[2]
    study = run.study.path / "study.toml"
    study.write_text(study.read_text(encoding="utf-8") + added, encoding="utf-8")
    with pytest.raises(PrivacyError, match="changed since the run: its figures are not protected"):
        publish(evalkit.open_run(run.study.path))
    again = with_report(evalkit.run(evalkit.load_study(run.study.path)))
    rows = (publish(again) / "results" / "results.csv").read_text(encoding="utf-8").splitlines()
    hidden = {line.split(",")[0] for line in rows if line.split(",")[7:8] == ["1"]}
    assert hidden == set(touched(study.parent).removeprefix("! [disclosure] touches ").split(", "))


def touched(study: Path) -> str:
    """The line of `evalkit check` that says what the rule hides."""
    from tests.cli.test_cli import evalkit as command

    (line,) = (line for line in command("check", study).stdout.splitlines() if "[disclosure]" in line)
    return line


def test_check_says_that_a_study_cannot_be_published_and_what_a_rule_would_touch(small):
    """Six units: no group of the two sizes has three that say yes and three that say no."""
    line = touched(small(study={'data = "synthetic"': 'data = "real"'}))
    assert line.startswith("! no [disclosure]: it cannot be published; minimum = 3 would touch plan, ")
