"""Workbooks of Excel: one visible sheet is read, formulas are not believed, nothing unfolds beyond its bound."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from typing import Any, Final

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from serving.sheets.sheet import MOST_ROWS, Formula, Sheet, SheetError, TooLongError, headings_of

DATA: Final = "数据"
"""The sheet of the template that holds the cases; where no sheet is called so, the first visible one is read."""
_MOST_PARTS: Final = 1_000
_MOST_UNPACKED: Final = 128 * 1024 * 1024
_PIECE: Final = 1024 * 1024
_OVERLAP: Final = 256
_PROLOGUE: Final = 1024
_MERGED: Final = re.compile(rb'<mergeCell [^>]{0,80}?ref="([A-Z0-9:]{1,24})"')
_HIDDEN_ROW: Final = re.compile(rb'<row [^>]{0,200}?hidden="(?:1|true)"')
_BROKEN: Final = (InvalidFileException, zipfile.BadZipFile, OSError, KeyError, ValueError, TypeError, AttributeError)
"""What openpyxl raises for files that are no whole workbooks."""


def read_workbook(body: bytes) -> Sheet:
    """Return the sheet of a workbook, cells as the workbook types them.

    Raises
    ------
    SheetError
        It is no whole workbook, holds macros or a password, unfolds into too
        much, has no headings, or has merged cells: nobody knows to which of
        their rows a merged cell belongs.
    """
    _require_plain(body)
    try:
        book = load_workbook(io.BytesIO(body), read_only=True, keep_links=False)
    except _BROKEN:
        raise _no_workbook() from None
    sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    if not sheets:
        raise SheetError("工作簿里没有可见的工作表", "the workbook has no visible sheet")
    chosen = next((sheet for sheet in sheets if sheet.title == DATA), sheets[0])
    hidden_rows = _require_flat(body, chosen)
    chosen.reset_dimensions()
    rows = _rows(chosen)
    headings = headings_of(next(rows, (0, ()))[1])
    left = {"sheets": len(sheets) - 1 - _guides(sheets, chosen), "hidden_sheets": len(book.worksheets) - len(sheets)}
    notices = {name: count for name, count in {**left, "hidden_rows": hidden_rows}.items() if count > 0}
    return Sheet("xlsx", headings, rows, days_from=book.epoch.year, notices=notices)


def _guides(sheets: Sequence[Any], chosen: Any) -> int:  # noqa: ANN401 - openpyxl has no types
    """Return how many sheets are the template's own words about filling it in, which nobody expects to be read."""
    return sum(sheet.title == GUIDE and sheet is not chosen for sheet in sheets)


GUIDE: Final = "填写说明"


def _rows(sheet: Any) -> Iterator[tuple[int, Sequence[object]]]:  # noqa: ANN401 - openpyxl has no types
    try:
        for number, cells in enumerate(sheet.iter_rows(), start=1):
            if number > MOST_ROWS:
                raise TooLongError
            yield number, [Formula() if cell.data_type == "f" else cell.value for cell in cells]
    except SheetError:
        raise
    except _BROKEN:
        raise _no_workbook() from None


def _require_plain(body: bytes) -> None:
    """Refuse what is no plain workbook before anything of it is unfolded; a part never unfolds beyond what it says."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            parts = packed.infolist()
            if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > _MOST_UNPACKED:
                raise TooLongError
            if any(part.flag_bits & 1 for part in parts):
                raise _no_workbook()
            if any(part.filename.lower().endswith("vbaproject.bin") for part in parts):
                raise SheetError("文件含有宏，请另存为 .xlsx 后再上传", "the file holds macros; save it as .xlsx")
            for part in parts:
                if part.filename.endswith((".xml", ".rels")):
                    _require_no_entities(packed, part)
    except (zipfile.BadZipFile, NotImplementedError, OSError, RuntimeError, EOFError, UnicodeDecodeError):
        raise _no_workbook() from None


def _require_no_entities(packed: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Refuse XML that declares things of its own: no spreadsheet writes it, and it can unfold into anything."""
    with packed.open(part) as file:
        head = file.read(_PROLOGUE)
    if b"<!" in head.replace(b"\x00", b""):
        raise _no_workbook()


def _require_flat(body: bytes, sheet: Any) -> int:  # noqa: ANN401 - openpyxl has no types
    """Refuse merged cells; return how many rows are hidden."""
    hidden, tail = 0, b""
    with zipfile.ZipFile(io.BytesIO(body)) as packed, packed.open(sheet._worksheet_path) as file:  # noqa: SLF001 - openpyxl keeps the place of a sheet to itself
        while piece := file.read(_PIECE):
            window = tail + piece
            found = _MERGED.search(window)
            if found:
                at = found[1].decode()
                zh, en = f"有合并单元格 {at}，请取消合并后再上传", f"cells {at} are merged; split them and send again"
                raise SheetError(zh, en)
            hidden += sum(1 for match in _HIDDEN_ROW.finditer(window) if match.end() > len(tail))
            tail = window[-_OVERLAP:]
    return hidden


def _no_workbook() -> SheetError:
    zh = "文件不是完整的 .xlsx 工作簿，或设有密码；请另存为 .xlsx 后再上传"
    return SheetError(zh, "the file is no whole .xlsx workbook, or has a password; save it as .xlsx")
