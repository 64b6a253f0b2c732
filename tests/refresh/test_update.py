"""The register is brought up to date from answers that fit each other, and is untouched by all others."""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path

import pytest

import evalkit
from evalkit.errors import DataError, RunError, SourceError
from evalkit.panel import crosswalk, municipalities
from evalkit.panel.register import counties, numbering, register_years
from evalkit.refresh import Services, update
from tests.refresh.conftest import RECORDED


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def refused(services: Services, **words: object) -> SourceError:
    with pytest.raises(SourceError) as caught:
        update(services=services, **words)
    return caught.value


def test_nothing_new_writes_nothing(folder, world, services):
    before = bytes_of(folder)
    found = update(services=services)
    assert not found.changed and found.plan.said == []
    assert found.write() == [folder / "manifest.toml"]  # the copy had none
    assert {name: text for name, text in bytes_of(folder).items() if name != "manifest.toml"} == before
    assert sum("131/codesAt" in path for path in world.asked) == len(register_years())


def test_a_new_year_is_written_as_the_register_is(folder, reform, services):
    """A merger under an old code, a renumbering, a split and a new name, worked out by hand in conftest.py."""
    before = bytes_of(folder)
    found = update(services=services)
    assert found.plan.said == [
        f"2025 is new: 357 municipalities in 15 counties, {5550203 + 357} inhabitants",
        "  new codes, 3: 1199 Utsira, 1891 Narvik, 1892 Skjomen",
        "  codes no more, 3: 1151 Utsira, 1806 Narvik, 3124 Aremark",
        "  new names, 1: 0301 Oslo → Oslo - Oslove",
        "  centrality_2008, centrality_index_2023: not in the services asked, empty in 2025",
        "changes after 2024-01-01: 6",
        "  2025-01-01 0301 Oslo → 0301 Oslo - Oslove",
        "  2025-01-01 1151 Utsira → 1199 Utsira",
        "  2025-01-01 1806 Narvik → 1891 Narvik",
        "  2025-01-01 1806 Narvik → 1892 Skjomen",
        "  2025-01-01 3101 Halden → 3101 Halden",
        "  2025-01-01 3124 Aremark → 3101 Halden",
    ]
    assert bytes_of(folder) == before  # until it is told to
    assert [path.name for path in found.write()] == ["municipalities.csv", "changes.csv", "manifest.toml"]
    after = bytes_of(folder)
    for name in ("municipalities.csv", "changes.csv"):
        assert after[name].startswith(before[name]) and after[name].endswith(b"\n")
    assert after["counties.csv"] == before["counties.csv"]
    assert b"\n2025,0301,Oslo - Oslove,03,Oslo,717711,,,1,EKG13,\n" in after["municipalities.csv"]


def test_what_was_written_is_read(folder, reform, services):
    update(services=services).write()
    assert register_years()[-1] == 2025
    frame = municipalities(2025).set_index("code")
    assert len(frame) == 357 and frame.loc["3101", "population"] == 31935 + 1347 + 2  # Halden, Aremark, one more each
    assert frame["centrality_class_2023"].isin(range(1, 7)).all() and "centrality_index_2023" not in frame
    table = crosswalk(2024, 2025).set_index("from_code")
    assert table.loc[["3124", "3101"], "kind"].tolist() == ["merged", "merged"]
    assert table.loc["1151"].tolist() == ["1199", "renumbered", 1.0]
    assert table.loc["1806", "to_code"].tolist() == ["1891", "1892"]
    assert table.loc["0301", "kind"] == "same"
    assert set(crosswalk(2017, 2025)["to_code"]) == set(frame.index) == set(numbering(2025)["code"])
    assert counties(2025).equals(counties(2024))
    assert not update(services=services).changed


def test_the_manifest_says_what_changed_when_and_its_hash(folder, reform, services, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1740000000")  # 2025-02-19
    above = folder.parent / "manifest.toml"
    committed = Path(__file__).resolve().parents[2] / "data_raw" / "manifest.toml"
    above.write_bytes(committed.read_bytes())
    old = tomllib.loads(above.read_text(encoding="utf-8"))
    update(services=services).write()
    new = tomllib.loads(above.read_text(encoding="utf-8"))
    assert not (folder / "manifest.toml").exists()
    assert {name for name in new if new[name] != old[name]} == {"register/municipalities.csv", "register/changes.csv"}
    for name in ("municipalities.csv", "changes.csv"):
        entry = new[f"register/{name}"]
        assert entry["sha256"] == hashlib.sha256((folder / name).read_bytes()).hexdigest()
        assert (entry["date"], entry["retrieved"]) == ("2025-01-01", "2025-02-19")
        assert (entry["source"], entry["licence"]) == tuple(old[f"register/{name}"][k] for k in ("source", "licence"))


def test_another_folder_gets_a_register_that_a_run_can_use(folder, reform, services, tmp_path, monkeypatch, small):
    other = tmp_path / "mine"
    before = bytes_of(folder)
    found = update(to=other, services=services)
    assert len(found.write()) == 5 and bytes_of(folder) == before
    entries = tomllib.loads((other / "manifest.toml").read_text(encoding="utf-8"))
    assert set(entries) == {"municipalities.csv", "changes.csv", "counties.csv", "county_tiles.csv"}
    study = evalkit.load_study(small())
    inputs = []
    for register in (folder, other):
        monkeypatch.setenv("EVALKIT_REGISTER", str(register))
        run = evalkit.run(study, until="waves")
        inputs.append(run.record["inputs"]["register/municipalities.csv"])
    assert inputs[0] != inputs[1] == entries["municipalities.csv"]["sha256"]


def test_a_year_between_can_be_asked_for(folder, world, services):
    world.units[2022], world.people[2022] = dict(world.units[2021]), dict(world.people[2021])
    world.units[2022]["1853"] = "Evenes - Evenášši"
    world.counties[2022] = world.counties[2021]
    found = update(years=[2022], services=services)
    assert found.plan.said[0] == "2022 is new: 356 municipalities in 11 counties, 5391369 inhabitants"
    assert "  new names, 1: 1853 Evenes → Evenes - Evenášši" in found.plan.said
    found.write()
    assert register_years() == (2016, 2017, 2018, 2019, 2020, 2021, 2022, 2024)


def test_what_differs_in_a_year_that_is_there_is_listed_and_kept(folder, world, services):
    world.people[2024]["0301"] += 5
    world.units[2024]["5601"] = "Álttá"
    found = update(services=services)
    listed = [
        "  name, 1: 5601 Alta: Alta → Álttá",
        "  population, 1: 0301 Oslo: 717710 → 717715",
    ]
    assert found.plan.said == ["2024 differs from the register, which is kept (--revise takes what was found)", *listed]
    assert not found.changed
    found = update(services=services, revise=True)
    assert found.plan.said == ["2024 differs from the register, and is taken", *listed]
    found.write()
    frame = municipalities(2024).set_index("code")
    assert (frame.loc["0301", "population"], frame.loc["5601", "name"]) == (717715, "Álttá")
    assert frame["centrality_index_2023"].notna().all()  # what was not asked for stays


def test_a_code_set_never_changes_in_silence(folder, world, services):
    world.units[2024]["5699"] = "Ny"
    world.people[2024]["5699"] = 10
    found = update(services=services)
    assert "  not in the register: 5699 Ny" in found.plan.said and not found.changed
    fault = refused(services, revise=True)
    assert str(fault).startswith(
        "The changes do not lead from the municipalities of 2021 to those of 2024\n"
        "  expected: each code of the later list, and no other\n"
        "  got: not led to: 5699\n"
        "  mend: nothing was written; ask again later"
    )


def test_changes_of_earlier_years_that_differ_are_listed(folder, world, services):
    gone = world.changes.pop()
    found = update(services=services)
    assert found.plan.said == [
        "changes up to 2024-01-01 differ from the register, which is kept (--revise takes what was found)",
        "  only in the register: 2024-01-01 5444 Sør-Varanger → 5605 Sør-Varanger",
    ]
    assert gone["from_code"] == "5444" and not found.changed
    assert "not in the list: 5444" in str(refused(services, revise=True))


def test_new_counties_are_written_and_the_map_is_left_to_a_person(folder, reform, services):
    moved = {code: f"57{code[2:]}" for code in reform.units[2025] if code.startswith("56")}
    for facts in (reform.units[2025], reform.people[2025], reform.classes[2025], reform.groups[2025]):
        for old, new in moved.items():
            facts[new] = facts.pop(old)
    names = {new: reform.units[2025][new] for new in moved.values()}
    reform.changes += [
        {"date": "2025-01-01", "from_code": old, "from_name": names[new], "to_code": new, "to_name": names[new]}
        for old, new in moved.items()
    ]
    reform.counties[2025] = {code: name for code, name in reform.counties[2024].items() if code != "56"}
    reform.counties[2025]["57"] = "Finnmark - Finnmárku - Finmarkku"
    found = update(services=services)
    assert "counties from 2025, 15: 56 Finnmark, 57 Finnmark" in found.plan.said
    assert found.plan.said[-1].startswith("county_tiles.csv stays as it is: draw the counties of 2025 there")
    found.write()
    assert counties(2025)["county_code"].tolist()[-1] == "57" and counties(2024)["county_code"].tolist()[-1] == "56"


def test_a_newer_division_does_not_pass_for_the_older(folder, reform, services, monkeypatch):
    newer = RECORDED["classification"]["versions"][0] | {"name": "Sentralitet 2025", "validFrom": "2025-01-01"}
    monkeypatch.setitem(RECORDED["classification"], "versions", [newer, *RECORDED["classification"]["versions"]])
    found = update(services=services)
    assert "2025: no kostra_group: KLASS has Sentralitet 2025, the column is of Sentralitet 2024" in found.plan.said
    assert all(
        not row["centrality_class_2023"] for row in found.plan.after["municipalities.csv"] if row["year"] == "2025"
    )


def test_a_division_that_lacks_a_unit_is_left_out_whole(folder, reform, services):
    del reform.classes[2025]["1892"], reform.groups[2025]
    found = update(services=services)
    lacking = "2025: no centrality_class_2023: KLASS has it for 356 of 357 municipalities, not for 1892 Skjomen"
    assert lacking in found.plan.said
    assert "2025: no kostra_group: KLASS has no table of it for the year" in found.plan.said
    found.write()
    assert "kostra_group" not in municipalities(2025)


def test_half_a_list_is_refused_with_all_that_is_wrong(folder, reform, services):
    before = bytes_of(folder)
    for code in list(reform.units[2025])[200:]:
        del reform.units[2025][code]
    fault = refused(services)
    text = str(fault)
    assert "6 counties have no municipality in 2025" in text or "counties have no municipality in 2025" in text
    assert "The municipalities of 2025 do not add up to the country\n  expected: 5550560 inhabitants\n" in text
    assert text.count("mend: nothing was written; ask again later") == len(fault.faults) == 2
    assert bytes_of(folder) == before


def test_wrong_totals_are_refused(folder, reform, services):
    reform.country[2025] = 5550559
    assert str(refused(services)) == (
        "The municipalities of 2025 do not add up to the country\n"
        "  expected: 5550559 inhabitants\n"
        "  got: 5550560 inhabitants in 357 municipalities\n"
        "  mend: nothing was written; ask again later: the services may be in the middle of an update of their own"
    )


def test_a_unit_without_county_or_population_is_refused(folder, reform, services):
    del reform.people[2025]["1892"], reform.counties[2025]
    reform.counties[2025] = {code: name for code, name in reform.counties[2024].items() if code != "03"}
    text = str(refused(services))
    assert (
        "1 municipalities have no county in 2025\n  expected: the county of every municipality in KLASS 104\n" in text
    )
    assert "1 municipalities have no population in 2025\n" in text and "  got: 1892 Skjomen\n" in text


def test_changes_that_do_not_lead_to_the_new_list_are_refused(folder, reform, services):
    reform.changes = [row for row in reform.changes if row["to_code"] != "1892"]
    text = str(refused(services))
    assert "The changes do not lead from the municipalities of 2024 to those of 2025\n" in text
    assert "  got: not led to: 1892\n" in text


def test_a_change_from_nowhere_is_refused(folder, reform, services):
    reform.changes[-2] |= {"from_code": "", "from_name": ""}
    assert "A municipality comes from nowhere, or goes nowhere\n  where: KLASS 131, changes\n" in str(refused(services))


def test_a_service_that_is_down_for_a_moment_is_asked_again(folder, world, services):
    world.faults = {"07459": ["503", "429", "502"], "131/changes": ["500"]}
    assert not update(services=services).changed
    assert sum("07459" in path for path in world.asked) == 4


def test_a_service_that_stays_down_is_an_error(folder, world, services):
    world.faults = {"07459": ["503"] * 9}
    fault = refused(services)
    assert fault.what == "Statistics Norway's service failed" and fault.status == 503
    assert fault.got == 'HTTP 503, 5 times: {"status": 503, "title": "refused for the test"}'
    assert fault.mend == "try again later: the service is busy or down"


@pytest.mark.parametrize("part", ["07459", "131/codesAt", "104/codesAt", "131/changes", "131/corresponds", "112/corr"])
def test_a_connection_that_breaks_midway_leaves_the_register(folder, reform, services, part):
    before = bytes_of(folder)
    reform.faults = {part: ["cut"] * 9}
    fault = refused(services)
    assert fault.what == "Statistics Norway could not be reached, or the connection broke"
    assert "reaches the internet" in str(fault.mend)
    assert bytes_of(folder) == before


@pytest.mark.parametrize(
    ("part", "fault", "what", "got", "mend"),
    [
        ("07459", "400", "refused the question", "HTTP 400:", "the service has changed"),
        ("131/codesAt", "404", "refused the question", "HTTP 404:", "the service has changed"),
        ("131/codesAt", "html", "The answer is not JSON", "<html>Vedlikehold</html>", "new form"),
        ("131/codesAt", "list", "not what the documentation says", "list", "new form"),
        ("131/changes", "empty", "not what the documentation says", "nothing", "new form"),
        ("classifications/128", "empty", "not what the documentation says", "nothing", "new form"),
        ("07459", "empty", "not what the documentation says", "nothing", "new form"),
        ("131/codesAt", "slow", "did not answer in time", "timed out", "try again later"),
    ],
)
def test_every_other_answer_is_an_error_that_mends(folder, world, services, part, fault, what, got, mend):
    world.faults = {part: [fault] * 9}
    error = refused(services)
    assert what in error.what and got in str(error.got) and mend in str(error.mend) and error.where


def test_rows_without_what_is_documented_are_named(folder, world, services, monkeypatch):
    monkeypatch.setitem(RECORDED["codes_at"]["codes"][0], "name", "")
    row = RECORDED["codes_at"]["codes"][0]
    monkeypatch.setattr(world, "klass", lambda *_: (200, {"codes": [{k: v for k, v in row.items() if k != "name"}]}))
    assert refused(services).got == "rows without name"


def test_a_table_with_another_number(folder, world, services):
    fault = refused(Services(services.klass, services.statbank, table="99999"))
    assert fault.got == 'HTTP 404: {"type": "Not Found", "title": "Non-existent table", "status": 404}'
    assert "--table" in str(fault.mend)


def test_nobody_there(folder):
    closed = Services("http://127.0.0.1:1/klass", "http://127.0.0.1:1/statbank", pause=0.01)
    fault = refused(closed)
    assert fault.what == "Statistics Norway could not be reached, or the connection broke"
    assert fault.exit_code == 10 and fault.where == "http://127.0.0.1:1/statbank/tables/07459/data"


def test_years_that_cannot_be_had(folder, world, services):
    assert str(refused(services, years=[2031])) == (
        "Statistics Norway has no population of 2031\n"
        "  where: table 07459\n"
        "  expected: a year from 2016 to 2024\n"
        "  mend: ask for a year that it has; numbers of a new year come in February"
    )
    with pytest.raises(DataError, match="do not reach back to 2009"):
        update(years=[2009], services=services)


def test_an_installed_package_is_read_only(folder, world, services, monkeypatch):
    monkeypatch.setattr("evalkit.refresh.is_shipped", lambda place: True)
    with pytest.raises(DataError) as caught:
        update(services=services)
    assert str(caught.value) == (
        f"The register of an installed package is read-only\n  where: {folder}\n"
        "  mend: give a folder with --to, and set EVALKIT_REGISTER to it when you run studies"
    )


def test_what_is_left_to_a_person(folder, world, services, tmp_path, monkeypatch):
    assert update(services=services).after_writing() == []
    other = tmp_path / "other"
    monkeypatch.setenv("EVALKIT_REGISTER", str(other))  # not made yet
    found = update(to=other, services=services)
    found.write()
    assert found.changed is False and register_years()[-1] == 2024 and found.after_writing() == []
    monkeypatch.delenv("EVALKIT_REGISTER")
    assert found.after_writing() == [f"to use it: set EVALKIT_REGISTER={other}; run.json has the sha256 of its files"]


def test_a_full_disk_leaves_the_register(folder, reform, services, monkeypatch):
    before, count = bytes_of(folder), iter(range(9))

    def full(_: int) -> None:
        if next(count) == 1:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr("evalkit.refresh.write.os.fsync", full)
    with pytest.raises(RunError, match="The register could not be written"):
        update(services=services).write()
    assert bytes_of(folder) == before


def test_a_register_that_cannot_be_read(folder, world, services):
    (folder / "changes.csv").write_text("date,from\n", encoding="utf-8")
    (folder / "counties.csv").unlink()
    with pytest.raises(DataError) as caught:
        update(services=services)
    assert len(caught.value.faults) == 2 and "  got: date, from\n" in str(caught.value)


def test_answers_have_the_keys_of_the_recorded(folder, world):
    """The loopback server says nothing that the documentation does not."""

    def keys(found: object) -> object:
        if isinstance(found, dict):
            return {name: keys(value) for name, value in found.items() if name not in ("index", "label", "unit")}
        return [keys(found[0])] if isinstance(found, list) and found and isinstance(found[0], dict) else None

    day = {"date": "2024-01-01", "from": "2024-01-01", "to": "2024-01-02"}
    for name, path in (("codes_at", "131/codesAt"), ("changes", "131/changes"), ("corresponds", "131/corresponds")):
        assert keys(world.answer(f"/klass/classifications/{path}", day)[1]) == keys(RECORDED[name])
    assert keys(world.data(2024)) == keys(RECORDED["data"])
