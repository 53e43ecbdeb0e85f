"""After the advice: urging ends by itself, 终本 waits, and a person's decision wins."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from features.clock import SHANGHAI
from models.lanes import Lane
from models.lifecycle import (
    HumanDecision,
    MissingOverrideReasonError,
    OverrideReason,
    Urging,
    ZhongbenStep,
    conversion_due,
    final_route,
    zhongben_check,
)

START = date(2026, 11, 20)
LAST = date(2026, 12, 5)
NOW = datetime(2026, 11, 21, 10, tzinfo=SHANGHAI)


def cause(today, **facts):
    """Return why urging ends today, or None."""
    conversion = conversion_due(Urging(started_on=START, days=15, **facts), today=today)
    return None if conversion is None else conversion.cause.value


@pytest.mark.parametrize(
    ("today", "expected"),
    [(LAST - timedelta(days=1), None), (LAST, None), (LAST + timedelta(days=1), "window_over")],
)
def test_h13_the_debtor_has_the_whole_last_day(today, expected):
    """On the day after it the case is filed by itself."""
    assert cause(today) == expected


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"promised_on": START}, None),
        ({"promised_on": START - timedelta(days=1)}, "promise_broken"),
        ({"clue_found": True}, "new_clue"),
        ({"consent_withdrawn": True}, "consent_withdrawn"),
        ({"consent_withdrawn": True, "paid_in_full": True}, None),
    ],
    ids=str,
)
def test_h13_broken_promises_clues_and_withdrawal_end_urging_the_same_day(facts, expected):
    """Each alone is enough, unless everything has been paid."""
    assert cause(START, **facts) == expected


def test_h13_the_conversion_is_dated_and_worded():
    """The file shows the day, the rule and the reason."""
    conversion = conversion_due(Urging(started_on=START, days=15, clue_found=True), today=START)

    assert (conversion.on, conversion.rule) == (START, "H13")
    assert conversion.text[0] == "发现财产线索，当日转立案"


@pytest.mark.parametrize(
    ("today", "allowed"),
    [(date(2027, 2, 19), False), (date(2027, 2, 20), False), (date(2027, 2, 21), True)],
)
def test_h15_zhongben_waits_more_than_three_months(today, allowed):
    """Filed on 20 November, it may be proposed from 21 February, with every step done."""
    assert zhongben_check(START, frozenset(ZhongbenStep), today=today).allowed is allowed


def test_h15_one_open_step_is_enough_to_refuse():
    """Time alone does not help, and the open step is named."""
    done = frozenset(ZhongbenStep) - {ZhongbenStep.SURVEY_EXHAUSTED}

    check = zhongben_check(START, done, today=date(2027, 6, 1))

    assert (check.allowed, check.open_steps) == (False, (ZhongbenStep.SURVEY_EXHAUSTED,))


def test_h15_without_a_filing_date_nothing_may_be_proposed():
    """Unknown is not long ago."""
    assert not zhongben_check(None, frozenset(ZhongbenStep), today=date(2027, 6, 1)).allowed


@pytest.mark.parametrize("lane", [*Lane, None])
def test_h16_a_persons_decision_wins_over_any_advice(lane):
    """Whatever was advised and whatever was decided, the decision is what counts."""
    decision = HumanDecision(lane=lane, decided_at=NOW, reason=OverrideReason.PARTY)

    for advised in (*Lane, None):
        final = final_route(advised, decision)
        assert (final.lane, final.decided_by) == (lane, "human")


def test_h16_an_override_names_the_rule_and_an_agreement_does_not():
    """Agreeing needs no reason; where nothing was advised there is nothing to override."""
    agreed = final_route(Lane.URGE, HumanDecision(lane=Lane.URGE, decided_at=NOW))
    alone = final_route(None, HumanDecision(lane=Lane.FAST, decided_at=NOW))
    other = final_route(Lane.URGE, HumanDecision(lane=Lane.FAST, decided_at=NOW, reason=OverrideReason.UNKNOWN_FACTS))

    assert (agreed.overridden, agreed.rule) == (alone.overridden, alone.rule) == (False, None)
    assert (other.overridden, other.rule) == (True, "H16")


def test_h16_an_override_without_a_code_is_refused():
    """One code is demanded, and nothing more."""
    with pytest.raises(MissingOverrideReasonError, match="须选择一项理由"):
        final_route(Lane.URGE, HumanDecision(lane=Lane.FAST, decided_at=NOW))


def test_h16_nothing_is_in_force_before_a_person_decided():
    """Advice alone moves no case."""
    assert final_route(Lane.FAST, None).decided_by == "pending"
