"""Numbers that stand typed in a report's prose, where a computed one belongs.

Only digits are looked for: number words (two, tre) are style as often as they are results.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from evalkit.errors import RenderError
from evalkit.report.document import Cell, Document, Line, read_document
from evalkit.report.inline import INLINE
from evalkit.report.settings import find_project

KEY = "typed-numbers"
SENTENCE = 160
"""Longest sentence that is repeated in full, in letters."""

_SPACE = r"(?:&nbsp;|\\ |[ \u00a0\u202f])"
_GAP = rf"(?:{_SPACE}|\n)+"
_NUMBER = re.compile(rf"(?<![^\W_])(?<![^\W_]_)(?:\d{{1,3}}(?:{_SPACE}\d{{3}})+(?!\d)|\d+)(?:[.,]\d+)*")
_PERCENT = re.compile(rf"{_SPACE}*\n?{_SPACE}*(?:%|prosent|per cent|percent)", re.IGNORECASE)
_ITEM = re.compile(r"^(?:> ?)*\s*(?:[-*+]\s+)?\(?(?:\d{1,9}|@)[.)](?=\s)")
_FENCE = re.compile(r"^\s*(`{3,}|~{3,})")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_ATTRIBUTES = re.compile(r"\{[#.][^{}]*\}|\{[\w-]+=[^{}]*\}")
_SHOWN = re.compile(r"""\b(?:fig-alt|alt|title|fig-cap|tbl-cap)=(?:"([^"]*)"|'([^']*)')""")
_CODE_PROSE = ("caption", "alt", "title", "sentence")

_MONTHS = (
    "januar|februar|mars|april|mai|juni|juli|august|september|oktober|november|desember|"
    "january|february|march|may|june|july|october|december"
)
_NUMBERED = (
    r"spørsmål(?:ene|et)?|spm\.?|figur(?:ene|er)?|fig\.?|tabell(?:ene|er)?|tab\.|kapit(?:tel|lene|ler)|kap\.|avsnitt|"
    r"seksjon|vedlegg|side(?:ne)?|modell(?:ene)?|nr\.|punkt|§+|s\.|"
    r"questions?|figures?|figs\.|tables?|chapters?|sections?|appendix|pages?|pp?\.|models?|no\.|items?"
)
_ONE = r"[A-Z]?\d+(?:\.\d+)*[a-z]?(?!\w|,\d)"
_LIST = rf"{_ONE}(?:(?:, ?{_ONE})*{_GAP}(?:og|and|eller|or|til|to){_GAP}{_ONE}|{_SPACE}?[–-]{_SPACE}?{_ONE})?"
_LEFT_OUT = tuple(
    re.compile(pattern, re.IGNORECASE | re.MULTILINE | re.DOTALL)
    for pattern in (
        r"\{\{<.*?>\}\}",
        r"(?<!`)(`+)(?!`).+?(?<!`)\1(?!`)",  # code
        r"(?<=\])\([^()\s]*(?:\s+\"[^\"]*\")?\)",  # targets of links and pictures
        r"^\s*\[[^\]^]+\]:\s+\S+.*?$",
        r"<https?://[^>]*>|\bhttps?://[^\s)>]+",
        r"\[\^[^\]]+\]",  # marks of footnotes
        r"\[[^\[\]]*@[^\[\]]*\]",  # references with what they point to
        r"(?<!\w)-?@[\w][\w:.#$%&+?~/-]*",
        r"&#x?[0-9a-f]+;",
        r"\^[^\s^]+\^|(?<!~)~[^\s~]+~(?!~)",
        r"\b(?:19|20)\d\d-[01]\d-[0-3]\d\b|\b[0-3]?\d\.[01]?\d\.(?:19|20)\d\d\b",
        r"\b(?:19|20)\d\d[/–-](?:(?:19|20)\d\d|\d\d)\b(?!\s*(?:%|prosent|per))",
        rf"\b[0-3]?\d(?:st|nd|rd|th)?\.?(?:{_SPACE}?[–-]{_SPACE}?[0-3]?\d\.?)?{_GAP}(?:of{_GAP})?(?:{_MONTHS})\b",
        rf"\b(?:{_MONTHS}){_GAP}[0-3]?\d(?:st|nd|rd|th)?\b(?!{_SPACE}*(?:%|prosent|per))",
        rf"(?<!\w)(?:{_NUMBERED}){_GAP}?{_LIST}(?!{_SPACE}*(?:%|prosent|per))",
    )
)


@dataclass(frozen=True)
class Finding:
    """A typed number: the file and line it stands in, as it is written, and the sentence around it."""

    file: str
    line: int
    number: str
    sentence: str


def typed_numbers(qmd: Path) -> list[Finding]:
    """Numbers typed in the prose of a document and of the files that it includes, in their order.

    Parameters
    ----------
    qmd : the document.

    Returns
    -------
    Findings. Left out are the YAML head, code, links' targets, references, labels and attributes, marks of footnotes
    and lists, years (1900–2099), dates, numbers of questions, figures, tables, sections and the like after such a
    word, and what the head allows, `evalkit: {typed-numbers: ["66", "95"]}`. Prose that stands in code is looked at:
    the sentences of `holds(…)`, and captions, titles and alternative texts.

    Raises
    ------
    RenderError where the document cannot be read, or its list of allowed numbers is none.

    Examples
    --------
    >>> typed_numbers(Path("reports/robek/robek.qmd"))
    []
    """
    document = read_document(Path(qmd), find_project(Path(qmd)).root)
    allowed = _allowed(document)
    found = [finding for block in _blocks(document) for finding in _look(block)]
    return [finding for finding in found if _plain(finding.number) not in allowed]


def check_prose(qmd: Path) -> None:
    """RenderError with a fault for each typed number of a document."""
    faults = [
        RenderError(
            "A number is typed in the prose of the report",
            where=f"{finding.file}, line {finding.line}: {finding.sentence}",
            got=finding.number,
            mend='compute it, `{python} doc.share("…")`; if it is no result, add it to the document\'s head: '
            f'evalkit: {{{KEY}: ["{_plain(finding.number)}"]}}',
        )
        for finding in typed_numbers(qmd)
    ]
    if faults:
        raise RenderError.of(faults)


def _allowed(document: Document) -> set[str]:
    own = document.meta.get("evalkit") or {}
    listed = own.get(KEY, []) if isinstance(own, dict) else own
    if not isinstance(listed, list) or any(isinstance(number, dict | list) for number in listed):
        raise RenderError(
            "The list of allowed numbers is not a list.",
            where=f"{document.path.name}, evalkit: {KEY}",
            expected='["66", "95"]',
            got=listed,
        )
    return {_plain(str(number)) for number in listed}


def _plain(number: str) -> str:
    """A number without the spaces between its thousands."""
    return re.sub(_SPACE, "", number)


def _blocks(document: Document) -> Iterator[list[Line]]:
    """Paragraphs, rows of tables, and the prose inside code, each as lines that know their place."""
    for part in document.parts:
        if isinstance(part, Cell):
            yield from _in_code(part.code, Line("", part.fence.file, part.first_code_line))
            continue
        block: list[Line] = []
        for line in [*_without_code(part.lines), Line("", "", 0)]:
            yield from _inline(line)
            if line.text.strip() and not line.text.startswith("|"):
                block.append(line)
                continue
            yield from [block] if block else []
            yield from [[line]] if line.text.strip() else []
            block = []


def _without_code(lines: Sequence[Line]) -> Iterator[Line]:
    """Lines outside fences and comments; a fence ends its paragraph."""
    fence = ""
    shown = _COMMENT.sub(_blank, "\n".join(line.text for line in lines)).split("\n")
    for line in (Line(text, line.file, line.number) for text, line in zip(shown, lines)):
        mark = _FENCE.match(line.text)
        if fence or mark:
            closes = fence and mark and mark[1].startswith(fence) and not line.text.strip(" `~")
            fence = "" if closes else fence or (mark[1] if mark else "")
            yield Line("", line.file, line.number)
        else:
            yield line


def _inline(line: Line) -> Iterator[list[Line]]:
    for match in INLINE.finditer(line.text):
        yield from _in_code(match[2].strip(), line, inline=True)


def _in_code(code: str, start: Line, inline: bool = False) -> Iterator[list[Line]]:
    """The sentences, captions, titles and alternative texts that code hands on."""
    try:
        tree = ast.parse(code)
    except SyntaxError:
        return  # the render names the fault
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            words = [keyword.value for keyword in node.keywords if keyword.arg in _CODE_PROSE]
            if isinstance(node.func, ast.Attribute) and node.func.attr == "holds":
                words += node.args[1:2]
            for text in words:
                number = start.number if inline else start.number + text.lineno - 1
                yield from ([Line(part, start.file, number)] for part in _strings(text) if part.strip())


def _strings(node: ast.expr) -> Iterable[str]:
    """The literal text of an expression, one part for each string; what an f-string computes is a gap in it."""
    if isinstance(node, ast.JoinedStr):
        parts = [str(p.value) if isinstance(p, ast.Constant) else "…" for p in node.values]
        return ["".join(parts)]
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) else []
    if isinstance(node, ast.Call):
        return []
    inner = [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]
    return [text for child in inner for text in _strings(child)]


def _look(block: list[Line]) -> Iterator[Finding]:
    """Typed numbers of one paragraph."""
    whole = "\n".join(line.text for line in block)
    text = _masked(block, whole)
    for match in _NUMBER.finditer(text):
        number = match[0]
        after = text[match.end() :]
        year = re.fullmatch(r"(?:19|20)\d\d", number) and not _PERCENT.match(after)
        name = re.search(r"[^\W\d_]-$", text[: match.start()])
        if not year and not name:
            line = block[whole.count("\n", 0, match.start())]
            yield Finding(line.file, line.number, number, _sentence(whole, match.start(), match.end()))


def _masked(block: list[Line], whole: str) -> str:
    """The paragraph with everything blank that holds no prose, every letter in its place."""
    text = whole
    if _ITEM.match(block[0].text):
        text = "\n".join(_ITEM.sub(_blank, line) for line in text.split("\n"))
    text = INLINE.sub(lambda match: match[1] + "…" * (len(match[0]) - len(match[1])), text)
    text = _ATTRIBUTES.sub(_attributes, text)
    for pattern in _LEFT_OUT:
        text = pattern.sub(_blank, text)
    return text


def _blank(match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", match[0])


def _attributes(match: re.Match[str]) -> str:
    """Blank but for the words that a reader sees or hears."""
    text = list(_blank(match))
    for shown in _SHOWN.finditer(match[0]):
        group = 1 if shown[1] is not None else 2
        text[shown.start(group) : shown.end(group)] = shown[group]
    return "".join(text)


def _sentence(whole: str, start: int, end: int) -> str:
    """The sentence around a number, on one line."""
    breaks = [match.end() for match in re.finditer(r"[.!?][»”\"*]*\s+(?=[^a-zæøå\d])", whole)]
    first = max([0, *(at for at in breaks if at <= start)])
    last = min([len(whole), *(at for at in breaks if at >= end)])
    if last - first > SENTENCE:
        before, after = max(first, start - SENTENCE // 2), min(last, end + SENTENCE // 2)
        text = ("…" if before > first else "") + whole[before:after] + ("…" if after < last else "")
    else:
        text = whole[first:last]
    return " ".join(text.split())
