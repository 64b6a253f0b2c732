"""Answers come in the order of their scale in five languages, however they are found, or say that they do not."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalkit.study.known import BLANKS, REASONS, SCALES, plain, reason_of
from evalkit.study.scales import ALPHABETICAL, in_order

ORDERED = """
Svært dårlig | Dårlig | Verken god eller dårlig | God | Svært god
Helt uenig | Litt uenig | Verken eller | Litt enig | Helt enig
Svært uenig | Uenig | Verken enig eller uenig | Enig | Svært enig
Uenig | Delvis uenig | Delvis enig | Enig
Aldri | Sjelden | Av og til | Ofte | Alltid
Aldri | Sjeldnere | Månedlig | Ukentlig | Daglig
Ikke i det hele tatt | I svært liten grad | I liten grad | I noen grad | I stor grad | I svært stor grad
Ikke viktig | Mindre viktig | Ganske viktig | Svært viktig
Ikke nyttig | Litt nyttig | Nyttig | Svært nyttig
Mye dårligere | Litt dårligere | Som før | Litt bedre | Mye bedre
Færre | Som før | Flere
Lav | Middels | Høy
Svært misfornøyd | Misfornøyd | Verken misfornøyd eller fornøyd | Fornøyd | Svært fornøyd
Svært vanskelig | Vanskelig | Middels | Lett | Svært lett
Ja | Delvis | Nei, men planlegger | Nei
Ja | Nei | Annet
Ingen | Noen få | Halvparten | De fleste | Alle
Under 5 | 5–9 | 10–19 | 20 eller flere
0–999 | 1 000–4 999 | 5 000 og over
1 Svært dårlig | 2 | 3 | 4 | 5 Svært god
2023-11 | 2023-12 | 2024-01
Strongly disagree | Disagree | Neither agree nor disagree | Agree | Strongly agree
Not at all important | Slightly important | Moderately important | Very important | Extremely important
Not at all satisfied | Not very satisfied | Fairly satisfied | Very satisfied
Very unlikely | Unlikely | Neutral | Likely | Very likely
To a small extent | To some extent | To a large extent | To a very large extent
Poor | Fair | Good | Very good | Excellent
Never | Rarely | Sometimes | Often | Always
Less than 5 | 5-9 | 10 or more
Instämmer inte alls | Instämmer delvis | Instämmer helt
Mycket missnöjd | Missnöjd | Varken eller | Nöjd | Mycket nöjd
Aldrig | Sällan | Ibland | Ofta | Alltid
Meget utilfreds | Utilfreds | Hverken eller | Tilfreds | Meget tilfreds
Aldrig | Sjældent | Nogle gange | Ofte | Altid
Sehr unzufrieden | Unzufrieden | Weder noch | Zufrieden | Sehr zufrieden
Stimme überhaupt nicht zu | Stimme eher zu | Stimme voll zu
Nie | Selten | Manchmal | Oft | Immer
"""


@pytest.mark.parametrize("scale", ORDERED.strip().splitlines())
def test_words_of_a_scale_are_put_in_its_order(scale):
    words = scale.split(" | ")
    for seed in range(5):
        mixed = random.Random(seed).sample(words, len(words))
        ordered, why = in_order({word: {"nb": word} for word in mixed})
        assert list(ordered) == words and why and why != ALPHABETICAL


def test_what_is_no_scale_says_that_it_is_in_alphabetical_order():
    assert in_order({word: {"nb": word} for word in ("Rektor", "Annet", "Lærer", "Assistent")}) == (
        {word: {"nb": word} for word in ("Assistent", "Lærer", "Rektor", "Annet")},
        ALPHABETICAL,
    )


def test_codes_are_in_the_order_of_their_numbers_and_ends_say_so():
    labels = {"1": "Svært dårlig", "5": "Svært god", "2": "2", "3": "3", "4": "4"}
    ordered, why = in_order({code: {"nb": label} for code, label in labels.items()})
    assert list(ordered) == list("12345")
    assert why == "words stand at the ends of the scale alone: in the order of its numbers"
    assert in_order({code: {"nb": code + "x"} for code in ("1", "0", "-1")})[1] == ""
    assert list(in_order({code: {"nb": code + "x"} for code in ("1", "0", "-1")})[0]) == ["-1", "0", "1"]


@given(st.dictionaries(st.text(min_size=1, max_size=12), st.text(max_size=12), max_size=8))
def test_no_category_is_lost_or_changed(labels):
    categories = {code: {"nb": label} for code, label in labels.items()}
    ordered, _ = in_order(categories)
    assert ordered == categories


def test_no_word_stands_in_two_steps_of_a_scale():
    for name, scale in SCALES.items():
        words = [plain(word) for step in scale.split("|") for word in step.split(";")]
        assert len(set(words)) == len(words), name


@pytest.mark.parametrize(
    ("said", "why"),
    [
        *((word, "dont_know") for word in ("Vet ikke", "Don't know", "DK", "Vet ej", "Ved ikke", "Weiß nicht")),
        *((word, "dont_know") for word in ("Vet ikke/ikke aktuelt", "Vet ikke / ikke sikker", "- Vet ikke -")),
        *((word, "refused") for word in ("REF", "Refused", "Ubesvart", "Inget svar", "Intet svar", "Keine Angabe")),
        *((word, "not_applicable") for word in ("INAP", "NAP", "Ikke aktuelt", "Ej relevant", "Nicht zutreffend")),
        *((word, "not_asked") for word in ("Ikke spurt", "Not asked", "Nicht gefragt")),
        *((word, None) for word in ("Ja", "Ikke viktig", "Ingen", "Nei", "Referent", "Ikke enig", "Kan ikke lese")),
    ],
)
def test_why_there_is_no_answer_is_known_in_five_languages(said, why):
    assert reason_of(said) == why


def test_blanks_of_programs_are_no_words_of_an_answer():
    assert "ingen" not in BLANKS and "none" not in BLANKS
    assert set(REASONS) == {"dont_know", "refused", "not_asked", "not_applicable"}
