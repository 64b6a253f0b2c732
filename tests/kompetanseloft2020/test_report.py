"""The report on Kompetanseløft 2020 shows every exhibit once, alike in both languages, and types no result."""

from __future__ import annotations

import ast
import re
import shutil
from collections import Counter
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

import evalkit
from evalkit.report.document import Cell, Prose, read_document
from evalkit.report.inline import INLINE
from evalkit.report.prose import typed_numbers

NAME = "kompetanseloft2020"
REPOSITORY = Path(__file__).resolve().parents[2]
LANGUAGES = ("nb", "en")
SHOWN = re.compile(r'doc\.(figure|table)\("(\w+)"(?:, data=True)?\)')
LOOP = re.compile(r"for name in (\(.*?\)):\s+print\(doc\.figure\(name, data=True\)\)")
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")

# has no figure; the text gives its main number, the appendix its table
APPENDIX = {"r_indicator"}

# numbers that are no results: the limits of the size groups, the level, the index's base, the R-indicator's best
# value, and the 2 of −2 log-likelihood
PLAIN = {"2000", "4000", "7000", "15000", "95", "100", "1", "2"}


@dataclass(frozen=True)
class Report:
    """A report's source: prose without cells, inline expressions in order, cells, headings, exhibits shown."""

    lang: str
    prose: str
    expressions: tuple[str, ...]
    cells: tuple[Cell, ...]
    parts: tuple[Prose | Cell, ...]

    @property
    def shown(self) -> list[tuple[str, str]]:
        return [pair for cell in self.cells for pair in shown(cell.code)]

    @property
    def headings(self) -> list[tuple[int, str]]:
        found = re.findall(r"^(#+) .*?\{(?:#([\w-]+))?[^}]*\}$", self.prose, re.MULTILINE)
        return [(len(marks), label) for marks, label in found]

    @property
    def sentences(self) -> list[str]:
        """The words of guarded sentences."""
        return [str(call[1]) for call in map(guard, self.expressions) if call]


def shown(code: str) -> list[tuple[str, str]]:
    """(kind, name) of the exhibits that a cell prints, also those that it prints one after the other."""
    looped = [("figure", name) for names in LOOP.findall(code) for name in ast.literal_eval(names)]
    return SHOWN.findall(code) + looped


def path_of(lang: str) -> Path:
    return REPOSITORY / "reports" / NAME / (f"{NAME}.qmd" if lang == "nb" else f"{NAME}.{lang}.qmd")


def source(lang: str) -> Report:
    document = read_document(path_of(lang))
    prose = "\n".join(line.text for part in document.parts if isinstance(part, Prose) for line in part.lines)
    return Report(lang, prose, tuple(m[2].strip() for m in INLINE.finditer(prose)), document.cells, document.parts)


def guard(expression: str) -> tuple[str, object] | None:
    """(condition, sentence) of doc.holds(condition, "sentence"); None for another expression."""
    call = ast.parse(expression, mode="eval").body
    if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "holds"):
        return None
    condition, sentence = call.args
    return ast.unparse(condition), ast.literal_eval(sentence)


@pytest.fixture(scope="module", params=LANGUAGES)
def report(request) -> Report:
    return source(request.param)


def evaluate(report: Report, run: Path, folder: Path) -> list[str]:
    """What each inline expression becomes; the error's words where a guard no longer holds."""
    known: dict[str, object] = {}
    found = []
    with chdir(folder):
        for part in report.parts:
            found += evaluate_part(part, run, known)
    return found


def evaluate_part(part: Prose | Cell, run: Path, known: dict[str, object]) -> list[str]:
    if isinstance(part, Prose):
        text = "\n".join(line.text for line in part.lines)
        return [words(match[2].strip(), known) for match in INLINE.finditer(text)]
    exec(part.code, known)
    if "parameters" in (part.options.get("tags") or []):
        known |= {"run": str(run), "notice": "reconstructed"}
    return []


def words(expression: str, known: dict[str, object]) -> str:
    try:
        return str(eval(expression, known))
    except evalkit.EvalkitError as error:
        return f"FAILS {error}"


def test_every_exhibit_is_shown_once(report, run):
    names = [name for _, name in report.shown]
    assert Counter(names) == Counter(name for name in run.exhibits if name not in APPENDIX)


def test_figures_and_tables_keep_the_published_numbers(report, run):
    """Figures 1–23 and Tables 1–2 come in the order of study.toml, whose comments give the published numbers."""
    text = (REPOSITORY / "analyses" / NAME / "study.toml").read_text(encoding="utf-8")
    published = re.findall(r"^\[exhibits\.(\w+)\] # (figure|table) (\d+)$", text, re.MULTILINE)
    for kind in ("figure", "table"):
        order = [name for shown, name in report.shown if shown == kind]
        expected = {int(number): name for name, group, number in published if group == kind}
        assert {number: order[number - 1] for number in expected} == expected


def test_each_exhibit_is_introduced_before_it_is_shown(report):
    said = ""
    for part in report.parts:
        if isinstance(part, Prose):
            said += "\n".join(line.text for line in part.lines).lower()
            continue
        for kind, name in shown(part.code):
            label = f"@{'fig' if kind == 'figure' else 'tbl'}-{name.replace('_', '-')}"
            assert re.search(re.escape(label) + r"(?![\w-])", said), f"{label} is shown before the text speaks of it"


def test_languages_have_the_same_chapters_exhibits_and_numbers():
    nb, en = map(source, LANGUAGES)
    assert nb.headings == en.headings
    assert nb.shown == en.shown
    numbers = [Counter((guard(e) or (e,))[0] for e in report.expressions) for report in (nb, en)]
    assert numbers[0] == numbers[1]


def test_the_reconstruction_is_said_before_any_finding(report):
    summary = report.prose.split("{#sec-summary}", 1)[1]
    first = next(line for line in summary.splitlines() if line.strip())
    assert first.startswith("::: {.callout-important") and re.search("rekonstruert|reconstructed", first)


def test_no_result_is_typed(report):
    head = read_document(path_of(report.lang)).meta["evalkit"]["typed-numbers"]
    assert {number.replace(",", "") for number in head} <= PLAIN
    assert typed_numbers(path_of(report.lang)) == []


def test_quotations_are_read_from_the_published_figures(report):
    """The tables of published faults type no figure: what stands in their cells names a place or a size group."""
    cells = [cell.code for cell in report.cells if 'id="tbl-disagree"' in cell.code or 'id="tbl-remain"' in cell.code]
    assert len(cells) == 2
    for code in cells:
        strings = [node.value for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Constant)]
        words = " ".join(s for s in strings if isinstance(s, str) and " " in s)
        left = re.sub(r"(Figure?|Table|Tabell) \d+|4[,\u00a0]000|2018|\d+ *<=?|>=\d+", "", words)
        assert NUMBER.findall(left) == []
    assert sum(code.count("quoted(") + code.count("listed(") for code in cells) >= 24


def test_appendices_hold_every_exhibit_but_the_two_tables(report, run):
    """What has a figure has its numbers in an appendix; Tables 1 and 2 stand whole in the text."""
    code = "\n".join(cell.code for cell in report.cells)
    kinds = {kind for call in re.findall(r"of_kind\((.*?)\)", code) for kind in re.findall(r'"(\w+)"', call)}
    named = {name for call in re.findall(r"numbers_of\((.*)\)\)", code) for name in re.findall(r'"(\w+)"', call)}
    missing = {name for name in run.exhibits if run.exhibit(name).kind not in kinds and name not in named}
    assert missing == {"table_1", "table_2"}


@pytest.fixture(scope="module")
def evaluated(report, run, tmp_path_factory) -> list[str]:
    return evaluate(report, run.path, tmp_path_factory.mktemp("report"))


def test_every_expression_gives_words_on_a_real_run(report, evaluated):
    assert len(evaluated) == len(report.expressions) > 150
    wrong = {e: w for e, w in zip(report.expressions, evaluated) if not w.strip() or "FAILS" in w or "nan" in w.split()}
    assert wrong == {}


def test_numbers_and_guards_follow_the_data_and_nothing_else_moves(report, run, evaluated, tmp_path):
    """With the shares of the smallest and the largest municipalities exchanged in one exhibit."""
    altered = run.path.with_name(f"{run.path.name}-{report.lang}-altered")
    shutil.copytree(run.path, altered)
    path = altered / "exhibits" / "own_plan.csv"
    rows = pd.read_csv(path, dtype=str, keep_default_na=False)
    rows["group"] = rows["group"].replace({"<2000": ">=15000", ">=15000": "<2000"})
    rows.to_csv(path, index=False)
    after = evaluate(report, altered, tmp_path)
    shutil.rmtree(altered)
    moved = {e for e, one, other in zip(report.expressions, evaluated, after) if one != other}
    assert 'doc.share("own_plan", size=smallest)' in moved
    assert all("own_plan" in e or "larger_more_often" in e for e in moved)
    failed = [w for w in after if w.startswith("FAILS")]
    assert len(failed) == sum("larger_more_often" in e for e in report.expressions) == 2
    assert all("The data no longer say what a sentence of the report says" in w for w in failed)
