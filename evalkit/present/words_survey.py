"""The words of who answered and how well they stand for all: response, balance, R-indicator, inhabitants."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SurveyWords:
    """Phrases about response and representativeness; filled by `str.format`."""

    # response
    in_frame: str
    all_units: str
    rate_of: str
    what_complete_is: str
    what_complete_is_plain: str
    what_rates_are: str
    what_rates_of_invited_are: str
    map_reading: str
    bar_reading: str
    shown_wave: str
    answered_once: str
    class_label: str
    class_below: str
    rate_line: str
    # balance
    balance_before: str
    balance_after: str
    before_and_after: str
    what_balance_is: str
    furthest: str
    beyond: str
    none_beyond: str
    # R-indicator
    measure: str
    value_error: str
    whole: str
    measures: dict[str, str]
    conditional: str
    alone: str
    beyond_others: str
    answered: str
    chi_square_df: str
    what_r_is: str
    what_cv_is: str
    what_bound_is: str
    what_partial_is: str
    what_chi_square_is: str
    nobody: str
    everybody: str
    one_indicator: str
    # what can be compared
    borders: str
    twice: str
    what_comparable_is: str
    compared_line: str
    # shares of a measure: of inhabitants, where the units are municipalities
    inhabitants: str
    share_of: str
    percent_of: str
    what_of: str
    share_of_with_interval: str
    inhabitants_in: str
    measure_in: str
    # appendix
    numbers_in: str
    numbers_of: str
    all_numbers: str


NB = SurveyWords(
    in_frame="N",
    all_units="alle {units} i populasjonen",
    rate_of="{answered} av {n}",
    what_complete_is="Fullstendig svar: minst {share} av spørsmålene som ble stilt, er besvart",
    what_complete_is_plain="Fullstendig svar: de fleste av spørsmålene er besvart",
    what_rates_are="Svarprosenten regnes av alle (N), også de som ikke svarte. RR1 teller bare fullstendige svar, "
    "RR2 også delvise (AAPORs standard)",
    what_rates_of_invited_are="Svarprosenten regnes av alle som var invitert, uten dem som er utenfor målgruppen "
    "(N). «Ukjent» er de som det ikke er kjent om er i målgruppen. RR1 teller bare fullstendige svar, RR2 også "
    "delvise; RR5 og RR6 er de samme uten de ukjente (AAPORs standard)",
    map_reading="Hver rute er et fylke, omtrent der det ligger. Prosenten er andelen som har svart helt eller delvis",
    bar_reading="Tallet i søylen er andelen fullstendige svar, tallet etter søylen alle svar",
    shown_wave="Svar i {wave}",
    answered_once="Svar i minst én av rundene {waves}",
    class_label="{low}–{high}\u00a0%",
    class_below="under {high}\u00a0%",
    rate_line="{label}: {rate} svarte ({answered} av {n}).",
    balance_before="Før vekting",
    balance_after="Etter vekting",
    before_and_after="Før og etter vekting",
    what_balance_is="Standardisert differanse: forskjellen mellom utvalg og populasjon målt i standardavvik. "
    "Innenfor ±0,1 regnes forskjellen som liten",
    furthest="{name}: lengst fra null er {label} ({value}).",
    beyond="{name}: {k} av {n} utenfor ±0,1.",
    none_beyond="{name}: ingen utenfor ±0,1.",
    measure="Mål",
    value_error="Verdi (standardfeil)",
    whole="Samlet",
    measures={
        "r_indicator": "R-indikator",
        "response_rate": "Svarprosent",
        "cv": "Variasjonskoeffisient for svarsannsynlighet",
        "bias_bound": "Største mulige skjevhet, i standardavvik",
    },
    conditional="Utover de andre (standardfeil)",
    alone="Alene",
    beyond_others="Utover de andre",
    answered="Svar",
    chi_square_df="Kjikvadrat (df)",
    what_r_is="R-indikatoren sier hvor jevnt svarene er fordelt over gruppene: 1 betyr at alle grupper svarte like "
    "ofte, "
    "lavere tall at noen svarte oftere enn andre. Den bygger bare på det vi vet om alle",
    what_cv_is="Variasjonskoeffisienten er spredningen i svarsannsynlighet delt på svarprosenten: "
    "jo høyere, jo mer kan svarene være skjeve",
    what_bound_is="Skjevheten gjelder bare det som skyldes ujevne svar etter disse kjennetegnene, og før vekting; for "
    "en andel er den høyst {points}\u00a0prosentpoeng",
    what_partial_is="Verdien til et kjennetegn er hvor mye det bidrar til ujevne svar, «Utover de andre» hvor mye det "
    "bidrar når de andre er tatt med; 0 er ingenting. En kategori over 0 svarte oftere enn snittet",
    what_chi_square_is="Kjikvadrattesten viser om svarene er fordelt som i populasjonen etter kjennetegnet; "
    "lav p betyr at de ikke er det",
    nobody="Ingen svarte i {name}",
    everybody="Alle svarte i {name}",
    one_indicator="Svarsannsynligheten varierer ikke mer enn tilfeldigheter gjør den; R-indikatoren settes til 1",
    borders="Inndeling",
    twice="{units} som har svart i minst to runder",
    what_comparable_is="Inndelingen er året for grensene som to runder sammenlignes i. Uendret, nytt nummer og slått "
    "sammen er av dem som svarte i begge. Delte er ikke med: hvilken del svaret gjelder, er ikke kjent",
    compared_line="{pair}: {both} kan sammenlignes.",
    inhabitants="innbyggerne",
    share_of="Andel av {measure}",
    percent_of="Andel av {measure} (%)",
    what_of="{what}: andel av {measure}",
    share_of_with_interval="{share}, med 95\u00a0% konfidensintervall",
    inhabitants_in="Andel av innbyggerne som bor i slike {units}",
    measure_in="Andel av {measure} i slike {units}",
    numbers_in="Alle tall: {table}.",
    numbers_of="Tallene i figuren: {what}",
    all_numbers="{what} (alle tall)",
)

EN = SurveyWords(
    in_frame="N",
    all_units="all {units} of the population",
    rate_of="{answered} of {n}",
    what_complete_is="Complete answer: at least {share} of the questions put are answered",
    what_complete_is_plain="Complete answer: most of the questions are answered",
    what_rates_are="Response rates are of all (N), including those that did not answer. RR1 counts complete answers "
    "only, RR2 partial ones, too (AAPOR’s standard)",
    what_rates_of_invited_are="Response rates are of all who were invited, but for those who are not eligible (N). "
    "Unknown are those of whom it is not known whether they are eligible. "
    "RR1 counts complete answers only, RR2 partial ones, too; RR5 and RR6 are the same without those "
    "of unknown eligibility (AAPOR’s standard)",
    map_reading="Each tile is a county, roughly where it lies. The percentage is the share that answered in full or "
    "in part",
    bar_reading="The number in the bar is the share of complete answers, the number after it all answers",
    shown_wave="Answers in {wave}",
    answered_once="Answers in at least one of the waves {waves}",
    class_label="{low}–{high}%",
    class_below="below {high}%",
    rate_line="{label}: {rate} answered ({answered} of {n}).",
    balance_before="Before weighting",
    balance_after="After weighting",
    before_and_after="Before and after weighting",
    what_balance_is="Standardised difference: the difference between sample and population in standard deviations. "
    "Differences within ±0.1 count as small",
    furthest="{name}: furthest from zero is {label} ({value}).",
    beyond="{name}: {k} of {n} beyond ±0.1.",
    none_beyond="{name}: none beyond ±0.1.",
    measure="Measure",
    value_error="Value (standard error)",
    whole="Overall",
    measures={
        "r_indicator": "R-indicator",
        "response_rate": "Response rate",
        "cv": "Coefficient of variation of the response probability",
        "bias_bound": "Largest possible bias, in standard deviations",
    },
    conditional="Beyond the others (standard error)",
    alone="Alone",
    beyond_others="Beyond the others",
    answered="Response",
    chi_square_df="Chi-square (df)",
    what_r_is="The R-indicator says how evenly the answers are spread over the groups: 1 means that all groups "
    "answered "
    "equally often, lower numbers that some answered more often than others. It rests only on what is known of all",
    what_cv_is="The coefficient of variation is the spread of the response probability over the response rate: "
    "the higher it is, the more biased the answers can be",
    what_bound_is="The bias is only what comes from uneven response over these characteristics, before weighting; of a "
    "share it is at most {points}\u00a0percentage points",
    what_partial_is="The value of a characteristic is how much it adds to uneven response, “Beyond the others” how "
    "much it adds when the others are taken into account; 0 is nothing. A category above 0 answered more "
    "often than average",
    what_chi_square_is="Chi-square tests whether the answers are distributed as the population over the "
    "characteristic; "
    "a low p means that they are not",
    nobody="Nobody answered in {name}",
    everybody="Everybody answered in {name}",
    one_indicator="The response probability varies no more than chance makes it; the R-indicator is put at 1",
    borders="Borders",
    twice="{units} that answered in at least two waves",
    what_comparable_is="Borders are of the year in which two waves are compared. Unchanged, renumbered and merged are "
    "of those that answered both. Split ones are left out: which part an answer is of is not known",
    compared_line="{pair}: {both} can be compared.",
    inhabitants="inhabitants",
    share_of="Share of {measure}",
    percent_of="Share of {measure} (%)",
    what_of="{what}: share of {measure}",
    share_of_with_interval="{share}, with 95% confidence intervals",
    inhabitants_in="Share of the inhabitants living in such {units}",
    measure_in="Share of {measure} in such {units}",
    numbers_in="All numbers: {table}.",
    numbers_of="The numbers of the figure: {what}",
    all_numbers="{what} (all numbers)",
)
