#!/usr/bin/env bash
# python-calamine 0.9.1: a formula that failed (#DIV/0!, #N/A) reads as empty text, like a cell nobody filled in.
#
# Four municipalities with a computed share: two formulas failed, one cell is blank, one holds 0.4. calamine gives '' for
# the first three; openpyxl keeps '#DIV/0!' and '#N/A' apart from None. A survey's "no answer" and a broken spreadsheet
# can then not be told apart. With `pandas.read_excel` both engines give NaN for all three.
set -eu
tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT
python3 -m venv "$tmp/env"
"$tmp/env/bin/pip" install --quiet python-calamine==0.9.1 openpyxl==3.1.5 xlsxwriter==3.2.9
cd "$tmp"
"$tmp/env/bin/python" -W error - <<'P'
import openpyxl
import xlsxwriter
from python_calamine import CalamineWorkbook

book = xlsxwriter.Workbook("shares.xlsx")
sheet = book.add_worksheet("Ark1")
sheet.write_row(0, 0, ["kommune", "andel"])
sheet.write_column(1, 0, ["0301", "1103", "4601", "5001"])
sheet.write_formula(1, 1, "=1/0", None, "#DIV/0!")
sheet.write_formula(2, 1, "=NA()", None, "#N/A")
sheet.write_blank(3, 1, None, book.add_format({"bold": True}))
sheet.write(4, 1, 0.4)
book.close()
calamine = [row[1] for row in CalamineWorkbook.from_path("shares.xlsx").get_sheet_by_name("Ark1").to_python()[1:]]
other = [row[1].value for row in list(openpyxl.load_workbook("shares.xlsx", data_only=True)["Ark1"])[1:]]
print("calamine", calamine)
print("openpyxl", other)
assert calamine == ["", "", "", 0.4] and other == ["#DIV/0!", "#N/A", None, 0.4], "behaviour changed"
P
