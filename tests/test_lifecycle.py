"""After the advice: urging and the fast lane end by themselves, 终本 waits, and a person's decision wins."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.clock import SHANGHAI
from features.register import Stage
from models.lanes import Lane
from models.lifecycle import (
    ConversionCause,
    HumanDecision,
    Instalment,
    MissingOverrideReasonError,
    OverrideReason,
    Payment,
    Urging,
    Window,
    ZhongbenStep,
    broken_on,
    conversion_due,
    fast_clock,
    fast_clock_days,
    fast_conversion_due,
    final_route,
    next_conversion,
    urging_window,
    zhongben_check,
)
from models.rules import RuleTable, profile
from tests.builders_rules import TODAY, at_noon, found, rules
from tests.builders_tables import condition, rule, table

START = date(2026, 11, 20)
LAST = date(2026, 12, 5)
DAY = timedelta(days=1)
NOW = datetime(2026, 11, 21, 10, tzinfo=SHANGHAI)
WINDOW = Window(starts_on=START, ends_on=LAST)


def cause(today: date, **facts: Any) -> str | None:
    """Return why urging ends today, or None."""
    conversion = conversion_due(Urging(**{"window": WINDOW, **facts}), today=today)
    return None if conversion is None else conversion.cause.value


def plan(*parts: tuple[int, str]) -> tuple[Instalment, ...]:
    """Return instalments due so many days after the start."""
    return tuple(Instalment(START + days * DAY, Decimal(amount)) for days, amount in parts)


def money(*parts: tuple[int, str]) -> tuple[Payment, ...]:
    """Return payments made so many days after the start."""
    return tuple(Payment(START + days * DAY, Decimal(amount)) for days, amount in parts)


@pytest.mark.parametrize(("today", "expected"), [(LAST - DAY, None), (LAST, None), (LAST + DAY, "window_over")])
def test_h13_the_debtor_has_the_whole_last_day(today: date, expected: str | None) -> None:
    """On the day after it the case is filed by itself."""
    assert cause(today) == expected


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"promised": plan((0, "100"))}, None),
        ({"promised": plan((-1, "100"))}, "promise_broken"),
        ({"promised": plan((-1, "100")), "paid": money((-1, "100"))}, None),
        ({"promised": plan((-1, "100")), "paid": money((-1, "99.99"))}, "promise_broken"),
        ({"promised": plan((-1, "100")), "paid": money((0, "100"))}, "promise_broken"),
        ({"clue_on": START}, "new_clue"),
        ({"clue_on": START + DAY}, None),
        ({"consent_withdrawn_on": START}, "consent_withdrawn"),
        ({"consent_withdrawn_on": START, "paid_in_full_on": START}, None),
        ({"clue_on": START, "consent_withdrawn_on": START}, "consent_withdrawn"),
    ],
    ids=str,
)
def test_h13_broken_promises_clues_and_withdrawal_end_urging_the_same_day(
    facts: dict[str, Any], expected: str | None
) -> None:
    """Each alone is enough, unless everything has been paid; a promise has the whole of its day."""
    assert cause(START, **facts) == expected


@pytest.mark.parametrize(
    ("paid", "broken"),
    [
        ([], 4),
        ([(3, "100")], 7),
        ([(2, "150"), (6, "50")], 10),
        ([(1, "300")], None),
        ([(3, "100"), (7, "100"), (9, "100")], 7),
        ([(3, "100"), (6, "100"), (9, "99.99")], 10),
        ([(3, "100"), (6, "100"), (9, "100")], None),
    ],
    ids=str,
)
def test_h13_each_instalment_of_a_plan_counts_and_paying_early_helps(
    paid: list[tuple[int, str]], broken: int | None
) -> None:
    """Three instalments of a hundred: the plan breaks on the day after the first that was short."""
    expected = None if broken is None else START + broken * DAY

    assert broken_on(plan((9, "100"), (3, "100"), (6, "100")), money(*paid)) == expected


def test_h13_the_conversion_is_dated_worded_and_counted_when_late() -> None:
    """The file shows the day on which it fell due, the rule and the reason, also when nobody looked for a week."""
    conversion = conversion_due(Urging(window=WINDOW, clue_on=START), today=START + 7 * DAY)

    assert conversion is not None
    assert (conversion.on, conversion.rule, conversion.late_by(START + 7 * DAY)) == (START, "H13", 7)
    assert conversion.text[0] == "发现财产线索，当日转立案"


@pytest.mark.parametrize(
    ("left", "ends_in", "ended_by"),
    [(75, 15, "window_over"), (76, 15, "window_over"), (74, 14, "limitation_near"), (60, 0, "limitation_near")],
)
def test_h13_limitation_caps_the_window_as_h06_asks(left: int, ends_in: int, ended_by: str) -> None:
    """Fifteen days and sixty of margin: with 75 days left the window is whole, with 74 it is a day shorter."""
    window = urging_window(START, rules(), limitation_on=START + left * DAY)

    assert (window.ends_on, window.ended_by.value) == (START + ends_in * DAY, ended_by)
    assert window.is_open


@pytest.mark.parametrize(
    ("left", "ends_in", "is_open"), [(45, 15, True), (44, 14, True), (30, 0, True), (29, -1, False)]
)
def test_h13_of_several_preservations_the_earliest_caps_the_window(left: int, ends_in: int, is_open: bool) -> None:
    """Thirty days of margin before the first one lapses; the later ones do not help."""
    window = urging_window(START, rules(), preserved_until=[START + 400 * DAY, START + left * DAY, START + 90 * DAY])

    assert (window.ends_on, window.is_open) == (START + ends_in * DAY, is_open)


def test_h13_pre_enforcement_preservation_leaves_no_window() -> None:
    """The case is filed at once, for the five days run."""
    window = urging_window(START, rules(), pre_enforcement=True)
    conversion = conversion_due(Urging(window=window), today=START)

    assert not window.is_open
    assert conversion is not None
    assert (conversion.on, conversion.cause) == (START, ConversionCause.PRESERVATION_LAPSING)


def test_h13_a_leap_day_is_a_day_like_any_other() -> None:
    """From 20 February 2028 fifteen days end on 6 March, because February has 29."""
    assert urging_window(date(2028, 2, 20), rules()).ends_on == date(2028, 3, 6)
    assert urging_window(date(2027, 2, 20), rules()).ends_on == date(2027, 3, 7)


_DAYS = st.integers(0, 40)


@given(
    clue=st.none() | _DAYS,
    withdrawn=st.none() | _DAYS,
    parts=st.lists(st.tuples(_DAYS, st.integers(1, 500)), max_size=4),
    paid=st.lists(st.tuples(_DAYS, st.integers(1, 500)), max_size=4),
    today=_DAYS,
)
def test_h13_urging_never_goes_on_after_any_of_its_ends(
    clue: int | None,
    withdrawn: int | None,
    parts: list[tuple[int, int]],
    paid: list[tuple[int, int]],
    today: int,
) -> None:
    """Written once more from the rule: the first of all ends decides, and from it on urging is over every day."""
    short = [
        due + 1
        for due, _ in parts
        if sum(amount for on, amount in paid if on <= due) < sum(amount for on, amount in parts if on <= due)
    ]
    first = min([16, *short, *([] if clue is None else [clue]), *([] if withdrawn is None else [withdrawn])])
    urging = Urging(
        window=WINDOW,
        promised=plan(*((due, str(amount)) for due, amount in parts)),
        paid=money(*((on, str(amount)) for on, amount in paid)),
        clue_on=None if clue is None else START + clue * DAY,
        consent_withdrawn_on=None if withdrawn is None else START + withdrawn * DAY,
    )

    assert next_conversion(urging).on == START + first * DAY
    assert (conversion_due(urging, today=START + today * DAY) is not None) is (today >= first)


@pytest.mark.parametrize(
    ("facts", "days"),
    [({"q_bank": 100000}, 20), ({"q_wage": 3000}, 30), ({}, 45), ({"q_bank": 100000, "q_wage": 3000}, 20)],
    ids=str,
)
def test_h14_the_clock_has_a_last_day_and_converts_on_the_next(facts: dict[str, Any], days: int) -> None:
    """Twenty, thirty or forty-five days after filing, whatever the hour of filing was."""
    filed = datetime(2026, 11, 10, 23, 59, tzinfo=SHANGHAI)
    clock = fast_clock(found(Stage.B, filed_at=filed, **facts), 0)

    assert clock is not None
    assert (clock.last_on, clock.rule) == (date(2026, 11, 10) + days * DAY, "H14")
    assert fast_conversion_due(clock, closed_on=None, today=clock.last_on) is None
    assert fast_conversion_due(clock, closed_on=None, today=clock.last_on + DAY) is clock
    assert fast_conversion_due(clock, closed_on=clock.last_on, today=clock.last_on + 9 * DAY) is None


def test_h14_a_courts_own_clock_goes_first_where_it_is_shorter() -> None:
    """Pengshui hands over after ten days what is not simple; with cash the usual twenty days hold."""
    filed = at_noon(TODAY)
    by_wage = fast_clock(found(Stage.B, table=profile("pengshui"), filed_at=filed, q_wage=5000), 0)
    by_cash = fast_clock(found(Stage.B, table=profile("pengshui"), filed_at=filed, q_bank=1e6), 0)

    assert by_wage is not None
    assert by_cash is not None
    assert (by_wage.rule, by_wage.last_on) == ("C01", TODAY + 10 * DAY)
    assert (by_cash.rule, by_cash.last_on) == ("H14", TODAY + 20 * DAY)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (date(2026, 11, 20), date(2026, 12, 20)),
        (date(2027, 2, 1), date(2027, 3, 1)),
        (date(2027, 1, 31), date(2027, 2, 28)),
        (date(2028, 1, 30), date(2028, 2, 29)),
        (date(2026, 12, 15), date(2027, 1, 14)),
    ],
)
def test_h13_thirty_days_never_exceed_a_month(start: date, end: date) -> None:
    """Suizhou's settlement before enforcement takes a month at most, and February is a month."""
    assert urging_window(start, profile("suizhou").on(TODAY)).ends_on == end


def test_h14_a_clock_in_working_days_converts_by_the_latest_day_where_holidays_are_not_published() -> None:
    """It never runs on for want of a calendar, and says that the day must be checked."""
    ten = condition("over_working_days", "filed_at", "{ value = 10 }")
    court = table(rule(kind="lifecycle", lane="complex", stages="B", conditions=ten))
    later = fast_clock(found(Stage.B, table=court, today=date(2026, 12, 28), filed_at=at_noon(date(2026, 12, 28))), 0)
    now = fast_clock(found(Stage.B, table=court, filed_at=at_noon(TODAY)), 0)

    assert later is not None
    assert now is not None
    assert (later.rule, later.last_on, later.sure) == ("C01", date(2027, 1, 13), False)
    assert (now.rule, now.last_on, now.sure) == ("C01", date(2026, 12, 6), True)


def test_h14_no_clock_runs_before_filing_or_without_its_day() -> None:
    """A provisional lane has no clock, and an unknown day of filing has none that can be read."""
    assert fast_clock(found(), 0) is None
    assert fast_clock(found(Stage.B, filed_at=None), 0) is None
    assert fast_clock_days(found(Stage.B, filed_at=None)).tolist() == [np.inf]


@pytest.mark.parametrize("facts", [{"q_bank": 1e6}, {"q_wage": 5000}, {}])
@pytest.mark.parametrize("name", ["pengshui", "guangping", None])
def test_the_clocks_of_many_cases_are_those_of_each(facts: dict[str, Any], name: str | None) -> None:
    """Reckoned for whole columns, a clock ends on the day on which it ends for the case alone."""
    table = RuleTable.load() if name is None else profile(name)
    outcomes = found(Stage.B, table=table, filed_at=at_noon(TODAY), **facts)
    clock = fast_clock(outcomes, 0)
    assert clock is not None
    assert fast_clock_days(outcomes).tolist() == [float((clock.converts_on - TODAY).days)]
    assert fast_conversion_due(None, closed_on=None, today=TODAY) is None


@pytest.mark.parametrize(
    ("today", "allowed"),
    [(date(2027, 2, 19), False), (date(2027, 2, 20), False), (date(2027, 2, 21), True)],
)
def test_h15_zhongben_waits_more_than_three_months(today: date, allowed: bool) -> None:
    """Filed on 20 November, it may be proposed from 21 February, with every step done."""
    assert zhongben_check(START, frozenset(ZhongbenStep), today=today).allowed is allowed


def test_h15_one_open_step_is_enough_to_refuse() -> None:
    """Time alone does not help, and the open step is named."""
    done = frozenset(ZhongbenStep) - {ZhongbenStep.SURVEY_EXHAUSTED}

    check = zhongben_check(START, done, today=date(2027, 6, 1))

    assert (check.allowed, check.open_steps) == (False, (ZhongbenStep.SURVEY_EXHAUSTED,))


def test_h15_without_a_filing_date_nothing_may_be_proposed() -> None:
    """Unknown is not long ago."""
    assert not zhongben_check(None, frozenset(ZhongbenStep), today=date(2027, 6, 1)).allowed


@pytest.mark.parametrize("lane", [*Lane, None])
def test_h16_a_persons_decision_wins_over_any_advice(lane: Lane | None) -> None:
    """Whatever was advised and whatever was decided, the decision is what counts."""
    decision = HumanDecision(lane=lane, decided_at=NOW, reason=OverrideReason.PARTY)

    for advised in (*Lane, None):
        final = final_route(advised, decision)
        assert (final.lane, final.decided_by) == (lane, "human")


def test_h16_an_override_names_the_rule_and_an_agreement_does_not() -> None:
    """Agreeing needs no reason; where nothing was advised there is nothing to override."""
    agreed = final_route(Lane.URGE, HumanDecision(lane=Lane.URGE, decided_at=NOW))
    alone = final_route(None, HumanDecision(lane=Lane.FAST, decided_at=NOW))
    other = final_route(Lane.URGE, HumanDecision(lane=Lane.FAST, decided_at=NOW, reason=OverrideReason.UNKNOWN_FACTS))

    assert (agreed.overridden, agreed.rule) == (alone.overridden, alone.rule) == (False, None)
    assert (other.overridden, other.rule) == (True, "H16")


def test_h16_an_override_without_a_code_is_refused() -> None:
    """One code is demanded, and nothing more."""
    with pytest.raises(MissingOverrideReasonError, match="须选择一项理由"):
        final_route(Lane.URGE, HumanDecision(lane=Lane.FAST, decided_at=NOW))


def test_h16_nothing_is_in_force_before_a_person_decided() -> None:
    """Advice alone moves no case."""
    assert final_route(Lane.FAST, None).decided_by == "pending"
