"""Reading the team register from TOML or JSON: strictly, and with every fault named at once."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from datetime import date
from pathlib import Path
from types import MappingProxyType

from features.causes import FAMILIES
from models.lanes import Lane
from models.strict_table import Reading, Table
from models.teams.register import (
    LANES_OF_ROLE,
    Absence,
    Evenly,
    Member,
    Part,
    Practice,
    Role,
    Team,
    TeamRegister,
    Workload,
)

FORMAT = "fenliu-teams/1"
MOST = 100_000.0
"""No person and no team takes more weighted units than this in a week; a larger figure is a slip of the pen."""

_YEAR = 366
_LANES = (Lane.URGE, Lane.FAST, Lane.COMPLEX)
_TOP = frozenset({"format", "court", "version", "practice", "workload", "team", "absence"})
_SPAN = frozenset({"from", "until"})
_LIMITS = frozenset({"per_day", "per_week"})
_TEAM = (
    _SPAN
    | _LIMITS
    | {"id", "name", "role", "lanes", "families", "livelihood", "exclusive", "pool", "member", "answers_to"}
)  # fmt: skip
_MEMBER = _SPAN | _LIMITS | {"id", "name"}
_ABSENCE = frozenset({"member", "first", "last", "part"})
_WORKLOAD = _SPAN | {"version", "lanes", "families"}


def read_teams(path: Path) -> TeamRegister:
    """Return the register of a file; `.json` is read as JSON, everything else as TOML.

    Raises
    ------
    SettingsError
        An unknown key, a missing or wrong value, an id that is there twice,
        a member counted twice on one day, an absence of nobody, weights of
        work that overlap;
        it carries every fault, with its place.
    """
    return teams_of(path.read_text(encoding="utf-8"), name=path.name)


def teams_of(text: str, *, name: str = "teams.toml") -> TeamRegister:
    """Return the register of a text, JSON where the name says so; as `read_teams`."""
    reading = Reading(name)
    top = reading.document(text)
    reading.format(top, FORMAT)
    reading.only("-", top, _TOP)
    register = TeamRegister(
        court=reading.text("-", top, "court"),
        version=reading.text("-", top, "version"),
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        workloads=tuple(_workload(reading, row) for row in reading.tables("-", top, "workload")),
        teams=tuple(_team(reading, row) for row in reading.tables("-", top, "team")),
        absences=tuple(_absence(reading, i, row) for i, row in enumerate(reading.tables("-", top, "absence"), 1)),
        practice=_practice(reading, reading.table("-", top, "practice")),
    )
    _together(reading, register)
    reading.check()
    return register


def _practice(reading: Reading, row: Table) -> Practice:
    usual = Practice()
    reading.only("practice", row, frozenset({"urgent_days", "evenly_by"}))
    days = row.get("urgent_days", list(usual.urgent_days))
    sound = isinstance(days, list) and all(type(one) is int and 0 <= one <= _YEAR for one in days)
    if not sound or list(days) != sorted(set(days)):
        zh = f"'urgent_days' 应为 0 至 {_YEAR} 之间递增的整数日数，实为 {days!r}"
        reading.fault("practice", zh, f"'urgent_days' takes growing whole days up to {_YEAR}, got {days!r}")
        days = usual.urgent_days
    evenly = reading.choice("practice", row, "evenly_by", Evenly) if "evenly_by" in row else usual.evenly_by
    return Practice(urgent_days=tuple(days), evenly_by=evenly or usual.evenly_by)


def _workload(reading: Reading, row: Table) -> Workload:
    version = reading.text("workload", row, "version")
    place = f"workload {version}"
    reading.only(place, row, _WORKLOAD)
    first, until = reading.span(place, row)
    lanes, families = reading.table(place, row, "lanes"), reading.table(place, row, "families")
    reading.only(f"{place} lanes", lanes, frozenset(_LANES))
    reading.only(f"{place} families", families, frozenset(FAMILIES))
    return Workload(
        in_force_from=first,
        until=until,
        version=version,
        lanes=MappingProxyType({lane: _weight(reading, f"{place} lanes", lanes, str(lane)) for lane in _LANES}),
        families=MappingProxyType({name: _weight(reading, f"{place} families", families, name) for name in families}),
    )


def _weight(reading: Reading, place: str, row: Table, key: str) -> float:
    return reading.number(place, row, key, least=0.01, most=100.0)


def _team(reading: Reading, row: Table) -> Team:
    name = reading.text("team", row, "id")
    place = f"team {name}"
    reading.only(place, row, _TEAM)
    first, until = reading.span(place, row)
    role = reading.choice(place, row, "role", Role)
    lanes = reading.codes(place, row, "lanes", _LANES) if "lanes" in row else None
    usual = LANES_OF_ROLE.get(role, frozenset()) if role else frozenset()
    team = Team(
        in_force_from=first,
        until=until,
        id=name,
        name=reading.text(place, row, "name"),
        role=role or Role.ENFORCEMENT,
        lanes=usual if lanes is None else frozenset(Lane(one) for one in lanes),
        families=frozenset(reading.codes(place, row, "families", FAMILIES)),
        livelihood=reading.flag(place, row, "livelihood", default=False),
        exclusive=reading.flag(place, row, "exclusive", default=False),
        pool=reading.flag(place, row, "pool", default=False),
        per_day=_limit(reading, place, row, "per_day"),
        per_week=_limit(reading, place, row, "per_week"),
        members=tuple(
            _member(reading, f"{place} member {i}", one)
            for i, one in enumerate(reading.tables(place, row, "member"), 1)
        ),
        answers_to=reading.texts(place, row, "answers_to"),
    )
    if (team.exclusive or team.pool) and not team.specialised:
        reading.fault(
            place,
            "exclusive 或 pool 须先以 families 或 livelihood 写明专办什么",
            "exclusive and pool need families or livelihood to say in what the team is specialised",
        )
    return team


def _member(reading: Reading, place: str, row: Table) -> Member:
    reading.only(place, row, _MEMBER)
    first, until = reading.span(place, row, default=date.min)
    return Member(
        in_force_from=first,
        until=until,
        id=reading.text(place, row, "id"),
        name=reading.text(place, row, "name", default=""),
        per_day=reading.number(place, row, "per_day", least=0.0, most=MOST),
        per_week=_limit(reading, place, row, "per_week"),
    )


def _limit(reading: Reading, place: str, row: Table, key: str) -> float:
    """Return a limit, infinite where none is set."""
    return reading.number(place, row, key, least=0.0, most=MOST) if key in row else math.inf


def _absence(reading: Reading, number: int, row: Table) -> Absence:
    place = f"absence {number}"
    reading.only(place, row, _ABSENCE)
    first, last = reading.day(place, row, "first"), reading.day(place, row, "last")
    if last < first:
        reading.fault(place, f"last {last} 早于 first {first}", f"last {last} is before first {first}")
    part = reading.choice(place, row, "part", Part) if "part" in row else Part.DAY
    return Absence(member=reading.text(place, row, "member"), first=first, last=last, part=part or Part.DAY)


def _together(reading: Reading, register: TeamRegister) -> None:
    """Note what only shows when the parts are seen together."""
    for name, count in Counter(team.id for team in register.teams).items():
        if count > 1:
            reading.fault(f"team {name}", f"编号出现 {count} 次", f"the id stands there {count} times")
    _members_once(reading, register)
    known = {member.id for team in register.teams for member in team.members}
    for number, absence in enumerate(register.absences, 1):
        if absence.member not in known:
            reading.fault(f"absence {number}", "没有这个编号的成员", "no member has this id")
    _workloads_apart(reading, register)


def _members_once(reading: Reading, register: TeamRegister) -> None:
    """Note a member who would be counted twice on the same day; moving from one team to another is no fault."""
    seen: dict[str, list[tuple[Team, Member]]] = {}
    for team in register.teams:
        for number, member in enumerate(team.members, 1):
            for other_team, other in seen.get(member.id, []):
                if member.overlaps(other) and team.overlaps(other_team):
                    zh = f"与团队 {other_team.id} 的一名成员编号相同且在任期间重叠"
                    en = f"a member of team {other_team.id} has the same id at the same time"
                    reading.fault(f"team {team.id} member {number}", zh, en)
            seen.setdefault(member.id, []).append((team, member))


def _workloads_apart(reading: Reading, register: TeamRegister) -> None:
    if not register.workloads:
        reading.fault("-", "缺少 [[workload]]（折算工作量）", "[[workload]], the weights of work, is missing")
    for i, one in enumerate(register.workloads):
        for other in register.workloads[:i]:
            if one.overlaps(other):
                zh = f"与 {other.version} 的施行期间重叠"
                reading.fault(f"workload {one.version}", zh, f"in force at the same time as {other.version}")
