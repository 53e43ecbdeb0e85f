"""The sheet that clerks fill in: headings in Chinese, text columns that keep every digit, words about each field."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill

from serving.sheets.cells import safe
from serving.sheets.workbook import DATA, GUIDE

_WIDTH: Final = 18
_TEXT_ROWS: Final = 200
"""Rows whose cells are text from the start, so that a long number that is typed in keeps its digits."""


@dataclass(frozen=True)
class Column:
    """One column of the template: its heading, whether it must be filled in, and what belongs into it."""

    heading: str
    required: bool
    words: str


def template(columns: Sequence[Column]) -> bytes:
    """Return the workbook."""
    book = Workbook()
    sheet = book.active
    sheet.title = DATA
    for place, column in enumerate(columns, start=1):
        cell = sheet.cell(1, place, safe(column.heading))
        cell.font, cell.alignment = Font(bold=True), Alignment(wrap_text=True, vertical="center")
        cell.fill = PatternFill("solid", fgColor="DCE6F1" if column.required else "F2F2F2")
        sheet.column_dimensions[cell.column_letter].width = _WIDTH
        for row in range(2, _TEXT_ROWS + 2):
            sheet.cell(row, place).number_format = "@"
    sheet.freeze_panes = "B2"
    guide = book.create_sheet(GUIDE)
    guide.append(["列名", "是否必填", "怎样填"])
    for column in columns:
        guide.append([safe(column.heading), "必填" if column.required else "可不填", column.words])
    for letter, width in (("A", 24), ("B", 10), ("C", 90)):
        guide.column_dimensions[letter].width = width
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
