"""The program that places units into teams: alike units are counted together, and HiGHS solves it rank by rank."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from features.known import Array
from models.assignment.demand import Rows
from models.assignment.units import Units

_WHOLE = 1e-5
"""How far a number may be from a whole one and still be it; HiGHS itself is exact to 1e-7."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Program:
    """Units of one class are alike in weight, rank, count and the teams they may go to; only their worth differs.

    K classes, P pairs of a class and a team that may take it, U units. `size`
    (K,) units of a class; `weight` (K,) and `capacity` (teams,) in
    thousandths; `count` (K,) cases that count at the class's `rank`; `gain`
    (P,) what the team's specialisation adds for a unit, in yuan
    (`gain_of_case` for each of its cases). Ranks before `last` are served
    before any value is looked at.
    """

    units: Units
    of: Rows
    size: Rows
    weight: Rows
    rank: Rows
    count: Rows
    pair_class: Rows
    pair_team: Rows
    gain: Array
    capacity: Rows
    last: int
    gain_of_case: float

    @classmethod
    def of_units(cls, units: Units, capacity: Rows, *, gain: float, last: int) -> Program:
        """Return the program of these units and places; `gain` in yuan for each case in a specialised team.

        Places are rounded down to what the weights of a team can fill: half a
        case takes no place.
        """
        cases = np.array([len(rows) for rows in units.rows], dtype=np.int64)
        marks = np.column_stack([units.weight, units.rank, units.count, cases, units.allowed, units.special])
        first, of = np.unique(marks.astype(np.int64), axis=0, return_index=True, return_inverse=True)[1:]
        fits = units.allowed[first] & (units.weight[first][:, None] <= capacity)
        pair_class, pair_team = np.nonzero(fits)
        return cls(
            units=units,
            of=of.reshape(-1),
            size=np.bincount(of.reshape(-1), minlength=len(first)),
            weight=units.weight[first],
            rank=units.rank[first],
            count=units.count[first],
            pair_class=pair_class,
            pair_team=pair_team,
            gain=np.where(units.special[first][pair_class, pair_team], gain * cases[first][pair_class], 0.0),
            capacity=_fillable(capacity, units.weight[first][pair_class], pair_team),
            last=last,
            gain_of_case=gain,
        )

    def with_capacity(self, capacity: Rows) -> Program:
        """Return the program of the same units with other places."""
        return Program.of_units(self.units, capacity, gain=self.gain_of_case, last=self.last)

    @property
    def pairs(self) -> int:
        """The number of pairs."""
        return len(self.pair_class)


@dataclass(frozen=True, kw_only=True, eq=False)
class Solution:
    """How many units of each pair's class go to its team: `flows` (P,), whole numbers unless some unit is cut.

    `placed` holds for every rank before the last how many of its cases have a
    place, `value` what all places are worth in yuan; both are the most that
    is possible where the solution is relaxed. `price` (teams,) is what one
    more thousandth of a unit would be worth in yuan.
    """

    flows: Array
    placed: dict[int, int]
    value: float
    price: Array

    @property
    def whole(self) -> bool:
        """Whether no unit is cut."""
        return bool(np.all(np.abs(self.flows - np.round(self.flows)) < _WHOLE))


def first_to_last(units: Units) -> Rows:
    """Return the units in the order in which they are served: rank, worth for their weight, date, receipt, key."""
    worth = units.value / np.maximum(units.weight, 1)
    late = (np.nan_to_num(dates, nan=np.inf) for dates in (units.received, units.deadline))
    return np.asarray(np.lexsort((np.arange(len(units)), *late, -worth, units.rank)))


def _fillable(capacity: Rows, weight: Rows, team: Rows) -> Rows:
    """Round places down to a multiple of what all weights of the team have in common."""
    common = np.zeros(len(capacity), dtype=np.int64)
    np.gcd.at(common, team, weight)
    step = np.maximum(common, 1)
    return np.asarray(capacity // step * step)
