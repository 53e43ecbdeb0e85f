"""No score ever breaks a hard rule: random cases at the edges, held against the law written down a second time."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.rules import RuleTable, profile
from tests.builders_tables import condition, rule, table
from tests.law_by_hand import fee, moved, two_years
from tests.second_opinion import Tally, measure

ROWS = 33_000


@pytest.fixture(scope="module")
def tally() -> Tally:
    """Return what was found in the default run; `python -m benchmarks.hard_rules` takes a million."""
    return measure(ROWS)


def test_no_hard_rule_is_broken_by_any_score(tally: Tally) -> None:
    """Certain, adversarial and missing scores alike; lanes, flags and order agree with the second opinion."""
    assert tally.broken == {}
    assert tally.rows == ROWS


@pytest.mark.parametrize("lane", ["urge", "fast", "complex", "none", "undecided"])
def test_every_lane_is_taken_by_some_case(tally: Tally, lane: str) -> None:
    """The cases reach everywhere, or the claim would be empty."""
    assert tally.lanes[lane] > 100


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 2**31))
def test_no_hard_rule_is_broken_whatever_the_draw(seed: int) -> None:
    """Other cases, other scores, the same agreement."""
    assert measure(2_000, seed=seed).broken == {}


def test_the_second_opinion_notices_other_rules() -> None:
    """Under a court that urges without a score the two disagree, so the comparison can fail."""
    found = measure(4_000, table=profile("hangzhou"))

    assert found.broken["nobody is urged below the mark"] > 0
    assert found.broken["nothing forbidden or doubtful is urged"] == 0


EVERYTHING = condition("always", "claim_amount", "")
GREEDY = table(
    rule("M01", kind="model", lane="urge", stages="A", conditions=EVERYTHING, in_force_from="2022-01-01"),
    rule("M02", kind="model", lane="fast", conditions=EVERYTHING, in_force_from="2022-01-01"),
)
RECKLESS = table(rule("H00", lane="fast", conditions=EVERYTHING, in_force_from="2022-01-01"))
OF_THE_COURT = {"the lane by hand", "nobody is urged below the mark"}
"""What a court's own table may decide otherwise."""


@pytest.mark.parametrize(
    "court",
    [GREEDY, RECKLESS, *map(profile, ("guangping", "hangzhou", "jiangsu", "longnan", "pengshui"))],
    ids=lambda court: court.court,
)
def test_no_table_of_a_court_breaks_the_law(court: RuleTable) -> None:
    """Urge all, everything fast, or as courts have published: stops, special cases, offers, clocks and order stand."""
    found = measure(4_400, table=court)

    assert set(found.broken) - OF_THE_COURT == set()


@pytest.mark.parametrize("court", [GREEDY, RECKLESS], ids=["greedy", "reckless"])
def test_a_court_that_wants_everything_gets_what_the_law_leaves(court: RuleTable) -> None:
    """The tables of the test above do change lanes, so that it says something."""
    assert measure(4_400, table=court).broken["the lane by hand"] > 0


@pytest.mark.parametrize(
    ("claim", "expected"),
    [(10_000, 50), (50_000, 650), (500_000, 7_400), (1_000_000, 12_400), (10_000_000, 77_400), (20_000_000, 87_400)],
)
def test_the_fee_by_hand_is_that_of_the_statute(claim: float, expected: float) -> None:
    """诉讼费用交纳办法第14条: the brackets and their ends."""
    assert fee(claim) == expected


def test_dates_by_hand_know_leap_days_and_holidays() -> None:
    """Two years from a leap day, and the end of a holiday."""
    assert two_years(date(2024, 2, 29)) == date(2026, 2, 28)
    assert moved(date(2026, 10, 1)) == date(2026, 10, 8)
