"""Writes the reconstructed waves and incomes: python analyses/kompetanseloft2020/make_waves.py [FOLDER]

published.toml holds the figures that must come back, chosen.toml the counts chosen inside them, items.toml the
questions. Who gets which answer is drawn by lot, with a seed: no municipality's answers mean anything. With a
FOLDER the files are written there and the manifest is left alone.
"""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path
from random import Random
from typing import Any

import pandas as pd

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
from _answers import DONT_KNOW, Said, ask, repeat  # noqa: E402
from _income import assign  # noqa: E402
from _manifest import DATA_RAW, update  # noqa: E402
from _research import ask_research  # noqa: E402
from _sample import Unit, draw  # noqa: E402
from _write import write_income, write_wave  # noqa: E402

REGISTER = 2017
DATES = {"2018": "2018-03-31", "2019": "2019-09-30"}
SOURCE = (
    "Reconstructed by the project from figures published in the second interim report of the evaluation of "
    "Kompetanseløft 2020 (analyses/kompetanseloft2020/published.toml); codes, names and population: Statistics Norway"
)
LICENCE = "CC BY 4.0; attribution for municipalities and population: Statistics Norway (Statistisk sentralbyrå)"
COPIED = ("q4", "q10", "q2", "q9", "q11", "q20", "q21", "q26")  # questions that no other question hangs on


def load(name: str) -> dict[str, Any]:
    return tomllib.loads((HERE / name).read_text(encoding="utf-8"))


def check_facts(chosen: dict[str, Any], facts: dict[str, Any]) -> None:
    """The chosen counts against the published ones."""
    field, who = facts["fieldwork"], chosen["respondents"]
    only_2018, both, only_2019 = (sum(who[key]) for key in ("only_2018", "both", "only_2019"))
    wanted = {"2019": field["wave_2019"]["responded"], "either wave": field["either_wave"]["responded"]}
    got = {"2019": both + only_2019, "either wave": only_2018 + both + only_2019}
    percent = round(100 * (only_2018 + both) / field["invited"])
    wanted["2018, percent"], got["2018, percent"] = field["wave_2018"]["responded_percent"], percent
    for name, question in chosen.items():
        if isinstance(question, dict) and "counts" in question and "figure" in question:
            wanted[name], got[name] = facts[question["figure"]]["n"], sum(question["n"])
    changes = facts["table_2"]["changes"].values()
    paired = [sum(stayed) + sum(change) for stayed, change in zip(chosen["q17"]["stayed"], changes)]
    once = [sum(map(sum, chosen["q17"][key])) for key in ("new_2019", "latest_2018")]
    wanted["q17 in both waves"], got["q17 in both waves"] = facts["table_2"]["answered_both"], sum(paired)
    wanted["q17"], got["q17"] = facts["figure_16"]["n"], sum(paired) + sum(once)
    wanted["q17_phd"], got["q17_phd"] = facts["figure_16"]["n_phd"], sum(paired) + once[0]
    if wrong := {name: (got[name], wanted[name]) for name in wanted if got[name] != wanted[name]}:
        raise ValueError(f"chosen counts that are not the published ones (chosen, published): {wrong}")


def answers(chosen: dict[str, Any], facts: dict[str, Any], items: dict[str, Any], units: list[Unit]) -> Said:
    """Every question in turn, each with a stream of random numbers of its own."""
    said: Said = {}
    for name, item in items.items():
        rng = Random(f"{chosen['seed']} {name}")
        if name == "q17":
            ask_research(chosen[name], list(facts["table_2"]["changes"].values()), units, said, rng)
        elif "like" in chosen.get(name, {}):
            repeat(name, chosen[name], item, units, said, rng)
        elif name in chosen:
            ask(name, chosen[name], item, units, said, rng)
    _no_empty_rows(units, said)
    return said


def _no_empty_rows(units: list[Unit], said: Said) -> None:
    """Who is in a wave answered something: a question as in the other wave, else that it does not know (q1)."""
    for unit in units:
        for wave in unit.waves:
            if any(unit.code in waves[wave] for waves in said.values()):
                continue
            found = [(name, w) for name in COPIED for w in unit.waves if unit.code in said[name][w]]
            if len(unit.waves) == 2 and not found:
                raise ValueError(f"{unit.code} answered nothing in {wave}, and nothing that can be copied")
            name, other = found[0] if found else ("q1", wave)
            said[name][wave][unit.code] = said[name][other].get(unit.code, DONT_KNOW)


def main(folder: Path | None = None) -> None:
    facts, chosen, items = load("published.toml"), load("chosen.toml"), load("items.toml")
    check_facts(chosen, facts)
    register = pd.read_csv(DATA_RAW / "register" / "municipalities.csv", dtype={"code": "str", "county_code": "str"})
    register = register[register["year"] == REGISTER]
    seed = chosen["seed"]
    units = draw(register, chosen["respondents"], Random(f"{seed} sample"))
    said = answers(chosen, facts, items, units)
    target = folder or DATA_RAW / HERE.name
    target.mkdir(parents=True, exist_ok=True)
    dates = {}
    for wave, date in DATES.items():
        path = target / f"kompetanseloft_{wave}.sav"
        write_wave(path, wave, items, units, said, Random(f"{seed} text {wave}"))
        dates[path] = date
    statistics = facts["representativity"]["table_1_corrected_free_income_2015"]
    sample = {unit.code for unit in units}
    path = target / "income.csv"
    write_income(path, assign(statistics, sorted(register["code"]), sample, Random(f"{seed} income")))
    dates[path] = "2015-12-31"
    if folder is None:
        for path, date in dates.items():
            update(path, source=SOURCE, date=date, licence=LICENCE, access="public", kind="reconstructed")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
