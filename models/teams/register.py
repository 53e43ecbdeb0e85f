"""The team register: teams with their roles and lanes, members with their capacity, absences, and weights of work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from features.causes import FAMILIES
from features.known import Array
from models.lanes import LANES, Lane
from models.rules.rule import Span

Codes = npt.NDArray[np.int8]


class Role(StrEnum):
    """What a team is for; the lanes it takes by default follow from it."""

    URGE = "urge"
    FAST = "fast"
    COMPLEX = "complex"
    FINANCIAL = "financial"
    ENFORCEMENT = "enforcement"
    ZHONGBEN = "zhongben"
    POLICE = "police"
    AFFAIRS = "affairs"
    SUPERVISION = "supervision"
    COMMAND = "command"


ROLE_ZH: Mapping[Role, str] = MappingProxyType(
    {
        Role.URGE: "执前督促",
        Role.FAST: "快执",
        Role.COMPLEX: "精办",
        Role.FINANCIAL: "涉金融",
        Role.ENFORCEMENT: "实施",
        Role.ZHONGBEN: "终本",
        Role.POLICE: "警务",
        Role.AFFAIRS: "事务",
        Role.SUPERVISION: "监管",
        Role.COMMAND: "指挥中心",
    }
)

LANES_OF_ROLE: Mapping[Role, frozenset[Lane]] = MappingProxyType(
    {
        Role.URGE: frozenset({Lane.URGE}),
        Role.FAST: frozenset({Lane.FAST}),
        Role.COMPLEX: frozenset({Lane.COMPLEX}),
        Role.FINANCIAL: frozenset({Lane.FAST, Lane.COMPLEX}),
        Role.ENFORCEMENT: frozenset({Lane.FAST, Lane.COMPLEX}),
    }
)
"""Lanes that a role takes unless its team says otherwise; the roles that are left out take no new cases."""


class Part(StrEnum):
    """How much of a day somebody is away."""

    DAY = "day"
    MORNING = "am"
    AFTERNOON = "pm"


@dataclass(frozen=True, kw_only=True)
class Member(Span):
    """A member of a team: an id (the staff number, no name is needed), and what they take a day and a week.

    Both limits are in weighted units of work (折算件).
    """

    id: str
    name: str
    per_day: float
    per_week: float


@dataclass(frozen=True, kw_only=True)
class Team(Span):
    """A team: the lanes it takes, what it is specialised in, and its own limits beside those of its members.

    `families` are families of causes; `livelihood` adds every livelihood
    claim. An `exclusive` team takes nothing else; where a team is a `pool`,
    what it is specialised in goes to no other team. `answers_to` are the codes
    by which the court's rules point to it, beside its id.
    """

    id: str
    name: str
    role: Role
    lanes: frozenset[Lane]
    families: frozenset[str]
    livelihood: bool
    exclusive: bool
    pool: bool
    per_day: float
    per_week: float
    members: tuple[Member, ...]
    answers_to: tuple[str, ...] = ()

    @property
    def specialised(self) -> bool:
        """Whether the team is specialised in anything."""
        return bool(self.families) or self.livelihood


@dataclass(frozen=True, kw_only=True)
class Absence:
    """A member is away from the first to the last day, both included, all day or half of each."""

    member: str
    first: date
    last: date
    part: Part

    def parts_on(self, day: date) -> frozenset[Part]:
        """Return the half days that are lost on a day."""
        if not self.first <= day <= self.last:
            return frozenset()
        return frozenset({Part.MORNING, Part.AFTERNOON}) if self.part is Part.DAY else frozenset({self.part})


@dataclass(frozen=True, kw_only=True)
class Workload(Span):
    """What a case of a lane weighs (折算工作量), and the factor of a family of causes; both are the court's setting."""

    version: str
    lanes: Mapping[Lane, float]
    families: Mapping[str, float]

    def weights(self, lane: Codes, family: Array) -> Array:
        """Return the weighted units of n cases.

        `lane` holds codes of `models.lanes.LANES`; `family` places in
        `features.causes.FAMILIES`, NaN where unknown (factor 1). NaN for a
        case that has no lane to go to.
        """
        by_lane = np.array([self.lanes.get(one, np.nan) for one in LANES] + [np.nan])
        factors = np.array([self.families.get(one, 1.0) for one in FAMILIES] + [1.0])
        place = np.where(np.isnan(family), len(FAMILIES), family).astype(np.int64)
        return np.asarray(by_lane[lane] * factors[place])


class Evenly(StrEnum):
    """By what members are kept even: what they are given today, or all that they have on hand."""

    INTAKE = "intake"
    STOCK = "stock"


@dataclass(frozen=True, kw_only=True)
class Practice:
    """How the court assigns: the steps of urgency in days before a statutory date, and by what members are even."""

    urgent_days: tuple[int, ...] = (0, 3, 7)
    evenly_by: Evenly = Evenly.INTAKE


@dataclass(frozen=True, kw_only=True)
class TeamRegister:
    """All teams of a court, past, present and announced, with the weights of work; `sha256` names the file read."""

    court: str
    version: str
    sha256: str
    workloads: tuple[Workload, ...]
    teams: tuple[Team, ...]
    absences: tuple[Absence, ...]
    practice: Practice = Practice()

    def workload_on(self, day: date) -> Workload | None:
        """Return the weights in force on a day."""
        return next((one for one in self.workloads if one.holds(day)), None)

    def teams_on(self, day: date) -> tuple[Team, ...]:
        """Return the teams that exist on a day, in the order of their ids."""
        return tuple(sorted((team for team in self.teams if team.holds(day)), key=lambda team: team.id))
