"""The words of change between waves: the screen of all questions, and what is said beside an infinite coefficient."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ChangeWords:
    """Phrases of a screen and of a conditional logit's infinite coefficients; filled by `str.format`."""

    # a screen
    before: str
    after: str
    change: str
    change_points: str
    holm: str
    holm_all: str
    by_p: str
    detectable: str
    answered_both: str
    answered_ends: str
    alone: str
    together: str
    together_named: str
    seen: str
    none_of_all: str
    some_of_all: str
    none_seen: str
    none_seen_one: str
    could_see: str
    could_see_rest: str
    could_see_one: str
    never_seen: str
    n_outcomes: str
    what_p_is: str
    what_joint_p_is: str
    what_holm_is: str
    what_detectable_is: str
    what_by_p_is: str
    noted: str
    notes: dict[str, str]
    note_only_in: str
    other_note: str
    dots: str
    band: str
    filled: str
    fewer_in: str
    more_in: str
    how_to_read_interaction: str
    open_dot_exact: str
    others: str
    other_options: str
    all_alike: str
    largest_up: str
    largest_down: str
    # infinite coefficients
    infinite_head: str
    in_model: str
    profile: str
    exact: str
    firth: str
    chi_square_p: str
    exact_p: str
    firth_p: str
    what_infinite_means: str
    what_profile_is: str
    what_exact_is: str
    what_firth_is: str
    no_exact: str
    what_comparison_is: str
    no_exact_comparison: str
    changed_of: str
    doubtful: str


NB = ChangeWords(
    before="Før (%)",
    after="Etter (%)",
    change="Endring (95\u00a0% KI)",
    change_points="Endring i prosentpoeng (95\u00a0% KI)",
    holm="p, Holm",
    holm_all="p, Holm, alle",
    by_p="p, gruppe",
    detectable="Minste synlige",
    answered_both="{units} som svarte både i {first} og i {last}",
    answered_ends="{units} som svarte i flere runder; endring fra {first} til {last}",
    alone="Testet for seg",
    together="Testet sammen ({n}\u00a0utfall)",
    together_named="{name} ({n}\u00a0utfall)",
    seen="Justert for antall tester i gruppen er det tegn til endring i {k} av {n}\u00a0utfall: {names}",
    none_of_all="Justert for alle {n}\u00a0utfall under ett er det ikke tegn til endring i noen av dem",
    some_of_all="Justert for alle {n}\u00a0utfall under ett gjelder det {names}",
    none_seen="Ingen tegn til endring i {k} av {n}\u00a0utfall",
    none_seen_one="Ingen tegn til endring i det ene utfallet som er testet",
    could_see="I halvparten av dem ville en endring på {median}\u00a0prosentpoeng blitt sett; "
    "i det svakeste måtte den ha vært {max}\u00a0prosentpoeng",
    could_see_rest="I halvparten av de andre ville en endring på {median}\u00a0prosentpoeng blitt sett; "
    "i det svakeste måtte den ha vært {max}\u00a0prosentpoeng",
    could_see_one="Der ville en endring på {max}\u00a0prosentpoeng blitt sett",
    never_seen="I {k} av dem endret så få {units} svar at ingen endring kunne blitt påvist",
    n_outcomes="N i hvert utfall: {span}",
    what_p_is="McNemars eksakte test (p) viser om like mange gikk hver vei",
    what_joint_p_is="Testen (p) gjelder endring mellom alle rundene under ett; tallene viser første og siste runde",
    what_holm_is="Når mange utfall testes, blir noen p-verdier små ved en tilfeldighet. «Holm» er justert for antall "
    "tester innenfor gruppen av spørsmål, «Holm, alle» for alle utfall i tabellen",
    what_detectable_is="Minste synlige er den endringen, i prosentpoeng, som testen (5\u00a0%-nivå, uten justering for "
    "antall tester) ville ha funnet med 80\u00a0% sannsynlighet når så mange endret svar; – betyr at for få gjorde det",
    what_by_p_is="Den siste p-verdien viser om endringen var ulik etter {by}",
    noted="{mark} {why}",
    notes={
        "no unit changed": "Ingen endret svar, så det er ingenting å teste",
        "never answered": "Aldri besvart",
        "one group only changed": "Bare én gruppe endret svar",
    },
    note_only_in="Besvart bare i {wave}",
    other_note="Testen er usikker ({note})",
    dots="Punktet er endringen, streken 95\u00a0% konfidensintervall",
    band="Det lyse feltet er endringer som testen (5\u00a0%-nivå, uten justering for antall tester) ville ha funnet "
    "sjeldnere enn 80\u00a0% av gangene; uten felt endret for få svar til at noen endring kunne blitt påvist",
    fewer_in="færre i {wave}",
    more_in="flere i {wave}",
    how_to_read_interaction="I samspillsledd (×) betyr en oddsratio over 1 at endringen i gruppen gikk mer mot ja "
    "enn i referansegruppen{group}",
    open_dot_exact="Åpent punkt: eksakt anslag der det vanlige er uendelig (medianforventningsrett, se tabellen)",
    filled="Fylt punkt: endring også når det justeres for antall tester i gruppen; åpent punkt: ingen tegn til endring",
    others="Av spørsmål med flere svaralternativer vises det med størst endring (det bredeste intervallet der ingen er "
    "endret), med de andre som små punkter; alle står i tabellen",
    other_options="{option} (størst\u00a0av\u00a0{n})",
    all_alike="{question} (alle\u00a0{n}\u00a0uendret)",
    largest_up="Størst økning: {name} ({points})",
    largest_down="Størst nedgang: {name} ({points})",
    infinite_head="Når anslaget er uendelig: {term}",
    in_model="Når anslaget er uendelig: {term}, modell\u00a0{model}",
    profile="Profil: den grensen som finnes",
    exact="Eksakt: alle mulige svar talt opp",
    firth="Firth: anslag trukket mot null",
    chi_square_p="– p etter kjikvadratfordelingen",
    exact_p="– p, eksakt",
    firth_p="– p, Firth",
    what_infinite_means="Et uendelig anslag betyr at svarene ikke setter noen grense oppover (eller nedover), ikke at "
    "forskjellen er stor. Derfor har tabellen tre andre mål",
    what_profile_is="Profil: koeffisienter utenfor grensen passer merkbart dårligere med svarene enn de innenfor",
    what_exact_is="Eksakt: alle måter svarene kunne ha falt på, er talt opp; anslaget er det som like ofte blir "
    "for høyt "
    "som for lavt (medianforventningsrett)",
    what_firth_is="Firth: beregningen trekkes litt mot ingen forskjell, så mye at anslaget blir endelig",
    no_exact="Eksakt beregning var ikke mulig for {term}",
    what_comparison_is="Testene av forskjellen mellom modellene stiller samme spørsmål med flere metoder",
    no_exact_comparison="En eksakt test av forskjellen mellom modellene ble for stor å regne ut",
    changed_of="{who} ({n}), av dem {changed} med endret svar",
    doubtful="Kjikvadratfordelingen er usikker når et anslag er uendelig; den eksakte testen er da å foretrekke",
)

EN = ChangeWords(
    before="Before (%)",
    after="After (%)",
    change="Change (95% CI)",
    change_points="Change in percentage points (95% CI)",
    holm="p, Holm",
    holm_all="p, Holm, all",
    by_p="p, group",
    detectable="Smallest visible",
    answered_both="{units} that answered both in {first} and in {last}",
    answered_ends="{units} that answered in several waves; change from {first} to {last}",
    alone="Tested on its own",
    together="Tested together ({n}\u00a0outcomes)",
    together_named="{name} ({n}\u00a0outcomes)",
    seen="Adjusted for the number of tests in the group there are signs of change in {k} of {n}\u00a0outcomes: {names}",
    none_of_all="Adjusted for all {n}\u00a0outcomes together there is no sign of change in any of them",
    some_of_all="Adjusted for all {n}\u00a0outcomes together this holds for {names}",
    none_seen="No sign of change in {k} of {n}\u00a0outcomes",
    none_seen_one="No sign of change in the one outcome tested",
    could_see="In half of them a change of {median}\u00a0percentage points would have been seen; "
    "in the weakest it had to be {max}\u00a0percentage points",
    could_see_rest="In half of the others a change of {median}\u00a0percentage points would have been seen; "
    "in the weakest it had to be {max}\u00a0percentage points",
    could_see_one="A change of {max}\u00a0percentage points would have been seen there",
    never_seen="In {k} of them so few {units} changed their answer that no change could have been shown",
    n_outcomes="N of each outcome: {span}",
    what_p_is="McNemar’s exact test (p) asks whether as many went each way",
    what_joint_p_is="The test (p) is of change between all waves together; the numbers are of the first and last wave",
    what_holm_is="When many outcomes are tested, some p-values are small by chance. “Holm” is adjusted for the number "
    "of tests within the group of questions, “Holm, all” for all outcomes of the table",
    what_detectable_is="Smallest visible is the change, in percentage points, that the test (5% level, not adjusted "
    "for the number of tests) would have found with 80% probability when so many changed their answer; – means that "
    "too few did",
    what_by_p_is="The last p-value is of a test of whether the change differed by {by}",
    noted="{mark} {why}",
    notes={
        "no unit changed": "None changed their answer, so there is nothing to test",
        "never answered": "Never answered",
        "one group only changed": "One group only changed",
    },
    note_only_in="Answered in {wave} only",
    other_note="The test is doubtful ({note})",
    dots="The dot is the change, the line its 95% confidence interval",
    band="The light band holds changes that the test (5% level, not adjusted for the number of tests) would have "
    "found less than 80% of the time; without a band too few changed their answer for any change to be shown",
    fewer_in="fewer in {wave}",
    more_in="more in {wave}",
    how_to_read_interaction="For interaction terms (×) an odds ratio above 1 means that the change in the group went "
    "more towards yes than in the reference group{group}",
    open_dot_exact="Open dot: exact estimate where the usual one is infinite (median-unbiased, see the table)",
    filled="Filled dot: change also after adjustment for the number of tests in the group; open dot: no sign of change",
    others="Of questions with several options the one that changed most is shown (the widest interval where none did), "
    "with the others as small dots; all are in the table",
    other_options="{option} (largest\u00a0of\u00a0{n})",
    all_alike="{question} (all\u00a0{n}\u00a0unchanged)",
    largest_up="Largest rise: {name} ({points})",
    largest_down="Largest fall: {name} ({points})",
    infinite_head="When the estimate is infinite: {term}",
    in_model="When the estimate is infinite: {term}, model\u00a0{model}",
    profile="Profile: the limit that there is",
    exact="Exact: all possible answers counted",
    firth="Firth: estimate shrunk towards zero",
    chi_square_p="– p by the chi-square distribution",
    exact_p="– p, exact",
    firth_p="– p, Firth",
    what_infinite_means="An infinite estimate means that the answers set no limit upwards (or downwards), not that the "
    "difference is large. The table therefore has three other measures",
    what_profile_is="Profile: coefficients beyond the limit fit the answers markedly worse than those within it",
    what_exact_is="Exact: all the ways in which the answers could have fallen are counted; the estimate is the one "
    "that "
    "is too high as often as too low (median-unbiased)",
    what_firth_is="Firth: the estimate is shrunk slightly towards no difference, just so much that it is finite",
    no_exact="An exact calculation was not possible for {term}",
    what_comparison_is="The tests of the difference between the models ask the same question by several methods",
    no_exact_comparison="An exact test of the difference between the models was too large to compute",
    changed_of="{who} ({n}), {changed} of them with a changed answer",
    doubtful="The chi-square distribution is unreliable when an estimate is infinite; the exact test is then better",
)
