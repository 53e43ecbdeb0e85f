"""Teams: who takes which cases, how much, and when; data that the court owns."""

from models.teams.capacity import Load, MemberDay, TeamDay, capacity_on
from models.teams.reading import read_teams, teams_of
from models.teams.register import (
    ROLE_ZH,
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
from models.teams.room import NEAR, Room, RoomState, room_of

__all__ = [
    "NEAR",
    "ROLE_ZH",
    "Absence",
    "Evenly",
    "Load",
    "Member",
    "MemberDay",
    "Part",
    "Practice",
    "Role",
    "Room",
    "RoomState",
    "Team",
    "TeamDay",
    "TeamRegister",
    "Workload",
    "capacity_on",
    "read_teams",
    "room_of",
    "teams_of",
]
