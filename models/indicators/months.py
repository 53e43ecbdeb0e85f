"""Periods that figures stand for: a month, or a year up to and including a month; months are written 2026-10."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from features.clock import days_of


@dataclass(frozen=True, order=True)
class Period:
    """Months from `first` to `last`, both included, written as 2026-10."""

    first: str
    last: str

    @classmethod
    def month(cls, day: date) -> Period:
        """Return the month of a day."""
        return cls(_text(day), _text(day))

    @classmethod
    def year_to(cls, day: date) -> Period:
        """Return the year of a day up to and including its month."""
        return cls(f"{day.year:04d}-01", _text(day))

    @property
    def begins(self) -> float:
        """The first day, in days (`features.clock`)."""
        return days_of(_first_day(self.first))

    @property
    def ends(self) -> float:
        """The day after the last one, in days."""
        return days_of(_after(_first_day(self.last)))

    @property
    def year_before(self) -> Period:
        """The same months of the year before."""
        return Period(*(f"{int(month[:4]) - 1:04d}{month[4:]}" for month in (self.first, self.last)))

    @property
    def is_month(self) -> bool:
        """Whether it is a single month."""
        return self.first == self.last

    def open_on(self, day: date) -> bool:
        """Whether its last month has not ended on a day."""
        return _first_day(self.last) <= day < _after(_first_day(self.last))


def periods_up_to(today: date) -> tuple[Period, ...]:
    """Return every month of this year and the two before, and those years up to each of them, newest first."""
    return tuple(
        period
        for first in _months_back(today)
        for period in dict.fromkeys((Period.year_to(first), Period.month(first)))
    )


def twelve_months(last: str) -> tuple[Period, ...]:
    """Return a month and the eleven before it, oldest first."""
    first = _first_day(last)
    index = first.year * 12 + first.month - 1
    months = (date(one // 12, one % 12 + 1, 1) for one in range(index - 11, index + 1))
    return tuple(Period.month(one) for one in months)


def _months_back(today: date) -> Iterator[date]:
    for year in (today.year, today.year - 1, today.year - 2):
        for month in range(today.month if year == today.year else 12, 0, -1):
            yield date(year, month, 1)


def _text(day: date) -> str:
    return f"{day.year:04d}-{day.month:02d}"


def _first_day(month: str) -> date:
    return date.fromisoformat(f"{month}-01")


def _after(first: date) -> date:
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)
