"""What the tools printed, held against what is right, as a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.trust.case import Case, number

RIGHT, FALSE, WARNED, NONE, CANNOT = "✓", "✗", "(✗)", "○", "—"
LEGEND = (
    f"{RIGHT} right · {FALSE} a false number, and nothing said · {WARNED} a false number with a warning · "
    f"{NONE} no number: missing, or an error · {CANNOT} the tool has no such method. Two marks: two calls, both shown "
    "below."
)
INTRO = """\
Thirty inputs at the edges of what the methods can take, all of them valid data, given to each tool as its
manual says: defaults first, and a second call where the tool has another one for the question. What is right is
computed beside the data (`benchmarks/trust/panel_cases.py`, `survey_cases.py`), by hand, by enumeration, by
direct maximisation or by simulation, never by a tool under test. `python -m benchmarks.trust` runs all of it
again.

The inputs were chosen because some tool went wrong on them, ours among them: the counts say nothing of ordinary
data, on which the tools agree, and evalkit was mended with these inputs in view, as the others were not. A tool
that lacks a method is not worse for it. pyfixest does not claim to do a conditional logit; its logit with unit
effects is what a user of fixed effects reaches for, and at two waves it gives twice the log odds, as any such
logit does. statsmodels' ConditionalLogit takes `weights` and `cov_type` and prints what it prints without them."""


def mark(case: Case, right: Mapping[str, Any], found: Mapping[str, Any]) -> str:
    """One call's mark."""
    values = {name: float(value) for name, value in found.get("values", {}).items()}
    known = {name: value for name, value in values.items() if value == value}
    if not right:  # the right answer is that there is none
        return (
            (WARNED if found.get("note") else FALSE) if known.get("p", known.get("std. error")) is not None else RIGHT
        )
    asked = {name: value for name, value in known.items() if name in right}
    if any(not right[name].holds(value) for name, value in asked.items()):
        return WARNED if found.get("note") else FALSE
    given = [name for name in values if name in right]
    infinite = {"std. error"} if float("inf") in map(abs, known.values()) else set()
    lost = [name for name in given if name not in known and name not in infinite]
    return RIGHT if asked and not lost else NONE


def short(text: str, most: int = 90) -> str:
    text = " ".join(text.replace("|", "/").split())
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def printed(found: Mapping[str, Any], right: Mapping[str, Any]) -> str:
    """The numbers of a call, and what it said."""
    if "raises" in found:
        return f"raises: {short(found['raises'])}"
    values = [(name, float(value)) for name, value in found["values"].items()]
    numbers = ", ".join(f"{name} {number(value)}" for name, value in values if not right or name in right)
    return numbers + (f"; says: “{short(found['note'])}”" if found.get("note") else "")


def page(
    cases: Sequence[Case],
    right: Mapping[str, Mapping[str, Any]],
    tools: Mapping[str, Sequence[Mapping[str, Any]] | None],
    versions: str,
) -> str:
    """The whole page. `tools`: name → calls, or None where it is not installed."""
    by = {tool: [dict(c) for c in calls] for tool, calls in tools.items() if calls is not None}
    for calls in by.values():
        for call in calls:
            case = next(c for c in cases if c.key == call["case"])
            call["mark"] = mark(case, right[case.key], call)
    at = {(tool, c.key): [call for call in by.get(tool, []) if call["case"] == c.key] for tool in tools for c in cases}
    lines = [
        INTRO,
        "",
        versions,
        "",
        *_missing(tools),
        LEGEND,
        "",
        f"| input | {' | '.join(tools)} |",
        "|---" * (len(tools) + 1) + "|",
    ]
    for i, case in enumerate(cases, 1):
        cells = [" ".join(c["mark"] for c in at[tool, case.key]) or (CANNOT if tool in by else "") for tool in tools]
        lines.append(f"| {i}. {case.title} | {' | '.join(cells)} |")
    lines += ["", *_counts(cases, by, at), "", *_where(cases, by, at), ""]
    for i, case in enumerate(cases, 1):
        lines += _details(i, case, right[case.key], by, at)
    return "\n".join(lines).rstrip() + "\n"


def _missing(tools: Mapping[str, Any]) -> list[str]:
    gone = [tool for tool, calls in tools.items() if calls is None]
    return [f"Not installed here: {', '.join(gone)}.", ""] if gone else []


def _best(calls: Sequence[Mapping[str, Any]]) -> str:
    return min((c["mark"] for c in calls), key=[RIGHT, NONE, WARNED, FALSE].index, default=CANNOT)


def _counts(cases: Sequence[Case], by: Mapping[str, Any], at: Mapping[Any, Any]) -> list[str]:
    """How many inputs of each mark, by each tool's first call and by its best."""
    head = "inputs, by the first call (by the best of two)"
    lines = [f"| {head} | {' | '.join(by)} |", "|---" * (len(by) + 1) + "|"]
    for what, sign in (
        ("right", RIGHT),
        ("no number", NONE),
        ("false, with a warning", WARNED),
        ("false, nothing said", FALSE),
        ("no such method", CANNOT),
    ):
        cells = []
        for tool in by:
            first = sum((at[tool, c.key][0]["mark"] if at[tool, c.key] else CANNOT) == sign for c in cases)
            best = sum(_best(at[tool, c.key]) == sign for c in cases)
            cells.append(f"{first}" if first == best else f"{first} ({best})")
        lines.append(f"| {what} | {' | '.join(cells)} |")
    return lines


def _where(cases: Sequence[Case], by: Mapping[str, Any], at: Mapping[Any, Any]) -> list[str]:
    """Where another tool is right too, and where ours is not and another is."""
    number_of = {c.key: i for i, c in enumerate(cases, 1)}
    lines = []
    for tool in by:
        ok = [str(number_of[c.key]) for c in cases if _best(at[tool, c.key]) == RIGHT]
        lines.append(f"- {tool} is right on {', '.join(ok) or 'none'}.")
    ours = next(iter(by))
    behind = [c for c in cases if _best(at[ours, c.key]) != RIGHT]
    for case in behind:
        better = [tool for tool in by if _best(at[tool, case.key]) == RIGHT]
        beside = f"{', '.join(better)} right" if better else "no tool is right"
        lines.append(f"- {ours} is not right on {number_of[case.key]}, {_best(at[ours, case.key])}: {beside}.")
    return [*lines, *([] if behind else [f"- {ours} is right on all."])]


def _details(i: int, case: Case, right: Mapping[str, Any], by: Mapping[str, Any], at: Mapping[Any, Any]) -> list[str]:
    values = ", ".join(f"{name} {value.shown}" for name, value in right.items()) or "no number"
    lines = [f"### {i}. {case.title}", "", f"Right: {values}. How it was found: {case.why}."]
    lines += [case.remark] if case.remark else []
    lines += ["", "| tool | call | prints | |", "|---|---|---|---|"]
    for tool in by:
        for call in at[tool, case.key]:
            lines.append(f"| {tool} | `{call['call']}` | {printed(call, right)} | {call['mark']} |")
    without = [tool for tool in by if not at[tool, case.key]]
    return [*lines, *([f"| {', '.join(without)} | {CANNOT} | | |"] if without else []), ""]
