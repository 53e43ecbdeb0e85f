"""What a team can still take in the coming seven days, and whether it is near its limit: counted, never felt."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from models.teams.capacity import capacity_on
from models.teams.register import Team, TeamRegister
from models.working_days import is_working_day

DAYS: Final = 7

NEAR: Final = 0.2
"""Below this part of its seven days a team is near its limit."""


class RoomState(StrEnum):
    """How much room a team has."""

    FREE = "free"
    NEAR = "near"
    FULL = "full"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Room:
    """Weighted units that a team could take in seven days if it had nothing new (`whole`), and what is left of them."""

    whole: float
    left: float

    @property
    def state(self) -> RoomState:
        """How much room that is; unknown for a team without members or limits."""
        if self.whole <= 0.0 or math.isinf(self.whole):
            return RoomState.UNKNOWN
        if self.left <= 0.0:
            return RoomState.FULL
        return RoomState.NEAR if self.left < NEAR * self.whole else RoomState.FREE


def room_of(register: TeamRegister, team: Team, day: date, *, given: float) -> Room:
    """Return a team's room from a day on; `given` are the units that it was given in the seven days up to it.

    Members take their daily limit on working days on which they are there.
    What they take in a week bounds it, and so do the team's own limits.
    """
    days = [day + timedelta(days=ahead) for ahead in range(DAYS)]
    daily = sum(_free_on(register, team.id, one) for one in days if is_working_day(one))
    weekly = sum(member.per_week for member in team.members if member.holds(day))
    whole = min(daily, weekly, team.per_week) if team.members else 0.0
    bound = min(weekly, team.per_week)
    left = whole if math.isinf(bound) else min(whole, bound - given)
    return Room(whole, max(left, 0.0))


def _free_on(register: TeamRegister, team: str, day: date) -> float:
    return next((one.free for one in capacity_on(register, day) if one.team.id == team), 0.0)
