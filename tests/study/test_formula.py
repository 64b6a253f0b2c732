"""A formula in study.toml is names, numbers, operators and C(): no text of a study is run."""

from __future__ import annotations

import re

import formulaic
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalkit import load_study
from evalkit.errors import StudyError
from evalkit.study.formula import Formula, FormulaFault, read_formula
from tests.cli.test_cli import evalkit

MODELS = '[exhibits.logit]\nkind = "conditional_logit"\nitem = "plan"\nmodels = [{}]\n'


def study(small, *formulas: str):
    text = MODELS.format(", ".join(f"'''{formula}'''" for formula in formulas))
    return small(study={"[exhibits.moved]": f"{text}\n[exhibits.moved]"})


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("answer ~ C(wave)", ("wave",)),
        ("answer ~ C(wave) * C(size)", ("wave", "size")),
        ("answer~wave+wave:size-1", ("wave", "size")),
        ("answer ~ (C(wave) + size) ** 2 + 0", ("wave", "size")),
        ("answer ~ wave / størrelse", ("wave", "størrelse")),
    ],
)
def test_names_of_a_formula(text, names):
    assert read_formula(text) == Formula("answer", names)


RUNS = [
    "answer ~ C(wave) + I(open('ran', 'w').close() or 1)",
    "answer ~ {open('ran', 'w').close() or 1} + wave",
    "answer ~ C(open('ran', 'w').close() or wave)",
    "answer ~ C(wave, contr.treatment(open('ran', 'w').close()))",
    "open('ran', 'w').close() ~ C(wave)",
    "answer ~ __import__('pathlib').Path('ran').touch()",
    "answer ~ wave.map(lambda x: open('ran', 'w'))",
    "answer ~ wave[open('ran', 'w').close()]",
    "answer ~ `wave` + poly(wave, 2)",
    "answer ~ np.log(wave)",
    "answer ~ 'wave'",
    "answer ~ wave if 1 else open('ran', 'w')",
    "answer ~ wave; open('ran', 'w')",
    "answer ~ .",
    "answer ~ (wave + size) ** 99",
    "answer ~ C(wave) | C(size)",
    "answer ~ C(wave",
    "answer ~",
    "answer",
    "~ wave",
    "answer ~ wave ~ size",
    "",
]


@pytest.mark.parametrize("text", RUNS)
def test_what_is_more_than_a_formula_is_a_fault_of_check_and_never_run(small, tmp_path, monkeypatch, text):
    """formulaic evaluates whatever is no operator as Python: each of these that can is seen by the file it makes."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(StudyError) as fault:
        load_study(study(small, text))
    assert "A model of a study is a formula of names and operators, and this is not" in str(fault.value)
    assert "exhibits.logit.models" in str(fault.value) and 'C(…): "answer ~ C(wave) * C(size)"' in str(fault.value)
    assert not (tmp_path / "ran").exists()


def test_the_command_says_it_and_runs_nothing(small, tmp_path):
    folder = study(small, RUNS[9], "answer ~ C(wave) + C(sise)", "plan ~ C(wave)")
    for command in ("check", "run"):
        done = evalkit(command, folder)
        assert done.returncode == 3 and done.stderr.startswith("3 faults")
        assert "'answer ~ np.log(wave)': '.' at place 12" in done.stderr
        assert "There is no wave or group 'sise'" in done.stderr and "did you mean 'size'?" in done.stderr
        assert "The outcome of a model is `answer`" in done.stderr
    assert not list(tmp_path.rglob("ran"))


def factors(text: str) -> set[str]:
    """What formulaic would look up or evaluate for a formula."""
    parsed = formulaic.Formula(text)
    return {factor.expr for side in (parsed.lhs, parsed.rhs) for term in side for factor in term.factors}


@given(st.text(alphabet="aC(~)+-*/:^ 1.,'`{}[]=|", max_size=30).map(lambda end: f"a ~ {end}"))
def test_what_is_let_through_has_nothing_to_evaluate(text):
    """By formulaic's own reading: every factor is a name, a number, or C() around a name."""
    try:
        read_formula(text)
    except FormulaFault:
        return
    try:
        found = factors(text)
    except formulaic.errors.FormulaicError:
        return  # such as a - 1 that leaves no term: refused there, before anything is evaluated
    plain = re.compile(r"[aC][aC1]*|\d+(\.\d+)?|C\([aC][aC1]*\)")
    assert all(plain.fullmatch(factor) for factor in found), (text, found)
