"""The wave report shows every exhibit of any study, and what the run was made of, in two languages."""

import html
import re
import shutil
import subprocess
from copy import copy
from pathlib import Path

import pikepdf
import pyreadstat
import pytest

import evalkit
from evalkit.present.figures import has_figure
from evalkit.report import methods, render_document
from evalkit.report.prose import check_prose

WAVE_REPORT = Path(__file__).resolve().parents[2] / "reports" / "wave_report" / "wave_report.qmd"


def render(run, out: Path, lang: str, *formats: str) -> list[Path]:
    plan = run.study.plan
    params = {"study": run.study.name, "run": str(run.path), "lang": lang}
    if plan.notice is not None:
        params["notice"] = plan.notice[lang]
    return render_document(
        WAVE_REPORT, params=params, out=out, formats=formats, lang=lang, engine="builtin", resources=run.path,
        metadata={"title": plan.title[lang]},
    )  # fmt: skip


def words(page: Path) -> str:
    """What a reader sees, in one line."""
    text = re.sub(r"<(style|svg|title)\b.*?</\1>", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", text)).split())


@pytest.fixture(scope="module")
def robek_run(committed):
    return evalkit.run(evalkit.load_study(committed("robek")))


@pytest.fixture(scope="module")
def files(robek_run, tmp_path_factory) -> dict[str, Path]:
    out = tmp_path_factory.mktemp("wave_report")
    made = [*render(robek_run, out, "nb", "html", "pdf"), *render(robek_run, out, "en", "html")]
    return {file.name: file for file in made}


def test_files_are_named_after_the_document_and_the_language(files):
    assert sorted(files) == ["wave_report.en.html", "wave_report.html", "wave_report.pdf"]


def test_every_exhibit_is_a_figure_under_its_heading_and_a_table_in_the_studys_order(robek_run, files):
    page = files["wave_report.html"].read_text(encoding="utf-8")
    drawn = [name for name in robek_run.exhibits if has_figure(robek_run.exhibit(name))]
    assert drawn == list(robek_run.exhibits) and len(drawn) == 5
    figures = re.findall(r'<figure[^>]* id="fig-([\w-]+)"', page)
    assert figures == [name.replace("_", "-") for name in drawn]
    for name in figures:
        assert len(re.findall(f' id="tbl-app-{name}"', page)) == 1
    text = words(files["wave_report.html"])
    assert "4.2 Kommuner i ROBEK, etter innbyggertall" in text
    assert "Alle tall: tabell 5 ." in text


def test_it_says_what_the_run_was_made_of(robek_run, files):
    text = words(files["wave_report.html"])
    record = robek_run.record
    for digest in (*record["inputs"].values(), *record["study_text"].values()):
        assert digest[:12] in text
    for said in (record["run"], record["packages"]["numpy"], record["evalkit"], "virkelige"):
        assert said in text
    assert "2008: svarte på noe rader uten noe svar er tatt ut 428 428" in text
    assert "Ingen kolonner i filene hadde opplysninger som kan si hvem en person er." in text
    assert "Svarene er ikke vektet. Registeret omfatter alle kommuner; det er ingen å vekte for." in text
    assert "Studien sammenligner ikke dem som svarte, med alle." in text


def test_the_title_is_the_studys_and_each_language_is_alone(files):
    norwegian, english = (words(files[name]) for name in ("wave_report.html", "wave_report.en.html"))
    assert "Kommuner under statlig budsjettkontroll" in norwegian
    assert "Municipalities under state budget control" in english
    for said, in_english in (("Hvem som svarte", "Who answered"), ("Slik leses tallene", "How to read the numbers")):
        assert said in norwegian and in_english not in norwegian
        assert in_english in english and said not in english
    assert "2008: answered something rows without any answer left out 428 428" in english
    assert "All numbers: Table 5 ." in english


def test_the_pdf_is_accessible_with_an_alternative_text_on_every_figure(robek_run, files):
    with pikepdf.open(files["wave_report.pdf"]) as pdf:
        meta = pdf.open_metadata()
        assert (meta["pdfuaid:part"], meta["dc:title"]) == ("1", "Kommuner under statlig budsjettkontroll")
        parts = [part for part in pdf.objects if isinstance(part, pikepdf.Dictionary)]
        figures = [str(part.Alt) for part in parts if part.get("/S") == "/Figure"]
    assert len(figures) == len(robek_run.exhibits) and len(set(figures)) == len(figures)
    assert all("N\u00a0=\u00a0" in alt for alt in figures)


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not installed")
def test_in_print_a_figure_stands_under_its_heading_with_its_line(robek_run, files):
    done = subprocess.run(
        ["pdftotext", "-layout", files["wave_report.pdf"], "-"], capture_output=True, encoding="utf-8", check=True
    )
    pages = done.stdout.split("\f")
    for heading, figure in (("4.1", 1), ("4.2", 2), ("4.3", 3), ("5.1", 4), ("5.2", 5)):
        (page,) = [page for page in pages if re.search(rf"^ *Figur {figure}\.", page, re.MULTILINE)]
        assert re.search(rf"^ *{re.escape(heading)} +\S", page, re.MULTILINE)
        assert f"Alle tall: tabell {figure + 4}." in " ".join(page.split(f"Figur {figure}.")[1].split())


MARKUP = "Har *plan* <b>nå</b> @fig-x {{y}} `z` [a](b) #1 ~s~ ^t^ = + \\\\q"


@pytest.fixture
def odd(small, tmp_path):
    """The small study with e-mail addresses in a wave and markup in its words."""
    folder = small(
        items={'label = { nb = "Har plan"': f'label = {{ nb = "{MARKUP}"'},
    )
    path = tmp_path / "data_raw" / "small" / "w2018.sav"
    data, meta = pyreadstat.read_sav(path, user_missing=True)
    data["mail"] = [f"unit{k}@example.org" for k in range(6)]
    labels = {"variable_value_labels": meta.variable_value_labels, "missing_ranges": meta.missing_ranges}
    pyreadstat.write_sav(data, str(path), **labels)
    return evalkit.run(evalkit.load_study(folder))


def test_any_study_words_with_markup_are_shown_as_they_are_and_stopped_columns_are_named(odd, tmp_path):
    (file,) = render(odd, tmp_path / "out", "nb", "html")
    text = words(file)
    assert text.count("Har *plan* <b>nå</b> @fig-x {{y}} `z` [a](b) #1 ~s~ ^t^ = + \\q") >= 4
    assert text.count("Syntetiske data") >= 3  # first and last on the page, and in its own box
    assert "2018 mail e-postadresser 6" in text
    assert "example.org" not in file.read_text(encoding="utf-8")
    assert "Svarene er vektet ved etterstratifisering, slik at de til sammen fordeler seg som alle gjør" in text
    assert "etter innbyggertall." in text


def test_weights_and_remarks_are_told_in_the_readers_language(kompetanseloft):
    norwegian, english = (methods.weighting(kompetanseloft, lang) for lang in ("nb", "en"))
    assert norwegian.startswith("Svarene er vektet ved raking, slik at de til sammen fordeler seg som alle gjør etter")
    assert english.startswith("The answers are weighted by raking, so that together they are distributed as all are by")
    remark = "har vektene til alle som svarte, fordi fylke 2017 har kategorier uten svar"
    assert "(q17) i begge runder»" in norwegian and remark in norwegian
    remark = "has the weights of all who answered, because county 2017 has categories without respondents"
    assert "(q17) in both waves”" in english and remark in english
    assert "Variansen tar dem som svarte, for et tilfeldig utvalg av hver gruppe etter innbyggertall." in norwegian
    assert "those who answered for a random sample of each group by number of inhabitants." in english
    assert "{lang=en}" not in norwegian + english


def test_response_groups_put_together_are_told_in_the_readers_language(kompetanseloft):
    record = kompetanseloft.record | {
        "warnings": [
            "q3: response groups of size put together: <2000 + 2000-3999; 7000-14999 + >=15000",
            "wave 2018: response groups of size put together: <2000 + 2000-3999",
        ]
    }
    run = copy(kompetanseloft)
    vars(run)["record"] = record
    norwegian, english = (methods.weighting(run, lang).replace("\\", "") for lang in ("nb", "en"))
    for said in (
        "i variansen for «Har egen kompetanseplan (q3)» er Under 2 000 og 2 000–3 999; 7 000–14 999 og 15 000",
        "i variansen for «runde 2018» er",
        "(innbyggertall), fordi for få svarte i en av dem",
    ):
        assert said in norwegian
    assert "in the variance of “Has its own competence plan (q3)”, Under 2,000 and 2,000–3,999; 7,000" in english
    assert "{lang=en}" not in norwegian + english


def test_the_records_words_are_all_known_in_norwegian(kompetanseloft, robek_run):
    for run in (kompetanseloft, robek_run):
        for part in (methods.stages, methods.stopped):
            found = part(run, "nb")
            assert not re.search(r"\b(read|answered|weighted|left out|units that|open text|addresses)\b", found)


def test_its_prose_types_no_number():
    check_prose(WAVE_REPORT)
