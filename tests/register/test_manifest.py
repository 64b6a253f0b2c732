"""Every file of data_raw has one entry in the manifest, whose sha256 is the file's own."""

import hashlib
import importlib.util
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DATA_RAW = ROOT / "data_raw"
FIELDS = {"access", "date", "kind", "licence", "sha256", "source"}


def _manifest():
    return tomllib.loads((DATA_RAW / "manifest.toml").read_text(encoding="utf-8"))


def _helper():
    spec = importlib.util.spec_from_file_location("_manifest", ROOT / "analyses" / "_manifest.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", sorted(_manifest()))
def test_entry_is_whole_and_true(name):
    entry = _manifest()[name]
    assert entry.keys() >= FIELDS
    assert entry["access"] in {"public", "restricted"} and entry["kind"] in {"real", "synthetic", "reconstructed"}
    assert all(entry[field] for field in FIELDS)
    assert hashlib.sha256((DATA_RAW / name).read_bytes()).hexdigest() == entry["sha256"]


def test_every_data_file_has_an_entry():
    prose = {"manifest.toml", "README.md"}
    files = {p.relative_to(DATA_RAW).as_posix() for p in DATA_RAW.rglob("*") if p.is_file() and p.name not in prose}
    assert files == set(_manifest())


def test_official_statistics_name_their_source_and_licence():
    for name, entry in _manifest().items():
        if name.startswith("register/"):
            assert entry["source"].startswith("Statistics Norway") and entry["licence"].startswith("CC BY 4.0")
            assert entry["kind"] == "real" and entry["access"] == "public"


def test_update_touches_one_entry_and_gives_the_same_bytes_twice(tmp_path, monkeypatch):
    helper = _helper()
    monkeypatch.setattr(helper, "DATA_RAW", tmp_path)
    words = {"source": 'A "quoted" source', "date": "2020-01-01", "licence": "å", "access": "public", "kind": "real"}
    for name in ("b.csv", "a.csv"):
        (tmp_path / name).write_text(name, encoding="utf-8")
        helper.update(tmp_path / name, **words)
    once = (tmp_path / "manifest.toml").read_bytes()
    helper.update(tmp_path / "b.csv", **words)
    assert (tmp_path / "manifest.toml").read_bytes() == once
    assert list(tomllib.loads(once.decode())) == ["a.csv", "b.csv"]
    (tmp_path / "b.csv").write_text("changed", encoding="utf-8")
    digest = helper.update(tmp_path / "b.csv", **words)
    after = tomllib.loads((tmp_path / "manifest.toml").read_text(encoding="utf-8"))
    assert after["a.csv"] == tomllib.loads(once.decode())["a.csv"]
    assert after["b.csv"] == {**words, "sha256": digest}
    with pytest.raises(ValueError, match="access is one of"):
        helper.update(tmp_path / "b.csv", **{**words, "access": "secret"})
