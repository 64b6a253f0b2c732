"""A study drafted from wave files alone loads, passes the check and runs, whatever the export's shape."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import evalkit
from evalkit import load_study, pipeline
from evalkit.errors import DataError, StudyError
from evalkit.panel.link import numberings
from evalkit.study.draft import bare, new_study, refuse_to_replace, slug, toml, value
from evalkit.study.edit import WaveLines
from evalkit.study.further import write_lines
from evalkit.waves.find import find_study, read_new
from tests.scenarios.exports import SHAPES, UNTICKED, codes, csv, in_words


def draft(folder: Path, *files: Path):
    new_study(folder, files, find_study([read_new(file) for file in files], numberings()))
    return load_study(folder)


def small(folder: Path, shape: str):
    file = folder / f"2021_{shape}"
    return draft(folder / "study", {**SHAPES, **UNTICKED}[shape](file))


@pytest.mark.parametrize("shape", [*SHAPES, *(pytest.param(shape) for shape in UNTICKED)])
def test_every_shape_gives_a_study_that_passes_the_check(tmp_path, shape):
    study = small(tmp_path, shape)
    (checked,) = pipeline.check(study)
    types = [item.type for item in study.items.values()]
    assert types == ["single", "single", "multiple", "numeric", "text"]
    plan, level, means, *_ = study.items.values()
    assert [words.nb for words in plan.categories.values() if words.nb != "Vet ikke"] in (
        ["Ja", "Nei"],
        ["1", "2", "8"],
    )
    assert len(level.categories) == 3 and len(means.options) == 3
    assert study.plan.waves[0].unit == "kommnr" and study.plan.waves[0].name == "kommune"
    assert [finding.what for finding in checked.stopped] == ["open text"]
    words_known = plan.categories.keys() != {"1", "2", "8"}
    assert list(plan.missing.values()) == (["dont_know"] if words_known else [])
    assert len(plan.yes) == words_known


def test_the_first_run_needs_no_hand(tmp_path):
    """Of 40, don't know in rows 0, 10, 20, 30; no in rows 3, 6, … 39 but 30: 12; yes in the other 24: 24 of 36."""
    run = evalkit.run(small(tmp_path, "labels.sav"), until="change")
    rows = run.estimates.query("exhibit == 'plan' and weighting == 'unweighted' and group == 'all'")
    assert rows["estimate"].item() == pytest.approx(24 / 36) and rows["n"].item() == 36
    means = run.estimates.query("exhibit == 'means' and weighting == 'unweighted'").set_index("category")["estimate"]
    assert means.to_dict() == pytest.approx({"kurs": 20 / 40, "lonn": 8 / 40, "nettverk": 19 / 40})


@pytest.mark.parametrize("shape", list(UNTICKED))
def test_a_blank_box_is_not_ticked_where_another_is(tmp_path, shape):
    """Row 39 ticked nothing and is no answer: the bases are 39."""
    run = evalkit.run(small(tmp_path, shape), until="change")
    means = run.estimates.query("item.str.endswith('means') or exhibit.str.startswith('virkemidler')", engine="python")
    means = means.query("weighting == 'unweighted'").set_index("category")
    assert means["estimate"].to_dict() == pytest.approx({"kurs": 20 / 39, "lonn": 8 / 39, "nettverk": 19 / 39})


def test_what_is_guessed_says_so(tmp_path):
    study = small(tmp_path, "lost_zeros.xlsx")
    text = (study.path / "study.toml").read_text(encoding="utf-8")
    lost = sum(code.startswith("0") for code in codes()["kommnr"])
    assert lost == 1  # Oslo alone begins with a zero since 2020
    assert (
        "# comment stops at the privacy gate: open text\n"
        "# codes that had lost a leading zero: 1; they are mended when the file is read\n[[waves]]\n"
    ) in text
    assert "date = 2021-01-01 # the year is the file name's, the day a guess\n" in text
    assert 'unit = "kommnr" # 40 of 40 rows have a code of 2021\n' in text
    assert "numbering = 2021 # the codes fit 2020–2023 alike\n" in text
    items = (study.path / "items.toml").read_text(encoding="utf-8")
    assert items.startswith("# Questions as the files suggest them.")
    why = "few whole numbers without words: taken for codes, not amounts"
    label = '{ nb = "plan", en = "plan" }'
    assert f'[plan]\ntype = "single" # {why}\nlabel = {label}\n[plan.categories]\n1 = {{' in items


def test_missing_codes_are_found_by_declaration_and_by_label(tmp_path):
    study = small(tmp_path, "labels.dta")  # Stata declares nothing here: 8 is missing by its words
    assert study.items["plan"].missing == {"8": "dont_know"}
    assert '[plan.missing]\n8 = "dont_know" # «Vet ikke»\n' in (study.path / "items.toml").read_text(encoding="utf-8")


def test_two_files_become_one_study_and_what_they_say_differently_stays_apart(tmp_path):
    first = csv(in_words(codes()), tmp_path / "runde_2020.csv")
    turned = in_words(codes()).drop(columns="level").assign(level=[n * 1.5 for n in range(40)], new=["x", "y"] * 20)
    second = csv(turned, tmp_path / "runde_2021.csv", sep=";")
    study = draft(tmp_path / "study", first, second)
    assert [wave.id for wave in study.plan.waves] == ["2020", "2021"]
    assert study.items["plan"].waves is None
    assert study.items["level"].waves == ("2020",) and study.items["new"].waves == ("2021",)
    assert study.items["level_2021"].type == "numeric" and study.items["level_2021"].column == "level"
    pipeline.check(study)
    said = (study.path / "items.toml").read_text(encoding="utf-8")
    assert "# not merged with level: it is single there and numeric here\n[level_2021]" in said


def test_waves_in_two_numberings_are_linked_in_the_borders_of_the_later(tmp_path):
    """Trøgstad, Askim and Tjeldsund, Skånland of 2017 are Indre Østfold and Tjeldsund in 2021."""
    files = [tmp_path / "w2017.csv", tmp_path / "w2021.csv"]
    before, after = ["0122", "0124", "1852", "1913", "0301"], ["3014", "5412", "0301", "1103", "4601"]
    for file, units in zip(files, (before, after)):
        csv(pd.DataFrame({"knr": units, "plan": ["Ja", "Nei", "Ja", "Ja", "Nei"]}), file)
    study = draft(tmp_path / "study", *files)
    assert study.plan.frame.register == 2021 and study.plan.link is not None and study.plan.link.merged == "largest"
    assert '[link]\nmerged = "largest"' in (study.path / "study.toml").read_text(encoding="utf-8")
    run = evalkit.run(study, until="panel")
    panel = pd.read_parquet(run.path / "panel.parquet").query("wave == '2017'").set_index("unit")["plan"]
    assert panel.to_dict() == {"3014": "Nei", "5412": "Ja", "0301": "Nei"}  # Askim is larger than Trøgstad


def test_several_answers_of_one_unit_are_said_and_given_a_rule(tmp_path):
    data = in_words(codes())
    data.loc[1, "kommnr"] = data.loc[0, "kommnr"]
    study = draft(tmp_path / "study", csv(data, tmp_path / "w2021.csv"))
    assert study.plan.waves[0].duplicates == "most_complete"
    line = next(line for line in (study.path / "study.toml").read_text().splitlines() if line.startswith("duplicates"))
    assert line.endswith(f"# units that answered several times: {data.loc[0, 'kommnr']} (2); say whose answer counts")
    timed = data.assign(ferdig=[f"2021-03-{1 + n % 28:02} 10:00:00" for n in range(40)])
    latest = draft(tmp_path / "timed", csv(timed, tmp_path / "t2021.csv"))
    assert latest.plan.waves[0].duplicates == "latest" and latest.plan.waves[0].answered_at == "ferdig"
    assert str(latest.plan.waves[0].date) == "2021-03-28"
    evalkit.run(latest, until="panel")


def test_a_few_answers_are_not_weighted(tmp_path):
    study = draft(tmp_path / "study", csv(in_words(codes()).head(4), tmp_path / "w2021.csv"))
    assert study.plan.weights.method == "none" and study.plan.weights.reason is not None
    pipeline.check(study)


def test_in_a_repository_the_files_go_to_data_raw_with_an_entry(tmp_path):
    file = csv(in_words(codes()), tmp_path / "w2021.csv")
    study = draft(tmp_path / "analyses" / "mine", file)
    assert (tmp_path / "data_raw" / "mine" / "w2021.csv").read_bytes() == file.read_bytes()
    entry = (tmp_path / "data_raw" / "manifest.toml").read_text(encoding="utf-8")
    assert entry.startswith('["mine/w2021.csv"]\naccess = "restricted"\n')
    pipeline.check(study)


def test_what_cannot_be_a_study_is_refused(tmp_path):
    file = csv(in_words(codes()), tmp_path / "w2021.csv")
    draft(tmp_path / "study", file)
    with pytest.raises(StudyError) as caught:
        draft(tmp_path / "study", file)
    assert str(caught.value) == (
        f"There is a study already\n  where: {tmp_path / 'study'}\n  mend: name another folder, or remove the study"
    )
    nameless = csv(in_words(codes()).drop(columns="kommnr"), tmp_path / "nameless.csv")
    with pytest.raises(DataError) as caught:
        draft(tmp_path / "other", nameless)
    assert str(caught.value) == (
        "No column holds municipality codes\n  where: nameless.csv\n"
        "  expected: a column in which most rows have a code such as 0301\n"
        "  mend: add a column with each row's code; names are not enough, because several municipalities share one"
    )


def test_text_of_files_stays_text_in_toml():
    import tomllib

    hostile = 'a"b\\c\n[x]\t\x7f # ]'
    table = {"k": {"type": hostile, "categories": {hostile: {"nb": hostile, "en": "é"}}}}
    assert tomllib.loads(toml(table, {("k",): hostile, ("k", "type"): hostile})) == table
    assert bare("a b") == '"a b"' and value(["x", 1, 0.5]) == '["x", 1, 0.5]'
    assert slug("Ærlig talt, så Ødelagt!") == "aerlig_talt_sa_odelagt"


def test_a_raw_file_of_the_same_name_is_never_written_over(tmp_path):
    """Neither by a new study in a folder that holds data, nor by a further wave; the same file again is no matter."""
    file = csv(in_words(codes()), tmp_path / "w2021.csv")
    raw = tmp_path / "study" / "data_raw"
    raw.mkdir(parents=True)
    (raw / file.name).write_text("somebody's answers", encoding="utf-8")
    with pytest.raises(StudyError, match="There is another file of this name"):
        draft(tmp_path / "study", file)
    assert (raw / file.name).read_text(encoding="utf-8") == "somebody's answers"
    assert not (tmp_path / "study" / "study.toml").exists()
    (raw / file.name).unlink()
    study = draft(tmp_path / "study", file)
    (tmp_path / "again").mkdir()
    later = csv(in_words(codes()).assign(level="Lav"), tmp_path / "again" / "w2021.csv")
    with pytest.raises(StudyError, match="There is another file of this name"):
        write_lines(study, WaveLines(study="", keys={}, items={}, shown=()), later)
    refuse_to_replace([file], raw)
