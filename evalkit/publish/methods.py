"""The methods note: what was done in this study, in sentences, with its sources."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from evalkit.present.numbers import count
from evalkit.present.pipes import escape
from evalkit.report.methods import answered, frame_size
from evalkit.results import Run
from evalkit.study.model import Answers


@lru_cache(maxsize=1)
def _words() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "methods.toml").read_text(encoding="utf-8"))


@dataclass
class _Note:
    """Sentences in one language, and the keys of the sources that they name."""

    lang: str
    used: set[str] = field(default_factory=set)

    def say(self, part: str, name: str, **filled: str) -> str:
        words = _words()[part][name]
        self.used |= set(words.get("references", ()))
        return words[self.lang].format(**filled)


def methods_note(run: Run, lang: str) -> str:
    """methods.md: data, weights, estimates and tests of a run's study, in Markdown.

    The study's own words are escaped, and show as they are.
    """
    note, plan = _Note(lang), run.study.plan
    lines = [f"# {note.say('heads', 'head')}: {escape(plan.title[lang])}", ""]
    if plan.notice is not None:
        lines += [f"**{escape(plan.notice[lang])}**", ""]
    for head, sentences in (("data", _data(run, note)), ("weights", _weights(run, note)), ("tests", _tests(run, note))):
        lines += [f"## {note.say('heads', head)}", "", *sentences, ""]
    sources = _words()["sources"]
    lines += [f"## {note.say('heads', 'references')}", ""]
    lines += [f"- [{key}] {sources[key]}" for key in sorted(note.used, key=sources.__getitem__)]
    return "\n".join(lines) + "\n"


def _data(run: Run, note: _Note) -> Iterable[str]:
    plan, lang = run.study.plan, note.lang
    units, source = escape(plan.units[lang]), escape(plan.source[lang]).rstrip(".")
    for name, waves in run.study.borders.items():
        register = run.study.within(name).plan.frame.register
        said = {"frame": count(frame_size(run, name), lang), "units": units, "register": str(register)}
        of = f" ({', '.join(map(escape, waves))})" if plan.frames else ""
        frame = "frame" if plan.frame.units is None else "own_frame"
        yield note.say("words", frame, **said, source=source, waves=of)
    yield ""
    answers = answered(run)
    for wave in plan.waves:
        rows = count(answers[wave.id], lang)
        yield note.say("words", "wave", id=escape(wave.id), date=wave.date.isoformat(), rows=rows)
    yield ""
    yield note.say("words", "missing")


def _weights(run: Run, note: _Note) -> Iterable[str]:
    plan, lang = run.study.plan, note.lang
    spec = plan.weights
    names = [" × ".join(plan.groups[part].label[lang] for part in by.split(":")) for by in spec.by]
    names += [plan.frame.labels[name][lang] if name in plan.frame.labels else name for name in spec.totals]
    reason = spec.reason[lang].rstrip(".") if spec.reason is not None else ""
    known = spec.method if spec.method in _words()["weighting"] else "calibration"
    yield note.say("weighting", known, by=escape(", ".join(names)), reason=escape(reason), method=spec.method)
    if spec.propensity is not None:
        yield note.say("words", "propensity")
    if spec.response_groups:
        yield note.say("words", "response_groups", group=escape(plan.groups[spec.response_groups].label[lang]))


def _tests(run: Run, note: _Note) -> Iterable[str]:
    plan = run.study.plan
    if any(isinstance(spec, Answers) for spec in plan.exhibits.values()):
        yield note.say("words", "estimates")
        if plan.weights.fpc:
            yield note.say("words", "fpc")
    exhibits = [run.exhibit(name) for name in run.exhibits]
    for kind in dict.fromkeys(exhibit.kind for exhibit in exhibits):
        if kind in _words()["kinds"]:
            yield note.say("kinds", kind)
    if any(exhibit.facts.get("hidden") for exhibit in exhibits):
        yield note.say("words", "hidden")
