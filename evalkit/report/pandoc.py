"""pandoc with our filters: one call a format; what it complains of is an error that names the line."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from evalkit.errors import RenderError
from evalkit.present.pipes import escape
from evalkit.report.execute import Executed
from evalkit.report.settings import date_text, words

FILTERS = Path(__file__).parent / "filters"
TEMPLATES = Path(__file__).parent / "templates"
_MARK = "EVALKIT:"


def run_pandoc(
    executed: Executed, to: str, output: Path, *, settings: Mapping[str, Any], folder: Path, options: Sequence[str] = ()
) -> None:
    """Convert executed Markdown to `output` in the staged `folder`.

    Raises
    ------
    RenderError
        What a filter refused, all of it at once, and everything pandoc itself warns of: a missing image, a citation
        that is not in the bibliography, an identifier used twice.
    """
    meta = folder / f".meta-{to}.json"
    meta.write_text(json.dumps(metadata(settings), ensure_ascii=False), encoding="utf-8")
    command = [pandoc_path(), "--from=markdown", f"--to={to}", "--standalone", "--wrap=none"]
    command += [
        "--fail-if-warnings",
        "--syntax-highlighting=none",
        f"--metadata-file={meta.name}",
        f"--output={output}",
    ]
    command += [f"--default-image-extension={settings.get('default-image-extension', 'svg')}"]
    command += [f"--lua-filter={FILTERS / name}" for name in ("conditions.lua", "callouts.lua", "floats.lua")]
    shared = ("narrow.lua",) if to == "html" else ("tables.lua", "captions.lua")
    command += [f"--lua-filter=../_shared/{name}" for name in shared]
    command += [*_citations(settings), *_contents(settings), *options]
    literal = _literal(executed.text, *(escape(str(settings[key])) for key in PLAIN if settings.get(key)))
    done = subprocess.run(
        command,
        input=executed.text,
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
        env={**os.environ, "EVALKIT_LITERAL": "\n".join(literal)},
    )
    if done.returncode != 0:
        raise _refused(done.stderr, executed)


def _literal(*texts: str) -> list[str]:
    """Words with escaped signs, as they are to be read: text of a study that looks like marks and is none."""
    words = {word for text in texts for word in text.split() if "\\" in word}
    return sorted(re.sub(r"\\(.)", r"\1", word) for word in words)


def pandoc_path() -> str:
    """The pandoc that came with evalkit's dependencies, not whichever is on PATH."""
    import pypandoc

    files = Path(pypandoc.__file__).parent / "files"
    bundled = next((file for name in ("pandoc", "pandoc.exe") if (file := files / name).is_file()), None)
    return str(bundled or pypandoc.get_pandoc_path())


def metadata(settings: Mapping[str, Any]) -> dict[str, Any]:
    """What the templates and filters read, as Markdown."""
    authors = settings.get("author") or []
    names = [_author(author) for author in (authors if isinstance(authors, list) else [authors])]
    date = date_text(settings)
    crossref = settings.get("crossref") or {}
    meta: dict[str, Any] = {key: settings[key] for key in _PASSED if settings.get(key) is not None}
    # not lof and lot themselves, of which pandoc would make lists of its own in Word
    meta |= {f"list-{key}": True for key in ("lof", "lot") if settings.get(key)}
    meta |= {key: value for key, value in settings.items() if key.startswith("lang-") and isinstance(value, bool)}
    meta["words"] = {"title-delim": ".", **words(settings), **_crossref_words(crossref)}
    meta["author"] = names
    meta["author-meta"] = names
    meta["by-author"] = [{"name": {"literal": name}} for name in names]
    meta["toc-title"] = settings.get("toc-title", meta["words"].get("toc-title-document"))
    meta["pagetitle"] = settings["title"]
    meta |= {key: escape(str(settings[key])) for key in PLAIN if settings.get(key)}
    meta["byline"] = " | ".join(part for part in (", ".join(names), date) if part)
    # "17. mai" would be read as an item of a list
    return meta | ({"date": date.replace(".", "\\.", 1)} if date else {})


_PASSED = (
    *("title", "subtitle", "lang", "keywords", "toc-depth", "number-sections", "link-citations"),
    *("bibliography", "csl"),
)


PLAIN = ("notice", "source")
"""Texts of the study, shown as they are; other texts of a document's head are Markdown."""


def _author(author: object) -> str:
    if isinstance(author, Mapping):
        name = author.get("name")
        return str(name.get("literal") if isinstance(name, Mapping) else name)
    return str(author)


def _crossref_words(crossref: Mapping[str, Any]) -> dict[str, str]:
    """`crossref:` of the head wins over `language:`, as in Quarto."""
    return {key if key == "title-delim" else f"crossref-{key}": str(value) for key, value in crossref.items()}


def _citations(settings: Mapping[str, Any]) -> list[str]:
    return ["--citeproc"] if settings.get("bibliography") else []


def _contents(settings: Mapping[str, Any]) -> list[str]:
    options = ["--number-sections"] if settings.get("number-sections") else []
    if settings.get("toc"):
        options += ["--toc", f"--toc-depth={settings.get('toc-depth', 3)}"]
    return options


def _refused(stderr: str, executed: Executed) -> RenderError:
    ours = next((line for line in stderr.splitlines() if line.startswith(_MARK)), None)
    if ours:
        faults = json.loads(ours.removeprefix(_MARK))
        unique = {json.dumps(fault, sort_keys=True): fault for fault in faults}.values()
        in_order = sorted(unique, key=lambda fault: executed.index(fault["needle"]))
        return RenderError.of([_fault(fault, executed) for fault in in_order])
    warnings = [line.removeprefix("[WARNING] ") for line in stderr.splitlines() if line.startswith("[WARNING]")]
    if not warnings:
        return RenderError("pandoc could not convert the document.", got=stderr.strip() or "no message")
    return RenderError.of([_warning(text, executed) for text in warnings])


def _fault(fault: Mapping[str, str], executed: Executed) -> RenderError:
    return RenderError(
        fault["what"],
        where=executed.place(fault["needle"]),
        expected=fault.get("expected"),
        got=fault.get("got"),
        mend=fault.get("mend"),
    )


def _warning(text: str, executed: Executed) -> RenderError:
    if match := re.search(r"[Cc]itation (\S+) not found", text):
        place = executed.place(f"@{match[1]}")
        return RenderError("The bibliography has no such entry.", where=place, got=f"@{match[1]}")
    if match := re.search(r"Could not fetch resource '?(.+?)'?(?::|$)", text):
        name = match[1].rsplit("/", 1)[-1]
        place = executed.place(match[1]) or executed.place(name.rsplit(".", 1)[0])
        return RenderError("An image is missing.", where=place, got=match[1])
    return RenderError("pandoc warns, and a report must give no cause for it.", got=text)
