"""Evenness: teams that may take the same are filled alike, and nothing else changes."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given as over
from hypothesis import settings
from hypothesis import strategies as st

from models.lanes import Lane
from models.teams import Load
from tests.builders_assignment import demand, given, random_day, two_teams
from tests.builders_teams import member, register, team


def test_equal_teams_are_filled_alike() -> None:
    """Ten cases and three teams of ten places: 3, 3 and 4."""
    done = given(demand(10), two_teams(10.0, 10.0, 10.0))

    assert sorted(one.cases for one in done.teams) == [3, 3, 4]


def test_filling_is_by_what_a_team_can_take() -> None:
    """Twelve cases, teams of ten and of twenty places: 4 and 8, both filled to 40 %."""
    done = given(demand(12), two_teams(10.0, 20.0))

    assert [(one.cases, one.filling) for one in done.teams] == [(4, 0.4), (8, 0.4)]


def test_what_was_given_before_counts() -> None:
    """A team that got four cases in the morning gets fewer in the afternoon."""
    done = given(demand(6), two_teams(10.0, 10.0), loads={"员0": Load(today=4.0)})

    assert [one.cases for one in done.teams] == [1, 5]
    assert [one.filling for one in done.teams] == [0.5, 0.5]


def test_a_chain_of_teams_is_evened() -> None:
    """The first team can pass nothing to the third itself, only by way of the second."""
    reg = register(
        team("甲", member("a", 9.0), lanes=(Lane.URGE,)),
        team("乙", member("b", 9.0), lanes=(Lane.URGE, Lane.FAST)),
        team("丙", member("c", 9.0), lanes=(Lane.FAST,)),
    )
    done = given(demand(9, lane=[Lane.URGE] * 6 + [Lane.FAST] * 3), reg)

    assert [one.cases for one in done.teams] == [3, 3, 3]


@settings(max_examples=40, deadline=None)
@over(
    lanes=st.lists(st.sampled_from([Lane.URGE, Lane.FAST]), min_size=1, max_size=6),
    places=st.tuples(*[st.integers(1, 5)] * 3),
)
def test_no_other_plan_of_the_same_cases_is_more_even(lanes: list[Lane], places: tuple[int, int, int]) -> None:
    """With cases of one weight, trying all plans finds none with a smaller sum of squared loads for places."""
    takes = [(Lane.URGE,), (Lane.URGE, Lane.FAST), (Lane.FAST,)]
    reg = register(*[team(f"队{i}", member(f"员{i}", float(p)), lanes=takes[i]) for i, p in enumerate(places)])
    done = given(demand(len(lanes), lane=lanes), reg)
    placed = [lane for lane, name in zip(lanes, done.team, strict=True) if name]

    def squares(counts: np.ndarray) -> float:
        return float((counts**2 / np.array(places)).sum())

    plans = product(*[[t for t in range(3) if lane in takes[t]] for lane in placed])
    counted = [np.bincount(plan, minlength=3) if plan else np.zeros(3) for plan in plans]
    best = min(squares(counts) for counts in counted if (counts <= places).all())

    assert squares(np.array([one.cases for one in done.teams])) == pytest.approx(best)


def test_evening_gives_up_nothing_of_the_plan() -> None:
    """On a large mixed day the value and the cases placed at every rank stay what the plan had."""
    cases, reg = random_day(300, teams=8, seed=5, grouped=0.0)
    done = given(cases, reg, gain=100.0)

    assert done.proof.placed == done.proof.most
    assert done.proof.value >= 0.99 * done.proof.bound
