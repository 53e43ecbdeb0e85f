"""Tests of dates: what has begun, what has passed, how long ago it was, and the clock of the fast lane.

Days are days in Shanghai. The first day of a period does not count
(民事诉讼法第85条), so "ten days after the 1st" is the 11th.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from features.derived import LIMITATION_MONTHS, add_months, limitation_start
from models.rules.case_view import CaseView
from models.rules.conditions.money import covers_due
from models.rules.conditions.test import DATES, MOMENTS, NUMBERS, ConditionTest, Params, Run, number
from models.rules.tri import NO, UNKNOWN, YES, Array, Tri, decided
from models.working_days import end_span, working_days_between

Since = Callable[[CaseView, str, Params], Array]
"""How much time has passed since a fact, row by row."""


def _after_today(view: CaseView, field: str, _: Params) -> Tri:
    facts = view.number(field)
    return decided(facts, facts > view.day)


def _today_or_before(view: CaseView, field: str, _: Params) -> Tri:
    facts = view.number(field)
    return decided(facts, facts <= view.day)


def _not_passed(view: CaseView, field: str, _: Params) -> Tri:
    """Whether the last day of a period is today or still to come: on the last day the debtor may yet perform.

    A period that ends on a public holiday ends on the first working day after
    it (民事诉讼法第85条；民法典第203条); unknown where that hangs on holidays
    that are not published yet.
    """
    return _is_over(view.number(field), view.day, over=NO)


def _is_over(end: Array, day: Array, *, over: np.uint8) -> Tri:
    """Return `over` where a period that ends on `end`, or after the holiday it falls on, is over on a day."""
    earliest, latest = end_span(end)
    found = decided(day - latest, day > latest)
    found = found if over == YES else YES - found
    return np.where((day > earliest) & (day <= latest), UNKNOWN, found).astype(np.uint8)


def _received_after_days(view: CaseView, field: str, params: Params) -> Tri:
    """Whether the application came in after so many days from the end of a period; both ends move for holidays.

    Where it hangs on holidays that are not published yet, unknown.
    """
    received, days = np.floor(view.number("received_at")), number(params, "value")
    start = end_span(view.number(field))
    early, late = (_is_over(one + days, received, over=YES) for one in start)
    return np.where(early == late, early, UNKNOWN).astype(np.uint8)


def _limitation_over(view: CaseView, field: str, _: Params) -> Tri:
    """Whether limitation has ended for certain, whatever holidays move; `field` are the days left without them.

    The end of the period for performance and that of limitation both move
    from a holiday (民法典第203条), so no applicant is told on one that it has
    passed.
    """
    start = limitation_start(*map(view.number, _LIMITATION))
    moved = [add_months(np.floor(one), LIMITATION_MONTHS) for one in end_span(start)]
    early, late = (
        _is_over(np.where(np.isnan(start), view.day + view.number(field), end), view.day, over=YES) for end in moved
    )
    return np.where(early == late, early, UNKNOWN).astype(np.uint8)


_LIMITATION = ("instalment", "last_instalment_due", "due_date", "basis_effective_date")


def _days_since(view: CaseView, field: str, _: Params) -> Array:
    return view.day - np.floor(view.number(field))


def _working_days(*, over: bool) -> Run:
    """Return the test whether at least so many working days have passed, or more; unknown while holidays decide it."""

    def test(view: CaseView, field: str, params: Params) -> Tri:
        least, most = working_days_between(view.number(field), view.day)
        mark = number(params, "value")
        surely, maybe = (least > mark, most > mark) if over else (least >= mark, most >= mark)
        return np.where(surely == maybe, decided(least, surely), UNKNOWN).astype(np.uint8)

    return test


def _passed(since: Since) -> Run:
    """Return the test whether at least so many have passed."""

    def test(view: CaseView, field: str, params: Params) -> Tri:
        found = since(view, field, params)
        return decided(found, found >= number(params, "value"))

    return test


def _over(since: Since) -> Run:
    """Return the test whether more have passed: the last day of the period is over."""

    def test(view: CaseView, field: str, params: Params) -> Tri:
        found = since(view, field, params)
        return decided(found, found > number(params, "value"))

    return test


def _passed_months(view: CaseView, field: str, params: Params) -> Tri:
    since = _since_months(view, field, params)
    return decided(since, since >= 0.0)


def _over_months(view: CaseView, field: str, params: Params) -> Tri:
    since = _since_months(view, field, params)
    return decided(since, since > 0.0)


def _since_months(view: CaseView, field: str, params: Params) -> Array:
    """Days since the end of so many months, which end on the same day of a later month or on its last."""
    return view.day - add_months(np.floor(view.number(field)), int(number(params, "value")))


def _within_days(view: CaseView, field: str, params: Params) -> Tri:
    """Whether the day is at most so many days off; a day that has passed is, too."""
    left = np.floor(view.number(field)) - view.day
    return decided(left, left <= number(params, "value"))


def allowed_days(view: CaseView, params: Params) -> Array:
    """Return the days that the fast lane has: fewest when cash, and then when a wage, is at hand."""
    cash = covers_due(view, "ready_cash", {}) == YES
    wage = view.number("q_wage") >= number(params, "fixed_wage")
    other = np.where(wage, number(params, "wage_days"), number(params, "other_days"))
    return np.where(cash, number(params, "cash_days"), other)


def _clock_passed(view: CaseView, field: str, params: Params) -> Tri:
    """Whether the fast lane's time is over."""
    elapsed = view.number(field)
    return decided(elapsed, elapsed > allowed_days(view, params))


_VALUE = MappingProxyType({"value": "whole"})
_CLOCK = MappingProxyType(dict.fromkeys(("cash_days", "wage_days", "other_days", "fixed_wage"), "number"))

DATE_TESTS: Mapping[str, ConditionTest] = MappingProxyType(
    {
        "after_today": ConditionTest(DATES, run=_after_today),
        "today_or_before": ConditionTest(DATES, run=_today_or_before),
        "not_passed": ConditionTest(DATES, run=_not_passed),
        "limitation_over": ConditionTest(NUMBERS, run=_limitation_over),
        "received_after_days": ConditionTest(DATES, _VALUE, run=_received_after_days, reads=("received_at",)),
        "passed_days": ConditionTest(MOMENTS, _VALUE, run=_passed(_days_since)),
        "over_days": ConditionTest(MOMENTS, _VALUE, run=_over(_days_since)),
        "passed_working_days": ConditionTest(MOMENTS, _VALUE, run=_working_days(over=False)),
        "over_working_days": ConditionTest(MOMENTS, _VALUE, run=_working_days(over=True)),
        "passed_months": ConditionTest(MOMENTS, _VALUE, run=_passed_months),
        "over_months": ConditionTest(MOMENTS, _VALUE, run=_over_months),
        "within_days": ConditionTest(MOMENTS, _VALUE, run=_within_days),
        "clock_passed": ConditionTest(NUMBERS, _CLOCK, run=_clock_passed, reads=("ready_cash", "due", "q_wage")),
    }
)
