"""Which team may take which case: lane, specialisation, recusal and earlier cases, as limits that no value can buy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from features.causes import FAMILIES
from models.assignment.demand import Bools, Demand
from models.lanes import LANES
from models.teams import Team, TeamDay


class Reason(StrEnum):
    """Why a case found no team today."""

    NO_LANE = "no_lane"
    NO_TEAM = "no_team"
    RECUSED = "recused"
    ABSENT = "absent"
    GROUP_TOO_LARGE = "group_too_large"
    NO_PLACE = "no_place"


REASON_WORDS: dict[Reason, tuple[str, str]] = {
    Reason.NO_LANE: ("尚未确定程序，先由法官或窗口处理", "no lane is decided yet; judge or counter first"),
    Reason.NO_TEAM: ("没有办理该程序、该类案件的团队", "no team takes this lane and kind of case"),
    Reason.RECUSED: ("可办团队的成员均须回避", "every member of the teams that could take it is recused"),
    Reason.ABSENT: ("可办团队今日无人可收案", "nobody of the teams that could take it can take a case today"),
    Reason.GROUP_TOO_LARGE: ("本组大于任一可办团队今日可收工作量", "the group is larger than any team can take today"),
    Reason.NO_PLACE: ("今日名额已满", "no place was left today"),
}


@dataclass(frozen=True, kw_only=True, eq=False)
class Eligible:
    """What teams may take n cases, arrays of shape (n, teams).

    `allowed` holds for the team as it is staffed today, `known` for the team
    as such; `special` where the team is specialised in the case.
    """

    allowed: Bools
    known: Bools
    special: Bools

    def reason(self, row: int, demand: Demand) -> Reason:
        """Return why nobody can take the case, whatever the places left."""
        if not demand.routed[row]:
            return Reason.NO_LANE
        if not self.known[row].any():
            return Reason.NO_TEAM
        return Reason.RECUSED if demand.recused[row] else Reason.ABSENT


def eligible(demand: Demand, days: Sequence[TeamDay]) -> Eligible:
    """Return who may take what.

    Where a team that takes the lane is the pool for a kind of case, that kind
    goes to pools only. A rule of the court that points to a team goes before
    both, where such a team takes the lane. An earlier case of the debtor binds
    to its team as long as that team exists and may take the case. A team of which every present
    member is recused, or nobody is present, cannot take the case today.
    """
    n, teams = len(demand), [one.team for one in days]
    special = np.column_stack([_special(demand, team) for team in teams]) if teams else np.zeros((n, 0), dtype=bool)
    lanes = np.array([[lane in team.lanes for team in teams] for lane in LANES] + [[False] * len(teams)], dtype=bool)
    known = lanes[demand.lane].reshape(n, len(teams)) & demand.routed[:, None]
    led: Bools = known & led_to(demand, teams)
    known &= special | ~np.array([team.exclusive for team in teams], dtype=bool)
    pools: Bools = known & special & np.array([team.pool for team in teams], dtype=bool)
    known = _narrowed(_narrowed(known, pools), led)
    known = _bound(demand, teams, known)
    allowed = known & np.array([one.free > 0.0 for one in days], dtype=bool)
    for row in [i for i, names in enumerate(demand.recused) if names]:
        allowed[row] &= [any(one.id not in demand.recused[row] for one in day.present) for day in days]
    return Eligible(allowed=allowed, known=known, special=special)


def _narrowed(known: Bools, some: Bools) -> Bools:
    """Return the narrower choice of teams for every case that it leaves one."""
    return np.where(some.any(axis=1, keepdims=True), some, known)


def _special(demand: Demand, team: Team) -> Bools:
    """Return the cases in which the team is specialised."""
    places = [FAMILIES.index(name) for name in sorted(team.families)]
    return np.isin(demand.family, places) | (demand.livelihood & team.livelihood)


def led_to(demand: Demand, teams: Sequence[Team]) -> Bools:
    """Return the cases that rules of the court point to each team, by its id or the codes that it answers to."""
    found = np.zeros((len(demand), len(teams)), dtype=bool)
    for row in [i for i, codes in enumerate(demand.led) if codes]:
        found[row] = [not demand.led[row].isdisjoint({team.id, *team.answers_to}) for team in teams]
    return found


def _bound(demand: Demand, teams: Sequence[Team], known: Bools) -> Bools:
    """Keep a debtor's new case with the team that has the earlier one, where that team may take it at all."""
    kept = known.copy()
    place = {team.id: i for i, team in enumerate(teams)}
    for row in [i for i, name in enumerate(demand.bound) if name in place]:
        team = place[str(demand.bound[row])]
        if known[row, team]:
            kept[row] = False
            kept[row, team] = True
    return kept
