"""What each team can take on one day: its members who are there, less what they were already given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from models.teams.register import Member, Part, Team, TeamRegister

NOTHING_YET: Mapping[str, Load] = MappingProxyType({})


@dataclass(frozen=True, kw_only=True)
class Load:
    """What a member was already given, in weighted units: today, this week, and all that is on hand."""

    today: float = 0.0
    week: float = 0.0
    on_hand: float = 0.0


@dataclass(frozen=True, kw_only=True)
class MemberDay:
    """A member on one day, in weighted units.

    `full` is a day without absence, `present` what is left of it by absence,
    `free` what may still be given today; `load` what was given before.
    """

    id: str
    full: float
    present: float
    free: float
    load: Load


@dataclass(frozen=True, kw_only=True)
class TeamDay:
    """A team on one day, in weighted units: `full` without absences, `free` what it may still be given today."""

    team: Team
    members: tuple[MemberDay, ...]
    full: float
    free: float

    @property
    def present(self) -> tuple[MemberDay, ...]:
        """The members who can be given something today."""
        return tuple(one for one in self.members if one.free > 0.0)


def capacity_on(register: TeamRegister, day: date, loads: Mapping[str, Load] = NOTHING_YET) -> tuple[TeamDay, ...]:
    """Return every team of the day with what it can still take; `loads` by member id.

    A member takes at most the daily limit times the half days present, and at
    most what is left of the week; a team at most the sum of its members and
    at most its own limits.
    """
    return tuple(_team(register, team, day, loads) for team in register.teams_on(day))


def _team(register: TeamRegister, team: Team, day: date, loads: Mapping[str, Load]) -> TeamDay:
    there = sorted((one for one in team.members if one.holds(day)), key=lambda one: one.id)
    members = tuple(_member(register, one, day, loads.get(one.id, Load())) for one in there)
    today, week = (sum(getattr(one.load, name) for one in members) for name in ("today", "week"))
    limits = (sum(one.free for one in members), team.per_day - today, team.per_week - week)
    return TeamDay(
        team=team,
        members=members,
        full=min(sum(one.full for one in members), team.per_day, team.per_week),
        free=max(min(limits), 0.0),
    )


def _member(register: TeamRegister, member: Member, day: date, load: Load) -> MemberDay:
    lost: set[Part] = set().union(*(one.parts_on(day) for one in register.absences if one.member == member.id))
    present = member.per_day * (1.0 - len(lost) / 2.0)
    free = max(min(present - load.today, member.per_week - load.week), 0.0)
    return MemberDay(id=member.id, full=min(member.per_day, member.per_week), present=present, free=free, load=load)
