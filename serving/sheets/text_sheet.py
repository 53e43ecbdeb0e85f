"""Sheets in CSV, as spreadsheets and case systems write them: UTF-8 with or without its mark, or GB18030."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from serving.sheets.sheet import MOST_ROWS, Sheet, SheetError, TooLongError, headings_of

_MOST_LINE = 65_536


def read_text(body: bytes) -> Sheet:
    """Return a sheet in CSV, cells as text.

    Raises
    ------
    SheetError
        It is in neither encoding, has no headings, or its quotes do not match;
        the last also while its rows are read.
    """
    encoding, text = _decoded(body)
    rows = _rows(text)
    headings = headings_of(next(rows, (0, ()))[1])
    return Sheet(f"csv {encoding}", headings, rows)


def _decoded(body: bytes) -> tuple[str, str]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = body.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return ("UTF-8" if encoding == "utf-8-sig" else "GB18030"), text
    zh = "文件既不是 UTF-8 也不是 GB18030（GBK）编码的 CSV，请另存为 CSV UTF-8 后再上传"
    raise SheetError(zh, "the file is CSV in neither UTF-8 nor GB18030; save it as CSV UTF-8 and send it again")


def _rows(text: str) -> Iterator[tuple[int, Sequence[object]]]:
    reader, line = csv.reader(io.StringIO(text, newline=""), strict=True), 1
    try:
        for cells in reader:
            if reader.line_num > 10 * MOST_ROWS or sum(map(len, cells)) > _MOST_LINE:
                raise TooLongError
            yield line, cells
            line = reader.line_num + 1
    except csv.Error:
        zh = f"第 {line} 行起引号不成对或单元格过长，请检查后再上传"
        raise SheetError(zh, f"from line {line} on quotes do not match, or a cell is too long") from None
