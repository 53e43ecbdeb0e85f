"""Prices: one more place is worth what placing everything again with it finds, and the words say no more."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given as over
from hypothesis import settings
from hypothesis import strategies as st

from models.assignment import Assignment
from models.lanes import Lane
from models.teams import TeamRegister
from tests.builders_assignment import TODAY, demand, given, random_day, two_teams
from tests.builders_teams import member


def with_one_more(reg: TeamRegister, name: str, place: float) -> TeamRegister:
    """Return the register with one more place in a team: somebody who lends a hand."""
    teams = [
        replace(one, members=(*one.members, member("援", place))) if one.id == name else one for one in reg.teams
    ]  # fmt: skip
    return replace(reg, teams=tuple(teams))


def price(done: Assignment, name: str) -> tuple[float, float]:
    """Return what a team's price says, and its dual."""
    [found] = [one for one in done.prices if one.team == name]
    return found.value, found.dual


def test_a_place_is_worth_the_best_case_that_waits() -> None:
    """One place, three cases of 30, 20 and 10 yuan: the next place is worth 20."""
    done = given(demand(3, value=[10, 30, 20]), two_teams(1.0), priced=True)

    assert price(done, "队0") == (20.0, 20.0)
    assert "约值 20.00 元" in done.prices[0].words(done.steps)[0]


def test_places_left_over_are_worth_nothing_more() -> None:
    """With room to spare another place changes nothing."""
    done = given(demand(1), two_teams(5.0), priced=True)

    assert price(done, "队0") == (0.0, 0.0)
    assert "今日无所增益" in done.prices[0].words(done.steps)[0]


def test_where_places_equal_demand_the_dual_is_told_from_the_gain() -> None:
    """Two cases, two places: one more is worth nothing, one less would cost 10, and the words say so."""
    done = given(demand(2, value=[10, 30]), two_teams(2.0), priced=True)
    value, dual = price(done, "队0")

    assert value == 0.0
    assert dual in (0.0, 10.0)
    if dual:
        assert "能力与需求恰好相等" in done.prices[0].words(done.steps)[0]


def test_a_place_that_serves_a_rank_is_not_told_in_yuan() -> None:
    """When a livelihood claim waits, one more place is one more such claim, not an amount of money."""
    done = given(demand(3, livelihood=[1, 1, 0], deadline=[TODAY] * 3, value=[1, 1, 1e6]), two_teams(1.0), priced=True)

    assert done.prices[0].more == (0, 1.0)
    assert "可多收“涉民生·当日到期或已逾期” 1 件" in done.prices[0].words(done.steps)[0]


@settings(max_examples=8, deadline=None)
@over(seed=st.integers(0, 10_000), tight=st.sampled_from([0.3, 0.6, 0.9]))
def test_the_price_is_what_a_real_place_brings(seed: int, tight: float) -> None:
    """Hiring somebody for one place and assigning again gains what the price said; the dual is never less."""
    cases, reg = random_day(30, teams=4, seed=seed, grouped=0.0, tight=tight)
    work = replace(reg.workloads[0], lanes=dict.fromkeys(Lane, 1.0), families={})
    plain = replace(reg, workloads=(work,))
    done = given(cases, plain, priced=True)
    for one in done.prices:
        again = given(cases, with_one_more(plain, one.team, one.place))
        gained = [again.proof.placed.get(rank, 0) - count for rank, count in done.proof.placed.items()]
        if one.more is not None:
            assert next(extra for extra in gained if extra) == one.more[1]
        else:
            assert not any(gained)
            assert again.proof.value - done.proof.value == pytest.approx(one.value, abs=1e-3)
            assert one.dual >= one.value - 1e-3


def test_teams_that_take_no_cases_have_no_price() -> None:
    """A team of the affairs section is not told what a place in it would be worth."""
    reg = two_teams(1.0, 1.0)
    idle = replace(reg.teams[1], lanes=frozenset())
    done = given(demand(3, value=np.arange(3.0)), replace(reg, teams=(reg.teams[0], idle)), priced=True)

    assert [one.team for one in done.prices] == ["队0"]
