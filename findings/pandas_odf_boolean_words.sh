#!/usr/bin/env bash
# pandas 3.0.0 with odfpy 1.4.1: a TRUE that a Norwegian spreadsheet shows as SANN is read as False.
#
# In OpenDocument a cell of type boolean has its value in office:boolean-value ("true") and, beside it, the text that is
# shown, which follows the language: SANN and USANN in Norwegian. pandas' odf engine compares the shown text with TRUE.
# Two municipalities that ticked the same box come out as False and True. The calamine engine reads both right.
set -eu
tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT
python3 -m venv "$tmp/env"
"$tmp/env/bin/pip" install --quiet pandas==3.0.0 odfpy==1.4.1 python-calamine==0.9.1 numpy==2.4.0
cd "$tmp"
"$tmp/env/bin/python" -W error - <<'P'
import pandas as pd
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P

document = OpenDocumentSpreadsheet()
table = Table(name="Ark1")
document.spreadsheet.addElement(table)


def cell(shown, **value):
    made = TableCell(**value)
    made.addElement(P(text=shown))
    return made


def row(*cells):
    made = TableRow()
    for each in cells:
        made.addElement(each)
    table.addElement(made)


row(cell("kommune", valuetype="string"), cell("plan", valuetype="string"))
for name, value, shown in (("Oslo", "true", "SANN"), ("Bergen", "true", "TRUE"), ("Moss", "false", "USANN")):
    row(cell(name, valuetype="string"), cell(shown, valuetype="boolean", booleanvalue=value))
document.save("plan.ods")
odf = pd.read_excel("plan.ods", engine="odf")["plan"].tolist()
calamine = pd.read_excel("plan.ods", engine="calamine")["plan"].tolist()
print("odf", odf, "calamine", calamine, "stored: true, true, false")
assert odf == [False, True, False] and calamine == [True, True, False], "behaviour changed"
P
