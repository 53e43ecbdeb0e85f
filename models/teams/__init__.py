"""Teams: who takes which cases, how much, and when; data that the court owns."""

from models.teams.capacity import Load, MemberDay, TeamDay, capacity_on
from models.teams.reading import read_teams
from models.teams.register import Absence, Member, Part, Role, Team, TeamRegister, Workload

__all__ = [
    "Absence",
    "Load",
    "Member",
    "MemberDay",
    "Part",
    "Role",
    "Team",
    "TeamDay",
    "TeamRegister",
    "Workload",
    "capacity_on",
    "read_teams",
]
