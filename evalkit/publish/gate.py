"""The last gate: every file that would leave is looked through for what is personal, restricted, or of this machine."""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

from evalkit.errors import EvalkitError, PrivacyError
from evalkit.publish.archive import files_in
from evalkit.results import Run
from evalkit.waves.privacy import PATTERNS, find_personal, is_identity_number
from evalkit.waves.read import read_wave

LOOKED_FOR = ("e-mail addresses", "telephone numbers", "national identity numbers")
HASH = re.compile(r"\b[0-9a-f]{32,}\b")
SAID = ("alt", "aria-label", "content", "descr", "href", "name", "Target", "title")
"""Attributes that hold words or addresses."""
OF_PDF = re.compile(
    rb"/(?:URI|Author|Title|Subject|Keywords|Creator|Producer|Alt|ActualText|Contents)\s*\(((?:\\.|[^\\()])*)\)"
)
STREAM = re.compile(rb"stream\r?\n(.*?)endstream", re.DOTALL)


def look(folder: Path, run: Run, allow: Sequence[str] = ()) -> None:
    """Read every file below `folder`.

    Parameters
    ----------
    allow : addresses and numbers that are published on purpose.

    Raises
    ------
    PrivacyError with every finding: file, what, and how often; the finding itself is not repeated.
    """
    stopped = {row["column"] for rows in run.record["stopped_at_the_privacy_gate"].values() for row in rows}
    here = [str(path) for path in (run.study.root.resolve(), run.path.resolve(), Path.home()) if len(path.parts) > 1]
    faults: list[EvalkitError] = []
    for file in files_in(folder):
        name = file.relative_to(folder).as_posix()
        text = HASH.sub(" ", "\n".join(_text(file)))
        for what in LOOKED_FOR:
            hits = [hit for hit in _hits(what, text) if hit not in allow]
            if hits:
                faults.append(_fault(f"{what[0].upper()}{what[1:]} would leave the house", name, len(hits)))
        paths = sum(text.count(path) for path in here)
        if paths:
            faults.append(_fault("Paths of this machine would leave the house", name, paths))
        for column in sorted(stopped & set(_columns(file))):
            what = f"Column {column!r} stopped at the privacy gate, and is in a file"
            faults.append(PrivacyError(what, where=name, mend="leave it out of items.toml"))
        if file.suffix == ".sav":
            faults += [
                _fault(f"Column {found.column!r} holds {found.what}", name, found.cells)
                for found in find_personal(read_wave(file))
                if found.what in LOOKED_FOR
            ]
    if faults:
        raise PrivacyError.of(faults)


def _fault(what: str, name: str, hits: int) -> PrivacyError:
    mend = "take it out of the report, the labels or the study; what is published on purpose: allow"
    return PrivacyError(what, where=name, got=f"{hits} of them", mend=mend)


def _hits(what: str, text: str) -> Iterator[str]:
    for match in PATTERNS[what].finditer(text):
        decimals = text[match.start() - 1 : match.start()] in (".", ",") if match.start() else False
        if what == "national identity numbers" and (decimals or not is_identity_number(match.group())):
            continue
        yield match.group().strip(".")


def _text(file: Path) -> Iterator[str]:
    """What a file says, in pieces: words and attributes, no drawing, font or style."""
    kind = file.suffix.lower()
    if kind == ".html":
        page = _Page()
        page.feed(file.read_text(encoding="utf-8"))
        yield from page.said
    elif kind in (".docx", ".xlsx"):
        with zipfile.ZipFile(file) as packed:
            for name in sorted(packed.namelist()):
                if name.endswith((".xml", ".rels")):
                    yield from _xml(packed.read(name))
    elif kind == ".xml":
        yield from _xml(file.read_bytes())
    elif kind == ".pdf":
        yield from _pdf(file.read_bytes())
    elif kind == ".sav":
        wave = read_wave(file)
        yield from (*wave.variable_labels.values(), wave.file_label)
        yield from (label for labels in wave.value_labels.values() for label in labels.values())
    else:
        yield file.read_text(encoding="utf-8")


class _Page(HTMLParser):
    """The words and addresses of a web page."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self.inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "style"):
            self.inside.append(tag)
        self.said += [value for name, value in attrs if name in SAID and value and not value.startswith("data:")]

    def handle_endtag(self, tag: str) -> None:
        if self.inside and self.inside[-1] == tag:
            self.inside.pop()

    def handle_data(self, data: str) -> None:
        if not self.inside:
            self.said.append(data)


def _xml(content: bytes) -> Iterator[str]:
    """Paragraphs as they read, so that a run of letters in another typeface does not split a word."""
    for element in ET.fromstring(content).iter():
        yield from (value for name, value in element.attrib.items() if name.rpartition("}")[2] in SAID)
        if element.tag.endswith(("}p", "}si")):
            yield "".join(element.itertext())
        elif element.text and not element.tag.endswith("}t"):
            yield element.text


def _pdf(content: bytes) -> Iterator[str]:
    """Addresses, metadata and alternative texts; the words on the pages are those of the web page beside it."""
    parts = [content]
    for match in STREAM.finditer(content):
        try:
            parts.append(zlib.decompress(match.group(1)))
        except zlib.error:
            parts.append(match.group(1) if match.group(1).lstrip().startswith(b"<?xpacket") else b"")
    for part in parts:
        yield from (found.decode("latin-1") for found in OF_PDF.findall(part))
        start = part.find(b"<x:xmpmeta")
        if start >= 0:
            yield part[start : part.find(b"</x:xmpmeta>")].decode("utf-8", errors="replace")


def _columns(file: Path) -> Sequence[str]:
    """Columns of a file of data."""
    if file.suffix == ".csv":
        return next(csv.reader(io.StringIO(file.read_text(encoding="utf-8"))), [])
    return list(read_wave(file).data.columns) if file.suffix == ".sav" else []
