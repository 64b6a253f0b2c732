"""The committed codebook notices a label that changed, prints the difference, and is accepted by one command."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from evalkit import load_study, pipeline
from evalkit.errors import DataError
from evalkit.waves.codebook import check_codebook, codebook, write_codebook
from tests.conftest import WAVES, write_wave


def test_it_is_toml_and_says_what_the_file_says(small):
    study = load_study(small())
    book = tomllib.loads(codebook(study, pipeline.check(study)))
    assert book["2018"]["plan"] == {
        "label": "Har kommunen en plan?",
        "item": "plan",
        "values": {"1": "Ja", "2": "Nei", "8": "Vet ikke", "9": "Vil ikke svare"},
        "missing": ["8", "9"],
    }
    assert list(book) == ["2018", "2019"]


def test_a_changed_label_is_an_error_until_it_is_accepted(small):
    study = load_study(small())
    write_codebook(study, pipeline.check(study))
    pipeline.check(study)
    for name, columns in WAVES.items():
        write_wave(study.raw / name, columns, column_labels={"plan": "Har kommunen en vedtatt plan?"})
    with pytest.raises(DataError) as caught:
        pipeline.check(study)
    text = str(caught.value)
    assert '-label = "Har kommunen en plan?"' in text and '+label = "Har kommunen en vedtatt plan?"' in text
    assert f"evalkit codebook {study.path}" in text
    write_codebook(study, pipeline.check(study, codebook=False))
    pipeline.check(study)


def test_a_further_wave_has_not_drifted(small):
    study = load_study(small())
    first, second = pipeline.check(study)
    (study.path / "codebook.toml").write_text(codebook(study, [first]), encoding="utf-8")
    assert check_codebook(study, [first, second]) == ("2019",)
    write_codebook(study, [first, second])
    assert check_codebook(study, [first, second]) == ()
    (study.path / "codebook.toml").write_text("<<<<<<< ours", encoding="utf-8")
    with pytest.raises(DataError, match="The codebook is not TOML"):
        pipeline.check(study)


def test_a_stopped_column_shows_what_and_not_its_content(small):
    study = load_study(small())
    columns = WAVES["w2018.sav"] | {"epost": ["kari@example.org", None, None, None, None, None]}
    write_wave(study.raw / "w2018.sav", columns)
    text = codebook(study, pipeline.check(study))
    assert tomllib.loads(text)["2018"]["epost"] == {"label": "", "stopped": "e-mail addresses"}
    assert "example.org" not in text


@pytest.mark.parametrize("study", ["robek", "kompetanseloft2020"])
def test_the_committed_codebooks_are_the_files(study):
    folder = Path(__file__).resolve().parents[2] / "analyses" / study
    found = load_study(folder)
    assert (folder / "codebook.toml").read_text(encoding="utf-8") == codebook(
        found, pipeline.check(found, codebook=False)
    )
