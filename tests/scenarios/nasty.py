"""A study whose every word would be a formula, markup or code somewhere, if anything took it for one."""

from __future__ import annotations

WORDS = {
    "title": "Tittel $x^2$ **fet** <b>nei</b> &amp; #strong[ikke]",
    "notice": "Varsel *ikke kursiv* $E=mc^2$ <script>alert(1)</script> {{< meta title >}}",
    "units": "kommuner_$a$",
    "source": '=HYPERLINK("http://x.example") \\newpage `{python} 1+1`',
    "plan": "=1+1 har_plan_ $5 og $6",
    "question": "@SUM(A1) Har de [en](http://x.example) plan? ^[note]",
    "yes": "<i>Ja</i> & *så* $x_1$",
    "no": "-1 Nei | eller ~~ikke~~ #heading",
    "means": "+47 midler {.klasse} @tbl-own-plan",
    "courses": "=cmd|' /C calc'!A0",
    "pay": "$\\frac{1}{2}$ lønn -- og ... prikker",
    "years": "År (c) :::: \"hermetegn\" 'enkle'",
    "note": "Merknad <!-- ikke skjult --> % prosent &lt;b&gt; 1. punkt",
    "size": "Inn_bygger_tall $n$",
    "small": "<10 000 & $små$",
    "exhibit": "# Overskrift? =A1 {{var}} _under_ $y$",
}
"""Where the words stand → the words, the same in both languages."""


def quoted(words: str) -> str:
    import json

    return json.dumps(words, ensure_ascii=False)


def both(place: str) -> str:
    return f"{{ nb = {quoted(WORDS[place])}, en = {quoted(WORDS[place])} }}"


def texts() -> tuple[dict[str, str], dict[str, str]]:
    """What to replace in the small study's study.toml and items.toml."""
    study = {
        '{ nb = "Syntetiske data", en = "Synthetic data" }': both("notice"),
        '{ nb = "Liten undersøkelse", en = "Small survey" }': both("title"),
        '{ nb = "kommuner", en = "municipalities" }': both("units"),
        '{ nb = "Syntetiske svar", en = "Synthetic answers" }': both("source"),
        '{ nb = "Innbyggertall", en = "Population" }': both("size"),
        '{ nb = "Under 10 000", en = "Under 10,000" }': both("small"),
        '[exhibits.plan]\nkind = "share"': f"[exhibits.plan]\ntitle = {both('exhibit')}\nnote = {both('note')}\n"
        'kind = "share"',
        "[exhibits.why_not]": '[exhibits.answers]\nkind = "distribution"\nitems = ["plan"]\n\n[exhibits.why_not]',
    }
    items = {
        '{ nb = "Har plan", en = "Has a plan" }': f"{both('plan')}\nquestion = {both('question')}",
        '1 = { nb = "Ja", en = "Yes" }': f"1 = {both('yes')}",
        '2 = { nb = "Nei", en = "No" }': f"2 = {both('no')}",
        '{ nb = "Virkemidler", en = "Means" }': both("means"),
        'nb = "Kurs", en = "Courses"': both("courses")[2:-2],
        'nb = "Lønn", en = "Pay"': both("pay")[2:-2],
        '{ nb = "År", en = "Years" }': both("years"),
    }
    return study, items


def labels() -> dict[str, object]:
    """Labels of the wave files that say what the study says."""
    values = {
        "plan": {1: WORDS["yes"], 2: WORDS["no"], 8: "Vet ikke", 9: "Vil ikke svare"},
        "why_not": {1: "Tid", 2: "Penger", 7: "Ikke spurt"},
    }
    return {"variable_value_labels": values, "column_labels": {"plan": WORDS["question"], "m1": "<b>=1+1</b>"}}
