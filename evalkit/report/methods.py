"""What a run says of itself in a report: who answered, how it was weighted, what it was made of; as Markdown."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

from evalkit.present.numbers import HARD, LOCALES, count, decimal, percent
from evalkit.present.pipes import escape, table
from evalkit.present.rows import view
from evalkit.present.words import listed, lower_first, sentence
from evalkit.present.workbook_rows import title_of
from evalkit.report.methods_words import METHODS, WORDS, translated
from evalkit.results import Run
from evalkit.study.model import Words

SHORT = 12
"""Digits of a hash that are printed; the whole of it is in run.json."""


def heading(run: Run, name: str, lang: str) -> str:
    """The title of an exhibit, with its division, as a heading's Markdown."""
    return escape(title_of(view(run.exhibit(name), lang)))


def answered(run: Run) -> dict[str, int]:
    """How many units answered something in each wave, and in any of them ("latest")."""
    counts = run.weights["sample"].value_counts()
    return {sample: int(counts[sample]) for sample in (*(wave.id for wave in run.study.plan.waves), "latest")}


def frame_size(run: Run, frame: str | None) -> int:
    """Units of a frame."""
    from evalkit.panel.unit_register import unit_register

    return len(unit_register(run.study).on(run.study.within(frame).plan.frame.register))


def waves(run: Run, lang: str) -> str:
    """A table of the waves: date, units that answered, and their share of the wave's own frame."""
    words, study = WORDS[lang], run.study
    counts, plan = answered(run), study.plan
    samples: list[tuple[str, str, str, tuple[str, ...]]]
    samples = [(wave.id, wave.id, _day(wave.date, lang), (wave.id,)) for wave in plan.waves]
    if len(study.latest) > 1:
        among = "" if study.latest == study.in_order(None) else f" ({listed(study.latest, lang)})"
        samples.append(("latest", words["any_wave"] + among, "", study.latest))
    rows = []
    for sample, name, day, of in samples:
        share = counts[sample] / frame_size(run, study.frame_of(of))
        rows.append([name, day, count(counts[sample], lang), percent(share, lang)])
    head = [words["wave"], words["date"], words["answered"], words["of_frame"]]
    title, more = sentence(words["waves_title"]), escape(sentence(*_frames(run, lang)))
    return table(head, rows, numbers_from=2, caption=title, more=more, id="tbl-run-waves")


def _frames(run: Run, lang: str) -> list[str]:
    """Of how many units the shares are, and how many were asked; wave by wave where the waves have several frames."""
    words, said = WORDS[lang], []
    for frame, of in run.study.borders.items():
        plan, parts = run.study.within(frame).plan, {"units": run.study.plan.units[lang]}
        who = f"{listed(of, lang)}: " if run.study.plan.frames else ""
        said.append(who + words["frame"].format(n=count(frame_size(run, frame), lang), **parts))
        if plan.frame.invited is not None:
            said.append(who + words["invited"].format(n=count(plan.frame.invited, lang), **parts))
    return said


def weighting_said(run: Run, lang: str) -> str:
    """In a paragraph of plain text, how answers stand for the frame."""
    words, spec = WORDS[lang], run.study.plan.weights
    if spec.method == "none":
        return sentence(words["unweighted"], spec.reason[lang] if spec.reason else None)
    return sentence(*(text for frame in run.study.borders for text in _weighted(run, frame, lang)))


def weighting(run: Run, lang: str) -> str:
    """In a paragraph, how answers stand for the frame; then the steps of the weights, as far as there are any."""
    words = WORDS[lang]
    text = escape(weighting_said(run, lang)) + "\n"
    if run.study.plan.weights.method == "none":
        return text
    rows = []
    for step in run.record["weighting"]:
        numbers = [decimal(step[name], lang, 2) for name in ("min", "max", "deff")]
        rows.append(
            [translated(step["name"], lang), *numbers, count(step["n_effective"], lang), count(step["n"], lang)]
        )
    head = [words["step"], words["least"], words["most"], words["deff"], words["n_effective"], "N"]
    notes = [words["warning"].format(warning=_warning(run, one, lang)) for one in run.record["warnings"]]
    steps = table(head, rows, caption=sentence(words["weights_title"]), id="tbl-run-weights") if rows else ""
    return f"{text}\n{steps}" + "".join(f"\n{note}\n" for note in notes)


def _weighted(run: Run, frame: str | None, lang: str) -> list[str]:
    """What the weights of the waves of a frame return; the waves are named where there are several frames."""
    words, plan = WORDS[lang], run.study.within(frame).plan
    spec = plan.weights
    by = [" × ".join(lower_first(plan.groups[part].label[lang]) for part in name.split(":")) for name in spec.by]
    totals = [lower_first(plan.frame.labels.get(name, Words(name, name))[lang]) for name in spec.totals]
    said = [words["weighted"].format(method=METHODS[lang][spec.method], by=listed(by, lang))] if by else []
    said += [words["totals"].format(totals=listed(totals, lang))] if totals else []
    if spec.response_groups:
        said.append(words["response_groups"].format(group=lower_first(plan.groups[spec.response_groups].label[lang])))
    who = f"{listed(run.study.borders[frame], lang)}: " if plan.frames else ""
    return [who + text for text in said]


def made(run: Run, lang: str) -> str:
    """A table of the run's name, date, program and data."""
    words, record = WORDS[lang], run.record
    moment = datetime.fromisoformat(record["made"])
    rows = [
        [words["run"], record["run"]],
        [words["made"], f"{_day(moment.date(), lang)}, {moment:%H:%M} UTC"],
        [words["data"], words[record["data"]]],
        ["evalkit", record["evalkit"]],
        [words["commit"], record["commit"] or words["no_commit"]],
        [words["code"], record["code"][:SHORT]],
        *([name.capitalize() if name == "python" else name, version] for name, version in record["packages"].items()),
    ]
    return table(
        [words["what"], words["value"]], rows, numbers_from=2, caption=sentence(words["made_title"]), id="tbl-run"
    )


def inputs(run: Run, lang: str) -> str:
    """A table of the files that the run read, with the beginning of their SHA-256."""
    words, record = WORDS[lang], run.record
    rows = [[file, words["input"], digest[:SHORT]] for file, digest in record["inputs"].items()]
    rows += [[file, words["study_text"], digest[:SHORT]] for file, digest in record["study_text"].items()]
    caption = sentence(words["inputs_title"].format(digits=SHORT))
    return table([words["file"], words["what"], "SHA-256"], rows, numbers_from=3, caption=caption, id="tbl-run-inputs")


def stages(run: Run, lang: str) -> str:
    """A table of the stages with rows in and out and why; the drawing of exhibits is one row."""
    words = WORDS[lang]
    rows = []
    for stage, counts in run.record["stages"].items():
        if stage == "exhibits":
            counts = [_together(counts, words["drawn"].format(n=count(len(counts), lang)))]
        for step in counts:
            numbers = [count(step[way], lang) for way in ("rows_in", "rows_out")]
            reason = translated(step["reason"], lang)
            rows.append([words[f"stage_{stage}"], translated(step["step"], lang), reason, *numbers])
    head = [words["stage"], words["step"], words["reason"], words["rows_in"], words["rows_out"]]
    return table(head, rows, numbers_from=3, caption=sentence(words["stages_title"]), id="tbl-run-stages")


def stopped(run: Run, lang: str) -> str:
    """A table of the columns that went no further than the privacy gate; a sentence where none was stopped."""
    words = WORDS[lang]
    rows = [
        [wave, finding["column"], translated(finding["what"], lang), count(finding["cells"], lang)]
        for wave, findings in run.record["stopped_at_the_privacy_gate"].items()
        for finding in findings
    ]
    if not rows:
        return escape(words["none_stopped"]) + "\n"
    head = [words["wave"], words["column"], words["holds"], words["cells"]]
    return table(head, rows, numbers_from=3, caption=sentence(words["stopped_title"]), id="tbl-run-stopped")


def discarded(run: Run, lang: str) -> str:
    """A table of the rows of the files that do not count, by wave and reason; nothing where every row counts."""
    words = WORDS[lang]
    rows = []
    for (wave, reason), part in run.discarded.groupby(["wave", "reason"], sort=False):
        numbers = ", ".join(map(str, part["row"]))
        rows.append([str(wave), translated(str(reason), lang), numbers, count(len(part), lang)])
    if not rows:
        return ""
    head = [words["wave"], words["reason"], words["rows"], words["number"]]
    return table(head, rows, numbers_from=3, caption=sentence(words["discarded_title"]), id="tbl-run-discarded")


def _together(counts: list[dict[str, Any]], step: str) -> dict[str, Any]:
    return {
        "step": step,
        "reason": "",
        "rows_in": sum(count["rows_in"] for count in counts),
        "rows_out": sum(count["rows_out"] for count in counts),
    }


def _day(day: date, lang: str) -> str:
    from babel.dates import format_date

    # with a hard space Typst does not take "31. desember" for an item of a list
    return str(format_date(day, "long", locale=LOCALES[lang])).replace(" ", HARD, 1)


def _warning(run: Run, text: str, lang: str) -> str:
    """A warning of the run, its question in words; marked as English where it has no translation."""
    remarks = "weighted as all who answered, because|response groups of"
    known = re.fullmatch(rf"(.+?)( in \S+ waves?|): ({remarks}) (.+)", text)
    if known is None:
        return f"[{escape(text)}]{{lang=en}}"
    item = run.study.items.get(known[1])
    name = f"{item.label[lang]} ({known[1]})" if item is not None else translated(known[1], lang)
    question = name + translated(known[2], lang)
    if together := re.fullmatch(r"(\S+) put together: (.+)", known[4]):
        group = run.study.plan.groups[together[1]]
        sets = [
            [group.categories.get(code, group.label)[lang] for code in one.split(" + ")]
            for one in together[2].split("; ")
        ]
        parts = {"group": lower_first(group.label[lang]), "sets": "; ".join(listed(one, lang) for one in sets)}
        return escape(WORDS[lang]["put_together"].format(question=question, **parts))
    why = known[4]
    for code, group in run.study.plan.groups.items():
        why = re.sub(rf"\b{re.escape(code)}\b", lower_first(group.label[lang]), why)
    return escape(WORDS[lang]["borrowed"].format(question=question, why=translated(why, lang)))
