"""What-ifs: rules first, then facts that somebody can check; each one comes true when it is brought about."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from features.clock import days_of
from features.columns import columns_of
from features.register import Stage, load_register
from models.advice import Advice, Flip
from models.advise import received_on
from models.explain.flips import FACTS
from models.explain.what_ifs import WhatIf, flips_of
from models.lanes import Lane, lane_of
from models.triage import Triage
from tests.builders_advise import RULES, advice_on, parsed, random_documents
from tests.builders_case import case_document, stage_b_document
from tests.builders_models import assembled

BUNDLE = assembled()
WORDS = {fact.yes[1]: (fact, True) for fact in FACTS} | {fact.no[1]: (fact, False) for fact in FACTS}


def brought_about(document: dict[str, Any], flip: Flip) -> dict[str, Any]:
    """Return the document with the flip's condition come true."""
    words, _, sum_of_money = re.fullmatch(r"(.*?)( ([\d,]+) yuan)?", flip.when_en).groups()
    fact, yes = WORDS[words]
    value: object = yes
    if fact.kind == "money":
        value = f"{sum_of_money.replace(',', '')}.00"
    elif fact.code:
        value = fact.code.split("/")[0 if yes else 1]
    return {**document, "case": {**document["case"], fact.field: value}}


def what_if(document: dict[str, Any]) -> tuple[WhatIf, Advice]:
    """Return the case to be looked at again, and the advice on it as it is."""
    case = parsed(document)
    triage = Triage(stage=case.stage, rules=RULES.on(received_on(case)), register=load_register(), bundle=BUNDLE)
    columns, as_of = columns_of(case, load_register()), np.array([days_of(case.as_of)])
    return WhatIf(triage, columns, as_of, case.court_code), advice_on(document, BUNDLE, explained=False)


@pytest.mark.parametrize("stage", list(Stage))
def test_flips_come_true_when_they_are_brought_about(stage: Stage) -> None:
    """The changed document, sent as a new case, gets the lane that was promised; at most three facts are named."""
    checked = 0
    for document in random_documents(stage, 25, seed=4):
        found = advice_on(document, BUNDLE)
        by_model = [flip for flip in found.flips if flip.kind == "model"]
        assert len(by_model) <= 3
        for flip in by_model:
            then = advice_on(brought_about(document, flip), BUNDLE, explained=False)
            assert then.proposal.route is flip.route
            assert flip.route is not found.proposal.route
            checked += 1
    assert checked > 20


@pytest.mark.parametrize("stage", list(Stage))
def test_a_sum_is_the_smallest_that_turns_the_lane(stage: Stage) -> None:
    """A step of the search less far from today's sum leaves the lane as it is."""
    checked = 0
    for document in random_documents(stage, 15, seed=5):
        case, advice = what_if(document)
        for flip in flips_of(case, advice.proposal, most=3):
            if "yuan" not in flip.when_en:
                continue
            value = float(re.sub(r"\D", "", flip.when_en))
            start, claim = (float(np.nan_to_num(case.columns[name][0])) for name in (flip.field, "claim_amount"))
            way = max(1.5 * claim, start) - start if value > start else start
            step = 100.0 * max(np.ceil(way / 100.0 / 9**3), 1.0)
            nearer = value - np.sign(value - start) * step
            if (nearer - start) * (value - start) > 0:
                before = case.lanes({**case.columns, flip.field: np.array([nearer])})
                assert lane_of(int(before[0])) is advice.proposal.route
                checked += 1
    assert checked > 5


def test_a_fast_case_is_told_its_own_last_day() -> None:
    """The clock of this case by the table's rules, not one of the table's parameters."""
    bank = stage_b_document(q_bank="900000.00", q_realty_n=0, q_vehicle_n=0)
    found = advice_on(bank, BUNDLE)
    clock = next(one for one in found.deadlines if one.kind == "fast_end")

    assert found.proposal.route is Lane.FAST
    assert found.flips[0].when == f"快执期限至 {clock.date} 届满未结：转精办（H14）"


def test_what_rules_set_comes_first() -> None:
    """An urged case is filed the day consent is withdrawn, in the lane that this gives."""
    document = case_document(claim_amount="30000.00", consent_urge="agree")
    urged = next(one for one in (document, *random_documents(Stage.A, 60)) if _route(one) is Lane.URGE)
    first = advice_on(urged, BUNDLE).flips[0]
    refused = {**urged, "case": {**urged["case"], "consent_urge": "refuse"}}

    assert (first.kind, first.field) == ("rule", "consent_urge")
    assert "督促期 15 日" in first.when
    assert first.route is _route(refused)


def test_the_clock_of_the_fast_lane_is_named() -> None:
    """A fast case after the query tells when it will be moved to the other lane."""
    fast = stage_b_document(q_bank="900000.00", q_vehicle_n=0, pres_vehicle_n=0)
    first = advice_on(fast, BUNDLE).flips[0]

    assert _route(fast) is Lane.FAST
    assert (first.kind, first.route) == ("rule", Lane.COMPLEX)
    assert first.when == "快执期限至 2026-11-22 届满未结：转精办（H14）"


@pytest.mark.parametrize("facts", [{"bankruptcy_case": "accepted"}, {"criminal_overlap": True}])
def test_nothing_is_tried_where_a_rule_leaves_nothing_to_try(facts: dict[str, object]) -> None:
    """No lane at all, or the special team: no checkable fact leads elsewhere."""
    assert advice_on(case_document(**facts), BUNDLE).flips == ()


def test_no_flips_are_worked_out_when_none_are_asked_for() -> None:
    """Zero means zero, rules included."""
    assert advice_on(case_document(explain={"reasons": 5, "flips": 0}), BUNDLE).flips == ()


def test_computed_facts_follow_the_fact_that_is_changed() -> None:
    """More frozen money is more cover: what is computed from a fact is computed again."""
    case, _ = what_if(case_document())
    seen: dict[str, np.ndarray] = {}
    watched = WhatIf(_watched(case.triage, seen), case.columns, case.as_of, case.court)
    watched.lanes({**case.columns, "pres_cash": np.array([38_600.0])})

    assert seen["pres_cash_cover"] == pytest.approx(1.0)
    assert case.columns["pres_cash_cover"] == pytest.approx(5_200 / 38_600)


def _route(document: dict[str, Any]) -> Lane | None:
    return advice_on(document, BUNDLE, explained=False).proposal.route


def _watched(triage: Triage, seen: dict[str, np.ndarray]) -> Any:
    def call(columns: dict[str, np.ndarray], **rest: Any) -> Any:
        seen.update(columns)
        return triage(columns, **rest)

    return call
