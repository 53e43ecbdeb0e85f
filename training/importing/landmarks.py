"""Landmark rows: each case asked again on calendar days while it is at risk, knowing only what was known that day."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from features import history_tables as tables
from training.importing.event_table import Happened
from training.importing.mapping import Extension, Landmarks

Rows = npt.NDArray[np.int64]
Array = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_NEVER = np.iinfo(np.int64).max
_SPAN = 2**33
"""Seconds between the keys of two rows: 272 years, more than any history holds."""


@dataclass(frozen=True)
class Panel:
    """Landmark rows: the case of each, its instant in microseconds, its fields, and the events from then on."""

    case: Rows
    at: Rows
    fields: Mapping[str, pa.Array]
    happened: tuple[Happened, ...]

    def ids(self, case_ids: pa.Array) -> pa.Array:
        """Return a key for each row: the case's own, an at sign and the landmark's date."""
        days = (self.at + tables.SHANGHAI_MICROSECONDS) // tables.DAY_MICROSECONDS
        dates = days.astype("datetime64[D]").astype(str)
        keys = case_ids.take(pa.array(self.case)).to_pylist()
        return pa.array([f"{key}@{day}" for key, day in zip(keys, dates, strict=True)], pa.string())


def panel(spec: Landmarks, happened: Sequence[Happened], case_ids: pa.Array, until: Array) -> Panel:
    """Return the landmark rows of all cases.

    A landmark is the first midnight of a month, quarter or year, from the
    start event plus `from_days` to it plus `to_days`. The case is at risk when
    none of the ending events has happened before that midnight; whether the
    court already knew of an ending makes no difference, since an ended case
    has no question left. The fields, however, hold only what was known.
    """
    by_name = {h.name: h for h in happened}
    case, month = _grid(spec, by_name, case_ids, until)
    at = _midnight(month)
    fields = {name: _measured(told, by_name, case, at) for name, told in spec.fields.items()}
    later = tuple(_from(h, case, at) for h in happened if h.kind)
    return Panel(case, at, fields, later)


def _grid(spec: Landmarks, by_name: Mapping[str, Happened], case_ids: pa.Array, until: Array) -> tuple[Rows, Rows]:
    """Return the case and the month of each landmark."""
    n, day, step = len(case_ids), tables.DAY_MICROSECONDS, _MONTHS[spec.every]
    start = by_name[spec.start].first(n)
    begun = (start != _NEVER) & _chosen(case_ids, spec.one_in)
    start = np.where(begun, start, 0)
    ended = np.minimum.reduce([np.full(n, _NEVER), *(by_name[name].first(n) for name in spec.ended_by)])
    watched = (until * day).astype(np.int64) - tables.SHANGHAI_MICROSECONDS
    last = np.minimum(np.minimum(start + spec.last_days * day, ended), watched - 1)
    low = -(-_month_after(start + spec.start_days * day) // step)
    high = _month_of(last) // step
    count = np.where(begun, np.maximum(high - low + 1, 0), 0)
    case = np.repeat(np.arange(n, dtype=np.int64), count)
    offset = np.arange(len(case), dtype=np.int64) - np.repeat(np.cumsum(count) - count, count)
    return case, (low[case] + offset) * step


def _chosen(case_ids: pa.Array, one_in: int) -> Flags:
    """Choose one case in so many by its key, so that the choice never depends on order or chance."""
    if one_in <= 1:
        return np.ones(len(case_ids), dtype=np.bool_)
    digests = (hashlib.sha256(str(key).encode()).digest() for key in case_ids.to_pylist())
    return np.array([int.from_bytes(digest[:8]) % one_in == 0 for digest in digests], dtype=np.bool_)


def _month_of(at: Rows) -> Rows:
    """Return the month, counted from January 1970, in which each instant falls."""
    days = ((at + tables.SHANGHAI_MICROSECONDS) // tables.DAY_MICROSECONDS).astype("datetime64[D]")
    return np.asarray(days.astype("datetime64[M]").astype(np.int64))


def _month_after(at: Rows) -> Rows:
    """Return the first month that begins at or after each instant."""
    month = _month_of(at)
    return month + (_midnight(month) < at)


def _midnight(month: Rows) -> Rows:
    days = month.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    return np.asarray(days * tables.DAY_MICROSECONDS - tables.SHANGHAI_MICROSECONDS)


def _measured(told: Extension, by_name: Mapping[str, Happened], case: Rows, at: Rows) -> pa.Array:
    """Return one field of every row, from the events recorded by its landmark."""
    event = _sorted(by_name[told.since])
    first, last = _known(event, case, at)
    if told.measure == "count":
        return _typed(last - first, told)
    if told.measure == "happened":
        return _typed(last > first, told)
    if told.measure == "open":
        over = _known(_sorted(by_name[told.until]), case, at)
        return _typed((last > first) & (over[0] == over[1]), told)
    if told.measure == "sum":
        total = np.concatenate([[0.0], np.cumsum(np.nan_to_num(event.amount))])
        return _typed(total[last] - total[first], told)
    newest = np.minimum(np.maximum(last - 1, 0), max(len(event.row) - 1, 0))
    if not len(event.row):
        return _typed(np.full(len(case), np.nan), told)
    values = event.amount[newest] if told.measure == "amount" else (at - event.at[newest]) / tables.DAY_MICROSECONDS
    return _typed(np.where(last > first, values, np.nan), told)


def _typed(values: npt.NDArray[np.generic], told: Extension) -> pa.Array:
    if told.type == "bool":
        return pa.array(values.astype(np.bool_))
    numbers = values.astype(np.float64)
    if told.type == "int":
        return pa.array(np.nan_to_num(np.floor(numbers)).astype(np.int32), mask=np.isnan(numbers))
    return pa.array(numbers, mask=np.isnan(numbers))


def _sorted(event: Happened) -> Happened:
    """Return the events by case and then by when they were recorded."""
    order = np.lexsort((event.at, event.recorded_at, event.row)).astype(np.int64)
    return event.take(order, event.row[order])


def _known(event: Happened, case: Rows, at: Rows) -> tuple[Rows, Rows]:
    """Return where each row's case begins among the sorted events, and where what is recorded later begins."""
    keys = event.row * _SPAN + _seconds(event.recorded_at)
    first = np.searchsorted(event.row, case, side="left")
    last = np.searchsorted(keys, case * _SPAN + _seconds(at), side="right")
    return first.astype(np.int64), last.astype(np.int64)


def _seconds(at: Rows) -> Rows:
    """Return seconds since 1900, rounded up: landmarks are whole seconds, so nothing later slips under one."""
    return -(-at // 1_000_000) + 25_567 * 86_400


def _from(event: Happened, case: Rows, at: Rows) -> Happened:
    """Return a case's events at or after each of its landmarks, given to the landmark's row."""
    order = np.lexsort((event.at, event.row)).astype(np.int64)
    ordered = event.take(order, event.row[order])
    keys = ordered.row * _SPAN + _seconds(ordered.at)
    first = np.searchsorted(keys, case * _SPAN + _seconds(at), side="left")
    end = np.searchsorted(ordered.row, case, side="right")
    count = np.maximum(end - first, 0)
    row = np.repeat(np.arange(len(case), dtype=np.int64), count)
    offset = np.arange(len(row), dtype=np.int64) - np.repeat(np.cumsum(count) - count, count)
    return ordered.take((np.repeat(first, count) + offset).astype(np.int64), row)
