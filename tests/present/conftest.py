"""Exhibits as a study makes them: municipalities by size, counties, long Norwegian labels, two and three waves."""

from __future__ import annotations

import dataclasses
import math

import pandas as pd
import pytest

from evalkit.present.exhibit import COLUMNS, Exhibit

SIZES = {
    "<2000": {"nb": "Under 2\u00a0000", "en": "Under 2,000"},
    "2000-3999": {"nb": "2\u00a0000–3\u00a0999", "en": "2,000–3,999"},
    "4000-6999": {"nb": "4\u00a0000–6\u00a0999", "en": "4,000–6,999"},
    "7000-14999": {"nb": "7\u00a0000–14\u00a0999", "en": "7,000–14,999"},
    ">=15000": {"nb": "15\u00a0000 eller flere", "en": "15,000 or more"},
}
SIZE_BY = {"size": {"nb": "innbyggertall", "en": "number of inhabitants"}}
ANSWERED = (52, 47, 45, 41, 35)
WAVES = {"2018": {"nb": "2018", "en": "2018"}, "2019": {"nb": "2019", "en": "2019"}}
UNITS = {"nb": "kommuner", "en": "municipalities"}
SOURCE = {
    "nb": "Spørreundersøkelse til norske kommuner 2018 og 2019",
    "en": "Survey of Norwegian municipalities 2018 and 2019",
}
NOTICE = {
    "nb": "Rekonstruerte data: svarene er laget etter publiserte tall",
    "en": "Reconstructed data: the answers are made from published figures",
}
COUNTIES = ["Østfold", "Akershus", "Oslo", "Hedmark", "Oppland", "Buskerud", "Vestfold", "Telemark", "Aust-Agder"]
COUNTIES += ["Vest-Agder", "Rogaland", "Hordaland", "Sogn og Fjordane", "Møre og Romsdal", "Sør-Trøndelag"]
COUNTIES += ["Nord-Trøndelag", "Nordland", "Troms", "Finnmark"]
COUNTY_COUNTS = (17, 22, 1, 22, 26, 21, 12, 18, 15, 15, 26, 33, 26, 36, 25, 23, 44, 24, 20)
MEASURES = {
    "further": {"nb": "Tilbud om videreutdanning", "en": "Further education"},
    "courses": {"nb": "Kurs og annen opplæring", "en": "Courses and other training"},
    "networks": {"nb": "Fagnettverk og erfaringsgrupper", "en": "Learning networks"},
    "hours": {"nb": "Tilpasset arbeidstid eller turnus", "en": "Adapted working hours or shifts"},
    "pay": {"nb": "Høyere lønn eller andre lønnstiltak", "en": "Higher pay or other pay measures"},
    "large": {"nb": "Større stillingsbrøker og tilbud om hele stillinger", "en": "Larger or full-time positions"},
    "leave": {"nb": "Permisjon med lønn under utdanning", "en": "Paid study leave"},
    "housing": {"nb": "Hjelp til bolig og barnehageplass", "en": "Help with housing and kindergarten"},
}
TRAINING = {
    "all": {
        "nb": "Opplæring som gis til alle nyansatte i helse- og omsorgstjenesten",
        "en": "Training given to all new staff in health and care services",
    },
    "mentor": {"nb": "Veileder eller mentor", "en": "Supervisor or mentor"},
    "learn": {"nb": "Lærer av erfarne kolleger i det daglige arbeidet", "en": "Learn from experienced colleagues"},
    "program": {
        "nb": "Eget introduksjonsprogram for nyutdannede med høyere utdanning",
        "en": "Introduction programme for new graduates",
    },
    "network": {"nb": "Nettverk for nyutdannede", "en": "Networks for new graduates"},
    "other": {"nb": "Andre ordninger", "en": "Other arrangements"},
    "none": {"nb": "Ingen særskilte ordninger for nyutdannede", "en": "No special arrangements for new graduates"},
}


def row(estimate: float, n: float = math.nan, width: float | None = None, **keys: str) -> dict[str, object]:
    """One row; a share gets an interval of the simple normal kind, which only has to look right."""
    found: dict[str, object] = dict.fromkeys(COLUMNS, math.nan)
    found |= {"item": "q", "wave": "latest", "by": "all", "group": "all", "category": "", "weighting": "weighted"}
    found |= {"estimate": estimate, "n": n, **keys}
    half = width if width is not None else (0.7 * math.sqrt(0.25 / n) if n == n and n > 0 else math.nan)
    if not math.isnan(half):
        found["ci_low"], found["ci_high"] = max(estimate - half, 0.0), estimate + half
        if width is None:
            found["ci_high"] = min(estimate + half, 1.0)
    return found


def exhibit(
    name: str, kind: str, rows: list[dict[str, object]], n: int, title: dict[str, str], **more: object
) -> Exhibit:
    data = pd.DataFrame(rows, columns=list(COLUMNS))
    settings: dict[str, object] = {"units": UNITS, "source": SOURCE, "notice": NOTICE, "facts": {}} | more
    labels = {"wave": WAVES, "by": SIZE_BY, "group": SIZES} | dict(more.get("labels", {}))  # type: ignore[call-overload]
    settings["labels"] = labels
    return Exhibit(name=name, kind=kind, title=title, data=data, n=n, **settings)  # type: ignore[arg-type]


def by_size(shares: tuple[float, ...], answered: tuple[int, ...] = ANSWERED, **keys: str) -> list[dict[str, object]]:
    found = [row(s, n, by="size", group=g, **keys) for s, n, g in zip(shares, answered, SIZES)]
    everyone = sum(s * n for s, n in zip(shares, answered)) / sum(answered)
    return [*found, row(everyone, sum(answered), by="size", group="all", **keys)]


def own_plan() -> Exhibit:
    weighted = by_size((0.54, 0.57, 0.61, 0.66, 0.72), category="yes")
    plain = by_size((0.52, 0.58, 0.62, 0.67, 0.74), category="yes", weighting="unweighted")
    return exhibit(
        "own_plan",
        "share",
        weighted + plain,
        220,
        {"nb": "Har egen kompetanseplan", "en": "Has its own competence plan"},
        question={
            "nb": "Har kommunen en egen kompetanseplan for helse- og omsorgstjenesten?",
            "en": "Does the municipality have its own competence plan for health and care services?",
        },
    )


def phd() -> Exhibit:
    answered = (28, 24, 20, 22, 30)
    return exhibit(
        "phd",
        "share",
        by_size((0.0, 0.0, 0.0, 1 / 22, 4 / 30), answered, wave="2019"),
        124,
        {"nb": "Har ansatte med doktorgrad", "en": "Has staff with a PhD"},
    )


def research() -> Exhibit:
    before = by_size((0.29, 0.40, 0.57, 0.84, 0.86), (30, 28, 27, 25, 22), wave="2018")
    after = by_size((0.40, 0.48, 0.66, 0.85, 1.0), (22, 20, 24, 21, 21), wave="2019")
    return exhibit(
        "research",
        "share",
        before + after,
        204,
        {
            "nb": "Har ansatte med forskerkompetanse (mastergrad eller doktorgrad)",
            "en": "Has staff with research competence (master’s degree or PhD)",
        },
    )


def mapping() -> Exhibit:
    means = ((1.92, 0.35), (1.71, 0.33), (1.66, 0.3), (1.60, 0.31), (1.52, 0.28))
    rows = [row(m, n, w, by="size", group=g) for (m, w), n, g in zip(means, ANSWERED, SIZES)]
    return exhibit(
        "mapping",
        "mean",
        [*rows, row(1.69, 195, 0.14, by="size", group="all")],
        195,
        {"nb": "År siden siste kartlegging av kompetansebehov", "en": "Years since the latest mapping of needs"},
        base={"nb": "Kommuner som har kartlagt kompetansebehovet", "en": "Municipalities that have mapped their needs"},
        facts={"unit": {"nb": "år", "en": "years"}},
    )


LEVELS = {
    "1": {"nb": "Politisk nivå", "en": "Political level"},
    "2": {"nb": "Rådmann eller rådmannens ledergruppe", "en": "Chief executive"},
    "3": {"nb": "Kommunalsjef eller sektorleder for helse og omsorg", "en": "Sector director for health and care"},
    "4": {"nb": "Enhetsleder", "en": "Unit leader"},
}


def levels() -> Exhibit:
    shares = (
        (0.12, 0.38, 0.40, 0.10),
        (0.06, 0.3, 0.5, 0.14),
        (0.02, 0.24, 0.56, 0.18),
        (0.01, 0.2, 0.62, 0.17),
        (0.0, 0.14, 0.71, 0.15),
        (0.048, 0.262, 0.546, 0.144),
    )
    rows = [
        row(s, n, by="size", group=g, category=c)
        for per, n, g in zip(shares, (*ANSWERED, 220), (*SIZES, "all"))
        for s, c in zip(per, LEVELS)
    ]
    return exhibit(
        "levels",
        "distribution",
        rows,
        220,
        {"nb": "Viktigste beslutningsnivå for kompetansetiltak", "en": "Most important level of decision"},
        labels={"category": LEVELS},
    )


def measures() -> Exhibit:
    retain = (0.91, 0.93, 0.82, 0.44, 0.39, 0.55, 0.62, 0.12)
    recruit = (0.64, 0.45, 0.30, 0.36, 0.50, 0.58, 0.41, 0.33)
    rows = [
        row(s, 233, item=i, category=c)
        for i, per in (("retain", retain), ("recruit", recruit))
        for s, c in zip(per, MEASURES)
    ]
    return exhibit(
        "measures",
        "multiple",
        rows,
        233,
        {"nb": "Virkemidler for å beholde og rekruttere ansatte", "en": "Measures to retain and recruit staff"},
        labels={
            "category": MEASURES,
            "item": {
                "retain": {"nb": "For å beholde", "en": "To retain"},
                "recruit": {"nb": "For å rekruttere", "en": "To recruit"},
            },
        },
    )


def other_plans() -> Exhibit:
    rows = [row(s, 110, category=c) for s, c in zip((0.41, 0.35, 0.22, 0.0, 0.1, 0.08, 0.05, 0.02), MEASURES)]
    return exhibit(
        "other_plans",
        "multiple",
        rows,
        110,
        {"nb": "Andre planer som dekker kompetanse", "en": "Other plans that cover competence"},
        base={"nb": "Kommuner uten egen kompetanseplan", "en": "Municipalities without a plan of their own"},
        labels={"category": MEASURES},
    )


def training() -> Exhibit:
    table = {
        "all": (0.76, 0.79, 0.85, 0.88, 0.94),
        "mentor": (0.20, 0.26, 0.31, 0.35, 0.4),
        "learn": (0.4, 0.36, 0.31, 0.28, 0.21),
        "program": (0.05, 0.1, 0.16, 0.24, 0.37),
        "network": (0.0, 0.04, 0.07, 0.15, 0.29),
        "other": (0.08, 0.09, 0.07, 0.12, 0.14),
        "none": (0.09, 0.08, 0.04, 0.02, 0.0),
    }
    rows = [r for c, shares in table.items() for r in by_size(shares, category=c)]
    return exhibit(
        "training",
        "multiple",
        rows,
        224,
        {"nb": "Ordninger for nyutdannede", "en": "Arrangements for newly qualified staff"},
        labels={"category": TRAINING},
    )


def county() -> Exhibit:
    total, rows, answered = sum(COUNTY_COUNTS), [], []
    for k, n in enumerate(COUNTY_COUNTS):
        answered.append(0 if k == 2 else round(n * (0.5 + 0.02 * (k % 13))))
    for k, n in enumerate(COUNTY_COUNTS):
        rows.append(
            row(answered[k] / sum(answered), answered[k], math.nan, by="county", group="sample", category=f"{k + 1:02}")
        )
        rows.append(row(n / total, n, math.nan, by="county", group="population", category=f"{k + 1:02}"))
    for r in rows:
        r["weighting"] = "unweighted"
    return exhibit(
        "county",
        "representativeness",
        rows,
        sum(answered),
        {"nb": "Representativitet", "en": "Representativeness"},
        labels={
            "by": {"county": {"nb": "fylke", "en": "county"}},
            "category": {f"{k + 1:02}": {"nb": c, "en": c} for k, c in enumerate(COUNTIES)},
        },
    )


def centrality() -> Exhibit:
    words = ("Minst sentrale", "Mindre sentrale", "Noe sentrale", "Sentrale")
    english = ("Least central", "Less central", "Somewhat central", "Central")
    rows = []
    for k, (s, p) in enumerate(zip((0.31, 0.09, 0.2, 0.4), (0.35, 0.1, 0.18, 0.37))):
        rows.append(row(s, math.nan, by="centrality", group="sample", category=str(k), weighting="unweighted"))
        rows.append(row(p, math.nan, by="centrality", group="population", category=str(k), weighting="unweighted"))
    return exhibit(
        "centrality",
        "representativeness",
        rows,
        261,
        {"nb": "Representativitet", "en": "Representativeness"},
        labels={
            "by": {"centrality": {"nb": "sentralitet", "en": "centrality"}},
            "category": {str(k): {"nb": w, "en": e} for k, (w, e) in enumerate(zip(words, english))},
        },
    )


ROBEK_WAVES = {year: {"nb": year, "en": year} for year in ("2008", "2012", "2015")}
ROBEK = {
    "units": UNITS,
    "notice": None,
    "source": {"nb": "Register om betinget godkjenning og kontroll (ROBEK)", "en": "The ROBEK register"},
}
SENTRAL = {
    str(k): {"nb": w, "en": e}
    for k, (w, e) in enumerate(
        (
            ("Minst sentrale", "Least central"),
            ("Mindre sentrale", "Less central"),
            ("Noe sentrale", "Somewhat central"),
            ("Sentrale", "Central"),
        )
    )
}


def robek() -> Exhibit:
    rows = []
    for year, shares in {
        "2008": (0.11, 0.1, 0.08, 0.09),
        "2012": (0.1, 0.06, 0.14, 0.12),
        "2015": (0.14, 0.02, 0.15, 0.09),
    }.items():
        rows += [
            row(s, n, 0.0, by="centrality", group=str(k), wave=year, weighting="unweighted")
            for k, (s, n) in enumerate(zip(shares, (149, 45, 77, 157)))
        ]
        rows.append(row(0.11, 428, 0.0, by="centrality", group="all", wave=year, weighting="unweighted"))
    return exhibit(
        "robek",
        "share",
        rows,
        428,
        {"nb": "Kommuner i ROBEK ved årsskiftet", "en": "Municipalities in ROBEK"},
        labels={"wave": ROBEK_WAVES, "by": {"centrality": {"nb": "sentralitet", "en": "centrality"}}, "group": SENTRAL},
        **ROBEK,
    )


def robek_all() -> Exhibit:
    rows = [
        row(s, n, 0.0, wave=w, weighting="unweighted")
        for w, s, n in (("2008", 42 / 428, 428), ("2012", 47 / 427, 427), ("2015", 48 / 425, 425))
    ]
    return exhibit(
        "robek_all",
        "share",
        rows,
        428,
        {"nb": "Andel kommuner i ROBEK", "en": "Share in ROBEK"},
        labels={"wave": ROBEK_WAVES},
        **ROBEK,
    )


def entered() -> Exhibit:
    rows = []
    for pair, up, down, same in (("2008→2012", 23, 18, 386), ("2012→2015", 17, 15, 392)):
        for code, units in (
            ("before", 0.1),
            ("after", 0.11),
            ("change", 0.01),
            ("up", up),
            ("down", down),
            ("unchanged", same),
        ):
            rows.append(row(units, up + down + same, math.nan, wave=pair, category=code, weighting="unweighted"))
    return exhibit(
        "entered",
        "transitions",
        rows,
        428,
        {"nb": "Inn i og ut av ROBEK", "en": "Into and out of ROBEK"},
        labels={
            "wave": ROBEK_WAVES,
            "category": {"up": {"nb": "Kom inn", "en": "Entered"}, "down": {"nb": "Gikk ut", "en": "Left"}},
        },
        **ROBEK,
    )


def changed() -> Exhibit:
    rows = []
    counts = {
        "<2000": (3, 1, 8),
        "2000-3999": (2, 1, 9),
        "4000-6999": (4, 3, 8),
        "7000-14999": (4, 1, 8),
        ">=15000": (6, 0, 8),
        "all": (19, 6, 41),
    }
    for group, (up, down, same) in counts.items():
        cells = {"before": 0.5, "after": 0.7, "change": 0.2, "up": up, "down": down, "unchanged": same}
        for code, value in cells.items():
            half = 0.31 if code == "change" else math.nan
            keys = {"group": group, "wave": "2018→2019", "category": code}
            cell = row(value, up + down + same, half, by="size" if group != "all" else "", **keys)
            cell |= {"ci_low": value - half} if code == "change" else {}
            rows += [cell, cell | {"weighting": "unweighted"}]
    return exhibit(
        "changed",
        "transitions",
        rows,
        66,
        {"nb": "Endret svar om forskerkompetanse", "en": "Changed answers about research competence"},
    )


TERMS = {
    "wave[2019]": {"nb": "2019 (mot 2018)", "en": "2019 (against 2018)"},
    "2000-3999": {"nb": "2019 × 2\u00a0000–3\u00a0999", "en": "2019 × 2,000–3,999"},
    "4000-6999": {"nb": "2019 × 4\u00a0000–6\u00a0999", "en": "2019 × 4,000–6,999"},
    "7000-14999": {"nb": "2019 × 7\u00a0000–14\u00a0999", "en": "2019 × 7,000–14,999"},
    ">=15000": {"nb": "2019 × 15\u00a0000 eller flere", "en": "2019 × 15,000 or more"},
}


def table_2() -> Exhibit:
    rows = []
    # (model, term, coefficient, standard error, p, lower, upper); log(19/6) = 1.1527, sqrt(1/19 + 1/6) = 0.4683
    for model, term, b, se, p, low, high in (
        ("1", "wave[2019]", 1.1527, 0.4683, 0.0138, 0.2349, 2.0705),
        ("2", "wave[2019]", 1.0986, 1.1547, 0.3414, -1.1646, 3.3618),
        ("2", "2000-3999", -0.4055, 1.6833, 0.8096, -3.7047, 2.8937),
        ("2", "4000-6999", -0.8109, 1.3844, 0.5581, -3.5242, 1.9025),
        ("2", "7000-14999", 0.2877, 1.6073, 0.8580, -2.8625, 3.4379),
        ("2", ">=15000", math.inf, math.nan, 0.21, -0.9, math.inf),
    ):
        r = row(b, 66, math.nan, item=model, category=term, weighting="unweighted")
        r |= {"std_error": se, "p_value": p, "ci_low": low, "ci_high": high}
        rows.append(r)
    facts = {
        "models": {
            "1": {"n_groups": 66, "n_groups_used": 25, "nobs": 50, "minus_2_log_likelihood": 27.5539},
            "2": {"n_groups": 66, "n_groups_used": 25, "nobs": 50, "minus_2_log_likelihood": 22.8826},
        },
        "comparisons": [{"small": "1", "large": "2", "statistic": 4.6713, "df": 4, "p_value": 0.3227}],
    }
    return exhibit(
        "table_2",
        "conditional_logit",
        rows,
        66,
        {"nb": "Forskerkompetanse: endring fra 2018 til 2019", "en": "Research competence: change from 2018 to 2019"},
        labels={"category": TERMS},
        facts=facts,
    )


def table_1() -> Exhibit:
    rows = []
    for item, who, values in (
        ("population", "sample", (261, 201, 12801.4, 278556, 25210.3)),
        ("population", "population", (426, 201, 12343.1, 666759, 38520.2)),
        ("income", "sample", (261, 93, 103.4, 167, 9.8)),
        ("income", "population", (425, 93, 103.3, 167, 9.6)),
    ):
        rows += [
            row(v, math.nan, item=item, group=who, category=c, weighting="unweighted")
            for c, v in zip(("n", "min", "mean", "max", "sd"), values)
        ]
    return exhibit(
        "table_1",
        "summary",
        rows,
        261,
        {"nb": "Utvalg og populasjon", "en": "Sample and population"},
        labels={
            "item": {
                "population": {"nb": "Innbyggere 2017", "en": "Inhabitants 2017"},
                "income": {"nb": "Korrigerte frie inntekter 2015", "en": "Corrected free income 2015"},
            }
        },
    )


def county_matrix() -> Exhibit:
    rows = [
        row((0.05 * k + 0.13 * j) % 1, n, by="county", group=f"{k + 1:02}", category=option)
        for k, n in enumerate(COUNTY_COUNTS)
        for j, option in enumerate(TRAINING)
    ]
    return exhibit(
        "county_matrix",
        "multiple",
        rows,
        426,
        {"nb": "Ordninger etter fylke", "en": "Arrangements by county"},
        labels={
            "by": {"county": {"nb": "fylke", "en": "county"}},
            "category": TRAINING,
            "group": {f"{k + 1:02}": {"nb": c, "en": c} for k, c in enumerate(COUNTIES)},
        },
    )


def distribution_waves() -> Exhibit:
    shares = (0.3, 0.01, 0.2, 0.0, 0.02, 0.15, 0.12, 0.2)
    rows = [
        row(s, n, by="size", group=g, wave=w, category=str(j))
        for w in WAVES
        for g, n in zip(SIZES, ANSWERED)
        for j, s in enumerate(shares)
    ]
    words = {str(j): {"nb": f"Svaralternativ nummer {j}", "en": f"Option number {j}"} for j in range(8)}
    return exhibit(
        "distribution_waves",
        "distribution",
        rows,
        220,
        {"nb": "Fordeling", "en": "Distribution"},
        labels={"category": words},
    )


def two_by_size() -> Exhibit:
    rows = [
        r
        for i, f in (("retain", 1.0), ("recruit", 0.6))
        for c, s in zip(MEASURES, (0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2))
        for r in by_size((s * f, s * f, s * f, s * f, s * f), item=i, category=c)
    ]
    return exhibit(
        "two_by_size",
        "multiple",
        rows,
        233,
        {"nb": "Virkemidler etter størrelse", "en": "Measures by size"},
        note={"nb": "Kommunene kunne sette flere kryss", "en": "Municipalities could tick several boxes"},
        question={
            "nb": "Hvilke virkemidler bruker kommunen for å beholde og rekruttere personell i helse- og "
            "omsorgstjenesten, og hvilke av dem brukes mest?",
            "en": "Which measures does the municipality use to retain and recruit staff in health and care services, "
            "and which of them does it use most often?",
        },
        labels={
            "category": MEASURES,
            "item": {
                "retain": {"nb": "For å beholde", "en": "To retain"},
                "recruit": {"nb": "For å rekruttere", "en": "To recruit"},
            },
        },
    )


SCREENED = {
    # code: (words nb, words en, n, before, after, up, down, smallest visible, p, Holm, Holm over all, p by group)
    "q17": ("Har forskere", "Has researchers", 66, 37, 50, 19, 6, 0.204, 0.0146, 0.0146, 0.0584, 0.531),
    "q4.home": ("Enheter: Hjemmetjenester", "Units: Home services", 61, 59, 57, 1, 3, math.nan, 0.625, 1.0, 1.0, 1.0),
    "q4.schools": ("Enheter: Skoler", "Units: Schools", 61, 30, 33, 9, 6, 0.148, 0.607, 1.0, 1.0, 0.4),
    "q20": ("Innovasjon", "Innovation", 55, 40, 46, 10, 4, 0.166, 0.18, 0.54, 0.54, 0.9),
    "q3.plan": ("Planer: Arealplan", "Plans: Land use", 13, 0, 0, 0, 0, math.nan, 1.0, 1.0, 1.0, math.nan),
}
QUESTIONS = {
    "q17": {"nb": "Har forskere", "en": "Has researchers"},
    "q4": {"nb": "Enheter", "en": "Units"},
    "q20": {"nb": "Innovasjon", "en": "Innovation"},
    "q3": {"nb": "Planer", "en": "Plans"},
}


def screened(name: str, title: dict[str, str], families: dict[str, list[str]], copies: int = 1) -> Exhibit:
    """The outcomes above; of `copies` the questions with options have as many options more."""
    rows: list[dict[str, object]] = []
    items: dict[str, dict[str, str]] = {}
    members = {family: list(codes) for family, codes in families.items()}
    for code, (nb, en, n, before, after, up, down, least, p, holm, holm_all, by_p) in SCREENED.items():
        for k in range(copies if "." in code else 1):
            outcome = code if k == 0 else f"{code}{k}"
            items[outcome] = {"nb": nb, "en": en} if k == 0 else {"nb": f"{nb} nummer {k}", "en": f"{en} number {k}"}
            if k:
                next(codes for codes in members.values() if code in codes).append(outcome)
            change = (after - before) / n
            numbers = {"before": before / n, "after": after / n, "up": up, "down": down, "unchanged": n - up - down}
            numbers |= {"detectable": least, "pvalue_holm": holm, "pvalue_bh": holm}
            numbers |= {"pvalue_holm_all": holm_all, "pvalue_bh_all": holm_all}
            keys = {"item": outcome, "wave": "2018→2019", "weighting": "unweighted", "by": ""}
            first = row(change, n, 0.1, category="change", **keys) | {"ci_low": change - 0.1, "p_value": p}
            rows += [first, *(row(value, n, category=c, **keys) | NO_INTERVAL for c, value in numbers.items())]
            rows.append(row(4.0, n, category="by", **keys) | NO_INTERVAL | {"df": 4, "p_value": by_p})
    facts = {"families": members, "items": items, "notes": {"q3.plan": "no unit changed"}}
    return exhibit(name, "screen", rows, 114, title, labels={"item": QUESTIONS}, facts=facts)


NO_INTERVAL = {"ci_low": math.nan, "ci_high": math.nan}


def few_screened() -> Exhibit:
    families = {"research": ["q17"], "others": ["q4.home", "q4.schools", "q20", "q3.plan"]}
    return screened("few_screened", {"nb": "Endring i fem utfall", "en": "Change in five outcomes"}, families)


def many_screened() -> Exhibit:
    families = {"research": ["q17"], "plans": ["q4.home", "q4.schools", "q3.plan"], "others": ["q20"]}
    title = {"nb": "Endring i alle spørsmål", "en": "Change in all questions"}
    return screened("many_screened", title, families, copies=25)


def answered(
    name: str, by: str, groups: dict[str, dict[str, str]], counts: dict[str, tuple[int, int, int]], **facts: object
) -> Exhibit:
    """Response in 2018 and in any wave; `counts` are complete, partial and none in any wave."""
    rows = []
    whole = tuple(sum(column) for column in zip(*counts.values()))
    for wave, half in (("2018", 2), ("latest", 1)):
        for group, (complete, partial, none) in [("all", whole), *counts.items()]:
            n = complete + partial + none
            full, part = complete // half, partial // half
            values = {"complete": full, "partial": part, "none": n - full - part, "rr1": full / n}
            values["rr2"] = (full + part) / n
            keys = {"item": "response", "wave": wave, "by": "" if group == "all" else by, "group": group}
            rows += [row(v, n, category=c, weighting="unweighted", **keys) | NO_INTERVAL for c, v in values.items()]
    labels = {
        "by": {by: {"nb": {"county": "fylke"}.get(by, "innbyggertall"), "en": by}},
        "group": {"all": {"nb": "Alle", "en": "All"}, **groups},
        "wave": {**WAVES, "latest": {"nb": "minst én runde", "en": "at least one wave"}},
    }
    title = {"nb": f"Hvem som svarte ({name})", "en": f"Who answered ({name})"}
    answered = whole[0] + whole[1]
    return exhibit(name, "response", rows, answered, title, labels=labels, facts={"frame": sum(whole), **facts})


def response_size() -> Exhibit:
    counts = dict(zip(SIZES, ((33, 17, 44), (38, 18, 45), (35, 15, 32), (31, 17, 24), (40, 17, 20))))
    return answered("response_size", "size", SIZES, counts, register=2017, complete=0.8)


COUNTY_CODES = [f"{k:02}" for k in range(1, 21) if k != 13]


def response_county() -> Exhibit:
    counts = {c: (n // 3, n // 4, n - n // 3 - n // 4) for c, n in zip(COUNTY_CODES, COUNTY_COUNTS)}
    names = {c: {"nb": name, "en": name} for c, name in zip(COUNTY_CODES, COUNTIES)}
    return answered("response_county", "county", names, counts, register=2017)


def table_2_infinite() -> Exhibit:
    """Table 2 with what is said beside its infinite coefficient; the numbers are those of the issue and of R."""
    made = table_2()
    separated = {
        "model": "2",
        "term": ">=15000",
        "sign": 1,
        "profile": [-1.2714, None],
        "exact": [-3.2581, None],
        "median_unbiased": 0.4055,
        "exact_p_value": 0.8,
        "firth": 1.7177,
        "firth_interval": [-1.4653, 6.8122],
        "note": "",
    }
    test = {"small": 1, "large": 2, "statistic": 4.67149, "df": 4, "p_value": 0.3227}
    test |= {"exact_p_value": 0.5309, "firth_p_value": 0.5499, "note": "infinite, so chi-square is doubtful"}
    facts = made.facts | {"separated": [separated], "comparisons": [test]}
    return dataclasses.replace(made, name="table_2_infinite", title={"nb": "Endring", "en": "Change"}, facts=facts)


def people() -> Exhibit:
    """Own plan, with the share of inhabitants beside that of municipalities."""
    made = own_plan()
    shares = by_size((0.55, 0.58, 0.6, 0.67, 0.8), category="yes", weighting="inhabitants")
    data = pd.concat([made.data, pd.DataFrame(shares, columns=list(COLUMNS))], ignore_index=True)
    facts = {"weighting": "weighted"}
    return dataclasses.replace(
        made, name="people", title={"nb": "Har plan", "en": "Has a plan"}, data=data, facts=facts
    )


def love() -> Exhibit:
    rows = []
    for item, category, before, after in (
        ("centrality", "centrality=0", -0.14, 0.0),
        ("centrality", "centrality=1", 0.02, 0.0),
        ("size", "size=<2000", -0.07, 0.0),
        ("size", "size=>=15000", 0.098, 0.01),
        ("population", "", 0.01, -0.031),
    ):
        for how, value in (("unweighted", before), ("weighted", after)):
            keys = {"item": item, "category": category, "weighting": how, "group": "sample", "by": ""}
            rows.append(row(value, 261, **keys) | NO_INTERVAL)
    labels = {
        "item": {
            "centrality": {"nb": "Sentralitet", "en": "Centrality"},
            "size": {"nb": "Innbyggertall", "en": "Inhabitants"},
            "population": {"nb": "Folketall", "en": "Population"},
        },
        "category": {
            **{f"centrality={code}": words for code, words in SENTRAL.items()},
            **{f"size={code}": words for code, words in SIZES.items()},
        },
    }
    return exhibit("love", "balance", rows, 261, {"nb": "Balanse", "en": "Balance"}, labels=labels)


def evenness() -> Exhibit:
    def cell(value: float, error: float = math.nan, **keys: object) -> dict[str, object]:
        return row(value, 261, weighting="unweighted", by="") | NO_INTERVAL | {"std_error": error} | keys

    rows = [cell(0.8544, 0.0502, item="overall", category="r_indicator", ci_low=0.756, ci_high=0.953)]
    rows += [
        cell(value, item="overall", category=name)
        for name, value in (("response_rate", 0.6127), ("cv", 0.1188), ("bias_bound", 0.1188))
    ]
    for category, alone, beyond in (("", 0.0477, 0.0206), ("centrality=0", -0.0408, 0.0086)):
        for group, value in (("unconditional", alone), ("conditional", beyond)):
            rows.append(cell(value, 0.024, item="centrality", category=category, group=group))
    for group, value in (("unconditional", 0.05), ("conditional", 0.02)):
        rows.append(cell(value, 0.02, item="population", category="population=1836.5–3259", group=group))
    rows.append(cell(6.7176, item="centrality", category="chi_square", df=3, p_value=0.0815))
    labels = {
        "item": {
            "centrality": {"nb": "Sentralitet", "en": "Centrality"},
            "population": {"nb": "Folketall", "en": "Population"},
        },
        "category": {"centrality=0": SENTRAL["0"]},
    }
    title = {"nb": "Hvor jevnt kommunene svarte", "en": "How evenly they answered"}
    notes = ["centrality = 0: nobody answered", "something else"]
    return exhibit("evenness", "r_indicator", rows, 261, title, labels=labels, facts={"notes": notes})


MAKERS = (
    own_plan,
    phd,
    research,
    mapping,
    levels,
    measures,
    other_plans,
    training,
    county,
    centrality,
    robek,
    robek_all,
    entered,
    changed,
    table_2,
    table_1,
    county_matrix,
    distribution_waves,
    two_by_size,
    few_screened,
    many_screened,
    response_size,
    response_county,
    table_2_infinite,
    people,
    love,
    evenness,
)


@pytest.fixture(scope="session")
def exhibits() -> dict[str, Exhibit]:
    """Every kind of exhibit, by name."""
    return {made.name: made for made in (make() for make in MAKERS)}
