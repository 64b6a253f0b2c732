"""What differs between two waves is said in words; what would merge two meanings stops until the study decides."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from evalkit import load_study
from evalkit.errors import DataError
from evalkit.numerics.two_samples import two_samples
from evalkit.waves.check import read_study_wave
from evalkit.waves.difference import compare_waves
from evalkit.waves.read import Wave
from evalkit.waves.units import units_in
from tests.conftest import WAVES, write_wave

REGISTER = {
    2017: pd.DataFrame({"code": ["0101", "0104", "0118", "0119", "0121", "0122"]}),
    2020: pd.DataFrame({"code": ["3001", "3002", "3012", "3013", "3014", "3026"]}),
}
LABELS = {
    "plan": {1: "Ja", 2: "Nei", 8: "Vet ikke", 9: "Vil ikke svare"},
    "why_not": {1: "Tid", 2: "Penger", 7: "Ikke spurt"},
}


def difference(folder: Path, columns=None, *, labels=None, **changes):
    if columns is not None:
        settings = {"variable_value_labels": labels or LABELS, **changes}
        write_wave(folder.parent.parent / "data_raw" / "small" / "w2019.sav", columns, **settings)
    study = load_study(folder)
    waves = [read_study_wave(study, id) for id in ("2018", "2019")]
    return compare_waves(study, *waves, register=REGISTER)


def said(found, *kinds):
    return [f"{change.item}: {change.said}" for change in found.changes if change.kind in kinds]


def test_two_waves_alike_differ_in_nothing(small):
    found = difference(small())
    assert found.changes == () and found.faults == [] and found.table.empty
    found.raise_faults()


def test_an_order_swapped_is_said_once(small):
    found = difference(
        small(), WAVES["w2019.sav"], labels=LABELS | {"plan": {1: "Nei", 2: "Ja", 8: "Vet ikke", 9: "Vil ikke svare"}}
    )
    assert said(found, "swapped", "recoded") == ["plan: 1 and 2 have changed places: 1 is now 'Nei'"]
    with pytest.raises(DataError) as caught:
        found.raise_faults()
    assert str(caught.value) == (
        "plan: 1 and 2 have changed places: 1 is now 'Nei'\n  where: w2019.sav, column plan\n"
        '  mend: say what it means in items.toml: [plan] recode = { 2019 = { 1 = "2", 2 = "1" } }, '
        "or give the wave a question of its own"
    )


@pytest.mark.parametrize(
    ("labels", "kind", "words"),
    [
        ({1: "Tid", 2: "Penger", 3: "Kompetanse"}, "category_added", "why_not: 3 is new: 'Kompetanse'"),
        (
            {1: "Tid", 2: "Penger i budsjettet"},
            "relabelled",
            "why_not: 2 was 'Penger' and is now 'Penger i budsjettet'",
        ),
        ({1: "Tid", 2: "Kompetanse"}, "reused", "why_not: 2 was 'Penger' and is used again for 'Kompetanse'"),
        ({1: "Tid", 3: "Penger"}, "recoded", "why_not: 'Penger' was 2 and is now 3"),
        ({1: "Penger", 2: "Kompetanse"}, "recoded", "why_not: 'Penger' was 2 and is now 1, which was 'Tid'"),
    ],
)
def test_every_way_a_code_can_change_is_a_fault(small, labels, kind, words):
    found = difference(small(), WAVES["w2019.sav"], labels=LABELS | {"why_not": labels | {7: "Ikke spurt"}})
    assert words in said(found, kind)
    assert any(fault.what.startswith("why_not: ") for fault in found.faults)


def test_a_category_that_nobody_can_choose_any_more_is_said_and_no_fault(small):
    found = difference(small(), WAVES["w2019.sav"], labels=LABELS | {"why_not": {1: "Tid", 7: "Ikke spurt"}})
    assert said(found, "category_gone") == ["why_not: 2 (Penger) is gone"] and found.faults == []


def test_a_new_wording_stands_until_items_name_the_wave(small):
    found = difference(small(), WAVES["w2019.sav"], column_labels={"plan": "Har kommunen vedtatt en plan?"})
    assert [str(fault) for fault in found.faults] == [
        "Question 'plan' is worded differently in wave 2019\n  where: w2019.sav, column plan\n"
        "  expected: Har kommunen en plan?\n  got: Har kommunen vedtatt en plan?\n"
        '  mend: if it means the same, name the wave in items.toml: [plan] columns = { 2018 = "plan", 2019 = "plan" }; '
        "else give the wave a question of its own"
    ]
    told = small(
        items={'[plan]\ntype = "single"': '[plan]\ncolumns = { 2018 = "plan", 2019 = "plan" }\ntype = "single"'}
    )
    again = difference(told, WAVES["w2019.sav"], column_labels={"plan": "Har kommunen vedtatt en plan?"})
    assert said(again, "reworded") and again.faults == []


def test_a_wording_that_differs_in_the_year_or_in_marks_is_the_same(small):
    folder = small()
    raw = folder.parent.parent / "data_raw" / "small"
    write_wave(raw / "w2018.sav", WAVES["w2018.sav"], column_labels={"plan": "Plan i 2018?"})
    found = difference(folder, WAVES["w2019.sav"], column_labels={"plan": "Plan i 2019"})
    assert said(found, "reworded") == []


def test_missing_codes_of_another_reason_are_told_however_alike_their_words(small):
    """Of 12 + 10 letters 14 stand in both "Ikke spurt" and "Ikke aktuelt"; "Ikke stilt" gives the same reason."""
    found = difference(
        small(), WAVES["w2019.sav"], labels=LABELS | {"why_not": LABELS["why_not"] | {7: "Ikke aktuelt"}}
    )
    assert said(found, "missing_changed") == [
        "why_not: 7 was 'Ikke spurt' and is now 'Ikke aktuelt'; items.toml has it as not_asked"
    ]
    same = difference(small(), WAVES["w2019.sav"], labels=LABELS | {"why_not": LABELS["why_not"] | {7: "Ikke stilt"}})
    assert said(same, "missing_changed") == []


def test_missing_codes_and_types_that_changed(small):
    columns = WAVES["w2019.sav"] | {"years": ["fem", "seks", "to", None, "en", "ti"], "why_not": [7, 2, 1, 7, 7, 7]}
    labels = LABELS | {"plan": {1: "Ja", 2: "Nei", 8: "Ikke aktuelt", 9: "Vil ikke svare"}}
    found = difference(small(), columns, labels=labels, missing_ranges={"plan": [8, 9], "why_not": [2, 7]})
    assert said(found, "missing_changed", "type_changed") == [
        "plan: 8 was 'Vet ikke' and is now 'Ikke aktuelt'; items.toml has it as dont_know",
        "why_not: 2 (Penger) is now declared missing",
        "years: numeric values are now text",
    ]
    assert [fault.mend for fault in found.faults] == [
        "give the wave a question of its own in items.toml, with what 8 means there",
        'add it to missing in items.toml: [why_not.missing] 2 = "…"',
        "give the wave a question of its own in items.toml, or export it as before",
    ]


def test_columns_that_came_and_went(small):
    columns = {name: cells for name, cells in WAVES["w2019.sav"].items() if name != "years"}
    columns |= {"budsjett": [1, 2, 3, 4, 5, 6], "epost": ["a@example.org"] * 6}
    found = difference(small(), columns)
    assert said(found, "new", "gone", "personal") == [
        ": budsjett is new: no label",
        ": epost holds e-mail addresses in 6 cells; it stops at the gate",
        "years: years is gone",
    ]
    assert [str(fault) for fault in found.faults] == [
        "Column 'budsjett' is new\n  where: w2019.sav: no label\n"
        "  mend: add a question for it to items.toml, or its name to ignore in study.toml",
        "Question 'years' is not in wave 2019\n  where: w2019.sav; column years in w2018.sav\n"
        "  mend: name its column under columns, or leave 2019 out of waves, in items.toml",
    ]


def test_units_unknown_several_and_short_of_a_zero():
    data = pd.DataFrame({"knr": [101, 104, 104.0, "K-0118", "3001", None]}, index=range(1, 7))
    blank = data.isna().replace({True: "empty", False: ""})
    wave = Wave("w", Path("w.csv"), data, blank, {}, {})
    units = units_in(wave, "knr", REGISTER)
    assert units.codes == ("0101", "0104", "0104", "0118", "3001", None)
    assert units.fits == {2017: 4, 2020: 1} and units.zeros == 3 and units.several == {"0104": [2, 3]}
    assert units.unknown(set(REGISTER[2017]["code"])) == [5, 6] and units.best(2021) == 2017


def test_a_wave_in_another_years_numbering_is_told_which(small):
    folder = small()
    later = dict(zip(["3001", "3002", "3012", "3013", "3026", "3014"], range(6)))
    path = folder.parent.parent / "data_raw" / "small" / "w2019.sav"
    write_wave(path, WAVES["w2019.sav"])
    study = load_study(folder)
    old, new = (read_study_wave(study, id) for id in ("2018", "2019"))
    moved = Wave(**{**vars(new), "data": new.data.assign(kommnr=list(later))})
    (fault,) = compare_waves(study, old, moved, register=REGISTER).faults
    assert str(fault) == (
        "6 of 6 rows have a code that is not in the numbering of 2017\n  where: w2019.sav, column kommnr\n"
        "  got: row 1: 3001, row 2: 3002, row 3: 3012\n  mend: numbering = 2020 fits 6 of 6 rows"
    )


def test_two_samples_as_r_has_them():
    """R 4.2.2: fisher.test(matrix(c(3,9,7,1,2,6),2)) …; chisq.test(correct = FALSE) where every cell expects 5."""
    assert two_samples([[3, 7, 2], [9, 1, 6]]) == pytest.approx(0.0209465561733701, rel=1e-9)
    assert two_samples([[8, 1], [2, 9]]) == pytest.approx(0.00547749464158133, rel=1e-9)
    assert two_samples([[5, 0, 1, 2], [0, 3, 4, 2]]) == pytest.approx(0.0203619909502262, rel=1e-9)
    assert two_samples([[30, 40, 30], [50, 35, 15]]) == pytest.approx(0.0057035489980074, rel=1e-9)


def answers(column: dict[str, list], labels: dict) -> Wave:
    data = pd.DataFrame(column)
    return Wave("x", Path("x.csv"), data, data.isna().replace({True: "empty", False: ""}), {}, labels)


def test_a_swap_that_no_label_shows_is_seen_in_the_distribution(small):
    """18 of 20 yes, then 2 of 20: R 4.2.2 chisq.test(correct = FALSE) has p = 4.200394e-07; two are tested."""
    study = load_study(small())
    register = {2017: pd.DataFrame({"code": [f"{n:04}" for n in range(1001, 1021)]})}
    rows = {"kommnr": list(register[2017]["code"]), "years": [1.0, 2.0] * 10}
    old, new = (
        answers(rows | {"plan": ["1"] * 18 + ["2"] * 2}, {}),
        answers(rows | {"plan": ["1"] * 2 + ["2"] * 18}, {}),
    )
    old, new = (Wave(**{**vars(wave), "id": id}) for wave, id in ((old, "2018"), (new, "2019")))
    found = compare_waves(study, old, new, register=register)
    told = (
        "plan: Ja went from 18 of 20 to 2 of 20, as if the two answers had changed places: p = 8.4e-07 over 2 questions"
    )
    assert said(found, "distribution") == [told]
    assert compare_waves(study, old, new, register=register, level=1e-7).changes == ()


def test_the_number_of_questions_raises_the_bar(small):
    """One share from 10 of 20 to 3 of 20: R has p = 0.01812481 alone, 0.036 over two questions, 0.054 over three."""
    study = load_study(small())
    register = {2017: pd.DataFrame({"code": [f"{n:04}" for n in range(1001, 1021)]})}
    rows = {"kommnr": list(register[2017]["code"]), "years": [1.0, 2.0] * 10}
    first = {**rows, "plan": ["1"] * 10 + ["2"] * 10}
    second = {**rows, "plan": ["1"] * 3 + ["2"] * 17}

    def found(**more):
        waves = [
            Wave(**{**vars(answers(told | more, {})), "id": id}) for told, id in ((first, "2018"), (second, "2019"))
        ]
        return said(compare_waves(study, *waves, register=register), "distribution")

    assert len(found()) == 1 and found(m1=["1", "0"] * 10) == []
