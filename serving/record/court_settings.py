"""What a court sets for itself about the use of advice: whether scores are open, on request, or after an opinion."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from models.indicators import Over12Base
from serving.access.actions import Action
from serving.access.origin import Origin
from serving.door.problems import ProblemError
from serving.keys import KeyRing
from serving.repositories.court_settings import CourtSettingsStore, Version, VersionConflictError
from serving.repositories.denials import DenialStore


class ReviewMode(StrEnum):
    """When whoever decides sees the scores (法发〔2022〕33号: users may choose, and leave at any time)."""

    OPEN = "open"
    ON_REQUEST = "on_request"
    COMMIT_FIRST = "commit_first"


@dataclass(frozen=True)
class Settings:
    """The settings in force, and their version."""

    version: int = 0
    review_mode: ReviewMode = ReviewMode.ON_REQUEST
    over_12_base: Over12Base = Over12Base.OPEN


@dataclass(frozen=True)
class CourtSettings:
    """The use case with its collaborators."""

    records: CourtSettingsStore
    keys: KeyRing
    clock: Callable[[], datetime]

    def of(self, court: str) -> Settings:
        """Return the settings in force at a court."""
        newest = next(iter(self.records.history(court)), None)
        return Settings() if newest is None else Settings(newest.number, ReviewMode(newest.values["review_mode"]))

    def history(self, court: str, *, origin: Origin) -> list[Version]:
        """Return every version of a court's settings, newest first; the shipped ones as version 0.

        Raises
        ------
        ProblemError
            NOT_FOUND for another court.
        """
        if court not in origin.by.courts:
            raise ProblemError("NOT_FOUND")
        return [*self.records.history(court), Version(court, 0, {"review_mode": Settings().review_mode.value})]

    def set(
        self, court: str, mode: ReviewMode, reason: str, *, unchanged: Callable[[int], bool], origin: Origin
    ) -> Version:
        """Put new settings in force, unless somebody else did so meanwhile.

        Raises
        ------
        ProblemError
            PERMISSION_DENIED for another court, PRECONDITION_FAILED when the
            settings are not those that the caller has seen.
        """
        now = self.clock()
        if court not in origin.by.courts:
            denials = DenialStore(self.records.store, self.keys)
            denials.note_court(origin, Action.COURT_CONFIGURE, court, at=now)
            raise ProblemError("PERMISSION_DENIED")
        seen = self.of(court).version
        if not unchanged(seen):
            raise ProblemError("PRECONDITION_FAILED")
        new = Version(court, seen + 1, {"review_mode": mode.value}, reason)
        try:
            return self.records.set(new, origin=origin, at=now)
        except VersionConflictError:
            raise ProblemError("PRECONDITION_FAILED") from None
