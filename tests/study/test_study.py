"""A study is read strictly: every fault of both files at once, with place, line and the nearest name."""

from __future__ import annotations

import pytest

from evalkit import load_study
from evalkit.errors import StudyError
from evalkit.study.toml import line_of


def faults(folder) -> list[str]:
    with pytest.raises(StudyError) as caught:
        load_study(folder)
    return [str(fault) for fault in caught.value.faults or (caught.value,)]


def test_a_right_study_is_read(small):
    study = load_study(small())
    assert study.name == "small"
    assert [wave.id for wave in study.plan.waves] == ["2018", "2019"]
    assert study.columns("means", "2018") == ("m1", "m2")
    assert study.variables("means") == ("means.courses", "means.pay")
    assert study.raw == study.root / "data_raw" / "small"


def test_a_folder_outside_a_repository_holds_everything_itself(small, tmp_path):
    alone = tmp_path / "elsewhere"
    small().rename(alone)
    study = load_study(alone)
    assert (study.raw, study.report("nb"), study.build) == (
        alone / "data_raw",
        alone / "small.qmd",
        alone / "build" / "small",
    )


def test_unknown_missing_and_wrong_are_all_named_at_once(small):
    found = faults(small(study={'file = "w2019.sav"': 'fil = "w2019.sav"', 'data = "synthetic"': 'data = "synthetik"'}))
    assert found == [
        "'data' cannot be 'synthetik'\n"
        "  where: study.toml: data (line 3)\n"
        "  expected: Input should be 'real', 'reconstructed' or 'synthetic'",
        "Key 'file' is missing\n  where: study.toml: waves[1].file (line 17)\n  mend: add file = …",
        "Unknown key 'fil'\n"
        "  where: study.toml: waves[1].fil (line 19)\n"
        "  mend: did you mean 'file'? Else remove the line",
    ]


def test_names_that_lead_nowhere_show_the_nearest(small):
    found = faults(
        small(
            study={'items = ["plan"]\nby = "size"': 'items = ["plann"]\nby = "sise"'},
            items={'item = "plan", codes = ["2", "dont_know"]': 'item = "plan", codes = ["2", "dont_knw"]'},
        )
    )
    assert len(found) == 3
    assert found[0].startswith("There is no answer 'dont_knw'\n  where: items.toml: why_not.asked_if.codes (line 14)")
    assert found[0].endswith("mend: did you mean 'dont_know'?")
    assert found[1].startswith("There is no group 'sise'") and found[1].endswith("mend: did you mean 'size'?")
    assert found[2].startswith("There is no question 'plann'") and found[2].endswith("mend: did you mean 'plan'?")


@pytest.mark.parametrize(
    ("study", "items", "says"),
    [
        ({'notice = { nb = "Syntetiske data", en = "Synthetic data" }\n': ""}, {}, "and no page would say so"),
        ({"lower_bounds = [0, 10000]": "lower_bounds = [0]"}, {}, "1 lower bounds and 2 categories"),
        ({"lower_bounds = [0, 10000]": "lower_bounds = [10000, 0]"}, {}, "Lower bounds must rise"),
        (
            {'method = "poststratify"\nby = ["size"]': 'method = "none"'},
            {},
            "Without weights a reader must be told why",
        ),
        ({'kind = "mean"\nitems = ["years"]': 'kind = "mean"\nitems = ["plan"]'}, {}, "A mean of 'plan' needs numbers"),
        ({'kind = "multiple"\nitems = ["means"]': 'kind = "multiple"\nitems = ["plan"]'}, {}, "is not multiple choice"),
        ({}, {'yes = ["1"]\n': ""}, "share needs to know which answers to 'plan' are yes"),
        ({}, {'yes = ["1"]': 'yes = ["3"]'}, "There is no category '3'"),
        ({}, {'8 = "dont_know"': '1 = "dont_know"'}, "Code '1' is a category and missing at once"),
        ({'id = "2019"': 'id = "2018"'}, {}, "Two waves are called '2018'"),
        (
            {},
            {'1 = { nb = "Ja", en = "Yes" }': '1 = { nb = "Ja", en = "Yes", waves = ["2020"] }'},
            "There is no wave '2020'",
        ),
        ({'by = "size"\n\n': 'by = "size"\neach = ["2018"]\nwaves = "2019"\n\n'}, {}, "has waves and each"),
        ({'id = "2019"': 'id = "2019"\nduplicates = "latest"'}, {}, "needs to know when each answer came"),
    ],
)
def test_what_cannot_be_run_is_refused(small, study, items, says):
    assert any(says in fault for fault in faults(small(study=study, items=items)))


def test_an_unknown_kind_of_exhibit_shows_the_nearest(small):
    (text,) = faults(small(study={'kind = "transitions"': 'kind = "transition"'}))
    assert text.startswith("There is no kind 'transition'\n  where: study.toml: exhibits.moved (line ")
    assert text.endswith("mend: did you mean 'transitions'?")


def test_a_copied_study_must_take_its_folders_name(small):
    folder = small(study={'name = "small"': 'name = "other"'})
    (text,) = faults(folder)
    assert "expected: small\n  got: other" in text and 'write name = "small"' in text


def test_broken_toml_names_the_line(small):
    (text,) = faults(small(study={'name = "small"': "name = small"}))
    assert text.startswith("study.toml is not TOML") and "line 2" in text


def test_no_study_says_what_to_name(tmp_path):
    (text,) = faults(tmp_path)
    assert text.startswith("There is no study.toml") and "analyses/robek" in text


def test_line_of_finds_keys_tables_and_array_tables():
    text = 'a = 1\n[b]\nc = 2\n[[d]]\ne = 3\n[[d]]\n"f g" = 4\n'
    assert [line_of(text, loc) for loc in (["a"], ["b", "c"], ["d", 0, "e"], ["d", 1, "f g"], ["d", 1, "x"])] == [
        1,
        3,
        5,
        7,
        6,
    ]
