"""The working calendar: holidays, weekends worked in exchange, and the end of what has been published."""

from __future__ import annotations

from datetime import date, timedelta

import chinese_calendar
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.clock import days_of
from models.working_days import (
    FIRST,
    LAST,
    end_span,
    is_working_day,
    next_working_day,
    rolled,
    working_day_after,
    working_days_between,
)

KNOWN = st.dates(date(2010, 1, 1), LAST - timedelta(days=40))


@given(day=KNOWN)
def test_a_day_moves_to_the_first_working_day_and_no_further(day: date) -> None:
    """Nothing between is a working day, for one day and for columns alike."""
    later, published = next_working_day(day)

    assert published
    assert chinese_calendar.is_workday(later)
    assert not any(chinese_calendar.is_workday(day + timedelta(days=i)) for i in range((later - day).days))
    assert rolled(np.array([days_of(day) + 0.7]))[0] == days_of(later)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 10, 1), (date(2026, 10, 8), True)),
        (date(2026, 10, 10), (date(2026, 10, 10), True)),
        (date(2024, 2, 29), (date(2024, 2, 29), True)),
        (date(2026, 12, 31), (date(2026, 12, 31), True)),
        (date(2027, 1, 2), (date(2027, 1, 4), False)),
        (date(2003, 1, 4), (date(2003, 1, 6), False)),
    ],
)
def test_holidays_and_the_ends_of_the_calendar(day: date, expected: tuple[date, bool]) -> None:
    """A Saturday worked in exchange stays; beyond the calendar a weekend moves and the doubt is told."""
    assert next_working_day(day) == expected
    assert rolled(np.array([days_of(day)]))[0] == days_of(expected[0])


def test_an_unknown_day_stays_unknown() -> None:
    """Nothing is made of nothing."""
    nothing = np.array([np.nan])

    assert np.isnan(rolled(nothing)).all()
    assert np.isnan(working_days_between(nothing, np.array([20_000.0]))).all()
    assert np.isnan(end_span(nothing)).all()


@given(first=KNOWN, days=st.integers(0, 40))
def test_working_days_are_counted_one_by_one(first: date, days: int) -> None:
    """The first day does not count, the last does."""
    last = first + timedelta(days=days)
    expected = sum(is_working_day(first + timedelta(days=i)) for i in range(1, days + 1))

    between = working_days_between(np.array([days_of(first)]), np.array([days_of(last)]))
    assert [one[0] for one in between] == [expected, expected]


@given(first=KNOWN, number=st.integers(1, 15))
def test_so_many_working_days_later_is_a_working_day_with_so_many_between(first: date, number: int) -> None:
    """Counting forward and counting between agree."""
    later, published = working_day_after(first, number)

    assert published
    assert is_working_day(later)
    assert working_days_between(np.array([days_of(first)]), np.array([days_of(later)]))[0][0] == number


def test_beyond_the_calendar_days_are_bounded_in_columns() -> None:
    """New Year's Day may be worked or not, plain weekdays are; for one date the doubt is told."""
    ends = np.array([days_of(LAST), days_of(LAST) + 1, days_of(date(2027, 1, 6)), days_of(FIRST) - 1])
    least, most = working_days_between(np.full(4, days_of(LAST)), ends)

    assert least[:3].tolist() == [0.0, 0.0, 2.0]
    assert most[:3].tolist() == [0.0, 1.0, 6.0]
    assert np.isnan([least[3], most[3]]).all()
    assert working_day_after(LAST, 1) == (date(2027, 1, 1), False)


def test_working_days_are_not_counted_backwards() -> None:
    """A negative number is a mistake."""
    with pytest.raises(ValueError, match="工作日数不能为负"):
        working_day_after(FIRST, -1)
