"""The tables of a Word report: styles, widths, and where they may break."""

from __future__ import annotations

import copy
import math
from typing import Any

from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Pt
from docx.text.paragraph import Paragraph

# in twentieths of a point: the text width of pandoc's own page, for which it made the columns, and of ours (160 mm)
_PANDOC_WIDTH, _TEXT_WIDTH = 7920, 9072
_WHOLE = 120
"""Millimetres, half a page: a table no higher is not broken."""
_BORDER = 'w:val="single" w:space="0" w:color="1B2A3A"'


def set_tables(document: Any) -> None:
    """Cells in the styles for tables, the text's width, a repeated head, rows kept whole and together."""
    _set_table_style(document)
    for table in document.tables:
        if _holds_data(table):
            _set_widths(table)
            _set_rows(document, table, _small(document, table))
            _keep_rows(table, _set_following(table))


def _small(document: Any, table: Any) -> str:
    """What its styles are called by: tables.lua marks a table whose words need smaller type."""
    style = table._tbl.tblPr.find(qn("w:tblStyle"))
    if style is None or style.get(qn("w:val")) != "Small Table":
        return ""
    if "Small Table" not in document.styles:
        _add_small(document)
    style.set(qn("w:val"), "SmallTable")
    return "Small "


def _add_small(document: Any) -> None:
    """(The whole look again: LibreOffice does not inherit the look of a head.)"""
    usual = document.styles["Table"].element
    style = copy.deepcopy(usual)
    style.attrib.pop(qn("w:default"), None)
    style.set(qn("w:customStyle"), "1")
    style.set(qn("w:styleId"), "SmallTable")
    style.find(qn("w:name")).set(qn("w:val"), "Small Table")
    for side in ("w:left", "w:right"):
        style.find(f".//{qn('w:tblCellMar')}/{qn(side)}").set(qn("w:w"), "60")
    usual.addnext(style)


def _set_widths(table: Any) -> None:
    for column in table.columns:
        column.width = column.width and round(column.width * _TEXT_WIDTH / _PANDOC_WIDTH)


def _set_rows(document: Any, table: Any, small: str) -> None:
    # by identifier: python-docx goes through all styles for each name
    head, text = (document.styles[f"{small}Table {part}"].style_id for part in ("Head", "Text"))
    for i, row in enumerate(table._tbl.tr_lst):
        properties = row.get_or_add_trPr()
        if properties.find(qn("w:cantSplit")) is None:
            properties.insert(0, parse_xml(f"<w:cantSplit {nsdecls('w')}/>"))
        if i == 0 and properties.find(qn("w:tblHeader")) is None:
            properties.append(parse_xml(f"<w:tblHeader {nsdecls('w')}/>"))
        for paragraph in row.iter(qn("w:p")):
            paragraph.style = text if i else head


def _set_following(table: Any) -> bool:
    """A table has no space of its own; what follows keeps away from it, unless it is the table's note. Is it one?"""
    following = table._tbl.getnext()
    while following is not None and following.tag in (qn("w:bookmarkStart"), qn("w:bookmarkEnd")):
        following = following.getnext()
    if following is None or following.tag != qn("w:p"):
        return False
    paragraph = Paragraph(following, table._parent)
    style: Any = paragraph.style
    if style.name == "Table Note":
        return True
    if (style.paragraph_format.space_before or 0) < Pt(14):
        paragraph.paragraph_format.space_before = Pt(14)
    return False


def _keep_rows(table: Any, noted: bool) -> None:
    """A short table stays on one page, with its note; of a long one no head, group's head or row or two stand alone."""
    rows = table._tbl.tr_lst
    last, whole = len(rows) - 1, _height(table) <= _WHOLE
    heads = {0, *(i for i, row in enumerate(rows) if row.tc_lst[1:] and not any(map(_text, row.tc_lst[1:])))}
    for i, row in enumerate(rows):
        if noted if i == last else whole or {i, i - 1} & heads or i > last - 3:
            for paragraph in row.iter(qn("w:p")):
                paragraph.get_or_add_pPr().keepNext_val = True


def _height(table: Any) -> float:
    """In millimetres, near enough: a line takes 4.4, what is around a row 2.1, a letter 110 twentieths of a point."""
    widths = [max(110, int(column.get(qn("w:w")) or _TEXT_WIDTH) - 180) for column in table._tbl.tblGrid.gridCol_lst]
    lines = [
        max(1, *(math.ceil(len(_text(cell)) * 110 / width) for cell, width in zip(row.tc_lst, widths, strict=False)))
        for row in table._tbl.tr_lst
    ]
    return sum(4.4 * count + 2.1 for count in lines)


def _text(cell: Any) -> str:
    return "".join(text.text or "" for text in cell.iter(qn("w:t")))


def _holds_data(table: Any) -> bool:
    """Not one of the frames that Quarto lays out figures and callouts with."""
    look = table._tbl.tblPr.find(qn("w:tblLook"))
    head = look is not None and look.get(qn("w:firstRow")) in ("1", "true")
    return head and next(table._tbl.iter(qn("w:drawing")), None) is None


def _set_table_style(document: Any) -> None:
    """Ruled above, below the head and at the bottom; tables.lua reckons with the margins beside a cell."""
    style = document.styles["Table"].element
    for tag in ("w:basedOn", "w:tblPr", "w:tblStylePr"):
        for old in style.findall(qn(tag)):
            style.remove(old)
    style.append(
        parse_xml(
            f'<w:tblPr {nsdecls("w")}><w:tblInd w:w="0" w:type="dxa"/><w:tblBorders>'
            f'<w:top {_BORDER} w:sz="8"/><w:bottom {_BORDER} w:sz="8"/></w:tblBorders><w:tblCellMar>'
            '<w:top w:w="40" w:type="dxa"/><w:left w:w="90" w:type="dxa"/>'
            '<w:bottom w:w="40" w:type="dxa"/><w:right w:w="90" w:type="dxa"/></w:tblCellMar></w:tblPr>'
        )
    )
    style.append(
        parse_xml(
            f'<w:tblStylePr {nsdecls("w")} w:type="firstRow"><w:rPr><w:b/></w:rPr><w:tcPr><w:tcBorders>'
            f'<w:bottom {_BORDER} w:sz="4"/></w:tcBorders><w:vAlign w:val="bottom"/></w:tcPr></w:tblStylePr>'
        )
    )
