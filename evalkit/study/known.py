"""Words that surveys use in five languages: why an answer is missing, what a tick looks like, and scales.

A catalogue: Norwegian (both forms), English, Swedish, Danish and German. Words are compared by `plain`: without case,
marks and spaces around.
"""

from __future__ import annotations

import re

ENGLISH = {
    **{"ja": "Yes", "nei": "No", "vet ikke": "Don't know", "annet": "Other", "ingen": "None", "andre": "Others"},
    **{"januar": "January", "februar": "February", "mars": "March", "april": "April", "mai": "May", "juni": "June"},
    **{"juli": "July", "august": "August", "september": "September", "oktober": "October", "november": "November"},
    **{"desember": "December", "søndag": "Sunday", "mandag": "Monday", "tirsdag": "Tuesday", "onsdag": "Wednesday"},
    **{"torsdag": "Thursday", "fredag": "Friday", "lørdag": "Saturday", "timer": "hours"},
}
"""Norwegian words of drafts in English."""
NOTHING = "empty"
REASONS: dict[str, str] = {
    "dont_know": r"vet (?:ikke|ej)|veit ikkje|vet inte|ved ikke|usikker|usikkert|ikke sikker|ukjent|osäker|okänt|ukendt"
    r"|(?:vet ikke|ved ikke|vet inte|don t know|weiß nicht) (?:ikke sikker|usikker|osäker|not sure)"
    r"|(?:jeg )?vet ikke|(?:eg )?veit ikkje|(?:jag )?vet (?:inte|ej)|(?:jeg )?ved ikke|(?:i )?don ?t know|do not know"
    r"|dk|unknown|not sure|unsure|can ?t (?:say|choose)|cannot say|weiß (?:ich )?nicht|weiss nicht|keine ahnung"
    r"|unbekannt"
    r"|kan ikke (?:si|svare)|kan inte säga|undecided",
    "not_asked": r"ikke (?:spurt|stilt|vist)|ikkje (?:spurt|stilt)|ej (?:frågad|ställd)|inte (?:frågad|ställd)"
    r"|ikke (?:spurgt|stillet)|not (?:asked|shown)|nicht (?:gefragt|gestellt)|skipped|hoppet over",
    "not_applicable": r"(?:ikke|ikkje|inte|ej) (?:aktuel[lt]?t?|relevant)|uaktuel[lt]t?|ej tillämpligt"
    r"|not (?:applicable|relevant)|nicht zutreffend|trifft nicht zu|entfällt|inapplicable|inap|iap|nap|n ?/ ?a|na",
    "refused": r"(?:vil |ønsker |ønsker å )?(?:ikke|ikkje) (?:å )?svare?|ubesvart|ikke (?:be)?svart|ikkje svart"
    r"|vil ikke (?:svare|oppgi)|ønsker ikke å (?:svare|oppgi)|vill (?:inte|ej) (?:svara|uppge)|inget svar|ej svar"
    r"|ønsker ikke at (?:svare|oplyse)|vil ikke svare|intet svar|uoplyst|uoppgitt|refused?|refusal|ref|rf|no answer"
    r"|prefer not to (?:say|answer)|missing|missing data|not (?:answered|stated|reported)|unanswered"
    r"|keine (?:angaben?|antwort)|k ?a|verweigert|möchte nicht (?:sagen|antworten)|nicht beantwortet",
}
"""Why a cell has no answer, as survey tools word it."""
BLANKS = frozenset({"na", "n a", "#n/a", "nan", "null", "#null!", ".", "-", "–", "—", "(null)", "<na>", "none given"})
"""Cells of text files and workbooks by which a program says that nothing stands there; compared without case."""
DOUBTFUL = {
    "na": "NA is no answer in some surveys, not applicable in others: see which",
    "n/a": "n/a is no answer in some surveys, not applicable in others: see which",
    "missing": "the file does not say why",
    "missing data": "the file does not say why",
}
"""Words of `REASONS` that have been used for several reasons."""
TICKED = frozenset(
    [
        "x",
        "✓",
        "✔",
        "☑",
        "☒",
        "v",
        "1",
        "true",
        "sant",
        "ja",
        "yes",
        "jo",
        "valgt",
        "avkrysset",
        "kryss",
        "krysset",
        "krysset av",
        "huket av",
        "valt",
        "vald",
        "ikryssad",
        "afkrydset",
        "selected",
        "checked",
        "ticked",
        "chosen",
        "ausgewählt",
        "angekreuzt",
        "gewählt",
        "genannt",
        "mentioned",
        "nevnt",
        "nævnt",
        "nämnt",
    ]
)
UNTICKED = frozenset(
    [
        "☐",
        *["0", "false", "usant", "nei", "no", "nej", "nein", "nicht", "unchecked", "unselected", "unticked"],
        *("ikke valgt", "ikkje valt", "inte vald", "ej vald", "ikke avkrysset", "ikke krysset av", "ikke afkrydset"),
        *("not selected", "not checked", "not ticked", "not chosen", "not mentioned", "nicht ausgewählt"),
        *("nicht gewählt", "nicht genannt", "nicht angekreuzt", "ikke nevnt", "ikke nævnt", "ikke", "ej nämnt"),
    ]
)
"""Words of boxes of a multiple choice."""

YES = r"(?:ja|jo|yes|y)\b"
"""How an answer that is yes begins."""

SCALES: dict[str, str] = {
    "yes, partly, no": """
        ja; jo; yes; ja det har vi; ja helt
        | ja i stor grad; yes to a large extent
        | ja delvis; delvis; til dels; ja til dels; ja i noen grad; ja men ikke fullt ut; partly; yes partly; in part;
        delvist; ja delvist; teilweise; ja teilweise; teils; ja til en viss grad; yes to some extent; i noen grad
        | nei men planlegger; nei men planlegger det; nei men under planlegging; nei men planlagt; nei men under arbeid;
        nei men vi planlegger det; planlagt; planlegges; under arbeid; under utarbeidelse; no but planned; planned;
        in progress; nej men planerat; nej men planlagt; nej men vi planlægger det; planerat; nein aber geplant; geplant
        | nei; nej; no; nein; nei ikke; nei det har vi ikke""",
    "how often": """
        aldri; aldrig; never; nie; niemals
        | nesten aldri; nästan aldrig; næsten aldrig; almost never; fast nie; hardly ever
        | svært sjelden; mycket sällan; meget sjældent; very rarely; sehr selten
        | sjelden; sjeldent; sjeldan; sällan; sjældent; sjælden; rarely; seldom; selten
        | av og til; noen ganger; iblant; innimellom; ibland; då och då; nogle gange; af og til; en gang imellem;
        sometimes; occasionally; now and then; manchmal; gelegentlich
        | ganske ofte; fairly often; ganska ofta; ziemlich oft
        | ofte; ofta; often; oft; häufig; frequently
        | svært ofte; veldig ofte; meget ofte; mycket ofta; very often; sehr oft; sehr häufig
        | nesten alltid; som regel; for det meste; nästan alltid; næsten altid; almost always; usually; fast immer;
        meistens; oftest
        | alltid; altid; always; immer""",
    "how often in time": """
        aldri; aldrig; never; nie; niemals
        | sjeldnere; mer sällan; sjældnere; less often; seltener; less frequently
        | årlig; hvert år; en gang i året; årligen; varje år; årligt; yearly; annually; jährlich; once a year
        | halvårlig; hvert halvår; halvårsvis; twice a year; every six months; halbjährlich; halvårligt
        | kvartalsvis; hvert kvartal; quarterly; vierteljährlich; varje kvartal
        | månedlig; hver måned; månatlig; varje månad; månedligt; monthly; monatlich; every month; once a month;
        månadsvis
        | ukentlig; hver uke; ukentleg; varje vecka; veckovis; ugentligt; hver uge; weekly; wöchentlich; every week
        | flere ganger i uken; several times a week; flera gånger i veckan; flere gange om ugen; mehrmals pro woche
        | daglig; hver dag; dagleg; dagligen; varje dag; dagligt; daily; täglich; every day
        | flere ganger om dagen; several times a day; flera gånger om dagen; flere gange om dagen; mehrmals täglich""",
    "how many": """
        ingen; inga; none; keine; none of them
        | nesten ingen; almost none; fast keine; nästan inga; næsten ingen
        | noen få; få; a few; few; några få; nogle få; wenige
        | noen; nokre; some; några; nogle; einige
        | omtrent halvparten; halvparten; about half; half; ungefär hälften; hälften; omkring halvdelen; etwa die hälfte
        | flere; several; flera; mehrere
        | mange; many; många; viele
        | de fleste; most; flertallet; de flesta; die meisten; most of them
        | nesten alle; almost all; nästan alla; næsten alle; fast alle
        | alle; all; alla; all of them""",
    "less or more": """
        mye dårligere; much worse; mycket sämre; meget dårligere; viel schlechter; mye mindre; much less; mycket mindre;
        meget mindre; viel weniger; mye færre; many fewer; mye lavere; much lower; redusert mye; kraftig redusert;
        sterkt redusert; decreased a lot; kraftig nedgang
        | dårligere; worse; sämre; schlechter; mindre; less; weniger; færre; fewer; färre; lavere; lower; redusert;
        reduced; decreased; minskat; faldet; gesunken; nedgang; gått ned
        | litt dårligere; slightly worse; lite sämre; noget dårligere; etwas schlechter; noe dårligere; litt mindre;
        noe mindre; slightly less; etwas weniger; litt færre; noe færre; redusert noe; noe redusert; somewhat worse;
        somewhat less; noe lavere; litt lavere; decreased a little
        | som før; uendret; det samme; omtrent som før; omtrent det samme; like mange; unchanged; the same;
        about the same; no change; oförändrat; oförändrad; samma; uændret; unverändert; gleich; uforandret;
        ingen endring; no difference; som forventet
        | litt bedre; slightly better; lite bättre; noget bedre; etwas besser; noe bedre; litt mer; noe mer;
        slightly more; etwas mehr; litt flere; noe flere; økt noe; noe økt; somewhat better; somewhat more;
        noe høyere; litt høyere; increased a little
        | bedre; better; bättre; besser; mer; more; mehr; mere; flere; flera; høyere; higher; økt; increased; ökat;
        øget; gestiegen; økning; gått opp
        | mye bedre; much better; mycket bättre; meget bedre; viel besser; mye mer; much more; mycket mer; meget mere;
        viel mehr; mye flere; many more; mye høyere; much higher; økt mye; kraftig økt; sterkt økt; increased a lot;
        kraftig økning""",
    "size": """
        ingen; none
        | svært lav; veldig lav; very low; mycket låg; meget lav; sehr niedrig; svært liten; very small; svært lavt
        | lav; lavt; låg; lågt; low; niedrig; liten; lite; lille; small; klein; gering
        | middels; medium; moderat; moderate; mellan; medel; mellem; mittel; mittelgroß; average; mellomstor
        | høy; høyt; høg; hög; högt; høj; højt; high; hoch; stor; stort; large; big; groß
        | svært høy; veldig høy; very high; mycket hög; meget høj; sehr hoch; svært stor; very large; svært høyt""",
    "how good": "very poor | poor | fair | good | very good | excellent; outstanding",
}
"""Scales that no grammar gives: their steps in order, between bars; the words of a step between semicolons."""

NEGATIONS = (
    "slett ikke",
    "overhodet ikke",
    "ikke i det hele tatt",
    "slet ikke",
    "inte alls",
    "not at all",
    "überhaupt nicht",
    "gar nicht",
    "ikke",
    "ikkje",
    "inte",
    "not",
    "nicht",
    "ingen",
    "no",
)
"""Before a word they are less than any of it."""
INTENSITY: dict[float, str] = {
    1: "svært lite; meget lite; very little; mycket lite; sehr wenig",
    1.5: "lite; mindre; lidt; less; not very; ikke særlig; inte särskilt; ikke særligt; wenig; weniger; hardly",
    2: "litt; slightly; a little; something; etwas; lidt; en smule; a bit; nokre; noen; some"
    "; viss; en viss; nogen; eher",
    2.5: "delvis; til dels; noe; noget; något; partly; somewhat; moderately; teilweise; delvist; middels; mostly"
    "; tend to; i noen grad; overveiende",
    3: "nokså; ganske; relativt; rather; fairly; quite; ganska; relativt; ziemlich; rimelig; forholdsvis",
    4.5: "mye; much; mycket; meget; meget mye; viel; till stor del; in hohem maße; i stor grad",
    5: "svært; veldig; særdeles; meget; mycket; very; sehr; strongly; highly; sterkt; starkt; stærkt; stark; særlig",
    6: "helt; fullstendig; fullt; completely; totally; fully; extremely; entirely; ekstremt; extremt; helt och hållet"
    "; fuldstændig; völlig; voll; äußerst; absolutt; aldeles; avgjort; definitely; absolutely",
}
"""Words before a stem, by how much of it they say; the stem alone says 4."""
POLES: dict[str, str] = {
    "uenig": "enig",
    "ueinig": "einig",
    "usamd": "samd",
    "disagree": "agree",
    "dårlig": "god bra",
    "dårleg": "god",
    "dåligt": "bra",
    "dålig": "bra god",
    "dårligt": "godt",
    "bad": "good",
    "poor": "good",
    "schlecht": "gut",
    "misfornøyd": "fornøyd",
    "misnøgd": "nøgd",
    "missnöjd": "nöjd",
    "utilfreds": "tilfreds",
    "dissatisfied": "satisfied",
    "unzufrieden": "zufrieden",
    "vanskelig": "lett enkelt enkel",
    "svårt": "lätt enkelt",
    "svært": "let nemt",
    "difficult": "easy",
    "schwierig": "einfach leicht",
    "usannsynlig": "sannsynlig",
    "osannolikt": "sannolikt",
    "usandsynligt": "sandsynligt",
    "unlikely": "likely",
    "unwahrscheinlich": "wahrscheinlich",
    "uviktig": "viktig",
    "oviktigt": "viktigt",
    "unimportant": "important",
    "unwichtig": "wichtig",
    "liten": "stor",
    "lav": "høy",
    "lavt": "høyt",
    "låg": "hög",
    "low": "high",
    "small": "large great",
    "little": "great large",
    "ringe": "stor",
    "kritisk": "positiv",
    "negativ": "positiv",
    "negativt": "positivt",
    "negative": "positive",
    "utrygg": "trygg",
    "unsafe": "safe",
}
"""A stem and its opposites."""
NEUTRAL = frozenset(
    [
        *("verken eller", "hverken eller", "verken enig eller uenig", "hverken enig eller uenig", "varken eller"),
        *(
            "både og",
            "nøytral",
            "nøytralt",
            "neutral",
            "neutralt",
            "middels",
            "midt i mellom",
            "midt imellom",
            "nøytrale",
        ),
        *("neither nor", "neither agree nor disagree", "neither good nor bad", "neither", "average", "fair", "mixed"),
        *("weder noch", "teils teils", "mittel", "mittelmäßig", "medel", "okay", "ok", "noen", "nogen", "viss", "some"),
        *("moderate", "certain", "verken god eller dårlig", "verken bra eller dårlig", "nokon"),
    ]
)
"""The middle of a scale with two poles; "neither … nor …" of any words as well."""
NEITHER = re.compile(r"(?:verken|hverken|varken|neither|weder) .+ (?:eller|nor|noch) .+")
FRAMES = (r"i (.*?)\s*(?:grad|utsträckning)", r"til (?:en )?(.*?)\s*grad", r"to (?:an? )?(.*?)\s*(?:extent|degree)")
"""Words around a degree, as in "in a large extent", with what stands inside."""


def plain(said: str) -> str:
    """Words without case, marks and doubled spaces."""
    return re.sub(r"[\s_]+", " ", re.sub(r"[^\w\s]|_", " ", said.casefold())).strip()


def ticked(said: str) -> str | None:
    """ "1" or "0" where these are usual words for a box that is ticked, or is not."""
    word = plain(said) or said.strip()
    if word in TICKED or word in UNTICKED:
        return "1" if word in TICKED else "0"
    denied = re.fullmatch(r"(?:ikke|ikkje|inte|ej|not|nicht|un) ?(.+)", word)
    return "0" if denied and denied[1] in TICKED - {"1", "0"} else None


def reason_of(label: str) -> str | None:
    """dont_know, refused, not_asked or not_applicable, where these are the usual words for it."""
    said = label.strip().casefold()
    forms = {said, plain(said), re.sub(r"^\W+|\W+$", "", said)}
    found = next((why for why, words in REASONS.items() if any(re.fullmatch(words, one) for one in forms)), None)
    both = re.split(r"\s*[/,]\s*|\s+(?:eller|or|och|oder)\s+", said)
    if found is None and len(both) == 2:  # "vet ikke / ikke aktuelt" is no answer, whichever was meant
        first, second = map(reason_of, both)
        found = first if second else None
    return found
