"""The third file two years later: everything that went wrong is said word for word, and nothing is merged unseen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from evalkit import load_study, read_wave
from evalkit.errors import DataError
from evalkit.panel import municipalities
from evalkit.panel.frame import build_frames
from evalkit.panel.harmonise import ANSWERS, build_panel
from evalkit.panel.link import link, numberings
from evalkit.study.further import wave_lines, write_lines
from evalkit.waves.check import check_wave, read_study_wave
from evalkit.waves.difference import compare_waves
from evalkit.waves.proposals import match
from tests.scenarios.third_wave import write_study, write_third

REGISTER = numberings()


@pytest.fixture
def third(tmp_path):
    """The study, its last wave, the new file, and what it suggests."""
    study = load_study(write_study(tmp_path))
    path = write_third(tmp_path)
    previous = [read_study_wave(study, spec.id) for spec in study.plan.waves]
    wave = read_wave(path, id="2021")
    return study, previous[-1], wave, match(study, wave, register=REGISTER, previous=previous)


def test_what_each_column_is_taken_for(third):
    _, _, _, found = third
    said = {
        one.column: (f"{one.item}.{one.option}" if one.option else one.item, one.certain, one.reason)
        for one in found.matches
    }
    assert said == {
        "plan": ("plan", False, "name the same, label the same, 33 % of values labelled the same"),
        "level": (
            "level",
            False,
            "name the same, label 29 % alike, 60 % of values labelled the same, values that are no category",
        ),
        "goal": ("goal", False, "name the same, label the same, labelled values before, numeric now"),
        "helper": ("helper", False, "name the same, label the same, 33 % of values labelled the same"),
        "means_1": ("means.courses", True, "name the same, label the same"),
        "means_2": ("means.pay", True, "name the same, label the same"),
        "aar": ("years", False, "name 'years' before, label the same"),
        "staff": ("staff", False, "name the same, label the same, numeric values before, text now"),
    }
    assert [question.name for question in found.new] == ["network", "merknad"] and found.gone == ()
    assert found.personal == {"epost": "e-mail addresses in 18 cells", "merknad": "open text in 18 cells"}


def test_the_lines_for_study_and_items(third):
    study, _, wave, found = third
    lines = wave_lines(study, found, wave.path)
    assert lines.study == (
        "# proposed by `evalkit wave` from runde_2021.sav: see that every line is right\n"
        "# epost stops at the privacy gate: e-mail addresses\n"
        "# merknad stops at the privacy gate: open text\n"
        "# codes that had lost a leading zero: 1; they are mended when the file is read\n"
        "[[waves]]\n"
        'id = "2021"\n'
        'file = "runde_2021.sav"\n'
        "date = 2021-09-18 # proposed: the last answer by levert\n"
        'unit = "kommnr" # proposed: 18 of 18 rows have a code of 2021\n'
        'name = "kommune"\n'
        "numbering = 2021 # proposed: the codes fit 2020–2023 alike\n"
        'frame = "2021" # proposed: 13 of 18 rows are of municipalities that are not those of 2017\n'
        'answered_at = "levert"\n'
        'duplicates = "latest" # proposed: units that answered several times: 3403 (3); say whose answer counts\n'
        "\n"
        "# proposed: other municipalities than in 2017: 426 then, 356 in 2021; "
        "the waves before stay in their own borders\n"
        "[frames.2021]\n"
        "register = 2021 # proposed: the list of the year\n"
        "\n"
        "[link]\n"
        'merged = "largest" # proposed, to be decided: '
        'of merged municipalities the answer of the "largest" part, "any" or "agree"\n'
        'reference = "2021" # proposed: mergers are carried forward exactly, but never back\n'
        "\n"
        "[exhibits.comparable] # proposed: which waves can be compared, and for how many\n"
        'kind = "comparable"\n'
    )
    assert lines.keys == {
        "": (
            "latest",
            'latest = ["2018", "2019"] # proposed: exhibits that name no waves show these as before; '
            "add the new wave where a figure is to have it",
        )
    }
    assert lines.items == {}
    assert [line.partition("\n")[0] for line in lines.shown] == [
        "plan may be plan (0.97): name the same, label the same, 33 % of values labelled the same",
        "level may be level (0.65): name the same, label 29 % alike, 60 % of values labelled the same, "
        "values that are no category",
        "goal may be goal (1.00): name the same, label the same, labelled values before, numeric now",
        "helper may be helper (0.83): name the same, label the same, 33 % of values labelled the same",
        '[years] columns = { 2018 = "years", 2019 = "years", 2021 = "aar" }',
        "aar may be years (0.73): name 'years' before, label the same",
        "staff may be staff (1.00): name the same, label the same, numeric values before, text now",
        "a new question:",
        "a new question:",
    ]
    assert lines.shown[-2] == (
        "a new question:\n"
        "[network]\n"
        'type = "single"\n'
        'label = { nb = "Er kommunen med i et nettverk?", en = "Er kommunen med i et nettverk?" }\n'
        'waves = ["2021"]\n'
        'yes = ["1"] # begins with yes\n'
        "[network.categories]\n"
        '1 = { nb = "Ja", en = "Yes" }\n'
        '2 = { nb = "Nei", en = "No" }'
    )


LONG = {
    "OWN": "give the wave a question of its own",
    "YEARS": '{ 2018 = "years", 2019 = "years", 2021 = "aar" }',
    "LEVEL": '{ 2018 = "level", 2019 = "level", 2021 = "level" }',
    "GOAL": 'recode = { 2021 = { 1 = "…", 2 = "…" } }',
    "HIGH": '{ nb = "Svært høy", en = "Svært høy", waves = ["2021"] }',
}
FAULTS = [
    """Column 'network' is new
  where: runde_2021.sav: Er kommunen med i et nettverk?
  mend: add a question for it to items.toml, or its name to ignore in study.toml""",
    """Column 'years' of 'years' may now be 'aar'
  where: runde_2021.sav, column aar
  mend: if it is the same question, say so in items.toml: [years] columns = YEARS""",
    """plan: 1 and 2 have changed places: 1 is now 'Nei'
  where: runde_2021.sav, column plan
  mend: say what it means in items.toml: [plan] recode = { 2021 = { 1 = "2", 2 = "1" } }, or OWN""",
    """Question 'level' is worded differently in wave 2021
  where: runde_2021.sav, column level
  expected: Hvor høyt er nivået?
  got: Hvilket nivå vil du si at kommunen ligger på?
  mend: if it means the same, name the wave in items.toml: [level] columns = LEVEL; else OWN""",
    """level: 4 (Svært høy) is a new category
  where: runde_2021.sav, column level
  mend: add it to missing in items.toml, or to the categories: [level.categories] 4 = HIGH""",
    """level: 9 (Vil ikke svare) is now declared missing
  where: runde_2021.sav, column level
  mend: add it to missing in items.toml: [level.missing] 9 = "refused\"""",
    """Question 'goal' held labelled values and now holds numeric ones
  where: runde_2021.sav, column goal
  mend: export it as before, or say what each answer means in items.toml: [goal] GOAL""",
    """helper: 2 was 'Fylkesmannen' and is now 'Fylkesmannen (nå Statsforvalteren)'
  where: runde_2021.sav, column helper
  mend: say what it means in items.toml: [helper] recode = { 2021 = { 2 = "2", 3 = "…" } }, or OWN""",
    """helper: 3 was 'Ingen' and is used again for 'Et konsulentfirma'
  where: runde_2021.sav, column helper
  mend: say what it means in items.toml: [helper] recode = { 2021 = { 2 = "2", 3 = "…" } }, or OWN""",
    """Question 'staff' held numeric values and now holds text ones
  where: runde_2021.sav, column staff
  mend: give the wave a question of its own in items.toml, or export it as before""",
    """3403 answered 3 times: rows 6, 17, 18
  where: runde_2021.sav, column kommnr
  mend: say which answer counts: duplicates = "latest", "most_complete" or "latest_complete" in study.toml""",
]


def in_full(fault: str) -> str:
    for short, words in LONG.items():
        fault = fault.replace(short, words)
    return fault


def test_what_would_merge_two_meanings_word_for_word(third):
    study, last, wave, found = third
    difference = compare_waves(study, last, wave, register=REGISTER, spec=found.spec, columns=found.columns)
    assert [str(fault) for fault in difference.faults] == [in_full(fault) for fault in FAULTS]
    with pytest.raises(DataError) as caught:
        difference.raise_faults()
    assert len(caught.value.faults) == len(FAULTS)


def test_what_is_said_and_stops_nothing(third):
    """goal: 16 of 20 yes in 2019, 4 of 18 in 2021. R 4.2.2: chisq.test(matrix(c(16,4,4,14),2), correct = FALSE) has
    p = 0.0003685; times seven questions, since staff has no number left, 0.0026."""
    study, last, wave, found = third
    difference = compare_waves(study, last, wave, register=REGISTER, spec=found.spec, columns=found.columns)
    assert [change.said for change in difference.changes if change.fault is None] == [
        "epost holds e-mail addresses in 18 cells; it stops at the gate",
        "merknad holds open text in 18 cells; it stops at the gate",
        "Ja went from 16 of 20 to 4 of 18, as if the two answers had changed places: p = 0.003 over 7 questions",
        "codes that had lost a leading zero: 1 of 18; they are mended when the file is read",
    ]
    assert difference.table["fault"].sum() == len(FAULTS)


def test_the_old_numbering_would_be_a_fault(third):
    study, last, wave, found = third
    spec = replace(found.spec, numbering=2017)
    difference = compare_waves(study, last, wave, register=REGISTER, spec=spec, columns=found.columns)
    fault = next(fault for fault in difference.faults if "numbering of 2017" in fault.what)
    assert str(fault) == (
        "13 of 18 rows have a code that is not in the numbering of 2017\n  where: runde_2021.sav, column kommnr\n"
        "  got: row 2: 3001, row 3: 3002, row 4: 3014\n  mend: numbering = 2020 fits 18 of 18 rows"
    )


def settle(study, wave, found, items: dict[str, str]) -> Path:
    """Write what is proposed, then what a person decides about the rest."""
    write_lines(study, wave_lines(study, found, wave.path), wave.path)
    path = study.path / "items.toml"
    text = path.read_text(encoding="utf-8")
    for old, new in items.items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
    return study.path


ALL_THREE = 'columns = {{ 2018 = "{0}", 2019 = "{0}", 2021 = "{1}" }}'
DECIDED = {
    "[level]\n": f'[level]\n{ALL_THREE.format("level", "level")}\nmissing = {{ 9 = "refused" }}\n',
    '3 = { nb = "Høy", en = "High" }\n': """3 = { nb = "Høy", en = "High" }
4 = { nb = "Svært høy", en = "Very high" }
""",
    "[years]\n": f"[years]\n{ALL_THREE.format('years', 'aar')}\n",
    "[helper]\n": """[helper_2021]
type = "single"
waves = ["2021"]
column = "helper"
label = { nb = "Hvem hjelper", en = "Who helps" }
[helper_2021.categories]
1 = { nb = "Nabokommunen", en = "The neighbour" }
2 = { nb = "Fylkesmannen (nå Statsforvalteren)", en = "The county governor" }
3 = { nb = "Et konsulentfirma", en = "A firm" }

[helper]
waves = ["2018", "2019"]
""",
    "[staff]\n": """[staff_2021]
type = "text"
waves = ["2021"]
column = "staff"
label = { nb = "Ansatte", en = "Staff" }

[network]
type = "single"
waves = ["2021"]
label = { nb = "Med i nettverk", en = "In a network" }
categories = { 1 = { nb = "Ja", en = "Yes" }, 2 = { nb = "Nei", en = "No" } }

[staff]
waves = ["2018", "2019"]
""",
}
OWN = """[{0}_2021]
type = "single"
waves = ["2021"]
column = "{0}"
label = {{ nb = "{0}", en = "{0}" }}
categories = {{ 1 = {{ nb = "Nei", en = "No" }}, 2 = {{ nb = "Ja", en = "Yes" }} }}
missing = {{ 8 = "dont_know" }}

[{0}]
waves = ["2018", "2019"]
"""


def test_decided_by_questions_of_their_own_the_third_wave_passes(third):
    study, last, wave, found = third
    decided = DECIDED | {f"[{name}]\n": OWN.format(name) for name in ("plan", "goal")}
    again = load_study(settle(study, wave, found, decided))
    checked = check_wave(again, read_study_wave(again, "2021"))
    assert {finding.column for finding in checked.stopped} == {"epost", "merknad", "staff"}
    difference = compare_waves(again, last, checked.wave, register=REGISTER)
    assert [str(fault) for fault in difference.faults] == []


def test_decided_by_recoding_yes_is_yes_again(third):
    """Rows 5, 16 and 17 are Hamar, the last one latest: 16 units. No to plan in rows 4, 9 and 14, don't know in 7;
    no to goal in rows 0, 10 and 15."""
    study, last, wave, found = third
    recode = 'recode = { "2021" = { 1 = "2", 2 = "1" } }\n'
    again = load_study(settle(study, wave, found, DECIDED | {f"[{n}]\n": f"[{n}]\n{recode}" for n in ("plan", "goal")}))
    checked = check_wave(again, read_study_wave(again, "2021"))
    assert compare_waves(again, last, checked.wave, register=REGISTER).faults == []
    panel = build_panel(again, [checked.wave], build_frames(again)).among(["2021"])
    assert panel.data["plan"].value_counts().to_dict() == {"1": 12, "2": 3}
    assert panel.data["goal"].value_counts().to_dict() == {"1": 13, "2": 3}


def test_what_can_be_compared_in_the_borders_of_2021(third):
    """Two waves of the borders of 2017 beside the third: Tysfjord leaves, five units are two, the others are whole."""
    study = third[0]
    earlier = [read_study_wave(study, spec.id) for spec in study.plan.waves]
    panel = build_panel(study, earlier, build_frames(study))
    people = municipalities(2017).set_index("code")["population"]
    linked = {}
    for id in panel.waves:
        data, why = (part.xs(id, level="wave") for part in (panel.data, panel.why))
        linked[id] = link(data, why, from_year=2017, to_year=2021, items=study.items, population=people, merged="agree")
    table = pd.DataFrame({wave: part.why.isin(ANSWERS).sum(axis=1) for wave, part in linked.items()})
    assert len(table) == 16 - 1 and set(table.index) <= set(REGISTER[2021]["code"]) and "1806" not in table.index
    assert table.loc["3401"].tolist() == [8, 8]  # Kongsvinger answered everything twice, whole
    # Trøgstad, Spydeberg and Askim (rows 3, 4 and 5) agree on nothing; their numbers have means
    assert linked["2018"].why.loc["3014"].value_counts().to_dict() == {"not_comparable": 6, "": 2}
    years = (4 * 5367 + 1 * 5765 + 2 * 15720) / (5367 + 5765 + 15720)
    assert linked["2018"].data.loc["3014", "years"] == pytest.approx(years)
    left = linked["2018"].listed.query("to_code.isna()", engine="python")
    assert left[["from_code", "done"]].to_numpy().tolist() == [["1850", "left: split into 1806 and 1875"]]
