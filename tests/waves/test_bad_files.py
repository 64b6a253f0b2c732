"""A hundred bad files: each is refused, or read with a warning, in the words of bad_files.txt; none in silence."""

from __future__ import annotations

import datetime
import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest

from evalkit import load_study, pipeline
from evalkit.errors import EvalkitError
from tests.conftest import UNITS

STUDY = """
name = "bad"
data = "synthetic"
notice = { nb = "Syntetiske data", en = "Synthetic data" }
title = { nb = "Dårlige filer", en = "Bad files" }
units = { nb = "kommuner", en = "municipalities" }
source = { nb = "Syntetiske svar", en = "Synthetic answers" }

[[waves]]
id = "w"
file = "FILE"
date = 2018-03-01
unit = "kommnr"
numbering = 2017
MORE

[frame]
register = 2017

[groups]

[weights]
method = "none"
reason = { nb = "Prøve", en = "Trial" }

[exhibits.plan]
kind = "share"
items = ["plan"]
"""
ITEMS = """
[plan]
type = "single"
label = { nb = "Har plan", en = "Has a plan" }
yes = ["1"]
missing = { 8 = "dont_know" }
[plan.categories]
1 = { nb = "Ja", en = "Yes" }
2 = { nb = "Nei", en = "No" }

[years]
type = "numeric"
label = { nb = "År", en = "Years" }
"""
GOOD: dict[str, list[object]] = {"kommnr": list(UNITS), "plan": [1, 2, 2, 8, 1, 1], "years": [1, 2, 3, 4, 5, 6]}
Make = Callable[[Path], object]


def table(**columns: list[object]) -> pd.DataFrame:
    return pd.DataFrame(GOOD | columns).dropna(axis=1, how="all")


def text(said: str | bytes) -> Make:
    return lambda path: path.write_bytes(said if isinstance(said, bytes) else said.encode())


def csv(**columns: list[object]) -> Make:
    return lambda path: table(**columns).to_csv(path, index=False)


def lines(*rows: str) -> Make:
    return text("\n".join(rows) + "\n")


def xlsx(*rows: list[object], merge: str | None = None, then: Callable[[object], object] | None = None) -> Make:
    """A workbook of rows of cells, the good table where there are none."""

    def make(path: Path) -> None:
        from openpyxl import Workbook

        book = Workbook()
        sheet = book.active
        for row in rows or (list(GOOD), *map(list, zip(*GOOD.values()))):
            sheet.append(row)
        if merge:
            sheet.merge_cells(merge)
        if then:
            then(book)
        book.save(path)

    return make


def sav(columns: dict[str, list[object]] | None = None, **settings: object) -> Make:
    return lambda path: pyreadstat.write_sav(table(**(columns or {})), str(path), **settings)


def cut(make: Make, keep: float) -> Make:
    """A file of which only the beginning arrived."""

    def made(path: Path) -> None:
        make(path)
        raw = path.read_bytes()
        path.write_bytes(raw[: int(len(raw) * keep)])

    return made


def packed(*names: str) -> Make:
    def made(path: Path) -> None:
        held = io.BytesIO()
        with zipfile.ZipFile(held, "w") as archive:
            for name in names:
                archive.writestr(name, "x")
        path.write_bytes(held.getvalue())

    return made


def further_sheet(*rows: list[object]) -> Callable[[object], object]:
    def made(book: object) -> None:
        sheet = book.create_sheet("B")  # type: ignore[attr-defined]
        for row in rows:
            sheet.append(row)

    return made


def study(folder: Path, file: str, more: str = "", items: str = ITEMS) -> Path:
    raw = folder / "bad" / "data_raw"
    raw.mkdir(parents=True)
    (raw.parent / "study.toml").write_text(STUDY.replace("FILE", file).replace("MORE", more), encoding="utf-8")
    (raw.parent / "items.toml").write_text(items, encoding="utf-8")
    return raw / file


def outcome(folder: Path, file: str, make: Make, more: str = "", items: str = ITEMS) -> str:
    """What the check says: the fault's text without this machine's folder, or the warnings."""
    path = study(folder, file, more, items)
    make(path)
    try:
        checked = pipeline.check(load_study(path.parent.parent))
        from evalkit.panel.frame import build_frames
        from evalkit.panel.harmonise import build_panel

        found = load_study(path.parent.parent)
        build_panel(found, [one.wave for one in checked], build_frames(found))
        return "\n".join(note for one in checked for note in one.notes)
    except EvalkitError as fault:
        return str(fault).replace(f"{path.parent}/", "")


N = len(UNITS)
HEAD = "kommnr,plan,years"
ROWS = [f"{unit},{plan},{years}" for unit, plan, years in zip(*GOOD.values())]
CASES: dict[str, tuple[object, ...]] = {
    # the file
    "not_there": ("w.csv", lambda path: None),
    "empty.csv": ("w.csv", text("")),
    "empty.sav": ("w.sav", text("")),
    "empty.xlsx": ("w.xlsx", text("")),
    "only_blank_lines.csv": ("w.csv", text("\n\n  \n")),
    "only_headers.csv": ("w.csv", lines(HEAD)),
    "only_headers.xlsx": ("w.xlsx", xlsx(list(GOOD))),
    "only_headers.sav": ("w.sav", lambda path: pyreadstat.write_sav(table().iloc[:0], str(path))),
    "truncated.sav": ("w.sav", cut(sav(), 0.6)),
    "truncated_in_the_answers.sav": ("w.sav", cut(sav({"years": [float(n) for n in range(N)]}), 0.93)),
    "truncated.dta": ("w.dta", cut(lambda path: pyreadstat.write_dta(table(), str(path)), 0.7)),
    "truncated.xlsx": ("w.xlsx", cut(xlsx(), 0.7)),
    "csv_named.sav": ("w.sav", csv()),
    "csv_named.xlsx": ("w.xlsx", csv()),
    "xlsx_named.csv": ("w.csv", xlsx()),
    "sav_named.csv": ("w.csv", sav()),
    "sav_named.dta": ("w.dta", sav()),
    "html_named.xls": ("w.xls", text("<html><table><tr><td>kommnr</td></tr></table></html>")),
    "html_named.xlsx": ("w.xlsx", text("\n<table><tr><td>kommnr</td></tr></table>")),
    "html_named.csv": ("w.csv", text("<!DOCTYPE html><p>Logg inn</p>")),
    "old_excel.xls": ("w.xls", text(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))),
    "password.xlsx": ("w.xlsx", text(b"\xd0\xcf\x11\xe0" + bytes(600) + "EncryptedPackage".encode("utf-16-le"))),
    "binary.xlsb": ("w.xlsb", packed("xl/workbook.bin")),
    "open_document.ods": ("w.ods", packed("mimetype", "content.xml")),
    "archive.zip": ("w.zip", packed("runde.sav")),
    "archive_named.xlsx": ("w.xlsx", packed("runde.sav")),
    "word.docx": ("w.docx", packed("word/document.xml")),
    "pdf_named.csv": ("w.csv", text("%PDF-1.7 …")),
    "no_ending": ("w", csv()),
    "unknown_ending.dat": ("w.dat", csv()),
    # text
    "utf8_and_latin1.csv": (
        "w.csv",
        text(f"{HEAD},sted\n".encode() + "0101,1,1,Hå\n".encode() + "0104,2,2,Bø\n".encode("latin1")),
    ),
    "utf8_read_as_latin1.csv": ("w.csv", lines(f"{HEAD},sted", "0101,1,1,BÃ¸")),
    "no_letter_of_windows.csv": ("w.csv", text(f"{HEAD}\n0101,1,1\n".encode() + b"0104,\x81\xff,2\n")),
    "nul_bytes.csv": ("w.csv", text(f"{HEAD}\n{ROWS[0]}\n0104,\0,2\n")),
    "wrong_encoding_said.csv": ("w.csv", csv(), 'encoding = "utf-17"'),
    "encoding_that_does_not_fit.csv": (
        "w.csv",
        text(f"{HEAD}\n0101,1,1\n\n".encode() + "0104,Bø,1".encode("latin1")),
        'encoding = "utf-8"',
    ),
    "row_too_long.csv": ("w.csv", lines(HEAD, ROWS[0], "0104,2,2,5", *ROWS[2:])),
    "row_too_short.csv": ("w.csv", lines(HEAD, ROWS[0], "0104,2", *ROWS[2:])),
    "open_quote.csv": ("w.csv", lines(HEAD, ROWS[0], '0104,"2,2', *ROWS[2:])),
    "quote_inside.csv": ("w.csv", lines(HEAD, ROWS[0], '0104,"2"x,2', *ROWS[2:])),
    "line_break_without_quotes.csv": ("w.csv", lines(f"{HEAD},svar", "0101,1,1,første", "linje", "0104,2,2,ja")),
    "absurdly_long_cell.csv": ("w.csv", lines(f"{HEAD},svar", f"0101,1,1,{'a' * 200_000}")),
    "decimal_comma_and_comma.csv": ("w.csv", lines(HEAD, "0101,1,1,5", "0104,2,2,5")),
    # names of columns
    "column_twice.csv": ("w.csv", lines(f"{HEAD},plan", *(f"{row},1" for row in ROWS))),
    "column_twice_but_for_a_space.csv": ("w.csv", lines(f"{HEAD},plan ", *(f"{row},1" for row in ROWS))),
    "column_without_a_name.csv": ("w.csv", lines(f"{HEAD},", *(f"{row},1" for row in ROWS))),
    "no_names.csv": ("w.csv", lines(*ROWS)),
    "other_case.csv": ("w.csv", lines("Kommnr,plan,years", *ROWS)),
    "column_missing.csv": ("w.csv", lambda path: table().drop(columns="years").to_csv(path, index=False)),
    "column_unknown.csv": ("w.csv", csv(extra=[1] * N)),
    "columns_20_000.csv": (
        "w.csv",
        lambda path: pd.concat([table(), pd.DataFrame({f"q{n}": [1] * N for n in range(20_000)})], axis=1).to_csv(
            path, index=False
        ),
    ),
    "header_row_that_is_empty.csv": ("w.csv", csv(), "header_row = 99"),
    "label_row_alone.csv": ("w.csv", csv(), "label_row = 1"),
    "header_row_of_sav": ("w.sav", sav(), "header_row = 1"),
    # sheets
    "no_such_sheet.xlsx": ("w.xlsx", xlsx(), 'sheet = "Svar"'),
    "sheet_of_csv.csv": ("w.csv", csv(), 'sheet = "Svar"'),
    "two_sheets.xlsx": ("w.xlsx", xlsx(then=lambda book: book.create_sheet("Om").append(["Hei", "hopp"]))),
    "all_hidden.xlsx": (
        "w.xlsx",
        xlsx(then=lambda book: (book.create_sheet("Om"), setattr(book["Sheet"], "sheet_state", "hidden"))),
    ),
    "empty_sheet.xlsx": ("w.xlsx", xlsx([])),
    "sheets_of_other_rows.xlsx": (
        "w.xlsx",
        xlsx(then=further_sheet(["x"], [1], [2])),
        'sheet = ["Sheet", "B"]',
    ),
    "sheets_of_other_units.xlsx": (
        "w.xlsx",
        xlsx(then=further_sheet(["kommnr", "x"], *([unit, 1] for unit in [*list(UNITS)[1:], "0125"]))),
        'sheet = ["Sheet", "B"]',
    ),
    "sheets_that_disagree.xlsx": (
        "w.xlsx",
        xlsx(then=further_sheet(["kommnr", "plan", "x"], *([unit, 2, 1] for unit in reversed(UNITS)))),
        'sheet = ["Sheet", "B"]',
    ),
    "formula_without_value.xlsx": ("w.xlsx", xlsx(list(GOOD), ["0101", "=1+1", 1])),
    "error_cell.xlsx": ("w.xlsx", xlsx(list(GOOD), ["0101", "#N/A", 1], ["0104", 2, "#REF!"])),
    "merged_answers.xlsx": ("w.xlsx", xlsx(list(GOOD), ["0101", 1, 1], ["0104", 2, 2], merge="A2:A3")),
    # units
    "unit_empty.csv": ("w.csv", csv(kommnr=["0101", None, *list(UNITS)[2:]])),
    "unit_between_codes.csv": ("w.csv", csv(kommnr=[101.5, *list(UNITS)[1:]])),
    "unit_unknown.csv": ("w.csv", csv(kommnr=["0100", *list(UNITS)[1:]])),
    "units_of_another_year.csv": ("w.csv", csv(kommnr=["3001", "3002", "3012", "3013", "3014", "3026"])),
    "unit_by_name.csv": ("w.csv", csv(kommnr=["Halden", *list(UNITS)[1:]])),
    "unit_with_the_name_of_another.csv": ("w.csv", csv(kommnr=["0101 Moss", *list(UNITS)[1:]])),
    "unit_twice.csv": ("w.csv", csv(kommnr=["0101", "0101", *list(UNITS)[2:]])),
    "nobody_answered.csv": ("w.csv", lines(HEAD, *(f"{unit},," for unit in UNITS))),
    # answers
    "value_that_is_no_category.csv": ("w.csv", csv(plan=[3, 2, 2, 8, 3, 1])),
    "negative_code.csv": ("w.csv", csv(plan=[-9, 2, 2, 8, 1, 1])),
    "half_a_code.csv": ("w.csv", csv(plan=[1.5, 2, 2, 8, 1, 1])),
    "command_in_a_cell.csv": ("w.csv", csv(plan=["=cmd|' /C calc'!A0", 2, 2, 8, 1, 1])),
    "words_of_another_category.csv": ("w.csv", csv(plan=["1 Nei", "2 Ja", "2 Ja", "1 Nei", "1 Nei", "2 Ja"])),
    "code_with_two_words.csv": ("w.csv", csv(plan=["1 Ja", "2 Nei", "2 Nei", "1 Nei", "1 Ja", "1 Ja"])),
    "value_without_label.sav": (
        "w.sav",
        sav({"plan": [1, 2, 5, 8, 1, 1]}, variable_value_labels={"plan": {1: "Ja", 2: "Nei"}}),
    ),
    "labels_swapped.sav": ("w.sav", sav(variable_value_labels={"plan": {1: "Nei", 2: "Ja"}})),
    "two_codes_with_one_label.dta": (
        "w.dta",
        lambda path: pyreadstat.write_dta(
            table(plan=[1, 2, 2, 8, 1, 1]),
            str(path),
            variable_value_labels={"plan": {1: "Ja", 2: "Nei", 3: "Nei", 8: "Vet ikke"}},
        ),
    ),
    "missing_code_that_nobody_explains.sav": ("w.sav", sav({"plan": [1, 2, 9, 8, 1, 1]}, missing_ranges={"plan": [9]})),
    "word_among_numbers.csv": ("w.csv", csv(years=["to", 2, 3, 4, 5, 6])),
    "infinite.csv": ("w.csv", csv(years=["inf", 2, 3, 4, 5, 6])),
    "not_a_number.csv": ("w.csv", csv(years=["NaN", 2, 3, 4, 5, 6])),
    "underscored_number.csv": ("w.csv", csv(years=["1_000", 2, 3, 4, 5, 6])),
    "thousands_or_decimals.csv": ("w.csv", csv(years=["1.234", 2, 3, 4, 5, 6])),
    "marks_in_two_ways.csv": ("w.csv", csv(years=["1.5", "2,5", 3, 4, 5, 6])),
    "many_wrong_numbers.csv": (
        "w.csv",
        lambda path: pd.DataFrame({"kommnr": [*UNITS] * 3, "plan": 1, "years": "?"}).to_csv(path, index=False),
    ),
    # times
    "day_or_month.csv": ("w.csv", csv(tid=["03.11.2018", *["04.12.2018"] * 5]), 'answered_at = "tid"'),
    "no_time.csv": ("w.csv", csv(tid=["i går", *["2018-03-01"] * 5]), 'answered_at = "tid"'),
    "no_such_day.csv": ("w.csv", csv(tid=["31.02.2018", *["14.12.2018"] * 5]), 'answered_at = "tid"'),
    "month_first_in_one_row.csv": ("w.csv", csv(tid=["12.31.2018", *["14.12.2018"] * 5]), 'answered_at = "tid"'),
    "dates_that_excel_took.xlsx": (
        "w.xlsx",
        xlsx([*GOOD, "tid"], ["0101", 1, 1, datetime.datetime(2018, 3, 11)], ["0104", 2, 2, "14.11.2018"]),
        'answered_at = "tid"',
    ),
    "date_outside_the_calendar.sav": (
        "w.sav",
        sav({"tid": [1e15] * N}, variable_format={"tid": "DATETIME20"}),
        'answered_at = "tid"',
    ),
    "no_column_of_times.csv": ("w.csv", csv(), 'answered_at = "tid"'),
    "comma_in_a_point_file.csv": ("w.csv", csv(years=["1,5", "2.5", 3, 4, 5, 6]), 'decimal = "."'),
    # the study
    "column_in_two_questions.csv": (
        "w.csv",
        csv(),
        "",
        ITEMS + '[again]\ntype = "numeric"\ncolumn = "years"\nlabel = { nb = "x", en = "x" }\n',
    ),
    "question_ignored.csv": ("w.csv", csv(), 'ignore = ["years"]'),
    "unit_column_is_a_question.csv": ("w.csv", csv(), 'name = "plan"'),
    "email_in_a_question.csv": ("w.csv", csv(years=["a@example.org", 2, 3, 4, 5, 6])),
    "respondent_by_address.csv": (
        "w.csv",
        csv(rolle=["x"] * N),
        'duplicates = "named_respondent"\nrespondent = { column = "rolle", prefer = ["a@example.org"] }',
    ),
    # legal, and yet worth a look
    "formula_with_value.xlsx": ("w.xlsx", lambda path: formula(path)),
    "title_above.csv": ("w.csv", lines("Uttrekk fra undersøkelsen", "", HEAD, *ROWS)),
    "empty_row_inside.csv": ("w.csv", lines(HEAD, *ROWS[:2], "", *ROWS[2:])),
    "label_without_value.sav": (
        "w.sav",
        sav(variable_value_labels={"plan": {1: "Ja", 2: "Nei", 3: "Delvis", 8: "Vet ikke"}}),
    ),
    "all_missing.csv": ("w.csv", lines(HEAD, *(f"{unit},1," for unit in UNITS))),
    "answered_years_away.csv": ("w.csv", csv(tid=["2081-03-01", *["2018-03-01"] * 5]), 'answered_at = "tid"'),
    "hidden_sheet_asked_for.xlsx": (
        "w.xlsx",
        xlsx(then=lambda book: (book.create_sheet("Om"), setattr(book["Sheet"], "sheet_state", "hidden"))),
        'sheet = "Sheet"',
    ),
    # odd, and read as it is meant
    "numbers_as_text.xlsx": ("w.xlsx", xlsx(list(GOOD), ["0101", "1", "1"], ["0104", "2", "2 000"])),
    "lost_zeros.csv": ("w.csv", csv(kommnr=[int(unit) for unit in UNITS])),
}


def formula(path: Path) -> None:
    """A workbook in which one answer is a formula, with the value that Excel saved."""
    xlsx(list(GOOD), ["0101", "=1+1", 1])(path)
    held = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(held, "w") as new:
        for name in old.namelist():
            raw = old.read(name)
            new.writestr(
                name, raw.replace(b"<v />", b"<v>2</v>").replace(b"<v></v>", b"<v>2</v>").replace(b"<v/>", b"<v>2</v>")
            )
    path.write_bytes(held.getvalue())


def told() -> dict[str, str]:
    """Case → the words it gives, from bad_files.txt."""
    parts = re.split(
        r"^### (.+)\n", Path(__file__).with_name("bad_files.txt").read_text(encoding="utf-8"), flags=re.MULTILINE
    )
    return {name: said.strip() for name, said in zip(parts[1::2], parts[2::2], strict=True)}


@pytest.mark.parametrize("case", CASES)
def test_a_bad_file_is_told_word_for_word(case, tmp_path):
    assert outcome(tmp_path, *CASES[case]) == told()[case]


def test_nearly_all_are_faults_that_say_where_and_no_case_is_forgotten():
    """Of a fault every paragraph says where; two are read as they are meant, eight with a warning."""
    said = told()
    assert set(said) == set(CASES) and len(CASES) >= 100
    faults = {name: words for name, words in said.items() if "\n  where: " in words}
    assert all("\n  where: " in part for words in faults.values() for part in words.split("\n\n"))
    assert sum(not words for words in said.values()) == 2
    assert len(said) - len(faults) - 2 == 8


def test_the_command_prints_a_fault_and_no_traceback(tmp_path, capsys, monkeypatch):
    from evalkit import cli

    path = study(tmp_path, "w.csv")
    CASES["row_too_long.csv"][1](path)
    monkeypatch.setattr("sys.argv", ["evalkit", "check", str(path.parent.parent)])
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    printed = capsys.readouterr()
    assert stopped.value.code == 4 and "Traceback" not in printed.err + printed.out
    assert printed.err.startswith("✗ A row has another length\n  where: w.csv, row 3\n")
