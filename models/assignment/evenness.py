"""Evenness (均衡收案): teams that may take the same cases are filled in proportion to what each can take."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from features.known import Array
from models.assignment.demand import Rows
from models.assignment.filling import NOWHERE
from models.assignment.program import Program

_MOST_MOVES = 10_000


def filling(program: Program, team: Rows, before: Rows) -> Array:
    """Return the share of each team's places that is filled, NaN where it has none.

    `before` (teams,) is what each team was already given today, in
    thousandths, like the program's places; the share counts it on both sides.
    """
    load, whole = before + _loads(program, team), before + program.capacity
    return np.where(whole > 0, load / np.maximum(whole, 1), np.nan)


def evened(program: Program, team: Rows, before: Rows) -> Rows:
    """Return the teams of the same units, moved until no move makes the filling of teams more even.

    No unit loses its place, no place is exceeded, and nothing that a
    specialised team adds is given up. Where all units weigh the same the
    result is the most even one there is.
    """
    shifts = _Shifts.of_teams(program, team, before)
    for _ in range(_MOST_MOVES):
        if not shifts.improve():
            break
    return _reseated(program, team, shifts.counts)


def _loads(program: Program, team: Rows) -> Rows:
    here = team != NOWHERE
    loads = np.bincount(team[here], weights=program.units.weight[here], minlength=len(program.capacity))
    return np.asarray(np.round(loads), dtype=np.int64)


@dataclass
class _Shifts:
    """Units counted by class and team, `counts` (K, teams), and the moves between teams that leave all else alike.

    `open_to` (K, teams) says where a class may go without losing what
    specialisation adds; `load` and `whole` (teams,) are in thousandths.
    """

    counts: Rows
    weight: Rows
    gain: Array
    load: Rows
    whole: Rows

    @classmethod
    def of_teams(cls, program: Program, team: Rows, before: Rows) -> _Shifts:
        """Count the units where they sit."""
        classes, teams = len(program.size), len(program.capacity)
        here = team != NOWHERE
        counts = np.zeros((classes, teams), dtype=np.int64)
        np.add.at(counts, (program.of[here], team[here]), 1)
        gain = np.full((classes, teams), np.nan)
        gain[program.pair_class, program.pair_team] = program.gain
        return cls(counts, program.weight, gain, before + _loads(program, team), before + program.capacity)

    def improve(self) -> bool:
        """Make one move, along a chain of teams if need be; return whether there was one."""
        share = self.load / np.maximum(self.whole, 1)
        for weight in np.unique(self.weight[self.counts.sum(axis=1) > 0]):
            steps = self._steps(weight)
            for source in np.argsort(-share, kind="stable"):
                for chain in _chains(steps, int(source), order=np.argsort(share, kind="stable")):
                    amount = self._amount(chain, weight)
                    if amount:
                        self._move(chain, weight, amount)
                        return True
        return False

    def _steps(self, weight: int) -> Rows:
        """Return how many units of this weight may go from team to team, shape (teams, teams)."""
        rows = np.flatnonzero(self.weight == weight)
        same = self.gain[rows][:, :, None] == self.gain[rows][:, None, :]
        return np.asarray((self.counts[rows][:, :, None] * same).max(axis=0, initial=0))

    def _amount(self, chain: list[int], weight: int) -> int:
        """Return how many units to move from the first team of the chain to the last: as many as make both alike."""
        a, b = chain[0], chain[-1]
        if not self._better(a, b, weight):
            return 0
        ideal = (self.load[a] / self.whole[a] - self.load[b] / self.whole[b]) / (1 / self.whole[a] + 1 / self.whole[b])
        most = min(int(self._steps(weight)[s, t]) for s, t in pairwise(chain))
        return max(min(int(ideal // weight), most, int((self.whole[b] - self.load[b]) // weight)), 1)

    def _better(self, a: int, b: int, weight: int) -> bool:
        """Whether one unit moved from a to b makes the sum of squared loads for places smaller; exact, in integers."""
        if self.whole[b] - self.load[b] < weight:
            return False
        loss = (2 * self.load[a] - weight) * self.whole[b]
        return bool(loss > (2 * self.load[b] + weight) * self.whole[a])

    def _move(self, chain: list[int], weight: int, amount: int) -> None:
        for s, t in pairwise(chain):
            able = (self.weight == weight) & (self.gain[:, s] == self.gain[:, t]) & (self.counts[:, s] >= amount)
            row = int(np.flatnonzero(able)[0])
            self.counts[row, s] -= amount
            self.counts[row, t] += amount
        self.load[chain[0]] -= weight * amount
        self.load[chain[-1]] += weight * amount


def _chains(steps: Rows, source: int, *, order: Rows) -> list[list[int]]:
    """Return the shortest chain of possible moves from a team to each other one, in the order asked for."""
    came_from = {source: source}
    queue = deque([source])
    while queue:
        s = queue.popleft()
        for t in np.flatnonzero(steps[s]).tolist():
            if t not in came_from:
                came_from[t] = s
                queue.append(t)
    return [_back(came_from, int(t), source) for t in order if int(t) in came_from and t != source]


def _back(came_from: dict[int, int], end: int, source: int) -> list[int]:
    chain = [end]
    while chain[-1] != source:
        chain.append(came_from[chain[-1]])
    return chain[::-1]


def _reseated(program: Program, team: Rows, counts: Rows) -> Rows:
    """Return teams of units that agree with the counts; within a class the order of keys decides, not yet chance."""
    moved = team.copy()
    for of in range(len(program.size)):
        rows = np.flatnonzero((program.of == of) & (team != NOWHERE))
        moved[rows] = np.repeat(np.arange(counts.shape[1]), counts[of])
    return moved
