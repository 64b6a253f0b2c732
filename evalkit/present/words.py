"""The words of the house in Norwegian bokmål and English: one field a phrase, both languages in full.

Braces are filled by `str.format`; a space that must not break is written as U+00A0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evalkit.errors import MethodError, one_of
from evalkit.present import words_alt, words_change, words_survey
from evalkit.present.words_alt import AltWords
from evalkit.present.words_change import ChangeWords
from evalkit.present.words_survey import SurveyWords


@dataclass(frozen=True)
class House:
    """Every phrase that figures, tables, captions and prose are made of."""

    # notes
    source: str
    question: str
    n_note: str
    n_label: str
    n_span: str
    of: str
    weighted: str
    unweighted: str
    interval_line: str
    interval_missing: str
    interval_dot: str
    no_answers: str
    # statistics and table heads
    group: str
    wave: str
    item: str
    option: str
    category: str
    share: str
    share_percent: str
    mean: str
    interval_head: str
    n_head: str
    variable: str
    difference_points: str
    coefficient_head: str
    error_head: str
    odds_ratio: str
    p_head: str
    term: str
    model: str
    units_answered: str
    units_changed: str
    rows_used: str
    minus_2_log_likelihood: str
    difference_minus_2: str
    degrees_of_freedom: str
    statistics: dict[str, str]
    columns: dict[str, str]
    # codes
    all: str
    sample: str
    population: str
    latest_two: str
    latest_many: str
    separated: str
    infinite: str
    how_to_read_odds: str
    odds_axis: str
    track: str
    what_coefficient_is: str
    all_models: str
    # captions
    by_group: str
    by_already: str
    who_answered: str
    base: str
    one_wave: str
    many_waves: str
    latest_answer: str
    weighted_with_interval: str
    unweighted_with_interval: str
    unweighted_plain: str
    weighted_plain: str
    counts_and_weighted_shares: str
    compared: str
    # prose
    percent: str
    percentage_point: str
    percentage_points: str
    to: str
    and_: str
    interval_prose: str
    higher: str
    lower: str
    equal: str
    trend_rises: str
    trend_falls: str
    trend_flat: str
    trend_mixed: str
    standard_error: str
    # parts with words of their own
    alt: AltWords
    moved: ChangeWords
    survey: SurveyWords


NB = House(
    source="Kilde: {source}",
    question="Spørsmål: «{question}»",
    n_note="N\u00a0=\u00a0{n}",
    n_label="(n\u00a0=\u00a0{n})",
    n_span="(n\u00a0=\u00a0{low}–{high})",
    of="av",
    weighted="Vektet",
    unweighted="Uvektet",
    interval_line="Streken viser 95\u00a0% konfidensintervall",
    interval_missing="–",
    interval_dot="Punktet er anslaget, streken 95\u00a0% konfidensintervall",
    no_answers="ingen svar",
    group="Gruppe",
    wave="Runde",
    item="Spørsmål",
    option="Svaralternativ",
    category="Kategori",
    share="Andel",
    share_percent="Andel (%)",
    mean="Gjennomsnitt",
    interval_head="95\u00a0% KI",
    n_head="N",
    variable="Kjennetegn",
    difference_points="Differanse (prosentpoeng)",
    coefficient_head="Koeffisient",
    error_head="Standardfeil",
    odds_ratio="Oddsratio",
    p_head="p",
    term="Ledd",
    model="Modell\u00a0{model}",
    units_answered="Antall {units} med svar i minst to runder",
    units_changed="Herav med endret svar",
    rows_used="Antall rader i beregningen",
    minus_2_log_likelihood="−2\u00a0log-likelihood",
    difference_minus_2="Differanse i −2\u00a0log-likelihood fra modell\u00a0{small}",
    degrees_of_freedom="df\u00a0=\u00a0{df}",
    statistics={
        "n": "N",
        "min": "Minimum",
        "mean": "Gjennomsnitt",
        "max": "Maksimum",
        "sd": "Standardavvik",
        "before": "Før",
        "after": "Etter",
        "change": "Endring",
        "up": "Fra nei til ja",
        "down": "Fra ja til nei",
        "unchanged": "Uendret",
        "complete": "Fullstendig",
        "partial": "Delvis",
        "none": "Ikke svart",
        "rr1": "RR1",
        "rr2": "RR2",
        "rr5": "RR5",
        "rr6": "RR6",
        "refusal": "Avslag",
        "other": "Annet",
        "noncontact": "Ikke nådd",
        "unknown": "Ukjent",
        "not_eligible": "Utenfor",
        "detectable": "Minste synlige endring",
        "pvalue_holm": "p, Holm, i gruppen",
        "pvalue_bh": "p, Benjamini–Hochberg, i gruppen",
        "pvalue_holm_all": "p, Holm, alle",
        "pvalue_bh_all": "p, Benjamini–Hochberg, alle",
        "by": "Ulik endring mellom grupper",
        "chi_square": "Kjikvadrat",
    },
    columns={
        "item": "Spørsmål",
        "wave": "Runde",
        "by": "Inndeling",
        "group": "Gruppe",
        "category": "Kategori",
        "weighting": "Vekting",
        "estimate": "Anslag",
        "std_error": "Standardfeil",
        "ci_low": "95\u00a0% KI, nedre",
        "ci_high": "95\u00a0% KI, øvre",
        "p_value": "p-verdi",
        "df": "Frihetsgrader",
        "n": "N",
        "sum_weights": "Sum av vekter",
        "n_effective": "Effektiv N",
        "deff": "Designeffekt",
    },
    all="Alle",
    sample="Utvalg",
    population="Populasjon",
    latest_two="begge runder",
    latest_many="alle runder",
    separated="∞: Her endret ingen {units} svar den andre veien. Anslaget er da uendelig, "
    "og konfidensintervallet har bare én endelig grense",
    infinite="uendelig",
    how_to_read_odds="Oddsratio over 1 betyr at flere endret svar til ja enn til nei",
    odds_axis="Oddsratio, logaritmisk akse",
    track="Det lyse feltet er 100 %",
    what_coefficient_is="Koeffisienten er den naturlige logaritmen til oddsratioen",
    all_models="Grunnlag for alle modellene",
    by_group="{title}, etter {group}",
    by_already=", etter ",
    who_answered="{units} som har svart",
    base="{base}",
    one_wave="Runde: {wave}",
    many_waves="Runder: {waves}",
    latest_answer="Runder: {waves}, siste svar",
    weighted_with_interval="Vektede tall med 95\u00a0% konfidensintervall",
    unweighted_with_interval="Uvektede tall med 95\u00a0% konfidensintervall",
    unweighted_plain="Uvektede tall",
    weighted_plain="Vektede tall",
    counts_and_weighted_shares="Antall er uvektede, andeler vektede",
    compared="Utvalget sammenlignet med populasjonen",
    percent="prosent",
    percentage_point="prosentpoeng",
    percentage_points="prosentpoeng",
    to="til",
    and_="og",
    interval_prose="95\u00a0%\u00a0KI: {interval}",
    higher="{difference} høyere",
    lower="{difference} lavere",
    equal="like høy",
    trend_rises="øker",
    trend_falls="synker",
    trend_flat="er den samme",
    trend_mixed="varierer",
    standard_error="{coefficient} (standardfeil {std_error})",
    alt=words_alt.NB,
    moved=words_change.NB,
    survey=words_survey.NB,
)

EN = House(
    source="Source: {source}",
    question="Question: “{question}”",
    n_note="N\u00a0=\u00a0{n}",
    n_label="(n\u00a0=\u00a0{n})",
    n_span="(n\u00a0=\u00a0{low}–{high})",
    of="of",
    weighted="Weighted",
    unweighted="Unweighted",
    interval_line="The line shows the 95% confidence interval",
    interval_missing="–",
    interval_dot="The dot is the estimate, the line its 95% confidence interval",
    no_answers="no answers",
    group="Group",
    wave="Wave",
    item="Question",
    option="Option",
    category="Category",
    share="Share",
    share_percent="Share (%)",
    mean="Mean",
    interval_head="95% CI",
    n_head="N",
    variable="Characteristic",
    difference_points="Difference (percentage points)",
    coefficient_head="Coefficient",
    error_head="Standard error",
    odds_ratio="Odds ratio",
    p_head="p",
    term="Term",
    model="Model\u00a0{model}",
    units_answered="Number of {units} with answers in at least two waves",
    units_changed="Of which changed their answer",
    rows_used="Number of rows used",
    minus_2_log_likelihood="−2\u00a0log-likelihood",
    difference_minus_2="Difference in −2\u00a0log-likelihood from model\u00a0{small}",
    degrees_of_freedom="df\u00a0=\u00a0{df}",
    statistics={
        "n": "N",
        "min": "Minimum",
        "mean": "Mean",
        "max": "Maximum",
        "sd": "Standard deviation",
        "before": "Before",
        "after": "After",
        "change": "Change",
        "up": "From no to yes",
        "down": "From yes to no",
        "unchanged": "Unchanged",
        "complete": "Complete",
        "partial": "Partial",
        "none": "No answer",
        "rr1": "RR1",
        "rr2": "RR2",
        "rr5": "RR5",
        "rr6": "RR6",
        "refusal": "Refusal",
        "other": "Other",
        "noncontact": "No contact",
        "unknown": "Unknown",
        "not_eligible": "Not eligible",
        "detectable": "Smallest detectable change",
        "pvalue_holm": "p, Holm, in the group",
        "pvalue_bh": "p, Benjamini–Hochberg, in the group",
        "pvalue_holm_all": "p, Holm, all",
        "pvalue_bh_all": "p, Benjamini–Hochberg, all",
        "by": "Change differs between groups",
        "chi_square": "Chi-square",
    },
    columns={
        "item": "Question",
        "wave": "Wave",
        "by": "Division",
        "group": "Group",
        "category": "Category",
        "weighting": "Weighting",
        "estimate": "Estimate",
        "std_error": "Standard error",
        "ci_low": "95% CI, lower",
        "ci_high": "95% CI, upper",
        "p_value": "p-value",
        "df": "Degrees of freedom",
        "n": "N",
        "sum_weights": "Sum of weights",
        "n_effective": "Effective N",
        "deff": "Design effect",
    },
    all="All",
    sample="Sample",
    population="Population",
    latest_two="both waves",
    latest_many="all waves",
    separated="∞: Here none of the {units} changed the other way. The estimate is then infinite, "
    "and its confidence interval has only one finite limit",
    infinite="infinite",
    how_to_read_odds="An odds ratio above 1 means that more changed to yes than to no",
    odds_axis="Odds ratio, logarithmic axis",
    track="The light band is 100%",
    what_coefficient_is="The coefficient is the natural logarithm of the odds ratio",
    all_models="Basis of all models",
    by_group="{title}, by {group}",
    by_already=", by ",
    who_answered="{units} that answered",
    base="{base}",
    one_wave="Wave: {wave}",
    many_waves="Waves: {waves}",
    latest_answer="Waves: {waves}, latest answer",
    weighted_with_interval="Weighted numbers with 95% confidence intervals",
    unweighted_with_interval="Unweighted numbers with 95% confidence intervals",
    unweighted_plain="Unweighted numbers",
    weighted_plain="Weighted numbers",
    counts_and_weighted_shares="Counts are unweighted, shares weighted",
    compared="The sample compared with the population",
    percent="per\u00a0cent",
    percentage_point="percentage point",
    percentage_points="percentage points",
    to="to",
    and_="and",
    interval_prose="95%\u00a0CI: {interval}",
    higher="{difference} higher",
    lower="{difference} lower",
    equal="equally high",
    trend_rises="rises",
    trend_falls="falls",
    trend_flat="is the same",
    trend_mixed="varies",
    standard_error="{coefficient} (standard error {std_error})",
    alt=words_alt.EN,
    moved=words_change.EN,
    survey=words_survey.EN,
)

HOUSES = {"nb": NB, "en": EN}


def house(lang: str) -> House:
    """The words of a language, "nb" or "en"; MethodError for any other."""
    if lang not in HOUSES:
        raise MethodError("No words in this language", expected=one_of(HOUSES), got=lang)
    return HOUSES[lang]


def sentence(*parts: str | None) -> str:
    """Join `parts` as sentences: capital first, full stop last, the empty ones left out."""
    kept = [part.strip() for part in parts if part and part.strip()]
    return " ".join(capital(part) if part[-1] in ".?!…»”" else capital(part) + "." for part in kept)


def capital(text: str) -> str:
    """`text` with its first letter as a capital."""
    return text[:1].upper() + text[1:]


def lower_first(text: str) -> str:
    """`text` as it stands inside a sentence; a word that begins with two capitals keeps them."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def listed(words: Sequence[str], lang: str) -> str:
    """«a, b og c»."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {house(lang).and_} {words[-1]}"
