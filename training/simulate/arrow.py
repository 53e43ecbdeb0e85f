"""Columns of numbers become Arrow tables of the history format, and numbers of cases and parties."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from features.history_tables import DAY_MICROSECONDS, INSTANT, SHANGHAI_MICROSECONDS, arrow_type
from features.known import OBSERVED, Array
from features.register import Field
from training.simulate.record.draws import Flags, Rows, mix

_HEX = np.array([f"{byte:02x}" for byte in range(256)], dtype="S2")


def field_array(field: Field, values: Array) -> pa.Array:
    """Return one field's column in the type of the history format; NaN becomes null."""
    missing = np.isnan(values)
    if field.type == "enum":
        return codes_array(np.where(missing, -1, values), field.codes)
    if field.type == "set":
        return codes_array(np.where(missing, -1, values), _subsets(field.codes))
    if field.type == "datetime":
        return instants(values)
    if field.type == "date":
        return dates(values)
    kind = arrow_type(field)
    if pa.types.is_boolean(kind):
        return pa.array(values == 1, mask=missing)
    plain = np.where(missing, 0.0, values).astype(np.int32) if pa.types.is_integer(kind) else values
    return pa.array(plain, mask=missing, type=kind)


def codes_array(places: npt.NDArray[np.generic], codes: Sequence[str]) -> pa.DictionaryArray:
    """Return codes as a dictionary column; -1 becomes null."""
    index = places.astype(np.int32)
    return pa.DictionaryArray.from_arrays(pa.array(index, mask=index < 0), pa.array(list(codes), pa.string()))


def texts_array(places: npt.NDArray[np.generic], texts: Sequence[str | None]) -> pa.Array:
    """Return plain strings by their places in a short list; -1 becomes null."""
    index = places.astype(np.int32)
    return pa.array(list(texts), pa.string()).take(pa.array(index, mask=index < 0))


def instants(days: Array) -> pa.Array:
    """Return instants from days since 1970-01-01 00:00 in Shanghai, to the second."""
    missing = ~np.isfinite(days)
    seconds = np.round(np.where(missing, 0.0, days) * 86_400).astype(np.int64)
    return pa.array(seconds * (DAY_MICROSECONDS // 86_400) - SHANGHAI_MICROSECONDS, mask=missing).cast(INSTANT)


def dates(days: Array) -> pa.Array:
    """Return dates from days since 1970-01-01."""
    missing = ~np.isfinite(days)
    return pa.array(np.where(missing, 0.0, days).astype(np.int32), mask=missing).cast(pa.date32())


def observed_name(name: str) -> str:
    """Return the name of a field's companion column."""
    return name + OBSERVED


def _subsets(codes: Sequence[str]) -> list[str]:
    """Return every subset of the codes, joined by slashes, at the place of its sum of powers of two."""
    return ["/".join(code for bit, code in enumerate(codes) if place >> bit & 1) for place in range(1 << len(codes))]


def case_ids(court: int, n: int) -> pa.Array:
    """Return the keys of a court's cases; the prefix says that they are simulated."""
    serial = pc.utf8_lpad(pa.array(np.arange(1, n + 1)).cast(pa.string()), 7, "0")
    return pc.binary_join_element_wise(f"SIM-{court:02d}", serial, "-")


def numbered(prefix: str, numbers: Rows, where: Flags | None = None) -> pa.Array:
    """Return `prefix-number`, null where not asked for."""
    text = pc.binary_join_element_wise(prefix, pa.array(numbers).cast(pa.string()), "-")
    return text if where is None else pc.if_else(pa.array(where), text, pa.scalar(None, pa.string()))


def case_numbers(year: Rows, court: str, words: pa.Array, serial: Rows) -> pa.Array:
    """Return 案号: (year) court type serial 号."""
    head = pc.binary_join_element_wise("(", pa.array(year).cast(pa.string()), f"){court}", "")
    return pc.binary_join_element_wise(head, words, pa.array(serial).cast(pa.string()), "号", "")


def tokens(keys: Rows, *, salt: int) -> pa.Array:
    """Return a token of 64 hexadecimal digits for each key: the same key, the same token."""
    words = np.stack([mix(mix(keys.astype(np.uint64)) + np.uint64(4 * salt + part)) for part in range(4)], axis=1)
    octets = np.ascontiguousarray(words).view(np.uint8).reshape(len(keys), 32)
    return pa.array(_HEX[octets].view("S64").ravel()).cast(pa.string())


def years_of(days: Array) -> Rows:
    """Return the civil year of each day."""
    civil = np.where(np.isfinite(days), days, 0.0).astype(np.int64).astype("datetime64[D]")
    return civil.astype("datetime64[Y]").astype(np.int64) + 1970


def serials(years: Rows, at: Array) -> Rows:
    """Return the number of each row within its year, in order of time, from 1."""
    order = np.lexsort((at, years))
    first = np.searchsorted(years[order], years[order])
    serial = np.empty(len(years), dtype=np.int64)
    serial[order] = np.arange(len(years)) - first + 1
    return serial
