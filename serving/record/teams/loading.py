"""What each team has on hand and can still take, as a court's register of teams and its cases tell it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from features.causes import FAMILIES
from features.clock import days_of
from models.lanes import Lane
from models.teams import Room, Team, TeamRegister, Workload, capacity_on, room_of
from serving.access.origin import Origin
from serving.access.roles import Role
from serving.record.court_settings import CourtSettings
from serving.record.indicators.looking import Looking
from serving.repositories.teams.assignments import AssignmentStore
from serving.repositories.teams.on_hand import Heap, OnHandStore


@dataclass(frozen=True, kw_only=True)
class Load:
    """One team: cases open, new since Monday, due within seven days and overdue; weighted units; its room.

    `present` are its members who are there today, `takes` how many more cases
    it could take at least within seven days (None: no limits are set).
    `members` are None for everybody but its lead.
    """

    team: Team
    cases: int
    new: int
    due: int
    overdue: int
    units: float
    present: int
    many: int
    room: Room
    takes: int | None
    members: tuple[str, ...] | None

    @property
    def per_person(self) -> float:
        """Weighted units a member who is there today; NaN without one."""
        return self.units / self.present if self.present else math.nan


@dataclass(frozen=True, kw_only=True)
class Loads:
    """All teams of a court in the order of their names, and decided cases that have none."""

    court: str
    courts: Sequence[str]
    loads: tuple[Load, ...]
    register: TeamRegister | None
    weights: Workload | None
    waiting: int
    waiting_cases: Sequence[Mapping[str, Any]]
    read_at: str | None
    at: datetime


@dataclass(frozen=True)
class Loading:
    """The use case with its collaborators."""

    records: OnHandStore
    assignments: AssignmentStore
    settings: CourtSettings
    looking: Looking
    clock: Callable[[], datetime]

    def open(self, court: str, *, origin: Origin, listed: bool = False) -> Loads:
        """Return the loads of a court, or of the reader's first one; `listed` with the cases that have no team.

        Raises
        ------
        ProblemError
            NOT_FOUND for another court.
        """
        at, court = self.clock(), self.looking.court_of(court, origin)
        register = self.settings.of(court).teams
        waiting, cases = self.cases(court, None, origin=origin) if listed else (self.records.waiting(court), ())
        return Loads(
            court=court,
            courts=self.looking.courts(origin),
            loads=() if register is None else self._loads(court, register, at.date(), origin),
            register=register,
            weights=None if register is None else register.workload_on(at.date()),
            waiting=waiting,
            waiting_cases=cases,
            read_at=self.looking.figures.read_at(),
            at=at,
        )

    def cases(self, court: str, team: str | None, *, origin: Origin) -> tuple[int, Sequence[Mapping[str, Any]]]:
        """Return how many decided open cases a team has, or nobody, and the first of them; the look is on record."""
        count, cases = self.records.cases(court, team)
        self.assignments.note_list(court, team, rows=len(cases), by=(origin, self.clock()))
        return count, cases

    def _loads(self, court: str, register: TeamRegister, today: date, origin: Origin) -> tuple[Load, ...]:
        teams = register.teams_on(today)
        monday = days_of(today - timedelta(days=today.weekday()))
        heaps = self.records.heaps(court, [team.id for team in teams], monday=monday, today=days_of(today))
        weights = register.workload_on(today)
        present = {one.team.id: len(one.present) for one in capacity_on(register, today)}
        found = [
            _load(register, team, [one for one in heaps if one.team == team.id], (weights, today), present[team.id])
            for team in sorted(teams, key=_by_name)
        ]
        return tuple(_with_members(one, origin, today) for one in found)


def _load(
    register: TeamRegister, team: Team, heaps: Sequence[Heap], known: tuple[Workload | None, date], present: int
) -> Load:
    weights, today = known
    given = sum(one.new * _weight(weights, one.lane, one.family) for one in heaps)
    room = room_of(register, team, today, given=given)
    return Load(
        team=team,
        cases=sum(one.cases for one in heaps),
        new=sum(one.new for one in heaps),
        due=sum(one.due for one in heaps),
        overdue=sum(one.overdue for one in heaps),
        units=sum(one.cases * _weight(weights, one.lane, one.family) for one in heaps),
        present=present,
        many=sum(member.holds(today) for member in team.members),
        room=room,
        takes=_takes(team, weights, room),
        members=None,
    )


def _with_members(load: Load, origin: Origin, today: date) -> Load:
    """Return the load with the names of accounts, for the lead of that team alone."""
    ids = tuple(sorted(member.id for member in load.team.members if member.holds(today)))
    leads = Role.TEAM_LEAD in origin.by.roles and origin.by.id in ids
    return Load(**{**vars(load), "members": ids if leads else None})


def _weight(weights: Workload | None, lane: str | None, family: int | None) -> float:
    """Return the weighted units of a case; what was decided without a lane weighs as the complex ones do."""
    if weights is None:
        return 1.0
    of_lane = weights.lanes[Lane(lane) if lane in {"urge", "fast"} else Lane.COMPLEX]
    return of_lane * (1.0 if family is None else weights.families.get(FAMILIES[family], 1.0))


def _takes(team: Team, weights: Workload | None, room: Room) -> int | None:
    """Return how many cases fit in, were all of them of the heaviest lane that the team takes."""
    if not team.members or math.isinf(room.left):
        return None
    heaviest = max((_weight(weights, lane.value, None) for lane in team.lanes), default=1.0)
    return int(room.left // heaviest)


def _by_name(team: Team) -> bytes:
    """Return a key by which Chinese names stand in the order of their sounds, as in a register."""
    return team.name.encode("gb18030")
