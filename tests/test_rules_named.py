"""Every named test of the rule tables from both sides of its edge, how conditions nest, and what the trace tells."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.clock import SHANGHAI
from features.register import Stage
from models.rules import RuleResult
from models.rules.conditions import TESTS
from tests.builders_rules import TODAY, found
from tests.builders_tables import condition, rule, table

A, B = Stage.A, Stage.B
DAY = timedelta(days=1)


def line(conditions: str, stage: Stage = A, *, kind: str = "flag", combine: str = "any", **facts: Any) -> RuleResult:
    """Return what a court's rule with these conditions finds in the plain case with these facts changed."""
    made = rule(kind=kind, lane=None, stages=stage.value, combine=combine, conditions=conditions)
    return {one.id: one for one in found(stage, table=table(made), **facts).trace(0)}["C01"]


def ask(asked: tuple[str, str, str], stage: Stage = A, **facts: Any) -> str:
    """Return the answer of one named test."""
    return line(condition(*asked), stage, **facts).result


CASES: tuple[tuple[tuple[str, str, str], dict[str, Any], str], ...] = (
    (("is_true", "supervised", ""), {"supervised": True}, "met"),
    (("is_true", "supervised", ""), {"supervised": False}, "not_met"),
    (("is_true", "supervised", ""), {}, "unknown"),
    (("is_true", "clue_types.vehicle", ""), {"clue_types": ("vehicle", "wage")}, "met"),
    (("is_true", "clue_types.vehicle", ""), {"clue_types": ("wage",)}, "not_met"),
    (("is_false", "supervised", ""), {"supervised": False}, "met"),
    (("one_of", "debtor_type", '{ codes = ["person", "company"] }'), {}, "met"),
    (("one_of", "debtor_type", '{ codes = ["company"] }'), {}, "not_met"),
    (("none_of", "debtor_type", '{ codes = ["company"] }'), {}, "met"),
    (("none_of", "debtor_type", '{ codes = ["company"] }'), {"debtor_type": None}, "unknown"),
    (("at_least", "claim_amount", "{ value = 38600 }"), {}, "met"),
    (("at_least", "claim_amount", "{ value = 38600.01 }"), {}, "not_met"),
    (("at_most", "claim_amount", "{ value = 38600 }"), {}, "met"),
    (("at_most", "claim_amount", "{ value = 38599.99 }"), {}, "not_met"),
    (("above", "claim_amount", "{ value = 38600 }"), {}, "not_met"),
    (("above", "claim_amount", "{ value = 38599.99 }"), {}, "met"),
    (("below", "claim_amount", "{ value = 38600 }"), {}, "not_met"),
    (("below", "claim_amount", "{ value = 38600.01 }"), {}, "met"),
    (("between", "claim_amount", "{ low = 38600, high = 50000 }"), {}, "met"),
    (("between", "claim_amount", "{ low = 10000, high = 38600 }"), {}, "met"),
    (("between", "claim_amount", "{ low = 10000, high = 38599.99 }"), {}, "not_met"),
    (("between", "claim_amount", "{ low = 10000, high = 50000 }"), {"claim_amount": None}, "unknown"),
    (("at_least", "n_debtors", "{ value = [1, 1] }"), {"n_debtors": 2}, "met"),
    (("at_least_share", "pres_cash", '{ share = 0.8, of = "unpaid" }'), {"pres_cash": 30880}, "met"),
    (("at_least_share", "pres_cash", '{ share = 0.8, of = "unpaid" }'), {"pres_cash": 30879.99}, "not_met"),
    (("at_least_share", "pres_cash", '{ share = 0.8, of = "unpaid" }'), {}, "unknown"),
    (("nothing_to_claim", "unpaid", ""), {"paid_before": 38600}, "met"),
    (("nothing_to_claim", "unpaid", ""), {"paid_before": 38599.99}, "not_met"),
    (("after_today", "due_date", ""), {"due_date": TODAY + DAY}, "met"),
    (("after_today", "due_date", ""), {"due_date": TODAY}, "not_met"),
    (("today_or_before", "due_date", ""), {"due_date": TODAY}, "met"),
    (("today_or_before", "due_date", ""), {"due_date": TODAY + DAY}, "not_met"),
    (("passed_days", "due_date", "{ value = 10 }"), {"due_date": TODAY - 10 * DAY}, "met"),
    (("passed_days", "due_date", "{ value = 10 }"), {"due_date": TODAY - 9 * DAY}, "not_met"),
    (("passed_days", "due_date", "{ value = 10 }"), {"due_date": None}, "unknown"),
    (("over_days", "due_date", "{ value = 10 }"), {"due_date": TODAY - 11 * DAY}, "met"),
    (("over_days", "due_date", "{ value = 10 }"), {"due_date": TODAY - 10 * DAY}, "not_met"),
    (("over_months", "due_date", "{ value = 3 }"), {"due_date": date(2026, 8, 19)}, "met"),
    (("over_months", "due_date", "{ value = 3 }"), {"due_date": date(2026, 8, 20)}, "not_met"),
    (("within_days", "pres_expiry", "{ value = 7 }"), {"pres_expiry": TODAY + 7 * DAY}, "met"),
    (("within_days", "pres_expiry", "{ value = 7 }"), {"pres_expiry": TODAY + 8 * DAY}, "not_met"),
    (("within_days", "pres_expiry", "{ value = 7 }"), {"pres_expiry": TODAY - DAY}, "met"),
    (("received_after_days", "due_date", "{ value = 5 }"), {"due_date": TODAY - 5 * DAY}, "not_met"),
    (("received_after_days", "due_date", "{ value = 4 }"), {"due_date": TODAY - 7 * DAY}, "met"),
    (("received_after_days", "due_date", "{ value = 4 }"), {"due_date": None}, "unknown"),
    (("limitation_over", "limitation_days_left", ""), {"due_date": date(2024, 11, 19)}, "met"),
    (("limitation_over", "limitation_days_left", ""), {"due_date": date(2024, 11, 20)}, "not_met"),
    (("passed_months", "due_date", "{ value = 3 }"), {"due_date": date(2026, 8, 20)}, "met"),
    (("passed_months", "due_date", "{ value = 3 }"), {"due_date": date(2026, 8, 21)}, "not_met"),
    (("text_in", "court_code", '{ texts = ["苏0903"] }'), {}, "met"),
    (("text_in", "court_code", '{ texts = ["苏"] }'), {}, "not_met"),
    (("text_starts", "court_code", '{ texts = ["苏"] }'), {}, "met"),
    (("text_starts", "court_code", '{ texts = ["浙", "沪"] }'), {}, "not_met"),
    (("text_contains", "court_code", '{ texts = ["沪", "09"] }'), {}, "met"),
    (("text_contains", "court_code", '{ texts = ["沪"] }'), {}, "not_met"),
    (("always", "claim_amount", ""), {"claim_amount": None}, "met"),
)


@pytest.mark.parametrize(("asked", "facts", "expected"), CASES, ids=str)
def test_each_named_test_on_both_sides_of_its_edge(
    asked: tuple[str, str, str], facts: dict[str, Any], expected: str
) -> None:
    """Met, not met, and unknown where the fact is missing."""
    assert ask(asked, **facts) == expected


def test_every_test_a_table_may_name_is_tried_somewhere() -> None:
    """A new test does not come in without its edges; those of law stand in the tests of their rules."""
    tried = {asked[0] for asked, _, _ in CASES} | {"cause_in", "at_most_by", "below_by", "at_least_by", "above_by"}
    by_rule = {
        "covers_due",
        "not_passed",
        "bankrupt",
        "clock_passed",
        "cannot_check",
        "by_event",
        "passed_working_days",
        "over_working_days",
    }

    assert tried | by_rule == set(TESTS)


@pytest.mark.parametrize(
    ("test", "claim", "expected"),
    [
        ("at_most_by", 50000, "met"),
        ("at_most_by", 50000.01, "not_met"),
        ("below_by", 50000, "not_met"),
        ("below_by", 49999.99, "met"),
        ("at_least_by", 50000, "met"),
        ("at_least_by", 49999.99, "not_met"),
        ("above_by", 50000, "not_met"),
        ("above_by", 50000.01, "met"),
    ],
)
def test_amounts_may_differ_by_kind_of_case(test: str, claim: float, expected: str) -> None:
    """Fifty thousand for private loans, half a million for financial ones; a cause without an amount never meets it."""
    asked = (
        test,
        "claim_amount",
        '{ by = "cause_code.family", value = { private_loan = 50000, financial_loan = 500000 } }',
    )

    assert ask(asked, cause_code="108.3", claim_amount=claim) == expected
    assert ask(asked, cause_code="126", claim_amount=claim) == "not_met"
    assert ask(asked, cause_code=None, claim_amount=claim) == "unknown"
    assert ask(asked, cause_code="108.3", claim_amount=None) == "unknown"


@pytest.mark.parametrize(
    ("cause", "version", "expected"),
    [
        ("108", "2026", "met"),
        ("108.3", "2026", "met"),
        ("1083", "2026", "not_met"),
        ("98", "2026", "met"),
        ("101.2", "2026", "met"),
        ("102", "2026", "not_met"),
        ("103.3", "2021", "met"),
        ("108.3", "2021", "not_met"),
        ("108.3", "2011", "unknown"),
        (None, "2026", "unknown"),
    ],
)
def test_causes_are_named_by_their_number_in_their_own_version(cause: str | None, version: str, expected: str) -> None:
    """A number and what is below it, a span, per version of the list; a version that is not listed stays unknown."""
    asked = ("cause_in", "cause_code", '{ causes = { "2026" = ["108", "98-101"], "2021" = ["103"] } }')

    assert ask(asked, cause_code=cause, cause_version=version) == expected


@pytest.mark.parametrize(
    ("filed", "days", "expected"),
    [
        (datetime(2026, 9, 30, 9, tzinfo=SHANGHAI), 1, "not_met"),
        (datetime(2026, 9, 29, 9, tzinfo=SHANGHAI), 1, "met"),
        (datetime(2026, 9, 28, 9, tzinfo=SHANGHAI), 3, "not_met"),
        (datetime(2026, 9, 25, 9, tzinfo=SHANGHAI), 3, "met"),
    ],
)
def test_working_days_leave_out_holidays(filed: datetime, days: int, expected: str) -> None:
    """On 5 October, in the holiday week, only working days since filing count."""
    asked = ("passed_working_days", "filed_at", f"{{ value = {days} }}")

    over = ("over_working_days", "filed_at", f"{{ value = {days - 1} }}")

    assert ask(asked, B, filed_at=filed, today=date(2026, 10, 5), cause_version="2026") == expected
    assert ask(over, B, filed_at=filed, today=date(2026, 10, 5), cause_version="2026") == expected


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (date(2026, 12, 31), "not_met"),
        (date(2027, 1, 1), "unknown"),
        (date(2027, 1, 4), "unknown"),
        (date(2027, 1, 5), "met"),
    ],
)
def test_working_days_of_years_without_a_calendar_are_bounded_not_guessed(today: date, expected: str) -> None:
    """Of the first days of 2027 nobody knows which are worked; a Tuesday that was never near a holiday is one."""
    asked, filed = ("passed_working_days", "filed_at", "{ value = 2 }"), datetime(2026, 12, 30, tzinfo=SHANGHAI)

    assert ask(asked, B, filed_at=filed, today=today, cause_version="2026") == expected


@pytest.mark.parametrize(
    ("due", "today", "expected"),
    [
        (date(2026, 10, 1), date(2026, 10, 7), "met"),
        (date(2026, 10, 1), date(2026, 10, 8), "met"),
        (date(2026, 10, 1), date(2026, 10, 9), "not_met"),
        (date(2026, 11, 21), date(2026, 11, 23), "met"),
        (date(2026, 11, 21), date(2026, 11, 24), "not_met"),
        (date(2026, 1, 4), date(2026, 1, 5), "not_met"),
        (date(2027, 1, 1), date(2027, 1, 1), "met"),
        (date(2027, 1, 1), date(2027, 1, 2), "unknown"),
        (date(2027, 1, 1), date(2027, 1, 6), "not_met"),
        (date(2027, 3, 10), date(2027, 3, 10), "met"),
        (date(2027, 3, 10), date(2027, 3, 11), "not_met"),
        (date(2027, 10, 1), date(2027, 10, 11), "unknown"),
        (date(2027, 10, 1), date(2027, 10, 12), "not_met"),
        (date(2024, 2, 29), date(2024, 3, 1), "not_met"),
    ],
)
def test_h01_a_period_that_ends_on_a_holiday_ends_after_it(due: date, today: date, expected: str) -> None:
    """The debtor may perform until the next working day, or weekend worked in exchange; 2027 is not guessed."""
    facts = {"basis_effective_date": date(2024, 1, 1), "cause_version": "2021", "cause_code": "121"}
    trace = found(today=today, due_date=due, **facts).trace(0)

    assert {one.id: one.result for one in trace}["H01"] == expected


@pytest.mark.parametrize(
    ("last", "due", "expected"),
    [
        (None, TODAY + DAY, "unknown"),
        (TODAY + DAY, TODAY + DAY, "unknown"),
        (TODAY + 300 * DAY, TODAY + DAY, "met"),
        (TODAY + 300 * DAY, TODAY - DAY, "not_met"),
        (TODAY, TODAY, "unknown"),
        (TODAY - DAY, TODAY - DAY, "not_met"),
    ],
)
def test_h01_of_instalments_only_the_last_day_says_nothing_of_the_earlier_ones(
    last: date | None, due: date, expected: str
) -> None:
    """An instalment in the middle may be due, and can be enforced: no stop says that the debtor may still perform."""
    facts = {"instalment": True, "last_instalment_due": last, "due_date": due}
    trace = {one.id: one.result for one in found(**facts).trace(0)}

    assert trace["H01"] == expected


@pytest.mark.parametrize(
    ("due", "today", "passed"),
    [
        (date(2024, 9, 30), date(2026, 9, 30), False),
        (date(2024, 9, 30), date(2026, 10, 1), True),
        (date(2024, 9, 29), date(2026, 9, 29), False),
        (date(2024, 9, 29), date(2026, 9, 30), True),
        (date(2024, 10, 1), date(2026, 10, 8), False),
        (date(2024, 10, 1), date(2026, 10, 9), True),
        (date(2023, 10, 2), date(2025, 10, 9), False),
        (date(2023, 10, 2), date(2025, 10, 10), True),
        (date(2025, 1, 1), date(2027, 1, 2), False),
        (date(2025, 1, 1), date(2027, 1, 6), True),
        (date(2024, 2, 29), date(2026, 2, 28), False),
        (date(2024, 2, 29), date(2026, 3, 1), True),
    ],
)
def test_h06a_nobody_is_told_on_a_holiday_that_limitation_has_passed(due: date, today: date, passed: bool) -> None:
    """Both ends move from a holiday (民法典第203条); H06 blocks urging long before, by the earlier day."""
    facts = {"basis_effective_date": date(2023, 1, 1), "cause_version": "2021", "cause_code": "121"}
    trace = {one.id: one for one in found(today=today, due_date=due, **facts).trace(0)}

    assert (trace["H06a"].result == "met") is passed
    assert trace["H06"].result == "met"


def test_h06a_says_nothing_of_limitation_to_who_has_three_months() -> None:
    """An administrative decision has a period of its own (行政强制法第53条), so nobody need accept it late."""
    trace = {
        one.id: one.result for one in found(due_date=date(2020, 1, 2), basis_type="administrative_penalty").trace(0)
    }

    assert (trace["H06a"], trace["H06b"]) == ("not_met", "met")


@pytest.mark.parametrize(
    ("due", "received", "expected"),
    [
        (date(2026, 11, 10), date(2026, 11, 15), "not_met"),  # day 5 is a Sunday: Monday is in time
        (date(2026, 11, 10), date(2026, 11, 16), "not_met"),
        (date(2026, 11, 10), date(2026, 11, 17), "met"),
        (date(2026, 11, 11), date(2026, 11, 16), "not_met"),
        (date(2026, 11, 11), date(2026, 11, 17), "met"),
        (date(2026, 10, 1), date(2026, 10, 13), "not_met"),  # the period itself ends on 8 October
        (date(2026, 10, 1), date(2026, 10, 14), "met"),
        (date(2026, 12, 29), date(2027, 1, 4), "unknown"),
        (date(2026, 12, 29), date(2027, 1, 6), "met"),
    ],
)
def test_h05a_five_days_count_from_the_moved_end_and_move_themselves(due: date, received: date, expected: str) -> None:
    """民诉法解释第163条 with 民事诉讼法第85条: what came in on the working day after the holiday came in time."""
    trace = found(today=received, due_date=due, preserved=True, pres_stage="pre_enforcement").trace(0)

    assert {one.id: one.result for one in trace}["H05a"] == expected


NEST = """[[rule.condition]]
any = [
    { id = "small", test = "below", field = "claim_amount", params = { value = 10000 } },
    { all = [
        { id = "loan", test = "one_of", field = "cause_code.family", params = { codes = ["financial_loan"] } },
        { none = [
            { id = "many", test = "above", field = "n_guarantors", params = { value = 1 } },
            { id = "joint", test = "is_true", field = "joint_liability" },
        ] },
    ] },
]
"""


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"claim_amount": 9000}, "met"),
        ({"cause_code": "108.1", "joint_liability": False}, "met"),
        ({"cause_code": "108.1", "joint_liability": None}, "unknown"),
        ({"cause_code": "108.1", "joint_liability": None, "n_guarantors": 2}, "not_met"),
        ({"cause_code": "108.1", "joint_liability": True}, "not_met"),
        ({"claim_amount": 9000, "cause_code": None}, "met"),
        ({"joint_liability": None}, "not_met"),
    ],
    ids=str,
)
def test_any_all_and_none_nest(facts: dict[str, Any], expected: str) -> None:
    """One refusal is enough for all and none, one consent for any; otherwise unknown stays unknown."""
    assert line(NEST, **facts).result == expected


def test_every_condition_of_a_nest_is_shown_and_the_rule_speaks_for_itself() -> None:
    """Four lines in the order of the table; the rule's own line does not quote one of them."""
    found_line = line(NEST, claim_amount=9000)

    assert [part.id for part in found_line.parts] == ["small", "loan", "many", "joint"]
    assert (found_line.zh, found_line.value) == ("试验规则：成立", None)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"supervised": True, "served_by_notice": True}, "met"),
        ({"supervised": True, "group_case": True, "served_by_notice": None}, "met"),
        ({"supervised": True, "group_case": False}, "not_met"),
        ({"supervised": True, "group_case": None}, "unknown"),
        ({"supervised": None, "group_case": None, "served_by_notice": False}, "unknown"),
        ({"supervised": False, "group_case": None, "served_by_notice": False}, "not_met"),
    ],
    ids=str,
)
def test_at_least_so_many_of_several(facts: dict[str, Any], expected: str) -> None:
    """Two of three; unknown only while what is missing could decide."""
    two = "[[rule.condition]]\nleast = 2\nof = [" + ", ".join(
        f'{{ test = "is_true", field = "{name}" }}' for name in ("supervised", "group_case", "served_by_notice")
    )

    assert line(two + "]", **facts).result == expected


@given(states=st.lists(st.sampled_from([True, False, None]), min_size=3, max_size=3), least=st.integers(1, 3))
def test_counting_agrees_with_trying_out_every_completion(states: list[bool | None], least: int) -> None:
    """Known for certain means: whatever the missing facts turn out to be."""
    names = ("supervised", "group_case", "served_by_notice")
    parts = ", ".join(f'{{ test = "is_true", field = "{name}" }}' for name in names)
    completions = [[]]
    for state in states:
        completions = [
            [*done, one] for done in completions for one in ([state] if state is not None else [True, False])
        ]
    outcomes = {sum(done) >= least for done in completions}
    expected = "unknown" if len(outcomes) == 2 else "met" if outcomes == {True} else "not_met"

    facts = dict(zip(names, states, strict=True))

    assert line(f"[[rule.condition]]\nleast = {least}\nof = [{parts}]", **facts).result == expected


def test_a_negated_condition_holds_where_its_test_does_not_and_stays_unknown() -> None:
    """Unknown is not met either way."""
    negated = condition("is_true", "supervised", "", **{"not": True})

    assert [line(negated, supervised=state).result for state in (True, False, None)] == ["not_met", "met", "unknown"]


def test_a_condition_without_words_says_what_it_saw() -> None:
    """A table need not word every condition; the fact, its value and the answer are said anyway."""
    small = condition("below", "claim_amount", "{ value = 10000 }")

    assert line(small, claim_amount=9000).zh == "申请执行标的额：9,000.00，条件成立"
    assert line(small).en == "Amount claimed: 38,600.00; the condition does not hold"
    assert line(small, claim_amount=None).zh == "申请执行标的额未知"


def test_the_trace_names_source_day_and_what_is_missing() -> None:
    """Where a fact comes from, when it was seen there, and which fields an unknown answer lacks."""
    seen = {"dishonest_now@observed_at": np.array([20500.5])}
    outcomes = found(due_date=None, preserved=None)
    outcomes.view.columns = {**outcomes.view.columns, **seen}
    trace = {one.id: one for one in outcomes.trace(0)}
    parts = {part.id: part for one in trace.values() for part in one.parts}

    assert (parts["H08.3"].source, parts["H08.3"].observed_on) == ("失信名单库", date(2026, 2, 16))
    assert (parts["H07.1"].source, parts["H07.1"].observed_on) == ("申请表", None)
    assert (parts["H06.1"].source, parts["H06.1"].observed_on) == ("系统计算", TODAY)
    assert trace["H05"].missing == ("preserved", "pres_stage", "pres_expiry")
    assert parts["H01.4"].missing == ("due_date",)
    assert trace["H07"].missing == ()


NO_START = ("last_instalment_due", "due_date", "basis_effective_date")


@pytest.mark.parametrize(
    ("rule_id", "facts", "missing"),
    [
        ("H06", {"due_date": None, "basis_effective_date": None}, NO_START),
        ("H06", {"instalment": True}, ("last_instalment_due",)),
        ("H01", {"currency": "USD"}, ("currency",)),
        ("H09", {"cause_code": None, "basis_type": None}, ("cause_code", "basis_type")),
        ("M01", {}, ("score.willingness",)),
    ],
)
def test_what_is_missing_is_named_by_registered_fields(
    rule_id: str, facts: dict[str, Any], missing: tuple[str, ...]
) -> None:
    """Behind a computed amount stand the fields that a clerk can complete."""
    assert {one.id: one.missing for one in found(**facts).trace(0)}[rule_id] == missing


def test_the_three_tests_after_the_query_stand_apart() -> None:
    """Enough assets, something to dispose of, done in one step, and the score, each with its own answer and article."""
    house = found(B, q_bank=100, q_realty_n=1).trace(0)
    lines = {one.id: (one.result, one.basis.partition("；")[0]) for one in house if one.id.startswith("S")}

    assert lines == {
        "S01": ("unknown", "法〔2021〕322号第7条"),
        "S02": ("met", "法〔2021〕322号第7条"),
        "S03": ("not_met", "法〔2021〕322号第7条"),
        "S04": ("unknown", "法〔2021〕322号第7条"),
    }


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"q_bank": 1e6}, ("met", "not_met", "met")),
        ({"q_bank": 0, "q_wealth": 1e6}, ("met", "not_met", "not_met")),
        ({"q_bank": 0}, ("not_met", "not_met", "not_met")),
        ({"q_bank": 0, "q_realty_n": None}, ("unknown", "unknown", "not_met")),
        ({"q_bank": None}, ("unknown", "not_met", "unknown")),
    ],
    ids=str,
)
def test_the_three_tests_never_take_unknown_for_met(facts: dict[str, Any], expected: tuple[str, str, str]) -> None:
    """What a house is worth is not known, so with one the assets may or may not be enough."""
    answers = {one.id: one.result for one in found(B, **facts).trace(0)}

    assert (answers["S01"], answers["S02"], answers["S03"]) == expected
