"""Assignment: our plan beside greedy, a dense one-to-one assignment and a dense integer program, in one run.

Run: python -m benchmarks.assignment [--large 20000]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, linear_sum_assignment, milp

from features.known import Array
from models.assignment import Day, Demand, assign
from models.assignment.eligibility import eligible
from models.lanes import Lane
from models.teams import Member, TeamDay, TeamRegister, capacity_on
from tests.builders_assignment import TODAY, demand, random_day
from tests.builders_teams import DAY, member, register, team

GAIN = 100.0
LIMIT = 60.0
"""Seconds that the dense integer program gets."""

URGENT = 1e7
"""What the dense ways add in yuan for each rank before the last: a weight that money can hardly reach."""


class Problem(NamedTuple):
    """A day as plain arrays: what each case is worth in each team (NaN: not allowed), its weight, and the places."""

    worth: Array
    weight: Array
    free: Array


def main() -> None:
    """Compare all ways on a small day, then time ours on a large one."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--small", type=int, default=1_500)
    parser.add_argument("--large", type=int, default=20_000)
    asked = parser.parse_args()
    print("places of one weight, no groups")
    compare(*even_day(asked.small, teams=20, seed=1))
    print("\nweights 0.5, 1 and 3, no groups")
    compare(*random_day(asked.small, teams=20, seed=1, grouped=0.0))
    print(f"\nours alone, {asked.large:,} cases and 20 teams")
    for name, (cases, reg) in large_days(asked.large).items():
        for priced in (False, True):
            start, used = time.perf_counter(), time.process_time()
            done = assign(cases, Day(on=DAY, register=reg, seed=1, loads={}, gain=GAIN, priced=priced))
            spent, used, proof = time.perf_counter() - start, time.process_time() - used, done.proof
            share = proof.value / proof.bound if proof.bound and proof.short is None else np.nan
            short = 0 if proof.short is None else proof.most[proof.short] - proof.placed[proof.short]
            print(
                f"{name:31s}prices {priced!s:6s}{spent:7.1f} s  processor {used:5.1f} s  "
                f"waiting {len(done.waiting):5d}  urgent short {short}  value / bound {share:.5f}"
            )


def large_days(n: int) -> dict[str, tuple[Demand, TeamRegister]]:
    """Return large days of several kinds."""
    cases, reg = even_day(n, teams=20, seed=2)
    same = demand(n, lane=Lane.FAST)
    alike = register(*[team(f"t{i:02d}", *_people(i, n / 25), lanes=(Lane.FAST,)) for i in range(20)])
    return {
        "one weight, all different": (cases, reg),
        "identical cases": (same, alike),
        "mixed weights": random_day(n, teams=20, seed=2, grouped=0.0),
        "mixed weights, half in groups": random_day(n, teams=20, seed=2, grouped=0.5),
        "all in groups, little room": random_day(n, teams=20, seed=2, grouped=1.0, tight=0.3),
    }


def even_day(n: int, *, teams: int, seed: int) -> tuple[Demand, TeamRegister]:
    """Return a random day on which every case weighs one unit."""
    cases, _ = random_day(n, teams=teams, seed=seed, grouped=0.0)
    kinds = [(Lane.URGE,), (Lane.FAST,), (Lane.COMPLEX,), (Lane.FAST, Lane.COMPLEX)]
    made = [team(f"t{i:02d}", *_people(i, n * 0.6 / teams), lanes=kinds[i % 4]) for i in range(teams)]
    return cases, register(*made)


def _people(team_number: int, places: float) -> list[Member]:
    return [member(f"m{team_number:02d}{j}", float(round(places / 3))) for j in range(3)]


def compare(cases: Demand, reg: TeamRegister) -> None:
    """Print what every way places and how long it takes, as ratios to ours."""
    cases = cases.sorted()
    days = capacity_on(reg, DAY)
    problem = _plain(cases, reg, days)
    ways: dict[str, Callable[[], Array]] = {
        "ours": lambda: _ours(cases, reg, days),
        "greedy by worth": lambda: _greedy(problem),
        "dense linear_sum_assignment": lambda: _dense(problem),
        f"dense milp, {LIMIT:.0f} s at most": lambda: _milp(problem),
    }
    print(f"{len(cases):,} cases, {len(days)} teams; livelihood and urgent dates count {URGENT:,.0f} yuan a rank more")
    print(
        f"{'way':32s}{'seconds':>9s}{'x ours':>8s}{'placed':>8s}{'urgent':>8s}{'worth/ours':>12s}{'over places':>13s}"
    )
    first: tuple[float, float] | None = None
    for name, way in ways.items():
        start = time.perf_counter()
        teams = way()
        spent = time.perf_counter() - start
        urgent, worth = _told(problem, teams)
        first = first or (spent, worth)
        figures = (f"{spent:.2f}", f"{spent / first[0]:.1f}", f"{(teams >= 0).sum()}", f"{urgent}")
        ratio, over = f"{worth / first[1]:.5f}", f"{_over(problem, teams):.1f}"
        print(name.ljust(32) + "".join(cell.rjust(12) for cell in (*figures, ratio, over)))


def _plain(cases: Demand, reg: TeamRegister, days: tuple[TeamDay, ...]) -> Problem:
    """Write the day as arrays; ranks become weights, because the dense ways know nothing else."""
    able = eligible(cases, days)
    left = np.nan_to_num(cases.deadline - TODAY, nan=np.inf)
    rank = np.searchsorted([0, 3, 7], left) + np.where(cases.livelihood, 0, 4)
    worth = cases.counted_value()[:, None] + GAIN * able.special + (URGENT * (7 - rank))[:, None]
    return Problem(
        worth=np.where(able.allowed, worth, np.nan),
        weight=reg.workloads[0].weights(cases.lane, cases.family),
        free=np.array([one.free for one in days]),
    )


def _ours(cases: Demand, reg: TeamRegister, days: tuple[TeamDay, ...]) -> Array:
    done = assign(cases, Day(on=DAY, register=reg, seed=1, loads={}, gain=GAIN, priced=False))
    place = {one.team.id: i for i, one in enumerate(days)}
    return np.array([-1 if name is None else place[name] for name in done.team])


def _greedy(problem: Problem) -> Array:
    """Give the most worthy case for its weight the first team that has room, and so on."""
    free, teams = problem.free.copy(), np.full(len(problem.weight), -1)
    best = np.nanmax(np.where(np.isnan(problem.worth), -np.inf, problem.worth), axis=1) / problem.weight
    for case in np.argsort(-best):
        room = np.flatnonzero(~np.isnan(problem.worth[case]) & (free >= problem.weight[case]))
        if len(room):
            teams[case] = room[0]
            free[room[0]] -= problem.weight[case]
    return teams


def _dense(problem: Problem) -> Array:
    """Make a column of every place, one case each: exact where every case weighs one, blind to weights otherwise."""
    places = np.floor(problem.free / np.median(problem.weight)).astype(int)
    team = np.repeat(np.arange(len(places)), places)
    cost = np.where(np.isnan(problem.worth), 0.0, -problem.worth)[:, team]
    rows, columns = linear_sum_assignment(cost)
    teams = np.full(len(problem.weight), -1)
    allowed = ~np.isnan(problem.worth[rows, team[columns]])
    teams[rows[allowed]] = team[columns[allowed]]
    return teams


def _milp(problem: Problem) -> Array:
    """One yes or no for each case and team."""
    n, t = problem.worth.shape
    allowed = ~np.isnan(problem.worth)
    cells = np.arange(n * t)
    one = sparse.csr_array((np.ones(n * t), (cells // t, cells)))
    load = sparse.csr_array((np.repeat(problem.weight, t), (cells % t, cells)))
    found = milp(
        -np.nan_to_num(problem.worth).ravel(),
        constraints=[LinearConstraint(one, -np.inf, 1.0), LinearConstraint(load, -np.inf, problem.free)],
        integrality=np.ones(n * t),
        bounds=Bounds(0.0, allowed.ravel().astype(float)),
        options={"time_limit": LIMIT},
    )
    if found.x is None:
        return np.full(n, -1)
    chosen = np.round(found.x).reshape(n, t)
    return np.where(chosen.any(axis=1), chosen.argmax(axis=1), -1)


def _told(problem: Problem, teams: Array) -> tuple[int, float]:
    """Return how many urgent cases are placed, and what all placed are worth in yuan without their ranks."""
    here = np.flatnonzero(teams >= 0)
    worth = problem.worth[here, teams[here]]
    return int((worth >= URGENT).sum()), float((worth % URGENT).sum())


def _over(problem: Problem, teams: Array) -> float:
    """Return by how many weighted units teams got more than they can take."""
    here = teams >= 0
    load = np.bincount(teams[here], weights=problem.weight[here], minlength=len(problem.free))
    return float(np.maximum(load - problem.free, 0.0).sum())


if __name__ == "__main__":
    main()
