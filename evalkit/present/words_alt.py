"""The words of alternative texts: what a chart is, its ends, its tendency, and its numbers one by one."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class AltWords:
    """Phrases of what is said instead of a figure; filled by `str.format`."""

    kinds: dict[str, str]
    extremes: str
    all_equal: str
    rises: str
    rises_or_stays: str
    falls: str
    falls_or_stays: str
    no_tendency: str
    group_step: str
    wave_step: str
    one_value: str
    wave_line: str
    category_way: str
    trend_rises_or_stays: str
    trend_falls_or_stays: str
    category_flat: str
    the_share: str
    the_mean: str
    between_waves: str
    intervals_in_brackets: str
    clear_of_one: str
    none_clear_of_one: str
    exact_estimate: str
    most_over: str
    most_under: str
    all_alike: str
    no_numbers: str


NB = AltWords(
    kinds={
        "bars": "Liggende stolper",
        "dots": "Punkter med intervaller",
        "plain_dots": "Punkter",
        "matrix": "Stolper i rader og kolonner",
        "stacked": "Stablede liggende stolper",
        "sample": "Liggende stolper med merke for populasjonen",
        "transitions": "Stolper til hver side",
        "odds": "Oddsrater med intervaller på logaritmisk akse",
        "screen": "Punkter med intervaller, et spørsmål i hver linje",
        "response": "Liggende stolper",
        "tiles": "Rutekart over fylkene",
        "balance": "Punkter før og etter vekting",
        "table": "Tabell",
    },
    extremes="Høyest: {high}, {high_value}. Lavest: {low}, {low_value}.",
    all_equal="Alle er like høye ({value}).",
    rises="{what} øker fra {step}, fra {first} til {last}.",
    rises_or_stays="{what} øker eller holder seg fra {step}, fra {first} til {last}.",
    falls="{what} synker fra {step}, fra {first} til {last}.",
    falls_or_stays="{what} synker eller holder seg fra {step}, fra {first} til {last}.",
    no_tendency="Ingen jevn tendens fra {step}, fra {first} til {last}.",
    group_step="gruppe til gruppe",
    wave_step="runde til runde",
    one_value="{label}: {value}.",
    wave_line="{label}: {values}.",
    category_way="{name}: {way} fra {low} ({first}) til {high} ({last}).",
    trend_rises_or_stays="øker eller holder seg",
    trend_falls_or_stays="synker eller holder seg",
    category_flat="{name}: {value} i alle grupper.",
    the_share="Andelen",
    the_mean="Gjennomsnittet",
    between_waves="Fra {first} til {last}: opp i {up}, ned i {down} og uendret i {same} av {n} grupper.",
    intervals_in_brackets="95\u00a0% konfidensintervall i parentes.",
    clear_of_one="Konfidensintervaller som ikke omfatter 1: {terms}.",
    none_clear_of_one="Alle konfidensintervallene omfatter 1.",
    exact_estimate="eksakt anslag {value}",
    most_over="Mest overrepresentert: {label} ({sample} av utvalget, {population} av populasjonen).",
    most_under="Mest underrepresentert: {label} ({sample} av utvalget, {population} av populasjonen).",
    all_alike="Utvalget er fordelt som populasjonen.",
    no_numbers="Ingen tall.",
)

EN = AltWords(
    kinds={
        "bars": "Horizontal bars",
        "dots": "Dots with intervals",
        "plain_dots": "Dots",
        "matrix": "Bars in rows and columns",
        "stacked": "Stacked horizontal bars",
        "sample": "Horizontal bars with a mark for the population",
        "transitions": "Bars to either side",
        "odds": "Odds ratios with intervals on a logarithmic axis",
        "screen": "Dots with intervals, a question a line",
        "response": "Horizontal bars",
        "tiles": "Tile map of the counties",
        "balance": "Dots before and after weighting",
        "table": "Table",
    },
    extremes="Highest: {high}, {high_value}. Lowest: {low}, {low_value}.",
    all_equal="All are equally high ({value}).",
    rises="{what} rises from {step}, from {first} to {last}.",
    rises_or_stays="{what} rises or stays the same from {step}, from {first} to {last}.",
    falls="{what} falls from {step}, from {first} to {last}.",
    falls_or_stays="{what} falls or stays the same from {step}, from {first} to {last}.",
    no_tendency="No steady tendency from {step}, from {first} to {last}.",
    group_step="group to group",
    wave_step="wave to wave",
    one_value="{label}: {value}.",
    wave_line="{label}: {values}.",
    category_way="{name}: {way} from {low} ({first}) to {high} ({last}).",
    trend_rises_or_stays="rises or stays",
    trend_falls_or_stays="falls or stays",
    category_flat="{name}: {value} in all groups.",
    the_share="The share",
    the_mean="The mean",
    between_waves="From {first} to {last}: up in {up}, down in {down} and unchanged in {same} of {n} groups.",
    intervals_in_brackets="95% confidence intervals in brackets.",
    clear_of_one="Confidence intervals that do not include 1: {terms}.",
    none_clear_of_one="All confidence intervals include 1.",
    exact_estimate="exact estimate {value}",
    most_over="Most over-represented: {label} ({sample} of the sample, {population} of the population).",
    most_under="Most under-represented: {label} ({sample} of the sample, {population} of the population).",
    all_alike="The sample is distributed as the population.",
    no_numbers="No numbers.",
)
