"""From a plan to cases: whole units are taken first, then every place that is left is offered in order of rank."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field

import numpy as np

from features.known import Array
from models.assignment.demand import Bools, Rows
from models.assignment.program import Program, first_to_last
from models.assignment.units import Units

NOWHERE = -1
"""Team of a unit that found no place."""

_SHIFTS = 300
"""Units for which others are moved in one round of offers, the first in order: where thousands wait, it is in vain."""

_NEVER = np.iinfo(np.int64).max


def seated(program: Program, flows: Array) -> Rows:
    """Return the team of each unit, shape (U,), as the plan has it; units that the plan cuts are left NOWHERE."""
    whole = np.floor(flows + 1e-5).astype(np.int64)
    order = first_to_last(program.units)
    order = order[np.argsort(program.of[order], kind="stable")]
    start = np.concatenate([[0], np.cumsum(program.size)[:-1]])
    team = np.full(len(program.units), NOWHERE, dtype=np.int64)
    for pair in np.flatnonzero(whole):
        of = program.pair_class[pair]
        taken = order[start[of] : start[of] + whole[pair]]
        team[taken] = program.pair_team[pair]
        start[of] += whole[pair]
    return team


def filled(units: Units, capacity: Rows, team: Rows) -> Rows:
    """Return the teams of units after every place left was offered, and after later ranks made room for earlier ones.

    When it ends, no unit waits that would fit into what its teams have left
    together with what they gave to later ranks.
    """
    seats = _Seats(units, capacity, team.copy())
    while seats.offer():
        pass
    return seats.team


@dataclass
class _Seats:
    """Who sits where while places are offered; `free` (teams,) and `by_rank` (ranks, teams) in thousandths.

    `links` (teams, teams) says between which teams some unit may move.
    """

    units: Units
    capacity: Rows
    team: Rows
    free: Rows = field(init=False)
    by_rank: Rows = field(init=False)
    place_of: Rows = field(init=False)
    links: Bools = field(init=False)

    def __post_init__(self) -> None:
        units, here = self.units, self.team != NOWHERE
        self.by_rank = np.zeros((int(units.rank.max(initial=0)) + 1, len(self.capacity)), dtype=np.int64)
        np.add.at(self.by_rank, (units.rank[here], self.team[here]), units.weight[here])
        self.free = self.capacity - self.by_rank.sum(axis=0)
        self.place_of = np.argsort(first_to_last(units))
        patterns = np.unique(units.allowed, axis=0)
        self.links = (patterns.T.astype(np.int64) @ patterns.astype(np.int64)) > 0

    def offer(self) -> bool:
        """Offer the places left once, in order; return whether anybody sat down."""
        waiting = [(int(self.place_of[unit]), int(unit)) for unit in np.flatnonzero(self.team == NOWHERE)]
        heapq.heapify(waiting)
        moved, tried = False, 0
        while waiting:
            _, unit = heapq.heappop(waiting)
            team = self._team_with(self.free, unit)
            if team == NOWHERE and tried < _SHIFTS:
                tried += 1
                team = self._shift(unit)
            if team == NOWHERE:
                team = self._team_with(self.free + self.by_rank[self.units.rank[unit] + 1 :].sum(axis=0), unit)
            if team == NOWHERE:
                continue
            for other in self._room(unit, team):
                heapq.heappush(waiting, (int(self.place_of[other]), other))
            self._sit(unit, team)
            moved = True
        return moved

    def _team_with(self, room: Rows, unit: int) -> int:
        """Return the team of which the room is just enough for a unit."""
        weight = self.units.weight[unit]
        fits = self.units.allowed[unit] & (room >= weight)
        return int(np.argmin(np.where(fits, room - weight, _NEVER))) if fits.any() else NOWHERE

    def _shift(self, unit: int) -> int:
        """Make room by moving one seated unit to another team, where all rooms together would be enough."""
        allowed, weight = np.flatnonzero(self.units.allowed[unit]), self.units.weight[unit]
        if self.free[self._reached(allowed)].sum() < weight:
            return NOWHERE
        for team in allowed[np.argsort(-self.free[allowed], kind="stable")].tolist():
            here = np.flatnonzero(self.team == team)
            large = here[self.units.weight[here] >= weight - self.free[team]]
            able = self.units.allowed[large] & (self.free >= self.units.weight[large][:, None])
            able[:, team] = False
            movable = np.flatnonzero(able.any(axis=1))
            if len(movable):
                row = movable[np.argmin(self.units.weight[large[movable]])]
                other = int(large[row])
                self._stand(other)
                self._sit(other, int(np.flatnonzero(able[row])[0]))
                return int(team)
        return NOWHERE

    def _reached(self, teams: Rows) -> Rows:
        """Return the teams to which units of these teams may go, themselves included."""
        return np.flatnonzero(self.links[teams].any(axis=0))

    def _room(self, unit: int, team: int) -> list[int]:
        """Make room for a unit: those of later ranks stand up, the last first, until it fits."""
        gone: list[int] = []
        if self.free[team] >= self.units.weight[unit]:
            return gone
        here = np.flatnonzero((self.team == team) & (self.units.rank > self.units.rank[unit]))
        for other in here[np.argsort(-self.place_of[here])].tolist():
            if self.free[team] >= self.units.weight[unit]:
                break
            self._stand(other)
            gone.append(other)
        return gone

    def _sit(self, unit: int, team: int) -> None:
        self.team[unit] = team
        self.free[team] -= self.units.weight[unit]
        self.by_rank[self.units.rank[unit], team] += self.units.weight[unit]

    def _stand(self, unit: int) -> None:
        team = self.team[unit]
        self.team[unit] = NOWHERE
        self.free[team] += self.units.weight[unit]
        self.by_rank[self.units.rank[unit], team] -= self.units.weight[unit]
