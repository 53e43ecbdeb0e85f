"""From cases to a plan of teams: limits first, then the best plan, then evenness."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from features.known import Array
from models.assignment.demand import Demand, Rows
from models.assignment.eligibility import Eligible, eligible
from models.assignment.evenness import evened
from models.assignment.filling import NOWHERE, filled, seated
from models.assignment.program import Program, Solution
from models.assignment.solving import best_plan
from models.assignment.units import MILLI, Facts, units_of
from models.note import Note
from models.teams import Practice, TeamDay, Workload

SEARCHED_PAIRS, SEARCHED_UNITS = 150, 300
"""Up to this size a day whose relaxed plan cuts units is searched for the best whole plan; beyond, it is rounded."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Plan:
    """Which unit goes to which team.

    `team` (U,) has places in `days`, NOWHERE for a unit that waits; `relaxed`
    is the plan in which units may be cut (None where HiGHS failed: places were
    then filled in order of rank and worth), and `bound` what no plan exceeds,
    the best whole plan where it was searched for; `weight` (n,) in weighted units and `rank` (n,) are by case.
    """

    demand: Demand
    days: tuple[TeamDay, ...]
    weight: Array
    rank: Rows
    eligible: Eligible
    program: Program
    relaxed: Solution | None
    bound: Solution | None
    team: Rows
    before: Rows
    notes: tuple[Note, ...]


@dataclass(frozen=True, kw_only=True)
class Terms:
    """On what terms a day is planned: the weights of work, the court's practice, and the gain of a specialised team."""

    workload: Workload
    practice: Practice
    gain: float


def plan(demand: Demand, days: tuple[TeamDay, ...], terms: Terms, rank: Rows) -> Plan:
    """Return the best plan that keeps every limit, evened out between teams; `rank` (n,) as `demand.ranks` gives it."""
    weight = terms.workload.weights(demand.lane, demand.family)
    able = eligible(demand, days)
    facts = Facts(
        demand=demand,
        weight=thousandths(np.nan_to_num(weight)),
        rank=rank,
        value=demand.counted_value(),
        eligible=able,
    )
    units, notes = units_of(facts, thousandths([one.full for one in days]))
    last = 2 * len(terms.practice.urgent_days) + 1
    program = Program.of_units(units, thousandths([one.free for one in days]), gain=terms.gain, last=last)
    relaxed = best_plan(program)
    bound = _bound(program, relaxed)
    flows = np.zeros(program.pairs) if bound is None else bound.flows
    team = filled(units, program.capacity, seated(program, flows))
    before = thousandths([sum(one.load.today for one in day.members) for day in days])
    return Plan(
        demand=demand,
        days=days,
        weight=weight,
        rank=rank,
        eligible=able,
        program=program,
        relaxed=relaxed,
        bound=bound,
        team=evened(program, team, before),
        before=before,
        notes=notes,
    )


def thousandths(units: Array | list[float]) -> Rows:
    """Return weighted units as whole thousandths."""
    return np.asarray(np.round(np.asarray(units, dtype=np.float64) * MILLI), dtype=np.int64)


def value_of(program: Program, team: Rows) -> float:
    """Return what a plan is worth in yuan, as the program counts it."""
    here = np.flatnonzero(team != NOWHERE)
    units = program.units
    special = units.special[here, team[here]] * np.array([len(units.rows[i]) for i in here], dtype=np.float64)
    return float(units.value[here].sum() + program.gain_of_case * special.sum())


def placed_at(program: Program, team: Rows) -> dict[int, int]:
    """Return how many cases have a place at every rank before the last."""
    here = team != NOWHERE
    units = program.units
    ranks_here = np.unique(units.rank[units.rank < program.last]).tolist()
    return {rank: int(units.count[here & (units.rank == rank)].sum()) for rank in ranks_here}


def _bound(program: Program, relaxed: Solution | None) -> Solution | None:
    """Return the relaxed plan, or the best whole one where that cuts units and the day is small enough to search."""
    small = program.pairs <= SEARCHED_PAIRS and len(program.units) <= SEARCHED_UNITS
    if relaxed is None or relaxed.whole or not small:
        return relaxed
    return best_plan(program, whole=True) or relaxed
