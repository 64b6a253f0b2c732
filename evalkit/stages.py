"""What each stage of a run does: it computes, or takes over what an earlier run computed from the same."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evalkit.checking import check
from evalkit.earlier import Earlier, Past
from evalkit.exhibits import ON_ANSWERS, ON_CHANGE
from evalkit.keys import digest, digests, given_to_exhibit, given_to_panel, given_to_weights
from evalkit.panel.harmonise import Count
from evalkit.provenance import Record
from evalkit.results import MARK
from evalkit.study.model import Exhibit as Spec
from evalkit.study.model import Study

if TYPE_CHECKING:
    import pandas as pd

    from evalkit.panel.harmonise import Panel
    from evalkit.present.exhibit import Exhibit
    from evalkit.waves.check import Checked

LANGUAGES = ("nb", "en")
KEPT = ("rows_in", "rows_out", "counts", "notes", "files", "facts")
"""Of what a stage did: what a later run needs to take it over."""


@dataclass(frozen=True)
class Done:
    """What a stage did.

    Attributes
    ----------
    counts : rows in and out of its steps. notes : what a person should know. files : what it wrote.
    facts : what later stages need to know of it.
    computed : names of what was computed; empty where all was taken over. taken : what was, in words.
    """

    rows_in: int
    rows_out: int
    counts: list[Count]
    notes: list[str]
    files: list[str] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    computed: tuple[str, ...] = ()
    taken: str = ""


@dataclass
class Work:
    """What the stages of one run hand to each other; waves, panel and weights are there when they are asked for."""

    study: Study
    record: Record
    folder: Path
    earlier: Earlier
    stages: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Stage → its key and what it gave, for stages.json."""
    made: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Exhibit → its keys, n, units, facts and notes, for stages.json."""
    exhibits: dict[str, Exhibit] = field(default_factory=dict)

    @cached_property
    def base(self) -> str:
        return self.record.identity.base

    @cached_property
    def restricted(self) -> bool:
        """Whether a file of the study is: then nothing by which a unit's answers could be guessed is written."""
        from evalkit.waves.manifest import manifest_entries

        return any(entry.get("access") == "restricted" for entry in manifest_entries(self.study).values())

    @cached_property
    def seen(self) -> Study:
        return given_to_panel(self.study)

    @cached_property
    def waves(self) -> list[Checked]:
        return check(self.seen)

    @cached_property
    def panel(self) -> Panel:
        from evalkit.panel.frame import build_frames
        from evalkit.panel.harmonise import build_panel

        return build_panel(self.seen, [checked.wave for checked in self.waves], build_frames(self.seen))

    def fact(self, name: str) -> Any:
        """Of the panel: its `digests`, and the number of `rows` of its latest waves."""
        return self.stages["panel"]["facts"][name]


def _whole(work: Work, stage: str, key: str, compute: Callable[[Work], Done]) -> Done:
    """A stage that is computed as one, or taken over as one with its files."""
    for past in work.earlier.stage(stage, key):
        gave = past.given["stages"][stage]
        if past.copy(gave["files"], work.folder):
            work.stages[stage] = gave
            told = {name: gave[name] for name in KEPT} | {"counts": [Count(**count) for count in gave["counts"]]}
            return Done(**told, taken=f"as in run {past.name}")
    done = replace(compute(work), computed=(stage,))
    told = {name: value for name, value in asdict(done).items() if name in KEPT}
    work.stages[stage] = {"key": key, **json.loads(json.dumps(told))}
    return done


def _waves(work: Work) -> Done:
    from evalkit.waves.restricted import write_restricted

    done = _whole(work, "waves", _panel_key(work), _read)
    work.record.stopped.update(done.facts["stopped"])
    work.record.doubts += done.facts["doubts"]
    if any(wave.restricted_text for wave in work.study.plan.waves):  # never taken over: it may have been deleted
        for checked in work.waves:
            write_restricted(work.folder, work.study, checked)
    return done


def _panel_key(work: Work) -> str:
    return digest([work.record.identity.raw, vars(work.seen.plan), work.seen.items])


def _read(work: Work) -> Done:
    counts, notes, stopped, doubts = list[Count](), list[str](), {}, list[str]()
    for checked in work.waves:
        rows = len(checked.wave.data)
        counts.append(Count(f"{checked.wave.id}: read", rows, rows))
        stopped[checked.wave.id] = [vars(finding) for finding in checked.stopped]
        notes += [f"{checked.wave.id}: {f.column} stopped, {f.what} in {f.cells} cells" for f in checked.stopped]
        doubts += [f"{checked.wave.id}: {note}" for note in checked.notes]
        if let_through := ", ".join(work.study.wave(checked.wave.id).restricted_text):
            notes.append(
                f"{checked.wave.id}: {let_through} in restricted/{checked.wave.id}.csv, which is never published"
            )
    rows = sum(count.rows_in for count in counts)
    return Done(rows, rows, counts, notes + doubts, facts={"stopped": stopped, "doubts": doubts})


def _panel(work: Work) -> Done:
    done = _whole(work, "panel", _panel_key(work), _link)
    work.record.discarded = done.facts["discarded"]
    for wave, units in done.facts["uninvited"].items():
        work.record.doubts.append(f"{wave}: answered without being invited: {', '.join(units)}")
    return done


def _link(work: Work) -> Done:
    from evalkit.panel.borders import comparable

    answers, files = work.panel.answers, ["links.csv", "comparable.csv"]
    if not work.restricted:
        answers.table.assign(data=work.study.plan.data).to_parquet(work.folder / "panel.parquet", index=False)
        files.append("panel.parquet")
    write_table(answers.links, work.folder / "links.csv")
    write_table(comparable(answers.whole), work.folder / "comparable.csv")
    lost, strangers = answers.discarded, answers.uninvited
    if len(lost):
        write_table(lost, work.folder / "discarded.csv")
        files.append("discarded.csv")
    changed = [
        count
        for count in answers.log
        if count.reason and (count.rows_in != count.rows_out or "mended" in count.step or "disagree" in count.step)
    ]
    notes = [f"{count.step}: {count.rows_in} → {count.rows_out}, {count.reason}" for count in changed]
    notes += [f"{wave}: units that answered without being invited: {len(units)}" for wave, units in strangers.items()]
    if len(lost):
        notes.append(f"{len(lost)} rows do not count: each with its reason in discarded.csv")
    # of a restricted file not even a digest of one question's answers is written: few answers could be guessed from it
    contents = digests(answers)
    told = dict.fromkeys(contents, _panel_key(work)) if work.restricted else contents
    facts = {"digests": told, "rows": len(work.panel.data)}
    facts |= {"discarded": lost.to_dict("records"), "uninvited": strangers}
    rows = sum(len(panel.data) for panel in answers.own)
    rows_in = sum(len(checked.wave.data) for checked in work.waves)
    return Done(rows_in, rows, list(answers.log), notes, files, facts)


def _weights(work: Work) -> Done:
    given = given_to_weights(work.study)
    done = _whole(work, "weights", given.key(work.base, work.fact("digests")), _weigh)
    work.record.weighting = done.facts["steps"]
    work.record.warn(done.facts["notes"])
    reason = work.study.plan.weights.reason
    return done if reason is None else replace(done, notes=[*done.notes, f"not weighted: {reason['en']}"])


def _weigh(work: Work) -> Done:
    import pandas as pd

    from evalkit.weights.question import by_sample, declared, weighting

    panel = given_to_weights(work.study).panel(work.panel.answers)
    whole = weighting(panel)
    parts, counts, notes, steps = [], [], declared(panel), []
    for sample, there, found in by_sample(whole):
        last = found.get("weighted", found["unweighted"])
        weights = {"base_weight": found["unweighted"].weights, "weight": last.weights}
        parts.append(pd.DataFrame({"sample": sample, "unit": there, **weights}))
        counts.append(Count(f"{sample}: weighted", len(there), len(there)))
        if sample == "latest" and len(found) > 1:
            steps = last.log.to_dict("records")
            notes += [_step_in_words(step) for step in steps]
    write_table(pd.concat(parts), work.folder / "weights.csv")
    rows = sum(count.rows_out for count in counts)
    facts = {"steps": steps, "notes": whole.notes}
    return Done(rows - len(panel.units), rows, counts, notes, ["weights.csv"], facts)


def _step_in_words(step: dict[str, Any]) -> str:
    """One step of the weights: their range, Kish's design effect against equal weights, effective n."""
    size = (
        f"weights {step['min']:.2f}–{step['max']:.2f}, deff {step['deff']:.3f}, effective n {step['n_effective']:.0f}"
    )
    return f"{step['name']}: {size} of {step['n']}" + (f"; {step['note']}" if step["note"] else "")


def _estimates(work: Work) -> Done:
    return _rows(work, ON_ANSWERS, "estimates.csv", ("bias_bound",))


def _change(work: Work) -> Done:
    return _rows(work, ON_CHANGE, "change.csv", ())


def _rows(work: Work, kinds: tuple[type, ...], file: str, more: tuple[str, ...]) -> Done:
    """Rows of the exhibits of these kinds, all in one file, and the exhibits as that file has them."""
    import pandas as pd

    from evalkit.present.exhibit import COLUMNS, KEYS, read_rows
    from evalkit.present.label import label

    specs = {name: spec for name, spec in work.study.plan.exhibits.items() if isinstance(spec, kinds)}
    parts, taken = {}, {}
    for name, spec in specs.items():
        parts[name], work.made[name], past = _exhibit_rows(work, name, spec, file)
        work.record.warn(work.made[name]["notes"])
        if past is not None:
            taken[name] = past.name
    if parts:
        table = pd.concat([part.assign(exhibit=name) for name, part in parts.items()], ignore_index=True)
        write_table(table.reindex(columns=["exhibit", *COLUMNS, *more]), work.folder / file)
        table = read_rows(work.folder / file, ("exhibit", *KEYS))
    counts = []
    for name, spec in specs.items():
        made = work.made[name]
        rows = table[table["exhibit"] == name]
        work.exhibits[name] = label(name, spec, rows, made["n"], work.study, dict(made["facts"]))
        counts.append(Count(name, made["units"], made["n"], "units that answered"))
    computed = tuple(name for name in specs if name not in taken)
    notes = [_shared_out(computed, taken, "computed")]
    return Done(work.fact("rows"), sum(map(len, parts.values())), counts, notes, computed=computed)


def _exhibit_rows(work: Work, name: str, spec: Spec, file: str) -> tuple[pd.DataFrame, dict[str, Any], Past | None]:
    """The rows of an exhibit, what stages.json keeps of it, and the earlier run that they are taken from."""
    from evalkit.exhibits import make
    from evalkit.present.label import ordered

    given = given_to_exhibit(work.study, spec)
    key = given.key(work.base, work.fact("digests"))
    for past, there in work.earlier.exhibit("rows", key):
        gave, rows = past.given["exhibits"][there], past.rows(file, there)
        if "facts" in gave and rows is not None:
            return rows, {"rows": key, **{part: gave[part] for part in ("n", "units", "facts", "notes")}}, past
    made = make(name, given.spec or spec, given.panel(work.panel.answers))
    table = ordered(made.rows.data)
    if "bias_bound" in made.rows.data:
        table = table.assign(bias_bound=made.rows.data["bias_bound"].to_numpy())
    told = {"n": made.rows.n, "units": made.units, "facts": made.facts, "notes": made.notes}
    return table, {"rows": key, **json.loads(json.dumps(told))}, None


def _exhibits(work: Work) -> Done:
    """Exhibits as they are published: protected all together, then each written, and drawn or taken over."""
    from evalkit.present.figures import has_figure, save_all

    protect_all(work)
    target = work.folder / "exhibits"
    for lang in LANGUAGES:
        (target / lang).mkdir(parents=True)
        (target / lang / MARK).write_text(f"{work.record.identity.id} {lang}\n", encoding="utf-8")
    drawn, taken = [], {}
    for name, exhibit in work.exhibits.items():
        exhibit.save(target)
        if not has_figure(exhibit):
            continue
        past = _drawn_before(work, exhibit, target)
        if past is None:
            drawn.append(name)
        else:
            taken[name] = past.name
    save_all([work.exhibits[name] for name in drawn], {lang: target / lang for lang in LANGUAGES})
    counts = [Count(name, len(exhibit.data), len(exhibit.data)) for name, exhibit in work.exhibits.items()]
    files = sum(1 for file in target.rglob("*") if file.is_file())
    notes = [f"{files} files, in {' and '.join(LANGUAGES)}"]
    notes += [_shared_out(drawn, taken, "drawn")] if taken else []
    return Done(sum(count.rows_in for count in counts), files, counts, notes, computed=tuple(drawn))


def protect_all(work: Work) -> None:
    """Hide what the study's rule hides; facts of an exhibit that it hides are not kept for later runs."""
    from evalkit.present.disclosure import contributions, protect, samples

    rule, items = work.study.plan.disclosure, work.study.items
    if rule is None:
        return
    given = contributions(work.study, work.panel) if rule.dominance else None
    named, exhibits = samples(work.study), list(work.exhibits.values())
    safe = protect(exhibits, rule, items=items, samples=named, contributions=given)
    for (name, exhibit), protected in zip(work.exhibits.items(), safe):
        shown = {fact: value for fact, value in protected.facts.items() if fact != "hidden"}
        if shown != exhibit.facts:
            work.made[name].pop("facts")
    work.exhibits = dict(zip(work.exhibits, safe))


def _drawn_before(work: Work, exhibit: Exhibit, target: Path) -> Past | None:
    """The earlier run that the exhibit's figures are taken from; None where they must be drawn."""
    key = digest([work.base, *((target / f"{exhibit.name}.{kind}").read_text("utf-8") for kind in ("json", "csv"))])
    work.made[exhibit.name]["drawn"] = key
    ends = (".svg", ".png", "-narrow.svg")
    files = [f"exhibits/{lang}/{exhibit.name}{end}" for lang in LANGUAGES for end in ends]
    return next((past for past, _ in work.earlier.exhibit("drawn", key) if past.copy(files, work.folder)), None)


def _shared_out(computed: Sequence[str], taken: dict[str, str], verb: str) -> str:
    """`2 of 24 exhibits computed (plan, years), 22 as in run 3f2a…`."""
    if not taken:
        return f"{len(computed)} exhibits"
    runs = list(dict.fromkeys(taken.values()))
    names = f" ({', '.join(computed)})" if 0 < len(computed) <= 5 else ""
    whence = f"run {runs[0]}" if len(runs) == 1 else f"{len(runs)} earlier runs"
    return f"{len(computed)} of {len(computed) + len(taken)} exhibits {verb}{names}, {len(taken)} as in {whence}"


def write_table(table: pd.DataFrame, path: Path) -> None:
    table.to_csv(path, index=False, lineterminator="\n", encoding="utf-8")


def given(work: Work) -> dict[str, Any]:
    """Content of stages.json but the checksums. Where exhibits are yet to be protected, their facts are left out."""
    rule = work.study.plan.disclosure
    unprotected = rule is not None and not rule.off and "exhibits" not in work.record.stages
    for made in work.made.values():
        if unprotected:
            made.pop("facts", None)
    return {"stages": work.stages, "exhibits": work.made}


DO: dict[str, Callable[[Work], Done]] = {
    "waves": _waves,
    "panel": _panel,
    "weights": _weights,
    "estimates": _estimates,
    "change": _change,
    "exhibits": _exhibits,
}
