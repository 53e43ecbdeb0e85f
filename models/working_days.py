"""The working calendar: public holidays, weekends worked in exchange, and where the published calendar ends.

The State Council publishes each year's holidays late in the year before, so
no calendar knows the years after. There, weekends count as holidays and the
caller is told that a person must check.
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


def working_days_between(first: Array, last: Array) -> Array:
    """Return how many working days lie after `first` up to and including `last`.

    NaN where a day is unknown, or lies beyond the published calendar.
    """
    table = _working_so_far()
    low, high = np.floor(first) - _START, np.floor(last) - _START
    known = (low >= 0) & (high >= 0) & (low < len(table)) & (high < len(table))
    at = [np.where(known, place, 0).astype(np.intp) for place in (low, high)]
    return np.where(known, table[at[1]] - table[at[0]], np.nan)


@cache
def _next_working() -> Array:
    """Return the next working day of every day the calendar knows, and a month after it."""
    days = (FIRST + timedelta(days=number) for number in range(int(_END - _START) + 1 + _MARGIN))
    return np.array([days_of(next_working_day(day)[0]) for day in days])


@cache
def _working_so_far() -> Array:
    """Return the number of working days up to and including every day that the calendar knows."""
    days = (FIRST + timedelta(days=number) for number in range(int(_END - _START) + 1))
    return np.cumsum([float(is_working_day(day)) for day in days])


def _after_weekend(days: Array) -> Array:
    """Return the day or, on a weekend, the Monday after it; day 0 was a Thursday."""
    weekday = np.mod(days + 3.0, 7.0)
    return days + np.where(weekday >= 5.0, 7.0 - weekday, 0.0)
