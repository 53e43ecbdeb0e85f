"""A hash of what history tables say, whatever files, chunks or encodings they are stored in."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from features import history_tables as tables


def fingerprint(meta: Mapping[str, object], contents: Mapping[str, pa.Table]) -> str:
    """Return the SHA-256 of the tables' values in a stable order, and of their description."""
    digest = hashlib.sha256(json.dumps(meta, sort_keys=True, ensure_ascii=False).encode())
    for table, content in sorted(contents.items()):
        keys = tables.needed(table)
        plain = pa.table([_plain(content[name]) for name in keys], names=list(keys))
        order = pc.sort_indices(plain, [(name, "ascending") for name in keys])
        for name in sorted(content.column_names):
            digest.update(f"{table}.{name}:{content.num_rows}".encode())
            _add(digest, content[name], order)
    return digest.hexdigest()


def _add(digest: hashlib._Hash, column: pa.ChunkedArray, order: pa.Array) -> None:
    """Add a column: which values are empty, then the values themselves."""
    values = _plain(column).take(order).combine_chunks()
    digest.update(np.packbits(pc.is_valid(values).to_numpy(zero_copy_only=False)).tobytes())
    if pa.types.is_string(values.type) or pa.types.is_large_string(values.type):
        filled = pc.fill_null(values, "")
        digest.update(pc.binary_length(filled).to_numpy().astype(np.int64).tobytes())
        digest.update("".join(filled.to_pylist()).encode())
        return
    digest.update(np.nan_to_num(pc.fill_null(_whole(values), 0).to_numpy(), nan=0.0).tobytes())


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return codes as the text they stand for; everything else as it is."""
    coded = pa.types.is_dictionary(column.type) or pa.types.is_null(column.type)
    return column.cast(pa.string()) if coded else column


def _whole(values: pa.Array) -> pa.Array:
    """Return numbers, dates, instants and yes/no as 64-bit numbers, the same for every storage width."""
    if pa.types.is_timestamp(values.type):
        return values.cast(pa.timestamp("us", tz="UTC")).cast(pa.int64())
    if pa.types.is_date(values.type):
        return values.cast(pa.date32()).cast(pa.int32()).cast(pa.float64())
    if pa.types.is_boolean(values.type):
        return values.cast(pa.int8()).cast(pa.float64())
    return values.cast(pa.float64())
