"""Deadlines: natural days, the last day moved only where the law moves it, and never guessed."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from features.clock import SHANGHAI
from features.register import Stage
from models.deadlines import (
    deadlines_of,
    enforcement,
    filing,
    limitation,
    payout,
    urging_end,
    zhongben_earliest,
)
from models.rules import RuleTable
from models.working_days import next_working_day

TODAY = date(2026, 11, 20)


def limits(day=TODAY):
    """Return the limits of the law on a day."""
    return RuleTable.load().on(day).limits


def limit(name, day=TODAY):
    """Return one limit of the law on a day."""
    return limits(day)[name]


def by_kind(values, stage=Stage.A, **more):
    """Return the deadlines of these facts by kind."""
    return {one.kind: one for one in deadlines_of(values, stage=stage, limits=limits(), **more)}


def test_filing_is_decided_in_seven_days_not_counting_the_first():
    """Received on the 20th, decided by the 27th; the article is named."""
    deadline = filing(date(2026, 11, 20), limit("T01"))

    assert (deadline.date, deadline.rolled, deadline.counting) == (date(2026, 11, 27), False, "natural")
    assert deadline.basis.startswith("执行工作规定(2020)第16条")


def test_a_period_ending_on_the_national_holiday_ends_after_it():
    """Seven days from 24 September 2026 end on 1 October, a holiday; the next working day is the 8th."""
    deadline = filing(date(2026, 9, 24), limit("T01"))

    assert (deadline.date, deadline.rolled) == (date(2026, 10, 8), True)
    assert "顺延" in deadline.note


def test_a_weekend_worked_in_exchange_is_a_working_day():
    """Sunday 4 January 2026 was worked in exchange for New Year, so nothing moves."""
    assert next_working_day(date(2026, 1, 4)) == (date(2026, 1, 4), True)


def test_a_year_without_published_holidays_is_said_not_guessed():
    """The plain date stands, with the note that a person must check it."""
    deadline = filing(date(2030, 1, 1), limit("T01"))

    assert (deadline.date, deadline.rolled) == (date(2030, 1, 8), False)
    assert "2030 年节假日安排未载入" in deadline.note
    assert "2030" in deadline.note_en


def test_money_received_is_paid_out_in_thirty_days():
    """Thirty natural days, and no more than the court's own shorter period."""
    assert payout(date(2026, 3, 2), limit("T24")).date == date(2026, 4, 1)
    assert payout(date(2026, 3, 2), limit("T24"), days=10).date == date(2026, 3, 12)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"due_date": date(2025, 8, 14)}, date(2027, 8, 14)),
        ({"due_date": date(2024, 2, 29)}, date(2026, 2, 28)),
        ({"due_date": date(2026, 2, 28)}, date(2028, 2, 28)),
        ({"basis_effective_date": date(2025, 7, 30)}, date(2027, 7, 30)),
        (
            {"due_date": date(2024, 1, 1), "instalment": True, "last_instalment_due": date(2026, 6, 1)},
            date(2028, 6, 1),
        ),
        ({"due_date": date(2024, 1, 1), "instalment": True}, None),
        ({}, None),
    ],
)
def test_limitation_is_two_years_from_the_right_day(values, expected):
    """Due date, else effect; for instalments the last one; unknown when that is missing."""
    assert limitation(values, limits()).date == expected


@pytest.mark.parametrize(
    ("received", "article"),
    [(date(2023, 12, 31), "民事诉讼法(2021)第246条"), (date(2024, 1, 1), "民事诉讼法(2023)第250条")],
)
def test_limitation_names_the_article_in_force_on_receipt(received, article):
    """The code of 2023 renumbered its articles from 2024 on; a replayed application names its own."""
    assert limitation({"due_date": date(2023, 6, 1), "received_at": received}, limits(received)).basis == article


def test_limitation_is_never_moved_by_a_holiday():
    """1 October 2026 stays: the earlier date is the safe one."""
    deadline = limitation({"due_date": date(2024, 10, 1)}, limits())

    assert (deadline.date, deadline.rolled) == (date(2026, 10, 1), False)
    assert "不顺延" in deadline.note


def test_pre_enforcement_preservation_has_five_days():
    """From the end of the period for performance, and renewal seven days before expiry."""
    values = {
        "preserved": True,
        "pres_stage": "pre_enforcement",
        "due_date": date(2026, 11, 18),
        "pres_expiry": date(2027, 11, 1),
    }

    found = by_kind(values)

    assert found["pre_enforcement_5d"].date == date(2026, 11, 23)
    assert found["preservation_renewal"].date == date(2027, 10, 25)
    assert found["preservation_expiry"].date == date(2027, 11, 1)


def test_the_five_days_never_end_before_an_application_may_be_filed():
    """A period for performance that ends on the first of October ends on the eighth; the five days follow it."""
    found = by_kind({"preserved": True, "pres_stage": "pre_enforcement", "due_date": date(2026, 10, 1)})

    assert found["pre_enforcement_5d"].date == date(2026, 10, 13)


def test_without_preservation_there_is_nothing_to_renew():
    """No preservation, no line about it; an unknown expiry is shown as unknown."""
    assert "preservation_expiry" not in by_kind({"preserved": False})
    assert by_kind({"preserved": True})["preservation_expiry"].text == "未知，请补正"


def test_urging_ends_on_its_day_even_on_a_holiday():
    """Holidays do not lengthen urging; without urging there is no line about it."""
    deadline = urging_end(date(2026, 9, 20), date(2026, 10, 5))

    assert (deadline.date, deadline.rolled) == (date(2026, 10, 5), False)
    assert deadline.text.startswith("督促期 15 日")
    assert "urging_end" not in by_kind({})


@pytest.mark.parametrize(
    ("filed", "six_months", "zhongben"),
    [
        (date(2026, 11, 20), date(2027, 5, 20), date(2027, 2, 21)),
        (date(2026, 8, 31), date(2027, 2, 28), date(2026, 12, 1)),
        (date(2027, 11, 30), date(2028, 5, 30), date(2028, 3, 1)),
        (date(2026, 2, 1), date(2026, 8, 1), date(2026, 5, 2)),
    ],
)
def test_filed_cases_have_six_months_and_wait_three_for_zhongben(filed, six_months, zhongben):
    """Calendar months, ends of months included; 终本 only after more than three of them."""
    assert enforcement(filed, limit("T11")).date == six_months
    assert zhongben_earliest(filed, limit("T13")).date == zhongben


@pytest.mark.parametrize("offset", range(366))
def test_zhongben_never_comes_before_day_ninety(offset):
    """On no day of a leap cycle do three months and a day fall short of ninety days."""
    filed = date.fromordinal(date(2027, 3, 1).toordinal() + offset)

    assert (zhongben_earliest(filed, limit("T13")).date - filed).days >= 90


def test_the_day_of_receipt_is_the_day_in_shanghai():
    """An application of 17:00 UTC on the 19th was received on the 20th."""
    received = datetime(2026, 11, 19, 17, 0, tzinfo=UTC)

    assert by_kind({"received_at": received})["filing_7d"].date == date(2026, 11, 27)


def test_stage_b_shows_the_deadlines_of_a_filed_case():
    """After filing, limitation and filing are over; enforcement and 终本 have begun."""
    values = {"filed_at": datetime(2026, 11, 20, 9, tzinfo=SHANGHAI), "preserved": False}

    assert list(by_kind(values, Stage.B)) == ["enforcement_6m", "zhongben_earliest"]
