"""What a file is by its first bytes, whatever its name ends in."""

from __future__ import annotations

import zipfile
from pathlib import Path

from evalkit.errors import DataError, nearest, one_of

TEXT = (".csv", ".tsv", ".txt")
ENDINGS = (".sav", ".zsav", ".por", ".dta", ".xlsx", ".xlsm", *TEXT)
_SPSS, _STATA, _BOOK = "an SPSS file", "a Stata file", "an Excel workbook"
_KIND = {".sav": _SPSS, ".zsav": _SPSS, ".por": "an SPSS portable file", ".dta": _STATA} | dict.fromkeys(
    (".xlsx", ".xlsm"), _BOOK
)
_RENAME = {_SPSS: ".sav", _STATA: ".dta", _BOOK: ".xlsx", "an SPSS portable file": ".por", "text": ".csv"}
_SAVE = "open it in the program that made it and save it as {} (Excel: Workbook, .xlsx)"
_AS = "open it in Excel and save it as an Excel Workbook (.xlsx)"
_MEND = {
    "an old Excel workbook (.xls)": _AS,
    "a binary Excel workbook (.xlsb)": _AS,
    "an OpenDocument sheet": _AS,
    "a web page": _AS,
    "an XML sheet": _AS,
    "an Excel workbook with a password": "take the password away: File, Info, Protect Workbook, Encrypt with Password",
    "a zip archive": "unpack it, and give the file inside",
    "a PDF": "export the answers themselves, as .sav, .xlsx or .csv",
    "a Word document": "export the answers themselves, as .sav, .xlsx or .csv",
    "a SAS file": "export it as .sav, .dta or .csv",
}


def check_content(path: Path) -> str:
    """The ending whose reader takes the file; DataError where there is none, or the file is something else.

    Raises
    ------
    DataError for a file that is not there or empty, an ending that is not read, and content of another kind.
    """
    ending = path.suffix.lower()
    if not path.is_file():
        near = nearest(path.name, (p.name for p in path.parent.glob("*") if p.is_file()))
        raise DataError("There is no such wave file", where=path, mend=f"did you mean {near}?" if near else None)
    if not path.stat().st_size:
        raise DataError(f"{path.name} is empty: 0 bytes", where=path, mend="export or copy it again")
    kind = kind_of(path)
    if ending not in ENDINGS:
        if kind in _MEND or kind not in _RENAME:
            raise DataError(f"{path.name} is {kind}", where=path, expected=one_of(ENDINGS), mend=_MEND.get(kind))
        what = f"{ending or 'A file without ending'} is not read"
        mend = f"it is {kind}: name it {path.stem}{_RENAME[kind]}"
        raise DataError(what, where=path, expected=one_of(ENDINGS), mend=mend)
    expected = _KIND.get(ending, "text")
    if kind == expected:
        return ending
    mend = _MEND.get(kind) or (
        f"rename it {path.stem}{_RENAME[kind]}, if that is what it is" if kind in _RENAME else "export it again"
    )
    if kind == "text" and expected != "text":
        mend = f"copy or export it again; if it is a table as text, rename it {path.stem}.csv"
    sealed = f"{path.name} is {kind}" if expected in kind else f"{path.name} is not {expected} but {kind}"
    raise DataError(sealed, where=path, mend=mend)


def kind_of(path: Path) -> str:
    """What the first bytes say that a file is; "text" where they say nothing."""
    with path.open("rb") as file:
        raw = file.read(4096)
    head = raw.lstrip(b"\xef\xbb\xbf \t\r\n")
    if raw.startswith((b"$FL2", b"$FL3")):
        return _SPSS
    if b"ASCII SPSS PORT FILE" in raw[:300] or b"SPSSPORT" in raw[:700]:
        return "an SPSS portable file"
    if raw.startswith(b"<stata_dta>") or (
        raw[0] in range(104, 116) and raw[1:2] in b"\x01\x02" and raw[2:3] == b"\1"
    ):  # the fourth byte means nothing
        return _STATA
    if raw.startswith(b"PK"):
        return _packed(path)
    if raw.startswith(b"\xd0\xcf\x11\xe0"):
        sealed = "EncryptedPackage".encode("utf-16-le") in path.read_bytes()
        return "an Excel workbook with a password" if sealed else "an old Excel workbook (.xls)"
    if raw.startswith(b"%PDF"):
        return "a PDF"
    if raw.startswith(b"\0" * 12 + b"\xc2\xea\x81\x60"):
        return "a SAS file"
    if head[:14].lower().startswith((b"<!doctype html", b"<html", b"<table", b"<head", b"<meta")):
        return "a web page"
    return "an XML sheet" if head.startswith(b"<?xml") else "text"


def _packed(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as packed:
            names = packed.namelist()
    except zipfile.BadZipFile:
        return _BOOK  # cut off; its reader says so
    if "xl/workbook.xml" in names:
        return _BOOK
    if "xl/workbook.bin" in names:
        return "a binary Excel workbook (.xlsb)"
    if "word/document.xml" in names:
        return "a Word document"
    return "an OpenDocument sheet" if "content.xml" in names else "a zip archive"
