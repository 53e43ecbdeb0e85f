"""Disputes: which rule, or which condition of one, draws another lane than the scores alone."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from features.clock import SHANGHAI
from features.register import Stage
from models.disputes import disputes
from models.lanes import lane_of
from models.routes import NO_RULE, Routes
from tests.builders_rules import by_rules_alone, routed

CASH = {"q_bank": 1e7, "delay_interest_est": 0.0, "fee_est": 0.0}


def told(routes: Routes) -> tuple[str | None, str | None]:
    """Return the lane the scores want and the rule or condition that outweighs them; None without a dispute."""
    found, program = disputes(routes), routes.outcomes.program
    wanted = lane_of(int(found.wanted[0]))
    if not found.disputed[0]:
        assert found.rule[0] == found.condition[0] == NO_RULE
        return wanted, None
    if found.condition[0] == NO_RULE:
        return wanted, program.rules[found.rule[0]].rule.id
    return wanted, program.conditions[found.condition[0]].id


def test_nothing_is_disputed_where_scores_draw_the_lane() -> None:
    """A willing debtor is urged, an unwilling one is split by ability: no rule stands against it."""
    assert told(routed()) == ("urge", None)
    assert told(routed(willingness=0.2, ability=0.9)) == ("fast", None)
    assert told(routed(willingness=0.2, ability=0.1)) == ("complex", None)
    assert told(routed(Stage.B, quick=0.9)) == ("fast", None)


@pytest.mark.parametrize(
    ("facts", "rule"),
    [
        ({"consent_urge": "refuse"}, "H07"),
        ({"served_by_notice": True}, "H08"),
        ({"consent_urge": None}, "H07"),
        ({"claim_amount": 2_000_000, "principal": 2_000_000}, "M01.2"),
    ],
)
def test_what_keeps_a_willing_debtor_from_urging_is_named(facts: dict[str, object], rule: str) -> None:
    """A rule that is met or whose facts are missing, or the condition of the urging rule that is not the score."""
    assert told(routed(**facts)) == ("urge", rule)


def test_a_rule_that_forbids_what_nobody_wants_stands_against_nothing() -> None:
    """Without consent an unwilling debtor is filed, as the scores want anyway."""
    assert told(routed(willingness=0.2, ability=0.9, consent_urge="refuse")) == ("fast", None)


@pytest.mark.parametrize(
    ("quick", "facts", "wanted", "rule"),
    [
        (0.1, CASH, "complex", "M02.3"),
        (0.1, {"q_wage": 5_000}, "complex", "M02.4"),
        (0.9, {"q_realty_n": 1}, "fast", "M02.6"),
        (0.9, {"filed_at": datetime(2026, 1, 5, 9, tzinfo=SHANGHAI)}, "fast", "H14"),
    ],
)
def test_after_the_query_facts_and_the_clock_outweigh_the_score(
    quick: float, facts: dict[str, object], wanted: str, rule: str
) -> None:
    """Cash or a wage makes a case fast against the score; things to sell, or time that is over, complex."""
    assert told(routed(Stage.B, quick=quick, **facts)) == (wanted, rule)


def test_a_direct_deduction_stands_against_a_willing_debtor() -> None:
    """Preserved cash is deducted although the debtor would have paid."""
    facts = {"preserved": True, "pres_stage": "during_suit", "first_seal": True, "pres_cash": 1e7}
    facts["pres_expiry"] = date(2027, 9, 1)
    amounts = {"delay_interest_est": 0.0, "fee_est": 0.0}
    assert told(routed(**facts, **amounts)) == ("urge", "H04")


def test_a_rule_against_urging_is_not_blamed_for_the_split() -> None:
    """Without consent nobody is urged, which nobody wants; that cash makes the case fast is the split's doing.

    The day is one before direct deduction existed, which would take the case first.
    """
    cash = {"preserved": True, "pres_stage": "during_suit", "pres_expiry": date(2027, 1, 1), "first_seal": True}
    owed = {"pres_cash": 1e7, "delay_interest_est": 0.0, "fee_est": 0.0}
    dates = {"today": date(2025, 4, 1), "basis_effective_date": date(2024, 12, 1), "due_date": date(2024, 12, 15)}
    routes = routed(willingness=0.2, ability=0.1, consent_urge="refuse", **cash, **owed, **dates)
    assert routes.deciding_rule(0) == "H07"
    assert told(routes) == ("complex", "M02.1")


@pytest.mark.parametrize(
    "routes",
    [
        routed(relief_type="delivery"),
        routed(bankruptcy_case="accepted"),
        routed(abstained=True),
        routed(willingness=None),
        by_rules_alone(),
    ],
)
def test_without_a_score_that_may_be_asked_for_nothing_is_disputed(routes: Routes) -> None:
    """Stops and special lanes are never scored; nor is a case whose scores abstain or that no model saw."""
    assert told(routes) == (None, None)
