"""Indicators: the course of one application, periods, the check on late filing, and the court's own interval."""

from __future__ import annotations

import math
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.clock import date_of, days_of
from models.indicators import (
    Clock,
    Course,
    Happened,
    Interval,
    Period,
    Standing,
    State,
    Told,
    course_of,
    filed_in_time,
    indicators,
    late_in,
    pays,
    periods_up_to,
    standing,
    twelve_months,
)
from tests import builders_court_year as build

NAN = math.nan


def course(
    *events: tuple[float, str], amounts: dict[int, float] | None = None, mode: str = "full", **told: object
) -> Course:
    """Return the course of an application of 100 yuan that came in on day 0 and was to be filed by day 7."""
    usual: dict[str, object] = {"received": 0.4, "claim": 100.0, "due": 7.0}
    happened = [
        Happened(at, kind, (amounts or {}).get(place, NAN), mode if kind == "close" else "")
        for place, (at, kind) in enumerate(events)
    ]
    return course_of(Told(**usual | told), happened)  # type: ignore[arg-type]


def test_a_case_filed_and_closed_as_fully_performed() -> None:
    """The instants are those of the events, whatever their order in the report."""
    found = course((30.5, "close"), (5.2, "file"), (20.1, "deduction"), amounts={2: 100.0})
    assert (found.filed, found.closed, found.ended, found.state) == (5.2, 30.5, 30.5, State.FULL)
    assert (found.recovered, found.money_at) == (100.0, 20.1)


def test_paid_in_full_before_filing_is_settled_on_the_day_of_the_last_payment() -> None:
    """Two payments reach the claim; a filing after it changes nothing."""
    found = course((2.0, "payment"), (4.0, "payment"), (9.0, "file"), amounts={0: 60.0, 1: 40.0})
    assert (found.state, found.ended, found.late_from) == (State.SETTLED, 4.0, found.late_from)
    assert math.isnan(found.late_from)


def test_what_is_paid_after_filing_is_no_settlement_before_it() -> None:
    """The same payment a day after filing."""
    assert course((3.0, "file"), (4.0, "payment"), amounts={1: 100.0}).state is State.OPEN


def test_what_is_deducted_by_force_settles_nothing() -> None:
    """Only voluntary payment is performance before filing."""
    assert course((4.0, "deduction"), amounts={0: 100.0}).state is State.OPEN


def test_closed_as_performed_without_filing_is_settled() -> None:
    """No filing is reported, and the case ended in full."""
    found = course((6.0, "close"))
    assert (found.state, found.ended) == (State.SETTLED, 6.0)


def test_the_end_of_urging_is_no_filing() -> None:
    """Converted and not filed, the case waits and is late in time; closed after all, it had been filed by then."""
    waits = course((1.0, "urge_start"), (16.0, "convert"), consented=True)
    assert (math.isnan(waits.filed), waits.late_from == waits.filed_due) == (True, True)
    assert course((1.0, "urge_start"), (16.0, "convert"), (17.5, "file")).filed == 17.5
    assert course((1.0, "urge_start"), (16.0, "convert"), (60.0, "close"), mode="zhongben").filed == 16.0


@pytest.mark.parametrize(("mode", "state"), [("zhongben", State.ZHONGBEN), ("terminated", State.OTHER)])
def test_the_first_closing_counts(mode: str, state: State) -> None:
    """A resumed case that is closed again later is another case for the figures."""
    found = course((3.0, "file"), (90.0, "close"), (200.0, "resume"), (230.0, "close"), mode=mode)
    assert (found.state, found.closed) == (state, 90.0)


@pytest.mark.parametrize(
    ("filed", "consented", "urged", "withdrawn", "late"),
    [
        (7.9, False, NAN, NAN, False),
        (8.0, False, NAN, NAN, True),
        (20.0, False, 1.0, NAN, True),
        (20.0, True, 1.0, NAN, False),
        (33.0, True, 1.0, NAN, True),
        (10.5, True, 1.0, 9.2, True),
        (9.9, True, 1.0, 9.2, False),
        (20.0, True, NAN, NAN, True),
    ],
)
def test_late_is_after_the_last_day_for_filing(
    filed: float, *, consented: bool, urged: float, withdrawn: float, late: bool
) -> None:
    """Seven days; with consent and while urging lasts a month at most; from a withdrawal on its own day."""
    all_of_them = ((filed, "file"), (urged, "urge_start"), (withdrawn, "withdraw"))
    events = [(at, kind) for at, kind in all_of_them if not math.isnan(at)]
    assert math.isnan(course(*events, consented=consented).late_from) is not late


def test_what_is_not_filed_is_late_only_when_its_day_has_passed() -> None:
    """On the last day itself nothing is late."""
    found = build.outcomes(received=[0.0, 0.0], filed=[np.nan, 12.0])
    days = np.array([7.0, 7.0])
    assert late_in(found, days, today=7.0).tolist() == [False, False]
    assert late_in(found, days, today=8.0).tolist() == [True, True]


def test_late_cases_are_counted_as_if_filed_in_time() -> None:
    """The days to close grow, and what was settled after its day becomes an enforced case."""
    found = build.outcomes(
        received=[0.0, 0.0], filed=[30.0, np.nan], ended=[50.0, 20.0], closed=[50.0, np.nan],
        state=[State.FULL, State.SETTLED],
    )  # fmt: skip
    prompt = filed_in_time(found, np.array([7.0, 7.0]), today=100.0)
    by_name = {one.id: one.count for one in indicators() if one.clock is Clock.FILING}
    assert (by_name["days"](found).value, by_name["days"](prompt).numerator) == (20.0, 43.0 + 13.0)
    assert by_name["settled_before_filing"](found).numerator == 1.0
    assert by_name["settled_before_filing"](prompt).numerator == 0.0


def test_whoever_files_late_is_seen_to_gain_by_it() -> None:
    """Fewer days are better, a higher share is better; what is the same is no gain."""
    assert pays(figure=20.0, prompt=28.0, more_is_better=False)
    assert not pays(figure=28.0, prompt=20.0, more_is_better=False)
    assert not pays(figure=0.5, prompt=0.5, more_is_better=True)


def test_periods_are_months_and_years_so_far() -> None:
    """Those of the current year and of the two before, newest first, each once."""
    found = periods_up_to(date(2026, 2, 10))
    assert found[:3] == (Period("2026-01", "2026-02"), Period("2026-02", "2026-02"), Period("2026-01", "2026-01"))
    assert len(found) == len(set(found)) == 3 + 23 + 23
    assert (found[0].year_before, found[0].open_on(date(2026, 2, 28))) == (Period("2025-01", "2025-02"), True)
    assert [one.first for one in twelve_months("2026-02")][:2] == ["2025-03", "2025-04"]


@given(st.dates(date(2000, 1, 1), date(2060, 12, 31)))
def test_a_period_begins_and_ends_with_its_months(day: date) -> None:
    """Each day lies in its own month, whose end is the beginning of the next one."""
    month = Period.month(day)
    assert month.begins <= days_of(day) < month.ends
    assert Period.month(date_of(month.ends)).begins == month.ends


@pytest.mark.parametrize(
    ("value", "more", "base", "expected"),
    [
        (0.5, True, 30, Standing.INSIDE),
        (0.7, True, 30, Standing.BETTER),
        (0.7, False, 30, Standing.OUTSIDE),
        (0.3, True, 30, Standing.OUTSIDE),
        (0.3, False, 30, Standing.BETTER),
        (0.3, False, 29, Standing.NO_FIGURE),
        (NAN, True, 30, Standing.NO_FIGURE),
    ],
)
def test_a_figure_stands_inside_beside_or_beyond_the_interval(
    value: float, base: float, expected: Standing, *, more: bool
) -> None:
    """Both ends belong to it; a small base has no standing at all."""
    assert standing(value, Interval(0.4, 0.6), more_is_better=more, base=base) is expected
    assert standing(value, None, more_is_better=more, base=base) in {Standing.NO_REFERENCE, Standing.NO_FIGURE}
