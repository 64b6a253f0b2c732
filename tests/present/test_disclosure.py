"""No count below the minimum is in an exhibit, nor follows from what the exhibits still show."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest

import evalkit
from evalkit.errors import MethodError, StudyError
from evalkit.present.disclosure import contributions, protect
from evalkit.present.exhibit import COLUMNS, Exhibit
from evalkit.present.tables import markdown
from evalkit.study.model import Category, Disclosure, Item, Words

WORDS = {"nb": "ord", "en": "words"}
REASON = Words(nb="Registeret er offentlig", en="The register is public")


def exhibit(name: str, kind: str, rows: list[dict], *, item: str = "q", **facts) -> Exhibit:
    data = pd.DataFrame([{"item": item, "wave": "2018", "category": "", "weighting": "unweighted"} | r for r in rows])
    data = data.reindex(columns=list(COLUMNS))
    keys = dict.fromkeys(COLUMNS[:6], object)
    data = data.astype(keys).fillna(dict.fromkeys(keys, "")).astype(dict.fromkeys(keys, str))
    data[list(COLUMNS[6:])] = data[list(COLUMNS[6:])].astype(float)
    labels = {"item": {item: WORDS}, "by": {}, "group": {}, "category": {}, "wave": {}}
    return Exhibit(name, kind, WORDS, data, int(data["n"].max()), labels, WORDS, WORDS, facts=facts)


def shares(name: str, counts: dict[str, tuple[int, int]], *, by: str = "size", weights: tuple[float, ...] = ()):
    """A share by group with everyone together: group → (yes, n); weighted rows as well where there are weights."""
    weights = weights or (1.0,) * len(counts)
    rows = []
    for how, factors in (("unweighted", (1.0,) * len(counts)), ("weighted", weights)):
        parts = [(group, yes, n, w * n) for (group, (yes, n)), w in zip(counts.items(), factors)]
        total = sum(part[3] for part in parts)
        everyone = sum(w * yes for (_, yes, _, _), w in zip(parts, factors)) / total
        rows.append({"group": "all", "estimate": everyone, "n": sum(p[2] for p in parts), "sum_weights": total})
        rows += [{"by": by, "group": g, "estimate": yes / n, "n": n, "sum_weights": w} for g, yes, n, w in parts]
        for row in rows[-len(counts) - 1 :]:
            row |= {"weighting": how, "std_error": 0.01, "ci_low": 0.111, "ci_high": 0.888, "deff": 1.1}
    return exhibit(name, "share", rows, weighting="weighted")


def hidden_of(safe: Exhibit) -> set[str]:
    return {row.group for row in safe.data.query("weighting == 'weighted'").itertuples() if np.isnan(row.estimate)}


def test_a_small_cell_takes_another_with_it():
    safe = protect([shares("a", {"s": (1, 10), "m": (6, 12), "l": (30, 60)})], Disclosure(minimum=3))[0]
    assert hidden_of(safe) == {"s", "m"}
    assert [key[3] for key in safe.facts["hidden"] if key[5] == "weighted"] == ["s", "m"]
    assert list(safe.data["n"]) == [82, 10, 12, 60] * 2  # who answered is not secret


def test_few_who_said_no_are_as_few_who_said_yes():
    yes = protect([shares("a", {"s": (2, 30), "m": (15, 30), "l": (14, 30)})], Disclosure(minimum=3))[0]
    no = protect([shares("a", {"s": (28, 30), "m": (15, 30), "l": (14, 30)})], Disclosure(minimum=3))[0]
    assert hidden_of(yes) == hidden_of(no) and "s" in hidden_of(no) and len(hidden_of(no)) == 2


def test_a_group_of_few_is_hidden_whatever_it_said_and_nobody_is_not_few():
    assert "s" in hidden_of(protect([shares("a", {"s": (2, 2), "m": (6, 12), "l": (9, 20)})], Disclosure(3))[0])
    assert hidden_of(protect([shares("a", {"s": (0, 12), "m": (6, 12), "l": (20, 20)})], Disclosure(3))[0]) == set()


def test_a_sibling_table_shares_the_total():
    """The total of everyone is in both: what protects the first table must not be read from the second."""
    first = shares("a", {"s": (1, 40), "l": (39, 60)})
    second = shares("b", {"west": (20, 50), "east": (20, 50)}, by="county")
    safe = protect([first, second], Disclosure(minimum=3))
    assert hidden_of(safe[0]) == {"s", "l"} and hidden_of(safe[1]) == set()
    alone = protect([shares("a", {"s": (1, 40)}), second], Disclosure(minimum=3))
    assert "all" in hidden_of(alone[0]) and "all" in hidden_of(alone[1])  # one group is everyone
    assert hidden_of(alone[1]) & {"west", "east"}  # else they would add up to it


def test_beside_a_hidden_cell_only_whole_percent_of_one_weighting():
    safe = protect([shares("a", {"s": (1, 10), "m": (6, 12), "l": (31, 60)}, weights=(2.0, 1.5, 0.7))], Disclosure(3))[
        0
    ]
    data = safe.data.set_index(["weighting", "group"])
    assert data.loc["unweighted", "estimate"].isna().all()
    assert data.loc[("weighted", "l"), "estimate"] == 0.52  # 31/60 = 0.51666…
    assert data.loc[("weighted", "all"), ["ci_low", "ci_high"]].tolist() == [0.11, 0.89]
    assert data[["std_error", "sum_weights", "deff"]].isna().all().all()


def consistent(safe: Exhibit, groups: int, weights: tuple[float, ...]) -> list[tuple[int, ...]]:
    """Every table of counts that gives the published numbers: tried one by one, with the weights known."""
    rows = safe.data[safe.data["weighting"] == "weighted"].reset_index(drop=True)
    n = rows["n"].astype(int)
    total = sum(w * n[k + 1] for k, w in enumerate(weights))
    found = []
    for counts in product(*(range(n[k + 1] + 1) for k in range(groups))):
        everyone = sum(w * yes for w, yes in zip(weights, counts)) / total
        published = [everyone, *(yes / n[k + 1] for k, yes in enumerate(counts))]
        if all(
            np.isnan(seen) or abs(seen - value) <= (0.005 if safe.facts.get("hidden") else 0) + 1e-9
            for seen, value in zip(rows["estimate"], published)
        ):
            found.append(counts)
    return found


@pytest.mark.parametrize("seed", range(60))
def test_trying_every_table_finds_no_hidden_count(seed):
    rng = np.random.default_rng(seed)
    n = rng.integers(8, 16, 3)
    yes = [int(rng.integers(0, k + 1)) for k in n]
    weights = tuple(rng.uniform(0.8, 2.5, 3))
    counts = {name: (y, int(k)) for name, y, k in zip("sml", yes, n)}
    safe = protect([shares("a", counts, weights=weights)], Disclosure(minimum=3))[0]
    tables = consistent(safe, 3, weights)
    assert tuple(yes) in tables
    rows = safe.data[safe.data["weighting"] == "weighted"].iloc[1:]
    for k, estimate in enumerate(rows["estimate"]):
        few = 0 < yes[k] < 3 or 0 < n[k] - yes[k] < 3
        assert not few or np.isnan(estimate)
        if np.isnan(estimate):
            possible = {table[k] for table in tables}
            assert max(possible) - min(possible) >= (2 if few else 1)  # three counts from end to end, or two


def distribution(counts: list[list[int]]) -> Exhibit:
    wide = np.vstack([np.sum(counts, axis=0), counts])
    rows = [
        {"by": "size" if k else "", "group": f"g{k}" if k else "all", "category": str(c + 1)}
        | {"estimate": count / line.sum(), "n": line.sum(), "sum_weights": line.sum()}
        for k, line in enumerate(wide)
        for c, count in enumerate(line)
    ]
    return exhibit("d", "distribution", rows, weighting="unweighted")


def test_a_distribution_is_protected_along_rows_and_columns():
    safe = protect([distribution([[1, 9, 10], [12, 13, 14], [9, 8, 7]])], Disclosure(minimum=3))[0]
    table = safe.data["estimate"].isna().to_numpy().reshape(4, 3)
    assert table[1, 0] and table.sum() == 4
    assert set(table.sum(axis=0)) <= {0, 2} and set(table.sum(axis=1)) <= {0, 2}


def test_a_share_is_the_sum_of_its_categories():
    """Yes is categories 1 and 2: with 1 hidden, 2 and the share together would give it away."""
    counts = [[1, 19, 40]]
    share = exhibit("s", "share", [{"group": "all", "estimate": 20 / 60, "n": 60}], weighting="unweighted")
    item = Item("single", Words("q", "q"), yes=("1", "2"), categories={c: Category(c, c) for c in "123"})
    safe = protect([distribution(counts), share], Disclosure(minimum=3), items={"q": item})
    table = safe[0].data.query("group == 'all'").set_index("category")["estimate"].isna()
    hidden = [*table, bool(safe[1].data["estimate"].isna().all())]
    assert hidden[0] and sum(hidden) >= 2
    if not hidden[3]:
        assert hidden[1]


def waves_of(groups: dict[str, tuple[int, ...]]) -> dict[str, dict[str, tuple[int, int]]]:
    """Shares of two waves and of the latest answers: yes and n in each, by group.

    group → units that answered in 2018 alone, in both and in 2019 alone; then yes in 2018 of the first and second, and
    yes in 2019.
    """
    found: dict[str, dict[str, tuple[int, int]]] = {"2018": {}, "2019": {}, "latest": {}}
    for group, (alone, both, new, left, stayed, later) in groups.items():
        found["2018"][group] = (left + stayed, alone + both)
        found["2019"][group] = (later, both + new)
        found["latest"][group] = (left + later, alone + both + new)
    return found


def two_waves(groups: dict[str, tuple[int, ...]], minimum: int, names=("2018", "2019", "latest")) -> list[Exhibit]:
    exhibits = []
    for wave in names:
        table = shares(wave, waves_of(groups)[wave])
        table.facts["weighting"] = "unweighted"
        table.data["wave"] = wave
        exhibits.append(table)
    samples = {"2018": ("2018",), "2019": ("2019",), "latest": ("2018", "2019")}
    return protect(exhibits, Disclosure(minimum=minimum), samples=samples)


def test_the_latest_answers_less_the_last_wave_are_those_who_did_not_come_back():
    """In s 2 units answered in 2018 alone, 1 of them yes: 9 of 20 in 2018, 10 of 20 in 2019, 11 of 22 latest."""
    groups = {"s": (2, 18, 2, 1, 8, 10), "m": (10, 20, 10, 5, 9, 14), "l": (12, 30, 14, 6, 12, 20)}
    alone = protect([shares("latest", waves_of(groups)["latest"])], Disclosure(minimum=3))[0]
    assert not alone.facts.get("hidden")  # each table by itself tells of nobody
    found = {wave: set(safe.data.query("estimate.isna()")["group"]) for wave, safe in zip("89l", two_waves(groups, 3))}
    assert found["9"] | found["l"] >= {"s"}  # one of the two that give the difference is not shown …
    assert min(len(hidden) for hidden in found.values() if hidden) > 1  # … nor follows from the other groups


@pytest.mark.parametrize("seed", range(40))
def test_trying_every_answer_finds_no_unit_that_is_in_one_sample_alone(seed):
    rng = np.random.default_rng(seed)
    groups = {}
    for name in "sl":
        alone, both, new = (int(k) for k in rng.integers([0, 2, 0], [4, 5, 3]))
        said = [int(rng.integers(0, k + 1)) for k in (alone, both, both + new)]
        groups[name] = (alone, both, new, *said)
    try:
        safe = two_waves(groups, 2)
    except MethodError:
        return  # nothing can be published, and the error says so
    seen = {table.name: table.data.query("weighting == 'unweighted'").set_index("group")["estimate"] for table in safe}
    rough = {table.name: bool(table.facts.get("hidden")) for table in safe}
    ranges = [range(k + 1) for a, b, c, *_ in groups.values() for k in (a, b, b + c)]
    worlds = []
    for guess in product(*ranges):
        told = waves_of({name: (*groups[name][:3], *guess[3 * k : 3 * k + 3]) for k, name in enumerate(groups)})
        if all(_agrees(told[wave], seen[wave], rough[wave]) for wave in seen):
            worlds.append(guess)
    true = [value for values in groups.values() for value in values[3:]]
    assert tuple(true) in worlds
    units = [k for a, b, c, *_ in groups.values() for k in (a, b, b + c)]
    for place, (yes, n) in enumerate(zip(true, units)):
        if n and (n < 2 or yes == 1 or n - yes == 1):
            assert len({world[place] for world in worlds}) > 1, (place, groups)


def _agrees(told: dict[str, tuple[int, int]], seen: pd.Series, rough: bool) -> bool:
    """Whether counts give the numbers that are shown."""
    yes, n = np.sum(list(told.values()), axis=0)
    return all(
        not size or np.isnan(seen[group]) or abs(seen[group] - count / size) <= (0.005 if rough else 0) + 1e-9
        for group, (count, size) in {"all": (yes, n), **told}.items()
    )


def moves(groups: dict[str, tuple[int, int, int, int]], wave: str = "2018→2019") -> Exhibit:
    """group → units yes-yes, up, down, no-no."""
    groups = {"all": tuple(np.sum(list(groups.values()), axis=0))} | groups
    rows = []
    for group, (both, up, down, neither) in groups.items():
        n = both + up + down + neither
        known = {"before": (both + down) / n, "after": (both + up) / n, "change": (up - down) / n}
        for category, value in (known | {"up": up, "down": down, "unchanged": both + neither}).items():
            where = {"wave": wave, "by": "" if group == "all" else "size", "group": group}
            rows.append(where | {"category": category, "estimate": value, "n": n, "std_error": 0.1})
    return exhibit("moved", "transitions", rows, weighting="unweighted")


def test_moves_are_hidden_with_all_that_gives_them_away():
    table = moves({"s": (8, 1, 5, 9), "m": (9, 8, 7, 10), "l": (20, 18, 17, 30)})
    rows = [{"item": "1", "category": "C(wave)[T.2019]", "group": "all", "estimate": 0.3, "n": 56}]
    facts = {"models": {"1": {"minus_2_log_likelihood": 7.0, "n_groups": 80}}, "comparisons": [1], "separated": []}
    model = exhibit("model", "conditional_logit", rows, weighting="unweighted", **facts)
    other = exhibit("other", "conditional_logit", rows, item="r", weighting="unweighted")
    safe = protect([table, model, other], Disclosure(minimum=3))
    gone = safe[0].data.groupby("group")["estimate"].apply(lambda column: column.isna().all())
    assert gone["s"] and gone.sum() == 2 and not gone["all"]
    assert safe[1].data["estimate"].isna().all()
    assert np.isnan(safe[1].facts["models"]["1"]["minus_2_log_likelihood"])
    assert safe[1].facts["comparisons"] == [] and safe[2] == other


def means(counts: dict[str, tuple[float, int]]) -> Exhibit:
    total = sum(n for _, n in counts.values())
    everyone = sum(mean * n for mean, n in counts.values()) / total
    rows = [{"group": "all", "estimate": everyone, "n": total, "sum_weights": total}]
    rows += [{"by": "size", "group": g, "estimate": m, "n": n, "sum_weights": n} for g, (m, n) in counts.items()]
    return exhibit("means", "mean", rows, weighting="unweighted")


def test_means_of_few_and_totals_of_one():
    few = protect([means({"s": (4.0, 2), "m": (5.0, 20), "l": (6.0, 30)})], Disclosure(minimum=3))[0]
    assert few.data["estimate"].isna().tolist() == [False, True, True, False]
    table = means({"s": (4.0, 10), "m": (5.0, 20), "l": (6.0, 30)})
    units = {("size", "s"): [36.0, 1, 1, 1, 1, 0, 0, 0, 0, 0], ("size", "m"): [5.0] * 20}
    units |= {("size", "l"): [6.0] * 30, ("", "all"): [36.0] + [4.49] * 59}
    units = {("mean", "q", "2018", *at): pd.Series(parts) for at, parts in units.items()}
    rule = Disclosure(minimum=3, dominance=(1, 80.0))
    dominated = protect([table], rule, contributions=units)[0]
    assert dominated.data["estimate"].isna().tolist() == [False, True, True, False]
    with pytest.raises(MethodError, match="Dominance cannot be judged without the units' answers"):
        protect([table], rule)


def test_contributions_of_a_study(small):
    """Years by hand: 1, 5 (0104 in 2019), 4 and 3; nobody else answered."""
    study = evalkit.load_study(small(study={'items = ["years"]': 'items = ["years"]\nby = "size"'}))
    from evalkit.panel.frame import build_frames
    from evalkit.panel.harmonise import build_panel
    from evalkit.waves.check import read_study_wave

    panel = build_panel(study, [read_study_wave(study, wave.id) for wave in study.plan.waves], build_frames(study))
    found = contributions(study, panel)
    assert sorted(found["mean", "years", "latest", "", "all"]) == [1, 3, 4, 5]
    assert sorted(found["mean", "years", "latest", "size", "large"]) == [1, 5]
    assert sorted(found["mean", "years", "latest", "size", "small"]) == [3, 4]


def test_a_total_that_one_unit_alone_in_the_first_wave_dominates():
    """In s one unit answered in 2018 alone, with 90: latest 130 of 9 units less 40 of 8 units in 2019."""
    latest = means({"s": (130 / 9, 9), "l": (6.0, 30)})
    last = means({"s": (40 / 8, 8), "l": (6.1, 30)})
    latest.data["wave"], last.data["wave"] = "latest", "2019"
    samples = {"latest": ("2018", "2019"), "2019": ("2019",)}
    safe = protect([latest, last], Disclosure(minimum=2), samples=samples)
    gone = [table.data.set_index("group")["estimate"].isna() for table in safe]
    assert gone[0]["s"] or gone[1]["s"]
    assert not any(table.facts.get("hidden") for table in protect([latest, last], Disclosure(minimum=2)))


def test_shares_of_inhabitants_do_not_tell_who_said_yes():
    """Of 1,000, 2,000 and 4,001 inhabitants a share of 2000/7001 can only be the second municipality's."""
    rows = [{"group": "all", "n": 30, "estimate": 2000 / 7001, "std_error": 0.1, "weighting": "inhabitants"}]
    rows += [{"group": "all", "n": 30, "estimate": 10 / 30}]
    table = exhibit("a", "share", rows, weighting="unweighted")
    safe = protect([table], Disclosure(minimum=3))[0].data.set_index("weighting")
    assert safe.loc["inhabitants", "estimate"] == 0.29 and np.isnan(safe.loc["inhabitants", "std_error"])
    assert safe.loc["unweighted", "estimate"] == 10 / 30
    people = {("inhabitants", "q", "2018", "", "all"): pd.Series([9000.0] + [10.0] * 29)}
    hidden = protect([table], Disclosure(minimum=3, dominance=(1, 90.0)), contributions=people)[0]
    assert hidden.data.set_index("weighting")["estimate"].isna().to_dict() == {"inhabitants": True, "unweighted": False}


def test_rounding_by_hand():
    """To base 5: 7 of 23 is 5 of 25, 12 of 18 is 10 of 20, and 19 of 41 is 20 of 40."""
    safe = protect([shares("a", {"s": (7, 23), "m": (12, 18)})], Disclosure(minimum=0, rounding=5))[0]
    data = safe.data.query("weighting == 'unweighted'")
    assert data["n"].tolist() == [40, 25, 20]
    assert data["estimate"].tolist() == pytest.approx([20 / 40, 5 / 25, 10 / 20])
    assert data[["std_error", "sum_weights"]].isna().all().all()
    assert "5" in safe.note["nb"] and safe.n == 40


def test_rounded_moves_agree_with_each_other():
    safe = protect([moves({"s": (8, 4, 5, 9), "l": (20, 18, 17, 30)})], Disclosure(minimum=0, rounding=3))[0]
    small = safe.data.query("group == 's'").set_index("category")["estimate"]
    # n 26 → 27; before 13 → 12, after 12 → 12 of 27; up 4 → 3, down 5 → 6
    assert small["before"] == pytest.approx(12 / 27) and small["change"] == pytest.approx(0)
    assert small[["up", "down", "unchanged"]].tolist() == [3, 6, 18]


def test_what_is_hidden_outlives_the_file(tmp_path):
    safe = protect([shares("a", {"s": (1, 10), "m": (6, 12), "l": (30, 60)})], Disclosure(minimum=3))[0]
    safe.save(tmp_path)
    again = Exhibit.load(tmp_path, "a")
    assert again.facts == safe.facts and again.note == safe.note
    pd.testing.assert_frame_equal(again.data, safe.data)


def test_tables_print_a_colon():
    table = shares("a", {"s": (1, 10), "m": (6, 12), "l": (30, 60)})
    lines = markdown(protect([table], Disclosure(minimum=3))[0], "nb").splitlines()
    found = [[cell.strip(" *") for cell in line.strip("|").split("|")] for line in lines[2:6]]
    rows = {cells[0]: cells[1:] for cells in found}
    assert rows["s"] == [":", ":", "10"]
    assert rows["m"][0] == rows["s"][0] and rows["l"][0] == "50"
    assert "konfidensialitet" in lines[-2]


def test_nothing_hidden_changes_nothing():
    table = shares("a", {"s": (5, 10), "m": (6, 12)}, weights=(2.0, 1.0))
    assert protect([table], Disclosure(minimum=3)) == [table]
    off = Disclosure(minimum=0, reason=REASON)
    assert off.off and protect([shares("a", {"s": (1, 10)})], off)[0].facts == {"weighting": "weighted"}


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ({"minimum": 0}, "Nothing is protected, and no reason is given"),
        ({"minimum": -1}, "The minimum count is negative"),
        ({"dominance": (0, 80.0)}, "The dominance rule cannot be kept"),
        ({"rounding": 1}, "Counts cannot be rounded to this base"),
    ],
)
def test_a_rule_that_cannot_be_meant(rule, text):
    with pytest.raises(StudyError, match=text):
        Disclosure(**rule)


def test_the_register_of_every_municipality_with_a_minimum(robek):
    """robek by centrality, unweighted: whatever count is below 5 in a category is hidden in every table."""
    found = [robek.study.plan.exhibits[name].kind for name in ("in_robek", "by_centrality")]
    assert found == ["share", "share"]
    rows = robek.estimates[robek.estimates["exhibit"].isin(["in_robek", "by_size", "by_centrality"])]
    exhibits = [
        exhibit(name, "share", part.drop(columns="exhibit").to_dict("records"), item="robek", weighting="unweighted")
        for name, part in rows.groupby("exhibit")
    ]
    for safe in protect(exhibits, Disclosure(minimum=5)):
        plain = safe.data[(safe.data["weighting"] == "unweighted") & safe.data["estimate"].notna()]
        yes = plain["estimate"] * plain["n"]
        assert not (yes.between(0.5, 4.4) | (plain["n"] - yes).between(0.5, 4.4)).any()
