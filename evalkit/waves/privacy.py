"""The privacy gate: columns that tell who a person is are found by name, label and content, and go no further."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evalkit.waves.cells import code, number

if TYPE_CHECKING:
    import pandas as pd

    from evalkit.waves.read import Wave

PATTERNS = {
    "e-mail addresses": re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+"),
    "IP addresses": re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])"),
    "telephone numbers": re.compile(
        r"(?<![\d.,])(?:(?:\+|00)47[ ]?)?[2-9]\d(?:[ ]\d\d){3}(?!\d)|(?<!\d)(?:\+|00)47[ ]?\d{8}(?!\d)"
    ),
    "national identity numbers": re.compile(r"(?<!\d)\d{6}[ -]?\d{5}(?!\d)"),
}
OPEN_TEXT, BY_NAME, NAMES_OF_PEOPLE = "open text", "personal data by its name", "names of people"
_NAMED = re.compile(
    r"\b(e-?post(?:adress\w*)?|e-?mail|telefon(?:nummer|nr)?|tlf|phone|mobil(?:nummer|nr|telefon)?"
    r"|ip[ -]?(?:adress\w*|address)|fødselsnummer|fødselsnr|fnr|personnummer|personnr"
    r"|fornavn|etternavn|kontaktperson\w*|kontaktnavn|first ?name|last ?name|surname|respondent ?name"
    r"|respondentens? navn|navn på (?:den|respondent)\w*|ditt navn|your name|hvem har (?:fylt ut|besvart)"
    r"|location ?(?:latitude|longitude))\b",
    re.IGNORECASE,
)
_IPV6 = re.compile(r"(?<![\w:])(?:[0-9a-f]{1,4}:){3,7}(?::?[0-9a-f]{1,4}){1,4}(?![\w:])", re.IGNORECASE)
_MOBILE = re.compile(r"(?<!\d)[49]\d{7}(?!\d)")
_DASHED = re.compile(r"(?<!\d)[2-9]\d\d ?\d\d ?\d{3}(?!\d)")
_PERSON = re.compile(r"[^\W\d_a-z][\w'’.]*(?:[ -][^\W\d_a-zæøå]?[\w'’.]+){0,4}")
SENTENCE, SURELY = 4, 6
"""Words of what may be a sentence, and of what is one; municipalities have names of up to five."""
_COMMON = """
aase alexander ali amalie anders andreas ane anette anita ann anna anne annette arild arne arvid asbjørn astrid atle
aud aurora axel beate bengt benjamin bente berit bjarne bjørg bjørn brit britt camilla cathrine cecilie charlotte
christian christine christoffer dag daniel egil einar eirik eivind elin elisabeth ella ellen else emil emilie emma
eric erik erling espen eva even finn frank fred fredrik frode geir gerd glenn grete gro gunn gunnar hanna hanne hans
harald harry hege heidi helene helge henriette henrik hilde håkon håvard ida ina inga inger ingrid ingunn ingvild
irene iselin ivar jakob jan janne jens joakim johan johannes john johnny jon jonas jorunn julie jørgen jørn kai kari
karin karl karoline katrine kenneth kim kirsten kjell kjersti kjetil knut kristian kristin kristina kristine
kristoffer kåre laila lars leif lena linda line linn lise liv magne magnus malin marcus mari maria marianne marie
marit marius markus marte martin mathias mette michael mohamed mona monica morten nils nina nora ola olaf olav ole
oskar ove paul per petter pål ragnar ragnhild randi rasmus reidar reidun roar robert roger rolf ronny rune ruth sara
sigrid silje siri sissel siv solveig sondre stein steinar stian stig stine sturla sunniva svein sven sverre synnøve
tom tommy tone tor torbjørn tore torgeir torill torstein tove trine trond trude turid tuva unni vegard vibeke vidar
vigdis wenche yngve åge åse åshild øystein øyvind
"""
GIVEN = frozenset(_COMMON.split())
"""Common given names in Norway; a column of names has some of them, whatever its heading."""


@dataclass(frozen=True)
class Finding:
    """A column that does not pass: what was found in how many cells. No cell is repeated here."""

    column: str
    what: str
    cells: int


def find_personal(wave: Wave) -> list[Finding]:
    """Columns of a wave that hold personal data or open text."""
    found = (
        _look(name, wave.data[name], wave.variable_labels.get(name, ""), bool(wave.value_labels.get(name)))
        for name in wave.data.columns
    )
    return [finding for finding in found if finding is not None]


def personal_text(said: str) -> str:
    """What kind of personal data a text holds, "" where it holds none that can be told from the text alone."""
    for what, pattern in PATTERNS.items():
        hits = pattern.findall(said)
        if what == "national identity numbers":
            lost = [f"0{said}"] if re.fullmatch(r"\d{10}", said) else []  # a number that lost its first zero
            hits = [hit for hit in [*hits, *lost] if is_identity_number(hit)]
        elif what == "IP addresses":
            hits = [hit for hit in hits if all(int(part) < 256 for part in hit.split("."))] or _IPV6.findall(said)
        elif what == "telephone numbers" and re.search(r"[^\W\d]", said):
            hits = hits or _MOBILE.findall(said)
        if hits:
            return what
    words = said.split()
    known = bool(words) and words[0].split("-")[0].casefold() in GIVEN
    return NAMES_OF_PEOPLE if known and 2 <= len(words) <= 5 and _PERSON.fullmatch(said) else ""


def _look(name: str, column: pd.Series, label: str, labelled: bool) -> Finding | None:
    text = [code(cell) for cell in column.dropna().tolist()]
    kinds = {said: personal_text(said) for said in dict.fromkeys(text)}
    what = Counter(kinds[said] for said in text)
    for kind in PATTERNS:
        if what[kind]:
            return Finding(name, kind, what[kind])
    if len(kinds) > 0.8 * len(text) and _all_telephones(text):
        return Finding(name, "telephone numbers", len(text))
    if text and _people(text, what[NAMES_OF_PEOPLE]):
        return Finding(name, NAMES_OF_PEOPLE, len(text))
    if (_NAMED.search(_spaced(name)) or _NAMED.search(label)) and not labelled and not _categories(text):
        return Finding(name, BY_NAME, len(text))
    if len(kinds) > 0.5 * len(text) and _sentences(list(kinds)):
        return Finding(name, OPEN_TEXT, len(text))
    return None


def _sentences(kinds: Sequence[str]) -> bool:
    """Whether some of the different cells are sentences: one in ten of four words, or one that is longer."""
    words = [len(said.split()) for said in kinds]
    return max(words) >= SURELY or sum(count >= SENTENCE for count in words) >= 0.1 * len(words) > 0


def _spaced(name: str) -> str:
    """A column's name as words: RecipientEmail and epost_2 as Recipient Email and epost 2."""
    return re.sub(r"(?<=[a-zæøå])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[_.\d]+", " ", name)


def _all_telephones(text: Sequence[str]) -> bool:
    """Whether every cell is a mobile number or parted as telephone numbers are; sums of money end in zeros."""
    whole = all(_MOBILE.fullmatch(said) or (_DASHED.fullmatch(said) and " " in said) for said in text)
    return len(text) > 2 and whole and sum(said.endswith("00") for said in text) < 0.3 * len(text)


def _people(text: Sequence[str], full: int) -> bool:
    """Whether a column holds people's names: capitalised words in most cells, a given name first in every fifth."""
    like = sum(_PERSON.fullmatch(said) is not None for said in text)
    given = sum(said.split()[0].split("-")[0].casefold() in GIVEN for said in text if said)
    return (like > 0.6 * len(text) and full > 0.2 * len(text)) or given > 0.6 * len(text)


def _categories(text: Sequence[str]) -> bool:
    """Whether cells are answers to tick rather than what a person wrote: few kinds, and short or given often."""
    kinds = set(text)
    numbers = all((value := number(said)) is not None and abs(value) < 1000 for said in kinds)
    return bool(text) and (numbers or (len(kinds) <= 12 and len(kinds) * 3 <= len(text)))


def is_identity_number(text: str) -> bool:
    """Whether eleven digits are a Norwegian national identity number: a date, and both control digits (modulus 11).

    A D-number has 40 added to its day, a test person's 40 or 80 to the month.
    """
    digits = [int(character) for character in text if character.isdigit()]
    if len(digits) != 11:
        return False
    day, month = (10 * digits[0] + digits[1]) % 40, (10 * digits[2] + digits[3]) % 40
    if not (1 <= day <= 31 and 1 <= month <= 12):
        return False
    first = (3, 7, 6, 1, 8, 9, 4, 5, 2, 1)
    second = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)
    return all(sum(w * d for w, d in zip(weights, digits)) % 11 == 0 for weights in (first, second))
