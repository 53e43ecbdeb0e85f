"""Builders for teams: a register in memory or as the file a court writes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from models.lanes import Lane
from models.teams import Absence, Member, Part, Practice, Role, Team, TeamRegister, Workload

DAY = date(2026, 11, 26)
WEIGHTS = {Lane.URGE: 1.0, Lane.FAST: 1.0, Lane.COMPLEX: 1.0}

HEAD = """
format = "fenliu-teams/1"
court = "浙1022"
version = "2026-11"

[[workload]]
version = "2026-09"
from = 2026-01-01
[workload.lanes]
urge = 0.5
fast = 1
complex = 3
"""
"""How the file of a court begins: format, court, version and weights of the lanes."""

FILE = (
    HEAD
    + """
[[team]]
id = "kz1"
name = "快执团队"
role = "fast"
from = 2026-01-01

[[team.member]]
id = "1001"
name = "李某"
per_day = 4
per_week = 15

[[team.member]]
id = "1002"
per_day = 4

[[absence]]
member = "1002"
first = 2026-11-26
last = 2026-11-26
part = "pm"
"""
)


def member(name: str, per_day: float = 5.0, **changed: object) -> Member:
    """Return a member who is always there."""
    usual: dict[str, object] = {
        "id": name, "name": "", "per_day": per_day, "per_week": math.inf, "in_force_from": date.min, "until": None,
    }  # fmt: skip
    return Member(**{**usual, **changed})  # type: ignore[arg-type]


def team(name: str, *members: Member, lanes: Sequence[Lane] = (Lane.FAST,), **changed: object) -> Team:
    """Return a team of the fast lane that is specialised in nothing."""
    usual: dict[str, object] = {
        "id": name, "name": f"{name} 团队", "role": Role.FAST, "lanes": frozenset(lanes), "families": frozenset(),
        "livelihood": False, "exclusive": False, "pool": False, "per_day": math.inf, "per_week": math.inf,
        "members": members, "in_force_from": date.min, "until": None,
    }  # fmt: skip
    return Team(**{**usual, **changed})  # type: ignore[arg-type]


def away(name: str, first: date = DAY, last: date = DAY, part: Part = Part.DAY) -> Absence:
    """Return an absence, of the usual day by default."""
    return Absence(member=name, first=first, last=last, part=part)


def register(
    *teams: Team,
    absences: Sequence[Absence] = (),
    weights: dict[Lane, float] | None = None,
    practice: Practice | None = None,
    **families: float,
) -> TeamRegister:
    """Return a register in which every case weighs one unit unless `weights` and `families` say otherwise."""
    workload = Workload(
        version="1", lanes=weights or WEIGHTS, families=families, in_force_from=date.min, until=None
    )  # fmt: skip
    return TeamRegister(
        court="浙1022",
        version="1",
        sha256="0" * 64,
        workloads=(workload,),
        teams=teams,
        absences=tuple(absences),
        practice=practice or Practice(),
    )


def write_file(folder: Path, text: str = FILE, name: str = "teams.toml") -> Path:
    """Write the register as a court would."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path
