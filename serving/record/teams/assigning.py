"""Assigning decided cases to a team, some at once or one by one; each stays on record with who did it and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from serving.access.origin import Origin
from serving.door.problems import ProblemError
from serving.record.court_settings import CourtSettings
from serving.repositories.teams.assignments import (
    Assignment,
    AssignmentStore,
    EndedError,
    MovedError,
    NoCaseError,
    NotDecidedError,
)

REASONS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "lane": ("按分流结果", "by the lane that was decided"),
        "load": ("均衡工作量", "to even out the work"),
        "linked": ("与在办案件关联", "linked to a case on hand"),
        "special": ("专业办理", "the team is specialised"),
        "absence": ("人员缺勤", "somebody is away"),
        "other": ("其他", "other"),
    }
)
"""Why a case goes to a team; a code, so that nothing about people is written down."""

MOST: Final = 50
"""Cases that are assigned at once."""

NOBODY: Final = "none"
"""In the place of a team's id: the case is taken from its team."""


@dataclass(frozen=True)
class Wanted:
    """One case, and how often it had been assigned when the caller saw it."""

    advice_id: str
    turn: int


@dataclass(frozen=True)
class Assigning:
    """The use case with its collaborators."""

    records: AssignmentStore
    settings: CourtSettings
    clock: Callable[[], datetime]

    def assign(
        self, court: str, cases: Sequence[Wanted], team: str, reason: str, *, origin: Origin
    ) -> list[Mapping[str, Any]]:
        """Assign cases of a court to a team, all of them or none.

        Raises
        ------
        ProblemError
            NOT_FOUND; VALIDATION_FAILED for a team that the court does not
            have, a case that nobody has decided on, or that has ended;
            PRECONDITION_FAILED where somebody else was faster.
        """
        if court not in origin.by.courts:
            raise ProblemError("NOT_FOUND")
        if not cases:
            raise _refused("cases", "MISSING", "请先勾选案件", "tick a case first")
        now, settings = self.clock(), self.settings.of(court)
        there = () if settings.teams is None else settings.teams.teams_on(now.date())
        if team != NOBODY and team not in {one.id for one in there}:
            raise _refused("team", "UNKNOWN", "本院现在没有这个团队", "the court has no such team now")
        to = None if team == NOBODY else team
        wanted = [
            Assignment(
                advice_id=one.advice_id, team=to, reason=reason, turn=one.turn, settings_version=settings.version
            )
            for one in cases
        ]
        try:
            return list(self.records.assign(wanted, origin=origin, at=now))
        except NoCaseError:
            raise ProblemError("NOT_FOUND") from None
        except MovedError:
            raise ProblemError("PRECONDITION_FAILED") from None
        except NotDecidedError as error:
            zh = f"{error.args[0]} 尚无决定，先决定再分配"
            raise _refused("cases", "NOT_DECIDED", zh, f"nobody has decided on {error.args[0]} yet") from None
        except EndedError as error:
            raise _refused("cases", "ENDED", f"{error.args[0]} 已办结", f"{error.args[0]} has ended") from None


def _refused(field: str, code: str, zh: str, en: str) -> ProblemError:
    shown = {"pointer": f"/{field}", "code": code, "message": zh, "message_en": en}
    return ProblemError("VALIDATION_FAILED", errors=[shown])
