"""A number typed in a report's prose is named with file, line and sentence, and nothing that is no result is."""

import re
import shutil
from pathlib import Path

import pytest

from evalkit.errors import RenderError
from evalkit.report.prose import Finding, check_prose, typed_numbers

REPORTS = Path(__file__).resolve().parents[2] / "reports"


def numbers(path: Path) -> list[str]:
    return [finding.number for finding in typed_numbers(path)]


@pytest.mark.parametrize(
    ("prose", "found"),
    [
        ("Andelen er 54 prosent.", ["54"]),
        ("Andelen er 54,5 %, mot 47.5%.", ["54,5", "47.5"]),
        ("Det er 47–61 prosent.", ["47", "61"]),
        ("I 2\u00a0000 av 15 000 og i 2&nbsp;500.", ["2\u00a0000", "15 000", "2&nbsp;500"]),
        ("More than 2,000 of them.", ["2,000"]),
        ("p < .05 and **12** and _13_", ["05", "12", "13"]),
        ("Ett avsnitt som slutter med\n40 av kommunene.", ["40"]),
        ("Det var 2019 % og 1850 kommuner.", ["2019", "1850"]),
        ("Se figur 3 og 40 prosent av dem.", ["40"]),
        ("| Gruppe | Andel |\n|:--|--:|\n| Alle | 54 |", ["54"]),
        ('![Alle](exhibits/plan){#fig-plan fig-alt="Høyest er 72 prosent"}', ["72"]),
        ("`{python} doc.holds(x > 0.5, 'Mer enn 50 prosent har plan.')`", ["50"]),
        ("En fotnote.[^1]\n\n[^1]: Den har 17 ord.", ["17"]),
    ],
)
def test_results_that_are_typed(write, prose, found):
    assert numbers(write(f"---\ntitle: T\n---\n\n{prose}\n")) == found


@pytest.mark.parametrize(
    "prose",
    [
        "Fra 2018 til 2019, 2018–2019, 2018/19 og på 1990-tallet.",
        "Mellom 31. desember 2016 og 1.–3. mars, 2018-03-01 og 01.03.2018.",
        "On 1 January, March 3rd and the 31st of December 2016.",
        "Den 1.\njanuar.",
        "Se figur 3, tabell 2 og kapittel 4.2; spørsmål 17 og 18, figurene 1, 2 og 5, figur 3–11, § 3 og s. 12.",
        "See Figure 3, tables 1 and 2, Question 7a, pp. 3-4, Model 1 and no. 5.",
        "# Svar {#sec-3 .unnumbered}",
        "1. først\n2. så\n\n3) sist\n\n(4) og (@) til",
        "[lenke](https://example.org/2/40) og <https://example.org/17> og https://example.org/18",
        "Etter @holt1979 og [@chamberlain1980, s. 225].",
        "En fotnote.[^12]",
        "`{python} 100 * doc.value('plan', size='<2000')` og `x + 40`",
        "```\n40\n```",
        "```{python}\n#| output: asis\nprint(doc.table('plan'), 40)\n```",
        "<!-- 40\n\n41 -->",
        "{{< meta versions.3 >}} og &#160; og CO~2~ og m^2^",
        "COVID-19, spm. Q17, PDF/A-2a og A4",
        "::: {.callout-note}\nTekst.\n:::",
    ],
)
def test_numbers_that_are_no_results(write, prose):
    assert numbers(write(f"---\ntitle: Tall 40\nevalkit: {{typed-numbers: []}}\n---\n\n{prose}\n")) == []


def test_the_head_allows_numbers_however_their_thousands_are_written(write):
    head = '---\ntitle: T\nevalkit: {typed-numbers: ["66", 95, "2000"]}\n---\n\n'
    assert numbers(write(head + "Med 95 prosent, 66 år, 2\u00a0000 og 2&nbsp;000 og 67.\n")) == ["67"]


def test_a_list_of_allowed_numbers_must_be_a_list(write):
    with pytest.raises(RenderError) as fault:
        typed_numbers(write("---\ntitle: T\nevalkit: {typed-numbers: '66'}\n---\n"))
    assert str(fault.value) == (
        "The list of allowed numbers is not a list.\n"
        "  where: rapport.qmd, evalkit: typed-numbers\n"
        '  expected: ["66", "95"]\n'
        "  got: 66"
    )


def test_file_line_and_sentence_of_each(write):
    main = "---\ntitle: T\n---\n\nFørst dette. Så er\ndet 54 prosent. Og mer.\n\n{{< include _del.qmd >}}\n\n"
    cell = '```{python}\n#| label: x\na = 1\nprint(doc.figure("plan", caption=f"Av {a} er 9"))\n```\n'
    path = write(main + cell, **{"_del.qmd": "Linje.\n\nEn 7.\n"})
    assert typed_numbers(path) == [
        Finding("rapport.qmd", 6, "54", "Så er det 54 prosent."),
        Finding("_del.qmd", 3, "7", "En 7."),
        Finding("rapport.qmd", 13, "9", "Av … er 9"),
    ]


def test_the_fault_says_where_and_how_to_mend_it(write):
    path = write("---\ntitle: T\n---\n\nDet er 54 prosent, ikke 55.\n")
    with pytest.raises(RenderError) as fault:
        check_prose(path)
    assert len(fault.value.faults) == 2
    assert str(fault.value.faults[0]) == (
        "A number is typed in the prose of the report\n"
        "  where: rapport.qmd, line 5: Det er 54 prosent, ikke 55.\n"
        "  got: 54\n"
        '  mend: compute it, `{python} doc.share("…")`; if it is no result, add it to the document\'s head: '
        'evalkit: {typed-numbers: ["54"]}'
    )


def test_a_long_sentence_is_cut_around_its_number(write):
    found = typed_numbers(write("---\ntitle: T\n---\n\n" + "ord " * 60 + "54 " + "ord " * 60 + "\n"))
    assert found[0].sentence.startswith("…ord") and found[0].sentence.endswith("ord…") and " 54 " in found[0].sentence
    assert len(found[0].sentence) < 180


@pytest.mark.parametrize("name", ["robek.qmd", "robek.en.qmd"])
def test_the_report_on_real_data_types_no_number(name):
    check_prose(REPORTS / "robek" / name)


@pytest.mark.parametrize("qmd", sorted(REPORTS.glob("*/[!_]*.qmd")), ids=lambda path: path.name)
def test_a_number_typed_into_any_report_is_named_with_its_line(qmd, tmp_path):
    shutil.copytree(REPORTS, tmp_path / "reports", ignore=shutil.ignore_patterns("exhibits"))
    altered = tmp_path / "reports" / qmd.parent.name / qmd.name
    lines = altered.read_text(encoding="utf-8").splitlines()
    at = max(k for k, line in enumerate(lines) if re.match(r"# \S", line) and line != lines[-1])
    lines[at + 1 : at + 1] = ["", "Det var 37,5 av dem."]
    assert typed_numbers(altered) == []
    altered.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(RenderError) as error:
        check_prose(altered)
    assert f"where: {qmd.name}, line {at + 3}: Det var 37,5 av dem." in str(error.value)
    assert "got: 37,5" in str(error.value)
