"""Reading an Arrow stream from outside: plain columns, nothing packed, and no more rows than a list may have.

A stream of a few bytes can claim millions of rows, and a packed one can hold
gigabytes; pyarrow has no bound for either. So both are looked for before
anything is unfolded.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import pyarrow as pa

_TOGETHER: Final = 500
"""Rows that are unfolded at a time."""
_HEADER, _DICTIONARY_DATA, _COMPRESSION = 2, 1, 3
"""Numbers of fields in the metadata of a message (Arrow's Message.fbs: header, data of a dictionary, compression)."""


class ArrowError(ValueError):
    """It is no Arrow stream of the kind that is taken."""


class TooManyRowsError(ArrowError):
    """It holds more rows than are taken."""


def rows_of(body: bytes, *, most_rows: int, most_cell: int) -> Iterator[Mapping[str, Any]]:
    """Yield the rows of a stream by column name.

    Raises
    ------
    TooManyRowsError
        There are more than `most_rows`.
    ArrowError
        It is no stream, its buffers are packed, a column has a kind that no
        field has, or a repeated text is longer than `most_cell` bytes.
    """
    import pyarrow as pa  # only lists in this format need it

    try:
        _require_unpacked(body)
        with pa.ipc.open_stream(pa.BufferReader(body)) as stream:
            _require_plain(stream.schema)
            yield from _rows(stream, most_rows=most_rows, most_cell=most_cell)
    except ArrowError:
        raise
    except (pa.ArrowException, OSError, ValueError, ArithmeticError, LookupError, struct.error) as error:
        raise ArrowError from error


def _rows(stream: pa.ipc.RecordBatchStreamReader, *, most_rows: int, most_cell: int) -> Iterator[Mapping[str, Any]]:
    count = 0
    for batch in stream:
        count += batch.num_rows
        if count > most_rows:
            raise TooManyRowsError
        batch.validate(full=True)
        _require_short(batch, most_cell)
        for start in range(0, batch.num_rows, _TOGETHER):
            yield from batch.slice(start, _TOGETHER).to_pylist()


def _require_plain(schema: pa.Schema) -> None:
    """Refuse kinds that stand for more than they hold, such as run-end encoding and views, and doubled columns."""
    if len(set(schema.names)) != len(schema) or not all(_is_plain(kind) for kind in schema.types):
        raise ArrowError


def _is_plain(kind: pa.DataType) -> bool:
    import pyarrow.types as kinds

    if kinds.is_dictionary(kind):
        return _is_text(kind.value_type)
    if kinds.is_list(kind) or kinds.is_large_list(kind):
        return _is_text(kind.value_type)
    if kinds.is_decimal(kind):
        # A scale beyond the digits there are ends the process inside pyarrow.
        return bool(0 <= kind.scale <= kind.precision)
    plain = (kinds.is_null, kinds.is_boolean, kinds.is_integer, kinds.is_floating)
    return _is_text(kind) or any(is_kind(kind) for is_kind in (*plain, kinds.is_date, kinds.is_timestamp))


def _is_text(kind: pa.DataType) -> bool:
    import pyarrow.types as kinds

    return bool(kinds.is_string(kind) or kinds.is_large_string(kind))


def _require_short(batch: pa.RecordBatch, most_cell: int) -> None:
    """Refuse long texts that many rows can point to: each row would get a copy."""
    import pyarrow.types as kinds
    from pyarrow import compute

    for column in batch.columns:
        if kinds.is_dictionary(column.type):
            longest = compute.max(compute.binary_length(column.dictionary)).as_py() or 0
            if longest > most_cell:
                raise ArrowError


def _require_unpacked(body: bytes) -> None:
    import pyarrow as pa

    for message in pa.ipc.MessageReader.open_stream(pa.BufferReader(body)):
        if _is_packed(message.type, message.metadata.to_pybytes()):
            raise ArrowError


def _is_packed(kind: str, metadata: bytes) -> bool:
    """Whether the metadata of a message, a flatbuffer, names a compression of its buffers."""
    if kind not in {"record batch", "dictionary"}:
        return False
    header = _inner(metadata, _inner(metadata, 0), _HEADER)
    if kind == "dictionary":
        header = _inner(metadata, header, _DICTIONARY_DATA)
    return bool(_field(metadata, header, _COMPRESSION))


def _inner(metadata: bytes, table: int, field: int | None = None) -> int:
    """Return the place of the table to which a field points; without a field, of the outermost one."""
    place = table if field is None else _field(metadata, table, field)
    return place + int(struct.unpack_from("<I", metadata, place)[0])


def _field(metadata: bytes, table: int, number: int) -> int:
    """Return the place of a table's field, or 0 where it is absent."""
    vtable = table - struct.unpack_from("<i", metadata, table)[0]
    entry = 4 + 2 * number
    if entry >= struct.unpack_from("<H", metadata, vtable)[0]:
        return 0
    offset = struct.unpack_from("<H", metadata, vtable + entry)[0]
    return table + int(offset) if offset else 0
