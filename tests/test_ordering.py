"""The order of work: livelihood first, then clues, then what lapses, then dates; no score has a say."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from features.clock import SHANGHAI, days_of
from features.columns import complete, encode
from features.register import Stage, load_register
from models.ordering import due_on, order_of
from models.routes import Routes
from models.routing import route
from models.rules import ScoreView, evaluate
from tests.builders_rules import PLAIN, QUERIED, TODAY, at_noon, by_rules_alone, routed, rules

DAY = timedelta(days=1)
SEALED = {"preserved": True, "pres_stage": "during_suit", "first_seal": True, "pres_cash": 100}


def together(*cases: dict[str, Any], stage: Stage = Stage.A, scores: ScoreView | None = None) -> Routes:
    """Return the routes of several plain cases with facts changed."""
    known = [{**PLAIN, **(QUERIED if stage is Stage.B else {}), "received_at": at_noon(TODAY), **one} for one in cases]
    names = sorted({name for one in known for name in one})
    columns = {}
    for name in names:
        columns.update(encode(load_register()[name], [one.get(name) for one in known]))
    as_of = np.full(len(cases), days_of(at_noon(TODAY)))
    full = complete(columns, len(cases), load_register(), stage, as_of=as_of)
    return route(evaluate(rules(), full, as_of=as_of, stage=stage, scores=scores), scores)


@pytest.mark.parametrize(
    ("facts", "rank", "rule"),
    [
        ({"cause_code": "205.5"}, 1, "P01"),
        ({"cause_code": "205.5", "clue_specific": True}, 1, "P01"),
        ({"clue_specific": True}, 2, "P02"),
        ({**SEALED, "pres_expiry": TODAY + 44 * DAY}, 3, "P03"),
        ({**SEALED, "pres_expiry": TODAY + 45 * DAY}, 9, None),
        ({**SEALED, "pres_stage": "pre_enforcement", "pres_expiry": TODAY + 400 * DAY}, 3, "P03"),
        ({"due_date": date(2025, 2, 2), "basis_effective_date": date(2025, 1, 1)}, 3, "P03"),
        ({"intake_channel": "transfer"}, 4, "P04"),
        ({"applicant_hardship": True}, 4, "P05"),
        ({"supervised": True}, 5, "P06"),
        ({}, 9, None),
        ({"cause_code": None, "basis_type": None}, 9, None),
    ],
    ids=str,
)
def test_the_first_rule_of_priority_that_holds_gives_the_place(
    facts: dict[str, Any], rank: int, rule: str | None
) -> None:
    """Unknown gives no place; of several the first counts."""
    priority = by_rules_alone(**facts).proposal(0).priority

    assert (priority.rank, priority.rule) == (rank, rule)


@pytest.mark.parametrize(("left", "rank"), [(29, 3), (30, 9), (-1, 3)])
def test_after_filing_a_preservation_about_to_lapse_comes_forward(left: int, rank: int) -> None:
    """Less than the court's margin of thirty days."""
    facts = {**SEALED, "pres_expiry": TODAY + left * DAY}

    assert int(by_rules_alone(Stage.B, **facts).priority[0]) == rank


def test_the_order_is_livelihood_then_clue_then_lapsing_then_date() -> None:
    """Cases come as they may; they are worked on in the order of the law, then of their dates."""
    cases = (
        {"received_at": at_noon(TODAY)},
        {"received_at": at_noon(TODAY - 2 * DAY)},
        {"intake_channel": "transfer"},
        {**SEALED, "pres_expiry": TODAY + 10 * DAY},
        {"clue_specific": True},
        {"cause_code": "205.5"},
        {**SEALED, "pres_expiry": TODAY + 9 * DAY},
    )

    assert order_of(together(*cases)).tolist() == [5, 4, 6, 3, 2, 1, 0]


def test_no_score_moves_a_case_in_the_queue() -> None:
    """The same cases with any scores stand in the same order."""
    cases = ({"cause_code": "205.5"}, {}, {"clue_specific": True}, {"supervised": True})
    best = ScoreView.of(4, p_willingness_window=[0.1, 0.99, 0.5, 0.9], p_ability_180=[0.1, 0.99, 0.2, 0.9])

    assert order_of(together(*cases, scores=best)).tolist() == order_of(together(*cases)).tolist() == [0, 2, 3, 1]


def test_priority_never_changes_the_lane() -> None:
    """A supervised case or one with a clue takes the lane that it would take anyway."""
    for facts in ({"supervised": True}, {"clue_specific": True}, {"applicant_hardship": True}):
        assert routed(**facts).lane[0] == routed().lane[0]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, date(2026, 11, 27)),
        ({"received_at": datetime(2026, 9, 24, 9, tzinfo=SHANGHAI)}, date(2026, 10, 8)),
        ({**SEALED, "pres_expiry": date(2026, 12, 1)}, date(2026, 11, 24)),
        ({"preserved": False, "pres_expiry": date(2026, 12, 1)}, date(2026, 11, 27)),
        (
            {
                **SEALED,
                "pres_stage": "pre_enforcement",
                "pres_expiry": date(2027, 9, 1),
                "due_date": date(2026, 11, 18),
            },
            date(2026, 11, 23),
        ),
        ({"due_date": date(2024, 11, 22), "basis_effective_date": date(2024, 11, 1)}, date(2026, 11, 22)),
    ],
    ids=str,
)
def test_the_date_to_keep_is_the_earliest_of_all(facts: dict[str, Any], expected: date) -> None:
    """Filing, renewal of a preservation, the five days, limitation; holidays move only the first."""
    assert due_on(together(facts)).tolist() == [days_of(expected)]


@pytest.mark.parametrize(("basis", "expected"), [("judgment", 2027), ("administrative_penalty", 2026)])
def test_after_filing_the_time_to_enforce_counts(basis: str, expected: int) -> None:
    """Six months, or three without a suit."""
    filed = datetime(2026, 8, 31, 9, tzinfo=SHANGHAI)
    found = due_on(together({"filed_at": filed, "basis_type": basis}, stage=Stage.B))

    assert found.tolist() == [days_of(date(2027, 2, 28) if expected == 2027 else date(2026, 11, 30))]
