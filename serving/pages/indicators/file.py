"""The figures as a table for a spreadsheet: one row an indicator, with its formula and base; no cell is a formula."""

from __future__ import annotations

import csv
import io
import math

from serving.pages.indicators.numbers import value_of
from serving.pages.indicators.page import KpiPage
from serving.pages.language import Language
from serving.record.indicators.looking import Looked

_MARK = "\ufeff"
"""By which a spreadsheet knows the text as UTF-8."""

_ACTIVE = ("=", "+", "-", "@", "\t", "\r")


def kpi_file(looked: Looked, page: KpiPage, say: Language) -> bytes:
    """Return the file."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\r\n")
    head = (
        say("法院"), say("期间"), say("指标"), say("数值"), say("分子"), say("分母"), say("本院上年"), say("参考区间"),
        say("状态"), say("按期立案则为"), say("分子的口径"), say("分母的口径"), say("统计时间"),
    )  # fmt: skip
    table.writerow(head)
    for row, checked in zip(page.rows, page.late.rows, strict=True):
        figure = looked.now.figures.get(row.id)
        counted = ("", "") if figure is None else (f"{figure['numerator']:g}", f"{figure['denominator']:g}")
        before = value_of(looked.before.figures.get(row.id))
        cells = (
            page.court, page.period, row.name, row.figure, *counted, "" if math.isnan(before) else f"{before:.4f}",
            row.interval, row.state, checked.prompt, row.numerator, row.denominator, page.counted_at,
        )  # fmt: skip
        table.writerow([_still(cell) for cell in cells])
    for gone in page.missing:
        table.writerow([_still(cell) for cell in (page.court, page.period, gone.name, say("未记录"), *[""] * 9)])
    return (_MARK + out.getvalue()).encode("utf-8")


def _still(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula; two dashes for no figure stay as they are."""
    return f"'{cell}" if cell.startswith(_ACTIVE) and cell != "--" else cell
