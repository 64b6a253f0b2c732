"""`evalkit register update` says what would change before it writes, and a fault has exit code 10 and no traceback."""

from __future__ import annotations

from evalkit.refresh import Services
from tests.cli.test_cli import evalkit
from tests.refresh.conftest import folder, reform, services, world  # noqa: F401


def addresses(found: Services) -> list[str]:
    return ["--klass", found.klass, "--statbank", found.statbank]


def test_check_writes_nothing_and_update_writes(folder, reform, services):  # noqa: F811
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    done = evalkit("register", "update", "--check", *addresses(services))
    assert done.returncode == 0, done.stderr
    said = done.stdout.splitlines()
    assert said[0] == f"asking {services.klass} and {services.statbank}, table 07459"
    assert said[1] == "2025 is new: 357 municipalities in 15 counties, 5550560 inhabitants"
    assert said[-5:] == [
        "municipalities.csv: 2767 → 3124 rows",
        "changes.csv: 516 → 522 rows",
        "counties.csv: as it was",
        "county_tiles.csv: as it was",
        "nothing written",
    ]
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    done = evalkit("register", "update", "--year", 2025, *addresses(services))
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("✓") == 3 and f"✓ {folder / 'municipalities.csv'}" in done.stdout
    assert "nothing new" in evalkit("register", "update", *addresses(services)).stdout
    assert f"2024, 2025: {folder}" in evalkit("doctor").stdout


def test_a_fault_says_what_to_do(folder, world, services):  # noqa: F811
    world.faults = {"07459": ["400"]}
    done = evalkit("register", "update", *addresses(services))
    assert done.returncode == 10 and "Traceback" not in done.stderr
    assert "✗ Statistics Norway refused the question\n  where: http://127.0.0.1:" in done.stderr


def test_a_folder_without_a_register_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("EVALKIT_REGISTER", str(tmp_path))
    done = evalkit("doctor")
    assert done.returncode == 4
    assert f"mend: Make one with evalkit register update --to {tmp_path}, or unset EVALKIT_REGISTER." in done.stderr
