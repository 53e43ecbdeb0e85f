"""Source files read as text and nothing else: no type, date or empty value is guessed."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from training.importing.mapping import SourceFile

LOST_DIGITS = "\x00lost digits"
"""Stands for a spreadsheet number of more than 15 digits, whose last digits the spreadsheet has lost."""

_EXACT = 10**15


class DataRejectedError(ValueError):
    """A source that cannot be imported at all: code, both wordings, and the way out."""

    def __init__(self, code: str, zh: str, en: str, *, hint: str = "") -> None:
        self.code = code
        self.zh = zh
        self.en = en
        self.hint = hint
        super().__init__(f"[{code}] {zh} / {en}")


@dataclass(frozen=True)
class Misshapen:
    """A source line with too many or too few cells."""

    file: str
    row: int
    expected: int
    found: int


@dataclass(frozen=True)
class Sheet:
    """Text columns of one source, with the row number that each line has in its file.

    Empty cells are null. `misshapen` lists the lines that were left out
    because their cells do not fit the header.
    """

    columns: pa.Table
    row: npt.NDArray[np.int64]
    file: npt.NDArray[np.object_]
    misshapen: tuple[Misshapen, ...] = ()

    def __len__(self) -> int:
        """Return the number of lines."""
        return int(self.columns.num_rows)

    def where(self, keep: npt.NDArray[np.bool_]) -> Sheet:
        """Return the marked lines only."""
        return Sheet(self.columns.filter(pa.array(keep)), self.row[keep], self.file[keep], self.misshapen)

    def joined(self, columns: Mapping[str, pa.ChunkedArray]) -> Sheet:
        """Return the same lines with more columns."""
        table = self.columns
        for name, column in columns.items():
            table = table.append_column(name, column)
        return Sheet(table, self.row, self.file, self.misshapen)


def read_sheet(spec: SourceFile, path: Path) -> Sheet:
    """Read one source file as text columns.

    Raises
    ------
    DataRejectedError
        The file is not there, is not of its format, or repeats a column name.
    """
    if not path.is_file():
        zh, en = f"找不到源文件 {path.name}", f"source file {path.name} was not found"
        raise DataRejectedError("DATA_NO_SOURCE", zh, en, hint="检查 [source] file / check [source] file")
    if spec.format == "parquet":
        return _parquet(path)
    rows = _csv_rows(spec, path) if spec.format == "csv" else _excel_rows(spec, path)
    return _sheet(path.name, rows, spec.header_row)


def _csv_rows(spec: SourceFile, path: Path) -> Iterator[tuple[int, Sequence[str]]]:
    """Yield each record with the number of the line on which it starts."""
    try:
        with path.open(encoding=spec.encoding, newline="") as file:
            reader = csv.reader(file, delimiter=spec.delimiter, strict=True)
            line = 1
            for cells in reader:
                yield line, cells
                line = reader.line_num + 1
    except (UnicodeDecodeError, LookupError) as error:
        zh, en = f"{path.name} 不是 {spec.encoding} 编码", f"{path.name} is not encoded as {spec.encoding}"
        hint = "[source] encoding 试用 gb18030 / try encoding = gb18030"
        raise DataRejectedError("DATA_ENCODING", zh, en, hint=hint) from error
    except csv.Error as error:
        zh, en = f"{path.name} 第 {line} 行起引号或分隔符不完整", f"broken quoting in {path.name} from line {line}"
        raise DataRejectedError("DATA_CSV_BROKEN", zh, en) from error


def _excel_rows(spec: SourceFile, path: Path) -> Iterator[tuple[int, Sequence[str]]]:
    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except (InvalidFileException, OSError, KeyError, ValueError) as error:
        zh, en = f"{path.name} 不是 .xlsx 工作簿", f"{path.name} is not an .xlsx workbook"
        raise DataRejectedError("DATA_EXCEL_BROKEN", zh, en) from error
    if spec.sheet and spec.sheet not in book.sheetnames:
        sheets = "、".join(book.sheetnames)
        zh, en = f"{path.name} 没有工作表 {spec.sheet}；现有：{sheets}", f"no sheet {spec.sheet!r}; there are: {sheets}"
        raise DataRejectedError("DATA_NO_SHEET", zh, en)
    sheet = book[spec.sheet] if spec.sheet else book.worksheets[0]
    for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
        yield number, [_cell(cell) for cell in cells]
    book.close()


def _cell(value: object) -> str:
    """Return a spreadsheet cell as the text that was meant: whole numbers without a point, dates as ISO 8601."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return _number(float(value))
    return value.isoformat() if isinstance(value, date | time) else str(value)


def _number(value: float) -> str:
    """Return a binary number as plain decimal text: shortest, without exponent; too long a one has lost digits."""
    if abs(value) >= _EXACT and np.isfinite(value):
        return LOST_DIGITS
    return np.format_float_positional(value + 0, trim="-")


def _sheet(name: str, rows: Iterable[tuple[int, Sequence[str]]], header_row: int) -> Sheet:
    lines = iter(rows)
    header: Sequence[str] = ()
    for place, (_, cells) in enumerate(lines, start=1):
        if place == header_row:
            header = _trimmed(cells)
            break
    _check_header(name, header)
    width = len(header)
    kept: list[Sequence[str]] = []
    numbers: list[int] = []
    misshapen: list[Misshapen] = []
    for number, cells in lines:
        if not any(cells):
            continue
        if len(cells) != width and (len(cells) < width or any(cells[width:])):
            misshapen.append(Misshapen(name, number, width, len(cells)))
            continue
        kept.append(cells[:width])
        numbers.append(number)
    columns = zip(*kept, strict=True) if kept else ((),) * width
    data = {key: _nulled(pa.array(column, pa.string())) for key, column in zip(header, columns, strict=True)}
    return _of(name, pa.table(data), np.array(numbers, dtype=np.int64), tuple(misshapen))


def _of(name: str, table: pa.Table, row: npt.NDArray[np.int64], misshapen: tuple[Misshapen, ...] = ()) -> Sheet:
    return Sheet(table, row, np.full(len(row), name, dtype=object), misshapen)


def _trimmed(cells: Sequence[str]) -> list[str]:
    """Return the header without the empty cells that spreadsheets leave at its end."""
    names = [cell.strip() for cell in cells]
    while names and not names[-1]:
        names.pop()
    return names


def _check_header(name: str, header: Sequence[str]) -> None:
    if not header:
        raise DataRejectedError("DATA_NO_HEADER", f"{name} 没有表头", f"{name} has no header row", hint="header_row")
    if "" in header:
        place = header.index("") + 1
        zh, en = f"{name} 第 {place} 列没有列名", f"column {place} of {name} has no name"
        raise DataRejectedError("DATA_NO_HEADER", zh, en, hint="header_row")
    twice = sorted({column for column in header if header.count(column) > 1})
    if twice:
        zh, en = f"{name} 的列名重复：{twice[0]}", f"{name} repeats the column name {twice[0]!r}"
        raise DataRejectedError("DATA_DUPLICATE_COLUMN", zh, en)


def _nulled(column: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """Make cells of nothing but spaces null; all other text stays as it is, NA and 00123 included."""
    trimmed = pc.utf8_trim_whitespace(column)
    return pc.if_else(pc.equal(trimmed, ""), None, trimmed)


def _parquet(path: Path) -> Sheet:
    try:
        table = pq.read_table(path)
    except pa.ArrowInvalid as error:
        zh, en = f"{path.name} 不是完整的 Parquet 文件", f"{path.name} is not a whole Parquet file"
        raise DataRejectedError("DATA_TABLE_BROKEN", zh, en) from error
    _check_header(path.name, table.column_names)
    for name in table.column_names:
        _check_plain(path.name, name, table[name].type)
    columns = {name: _nulled(_as_text(table[name])) for name in table.column_names}
    return _of(path.name, pa.table(columns), np.arange(1, table.num_rows + 1, dtype=np.int64))


def _check_plain(file: str, column: str, kind: pa.DataType) -> None:
    """Refuse a column whose cells are no single values: nobody knows which is meant."""
    inner = kind.value_type if pa.types.is_dictionary(kind) else kind
    if pa.types.is_nested(inner) or pa.types.is_binary(inner) or pa.types.is_large_binary(inner):
        zh = f"{file} 的列 {column} 类型为 {kind}，只能读单个的值；请在导出时去掉该列或改为文字"
        en = f"column {column} of {file} is {kind}, only single values can be read; leave it out or export it as text"
        raise DataRejectedError("DATA_TABLE_BROKEN", zh, en)


def _as_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a typed Parquet column as text; instants with a zone keep their offset, whole numbers have no point."""
    kind = column.type
    if pa.types.is_timestamp(kind):
        mark = "+0000" if kind.tz else ""
        plain = column.cast(pa.timestamp("us", tz="UTC" if kind.tz else None), safe=False)
        return pc.strftime(plain.cast(pa.timestamp("us")) if kind.tz else plain, "%Y-%m-%dT%H:%M:%S" + mark)
    return _number_texts(column) if pa.types.is_floating(kind) else column.cast(pa.string())


def _number_texts(column: pa.ChunkedArray) -> pa.ChunkedArray:
    wide = column.cast(pa.float32()) if pa.types.is_float16(column.type) else column
    encoded = wide.combine_chunks().dictionary_encode()
    texts = pa.array([_number(number) for number in encoded.dictionary.to_numpy()], pa.string())
    return pa.chunked_array([texts.take(encoded.indices)])
