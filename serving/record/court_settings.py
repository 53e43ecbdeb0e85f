"""A court's settings in force, their history, and changing them so that nobody overwrites what somebody else set."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from serving.access.actions import Action
from serving.access.origin import Origin
from serving.door.problems import ProblemError
from serving.keys import KeyRing
from serving.record.court_values import SHIPPED, ReviewMode, Settings, checked, settings_of
from serving.repositories.court_settings import CourtSettingsStore, Version, VersionConflictError
from serving.repositories.denials import DenialStore

__all__ = ["CourtSettings", "ReviewMode", "Settings"]


def _nothing(_: str, __: Collection[str]) -> Mapping[str, int]:
    return {}


@dataclass(frozen=True)
class CourtSettings:
    """The use case with its collaborators; `held` tells how many open cases teams of a court have."""

    records: CourtSettingsStore
    keys: KeyRing
    clock: Callable[[], datetime]
    held: Callable[[str, Collection[str]], Mapping[str, int]] = _nothing

    def of(self, court: str) -> Settings:
        """Return the settings in force at a court."""
        newest = self.records.newest(court)
        return Settings() if newest is None else settings_of(newest.values, newest.number)

    def history(self, court: str, *, origin: Origin) -> list[Version]:
        """Return every version of a court's settings, newest first; the shipped ones as version 0.

        Raises
        ------
        ProblemError
            NOT_FOUND for another court.
        """
        if court not in origin.by.courts:
            raise ProblemError("NOT_FOUND")
        return [*self.records.history(court), Version(court, 0, SHIPPED)]

    def set(
        self,
        court: str,
        changes: Mapping[str, Any],
        reason: str,
        *,
        unchanged: Callable[[int], bool],
        origin: Origin,
    ) -> Version:
        """Put new settings in force, unless somebody else did so meanwhile; what is not named stays as it is.

        Raises
        ------
        ProblemError
            PERMISSION_DENIED for another court, VALIDATION_FAILED for values
            that make no sense, PRECONDITION_FAILED when the settings are not
            those that the caller has seen.
        """
        now = self.clock()
        if court not in origin.by.courts:
            denials = DenialStore(self.records.store, self.keys)
            denials.note_court(origin, Action.COURT_CONFIGURE, court, at=now)
            raise ProblemError("PERMISSION_DENIED")
        kept = checked(changes, court=court)
        newest = self.records.newest(court)
        number, values = (0, SHIPPED) if newest is None else (newest.number, newest.values)
        if not unchanged(number):
            raise ProblemError("PRECONDITION_FAILED")
        self._require_no_orphans(court, settings_of(values, number), kept)
        new = Version(court, number + 1, {**SHIPPED, **values, **kept}, reason)
        try:
            return self.records.set(new, origin=origin, at=now)
        except VersionConflictError:
            raise ProblemError("PRECONDITION_FAILED") from None

    def _require_no_orphans(self, court: str, now: Settings, kept: Mapping[str, Any]) -> None:
        """Refuse to leave a team out that still has cases."""
        if "teams" not in kept or now.teams is None:
            return
        then = settings_of(kept, 0).teams if kept["teams"] else None
        staying = set() if then is None else {team.id for team in then.teams}
        gone = {team.id for team in now.teams.teams} - staying
        held = self.held(court, gone) if gone else {}
        if held:
            raise ProblemError("VALIDATION_FAILED", errors=[_orphaned(team, held[team]) for team in sorted(held)])


def _orphaned(team: str, cases: int) -> dict[str, object]:
    zh = f"团队 {team} 尚有在办案件 {cases} 件，不能从团队表中删去；先改派，或者保留该团队并写 until"
    en = f"team {team} has {cases} open cases and cannot be left out; assign them elsewhere, or keep it with an until"
    return {"pointer": "/teams", "code": "TEAM_HAS_CASES", "message": zh, "message_en": en}
