"""The pattern `fast_first`: larger claims without real estate go to the fast team, others from marks of their own."""

from __future__ import annotations

from datetime import date

import pytest

from features.register import Stage
from models.lanes import Lane, lane_of
from models.routes import Routes
from models.rules.table import RuleTable
from tests.builders_rules import by_rules_alone, routed

HEAD = 'format = "fenliu-rules/1"\nscope = "court"\ncourt = "浙1022"\nversion = "1"\nextends = "fast_first"\n'
VALUES = "[[parameters]]\nversion = '1'\nin_force_from = 2022-01-01\n[parameters.values]\n"
MARKS = "early_amount = 100000\nquick_threshold = 0.20\ndisposal_threshold = 0.30\n"
TABLE = RuleTable.of([("court.toml", HEAD + VALUES + MARKS)])
HOUSE = {"q_realty_n": 1, "q_realty_enc": "none"}


def after_query(*, quick: float | None = 0.05, abstained: bool = False, **facts: object) -> Routes:
    """Return the route after the query under the pattern."""
    return routed(Stage.B, quick=quick, abstained=abstained, table=TABLE, **facts)


def lane(routes: Routes) -> Lane | None:
    """Return the lane of the only row."""
    return lane_of(int(routes.lane[0]))


@pytest.mark.parametrize(("unpaid", "expected"), [(99_999, Lane.COMPLEX), (100_000, Lane.FAST), (5_000_000, Lane.FAST)])
def test_a_larger_claim_without_real_estate_goes_to_the_fast_team_first(unpaid: int, expected: Lane) -> None:
    """The amount itself belongs to the larger ones."""
    assert lane(after_query(claim_amount=unpaid)) is expected


def test_a_larger_claim_needs_no_score() -> None:
    """Facts decide it: where scores abstain, and where there are none, the answer is the same and the rule gives it."""
    for routes in (
        after_query(claim_amount=200_000, abstained=True),
        by_rules_alone(Stage.B, table=TABLE, claim_amount=200_000),
    ):
        proposal = routes.proposal(0)
        assert (proposal.route, proposal.decided_by, proposal.deciding_rule) == (Lane.FAST, "rule", "M02")


def test_a_smaller_claim_without_a_score_is_left_to_the_judge() -> None:
    """Its lane hangs on a score that cannot be used."""
    assert lane(after_query(claim_amount=50_000, abstained=True)) is None


@pytest.mark.parametrize(("quick", "expected"), [(0.19, Lane.COMPLEX), (0.29, Lane.COMPLEX), (0.30, Lane.FAST)])
def test_real_estate_has_a_mark_of_its_own(quick: float, expected: Lane) -> None:
    """A larger claim with real estate is fast from that mark on and not before."""
    assert lane(after_query(quick=quick, claim_amount=200_000, **HOUSE)) is expected


def test_without_real_estate_a_vehicle_does_not_stand_in_the_way() -> None:
    """What the shipped table calls a thing to sell is no real estate."""
    assert lane(after_query(quick=0.20, claim_amount=50_000, q_vehicle_n=1)) is Lane.FAST
    assert lane(routed(Stage.B, quick=0.70, claim_amount=50_000, q_vehicle_n=1)) is Lane.COMPLEX


def test_an_unknown_reply_on_real_estate_is_not_taken_for_none() -> None:
    """Unknown is never met."""
    assert lane(after_query(claim_amount=200_000, q_realty_n=None)) is not Lane.FAST


def test_of_two_marks_the_nearer_one_counts_as_the_margin() -> None:
    """An answer is never called surer than it is."""
    near_lower, near_upper = after_query(quick=0.21, claim_amount=50_000), after_query(quick=0.29, claim_amount=50_000)
    assert near_lower.margin[0] == pytest.approx(0.01 / 0.80)
    assert near_upper.margin[0] == pytest.approx(0.01 / 0.30)


def test_the_pattern_changes_nothing_before_filing() -> None:
    """Stages A of both tables draw the same lanes."""
    for ability in (0.3, 0.7):
        assert lane(routed(ability=ability, willingness=0.2, table=TABLE)) is lane(
            routed(ability=ability, willingness=0.2)
        )
    assert TABLE.on(date(2026, 7, 1)).number("early_amount") == 100_000
