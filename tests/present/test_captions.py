"""Captions say what, who, N, wave and weighting; alternative texts say what is seen, word for word on six rows."""

from __future__ import annotations

import dataclasses
import math

import pytest

from evalkit.present import captions
from evalkit.present.exhibit import Exhibit

HARD = "\u00a0"


def plan(exhibits: dict[str, Exhibit], shares: list[float]) -> Exhibit:
    """Five groups and everyone: six rows, without the notice."""
    made = exhibits["own_plan"]
    data = made.data[made.data["weighting"] == "weighted"].copy()
    data["estimate"] = shares
    return dataclasses.replace(made, data=data, notice=None, question=None)


START = f"Liggende stolper. Har egen kompetanseplan, etter innbyggertall (N{HARD}={HARD}220). "


@pytest.mark.parametrize(
    ("shares", "text"),
    [
        (
            [0.54, 0.57, 0.61, 0.66, 0.72, 0.61],
            "Høyest: 15 000 eller flere, 72 prosent. Lavest: Under 2 000, 54 prosent. "
            "Andelen øker fra gruppe til gruppe, fra Under 2 000 til 15 000 eller flere. Alle: 61 prosent.",
        ),
        (
            [0.72, 0.66, 0.61, 0.57, 0.54, 0.61],
            "Høyest: Under 2 000, 72 prosent. Lavest: 15 000 eller flere, 54 prosent. "
            "Andelen synker fra gruppe til gruppe, fra Under 2 000 til 15 000 eller flere. Alle: 61 prosent.",
        ),
        (
            [0.0, 0.0, 0.0, 1 / 22, 4 / 30, 0.04],
            "Høyest: 15 000 eller flere, 13 prosent. Lavest: Under 2 000, 2 000–3 999 og 4 000–6 999, 0 prosent. "
            "Andelen øker eller holder seg fra gruppe til gruppe, fra Under 2 000 til 15 000 eller flere. "
            "Alle: 4 prosent.",
        ),
        (
            [0.54, 0.72, 0.61, 0.66, 0.57, 0.61],
            "Høyest: 2 000–3 999, 72 prosent. Lavest: Under 2 000, 54 prosent. "
            "Ingen jevn tendens fra gruppe til gruppe, fra Under 2 000 til 15 000 eller flere. Alle: 61 prosent.",
        ),
        ([0.5, 0.5, 0.5, 0.5, 0.5, 0.5], "Alle er like høye (50 prosent). Alle: 50 prosent."),
    ],
)
def test_alternative_text(exhibits: dict[str, Exhibit], shares: list[float], text: str) -> None:
    said = captions.alt(plan(exhibits, shares), "nb")
    assert said.startswith(START)
    assert said.removeprefix(START).replace(HARD, " ") == text


def test_alternative_text_in_english(exhibits: dict[str, Exhibit]) -> None:
    said = captions.alt(exhibits["own_plan"], "en")
    assert said.replace(HARD, " ") == (
        "Horizontal bars. Has its own competence plan, by number of inhabitants (N = 220). Highest: 15,000 or more, "
        "72 per cent. Lowest: Under 2,000, 54 per cent. The share rises from group to group, from Under 2,000 to "
        "15,000 or more. All: 61 per cent. Question: “Does the municipality have its own competence plan for health "
        "and care services?”"
    )


def test_alternative_text_of_a_distribution(exhibits: dict[str, Exhibit]) -> None:
    said = captions.alt(dataclasses.replace(exhibits["levels"], notice=None), "nb").replace(HARD, " ")
    assert said == (
        "Stablede liggende stolper. Viktigste beslutningsnivå for kompetansetiltak, etter innbyggertall (N = 220). "
        "Alle: Politisk nivå 5 prosent, Rådmann eller rådmannens ledergruppe 26 prosent, "
        "Kommunalsjef eller sektorleder for helse og omsorg 55 prosent og Enhetsleder 14 prosent. "
        "Politisk nivå: synker fra 12 prosent (Under 2 000) til 0 prosent (15 000 eller flere). "
        "Rådmann eller rådmannens ledergruppe: synker fra 38 prosent (Under 2 000) til 14 prosent "
        "(15 000 eller flere). Kommunalsjef eller sektorleder for helse og omsorg: øker fra 40 prosent (Under 2 000) "
        "til 71 prosent (15 000 eller flere). Enhetsleder: varierer fra 10 prosent (Under 2 000) til 18 prosent "
        "(4 000–6 999)."
    )


def test_alternative_texts_of_the_other_kinds(exhibits: dict[str, Exhibit]) -> None:
    said = {name: captions.alt(made, "nb").replace(HARD, " ") for name, made in exhibits.items()}
    assert (
        "Mest overrepresentert: Sentrale (40,0 prosent av utvalget, 37,0 prosent av populasjonen)."
        in said["centrality"]
    )
    assert "Mest underrepresentert: Minst sentrale (31,0 prosent av utvalget, 35,0 prosent" in said["centrality"]
    assert "Alle: 19 fra nei til ja, 6 fra ja til nei og 41 uendret." in said["changed"]
    assert "2008–2012: 23 kom inn, 18 gikk ut og 386 uendret." in said["entered"]
    assert "Modell 1. 2019 (mot 2018): 3,17 (1,26–7,93)." in said["table_2"]
    assert "2019 × 15 000 eller flere: uendelig (0,41 til uendelig)" in said["table_2"]
    assert "For å beholde. Høyest: Kurs og annen opplæring, 93 prosent." in said["measures"]
    assert "Nettverk for nyutdannede: øker fra 0 prosent (Under 2 000) til 29 prosent" in said["training"]
    assert "Innbyggere 2017, gjennomsnitt: utvalg 12 801,4 og populasjon 12 343,1." in said["table_1"]
    assert all("nan" not in text for text in said.values())
    assert "Størst økning: Har forskere (+20 prosentpoeng)." in said["few_screened"]
    assert "Størst nedgang: Enheter: Hjemmetjenester (−3 prosentpoeng)." in said["few_screened"]  # 59 to 57 of 61
    assert "Før vekting: 1 av 5 utenfor ±0,1. Før vekting: lengst fra null er Sentralitet, Minst" in said["love"]
    assert "Etter vekting: ingen utenfor ±0,1. Etter vekting: lengst fra null er Folketall (−0,03)." in said["love"]
    assert said["evenness"].startswith("Tabell. Hvor jevnt kommunene svarte (N = 261). R-indikator: 0,85. Svarprosent")
    assert said["response_size"].startswith("Liggende stolper. Hvem som svarte (response_size), etter innbyggertall (N")
    assert (
        "Alle: 61 prosent svarte (261 av 426). Høyest: 15 000 eller flere, 74 prosent (57 av 77). Lavest: Under"
        in (said["response_size"])
    )
    assert said["table_2"].count("Konfidensintervaller som ikke omfatter 1: Modell 1, 2019 (mot 2018).") == 1
    # 11, 10, 8, 9 percent in 2008 and 14, 2, 15, 9 in 2015
    assert "Fra 2008 til 2015: opp i 2, ned i 1 og uendret i 1 av 4 grupper." in said["robek"]
    assert said["robek"].startswith("Punkter. ") and said["research"].startswith("Punkter med intervaller. ")
    assert said["response_county"].startswith("Rutekart over fylkene.")


def test_captions(exhibits: dict[str, Exhibit]) -> None:
    said = {name: captions.caption(made, "nb").replace(HARD, " ") for name, made in exhibits.items()}
    assert said["own_plan"] == (
        "Har egen kompetanseplan, etter innbyggertall. Kommuner som har svart (N = 220). "
        "Runder: 2018 og 2019, siste svar. Vektede tall med 95 % konfidensintervall."
    )
    assert said["other_plans"].startswith(
        "Andre planer som dekker kompetanse. Kommuner uten egen kompetanseplan (N = 110). "
    )
    assert said["phd"].endswith("(N = 124). Runde: 2019. Vektede tall med 95 % konfidensintervall.")
    assert said["robek_all"] == (
        "Andel kommuner i ROBEK. Kommuner som har svart (N = 428). Runder: 2008, 2012 og 2015. Uvektede tall."
    )
    assert said["centrality"] == (
        "Representativitet, etter sentralitet. Utvalget sammenlignet med populasjonen. "
        "Kommuner som har svart (N = 261)."
    )
    assert said["changed"].endswith("Kommuner som svarte både i 2018 og i 2019 (N = 66). Uvektede tall.")
    assert captions.caption(exhibits["people"], "nb", weighting="inhabitants").replace(HARD, " ") == (
        "Har plan, etter innbyggertall: andel av innbyggerne. Kommuner som har svart (N = 220). "
        "Runder: 2018 og 2019, siste svar. Andel av innbyggerne som bor i slike kommuner, med 95 % konfidensintervall."
    )
    assert said["love"].endswith("(N = 261). Før og etter vekting.")
    assert said["few_screened"] == (
        "Endring i fem utfall. Kommuner som svarte både i 2018 og i 2019 (N = 114). N i hvert utfall: 13–66. "
        "Uvektede tall med 95 % konfidensintervall."
    )
    assert said["response_size"] == (
        "Hvem som svarte (response_size), etter innbyggertall. Alle kommuner i populasjonen (N = 426). Runde: 2018."
    )
    assert "Kommuner som har svart (N = 66), av dem 25 med endret svar. Runder: 2018 og 2019." in said["table_2"]
    assert len(set(said.values())) == len(said)
    assert captions.caption(exhibits["own_plan"], "nb", weighting="unweighted").endswith(
        f"Uvektede tall med 95{HARD}% konfidensintervall."
    )


def test_a_title_that_says_the_division_is_left_alone(exhibits: dict[str, Exhibit]) -> None:
    title = {"nb": "Egen plan, etter størrelse", "en": "Own plan, by size"}
    named = dataclasses.replace(exhibits["own_plan"], title=title)
    assert captions.caption(named, "nb").startswith("Egen plan, etter størrelse. Kommuner")
    assert captions.caption(named, "en").startswith("Own plan, by size. Municipalities")


def test_tendency() -> None:
    assert captions.tendency([1, 2, 3]) == "rises"
    assert captions.tendency([1, 1, 2]) == "rises"
    assert captions.tendency([3, 2, 2]) == "falls"
    assert captions.tendency([1, 1, 1]) == "flat"
    assert captions.tendency([1, 3, 2]) == "mixed"
    assert captions.tendency([1, math.nan, 2]) == "rises"
    assert captions.tendency([]) == "flat"


def test_groups_without_order_have_no_tendency(exhibits: dict[str, Exhibit]) -> None:
    unordered = dataclasses.replace(exhibits["own_plan"], facts={"ordered": False})
    assert "gruppe til gruppe" in captions.alt(exhibits["own_plan"], "nb")
    assert "gruppe til gruppe" not in captions.alt(unordered, "nb")


@pytest.mark.parametrize("lang", ["nb", "en"])
def test_every_alternative_text_moves_with_the_data(exhibits: dict[str, Exhibit], lang: str) -> None:
    for name, made in exhibits.items():
        data = made.data.copy()
        data["estimate"] = data["estimate"] * 0.5
        facts = {key: value for key, value in made.facts.items() if key != "separated"}
        moved = dataclasses.replace(made, data=data, facts=facts)
        assert captions.alt(moved, lang) != captions.alt(made, lang), name


def test_the_words_in_a_figure_are_in_its_alternative_text(exhibits: dict[str, Exhibit]) -> None:
    note = {"nb": "Spurt bare i 2019", "en": "Asked in 2019 only"}
    said = captions.alt(dataclasses.replace(exhibits["own_plan"], note=note), "nb")
    assert "Spurt bare i 2019. Spørsmål: «Har kommunen en egen kompetanseplan" in said
