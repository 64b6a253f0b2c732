"""What a document is set to be: project file, head, format and call, merged as Quarto merges them."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evalkit.errors import RenderError, nearest, one_of
from evalkit.report.document import Document, read_yaml

TAGS = {"nb": "nb-NO", "en": "en-GB"}
WRITERS = {"html": "html", "pdf": "typst", "docx": "docx"}

_DOCUMENT_KEYS = (
    *("title", "subtitle", "author", "date", "lang", "notice", "source", "keywords", "translations"),
    *("engine", "jupyter", "execute", "format", "bibliography", "csl", "link-citations", "crossref", "language"),
    *("toc", "toc-depth", "toc-title", "lof", "lot", "number-sections", "evalkit"),
)
# of a document; what _quarto.yml says besides holds for every report
_FORMAT_KEYS = {"html": ("css",), "typst": ("pdf-standard",), "docx": ()}
_EXECUTE_KEYS = ("output", "echo", "include", "warning")
# words that Quarto's language files do not have
_WORDS = {
    "nb": {"skip": "Hopp til innholdet", "page": "Side", "of": "av", "notice": "Om dataene"},
    "en": {"skip": "Skip to the content", "page": "Page", "of": "of", "notice": "About the data"},
}


@dataclass(frozen=True)
class Project:
    """The folder with _quarto.yml that a document belongs to, and its shared parts."""

    root: Path
    meta: dict[str, Any]


def find_project(qmd: Path) -> Project:
    """The nearest folder above the document with a _quarto.yml; else the one that comes with the package."""
    root = next((folder for folder in qmd.resolve().parents if (folder / "_quarto.yml").is_file()), shipped_reports())
    return Project(root, read_yaml((root / "_quarto.yml").read_text(encoding="utf-8"), "_quarto.yml"))


def shipped_reports() -> Path:
    """The reports folder that travels in the wheel, or the repository's own where evalkit runs from it."""
    package = Path(__file__).resolve().parents[1]
    places = (package / "_shipped" / "reports", package.parent / "reports")
    found = next((place for place in places if (place / "_quarto.yml").is_file()), None)
    if found is None:
        raise RenderError(
            "The shared parts of the reports are missing.",
            expected=f"_quarto.yml in {places[0]}",
            mend="Install evalkit again, or put the document in a folder with _quarto.yml and _shared.",
        )
    return found


def check_keys(document: Document) -> None:
    """Refuse keys of the YAML head that would be ignored; all at once."""
    faults = [_unknown(key, _DOCUMENT_KEYS, document) for key in document.meta if key not in _DOCUMENT_KEYS]
    formats = document.meta.get("format") or {}
    formats = {formats: {}} if isinstance(formats, str) else formats
    for name, options in formats.items():
        if name not in _FORMAT_KEYS:
            faults.append(_unknown(name, tuple(_FORMAT_KEYS), document, "format"))
            continue
        allowed = [*_FORMAT_KEYS[name], *_DOCUMENT_KEYS]
        faults += [_unknown(key, allowed, document, f"format: {name}") for key in options or {} if key not in allowed]
    execute = document.meta.get("execute") or {}
    faults += [_unknown(key, _EXECUTE_KEYS, document, "execute") for key in execute if key not in _EXECUTE_KEYS]
    if document.meta.get("engine", "jupyter") != "jupyter":
        faults.append(
            RenderError(
                "The engine is not known.", where=document.path.name, expected="jupyter", got=document.meta["engine"]
            )
        )
    if faults:
        raise RenderError.of(faults)


def _unknown(key: object, known: Sequence[str], document: Document, under: str = "") -> RenderError:
    text = document.path.read_text(encoding="utf-8-sig").splitlines()
    line = next((i for i, content in enumerate(text, start=1) if content.strip().startswith(f"{key}:")), 1)
    near = nearest(key, known)
    return RenderError(
        f"Unknown key {'under ' + under if under else 'in the YAML head'}.",
        where=f"{document.path.name}, line {line}",
        expected=one_of(sorted(known)) if len(known) < 12 else None,
        got=key,
        mend=f"Did you mean {near}?" if near else "Keys that only evalkit reads go under evalkit:.",
    )


def merge(*settings: Mapping[str, Any]) -> dict[str, Any]:
    """Later settings over earlier ones; mappings are merged, lists are joined."""
    merged: dict[str, Any] = {}
    for layer in settings:
        for key, value in layer.items():
            old = merged.get(key)
            if isinstance(old, dict) and isinstance(value, Mapping):
                merged[key] = merge(old, value)
            elif isinstance(old, list) and isinstance(value, list):
                merged[key] = old + [item for item in value if item not in old]
            else:
                merged[key] = value
    return merged


def overrides(document: Document, lang: str, metadata: Mapping[str, Any], params: Mapping[str, Any]) -> dict[str, Any]:
    """What the call says over the document: language, its translations, a notice among the parameters, metadata."""
    if lang not in TAGS:
        raise RenderError("Reports have no such language.", expected=one_of(TAGS), got=lang)
    said: dict[str, Any] = {"lang": TAGS[lang], **{f"lang-{name}": name == lang for name in TAGS}}
    said |= (document.meta.get("translations") or {}).get(lang, {})
    if params.get("notice"):
        said["notice"] = params["notice"]
    return said | dict(metadata)


def resolve(project: Project, document: Document, to: str, said: Mapping[str, Any]) -> dict[str, Any]:
    """All settings of one output format ("html", "typst" or "docx")."""
    layers: list[Mapping[str, Any]] = []
    for meta in (project.meta, document.meta):
        formats = meta.get("format")
        own = (formats.get(to) if isinstance(formats, dict) else None) or {}
        layers += [{key: value for key, value in meta.items() if key != "format"}, own if isinstance(own, dict) else {}]
    merged = merge(*layers, said)
    if not str(merged.get("title") or "").strip():
        raise RenderError("The document has no title.", where=document.path.name, expected="title: in its YAML head")
    return merged


def words(settings: Mapping[str, Any]) -> dict[str, str]:
    """Words of the document's language: `language:` of the project and the document, and our own."""
    base = str(settings["lang"]).split("-")[0]
    language = settings.get("language") or {}
    plain = {key: value for key, value in language.items() if isinstance(value, str)}
    return _WORDS[base] | (language.get(base) or {}) | plain


def date_text(settings: Mapping[str, Any]) -> str | None:
    """The document's date in its language, long form."""
    from babel.dates import format_date

    date = settings.get("date")
    if date is None:
        return None
    if date == "today":
        date = now().date()
    if not isinstance(date, dt.date):
        try:
            date = dt.date.fromisoformat(str(date))
        except ValueError:
            return str(date)
    return str(format_date(date, "long", locale=str(settings["lang"]).replace("-", "_")))


def now() -> dt.datetime:
    """The time the files are stamped with: SOURCE_DATE_EPOCH where it is set."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    return dt.datetime.fromtimestamp(int(epoch), dt.UTC) if epoch else dt.datetime.now(dt.UTC).replace(microsecond=0)
