"""The working calendar: public holidays, weekends worked in exchange, and where the published calendar ends.

The State Council publishes each year's holidays late in the year before, so
no calendar knows the years after. There, weekends count as holidays and the
caller is told that a person must check; and where an answer hangs on it, the
days that have ever been moved by a holiday stay open.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache, lru_cache

import chinese_calendar
import numpy as np
import numpy.typing as npt

from features.clock import days_of

Array = npt.NDArray[np.float64]

FIRST, LAST = date(2004, 1, 1), date(max(chinese_calendar.constants.holidays).year, 12, 31)
"""The days that the calendar knows."""

_START, _END = days_of(FIRST), days_of(LAST)
_YEARS_AFTER = 30
"""Years after the published ones of which something can still be said; no table of rules looks further ahead."""
_MARGIN = 31
"""Days beyond the calendar that the tables below reach, so that a period ending at its edge can still move."""


def is_published(day: date) -> bool:
    """Whether the holidays of the day's year have been published in this calendar."""
    return FIRST <= day <= LAST


@lru_cache(maxsize=4096)
def is_working_day(day: date) -> bool:
    """Whether courts work on the day; beyond the calendar, from Monday to Friday."""
    if is_published(day):
        return bool(chinese_calendar.is_workday(day))
    return day.weekday() < 5


@lru_cache(maxsize=4096)
def next_working_day(day: date) -> tuple[date, bool]:
    """Return the day, or the first working day after it, and whether the calendar covers all days looked at."""
    later = day
    while not is_working_day(later):
        later += timedelta(days=1)
    return later, is_published(day) and is_published(later)


def working_day_after(day: date, number: int) -> tuple[date, bool]:
    """Return the working day that is so many after the day, which does not count, and whether the calendar covers it.

    Raises
    ------
    ValueError
        The number is negative.
    """
    if number < 0:
        msg = f"工作日数不能为负，收到 {number} / working days are counted forward, got {number}"
        raise ValueError(msg)
    later, left = day, number
    while left > 0:
        later += timedelta(days=1)
        left -= is_working_day(later)
    return later, is_published(day) and is_published(later)


def rolled(days: Array) -> Array:
    """Return each day, or the first working day after it (days since 1970-01-01); NaN stays NaN.

    Beyond the calendar a weekend moves to Monday.
    """
    table = _next_working()
    place = np.floor(days) - _START
    inside = (place >= 0) & (place < len(table))
    found = table[np.where(inside, place, 0).astype(np.intp)]
    return np.where(inside, found, _after_weekend(np.floor(days)))


def end_span(days: Array) -> tuple[Array, Array]:
    """Return the earliest and the latest day to which a period that ends on each day may move; NaN stays NaN.

    Within the published calendar both are the day, or the first working day
    after it. Beyond, a weekday is open where some published year had a
    holiday on or beside that day of the year, and a weekend where one near it
    was worked in exchange; then the two differ.
    """
    (earliest, latest), place = _ends(), np.floor(days) - _START
    inside = (place >= 0) & (place < len(latest))
    at = np.where(inside, place, 0).astype(np.intp)
    low, high = np.where(inside, earliest[at], np.floor(days)), np.where(inside, latest[at], np.floor(days) + _MARGIN)
    unknown = np.isnan(days)
    return np.where(unknown, np.nan, low), np.where(unknown, np.nan, high)


def working_days_between(first: Array, last: Array) -> tuple[Array, Array]:
    """Return how many working days lie after `first` up to and including `last`: at least, and at most.

    Within the published calendar the two are one. NaN where a day is unknown
    or before the first that is known.
    """
    tables = _working_so_far()
    low, high = np.floor(first) - _START, np.floor(last) - _START
    known = (low >= 0) & (high >= 0) & (low < len(tables[0])) & (high < len(tables[0]))
    at = [np.where(known, place, 0).astype(np.intp) for place in (low, high)]
    least, most = (np.where(known, table[at[1]] - table[at[0]], np.nan) for table in tables)
    return least, most


@cache
def _next_working() -> Array:
    """Return the next working day of every day the calendar knows, and a month after it."""
    days = (FIRST + timedelta(days=number) for number in range(int(_END - _START) + 1 + _MARGIN))
    return np.array([days_of(next_working_day(day)[0]) for day in days])


@cache
def _working_so_far() -> tuple[Array, Array]:
    """Return the number of days up to and including every day that are worked for certain, and of those that may be."""
    surely, maybe = _worked()
    return np.cumsum(surely, dtype=np.float64), np.cumsum(maybe, dtype=np.float64)


@cache
def _ends() -> tuple[Array, Array]:
    """Return where each day's period may end: at the next day that may be worked, or that is for certain."""
    surely, maybe = _worked()
    return _next_of(maybe) + _START, _next_of(surely) + _START


@cache
def _worked() -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Return the days that are worked for certain, and those that may be, from the first published one on."""
    known = np.array([is_working_day(FIRST + timedelta(days=number)) for number in range(int(_END - _START) + 1)])
    days = np.datetime64(FIRST) + np.arange(len(known) + _YEARS_AFTER * 366)
    weekday = (days - np.datetime64("1970-01-05", "D")).astype(np.int64) % 7 < 5
    exchanged = np.flatnonzero(known != weekday[: len(known)])
    maybe = weekday | _near(days, exchanged[known[exchanged]], 2)
    surely = weekday & ~_near(days, exchanged[~known[exchanged]], 1)
    surely[: len(known)] = maybe[: len(known)] = known
    return surely, maybe


def _near(days: npt.NDArray[np.datetime64], places: npt.NDArray[np.intp], by: int) -> npt.NDArray[np.bool_]:
    """Return the days at most so far from the day of the year of one of these."""
    around = np.concatenate([places + shift for shift in range(-by, by + 1)])
    of_year = _day_of_year(days)
    return np.isin(of_year, of_year[around[around >= 0]])


def _day_of_year(days: npt.NDArray[np.datetime64]) -> npt.NDArray[np.int64]:
    """Return month and day as one number, 1001 for the first of October."""
    months = days.astype("datetime64[M]")
    month = months.astype(np.int64) % 12 + 1
    day = (days - months.astype("datetime64[D]")).astype(np.int64) + 1
    return np.asarray(month * 100 + day, dtype=np.int64)


def _next_of(working: npt.NDArray[np.bool_]) -> Array:
    """Return the place of the next working day of each day; a month on, where the table ends first."""
    places = np.where(working, np.arange(len(working)), len(working) + _MARGIN)
    return np.minimum.accumulate(places[::-1])[::-1].astype(np.float64)


def _after_weekend(days: Array) -> Array:
    """Return the day or, on a weekend, the Monday after it; day 0 was a Thursday."""
    weekday = np.mod(days + 3.0, 7.0)
    return days + np.where(weekday >= 5.0, 7.0 - weekday, 0.0)
