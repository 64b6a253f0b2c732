"""A wave that does not fit the study is refused with rows and a mend; what is personal stops at the gate."""

from __future__ import annotations

import pytest

from evalkit import load_study
from evalkit.errors import DataError, PrivacyError
from evalkit.waves.check import check_wave, read_study_wave
from evalkit.waves.manifest import check_manifest, sha256
from evalkit.waves.privacy import find_personal, is_identity_number
from tests.conftest import WAVES, write_wave


def check(folder, columns=None, **changes):
    if columns is not None:
        write_wave(folder.parent.parent / "data_raw" / "small" / "w2018.sav", columns, **changes)
    study = load_study(folder)
    return check_wave(study, read_study_wave(study, "2018"))


def test_a_wave_that_fits_passes_untouched(small):
    assert check(small()).stopped == ()


def test_columns_missing_and_unknown(small):
    columns = {("plam" if name == "plan" else name): values for name, values in WAVES["w2018.sav"].items()}
    with pytest.raises(DataError) as caught:
        check(small(), columns, variable_value_labels={}, missing_ranges={}, column_labels={})
    missing, unknown, *_ = caught.value.faults
    assert str(missing).startswith(
        "Wave 2018 has no column 'plan'\n  where: w2018.sav; needed by plan\n  mend: did you mean 'plam'?"
    )
    assert str(unknown).startswith("Column 'plam' is in the file and not in the study")


def test_a_value_that_is_no_category_names_its_rows(small):
    columns = WAVES["w2018.sav"] | {"plan": [1, 3, 2, 3, 3, 3]}
    with pytest.raises(DataError) as caught:
        check(small(), columns)
    assert str(caught.value) == (
        "'3' is not a category of 'plan'\n  where: w2018.sav, row 2, 4, 5 and 1 more\n"
        "  expected: 1, 2, 8, 9\n  mend: add it to missing in items.toml, or to the categories: "
        '[plan.categories] 3 = { nb = "3", en = "3", waves = ["2018"] }'
    )


def test_yes_and_no_swapped_in_the_file(small):
    swapped = {"plan": {1: "Nei", 2: "Ja", 8: "Vet ikke", 9: "Vil ikke svare"}}
    with pytest.raises(DataError) as caught:
        check(small(), WAVES["w2018.sav"], variable_value_labels=swapped)
    assert [fault.what for fault in caught.value.faults] == [
        "Code 1 of 'plan' means 'Nei' in the file and 'Ja' in the study",
        "Code 2 of 'plan' means 'Ja' in the file and 'Nei' in the study",
    ]


def test_personal_columns_stop_and_are_counted(small):
    personal = {
        "epost": ["a@example.org", None, "b@example.org", None, None, None],
        "kommentar": ["vi har ikke tid til dette nå", None, "det er fint at noen spør oss", None, None, None],
        "kontakt": ["22 33 44 55", None, None, None, None, None],
        "ident": ["01017000027", None, None, None, None, None],
        "adresse": ["192.0.2.1", None, None, None, None, None],
    }
    stopped = check(small(), WAVES["w2018.sav"] | personal).stopped
    assert {(f.column, f.what, f.cells) for f in stopped} == {
        ("epost", "e-mail addresses", 2),
        ("kommentar", "open text", 2),
        ("kontakt", "telephone numbers", 1),
        ("ident", "national identity numbers", 1),
        ("adresse", "IP addresses", 1),
    }


def test_a_question_with_personal_content_is_refused(small):
    columns = WAVES["w2018.sav"] | {"years": ["a@example.org", None, None, None, None, None]}
    with pytest.raises(PrivacyError) as caught:
        check(small(), columns)
    assert caught.value.what == "Question 'years' holds e-mail addresses"
    assert "example.org" not in str(caught.value)


def test_identity_numbers_are_told_by_their_control_digits():
    # 01 01 70 000: first control digit 11 − (0·3+1·7+0·6+1·1+7·8+0·9+0·4+0·5+0·2) mod 11 = 11 − 64 mod 11 = 2;
    # second 11 − (0·5+1·4+0·3+1·2+7·7+0·6+0·5+0·4+0·3+2·2) mod 11 = 11 − 59 mod 11 = 7
    assert is_identity_number("01017000027")
    assert not is_identity_number("01017000028")
    assert not is_identity_number("12345678")


def test_numbers_and_codes_are_not_personal(small):
    study = load_study(small())
    assert find_personal(read_study_wave(study, "2018")) == []


def test_the_manifest_holds_a_file_to_its_hash(small):
    folder = small()
    study = load_study(folder)
    manifest = study.root / "data_raw" / "manifest.toml"
    good = 'source = "s"\ndate = "2018"\nlicence = "l"\naccess = "public"\nkind = "synthetic"\n'
    entries = [f'["small/{name}"]\nsha256 = "{sha256(study.raw / name)}"\n{good}' for name in WAVES]
    manifest.write_text("\n".join(entries))
    assert set(check_manifest(study)) == set(WAVES)
    manifest.write_text("\n".join(entries).replace('kind = "synthetic"', 'kind = "real"', 1))
    with pytest.raises(DataError, match="The study says its data are synthetic, the manifest says real"):
        check_manifest(study)
    manifest.write_text(entries[0])
    with pytest.raises(DataError, match="no entry in the manifest"):
        check_manifest(study)
    manifest.write_text("\n".join(entries))
    write_wave(study.raw / "w2018.sav", WAVES["w2019.sav"])
    with pytest.raises(DataError, match="not the one in the manifest"):
        check_manifest(study)
