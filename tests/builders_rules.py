"""Builders of applications for the rule and routing tests: a plain case that may be urged, changed field by field."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from typing import Any

import numpy as np

from features.clock import SHANGHAI, days_of
from features.columns import complete, encode
from features.register import Stage, load_register
from models.routes import Routes
from models.routing import route
from models.rules.case_view import ScoreView
from models.rules.evaluate import RuleOutcomes, evaluate
from models.rules.table import RulesInForce, RuleTable

TODAY = date(2026, 11, 20)

PLAIN: Mapping[str, object] = {
    "court_code": "苏0903",
    "intake_channel": "counter",
    "cause_code": "126",
    "cause_version": "2026",
    "basis_type": "judgment",
    "basis_effective_date": date(2026, 7, 30),
    "due_date": date(2026, 8, 14),
    "relief_type": "money",
    "basis_clear": True,
    "claim_amount": 38600,
    "principal": 38600,
    "paid_before": 0,
    "applicant_type": "enterprise",
    "consent_urge": "agree",
    "debtor_type": "person",
    "n_debtors": 1,
    "n_guarantors": 0,
    "phone_provided": True,
    "served_by_notice": False,
    "dead_or_deregistered": "none",
    "foreign_hkmt": False,
    "criminal_overlap": False,
    "bankruptcy_case": "none",
    "dishonest_now": False,
    "open_enf_n": 0,
    "prior_zhongben_n": 0,
    "batch_size": 1,
    "preserved": False,
    "clue_n": 0,
}
QUERIED: Mapping[str, object] = {
    "filed_at": datetime(2026, 11, 10, 9, 0, tzinfo=SHANGHAI),
    "q_bank": 0,
    "q_netpay": 0,
    "q_realty_n": 0,
    "q_vehicle_n": 0,
    "q_equity_n": 0,
    "q_vessel_n": 0,
    "q_wage": 0,
}


@cache
def rules(day: date = TODAY) -> RulesInForce:
    """Return the shipped rules in force on a day."""
    return RuleTable.load().on(day)


def at_noon(day: date) -> datetime:
    """Return noon of a day in Shanghai."""
    return datetime(day.year, day.month, day.day, 12, tzinfo=SHANGHAI)


def found(
    stage: Stage = Stage.A,
    *,
    today: date = TODAY,
    scores: ScoreView | None = None,
    table: RuleTable | None = None,
    **facts: Any,
) -> RuleOutcomes:
    """Return what the rules find in the plain case with these facts changed; None takes a fact away.

    The shipped rules apply, or those of another `table`.
    """
    known = {**PLAIN, **(QUERIED if stage is Stage.B else {}), "received_at": at_noon(today), **facts}
    register = load_register()
    columns = {}
    for name, value in known.items():
        if value is not None:
            columns.update(encode(register[name], [value]))
    as_of = np.array([days_of(at_noon(today))])
    columns = complete(columns, 1, register, stage, as_of=as_of)
    in_force = rules(today) if table is None else table.on(today)
    return evaluate(in_force, columns, as_of=as_of, stage=stage, scores=scores)


def verdict(rule: str, stage: Stage = Stage.A, **facts: Any) -> str:
    """Return met, not_met or unknown for one rule on the plain case with these facts changed."""
    return {one.id: one.result for one in found(stage, **facts).trace(0)}[rule]


def line(rule: str, stage: Stage = Stage.A, **facts: Any) -> str:
    """Return the Chinese result line of one rule."""
    return {one.id: one.zh for one in found(stage, **facts).trace(0)}[rule]


def routed(
    stage: Stage = Stage.A,
    *,
    willingness: float | None = 0.8,
    ability: float | None = 0.5,
    quick: float | None = 0.5,
    abstained: bool = False,
    **facts: Any,
) -> Routes:
    """Return the route of the plain case with these facts and scores; a score of None is unusable."""
    given = {"p_willingness_window": willingness, "p_ability_180": ability, "p_quick_30": quick}
    scores = ScoreView.of(1, abstained=abstained, **{name: p for name, p in given.items() if p is not None})
    return route(found(stage, scores=scores, **facts), scores)


def by_rules_alone(stage: Stage = Stage.A, **facts: Any) -> Routes:
    """Return the route of the plain case with these facts when there is no model."""
    return route(found(stage, **facts), None)
