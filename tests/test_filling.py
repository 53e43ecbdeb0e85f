"""Filling: every place left is offered in order of rank, later ranks make room, and what is enough is enough."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.assignment.demand import ranks
from models.assignment.filling import NOWHERE, filled
from models.assignment.planning import Plan, Terms, plan
from models.assignment.program import Program
from models.assignment.shortage import shortage_of
from models.assignment.units import Units
from models.teams import capacity_on
from tests.builders_assignment import random_day
from tests.builders_teams import DAY


def units(weight: list[int], rank: list[int], allowed: list[list[int]]) -> Units:
    """Return single cases with these weights, ranks and teams, in thousandths, all of one worth."""
    n = len(weight)
    return Units(
        keys=tuple(f"申{i}" for i in range(n)),
        rows=tuple(np.array([i]) for i in range(n)),
        weight=np.array(weight),
        rank=np.array(rank),
        count=np.ones(n, dtype=np.int64),
        value=np.ones(n),
        deadline=np.full(n, np.nan),
        received=np.full(n, np.nan),
        allowed=np.array(allowed, dtype=bool),
        special=np.zeros((n, len(allowed[0])), dtype=bool),
    )


def test_a_later_rank_stands_up_for_an_earlier_one() -> None:
    """Two light cases of a later rank hold the only places; the heavy urgent one gets them."""
    asked = units([2000, 1000, 1000], [0, 7, 7], [[1]] * 3)

    assert filled(asked, np.array([2000]), np.array([NOWHERE, 0, 0])).tolist() == [0, NOWHERE, NOWHERE]


def test_one_moves_to_the_team_beside_so_that_nobody_has_to_wait() -> None:
    """The case that may go to both teams makes room for the one that may not."""
    asked = units([1000, 1000, 1000], [0, 7, 7], [[1, 0], [1, 1], [1, 0]])

    assert filled(asked, np.array([2000, 1000]), np.array([NOWHERE, 0, 0])).tolist() == [0, 1, 0]


def test_nobody_stands_up_for_an_equal_rank() -> None:
    """A case of the same rank keeps its place, whatever waits."""
    asked = units([1000, 1000], [3, 3], [[1]] * 2)

    assert filled(asked, np.array([1000]), np.array([NOWHERE, 0])).tolist() == [NOWHERE, 0]


def planned(n: int, seed: int, *, grouped: float, tight: float) -> Plan:
    """Return the plan of a random day."""
    cases, reg = random_day(n, teams=7, seed=seed, grouped=grouped, tight=tight)
    cases, steps = cases.sorted(), reg.practice.urgent_days
    terms = Terms(workload=reg.workloads[0], practice=reg.practice, gain=10.0)
    return plan(cases, capacity_on(reg, DAY), terms, ranks(cases, DAY, steps))


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 999), grouped=st.sampled_from([0.0, 0.6, 1.0]), tight=st.sampled_from([0.2, 0.7]))
def test_what_is_called_enough_lets_everybody_in(seed: int, grouped: float, tight: float) -> None:
    """With the places that the note names added, nobody waits; with none missing, none is named."""
    one = planned(80, seed, grouped=grouped, tight=tight)
    missing = shortage_of(one.program, one.team)
    richer = filled(one.program.units, one.program.capacity + missing.enough, one.team)

    assert not (richer == NOWHERE).any()
    assert (missing.enough >= missing.least).all()
    assert missing.enough.any() == (one.team == NOWHERE).any()


@pytest.mark.parametrize("grouped", [0.0, 0.7])
def test_a_large_day_is_rounded_close_to_its_bound(grouped: float) -> None:
    """Beyond the size that is searched, all urgent ranks reach the bound or say where not, and value comes near it."""
    one = planned(1500, 4, grouped=grouped, tight=0.6)
    program: Program = one.program
    load = np.bincount(one.team[one.team >= 0], weights=program.units.weight[one.team >= 0], minlength=7)

    assert len(program.units) > 300
    assert (load <= program.capacity).all()
    assert one.bound is not None
    worth = program.units.value[one.team >= 0].sum()
    assert worth >= 0.98 * one.bound.value
