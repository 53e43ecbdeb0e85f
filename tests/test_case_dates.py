"""Dates agree with each other, with the instant of scoring and with now, or are refused."""

from datetime import UTC, date, datetime, timedelta

import pytest

from features.case import parse_case
from features.clock import SHANGHAI
from features.register import load_register
from tests.builders_case import ABSENT, case_document, case_of, only_error, stage_b_document

REGISTER = load_register()


def test_as_of_is_receipt_before_filing_and_the_query_after():
    """Each stage is scored as of its own moment."""
    assert case_of().as_of == datetime(2026, 11, 20, 9, 12, tzinfo=SHANGHAI)
    assert case_of(stage_b_document()).as_of == datetime(2026, 11, 4, 15, 45, 30, tzinfo=SHANGHAI)


def test_receipt_is_as_of_when_only_that_is_sent():
    """At stage A an as_of without a receipt time is the receipt time."""
    case = case_of(received_at=ABSENT, as_of="2026-11-20T01:30:00Z", observed_at={})
    assert case.values["received_at"] == case.as_of == datetime(2026, 11, 20, 9, 30, tzinfo=SHANGHAI)


def test_instants_are_kept_on_the_courts_clock():
    """Whatever the offset sent, the record shows +08:00."""
    assert case_of(received_at="2026-11-20T00:30:00Z").as_of.utcoffset() == timedelta(hours=8)


def test_without_any_moment_there_is_nothing_to_score():
    """Receipt at A, receipt and query at B are asked for."""
    assert only_error(case_document(received_at=ABSENT)) == ("/case/received_at", "MISSING")
    assert only_error(stage_b_document(query_at=ABSENT)) == ("/case/query_at", "MISSING")
    assert only_error(stage_b_document(received_at=ABSENT)) == ("/case/received_at", "MISSING")


@pytest.mark.parametrize(
    ("overrides", "pointer", "code"),
    [
        ({"due_date": "2026-07-29"}, "/case/due_date", "DATE_BEFORE"),
        ({"instalment": True, "last_instalment_due": "2026-08-13"}, "/case/last_instalment_due", "DATE_BEFORE"),
        ({"filed_at": "2026-10-09T00:00:00+08:00"}, "/case/filed_at", "DATE_BEFORE"),
        (
            {"query_at": "2026-11-01T00:00:00+08:00", "as_of": "2026-11-05T00:00:00+08:00"},
            "/case/query_at",
            "DATE_BEFORE",
        ),
        ({"query_at": "2026-11-20T10:00:01+08:00"}, "/case/query_at", "FUTURE"),
        ({"as_of": "2026-11-20T10:00:01+08:00"}, "/as_of", "FUTURE"),
        ({"as_of": "2026-11-03T00:00:00+08:00"}, "/case/query_at", "OBSERVED_AFTER_AS_OF"),
        ({"urge_start": "2026-11-05T00:00:00+08:00"}, "/case/urge_start", "OBSERVED_AFTER_AS_OF"),
    ],
)
def test_dates_that_contradict_each_other_are_refused(overrides: dict, pointer: str, code: str):
    """Nothing ends before it begins, and nothing lies ahead of the instant of scoring."""
    document = stage_b_document(**overrides)
    document["observed_at"] = {}
    assert only_error(document) == (pointer, code)


def test_as_of_before_receipt_is_refused():
    """An application cannot be scored before it arrived."""
    assert only_error(case_document(as_of="2026-11-20T09:11:59+08:00")) == ("/as_of", "DATE_BEFORE")


def test_receipt_in_the_future_is_refused():
    """The clock that is handed in closes the future."""
    document = case_document(received_at="2026-11-20T10:00:01+08:00")
    assert only_error(document) == ("/case/received_at", "FUTURE")
    parse_case(document, now=datetime(2026, 11, 20, 2, 0, 1, tzinfo=UTC), register=REGISTER)


@pytest.mark.parametrize(
    "overrides", [{"basis_effective_date": "2027-01-01", "due_date": "2027-02-01"}, {"due_date": "2026-12-31"}]
)
def test_a_basis_not_yet_in_force_is_a_question_of_law_not_of_form(overrides: dict):
    """Not effective and not yet due are answered by rule H01, not refused at the door."""
    assert case_of(**overrides).values["due_date"] > date(2026, 11, 20)


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("dishonest_now", "2026-11-21"),
        ("restricted_now", "2026-11-20T09:12:01+08:00"),
        ("prior_zhongben_n", "2027-01-01"),
        ("claim_amount", "2026-11-20T09:30:00+08:00"),
    ],
)
def test_what_was_seen_after_as_of_is_refused(name: str, seen: str):
    """Today's lists on an old case, and a form edited after receipt, are told by their dates and refused."""
    assert only_error(case_document(observed_at={name: seen})) == (f"/observed_at/{name}", "OBSERVED_AFTER_AS_OF")


def test_a_second_later_query_cannot_replace_the_first():
    """Stage B is scored as of the first query; balances of a later one are refused."""
    document = stage_b_document(observed_at={"q_bank": "2026-11-04T15:45:31+08:00"})
    assert only_error(document) == ("/observed_at/q_bank", "OBSERVED_AFTER_AS_OF")


def test_seen_on_the_day_of_as_of_is_known():
    """A date without an hour counts from the start of its day."""
    assert case_of(observed_at={"dishonest_now": "2026-11-20"}).observed_at["dishonest_now"] == date(2026, 11, 20)
