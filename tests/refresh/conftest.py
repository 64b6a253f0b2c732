"""Statistics Norway on loopback: answers in the documented form (recorded/README.md), with the register's own facts."""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from evalkit.panel.register import register_folder
from evalkit.refresh import Services
from evalkit.refresh.plan import CHANGES, COUNTIES, UNITS, read

RECORDED = {
    path.stem: json.loads(path.read_text("utf-8")) for path in (Path(__file__).parent / "recorded").glob("*.json")
}
Answer = tuple[int, dict]


@dataclass
class World:
    """What the services know, and how they misbehave: part of an address → what to do, one after the other."""

    units: dict[int, dict[str, str]]
    people: dict[int, dict[str, int]]
    counties: dict[int, dict[str, str]]
    changes: list[dict[str, str]]
    classes: dict[int, dict[str, str]]
    groups: dict[int, dict[str, str]]
    country: dict[int, int] = field(default_factory=dict)
    faults: dict[str, list[str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, folder: Path) -> World:
        """The register's facts, with what KLASS lists beside municipalities and the Sámi names of counties."""
        tables = read(folder)
        made = cls({}, {}, {}, [], {}, {})
        for row in tables[UNITS]:
            year = int(row["year"])
            made.units.setdefault(year, {"9999": "Uoppgitt"})[row["code"]] = row["name"]
            made.people.setdefault(year, {})[row["code"]] = int(row["population"])
            if row["kostra_group"]:
                made.classes.setdefault(year, {})[row["code"]] = row["centrality_class_2023"]
                made.groups.setdefault(year, {})[row["code"]] = row["kostra_group"]
        for year in made.units:
            since = max(row["valid_from"] for row in tables[COUNTIES] if int(row["valid_from"]) <= year)
            named = {row["county_code"]: row["county"] for row in tables[COUNTIES] if row["valid_from"] == since}
            made.counties[year] = {"99": "Uoppgitt", **named} | (
                {"55": "Troms - Romsa - Tromssa"} if year > 2023 else {}
            )
        made.changes = [dict(row) for row in tables[CHANGES]]
        return made

    def answer(self, path: str, query: dict[str, str]) -> Answer:
        parts = path.strip("/").split("/")
        if parts[0] == "statbank":
            if parts[2] != "07459":
                return 404, RECORDED["statbank_404"]
            return 200, self.data(int(query["valueCodes[Tid]"].removeprefix("from(").removesuffix(")")))
        return self.klass(parts[2], parts[3] if len(parts) > 3 else "", query)

    def klass(self, number: str, what: str, query: dict[str, str]) -> Answer:
        if what == "":
            return 200, RECORDED["classification"]
        if what == "changes":
            within = [row for row in self.changes if query["from"] <= row["date"] < query["to"]]
            return 200, {"codeChanges": [self.change(row) for row in within]}
        year = int((query.get("date") or query["from"])[:4])
        if what == "codesAt":
            names = (self.units if number == "131" else self.counties)[year]
            return 200, {"codes": [RECORDED["codes_at"]["codes"][0] | {"code": c, "name": n} for c, n in names.items()]}
        known = (self.classes if number == "131" else self.groups).get(year)
        if known is None:
            return 404, RECORDED["klass_404"]
        one = RECORDED["corresponds"]["correspondenceItems"][0]
        pairs = [(unit, f"0{value}") if number == "131" else (value, unit) for unit, value in known.items()]
        return 200, {"correspondenceItems": [one | {"sourceCode": a, "targetCode": b} for a, b in pairs]}

    @staticmethod
    def change(row: dict[str, str]) -> dict[str, str]:
        names = {"oldCode": "from_code", "oldName": "from_name", "newCode": "to_code", "newName": "to_name"}
        changed = {theirs: row[ours] for theirs, ours in names.items()} | {"changeOccurred": row["date"]}
        return RECORDED["changes"]["codeChanges"][0] | changed

    def data(self, first: int) -> dict:
        years = sorted(year for year in self.people if year >= first)
        regions = ["0", *sorted({code for year in self.people.values() for code in year})]
        made = deepcopy(RECORDED["data"])
        made["size"] = [len(regions), 1, len(years)]
        made["dimension"]["Region"]["category"]["index"] = {code: place for place, code in enumerate(regions)}
        made["dimension"]["Tid"]["category"]["index"] = {str(year): place for place, year in enumerate(years)}
        total = {year: self.country.get(year, sum(self.people[year].values())) for year in years}
        made["value"] = [
            total[year] if code == "0" else self.people[year].get(code, 0) for code in regions for year in years
        ]
        return made


class Handler(BaseHTTPRequestHandler):
    world: World

    def do_GET(self) -> None:
        split = urlsplit(self.path)
        self.world.asked.append(self.path)
        fault = next((todo.pop(0) for part, todo in self.world.faults.items() if part in self.path and todo), "")
        if fault == "slow":
            time.sleep(0.8)
        query = {name: values[0] for name, values in parse_qs(split.query).items()}
        status, found = self.world.answer(split.path, query)
        body = json.dumps(found, ensure_ascii=False).encode()
        if fault.isdigit():
            status, body = int(fault), b'{"status": %s, "title": "refused for the test"}' % fault.encode()
        body = {"html": b"<html>Vedlikehold</html>", "list": b"[]", "empty": b"{}"}.get(fault, body)
        self.send_response(status)
        self.send_header("Content-Type", "application/json;charset=UTF-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with suppress(BrokenPipeError):  # who did not wait has gone
            self.wfile.write(body[: len(body) // 2] if fault == "cut" else body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """A copy of the shipped register, in use."""
    copy = tmp_path / "data_raw" / "register"
    shutil.copytree(register_folder(), copy)
    monkeypatch.setenv("EVALKIT_REGISTER", str(copy))
    return copy


@pytest.fixture
def world(folder) -> World:
    return World.of(folder)


@pytest.fixture
def services(world) -> Iterator[Services]:
    """Where the world answers."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("OfWorld", (Handler,), {"world": world}))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    base = f"http://127.0.0.1:{server.server_port}"
    yield Services(f"{base}/klass", f"{base}/statbank", pause=0.01, timeout=(2, 0.5))
    server.shutdown()
    server.server_close()


@pytest.fixture
def reform(world) -> World:
    """2025, made up: Aremark joins Halden, Utsira is renumbered, Narvik divided, Oslo takes a further name."""
    units = dict(world.units[2024])
    code = {name: code for code, name in units.items()}
    halden, aremark, utsira, narvik = (code[name] for name in ("Halden", "Aremark", "Utsira", "Narvik"))
    people = {unit: number + 1 for unit, number in world.people[2024].items()}
    people[halden] += people.pop(aremark)
    people["1199"] = people.pop(utsira)
    people["1891"], people["1892"] = people.pop(narvik) - 3000, 3000
    for gone in (aremark, utsira, narvik):
        del units[gone]
    units |= {"1199": "Utsira", "1891": "Narvik", "1892": "Skjomen", "0301": "Oslo - Oslove"}
    rows = [
        (halden, "Halden", halden, "Halden"),
        (aremark, "Aremark", halden, "Halden"),
        (utsira, "Utsira", "1199", "Utsira"),
        (narvik, "Narvik", "1891", "Narvik"),
        (narvik, "Narvik", "1892", "Skjomen"),
        ("0301", "Oslo", "0301", "Oslo - Oslove"),
        ("1101", "Eigersund", "1101", "Eigersund"),  # KLASS may list what did not change
    ]
    names = ("from_code", "from_name", "to_code", "to_name")
    world.changes += [{"date": "2025-01-01", **dict(zip(names, row))} for row in rows]
    world.units[2025], world.people[2025], world.counties[2025] = units, people, world.counties[2024]
    for values, joined in ((world.classes, "4"), (world.groups, "EKG07")):
        values[2025] = {unit: values[2024].get(unit, joined) for unit in units if unit != "9999"}
    return world
